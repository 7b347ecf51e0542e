"""The Hessian compiled: the bits of numpy's, for one network and for many."""

import gc
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from nnlib import Experiment, f1, f2, get_new_random_weights, kernel, train
from nnlib import hessian as plain
from nnlib.hessian import hessian
from nnlib.kernel import hessian as compiled
from nnlib.network import unpack


def dataset(n):
    x = np.random.default_rng(n).uniform(-5, 5, n)
    return x, np.sin(x)


def same_bits(one, other):
    return one.tobytes() == other.tobytes()


@pytest.mark.parametrize("h", [2, 3, 4, 8, 9, 20])
@pytest.mark.parametrize("n", [1, 2, 7, 8, 9, 127, 128, 129, 257, 1000, 1001])
def test_any_number_of_neurons_and_samples(h, n):
    x, y = dataset(n)
    U, V = get_new_random_weights(h, rng=n)
    for scale in (0.0, 1e-160, 1.0, 100.0, 1e150):
        given = scale * U, scale * V[0], x, y
        with np.errstate(all="ignore"):
            ours = plain._hessian(*given)
        assert same_bits(hessian(*given), ours)


def test_a_stack_is_its_networks(monkeypatch):
    history = train(Experiment(f2, 5, 0.1, 40))
    x, y = history.train_set
    one_by_one = [plain._hessian(U, V, x, y) for U, V in zip(history.U, history.V, strict=True)]
    assert same_bits(hessian(history.U, history.V, x, y), np.array(one_by_one))
    monkeypatch.setattr(compiled, "_ROOM", 7 * 13**2)  # a few at a time
    vars(compiled._last).clear()
    assert same_bits(hessian(history.U, history.V, x, y), np.array(one_by_one))
    grid = hessian(history.U[1:].reshape(4, 10, 4, 2), history.V[1:].reshape(4, 10, 5), x, y)
    assert same_bits(grid, np.array(one_by_one[1:]).reshape(4, 10, 13, 13))
    assert hessian(history.U[:0], history.V[:0], x, y).shape == (0, 13, 13)


def test_one_dataset_after_the_other():
    rows = np.linspace(-1, 2, 7)
    for n in (50, 50, 30, 50):
        x, y = dataset(n)
        given = *unpack(rows, 3), x, y * n
        assert same_bits(hessian(*given), plain._hessian(*given))


def test_threads():
    history = train(Experiment(f1, 3, 1, 300))
    x, y = history.train_set

    def all_of_them(n):
        return [hessian(history.U[k], history.V[k], x[n:], y[n:]) for k in range(0, 300, 10)]

    alone = [all_of_them(n) for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(all_of_them, range(4)))
    np.testing.assert_array_equal(together, alone)


@pytest.fixture
def afresh():
    """The kernels as if none had been loaded yet."""
    kernel._attempt.cache_clear()
    yield
    kernel._attempt.cache_clear()


def test_numpy_where_there_is_no_kernel(afresh, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "wasmtime"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "wasmtime", None)
    x, y = dataset(100)
    U, V = get_new_random_weights(3, rng=1)
    assert same_bits(hessian(U, V, x, y), plain._hessian(U, V[0], x, y))
    stack = hessian(np.stack([U, 2 * U]), np.stack([V[0], V[0]]), x, y)
    assert same_bits(stack[1], plain._hessian(2 * U, V[0], x, y))
    with pytest.raises(kernel.KernelError, match="wasmtime is not installed"):
        kernel.load("hessian", plain._is_proven)


def test_other_bits_are_found_out(afresh, monkeypatch):
    real = compiled.hessians
    monkeypatch.setattr(compiled, "hessians", lambda *given: np.nextafter(real(*given), 9))
    x, y = dataset(100)
    given = *unpack(np.linspace(-1, 2, 7), 3), x, y
    assert same_bits(hessian(*given), plain._hessian(*given))


def test_too_large_for_its_memory():
    huge = np.broadcast_to(0.0, 2**28)
    engine, module = kernel.load("hessian", plain._is_proven)
    with pytest.raises(MemoryError, match="no memory for 268435456 samples and h = 3"):
        compiled.hessians(engine, module, np.zeros((1, 7)), huge, huge)
    x, y = dataset(10)
    given = *unpack(np.linspace(-1, 2, 7), 3), x, y
    assert same_bits(hessian(*given), plain._hessian(*given))


def test_a_thread_keeps_one_memory(monkeypatch):
    wasmtime = pytest.importorskip("wasmtime")
    left = weakref.WeakSet()

    class Store(wasmtime.Store):
        def __init__(self, engine):
            super().__init__(engine)
            left.add(self)

    monkeypatch.setattr(wasmtime, "Store", Store)
    vars(compiled._last).clear()
    gc.disable()
    try:
        for n in (10, 20, 30):
            hessian(*unpack(np.linspace(-1, 2, 7), 3), *dataset(n))
        assert len(left) == 1
    finally:
        gc.enable()
        vars(compiled._last).clear()


def test_the_binary_imports_nothing():
    _, module = kernel.load("hessian", plain._is_proven)
    assert module.imports == []
    assert {e.name for e in module.exports} == {"memory", "layout", "hessian"}


def test_eigenvalues_of_a_stack_are_those_of_each():
    """So that it makes no difference how many epochs are asked for at one go."""
    history = train(Experiment(f2, 8, 0.1, 60))
    matrices = hessian(history.U, history.V, *history.train_set)
    each = [np.linalg.eigvalsh(matrix) for matrix in matrices]
    assert same_bits(np.linalg.eigvalsh(matrices), np.array(each))
