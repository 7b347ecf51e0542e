"""The elementary functions, against the correctly rounded and against their own definitions."""

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest

from nnlib import elementary, f1, f2, replay, sigmoid
from nnlib.elementary import exp, sin

getcontext().prec = 60


def _decimal_sin(x):
    term = total = x
    n = 1
    while abs(term) > Decimal("1e-50"):
        term *= -x * x / ((n + 1) * (n + 2))
        total += term
        n += 2
    return total


@pytest.mark.parametrize(
    ("function", "exact", "low", "high", "limit"),
    [
        (exp, Decimal.exp, -1.0, 1.0, 0.55),
        (exp, Decimal.exp, -700.0, 700.0, 0.6),
        (sin, _decimal_sin, -5.0, 5.0, 0.8),
        (sin, _decimal_sin, math.pi - 1e-6, math.pi + 1e-6, 0.8),
    ],
)
def test_within_one_unit_in_the_last_place(function, exact, low, high, limit):
    x = np.random.default_rng(1).uniform(low, high, 1000)
    for argument, value in zip(x, function(x), strict=True):
        true = exact(Decimal(float(argument)))
        ulps = abs(Decimal(float(value)) - true) / Decimal(math.ulp(float(true)))
        assert ulps < limit, argument


def test_special_values():
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 710.0, -746.0])
    np.testing.assert_array_equal(exp(x), [1, 1, np.inf, 0, np.nan, np.inf, 0])
    np.testing.assert_array_equal(sin(x[:5]), [0, 0, np.nan, np.nan, np.nan])
    assert math.copysign(1, sin(-0.0)) == -1
    np.testing.assert_array_equal(sigmoid(x), [0.5, 0.5, 1, 0, np.nan, 1, 0])
    np.testing.assert_array_equal(
        sigmoid([1e300, -1e300, 5e-324, 40.01, -40.01]), [1, 0, 0.5, 1, 0]
    )


def test_sin_refuses_what_it_cannot_reduce():
    with pytest.raises(ValueError, match=r"up to 1e\+06, got 2e\+06"):
        sin([1.0, -2e6])


def test_shapes_are_kept():
    for function in (exp, sin, sigmoid, f1, f2):
        assert np.ndim(function(0.5)) == 0
        assert function(np.ones((2, 3))).shape == (2, 3)
        assert function([1, 2]).shape == (2,)


def test_sigmoid_may_overwrite_its_argument():
    z = np.linspace(-40, 40, 101)
    expected = 1 / (1 + exp(-z))
    assert sigmoid(z, out=z) is not None
    np.testing.assert_allclose(z, expected, rtol=0, atol=2**-52)


@pytest.mark.parametrize("reach", [0.01, 1, 3, 8, 40])
def test_sigmoid_is_within_one_and_a_half_units(reach):
    z = np.random.default_rng(1).uniform(-reach, reach, 4000)
    for argument, value in zip(z.tolist(), sigmoid(z).tolist(), strict=True):
        true = 1 / (1 + (-Decimal(argument)).exp())
        assert abs(Decimal(value) - true) < Decimal("1.5") * Decimal(2) ** -53, argument


def test_the_table_of_the_sigmoid_holds_the_nearest_doubles():
    """Each entry, by another way than the one it was made by."""
    table, ratio = elementary._EXP_MINUS, (Decimal(-1) / 512).exp()
    exact = [Decimal(33) / 32 * Decimal(40).exp()]
    for _ in range(2 * 20480 - 1):
        exact.append(exact[-1] * ratio)
    assert table[1:-1].tolist() == [float(value) for value in exact[1:]]
    assert (table[0], table[-1], table.size) == (np.finfo(float).max, 0, 2 * 20480 + 1)


def test_sigmoid_never_falls():
    rng = np.random.default_rng(1)
    seams = (np.arange(-41 * 512, 41 * 512) + 0.5) / 512  # where one entry of its table takes over
    near = [np.nextafter(seams, -np.inf), seams, np.nextafter(seams, np.inf)]
    assert np.all(np.diff([sigmoid(z) for z in near], axis=0) >= 0)
    for size in (1e-9, 1e-3, 0.1, 1, 10, 100):
        z = rng.normal(0, size, 200_000)
        assert np.all(sigmoid(z) <= sigmoid(np.nextafter(z, np.inf)))
        assert np.all(np.diff(sigmoid(np.sort(z))) >= 0)


def test_exp_never_falls():
    rng = np.random.default_rng(1)
    seams = (np.arange(-16_000, 16_000) + 0.5) * math.log(2) / 16
    for x in (seams, np.nextafter(seams, 0), rng.normal(0, 0.1, 10**6), rng.normal(0, 100, 10**6)):
        assert np.all(exp(x) <= exp(np.nextafter(x, np.inf)))


def test_sin_rises_and_falls_where_it_should():
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.uniform(-5, 5, 10**6), [k * math.pi / 4 for k in range(-6, 7)]])
    beside = np.nextafter(x, np.inf)
    slope = np.sign(np.cos(x)) * (abs(np.cos(x)) > 1e-9)  # at the top the two may be the same
    assert np.all(slope * (sin(beside) - sin(x)) >= 0)


class Broken:
    def __array__(self, *given, **named):
        raise LookupError("it is not there")


@pytest.mark.parametrize("function", [exp, sin, sigmoid, f1, f2, replay.exp])
def test_real_numbers_are_taken_and_nothing_else(function):
    wrong = (
        None,
        "1",
        b"1",
        1j,
        np.datetime64("2025-06-09"),
        np.timedelta64(1, "s"),
        [1, None],
        ["1"],
    )
    for x in wrong:
        with pytest.raises(ValueError, match=r"^[xz] must be an array of real numbers: got"):
            function(x)
    with pytest.raises(ValueError, match="some of it is masked"):
        function(np.ma.array([1.0, 2.0], mask=[False, True]))
    with pytest.raises(ValueError, match="must be an array of real numbers: it is not there"):
        function(Broken())
    for x in (
        True,
        [1, True],
        np.float32([1, 0.5]),
        np.ma.array([1.0, 2.0]),
        np.array([1, 2], ">f8"),
    ):
        np.testing.assert_array_equal(function(x), function(np.array(x, dtype=float)))


def test_targets():
    x = np.linspace(-5, 5, 101)
    np.testing.assert_allclose(f1(x), np.exp(x / 5), rtol=1e-15)
    np.testing.assert_allclose(f2(x), np.sin(x) * (25 - x**2), rtol=1e-14, atol=1e-14)
