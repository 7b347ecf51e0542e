"""The valley that a run stands in, and the map of the loss around it.

Across the valley is the direction in which the loss bends most, the eigenvector of the sharpness;
it is taken such that the bias unit's weight grows to the right, and with it the output on average,
for that is what the sharpness times this weight's part of the eigenvector is. Positions across are
measured from the bottom of the parabola that touches the loss where the run stands. Along the
valley is the direction in which the run has travelled lately, as far as it does not lead across.
The flattest direction would be no map of the way: within 40 epochs, the run moves up to 500 times
as far in others.
"""

import math
from dataclasses import dataclass

import numpy as np

from nnlib import figures
from nnlib.elementary import Floats
from nnlib.hessian import hessian
from nnlib.history import History
from nnlib.network import LossGradient, forward_pass, loss, pack, unpack

__all__ = ["Map", "Valley", "find_map", "find_valley", "plot_map", "plot_valley"]

STEPS, WAY = 12, 40  # epochs that are shown of the way, in the valley and on the map
POINTS, COLUMNS, ROWS = 41, 25, 21  # at which the loss is computed
LEVELS = 10  # between two contours the loss falls by the same factor
LEAST = 1e-4  # to each side is what is shown of a valley at least; below, roundings come into sight
ROOM = 1.4  # times as wide is what is shown as what the run needs of it
AHEAD = 0.25  # of the length of the way is shown ahead
_TOO_LARGE = "the weights are too large, or no numbers"


@dataclass(frozen=True, eq=False)
class Valley:
    """The loss on the training set, with the penalty if there is one, along the sharpest direction.

    Attributes
    ----------
    sharpness : float
    across : ndarray, shape (41,)
        Distances from the bottom of the parabola with this second derivative that touches the loss
        where the run stands.
    loss : ndarray, shape (41,)
    bottom : float
        The loss at the bottom of the parabola.
    way : ndarray
        Where the run was in the last twelve epochs, and where it is; in the same direction.
    way_loss : ndarray
        The loss at these places in this valley.
    """

    sharpness: float
    across: Floats
    loss: Floats
    bottom: float
    way: Floats
    way_loss: Floats


@dataclass(frozen=True, eq=False)
class Map:
    """The same loss in a plane: across the valley and along it.

    Attributes
    ----------
    across : ndarray, shape (25,)
        As of `Valley`.
    along : ndarray, shape (21,)
        Distances from where the run stands, in the direction of its last 40 epochs.
    loss : ndarray, shape (21, 25)
    way : ndarray, shape (..., 2)
        Where the run was in these epochs, and where it is: across and along.
    """

    across: Floats
    along: Floats
    loss: Floats
    way: Floats

    @property
    def levels(self) -> Floats:
        """The loss on each contour, in ascending order."""
        low, high = math.log(self.loss.min()), math.log(self.loss.max())
        return np.exp(low + np.arange(1, LEVELS + 1) / (LEVELS + 1) * (high - low))


def find_valley(history: History, epoch: int) -> Valley:
    """Find the valley that a run stands in.

    Parameters
    ----------
    history : History
    epoch : int

    Returns
    -------
    Valley

    Raises
    ------
    ValueError
        If not every epoch was kept, or there is no such epoch, or its weights are too large for the
        loss around them to be finite.
    """
    epoch = _check(history, epoch)
    here, sharpness, sharpest, _, ball = _look(history, epoch)
    rows = pack(history.U, history.V)[max(0, epoch - STEPS) : epoch + 1]
    way = (rows - here) @ sharpest + ball
    half = _half(way)
    across = half * (np.arange(POINTS) / (POINTS // 2) - 1)

    def losses(places: Floats) -> Floats:
        return _losses(history, here + (places - ball)[:, None] * sharpest)

    around, way_loss = losses(across), losses(way)
    bottom = float(way_loss[-1] - sharpness / 2 * ball**2)
    return Valley(sharpness, across, around, bottom, way, way_loss)


@np.errstate(all="ignore")
def find_map(history: History, epoch: int) -> Map:
    """Find the map of the loss around a run.

    Parameters
    ----------
    history, epoch
        As of `find_valley`.

    Returns
    -------
    Map

    Raises
    ------
    ValueError
        As `find_valley`.
    """
    epoch = _check(history, epoch)
    here, _, sharpest, gradient, ball = _look(history, epoch)
    steps = pack(history.U, history.V)[max(0, epoch - WAY) : epoch + 1] - here
    travel = -steps[0] if epoch else -gradient
    travel = travel - (travel @ sharpest) * sharpest
    travel /= math.sqrt(travel @ travel)
    way = np.stack([steps @ sharpest + ball, steps @ travel], axis=1)
    half = _half(way[:, 0])
    length = _round_up(-way[:, 1].min()) if epoch else half
    across = half * (np.arange(COLUMNS) / (COLUMNS // 2) - 1)
    along = length * (np.arange(ROWS) / (ROWS - 1) * (1 + AHEAD) - 1)
    places = here + (across - ball)[:, None] * sharpest + along[:, None, None] * travel
    return Map(across, along, _losses(history, places), way)


def plot_valley(ax: figures.Axes, history: History, epoch: int) -> figures.Axes:
    """Draw the valley that a run stands in, with its last steps.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    history, epoch
        As of `find_valley`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        As `find_valley`.
    """
    valley = find_valley(history, epoch)
    across, way, heights = valley.across, valley.way, valley.way_loss - valley.bottom
    parabola = valley.sharpness / 2 * across**2
    ax.plot(across, parabola, "--", color=figures.color("zero"), alpha=0.6, label="parabola")
    ax.plot(across, valley.loss - valley.bottom, color=figures.color("train"), label="loss")
    ax.plot(way, heights, ".-", color=figures.color("observed"), linewidth=0.7, label="last steps")
    ax.plot(
        way[-1], heights[-1], "o", color=figures.color("last"), label=f"epoch {history.row(epoch)}"
    )
    ax.set(xlim=across[[0, -1]], ylim=(-0.1 * parabola[0], 1.2 * parabola[0]))
    ax.set(xlabel="across the valley", ylabel="loss above the bottom")
    ax.legend()
    return ax


def plot_map(ax: figures.Axes, history: History, epoch: int) -> figures.Axes:
    """Draw the map of the loss around a run, with its last steps.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    history, epoch
        As of `find_valley`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        As `find_valley`.
    """
    found = find_map(history, epoch)
    levels = [found.loss.min(), *found.levels, found.loss.max()]
    ax.contourf(found.across, found.along, found.loss, levels, cmap="Blues_r")
    ax.plot(*found.way.T, ".-", color=figures.color("vermilion"), linewidth=1, label="last steps")
    ax.plot(*found.way[-1], "o", color=figures.color("last"), label=f"epoch {history.row(epoch)}")
    ax.set(xlim=found.across[[0, -1]], ylim=found.along[[0, -1]])
    ax.set(xlabel="across the valley", ylabel="along the way")
    return ax


def _check(history: History, epoch: int) -> int:
    """The epoch, if the run is whole and has weights then."""
    history.check_whole("a valley")
    epoch = history.row(epoch)
    if not np.isfinite(pack(history.U[epoch], history.V[epoch])).all():
        raise ValueError(f"there is no valley at epoch {epoch}: {_TOO_LARGE}")
    return epoch


def _look(history: History, epoch: int) -> tuple[Floats, float, Floats, Floats, float]:
    """The weights, the sharpness and its direction, the gradient, and where the run is across."""
    U, V = history.U[epoch], history.V[epoch]
    second = hessian(U, V, *history.train_set)
    if not np.isfinite(second).all():
        raise ValueError(f"there is no valley at epoch {epoch}: {_TOO_LARGE}")
    values, vectors = np.linalg.eigh(second)
    sharpest = vectors[:, -1] * math.copysign(1, vectors[len(V) - 1, -1])
    _, grad_U, grad_V = LossGradient(*history.train_set, len(V))(U, V)
    penalty = history.experiment.penalty
    gradient = pack(grad_U, grad_V) + penalty * pack(U, V)
    sharpness = float(values[-1]) + penalty
    return pack(U, V), sharpness, sharpest, gradient, float(gradient @ sharpest) / sharpness


def _losses(history: History, weights: Floats) -> Floats:
    """The loss on the training set that is descended, penalty and all, of many networks."""
    (x, y), h, penalty = history.train_set, history.experiment.h, history.experiment.penalty
    rows = weights.reshape(-1, weights.shape[-1])
    found = np.array([loss(forward_pass(*unpack(row, h), x) - y) for row in rows])
    found += penalty / 2 * (rows * rows).sum(axis=1)
    if not np.isfinite(found).all():
        raise ValueError(f"there is no valley here: {_TOO_LARGE}")
    return found.reshape(weights.shape[:-1])


def _half(way: Floats) -> float:
    """How much of a valley is shown to each side."""
    return _round_up(max(LEAST, ROOM * abs(way).max()))


def _round_up(x: float) -> float:
    """The least of 1, 2, 5, 10, ... that is not below it."""
    if not 0 < x < math.inf:
        raise ValueError(f"there is no valley here: {_TOO_LARGE}")
    power = 10.0 ** math.floor(math.log10(x))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= x * (1 - 1e-9))
