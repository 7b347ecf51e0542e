"""The engine of the laboratory: in a browser, the bits of nnlib.

Its scripts are put on a page of their own that is opened from a file, with those of the worker
beside them, so that they can be asked one by one.
"""

import json
import math
import os
import re
import struct
import subprocess
import warnings
from dataclasses import MISSING, fields

import laboratory  # the extension of Sphinx
import numpy as np
import pytest
from conftest import watched
from deno import find_deno_bin
from histories import BY_HAND, ONCE_JUDGED_DIFFERENTLY, synthetic
from hypothesis import given
from hypothesis import strategies as st
from laboratory_scripts import STANDARD, write_script

from nnlib import (
    Experiment,
    elementary,
    elsewhere,
    f1,
    f2,
    get_initial_weights,
    get_new_random_dataset,
    get_new_random_weights,
    get_test_set,
    get_train_set,
    train,
)
from nnlib.kernel import OPTIMIZERS as OPTIMIZERS_OF_THE_KERNEL
from nnlib.landscape import sharpness, spectrum
from nnlib.landscape.valley import find_map, find_valley
from nnlib.methods import batches, preconditioned
from nnlib.network import SEED, unpack
from nnlib.normal import normal
from nnlib.optimizers import OPTIMIZERS, SCHEDULES
from nnlib.optimizers.least_squares import spread_weights
from nnlib.oscillation.momentum import MOMENTUM
from nnlib.outcome import outcome, shaken_until
from nnlib.report import display
from nnlib.report.claims import DOCUMENTS, load
from nnlib.report.measures import first_rise
from nnlib.report.runs import trained
from nnlib.start import STARTS, UNITS

OF_THE_TEST = """
const bytes = (values) => Array.from(new Uint8Array(Float64Array.from(values).buffer),
    (byte) => byte.toString(16).padStart(2, "0")).join("");
const numbers = (hex) => new Float64Array(
    Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16)).buffer);
const runs = { pieces: [] };
const on = {
    onStart: (history) => { runs.started = history; },
    onDone: (history) => runs.done?.(history),
    onSharpness: (history) => history.crossing !== undefined && runs.sharp?.(history),
    onError: (message) => runs.failed?.(message),
};
const whole = lab.trainer.makeTrainer(on);  // it is not waited for anybody who draws pieces
const trainer = lab.trainer.makeTrainer({
    ...on,
    onPiece: (history) => runs.pieces.push([performance.now(), history.state, history.count]),
});
const finished = (state, what = "done", by = whole) => new Promise((resolve, reject) => {
    runs[what] = resolve;
    runs.failed = (message) => reject(new Error(message));
    by.run(state);
});
"""


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("laboratory")
    write_script(folder / "lab.js")
    (folder / "test.js").write_text(OF_THE_TEST)
    scripts = '<script src="lab.js"></script><script src="test.js"></script>'
    policy = "default-src 'none'; script-src file: 'wasm-unsafe-eval'; worker-src blob:"
    path = folder / "page.html"
    path.write_text(
        '<!doctype html><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">{scripts}'
    )
    with watched(browser.new_page(), path.as_uri()) as page:
        yield page


def doubles(hexadecimal):
    return np.frombuffer(bytes.fromhex(hexadecimal), dtype="<f8")


def values(page, function, x, module="numbers"):
    """What a function of one number gives for many, with their bits."""
    bits = np.asarray(x, dtype="<f8").tobytes().hex()
    return doubles(page.evaluate(f"(x) => bytes(numbers(x).map(lab.{module}.{function}))", bits))


def assert_same_bits(ours, theirs):
    ours, theirs = (np.array(a, dtype="<f8").ravel() for a in (ours, theirs))
    assert ours.shape == theirs.shape
    differ = (ours.view("<i8") != theirs.view("<i8")) & ~(np.isnan(ours) & np.isnan(theirs))
    assert not differ.any(), (ours[differ][:3], theirs[differ][:3])


EDGES = [0.0, -0.0, 5e-324, -5e-324, 1e-308, 1e308, math.inf, -math.inf, math.nan, 1.0, -1.0]


@pytest.mark.parametrize("size", [1, 40, 750, 1e-8])
def test_exp(page, size):
    around = [709.78, 709.79, -708.4, -745.13, -745.14, 745, -746, 750, 1000, -1000]
    x = np.append(np.random.default_rng(1).uniform(-size, size, 20_000), EDGES + around)
    assert_same_bits(values(page, "exp", x), elementary.exp(x))


@pytest.mark.parametrize("size", [1, 5, 1e6, 1e-8])
def test_sin(page, size):
    quarters = np.outer(np.arange(-50, 50), [np.pi / 2, np.nextafter(np.pi / 2, 2)]).ravel()
    edges = [x for x in EDGES if x != 1e308]
    x = np.concatenate([np.random.default_rng(2).uniform(-size, size, 20_000), quarters, edges])
    assert_same_bits(values(page, "sin", x), elementary.sin(x))


def test_a_sine_that_is_refused(page):
    said = "() => { try { lab.numbers.sin(1e7); } catch (error) { return error.message; } }"
    assert page.evaluate(said) == "sin takes |x| up to 1000000, got 10000000"


@pytest.mark.parametrize("f", [f1, f2])
def test_targets(page, f):
    x = np.append(np.linspace(-5, 5, 5001), get_train_set(f)[0])
    assert_same_bits(values(page, f.__name__, x), f(x))


def test_the_sigmoid(page):
    steps = np.arange(-20490, 20491) / 512
    halves = steps + 1 / 1024
    x = np.concatenate([np.random.default_rng(3).normal(0, 10, 20_000), steps, halves, EDGES])
    assert_same_bits(values(page, "sigmoid", x, "sigmoid"), elementary.sigmoid(x))
    assert_same_bits(
        doubles(page.evaluate("bytes(lab.sigmoid.sigmoidTable())")), elementary._EXP_MINUS
    )


@pytest.mark.parametrize("n", [2, 3, 7, 40, 41])
def test_interpolation(page, n):
    rng = np.random.default_rng(n)
    wanted = np.round(rng.normal(0, 10, n), 3)
    knots = np.linspace(-5, 5, n)
    x = np.concatenate([rng.uniform(-6, 6, 2000), knots, np.nextafter(knots, 9), [-9, 9]])
    found = page.evaluate(
        "([x, f]) => bytes(numbers(x).map(lab.numbers.targetOf(f)))",
        [x.tobytes().hex(), wanted.tolist()],
    )
    assert_same_bits(doubles(found), np.interp(x, knots, wanted))
    assert_same_bits(doubles(page.evaluate(f"bytes(lab.numbers.linspace(-5, 5, {n}))")), knots)


SEEDS = [0, 1, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 2**53 + 1, 2**64 - 1, 2**127 + 5, 10**60]


@pytest.mark.parametrize("seed", [*SEEDS, *range(100, 130)])
def test_random_numbers(page, seed):
    rng = np.random.default_rng(seed)
    wanted = (rng.random(20), rng.normal(0, 0.01, 400), rng.normal(1, 3, 100), rng.random(3))
    found = page.evaluate(
        f"""() => {{
            const rng = lab.random.default_rng({seed}n);
            return [rng.random(20), rng.normal(0, 0.01, 400), rng.normal(1, 3, 100), rng.random(3)]
                .map(bytes);
        }}"""
    )
    for ours, theirs in zip(map(doubles, found), wanted, strict=True):
        assert_same_bits(ours, theirs)


# Seeds with a draw whose logarithm the GNU C library rounds otherwise.
TAILS = [2204, 13037, 13675, 19953]


@pytest.mark.parametrize(("seed", "n"), [(5, 200_000), *((seed, 22) for seed in TAILS)])
def test_normal_numbers_of_the_tail(page, seed, n):
    # One in a few thousand lies beyond the ziggurat, at 3.65 standard deviations.
    wanted = normal(np.random.default_rng(seed), 0.01, n)
    assert (abs(wanted) > 0.036542).sum() >= n / 10_000
    found = page.evaluate(f"bytes(lab.random.default_rng({seed}n).normal(0, 0.01, {n}))")
    assert_same_bits(doubles(found), wanted)


def test_normal_numbers_of_the_tail_in_another_engine(tmp_path):
    """The one of Deno, which is newer than that of most browsers."""
    module = json.dumps((laboratory.SCRIPTS / "random.js").as_uri())
    draw = "default_rng(BigInt(seed)).normal(0, 0.01, 22)"
    (tmp_path / "main.js").write_text(
        f"globalThis.CONSTANTS = {json.dumps(laboratory.constants())};"
        f"const {{ default_rng }} = await import({module});"
        f"console.log(JSON.stringify({TAILS}.map((seed) => [...{draw}])));"
    )
    command = [find_deno_bin(), "run", "--quiet", "--no-config", "--no-remote", "--no-npm"]
    environment = {**os.environ, "DENO_DIR": str(tmp_path / "deno"), "DENO_NO_UPDATE_CHECK": "1"}
    command += [tmp_path / "main.js"]
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    for seed, found in zip(TAILS, json.loads(said.stdout), strict=True):
        assert_same_bits(found, normal(np.random.default_rng(seed), 0.01, 22))


@pytest.mark.parametrize("n", [1, 2, 3, 8, 255, 256, 257, 1000])
def test_permutations(page, n):
    for seed in (0, 3, 2**64 - 1):
        rng = np.random.default_rng(seed)
        wanted = [rng.permutation(n).tolist(), rng.random(2).tolist(), rng.permutation(n).tolist()]
        found = page.evaluate(
            f"""() => {{
                const rng = lab.random.default_rng({seed}n);
                return [rng.permutation({n}), [...rng.random(2)], rng.permutation({n})];
            }}"""
        )
        assert found == wanted


CHECKSUM = """(x) => {
    const digest = lab.checksum.makeChecksum();
    digest.add(numbers(x));
    return digest.hexdigest();
}"""


def test_checksum(page):
    from hashlib import sha256

    for n in (0, 1, 6, 7, 8, 9, 100):
        x = np.random.default_rng(n).normal(size=n)
        found = page.evaluate(CHECKSUM, x.tobytes().hex())
        assert found == sha256(x.tobytes()).hexdigest()
    (negative,) = struct.unpack("<d", bytes.fromhex("010000000000f8ff"))  # another NaN
    found = page.evaluate(CHECKSUM, struct.pack("<d", negative).hex())
    assert found == sha256(struct.pack("<d", math.nan)).hexdigest()


# --- whole runs ----------------------------------------------------------------------------------


def python(page, state):
    """The history that the lines of Python leave which the laboratory gives for a state."""
    namespace = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of an overflow
        exec(page.evaluate("(state) => lab.address.python(state)", state), namespace)
    return namespace["history"]


def state_of(page, experiment):
    """The state of the laboratory that has an experiment's run."""
    address = display.find_address(experiment.replaced(epochs=1))
    read = page.evaluate("(text) => lab.address.read(text)", address)
    assert read["messages"] == []
    return read["state"] | {"epochs": experiment.epochs}


def spread(h, seed=SEED):
    return unpack(spread_weights(h, 1, seed)[0], h)


def glorot(h, seed=SEED):
    rng, limit = np.random.default_rng(seed), np.sqrt(6 / h)
    U, V = np.zeros((h - 1, 2)), np.zeros(h)
    U[:, 0], V[:-1] = (limit * (2 * rng.random(h - 1) - 1) for _ in range(2))
    return U, V


WEIGHTS = {  # without a seed, and with one
    "document": (get_initial_weights, get_new_random_weights),
    "spread": (spread, spread),
    "glorot": (glorot, glorot),
}


def method(state):
    """How the weights move, from what the keys of a state mean."""
    optimizer, schedule = (
        kinds[state[key]](**{one.name: state[one.name] for one in fields(kinds[state[key]])})
        for key, kinds in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES))
    )
    batches = {"batch": state["batch"], "shuffle": int(state["shuffle"])} if state["batch"] else {}
    return {"optimizer": optimizer, "schedule": schedule, "penalty": state["penalty"]} | batches


def by_hand(state):
    """The same, from what the keys of a state mean."""
    f = {"f1": f1, "f2": f2}.get(state["f"]) if isinstance(state["f"], str) else None
    if f is None:
        f = lambda x: np.interp(x, np.linspace(-5, 5, len(state["f"])), state["f"])  # noqa: E731
    n, seeded = state["samples"], state["data"] != "standard"
    seed = int(state["data"]) if seeded else 0
    rng = np.random.default_rng(seed)
    x, y = get_new_random_dataset(f, n, rng) if seeded else (a[:n] for a in get_train_set(f))
    if state["inputs"] != "uniform":
        x = {
            "grid": [((k + 0.5) / n - 0.5) * 10 for k in range(n)],
            "gap": [0.7 * one - 1.5 if one < 0 else 0.7 * one + 1.5 for one in x],
            "side": [(one + 5) * 2 / 9 - 5 if one < 4 else (one - 4) * 8 - 3 for one in x],
        }[state["inputs"]]
        x, y = np.array(x), f(np.array(x))
    if state["noise"]:
        y = y + normal(rng, state["noise"], n)
    if state["outliers"]:
        child = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2**32 - 1,)))
        wrong = child.permutation(n)[: max(1, int(state["outliers"] * n + 0.5))]
        y = y.copy()
        y[wrong] += normal(child, 10, len(wrong))
    c, d = {"plain": (1, 1), "inputs": (5, 1), "outputs": (1, 10), "both": (5, 10)}[state["units"]]
    x, y = x / c, y / d
    if state["order"] != "drawn":
        order = np.random.default_rng(int(state["order"])).permutation(n)
        x, y = x[order], y[order]
    h, (standard, drawn) = state["h"], WEIGHTS[state["start"]]
    U, V = standard(h) if state["weights"] == "standard" else drawn(h, int(state["weights"]))
    weights = state["scale"] * U, state["scale"] * V
    experiment = Experiment(f, h, state["rate"], state["epochs"], **method(state))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        x_test, y_test = get_test_set(f)
        sets = {"train_set": (x, y), "test_set": (x_test / c, y_test / d)}
        return train(experiment, **sets, weights=weights)


WORDS = "standard", str(2**64 - 1)
SETTINGS = [  # of each optimizer of the kernel: the usual ones, and others
    {"optimizer": "heavy-ball", "beta": 0.9},
    {"optimizer": "heavy-ball", "beta": 0, "rate": 1},
    {"optimizer": "nesterov", "beta": 0.7},
    {"optimizer": "adagrad", "epsilon": 1e-8},
    {"optimizer": "adagrad", "epsilon": 0.1, "f": "f2", "h": 8},
    {"optimizer": "rmsprop", "beta": 0.9, "rate": 0.01},
    {"optimizer": "adam", "rate": 0.01},
    {"optimizer": "adam", "beta1": 0, "beta2": 0.9, "epsilon": 0.001, "rate": 0.3},
    {"optimizer": "adamw", "decay": 0.1, "rate": 0.01},
    {"optimizer": "rprop", "up": 1.2},
    {"optimizer": "rprop", "up": 1.5, "down": 0.25, "f": "f2", "h": 8},
    {"optimizer": "halving", "up": 1, "rate": 2},
    {"optimizer": "halving", "up": 1.05, "down": 0.7, "rate": 1},
    {"optimizer": "armijo", "up": 2, "rate": 5},
    {"optimizer": "armijo", "up": 1.3, "down": 0.9, "slope": 0.3},
    {"optimizer": "barzilai-borwein", "f": "f2", "h": 8},
    {"optimizer": "angle", "up": 1.1},
    {"optimizer": "angle", "up": 2, "small": 0.3, "large": 3, "patience": 3, "rate": 0.5},
    {"optimizer": "angle", "up": 1.1, "small": 0, "large": math.pi, "patience": 1},
]
METHODS = [
    *SETTINGS,
    *({**one, "penalty": 0.01, "epochs": 200} for one in SETTINGS),
    *(
        {**one, "batch": batch, "shuffle": "7", "epochs": 20, "penalty": penalty, "samples": 300}
        for one in SETTINGS[:-9:2] + SETTINGS[11:13]
        for batch, penalty in ((1, 0), (7, 0.1), (128, 0), (300, 0.01))
    ),
    *({"batch": batch, "epochs": 300} for batch in (999, 1000, 500)),  # in several calls
    {"batch": 1000, "h": 2, "epochs": 8400},  # whose orders are too many to be kept
    {"batch": 10, "shuffle": str(2**64 - 1), "rate": 2, "epochs": 50},
    {"batch": 100, "rate": 100, "epochs": 50},  # it overflows within a pass
    {"optimizer": "heavy-ball", "rate": 50},
    {"optimizer": "adam", "rate": 1000, "f": "f2", "h": 8},
    {"penalty": 10},
    {"penalty": 1e-6, "rate": 1},
    {"penalty": 10, "rate": 10},  # it overflows
    {"schedule": "steps"},
    {"schedule": "steps", "parts": 7, "drop": 0.9, "epochs": 100, "rate": 1},
    {"schedule": "steps", "parts": 1000, "epochs": 30, "optimizer": "adam"},
    {"schedule": "inverse", "half": 30, "rate": 2},
    {"schedule": "cosine", "rate": 1.5, "f": "f2", "h": 8},
    {"schedule": "cosine", "epochs": 1, "batch": 30},
    {"schedule": "cosine", "epochs": 0},
]
CURVE = [0.5, 1, -2, 3.25, 0, 0, 7]
CHOICES = [
    {},
    {"rate": 1},
    {"rate": 0.01, "epochs": 10_000},
    {"f": "f2", "h": 8, "epochs": 1200},
    {"f": "f2", "h": 12, "epochs": 300},
    {"f": "f2", "h": 20, "epochs": 300},
    {"h": 20, "rate": 0.05, "epochs": 10_000, "samples": 100},
    {"h": 2, "epochs": 0},
    {"h": 2, "epochs": 1},
    *({"samples": n, "epochs": 50} for n in (1, 2, 5, 7, 8, 9, 127, 128, 129, 136, 257, 999)),
    *({"samples": n, "epochs": 20, "data": "3", "h": 5} for n in (1, 7, 129, 1000)),
    {"data": "7", "weights": "8"},
    {"data": "0", "weights": "000", "order": "007", "f": "f2", "h": 6},
    {"data": str(2**64 - 1), "weights": str(2**32), "samples": 500},
    {"rate": 5},
    {"rate": 1000, "f": "f2", "h": 8},
    {"f": "f2", "rate": 2.5, "h": 4, "scale": 100},
    {"scale": 10},
    {"scale": 33.3, "weights": "9", "f": "f2", "h": 5, "rate": 0.02},
    {"order": "1", "rate": 1},
    {"order": str(2**63), "samples": 77, "data": "5"},
    {"noise": 0.1},
    {"noise": 2.5, "data": "11", "samples": 100, "order": "4"},
    {"noise": 10, "samples": 3},
    *({"inputs": inputs, "epochs": 20} for inputs in ("grid", "gap", "side")),
    *({"inputs": inputs, "samples": 33, "data": "8"} for inputs in ("grid", "gap", "side")),
    {"inputs": "grid", "samples": 1, "data": "0", "noise": 1},
    {"inputs": "side", "order": "2", "noise": 0.5, "outliers": 0.25, "f": "f2", "h": 8},
    {"outliers": 0.1},
    *({"units": units, "epochs": 20, "noise": 0.5} for units in ("inputs", "outputs", "both")),
    {"outliers": 1, "samples": 999, "data": str(2**64 - 1), "epochs": 20},
    {"outliers": 0.05, "samples": 30, "data": str(2**32)},  # 1.5 of them are 2
    {"outliers": 0.001, "samples": 7, "data": "0"},
    {"f": CURVE},
    {"f": [-0.0, 0.0, -0.0], "epochs": 20},
    {"f": [1e-3, -2], "h": 4, "data": "2", "noise": 0.5, "order": "6", "weights": "1", "scale": 3},
    {"f": np.round(np.sin(np.arange(41) / 5), 3).tolist(), "h": 7, "rate": 0.3},
    {"rate": 1e-6, "epochs": 5},
    {"rate": 0.1 + 0.2, "epochs": 10},
    *({"start": start, "weights": weights} for start in ("spread", "glorot") for weights in WORDS),
    {"start": "glorot", "scale": 7, "h": 20, "epochs": 30},
    {"start": "spread", "h": 2, "epochs": 30, "f": "f2"},
    *METHODS,
]


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: json.dumps(choice)[1:-1][:60])
def test_a_run_has_the_checksum_of_nnlib(page, choice):
    state = STANDARD | choice
    history = by_hand(state)
    found = page.evaluate("async (state) => (await finished(state)).checksum", state)
    assert found == history.checksum()


@pytest.mark.parametrize("library", laboratory.PROGRAMS)
@pytest.mark.parametrize("text", ["f1 3 0.1 1000", "f2 8 0.05 1200", "f1 20 1 5", "f2 2 2.5 0"])
def test_the_program_for_a_library_is_that_of_nnlib(page, library, text):
    experiment = Experiment.parse(text)
    f, numbers = experiment.function_name, (experiment.h, experiment.epochs)
    state = STANDARD | {"f": f, "h": numbers[0], "epochs": numbers[1]}
    state["rate"] = experiment.learning_rate
    program = "([state, library]) => lab.elsewhere.program(state, library)"
    assert page.evaluate(program, [state, library]) == elsewhere.program(experiment, library)
    for other in ({"noise": 0.5}, {"weights": "3"}, {"units": "both"}, {"samples": 30}):
        assert "standard samples" in page.evaluate(program, [state | other, library])
    for f in ([1, 2], [[1, 2]]):
        assert "drawn" in page.evaluate(program, [state | {"f": f}, library])
    for other in ({"batch": 10}, {"penalty": 0.1}, {"schedule": "cosine"}):
        assert "no penalty" in page.evaluate(program, [state | other, library])


@pytest.mark.parametrize("library", laboratory.PROGRAMS)
@pytest.mark.parametrize("name", OPTIMIZERS_OF_THE_KERNEL)
def test_the_program_with_an_optimizer_is_that_of_nnlib(page, library, name):
    needed = " beta=0.75" if "beta" in [one.name for one in fields(OPTIMIZERS[name])] else ""
    experiment = Experiment.parse(f"f2 8 0.00001 500 optimizer={name}{needed}")
    found = page.evaluate(
        "([state, library]) => lab.elsewhere.program(state, library)",
        [state_of(page, experiment), library],
    )
    try:
        assert found == elsewhere.program(experiment, library)
    except ValueError:
        assert re.search("has no optimizer that does the same", found)


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: json.dumps(choice)[1:-1][:60])
def test_the_line_of_python_gives_the_same_run(page, choice):
    state = STANDARD | choice
    assert python(page, state).checksum() == by_hand(state).checksum()


@pytest.mark.parametrize(
    "choice",
    [
        {},
        {"rate": 1},
        {"rate": 5},
        {"f": "f2", "h": 20, "epochs": 2000},
        {"rate": 1e3, "f": "f2", "scale": 100},
        {"epochs": 0},
    ],
)
def test_the_history_on_the_page(page, choice):
    state = STANDARD | choice
    wanted = by_hand(state)
    found = page.evaluate(
        """async (state) => {
            const history = await finished(state);
            const hex = (columns) => columns.map((column) => bytes(column));
            return {
                ...history,
                ...Object.fromEntries(["test_error", "train_error", "gradient_norm", "angle"].map(
                    (name) => [name, bytes(history[name])])),
                V: hex(history.V), U: history.U.map(hex),
                train_set: hex([history.train_set.x, history.train_set.y]),
            };
        }""",
        state,
    )
    assert found["state"] == state
    assert (found["h"], found["epochs"]) == (state["h"], state["epochs"])
    assert found["count"] == state["epochs"] + 1
    assert found["best_epoch"] == wanted.best_epoch
    assert found["first_rise"] == first_rise(wanted)
    assert found["overflow_epoch"] == wanted.overflow_epoch
    for name in ("test_error", "train_error"):
        assert_same_bits(doubles(found[name]), getattr(wanted, name))
    for i in range(state["h"]):
        assert_same_bits(doubles(found["V"][i]), wanted.V[:, i])
    for i in range(state["h"] - 1):
        for j in range(2):
            assert_same_bits(doubles(found["U"][i][j]), wanted.U[:, i, j])
    x, y = map(doubles, found["train_set"])
    assert_same_bits(x, get_train_set(f1)[0])
    assert len(y) == len(x)

    # The last row has a gradient, too, which a history of nnlib does not have.
    epochs = state["epochs"]
    gradients = np.hstack([wanted.grad_U.reshape(epochs, 2 * state["h"] - 2), wanted.grad_V])
    largest = abs(gradients).max(axis=1, keepdims=True)
    norm = largest[:, 0] * np.linalg.norm(gradients / largest, axis=1)
    np.testing.assert_allclose(doubles(found["gradient_norm"])[:-1], norm, rtol=1e-13)
    unit = gradients / norm[:, None]
    angle = 2 * np.arctan2(
        np.linalg.norm(unit[1:] - unit[:-1], axis=1), np.linalg.norm(unit[1:] + unit[:-1], axis=1)
    )
    assert math.isnan(doubles(found["angle"])[0])
    np.testing.assert_allclose(doubles(found["angle"])[1:-1], angle, rtol=1e-9, atol=1e-13)
    assert np.isfinite(doubles(found["gradient_norm"])[-1]) == (wanted.overflow_epoch is None)


@pytest.mark.parametrize(
    "choice",
    [
        {"rate": 1},
        {"rate": 0.5, "epochs": 150},
        {"f": "f2", "h": 8},
        {"h": 2, "samples": 1, "epochs": 300},
        {"f": CURVE, "h": 20, "rate": 0.2, "epochs": 777},
        {"rate": 5},
        {"scale": 100, "f": "f2", "h": 5, "rate": 2},
    ],
)
def test_the_sharpness(page, choice):
    state = STANDARD | choice
    history = by_hand(state)
    found = page.evaluate(
        """async (state) => {
            const { sharpness, crossing, train_set } = await finished(state, "sharp");
            return { ...sharpness, crossing, x: bytes(train_set.x), y: bytes(train_set.y) };
        }""",
        state,
    )
    epochs, threshold = found["epochs"], 2 / state["rate"]
    overflow = history.overflow_epoch
    assert epochs == sorted(set(epochs)) and epochs[0] == 0 and len(epochs) <= 350
    assert epochs[-1] == (state["epochs"] if overflow is None else overflow)
    all_of_them = spectrum(history, epochs)
    wanted = all_of_them[:, -1]
    # An eigenvalue is as exact as the largest one is, on either side.
    apart = abs(np.array(found["values"]) - wanted) / abs(all_of_them).max(axis=1)
    assert not (apart > 1e-12).any()
    assert (np.isnan(found["values"]) == np.isnan(wanted)).all()
    above = [epoch for epoch, value in zip(epochs, wanted, strict=True) if value > threshold]
    assert found["crossing"] == (above[0] if above else None)
    if above and above[0] > 0:  # the epoch before is known not to be above
        assert epochs[epochs.index(above[0]) - 1] == above[0] - 1


SURVEY = """async ([state, epoch]) => {
    await finished(state);
    const answers = {};
    await new Promise((resolve) => whole.ask("valley", { epoch, kept: [] }, (answer) => {
        Object.assign(answers, answer);
        if (answer.map || !answer.valley) resolve();
    }));
    return JSON.parse(JSON.stringify(answers, (_, v) => v instanceof Float64Array ? [...v] : v));
}"""


@pytest.mark.parametrize("epoch", [0, 1, 30, 481, 754, 770, 1000])
def test_the_valley_and_the_map(page, epoch):
    assert_the_same_landscape(page, STANDARD | {"rate": 1}, epoch)


@pytest.mark.parametrize(
    ("choice", "epoch"),
    [
        ({"f": "f2", "h": 8, "epochs": 1200}, 300),
        ({"f": "f2", "h": 20, "rate": 0.05, "epochs": 500}, 400),
        ({"h": 2}, 1000),
        ({"rate": 2, "epochs": 100}, 50),  # lost from the first step on
        ({"samples": 77, "noise": 0.5, "scale": 2, "order": "3", "epochs": 300}, 300),
        ({"units": "both", "epochs": 40}, 40),
        ({"f": CURVE, "h": 6, "epochs": 300}, 200),
        ({"penalty": 0.1, "epochs": 200}, 200),
        ({"optimizer": "heavy-ball", "beta": 0.8, "epochs": 200}, 60),
    ],
)
def test_the_valley_and_the_map_of_other_runs(page, choice, epoch):
    assert_the_same_landscape(page, STANDARD | choice, epoch)


def assert_the_same_landscape(page, state, epoch):
    found, history = page.evaluate(SURVEY, [state, epoch]), by_hand(state)
    assert found["epoch"] == epoch
    valley, seen = find_valley(history, epoch), found["valley"]
    width = valley.across[-1]
    np.testing.assert_allclose(seen["sharpness"], valley.sharpness, rtol=1e-9)
    for name in ("across", "way"):
        np.testing.assert_allclose(seen[name], getattr(valley, name), rtol=0, atol=1e-9 * width)
    for name in ("loss", "bottom", "way_loss"):
        np.testing.assert_allclose(seen[name], getattr(valley, name), rtol=1e-9)
    wanted, seen = find_map(history, epoch), found["map"]
    size = [wanted.across[-1], -wanted.along[0]]
    np.testing.assert_allclose(seen["across"], wanted.across, rtol=1e-9, atol=1e-9 * size[0])
    np.testing.assert_allclose(seen["along"], wanted.along, rtol=1e-9, atol=1e-9 * size[1])
    np.testing.assert_allclose(seen["loss"], wanted.loss, rtol=1e-9)
    assert (abs(np.transpose(seen["way"]) - wanted.way) < 1e-9 * np.array(size)).all()


@pytest.mark.parametrize(
    ("choice", "epoch"),
    [({"rate": 5}, 1000), ({"rate": 50, "epochs": 100}, 90)],  # NaN, and a loss beyond all doubles
)
def test_no_valley_where_there_is_no_number(page, choice, epoch):
    found = page.evaluate(SURVEY, [STANDARD | choice, epoch])
    assert found["epoch"] == epoch and not found.keys() & {"valley", "map"}
    with pytest.raises(ValueError, match="the weights are too large, or no numbers"):
        find_valley(by_hand(STANDARD | choice), epoch)


@pytest.mark.parametrize(
    ("f", "h", "rate", "epochs"),
    [
        (f1, 3, 1, 1000),
        (f1, 3, 1.2, 1000),  # for one epoch only, and so are the next two
        (f2, 3, 0.8, 1000),
        (f1, 4, 1.1, 1000),
        (f2, 8, 0.5, 1200),
    ],
)
def test_the_crossing_is_that_of_all_epochs(page, f, h, rate, epochs):
    history = train(Experiment(f, h, rate, epochs))
    crossing = int(np.argmax(sharpness(history, range(epochs + 1)) > 2 / rate))
    found = page.evaluate(
        "async (state) => (await finished(state, 'sharp')).crossing",
        STANDARD | {"f": f.__name__, "h": h, "rate": rate, "epochs": epochs},
    )
    assert found == crossing > 0


# --- what became of a run ------------------------------------------------------------------------


CLAIMED = [
    experiment
    for document in DOCUMENTS
    for claim in load(document)
    for experiment in claim.experiments
]
# Of the chapters on the second document and the third, whose claims name none.
METHODICAL = [*MOMENTUM, *preconditioned.FLOORS, *preconditioned.SETTINGS[::4]]
METHODICAL += [one for one in elsewhere.EXPERIMENTS if one.optimizer.compiled]
METHODICAL += [task.replaced(batch=10, epochs=200) for task in batches.TASKS.values()]
TRIED = [  # each outcome, and each number of working neurons up to six, with h = 20 besides
    *(Experiment(f1, h, rate, 500) for h in range(2, 8) for rate in (0.3, 0.8, 1.3, 1.7, 2.2, 4)),
    *(Experiment(f2, h, rate, 500) for h in range(2, 8) for rate in (0.05, 0.15, 0.4, 0.8, 1.5)),
    *(Experiment(f2, 20, rate, 500) for rate in (0.05, 0.1, 0.3, 0.9)),
    Experiment(f1, 2, 1, 1),
    Experiment(f1, 2, 1, 0),
]


@pytest.mark.parametrize(
    "experiment", dict.fromkeys([*CLAIMED, *METHODICAL, *ONCE_JUDGED_DIFFERENTLY, *TRIED]), ids=str
)
def test_what_became_of_a_run_is_what_nnlib_says(page, experiment):
    history = trained(experiment)
    found = page.evaluate(
        """async (state) => {
            const history = await finished(state);
            return { ...lab.measures.judge(history), checksum: history.checksum };
        }""",
        state_of(page, experiment),
    )
    assert found["checksum"] == history.checksum()
    assert (found["outcome"], found["shaken_until"]) == (outcome(history), shaken_until(history))
    if experiment in ONCE_JUDGED_DIFFERENTLY:
        assert (found["outcome"], found["shaken_until"]) == ONCE_JUDGED_DIFFERENTLY[experiment]


def judge(page, histories):
    """What the laboratory says of histories that it has not computed: outcomes, and last shakes."""

    def columns(array):
        return [np.array(column, dtype="<f8").tobytes().hex() for column in array]

    found = page.evaluate(
        """histories => histories.map(({ V, U, error, ...rest }) => lab.measures.judge({
            V: V.map(numbers),
            U: U.map((neuron) => neuron.map(numbers)),
            train_error: numbers(error[0]),
            ...rest,
        }))""",
        [
            {
                "V": columns(history.V.T),
                "U": [columns(neuron.T) for neuron in np.moveaxis(history.U, 1, 0)],
                "error": columns([history.train_error]),
                "epochs": history.experiment.epochs,
                "overflow_epoch": history.overflow_epoch,
            }
            for history in histories
        ],
    )
    return [(one["outcome"], one["shaken_until"]) for one in found]


def test_the_same_by_hand(page):
    found = judge(page, [history for history, *_ in BY_HAND.values()])
    assert dict(zip(BY_HAND, found, strict=True)) == {
        name: (becomes, until) for name, (_, becomes, until) in BY_HAND.items()
    }


def test_the_same_at_random(page):
    """Weights that turn back often, by steps of all sizes, and errors that end anywhere."""
    rng = np.random.default_rng(16)
    histories = []
    for _ in range(600):
        epochs, size = rng.integers(0, 60), 10.0 ** rng.uniform(-6, 0, 7)
        back = np.where(rng.random((epochs, 7)) < rng.uniform(0.7, 1), -1.0, 1.0)
        steps = size * rng.uniform(0.5, 1, (epochs, 7)) * np.cumprod(back, axis=0)
        weights = 1 + np.concatenate([np.zeros((1, 7)), np.cumsum(steps, axis=0)])
        U, V = weights[:, :4].reshape(-1, 2, 2) * rng.choice([1, 130]), weights[:, 4:]
        errors = np.linspace(1, rng.uniform(0, 1.1), epochs + 1) + rng.normal(0, 0.1, epochs + 1)
        histories.append(synthetic(errors, U=U, V=V))
    wanted = [(outcome(history), shaken_until(history)) for history in histories]
    assert judge(page, histories) == wanted
    seen = [becomes for becomes, _ in wanted]
    assert min(map(seen.count, ("stable", "oscillation", "divergence", "overflow"))) > 40
    assert sum(becomes == "stable" and until is not None for becomes, until in wanted) > 10


# --- one run after another -----------------------------------------------------------------------


LONG = STANDARD | {"h": 20, "epochs": 50_000}


def test_a_long_run_comes_in_pieces(page):
    counts = page.evaluate(
        """async (state) => {
            runs.pieces = [];
            const history = await finished({ ...state, epochs: 3000 }, "done", trainer);
            return [...runs.pieces.map(([, , count]) => count), history.count];
        }""",
        LONG,
    )
    assert len(counts) > 3 and counts == sorted(counts) and counts[-1] == 3001


def test_a_run_is_stopped(page):
    counts = page.evaluate(
        """async (state) => {
            const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));
            runs.pieces = [];
            runs.done = () => { throw new Error("it was not stopped"); };
            trainer.run(state);
            while (!runs.pieces.length) await wait(5);
            trainer.stop();
            const { count, checksum } = runs.started;
            await wait(300);
            return [count, runs.started.count, checksum, runs.pieces.length > 50];
        }""",
        LONG,
    )
    assert 0 < counts[0] < 50_001
    assert counts == [counts[0], counts[0], None, False]


def test_the_last_one_wins(page):
    states = [LONG, *(STANDARD | {"rate": 1 + n / 10} for n in range(10)), LONG, STANDARD]
    found = page.evaluate(
        """async (states) => {
            const done = [];
            runs.pieces = [];
            await new Promise((resolve) => {
                runs.done = (history) => {
                    done.push([history.state.rate, history.checksum]);
                    resolve();
                };
                for (const state of states) trainer.run(state);
            });
            await new Promise((resolve) => setTimeout(resolve, 200));
            return { done, shown: runs.pieces.map(([, state]) => state.rate) };
        }""",
        states,
    )
    assert found["done"] == [[0.1, train(Experiment(f1, 3, 0.1, 1000)).checksum()]]
    assert set(found["shown"]) == {0.1}


def test_a_run_replaces_one_that_is_under_way(page):
    found = page.evaluate(
        """async ([long, short]) => {
            runs.pieces = [];
            runs.done = () => {};
            trainer.run(long);
            while (!runs.pieces.length) await new Promise((resolve) => setTimeout(resolve, 5));
            return (await finished(short, "done", trainer)).checksum;
        }""",
        [LONG, STANDARD],
    )
    assert found == train(Experiment(f1, 3, 0.1, 1000)).checksum()


@pytest.mark.parametrize("seed", [str(2**64), "-1", "1.5", "x", "1e3", ""])
@pytest.mark.parametrize("key", ["data", "weights", "order"])
def test_a_seed_that_is_none(page, key, seed):
    message = page.evaluate(
        "(state) => finished(state).catch((error) => error.message)", STANDARD | {key: seed}
    )
    assert message == f"a seed must be an integer from 0 to {2**64 - 1}, got {seed}"
    assert page.evaluate("async (state) => (await finished(state)).checksum", STANDARD)


def test_where_no_worker_can_be_made(page):
    message = page.evaluate(
        """async (state) => {
            const { Worker } = globalThis;
            globalThis.Worker = class { constructor() { throw new Error("no workers here"); } };
            const said = await new Promise(
                (onError) => lab.trainer.makeTrainer({ onError }).run(state));
            globalThis.Worker = Worker;
            return said;
        }""",
        STANDARD,
    )
    assert message == "no workers here"


def settled(state):
    """The state without what does not go with the rest."""
    optimizer = OPTIMIZERS[state["optimizer"]]
    state["batch"] = min(state["batch"], state["samples"]) if optimizer.batches else 0
    state["schedule"] = state["schedule"] if optimizer.scheduled else "constant"
    return state


seeds = st.integers(0, 2**64 - 1).map(str)
curves = st.lists(st.floats(-30, 30).map(lambda value: round(value, 3)), min_size=2, max_size=41)
states = st.fixed_dictionaries(
    {
        "f": st.sampled_from(["f1", "f2"]) | curves,
        "h": st.integers(2, 20),
        "rate": st.floats(-6, 3).map(lambda power: 10**power),
        "epochs": st.integers(0, 40),
        "samples": st.integers(1, 1000),
        "inputs": st.sampled_from(["uniform", "grid", "gap", "side"]),
        "noise": st.just(0) | st.floats(0, 10),
        "outliers": st.just(0) | st.floats(0, 1),
        "units": st.sampled_from(["plain", "inputs", "outputs", "both"]),
        "data": st.just("standard") | seeds,
        "weights": st.just("standard") | seeds,
        "scale": st.just(1) | st.floats(1, 100),
        "start": st.sampled_from(list(STARTS)),
        "order": st.just("drawn") | seeds,
        "seeds": st.just("none"),
        "optimizer": st.sampled_from(OPTIMIZERS_OF_THE_KERNEL),
        **{key: st.floats(*display._LIMITS[key]) for key in ("beta", "beta1", "beta2", "epsilon")},
        **{key: st.floats(*display._LIMITS[key]) for key in ("decay", "slope", "small", "large")},
        **{key: st.floats(*display._LIMITS[key]) for key in ("up", "down", "drop", "half")},
        **{key: st.integers(*display._LIMITS[key]) for key in ("patience", "parts")},
        "schedule": st.sampled_from(list(SCHEDULES)),
        "batch": st.just(0) | st.integers(20, 1000),
        "shuffle": seeds,
        "penalty": st.just(0) | st.floats(0, 10),
        "at": st.just(""),
        "epoch": st.just(0),
    }
).map(settled)


@given(state=states)
def test_any_state(page, state):
    checksum, becomes, until = page.evaluate(
        """async (state) => {
            const history = await finished(state);
            const { outcome, shaken_until } = lab.measures.judge(history);
            return [history.checksum, outcome, shaken_until];
        }""",
        state,
    )
    history = by_hand(state)
    assert checksum == history.checksum()
    assert (becomes, until) == (outcome(history), shaken_until(history))


@pytest.mark.parametrize(
    ("n", "choices"),
    [
        (1, {}),
        (7, {"order": "3"}),
        (200, {"units": "both", "order": "1", "weights": "5", "scale": 2.5}),
        (13, {"optimizer": "adam", "batch": 4, "penalty": 0.01}),
        (129, {"rate": 900}),  # an overflow
    ],
)
def test_points_give_the_run_of_nnlib(page, n, choices):
    x, y = np.random.default_rng(n).uniform([[-5], [-100]], [[5], [100]], (2, n))
    state = STANDARD | {"f": list(zip(x.tolist(), y.tolist(), strict=True)), "epochs": 60} | choices
    order = np.arange(n)
    if state["order"] != "drawn":
        order = np.random.default_rng(int(state["order"])).permutation(n)
    c, d = UNITS[state["units"]]
    plain = ("weights", "scale", "optimizer", "batch", "penalty")  # what is not of the samples
    said = " ".join(f"{key}={choices[key]}" for key in plain if key in choices)
    experiment = Experiment.parse(f"f1 3 {state['rate']} 60 {said}")
    with warnings.catch_warnings(action="ignore"):  # that it overflows
        history = train(experiment, train_set=(x[order] / c, y[order] / d), test_set=(x / c, y / d))
    assert python(page, state).checksum() == history.checksum()
    checksum = page.evaluate("async (state) => (await finished(state)).checksum", state)
    assert checksum == history.checksum()


@given(state=states)
def test_any_line_of_python_gives_the_run_of_the_browser(page, state):
    checksum = page.evaluate("async (state) => (await finished(state)).checksum", state)
    assert python(page, state).checksum() == checksum


# --- what the build makes of it ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ('<div id="lab"></div>', ["laboratory"]),
        ('<div class="lab-piece" data-piece="run">', ["pieces"]),
        ('<div class="wide lab-piece">', ["pieces"]),
        ('<div id="lab"><p class="lab-piece">', ["laboratory", "pieces"]),
        ('<div id="laboratory"></div>', []),
        ('<section id="the-lab">', []),
        ('<a class="lab-piece-of" href="#lab">', []),
        ("<p>The lab-piece.</p>", []),
    ],
)
def test_which_pages_get_which_script(body, wanted):
    assert [name for name, used in laboratory.ENTRIES.items() if re.search(used, body)] == wanted


def test_every_module_is_on_a_page_or_in_the_worker():
    command = [find_deno_bin(), "info", "--json", "--no-config", "--no-remote"]
    linked = set()
    for entry in (*laboratory.ENTRIES, "worker"):
        told = subprocess.run(
            [*command, laboratory.SCRIPTS / f"{entry}.js"], capture_output=True, check=True
        )
        linked |= {module["specifier"] for module in json.loads(told.stdout)["modules"]}
    assert linked == {path.as_uri() for path in laboratory.SCRIPTS.glob("*.js")}


def test_the_optimizers_are_those_of_the_kernel_each_with_a_name(page):
    known = laboratory.constants()
    assert tuple(known["optimizers"]) == OPTIMIZERS_OF_THE_KERNEL
    for key, kinds in (("optimizer", "optimizers"), ("schedule", "schedules")):
        words, about = page.evaluate(
            f"(({{ words, about }}) => [words, about])(lab.fields.TABLE.{key})"
        )
        assert words.keys() == about.keys() == known[kinds].keys()
        assert all(sentence.endswith(".") for sentence in about.values())


def test_what_the_table_allows_nnlib_allows_too(page):
    """Each setting of each optimizer and schedule, at both ends."""
    limits = page.evaluate(
        "Object.fromEntries(Object.entries(lab.fields.FIELDS)"
        ".map(([key, { least, most }]) => [key, [least, most]]))"
    )
    for kind in (*map(OPTIMIZERS.get, OPTIMIZERS_OF_THE_KERNEL), *SCHEDULES.values()):
        for one in fields(kind):
            some = {other.name: 0.5 for other in fields(kind) if other.default is MISSING}
            for value in limits[one.name]:
                assert getattr(kind(**some | {one.name: value}), one.name) == value


def test_a_module_that_is_not_there_is_named(tmp_path):
    module = tmp_path / "a.js"
    module.write_text('import "./b.js";\n')
    with pytest.raises(RuntimeError, match=r"deno cannot link .*a\.js: (?s:.*)b\.js"):
        laboratory.link(module)


@pytest.mark.parametrize("name", laboratory.ENTRIES)
def test_a_script_has_no_more_than_it_needs(name):
    text = laboratory.bundle(laboratory.SCRIPTS / f"{name}.js")
    assert "@param" not in text and "\n//" not in text
    assert text.count("Redistributions of source code") == 1  # of numpy's tables


def test_links_are_made_for_what_the_table_allows(page):
    numbers = page.evaluate(
        "Object.entries(lab.fields.FIELDS)"
        ".filter(([key, { words }]) => !words && !['epoch', 'at'].includes(key))"
        ".map(([key, { least, most }]) => [key, [least, most]])"
    )
    assert {key: tuple(limits) for key, limits in numbers} == display._LIMITS
    least, most, fewest, longest = page.evaluate(
        "(({ least, most, ...n }) => [least, most, n.fewest, n.longest])(lab.fields.FIELDS.f)"
    )
    assert -least == most == display._HIGHEST
    assert range(fewest, longest + 1) == display._HEIGHTS
    farthest, most_points = page.evaluate(
        "(({ farthest, mostPoints }) => [farthest, mostPoints])(lab.fields.FIELDS.f)"
    )
    assert (farthest, most_points + 1) == (display._FARTHEST, display._POINTS.stop)
    assert str(display._MOST_SEED) == laboratory.constants()["most_seed"]


def test_the_constants_are_the_same_doubles():
    known = json.loads(json.dumps(laboratory.constants()))
    assert known["elementary"]["sin_series"] == elementary._SIN
    assert known["elementary"]["reach"] == elementary._REACH
    assert known["figures"]["roles"]["test"] == "#0072B2"
    assert [neuron["width"] for neuron in known["figures"]["neurons"][:4]] == pytest.approx(
        [3.4, 2.6, 1.8, 1.0]
    )
