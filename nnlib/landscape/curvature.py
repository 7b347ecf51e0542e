"""The curvature of the loss: its second derivatives, and the largest of them in any direction.

Gradient descent on a parabola with the second derivative λ multiplies its distance from the bottom
by 1 - learning_rate λ at every step. It comes nearer as long as λ is below 2 / learning_rate, and
moves away, from one side to the other, above.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from nnlib import kernel
from nnlib.checks import check_integer
from nnlib.elementary import sigmoid
from nnlib.history import History
from nnlib.kernel.hessian import hessians
from nnlib.machine import sum_over_rows, sum_over_samples
from nnlib.network import pack, unpack

__all__ = ["gauss_newton", "hessian", "sharpness", "spectrum"]


def hessian(U: NDArray, V: NDArray, x: NDArray, y: NDArray) -> NDArray[np.float64]:
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
        Symmetric; the weights come in the order V, U[:, 0], U[:, 1].

    Notes
    -----
    Equations (1) and (2) of the document, derived once more. The loss is that of section 2.5,
    divided by N. It is `gauss_newton`, and what the curvature of the output adds, times the errors.
    """
    weights = pack(U, V)
    *stack, size = weights.shape
    rows = weights.reshape(-1, size)
    try:
        found = hessians(*kernel.load("hessian", _is_proven), rows, x, y)
    except (kernel.KernelError, MemoryError):
        found = np.array([_hessian(*unpack(row, V.shape[-1]), x, y) for row in rows])
    return found.reshape(*stack, size, size)


def _is_proven(engine, module):
    """Whether two Hessians have numpy's bits, on samples that fill no block and no register."""
    h, x = 4, np.linspace(-5, 5, 301)
    rows = np.linspace(-2, 3, 2 * (3 * h - 2)).reshape(2, -1)
    found = hessians(engine, module, rows, x, np.cos(x))
    return np.array_equal(found, [_hessian(*unpack(row, h), x, np.cos(x)) for row in rows])


def _hessian(U, V, x, y):
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


def gauss_newton(U: NDArray, V: NDArray, x: NDArray) -> NDArray[np.float64]:
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


def _derivatives(U, V, x):
    """H, the slope of its sigmoids, and the output's derivatives with respect to all weights."""
    H = np.ones((len(V), len(x)))
    hidden = H[:-1]
    sigmoid(U[:, :1] * x + U[:, 1:], out=hidden)
    slope = hidden * (1 - hidden)
    V_slope = V[:-1, None] * slope
    return H, slope, np.concatenate([H, V_slope * x, V_slope])


def _products(rows):
    """The sums of the products of all pairs of rows."""
    result = np.empty((len(rows), len(rows)))
    for n in range(len(rows)):
        result[n, : n + 1] = sum_over_samples(rows[n] * rows[: n + 1])
        result[: n + 1, n] = result[n, : n + 1]
    return result


def spectrum(
    history: History,
    epochs: Iterable[int],
) -> NDArray[np.float64]:
    """The eigenvalues of the Hessian along a run.

    Parameters
    ----------
    history : History
    epochs : iterable of int

    Returns
    -------
    ndarray, shape (epochs, 3h-2)
        A row for each of the epochs, in ascending order; NaN after an overflow.

    Raises
    ------
    ValueError
        If there is no such epoch.
    """
    x, y = history.train_set
    last = len(history.U) - 1
    epochs = [check_integer("epoch", epoch, least=0, most=last) for epoch in epochs]
    U, V = history.U[epochs], history.V[epochs]
    finite = np.isfinite(pack(U, V)).all(axis=-1)
    rows = np.full((len(epochs), 3 * history.experiment.h - 2), np.nan)
    rows[finite] = np.linalg.eigvalsh(hessian(U[finite], V[finite], x, y))
    return rows


def sharpness(
    history: History,
    epochs: Iterable[int],
) -> NDArray[np.float64]:
    """The largest eigenvalue of the Hessian along a run.

    Parameters
    ----------
    history, epochs
        As of `spectrum`.

    Returns
    -------
    ndarray, shape (epochs,)
        NaN after an overflow.

    Raises
    ------
    ValueError
        If there is no such epoch.

    Notes
    -----
    Cohen et al., "Gradient descent on neural networks typically occurs at the edge of stability"
    (2021), call it so.
    """
    return spectrum(history, epochs)[:, -1]
