"""What the ledger measures of the data of Experiment 3, from studies that are kept.

As `nnlib.report.measures`. A share is of the replicates of a study, with its interval.
"""

from functools import cache

import numpy as np

from nnlib.data import remedies, samples, tangent
from nnlib.randomness.statistics import interval, median, proportion

__all__ = [
    "STUCK",
    "again_lower_f2",
    "averaged_f1",
    "averaged_f2",
    "best_above_hundredth_50_f2",
    "best_above_one_10_f2",
    "centred_gets_through_f2",
    "committee_lower_f1",
    "committee_lower_f2",
    "crossed_lower_f1",
    "crossed_lower_f2",
    "descent_lower_10_f2",
    "descent_lower_30_f1",
    "descent_lower_100_f1",
    "doubled_f1",
    "doubled_f2",
    "even_gets_through_f2",
    "exponent_off_f1",
    "exponent_off_f2",
    "fixed_lower_f1",
    "fixed_lower_f2",
    "foretold_number",
    "gained_few_f1",
    "gained_many_f1",
    "gained_many_f2",
    "hundred_as_good_f1",
    "hundred_best_f1",
    "level_off_f1",
    "level_off_f2",
    "more_get_through_f2",
    "noise_gets_through_f2",
    "noise_off_f1",
    "one_rate_for_all",
    "penalty_lower_than_stop_f1",
    "penalty_lower_than_stop_f2",
    "penalty_times_time_f1",
    "penalty_times_time_f2",
    "promised_by_ten_f1",
    "promised_by_ten_f2",
    "promised_by_thousand_f1",
    "promised_by_thousand_f2",
    "samples_exponent",
    "small_is_best_f1",
    "small_is_best_f2",
    "stopped_lower_f1",
    "stopped_lower_f2",
    "thousand_as_good_f1",
    "time_off_f1",
    "time_off_f2",
    "worst_rule",
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


# --- what helps against noise ---

EVEN = float(np.exp(-np.euler_gamma))  # penalty × rate × epochs, if the spectrum is even


def untreated(task: str, N: int = 30):
    """The error at the end of the run on all samples, of each replicate."""
    return remedies.load(task, N)["stop"][:, -1]


def lowest(task: str, name: str, N: int = 30):
    """The error with the setting that an oracle chooses for each replicate."""
    return remedies.load(task, N)[name].min(axis=1)


def chosen(task: str, name: str, N: int = 30):
    """The error with the setting that validation chooses, of a network that has all samples."""
    found = remedies.load(task, N)
    return np.take_along_axis(found[name], found[f"{name}_chosen"].astype(int), axis=1)[:, 0]


def held(task: str, name: str, N: int = 30):
    """The error with the setting that validation chooses, of the network that it was tried on."""
    return remedies.load(task, N)[f"{name}_held"][:, 0]


def beats_others(task: str, name: str, N: int = 30) -> tuple[float, float, float]:
    """How often the choice of validation is better than one made for another training set.

    The mean over the replicates, and over all choices for others; equal errors count half.
    """
    places = remedies.load(task, N)[f"{name}_chosen"][:, 0].astype(int)
    others = remedies.load(task, N)[name][:, places]
    own = chosen(task, name, N)[:, None]
    return interval(np.mean, np.mean((own < others) + (own == others) / 2, axis=1))


def best_for_all(task: str, name: str, N: int = 30) -> int:
    """The place of the setting with the lowest geometric mean of all replicates."""
    return int(np.log(remedies.load(task, N)[name]).mean(axis=0).argmin())


def rule(task: str, N: int = 30) -> float:
    """The penalty σ²/(N m), with the mean square m of the weights of a run without noise."""
    noise, found = remedies.TASKS[task].start.noise, remedies.load_foretold(task, N)
    return float(noise**2 / N / np.median(found["weights"]))


def foretold(task: str, name: str, N: int = 30):
    """The error that is foretold for each setting: the median over the inputs."""
    return np.median(remedies.load_foretold(task, N)[name].sum(axis=1), axis=0)


def times(task: str, N: int = 30, before: bool = False):
    """Penalty times rate and epochs, where the stopped run is nearest to the penalised.

    A row for each replicate, or for each of the inputs that foretell it, and a column for each
    penalty from 0.003 on; with less the run is too short to show it.
    """
    first, rate = remedies.PENALTIES.index(0.003), remedies.TASKS[task].learning_rate
    found = (remedies.load_foretold if before else remedies.load)(task, N)["nearest"]
    epochs = remedies.seen(task)[found[:, first:].astype(int)]
    return np.array(remedies.PENALTIES[first:]) * rate * epochs


def optimism(task: str, n: int, N: int = 30):
    """What the lowest of all test errors promises too much, as a part of the mean error there."""
    found, place = remedies.load(task, N), remedies.TESTS.index(n)
    true = found["true"][:, place]
    return (true - found["promised"][:, place]) / true.mean()


def penalty_lower_than_stop_f1() -> tuple[float, float, float]:
    """From what share of replicates of f1 the best penalty is lower than the best stop."""
    return proportion(lowest("f1", "penalty") < lowest("f1", "stop"))


def penalty_lower_than_stop_f2() -> tuple[float, float, float]:
    """From what share of replicates of f2 the best penalty is lower than the best stop."""
    return proportion(lowest("f2", "penalty") < lowest("f2", "stop"))


def _level(task: str) -> float:
    """By what factor the foretold errors of the best settings are off, at the worst."""
    factors = []
    for name in ("stop", "penalty"):
        expected = foretold(task, name)
        seen = np.median(remedies.load(task, 30)[name], axis=0)[expected.argmin()]
        factors.append(abs(np.log(seen / expected.min())))
    return float(np.exp(max(factors)))


def level_off_f1() -> float:
    """The worst factor between foretold and median error, at the settings foretold for f1."""
    return _level("f1")


def level_off_f2() -> float:
    """The worst factor between foretold and median error, at the settings foretold for f2."""
    return _level("f2")


def rule_costs(task: str, N: int) -> tuple[float, float, float]:
    """The error with the penalty of the rule over that with the best one for all: the median."""
    found = remedies.load(task, N)["penalty"]
    penalties = np.array(remedies.PENALTIES[1:])
    near = 1 + int(np.abs(np.log(penalties / rule(task, N))).argmin())
    return median(found[:, near] / found[:, best_for_all(task, "penalty", N)])


def worst_rule() -> tuple[float, float, float]:
    """The median error with the penalty of the rule over the best one's, at the worst of four."""
    return max(rule_costs(*case) for case in remedies.REPLICATES)


def _time_off(task: str) -> tuple[float, float, float]:
    expected = np.median(times(task, before=True), axis=0)
    return median(np.exp(np.abs(np.median(np.log(times(task) / expected), axis=1))))


def time_off_f1() -> tuple[float, float, float]:
    """The median factor between penalty × rate × epochs and what is foretold, for f1."""
    return _time_off("f1")


def time_off_f2() -> tuple[float, float, float]:
    """The median factor between penalty × rate × epochs and what is foretold, for f2."""
    return _time_off("f2")


def penalty_times_time_f1() -> tuple[float, float, float]:
    """The median of penalty × rate × epochs for f1."""
    return median(np.median(times("f1"), axis=1))


def penalty_times_time_f2() -> tuple[float, float, float]:
    """The median of penalty × rate × epochs for f2."""
    return median(np.median(times("f2"), axis=1))


def _fixed_lower(task: str) -> tuple[float, float, float]:
    place = remedies.PENALTIES.index(remedies.FIXED[task][1])
    fixed, found = remedies.load(task, 30)["penalty"][:, place], chosen(task, "penalty")
    return proportion((fixed < found)[fixed != found])


def fixed_lower_f1() -> tuple[float, float, float]:
    """From what share a fixed penalty is lower for f1 than that of validation, if they differ."""
    return _fixed_lower("f1")


def fixed_lower_f2() -> tuple[float, float, float]:
    """From what share a fixed penalty is lower for f2 than that of validation, if they differ."""
    return _fixed_lower("f2")


def stopped_lower_f1() -> tuple[float, float, float]:
    """From what share four fifths of the samples, stopped by the rest, beat all of them for f1."""
    return proportion(held("f1", "stop") < untreated("f1"))


def stopped_lower_f2() -> tuple[float, float, float]:
    """From what share four fifths of the samples, stopped by the rest, beat all of them for f2."""
    return proportion(held("f2", "stop") < untreated("f2"))


def again_lower_f2() -> tuple[float, float, float]:
    """From what share all samples, stopped at the epoch that validation chose, beat four fifths."""
    return proportion(chosen("f2", "stop") < held("f2", "stop"))


def _crossed_lower(task: str) -> tuple[float, float, float]:
    one, five = chosen(task, "stop"), remedies.load(task, 30)["crossed"][:, 0]
    return proportion((five < one)[five != one])


def crossed_lower_f1() -> tuple[float, float, float]:
    """From what share the epoch that five fifths choose is better than that of one, for f1."""
    return _crossed_lower("f1")


def crossed_lower_f2() -> tuple[float, float, float]:
    """From what share the epoch that five fifths choose is better than that of one, for f2."""
    return _crossed_lower("f2")


def averaged(task: str) -> tuple[float, float, float]:
    """The error of the mean of five whole runs, over the mean of their errors: the median."""
    single, mean, _ = remedies.load(task, 30)["average"].T
    return median(mean / single)


def averaged_f1() -> tuple[float, float, float]:
    """The median of the error of a mean of five runs over the mean of their errors, for f1."""
    return averaged("f1")


def averaged_f2() -> tuple[float, float, float]:
    """The median of the error of a mean of five runs over the mean of their errors, for f2."""
    return averaged("f2")


def _committee_lower(task: str) -> tuple[float, float, float]:
    stopped = remedies.load(task, 30)["average"][:, 2]
    return proportion(stopped < held(task, "stop"))


def committee_lower_f1() -> tuple[float, float, float]:
    """From what share a mean of five stopped runs is better than the first of them, for f1."""
    return _committee_lower("f1")


def committee_lower_f2() -> tuple[float, float, float]:
    """From what share a mean of five stopped runs is better than the first of them, for f2."""
    return _committee_lower("f2")


def doubled(task: str, N: int = 30) -> tuple[float, float, float]:
    """The error with twice as many samples, over that without: the ratio of the medians."""
    more = remedies.load(task, N)["more"][:, 0]
    return interval(lambda a, b: float(np.median(a) / np.median(b)), more, untreated(task, N))


def doubled_f1() -> tuple[float, float, float]:
    """The median error of f1 with 60 samples over that with 30."""
    return doubled("f1")


def doubled_f2() -> tuple[float, float, float]:
    """The median error of f2 with 60 samples over that with 30."""
    return doubled("f2")


def gained(task: str, N: int, name: str = "penalty") -> tuple[float, float, float]:
    """What part of the error the best setting leaves: the median."""
    return median(lowest(task, name, N) / untreated(task, N))


def gained_few_f1() -> tuple[float, float, float]:
    """The median part of the error of f1 that the best penalty leaves, with 30 samples."""
    return gained("f1", 30)


def gained_many_f1() -> tuple[float, float, float]:
    """The median part of the error of f1 that the best penalty leaves, with 300 samples."""
    return gained("f1", 300)


def gained_many_f2() -> tuple[float, float, float]:
    """The median part of the error of f2 that the best penalty leaves, with 300 samples."""
    return gained("f2", 300)


def small_is_best_f1() -> tuple[float, float, float]:
    """From what share one or two working neurons are best for f1."""
    return proportion(remedies.load("f1", 30)["size"].argmin(axis=1) < 2)


def small_is_best_f2() -> tuple[float, float, float]:
    """From what share fewer neurons than eleven are best for f2."""
    return proportion(remedies.load("f2", 30)["size"].argmin(axis=1) < 3)


def promised_by_ten_f1() -> tuple[float, float, float]:
    """The mean optimism of ten test samples for f1, over the mean error."""
    return interval(np.mean, optimism("f1", 10))


def promised_by_ten_f2() -> tuple[float, float, float]:
    """The mean optimism of ten test samples for f2, over the mean error."""
    return interval(np.mean, optimism("f2", 10))


def promised_by_thousand_f1() -> tuple[float, float, float]:
    """The mean optimism of a thousand test samples for f1, over the mean error."""
    return interval(np.mean, optimism("f1", 1000))


def promised_by_thousand_f2() -> tuple[float, float, float]:
    """The mean optimism of a thousand test samples for f2, over the mean error."""
    return interval(np.mean, optimism("f2", 1000))
