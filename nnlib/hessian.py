"""The second derivatives of the loss, and the largest of them in any direction.

As in the network, everything is elementwise operations and sums in an order that is fixed, so that
they give the same bits everywhere; those that a library finds hang on the machine.
"""

# The document's symbols are capital letters, and no constants.
# pyright: reportConstantRedefinition=false

import math
from typing import Any

import numpy as np

from nnlib.elementary import Floats, sigmoid
from nnlib.machine import sum_over_rows, sum_over_samples
from nnlib.network import pack, unpack

__all__ = ["gauss_newton", "hessian", "largest_eigenvalue"]


def hessian(U: Floats, V: Floats, x: Floats, y: Floats) -> Floats:
    """The second derivatives of the loss on a dataset, with respect to all pairs of weights.

    Parameters
    ----------
    U : ndarray, shape (..., h-1, 2)
    V : ndarray, shape (..., h)
        One network, or a stack of them.
    x, y : ndarray, shape (N,)

    Returns
    -------
    ndarray, shape (..., 3h-2, 3h-2)
        Symmetric; the weights come in the order V, U[..., 0], U[..., 1].

    Notes
    -----
    Equations (1) and (2) of the document, derived once more. The loss is that of section 2.5,
    divided by N. It is `gauss_newton`, and what the curvature of the output adds, times the errors.
    Where the kernel can be used it does the work, with the same bits.
    """
    from nnlib import kernel  # here, as few runs ask for it
    from nnlib.kernel.hessian import hessians

    weights = pack(U, V)
    *stack, size = weights.shape
    rows = weights.reshape(-1, size)
    try:
        found = hessians(*kernel.load("hessian", _is_proven), rows, x, y)
    except (kernel.KernelError, MemoryError):
        found = np.array([_hessian(*unpack(row, V.shape[-1]), x, y) for row in rows])
    return found.reshape(*stack, size, size)


def _is_proven(engine: Any, module: Any) -> bool:
    """Whether two Hessians have numpy's bits, on samples that fill no block and no register."""
    from nnlib.kernel.hessian import hessians

    h, x = 4, np.linspace(-5, 5, 301)
    rows = np.linspace(-2, 3, 2 * (3 * h - 2)).reshape(2, -1)
    found = hessians(engine, module, rows, x, x * x / 9)
    return np.array_equal(found, [_hessian(*unpack(row, h), x, x * x / 9) for row in rows])


@np.errstate(all="ignore")
def _hessian(U: Floats, V: Floats, x: Floats, y: Floats) -> Floats:
    """The same of one network, by numpy."""
    h = len(V)
    H, slope, derivatives = _derivatives(U, V, x)
    e = np.empty(len(x))
    sum_over_rows(V[:, None] * H, out=e)
    e -= y
    V_bend = V[:-1, None] * (slope * (1 - 2 * H[:-1]))

    result = _products(derivatives)
    v, u0, u1 = np.arange(h - 1), np.arange(h, 2 * h - 1), np.arange(2 * h - 1, 3 * h - 2)
    for row, column, second in (
        (v, u0, slope * x),
        (v, u1, slope),
        (u0, u0, V_bend * x * x),
        (u0, u1, V_bend * x),
        (u1, u1, V_bend),
    ):
        total = sum_over_samples(e * second)
        result[row, column] += total
        if row is not column:
            result[column, row] += total
    return result / len(x)


@np.errstate(all="ignore")
def gauss_newton(U: Floats, V: Floats, x: Floats) -> Floats:
    """The part of the Hessian that is left where the errors are small.

    Parameters
    ----------
    U, V, x
        As of `hessian`.

    Returns
    -------
    ndarray, shape (3h-2, 3h-2)
        The mean over the samples of the products of the output's first derivatives.

    Notes
    -----
    The loss is a mean of squares, e²/2 with e = o - y, whose second derivative is o' o' + e o''.
    This is the first term. It has no negative eigenvalue, and does not depend on what is wanted.
    """
    return _products(_derivatives(U, V, x)[2]) / len(x)


def largest_eigenvalue(matrix: Floats) -> float:
    """The largest eigenvalue of a symmetric matrix, in elementary operations alone.

    Parameters
    ----------
    matrix : ndarray, shape (p, p)

    Returns
    -------
    float
        NaN where the matrix is not finite.

    Notes
    -----
    Reflections after Householder make the matrix tridiagonal; of that, bisection finds the least
    number from which on no eigenvalue lies above, as the signs of Sturm's sequence say.
    """
    diagonal, squares = _tridiagonal(matrix)
    beside = [0.0, *map(math.sqrt, squares), 0.0]
    if not math.isfinite(sum(diagonal) + sum(beside)):
        return math.nan
    low = max(diagonal)
    high = max(map(sum, zip(diagonal, beside[:-1], beside[1:], strict=True)))  # after Gershgorin
    while low < (middle := low + (high - low) / 2) < high:
        if _is_above(middle, diagonal, squares):
            high = middle
        else:
            low = middle
    return high


def _derivatives(U: Floats, V: Floats, x: Floats) -> tuple[Floats, Floats, Floats]:
    """H, the slope of its sigmoids, and the output's derivatives with respect to all weights."""
    H = np.ones((len(V), len(x)))
    hidden = H[:-1]
    sigmoid(U[:, :1] * x + U[:, 1:], out=hidden)
    slope = hidden * (1 - hidden)
    V_slope = V[:-1, None] * slope
    return H, slope, np.concatenate([H, V_slope * x, V_slope])


def _products(rows: Floats) -> Floats:
    """The sums of the products of all pairs of rows."""
    result = np.empty((len(rows), len(rows)))
    for n in range(len(rows)):
        result[n, : n + 1] = sum_over_samples(rows[n] * rows[: n + 1])
        result[: n + 1, n] = result[n, : n + 1]
    return result


def _tridiagonal(matrix: Floats) -> tuple[list[float], list[float]]:
    """The diagonal of a tridiagonal matrix with the same eigenvalues, and the squares beside it."""
    A = np.array(matrix, dtype=float)
    p, squares = len(A), [0.0] * (len(A) - 1)
    with np.errstate(all="ignore"):
        for k in range(p - 1):
            v, rest = A[k + 1 :, k].copy(), A[k + 1 :, k + 1 :]
            squares[k] = float(sum_over_samples(v * v))
            if k == p - 2 or squares[k] == 0:
                continue
            v[0] += math.copysign(math.sqrt(squares[k]), v[0])
            twice = 2 / sum_over_samples(v * v)
            u = twice * sum_over_samples(rest * v)
            u -= (twice / 2 * sum_over_samples(u * v)) * v
            rest -= v[:, None] * u + u[:, None] * v
    return A.diagonal().tolist(), squares


def _is_above(x: float, diagonal: list[float], squares: list[float]) -> bool:
    """Whether all eigenvalues of a tridiagonal matrix are below x: each pivot of x I - T is > 0."""
    pivot, square = 1.0, 0.0
    for entry, after in zip(diagonal, [*squares, 0.0], strict=True):
        pivot = x - entry - square / pivot
        if not pivot > 0:
            return False
        square = after
    return True
