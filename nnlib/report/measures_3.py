"""What the ledger measures of the data of Experiment 3, from studies that are kept.

As `nnlib.report.measures`. A share is of the replicates of a study, with its interval.
"""

from functools import cache

import numpy as np

from nnlib.data import samples, tangent
from nnlib.randomness.statistics import interval, proportion

__all__ = [
    "STUCK",
    "best_above_hundredth_50_f2",
    "best_above_one_10_f2",
    "centred_gets_through_f2",
    "descent_lower_10_f2",
    "descent_lower_30_f1",
    "descent_lower_100_f1",
    "even_gets_through_f2",
    "exponent_off_f1",
    "exponent_off_f2",
    "foretold_number",
    "hundred_as_good_f1",
    "hundred_best_f1",
    "more_get_through_f2",
    "noise_gets_through_f2",
    "noise_off_f1",
    "one_rate_for_all",
    "samples_exponent",
    "thousand_as_good_f1",
]

# --- how many samples? ----------------------------------------------------------------------------

STUCK = (
    20.0  # an error on f2 above which a descent is stuck: the first half of the curve is missing
)


def _sample_errors(task: str, noisy: bool, N: int) -> samples.Errors:
    return samples.load(task, noisy, N)


def _ratio_of_medians(above, below) -> tuple[float, float, float]:
    """The ratio of two medians, whose samples are not of the same replicates."""
    return interval(lambda one, other: float(np.median(one) / np.median(other)), above, below)


def one_rate_for_all() -> tuple[float, float, float]:
    """In what share of all descents, with 5 to 10,000 samples, the training error has fallen."""
    found = [
        _sample_errors(task, noisy, N)
        for task in samples.TASKS
        for noisy in (False, True)
        for N in samples.NUMBERS
    ]
    return proportion(np.concatenate([one.training < one.first for one in found]))


@cache
def samples_exponent(task: str, least: int) -> tuple[float, float, float]:
    """The exponent with which the median of the best fits to noisy samples changes with N."""
    numbers = [N for N in samples.NUMBERS if least <= N]

    def slope(*found) -> float:
        x, y = np.log(numbers), np.log([np.median(one) for one in found])
        return float(np.sum((x - x.mean()) * y) / np.sum((x - x.mean()) ** 2))

    return interval(slope, *(_sample_errors(task, True, N).best for N in numbers))


def _exponent_off(task: str, least: int) -> tuple[float, float, float]:
    """The largest and the least distance that the interval of an exponent leaves it from -1."""
    value, low, high = samples_exponent(task, least)
    ends = abs(low + 1), abs(high + 1)
    return abs(value + 1), 0.0 if low < -1 < high else min(ends), max(ends)


def exponent_off_f1() -> tuple[float, float, float]:
    """How far the exponent is from -1: f1 with noise, best fits, 100 samples and more."""
    return _exponent_off("f1", 100)


def exponent_off_f2() -> tuple[float, float, float]:
    """How far the exponent is from -1: f2 with noise, best fits, 300 samples and more."""
    return _exponent_off("f2", 300)


def _descent_lower(task: str, N: int) -> tuple[float, float, float]:
    found = _sample_errors(task, True, N)
    return proportion(found.descent < found.best)


def descent_lower_30_f1() -> tuple[float, float, float]:
    """For what share of noisy sets of 30 samples of f1 descent ends lower than the best fit."""
    return _descent_lower("f1", 30)


def descent_lower_100_f1() -> tuple[float, float, float]:
    """For what share of noisy sets of 100 samples of f1 descent ends lower than the best fit."""
    return _descent_lower("f1", 100)


def descent_lower_10_f2() -> tuple[float, float, float]:
    """For what share of noisy sets of 10 samples of f2 descent ends lower than the best fit."""
    return _descent_lower("f2", 10)


def thousand_as_good_f1() -> tuple[float, float, float]:
    """How many times as large descent's median error is with 1000 noisy samples as with 10,000."""
    return _ratio_of_medians(*(_sample_errors("f1", True, N).descent for N in (1000, 10_000)))


def hundred_as_good_f1() -> tuple[float, float, float]:
    """How many times as large descent's median error is with 100 exact samples as with 10,000."""
    return _ratio_of_medians(*(_sample_errors("f1", False, N).descent for N in (100, 10_000)))


def hundred_best_f1() -> tuple[float, float, float]:
    """How many times as large the median best fit is with 100 exact samples as with 10,000."""
    return _ratio_of_medians(*(_sample_errors("f1", False, N).best for N in (100, 10_000)))


@cache
def foretold_number() -> float:
    """The effective number of weights of descent on f1, from the first 100 standard samples."""
    one = samples.TASKS["f1"]
    return float(tangent.foretell(one.starting(samples=100), [one.epochs]).number[0])


def noise_off_f1() -> tuple[float, float, float]:
    """How far, relative, the mean extra error from noise is from that foretold: f1, 100 samples."""
    extra = _sample_errors("f1", True, 100).descent - _sample_errors("f1", False, 100).descent
    foretold = foretold_number() * samples.NOISE["f1"] ** 2 / 200
    value, low, high = (v / foretold for v in interval(lambda e: float(np.mean(e)), extra))
    ends = abs(low - 1), abs(high - 1)
    return abs(value - 1), 0.0 if low < 1 < high else min(ends), max(ends)


def best_above_one_10_f2() -> tuple[float, float, float]:
    """The share of exact sets of 10 samples of f2 whose best fit has an error above 1."""
    return proportion(_sample_errors("f2", False, 10).best > 1)


def best_above_hundredth_50_f2() -> tuple[float, float, float]:
    """The share of exact sets of 50 samples of f2 whose best fit has an error above 0.01."""
    return proportion(_sample_errors("f2", False, 50).best > 0.01)


def _share_more(one, other) -> tuple[float, float, float]:
    """By how much more of the same replicates get through."""
    gained = (one < STUCK).astype(float) - (other < STUCK)
    return interval(lambda d: float(np.mean(d)), gained)


def more_get_through_f2() -> tuple[float, float, float]:
    """How much larger the share of descents on f2 that get through is, 1000 samples to 100."""
    return _share_more(*(_sample_errors("f2", False, N).descent for N in (1000, 100)))


def noise_gets_through_f2() -> tuple[float, float, float]:
    """How much larger the share of descents on f2 that get through is with noise, 1000 samples."""
    return _share_more(*(_sample_errors("f2", noisy, 1000).descent for noisy in (True, False)))


def even_gets_through_f2() -> tuple[float, float, float]:
    """How much larger the share of descents on f2 that get through is if 100 samples lie evenly."""
    return _share_more(samples.load_changed("even", 100), _sample_errors("f2", False, 100).descent)


def centred_gets_through_f2() -> tuple[float, float, float]:
    """How much larger the share of descents on f2 that get through is with 100 centred outputs."""
    changed = samples.load_changed("centred", 100)
    return _share_more(changed, _sample_errors("f2", False, 100).descent)
