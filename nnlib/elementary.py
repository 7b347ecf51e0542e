"""The elementary functions of the report.

`exp` and `sin`, which the target functions need, use nothing but elementwise addition,
subtraction, multiplication, comparison, rounding to an integer and scaling by powers of two.
IEEE 754 fixes the result of each of these, so neither a mathematics library nor an instruction
set has a say in the standard datasets: a port to another language gives the same bits if it does
the same operations in the same order and fuses none of them.

`sigmoid` rests on `numpy.tanh`, whose bits were seen to be the same with and without AVX-512,
on 64-bit Arm, and from numpy 1.24 to 2.4; those of `numpy.exp` were not.
"""

from decimal import Decimal, localcontext
from math import factorial

import numpy as np

__all__ = ["exp", "sigmoid", "sin"]


def _split(constant, *bits):
    """Cut a constant into doubles, all but the last so short that n times it is exact."""
    parts = []
    for n in bits:
        parts.append(float(round(constant * 2**n)) / 2**n)
        constant -= Decimal(parts[-1])
    return *parts, float(constant)


with localcontext() as _context:
    _context.prec = 60
    _LN2_16 = _split(Decimal(2).ln() / 16, 40)
    _PI_2 = _split(Decimal("3.14159265358979323846264338327950288419716939937511") / 2, 32, 65)
    _POWERS = [_split(Decimal(2) ** (Decimal(j) / 16), 52) for j in range(16)]
    _POWER, _POWER_REST = np.array(_POWERS).T.copy()  # 2**(j/16), twice a double long

_EXP = [1 / factorial(n) for n in (7, 6, 5, 4, 3, 2)]
_SIN = [(-1) ** n / factorial(2 * n + 1) for n in (8, 7, 6, 5, 4, 3, 2, 1)]
_COS = [(-1) ** n / factorial(2 * n) for n in (8, 7, 6, 5, 4, 3, 2)]
_SIN_LIMIT = 1e6


def _polynomial(coefficients, x):
    """Horner's rule, highest power first."""
    total = coefficients[0]
    for c in coefficients[1:]:
        total = total * x + c
    return total


def exp(x):
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
    """
    x = np.asarray(x, dtype=float)
    bounded = np.clip(np.nan_to_num(x, nan=0.0), -750.0, 750.0)
    n = np.rint(bounded / _LN2_16[0])
    r = (bounded - n * _LN2_16[0]) - n * _LN2_16[1]
    expm1 = r + r * r * _polynomial(_EXP, r)
    octave, j = np.divmod(n.astype(int), 16)
    with np.errstate(over="ignore", under="ignore"):
        result = np.ldexp(_POWER[j] + (_POWER_REST[j] + _POWER[j] * expm1), octave)
    return np.where(np.isnan(x), x, result)[()]


def sin(x):
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
        If a finite `x` is so large that too few digits of π would be left to say where in its
        period it lies.
    """
    x = np.asarray(x, dtype=float)
    finite = np.where(np.isfinite(x), x, 0.0)
    if np.any(abs(finite) > _SIN_LIMIT):
        raise ValueError(f"sin takes |x| up to {_SIN_LIMIT:.0e}, got {abs(finite).max():.3g}")
    n = np.rint(finite / (_PI_2[0] + _PI_2[1]))
    exact = finite - n * _PI_2[0]
    r = exact - n * _PI_2[1]
    rest = ((exact - r) - n * _PI_2[1]) - n * _PI_2[2]  # what rounding took from r
    r2 = r * r
    sine = r + (r * r2 * _polynomial(_SIN, r2) + rest)
    parabola = 1.0 - r2 / 2
    rest_of_parabola = (1.0 - parabola) - r2 / 2
    cosine = parabola + (rest_of_parabola + (r2 * r2 * _polynomial(_COS, r2) - r * rest))
    quadrant = n.astype(int) % 4
    result = np.where(quadrant % 2 == 0, sine, cosine) * np.where(quadrant < 2, 1.0, -1.0)
    return np.where(np.isfinite(x), np.where(x == 0, x, result), np.nan)[()]


def sigmoid(z, out=None):
    """The activation function of the hidden layer, σ(z) = 1 / (1 + exp(-z)) = (1 + tanh(z/2)) / 2.

    Parameters
    ----------
    z : array_like
        Any shape.
    out : ndarray, optional
        Where the result is written; `z` itself is allowed.

    Returns
    -------
    ndarray or float
        Shape of `z`, between 0 and 1. Written with tanh, it cannot overflow.

    Notes
    -----
    Section 2.3 of the document.
    """
    if out is None:
        out = np.empty(np.shape(z))
    np.multiply(z, 0.5, out=out)
    np.tanh(out, out=out)
    out += 1.0
    out *= 0.5
    return out[()]
