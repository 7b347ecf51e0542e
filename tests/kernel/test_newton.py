"""Fits by the kernel: the bits of numpy's loop for every start, and numpy where it cannot run."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import f2, kernel
from nnlib.interval import nodes
from nnlib.kernel import memory, newton
from nnlib.optimizers import least_squares
from nnlib.optimizers.least_squares import fit, fit_outputs, spread_weights

X, PARTS = nodes()


def both(x, y, weights, **named):
    """The same fit by both engines, which must not differ by a bit."""
    ours, compiled = (fit(x, y, weights, engine=e, **named) for e in ("numpy", "kernel"))
    for name in ("weights", "error", "steps", "converged"):
        one, other = getattr(ours, name), getattr(compiled, name)
        assert one.dtype == other.dtype
        assert np.array_equal(one, other, equal_nan=name == "error"), name
    return compiled


@pytest.mark.parametrize("h", [2, 3, 4, 8, 9, 20])
@pytest.mark.parametrize("penalty", [0.0, 0.01])
def test_any_number_of_neurons(h, penalty):
    both(X, f2(X), spread_weights(h, 2, h), parts=PARTS, penalty=penalty, steps=30, outputs=True)


@pytest.mark.parametrize("n", [1, 2, 7, 8, 9, 15, 127, 128, 129, 136, 257, 1000])
def test_any_number_of_samples(n):
    rng = np.random.default_rng(n)
    x, parts = 10 * rng.random(n) - 5, rng.random(n)
    for outputs in (False, True):
        both(x, f2(x), spread_weights(4, 3, rng), steps=30, outputs=outputs)
        both(x, f2(x), spread_weights(4, 3, rng), parts=parts, steps=30, outputs=outputs)


@pytest.mark.one_in(5)
@pytest.mark.parametrize("size", [0.0, 1e-310, 1e-160, 1e3, 1e155, 1e200, 1e308])
@pytest.mark.parametrize("x", [[1.0, 2.0], [1e10, -3, 1e-300], [1e308, -1e308, 0.5]])
@pytest.mark.parametrize("outputs", [False, True])
def test_what_overflows_or_has_no_solution(size, x, outputs):
    weights = np.full((2, 10), size)
    weights[1, :4] = 1.0
    for height in (1.0, 1e300):
        y = np.linspace(-height, height, len(x))
        both(x, y, weights, steps=80, outputs=outputs)
        both(x, y, weights, steps=80, outputs=outputs, penalty=1e-3)


def test_neurons_that_are_alike():
    weights = np.repeat(spread_weights(2, 2, 1), [4, 3, 3, 0], axis=1)[:, :10]
    both(X, f2(X), weights, parts=PARTS, steps=100, outputs=True)


def test_to_the_end():
    found = both(X, f2(X), spread_weights(4, 4, 1), parts=PARTS, steps=600, outputs=True)
    assert found.converged.any() and found.steps.max() > 100


@st.composite
def fits(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.integers(1, 300))
    x = (rng.random(n) - 0.5) * draw(st.sampled_from([1e-3, 10, 1e4]))
    y = f2(x) * draw(st.sampled_from([1e-3, 1, 1e5]))
    weights = spread_weights(draw(st.integers(2, 7)), draw(st.integers(1, 6)), rng)
    weights *= draw(st.sampled_from([0.01, 1, 100]))
    return (x, y, weights), {
        "parts": rng.random(n) if draw(st.booleans()) else None,
        "penalty": draw(st.sampled_from([0.0, 1e-6, 1.0])),
        "steps": draw(st.integers(1, 90)),
        "until": draw(st.sampled_from([None, 1e-6, 1e-2, 1.0, 30.0])),
        "outputs": draw(st.booleans()),
    }


@given(fits())
def test_any_fit(drawn):
    (x, y, weights), named = drawn
    both(x, y, weights, **named)


def test_in_pieces(monkeypatch):
    weights = spread_weights(4, 2, 1)
    whole = fit(X, f2(X), weights, parts=PARTS, steps=100, engine="kernel")
    for some in (1, 7, 100):
        monkeypatch.setattr(newton, "_WORK", some * X.size * 100)
        assert (fit(X, f2(X), weights, parts=PARTS, steps=100).weights == whole.weights).all()


def test_an_instance_is_used_again(monkeypatch):
    wasmtime = pytest.importorskip("wasmtime")
    kernel.load()
    memory._spare.clear()
    made, real = [], wasmtime.Instance
    monkeypatch.setattr(wasmtime, "Instance", lambda *given: made.append(1) or real(*given))
    for h, n in ((20, 160), (3, 5), (9, 300), (4, 160)):  # of which each leaves numbers behind
        x = np.linspace(-5, 5, n)
        both(x, f2(x), spread_weights(h, 2, 1), steps=20, outputs=True)
    assert len(made) == 1
    monkeypatch.setattr(memory, "_SMALL", 0)
    for _ in range(2):
        fit(X, f2(X), spread_weights(3, 1, 1), steps=1)
    assert len(made) == 2 and not memory._spare


def test_an_instance_of_another_module_is_not_used(monkeypatch):
    monkeypatch.setattr(memory, "_spare", [("another", None, {})])
    both(X, f2(X), spread_weights(3, 1, 1), steps=5)


def test_threads():
    starts = spread_weights(4, 8, 1)
    alone = fit(X, f2(X), starts, parts=PARTS, steps=50).weights
    with ThreadPoolExecutor(4) as pool:
        run = lambda row: fit(X, f2(X), row, parts=PARTS, steps=50, engine="kernel").weights  # noqa: E731
        assert (np.array(list(pool.map(run, starts))) == alone).all()


@pytest.fixture
def afresh():
    """As if nothing had been loaded or proven yet."""
    for cached in (kernel._attempt, least_squares._is_proven):
        cached.cache_clear()
    yield
    for cached in (kernel._attempt, least_squares._is_proven):
        cached.cache_clear()


def falls_back(reason):
    weights = spread_weights(3, 2, 1)
    ours = fit(X, f2(X), weights, steps=5, engine="numpy").weights
    assert (fit(X, f2(X), weights, steps=5).weights == ours).all()
    with pytest.raises(kernel.KernelError, match=reason):
        fit(X, f2(X), weights, steps=5, engine="kernel")


def test_without_wasmtime(afresh, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "wasmtime"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "wasmtime", None)
    falls_back("wasmtime is not installed")


def test_other_bits_are_found_out(afresh, monkeypatch):
    real = newton.fit

    def other(*run):
        weights, *more = real(*run)
        weights[-1, -1] = np.nextafter(weights[-1, -1], 0)
        return weights, *more

    monkeypatch.setattr(newton, "fit", other)
    falls_back("the kernel gives a fit other bits than numpy does")


def test_too_large_for_its_memory(monkeypatch):
    huge = np.broadcast_to(0.0, 2**28)
    with pytest.raises(MemoryError, match="no memory for 268435456 samples and h = 3; take engine"):
        newton.fit(huge, huge, huge, np.zeros((1, 7)), False, 0.0, 1, -1.0)

    def fails(*run):
        raise MemoryError

    monkeypatch.setattr(newton, "fit", fails)
    weights = spread_weights(3, 2, 1)
    ours = fit(X, f2(X), weights, steps=5, engine="numpy").weights
    assert (fit(X, f2(X), weights, steps=5).weights == ours).all()
    with pytest.raises(MemoryError):
        fit(X, f2(X), weights, steps=5, engine="kernel")


def test_the_constants_are_those_of_numpy():
    source = (kernel._HERE / "newton.c").read_text(encoding="utf-8")
    for text in (
        f"damping = {least_squares._DAMPING:g}",
        f"ridge = {least_squares._RIDGE:g}".replace("1e-08", "1e-8"),
        f"least = {least_squares._LEAST_DAMPING:g}, most = {least_squares._MOST_DAMPING:g}".replace(
            "e+", "e"
        ),
        f"PACE = {least_squares._PACE}",
        f"PATIENCE = {least_squares._PATIENCE}",
    ):
        assert text in source


def test_outputs_are_those_of_fit_outputs():
    weights = spread_weights(5, 3, 1)
    first = fit_outputs(X, f2(X), weights, PARTS)
    both(X, f2(X), first, parts=PARTS, steps=3)
    one = fit(X, f2(X), weights, parts=PARTS, steps=3, outputs=True)
    assert (one.weights == fit(X, f2(X), first, parts=PARTS, steps=3).weights).all()
