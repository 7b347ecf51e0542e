"""What search engines, social media and tabs show of each page."""

import struct
from types import SimpleNamespace

import head
import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from snapshots import ROOT
from test_pages import HTML, PAGES

BOOK = "A basic neural network, rerun"
CONFIG = SimpleNamespace(html_title=BOOK, report_repository="")
PUBLISHED = SimpleNamespace(**vars(CONFIG) | {"report_repository": "https://github.com/me/it"})
LISTS = [HTML / f"{name}.html" for name in ("genindex", "py-modindex", "search")]
needs_pages = pytest.mark.skipif(not PAGES, reason="there is no book yet: run `make book` first")


def of(soup, name):
    """The contents of a page's tags of a name or property."""
    return [tag["content"] for tag in soup.head.select(f"[name='{name}'], [property='{name}']")]


@needs_pages
def test_every_page_has_a_head_of_its_own():
    titles, descriptions = set(), set()
    for path in [*PAGES, *LISTS]:
        text = path.read_text(encoding="utf-8").partition("<body")[0]
        soup = BeautifulSoup(text, "html.parser")
        assert len(of(soup, "viewport")) == 1, path
        assert (path.parent / soup.head.select_one("link[rel=icon]")["href"]).exists()
        title = soup.title.get_text()
        assert title.endswith(BOOK) and title.count(BOOK) == 1
        titles.add(title)
        if path in PAGES:
            assert [title.partition(" — ")[0]] == of(soup, "og:title")
            assert of(soup, "description") == of(soup, "og:description")
            descriptions |= set(of(soup, "description"))
    assert len(titles) == len(PAGES) + len(LISTS)
    assert len(descriptions) == len(PAGES)
    assert all(30 < len(text) <= head.LONGEST for text in descriptions)


@pytest.mark.parametrize(
    ("text", "described"),
    [
        ("Short,\nand whole", "Short, and whole"),
        ("One sentence. " + "And a word" * 30, "One sentence."),
        ("Numbers, e.g. those, cf. That. " + "And a word " * 30, "Numbers, e.g. those, cf. That."),
        ("as e.g. Newton " + "word " * 60, "as e.g. Newton " + "word " * 36 + "word…"),
        ("word " * 60, "word " * 39 + "word…"),
        ("", ""),
    ],
)
def test_a_page_is_described_by_what_it_says_first(text, described):
    document = nodes.section("", nodes.title("", "Title"), nodes.paragraph("", text))
    assert head.describe(document) == described
    assert head.describe(nodes.section()) == ""


def tags_of(config, title="A &lt; <em>B</em>", **meta):
    context = {"title": title, "meta": meta}
    document = nodes.section("", nodes.paragraph("", 'Says "so".'))
    head.write_head(SimpleNamespace(config=config), "book/one", "", context, document)
    return BeautifulSoup(f"<head>{context['metatags']}</head>", "html.parser")


def test_what_social_media_show_needs_an_address():
    soup = tags_of(CONFIG)
    assert of(soup, "og:title") == ["A < B"] and of(soup, "og:description") == ['Says "so".']
    assert of(soup, "og:image") == of(soup, "og:url") == []
    assert of(tags_of(CONFIG, description="Mine."), "description") == ["Mine."]
    soup = tags_of(PUBLISHED)
    assert of(soup, "og:image") == ["https://me.github.io/it/_static/picture.png"]
    assert of(soup, "og:url") == ["https://me.github.io/it/book/one.html"]


def test_the_picture_is_drawn_where_it_is_looked_for(tmp_path):
    (tmp_path / "_static").mkdir()
    builder = SimpleNamespace(name="html")
    app = SimpleNamespace(config=PUBLISHED, outdir=tmp_path, builder=builder)
    head.draw_picture(app, None)
    png = (tmp_path / head.PICTURE).read_bytes()
    assert struct.unpack(">II", png[16:24]) == head.SIZE
    assert (ROOT / "book" / "_static" / "favicon.svg").exists()
