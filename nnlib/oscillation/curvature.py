"""The curvature of the loss: its second derivatives, and the largest of them in any direction.

Gradient descent on a parabola with the second derivative λ multiplies its distance from the bottom
by 1 - learning_rate λ at every step. It comes nearer as long as λ is below 2 / learning_rate, and
moves away, from one side to the other, above.
"""

import numpy as np

from nnlib.checks import check_dataset
from nnlib.datasets import get_train_set
from nnlib.elementary import sigmoid

__all__ = ["hessian", "sharpness", "spectrum"]


def hessian(U, V, x, y):
    """The second derivatives of the loss on a dataset, with respect to all pairs of weights.

    Parameters
    ----------
    U : ndarray, shape (h-1, 2)
    V : ndarray, shape (h,)
    x, y : ndarray, shape (N,)

    Returns
    -------
    ndarray, shape (3h-2, 3h-2)
        Symmetric; the weights come in the order V, U[:, 0], U[:, 1].

    Notes
    -----
    Equations (1) and (2) of the document, derived once more. The loss is that of section 2.5,
    divided by N.
    """
    h, N = len(V), len(x)
    H = np.ones((h, N))
    hidden = H[:-1]
    sigmoid(U[:, :1] * x + U[:, 1:], out=hidden)
    slope = hidden * (1 - hidden)
    bend = slope * (1 - 2 * hidden)
    e = np.add.reduce(V[:, None] * H, axis=0) - y
    V_slope, V_bend = V[:-1, None] * slope, V[:-1, None] * bend

    first = np.concatenate([H, V_slope * x, V_slope])  # derivatives of the output
    result = np.add.reduce(first[:, None] * first, axis=-1)
    v, u0, u1 = np.arange(h - 1), np.arange(h, 2 * h - 1), np.arange(2 * h - 1, 3 * h - 2)
    for row, column, second in (
        (v, u0, slope * x),
        (v, u1, slope),
        (u0, u0, V_bend * x * x),
        (u0, u1, V_bend * x),
        (u1, u1, V_bend),
    ):
        total = np.add.reduce(e * second, axis=-1)
        result[row, column] += total
        if row is not column:
            result[column, row] += total
    return result / N


def spectrum(history, epochs, train_set=None):
    """The eigenvalues of the Hessian along a run.

    Parameters
    ----------
    history : History
    epochs : iterable of int
    train_set : pair of array_like, shape (N,), optional
        What the run was trained on; the standard training set if not given.

    Returns
    -------
    ndarray, shape (epochs, 3h-2)
        A row for each of the epochs, in ascending order; NaN after an overflow.

    Raises
    ------
    ValueError
        If there is no such epoch, or the dataset is not valid.
    """
    if train_set is None:
        train_set = get_train_set(history.experiment.f, history.arithmetic)
    x, y = check_dataset(train_set, "training set")
    epochs = list(epochs)
    rows = np.full((len(epochs), 3 * history.experiment.h - 2), np.nan)
    for row, epoch in zip(rows, epochs, strict=True):
        if not 0 <= epoch < len(history.U):
            raise ValueError(f"epoch must be between 0 and {len(history.U) - 1}, got {epoch}")
        U, V = history.U[epoch], history.V[epoch]
        if np.isfinite(U).all() and np.isfinite(V).all():
            row[:] = np.linalg.eigvalsh(hessian(U, V, x, y))
    return rows


def sharpness(history, epochs, train_set=None):
    """The largest eigenvalue of the Hessian along a run.

    Parameters
    ----------
    history, epochs, train_set
        As of `spectrum`.

    Returns
    -------
    ndarray, shape (epochs,)
        NaN after an overflow.

    Raises
    ------
    ValueError
        If there is no such epoch, or the dataset is not valid.

    Notes
    -----
    Cohen et al., "Gradient descent on neural networks typically occurs at the edge of stability"
    (2021), call it so.
    """
    return spectrum(history, epochs, train_set)[:, -1]
