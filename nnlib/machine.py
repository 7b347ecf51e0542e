"""What the bits of a training depend on beyond its operations: tried out, and not believed.

IEEE 754 fixes what an addition gives, but numpy does not promise in which order it takes many, and
another library may have changed how this process rounds.
"""

import warnings
from functools import cache
from typing import Any

import numpy as np

from nnlib.checks import Floats

__all__ = ["check_rounding", "sum_over_rows", "sum_over_samples"]

_BLOCK = 128  # samples that are summed at one go
_BUFFERS = 16, 128, 8192  # of numpy, in elements; before numpy 2.3 they changed the order of sums

# From 1 to the next double is one step; the last is the smallest normal double. They are given as
# arguments, since what has only constants is computed when Python compiles it.
_ONE, _HALF, _STEP, _SMALL = 1.0, 2.0**-53, 2.0**-52, 2.0**-1022


def check_rounding(
    one: float = _ONE, half: float = _HALF, step: float = _STEP, small: float = _SMALL
) -> None:
    """Refuse to compute where doubles are not rounded to the nearest, or small ones become 0."""
    # Each thread has a mode of its own, and any library may change it at any time: ask each time.
    if one + half != one or one + half * (one + step) != one + step:
        raise ArithmeticError(
            "in this process doubles are not rounded to the nearest double: a library that it has "
            "loaded has changed the rounding, and no training would have the right bits"
        )
    if small / 2 * 2 != small:
        raise ArithmeticError(
            "in this process doubles below 2.2e-308 are taken for 0: a library that it has loaded "
            "(often one compiled with -ffast-math) has changed that, and no training would be sure "
            "to have the right bits"
        )


def sum_over_samples(terms: Floats) -> Any:
    """Sum along the last axis, in pairs: in the order of `numpy.add.reduce` since numpy 2.3."""
    if _numpy_has_the_order():
        return np.add.reduce(terms, axis=-1)
    return _sum_in_pairs(terms)


def sum_over_rows(terms: Floats, out: Floats) -> None:
    """Sum along the first axis, from the first row on, and write the sums to `out`."""
    if len(out) > 1 and _numpy_has_the_order():
        np.add.reduce(terms, axis=0, out=out)
    else:  # for a column numpy has another order
        out[:] = np.add.accumulate(terms, axis=0)[-1]


@cache
def _numpy_has_the_order() -> bool:
    """Whether numpy adds in these orders: tried once, with terms that tell one from another."""
    terms = 1 / np.arange(1.0, 8 * 1003 + 1).reshape(8, 1003)
    sizes = 7, 8, 100, 1003
    pairs = [_sum_in_pairs(terms[:, :n]) for n in sizes]
    rows = np.add.accumulate(terms, axis=0)[-1]
    same = True
    with np.errstate(all="ignore"):
        before = np.getbufsize()
        for size in _BUFFERS:
            np.setbufsize(size)
            for n, expected in zip(sizes, pairs, strict=True):
                part = terms[:, :n].copy()
                same &= np.array_equal(np.add.reduce(part, axis=-1), expected)
                same &= np.array_equal([np.add.reduce(row) for row in part], expected)
            same &= np.array_equal(np.add.reduce(terms, axis=0), rows)
        np.setbufsize(before)  # which before numpy 2.0 would outlast errstate
    if not same:
        warnings.warn(
            f"numpy {np.__version__} adds up in another order than numpy 2.3 and later, so nnlib "
            "does it by itself: with the right bits, but its engine in numpy takes longer",
            RuntimeWarning,
            stacklevel=2,
        )
    return same


def _sum_in_pairs(terms: Floats) -> Floats:
    """The same sum from additions whose order is not numpy's to choose."""
    # Up to 128 terms at one go, and more in two halves, the first with a multiple of eight. At one
    # go means with eight running sums, which are added up in pairs; what is left, one by one.
    n = terms.shape[-1]
    if n > _BLOCK:
        half = n // 16 * 8
        return _sum_in_pairs(terms[..., :half]) + _sum_in_pairs(terms[..., half:])
    total, whole = np.zeros(terms.shape[:-1]), n // 8 * 8
    if whole:
        eights = terms[..., :whole].reshape(*terms.shape[:-1], -1, 8)
        running = np.add.accumulate(eights, axis=-2)[..., -1, :]
        pairs = running[..., ::2] + running[..., 1::2]
        pairs = pairs[..., ::2] + pairs[..., 1::2]
        total += pairs[..., 0] + pairs[..., 1]
    for k in range(whole, n):
        total += terms[..., k]
    return total
