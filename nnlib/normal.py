"""Normal random numbers, the same to the last bit on every machine.

Some in ten thousand of numpy's lie beyond its ziggurat, at 3.65 standard deviations. These take a
logarithm from the C library, whose last bit depends on the library; here they take one of our own.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["normal"]

_TAIL = 3.6541528853610087963519472518  # where numpy's ziggurat ends, and its inverse, as numpy has
_INVERSE = 0.27366123732975827203338247596
_BITS = 200  # of the fraction: 147 more than the smallest logarithm needs


@np.errstate(all="ignore")
def normal(
    rng: np.random.Generator, deviation: float, size: int | tuple[int, ...]
) -> NDArray[np.float64]:
    """Draw normal random numbers, as `rng.normal(0, deviation, size)` does.

    Parameters
    ----------
    rng : numpy.random.Generator
        It is left as numpy leaves it.
    deviation : float
        The standard deviation, 0 or more.
    size : int or tuple of int

    Returns
    -------
    ndarray of that size
        The bits are the same everywhere if `rng` is that of `numpy.random.default_rng`, a PCG64;
        another one gives what numpy makes of it.

    Notes
    -----
    With the GNU C library one draw of the tail in two hundred differs from numpy's, by its last
    bit. Whether numpy takes or rejects a draw follows from the C library's exponential and
    logarithm, too, but only where two sides of a comparison differ by a rounding: once in some
    10**15 draws.
    """
    bits = rng.bit_generator
    start: Any = bits.state
    z = rng.normal(size=size)
    tail = np.flatnonzero(abs(z) > _TAIL)
    if tail.size and isinstance(bits, np.random.PCG64):
        end, beside = bits.state, np.random.PCG64()
        bits.state = start
        for k, n in zip(tail, np.diff(tail, prepend=-1), strict=True):
            rng.normal(size=n)  # again, up to this draw
            now: Any = bits.state
            beside.state = now
            beside.advance(-2)  # a draw of the tail ends with two uniform numbers: here the first
            x = _INVERSE * _minus_log(2**53 - (int(beside.random_raw()) >> 11))
            z.flat[k] = np.copysign(_TAIL + x, z.flat[k])
        bits.state = end
    return deviation * z


def _minus_log(m: int) -> float:
    """The number -ln(m / 2**53) for an integer m from 1 to 2**53, rounded once."""
    bits = m.bit_length()  # m = 2**bits (1 - t) / (1 + t)
    series = _atanh((1 << bits) - m, (1 << bits) + m)
    return 2 * ((53 - bits) * _atanh(1, 3) + series) / (1 << _BITS)


def _atanh(a: int, b: int) -> int:
    """The number artanh(a / b), for a / b at most 1/3, in units of 2**-_BITS."""
    power = (a << _BITS) // b
    square = power * power >> _BITS
    total, n = 0, 1
    while power:
        total += power // n
        power = power * square >> _BITS
        n += 2
    return total
