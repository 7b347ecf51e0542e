"""The sharpness along a run: the largest second derivative of the loss, in any direction.

Gradient descent on a parabola with the second derivative λ multiplies its distance from the bottom
by 1 - learning_rate λ at every step. It comes nearer as long as λ is below 2 / learning_rate, and
moves away, from one side to the other, above.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from nnlib.checks import check_integer
from nnlib.hessian import hessian
from nnlib.history import History
from nnlib.network import pack

__all__ = ["sharpness", "spectrum"]


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
        If there is no such epoch, or it was not seen.
    """
    x, y = history.train_set
    last = int(history.seen[-1])
    rows = [history.row(check_integer("epoch", epoch, least=0, most=last)) for epoch in epochs]
    U, V = history.U[rows], history.V[rows]
    finite = np.isfinite(pack(U, V)).all(axis=-1)
    found = np.full((len(rows), 3 * history.experiment.h - 2), np.nan)
    found[finite] = np.linalg.eigvalsh(hessian(U[finite], V[finite], x, y))
    return found


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
