"""The built pages in a browser: nothing from elsewhere, no error, readable by all.

Each page is loaded twice, narrow and wide, and seen in both colour schemes. Most of the time goes
into contrasts; `audit.js` has them judged once for each kind of text.
"""

from types import SimpleNamespace

import pytest
from snapshots import ROOT
from test_pages import HTML, PAGES, pytestmark  # noqa: F401  (skips all if there is no book)

AUDIT = (ROOT / "tests" / "audit.js").read_text(encoding="utf-8")
# What the theme itself does, on every page that it makes.
OF_THE_THEME = ["label-content-name-mismatch", "region"]
# Axe takes its time: narrow, it sees a page in the first of the schemes; wide, in the other.
SCHEMES = {400: ("light", "dark"), 1400: ("dark", "light")}


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
    page.evaluate("window.MathJax && MathJax.startup.promise")
    _looks_right(page, seen, first, width)
    assert violations(page) == []
    page.emulate_media(color_scheme=second)
    page.wait_for_function(f"document.documentElement.dataset.theme == '{second}'")
    _looks_right(page, seen, second, width)


def _looks_right(page, seen, scheme, width):
    assert [url for url in seen.requests if not url.startswith(("file:", "data:", "blob:"))] == []
    assert seen.errors == []
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert page.locator("mjx-container").count() >= page.locator(".math").count()
    assert page.locator("mjx-merror").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def violations(page):
    """What axe finds wrong with a page: rules, each with the first place."""
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate(Axe().axe_script)
    return page.evaluate(AUDIT, OF_THE_THEME)


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
        ("<img src='data:,'>", ["image-alt"]),
    ],
)
def test_what_is_wrong_is_found(page, html, rules):
    page.emulate_media(color_scheme="light")
    page.set_content(f"<html lang=en><title>Title</title><main><h1>Heading</h1>{html}</main>")
    assert [rule for rule, _ in violations(page)] == rules
