"""The elementary functions of the report, the same to the last bit on every machine.

`exp`, `sin` and `sigmoid` use nothing but elementwise addition, subtraction, multiplication,
division, comparison, rounding to an integer and scaling by powers of two. IEEE 754 fixes the
result of each of these, so neither a mathematics library nor an instruction set matters.

A port to another language gives the same bits if it does the same operations in the same order,
in double precision, rounding to nearest with ties to even; if it fuses no multiplication with an
addition (in C, ``-ffp-contract=off``) and keeps no wider intermediate results; and if its tables
hold the doubles nearest to the values that are computed here with more digits than needed.
"""

from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from hashlib import sha256
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib.checks import Floats, as_floats

__all__ = ["TABLE_SHA256", "Floats", "digits", "exp", "sigmoid", "sin"]

# The table of the sigmoid as little-endian doubles.
TABLE_SHA256 = "c713d06a25daec1833a5616ba8c5ed41ee487069810e11c955f6aefe66d00996"


def digits(count: int) -> Context:
    """A decimal context of so many digits in which nothing is as the process has set it."""
    return Context(
        prec=count,
        rounding=ROUND_HALF_EVEN,
        Emin=-999_999,
        Emax=999_999,
        capitals=1,
        clamp=0,
        flags=[],
        traps=[InvalidOperation, DivisionByZero, Overflow],
    )


def _split(constant: Decimal, *bits: int) -> tuple[float, ...]:
    """Cut a constant into doubles, all but the last so short that n times it is exact."""
    parts: list[float] = []
    for n in bits:
        parts.append(float(round(constant * 2**n)) / 2**n)
        constant -= Decimal(parts[-1])
    return *parts, float(constant)


_BEYOND = 750.0  # from 709.8 on, exp is infinite in doubles, and below -745.2 it is 0
_SIN_LIMIT = 1e6

# Constants are split where they leave room for n: 15 bits in exp, up to _BEYOND; 20 bits in sin, up
# to _SIN_LIMIT. 60 digits are 199 bits, of which no constant needs more than 118.
with localcontext(digits(60)):
    _LN2_16 = _split(Decimal(2).ln() / 16, 40)
    _PI_2 = _split(Decimal("3.14159265358979323846264338327950288419716939937511") / 2, 32, 65)
    _POWERS = [_split(Decimal(2) ** (Decimal(j) / 16), 52) for j in range(16)]
    _POWER, _POWER_REST = np.array(_POWERS).T.copy()  # 2**(j/16), twice a double long

# Taylor's series end where the next term is below a thirtieth of 2**-53, relative to the result.
_EXP = [1 / factorial(n) for n in (7, 6, 5, 4, 3, 2)]
_SIN = [(-1) ** n / factorial(2 * n + 1) for n in (8, 7, 6, 5, 4, 3, 2, 1)]
_COS = [(-1) ** n / factorial(2 * n) for n in (8, 7, 6, 5, 4, 3, 2)]

# The table of the sigmoid has 512 steps in a unit, so that four terms of the series will do, and
# ends at ±40, beyond 53 ln 2 = 36.7, from which on 1 + exp(-z) is 1.
_STEPS, _END = 512, 40
_SCALE = np.array(33 / 32)
_SNAP = np.array(3 * 2.0**51 / _STEPS)  # doubles of this size lie 1/512 apart
_SNAP_BITS = _SNAP.view(np.int64) - _STEPS * _END
_REACH = _END + 0.25 / _STEPS  # less than half a step beyond the ends, so that it snaps to them
_SERIES = [np.array(c) for c in (1 / 24, -1 / 6, 1 / 2, -1 + 2.0**-45)]


def _fixed_point(first: Decimal, exponent: Decimal, count: int) -> NDArray[np.object_]:
    """A geometric series with the ratio exp(exponent), as integers of 2**-192."""
    ratio = exponent.exp()
    return np.array([int(first * ratio**n * 2**192) for n in range(count)], dtype=object)


# 33/32 exp(-n/512) for each n from -20480: exact products of integers, each rounded once. 80 digits
# are 265 bits, for the 255 of the largest of these integers.
with localcontext(digits(80)):
    _products = np.multiply.outer(
        _fixed_point(33 * Decimal(_END).exp(), Decimal(-1) / 4, 8 * _END),
        _fixed_point(Decimal(1), Decimal(-1) / _STEPS, _STEPS // 4),
    )
_EXP_MINUS = np.append(_products.astype(float) / 2.0**389, 0.0)  # at 40 zero: the sigmoid is 1,
_EXP_MINUS[0] = np.finfo(float).max  # at -40 the largest double, whose overflow makes it 0
if sha256(_EXP_MINUS.astype("<f8").tobytes()).hexdigest() != TABLE_SHA256:
    raise RuntimeError(
        "the table of the sigmoid has come out with other bits than it has on every machine: "
        "something in this process computes otherwise, and so would every training"
    )


def _polynomial(coefficients: list[float], x: Any) -> Any:
    """Horner's rule, highest power first."""
    total = coefficients[0]
    for c in coefficients[1:]:
        total = total * x + c
    return total


@np.errstate(all="ignore")
def exp(x: ArrayLike) -> Any:
    """The exponential function, within one unit in the last place.

    With n the integer nearest to 16 x / ln 2 and r = x - n ln(2) / 16, so that abs(r) < 0.022,
    exp(x) = 2**(n/16) exp(r): a table of sixteen powers and seven terms of Taylor's series.

    Parameters
    ----------
    x : array_like
        Any shape.

    Returns
    -------
    ndarray or float
        Shape of `x`; 0 or infinity where the result is too small or too large for a double.

    Raises
    ------
    ValueError
        If `x` is not an array of real numbers, or some of it is masked.
    """
    x = as_floats("x", x)
    bounded = np.clip(np.nan_to_num(x, nan=0.0), -_BEYOND, _BEYOND)
    n = np.rint(bounded / _LN2_16[0])
    r = (bounded - n * _LN2_16[0]) - n * _LN2_16[1]
    expm1 = r + r * r * _polynomial(_EXP, r)
    octave, j = np.divmod(n.astype(int), 16)
    result = np.ldexp(_POWER[j] + (_POWER_REST[j] + _POWER[j] * expm1), octave)
    return np.where(np.isnan(x), x, result)[()]


@np.errstate(all="ignore")
def sin(x: ArrayLike) -> Any:
    """The sine, within one unit in the last place.

    With n the integer nearest to 2 x / π and r = x - n π / 2, it is ± sin(r) or ± cos(r), by
    Taylor's series.

    Parameters
    ----------
    x : array_like
        Any shape, in radians, at most a million in size; NaN and infinities give NaN.

    Returns
    -------
    ndarray or float
        Shape of `x`.

    Raises
    ------
    ValueError
        If `x` is not an array of real numbers, some of it is masked, or a finite one is so large
        that too few digits of π would be left to say where in its period it lies.
    """
    x = as_floats("x", x)
    finite = np.where(np.isfinite(x), x, 0.0)
    if np.any(abs(finite) > _SIN_LIMIT):
        raise ValueError(f"sin takes |x| up to {_SIN_LIMIT:.0e}, got {abs(finite).max():.3g}")
    n = np.rint(finite / (_PI_2[0] + _PI_2[1]))
    exact = finite - n * _PI_2[0]
    r = exact - n * _PI_2[1]
    rest = ((exact - r) - n * _PI_2[1]) - n * _PI_2[2]  # what rounding took from r
    r2 = r * r
    sine: Floats = r + (r * r2 * _polynomial(_SIN, r2) + rest)
    parabola = 1.0 - r2 / 2
    rest_of_parabola = (1.0 - parabola) - r2 / 2
    cosine: Floats = parabola + (rest_of_parabola + (r2 * r2 * _polynomial(_COS, r2) - r * rest))
    quadrant = n.astype(int) % 4
    result = np.where(quadrant % 2 == 0, sine, cosine) * np.where(quadrant < 2, 1.0, -1.0)
    return np.where(np.isfinite(x), np.where(x == 0, x, result), np.nan)[()]


@np.errstate(all="ignore")
def sigmoid(z: ArrayLike, out: Floats | None = None) -> Any:
    """The activation function of the hidden layer, σ(z) = 1 / (1 + exp(-z)).

    With n the integer nearest to 512 z, ties to even, and r = z - n / 512, so that
    abs(r) < 0.001, exp(-z) = exp(-n/512) exp(-r): a table and four terms of Taylor's series.

    Parameters
    ----------
    z : array_like
        Any shape.
    out : ndarray, optional
        Where the result is written; `z` itself is allowed.

    Returns
    -------
    ndarray or float
        Shape of `z`, between 0 and 1; 0 below -40.

    Raises
    ------
    ValueError
        If `z` is not an array of real numbers, or some of it is masked.

    Notes
    -----
    Section 2.3 of the document. Within 1.5 units of 2**-53, and it never falls: each step rises
    or falls with z as a whole, and the slope of the series is smaller by one part in 2**45, so
    that each stretch of the table begins no lower than the one before it ended. Numerator and
    table are 33/32 times what they would be otherwise, which keeps the sum away from 1, where its
    rounding would cost most.
    """
    r = as_floats("z", z).clip(-_REACH, _REACH, out)
    shifted = np.asarray(r + _SNAP)
    e = np.asarray(shifted - _SNAP)
    r -= e
    index = shifted.view(np.int64)  # doubles near 3 * 2**42 count steps of 1/512
    index -= _SNAP_BITS
    _EXP_MINUS.take(index, out=e, mode="clip")
    t = np.multiply(r, _SERIES[0], shifted)
    for c in _SERIES[1:]:
        t += c
        t *= r
    t *= e
    t += e
    t += _SCALE
    return np.divide(_SCALE, t, out)
