"""When a run will begin to oscillate, predicted from the path it would take without rounding.

A step of gradient descent multiplies what lies across the valley by 1 - learning_rate λ, with λ the
sharpness: it zigzags where learning_rate λ is above 1, and the zigzag grows where it is above 2.
This module keeps the account of its size. From the first step that overshoots on, every epoch
multiplies it by that factor, and adds the noise of rounding. How else it is kept is a matter of
choice; the choices are in `Account`.
"""

from dataclasses import dataclass
from math import hypot, inf

import numpy as np
from numpy.typing import NDArray

from nnlib.checks import check_integer
from nnlib.descent import step
from nnlib.experiment import Experiment
from nnlib.history import Dataset
from nnlib.landscape.curvature import hessian
from nnlib.network import LossGradient, unpack
from nnlib.training import starting_point

__all__ = [
    "ACCOUNT",
    "Account",
    "StablePath",
    "predict_onset",
    "rounding_noise",
    "stable_path",
]

_LOST = 2.0**-53  # smaller than what a double near 1 can hold


@dataclass(frozen=True)
class Account:
    """The choices in the account of the zigzag.

    Attributes
    ----------
    opening : float
        The size at the first step that overshoots. The weights, soon of size 1, are on their way
        then and move by as much as they like: the size is that of the weights.
    ceiling : float
        The size is never more. A zigzag as large as the weights is in no parabola any more; it
        leaves the valley, or the valley widens.
    least_factor : float
        No epoch multiplies the size by less. Where learning rate times sharpness is just 1, the
        factor 1 - learning_rate λ is 0, but only along one direction, and the valley turns from one
        epoch to the next: a part of the zigzag is always left.
    visible : float
        The size at which a zigzag shows. The only number that is fitted: of the powers of two the
        one that suits best the sweep of (f1, 3, 1, 1200) over the numbers of bits, and no other.
    faded : float
        A burst is over below this part of `visible`. Less than 1, so that a size that hovers about
        `visible` makes one burst and not many; how much less moves the ends of bursts a little.
    """

    opening: float = 1.0
    ceiling: float = 1.0
    least_factor: float = 0.25
    visible: float = 2.0**-8
    faded: float = 0.25


ACCOUNT = Account()


def rounding_noise(bits: int | float) -> float:
    """What rounding adds to a weight at each epoch, as a standard deviation.

    Parameters
    ----------
    bits : int or math.inf
        Binary digits, at least 2; with infinity, the arithmetic is exact.

    Returns
    -------
    float
        2**-(bits + 1): numbers between 1/2 and 2 are rounded by 0.3 to 0.6 times 2**-bits.

    Raises
    ------
    ValueError
        If `bits` is neither.
    """
    if bits != inf:
        bits = check_integer("bits", bits, least=2)
    return 2.0 ** -(bits + 1)


@dataclass(frozen=True, eq=False, repr=False)
class StablePath:
    """Where gradient descent would go if rounding did not set off its zigzag.

    Attributes
    ----------
    experiment : Experiment
    U : ndarray, shape (epochs + 1, h-1, 2)
    V : ndarray, shape (epochs + 1, h)
        The weights.
    sharpness : ndarray, shape (epochs + 1,)
        The largest eigenvalue of the Hessian, with the zigzag averaged away.
    """

    experiment: Experiment
    U: NDArray[np.float64]
    V: NDArray[np.float64]
    sharpness: NDArray[np.float64]

    def __repr__(self) -> str:
        return f"the stable path of {self.experiment}"

    @property
    def train_set(self) -> Dataset:
        """The samples of the experiment's start."""
        return self.experiment.start.train_set(self.experiment.f)

    @property
    def products(self) -> NDArray[np.float64]:
        """The learning rate times the sharpness, which has its threshold at 2."""
        return self.experiment.learning_rate * self.sharpness

    def zigzag(self, noise: float, account: Account = ACCOUNT) -> NDArray[np.float64]:
        """The size that the zigzag should have.

        Parameters
        ----------
        noise : float
            What disturbs the weights at each epoch, as a standard deviation.
        account : Account, optional
            How the account is kept.

        Returns
        -------
        ndarray, shape (epochs + 1,)

        Raises
        ------
        ValueError
            If `noise` is negative or not a number.
        """
        if not noise >= 0:
            raise ValueError(f"noise must be 0 or more, got {noise!r}")
        size, opened = np.full(len(self.sharpness), account.opening), False
        for n, product in enumerate(self.products[:-1]):
            opened = opened or product > 1
            size[n + 1] = _grow(size[n], product, noise, account) if opened else size[n]
        return size

    def bursts(self, noise: float, account: Account = ACCOUNT) -> list[tuple[int, int | None]]:
        """When an oscillation should become visible, and when it should have died down.

        Parameters
        ----------
        noise, account
            As of `zigzag`.

        Returns
        -------
        list of tuple (int, int or None)
            The first and the last epoch of each; None for one that goes on to the end.

        Raises
        ------
        ValueError
            If `noise` is negative or not a number.
        """
        unstable, found, start = self.products > 2, [], None
        for epoch, size in enumerate(self.zigzag(noise, account)):
            if start is None and size >= account.visible and unstable[epoch]:
                start = epoch
            elif start is not None and size < account.faded * account.visible:
                found.append((start, epoch))
                start = None
        return found if start is None else [*found, (start, None)]

    def crossing(self, epoch: int) -> int:
        """The last epoch, up to a given one, at which the sharpness has crossed its threshold.

        Parameters
        ----------
        epoch : int

        Returns
        -------
        int
            The first epoch above 2 / learning rate after one that is not; 0 if there is none.
        """
        above = self.products[: epoch + 1] > 2
        crossed = np.flatnonzero(above[1:] & ~above[:-1])
        return int(crossed[-1]) + 1 if crossed.size else 0


def stable_path(experiment: Experiment) -> StablePath:
    """Follow gradient descent without the zigzag that its rounding sets off.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    StablePath

    Raises
    ------
    OverflowError
        If the weights overflow.

    Notes
    -----
    It is plain gradient descent until the zigzag has faded below what a double can hold. From then
    on, wherever the learning rate times the sharpness is above 2, each epoch is averaged with its
    neighbours, (w[n-1] + 2 w[n] + w[n+1]) / 4, which takes away what changes its sign from epoch to
    epoch and leaves the drift.
    """
    (x, y), _, mean = starting_point(experiment)
    h, rate, epochs = experiment.h, experiment.learning_rate, experiment.epochs
    gradient = LossGradient(x, y, h)

    def descend(row):
        return step(row, gradient.sums(row)[:-1], x.size, rate)[0]

    rows = np.empty((epochs + 1, 3 * h - 2))
    sharpness = np.empty(epochs + 1)
    rows[0] = mean
    size, opened, lost = ACCOUNT.opening, False, False
    after = descend(mean)
    with np.errstate(over="ignore", invalid="ignore"):
        for epoch in range(epochs + 1):
            matrix = hessian(*unpack(mean, h), x, y)
            if not np.isfinite(matrix).all():
                raise OverflowError(
                    f"{experiment} overflows by epoch {epoch}: the learning rate is too large"
                )
            sharpness[epoch] = np.linalg.eigvalsh(matrix)[-1]
            if epoch == epochs:
                break
            product = rate * sharpness[epoch]
            ahead = descend(after)
            mean = (rows[epoch] + 2 * after + ahead) / 4
            lost = lost or size < _LOST
            if lost and product > 2:
                rows[epoch + 1], after = mean, descend(mean)
            else:
                rows[epoch + 1], after = after, ahead
            opened = opened or product > 1
            size = _grow(size, product, 0.0, ACCOUNT) if opened else size
    return StablePath(experiment, *unpack(rows, h), sharpness)


def predict_onset(experiment: Experiment, bits: int | float = 53) -> int | None:
    """Predict the epoch at which the oscillation becomes visible.

    Parameters
    ----------
    experiment : Experiment
    bits : int or math.inf, optional
        As of `rounding_noise`; those of a double if not given.

    Returns
    -------
    int or None
        None if no oscillation becomes visible within the epochs of the experiment, or only such as
        die down again; `StablePath.bursts` has those too.

    Raises
    ------
    ValueError
        As `rounding_noise`.
    OverflowError
        If the weights overflow.

    Notes
    -----
    A burst that rounding sets off throws the run off its stable path. Whether it then calms down by
    itself, and when it begins again, is not predicted.
    """
    noise = rounding_noise(bits)
    path = stable_path(experiment)
    return next((start for start, end in path.bursts(noise) if end is None), None)


def _grow(size, product, noise, account):
    """The size of a zigzag one epoch later."""
    factor = max(abs(1 - product), account.least_factor)
    return min(account.ceiling, hypot(noise, factor * size))
