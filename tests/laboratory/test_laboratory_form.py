"""The laboratory's form, drawing, words and files, in a browser, on a page with nothing else.

What they make of whole runs on the page of the book is tested with the page.
"""

import csv
import json
import re
import shutil
import warnings
from html.parser import HTMLParser
from pathlib import Path

import laboratory  # the extension of Sphinx
import numpy as np
import pytest
from conftest import settle, watched
from laboratory_scripts import STANDARD, open_tab, write_page, write_script
from snapshots import ROOT

from nnlib import Experiment, f1, f2, train
from nnlib.landscape import sharpness
from nnlib.optimizers import OPTIMIZERS
from nnlib.oscillation.onset import threshold
from nnlib.outcome import outcome, shaken_until
from nnlib.report.display import find_address
from nnlib.report.measures import first_rise
from nnlib.start import UNITS

LAB = ROOT / "book" / "lab"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Form</title><body>
<script src="lab.js"></script>
<script>
  let chosen, form, away, comparison;
  function begin() {{
    const states = chosen = [];
    const [controls, takeAway, compare] = ["controls", "take-away", "compare"].map(
      (id) => lab.elements.make("div", {{ id }}));
    document.body.replaceChildren(controls, takeAway, compare);
    const onChange = (state) => {{ states.push(state); own.show(state); }};
    const own = lab.controls.makeControls(controls, {{ onChange }});
    form = own; // what is left of the test before gets to its own
    away = lab.takeaway.makeTakeAway(takeAway, {{ picture: () => "<svg/>" }});
    comparison = lab.compare.makeCompare(compare, {{ onChange() {{}} }});
  }}
  function unpack(text) {{
    const column = (values) => Float64Array.from(values, Number);
    return JSON.parse(text, (key, value) =>
      Array.isArray(value) && typeof value[0] === "string" ? column(value) : value);
  }}
</script>
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return write_page(tmp_path_factory.mktemp("form"), PAGE.format())


@pytest.fixture(scope="module")
def tab(browser, file):
    with open_tab(browser, file) as tab:
        yield tab


@pytest.fixture
def page(tab):
    """The tab, with everything in it made anew."""
    with watched(tab) as page:
        page.evaluate("begin()")
        yield page


def chosen(page):
    """The last state that the form gave away, once it had time to."""
    settle(page)
    return page.evaluate("chosen.at(-1)")


def test_a_choice_is_given_away_at_once_and_then_once_for_each_picture(page):
    at_once = page.evaluate("""() => {
        for (const f of ["f2", "drawn", "f1"]) document.querySelector(`[value=${f}]`).click();
        return chosen.map(({ f }) => f);
    }""")
    assert at_once == ["f2"]
    assert chosen(page)["f"] == "f1"
    assert page.evaluate("chosen.length") == 2


def unfold(page, group):
    page.locator("summary", has_text=group).press("Enter")


def go_to(page, label, **options):
    """By the tabulator key alone."""
    wanted = page.get_by_label(label, exact=True, **options).element_handle()
    page.evaluate("document.activeElement.blur()")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => wanted === document.activeElement", wanted):
            return
    raise AssertionError(f"{label} cannot be reached by keyboard")


@pytest.mark.parametrize(
    ("label", "key", "step", "typed"),
    [
        ("h (2 neurons and a bias)", "h", 4, 20),
        ("Learning rate", "rate", 0.102, 1e-6),
        ("Epochs", "epochs", 1020, 50_000),
        ("Number of samples", "samples", None, 7),
        ("Noise on their values", "noise", 0.01, 0.125),
        ("Share of outliers", "outliers", 0.01, 0.5),
        ("Initial weights times", "scale", 1.02, 100),
    ],
)
def test_a_number_is_chosen_by_keyboard(page, label, key, step, typed):
    unfold(page, "Samples and weights")
    go_to(page, label)
    page.keyboard.press("Control+A")
    page.keyboard.type(str(typed))
    assert page.evaluate("chosen") == []  # what is typed may not be all
    page.keyboard.press("Enter")
    assert chosen(page)[key] == typed
    page.get_by_role("button", name="Reset").press("Enter")
    go_to(page, f"{label.partition(' (')[0]}, slider")
    page.keyboard.press("ArrowLeft" if step is None else "ArrowRight")
    assert chosen(page)[key] == (999 if step is None else step)


@pytest.mark.parametrize(
    ("name", "key", "usual"),
    [
        ("Training samples", "data", "standard"),
        ("Initial weights", "weights", "standard"),
        ("Order of the samples", "order", "drawn"),
    ],
)
def test_a_seed_is_chosen_by_keyboard(page, name, key, usual):
    unfold(page, "Samples and weights")
    group = page.get_by_role("group", name=name, exact=True)
    group.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowRight")
    first = chosen(page)[key]
    assert first.isdigit()
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type(str(2**64 - 1))
    page.keyboard.press("Tab")
    assert chosen(page)[key] == str(2**64 - 1)
    page.keyboard.press("Enter")  # a new seed, the next one
    assert chosen(page)[key] == group.get_by_role("textbox").input_value() == "0"
    group.get_by_role("radio").last.press("ArrowLeft")
    assert chosen(page)[key] == usual


def visible(page):
    """The names of the choices of how it learns that are there."""
    page.locator("summary", has_text="How it learns").evaluate(
        "line => line.parentElement.open = true"
    )
    fields = page.locator("details", has_text="How it learns").locator(".lab-field:visible")
    return fields.evaluate_all("all => all.map((one) => one.dataset.key)")


def test_an_optimizer_is_chosen_and_what_it_needs_appears(page):
    kinds = page.get_by_label("Optimizer", exact=True)
    always = ["schedule", "batch", "penalty"]
    assert visible(page) == ["optimizer", *always]
    for name, own in {
        "heavy-ball": ["beta", *always],
        "adam": ["beta1", "beta2", "epsilon", *always],
        "armijo": ["slope", "up", "down", "schedule", "penalty"],
        "angle": ["small", "large", "up", "down", "patience", "batch", "penalty"],
        "descent": always,
    }.items():
        kinds.select_option(name)
        assert chosen(page)["optimizer"] == name
        assert visible(page) == ["optimizer", *own]
        about = page.locator(f"#{kinds.get_attribute('aria-describedby')}").text_content()
        assert about == OPTIMIZERS[name].__doc__.partition("\n")[0]
    page.get_by_label("Schedule of the rate").select_option("steps")
    batch = page.get_by_label("Samples in a batch (all at once)")
    batch.fill("10")
    batch.press("Enter")
    assert visible(page) == [
        "optimizer",
        "schedule",
        "parts",
        "drop",
        "batch",
        "penalty",
        "shuffle",
    ]
    assert chosen(page)["batch"] == 10


def test_what_is_usual_stays_so_and_what_was_chosen_stays(page):
    visible(page)
    kinds = page.get_by_label("Optimizer", exact=True)
    for name, down, up in (("rprop", 0.5, 1.2), ("armijo", 0.5, 2), ("halving", 0.5, 1)):
        kinds.select_option(name)
        state = chosen(page)
        assert (state["down"], state["up"]) == (down, up)
    page.get_by_label("Lowered, times", exact=True).fill("0.25")
    page.keyboard.press("Enter")
    kinds.select_option("angle")
    state = chosen(page)
    assert (state["down"], state["up"]) == (0.25, 1.1)
    kinds.select_option("adam")
    assert chosen(page) == page.evaluate("({ ...lab.fields.DEFAULT, optimizer: 'adam' })")


def test_a_batch_has_no_more_samples_than_there_are(page):
    visible(page)
    unfold(page, "Samples and weights")
    for label, typed in (("Samples in a batch (all at once)", 700), ("Number of samples", 500)):
        page.get_by_label(label, exact=True).fill(str(typed))
        page.keyboard.press("Enter")
    assert chosen(page)["batch"] == 500
    batch = page.get_by_label("Samples in a batch", exact=True)
    batch.fill("501")
    page.keyboard.press("Enter")
    error = page.locator(f"#{batch.get_attribute('aria-describedby')}")
    assert "a whole number from 0 to 500" in error.text_content()


def test_how_inputs_are_spread_is_chosen_by_keyboard(page):
    unfold(page, "Samples and weights")
    page.get_by_role("group", name="Inputs of the samples").get_by_role("radio").first.focus()
    for inputs in ("grid", "gap", "side", "uniform"):
        page.keyboard.press("ArrowRight")
        assert chosen(page)["inputs"] == inputs


def test_an_experiment_of_the_book_is_chosen_by_keyboard(page):
    go_to(page, "Experiment")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    state = chosen(page)
    assert (
        page.get_by_label("Experiment", exact=True)
        .evaluate("select => select.selectedOptions[0].textContent")
        .startswith(f"({state['f']}, {state['h']}, {state['rate']}, {state['epochs']})")
    )
    page.get_by_label("f2, sin(x)").press("Space")
    assert chosen(page)["f"] == "f2"


@pytest.mark.parametrize(
    ("label", "typed", "allowed"),
    [
        ("h (2 neurons and a bias)", "21", "a whole number from 2 to 20"),
        ("h (2 neurons and a bias)", "", "a whole number from 2 to 20"),
        ("Learning rate", "0", "a number from 0.000001 to 1000"),
        ("Learning rate", "<b>fast</b>", "a number from 0.000001 to 1000"),
        ("Epochs", "0.5", "a whole number from 1 to 50000"),
        ("Seed, Training samples", "-1", f"Allowed is a whole number from 0 to {2**64 - 1}."),
    ],
)
def test_what_is_out_of_range_is_said_beside_it(page, label, typed, allowed):
    unfold(page, "Samples and weights")
    field = page.get_by_label(label, exact=True)
    usual = field.input_value()
    field.fill(typed)
    page.keyboard.press("Tab")
    assert page.evaluate("chosen") == []
    assert field.get_attribute("aria-invalid") == "true"
    error = page.locator(f"#{field.get_attribute('aria-describedby')}")
    assert allowed in error.text_content()
    assert typed in error.text_content()
    page.get_by_role("button", name="Reset").press("Enter")
    assert field.input_value() == usual
    assert field.get_attribute("aria-invalid") is None
    assert error.text_content() == ""


def test_the_cursor_stays_or_is_at_the_end(page):
    page.evaluate("form.moveTo(300)")
    for label, typed, epoch in (
        ("Learning rate", 1, 300),
        ("Epochs", 200, 200),
        ("Epochs", 400, 400),
    ):
        field = page.get_by_label(label, exact=True)
        field.fill(str(typed))
        field.press("Enter")
        assert chosen(page)["epoch"] == epoch


def test_a_comma_is_a_decimal_point_as_well(page):
    field = page.get_by_label("Learning rate", exact=True)
    field.fill("0,25")
    field.press("Enter")
    assert chosen(page)["rate"] == 0.25
    field.fill("1,000")  # one, or a thousand?
    field.press("Enter")
    assert field.get_attribute("aria-invalid") == "true"


def test_a_curve_is_typed_value_by_value(page):
    page.get_by_label("a curve of my own").press("Space")
    assert chosen(page)["f"] == [round(float(y), 2) for y in f1(np.linspace(-5, 5, 41))]
    page.get_by_role("button", name="a straight line").press("Enter")
    assert chosen(page)["f"][:3] == [-1, -0.95, -0.9]
    page.get_by_text("One value after the other").press("Enter")
    page.get_by_label("x", exact=True).fill("5")
    page.get_by_label("value", exact=True).fill("2.5")
    assert chosen(page)["f"][-2:] == [0.95, 2.5]
    page.get_by_label("value", exact=True).fill("101")
    assert chosen(page)["f"][-1] == 2.5
    assert page.get_by_text("The value must be a number from \u2212100 to 100").count() == 1
    page.get_by_label("f2, sin(x)").check()
    page.get_by_label("a curve of my own").check()
    assert chosen(page)["f"][-2:] == [0.95, 2.5]  # it is not lost


READ = {
    "1,2\n3,4": [[1, 2], [3, 4]],
    "\ufeffx,y\r\n1,2\r\n\r\n3,4\r\n": [[1, 2], [3, 4]],
    '"x";"y"\n"1,5";"-2,25"\n': [[1.5, -2.25]],
    "1,5\t2\n-5\t1e2": [[1.5, 2], [-5, 100]],
    "  1.5   2 \n.5 -0": [[1.5, 2], [0.5, 0]],
    "1;2;\n3;4;;": [[1, 2], [3, 4]],
    "5,0.1234567890123456789": [[5, 0.12345678901234568]],
}


@pytest.mark.parametrize("given", READ)
def test_points_are_read_as_programs_write_them(page, given):
    found = page.evaluate("text => lab.pasted.readPoints(text)", given)
    assert found == {"points": READ[given], "errors": []}
    again = page.evaluate(
        "text => lab.pasted.writePoints(lab.pasted.readPoints(text).points)", given
    )
    assert page.evaluate("text => lab.pasted.readPoints(text).points", again) == READ[given]


REFUSED = {
    "": "There are no points. Allowed are 1 to 200.",
    "x,y": "There are no points.",
    "1,2\n" * 201: "There are 201 points. Allowed are 1 to 200.",
    "1,2\n3": "Line 2: “3” has 1 column. Allowed are two, x and y.",
    "1,2,3": "Line 1: “1,2,3” has 3 columns.",
    "1,5,2,5": "Where commas are decimal, put a semicolon between them.",
    "1;2\nx;y": "Line 2: x is “x”. Allowed is a number from −5 to 5.",
    "x;2": "Line 1: x is “x”.",
    "1,2\n\n7,1": "Line 3: x is “7”. Allowed is a number from −5 to 5.",
    "1,2\n1,101": "Line 2: y is “101”. Allowed is a number from −100 to 100.",
    "1,NaN": "y is “NaN”",
    "1,Infinity": "y is “Infinity”",
    "1,0x10": "y is “0x10”",
    "1,": "y is “”",
    "1,alert(1)": "y is “alert(1)”",
    "x,y\n" + "9,1\n" * 9: "And 6 more lines.",
}


@pytest.mark.parametrize("given", REFUSED)
def test_what_are_no_points_is_said_line_by_line(page, given):
    found = page.evaluate("text => lab.pasted.readPoints(text)", given)
    assert found["points"] == []
    assert REFUSED[given] in " ".join(found["errors"])


def test_points_are_typed_and_nothing_is_lost(page):
    page.get_by_label("data of my own").press("Space")
    first = chosen(page)["f"]
    assert len(first) == 12 and first[0] == [-5, 0.37]
    page.get_by_text("Points as text or from a file").press("Enter")
    field = page.get_by_label("x and y, up to 200 lines")
    assert field.input_value().startswith("-5, 0.37\n-4.09, 0.44\n")
    field.fill("x;y\n1;2,5\n3;abc")
    field.blur()
    assert chosen(page)["f"] == first
    assert field.input_value() == "x;y\n1;2,5\n3;abc"
    assert field.get_attribute("aria-invalid") == "true"
    error = page.locator(f"#{field.get_attribute('aria-describedby')}")
    assert "Line 3: y is “abc”. Allowed is" in error.inner_text()
    assert "The run is as it was." in error.inner_text()
    field.fill("x;y\n1;2,5\n3;4")
    field.blur()
    assert chosen(page)["f"] == [[1, 2.5], [3, 4]]
    assert field.input_value() == "x;y\n1;2,5\n3;4"  # as it was typed
    assert field.get_attribute("aria-invalid") is None and error.inner_text() == ""
    page.evaluate("form.change({ f: [[0, 1]] })")  # as a hand does in the picture
    assert field.input_value() == "0, 1"


def test_points_come_from_a_file(page, tmp_path):
    page.get_by_label("data of my own").check()
    file = tmp_path / "points.csv"
    for text, said in (("x,y\n1,2\n", ""), ("1,2\n3,x\n", "Line 2: y is “x”")):
        file.write_text(text, encoding="utf-8")
        page.get_by_label("Open a file of points").set_input_files(file)
        page.wait_for_function(
            "text => document.querySelector('textarea').value === text", arg=text
        )
        assert chosen(page)["f"] == [[1, 2]]
        assert said in page.locator("textarea ~ .lab-error").inner_text()
    file.write_text("1,2\n" * 30_000, encoding="utf-8")
    page.get_by_label("Open a file of points").set_input_files(file)
    page.get_by_text("“points.csv” has 120 kB. Allowed are 100 kB.").wait_for()
    page.get_by_label("f2, sin(x)").check()
    page.evaluate("form.open([new File(['3;4'], 'dropped.csv')])")
    page.wait_for_function("document.querySelector('textarea').value === '3;4'")
    assert chosen(page)["f"] == [[3, 4]]


@pytest.mark.parametrize(
    ("text", "epoch"),
    [("f1 3 1 800", 754), ("f2 20 0.05 30", 30), ("f2 4 0.1 60 units=both weights=3", 60)],
)
def test_the_formula_is_python_that_gives_the_learned_curve(page, text, epoch):
    experiment = Experiment.parse(text)
    _, history = describe(experiment)
    run, units = train(experiment), experiment.start.units
    page.evaluate(
        """([text, units, epoch]) => {
            const h = unpack(text);
            away.show(h, h.state = { ...h.state, units, epoch });
        }""",
        [history, units, epoch],
    )
    names = {}
    exec(page.locator("#lab-formula").text_content(), names)
    x = np.linspace(-5, 5, 101)
    c, d = UNITS[units]
    assert np.allclose(names["y"](x), run.predict(x / c, epoch) * d, rtol=1e-13, atol=1e-13)
    assert names["y"](0.5) == pytest.approx(names["y"](np.array([0.5]))[0], rel=1e-15)


def test_where_there_is_no_number_there_is_no_formula(page):
    run, history = describe(Experiment(f1, 3, 50, 200))
    page.evaluate(
        "([text, epoch]) => { const h = unpack(text); away.show(h, { ...h.state, epoch }); }",
        [history, run.overflow_epoch + 1],
    )
    said = f"# At epoch {run.overflow_epoch + 1} there is no number left."
    assert page.locator("#lab-formula").text_content() == said


def text(column):
    """Numbers as JavaScript reads them, so that there may be NaN among them."""
    return [repr(float(value)).replace("inf", "Infinity") for value in column]


def limits(experiment):
    """The sharpness above which a zigzag grows, at each epoch."""
    try:
        product = threshold(experiment.optimizer)
    except ValueError:
        return np.full(experiment.epochs + 1, np.inf)
    rates = experiment.learning_rate * experiment.schedule.factors(experiment.epochs)
    return product / np.append(rates, rates[-1])


def describe(experiment, every=10):
    """A run, and the same in JSON, as the page has it."""
    with warnings.catch_warnings(action="ignore"):  # that it overflows
        run = train(experiment)
    last = (run.overflow_epoch or experiment.epochs + 1) - 1
    epochs = sorted({*range(0, last + 1, every), last})
    values = sharpness(run, epochs) + experiment.penalty
    above = np.flatnonzero(values > limits(experiment)[epochs])
    state = STANDARD | {"f": experiment.function_name, "h": experiment.h}
    state |= {"rate": experiment.learning_rate, "epochs": experiment.epochs}
    state |= {"optimizer": experiment.optimizer.name, "schedule": experiment.schedule.name}
    state |= vars(experiment.optimizer) | vars(experiment.schedule)
    state |= {"batch": experiment.batch or 0, "penalty": experiment.penalty}
    return run, json.dumps({
        "state": state, "h": experiment.h, "epochs": experiment.epochs, "count": len(run.U),
        "test_error": text(run.test_error), "train_error": text(run.train_error),
        "train_set": {"y": text(run.train_set[1])},
        "U": [[text(column) for column in neuron.T] for neuron in run.U.swapaxes(0, 1)],
        "V": [text(column) for column in run.V.T],
        "best_epoch": run.best_epoch, "first_rise": first_rise(run),
        "overflow_epoch": run.overflow_epoch, "checksum": run.checksum(),
        "sharpness": {"epochs": epochs, "values": values.tolist()},
        "crossing": epochs[above[0]] if above.size else None,
    })  # fmt: skip


def same(a, b):
    """Whether two arrays have the same bits, but for those of NaN."""
    return np.where(np.isnan(a), np.nan, a).tobytes() == np.where(np.isnan(b), np.nan, b).tobytes()


@pytest.mark.parametrize("experiment", [Experiment(f2, 4, 0.1, 60), Experiment(f1, 3, 50, 100)])
def test_the_files_are_read_back(page, experiment):
    run, history = describe(experiment)
    page.evaluate("text => { const h = unpack(text); away.show(h, h.state); }", history)
    wanted = {
        name: np.asarray(column, float)
        for name, column in run.to_dict().items()
        if not name.startswith("gradient")  # which hold no part of the state of the network
    }

    def download(name):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=name).press("Enter")
        return waiting.value

    table = download("CSV")
    with open(table.path(), encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == list(wanted)
    got = np.array(rows[1:], dtype=float).T
    assert same(got, np.array(list(wanted.values())))
    known = json.loads(download("JSON").path().read_text(encoding="utf-8"))
    assert known["checksum"] == run.checksum()
    assert known["state"]["rate"] == experiment.learning_rate
    line = f"{experiment.h} {experiment.learning_rate:g} {experiment.epochs}"
    assert f'train(Experiment.parse("{known["state"]["f"]} {line}"))' in known["python"]
    assert list(known["columns"]) == list(wanted)
    for name, column in known["columns"].items():
        assert same(np.array([float(value) for value in column]), wanted[name])
    f, h, rate, epochs = (
        known["state"]["f"],
        experiment.h,
        experiment.learning_rate,
        experiment.epochs,
    )
    assert table.suggested_filename == f"{f}-{h}-{rate:g}-{epochs}.csv"
    picture = download("SVG")
    assert picture.suggested_filename == f"{f}-{h}-{rate:g}-{epochs}-epoch-0.svg"
    assert picture.path().read_text().startswith("<svg")
    page.evaluate(
        """text => {
            const h = unpack(text);
            h.state = { ...h.state, data: "7", weights: "8", noise: 0.5, f: [1, 2] };
            away.show(h, h.state);
        }""",
        history,
    )
    name = f"drawn-{h}-{rate:g}-{epochs}-noise-0.5-data-7-weights-8.csv"
    assert download("CSV").suggested_filename == name


PYTHON = 'from nnlib import Experiment, train\n\nhistory = train(Experiment.parse("f1 3 0.5 20"))'


def test_what_is_to_be_copied(page):
    _, history = describe(Experiment(f1, 3, 0.5, 20))
    page.evaluate("text => { const h = unpack(text); away.show(h, h.state); }", history)
    assert page.locator("#lab-python").text_content() == PYTHON
    link = page.url + "#f=f1&h=3&rate=0.5&epochs=20&epoch=0"
    assert page.get_by_role("group", name="Link").text_content() == link
    snippet = page.get_by_role("group", name="To put it").text_content()
    assert "&amp;rate=0.5" in snippet
    frames = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: frames.append((tag, dict(attributes)["src"]))
    parser.feed(snippet)
    assert frames == [("iframe", link.replace("#", "?embed#"))]


def test_where_the_clipboard_is_closed_the_text_is_selected(page):
    _, history = describe(Experiment(f1, 3, 0.5, 20))
    page.evaluate("text => { const h = unpack(text); away.show(h, h.state); }", history)
    page.evaluate("""() => {
        Object.defineProperty(navigator, "clipboard", { value: undefined, configurable: true });
        document.execCommand = () => false;
    }""")
    page.get_by_role("button", name="Copy: The same run").press("Enter")
    assert page.get_by_text("the browser does not let the page copy").count() == 1
    assert page.evaluate("String(getSelection())") == PYTHON


def explain(page, experiment, **options):
    run, history = describe(experiment, **options)
    found = page.evaluate("text => lab.explanation.explain(unpack(text))", history)
    return run, json.loads(history), found


def test_an_overflow_is_explained_by_the_first_sharpness(page):
    run, known, found = explain(page, Experiment(f1, 3, 5, 200))
    first = known["sharpness"]["values"][0]
    assert f"overflows at epoch {run.overflow_epoch}. Its error" in found["text"]
    assert f"The rate 5 is {5 * first / 2:.3g} times 2 / sharpness at epoch 0" in found["text"]
    better = float(f"{1.8 / first:.3g}")
    assert found["action"]["state"] == known["state"] | {"rate": better}
    assert found["action"]["label"].startswith(f"Try a rate of {better:g},")
    assert train(Experiment(f1, 3, better, 200)).last_error < run.test_error[0]


def test_a_divergence_is_explained(page):
    run, known, found = explain(page, Experiment(f1, 3, 2, 100))
    assert found["text"].startswith(
        f"The run diverges: its training error is {run.train_error[0]:.3g}"
    )
    assert f"{2 * known['sharpness']['values'][0] / 2:.3g} times" in found["text"]


def test_an_overflow_of_the_formula_alone_is_explained(page):
    run, known, found = explain(page, Experiment(f2, 8, 1.5, 300))
    lowest = (run.U[..., 1] - 5 * abs(run.U[..., 0])).min(axis=1)
    epoch = int(np.argmax(lowest < -709.78))
    assert run.overflow_epoch is None and epoch > 0
    assert found["text"].startswith(f"The run overflows: at epoch {epoch}, exp(−z) in the formula")
    assert f"its training error is {run.train_error[0]:.3g} at the beginning" in found["text"]
    assert found["action"]["state"] == known["state"] | {"rate": found["action"]["state"]["rate"]}
    assert found["action"]["state"]["rate"] < 1.5


@pytest.mark.parametrize(
    ("experiment", "until"),
    [
        (Experiment(f1, 5, 1, 1000), 57),
        (Experiment(f2, 8, 0.1, 1000), 355),
        (Experiment(f2, 12, 0.05, 1000), 530),
    ],
    ids=str,
)
def test_to_a_run_that_has_settled_nothing_is_offered(page, experiment, until):
    run, _, found = explain(page, experiment)
    assert found["text"].startswith(f"The run shook until epoch {until}, then settled. ")
    assert f"lowest at the end, {run.last_error:.3g}" in found["text"]
    assert "action" not in found


def test_an_oscillation_is_explained_by_the_crossing(page):
    run, known, found = explain(page, Experiment(f1, 3, 1, 1000))
    assert found["text"].startswith("The run oscillates.")
    assert f"At epoch {known['crossing']} the sharpness passed 2 / rate = 2:" in found["text"]
    assert f"It shows after epoch {first_rise(run)}," in found["text"]
    assert f"lowest at epoch {run.best_epoch}, {run.lowest_error:.3g}" in found["text"]
    assert 0.5 < found["action"]["state"]["rate"] < 1


def test_a_crossing_that_does_not_show_yet_is_told(page):
    _, known, found = explain(page, Experiment(f1, 3, 1, 600))
    assert f"At epoch {known['crossing']} the sharpness passed" in found["text"]
    assert found["action"]["state"]["epochs"] == 1200


def test_a_calm_run_is_one_thought(page):
    run, known, found = explain(page, Experiment(f1, 3, 0.1, 300))
    assert found["text"] == (
        f"The error never rises and ends at {run.last_error:.3g}. The sharpness is "
        f"{max(known['sharpness']['values']):.3g} at most and stays below 2 / rate = 20, "
        "so that no step is too long."
    )
    assert "action" not in found


def claims(run):
    """What an explanation has to say of a run, and what it must not."""
    rises = "The error rises at" if (np.diff(run.test_error) > 0).any() else "never rises"
    becomes, until = outcome(run), shaken_until(run)
    if becomes in ("overflow", "divergence"):
        return {"The run overflows" if becomes == "overflow" else "The run diverges"}
    best = run.best_epoch
    if becomes == "oscillation":  # it overfits, if it does so for long
        end = min(len(run.test_error[1:]) * 9 // 10, len(run.test_error) - 2)
        higher = run.test_error[end:].min() > 1.01 * run.lowest_error
        fits = run.train_error[end:].max() < run.train_error[best]
        return {"The run oscillates", rises} | ({"overfitting"} if higher and fits else set())
    fits = run.train_error[-1] < run.train_error[best]
    overfits = {"overfitting"} if run.last_error > 1.01 * run.lowest_error and fits else set()
    if until is not None:
        return {f"The run shook until epoch {until}, then settled.", rises} | overfits
    return overfits or {rises}


CLAIMS = (
    "The run overflows|The run diverges|The run oscillates|overfitting|never rises"
    "|The error rises at|The run shook until epoch \\d+, then settled\\."
)
RATES = [0.01, 0.05, 0.1, 0.15, 0.2, 0.4, 0.7, 1, 1.303, 2, 5]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("f", "h", "epochs"), [(f1, 3, 900), (f2, 8, 800), (f2, 20, 600)])
def test_what_is_said_of_a_run_is_true(page, f, h, rate, epochs):
    run, _, found = explain(page, Experiment(f, h, rate, epochs), every=epochs)
    text = found["text"]
    assert set(re.findall(CLAIMS, text)) == claims(run), text
    rises = int((np.diff(run.test_error) > 0).sum())
    if "rises at" in text:
        assert f"rises at {rises} of {epochs} epochs" in text
    if "to be seen yet" in text:
        assert rises == 0


METHODS = [
    *(f"f1 3 {rate} 300 optimizer=heavy-ball beta=0.9" for rate in (0.01, 0.3, 1, 2, 5)),
    *(f"f1 3 {rate} 300 optimizer=nesterov beta=0.5" for rate in (0.1, 0.8, 1.2, 2)),
    *(f"f1 3 {rate} 300 optimizer=adam" for rate in (0.01, 0.1, 1, 1000)),
    *(f"f2 8 {rate} 300 optimizer=rmsprop" for rate in (0.003, 0.1, 100)),
    *(f"f1 3 {rate} 300 optimizer=barzilai-borwein" for rate in (0.1, 10)),
    "f1 3 2 300 optimizer=halving",
    *(f"f1 3 {rate} 300 batch={batch}" for rate in (0.1, 1, 5) for batch in (30, 500)),
    *(f"f1 3 {rate} 300 penalty={penalty}" for rate in (0.1, 1, 3) for penalty in (0.001, 1)),
    "f1 3 1 300 penalty=3",
    *(f"f1 3 {rate} 300 schedule=cosine" for rate in (0.1, 1.4, 3)),
    "f1 3 1.3 600 schedule=steps parts=2 drop=0.1",
    "f1 3 0.1 1000 samples=10 noise=0.5 batch=5",
]


@pytest.mark.parametrize("text", METHODS)
def test_what_is_said_of_another_method_is_true(page, text):
    experiment = Experiment.parse(text)
    run, known, found = explain(page, experiment, every=5)
    said, limit = found["text"], limits(experiment)
    wanted = claims(run)
    if experiment.batch:  # whose last error may be a high one by chance
        wanted -= {"overfitting"}
        if shaken := shaken_until(run):
            wanted -= {f"The run shook until epoch {shaken}, then settled."}
            oscillates = "The run oscillates" in said or "The run overflows" in said
            assert oscillates or f"A zigzag of the weights lasted until epoch {shaken}." in said
        assert set(re.findall(CLAIMS, said)) - {"overfitting"} >= wanted, said
    elif "is stuck" in said:
        assert experiment.penalty == 1 and "The penalty on large weights may hold it" in said
    else:
        assert set(re.findall(CLAIMS, said)) == wanted, said
    epochs, values = known["sharpness"]["epochs"], np.array(known["sharpness"]["values"])
    above = values > limit[epochs]
    if np.isinf(limit).all():
        assert "sharpness" not in said and "rate =" not in said and "zigzag" not in said
    elif "passed" in said:
        epoch = known["crossing"]
        assert re.search(
            f"At epoch {epoch} the sharpness passed [^=]* = {limit[epoch]:.3g}\\b", said
        )
    elif "stays below" in said or "At no epoch" in said:
        assert not above.any()
    elif "from the beginning" in said or "times 2" in said:
        assert above[0]
        if ratio := re.search(r"is ([\d.e]*) times", said):
            assert float(ratio[1]) == pytest.approx(values[0] / limit[0], rel=0.01)
    if experiment.batch:  # whose steps are not those of which the theory speaks
        assert not re.search("every step|a zigzag|no step|first step|settled", said)
    if "first step" in said or "every step" in said or "no step" in said:
        assert experiment.optimizer.name == "descent"
    if action := found.get("action"):
        rate = action["state"]["rate"]
        if "half" in action["label"]:
            assert rate == experiment.learning_rate / 2
            assert experiment.batch or np.isinf(limit).all()
        elif "rate" in action["label"]:
            worst = (values / limit[epochs])[: 1 if "times 2" in said else None]
            worst = np.nanmax(worst if "oscillates" in said or "times 2" in said else worst[:1])
            assert rate / experiment.learning_rate * worst < 0.91


def test_the_limit_is_that_of_nnlib(page):
    for text in (
        "f1 3 0.5 9",
        "f1 3 0.5 9 optimizer=heavy-ball beta=0.9",
        "f1 3 0.5 9 optimizer=nesterov beta=0.3",
        "f1 3 0.5 9 optimizer=adam",
        "f1 3 0.5 9 optimizer=halving",
        "f1 3 0.5 9 schedule=steps parts=4 drop=0.3",
        "f1 3 0.5 9 schedule=inverse half=2",
        "f1 3 0.5 9 schedule=cosine optimizer=heavy-ball beta=0.5",
    ):
        found = page.evaluate(
            """address => {
                const limit = lab.rates.limitOf(lab.address.read(address).state);
                return limit && Array.from({ length: 9 }, (_, epoch) => limit.at(epoch));
            }""",
            find_address(Experiment.parse(text)),
        )
        wanted = limits(Experiment.parse(text))[:-1]
        if found is None:
            assert np.isinf(wanted).all()
        else:
            np.testing.assert_allclose(found, wanted, rtol=1e-14)


def test_a_rise_in_the_last_digit_is_not_overfitting(page):
    run, _, found = explain(page, Experiment.parse("f1 3 0.1 1000 samples=1"), every=1000)
    assert claims(run) <= {"never rises", "The error rises at"}
    assert next(iter(claims(run))) in found["text"]
    assert "overfitting" not in found["text"]


def test_a_noisy_training_set_is_overfitted(page):
    noisy = Experiment.parse("f1 3 0.05 3000 samples=10 noise=0.5")
    run, _, found = explain(page, noisy, every=3000)
    assert claims(run) == {"overfitting"}
    assert "That is overfitting." in found["text"]


def test_a_run_that_oscillates_and_overfits_is_told_both(page):
    noisy = Experiment.parse("f1 8 0.5 3000 noise=10 samples=30")
    run, _, found = explain(page, noisy, every=3000)
    assert claims(run) == {"The run oscillates", "The error rises at", "overfitting"}
    assert found["text"].startswith("The run oscillates.")
    assert f"lowest at epoch {run.best_epoch}, {run.lowest_error:.3g}, and ends at" in found["text"]
    assert "That is overfitting." in found["text"]


def test_a_training_error_that_hardly_falls_is_overfitting_as_well(page):
    noisy = Experiment.parse("f1 3 0.1 1000 noise=10")
    run, _, found = explain(page, noisy, every=1000)
    assert run.last_error > 2 * run.lowest_error
    assert 0.99 < run.train_error[-1] / run.train_error[run.best_epoch] < 1
    assert claims(run) == {"overfitting"}
    assert "That is overfitting." in found["text"]


def test_a_run_that_has_learned_a_constant_is_stuck(page):
    run, _, found = explain(page, Experiment.parse("f2 2 0.001 500"), every=100)
    constant = np.var(run.train_set[1]) / 2
    assert found["text"].startswith("The run is stuck: it has learned hardly more than a constant.")
    assert f"{constant:.3g}" in found["text"] and f"{run.train_error[-1]:.3g}" in found["text"]
    target = ROOT / "book" / found["link"]["href"].replace(".html", ".md")
    assert target.exists()
    _, _, short = explain(page, Experiment.parse("f1 3 0.1 20"))
    assert "stuck" not in short["text"]  # it goes on


@pytest.mark.parametrize("label", ["h (2 neurons and a bias)", "Epochs"])
def test_the_wheel_changes_no_number(page, label):
    field = page.get_by_label(label, exact=True)
    before = field.input_value()
    field.click()
    page.mouse.wheel(0, 300)
    settle(page, 200)
    assert field.input_value() == before
    assert page.evaluate("chosen") == []


def test_differences_are_said(page):
    def differences(**other):
        return page.evaluate(
            """other => {
                 const { DEFAULT } = lab.fields;
                 return lab.words.differences({ ...DEFAULT, ...other }, DEFAULT);
               }""",
            other,
        )

    assert differences() == differences(epoch=7) == ""
    assert differences(h=8, order="3") == (
        "h is 8 instead of 3; "
        "the samples come in another order: shuffled by seed 3 instead of as drawn"
    )
    assert differences(f="f2", data="7") == (
        "the target is f2 instead of f1; "
        "the samples are those of seed 7 instead of the standard ones"
    )
    assert differences(inputs="gap", outliers=0.1) == (
        "the inputs are with a gap in the middle instead of uniform; "
        "the share of outliers is 0.1 instead of 0"
    )
    assert differences(optimizer="rprop", up=1.2, batch=10) == (
        "the optimizer is Rprop instead of gradient descent; the rate is raised by 1.2 instead of "
        "1; a step sees 10 samples instead of all of them"
    )
    assert differences(f=[0, 1]) == "the target is a drawn curve of 2 values instead of f1"


def test_a_run_is_kept_and_forgotten(page):
    one, first = describe(Experiment(f1, 3, 0.1, 100))
    other, second = describe(Experiment(f1, 4, 0.1, 100))
    page.evaluate("text => comparison.show(unpack(text))", first)
    page.get_by_role("button", name="Keep this run").press("Enter")
    page.evaluate("text => comparison.show(unpack(text))", second)
    assert page.evaluate("comparison.kept.state.h") == 3
    assert (
        page.locator("#compare p")
        .text_content()
        .startswith("Different from the kept run: h is 4 instead of 3.")
    )
    rows = page.locator("#compare tbody tr").all_text_contents()
    assert f"{one.lowest_error:.3g}" in rows[0]
    assert f"{other.lowest_error:.3g}" in rows[1]
    page.get_by_role("button", name="Forget").press("Enter")
    assert page.evaluate("comparison.kept") is None
    assert page.locator("#compare tbody tr").count() == 0


ROWS = """
  color: {
    group: "Look",
    usual: "red",
    name: "Color",
    label: "color",
    said: "the color is",
    words: { red: "red", blue: "the blue one" },
  },
  gloss: {
    group: "Look",
    usual: 0,
    name: "Gloss",
    label: "gloss",
    said: "the gloss is",
    least: 0,
    most: 1,
    reach: [0.1, 1],
  },
  epoch: {"""


def test_another_choice_is_another_row_of_the_table(browser, file, tmp_path, monkeypatch):
    shutil.copytree(laboratory.SCRIPTS, tmp_path / "lab")
    table = tmp_path / "lab" / "fields.js"
    table.write_text(table.read_text("utf-8").replace("\n  epoch: {", ROWS), encoding="utf-8")
    monkeypatch.setattr(laboratory, "SCRIPTS", tmp_path / "lab")
    write_script(tmp_path / "lab.js")
    page = browser.new_page()
    with watched(page, Path(shutil.copy(file, tmp_path)).as_uri()):
        page.evaluate("begin()")
        page.locator("summary", has_text="Look: as in the document").click()
        page.get_by_label("Gloss", exact=True).fill("0.9")
        page.get_by_label("the blue one").check()
        page.locator("summary", has_text="Look: the color is the blue one").wait_for()
        state = page.evaluate("chosen.at(-1)")
        assert (state["color"], state["gloss"]) == ("blue", 0.9)
        address = page.evaluate("lab.address.write(chosen.at(-1))")
        assert address == "#f=f1&h=3&rate=0.1&epochs=1000&color=blue&gloss=0.9"
        read = page.evaluate("text => lab.address.read(text)", address)
        assert (read["state"], read["messages"]) == (state, [])
        line = page.evaluate("lab.address.python(chosen.at(-1))")
        assert '"f1 3 0.1 1000 color=blue gloss=0.9"' in line
        wrong = page.evaluate("lab.address.read('#color=green&gloss=2').messages")
        assert wrong == [
            "color=green: the color must be one of red, blue. It is red now.",
            "gloss=2: the gloss must be a number from 0 to 1. It is 1 now.",
        ]
    page.close()
