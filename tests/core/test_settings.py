"""Nothing that a process has set changes a result: every function of the core, set and unset."""

import decimal
import importlib
import json
import subprocess
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from inspect import isfunction

import numpy as np
import pytest
from rules import usual

import nnlib
from nnlib import (
    Experiment,
    History,
    checks,
    datasets,
    descent,
    elementary,
    f1,
    f2,
    fitting,
    hessian,
    interval,
    machine,
    network,
    normal,
    optimizers,
    outcome,
    reference,
    replay,
    start,
    targets,
    training,
)

OPTIMIZERS, SCHEDULES = optimizers.OPTIMIZERS, optimizers.SCHEDULES
TINY, LARGE = 1e-200, 1e308
NUMBERS = np.array([0.0, -0.0, TINY, 5e-324, -746.0, -740.0, -1e-310, 0.3, 36.0, 709.5, 800.0])
WILD = np.append(NUMBERS, [LARGE, -LARGE, np.inf, -np.inf, np.nan])
X = np.array([0.0, TINY, -5.0, 4.9, 5e-324, 0.1, 1.0, 2.0, 3.0])
SMALL = Experiment(f2, 3, 0.1, 4)
U, V = np.array([[TINY, 1.0], [-3.0, 1e-320]]), np.array([TINY, -2.0, 1e-310])
WEIGHTS = network.pack(U, V)
with np.errstate(all="ignore"):
    SQUARES, HUGE = X * X, WEIGHTS * LARGE
    HUGE_U, HUGE_V = network.unpack(HUGE, 3)
OVERFLOW = Experiment(f1, 3, 1e200, 9)


def _trained(experiment, **given):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it overflows
        return nnlib.train(experiment, **given)


def _runs():
    for arithmetic in ("portable", "replay"):
        yield _trained(SMALL, weights=(U, V), arithmetic=arithmetic, engine="numpy")
        yield _trained(OVERFLOW, arithmetic=arithmetic, engine="numpy")
        yield _trained(SMALL, train_set=(X, SQUARES), test_set=(X, SQUARES), arithmetic=arithmetic)
    yield _trained(Experiment(f2, 3, 0.1, 4), engine="kernel", weights=(U, V))
    yield _trained(OVERFLOW, engine="kernel")
    yield _trained(SMALL.replaced(penalty=TINY), engine="numpy")


def _of_each_run(function):
    return [function(history) for history in RUNS]


RUNS = list(_runs())


def _walk(kind):
    """Steps of an optimizer, from weights and gradients of all sizes."""
    rule = usual(kind)
    state = rule.begin(7, (X, SQUARES))
    for w, sums in ((WEIGHTS, HUGE), (HUGE, WEIGHTS), (WEIGHTS, WEIGHTS)):
        w, state = rule.step(w, np.append(sums, TINY), 3, TINY, state)
        yield w, rule.settings()


# What is public, and what it is called with.
CALLS = {
    checks.as_floats: lambda f: [f("x", X), f("x", [TINY, 1])],
    checks.check_dataset: lambda f: f((X, X), "set"),
    checks.check_engine: lambda f: f("numpy"),
    checks.check_h: lambda f: f(3),
    checks.check_integer: lambda f: f("n", np.int8(3), 0),
    checks.check_memory: lambda f: f("run", 3, 10),
    checks.check_unchanged: lambda f: f("run", Experiment(f1, 3, 0.1, 1)),
    checks.check_word: lambda f: f("word", "a", ["a", "b"]),
    checks.read_number: lambda f: f("number", "1e-320", float),
    checks.check_number: lambda f: [f("x", np.longdouble(TINY)), f("x", np.float32(0.1))],
    checks.check_numbers: lambda f: f("x", np.array([LARGE, TINY], np.longdouble) ** 2),
    checks.check_penalty: lambda f: f(np.longdouble(TINY)),
    checks.check_positive: lambda f: f("x", np.longdouble(TINY)),
    checks.check_rows: lambda f: f(WEIGHTS),
    checks.check_weights: lambda f: f((U, V), 3),
    checks.show: lambda f: f(TINY),
    checks.write_number: lambda f: [f(TINY), f(LARGE)],
    datasets.get_new_random_dataset: lambda f: f(f2, 20, 1),
    datasets.sample: lambda f: f(f2, X, "portable"),
    datasets.get_test_set: lambda f: [f(g, a) for g in (f1, f2) for a in ("portable", "replay")],
    datasets.get_train_set: lambda f: [f(g, a) for g in (f1, f2) for a in ("portable", "replay")],
    checks.check_descent: lambda f: f("run", SMALL),
    descent.step: lambda f: f(WILD, WILD, 3, LARGE),
    elementary.digits: lambda f: f(20),
    elementary.exp: lambda f: f(WILD),
    elementary.sigmoid: lambda f: f(WILD),
    elementary.sin: lambda f: f(NUMBERS),
    nnlib.fit: lambda f: [f(f1, 3, starts=2), f(lambda x: TINY * f1(x), 2, starts=1)],
    hessian.gauss_newton: lambda f: [f(U, V, X), f(HUGE_U, HUGE_V, WILD)],
    hessian.hessian: lambda f: [f(U, V, X, SQUARES), f(HUGE_U, HUGE_V, WILD, WILD)],
    hessian.largest_eigenvalue: lambda f: [f(number * np.ones((3, 3))) for number in (TINY, LARGE)],
    interval.interval_error: lambda f: [f(f2, WEIGHTS), f(f2, HUGE)],
    interval.nodes: lambda f: f(),
    machine.check_rounding: lambda f: f(),
    normal.normal: lambda f: f(np.random.default_rng(13037), TINY, (3, 4)),
    network.LossGradient: lambda f: [f(X, X, 3)(U, V), f(X, X, 3)(HUGE_U, HUGE_V)],
    network.forward_pass: lambda f: f(U, V, WILD),
    network.get_initial_weights: lambda f: f(4),
    network.get_new_random_weights: lambda f: f(4, 1),
    network.loss: lambda f: f(WILD),
    network.add_penalty: lambda f: [f(np.append(HUGE, TINY), w, 3, TINY) for w in (WEIGHTS, HUGE)],
    network.pack: lambda f: f(U, V),
    network.flat_V: lambda f: f(U, V),
    network.unpack: lambda f: f(WEIGHTS, 3),
    outcome.longest_zigzag: _of_each_run,
    outcome.outcome: _of_each_run,
    outcome.shaken_until: _of_each_run,
    outcome.turns_in_succession: _of_each_run,
    outcome.weights_oscillate: _of_each_run,
    reference.back_propagate: lambda f: f(TINY, np.array([TINY, 1]), np.append(V, 1)[1:], V),
    reference.forward_pass: lambda f: f(U, V, LARGE),
    reference.train: lambda f: f(Experiment(f2, 2, 1e200, 2)),
    replay.LossGradient: lambda f: [f(X, X, 3).sums(w) for w in (WEIGHTS, HUGE)],
    replay.exp: lambda f: [f(WILD), f(NUMBERS[:4])],
    replay.fma: lambda f: f(WILD, WILD[:, None], WILD[:, None, None]),
    replay.forward_pass: lambda f: f(U, V, WILD),
    replay.loss: lambda f: f(WILD),
    start.Start: lambda f: [
        f(samples=5, noise=TINY, data=1, order=2).train_set(f2),
        f(test=(1, 2), units="both").test_set(f2),
        f(samples=5, inputs="side", outliers=0.4, data=1).train_set(f2),
        f(units="both").target(f2)(X),
        f(weights=3, scale=TINY).initial_weights(3),
    ],
    targets.Curve: lambda f: f((LARGE, -LARGE, TINY))(WILD),
    targets.Points: lambda f: f((TINY, 1, 1), (LARGE, -LARGE, TINY))(WILD),
    targets.find_target: lambda f: f("1,2")(WILD),
    targets.f1: lambda f: f(WILD),
    targets.f2: lambda f: f(NUMBERS),
    training.fingerprint: lambda f: f(SMALL),
    training.logarithmic: lambda f: [f(10_000, n) for n in (2, 50, 10**6)],
    training.starting_point: lambda f: f(SMALL),
    training.train: lambda f: [h.checksum() for h in _runs()],
    training.train_many: lambda f: f([OVERFLOW, SMALL], seen=2),
    training.train_quietly: lambda f: f(OVERFLOW, seen=3).checksum(),
    Experiment: lambda f: [repr(f(f1, 3, 1e-7, 9)), f.parse("f2 8 0.1 1200")],
    History.__repr__: _of_each_run,
    History.checksum: _of_each_run,
    History.check_whole: lambda f: [f(history, "it") for history in RUNS],
    History.row: lambda f: [f(history, -1) for history in RUNS],
    History.predict: lambda f: [f(history, WILD) for history in RUNS],
    History.to_dict: _of_each_run,
    **{kind: _walk for kind in OPTIMIZERS.values()},
    **{kind: lambda f: usual(f).factors(500) for kind in SCHEDULES.values()},
}
PROPERTIES = [name for name, value in vars(History).items() if isinstance(value, property)]
CALLS.update(
    {
        partial(getattr, History, name): lambda f: _of_each_run(vars(History)[f.args[1]].fget)
        for name in PROPERTIES
    }
)


def name_of(function):
    if isinstance(function, partial):
        return f"History.{function.args[1]}"
    return f"{function.__module__}.{function.__qualname__}"


@contextmanager
def hostile():
    """What a process, or a library that it uses, may have set."""
    traps = dict.fromkeys(decimal.getcontext().traps, True)
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("error")
        stack.enter_context(np.errstate(all="raise"))
        np.setbufsize(16)
        stack.enter_context(np.printoptions(precision=1, legacy="1.13", suppress=True))
        given = decimal.Context(prec=1, rounding=decimal.ROUND_UP, Emin=0, Emax=0, traps=traps)
        stack.enter_context(decimal.localcontext(given))
        yield


def bits(thing):
    """All of a result, to the last bit and the sign of a zero; a NaN is one whatever its sign."""
    if isinstance(thing, np.ndarray | np.floating):
        array = np.array(thing)
        if array.dtype.kind == "f":
            array[np.isnan(array)] = np.nan
        return [array.dtype.str, array.shape, array.tobytes()]
    if isinstance(thing, dict):
        return {key: bits(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple | Iterator):
        return [bits(value) for value in thing]
    if isinstance(thing, History):
        return thing.checksum()
    return repr(thing)


@pytest.mark.parametrize("function", CALLS, ids=name_of)
def test_the_bits_are_the_same(function):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        expected = bits(CALLS[function](function))
    replay._cpu_has_the_same_exp.cache_clear()
    machine._numpy_has_the_order.cache_clear()
    replay._sin.cache_clear()
    with hostile():
        found = bits(CALLS[function](function))
        assert np.geterr() == dict.fromkeys(("divide", "over", "under", "invalid"), "raise")
        assert np.getbufsize() == 16
    assert found == expected


def test_every_public_function_is_called():
    modules = {
        importlib.import_module(f"nnlib.{name}")
        for name in (
            "checks",
            "datasets",
            "elementary",
            "experiment",
            "fitting",
            "hessian",
            "history",
            "interval",
            "machine",
            "network",
            "optimizers",
            "outcome",
            "reference",
            "replay",
            "targets",
            "training",
        )
    }
    modules.add(nnlib)
    public = {
        getattr(module, name)
        for module in modules
        for name in module.__all__
        if isfunction(getattr(module, name)) or isinstance(getattr(module, name), type)
    }
    inner = {History, machine.sum_over_rows, machine.sum_over_samples}  # the rest calls these
    inner |= {fitting.Fitted, optimizers.Optimizer, optimizers.Schedule}
    assert {name_of(f) for f in public - inner - set(CALLS)} == set()


@pytest.mark.parametrize("engine", ["numpy", "kernel"])
def test_engines_in_threads_that_have_set_something(engine):
    def settle():
        np.seterr(all="raise")
        np.setbufsize(16)

    def trained(experiment):
        return training.train_quietly(experiment, engine=engine).checksum()

    experiments = [SMALL, OVERFLOW] * 3
    with ThreadPoolExecutor(2, initializer=settle) as pool:
        assert list(pool.map(trained, experiments)) == [trained(e) for e in experiments]


BEFORE = {
    "few digits": "decimal.getcontext().prec = 6",
    "another context": "decimal.setcontext(decimal.BasicContext)",
    "another rounding": "decimal.getcontext().rounding = decimal.ROUND_UP",
    "short exponents": "decimal.getcontext().Emax, decimal.getcontext().Emin = 1, -1",
    "every trap": "for t in decimal.getcontext().traps: decimal.getcontext().traps[t] = True",
    "other defaults": "decimal.DefaultContext.prec, decimal.DefaultContext.Emax = 2, 1\n"
    "decimal.DefaultContext.traps[decimal.Inexact] = True\n"
    "decimal.setcontext(decimal.DefaultContext)",
    "floating point errors": "numpy.seterr(all='raise')",
    "a small buffer": "numpy.setbufsize(16)",
    "another way of printing": "numpy.set_printoptions(legacy='1.13', precision=2)",
    "little recursion": "sys.setrecursionlimit(120)",
}

PROGRAM = """
import decimal, json, sys, numpy, hashlib
{}
from nnlib import *
from nnlib import elementary, replay
digest = hashlib.sha256()
for module in elementary, replay:
    for name, value in sorted(vars(module).items()):
        numbers = isinstance(value, (float, list, tuple, numpy.ndarray)) and name != "TARGETS"
        if numbers and name[:2] != "__":
            digest.update(name.encode() + numpy.array(value, float).tobytes())
found = [digest.hexdigest(), repr(Experiment(f2, 3, 1e-7, 20))]
for arithmetic in ("portable", "replay"):
    found.append(train(Experiment(f2, 3, 0.1, 20), arithmetic=arithmetic).checksum())
found.append(train(Experiment(f2, 3, 0.1, 20), engine="numpy").checksum())
print(json.dumps(found))
"""


def found_after(settings):
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM.format(settings)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def found_usually():
    return found_after("")


@pytest.mark.one_in(3)
@pytest.mark.parametrize("settings", BEFORE)
def test_what_was_set_before_the_import(settings, found_usually):
    assert found_after(BEFORE[settings]) == found_usually


def test_a_table_with_other_bits_is_refused():
    """Should something be able to change it after all: here the series that it is made of."""
    program = (
        "import decimal\n"
        "class Other(decimal.Decimal):\n"
        "    def exp(self):\n"
        "        return Other(super().exp() * decimal.Decimal('1.0000000000000001'))\n"
        "decimal.Decimal = Other\n"
        "import nnlib\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "RuntimeError: the table of the sigmoid has come out with other bits" in run.stderr
