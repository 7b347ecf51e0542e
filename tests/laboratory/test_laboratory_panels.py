"""The laboratory's panels and its player, in a browser, on a page with nothing else.

They are given histories of nnlib, so that what they say can be compared with it.
"""

import json
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest
from conftest import settle, watched
from laboratory_scripts import STANDARD, open_tab, write_page
from snapshots import ROOT

from nnlib import Experiment, f1, f2, get_train_set, train
from nnlib.landscape import sharpness
from nnlib.report.measures import first_rise

LAB = ROOT / "book" / "lab"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Panels</title>
<link rel="stylesheet" href="{lab}/laboratory.css">
<div id="lab"><div class="lab-rest"></div></div>
<script src="lab.js"></script>
<script>
  let moved, panels, player, go, target;
  function begin() {{
    const epochs = moved = [];
    const [playerAt, panelsAt] = [lab.elements.make("div"), lab.elements.make("div")];
    document.querySelector(".lab-rest").replaceChildren(playerAt, panelsAt);
    const on = {{
      onEpoch(epoch) {{ epochs.push(epoch); mine.moveTo(epoch); other.moveTo(epoch); }},
      onZoom(from, to) {{ mine.zoom(from, to); other.zoom(from, to); }},
      own: {{ target: () => target, onTarget(f) {{ target = f; }} }},
    }};
    target = "f1";
    const mine = lab.panels.makePanels(panelsAt, on);
    const other = lab.player.makePlayer(playerAt, on);
    [panels, player, go] = [mine, other, on.onEpoch];
  }}
  function unpack(text) {{
    return JSON.parse(text, (key, value) => key !== "epochs" && Array.isArray(value) &&
      !Array.isArray(value[0]) && !(value[0] instanceof Float64Array)
      ? Float64Array.from(value, (x) => x ?? NaN) : value);
  }}
  function show(run, kept, epoch) {{ panels.show(run, kept); player.show(run); go(epoch); }}
</script>
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return write_page(tmp_path_factory.mktemp("panels"), PAGE.format(lab=LAB.as_uri()))


SIZE = {"width": 1300, "height": 2000}


@pytest.fixture(scope="module")
def tab(browser, file):
    with open_tab(browser, file, viewport=SIZE) as tab:
        yield tab


@pytest.fixture
def page(tab):
    """The tab, with everything in it made anew."""
    tab.set_viewport_size(SIZE)
    with watched(tab) as page:
        page.evaluate("begin()")
        yield page


@pytest.fixture
def clocked(browser, file):
    """A page of its own whose time passes as the test wants, for good."""
    page = browser.new_page(viewport=SIZE)
    page.clock.install()
    with watched(page, file.as_uri()):
        page.evaluate("begin()")
        yield page
    page.close()


def column(values):
    """As JSON can hold it: no number is what is not finite."""
    return [v if np.isfinite(v) else None for v in values.tolist()]


def history(f, h, rate, epochs):
    """A run of nnlib, as the page has it."""
    run = train(Experiment(f, h, rate, epochs))
    x, y = get_train_set(f)
    squares = (run.grad_U**2).sum((1, 2)) + (run.grad_V**2).sum(1)
    seen = [*range(0, run.overflow_epoch or epochs + 1, 50)]
    curvature = sharpness(run, seen)
    above = np.flatnonzero(curvature > 2 / rate)
    return run, {
        "state": STANDARD | {"f": f.__name__, "h": h, "rate": rate, "epochs": epochs},
        "h": h,
        "epochs": epochs,
        "count": epochs + 1,
        "test_error": column(run.test_error),
        "train_error": column(run.train_error),
        "U": [[column(run.U[:, i, j]) for j in (0, 1)] for i in range(h - 1)],
        "V": [column(run.V[:, i]) for i in range(h)],
        "gradient_norm": column(np.append(np.sqrt(squares), np.nan)),
        "angle": column(np.linspace(0, np.pi, epochs + 1)),
        "best_epoch": run.best_epoch,
        "first_rise": first_rise(run),
        "overflow_epoch": run.overflow_epoch,
        "checksum": run.checksum(),
        "sharpness": {"epochs": seen, "values": curvature.tolist()},
        "crossing": seen[above[0]] if above.size else None,
        "train_set": {"x": x.tolist(), "y": y.tolist()},
    }


@pytest.fixture(scope="module")
def shaken():
    return history(f1, 3, 1, 1000)


def show(page, packed, epoch, kept=None):
    page.evaluate(
        "([run, kept, epoch]) => show(unpack(run), kept && unpack(kept), epoch)",
        [json.dumps(packed), kept and json.dumps(kept), epoch],
    )
    settle(page, 200)  # so that what rests has followed


def panel(page, title):
    return page.locator("figure.lab-panel", has=page.get_by_text(title, exact=True))


def value(page, title, name):
    entries = panel(page, title).locator("li", has=page.locator(".lab-name"))
    names = [text.replace("\n", "") for text in entries.locator(".lab-name").all_inner_texts()]
    return entries.locator(".lab-value").nth(names.index(name)).inner_text()


def epoch(page):
    settle(page)
    return page.evaluate("moved.at(-1)")


def range_shown(page):
    settle(page)
    return page.inner_text(".lab-range > span")


@pytest.mark.parametrize(
    ("number", "free", "fixed"),
    [
        (0, "0", "0.0000"),
        (-0.0, "0", "0.0000"),
        (-1e-9, "−1.000\u202f×\u202f10⁻⁹", "0.0000"),
        (-12.3456, "−12.35", "−12.346"),
        (0.0007672, "0.0007672", "0.0008"),
        (9999.96, "10000", "10000.0"),
        (-2.5e300, "−2.500\u202f×\u202f10³⁰⁰", "−2.50\u202f×\u202f10³⁰⁰"),
    ],
)
def test_numbers_are_written_as_in_print(page, number, free, fixed):
    assert page.evaluate("v => [lab.scales.number(v), lab.scales.number(v, true)]", number) == [
        free,
        fixed,
    ]
    assert page.evaluate("lab.scales.number(NaN)") == "–"


@pytest.mark.parametrize("kind", ["linear", "logarithmic", "symlog"])
def test_ticks_are_few_and_stand_where_they_belong(page, kind):
    rng = np.random.default_rng(1)
    for size in 10.0 ** rng.uniform(-8, 8, 50):
        high = float(size * (1 + rng.random()))
        low = float(size * rng.random()) if kind == "logarithmic" else -float(size * rng.random())
        if kind == "symlog":
            low, high = 1e6 * low - 1, 1e6 * high + 10
        ticks = page.evaluate(
            """([kind, low, high]) => {
                const scale = lab.scales[kind](low, high);
                return scale.ticks.map(({ value, label }) => [value, label, scale.place(value)]);
            }""",
            [kind, low, high],
        )
        assert 1 <= len(ticks) <= 13 - 6 * (kind == "linear"), (low, high)
        assert len({label for _, label, _ in ticks}) == len(ticks), (low, high)
        assert all(-0.01 <= place <= 1.01 for _, _, place in ticks), (low, high)


@pytest.mark.parametrize("low", [0.0, 0.123456, -1.5, 3.25, 98765.4])
def test_ticks_of_a_narrow_axis_are_short_and_different(page, low):
    for width in 10.0 ** np.arange(-17, 1):
        labels = page.evaluate(
            "([low, high]) => lab.scales.linear(low, high).ticks.map(({ label }) => label)",
            [low, low + float(width)],
        )
        assert 1 <= len(labels) <= 7, (low, width)
        assert len(set(labels)) == len(labels), (low, width, labels)
        assert max(map(len, labels)) <= 8, (low, width, labels)


def test_the_weights_of_the_network_are_said(page, shaken):
    run, known = shaken
    page.evaluate("([text, epoch]) => show(unpack(text), null, epoch)", [json.dumps(known), 700])
    label = page.locator(".lab-network svg[role=img]")
    page.wait_for_function(
        "node => node.getAttribute('aria-label')?.includes('At epoch 700')",
        arg=label.element_handle(),
    )
    said = label.get_attribute("aria-label").replace("\u2212", "-")
    assert f"U1,0 {run.U[700, 1, 0]:.4f}" in said
    assert f"V2 {run.V[700, 2]:.4f}" in said


def test_what_is_learned_is_said(page, shaken):
    _, known = shaken
    page.evaluate("([text, epoch]) => show(unpack(text), null, epoch)", [json.dumps(known), 700])
    label = page.locator("svg[role=img][aria-label^='What is learned']")
    page.wait_for_function(
        "node => node.getAttribute('aria-label').includes('At epoch 700')",
        arg=label.element_handle(),
    )
    said = label.get_attribute("aria-label")
    assert "At epoch 700: at x = 0.0000, target 1.0000, learned " in said


def test_no_spike_is_lost_on_few_pixels(page):
    values = np.sin(np.arange(10_001) / 700)
    values[[1234, 5678]] = 9, -9
    d = page.evaluate(
        "v => lab.curves.path(Float64Array.from(v), v.length, 0, v.length - 1, 300, (x) => x * 10)",
        values.tolist(),
    )
    points = np.array(re.findall(r"[ML]([^ ML]+) ([^ ML]+)", d), dtype=float)
    assert [points[:, 1].min(), points[:, 1].max()] == [-90, 90]
    assert max(np.unique(points[:, 0], return_counts=True)[1]) <= 2
    assert len(points) < 700


def test_the_legends_say_what_the_run_was_at_the_cursor(page, shaken):
    run, packed = shaken
    show(page, packed, 754)
    assert value(page, "Error", "test") == f"{run.test_error[754]:.7f}"
    for i in (0, 1):
        shown = value(page, "Weights U, second column", f"U{i},1")
        assert shown == f"{run.U[754, i, 1]:.4f}".replace("-", "−")
    assert value(page, "Weights V", "V2") == f"{run.V[754, 2]:.4f}"
    page.get_by_label("values at x =").fill("-2")
    settle(page)
    learned = float(value(page, "What is learned", "learned"))
    assert learned == pytest.approx(run.predict(-2, 754), abs=1e-4)
    field = page.get_by_label("values at x =")
    for typed in ("7", ""):
        field.fill(typed)
        assert field.get_attribute("aria-invalid") == "true"
        wrong = page.get_by_text(
            "x must be a number from −5 to 5. The values are still those at −2."
        )
        assert wrong.is_visible()
    field.fill("-2")
    assert field.get_attribute("aria-invalid") is None and not wrong.is_visible()
    parts = [float(value(page, "What is learned", name)) for name in ("V0H0", "V1H1", "V2")]
    assert sum(parts) == pytest.approx(learned, abs=2e-4)
    assert "at epoch 754" in panel(page, "Error").inner_text()
    page.get_by_text("The values at the cursor").click()
    page.wait_for_selector(".lab-values tbody tr")
    table = page.inner_text(".lab-values")
    assert "At epoch 754" in table
    assert f"{run.V[754, 0]:.4f}" in table


def test_the_keys_move_the_cursor(page, shaken):
    show(page, shaken[1], 500)
    page.get_by_label("Epoch", exact=True).focus()
    for key, wanted in [
        ("ArrowRight", 501),
        ("Shift+ArrowLeft", 491),
        ("PageUp", 591),
        ("Home", 0),
        ("ArrowLeft", 0),
        ("PageDown", 0),
        ("End", 1000),
        ("ArrowUp", 1000),
    ]:
        page.keyboard.press(key)
        assert epoch(page) == wanted, key
    field = page.get_by_label("Epoch, as a number")
    for typed, wanted in [("12", 12), ("5000", 1000), ("-3", 0), ("", 0)]:
        field.fill(typed)
        field.press("Enter")
        assert epoch(page) == wanted, typed
        assert field.input_value() == str(wanted)


def test_the_pointer_drags_the_cursor_and_the_keys_go_on_from_there(page, shaken):
    show(page, shaken[1], 500)
    box = panel(page, "Norm of the gradient").locator(".lab-plot").bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    first = epoch(page)
    page.mouse.move(box["x"] + 250, box["y"] + 90)
    assert epoch(page) > first + 200
    page.mouse.move(box["x"] + 5000, box["y"] + 90)
    assert epoch(page) == 1000
    page.mouse.up()
    page.keyboard.press("Shift+ArrowLeft")
    assert epoch(page) == 990


def test_pointing_shows_the_values_there_and_leaves_the_cursor(page, shaken):
    run, packed = shaken
    show(page, packed, 500)
    before = page.evaluate("moved.length")
    plots = {title: panel(page, title).locator(".lab-plot") for title in ("Error", "Weights V")}
    for title, place in plots.items():
        box = place.bounding_box()
        page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + box["height"] / 2)
        settle(page)
        said = place.locator(".lab-pointed")
        at = int(re.match(r"epoch (\d+)", said.inner_text())[1])
        assert 200 < at < 300
        values = {"Error": (run.test_error[at], run.train_error[at]), "Weights V": run.V[at]}
        for found in values[title]:
            assert f"{found:.4f}"[:6] in said.inner_text()
        assert place.evaluate("plot => getComputedStyle(plot).cursor") == "ew-resize"
    assert not plots["Error"].locator(".lab-pointed").is_visible()  # the mouse is elsewhere
    assert page.evaluate("moved.length") == before
    page.mouse.down()
    assert not plots["Weights V"].locator(".lab-pointed").is_visible()  # it drags the cursor
    page.mouse.up()


def test_of_many_curves_the_nearest_one_has_its_value_where_the_mouse_is(page):
    run, packed = history(f2, 8, 0.1, 300)
    show(page, packed, 0)
    place = panel(page, "Weights V").locator(".lab-plot")
    box = place.bounding_box()
    page.mouse.move(box["x"] + box["width"] - 14, box["y"] + 10)
    highest = int(np.argmax(run.V[-1]))
    (said,) = place.locator(".lab-pointed div").all_text_contents()
    name, value = said.split(" ")
    assert name == f"V{highest}"
    assert float(value.replace("\u2212", "-")) == pytest.approx(run.V[-1, highest], abs=0.05)


def test_what_can_be_dragged_is_said_by_the_pointer(page, shaken):
    show(page, shaken[1], 500)
    box = page.locator(".lab-strip").bounding_box()
    middle = box["y"] + box["height"] / 2

    def over(share):
        page.mouse.move(box["x"] + share * box["width"], middle)
        return page.locator(".lab-strip").evaluate("strip => getComputedStyle(strip).cursor")

    assert [over(share) for share in (0.001, 0.5, 0.999)] == ["ew-resize", "crosshair", "ew-resize"]
    page.get_by_label("The first epoch shown").fill("300")
    settle(page)
    assert [over(share) for share in (0.1, 0.6)] == ["crosshair", "grab"]


@pytest.mark.parametrize("width", [390, 700, 1300])
@pytest.mark.parametrize("kept", [False, True])
def test_legends_stay_where_they_are_while_the_run_is_played(page, shaken, width, kept):
    page.set_viewport_size({"width": width, "height": 2000})
    show(page, shaken[1], 0, shaken[1] if kept else None)
    places = set()
    for at in (0, 1, 5, 300, 754, 781, 900, 1000):
        page.evaluate("epoch => go(epoch)", at)
        settle(page, 200)
        places.add(
            page.evaluate("""() => JSON.stringify([...document.querySelectorAll(".lab-legend > li")]
                .map((entry) => entry.getBoundingClientRect())
                .map(({ x, y, height }) => [x, y, height]))""")
        )
    assert len(places) == 1


@pytest.mark.parametrize("field", ["Epoch, as a number", "values at x ="])
def test_the_wheel_moves_no_number(page, shaken, field):
    show(page, shaken[1], 500)
    number = page.get_by_label(field)
    before = number.input_value()
    number.click()
    page.mouse.wheel(0, 300)
    settle(page, 200)
    assert number.input_value() == before
    assert page.evaluate("moved.at(-1)") == 500


def test_a_range_is_chosen_in_a_panel_on_the_strip_and_by_keys(page, shaken):
    show(page, shaken[1], 0)
    box = panel(page, "Weights V").locator(".lab-plot").bounding_box()
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + 200, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 50)
    page.mouse.up()
    page.keyboard.up("Shift")
    start, end = map(int, re.findall(r"\d+", range_shown(page)))
    assert 300 < start < end < 1000
    assert epoch(page) == start  # the cursor came along
    ticks = panel(page, "Error").locator(".lab-axes text").all_inner_texts()
    assert "0" not in ticks
    page.get_by_role("button", name="Show all").click()
    assert "drag" in range_shown(page)
    strip = page.locator(".lab-strip").bounding_box()
    middle = strip["y"] + strip["height"] / 2
    page.mouse.click(strip["x"] + 0.7 * strip["width"], middle)
    assert abs(epoch(page) - 700) <= 2
    assert "drag" in range_shown(page)  # a click goes there, and leaves the range alone
    page.get_by_label("The first epoch shown").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        settle(page)
    assert range_shown(page) == "Epochs 3 to 1000 are shown."
    page.get_by_label("Epoch, as a number").fill("0")
    page.get_by_label("Epoch, as a number").press("Enter")
    assert "Epochs 0 to 997" in range_shown(page)  # the range follows the cursor


def test_buttons_lead_to_what_there_is_and_say_what_there_is_not(page, shaken):
    run, packed = shaken
    show(page, packed, 0)
    for label, wanted in [
        ("best epoch", run.best_epoch),
        ("first rise", first_rise(run)),
        ("steps too long from", packed["crossing"]),
    ]:
        page.get_by_role("button", name=label).click()
        assert epoch(page) == wanted, label
    button = page.get_by_role("button", name="overflow")
    assert button.is_disabled()
    assert "none" in button.inner_text()


def test_playing_shows_the_whole_run_in_ten_seconds_and_ends(clocked, shaken):
    page = clocked
    show(page, shaken[1], 1000)
    start = page.evaluate("moved.length")
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(9_000)
    assert page.get_by_role("button", name="Pause").is_visible()
    page.clock.run_for(1_500)
    assert page.get_by_role("button", name="Play").is_visible()
    played = page.evaluate("moved")[start:]
    assert played[0] == 0
    assert played == sorted(played)
    assert played[-1] == 1000
    # Where the error changes, after the onset, it takes longer than its part of the epochs.
    assert sum(e > 742 for e in played) / len(played) > 1.3 * (1000 - 742) / 1000


def test_after_an_overflow_the_axes_can_still_be_read(page):
    with pytest.warns(RuntimeWarning, match="overflows"):
        run, packed = history(f2, 8, 20, 1000)
    show(page, packed, 1000)
    assert f"at epoch {run.overflow_epoch}" in panel(page, "Error").inner_text()
    assert "logarithmic beyond ±1" in panel(page, "Weights V").inner_text()
    for title in ("Error", "Weights U, first column", "Weights V", "Norm of the gradient"):
        labels = panel(page, title).locator(".lab-axes text").all_inner_texts()
        assert 5 <= len(labels) <= 16, title
        assert "1000" not in labels, title  # nothing is left for after the overflow
        paths = panel(page, title).locator(".lab-curves path")
        assert not any("NaN" in path.get_attribute("d") for path in paths.all()), title
    page.get_by_role("button", name="overflow").click()
    assert epoch(page) == run.overflow_epoch


def test_a_kept_run_lies_beneath(page, shaken):
    _, packed = shaken
    run, kept = history(f1, 4, 0.5, 500)
    show(page, packed, 300, kept)
    now = shaken[0]
    errors = f"{now.test_error[300]:.6f} ({run.test_error[300]:.6f})"
    assert value(page, "Error", "test") == errors
    assert value(page, "Weights V", "V0") == f"{now.V[300, 0]:.4f} ({run.V[300, 0]:.4f})"
    # A neuron goes with the neuron of its number, and the bias unit with the bias unit.
    signed = f"– ({run.V[300, 2]:.4f})|{now.V[300, 2]:.4f} ({run.V[300, 3]:.4f})".replace("-", "−")
    assert value(page, "Weights V", "V2") == signed.split("|")[0]
    assert value(page, "Weights V", "bias") == signed.split("|")[1]
    limit = f"{2 / 1:.3f} ({2 / 0.5:.3f})"
    assert value(page, "Sharpness and its limit", "2 / rate") == limit
    learned = value(page, "What is learned", "learned")
    assert learned == f"{now.predict(0, 300):.4f} ({run.predict(0, 300):.4f})"
    faint = page.get_by_text("Faint lines and numbers in brackets are the run you kept.")
    assert faint.is_visible()
    assert panel(page, "Weights V").locator(".lab-kept path").count() == 4
    show(page, packed, 300)
    assert panel(page, "Weights V").locator(".lab-kept path").count() == 0
    assert not faint.is_visible()


@pytest.mark.parametrize(
    ("method", "name", "limits"),
    [
        ({"optimizer": "heavy-ball", "beta": 0.5}, "2 (1 + β) / rate", (3, 3)),
        ({"optimizer": "nesterov", "beta": 0.5}, "2 (1 + β) / (1 + 2 β) / rate", (1.5, 1.5)),
        ({"schedule": "steps", "parts": 2, "drop": 0.5}, "2 / rate", (2, 4)),
        ({"optimizer": "adam"}, None, None),
        ({"optimizer": "halving"}, None, None),
    ],
)
def test_the_limit_is_that_of_the_optimizer(page, shaken, method, name, limits):
    packed = shaken[1] | {"state": shaken[1]["state"] | method}
    packed["crossing"] = None  # of which there would be a line
    show(page, packed, 100)
    frame = panel(page, "Sharpness and its limit")
    jump = page.get_by_role("button", name="steps too long from")
    assert jump.is_visible() == (name is not None)
    assert frame.locator(".lab-curves path").count() == (1 if name is None else 2)
    if name is None:
        assert "/ rate" not in frame.inner_text() and "crossed" not in frame.inner_text()
        return
    for epoch, limit in zip((100, 900), limits, strict=True):
        show(page, packed, epoch)
        assert value(page, "Sharpness and its limit", name) == f"{limit:.3f}"


def test_a_run_is_shown_as_far_as_it_has_come(page, shaken):
    run, packed = shaken
    show(page, {**packed, "count": 201, "checksum": None, "crossing": None}, 1000)
    assert value(page, "Error", "test") == f"{run.test_error[200]:.6f}"
    assert page.get_by_label("Epoch, as a number").input_value() == "200"


def test_one_neuron_stands_out(page, shaken):
    run, packed = shaken
    show(page, packed, 100)
    panel(page, "The network").get_by_role("radio").nth(2).check(force=True)
    settle(page)
    assert value(page, "The network", "U1,0") == f"{run.U[100, 1, 0]:.4f}"
    assert panel(page, "Weights V").locator("path.lab-dim").count() == 2
    panel(page, "The network").get_by_role("radio").first.check(force=True)
    settle(page)
    assert page.locator("path.lab-dim").count() == 0


def test_what_the_network_is_drawn_of_has_names(page, shaken):
    show(page, shaken[1], 100)
    names = panel(page, "The network").locator("title").all_text_contents()
    units = {"x, the input", "the 1 beside the input", "O, the output", "H2, the bias unit"}
    assert units | {"H0, a hidden neuron", "U1,0", "V2"} <= set(names)


LEARNED = "What is learned"


def own(page, packed, target, epoch=100):
    """Show a run while the target is one's own; where in its picture a place is, in pixels."""
    page.evaluate("f => { target = f; }", target)
    show(page, packed, epoch)
    marks = panel(page, LEARNED).evaluate(
        """panel => [...panel.querySelectorAll(".lab-axes line")].map((line, n) => {
            const label = panel.querySelectorAll(".lab-axes text")[n].textContent;
            const { left, right, top } = line.getBoundingClientRect();
            return [Number(label.replace("−", "-")), top, left, right];
        })"""
    )
    (low, bottom, left, right), (high, top, *_) = marks[:2]

    def place(x, y):
        across = left + (x + 5) / 10 * (right - left)
        return across, bottom + (y - low) * (top - bottom) / (high - low)

    return place


def drag(page, *places):
    page.mouse.move(*places[0])
    page.mouse.down()
    for one in places[1:]:
        page.mouse.move(*one, steps=8)
    page.mouse.up()
    settle(page)


def test_a_curve_is_drawn_where_it_is_shown(page, shaken):
    place = own(page, shaken[1], [0] * 41)
    drag(page, place(-2, 1), place(3, 2))
    f = np.array(page.evaluate("target"))
    assert f.shape == (41,)
    inside = slice(12, 33)  # from -2 to 3
    assert np.allclose(f[inside], 1 + (np.linspace(-5, 5, 41)[inside] + 2) / 5, atol=0.05)
    assert not f[:12].any() and not f[33:].any()


def test_a_curve_that_leaves_the_picture_becomes_no_plateau(page, shaken):
    place = own(page, shaken[1], [0, 1])  # of two values, which become 41
    drag(page, place(-4, 1), place(0, 9), place(4, -9))
    f = np.array(page.evaluate("target"))
    x = np.linspace(-5, 5, 41)
    assert np.allclose(f[5:20], (1 + (x + 4) * 2)[5:20], atol=0.3)
    assert np.allclose(f[22:36], (9 - x * 18 / 4)[22:36], atol=0.3)
    assert f[0] == 0 and f[-1] == 1
    drag(page, place(0, 0), place(1, 1e4))
    assert max(page.evaluate("target")) == 100


def test_a_low_curve_is_drawn_in_as_fine_steps(page):
    _, packed = history(f1, 2, 0.1, 50)
    packed["train_set"]["y"] = [0.001 * y for y in packed["train_set"]["y"]]
    packed["V"] = [[0.001 * v for v in row] for row in packed["V"]]
    packed["state"]["f"] = [0.001, 0.002]
    own(page, packed, [0.001, 0.002])
    box = panel(page, LEARNED).locator(".lab-plot").bounding_box()
    left, right = box["x"] + 50, box["x"] + box["width"] - 15
    drag(page, (left, box["y"] + 160), (right, box["y"] + 20))
    f = page.evaluate("target")
    assert len(set(f)) > 30
    assert f == sorted(f)
    assert max(len(str(y)) for y in f) < 9  # and it fits into a link


def test_points_are_put_moved_and_taken_away(page, shaken):
    place = own(page, shaken[1], [[-3, 1]])
    drag(page, place(2, 2))
    [_, (x, y)] = page.evaluate("target")
    assert (x, y) == (pytest.approx(2, abs=0.05), pytest.approx(2, abs=0.05))
    assert panel(page, LEARNED).locator("circle:not(.lab-touch)").count() == 2  # before any run
    drag(page, place(2, 2), place(4, 0.5))
    [first, (x, y)] = page.evaluate("target")
    assert first == [-3, 1]
    assert (x, y) == (pytest.approx(4, abs=0.05), pytest.approx(0.5, abs=0.05))
    page.mouse.click(*place(4, 0.5))
    assert page.evaluate("target") == [[-3, 1]]
    page.mouse.click(*place(-3, 1))
    assert page.evaluate("target") == [[-3, 1]]  # one has to stay
    page.mouse.click(*place(-6, 1))
    assert page.evaluate("target") == [[-3, 1]]  # nothing is beside the picture
    page.evaluate("target = Array.from({ length: 200 }, (_, n) => [n / 50 - 2, 0])")
    page.mouse.click(*place(4, 2))
    assert page.evaluate("target.length") == 200


def test_the_axes_stay_while_a_hand_draws(page, shaken):
    packed = shaken[1]
    place = own(page, packed, [0] * 41)
    page.mouse.move(*place(0, 1))
    page.mouse.down()
    page.mouse.move(*place(1, 20), steps=4)
    higher = packed | {"train_set": {"x": [1.0], "y": [20.0]}}
    text = "all => all.map((one) => one.textContent)"
    axis = panel(page, LEARNED).locator(".lab-axes text")
    before = axis.evaluate_all(text)
    show(page, higher, 100)
    assert axis.evaluate_all(text) == before
    page.mouse.up()
    settle(page)
    assert axis.evaluate_all(text) != before


@pytest.fixture
def touched(browser, file):
    """A page of its own, low enough to scroll, for fingers."""
    page = browser.new_page(viewport={"width": 390, "height": 600}, has_touch=True)
    with watched(page, file.as_uri()):
        page.evaluate("begin()")
        yield page
    page.close()


def swipe(page, *places):
    """A finger from place to place; whether the page scrolled."""
    session = page.context.new_cdp_session(page)
    (x, y), (x1, y1) = places
    steps = [(x + (x1 - x) * n / 10, y + (y1 - y) * n / 10) for n in range(11)]
    before = page.evaluate("scrollY")
    for n, (left, top) in enumerate(steps):
        kind = "touchMove" if n else "touchStart"
        session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": left, "y": top}]}
        )
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    settle(page, 200)
    return page.evaluate("scrollY") != before


def test_a_finger_puts_points_and_can_still_scroll(touched, shaken):
    place = own(touched, shaken[1], [[-3, 1]])
    touched.touchscreen.tap(*place(2, 2))
    settle(touched)
    [_, (x, y)] = touched.evaluate("target")
    assert (x, y) == (pytest.approx(2, abs=0.1), pytest.approx(2, abs=0.1))
    assert not swipe(touched, place(2, 2), place(2, 0))  # a point that is held is moved
    [_, (x, y)] = touched.evaluate("target")
    assert (x, y) == (pytest.approx(2, abs=0.1), pytest.approx(0, abs=0.1))
    before = touched.evaluate("target")
    assert swipe(touched, place(0, 0), place(0, 2))
    assert touched.evaluate("target") == before
    touched.evaluate("scrollTo(0, 0)")
    touched.touchscreen.tap(*place(-3, 1))
    assert touched.evaluate("target") == before[1:]


def test_a_finger_draws_and_can_still_scroll(touched, shaken):
    place = own(touched, shaken[1], [0] * 41)
    assert swipe(touched, place(0, 0.5), place(0, 2.5))
    assert touched.evaluate("target") == [0] * 41
    touched.evaluate("scrollTo(0, 0)")
    assert not swipe(touched, place(-4, 2), place(4, 1))
    f = np.array(touched.evaluate("target"))
    assert np.allclose(f[4:37], np.linspace(2, 1, 33), atol=0.1)


def test_functions_are_read_and_not_changed(page, shaken):
    place = own(page, shaken[1], "f2")
    drag(page, place(0, 1), place(1, 2))
    assert page.evaluate("target") == "f2"
    assert panel(page, LEARNED).locator("input.lab-x").input_value() == "1"


def test_what_each_neuron_adds_where_one_points(page, shaken):
    run, packed = shaken
    place = own(page, packed, "f1", 754)
    x = 2.0
    page.mouse.move(*place(x, 0))
    settle(page)
    H = 1 / (1 + np.exp(-(run.U[754] @ [x, 1])))
    parts = [*run.V[754, :-1] * H, run.V[754, -1]]
    assert [float(value(page, LEARNED, name)) for name in ("V0H0", "V1H1", "V2")] == pytest.approx(
        parts, abs=1e-4
    )
    assert float(value(page, LEARNED, "learned")) == pytest.approx(sum(parts), abs=1e-4)
    # The bars stand on one another, and the last ends at the sum.
    bars = (
        panel(page, LEARNED)
        .locator(".lab-bars rect")
        .evaluate_all(
            "all => all.map((one) => one.getBoundingClientRect()).map((at) => [at.top, at.bottom])"
        )
    )
    sums = np.cumsum([0, *parts])
    for (top, bottom), ends in zip(bars, pairwise(sums), strict=True):
        wanted = sorted(place(x, end)[1] for end in ends)
        assert (top, bottom) == pytest.approx(wanted, abs=2)
    page.mouse.move(*place(x, parts[1]))  # on its curve
    settle(page)
    assert panel(page, "Weights V").locator("path.lab-dim").count() == 2
    page.mouse.move(0, 0)
    settle(page)
    assert page.locator("path.lab-dim").count() == 0


def test_the_picture_stands_alone(page, shaken):
    run, packed = shaken
    show(page, packed, 754)
    text = page.evaluate("panels.svg()")
    root = ET.fromstring(text.encode())
    assert not re.search(r'currentColor|var\(|class=|[ "]style=|data-|href|NaN|undefined', text)
    said = " ".join("".join(element.itertext()) for element in root.iter() if "text" in element.tag)
    for title in ("What is learned", "The network", "Error", "Weights V", "Sharpness"):
        assert title in said
    assert f"{run.test_error[754]:.7f}" in said
    assert "(f1, 3, 1, 1000), epoch 754" in said


@pytest.mark.parametrize("width", [320, 700, 1300])
def test_nothing_is_wider_than_the_page(page, shaken, width):
    page.set_viewport_size({"width": width, "height": 900})
    show(page, shaken[1], 754)
    for _ in range(2):  # and it stays so
        settle(page, 200)
        assert page.evaluate("document.documentElement.scrollWidth") == width
