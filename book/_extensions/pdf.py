"""Make one PDF of the built pages, through an installed Chromium: `make pdf`.

The articles of the pages are joined into one document, in the order of the table of contents, and
printed twice: only a printed book knows on which page a chapter begins.
"""

import os
import re
from html import escape
from pathlib import Path
from posixpath import dirname, join, normpath

import yaml
from bs4 import BeautifulSoup
from chromium import limit, open_browser
from published import address
from pypdf import PdfReader

import nnlib
from nnlib.report import pins

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "html"
# What paper cannot do, the pictures for the dark, and the link to what is being made.
LEFT_OUT = ".headerlink, .lab-piece, button, script, .on-dark, .toctree-wrapper, .pdf-link"
LABORATORY = "book/laboratory.html"
STILL = """<p>On paper the laboratory stands still. It is a page of the book,
<a href="laboratory.html#f="><code>book/laboratory.html</code></a>, and needs a browser only.</p>"""
CHECKED = "f1 3 1 1000 portable"  # the run whose checksum stands on the first page
WIDTH = 665  # pixels: what the margins of print.css leave of A4
WIDER = f"[...document.querySelectorAll('article')].filter(one => one.scrollWidth > {WIDTH})"
BROKEN = "[...document.images].filter(one => !one.naturalWidth)"
PATIENCE = 300  # seconds, for a document to load
SOURCES = {"img": "src", "source": "srcset", "object": "data"}


def list_parts(toc):
    """The parts of a table of contents: the caption of each, and the names of its pages."""
    parts = [(part["caption"], [one["file"] for one in part["chapters"]]) for part in toc["parts"]]
    return [("", [toc["root"]]), *parts]


def key(name):
    """What a page is called within the document, such as ``p-api-core``."""
    return "p-" + name.removeprefix("book/").replace("/", "-")


def read(folder, name):
    """A page, its article without what only a screen can show, and with all open that folds."""
    text = (folder / f"{name}.html").read_text(encoding="utf-8")
    page = BeautifulSoup(text, "html.parser")
    for element in page.article.select(LEFT_OUT):
        element.decompose()
    for live in page.article.select("#lab"):
        live.replace_with(BeautifulSoup(STILL, "html.parser"))
    for image in page.article.select("img[loading]"):
        del image["loading"]
    for details in page.article.select("details"):
        details["open"] = ""
    return page


def join_pages(folder, parts, to, front="", published="", numbers=None):
    """Make one document of the pages.

    Parameters
    ----------
    folder : Path
        Where the pages lie.
    parts : list of tuple of (str, list of str)
        As `list_parts` gives them.
    to : Path
        The folder that the document is for.
    front : str
        What comes before the contents.
    published : str
        The address of the pages, or nothing.
    numbers : dict of str to int, optional
        On which page each article begins, if that is known.

    Returns
    -------
    str
        HTML.
    """
    pages = {name: read(folder, name) for _, names in parts for name in names}
    for name, page in pages.items():
        _move(page, name, pages, published)
        _find_files(page, folder / dirname(name), to)
    titles = {key(name): page.article.h1.get_text() for name, page in pages.items()}
    styles = [str(style) for page in pages.values() for style in page.select("[rel=stylesheet]")]
    return "\n".join(
        [
            "<!DOCTYPE html><html lang='en' data-theme='light'><head><meta charset='utf-8'>",
            f"<title>{escape(next(iter(titles.values())))}</title>",
            *dict.fromkeys(styles),
            f"<style>{' '.join(_running_heads(titles))}</style>",
            "</head><body class='book'>",
            front,
            "<nav class='book-contents'><h1>Contents</h1>",
            *_contents(parts, titles, numbers or {}),
            "</nav>",
            *(str(page.article) for page in pages.values()),
            "</body></html>",
        ]
    )


def _move(page, name, names, published):
    """Give an article a name, and let its links lead to the other articles."""
    for element in page.article.select("[id]"):
        if not element.find_parent("svg"):
            element["id"] = f"{key(name)}--{element['id']}"
    for link in page.article.select("a[href]"):
        target = _target(link["href"], name, names, published)
        if target:
            link["href"] = target
        else:
            link.unwrap()
    page.article["id"], page.article["style"] = key(name), f"page: {key(name)}"


def _target(link, name, names, published):
    """Where a link of a page is to lead, or nothing if that is nowhere on paper."""
    if _has_scheme(link):
        return link
    target, _, anchor = link.partition("#")
    path = normpath(join(dirname(name), target)) if target else f"{name}.html"
    there = path.removesuffix(".html")
    choice = path == LABORATORY and anchor.startswith("f=")  # for the live page
    if there in names and not (choice and published):
        return f"#{key(there)}--{anchor}" if anchor and not choice else f"#{key(there)}"
    return published and published + path + (anchor and f"#{anchor}")


def _has_scheme(link):
    return re.match(r"[a-z]+:", link)


def _find_files(page, folder, to):
    """Let a page find its pictures and styles from another folder."""
    sources = {"link[rel=stylesheet]": "href"} | {
        f"article {tag}[{source}]": source for tag, source in SOURCES.items()
    }
    for where, source in sources.items():
        for element in page.select(where):
            if not _has_scheme(element[source]):
                path = folder / element[source].partition("?")[0]
                element[source] = os.path.relpath(path, to)


def _running_heads(titles):
    yield "@page :first { @bottom-center { content: none } }"
    for there, title in titles.items():
        text = re.sub(r'["\\]', r"\\\g<0>", title)
        yield f'@page {there} {{ @top-right {{ content: "{text}" }} }}'


def _contents(parts, titles, numbers):
    for caption, names in parts:
        if caption:
            yield f"<p class='part'>{escape(caption)}</p>"
        for there in map(key, names):
            number = f"<span>{numbers[there]}</span>" if there in numbers else ""
            yield f"<p class='entry'><a href='#{there}'>{escape(titles[there])}</a>{number}</p>"


def title_page(citation):
    """The first page: which book it is and whose, and how to check that it tells the truth."""
    title, _, subtitle = citation["title"].partition(": ")
    names = ", ".join(author["name"] for author in citation["authors"])
    source = citation["references"][0]
    author = "{given-names} {family-names}".format(**source["authors"][0])
    run = ", ".join(CHECKED.split()[:-1])
    return f"""\
<section class="title-page">
<p class="book-title">{escape(title)}</p>
<p>{escape(subtitle)}</p>
<p>{escape(names)}</p>
<p>after {escape(author)}, <em>{escape(source["title"])}</em>, {source["date-released"]:%Y}</p>
<p>Version {nnlib.__version__}. Text and figures: CC BY 4.0; code: MIT.</p>
<p class="checksum">Every number in this book was computed, and every figure drawn, when it was
built. A checksum in it stands for all that a run has computed: it is the SHA-256 of every error,
weight and gradient of every epoch. That of ({run}) is<br>
<code>{pins.PINS[CHECKED]}</code>.<br>
<code>python -m nnlib --report</code> computes it on your machine. If yours is the same, so is every
bit of the run.</p>
</section>"""


def print_document(browser, document, pdf):
    """Print a document, with bookmarks made of its headings.

    Parameters
    ----------
    browser : playwright.sync_api.Browser
    document, pdf : Path

    Raises
    ------
    ValueError
        If an article is wider than a page, which would cut it or shrink all pages, or if a picture
        has not been loaded.
    """
    page = browser.new_page(color_scheme="light", viewport={"width": WIDTH, "height": 900})
    page.emulate_media(media="print")
    page.goto(document.as_uri(), timeout=1000 * PATIENCE)
    wider = page.evaluate(f"{WIDER}.map(one => one.id)")
    if wider:
        raise ValueError(f"wider than a page: {', '.join(wider)}")
    broken = page.evaluate(f"{BROKEN}.map(one => one.src)")
    if broken:
        raise ValueError(f"pictures that are not there: {', '.join(broken)}")
    page.pdf(path=pdf, format="A4", outline=True, tagged=True)
    page.close()


def find_pages(pdf):
    """On which page each link within a PDF leads, by its name."""
    reader = PdfReader(pdf)
    return {
        name.removeprefix("/"): reader.get_destination_page_number(place) + 1
        for name, place in reader.named_destinations.items()
    }


def make(browser, folder, parts, document, pdf, **more):
    """Join pages and print them, with page numbers in the contents.

    Parameters
    ----------
    browser : playwright.sync_api.Browser
    folder : Path
        Where the pages lie.
    parts : list of tuple of (str, list of str)
        As `list_parts` gives them.
    document, pdf : Path
        What is made; the PDF is put into its place when it is whole.
    **more
        As of `join_pages`.

    Raises
    ------
    ValueError
        If the numbers have moved what they tell the place of.
    """
    printed = document.with_suffix(".pdf")
    numbers = {}
    for _ in range(2):
        said = numbers
        text = join_pages(folder, parts, document.parent, numbers=said, **more)
        document.write_text(text, encoding="utf-8")
        print_document(browser, document, printed)
        numbers = find_pages(printed)
    moved = [name for name, number in numbers.items() if said.get(name) != number]
    if moved:
        raise ValueError(f"on other pages than the contents say: {', '.join(moved)}")
    printed.replace(pdf)


def link(page, pdf):
    """Let the first page end with a link to the PDF of the book, and its length.

    Parameters
    ----------
    page, pdf : Path
    """
    where = Path(os.path.relpath(pdf, page.parent)).as_posix()
    size = f"{len(PdfReader(pdf).pages)} pages, {pdf.stat().st_size / 1e6:.0f} MB"
    says = f'<p class="pdf-link"><a href="{where}">The whole book as a PDF</a> (A4, {size})</p>'
    text = re.sub(r'<p class="pdf-link">.*?</p>', "", page.read_text(encoding="utf-8"))
    # After the last paragraph: the first screen belongs to the run.
    text = re.sub(r"(?=(</section>\s*)*</article>)", says, text, count=1)
    page.write_text(text, encoding="utf-8")


def main():
    """Make the PDF, and link it from the first page."""
    toc, citation, config = (
        yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
        for name in ("_toc.yml", "CITATION.cff", "_config.yml")
    )
    repository = config["sphinx"]["config"]["report_repository"]
    published = address(repository) if repository else ""
    document, pdf = HTML.parent / "pdf" / "book.html", HTML / "book.pdf"
    document.parent.mkdir(exist_ok=True)
    front = title_page(citation)
    with open_browser() as browser, limit(4 * PATIENCE):  # it is printed twice
        make(browser, HTML, list_parts(toc), document, pdf, front=front, published=published)
    link(HTML / f"{toc['root']}.html", pdf)
    print(f"The PDF is {pdf.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
