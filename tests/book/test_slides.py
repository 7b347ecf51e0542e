"""The slides: a figure, a formula or a question on each, on one screen and without scripts."""

import re
from functools import cache
from types import SimpleNamespace

import pytest
from conftest import watched
from slides import leave_out_folded, slides, write_slides
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


@cache
def read_open(path):
    """A page without what is folded."""
    text = leave_out_folded(path.read_text(encoding="utf-8"))
    return Page(re.sub(r'<a class="headerlink".*?</a>', "", text))


# By how much each picture is larger than it is in the book, and what of a slide does not fit.
SCALES = """() => [...document.querySelectorAll("section img")]
    .filter((image) => image.checkVisibility())
    .map((image) => image.getBoundingClientRect().width / image.getAttribute("width"))"""
TYPE = """() => [...document.querySelectorAll("section:not(.title) p:not(.place)")]
    .map((element) => getComputedStyle(element).fontSize)"""
HIDDEN = """() => [...document.querySelectorAll("section")]
    .map((slide) => slide.scrollHeight - slide.clientHeight)"""
PAGE = """<h1>Title</h1>
<figure class="panels panels-4" id="fig-a">%s<figcaption>A <a href="#b">b</a>.</figcaption></figure>
<h2>Two</h2><p>No.</p>
<p>So that <i>it</i> is</p>
<div class="math" id="eq-1"><span>f</span></div>
<div class="seealso admonition">
<p class="admonition-title">Exercise 1</p>
<p>Why?</p>
</div><details><details>i</details><p>As</p><div class="math">g</div></details>"""
PANEL = '<img class="on-light" src="a" width="336"><img class="on-dark" src="b" width="336">'


def test_figures_formulas_and_questions_come_in_their_order():
    made = slides(PAGE % (4 * PANEL), "one.html")
    assert len(made) == 4
    for part in made[:2]:  # four panels, and one size
        assert part.count("<img") == 4 and part.count("--width: 336") == 4
        assert "<h2>Title</h2>" in part and 'A <a href="one.html#b">' in part
    assert ['id="fig-a"' in part for part in made] == [True, False, False, False]
    assert "<h2>Two</h2>" in made[2] and "<p>So that <i>it</i> is</p>" in made[2]
    assert "No." not in made[2] and 'href="one.html#eq-1"' in made[2]
    assert "<h2>Exercise 1</h2>\n<p>Why?</p>" in made[3] and "4 of 4" in made[3]


def test_a_page_without_figures_has_no_slides():
    assert slides('<h1>Title</h1><p>So</p><div class="math">f</div>', "one.html") == []


def joined(figures):
    """Figures whose panels go on over several slides, in one again."""
    whole = []
    for figure in figures:
        if whole and whole[-1]["number"] == figure["number"]:
            whole[-1] = figure | {"alts": whole[-1]["alts"] + figure["alts"]}
        else:
            whole.append(figure)
    return whole


def test_each_figure_of_the_book_is_on_a_slide():
    with_figures = {path.name: read_open(path) for path in PAGES if read_open(path).figures}
    assert {path.name for path in SLIDES} == set(with_figures)
    for path in SLIDES:
        chapter = with_figures[path.name]
        assert joined(read(path).figures) == chapter.figures
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
            assert set(page.evaluate(HIDDEN)) == {0}
            scales = page.evaluate(SCALES)
            assert len(scales) == page.locator(f"section img.on-{scheme}").count() > 0
            assert max(scales) - min(scales) < 0.003 and min(scales) > 1
            assert len(set(page.evaluate(TYPE))) == 1
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
