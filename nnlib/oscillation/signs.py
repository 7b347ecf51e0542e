"""The signs of an oscillation to come: the angle of gradients, then their norm, then the error.

Across the valley the weights zigzag with the size z, and with the sharpness λ the gradient has a
part λ z there, which changes sign at every epoch. Along the valley it has the norm g, which falls
slowly, and turns slowly, by an angle α at each epoch. So the angle between consecutive gradients,
the norm of the gradient and the error are

    hypot(α, 2 arctan(λ z / g)),    hypot(g, λ z),    loss + λ z² / 2,

and each turns from falling to rising once its second part grows faster than its first falls.

The first of the three holds for the mean over two epochs. The valley does not turn at right angles
to the zigzag: what it turns across is added to the swing at one epoch, and taken away at the next.
In the mean of the two squares that cancels.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib.checks import check_dataset
from nnlib.datasets import get_train_set
from nnlib.history import History
from nnlib.network import pack
from nnlib.oscillation.flow import gradient
from nnlib.oscillation.onset import StablePath

__all__ = ["Signs", "predict_signs", "read_signs", "sizes_that_show"]


class Signs(NamedTuple):
    """The epochs from which on the angle, the norm and the training error rise.

    Attributes
    ----------
    angle, norm, error : int
        Each rises from there on, until the error does; the angle as the root mean square of two
        epochs, the one before and this one.
    """

    angle: int
    norm: int
    error: int


def read_signs(history: History) -> Signs:
    """The signs in a run that has been made.

    Parameters
    ----------
    history : History

    Returns
    -------
    Signs
        Of the rise that follows the lowest training error.
    """
    error = int(np.nanargmin(history.train_error))
    squares = history.gradient_angle**2
    squares[1:] = (squares[1:] + squares[:-1]) / 2
    return _signs(np.sqrt(squares), history.gradient_norm, error)


def predict_signs(
    path: StablePath, noise: float, train_set: tuple[ArrayLike, ArrayLike] | None = None
) -> Signs | None:
    """The signs that should be seen, from a path that does not zigzag.

    Parameters
    ----------
    path : StablePath
    noise : float
        As of `StablePath.zigzag`.
    train_set : pair of array_like, shape (N,), optional
        What the path is of; the standard training set if not given.

    Returns
    -------
    Signs or None
        Of the last burst that is predicted; None if none is.

    Raises
    ------
    ValueError
        If `noise` or the dataset is not valid.
    """
    bursts = path.bursts(noise)
    if not bursts:
        return None
    loss, norm, turn = _along(path, train_set)
    z = path.zigzag(noise)
    across = path.sharpness * z
    errors = loss + across * z / 2
    start = bursts[-1][0]
    crossing = path.crossing(start)
    # Where the zigzag has grown as large as the account lets it, the sums above say nothing.
    full = np.flatnonzero(z[start:] >= z.max())
    end = start + int(full[0]) if full.size else len(z)
    error = crossing + int(np.argmin(errors[crossing:end]))
    angles = np.hypot(turn, 2 * np.arctan(across / norm))
    return _signs(angles, np.hypot(norm, across), error)


def sizes_that_show(
    path: StablePath, epoch: int, train_set: tuple[ArrayLike, ArrayLike] | None = None
) -> NDArray[np.float64]:
    """How large a zigzag must be at an epoch to turn each of the three from falling to rising.

    Parameters
    ----------
    path : StablePath
    epoch : int
        One at which the zigzag grows, and which has epochs on either side.
    train_set : pair of array_like, shape (N,), optional
        As of `predict_signs`.

    Returns
    -------
    ndarray, shape (3,)
        For the angle, the norm and the error: α g / 2λ · sqrt(δ / μ), g / λ · sqrt(γ / μ) and
        g · sqrt(η / λμ), where μ, γ and δ are the logarithms of the factors by which z grows, and g
        and α fall, in an epoch, and η is the learning rate. NaN where g or α does not fall.

    Notes
    -----
    The square of a first part falls by 2 γ of itself in an epoch, that of the second grows by 2 μ.
    The loss falls by η g², its second part grows by μ λ z².
    """
    _, norm, turn = _along(path, train_set)
    g, a, sharp = norm[epoch], turn[epoch], path.sharpness[epoch]
    rate = path.experiment.learning_rate
    mu = np.log(abs(1 - rate * sharp))
    with np.errstate(invalid="ignore"):
        gamma, delta = (np.log(v[epoch - 1] / v[epoch + 1]) / 2 for v in (norm, turn))
        return np.array(
            [
                a * g / (2 * sharp) * np.sqrt(delta / mu),
                g / sharp * np.sqrt(gamma / mu),
                g * np.sqrt(rate / (sharp * mu)),
            ]
        )


def _signs(angles, norms, error):
    """The starts of the unbroken rises that reach the epoch from which on the error rises."""

    def start(values):
        falls = np.flatnonzero(np.diff(values[: error + 1]) <= 0)
        return int(falls[-1]) + 1 if falls.size else 0

    return Signs(start(angles), start(norms), error)


def _along(path, train_set):
    """The loss, the norm of the gradient, and the angle by which it turns, at each epoch."""
    if train_set is None:
        train_set = get_train_set(path.experiment.f)
    x, y = check_dataset(train_set, "training set")
    found = [gradient(weights, x, y) for weights in pack(path.U, path.V)]
    losses = np.array([loss for loss, _ in found])
    gradients = np.array([vector for _, vector in found])
    norms = np.sqrt(np.add.reduce(gradients**2, axis=1))
    directions = gradients / norms[:, None]
    turns = np.full(len(norms), np.nan)
    turns[1:] = np.sqrt(np.add.reduce(np.diff(directions, axis=0) ** 2, axis=1))
    return losses, norms, turns
