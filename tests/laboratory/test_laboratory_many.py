"""Many runs beside the one that is shown: the map of the rates, and twenty seeds.

On the page of the engine's tests; what becomes of each run is compared with nnlib.
"""

import numpy as np
import pytest
import test_laboratory_engine as engine
from laboratory_scripts import STANDARD
from test_laboratory_engine import LONG

from nnlib import Experiment, train_many
from nnlib.outcome import outcome
from nnlib.randomness import study
from nnlib.report import display

page = engine.page  # the fixture
ASK = """(given) => new Promise((resolve, reject) => {
    const found = new Map();
    let sharpness;
    runs.failed = (message) => reject(new Error(message));
    whole.ask("outcomes", given, (answer) => {
        sharpness ??= answer.sharpness;
        if (answer.n !== undefined) found.set(answer.n, answer.outcome);
        if (answer.what === "done") resolve({ found: [...found], all: answer.all, sharpness });
    });
})"""


def state_of(page, experiment):
    read = page.evaluate("(text) => lab.address.read(text)", display.find_address(experiment))
    assert read["messages"] == []
    return read["state"]


def rates(page):
    return page.evaluate("lab.track.RATES")


def judged(text, rates):
    """What nnlib says of an experiment at each rate."""
    f, h, _, *others = text.split()
    some = [Experiment.parse(" ".join([f, h, repr(rate), *others])) for rate in rates]
    return [outcome(history) for history in train_many(some)]


@pytest.mark.parametrize(
    "text",
    [
        "f1 3 1 1000",
        "f2 8 1 300",
        "f2 3 1 200 noise=2.5 data=11 samples=100",
        "f1 5 1 400 scale=10 weights=7",
        "f1 2 1 60 inputs=side units=both",
        "f1 3 1 200 optimizer=heavy-ball beta=0.8 penalty=0.001",
        "f1 3 1 60 batch=100 shuffle=5",
        "-4:1,0:3,4:2 3 1 300",
        "f1 3 1 300 at=100:rate=0.5 at=200:optimizer=adam:rate=0.01",
    ],
)
def test_the_map_of_the_rates_is_what_nnlib_says(page, text):
    all_rates = rates(page)
    asked = page.evaluate(
        ASK, {"state": state_of(page, Experiment.parse(text)), "rates": all_rates}
    )
    places, outcomes = zip(*sorted(asked["found"]), strict=True)
    assert asked["all"]
    assert outcomes == tuple(judged(text, [all_rates[n] for n in places]))
    # No sixtieth is left out, and where other things become of two rates, none lies between them.
    assert places[0] == 0 and places[-1] == len(all_rates) - 1
    assert len(places) >= 60
    for n in range(1, len(places)):
        gap = places[n] - places[n - 1]
        assert gap <= len(all_rates) / 60
        assert gap == 1 or outcomes[n] == outcomes[n - 1]
    assert len(set(outcomes)) > 1


def test_an_error_that_only_the_test_set_has_too_large(page):
    text = "f1 2 2.758 614 samples=10"
    [history] = train_many([Experiment.parse(text)])
    assert np.isinf(history.test_error[-1]) and np.isfinite(history.train_error[-1])
    asked = page.evaluate(
        ASK,
        {"state": state_of(page, Experiment.parse(text)), "rates": [2.758 + n for n in range(9)]},
    )
    assert dict(asked["found"])[0] == "overflow" == outcome(history)


def test_of_a_long_run_few_rates_are_tried_and_of_a_longer_one_none(page):
    long = STANDARD | {"h": 20, "epochs": 8000}
    asked = page.evaluate(ASK, {"state": long, "rates": [1e-3] * 30 + [1e-2] * 31})
    assert not asked["all"] and 9 <= len(asked["found"]) < 20
    assert page.evaluate(ASK, {"state": LONG, "rates": rates(page)})["found"] == []


def test_the_map_gives_way_to_a_run_and_goes_on_after_it(page):
    order = page.evaluate(
        """async ([slow, quick]) => {
            const order = [];
            let answers = 0;
            const map = new Promise((resolve) => {
                whole.ask("outcomes", { state: slow, rates: lab.track.RATES }, (answer) => {
                    if (answer.n !== undefined) answers++;
                    if (answers === 3) resolve();
                    if (answer.what === "done") order.push(["map", answers]);
                });
            });
            await map;
            const { checksum } = await finished(quick);
            order.push(["run", answers]);
            while (order.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
            return [...order, checksum];
        }""",
        [STANDARD | {"f": "f2", "h": 8}, STANDARD],
    )
    (first, before), (second, after), checksum = order
    assert (first, second) == ("run", "map")
    assert 3 <= before < 10 < 60 < after
    [history] = train_many([Experiment.parse("f1 3 0.1 1000")])
    assert checksum == history.checksum()


def test_another_map_takes_the_place_of_the_one_before(page):
    found = page.evaluate(
        """async ([one, other]) => {
            const from = [];
            const ask = (state, name) => new Promise((resolve) => {
                whole.ask("outcomes", { state, rates: lab.track.RATES }, (answer) => {
                    from.push(name);
                    if (answer.n !== undefined || answer.what === "done") resolve(answer);
                });
            });
            await ask(one, "one");
            const last = ask(other, "other");
            from.length = 0;
            await last;
            return from;
        }""",
        [STANDARD | {"f": "f2", "h": 8}, STANDARD],
    )
    assert set(found) == {"other"}


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ({}, "The run is too long to be tried at many rates."),
        (
            {0: "stable", 800: "stable"},
            "What becomes of the run: calm at every rate from 0.001 to 100.",
        ),
        (
            {0: "stable", 1: "oscillation", 2: "divergence", 160: "divergence", 161: "overflow"},
            "What becomes of the run: calm up to 0.001, shakes at 0.00102, "
            "diverges from 0.00104 to 0.01, overflows from 0.0102 on.",
        ),
        (
            {0: "stable", 300: "stable", 312: "overflow", 800: "overflow"}
            | {301 + n: ("oscillation", "divergence")[n % 2] for n in range(9)},
            "What becomes of the run: calm up to 0.08, overflows from 0.092 on. "
            "At rates that are left out, it changes from one to the next.",
        ),
    ],
)
def test_the_map_in_words(page, found, wanted):
    sparse = [found.get(n) for n in range(len(rates(page)))]
    assert (
        page.evaluate("(found) => lab.track.tell(found.map((one) => one ?? undefined))", sparse)
        == wanted
    )
    if found:
        some = page.evaluate(
            "(found) => lab.track.tell(found.map((one) => one ?? undefined), false)", sparse
        )
        assert some == f"{wanted} No more than {len(found)} rates were tried, as the run is long."


# --- twenty seeds --------------------------------------------------------------------------------

MANY = """(given) => new Promise((resolve, reject) => {
    const all = [];
    runs.failed = (message) => reject(new Error(message));
    whole.ask("seeds", given, ({ what, run, quartiles }) => {
        if (run) all.push(run);
        if (what === "done") resolve({
            errors: all.map(({ test_error }) => bytes(test_error)),
            quartiles: quartiles.map(bytes),
            outcomes: all.map(({ outcome }) => outcome),
            stuck: all.map(({ stuck }) => stuck),
            words: lab.seeds.tell(all, { ...given.state, seeds: given.over }),
        });
    });
})"""


def hardly_learned(history):
    """Whether a stable run has learned hardly more than a constant, and does not go on."""
    errors, constant = history.train_error, history.train_set[1].var() / 2
    last = errors[-1]
    still = errors[len(errors) // 2] < 1.01 * last
    return outcome(history) == "stable" and last > 0.95 * constant and still


@pytest.mark.parametrize(
    ("text", "over"),
    [
        ("f1 3 1 300", "weights"),
        ("f1 3 0.0005 300 samples=40", "data"),
        ("f2 8 0.1 400", "weights"),
        ("f1 3 3 300", "weights"),
        ("f1 3 0.01 60 optimizer=adam batch=50", "data"),
    ],
)
def test_twenty_seeds_are_those_of_nnlib(page, text, over):
    experiment = Experiment.parse(text)
    found = page.evaluate(MANY, {"state": state_of(page, experiment), "over": over})
    histories = train_many(experiment.starting(**{over: k}) for k in range(1, 21))
    errors = np.array([history.test_error for history in histories])
    engine.assert_same_bits([engine.doubles(one) for one in found["errors"]], errors)
    assert found["outcomes"] == [outcome(history) for history in histories]
    if experiment.f.__name__ == "f2":
        wanted = [bool(history.last_error > study.STUCK) for history in histories]
        assert 0 < sum(wanted) < 20
    else:
        wanted = [bool(hardly_learned(history)) for history in histories]
    assert found["stuck"] == wanted
    quartiles = [engine.doubles(one) for one in found["quartiles"]]
    infinite = np.where(np.isnan(errors), np.inf, errors)
    with np.errstate(invalid="ignore"):
        parts = np.percentile(infinite, [25, 50, 75], axis=0)
    parts[np.isnan(parts)] = np.inf
    np.testing.assert_allclose(quartiles, parts, rtol=1e-12)
    stuck, last = sum(wanted), infinite[:, -1]
    said = found["words"]
    assert f"{stuck} of 20 ({5 * stuck} %) runs are stuck" in said
    for name, verb in (
        ("oscillation", "oscillate"),
        ("divergence", "diverge"),
        ("overflow", "overflow"),
    ):
        count = found["outcomes"].count(name)
        assert (f", {count} {verb}" in said) == (count > 0)
    if last.min() < 1e5:
        assert f"go from {float(f'{last.min():.3g}'):g} to " in said


def test_points_of_ones_own_have_no_other_samples(page):
    read = page.evaluate("lab.address.read('f=-4:1,0:3,4:2&seeds=data').state.seeds")
    assert read == "none"
    read = page.evaluate("lab.address.read('f=-4:1,0:3,4:2&seeds=weights').state.seeds")
    assert read == "weights"


def test_a_band_has_no_gaps(page):
    path = page.evaluate(
        "lab.curves.area([1, 2, 3], [4, 1e300, 5], 3, 0, 2, 200, (v) => Math.min(v, 1000))"
    )
    assert path == "M0 1L100 2L200 3L200 5L100 1000L0 4z"
