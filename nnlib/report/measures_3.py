"""What the ledger measures of the data of Experiment 3, from studies that are kept.

As `nnlib.report.measures`. A share is of the replicates of a study, with its interval.
"""

import numpy as np

from nnlib.data import size
from nnlib.randomness.statistics import interval, median, proportion

__all__ = [
    "best_lower_beyond_f1",
    "best_lower_beyond_f2",
    "best_lower_beyond_hundred",
    "descent_below_best_f2",
    "descent_lower_beyond_f2",
    "more_neurons_best_f2",
    "more_neurons_descent_f2",
    "number_of_best_f2",
    "number_of_descent_off_f1",
    "number_of_descent_off_f2",
    "patient_second_descent_f2",
    "peak_of_steep",
    "penalised_below_first_f2",
    "penalised_second_descent_f2",
    "penalty_lower_f2",
    "rise_of_best_f1",
    "rise_of_best_f2",
    "rise_of_best_of_hundred",
    "rise_of_descent_f1",
    "rise_of_exact_f2",
    "second_descent_of_smooth",
]

# --- size ----------------------------------------------------------------------------------------


def _of_size(study: str, h: int, what: str = "error"):
    """What became of the fits of one size."""
    return getattr(size.load(study), what)[size.STUDIES[study].sizes.index(h)]


def _lower(study: str, h: int, other: str, than: int) -> tuple[float, float, float]:
    """For what share of the training sets the one fit has the lower error."""
    one, two = _of_size(study, h), _of_size(other, than)
    both = min(one.size, two.size)
    return proportion(one[:both] < two[:both])


def _rise(study: str, h: int, than: int) -> tuple[float, float, float]:
    """How many times the error of another size the error is, in the median."""
    return median(_of_size(study, h) / _of_size(study, than))


def _number_off(task: str, sizes: tuple[int, ...]) -> tuple[float, float, float]:
    """How far the effective number of descent is from what the tangent foretells, at most."""
    foretold = [_of_size(f"foretold {task}", h, "number").mean() for h in sizes]

    def off(*numbers) -> float:
        return float(max(abs(np.mean(n) - one) for n, one in zip(numbers, foretold, strict=True)))

    return interval(off, *(_of_size(f"descent {task}", h, "number") for h in sizes))


def more_neurons_best_f2() -> tuple[float, float, float]:
    """For what share of the training sets more neurons have the better best fit."""
    return _lower("best f2", 20, "best f2", 8)


def more_neurons_descent_f2() -> tuple[float, float, float]:
    """For what share of the training sets descent ends lower with more neurons."""
    return _lower("descent f2", 20, "descent f2", 8)


def rise_of_best_f1() -> tuple[float, float, float]:
    """How many times the error of h = 2 the best fit has with h = 11."""
    return _rise("best f1", 11, 2)


def rise_of_best_f2() -> tuple[float, float, float]:
    """How many times the error of h = 4 the best fit has with h = 11."""
    return _rise("best f2", 11, 4)


def rise_of_exact_f2() -> tuple[float, float, float]:
    """How many times the error of h = 4 the best fit has with h = 11, without noise."""
    return _rise("exact f2", 11, 4)


def best_lower_beyond_f1() -> tuple[float, float, float]:
    """For what share of the training sets h = 30 has a better best fit than h = 11."""
    return _lower("best f1", 30, "best f1", 11)


def best_lower_beyond_f2() -> tuple[float, float, float]:
    """For what share of the training sets h = 30 has a better best fit than h = 11."""
    return _lower("best f2", 30, "best f2", 11)


def number_of_best_f2() -> tuple[float, float, float]:
    """The effective number of weights of the best fit with h = 11."""
    return interval(np.mean, _of_size("best f2", 11, "number"))


def penalty_lower_f2() -> tuple[float, float, float]:
    """For what share of the training sets the best fit with a penalty has the lower error."""
    return _lower("penalised f2", 30, "best f2", 30)


def penalised_second_descent_f2() -> tuple[float, float, float]:
    """For what share of the training sets h = 40 has a lower error than h = 20, with a penalty."""
    return _lower("penalised f2", 40, "penalised f2", 20)


def penalised_below_first_f2() -> tuple[float, float, float]:
    """For what share of the training sets h = 40 has a lower error than h = 4, with a penalty."""
    return _lower("penalised f2", 40, "penalised f2", 4)


def rise_of_descent_f1() -> tuple[float, float, float]:
    """How many times the error of h = 2 descent has with h = 30."""
    return _rise("descent f1", 30, 2)


def descent_lower_beyond_f2() -> tuple[float, float, float]:
    """For what share of the training sets descent ends lower with h = 30 than with h = 11."""
    return _lower("descent f2", 30, "descent f2", 11)


def descent_below_best_f2() -> tuple[float, float, float]:
    """For what share of the training sets descent ends lower than the best fit, with h = 30."""
    return _lower("descent f2", 30, "best f2", 30)


def number_of_descent_off_f1() -> tuple[float, float, float]:
    """How far the effective number of descent is from what was foretold, at most."""
    return _number_off("f1", (3, 8, 20))


def number_of_descent_off_f2() -> tuple[float, float, float]:
    """How far the effective number of descent with h = 20 is from what was foretold."""
    return _number_off("f2", (20,))


def patient_second_descent_f2() -> tuple[float, float, float]:
    """For what share of the training sets a patient search has a better fit with h = 30 than 15."""
    return _lower("patient f2", 30, "patient f2", 15)


def peak_of_steep() -> tuple[float, float, float]:
    """For what share of the training sets h = 30 is above h = 15 and h = 400, steep neurons."""
    low, peak, wide = (_of_size("steep", h) for h in (15, 30, 400))
    return proportion((peak > low) & (peak > wide))


def second_descent_of_smooth() -> tuple[float, float, float]:
    """For what share of the training sets h = 400 is below h = 30, with smooth neurons."""
    return _lower("smooth", 400, "smooth", 30)


def rise_of_best_of_hundred() -> tuple[float, float, float]:
    """How many times the error of h = 4 the best fit of 100 samples has with h = 34."""
    return _rise("best of 100", 34, 4)


def best_lower_beyond_hundred() -> tuple[float, float, float]:
    """For what share of the training sets of 100 samples h = 45 is better fitted than h = 34."""
    return _lower("best of 100", 45, "best of 100", 34)
