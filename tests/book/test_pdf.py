"""The book on paper: a small one is printed and looked at, and the whole one if there is one."""

import shutil
import unicodedata

import pdf
import pytest
import yaml
from pypdf import PdfReader
from snapshots import ROOT

BOOK = ROOT / "_build" / "html" / "book.pdf"
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
A4 = (595, 842)  # points
PAGE = """\
<html><head><link rel="stylesheet" href="../print.css"></head>
<body><h1>Around it</h1><article><h1 id="top">{title}<a class="headerlink" href="#top">#</a></h1>
{text}</article></body></html>
"""
ONE = """
<p><a href="two.html#deep">there</a> <a href="two.html">and</a> <a href="#top">up</a>
<a href="laboratory.html#f=f1">a run</a> <a href="../notebooks/one.ipynb">a file</a>
<a href="https://example.org/">elsewhere</a></p>
<div class="lab-piece">Move it.</div><button>Press</button>
<details><summary>More</summary><p>Unfolded.</p></details>
<img src="a.svg" alt="A line." width="200"><img class="on-dark" src="dark.svg" alt="">
"""
TWO = '<h2 id="deep">Deep</h2><p><a href="one.html">back</a></p>'
LIVE = '<div id="lab"><button>Run</button></div>'
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
PARTS = [("", ["book/one"]), ("More", ["book/two", "book/laboratory"])]


@pytest.fixture(scope="module")
def small(browser, tmp_path_factory):
    """A book of three pages, joined and printed."""
    folder = tmp_path_factory.mktemp("a folder, 'so' named")
    (folder / "book").mkdir()
    for name, title, text in (
        ("one", 'The "first"', ONE),
        ("two", "The second", TWO),
        ("laboratory", "The laboratory", LIVE),
    ):
        page = folder / "book" / f"{name}.html"
        page.write_text(PAGE.format(title=title, text=text), encoding="utf-8")
    shutil.copy(ROOT / "book" / "_static" / "print.css", folder)
    (folder / "book" / "a.svg").write_text(PICTURE, encoding="utf-8")
    document = folder / "joined" / "book.html"
    document.parent.mkdir()
    pdf.make(browser, folder, PARTS, document, folder / "book.pdf", front="<p>Mine.</p>")
    return folder


def bookmarks(outline):
    """The titles of bookmarks, each with those below it."""
    nested = []
    for one in outline:
        if isinstance(one, list):
            nested[-1] = (nested[-1][0], bookmarks(one))
        else:
            nested.append((one.title, []))
    return nested


def links(reader):
    """Where the links of all pages lead: to a name, or to an address."""
    for page in reader.pages:
        for found in page.get("/Annots", []):
            link = found.get_object()
            yield link["/Dest"] if "/Dest" in link else link["/A"]["/URI"]


def faults(path):
    """What is wrong with a PDF, whatever it says."""
    reader = PdfReader(path)
    inside = set(reader.named_destinations)
    for link in links(reader):
        if link not in inside and not link.startswith("https:"):
            yield f"a link that leads nowhere: {link}"
    for number, page in enumerate(reader.pages, 1):
        if tuple(map(int, page.mediabox[2:])) != A4:
            yield f"page {number} is not A4: {page.mediabox[2:]}"
        for name, thing in (page.get("/Resources", {}).get("/XObject") or {}).items():
            if thing.get_object()["/Subtype"] == "/Image":
                yield f"page {number} has a picture of pixels: {name}"


def read(page):
    """The text of a page, in which a font may have written two letters as one."""
    return unicodedata.normalize("NFKC", page.extract_text())


def test_a_book_is_printed_as_it_should_be(small):
    assert list(faults(small / "book.pdf")) == []
    reader = PdfReader(small / "book.pdf")
    assert bookmarks(reader.outline) == [
        ("Contents", []),
        ('The "first"', []),
        ("The second", [("Deep", [])]),
        ("The laboratory", []),
    ]
    front, *texts = (" ".join(read(page).split()) for page in reader.pages)
    assert front.startswith("Mine. Contents")  # without a number
    for title, number in (('The "first"', 2), ("The second", 3), ("The laboratory", 4)):
        assert f"{title} {number}" in front
        assert texts[number - 2].count(title) == 2  # above the page, and in its place
        assert f" {number} " in f" {texts[number - 2]} "
    assert "Unfolded." in texts[0] and "stands still" in texts[2]
    for left_out in ("Around it", "Move it", "Press", "Run", "#"):
        assert left_out not in " ".join(texts)


def test_what_is_wider_than_a_page_is_not_cut_in_silence(browser, tmp_path):
    page = "<article id='p-one'>Narrow.</article><article id='p-two'><p style='width: {}px'>.</p>"
    document = tmp_path / "book.html"
    document.write_text(page.format(600), encoding="utf-8")
    pdf.print_document(browser, document, tmp_path / "book.pdf")
    document.write_text(page.format(900), encoding="utf-8")
    with pytest.raises(ValueError, match="wider than a page: p-two"):
        pdf.print_document(browser, document, tmp_path / "book.pdf")


def test_no_picture_is_left_out_in_silence(browser, tmp_path):
    document = tmp_path / "book.html"
    document.write_text("<article><img src='none.svg' alt=''></article>", encoding="utf-8")
    with pytest.raises(ValueError, match=r"not there: file:.*/none.svg"):
        pdf.print_document(browser, document, tmp_path / "book.pdf")


def test_what_has_wrong_numbers_is_not_published(browser, small, tmp_path):
    tall = "<style>.entry span { display: block !important; height: 900px }</style>"
    there = tmp_path / "book.pdf"
    with pytest.raises(ValueError, match=r"other pages than the contents say: .*p-two"):
        pdf.make(browser, small, PARTS, small / "joined" / "moved.html", there, front=tall)
    assert not there.exists()


@pytest.mark.slow
@pytest.mark.skipif(not BOOK.exists(), reason="there is no PDF yet: run `make pdf` first")
def test_the_whole_book_is_printed_as_it_should_be():
    assert list(faults(BOOK)) == []
    reader = PdfReader(BOOK)
    pages = {name for _, names in pdf.list_parts(TOC) for name in names}
    assert len(bookmarks(reader.outline)) == 1 + len(pages)  # with the contents
    first = pdf.find_pages(BOOK)["p-2-5-gradients"] - 1
    text = " ".join(read(page) for page in reader.pages[first : first + 3])
    assert "2.5 · Computing the gradients" in text
    assert "\\(" not in text and "\\frac" not in text  # no formula is left as it is written


def test_the_first_page_links_to_it_once(small):
    page = small / "book" / "one.html"
    for _ in range(2):
        pdf.link(page, small / "book.pdf")
    text = page.read_text(encoding="utf-8")
    assert text.count("pdf-link") == 1 and 'href="../book.pdf"' in text and "4 pages" in text
    assert text.index("</h1>") < text.index("</p>") < text.index("pdf-link")
    assert "PDF" not in pdf.read(small, "book/one").article.get_text()


@pytest.mark.parametrize(
    ("link", "published", "target"),
    [
        ("two.html", "", "#p-two"),
        ("two.html#deep", "", "#p-two--deep"),
        ("../book/api/core.html", "", "#p-api-core"),
        ("#top", "", "#p-one--top"),
        ("https://example.org/#a", "", "https://example.org/#a"),
        ("laboratory.html#f=f1&h=3", "", "#p-laboratory"),
        (
            "laboratory.html#f=f1&h=3",
            "https://me.org/",
            "https://me.org/book/laboratory.html#f=f1&h=3",
        ),
        ("../notebooks/one.ipynb", "", ""),
        ("../notebooks/one.ipynb", "https://me.org/", "https://me.org/notebooks/one.ipynb"),
    ],
)
def test_each_link_leads_to_where_it_can(link, published, target):
    names = ("book/one", "book/two", "book/api/core", "book/laboratory")
    assert pdf._target(link, "book/one", names, published) == target
