"""What the ledger measures of the data of Experiment 3, from studies that are kept.

As `nnlib.report.measures`. A share is of the replicates of a study, with its interval.
"""

import numpy as np

from nnlib.data import remedies
from nnlib.randomness.statistics import interval, median, proportion

__all__ = [
    "again_lower_f2",
    "averaged_f1",
    "averaged_f2",
    "committee_lower_f1",
    "committee_lower_f2",
    "crossed_lower_f1",
    "crossed_lower_f2",
    "doubled_f1",
    "doubled_f2",
    "fixed_lower_f1",
    "fixed_lower_f2",
    "gained_few_f1",
    "gained_many_f1",
    "gained_many_f2",
    "level_off_f1",
    "level_off_f2",
    "penalty_lower_than_stop_f1",
    "penalty_lower_than_stop_f2",
    "penalty_times_time_f1",
    "penalty_times_time_f2",
    "promised_by_ten_f1",
    "promised_by_ten_f2",
    "promised_by_thousand_f1",
    "promised_by_thousand_f2",
    "small_is_best_f1",
    "small_is_best_f2",
    "stopped_lower_f1",
    "stopped_lower_f2",
    "time_off_f1",
    "time_off_f2",
    "worst_rule",
]


# --- what helps against noise ---

EVEN = float(np.exp(-np.euler_gamma))  # penalty × rate × epochs, if the spectrum is even


def untreated(task: str, samples: int = 30):
    """The error at the end of the run on all samples, of each replicate."""
    return remedies.load(task, samples)["stop"][:, -1]


def lowest(task: str, name: str, samples: int = 30):
    """The error with the setting that an oracle chooses for each replicate."""
    return remedies.load(task, samples)[name].min(axis=1)


def chosen(task: str, name: str, samples: int = 30):
    """The error with the setting that validation chooses, of a network that has all samples."""
    found = remedies.load(task, samples)
    return np.take_along_axis(found[name], found[f"{name}_chosen"].astype(int), axis=1)[:, 0]


def held(task: str, name: str, samples: int = 30):
    """The error with the setting that validation chooses, of the network that it was tried on."""
    return remedies.load(task, samples)[f"{name}_held"][:, 0]


def beats_others(task: str, name: str, samples: int = 30) -> tuple[float, float, float]:
    """How often the choice of validation is better than one made for another training set.

    The mean over the replicates, and over all choices for others; equal errors count half.
    """
    places = remedies.load(task, samples)[f"{name}_chosen"][:, 0].astype(int)
    others = remedies.load(task, samples)[name][:, places]
    own = chosen(task, name, samples)[:, None]
    return interval(np.mean, np.mean((own < others) + (own == others) / 2, axis=1))


def best_for_all(task: str, name: str, samples: int = 30) -> int:
    """The place of the setting with the lowest geometric mean of all replicates."""
    return int(np.log(remedies.load(task, samples)[name]).mean(axis=0).argmin())


def rule(task: str, samples: int = 30) -> float:
    """The penalty σ²/(N m), with the mean square m of the weights of a run without noise."""
    noise, found = remedies.TASKS[task].start.noise, remedies.load_foretold(task, samples)
    return float(noise**2 / samples / np.median(found["weights"]))


def foretold(task: str, name: str, samples: int = 30):
    """The error that is foretold for each setting: the median over the inputs."""
    return np.median(remedies.load_foretold(task, samples)[name].sum(axis=1), axis=0)


def times(task: str, samples: int = 30, before: bool = False):
    """Penalty times rate and epochs, where the stopped run is nearest to the penalised.

    A row for each replicate, or for each of the inputs that foretell it, and a column for each
    penalty from 0.003 on; with less the run is too short to show it.
    """
    first, rate = remedies.PENALTIES.index(0.003), remedies.TASKS[task].learning_rate
    found = (remedies.load_foretold if before else remedies.load)(task, samples)["nearest"]
    epochs = remedies.seen(task)[found[:, first:].astype(int)]
    return np.array(remedies.PENALTIES[first:]) * rate * epochs


def optimism(task: str, n: int, samples: int = 30):
    """What the lowest of all test errors promises too much, as a part of the mean error there."""
    found, place = remedies.load(task, samples), remedies.TESTS.index(n)
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


def rule_costs(task: str, samples: int) -> tuple[float, float, float]:
    """The error with the penalty of the rule over that with the best one for all: the median."""
    found = remedies.load(task, samples)["penalty"]
    penalties = np.array(remedies.PENALTIES[1:])
    near = 1 + int(np.abs(np.log(penalties / rule(task, samples))).argmin())
    return median(found[:, near] / found[:, best_for_all(task, "penalty", samples)])


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


def doubled(task: str, samples: int = 30) -> tuple[float, float, float]:
    """The error with twice as many samples, over that without: the ratio of the medians."""
    more = remedies.load(task, samples)["more"][:, 0]
    return interval(lambda a, b: float(np.median(a) / np.median(b)), more, untreated(task, samples))


def doubled_f1() -> tuple[float, float, float]:
    """The median error of f1 with 60 samples over that with 30."""
    return doubled("f1")


def doubled_f2() -> tuple[float, float, float]:
    """The median error of f2 with 60 samples over that with 30."""
    return doubled("f2")


def gained(task: str, samples: int, name: str = "penalty") -> tuple[float, float, float]:
    """What part of the error the best setting leaves: the median."""
    return median(lowest(task, name, samples) / untreated(task, samples))


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
