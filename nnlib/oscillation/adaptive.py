"""Gradient descent whose learning rate changes on the way, by a rule that watches the run.

`Angle` is the rule that the follow-up proposes: raise the rate after the angle between consecutive
gradients has been small for some epochs, lower it when the angle is large. `Sharpness` keeps the
rate at a fixed part of what the curvature allows.
"""

from dataclasses import dataclass
from math import atan2, inf, isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib.checks import check_integer, check_positive
from nnlib.experiment import Experiment
from nnlib.network import LossGradient, unpack
from nnlib.oscillation.curvature import hessian
from nnlib.training import starting_point

__all__ = ["Angle", "Course", "Sharpness", "descend"]


@dataclass(frozen=True, eq=False)
class Course:
    """What became of a run with a changing learning rate.

    Attributes
    ----------
    train_error : ndarray, shape (epochs + 1,)
        NaN after an overflow.
    rates : ndarray, shape (epochs,)
        The learning rate that led from each epoch to the next.
    weights : ndarray, shape (epochs + 1, 3h-2)
        As `nnlib.network.pack` gives them.
    """

    train_error: NDArray[np.float64]
    rates: NDArray[np.float64]
    weights: NDArray[np.float64]


@dataclass
class Angle:
    """Raise the rate while the gradient keeps its direction, lower it when it turns.

    Attributes
    ----------
    small, large : float
        Angles in radians. Below the one counts as small, above the other the rate is lowered.
    up, down : float
        What the rate is multiplied by.
    patience : int
        How many small angles in a row it takes to raise it.

    Raises
    ------
    ValueError
        If `up` or `down` is not positive, or `patience` is not an integer, or less than 1.
    """

    small: float = 0.1
    large: float = 1.0
    up: float = 1.1
    down: float = 0.5
    patience: int = 10

    def __post_init__(self) -> None:
        check_positive("up", self.up)
        check_positive("down", self.down)
        check_integer("patience", self.patience, least=1)

    def __call__(self, experiment, x, y):
        """Make the rule for one run, which counts the small angles."""
        calm = 0

        def rule(rate, weights, gradient, before):
            nonlocal calm
            angle = _angle(gradient, before)
            calm = calm + 1 if angle < self.small else 0
            if angle > self.large:
                return rate * self.down
            if calm == self.patience:
                calm = 0
                return rate * self.up
            return rate

        return rule


@dataclass
class Sharpness:
    """Divide a number below 2 by the sharpness, computed anew at every epoch.

    Attributes
    ----------
    product : float
        Learning rate times sharpness.
    most : float
        The rate is never more.

    Raises
    ------
    ValueError
        If `product` is not positive.
    """

    product: float
    most: float = inf

    def __post_init__(self) -> None:
        check_positive("product", self.product)

    def __call__(self, experiment, x, y):
        """Make the rule for one run."""

        def rule(rate, weights, gradient, before):
            matrix = hessian(*unpack(weights, experiment.h), x, y)
            return min(self.most, self.product / np.linalg.eigvalsh(matrix)[-1])

        return rule


def descend(
    experiment: Experiment,
    adapt: Angle | Sharpness,
    *,
    weights: tuple[ArrayLike, ArrayLike] | None = None,
) -> Course:
    """Train with a learning rate that a rule changes, on the standard training set.

    Parameters
    ----------
    experiment : Experiment
        Its learning rate is the first one.
    adapt : Angle or Sharpness
    weights : pair of array_like, shapes (h-1, 2) and (1, h), optional
        The initial `U` and `V`; the standard ones if not given.

    Returns
    -------
    Course
        While the rule does not act, that of `nnlib.train` with the portable arithmetic, bit for
        bit.

    Raises
    ------
    ValueError
        If the weights are not finite or do not fit `h`.
    """
    (x, y), _, first = starting_point(experiment, weights=weights)
    gradient, rate, before = LossGradient(x, y, experiment.h), experiment.learning_rate, None
    rule = adapt(experiment, x, y)
    errors, rates = np.full(experiment.epochs + 1, np.nan), np.full(experiment.epochs, np.nan)
    rows = np.full((experiment.epochs + 1, len(first)), np.nan)
    rows[0] = first
    with np.errstate(over="ignore", invalid="ignore"):
        for epoch in range(experiment.epochs + 1):
            sums = gradient.sums(rows[epoch])
            errors[epoch] = sums[-1] / x.size
            if epoch == experiment.epochs or not isfinite(errors[epoch]):
                break
            now = sums[:-1] / x.size
            rate = rule(rate, rows[epoch], now, before)
            rates[epoch], before = rate, now
            rows[epoch + 1] = _step(rows[epoch], sums[:-1], x.size, rate)
    return Course(errors, rates, rows)


def _step(weights, sums, n, rate):
    """One update of gradient descent, with the roundings of the trainer: rate × sum, then / n."""
    return weights - rate * sums / n


def _angle(gradient, before):
    """The angle of two gradients; 0 if there is none before, or one vanishes."""
    if before is None:
        return 0.0
    lengths = [np.sqrt(np.add.reduce(vector**2)) for vector in (gradient, before)]
    if not min(lengths) > 0:
        return 0.0
    a, b = gradient / lengths[0], before / lengths[1]
    return 2 * atan2(*(np.sqrt(np.add.reduce(v**2)) for v in (a - b, a + b)))
