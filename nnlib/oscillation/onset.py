"""When a run will begin to oscillate, predicted from the path it would take without rounding.

A step of gradient descent multiplies what lies across the valley by 1 - learning_rate λ, with λ the
sharpness: it zigzags where learning_rate λ is above 1, and the zigzag grows where it is above 2.
The zigzag model follows its size. From the first step that overshoots on, every epoch multiplies it
by that factor, and adds the noise of rounding. What this leaves open are settings, see `Account`.
With momentum, what lies across the valley follows from the
two epochs before, see `recurrence`, and the factor is the larger root of that.
"""

from dataclasses import dataclass
from math import hypot, inf, sqrt

import numpy as np
from numpy.typing import NDArray

from nnlib.checks import check_integer
from nnlib.experiment import Experiment
from nnlib.hessian import hessian
from nnlib.history import Dataset
from nnlib.network import LossGradient, unpack
from nnlib.optimizers import Descent, HeavyBall, Nesterov, Optimizer
from nnlib.start import Start
from nnlib.training import starting_point

__all__ = [
    "ACCOUNT",
    "Account",
    "StablePath",
    "growth",
    "predict_onset",
    "recurrence",
    "rounding_noise",
    "stable_path",
    "threshold",
]

_LOST = 2.0**-53  # smaller than what a double near 1 can hold


@dataclass(frozen=True)
class Account:
    """The settings of the zigzag model.

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


def recurrence(optimizer: Optimizer, product: float) -> tuple[float, float]:
    """How what lies across the valley, z, follows from the two epochs before.

    Parameters
    ----------
    optimizer : Descent, HeavyBall or Nesterov
    product : float
        The learning rate times the sharpness.

    Returns
    -------
    a, b : float
        Of z[t+1] = a z[t] + b z[t-1].

    Raises
    ------
    ValueError
        If it is another optimizer.

    Notes
    -----
    Across a valley with the curvature λ the gradient is λ z. Momentum adds β (z[t] - z[t-1]) to a
    step. Heavy ball takes the gradient at z[t], and Nesterov's momentum that at
    z[t] + β (z[t] - z[t-1]), where the ball would roll without it.
    """
    if isinstance(optimizer, Descent):
        return 1 - product, 0.0
    if isinstance(optimizer, HeavyBall):
        return 1 + optimizer.beta - product, -optimizer.beta
    if isinstance(optimizer, Nesterov):
        return (1 + optimizer.beta) * (1 - product), -optimizer.beta * (1 - product)
    raise ValueError(
        f"the zigzag is foretold for descent, heavy ball and Nesterov's momentum, got {optimizer}"
    )


def growth(optimizer: Optimizer, product: float) -> float:
    """What an epoch multiplies a zigzag by, in the long run.

    Parameters
    ----------
    optimizer, product
        As of `recurrence`.

    Returns
    -------
    float
        The larger root of the recurrence, in size: above 1, a zigzag grows.

    Raises
    ------
    ValueError
        As `recurrence`.
    """
    a, b = recurrence(optimizer, product)
    bend = a * a / 4 + b
    return abs(a) / 2 + sqrt(bend) if bend >= 0 else sqrt(-b)


def threshold(optimizer: Optimizer) -> float:
    """The learning rate times the sharpness above which a zigzag grows.

    Parameters
    ----------
    optimizer : Descent, HeavyBall or Nesterov

    Returns
    -------
    float
        Where -1 solves the recurrence: 2; with heavy ball 2 (1 + β), with Nesterov's momentum
        2 (1 + β) / (1 + 2 β), which is less than without.

    Raises
    ------
    ValueError
        As `recurrence`.

    Notes
    -----
    Cohen et al. (2021), appendix B.
    """
    a, b = recurrence(optimizer, 0.0)
    a1, b1 = recurrence(optimizer, 1.0)  # both are linear in the product
    return (1 + a - b) / ((a - a1) - (b - b1))


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
        """The learning rate times the sharpness, which has its threshold at `threshold`."""
        return self.experiment.learning_rate * self.sharpness

    def zigzag(self, noise: float, account: Account = ACCOUNT) -> NDArray[np.float64]:
        """The size that the zigzag should have.

        Parameters
        ----------
        noise : float
            What disturbs the weights at each epoch, as a standard deviation.
        account : Account, optional
            The settings of the model.

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
        optimizer = self.experiment.optimizer
        for n, product in enumerate(self.products[:-1]):
            opened = opened or product > 1
            size[n + 1] = _grow(size[n], optimizer, product, noise, account) if opened else size[n]
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
        unstable = self.products > threshold(self.experiment.optimizer)
        found, start = [], None
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
            The first epoch above the threshold after one that is not; 0 if there is none.
        """
        above = self.products[: epoch + 1] > threshold(self.experiment.optimizer)
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
    ValueError
        If its optimizer is another than descent, heavy ball or Nesterov's momentum, or it has a
        schedule or batches, or changes.
    OverflowError
        If the weights overflow.

    Notes
    -----
    It is the run itself until the zigzag has faded below what a double can hold. From then on,
    wherever the learning rate times the sharpness is above the threshold, each epoch is averaged
    with its neighbours, (w[n-1] + 2 w[n] + w[n+1]) / 4, and so is the velocity, if there is one.
    That takes away what changes its sign from epoch to epoch and leaves the drift.
    """
    optimizer, h, rate = experiment.optimizer, experiment.h, experiment.learning_rate
    if experiment.replaced(start=Start(), optimizer=Descent()).more:
        raise ValueError(
            f"a stable path has neither schedule nor batches nor changes, got {experiment}"
        )
    (x, y), _, mean = starting_point(experiment)
    epochs, gradient, limit = experiment.epochs, LossGradient(x, y, h), threshold(optimizer)

    def move(row, state):
        return optimizer.step(row, gradient.sums(row), x.size, rate, state)

    rows = np.empty((epochs + 1, 3 * h - 2))
    sharpness = np.empty(epochs + 1)
    rows[0], state = mean, optimizer.begin(mean.size, (x, y))
    size, opened, lost = ACCOUNT.opening, False, False
    after, velocity = move(mean, state)
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
            ahead, velocity_ahead = move(after, velocity)
            mean = (rows[epoch] + 2 * after + ahead) / 4
            lost = lost or size < _LOST
            if lost and product > limit:
                rows[epoch + 1] = mean
                if state is not None:
                    state = (state + 2 * velocity + velocity_ahead) / 4
                after, velocity = move(mean, state)
            else:
                rows[epoch + 1], state = after, velocity
                after, velocity = ahead, velocity_ahead
            opened = opened or product > 1
            size = _grow(size, optimizer, product, 0.0, ACCOUNT) if opened else size
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
        As `rounding_noise` and `stable_path`.
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


def _grow(size, optimizer, product, noise, account):
    """The size of a zigzag one epoch later."""
    factor = max(growth(optimizer, product), account.least_factor)
    return min(account.ceiling, hypot(noise, factor * size))
