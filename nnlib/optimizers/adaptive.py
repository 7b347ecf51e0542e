"""Gradient descent whose learning rate changes on the way, by a rule that watches the run.

`Angle` is the rule that the follow-up proposes: raise the rate after the angle between consecutive
gradients has been small for some epochs, lower it when the angle is large. `Sharpness` keeps the
rate at a fixed part of what the curvature allows.

One start says little about a rule, so `load` has the errors from many. `make optimizers` computes
what is missing in `nnlib/optimizers/results/`.
"""

import sys
from dataclasses import asdict, dataclass
from math import atan2, inf, isfinite
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib import kept
from nnlib.checks import check_integer, check_number, check_positive
from nnlib.descent import step
from nnlib.experiment import Experiment
from nnlib.hessian import hessian
from nnlib.network import LossGradient, unpack
from nnlib.pool import workers
from nnlib.targets import f1, f2
from nnlib.training import starting_point, train

__all__ = [
    "CONSTANT",
    "RULES",
    "SEEDS",
    "STARTS",
    "Angle",
    "Course",
    "Sharpness",
    "descend",
    "load",
]

SEEDS = 64  # initial weights of the seeds 0, 1, …, with the standard datasets
# Where the rules begin: a tenth of the rates with which the document's runs oscillate.
STARTS = (Experiment(f1, 3, 0.1, 2000), Experiment(f2, 8, 0.01, 2000))
# The best of a dozen constant rates, from the standard weights.
CONSTANT = (Experiment(f1, 3, 0.8, 2000), Experiment(f2, 8, 0.08, 2000))
_FILE = Path(__file__).with_name("results") / "adaptive.npz"


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
        If an angle is not a number, `up` is less than 1, `down` is not positive or more than 1, or
        `patience` is not an integer, or less than 1.
    """

    small: float = 0.1
    large: float = 1.0
    up: float = 1.1
    down: float = 0.5
    patience: int = 10

    def __post_init__(self) -> None:
        check_number("small", self.small)
        check_number("large", self.large)
        if not check_positive("down", self.down) <= 1 <= check_positive("up", self.up):
            raise ValueError(
                f"up must be at least 1, and down at most 1, got {self.up!r} and {self.down!r}"
            )
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


# Settings of the rule that the follow-up proposes; it names no numbers.
RULES = {
    "patient": Angle(small=0.1, large=1, up=1.1, down=0.5, patience=10),
    "cautious": Angle(small=0.01, large=0.1, up=1.1, down=0.5, patience=10),
    "gentle": Angle(small=0.1, large=1, up=1.02, down=0.7, patience=1),
    "greedy": Angle(small=0.1, large=1, up=1.1, down=0.5, patience=1),
}
# What is kept: an experiment, and the name of a rule or None.
_RUNS = (
    *((start, rule) for rule in RULES for start in STARTS),
    *((constant, None) for constant in CONSTANT),
)
_CONDITIONS = {"rules": {name: asdict(rule) for name, rule in RULES.items()}, "seeds": SEEDS}


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
        If `product` or `most` is not positive.
    """

    product: float
    most: float = inf

    def __post_init__(self) -> None:
        check_positive("product", self.product)
        if self.most != inf:
            check_positive("most", self.most)

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
    TypeError
        If `adapt` is no rule.
    ValueError
        If the weights are not finite or do not fit `h`.
    """
    if not isinstance(adapt, Angle | Sharpness):
        raise TypeError(f"adapt must be an Angle or a Sharpness, got {adapt!r}")
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
            rows[epoch + 1], _ = step(rows[epoch], sums[:-1], x.size, rate)
    return Course(errors, rates, rows)


def _angle(gradient, before):
    """The angle of two gradients; 0 if there is none before, or one vanishes."""
    if before is None:
        return 0.0
    lengths = [np.sqrt(np.add.reduce(vector**2)) for vector in (gradient, before)]
    if not min(lengths) > 0:
        return 0.0
    a, b = gradient / lengths[0], before / lengths[1]
    return 2 * atan2(*(np.sqrt(np.add.reduce(v**2)) for v in (a - b, a + b)))


def load(experiment: Experiment, rule: str | None = None) -> NDArray[np.float64]:
    """The lowest training errors of runs from many initial weights.

    Parameters
    ----------
    experiment : Experiment
        One of `STARTS`, or, without a rule, of `CONSTANT`.
    rule : str, optional
        One of `RULES`; the rate stays as it is if not given.

    Returns
    -------
    ndarray, shape (SEEDS,)
        NaN for a run that overflows.

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    if (experiment, rule) not in _RUNS:
        known = ", ".join(f"{one} with {name!r}" for one, name in _RUNS)
        raise ValueError(f"{_FILE.name} has no runs of {experiment} with {rule!r}; it has {known}")
    name = kept.key(experiment, rule)
    return kept.find(_FILE, _CONDITIONS, experiment, name, shape=(SEEDS,))[0]


def main() -> int:
    """Compute what is missing; return the exit status."""
    tasks = {kept.key(*run): run for run in _RUNS}
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _lowest, tasks)
    return 0


def _lowest(experiment, rule):
    """The lowest training errors, from the initial weights of all seeds."""
    lowest = np.empty(SEEDS)
    for seed in range(SEEDS):
        drawn = experiment.starting(weights=seed)
        run = train(drawn) if rule is None else descend(drawn, RULES[rule])
        errors = run.train_error
        lowest[seed] = np.min(errors)
    return lowest


if __name__ == "__main__":
    sys.exit(main())
