"""The built pages: nothing missing, nothing broken, and the reference complete.

They are looked at as they lie in `_build/html`, so `make book` comes first. `test_browser.py` has
them shown.
"""

import ast
import re
from html.parser import HTMLParser
from importlib import import_module
from urllib.parse import unquote, urldefrag

import pytest
import yaml
from bs4 import BeautifulSoup
from snapshots import ROOT

from nnlib.report.claims import DOCUMENTS, load

HTML = ROOT / "_build" / "html"
PAGES = sorted((HTML / "book").rglob("*.html"))
pytestmark = pytest.mark.skipif(not PAGES, reason="there is no book yet: run `make book` first")

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Page(HTMLParser):
    """Collects the identifiers, links, figures and headings of a page."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.figures, self.sections = set(), [], [], []
        self._open = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids.add(attributes.get("id"))
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        if tag == "figure":
            self.figures.append({"alts": [], "caption": "", "number": ""})
        if tag == "section":
            self.sections.append({"id": attributes.get("id"), "text": ""})
        if tag == "img" and "figure" in (name for name, _ in self._open):
            self.figures[-1]["alts"].append(attributes.get("alt") or "")
        if tag not in VOID:
            kind = attributes.get("class") or ""
            self._open.append((tag, self.sections[-1] if tag == "section" else kind))

    def handle_endtag(self, tag):
        while tag not in VOID and self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        names = [name for name, _ in self._open]
        if "figcaption" in names:
            numbered = any(kind == "caption-number" for _, kind in self._open)
            self.figures[-1]["number" if numbered else "caption"] += data
        for name, section in self._open:
            if name == "section" and not {"h1", "h2", "h3", "h4"} & set(names):
                section["text"] += data


@pytest.fixture(scope="module")
def pages():
    return {path: Page(path.read_text(encoding="utf-8")) for path in PAGES}


def test_every_chapter_has_a_page():
    built = {path.relative_to(HTML / "book").with_suffix("") for path in PAGES}
    written = (ROOT / "book").rglob("*.md")
    assert built == {path.relative_to(ROOT / "book").with_suffix("") for path in written}


def public(path):
    """The functions and classes that a module defines and offers, by their full names."""
    names = path.relative_to(ROOT).with_suffix("").parts
    module = ".".join(name for name in names if name != "__init__")
    offered = getattr(import_module(module), "__all__", None)
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        name = getattr(node, "name", "_")  # functions and classes have one
        if name in offered if offered else not name.startswith("_"):
            yield f"{module}.{name}"


def test_the_reference_has_all_that_is_public(pages):
    there = set().union(*(page.ids for page in pages.values()))
    modules = [path for path in (ROOT / "nnlib").rglob("*.py") if path.name != "__main__.py"]
    assert [name for path in modules for name in public(path) if name not in there] == []


def figure_faults(page):
    """What is missing from the figures of a page."""
    for figure in page.figures:
        if not re.fullmatch(r"Fig. (1B\.|E)?\d+ ", figure["number"]):
            yield f"a figure without a number: {figure['caption']}"
        if len(figure["caption"].strip()) <= 20:
            yield f"a figure without a caption: {figure['number']}"
        if not figure["alts"] or any(len(alt) <= 40 for alt in figure["alts"]):
            yield f"a figure without alternative text: {figure['number']}"


def link_faults(path, page, pages):
    """The links of a page to something in the book that is not there."""
    for link in page.links:
        target, anchor = urldefrag(unquote(link))
        if re.match(r"[a-z]+:", target):
            continue
        file = (path.parent / target).resolve() if target else path
        if file.name == "laboratory.html" and anchor.startswith("f="):
            continue  # a choice, which tests/laboratory/test_laboratory.py looks at
        if not file.exists() or (anchor and file in pages and anchor not in pages[file].ids):
            yield f"a broken link: {link}"


def section_faults(page):
    """The sections of a page with nothing in them."""
    for section in page.sections:
        if not section["text"].strip():
            yield f"an empty section: {section['id']}"


def test_nothing_is_missing_or_broken(pages):
    faults = {
        path.name: [*figure_faults(page), *link_faults(path, page, pages), *section_faults(page)]
        for path, page in pages.items()
    }
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<figure><img src='a.svg'><figcaption>{n}{c}</figcaption></figure>", "alternative text"),
        ("<figure><img alt='{a}'><figcaption>{c}</figcaption></figure>", "without a number"),
        ("<figure><img alt='{a}'><figcaption>{n}Short.</figcaption></figure>", "without a caption"),
        ("<section id='one'><h2>One</h2></section>", "an empty section: one"),
        ("<a href='no-such-page.html'>there</a>", "a broken link: no-such-page.html"),
        ("<a href='#nowhere'>there</a>", "a broken link: #nowhere"),
        ("<figure><img alt='{a}'><figcaption>{n}{c}</figcaption></figure>", None),
        ("<section id='one'><h2>One</h2><p>Text, <a href='#one'>link</a>.</p></section>", None),
    ],
)
def test_each_fault_is_found(html, fault):
    number = "<span class='caption-number'>Fig. 3 </span>"
    page = Page(html.format(n=number, a="a curve " * 6, c="A caption that says what to see."))
    path = PAGES[0]
    found = [*figure_faults(page), *link_faults(path, page, {path: page}), *section_faults(page)]
    assert len(found) == (fault is not None)
    assert fault is None or fault in found[0]


def test_the_sidebar_opens_the_part_of_the_page():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    parts = {one["file"]: part["caption"] for part in toc["parts"] for one in part["chapters"]}
    for path in PAGES:
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        found = page.select("nav.bd-links details[open] > summary p")
        name = path.relative_to(HTML).with_suffix("").as_posix()
        assert [one.get_text() for one in found] == ([parts[name]] if name in parts else []), name


def test_figures_are_numbered_without_a_gap(pages):
    numbers = [figure["number"].split()[1] for page in pages.values() for figure in page.figures]
    own = sum(number.startswith("E") for number in numbers)
    expected = [f"1B.{n}" for n in range(1, 7)] + [str(n) for n in range(1, 10)]
    assert sorted(numbers) == sorted(expected + [f"E{n}" for n in range(1, own + 1)])


def test_the_books_own_figures_are_numbered_in_the_order_of_the_pages(pages):
    listed = re.findall(r"file: (\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    in_order = [pages[HTML / f"{name}.html"] for name in ("book/index", *listed)]
    numbers = [figure["number"].split()[1] for page in in_order for figure in page.figures]
    own = [int(number[1:]) for number in numbers if number.startswith("E")]
    assert own == list(range(1, len(own) + 1))


def test_the_figures_of_the_document_are_all_there(pages):
    ids = set().union(*(page.ids for page in pages.values()))
    assert {f"fig-{n}" for n in range(1, 10)} <= ids


def test_each_claim_is_linked_from_its_chapter_to_the_ledger_and_back(pages):
    ledger = pages[HTML / "book" / "ledger.html"]
    for claim in (claim for document in DOCUMENTS for claim in load(document)):
        chapter = pages[HTML / "book" / f"{claim.chapter}.html"]
        assert f"ledger.html#claim-{claim.id}" in chapter.links
        assert f"{claim.chapter}.html#about-{claim.id}" in ledger.links
        assert f"about-{claim.id}" in chapter.ids
        assert f"claim-{claim.id}" in ledger.ids
