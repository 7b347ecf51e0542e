"""What this process, its numpy and its processor are asked before they are believed."""

import json
import platform
import subprocess
import sys
import warnings
from functools import reduce
from operator import add  # unlike `sum`, which makes up for roundings from Python 3.12 on

import numpy as np
import pytest
from test_network import _pairwise_sum

from nnlib import Experiment, f1, machine, train
from nnlib.machine import sum_over_rows, sum_over_samples
from nnlib.report.pins import PINS, checksum

SHAPES = [(1,), (7,), (8, 1), (3, 100), (2, 129), (8, 1000), (2, 3, 1001), (2, 10_000)]
ANOTHER = "adds up in another order than numpy 2.3 and later"


@pytest.fixture
def afresh():
    """The order of numpy's sums as if it had not been tried yet."""
    machine._numpy_has_the_order.cache_clear()
    yield
    machine._numpy_has_the_order.cache_clear()


class OtherSums:
    """numpy's addition as before numpy 2.3: pairs in each buffer, one buffer after another."""

    def __init__(self, samples=True, rows=True):
        self.samples, self.rows = samples, rows

    def __call__(self, *given):
        return self.real(*given)

    def __getattr__(self, name):
        return getattr(self.real, name)

    real = np.add

    def reduce(self, terms, axis=0, out=None):
        if np.ndim(terms) == 1 or axis == -1:
            if self.samples:
                size = np.getbufsize()
                parts = range(0, np.shape(terms)[-1], size)
                return sum(self.real.reduce(terms[..., n : n + size], axis=-1) for n in parts)
        elif self.rows:
            return self.real.reduce(terms[::-1], axis=axis, out=out)
        return self.real.reduce(terms, axis=axis, out=out)


@pytest.fixture(params=["samples", "rows"])
def another_order(request, afresh, monkeypatch):
    other = OtherSums(**{which: which == request.param for which in ("samples", "rows")})
    monkeypatch.setattr(np, "add", other)
    with pytest.warns(RuntimeWarning, match=ANOTHER):
        assert not machine._numpy_has_the_order()


def check_sums():
    rng = np.random.default_rng(1)
    for shape in SHAPES:
        terms = rng.normal(size=shape)
        expected = [_pairwise_sum(row) for row in terms.reshape(-1, shape[-1]).tolist()]
        assert np.ravel(sum_over_samples(terms)).tolist() == expected
        assert machine._sum_in_pairs(terms).shape == shape[:-1]
        if terms.ndim == 2:
            sums = np.empty(shape[1])
            sum_over_rows(terms, sums)
            assert sums.tolist() == [reduce(add, column, 0.0) for column in terms.T.tolist()]
    for sign in (0.0, -0.0):
        assert not np.signbit(sum_over_samples(np.full((2, 1001), sign))).any()


def test_this_numpy_has_the_order(afresh):
    assert machine._numpy_has_the_order()
    check_sums()


@pytest.mark.usefixtures("another_order")
def test_sums_with_a_numpy_that_has_another():
    check_sums()


@pytest.mark.one_in(3)
@pytest.mark.usefixtures("another_order")
@pytest.mark.parametrize("pin", ["f1 3 1 1000 portable", "f1 3 1 1000 replay", "f1 2 fit"])
def test_the_bits_with_a_numpy_that_has_another_order(pin):
    with np.errstate():
        np.setbufsize(128)  # until errstate ends
        assert checksum(pin, "numpy") == PINS[pin]


def test_it_is_said_once(afresh, monkeypatch):
    monkeypatch.setattr(np, "add", OtherSums())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            train(Experiment(f1, 3, 0.1, 3), engine="numpy")
    assert [ANOTHER in str(warning.message) for warning in caught] == [True]


@pytest.mark.parametrize("size", [16, 128, 8192])
def test_the_size_of_the_buffer_is_as_it_was(afresh, size):
    with np.errstate():
        np.setbufsize(size)
        assert machine._numpy_has_the_order()
        assert np.getbufsize() == size


MODES = """
import ctypes
import json
import sys

from nnlib import Experiment, f1, train
from nnlib.machine import check_rounding

libm = ctypes.CDLL("libm.so.6")
environment = (ctypes.c_uint32 * 8)()  # of x86-64: the last is that of the vector registers
libm.fegetenv(environment)
usual = environment[7]
said = {}
for name, bits in {"usual": 0, "up": 0x4000, "down": 0x2000, "to zero": 0x6000,
                   "flushed": 0x8000, "taken for zero": 0x0040}.items():
    environment[7] = usual | bits
    libm.fesetenv(environment)
    try:
        train(Experiment(f1, 3, 0.1, 1))
        said[name] = ""
    except ArithmeticError as error:
        said[name] = str(error)
    environment[7] = usual
    libm.fesetenv(environment)
check_rounding()
print(json.dumps(said))
"""


@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64") or platform.libc_ver()[0] != "glibc",
    reason="how a library changes the rounding is known to this test on one system alone",
)
def test_a_process_that_rounds_otherwise_is_refused():
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", MODES], capture_output=True, text=True, check=True
    )
    said = json.loads(run.stdout)
    assert said.pop("usual") == ""
    for name in ("up", "down", "to zero"):
        assert "not rounded to the nearest double" in said.pop(name)
    assert len(said) == 2
    for why in said.values():
        assert "doubles below 2.2e-308 are taken for 0" in why


def test_a_double_rounding_is_refused():
    """As where registers are wider than doubles."""

    class Wider(float):
        def __mul__(self, other):
            return Wider(0.5 * 2.0**-52)

    with pytest.raises(ArithmeticError, match="not rounded to the nearest"):
        machine.check_rounding(half=Wider(2.0**-53))
