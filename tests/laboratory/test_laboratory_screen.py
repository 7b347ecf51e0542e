"""The first screen of the laboratory, in the built book: what is seen, where, and what moves.

By the boxes of the elements, at the sizes of two laptops and of a phone.
"""

import re

import pytest
from conftest import settle, watched
from snapshots import ROOT

PAGE = ROOT / "_build" / "html" / "book" / "laboratory.html"
pytestmark = pytest.mark.skipif(
    not PAGE.exists(), reason="there is no book yet: run `make book` first"
)
DONE = "#lab[data-state=done]"
RUN = "#f=f1&h=3&rate=1&epochs=1000&epoch=481"
PEAK = 781  # the epoch of the first peak of that run's error
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
LAPTOP = {"viewport": {"width": 1280, "height": 800}}
LOW = {"viewport": {"width": 1366, "height": 641}}
CONTROLS = (
    "[name^=lab-target]",
    "[data-key=h] input",
    "[data-key=rate] [type=range]",
    "[data-key=epochs] input",
    ".lab-play",
    ".lab-slider",
    ".lab-deeds .lab-button",
)


@pytest.fixture
def opened(browser):
    """Pages of some size at some address, in which nothing goes wrong."""
    pages = []

    def show(size, address=RUN, script="", **more):
        page = browser.new_page(**size, **more)
        pages.append(page)
        page.add_init_script(script)
        watching = watched(page, PAGE.as_uri() + address)
        watching.__enter__()
        page.wait_for_selector(DONE)
        settle(page, 300)
        page.sound = watching
        return page

    yield show
    for page in pages:
        page.sound.__exit__(None, None, None)
        page.close()


def boxes(page, selector):
    """Where the elements are that are seen: left, top, right, bottom."""
    return page.evaluate(
        """selector => [...document.querySelectorAll(selector)]
            .filter((element) => element.checkVisibility())
            .map((element) => element.getBoundingClientRect())
            .map(({ left, top, right, bottom }) => [left, top, right, bottom])""",
        selector,
    )


def whole(page, selector):
    """How many of some elements are seen whole."""
    size = page.viewport_size
    return sum(
        left >= 0 and top >= 0 and right <= size["width"] and bottom <= size["height"]
        for left, top, right, bottom in boxes(page, selector)
    )


@pytest.mark.parametrize(("size", "pictures"), [(LAPTOP, 4), (LOW, 3)], ids=["high", "low"])
def test_pictures_and_controls_are_seen_at_once(opened, size, pictures):
    page = opened(size)
    assert page.evaluate("scrollY") == 0
    assert whole(page, ".lab-picture") == pictures
    for control in CONTROLS:
        assert whole(page, control) == len(boxes(page, control)) > 0, control
    assert page.get_by_role("button", name="Keep this run").is_visible()
    assert whole(page, "#lab-words strong") == 1


def test_on_a_phone_the_rate_a_picture_and_play_are_seen_at_once(opened):
    page = opened(PHONE)
    assert page.evaluate("scrollY") == 0
    for control in (CONTROLS[2], ".lab-play", ".lab-slider", ".lab-picture", "#lab-words strong"):
        assert whole(page, control) == 1, control


def test_on_a_phone_the_other_choices_are_a_touch_away(opened):
    page = opened(PHONE)
    h = page.get_by_label(re.compile("^h, slider"))
    assert not h.is_visible()
    more = page.get_by_role("button", name="(f1, 3, 1, 1000): choose another run")
    assert more.get_attribute("aria-expanded") == "false"
    more.tap()
    assert more.get_attribute("aria-expanded") == "true"
    assert h.is_visible()
    for words in page.locator(".lab-target label:has([type=radio])").all():
        assert words.is_visible()


@pytest.mark.parametrize(
    ("width", "columns"), [(1280, 2), (1366, 3), (1920, 3), (800, 2), (390, 1)]
)
def test_pictures_of_a_row_stand_in_line(opened, width, columns):
    page = opened({"viewport": {"width": width, "height": 900}})
    pictures, captions = boxes(page, ".lab-picture"), boxes(page, ".lab-panel figcaption")
    assert len({left for left, *_ in pictures}) == columns
    for some in (pictures, captions):
        for n, place in enumerate(some[: len(some) // columns * columns]):
            assert place[1] == pytest.approx(some[n - n % columns][1], abs=0.6)


def test_the_themes_sidebar_is_hidden_and_can_be_opened(opened):
    page = opened(LAPTOP)
    bar = page.locator("#pst-primary-sidebar")
    assert not bar.is_visible()
    for seen in (True, False):
        page.locator(".primary-toggle").click()
        assert bar.is_visible() == seen
        left = boxes(page, "#lab")[0][0]
        assert left > 200 if seen else left < 60


@pytest.mark.parametrize(("width", "columns"), [(390, 1), (1280, 2), (1344, 3), (1920, 3)])
def test_three_pictures_in_a_row_from_1280_pixels_of_content_on(opened, width, columns):
    page = opened({"viewport": {"width": width, "height": 800}})
    ((left, _, right, _),) = boxes(page, "#lab")
    assert (right - left >= 1280) == (columns == 3)
    tops = [top for _, top, _, _ in boxes(page, ".lab-wall .lab-picture")]
    assert tops[:columns] == pytest.approx([tops[0]] * columns, abs=0.6)
    assert tops[columns] > tops[0] + 100


def test_the_introduction_is_a_sentence_and_the_tour_a_line_that_opens(opened):
    page = opened(LAPTOP)
    (_, top, _, bottom), *_ = boxes(page, "h1 + p")
    assert bottom - top < 40 and page.inner_text("h1 + p").count(".") == 1
    (_, top, _, bottom), *_ = boxes(page, ".lab-tour")
    assert bottom - top < 40
    page.locator(".lab-tour summary").click()
    assert page.get_by_text(re.compile(r"^Step \d of \d")).is_visible()


def test_by_the_keys_the_tour_comes_before_the_form(opened):
    page = opened(LAPTOP)
    tour = page.locator(".lab-tour summary")
    tour.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.lab-form') !== null")


# What is done as soon as something plays, before the machine has had the time to play it all.
WHEN_IT_PLAYS = """
    globalThis.played = [];
    new MutationObserver(() => {
        const play = document.querySelector(".lab-play.lab-playing");
        if (!play) return;
        if (!played.length) setTimeout(() => { ACT });
        played.push(Number(document.getElementById("lab").dataset.epoch));
    }).observe(document, { subtree: true, attributeFilter: ["class", "data-epoch"] });
"""
TOUCH = "dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))"
HANDS = {
    "a key": "document.body.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true }))",
    "a touch": f"document.querySelector('h1').{TOUCH}",
    "the button": f"play.{TOUCH}, play.click()",
}


def test_the_page_opens_with_a_run_that_plays_to_its_shaking_and_stops(opened):
    page = opened(LAPTOP, "", WHEN_IT_PLAYS.replace("ACT", ""))
    assert page.get_by_label("Learning rate", exact=True).input_value() == "1"
    page.wait_for_selector(f"#lab[data-epoch='{PEAK}']", timeout=60_000)
    page.get_by_role("button", name="Play", exact=True).wait_for()
    settle(page, 300)
    assert page.get_attribute("#lab", "data-epoch") == str(PEAK)
    played = page.evaluate("played")
    assert len(played) > 10 and played == sorted(played)


@pytest.mark.parametrize("hand", HANDS)
def test_a_hand_stops_what_plays_at_first(opened, hand):
    page = opened(LAPTOP, "", WHEN_IT_PLAYS.replace("ACT", HANDS[hand]))
    page.wait_for_function("played.length")
    page.get_by_role("button", name="Play", exact=True).wait_for()
    before = page.get_attribute("#lab", "data-epoch")
    settle(page, 200)
    assert int(before) < PEAK and page.get_attribute("#lab", "data-epoch") == before


def test_nothing_plays_for_those_who_prefer_no_motion(opened):
    page = opened(LAPTOP, "", reduced_motion="reduce")
    assert page.get_attribute("#lab", "data-epoch") == str(PEAK)
    assert not page.get_by_role("button", name="Pause").is_visible()


def test_the_tour_that_is_opened_first_begins_with_its_own_run(opened):
    page = opened(LAPTOP, "")
    page.locator(".lab-tour summary").click()
    page.wait_for_function("location.hash.startsWith('#f=f1&h=3&rate=0.1&epochs=1000')")
    assert page.get_by_text(re.compile(r"^Step 1 of \d$")).is_visible()


SHIFTS = """
    globalThis.shifts = [];
    new PerformanceObserver((list) => {
        for (const { value, sources } of list.getEntries()) {
            shifts.push([value, sources.map(({ node }) => node?.outerHTML?.slice(0, 80))]);
        }
    }).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("size", [LAPTOP, LOW, PHONE], ids=["high", "low", "phone"])
@pytest.mark.parametrize("address", ["", RUN])
def test_little_moves_while_the_page_loads(opened, size, address):
    page = opened(size, address, SHIFTS)
    page.wait_for_function("document.querySelector('#lab-words').textContent.includes('481')")
    settle(page, 300)
    shifts = page.evaluate("shifts")
    assert sum(value for value, _ in shifts) < 0.05, shifts


@pytest.mark.parametrize("size", [LAPTOP, {"viewport": {"width": 800, "height": 900}}, PHONE])
def test_a_first_move_of_a_slider_moves_nothing_else(opened, size):
    page = opened(size)
    if size is PHONE:
        page.get_by_role("button", name="choose another run").tap()
    page.get_by_text("Samples and weights: as in the document").click()
    settle(page, 100)

    def heights():
        """Of the fields, below the first of them."""
        (_, first, *_), *others = boxes(page, ".lab-form .lab-field")
        return [round(top - first, 1) for _, top, *_ in others]

    for key in ("samples", "noise", "scale"):
        before = heights()
        page.locator(f"[data-key={key}] [type=range]").press(
            "ArrowLeft" if key == "samples" else "ArrowRight"
        )
        page.wait_for_function(f"location.hash.includes('{key}=')")
        assert heights() == before, key


BLOCKED = """
    for (const name of ["localStorage", "sessionStorage"]) {
        const get = () => { throw new DOMException("blocked", "SecurityError"); };
        Object.defineProperty(window, name, { configurable: true, get });
    }
"""


def test_where_storage_is_blocked_the_page_works_and_its_colours_can_be_chosen(opened):
    page = opened(LAPTOP, RUN, BLOCKED, color_scheme="light")
    themes = set()
    for _ in range(3):
        page.locator(".theme-switch-button").click()
        themes.add(page.evaluate("document.documentElement.dataset.theme"))
    assert themes == {"light", "dark"}
