"""The slides: each figure of a chapter on one, which needs no script and fits the screen."""

import re
from functools import cache
from types import SimpleNamespace

import pytest
from conftest import watched
from slides import slides, write_slides
from test_pages import HTML, PAGES, Page, figure_faults, link_faults

SLIDES = sorted((HTML / "slides").glob("*.html"))
pytestmark = pytest.mark.skipif(not PAGES, reason="there is no book yet: run `make book` first")
PHONE = {"width": 320, "height": 700}
# Of what is to be seen.
HEIGHTS = """selector => [...document.querySelectorAll(selector)]
    .filter((element) => element.checkVisibility())
    .map((element) => element.getBoundingClientRect().height)"""


@cache
def read(path):
    """A page, or slides, without the signs that link to a place of a page."""
    return Page(re.sub(r'<a class="headerlink".*?</a>', "", path.read_text(encoding="utf-8")))


def test_each_figure_of_the_book_is_on_a_slide():
    with_figures = {path.name: read(path) for path in PAGES if read(path).figures}
    assert {path.name for path in SLIDES} == set(with_figures)
    for path in SLIDES:
        chapter = with_figures[path.name]
        assert read(path).figures == chapter.figures
        assert f"../slides/{path.name}" in chapter.links


@pytest.mark.parametrize("path", SLIDES, ids=lambda path: path.stem)
def test_nothing_is_missing_or_broken(path):
    page, chapter = read(path), HTML / "book" / path.name  # where their addresses begin
    pages = {other: read(other) for other in PAGES}
    assert [*figure_faults(page), *link_faults(chapter, page, pages)] == []
    for source in re.findall(r'<img[^>]* src="([^"]*)"', path.read_text(encoding="utf-8")):
        assert source.startswith("data:") or (chapter.parent / source).exists()


@pytest.mark.parametrize(
    ("size", "scheme", "scripts"),
    [((1280, 720), "light", True), ((1920, 1080), "dark", False)],
    ids=["light", "dark and without scripts"],
)
def test_each_fills_the_screen_and_fits_on_a_phone(browser, size, scheme, scripts):
    context = browser.new_context(color_scheme=scheme, java_script_enabled=scripts)
    page = context.new_page()
    for path in SLIDES:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        with watched(page, path.as_uri()):
            assert set(page.evaluate(HEIGHTS, "section")) == {size[1]}
            heights = page.evaluate(HEIGHTS, "section img")
            assert len(heights) == page.locator(f"section img.on-{scheme}").count() > 0
            assert min(heights) > 100
            page.set_viewport_size(PHONE)
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    context.close()


def test_what_can_have_no_slide_is_an_error():
    figure = '<figure id="one"></figure>'
    with pytest.raises(ValueError, match=r"one\.html: a figure stands before any heading"):
        slides(f"{figure}<h1>Title</h1>", "one.html")
    app = SimpleNamespace(builder=SimpleNamespace(name="html"))
    with pytest.raises(ValueError, match="book/more/one: a page whose figures"):
        write_slides(app, "book/more/one", "", {"body": f"<h1>Title</h1>{figure}"}, None)


def test_arrow_keys_lead_to_the_next_and_back(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    with watched(page, (HTML / "slides" / "4-1-f1.html").as_uri()):
        for key, top in (("ArrowRight", 720), ("ArrowRight", 1440), ("ArrowLeft", 720)):
            page.keyboard.press(key)
            page.wait_for_function(f"Math.abs(scrollY - {top}) < 2")
    page.close()
