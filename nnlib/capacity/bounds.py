"""Bounds on the error of a network over the whole interval [-5, 5], proven by computing with balls.

A ball is a number with a radius that holds all that was rounded, as in
`nnlib.oscillation.enclosure`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, nextafter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnlib.checks import check_weights
from nnlib.extras import extra
from nnlib.network import flat_V
from nnlib.oscillation.precision import flint_precision
from nnlib.targets import Target, f1, f2

with extra("capacity"):
    from flint import acb, arb

__all__ = ["Bounds", "bound"]

_BITS = 80
_PIECES = 2000  # of the interval, in each of which the largest deviation is bounded


@dataclass(frozen=True)
class Bounds:
    """What is proven of a network.

    Attributes
    ----------
    error : tuple of float
        Half the mean squared error on the interval is not less than the first of these, and not
        more than the second.
    deviation : float
        Nowhere on the interval is the output farther than this from the function.
    """

    error: tuple[float, float]
    deviation: float


def bound(f: Target, U: ArrayLike, V: ArrayLike) -> Bounds:
    """Bound the error of a network over the whole interval.

    Parameters
    ----------
    f : callable
        `f1` or `f2`.
    U : array_like, shape (h-1, 2)
    V : array_like, shape (h,) or (1, h)
        Taken as they are: as doubles.

    Returns
    -------
    Bounds

    Raises
    ------
    ValueError
        If the function is another, or the weights are not valid, or so large that nothing can be
        proven of them.

    Notes
    -----
    The integral is that of Petras's algorithm as Arb has it (Johansson, "Numerical integration in
    arbitrary-precision ball arithmetic", 2018): the network is analytic but for poles off the real
    line, of which it keeps clear. The deviation is bounded piece by piece, by its value at the
    middle and the largest slope in the piece.
    """
    if f not in _TARGETS:
        raise ValueError(f"f must be f1 or f2, got {f!r}")
    h = np.size(V)
    U, V = check_weights((U, V), h)
    neurons = [
        (arb(float(v)), arb(float(u0)), arb(float(u1)))
        for v, (u0, u1) in zip(flat_V(U, V)[:-1], U, strict=True)
    ]
    bias, target = arb(float(flat_V(U, V)[-1])), _TARGETS[f]

    def deviation(x):
        """How far the output is from the function, and the slope of that."""
        y, slope = target(x)
        e, slope = bias - y, -slope
        for v, u0, u1 in neurons:
            H = _sigmoid(u0 * x + u1)
            e += v * H
            slope += v * u0 * H * (1 - H)
        return e, slope

    with flint_precision(_BITS):
        # Half of the mean, over a length of 10.
        integral = acb.integral(lambda x, _: deviation(x)[0] ** 2 / 20, -5, 5).real
        worst, half = arb(0), arb(5) / _PIECES
        for n in range(_PIECES):
            middle = -5 + (2 * n + 1) * half
            slope = deviation(middle + arb(0, half.upper()))[1]
            worst = worst.max(abs(deviation(middle)[0]) + abs(slope) * half)
        ends = float(integral.lower()), float(integral.upper()), float(worst.upper())
    if not np.isfinite(ends).all():
        raise ValueError("these weights are too large for a bound, or too steep for one")
    low, high, most = ends
    return Bounds((nextafter(low, -inf), nextafter(high, inf)), nextafter(most, inf))


def _sigmoid(z):
    """σ; of a real ball by its two ends, as it rises: exp of a wide one may be negative."""
    if isinstance(z, acb):
        return (1 + (z / 2).tanh()) / 2
    low, high = ((1 + (end / 2).tanh()) / 2 for end in (z.lower(), z.upper()))
    return low.union(high)


def _f1(x):
    y = (x / 5).exp()
    return y, y / 5


def _f2(x):
    sine, cosine = x.sin(), x.cos()
    return sine * (25 - x * x), cosine * (25 - x * x) - 2 * x * sine


_TARGETS: dict[Target, Callable[[Any], Any]] = {f1: _f1, f2: _f2}  # with their slopes
