"""The signs of an oscillation to come: flips, the angle of gradients, their norm, and the error.

Across the valley the weights zigzag with the size z, and with the sharpness λ the gradient has a
part λ z there, which changes sign at every epoch. Along the valley it has the norm g, which falls
slowly, and turns slowly, by an angle α at each epoch. So the angle between consecutive gradients,
the norm of the gradient and the error are

    hypot(α, 2 arctan(λ z / g)),    hypot(g, λ z),    loss + λ z² / 2,

and each turns from falling to rising once its second part grows faster than its first falls.

The first of the three holds for the mean over two epochs. The valley does not turn at right angles
to the zigzag: what it turns across is added to the swing at one epoch, and taken away at the next.
In the mean of the two squares that cancels.

Differences of the gradients show the zigzag earlier. Each makes the smooth part smaller, since that
changes slowly, and the zigzag larger, since that changes its sign. Where the zigzag is the larger
part, a difference flips: it points against the one before.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlib.checks import check_integer, check_positive
from nnlib.history import History
from nnlib.landscape.flow import gradient
from nnlib.network import pack
from nnlib.oscillation.onset import StablePath

__all__ = [
    "Signs",
    "alarms",
    "angle_alarms",
    "differences",
    "flips",
    "predict_flips",
    "predict_signs",
    "read_flips",
    "read_signs",
    "sizes_that_show",
]

_PATIENCE = 10  # epochs in a row that give an alarm


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
    return _signs(_angles(history), history.gradient_norm, error)


def predict_signs(path: StablePath, noise: float) -> Signs | None:
    """The signs that should be seen, from a path that does not zigzag.

    Parameters
    ----------
    path : StablePath
    noise : float
        As of `StablePath.zigzag`.

    Returns
    -------
    Signs or None
        Of the last burst that is predicted; None if none is.

    Raises
    ------
    ValueError
        If `noise` is not valid.

    Notes
    -----
    The angle is predicted only where α falls. Where it grows, both parts of the angle grow: it
    rises from the crossing on, or from wherever α is lowest, and that says nothing of the zigzag.
    """
    bursts = path.bursts(noise)
    if not bursts:
        return None
    loss, norm, turn = _along(path)
    z = path.zigzag(noise)
    across = path.sharpness * z
    errors = loss + across * z / 2
    crossing, end = _growth(path, bursts[-1][0], z)
    error = crossing + int(np.argmin(errors[crossing:end]))
    angles = np.hypot(turn, 2 * np.arctan(across / norm))
    return _signs(angles, np.hypot(norm, across), error)


def sizes_that_show(path: StablePath, epoch: int) -> NDArray[np.float64]:
    """How large a zigzag must be at an epoch to turn each of the three from falling to rising.

    Parameters
    ----------
    path : StablePath
    epoch : int
        One at which the zigzag grows, and which has epochs on either side.

    Returns
    -------
    ndarray, shape (3,)
        For the angle, the norm and the error: α g / 2λ · sqrt(δ / μ), g / λ · sqrt(γ / μ) and
        g · sqrt(η / λμ), where μ, γ and δ are the logarithms of the factors by which z grows, and g
        and α fall, in an epoch, and η is the learning rate. NaN where g or α does not fall.

    Raises
    ------
    ValueError
        If there is no such epoch, is not valid.

    Notes
    -----
    The square of a first part falls by 2 γ of itself in an epoch, that of the second grows by 2 μ.
    The loss falls by η g², its second part grows by μ λ z².
    """
    epoch = check_integer("epoch", epoch, least=1, most=len(path.U) - 2)
    first = max(epoch - 2, 0)  # an angle takes the gradient before
    _, norm, turn = _along(path, slice(first, epoch + 2))
    n = epoch - first
    g, a, sharp = norm[n], turn[n], path.sharpness[epoch]
    rate = path.experiment.learning_rate
    mu = np.log(abs(1 - rate * sharp))
    with np.errstate(invalid="ignore"):
        gamma, delta = (np.log(v[n - 1] / v[n + 1]) / 2 for v in (norm, turn))
        return np.array(
            [
                a * g / (2 * sharp) * np.sqrt(delta / mu),
                g / sharp * np.sqrt(gamma / mu),
                g * np.sqrt(rate / (sharp * mu)),
            ]
        )


def differences(history: History, order: int) -> NDArray[np.float64]:
    """The differences of consecutive gradients, taken several times.

    Parameters
    ----------
    history : History
    order : int
        How many times, 0 or more; at 0 they are the gradients themselves.

    Returns
    -------
    ndarray, shape (epochs, 3h-2)
        Entry n takes the gradients n - order to n, laid out as `nnlib.network.pack` has it; NaN
        for the first, which have too few before them.

    Raises
    ------
    ValueError
        If `order` is not an integer, 0 or more.
    """
    history.check_whole("the difference of consecutive gradients")
    gradients = pack(history.grad_U, history.grad_V)
    return _differences(gradients, check_integer("order", order, least=0))


def flips(history: History, order: int) -> NDArray[np.bool_]:
    """Whether the differences of the gradients point against the ones before.

    Parameters
    ----------
    history : History
    order : int
        As of `differences`. At 0 a flip is an angle of more than 90°.

    Returns
    -------
    ndarray of bool, shape (epochs,)
        Whether the scalar product of the entries n - 1 and n of `differences` is negative.

    Raises
    ------
    ValueError
        If `order` is not an integer, 0 or more.
    """
    return _flips(differences(history, order))


def read_flips(history: History, order: int) -> int:
    """The epoch from which on every difference flips, until the training error is lowest.

    Parameters
    ----------
    history : History
    order : int
        As of `differences`.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If `order` is not an integer, 0 or more.
    """
    error = int(np.nanargmin(history.train_error))
    calm = np.flatnonzero(~flips(history, order)[:error])
    return int(calm[-1]) + 1 if calm.size else 0


def alarms(history: History, order: int = 2, factor: float = 1) -> NDArray[np.int64]:
    """The epochs at which a zigzag is seen that grows: nothing but the gradients so far is used.

    Parameters
    ----------
    history : History
    order : int, optional
        As of `differences`.
    factor : float, optional
        By more than which the differences must have grown, positive.

    Returns
    -------
    ndarray of int
        Those whose last ten differences have all flipped, and whose difference is longer than
        `factor` times the one ten epochs before.

    Raises
    ------
    ValueError
        If `order` is not an integer, or too small, or `factor` is not positive.
    """
    found = differences(history, order)
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.sqrt(np.add.reduce(found**2, axis=1))
    return _alarms(_flips(found), lengths, factor)


def angle_alarms(history: History, factor: float = 1) -> NDArray[np.int64]:
    """The epochs at which the angle of the gradients has risen, by the rule of `alarms`.

    Parameters
    ----------
    history : History
    factor : float, optional
        By more than which the angle must have grown, positive.

    Returns
    -------
    ndarray of int
        Those whose last ten angles were each larger than the one before, and whose angle is larger
        than `factor` times that ten epochs before; the angle as of `Signs`.

    Raises
    ------
    ValueError
        If `factor` is not positive.
    """
    angles = _angles(history)
    risen = np.zeros(len(angles), dtype=bool)
    risen[1:] = angles[1:] > angles[:-1]
    return _alarms(risen, angles, factor)


def predict_flips(
    path: StablePath,
    noise: float,
    order: int,
) -> int | None:
    """The epoch from which on the differences should flip, from a path that does not zigzag.

    Parameters
    ----------
    path : StablePath
    noise : float
        As of `StablePath.zigzag`.
    order : int
        As of `differences`.

    Returns
    -------
    int or None
        Of the last burst that is predicted; None if none is, or the zigzag stays the smaller part.

    Raises
    ------
    ValueError
        If `noise`, `order` is not valid.

    Notes
    -----
    A zigzag of size z that grows by the factor ηλ - 1 has been smaller by it at the epoch before,
    so each difference multiplies it by 1 + 1 / (ηλ - 1).
    """
    order = check_integer("order", order, least=0)
    bursts = path.bursts(noise)
    if not bursts:
        return None
    z = path.zigzag(noise)
    window = slice(*_growth(path, bursts[-1][0], z))
    before = max(window.start - order, 0)  # a difference takes the gradients before
    smooth = _differences(_gradients(path, slice(before, window.stop))[1], order)
    lengths = np.sqrt(np.add.reduce(smooth[window.start - before :] ** 2, axis=1))
    products = path.products[window]
    across = path.sharpness[window] * z[window] * (products / (products - 1)) ** order
    hidden = np.flatnonzero(~(across > lengths))
    first = window.start + (int(hidden[-1]) + 1 if hidden.size else 0)
    return first if first < window.stop else None


def _growth(path, start, z):
    """The epochs over which the zigzag of a burst grows: from the crossing to its full size."""
    # Where it is as large as the model lets it be, what is derived from it says nothing.
    full = np.flatnonzero(z[start:] >= z.max())
    return path.crossing(start), start + int(full[0]) if full.size else len(z)


def _alarms(happens, sizes, factor):
    """Where something has happened in each of the last epochs, and a size has grown over them."""
    check_positive("factor", factor)
    in_a_row = np.cumsum(happens)
    full = in_a_row[_PATIENCE:] - in_a_row[:-_PATIENCE] == _PATIENCE
    with np.errstate(over="ignore", invalid="ignore"):
        grown = sizes[_PATIENCE:] > factor * sizes[:-_PATIENCE]
    return np.flatnonzero(full & grown) + _PATIENCE


def _flips(found):
    """Whether each row points against the one before."""
    result = np.zeros(len(found), dtype=bool)
    with np.errstate(over="ignore", invalid="ignore"):
        result[1:] = np.add.reduce(found[1:] * found[:-1], axis=1) < 0
    return result


def _angles(history):
    """The angle at each epoch, as the root mean square of two."""
    squares = history.gradient_angle**2
    squares[1:] = (squares[1:] + squares[:-1]) / 2
    return np.sqrt(squares)


def _differences(rows, order):
    result = np.full(rows.shape, np.nan)
    if order < len(rows):
        result[order:] = np.diff(rows, n=order, axis=0)
    return result


def _signs(angles, norms, error):
    """The starts of the unbroken rises that reach the epoch from which on the error rises."""

    def start(values):
        falls = np.flatnonzero(np.diff(values[: error + 1]) <= 0)
        return int(falls[-1]) + 1 if falls.size else 0

    return Signs(start(angles), start(norms), error)


def _gradients(path, epochs=slice(None)):
    """The loss and its gradient at each of the epochs."""
    x, y = path.train_set
    found = [gradient(weights, x, y) for weights in pack(path.U[epochs], path.V[epochs])]
    return np.array([loss for loss, _ in found]), np.array([vector for _, vector in found])


def _along(path, epochs=slice(None)):
    """The loss, the norm of the gradient, and the angle by which it turns, at each epoch."""
    losses, gradients = _gradients(path, epochs)
    norms = np.sqrt(np.add.reduce(gradients**2, axis=1))
    directions = gradients / norms[:, None]
    turns = np.full(len(norms), np.nan)
    turns[1:] = np.sqrt(np.add.reduce(np.diff(directions, axis=0) ** 2, axis=1))
    return losses, norms, turns
