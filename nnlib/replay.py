"""The arithmetic of the machine that the document's figures come from, on any machine.

That machine ran the document's loop, sample by sample, with numpy's `exp` for AVX-512 and a BLAS
that fuses each multiplication with the addition after it. Both are done here with elementwise
operations whose results IEEE 754 fixes, over all samples at once; the sums alone go from sample to
sample. A fused multiply-add rounds once, and needs the error-free transformations below.
"""

# The document's symbols are capital letters, and no constants.
# pyright: reportConstantRedefinition=false

from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnlib.checks import Floats, as_floats
from nnlib.elementary import digits
from nnlib.network import flat_V, unpack
from nnlib.targets import f1, f2

__all__ = ["TARGETS", "LossGradient", "exp", "fma", "forward_pass", "loss"]

_MOST_NEURONS = 12  # beyond, the BLAS sums in blocks
_NORMAL = 700.0  # up to here, exp and all on the way to it are normal doubles
_BEYOND = 750.0  # from 709.8 on, exp is infinite in doubles, and below -745.2 it is 0

# The constants of the `exp` that numpy's builds for Linux use where there is AVX-512. It is the
# high-accuracy one of Intel's Short Vector Math Library, which numpy ships under BSD-3-Clause.
_PER_16TH = 16 * float.fromhex("0x1.71547652b82fep+0")  # 16 / ln 2
_LN2 = float.fromhex("0x1.62e42fefa39efp-1"), float.fromhex("0x1.abc9e3b39803fp-56")
_C1 = float.fromhex("0x1.fffffffffff70p-1")
_C2 = float.fromhex("0x1.000000000d008p-1")
_C3 = float.fromhex("0x1.5555553939732p-3")
_C4 = float.fromhex("0x1.55557242d68fep-5")
_C5 = float.fromhex("0x1.1101cbbc265c0p-7")
_C6 = float.fromhex("0x1.7411836940c04p-10")


def _powers() -> tuple[Floats, Floats]:
    """2**(j/16) for j from 0 to 15, as the nearest double and what is missing, relative to it."""
    with localcontext(digits(50)):  # two doubles have 32
        exact = [Decimal(2) ** (Decimal(j) / 16) for j in range(16)]
        nearest = [float(power) for power in exact]
        rest = [float(p / Decimal(n) - 1) for p, n in zip(exact, nearest, strict=True)]
    return np.array(nearest), np.array(rest)


_POWER, _POWER_REST = _powers()

_SINE = 5.0  # where the inputs of the document end, and with them what is known of its sine
# Where the C library of that machine did not round the sine of a standard input to the nearest
# double, but to the one beside it.
_OTHER_SINES = {
    float.fromhex("-0x1.1a4bd2f2ca5c2p-1"): float.fromhex("-0x1.0c3589955782ep-1"),
    float.fromhex("0x1.a307a18f9f330p-3"): float.fromhex("0x1.a01cbeaca6be4p-3"),
}


def _two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """The sum, and what its rounding took away (Knuth)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def _split(a: Any) -> tuple[Any, Any]:
    """Two halves of 26 bits, so that products of halves are exact (Veltkamp)."""
    t = a * (2.0**27 + 1)
    high = t - (t - a)
    return high, a - high


def _two_product(a: Any, b: Any) -> tuple[Any, Any]:
    """The product, and what its rounding took away (Dekker)."""
    p = a * b
    (a_high, a_low), (b_high, b_low) = _split(a), _split(b)
    return p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


@np.errstate(all="ignore")
def fma(a: ArrayLike, b: ArrayLike, c: ArrayLike) -> Floats:
    """The fused multiply-add a b + c, rounded once.

    Parameters
    ----------
    a, b, c : array_like
        Any that broadcast. Where the product is so small that its rounding error would be no
        normal double, below 1e-290, the result may be rounded twice.

    Returns
    -------
    ndarray

    Notes
    -----
    Boldo and Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using
    rounding to odd", IEEE Transactions on Computers 57 (2008).
    """
    a, b, c = (as_floats("a factor or the summand", value) for value in (a, b, c))
    p, p_rest = _two_product(a, b)
    s, s_rest = _two_sum(p, c)
    # The exact result is s + s_rest + p_rest. The sum of the rests rounds by at most one part in
    # 2**53; if twice as much either way leads to the same double, that double is the result.
    rest = s_rest + p_rest
    result = np.asarray(s + rest * (1 + 2.0**-52))
    unsure = result != s + rest * (1 - 2.0**-52)
    if unsure.any():
        result[unsure] = _fma(*(np.broadcast_to(v, result.shape)[unsure] for v in (a, b, c)))
    return result[()]


def _fma(a: Floats, b: Floats, c: Floats) -> Floats:
    """The same for whatever they are, by way of a sum that is rounded to odd."""
    p, p_rest = _two_product(a, b)
    u, u_rest = _two_sum(c, p_rest)
    v, v_rest = _two_sum(p, u)
    odd, lost = _two_sum(u_rest, v_rest)
    bits = odd.view(np.int64)  # a sum that was rounded to an even last bit goes to the odd beside
    beside = np.where((lost > 0) == (odd > 0), 1, -1)
    bits += beside * ((lost != 0) & (bits & 1 == 0))
    result = v + odd
    for k in np.flatnonzero(~np.isfinite(result)):  # on the way there, or in the end
        result[k] = _fma_of_any(float(a[k]), float(b[k]), float(c[k]))
    return result


def _fma_of_any(a: float, b: float, c: float) -> float:
    """The same for one number, of any size."""
    if not all(map(isfinite, (a, b, c))):
        return c if isfinite(a) and isfinite(b) else a * b + c
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    try:
        return float(exact)
    except OverflowError:
        return inf if exact > 0 else -inf


@np.errstate(all="ignore")
def exp(x: ArrayLike) -> Floats:
    """The exponential function as that machine rounds it.

    Parameters
    ----------
    x : array_like
        Any shape.

    Returns
    -------
    ndarray
        Shape of `x`; 0 or infinity where the result is too small or too large for a double.

    Notes
    -----
    Where the CPU's own `numpy.exp` has the same bits, which is tried once, it is used.
    """
    x = as_floats("x", x)
    if np.all(abs(x) < _NORMAL):
        return np.exp(x) if _cpu_has_the_same_exp() else _exp(x)
    return np.where(np.isnan(x), x, _exp(np.nan_to_num(x).clip(-_BEYOND, _BEYOND)))


@cache
def _cpu_has_the_same_exp() -> bool:
    # The exp of a C library differs in one result of twenty: no other will agree in all of these.
    # Every second argument is of the size that a network's have, and their number is odd, so that
    # those are among them that do not fill a register.
    x = np.random.default_rng(1).uniform(-_NORMAL, _NORMAL, 20_001)
    x[::2] /= 50
    return bool(np.all(np.exp(x) == _exp(x)))


def _exp(x: Floats) -> Floats:
    p, p_rest = _two_product(x, np.float64(_PER_16TH))
    steps = np.floor(p)
    steps -= (steps == p) & (p_rest < 0)
    n = steps / 16
    j = steps.astype(int) % 16
    r = fma(-n, _LN2[0], x)
    r = fma(-n, _LN2[1], r)
    r2 = r * r
    p = fma(r2, fma(r, _C6, _C5), fma(r, _C4, _C3))
    p = fma(r2, p, fma(r, _C2, _C1))
    p = fma(r, p, _POWER_REST[j])
    p = fma(_POWER[j], p, _POWER[j])
    return np.ldexp(p, np.floor(n).astype(int))


@np.errstate(all="ignore")
def _f1(x: Floats) -> Floats:
    """The document's f1 with that machine's exp."""
    return exp(x / 5)


@np.errstate(all="ignore")
def _f2(x: Floats) -> Floats:
    """The document's f2 with that machine's sine."""
    if not np.all(abs(x) <= _SINE):
        raise ValueError(f"the replay arithmetic has f2 from -5 to 5, got {x[abs(x) > _SINE][0]}")
    return np.array([_sin(x_n) for x_n in x.tolist()]) * (25 - x * x)


TARGETS = ((f1, _f1), (f2, _f2))  # and how that machine computes them


@cache
def _sin(x: float) -> float:
    """The nearest double to the sine, from Taylor's series, but for the known exceptions."""
    if x in _OTHER_SINES:
        return _OTHER_SINES[x]
    with localcontext(digits(40)):  # a double has 17, and no sine here is nearer to a middle
        square = Decimal(x) ** 2
        term = total = Decimal(x)
        n = 1
        while abs(term) > Decimal("1e-35") * abs(total):
            term *= -square / ((n + 1) * (n + 2))
            total += term
            n += 2
    return float(total)


@np.errstate(all="ignore")
def forward_pass(U: Floats, V: Floats, x: Floats) -> Floats:
    """The output of the network, as `nnlib.network.forward_pass`.

    Raises
    ------
    ValueError
        If `h` is more than 12.
    """
    V = flat_V(U, V)
    _check(V.shape[-1])
    return _output(V, _hidden_layer(U, x))


@np.errstate(all="ignore")
def loss(e: Floats) -> Any:
    """Half the mean squared error, as `nnlib.network.loss`, summed from the first sample on."""
    return _sum_over_samples(e * e / 2) / e.shape[-1]


class LossGradient:
    """The sums of the loss over one dataset and of its gradient, as a function of the weights.

    Parameters
    ----------
    x, y : ndarray, shape (N,)
        The dataset.
    h : int
        The number of hidden neurons, the bias unit counted.

    Raises
    ------
    ValueError
        If `h` is more than 12.
    """

    def __init__(self, x: Floats, y: Floats, h: int) -> None:
        _check(h)
        self._x, self._y, self._h = x, y, h

    @np.errstate(all="ignore")
    def sums(self, weights: Floats) -> Floats:
        """Sum as `nnlib.network.LossGradient.sums`, from the first sample on.

        The products of equations (1) and (2) are taken from left to right.
        """
        U, V = unpack(weights, self._h)
        H = _hidden_layer(U, self._x)
        e = _output(V, H) - self._y
        slope = e * V[:-1, None] * H * (1 - H)
        terms = np.concatenate([e * H, [e], slope * self._x, slope, [e * e / 2]])
        return _sum_over_samples(terms)


def _sum_over_samples(terms: Floats) -> Floats:
    return np.add.accumulate(terms, axis=-1)[..., -1]


def _hidden_layer(U: Floats, x: Floats) -> Floats:
    U0, U1 = U[..., 0, None], U[..., 1, None]
    neurons = U.shape[-2]
    z = U0 * x + U1 if neurons == 1 else fma(U0, x, U1)
    return 1 / (1 + exp(-z))


def _output(V: Floats, H: Floats) -> Floats:
    o = V[..., 0, None] * H[..., 0, :]
    for i in range(1, H.shape[-2]):
        o = fma(V[..., i, None], H[..., i, :], o)
    return o + V[..., -1, None]


def _check(h: int) -> None:
    if h > _MOST_NEURONS:
        raise ValueError(
            f"the replay arithmetic takes h up to {_MOST_NEURONS}, got {h}: beyond, the BLAS of "
            "the document's machine summed the hidden layer in blocks, in an unknown order"
        )
