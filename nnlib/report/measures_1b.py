"""What the ledger measures of the follow-up: its gradients, its onsets, its neurons that part.

As `nnlib.report.measures`, from which it takes what both documents speak of.
"""

from dataclasses import replace

import numpy as np

from nnlib.datasets import get_train_set
from nnlib.experiment import Experiment
from nnlib.history import History
from nnlib.network import LossGradient, get_initial_weights
from nnlib.oscillation import budgets, rounding_noise, sharpness
from nnlib.oscillation.flow import flow_path
from nnlib.oscillation.signs import read_signs
from nnlib.randomness.statistics import interval
from nnlib.report.measures import (
    best_epoch,
    duplicates,
    errors_fall,
    errors_rise,
    last_error,
    late_improvement,
    lowest_error,
    outcome,
    ratio_of_last_errors,
    ratio_of_last_to_lowest,
    same_shape,
)
from nnlib.report.runs import history as run
from nnlib.targets import f1, f2

__all__ = [
    "best_epoch",
    "best_training_epoch",
    "duplicates",
    "equal_neurons_stay_equal",
    "errors_fall",
    "errors_rise",
    "falls_until_lowest",
    "first_angle_then_norm_then_error",
    "first_two_apart",
    "growth_of_the_gradient",
    "growth_of_the_sharpness",
    "largest_angle",
    "largest_product",
    "last_error",
    "late_improvement",
    "lowest_error",
    "more_neurons_after_1000",
    "more_neurons_after_50000",
    "more_waves_after_1000",
    "more_waves_after_50000",
    "norm_falls",
    "oscillates_later",
    "outcome",
    "ratio_of_best_epochs",
    "ratio_of_duplicates",
    "ratio_of_last_errors",
    "ratio_of_last_to_lowest",
    "ratio_of_rates",
    "same_shape_from_larger_weights",
    "shortest_gradient",
    "smaller_rate_after_1000",
    "smaller_rate_after_50000",
    "start_of_the_faster_fall",
    "times_as_fast",
    "typical_angle_at_the_end",
]

CALM = slice(30, 711)  # "the epochs 30 to 710" of section 2.1
LARGER = 10  # times the standard initial weights, section 3.3

# --- the gradients -------------------------------------------------------------------------------


def shortest_gradient(history: History) -> int:
    """The epoch at which the norm of the gradient is lowest."""
    return int(np.nanargmin(history.gradient_norm))


def best_training_epoch(history: History) -> int:
    """The epoch of the lowest training error."""
    return int(np.nanargmin(history.train_error))


def growth_of_the_gradient(history: History) -> float:
    """How many times as large as its lowest the norm of the gradient becomes after that."""
    norm = history.gradient_norm
    return np.nanmax(norm[shortest_gradient(history) :]) / np.nanmin(norm)


def first_angle_then_norm_then_error(history: History) -> bool:
    """Whether the angle rises before the norm, and that before the training error.

    Each from where on it rises until the training error does, as `read_signs` has it.
    """
    signs = read_signs(history)
    return signs.angle < signs.norm < signs.error


def largest_angle(history: History) -> float:
    """The largest angle between consecutive gradients from epoch 30 to 710, in degrees."""
    return float(np.degrees(history.gradient_angle[CALM].max()))


def norm_falls(history: History) -> bool:
    """Whether the norm of the gradient falls at every epoch from 30 to 710."""
    return bool(np.all(np.diff(history.gradient_norm[CALM]) < 0))


def typical_angle_at_the_end(history: History) -> float:
    """The median angle between consecutive gradients after the best epoch, in degrees."""
    return float(np.degrees(np.median(history.gradient_angle[history.best_epoch :])))


def largest_product(history: History) -> float:
    """The largest learning rate times sharpness from epoch 30 to 710."""
    epochs = range(CALM.start, CALM.stop, 10)
    return history.experiment.learning_rate * sharpness(history, epochs).max()


def growth_of_the_sharpness(history: History) -> float:
    """The largest over the smallest sharpness from epoch 30 on."""
    found = sharpness(history, range(CALM.start, len(history.U), 10))
    return found.max() / found.min()


def falls_until_lowest(history: History) -> bool:
    """Whether the training error falls at every epoch until it is lowest."""
    return bool(np.all(np.diff(history.train_error[: best_training_epoch(history) + 1]) < 0))


# --- smaller rates -------------------------------------------------------------------------------


def ratio_of_rates(one: History, other: History) -> float:
    """The learning rate of the first experiment over that of the second."""
    return one.experiment.learning_rate / other.experiment.learning_rate


def ratio_of_best_epochs(one: History, other: History) -> float:
    """The best epoch of the second experiment over that of the first."""
    return other.best_epoch / one.best_epoch


def oscillates_later(history: History) -> bool:
    """Whether the run is stable, and an oscillation is predicted within ten times its epochs."""
    longer = replace(history.experiment, epochs=10 * history.experiment.epochs)
    bursts = flow_path(longer).bursts(rounding_noise(53))
    return outcome(history) == "stable" and any(
        start > history.experiment.epochs for start, _ in bursts
    )


# --- neurons -------------------------------------------------------------------------------------


def start_of_the_faster_fall(history: History) -> int:
    """The epoch, in thousands, from which on the error falls at half its fastest pace or faster.

    Its logarithm, over a thousand epochs at a time, without the first two thousand.
    """
    falls = -np.diff(np.log(history.test_error[2000::1000]))
    return 2000 + 1000 * int(np.argmax(falls >= falls.max() / 2))


def times_as_fast(one: History, other: History) -> float | None:
    """How many times as many epochs as the second the first experiment needs for its last error."""
    reached = np.flatnonzero(other.test_error <= one.last_error)
    return (len(one.test_error) - 1) / int(reached[0]) if reached.size else None


def first_two_apart(history: History) -> float:
    """How far the rows 0 and 1 of U are apart at the end, relative to their length."""
    rows = history.U[-1, :2]
    return np.linalg.norm(rows[0] - rows[1]) / np.linalg.norm(rows, axis=1).max()


def equal_neurons_stay_equal(history: History) -> bool:
    """Whether two neurons with equal weights get equal gradients at every epoch, bit for bit."""
    experiment = history.experiment
    U, V = get_initial_weights(experiment.h)
    U[1], V[0, 1] = U[0], V[0, 0]
    gradient, V = LossGradient(*get_train_set(experiment.f), experiment.h), V[0]
    for _ in range(experiment.epochs):
        _, grad_U, grad_V = gradient(U, V)
        if (grad_U[0] != grad_U[1]).any() or grad_V[0] != grad_V[1]:
            return False
        U, V = U - experiment.learning_rate * grad_U, V - experiment.learning_rate * grad_V
    return True


def ratio_of_duplicates(history: History) -> float:
    """How far the neurons are apart from weights ten times as large, over how far from the usual.

    As `nnlib.report.measures.duplicates`.
    """
    return duplicates(_from_larger(history)) / duplicates(history)


def same_shape_from_larger_weights(history: History) -> float:
    """The lowest correlation of the curves of U[0,0], U[0,1] and V[h-1] with those from ten times.

    As `nnlib.report.measures.same_shape`.
    """
    return same_shape(history, _from_larger(history))


# --- replicates with other first weights: a value, and the ends of its 95 % interval -------------


def more_neurons_after_1000():
    """The median error of h = 20 over that of h = 2, for f1 and 1000 epochs."""
    return _ratio(Experiment(f1, 2, 0.1, 50_000), Experiment(f1, 20, 0.1, 50_000), 1000)


def more_neurons_after_50000():
    """The median error of h = 20 over that of h = 2, for f1 and 50000 epochs."""
    return _ratio(Experiment(f1, 2, 0.1, 50_000), Experiment(f1, 20, 0.1, 50_000), 50_000)


def more_waves_after_1000():
    """The median error of h = 20 over that of h = 8, for f2 and 1000 epochs."""
    return _ratio(Experiment(f2, 8, 0.05, 50_000), Experiment(f2, 20, 0.05, 50_000), 1000)


def more_waves_after_50000():
    """The median error of h = 20 over that of h = 8, for f2 and 50000 epochs."""
    return _ratio(Experiment(f2, 8, 0.05, 50_000), Experiment(f2, 20, 0.05, 50_000), 50_000)


def smaller_rate_after_1000():
    """The median error with the rate 0.05 over that with 0.4, for f1, h = 3 and 1000 epochs."""
    return _ratio(Experiment(f1, 3, 0.4, 50_000), Experiment(f1, 3, 0.05, 50_000), 1000)


def smaller_rate_after_50000():
    """The median error with the rate 0.05 over that with 0.4, for f1, h = 3 and 50000 epochs."""
    return _ratio(Experiment(f1, 3, 0.4, 50_000), Experiment(f1, 3, 0.05, 50_000), 50_000)


def _ratio(one, other, epochs):
    at = budgets.BUDGETS.index(epochs)
    errors = (budgets.load(experiment)[:, at] for experiment in (other, one))
    return interval(lambda a, b: np.median(a) / np.median(b), *errors)


def _from_larger(history):
    return run(history.experiment, history.arithmetic, scale=LARGER)
