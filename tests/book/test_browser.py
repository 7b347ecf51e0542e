"""The built pages in a browser: nothing from elsewhere, no error, readable by all.

Each page is loaded twice, narrow and wide, and seen in both colour schemes. Most of the time goes
into contrasts; `audit.js` has them judged once for each kind of text and of link.
"""

import re
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlparse

import pytest
from audit import violations
from test_pages import HTML, PAGES, pytestmark  # noqa: F401  (skips all if there is no book)

SMALL_PHONE, PHONE, LAPTOP = 320, 390, 1280  # pixels wide
# Axe takes its time: wide, it sees a page in the one scheme; narrow, in the other. Light comes
# first, as a picture that has been seen is loaded again whether it is shown or not.
SCHEMES = {LAPTOP: ("light", "dark"), PHONE: ("dark", "light")}
MOST = {False: 1_000_000, True: 2_000_000}  # bytes of a page without and with formulas
# What is cut off or has to be scrolled sideways. A table may, in its box.
SIDEWAYS = """() => {
    const boxes = ".pst-scrollable-table-container, mjx-assistive-mml, svg *";
    const isCut = (element) => {
        const { overflowX } = getComputedStyle(element);
        const scrolls = element.scrollWidth > element.clientWidth + 1 && overflowX !== "visible";
        const { right, width } = element.getBoundingClientRect();
        return width > 1 && (scrolls || right > innerWidth) && !element.closest(boxes);
    };
    const seen = { opacityProperty: true, visibilityProperty: true };
    return [...document.querySelectorAll(".bd-article *")]
        .filter((element) => element.checkVisibility(seen) && isCut(element))
        .map((element) => element.outerHTML.slice(0, 200));
}"""
CUT = """() => [...document.querySelectorAll(".pst-scrollable-table-container")]
    .filter((box) => box.checkVisibility() && box.scrollWidth > box.clientWidth + 1)
    .map((box) => box.querySelector("caption")?.textContent)"""
SCROLL_THROUGH = """async () => {
    for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
        scrollTo(0, y);
        // The next frame, or a while, should the browser have none to draw.
        await new Promise((next) => (requestAnimationFrame(next), setTimeout(next, 500)));
    }
}"""
SETTLED = "!document.querySelector('#lab:not([data-state=done])')"
LOADED = "[...document.images].every((image) => image.complete || !image.checkVisibility())"


@pytest.fixture(scope="module")
def page(browser):
    """A tab for all pages, one after the other: to open one takes longer than to load a page."""
    return browser.new_context(reduced_motion="reduce").new_page()


@pytest.fixture
def seen(page):
    """What a page asks for and complains of."""
    listeners = {
        "request": lambda request: seen.requests.append(request.url),
        "console": lambda message: message.type == "error" and seen.errors.append(message.text),
        "pageerror": lambda error: seen.errors.append(str(error)),
    }
    seen = SimpleNamespace(requests=[], errors=[])
    for event, listener in listeners.items():
        page.on(event, listener)
    yield seen
    for event, listener in listeners.items():
        page.remove_listener(event, listener)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(HTML).as_posix())
@pytest.mark.parametrize("width", SCHEMES)
def test_in_a_browser(page, seen, path, width):
    first, second = SCHEMES[width]
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=first)
    page.goto(path.as_uri())
    page.wait_for_function(SETTLED)
    _looks_right(page, seen, first)
    assert violations(page) == []
    if first == "light":
        _is_light(page, seen)
    page.emulate_media(color_scheme=second)
    page.wait_for_function(f"document.documentElement.dataset.theme == '{second}'")
    _looks_right(page, seen, second)
    if width == PHONE:
        page.set_viewport_size({"width": SMALL_PHONE, "height": 900})
        _fits(page)
    else:  # there is room for every table, the margin being taken
        assert page.evaluate(CUT) == []


def _looks_right(page, seen, scheme):
    assert [url for url in seen.requests if not url.startswith(("file:", "data:", "blob:"))] == []
    assert seen.errors == []
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    _fits(page)


def _fits(page):
    from playwright.sync_api import TimeoutError

    with suppress(TimeoutError):  # what is drawn again for another width, in a moment
        page.wait_for_function(f"({SIDEWAYS})().length === 0", timeout=2000)
    assert page.evaluate(SIDEWAYS) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def _is_light(page, seen):
    """Whether little is loaded, all of it having been in sight, and no picture for the dark."""
    page.evaluate(SCROLL_THROUGH)
    page.wait_for_function(LOADED)
    files = {unquote(urlparse(url).path) for url in seen.requests if url.startswith("file:")}
    weight = sum(Path(file).stat().st_size for file in files)
    assert weight < MOST[page.locator(".math").count() > 0]
    assert not [file for file in files if file.endswith("-dark.svg")]


def test_the_right_pictures_are_shown(page):
    """For the theme that was chosen, whatever the system's is; and on paper, the light ones."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    page.goto((HTML / "book" / "4-1-f1.html").as_uri())
    shown = "[...document.images].filter((image) => image.checkVisibility()).map(({src}) => src)"

    def themes():
        return {re.search(r"-(light|dark)\.svg", src)[1] for src in page.evaluate(shown)}

    assert themes() == {"light"}
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert themes() == {"dark"}
    page.emulate_media(media="print")
    assert themes() == {"light"}
    page.emulate_media(media="screen")


@pytest.mark.parametrize(
    ("html", "rules"),
    [
        ("<p>Black.</p><p>Black.</p>", []),
        ("<p>Black.</p><p style='color: #aaa'>Pale.</p>", ["color-contrast"]),
        ("<p>Black.</p><div style='background: #222'><p>Dark.</p></div>", ["color-contrast"]),
        ("<p>Black.</p><div style='opacity: 0.4'><p>Faint.</p></div>", ["color-contrast"]),
        ("<p hidden>No one sees it.</p><p>Black.</p>", []),
        ("<p style='color: #aaa' hidden>.</p><p style='color: #aaa'>Pale.</p>", ["color-contrast"]),
        ("<p style='color: #aaa'></p><p style='color: #aaa'>Pale.</p>", ["color-contrast"]),
        (
            "<div style='position: absolute; top: 0; height: 9em; width: 9em; background: #222'>"
            "</div><p>Black.</p><p style='position: absolute; top: 1em'>Dark.</p>",
            ["color-contrast"],
        ),
        ("<p>Black.</p><p>Black <a href=x style='color: blue'>link</a> in it.</p>", []),
        (
            "<p><a href=x style='color: #020; text-decoration: none'>Alone.</a></p>"
            "<p>Black <a href=x style='color: #020; text-decoration: none'>link</a> in it.</p>",
            ["link-in-text-block"],
        ),
        (
            "<p>Black <a href=x style='color: #020'>link</a> in it.</p>"
            "<p>Black <a href=x style='color: #020; text-decoration: none'>link</a> in it.</p>",
            ["link-in-text-block"],
        ),
        ("<img src='data:,'>", ["image-alt"]),
    ],
)
def test_what_is_wrong_is_found(page, html, rules):
    page.emulate_media(color_scheme="light")
    page.set_content(f"<html lang=en><title>Title</title><main><h1>Heading</h1>{html}</main>")
    assert [rule for rule, _ in violations(page)] == rules


@pytest.mark.parametrize(
    ("width", "columns"),
    [(PHONE, {"panels-9": 1, "panels-2": 1}), (1000, {"panels-9": 3, "panels-2": 2})],
)
def test_how_many_panels_stand_side_by_side(browser, width, columns):
    places = """(kind) => [...document.querySelectorAll(`figure.${kind} > img`)]
        .filter((image) => image.checkVisibility()).map((image) => image.offsetLeft)"""
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto((HTML / "book" / "4-1-f1.html").as_uri())
    for kind, wanted in columns.items():
        assert len(set(page.evaluate(places, kind))) == wanted
    page.close()


def test_what_is_wide_takes_the_margin_and_the_contents_give_way(browser):
    page = browser.new_page(viewport={"width": LAPTOP, "height": 900})
    page.goto((HTML / "book" / "4-1-f1.html").as_uri())
    figure = page.locator("figure.panels-9")
    figure.scroll_into_view_if_needed()
    page.locator(".bd-sidebar-secondary.hide").wait_for()
    text = page.locator(".bd-article p").first.bounding_box()
    box = figure.bounding_box()
    assert text["x"] + text["width"] < box["x"] + box["width"] - 200 and box["width"] < LAPTOP
    page.close()
