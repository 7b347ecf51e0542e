"""What the ledger measures of the data of Experiment 3, from studies that are kept.

As `nnlib.report.measures`. A share is of the replicates of a study, with its interval.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from nnlib.data import excess, poor, remedies, samples, size, tangent, turning
from nnlib.experiment import Experiment
from nnlib.history import History
from nnlib.interval import interval_error
from nnlib.network import pack
from nnlib.randomness.statistics import interval, median, proportion

__all__ = [
    "HOLE",
    "LARGE",
    "STUCK",
    "acquitted_but_overfit",
    "again_lower_f2",
    "alike_overfit",
    "apart_but_no_overfitting",
    "averaged_f1",
    "averaged_f2",
    "best_above_hundredth_50_f2",
    "best_above_one_10_f2",
    "best_lower_beyond_f1",
    "best_lower_beyond_f2",
    "best_lower_beyond_hundred",
    "best_weights_f1_2",
    "best_weights_f1_3",
    "best_weights_f2_4",
    "best_weights_few_f2_4",
    "calm_run_overfits",
    "centred_gets_through_f2",
    "clean_overfit",
    "clean_overfit_f2",
    "clean_test_rises",
    "committee_lower_f1",
    "committee_lower_f2",
    "crossed_lower_f1",
    "crossed_lower_f2",
    "descent_below_best_f2",
    "descent_lower_10_f2",
    "descent_lower_30_f1",
    "descent_lower_100_f1",
    "descent_lower_beyond_f2",
    "descent_outliers_f1",
    "descent_side_f1",
    "doubled_f1",
    "doubled_f2",
    "even_gets_through_f2",
    "exponent_off_f1",
    "exponent_off_f2",
    "fixed_lower_f1",
    "fixed_lower_f2",
    "follow_but_overfit_f2",
    "follow_but_overfit_quiet",
    "foretold_beats_count",
    "foretold_number",
    "formula_gap",
    "formula_off",
    "formula_off_many",
    "formula_off_outliers",
    "gained_few_f1",
    "gained_many_f1",
    "gained_many_f2",
    "gap_costs",
    "gap_larger",
    "grid_keeps_best",
    "holes",
    "holes_found",
    "holes_imagined",
    "hundred_as_good_f1",
    "hundred_best_f1",
    "large_overfit",
    "level_off_f1",
    "level_off_f2",
    "mean_foretells",
    "mean_price",
    "mean_rise_ratio",
    "mean_turn_ratio",
    "more_get_through_f2",
    "more_neurons_best_f2",
    "more_neurons_descent_f2",
    "more_stuck",
    "moved_grid_sticks",
    "moved_random_sticks",
    "noise_bends_f1",
    "noise_bends_f2",
    "noise_bias",
    "noise_copies_trace",
    "noise_few_samples",
    "noise_foretold",
    "noise_gets_through_f2",
    "noise_near_saddle",
    "noise_off_f1",
    "noise_ratios",
    "noise_run",
    "noise_weights_that_count",
    "noisy_test_sees",
    "one_rate_for_all",
    "outliers_cost",
    "overfit",
    "overfit_and_follow",
    "overfit_and_training_rises",
    "patient_second_descent_f2",
    "peak_of_steep",
    "penalised_below_first_f2",
    "penalised_second_descent_f2",
    "penalty_lower_f2",
    "penalty_lower_than_stop_f1",
    "penalty_lower_than_stop_f2",
    "penalty_times_time_f1",
    "penalty_times_time_f2",
    "poor_factor",
    "promised_by_ten_f1",
    "promised_by_ten_f2",
    "promised_by_thousand_f1",
    "promised_by_thousand_f2",
    "random_sticks",
    "replies_gain",
    "replies_gain_f2",
    "replies_near",
    "replies_near_f2",
    "reply_rise",
    "reply_rise_loud",
    "residuals_found",
    "rise_of_best_f1",
    "rise_of_best_f2",
    "rise_of_best_of_hundred",
    "rise_of_descent_f1",
    "rise_of_exact_f2",
    "same_test_shows",
    "samples_exponent",
    "second_descent_of_smooth",
    "side_costs",
    "small_is_best_f1",
    "small_is_best_f2",
    "small_overfit_less",
    "stopped_lower_f1",
    "stopped_lower_f2",
    "stuck",
    "stuck_side",
    "thousand_as_good_f1",
    "time_off_f1",
    "time_off_f2",
    "trace_of_best_f2",
    "trace_of_descent_off_f1",
    "trace_of_descent_off_f2",
    "training_shows",
    "worst_rule",
]

# --- how many samples? ----------------------------------------------------------------------------

STUCK = (
    20.0  # an error on f2 above which a descent is stuck: the first half of the curve is missing
)


def _sample_errors(task: str, noisy: bool, N: int) -> samples.Errors:
    return samples.load(task, noisy, N)


def _ratio_of_medians(above, below) -> tuple[float, float, float]:
    """The ratio of two medians, each resampled by itself, also where both share replicates."""
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
    """By how much more of the same replicates succeed."""
    gained = (one < STUCK).astype(float) - (other < STUCK)
    return interval(lambda d: float(np.mean(d)), gained)


def more_get_through_f2() -> tuple[float, float, float]:
    """How much larger the share of descents on f2 that succeed is, 1000 samples to 100."""
    return _share_more(*(_sample_errors("f2", False, N).descent for N in (1000, 100)))


def noise_gets_through_f2() -> tuple[float, float, float]:
    """How much larger the share of descents on f2 that succeed is with noise, 1000 samples."""
    return _share_more(*(_sample_errors("f2", noisy, 1000).descent for noisy in (True, False)))


def even_gets_through_f2() -> tuple[float, float, float]:
    """How much larger the share of descents on f2 that succeed is if 100 samples lie evenly."""
    return _share_more(samples.load_changed("even", 100), _sample_errors("f2", False, 100).descent)


def centred_gets_through_f2() -> tuple[float, float, float]:
    """How much larger the share of descents on f2 that succeed is with 100 centred outputs."""
    changed = samples.load_changed("centred", 100)
    return _share_more(changed, _sample_errors("f2", False, 100).descent)


# --- noise ----------------------------------------------------------------------------------------

_Interval = tuple[float, float, float]


def noise_run(task: str, N: int, start: str = "document") -> Experiment:
    """The run of `excess.RUNS` with that task, number of samples and kind of start."""
    found = [
        one
        for one in excess.RUNS
        if (one.f.__name__, one.start.samples, one.start.start) == (task, N, start)
    ]
    return found[0]


def noise_ratios(experiment: Experiment, noise: float) -> NDArray[np.float64]:
    """The variance seen over that foretold, for each set of inputs and epoch.

    It is 0 where what is foretold overflows.
    """
    foretold = excess.load_foretold(experiment)[1]
    foretold = np.where(np.isfinite(foretold), foretold, np.inf)
    return excess.load(experiment, noise).variance / (noise * noise * foretold)


def _mean(values: NDArray[np.float64]) -> _Interval:
    return interval(np.mean, values)


def _farthest(value: _Interval) -> float:
    """How far from 1 the farther end of an interval is."""
    return max(abs(value[1] - 1), abs(value[2] - 1))


def noise_foretold() -> float:
    """How far from 1 the ratio of the variance to that foretold may be, for a little noise."""
    return _farthest(_mean(noise_ratios(noise_run("f1", 100), 0.1)[:, -1]))


def noise_weights_that_count() -> _Interval:
    """By how many of its 7 weights noise comes into (f1, 3), with 100 samples."""
    one = noise_run("f1", 100)
    return _mean(excess.load(one, 0.1).variance[:, -1] * 2 * one.start.samples / 0.1**2)


def _bends(experiment: Experiment, noise: float) -> _Interval:
    """The variance over what it would be if it went with the square of the noise."""
    least = excess.RUNS[experiment][0]
    pair = (excess.load(experiment, one).variance[:, -1] / one**2 for one in (noise, least))
    return _mean(np.divide(*pair))


def noise_bends_f1() -> float:
    """How far the variance may be from the square law, for f1 with 100 samples and σ = 1."""
    return _farthest(_bends(noise_run("f1", 100), 1.0))


def noise_bends_f2() -> float:
    """How far the variance may be from the square law, for f2 from a spread start, σ = 3."""
    return _farthest(_bends(noise_run("f2", 100, "spread"), 3.0))


def noise_few_samples() -> _Interval:
    """The variance over that foretold, for f1 with 10 samples and σ = 1."""
    return _mean(noise_ratios(noise_run("f1", 10), 1.0)[:, -1])


def noise_near_saddle() -> _Interval:
    """The variance over that foretold, for f2 from the document's tiny weights, σ = 1."""
    return _mean(noise_ratios(noise_run("f2", 100), 1.0)[:, -1])


def noise_bias() -> float:
    """How far the bias may be from that of the run without noise, for f1, 100 samples, σ = 0.3."""
    one = noise_run("f1", 100)
    seen = excess.load(one, 0.3)
    without = excess.load_foretold(one)[0, :, -1]
    return _farthest(_mean((seen.error - seen.variance)[:, -1] / without))


def _off(count: bool) -> float:
    """The mean distance, as a logarithm, between the numbers of weights seen and expected."""
    found: list[float] = []
    for (h, copies), one in excess.SIZES.items():
        foretold = excess.load_foretold(one, copies)[1, :, -1].mean()
        expected = (3 * h - 2) / (2 * one.start.samples) if count else foretold
        seen = excess.load(one, excess.SIZE_NOISE, copies).variance[:, -1].mean()
        found.append(abs(np.log(seen / (expected * excess.SIZE_NOISE**2))))
    return float(np.mean(found))


def foretold_beats_count() -> float:
    """How far off the foretold numbers are, as a part of how far off the counts of weights are."""
    return _off(count=False) / _off(count=True)


def noise_copies_trace() -> float:
    """The largest trace of a network of duplicates, on any of the sets of inputs."""
    copies = (one for (_, copies), one in excess.SIZES.items() if copies)
    return float(max(excess.load_foretold(one, True)[2].max() for one in copies))


def _best(task: str, h: int, N: int) -> _Interval:
    """The mean excess error of the best fits, in weights."""
    found = [
        one for one in excess.BEST if (one.f.__name__, one.h, one.start.samples) == (task, h, N)
    ]
    return _mean(excess.load_best(found[0]))


def best_weights_f1_2() -> _Interval:
    """How many of the 4 weights of (f1, 2) count in the best fit of 1000 samples."""
    return _best("f1", 2, 1000)


def best_weights_f1_3() -> _Interval:
    """How many of the 7 weights of (f1, 3) count in the best fit of 1000 samples."""
    return _best("f1", 3, 1000)


def best_weights_f2_4() -> float:
    """How far from 1 the excess error may be, over that of 10 weights, for (f2, 4), N = 1000."""
    value, low, high = _best("f2", 4, 1000)
    return _farthest((value / 10, low / 10, high / 10))


def best_weights_few_f2_4() -> _Interval:
    """The excess error over that of 10 weights, for the best fits of (f2, 4) to 30 samples."""
    value, low, high = _best("f2", 4, 30)
    return value / 10, low / 10, high / 10


Interval = tuple[float, float, float]


FOLLOWS = 0.95  # as of the claim fig9-follows


# --- overfitting, over the epochs


def overfitting(name: str) -> NDArray[np.bool_]:
    """Which replicates of a cell overfit."""
    found = turning.load(name)
    return turning.overfits(found["rise"], found["fall"])


def clean(name: str) -> NDArray[np.bool_]:
    """Which replicates of a cell overfit without noise."""
    found = turning.load(name)
    return turning.overfits(found["clean_rise"], found["clean_fall"])


def follow(name: str) -> NDArray[np.bool_]:
    """In which replicates of a cell test error and training error follow similar curves."""
    return turning.load(name)["follows"] > FOLLOWS


def near(turn: NDArray[np.float64], foretold: NDArray[np.float64] | float) -> NDArray[np.bool_]:
    """Which turns are within a factor of two of those foretold."""
    return (turn <= 2 * foretold) & (foretold <= 2 * turn)


def overfit() -> Interval:
    """How many of the runs overfit."""
    return proportion(overfitting("main"))


def clean_overfit() -> Interval:
    """How many of the same runs overfit without noise."""
    return proportion(clean("main"))


def clean_overfit_f2() -> Interval:
    """How many runs of f2 with 15 samples overfit without noise."""
    return proportion(clean("f2 few"))


def _replies_near(name: str) -> Interval:
    found = turning.load(name)
    return proportion(near(found["turn"], found["reply_turn"]))


def replies_near() -> Interval:
    """How many turns are within a factor of two of those foretold by a thousandth of the noise."""
    return _replies_near("main")


def replies_near_f2() -> Interval:
    """How many turns are within a factor of two of those foretold, for f2."""
    return _replies_near("f2")


def _replies_gain(name: str) -> Interval:
    found = turning.load(name)
    turn = found["turn"]
    best = max(float(near(turn, guess).mean()) for guess in np.unique(turn))
    known = near(turn, found["reply_turn"]).astype(float)
    return interval(lambda some: float(np.mean(some)) - best, known)


def replies_gain() -> Interval:
    """How many more turns are so foretold than by the one epoch that is best for all."""
    return _replies_gain("main")


def replies_gain_f2() -> Interval:
    """How many more turns are so foretold than by the one epoch that is best for all, for f2."""
    return _replies_gain("f2")


def _reply_rise(name: str) -> Interval:
    found = turning.load(name)
    return median(found["rise"] / found["reply_rise"])


def reply_rise() -> float:
    """How many times the foretold rise a run has, in the median."""
    return _reply_rise("main")[0]


def reply_rise_loud() -> Interval:
    """How many times the foretold rise a run with much noise has, in the median."""
    return _reply_rise("loud")


def foretold_curve(name: str) -> NDArray[np.float64]:
    """The mean error of a cell as foretold from the noiseless runs and their tangent."""
    same = {"quiet": "main", "loud": "main"}  # but for the noise
    noise = turning.CELLS[name].start.noise
    curves = turning.load_curves(name)
    return curves.clean + noise**2 * turning.load_curves(same.get(name, name)).variance


def _turns(name: str) -> tuple[NDArray[np.float64], int, NDArray[np.float64], int]:
    """The mean error of a cell and the row where it turns; the same as foretold."""
    error, foretold = turning.load_curves(name).error, foretold_curve(name)
    return error, int(error.argmin()), foretold, int(foretold.argmin())


def mean_turn_ratio() -> float:
    """The epoch at which the mean error turns, over that foretold."""
    _, seen, _, foretold = _turns("main")
    return float(turning.EPOCHS[seen] / turning.EPOCHS[foretold])


def mean_rise_ratio() -> float:
    """How many times as far as foretold the mean error rises."""
    error, seen, foretold, turn = _turns("main")
    return float(error[-1] / error[seen] / (foretold[-1] / foretold[turn]))


def mean_price() -> float:
    """The worst mean error at the foretold epoch, over the lowest, of five kinds of data."""
    prices = []
    for name in ("main", "quiet", "loud", "few", "many"):
        error, seen, _, foretold = _turns(name)
        prices.append(error[foretold] / error[seen])
    return float(max(prices))


def small_overfit_less() -> Interval:
    """How many more runs overfit from small initial weights than from spread ones."""
    return interval(
        lambda one, other: float(np.mean(one) - np.mean(other)),
        overfitting("small").astype(float),
        overfitting("loud").astype(float),
    )


def large_overfit() -> Interval:
    """How many runs overfit from weights a hundred times as large as the document's."""
    return proportion(overfitting("large"))


def alike_overfit() -> Interval:
    """How many runs overfit from weights that are large and nearly alike."""
    return proportion(overfitting("alike"))


def overfit_and_follow() -> Interval:
    """Of the runs that overfit, in how many the errors follow similar curves."""
    return proportion(follow("main")[overfitting("main")])


def follow_but_overfit_f2() -> Interval:
    """Of the runs of f2 whose errors follow similar curves, how many overfit."""
    return proportion(overfitting("f2")[follow("f2")])


def follow_but_overfit_quiet() -> Interval:
    """Of the runs with little noise whose errors follow similar curves, how many overfit."""
    return proportion(overfitting("quiet")[follow("quiet")])


def apart_but_no_overfitting() -> Interval:
    """Of the runs with 100 samples whose errors do not follow similar curves, how many do not."""
    return proportion(~overfitting("many")[~follow("many")])


def overfit_and_training_rises() -> Interval:
    """Of the runs that overfit, in how many the training error is not lower than at the best."""
    return proportion(turning.load("main")["test_fall"][overfitting("main")] >= 1)


def acquitted_but_overfit() -> Interval:
    """Of the runs that shake, and whose training error rises, how many overfit when calm."""
    found = turning.load_shaken()
    acquitted = (found["shakes"] == 1) & (found["fall"] >= 1)
    return proportion(turning.overfits(found["calm_rise"], found["calm_fall"])[acquitted])


def clean_test_rises() -> Interval:
    """In how many runs without noise the test error ends a tenth above its lowest."""
    return proportion(turning.load("main")["clean_test_rise"] > turning.RISE)


def noisy_test_sees() -> Interval:
    """Of the runs that overfit, in how many 100 noisy samples show it by two standard errors."""
    return proportion(turning.load("main")["score"][overfitting("main")] > 2)


def calm_run_overfits(history: History) -> bool:
    """Whether the run overfits."""
    error = interval_error(history.experiment.f, pack(history.U, history.V))
    row = int(error.argmin())
    fall = history.train_error[-1] / history.train_error[row]
    return bool(turning.overfits(error[-1] / error[row], fall))


# --- poor data ----------------------------------------------------------------------------------
_BEST = ("f1", "f2", "small", "many")
HOLE, LARGE = 0.05, 5.0  # the chance of a hole, and a residual, at which there is an alarm


def poor_factor(name: str, kind: str) -> tuple[float, float, float]:
    """How many times as large a kind of data makes the error, in the median over the pairs."""
    return median(poor.load(name, kind)[:, 1] / poor.load(name, "good")[:, 1])


def _least_factor(kind: str) -> tuple[float, float, float]:
    """The least of the factors of the two best fits, and of the ends of their intervals."""
    value, low, high = np.min([poor_factor(f"{f}, best", kind) for f in ("f1", "f2")], axis=0)
    return float(value), float(low), float(high)


def gap_costs() -> tuple[float, float, float]:
    """How many times as large a gap makes the error of the best fit, for the better function."""
    return _least_factor("gap")


def side_costs() -> tuple[float, float, float]:
    """How many times as large one-sided samples make it, for the better function."""
    return _least_factor("side")


def outliers_cost() -> tuple[float, float, float]:
    """How many times as large 5 % of outliers make it, for the better function."""
    return _least_factor("outliers 5")


def grid_keeps_best() -> tuple[float, float, float]:
    """How many times as large a grid makes it, for the function that gains more."""
    return _least_factor("grid")


def stuck(N: int, how: str) -> NDArray[np.bool_]:
    """Which descents on exact samples of f2 are stuck."""
    return poor.load_random(N, how)[:, 0] > STUCK


def more_stuck(N: int, how: str, than: str) -> tuple[float, float, float]:
    """How much larger the share of stuck descents is than with other samples, pair by pair."""
    more = stuck(N, how).astype(float) - stuck(N, than)
    reach = 1.96 * float(more.std(ddof=1)) / more.size**0.5
    return float(more.mean()), float(more.mean()) - reach, float(more.mean()) + reach


def random_sticks() -> tuple[float, float, float]:
    """How much larger the share of stuck descents is with 1000 random samples than on a grid."""
    return more_stuck(1000, "random", "grid")


def moved_grid_sticks() -> tuple[float, float, float]:
    """How much larger it is on a grid of 100 if the first output is wrong."""
    return more_stuck(100, "grid, moved", "grid")


def moved_random_sticks() -> tuple[float, float, float]:
    """How much larger it is with 100 random samples if the first output is their mean."""
    return more_stuck(100, "random, moved", "random")


def mean_foretells() -> tuple[float, float, float]:
    """How often the mean output is farther from zero in a random set that sticks."""
    means, sticks = np.abs(poor.load_random(100, "random")[:, 1]), stuck(100, "random")

    def often(above: NDArray[np.float64], below: NDArray[np.float64]) -> float:
        return float(np.mean(above[:, None] > below))

    return interval(often, means[sticks], means[~sticks])


def formula_off(name: str, kind: str) -> tuple[float, float, float]:
    """The factor of a kind of data, divided by what the formula gives for it."""
    expected = float(np.median(poor.expected(name, kind) / poor.expected(name, "good")))
    value, low, high = poor_factor(name, kind)
    return value / expected, low / expected, high / expected


def _worst_off(name: str, *kinds: str) -> tuple[float, float, float]:
    """The one of some ratios that is farthest from 1, above or below, as a number above 1."""
    ratios = [formula_off(name, kind) for kind in kinds]
    return max((a, b, c) if a > 1 else (1 / a, 1 / c, 1 / b) for a, b, c in ratios)


def formula_off_many() -> tuple[float, float, float]:
    """By what factor the formula is off with 1000 samples, for the worst kind of data."""
    return _worst_off("many, best", "gap", "side", "outliers 1", "outliers 5", "outliers 10")


def formula_off_outliers() -> tuple[float, float, float]:
    """By what factor it is off with 100 samples, for the worst share of outliers."""
    return _worst_off("small, best", "outliers 1", "outliers 5", "outliers 10")


def formula_gap() -> tuple[float, float, float]:
    """How many times what the formula gives a gap costs with 100 samples."""
    return formula_off("small, best", "gap")


def _times(one: tuple[str, str], other: tuple[str, str]) -> tuple[float, float, float]:
    """How many times another factor one is, in the median over the pairs of pairs."""
    a, b = (poor.load(f, k)[:, 1] / poor.load(f, "good")[:, 1] for f, k in (one, other))
    return median(a / b)


def gap_larger() -> tuple[float, float, float]:
    """How many times as much a gap costs (f2, 8) as (f2, 4)."""
    return _times(("f2, best", "gap"), ("small, best", "gap"))


def descent_outliers_f1() -> tuple[float, float, float]:
    """How many times as much 5 % of outliers cost descent as the best fit, for f1."""
    return _times(("f1, descent", "outliers 5"), ("f1, best", "outliers 5"))


def descent_side_f1() -> tuple[float, float, float]:
    """How many times as large one-sided samples make the error of descent on f1."""
    return poor_factor("f1, descent", "side")


def stuck_side() -> tuple[float, float, float]:
    """The share of descents on f2 that are stuck with one-sided samples."""
    return proportion(poor.load("f2, descent", "side")[:, 1] > STUCK)


def _change(column: int, *cells: tuple[str, str]) -> tuple[float, float, float]:
    """The largest change of what is kept of some fits, as a number above 1."""
    pairs = ((poor.load(f, k)[:, column], poor.load(f, "good")[:, column]) for f, k in cells)
    ratios = [median(a / b) for a, b in pairs]
    return max((a, b, c) if a > 1 else (1 / a, 1 / c, 1 / b) for a, b, c in ratios)


def training_shows() -> tuple[float, float, float]:
    """The largest change of a best fit's training error by a gap or one-sided samples."""
    return _change(0, *((f"{f}, best", kind) for f in _BEST for kind in ("gap", "side")))


def same_test_shows() -> tuple[float, float, float]:
    """The largest change by a gap of a best fit's error on a test set drawn in the same way."""
    return _change(2, *((f"{f}, best", "gap") for f in _BEST))


def holes(kind: str) -> NDArray[np.bool_]:
    """In which of the sets of 100 the largest hole is too large for chance."""
    return poor.chances_of_holes(kind) < HOLE


def holes_found() -> tuple[float, float, float]:
    """The share of the sets with a gap or at one end in which the hole is too large for chance."""
    return proportion(np.concatenate([holes("gap"), holes("side")]))


def holes_imagined() -> tuple[float, float, float]:
    """The share of the good sets in which it is."""
    return proportion(holes("good"))


def residuals_found() -> tuple[float, float, float]:
    """The share of the sets with 5 % of outliers in which the largest residual is too large."""
    return proportion(poor.load("small, best", "outliers 5")[:, 3] > LARGE)


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


def _trace_off(task: str, sizes: tuple[int, ...]) -> tuple[float, float, float]:
    """How far the trace of descent is from what the tangent foretells, at most."""
    foretold = [_of_size(f"foretold {task}", h, "trace").mean() for h in sizes]

    def off(*numbers) -> float:
        return float(max(abs(np.mean(n) - one) for n, one in zip(numbers, foretold, strict=True)))

    return interval(off, *(_of_size(f"descent {task}", h, "trace") for h in sizes))


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


def trace_of_best_f2() -> tuple[float, float, float]:
    """The noise of how many samples the best fit with h = 11 repeats."""
    return interval(np.mean, _of_size("best f2", 11, "trace"))


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


def trace_of_descent_off_f1() -> tuple[float, float, float]:
    """How far the trace of descent is from what was foretold, at most."""
    return _trace_off("f1", (3, 8, 20))


def trace_of_descent_off_f2() -> tuple[float, float, float]:
    """How far the trace of descent with h = 20 is from what was foretold."""
    return _trace_off("f2", (20,))


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
