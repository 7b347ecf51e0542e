"""The laboratory as it stands in the built book, opened from a file in a browser.

`make book` comes first. Its parts are tested by themselves in the other files of this name.
"""

import csv
import json
import re
import xml.etree.ElementTree as ET
from contextlib import contextmanager
from urllib.parse import unquote

import numpy as np
import pytest
from audit import violations
from conftest import settle, watched
from snapshots import ROOT

from nnlib import Experiment, elsewhere, f1, f2, get_new_random_weights, train, train_many
from nnlib.landscape import sharpness
from nnlib.optimizers import HeavyBall, Nesterov
from nnlib.oscillation import rounding_noise, stable_path
from nnlib.oscillation.onset import threshold
from nnlib.outcome import outcome, shaken_until
from nnlib.report.display import find_address

HTML = ROOT / "_build" / "html"
PAGE = HTML / "book" / "laboratory.html"
pytestmark = pytest.mark.skipif(
    not PAGE.exists(), reason="there is no book yet: run `make book` first"
)
DONE = "#lab[data-state=done]"


WIDE = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def tab(browser):
    """For all tests, one after the other: to open one takes longer than most of them."""
    tab = browser.new_page(viewport=WIDE)
    yield tab
    tab.close()


@pytest.fixture
def page(tab):
    """The tab, as wide and as light as it was."""
    tab.set_viewport_size(WIDE)
    tab.emulate_media(media="screen", color_scheme="light", reduced_motion="no-preference")
    with sound(tab) as page:
        yield page


@contextmanager
def sound(page):
    """A page in which nothing goes wrong, and from which nothing leaves."""
    asked = []

    def note(request):
        asked.append(request.url)

    page.on("request", note)
    with watched(page):
        yield page
    page.remove_listener("request", note)
    assert [url for url in asked if not re.match("(file|data|blob):", url)] == []


def load(page, address="", path=PAGE):
    """Open a page, anew if it is open already."""
    page.goto("about:blank")
    page.goto(path.as_uri() + address)


def choose(page, address):
    """Choose a run by the address, which also shows all of it; nothing else is left from before."""
    if not page.url.startswith(PAGE.as_uri()):
        return load(page, address)
    for name in ("Pause", "Forget the kept run"):
        button = page.get_by_role("button", name=name, exact=True)
        if button.is_visible():
            button.click()
    page.evaluate(
        """hash => new Promise((resolve) => {
            scrollTo(0, 0);
            if (hash === location.hash) return resolve();
            addEventListener("hashchange", resolve, { once: true });
            location.hash = hash;
        }).then(() => {})""",
        address,
    )


def checksum(page):
    page.wait_for_selector(DONE)
    return page.get_attribute("#lab", "data-checksum")


def another(page, choose):
    """Wait until another run is done, once it has been chosen."""
    before = checksum(page)
    choose()
    page.wait_for_selector(f"{DONE}:not([data-checksum='{before}'])")


CHOICES = {
    "": lambda: train(Experiment(f1, 3, 1, 1000)),
    "#h=3": lambda: train(Experiment(f1, 3, 0.1, 1000)),
    "#f=f2&h=8&rate=0.1&epochs=1200&data=standard&weights=8&epoch=1036": lambda: train(
        Experiment(f2, 8, 0.1, 1200), weights=get_new_random_weights(8, rng=8)
    ),
    "#f=f1&h=3&rate=1&epochs=1000&order=3": lambda: train(Experiment.parse("f1 3 1 1000 order=3")),
}


@pytest.mark.parametrize("address", CHOICES)
def test_the_page_shows_the_checksum_of_python(page, address):
    load(page, address)
    shown = checksum(page)
    run = CHOICES[address]()
    assert shown == run.checksum()
    assert shown in page.inner_text("#lab-take-away")
    wanted = re.search(r"epoch=(\d+)$", address)
    if address:  # else it plays
        assert page.get_attribute("#lab", "data-epoch") == (
            wanted[1] if wanted else str(run.experiment.epochs)
        )


@pytest.mark.parametrize("address", CHOICES)
def test_the_page_has_the_lines_of_python_that_give_its_run(page, address):
    choose(page, address)
    names = {}
    shown = checksum(page)
    exec(page.inner_text("#lab-python"), names)
    assert names["history"].checksum() == shown


def test_points_that_are_clicked_are_in_the_address_and_in_python(page):
    load(page, "#f=-3:1,2:2.5&h=3&rate=0.1&epochs=200&units=both")
    before = checksum(page)
    box = page.locator("figure.lab-panel .lab-plot").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 4)
    page.wait_for_selector(f"{DONE}:not([data-checksum='{before}'])")
    page.wait_for_function("location.hash.split(':').length === 4")
    names = {}
    exec(page.inner_text("#lab-python"), names)
    run = names["history"]
    assert checksum(page) == run.checksum()
    assert run.experiment.f.x[:2] == (-3, 2) and len(run.experiment.f.x) == 3
    assert (run.test_error == run.train_error).all()
    exec(page.text_content("#lab-formula"), names)
    x = np.linspace(-5, 5, 11)
    assert np.allclose(names["y"](x), 10 * run.predict(x / 5), rtol=1e-12)


def test_a_file_that_is_dropped_becomes_the_target(page):
    choose(page, "#f=f2&h=3&rate=0.1&epochs=200")
    checksum(page)
    page.evaluate(
        """() => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File(["x;y\\n-1,5;2\\n1;3\\n"], "mine.csv"));
            const event = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
            document.querySelector(".lab-plot").dispatchEvent(event);
        }"""
    )
    page.wait_for_function("location.hash.startsWith('#f=-1.5:2,1:3&')")
    assert page.get_by_label("data of my own").is_checked()


def test_the_page_has_the_program_for_another_library(page):
    choose(page, "#f=f2&h=8&rate=0.05&epochs=300")
    checksum(page)
    run = Experiment(f2, 8, 0.05, 300)
    for library, said in (("jax", "JAX with optax"), ("torch", "PyTorch")):
        page.get_by_label("Library", exact=True).select_option(said)
        shown = page.locator("#lab-elsewhere").text_content()
        assert shown == elsewhere.program(run, library)
    choose(page, "#f=f2&h=8&rate=0.05&epochs=300&noise=1")
    checksum(page)
    assert "standard samples" in page.locator("#lab-elsewhere").text_content()


def test_a_run_that_overflows_is_explained_and_can_be_mended(page):
    choose(page, "#f=f1&h=3&rate=5&epochs=1000")
    with pytest.warns(RuntimeWarning, match="overflows"):
        run = train(Experiment(f1, 3, 5, 1000))
    assert checksum(page) == run.checksum()
    page.wait_for_selector("#lab-words button")
    said = page.inner_text("#lab-words")
    assert f"overflows at epoch {run.overflow_epoch}" in said
    assert f"{5 * sharpness(run, [0])[0] / 2:.3g} times" in said
    page.click("#lab-words button")
    page.wait_for_function("!document.querySelector('#lab-words').innerText.includes('overflow')")
    page.wait_for_selector(DONE)
    page.wait_for_function("!location.hash.includes('rate=5&')")  # it follows a little later
    rate = float(re.search(r"rate=([^&]*)", page.evaluate("location.hash"))[1])
    assert rate * sharpness(run, [0])[0] == pytest.approx(1.8, rel=0.01)


VERDICTS = {  # each with what is said first, and whether something is offered
    "f1 3 0.1 1000": ("The error never rises", False),
    "f1 3 1 1000": ("The run oscillates.", True),
    "f1 3 2 1000": ("The run diverges: ", True),
    "f1 5 1 1000": ("The run shook until epoch 57, then settled.", False),
    "f2 7 0.1 1500": ("The run oscillates.", True),
    "f2 8 0.1 1000": ("The run shook until epoch 355, then settled.", False),
    "f2 8 1.5 1000": ("The run overflows: ", True),
    "f2 12 0.05 1000": ("The run shook until epoch 530, then settled.", False),
}
FIRST = {
    "stable": "The error never rises",
    "oscillation": "The run oscillates.",
    "divergence": "The run diverges: ",
    "overflow": "The run overflows: ",
}


@pytest.mark.parametrize("text", VERDICTS)
def test_the_words_follow_from_the_verdict_of_python(page, text):
    experiment, (first, offered) = Experiment.parse(text), VERDICTS[text]
    run = train(experiment)
    becomes, until = outcome(run), shaken_until(run)
    settled = f"The run shook until epoch {until}, then settled."
    assert first == (settled if becomes == "stable" and until else FIRST[becomes])
    f, h, rate, epochs = text.split()
    choose(page, f"#f={f}&h={h}&rate={rate}&epochs={epochs}")
    assert checksum(page) == run.checksum()
    # The reasons come a little later: the sharpness is computed after the run.
    page.wait_for_function("document.querySelector('#lab-words').textContent.includes('sharpness')")
    assert page.text_content("#lab-words strong").startswith(first)
    if offered:
        page.wait_for_selector("#lab-words button >> visible=true")
    else:
        assert not page.locator("#lab-words button").is_visible()


def test_a_state_goes_into_the_address_and_comes_back(page):
    choose(page, "#f=f1&h=3&rate=1&epochs=1000&epoch=500")
    page.wait_for_selector(DONE)
    page.evaluate("location.hash = '#f=f2&h=5&rate=0.05&epochs=300&scale=2'")
    page.get_by_label("Epoch, as a number").fill("40")
    page.keyboard.press("Enter")
    page.wait_for_selector("#lab[data-epoch='40']")
    first = checksum(page)
    page.wait_for_function("location.hash.endsWith('&epoch=40')")  # it follows a little later
    load(page, page.evaluate("location.hash"))
    assert checksum(page) == first
    assert page.get_attribute("#lab", "data-epoch") == "40"


def test_what_is_wrong_in_the_address_is_said_and_the_page_works(page):
    load(page, "#f=<img src=x onerror=alert(1)>&h=99&rate=-1&epochs=NaN&other=1")
    page.wait_for_selector(DONE)
    assert page.locator("#lab-messages p").count() >= 4
    assert page.locator("#lab img").count() == 0


def test_the_cursor_is_moved_by_keys_and_announced_once_it_rests(page):
    choose(page, "#f=f1&h=3&rate=1&epochs=1000&epoch=754")
    page.wait_for_selector(DONE)
    slider = page.locator("#lab-player input[type=range]").first
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert page.get_attribute("#lab", "data-epoch") == "757"
    page.keyboard.press("Home")
    assert page.get_attribute("#lab", "data-epoch") == "0"
    page.wait_for_function("document.querySelector('#lab-status').textContent.includes('poch 0')")
    page.wait_for_function("location.hash.endsWith('epoch=0')")


def test_a_long_run_is_replaced_by_the_next_choice(page):
    choose(page, "#f=f1&h=3&rate=0.1&epochs=100")
    page.wait_for_selector(DONE)
    page.evaluate("location.hash = '#f=f2&h=20&rate=0.05&epochs=50000'")
    page.wait_for_selector("#lab[data-state=training]")
    page.evaluate("location.hash = '#f=f1&h=2&rate=0.1&epochs=50'")
    page.wait_for_selector("#lab[data-epoch='50']")
    assert checksum(page) == train(Experiment(f1, 2, 0.1, 50)).checksum()


def test_a_long_run_shows_how_far_it_is_and_can_be_stopped(page):
    choose(page, "#f=f2&h=20&rate=0.05&epochs=50000")
    stop = page.get_by_role("button", name="Stop")
    stop.wait_for()
    page.wait_for_function("document.querySelector('#lab progress').value > 0")
    stop.click()
    page.wait_for_selector("#lab[data-state=stopped]")
    page.wait_for_function(
        "document.querySelector('#lab-words').innerText.includes('was stopped after epoch')"
    )
    last = int(re.search(r"stopped after epoch (\d+) of 50000", page.inner_text("#lab-words"))[1])
    assert page.get_attribute("#lab", "data-checksum") is None
    assert page.get_by_text("not known").count() == 0  # and never will be
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("CSV")).click()
    assert download.value.suggested_filename == f"f2-20-0.05-{last}.csv"
    page.get_by_role("button", name="Train it anew, to the end").click()
    page.wait_for_selector("#lab[data-state=training]")
    page.evaluate("location.hash = '#f=f1&h=2&rate=0.1&epochs=50'")
    page.wait_for_selector("#lab[data-epoch='50']")
    assert checksum(page) == train(Experiment(f1, 2, 0.1, 50)).checksum()


@pytest.mark.parametrize("width", [390, 800, 1280])
def test_a_long_run_can_be_stopped_without_scrolling(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    choose(page, f"#f=f2&h=20&rate=0.05&epochs={50000 - width}")  # another run each time
    page.get_by_role("button", name="Stop").wait_for()
    assert (
        0
        <= box(page, "#lab-progress .lab-button")[1]
        < box(page, "#lab-progress .lab-button")[3]
        <= 800
    )
    page.get_by_role("button", name="Stop").click()
    page.wait_for_selector("#lab[data-state=stopped]")


def words_of_the_map(page):
    """What is heard of the map, once there is one of what is chosen."""
    page.wait_for_selector(".lab-track[data-state=done]")
    slider = page.get_by_label("Learning rate, slider")
    return page.locator(f"#{slider.get_attribute('aria-describedby')}").text_content()


def test_the_map_under_the_rate_follows_all_that_is_chosen_but_the_rate(page):
    choose(page, "#f=f1&h=3&rate=1&epochs=1000")
    page.wait_for_selector(DONE)
    words = words_of_the_map(page)
    low, high = map(float, re.search(r"calm up to (\S+), shakes from (\S+) to", words).groups())
    assert low < high < 1.03 * low
    assert outcome(train(Experiment(f1, 3, low, 1000))) == "stable"
    assert outcome(train(Experiment(f1, 3, high, 1000))) == "oscillation"
    slider = page.get_by_label("Learning rate, slider")
    slider.press("ArrowRight")
    assert page.get_attribute(".lab-track", "data-state") == "done"  # there is no other map
    page.get_by_label("h (2 neurons", exact=False).first.fill("5")
    page.keyboard.press("Enter")
    page.wait_for_selector(".lab-track[data-state=old]")
    assert words_of_the_map(page) != words


def test_a_click_on_the_map_sets_the_rate_that_it_shows_there(page):
    choose(page, "#f=f1&h=3&rate=0.1&epochs=300")
    words_of_the_map(page)
    left, top, right, bottom = box(page, ".lab-strip-of-rates")
    *_, first, last = page.locator(".lab-strip-of-rates > span").all()
    edge = last.bounding_box()["x"]
    for x, becomes in ((edge - 4, first), (edge + 4, last)):
        page.mouse.click(x, (top + bottom) / 2)
        rate = float(page.get_by_label("Learning rate", exact=True).input_value())
        assert (
            becomes.get_attribute("class")
            == f"lab-becomes-{outcome(train_many([Experiment(f1, 3, rate, 300)])[0])}"
        )
    # The mark stands where the slider does at the rate that it is of.
    page.get_by_label("Learning rate", exact=True).fill(
        page.text_content(".lab-track-legend > li:last-child").split()[0]
    )
    page.keyboard.press("Enter")
    place = page.evaluate("""() => {
        const { value, max } = document.querySelector(".lab-track input");
        return value / max;
    }""")
    mark = box(page, ".lab-track > .lab-limit")
    assert (mark[0] + mark[2]) / 2 == pytest.approx(left + place * (right - left), abs=1.5)


def test_twenty_seeds_are_chosen_linked_and_put_away(page):
    choose(page, "#f=f1&h=3&rate=1&epochs=200")
    shown = checksum(page)
    choice, said = page.get_by_label("Twenty seeds"), page.locator(".lab-seeds + p")
    lines = page.locator(".lab-seeded > path")
    assert said.text_content() == "" and lines.count() == 0
    choice.select_option("data")
    page.wait_for_function("location.hash.endsWith('&seeds=data')")
    page.get_by_text("Seeds 1 to 20 of the samples").wait_for()
    page.wait_for_function("document.querySelectorAll('.lab-seeded > path').length === 21")
    assert checksum(page) == shown  # of the run that is there, not of another
    load(page, page.evaluate("location.hash"))
    page.get_by_text("Seeds 1 to 20 of the samples").wait_for()
    names = {}
    exec(page.inner_text("#lab-python"), names)
    assert names["history"].checksum() == checksum(page) == shown
    median = np.median([run.last_error for run in names["runs"]])
    assert len(names["runs"]) == 20
    assert f"half are below {median:.3g}." in said.text_content()
    choice.select_option("none")
    page.wait_for_function("document.querySelectorAll('.lab-seeded > path').length === 0")
    assert said.text_content() == ""
    page.wait_for_function("!location.hash.includes('seeds')")


def test_eight_clicks_at_one_place_lead_through_the_tour(page):
    load(page, "#f=f1&h=3&rate=0.1&epochs=1000")
    page.wait_for_selector(DONE)
    page.get_by_text("A tour in 9 steps").click()
    left, top, right, bottom = box(page, ".lab-tour-bar button >> nth=1")
    for step in range(2, 10):
        page.mouse.click((left + right) / 2, (top + bottom) / 2)
        page.get_by_text(f"Step {step} of 9").wait_for()


def test_a_rate_that_is_dragged_past_other_steps_turns_no_page_of_the_tour(page):
    load(page, "#f=f1&h=3&rate=1&epochs=1000&epoch=754")
    page.get_by_text("A tour in 9 steps").click()
    page.get_by_text("Step 2 of 9").wait_for()
    for rate in ("0.5", "2", "0.7"):
        page.get_by_label("Learning rate", exact=True).fill(rate)
        page.get_by_label("Learning rate", exact=True).press("Enter")
        page.wait_for_function(f"location.hash.includes('rate={rate}&')")
        assert page.get_by_text("Step 2 of 9; another run is shown").is_visible()


def test_words_that_are_hidden_keep_their_room(page):
    page.set_viewport_size({"width": 390, "height": 844})
    choose(page, "#f=f1&h=3&rate=1&epochs=1000")
    page.wait_for_selector("#lab-words button >> visible=true")
    settle(page, 300)
    place = page.locator("#lab-outcome")
    height = place.bounding_box()["height"]
    choose(page, "#f=f2&h=20&rate=0.05&epochs=50000")
    page.wait_for_selector("#lab[data-state=training]")
    settle(page, 300)
    assert not page.locator("#lab-words strong").is_visible()
    assert place.bounding_box()["height"] >= height > 40
    page.get_by_role("button", name="Stop").click()


def test_what_plays_is_seen_in_forced_colours(page):
    page.emulate_media(forced_colors="active")
    choose(page, "#f=f1&h=3&rate=1&epochs=1000")
    ground, sign = page.evaluate("""() => {
        const play = document.querySelector(".lab-play");
        return [null, "::before"].map((part) => getComputedStyle(play, part).backgroundColor);
    }""")
    page.emulate_media(forced_colors="none")
    assert ground != sign


def test_space_plays_after_a_click_on_a_picture(page):
    choose(page, "#f=f1&h=3&rate=1&epochs=1000&epoch=500")
    page.wait_for_selector(DONE)
    page.locator(".lab-plot").nth(1).click()
    before = page.evaluate("scrollY")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Pause").wait_for()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Play", exact=True).wait_for()
    assert page.evaluate("scrollY") == before


def test_another_choice_leaves_the_cursor_and_the_range_where_they_are(page):
    choose(page, "#f=f1&h=3&rate=1&epochs=1000&epoch=754")
    page.wait_for_selector(DONE)
    page.get_by_label("The first epoch shown").fill("700")
    page.get_by_text("Epochs 700 to 1000 are shown.").wait_for()
    page.get_by_label("The last epoch shown").fill("800")
    page.get_by_text("Epochs 700 to 800 are shown.").wait_for()
    rate = page.get_by_label("Learning rate, slider")
    for _ in range(3):
        another(page, lambda: rate.press("ArrowRight"))
    settle(page, 300)
    assert page.get_attribute("#lab", "data-epoch") == "754"
    assert page.get_by_text("Epochs 700 to 800 are shown.").is_visible()
    page.evaluate("location.hash = '#f=f2&h=8&rate=0.1&epochs=1200&epoch=300'")
    page.wait_for_selector("#lab[data-epoch='300']")
    assert page.get_by_text("Epochs 700 to 800 are shown.").count() == 0


def test_playing_goes_on_where_it_was_when_another_run_is_chosen(page):
    choose(page, "#f=f1&h=3&rate=1&epochs=1000&epoch=500")
    page.wait_for_selector(DONE)
    page.get_by_role("button", name="Play", exact=True).click()
    another(page, lambda: page.get_by_label("Learning rate, slider").press("ArrowRight"))
    assert page.get_by_role("button", name="Pause").is_visible()
    assert int(page.get_attribute("#lab", "data-epoch")) >= 500


def test_the_link_follows_the_cursor(page):
    choose(page, "#f=f1&h=3&rate=1&epochs=1000&epoch=754")
    page.wait_for_selector(DONE)
    page.get_by_label("Epoch", exact=True).press("Home")
    page.get_by_role("button", name="Copy: Link").click()
    link = page.get_by_role("group", name="Link to this run and epoch").inner_text()
    assert link.endswith("epoch=0")
    page.get_by_label("Epoch", exact=True).press("ArrowRight")
    page.wait_for_function(
        "document.querySelector('#lab-take-away').innerText.match(/epoch=1\\b/g)?.length === 2"
    )


def test_a_run_is_kept_and_laid_under_the_next(page):
    choose(page, "#f=f1&h=3&rate=0.1&epochs=1000")
    page.wait_for_selector(DONE)
    page.get_by_role("button", name="Keep this run").click()
    page.evaluate("location.hash = '#f=f1&h=2&rate=0.1&epochs=1000'")
    page.wait_for_function("document.querySelector('#lab-compare').innerText.includes('h is 2')")


def test_what_is_taken_away_is_read_back(page):
    choose(page, "#f=f1&h=3&rate=1&epochs=1000")
    page.wait_for_selector(DONE)
    run = train(Experiment(f1, 3, 1, 1000))
    files = {}
    for name in ("CSV", "JSON", "SVG"):
        with page.expect_download() as download:
            page.get_by_role("button", name=re.compile(name)).click()
        files[name] = download.value.path().read_text(encoding="utf-8")
    rows = list(csv.reader(files["CSV"].splitlines()))
    columns = {
        name: values for name, values in run.to_dict().items() if not name.startswith("gradient")
    }
    assert rows[0] == list(columns)
    for n, values in enumerate(columns.values()):
        assert np.array_equal([float(row[n]) for row in rows[1:]], values)
    assert json.loads(files["JSON"])["checksum"] == run.checksum()
    assert ET.fromstring(files["SVG"]).tag.endswith("svg")


STATES = (  # at rest, an overflow, a message
    "#f=f1&h=3&rate=1&epochs=1000&epoch=754",
    "#f=f1&h=3&rate=5&epochs=1000",
    "#f=f2&h=20&rate=0.05&epochs=500&h=x",
)


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (390, "light"), (1440, "light")])
def test_the_page_is_for_everyone(page, width, scheme):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    for address in STATES:
        choose(page, address)
        page.wait_for_function(f"document.documentElement.dataset.theme == '{scheme}'")
        page.wait_for_selector(DONE)
        settle(page, 300)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if width != 390:
            assert violations(page) == []


def test_the_page_loads_less_than_250_kilobytes_beyond_the_theme():
    loaded = re.findall(r'"([^"?]*_static/lab/[^"?]*)[?"]', PAGE.read_text(encoding="utf-8"))
    assert len(loaded) == 2
    assert sum((PAGE.parent / path).stat().st_size for path in loaded) < 250_000


def box(page, selector):
    """Where an element is: left, top, right, bottom."""
    place = page.locator(selector).first.bounding_box()
    left, top = place["x"], place["y"]
    return left, top, left + place["width"], top + place["height"]


RATE = "[aria-label='Learning rate, slider']"
PICTURES = ".lab-panel .lab-picture"


def test_on_a_phone_all_is_large_enough_to_be_touched(browser):
    phone = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
    with sound(browser.new_page(**phone)) as page:
        page.goto(PAGE.as_uri() + "#f=f1&h=3&rate=1&epochs=1000")
        page.wait_for_selector("#lab-words button >> visible=true")
        assert not page.get_by_text("Step 2 of 9").is_visible()  # the tour is folded
        page.get_by_role("button", name="choose another run").tap()
        for control in ("button", "summary", "select", "input[type=number]", ".lab-number input"):
            for touched in page.locator(f"#lab {control} >> visible=true").all():
                assert touched.bounding_box()["height"] >= 44, touched.inner_html()
    page.close()


def test_on_a_desktop_the_form_stays_beside_the_pictures_and_the_tour(page):
    load(page, "#f=f1&h=3&rate=1&epochs=1000")
    page.wait_for_selector(DONE)
    form, tour, picture = (box(page, name) for name in (".lab-form", ".lab-tour", PICTURES))
    assert form[2] < min(tour[0], picture[0])
    assert form[1] < tour[3] and tour[1] < form[3]
    page.locator(PICTURES).last.scroll_into_view_if_needed()
    page.wait_for_function("scrollY > 500")
    assert 0 < box(page, RATE)[1] < 900


def test_in_print_there_are_no_controls_and_all_of_the_tour(page):
    load(page, "#f=f1&h=3&rate=1&epochs=1000")
    page.wait_for_selector(DONE)
    page.emulate_media(media="print")
    assert page.locator(".lab-tour li >> visible=true").count() == 9
    assert page.locator(PICTURES).first.is_visible()
    for control in ("button", "input", "select"):
        assert page.locator(f"#lab {control} >> visible=true").count() == 0


def test_without_scripts_a_picture_and_a_sentence_stand_there(browser):
    with sound(browser.new_page(java_script_enabled=False)) as page:
        page.goto(PAGE.as_uri())
        assert page.get_by_text("The laboratory needs scripts").is_visible()
        assert page.locator("figure").first.is_visible()
    page.close()


def test_every_experiment_of_the_book_opens_it():
    page_of = re.compile(
        r'(<a class="[^"]*" href="[^"]*">)?<span class="experiment[^"]*">(.*?)</span>'
    )
    linked = 0
    for path in (HTML / "book").rglob("*.html"):
        for link, text in page_of.findall(path.read_text(encoding="utf-8")):
            try:
                experiment = Experiment.parse(re.sub("<.*?>", "", text))
            except ValueError:
                continue
            address = find_address(experiment)
            if address:
                href = unquote(re.search('href="(.*?)"', link)[1]).replace("&amp;", "&")
                assert href.split("#")[0] in ("", "laboratory.html", "../laboratory.html")
                assert ("#" + href.split("#")[1] + "&").startswith(address + "&")
                linked += 1
    assert linked > 60


@pytest.mark.parametrize("name", ["4-1-f1", "4-2-f2", "a-extra-figures", "randomness"])
def test_the_captions_of_the_documents_figures_open_it(name):
    text = (HTML / "book" / f"{name}.html").read_text(encoding="utf-8")
    figures = {"4-1-f1": (3, 4, 5), "4-2-f2": (6, 7), "a-extra-figures": (9,), "randomness": (8,)}[
        name
    ]
    for number in figures:
        figure = re.search(rf'<figure[^>]*id="fig-{number}".*?</figure>', text, re.S)[0]
        assert "laboratory.html#f=" in figure


def set_slider(piece, value, n=0):
    piece.locator("input[type=range]").nth(n).evaluate(
        "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input')); }",
        value,
    )
    settle(piece.page, 100)
    return piece.locator("output").nth(n).inner_text()


def out_of_a_narrowing_valley(noise):
    """The step after the threshold from which the ball of the chapter is far from the bottom."""
    rng, w = np.random.default_rng(1), [1.0]
    for product in np.linspace(1.75, 2.35, 1201)[:-1]:
        w.append((1 - product) * w[-1] + noise * rng.normal())
    return 500 + np.argmax(np.abs(w[500:]) > 0.01)


def test_the_small_experiments_of_a_chapter_give_its_numbers(page):
    load(page, path=HTML / "book" / "why-755.html")
    pieces = {
        name: page.locator(f".lab-piece[data-piece={name}]")
        for name in ("ball", "passage", "account")
    }
    for piece in pieces.values():
        piece.scroll_into_view_if_needed()
        piece.locator("output").wait_for()
    for exponent in (-34, -16, -12, -8, -4):
        step = out_of_a_narrowing_valley(10.0**exponent if exponent > -34 else 0)
        assert set_slider(pieces["passage"], exponent).endswith(f"at step {step}")
    path = stable_path(Experiment(f1, 3, 1, 1200))
    for bits in (24, 53, 128, np.inf):
        ((epoch, _),) = path.bursts(rounding_noise(bits))
        chosen = 257 if bits == np.inf else bits
        assert set_slider(pieces["account"], chosen).endswith(f"visible at epoch {epoch}")
    assert "out of the valley" in set_slider(pieces["ball"], 2.15)
    assert "rolls down" in set_slider(pieces["ball"], 0.4)


@pytest.mark.parametrize(("product", "beta"), [(1.9, 0.9), (1.3, 0.9), (2.05, 0), (3.8, 0.95)])
def test_a_ball_with_mass_shakes_at_its_threshold(page, product, beta):
    load(page, path=HTML / "book" / "ways-momentum.html")
    piece = page.locator(".lab-piece[data-piece=mass]")
    piece.scroll_into_view_if_needed()
    for n, value in enumerate((product, beta)):
        set_slider(piece, value, n)
    words = piece.locator(".lab-hint").inner_text()
    heavy, nesterov = (threshold(kind(beta)) for kind in (HeavyBall, Nesterov))
    for name, limit in (("Heavy ball", heavy), ("Nesterov\u2019s momentum", nesterov)):
        fate = "comes to rest" if product < limit else "swings out"
        assert f"{name} {fate}: its threshold is {limit:.2f}." in words
    assert piece.locator(".lab-curves path").count() == 2


@pytest.mark.parametrize("name", ["index", "3-notebook", "4-1-f1", "4-2-f2", "why-755"])
def test_chapters_have_a_cursor_over_their_run(page, name):
    load(page, path=HTML / "book" / f"{name}.html")
    kind = "story" if name == "index" else "run"
    piece = page.locator(f".lab-piece[data-piece={kind}]").first
    piece.scroll_into_view_if_needed()
    slider = piece.locator("input[type=range]").first
    slider.wait_for()
    page.wait_for_selector(f".lab-piece[data-piece={kind}][data-state=done]")
    if kind == "story":
        piece.get_by_role("button", name="Pause").click()
    slider.press("Home")
    page.wait_for_function("slider => slider.value === '0'", arg=slider.element_handle())
    assert "laboratory.html#f=" in piece.get_by_role("link").last.get_attribute("href")


def test_the_story_stands_still_for_those_who_prefer_that(page):
    page.emulate_media(reduced_motion="reduce")
    piece = load_story(page)
    for rate in ("1", "2"):
        piece.get_by_role("button", name=rate, exact=True).click()
        settle(page, 500)
        assert piece.get_by_role("button", name="Play").is_visible()
        assert piece.locator("input[type=range]").input_value() == "1000"


def test_the_story_can_be_told_with_another_rate(page):
    piece = load_story(page)
    piece.get_by_role("button", name="0.1", exact=True).click()
    page.wait_for_function(
        "piece => /rate=0.1&/.test(piece.querySelector('a').href)"
        " && Number(piece.querySelector('input[type=range]').value) > 20",
        arg=piece.element_handle(),
    )
    assert piece.get_by_role("button", name="Pause").is_visible()
    pressed = piece.locator("[aria-pressed=true]")
    assert pressed.all_inner_texts() == ["0.1"]


def load_story(page):
    """The piece of the first page, with the run that it begins with."""
    load(page, path=HTML / "book" / "index.html")
    page.wait_for_selector(".lab-piece[data-piece=story][data-state=done]")
    return page.locator(".lab-piece[data-piece=story]")


@pytest.mark.parametrize("size", [(1280, 800), (1280, 720)])
def test_the_first_screen_shows_the_whole_story(page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    piece = load_story(page)
    for part in ("svg.lab-picture", ".lab-play"):
        for one in piece.locator(part).all():
            box = one.bounding_box()
            assert box["y"] + box["height"] <= size[1]
