"""What the ledger measures: one function for each thing that the document says of its runs.

Each takes the histories of the experiments that a claim names, in that order, and returns a
number, an epoch, a yes or no, or the name of an outcome; None where there is nothing to measure.
What "the same shape" is taken to mean is said here, and nowhere else; what "oscillates" is, in
`nnlib.outcome`. Replicates are those of (f2, 8, 0.1, 1000), unless it says otherwise, and scatter
is the standard deviation of the logarithm.
"""

import math
from dataclasses import replace
from functools import cache
from hashlib import sha256
from itertools import combinations
from time import process_time

import numpy as np

from nnlib import reference
from nnlib.arithmetic import Arithmetic, find_arithmetic
from nnlib.capacity.search import SIZES
from nnlib.capacity.search import load as load_fits
from nnlib.checks import check_descent
from nnlib.datasets import get_new_random_dataset, get_test_set, get_train_set
from nnlib.experiment import Experiment
from nnlib.history import History
from nnlib.interval import interval_error
from nnlib.network import LossGradient, forward_pass, get_initial_weights, pack
from nnlib.optimizers import HeavyBall
from nnlib.outcome import longest_zigzag as longest_zigzag
from nnlib.outcome import outcome as outcome
from nnlib.outcome import weights_oscillate as weights_oscillate
from nnlib.randomness.replicates import replica
from nnlib.randomness.similarity import beside_shuffled_casts, beside_surrogates, paths
from nnlib.randomness.statistics import interval, log_spread, proportion
from nnlib.randomness.study import FACTORS, SCALES, STUCK, STUDY, last_errors, load_condition
from nnlib.report.runs import trained
from nnlib.targets import f1, f2
from nnlib.training import train_quietly

_WAVES = "f2-8-0.1"  # of the study: the experiment that the document speaks of
PATHS = 40  # replicates whose paths are compared: 780 pairs, and some seconds of training
_GRID = np.arange(-50, 50) / 10  # where the document draws functions: -5, -4.9, …, 4.9

EARLY = 300  # "the first 300 iterations" of section 4.2
_LATER_HALF = slice(EARLY // 2, EARLY + 1)  # of them: weights that converge stay together there

MOMENTUM = 0.9  # the usual value; the document names none
PAIRS = 20  # replicates that are trained with momentum and without, some seconds of training
_SEED = 1  # of their datasets and initial weights

# All standard datasets and initial weights, as the bytes of little-endian doubles.
_STANDARD = "f2df424736363fa90d99ee97de35b277d3c0d0497a97bb7d0130b0e798d6c497"

# --- one history: the errors ---------------------------------------------------------------------


def last_error(history: History) -> float:
    """The test error after the last epoch."""
    return history.last_error


def lowest_error(history: History) -> float:
    """The lowest test error."""
    return history.lowest_error


def best_epoch(history: History) -> int:
    """The epoch of the lowest test error."""
    return history.best_epoch


def lowest_over_first(history: History) -> float:
    """The lowest test error as a part of the one before the first update."""
    return history.lowest_error / history.test_error[0]


def late_improvement(history: History) -> float:
    """By what part the test error falls over the last fifth of the epochs.

    Section 4.2 speaks of epochs 8000 to 10000.
    """
    start = len(history.U) - 1 - (len(history.U) - 1) // 5
    return 1 - history.last_error / history.test_error[start]


def first_rise(history: History) -> int | None:
    """The first epoch after which the test error rises; None if it never does."""
    rises = np.flatnonzero(np.diff(history.test_error) > 0)
    return int(rises[0]) if rises.size else None


def rise_after_best(history: History) -> float:
    """The highest test error after the best epoch, over the lowest."""
    return np.nanmax(history.test_error[history.best_epoch :]) / history.lowest_error


def training_error_follows(history: History) -> float:
    """The correlation of the logarithms of the test error and the training error.

    As far as both are finite.
    """
    errors = np.array([history.test_error, history.train_error])
    return float(np.corrcoef(np.log(errors[:, np.isfinite(errors).all(axis=0)]))[0, 1])


def learned_worse_at_the_end(history: History) -> bool:
    """Whether the learned function is off by more at the end than at the best epoch."""
    at_end, at_best = (_deviation(history, epoch) for epoch in (-1, history.best_epoch))
    return not at_end <= at_best  # after an overflow the end is not a number, and worse


# --- one history: duplicate neurons --------------------------------------------------------------


def duplicates(history: History) -> float:
    """How far the weights of the hidden neurons are apart at the end, relative to their size."""
    return max(_relative_range(weights) for weights in _neurons(history, -1))


def change_without_duplicate(history: History) -> float:
    """The largest change of the output, relative to its range, if neuron 0 does all the work.

    All hidden neurons but the first are removed and V[0] is multiplied by their number.
    """
    U, V = history.U[-1], history.V[-1]
    with_all = history.predict(_GRID)
    alone = forward_pass(U[:1], np.array([len(U) * V[0], V[-1]]), _GRID)
    return np.max(abs(alone - with_all)) / np.ptp(with_all)


def early_duplicates(history: History) -> float:
    """How far the rows 0, 2 and 3 of U are at most apart from epoch 150 to 300.

    Relative to their length. The document says that they converge in the first 300 epochs; that
    they do so in the first half of these, and are together in the other, is our reading.
    """
    return max(_distance(rows) for rows in history.U[_LATER_HALF, [0, 2, 3]])


def early_opposite(history: History) -> float:
    """How far row 1 of U is at most from the opposite of row 0 from epoch 150 to 300.

    Relative to their length, as `early_duplicates`.
    """
    return max(_distance(rows) for rows in history.U[_LATER_HALF, :2] * [[1], [-1]])


def late_duplicates(history: History) -> float:
    """How far the rows 0, 2 and 3 of U are apart at the end, relative to their length."""
    return _distance(history.U[-1, [0, 2, 3]])


def farthest_from_neuron_0(history: History) -> float:
    """How far the rows of U are from row 0 when they are nearest to it, up to epoch 300.

    The farthest of them, relative to the length of the longest. A row of the opposite direction is
    mirrored first, and V is left out: both are in favour of what the document says.
    """
    return min(map(_farthest, history.U[: EARLY + 1]))


# --- several histories ---------------------------------------------------------------------------


def smallest_improvement(*histories: History) -> float:
    """The lowest error of the first experiment, over the highest of the others' lowest errors."""
    first, *others = (history.lowest_error for history in histories)
    return first / max(others)


def errors_rise(*histories: History) -> bool:
    """Whether the last error rises from one experiment to the next."""
    return bool(np.all(np.diff([history.last_error for history in histories]) > 0))


def ratio_of_last_errors(one: History, other: History) -> float:
    """The last error of the second experiment over that of the first."""
    return other.last_error / one.last_error


def ratio_of_last_to_lowest(one: History, other: History) -> float:
    """The last error of the second experiment over the lowest of the first."""
    return other.last_error / one.lowest_error


def ratio_of_V0(one: History, other: History) -> float:
    """The last V[0] of the second experiment over that of the first."""
    return other.V[-1, 0] / one.V[-1, 0]


def same_shape(one: History, other: History) -> float:
    """The lowest correlation of the curves of U[0,0], U[0,1] and V[h-1]."""
    return min(np.corrcoef(a, b)[0, 1] for a, b in zip(_curves(one), _curves(other), strict=True))


def magnitudes_grow(one: History, other: History) -> bool:
    """Whether U[0,0], U[0,1] and V[h-1] all reach a larger magnitude in the second experiment."""
    return all(factor > 1 for factor in _growth(one, other))


def magnitudes_shrink(one: History, other: History) -> bool:
    """Whether U[0,0], U[0,1] and V[h-1] all stay smaller in magnitude in the second experiment."""
    return all(factor < 1 for factor in _growth(one, other))


def bias_changes_least(one: History, other: History) -> bool:
    """Whether the largest magnitude of V[h-1] changes less than those of U[0,0] and U[0,1]."""
    return _bias_changes_least(_growth(one, other))


def last_bias_changes_least(one: History, other: History) -> bool:
    """Whether the last magnitude of V[h-1] changes less than those of U[0,0] and U[0,1]."""
    pairs = zip(_curves(one), _curves(other), strict=True)
    return _bias_changes_least([abs(b[-1] / a[-1]) for a, b in pairs])


def same_beginning(one: History, other: History) -> bool:
    """Whether the shorter run is, bit for bit, the beginning of the longer."""
    n = len(one.test_error)
    same = one.test_error == other.test_error[:n], other.U[:n] == one.U, other.V[:n] == one.V
    return all(array.all() for array in same)


def tenfold_time(fast: History, slow: History) -> float | None:
    """How far epoch 10 n of the second run is from epoch n of the first, until that one rises.

    In test error, relative, at the worst epoch from n = 10 on; None if it rises before. Until then
    both runs fall steeply, ten small steps are not yet one large one, and a figure of 1000 epochs
    shows nothing of it.
    """
    end = first_rise(fast)
    return _apart(fast, slow, 10, 10, len(fast.U) - 1 if end is None else end)


def double_time(fast: History, slow: History) -> float | None:
    """How far the error at epoch 2 n of the second run is from that at epoch n of the first.

    Of the test error, relative, at the worst epoch, to the end of the second run.
    """
    return _apart(fast, slow, 2, 0, (len(slow.U) - 1) // 2)


def weights_increase(*histories: History) -> bool:
    """Whether the number of weights grows from one experiment to the next."""
    return bool(np.all(np.diff([h.U[0].size + h.V[0].size for h in histories]) > 0))


def digits_survive_another_machine(*histories: History) -> bool:
    """Whether the last error has the same four decimals if two machines run the document's loop.

    One is that of its figures; the other rounds each exponential and sine to what this library
    has for them, and fuses no operation. Four decimals are what the document prints.
    """
    machines = find_arithmetic("replay"), _another_machine()
    return all(
        len({f"{trained(one.experiment, machine).last_error:.4f}" for machine in machines}) == 1
        for one in histories
    )


def undivided_is_unstable(history: History) -> bool:
    """Whether the run, stable as it is, is not so if its gradients are a thousand times as large.

    So they would be with a thousand times the samples, if they were not divided by the number of
    them. In place of the gradients, the learning rate is multiplied.
    """
    experiment = history.experiment
    larger = trained(replace(experiment, learning_rate=1000 * experiment.learning_rate))
    return outcome(history) == "stable" and outcome(larger) != "stable"


def momentum_accelerates(history: History) -> tuple[float, float, float]:
    """The part of 20 replicates in which momentum reaches plain descent's lowest error sooner.

    With the same learning rate, and within the same epochs, each replicate having a training set,
    a test set and initial weights of its own.
    """
    return proportion([_is_sooner(*pair) for pair in beside_momentum(history.experiment)])


def momentum_calms(history: History) -> tuple[float, float, float] | None:
    """How many of the pairs of which one run oscillates are calm with momentum, as a part.

    Of 20 replicates, with the same learning rate, as `momentum_accelerates`; what oscillates is as
    `outcome` says. None if in each pair both runs do so, or neither. A part of one half is what
    comes out if momentum makes no difference.
    """
    pairs = [
        [outcome(one) == "oscillation" for one in pair]
        for pair in beside_momentum(history.experiment)
    ]
    calmed = [plain for plain, with_it in pairs if plain != with_it]
    return proportion(calmed) if calmed else None


@cache
def beside_momentum(experiment: Experiment) -> list[tuple[History, History]]:
    """Train 20 replicates of an experiment, each by plain descent and with momentum.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    list of tuple of History
        The plain run, and that with momentum.
    """
    check_descent("the plain run", experiment)
    pairs = []
    for index in range(PAIRS):
        one = replica(experiment, index, seed=_SEED)
        with_momentum = one.replaced(optimizer=HeavyBall(MOMENTUM))
        pairs.append((train_quietly(one), train_quietly(with_momentum)))
    return pairs


# --- what a network of that function and size can do ----------------------------------------------


def best_fit_over_last(one: History, other: History | None = None) -> float:
    """The lowest error on the interval found for that function and size, over that of the run.

    Or over that of another run, at its end.
    """
    return _lowest_fit(one) / _last_on_interval(other or one)


def ratio_of_best_fits(one: History, other: History) -> float:
    """The lowest error found for the function and size of the second experiment, over the first."""
    return _lowest_fit(other) / _lowest_fit(one)


def smallest_size_below_last(history: History) -> int | None:
    """The least h of which a network was found that has less error on the interval than the run."""
    last = _last_on_interval(history)
    f = history.experiment.f
    return next((h for h in SIZES if load_fits(f, h).errors.min() < last), None)


# --- the set-up: no history ----------------------------------------------------------------------


def training_samples() -> int:
    """The number of training samples."""
    return len(get_train_set(f1)[0])


def samples_for_the_test() -> int:
    """The number of test samples."""
    return len(get_test_set(f1)[0])


def largest_input() -> float:
    """The largest magnitude of an input, in both standard datasets."""
    return max(abs(get(f)[0]).max() for get in (get_train_set, get_test_set) for f in (f1, f2))


def f1_rises() -> bool:
    """Whether f1 rises all the way, from exp(-1) to exp(1)."""
    y = f1(np.linspace(-5, 5, 101))  # ten to a unit, as the document draws it
    return bool(np.all(np.diff(y) > 0) and np.allclose([y[0], y[-1]], np.exp([-1, 1]), rtol=1e-15))


def f2_waves() -> bool:
    """Whether f2 is odd, vanishes at both ends, and has four extrema between them."""
    x = np.linspace(-5, 5, 2001)  # far finer than its waves, whose extrema are counted
    y = f2(x)
    extrema = np.count_nonzero(np.diff(np.sign(np.diff(y))))
    return bool(np.allclose(y, -y[::-1]) and np.allclose(y[[0, -1]], 0) and extrema == 4)


def shapes_of_the_network() -> bool:
    """Whether X, H, o, U and V have the shapes of figure 2, for h from 2 to 12.

    Those are all the document's sizes: its largest network has h = 12.
    """
    for h in range(2, 13):
        U, V = get_initial_weights(h)
        X, H, o = reference.forward_pass(U, V, 0.5)
        shapes = X.shape, H.shape, np.shape(o), U.shape, V.shape
        if shapes != ((2,), (h,), (), (h - 1, 2), (1, h)) or (X[1], H[-1]) != (1, 1):
            return False
    return True


def largest_initial_weight() -> float:
    """The largest magnitude of a standard initial weight, for h from 2 to 20.

    Beyond the document's 12, since the reader is asked to try more.
    """
    return max(abs(w).max() for h in range(2, 21) for w in get_initial_weights(h))


def equation_1() -> float:
    """How far equation (1) is from the complex step, relative, up to the next power of ten."""
    return _worst_gradient(weights="V")


def equation_2() -> float:
    """How far equation (2) is from the complex step, relative, up to the next power of ten."""
    return _worst_gradient(weights="U")


def doubled_dataset() -> float:
    """The largest relative change of loss and gradients if every sample is there twice."""
    # Fifty times as large, the initial weights are as far from 0 as those of a trained network.
    U, V = (50 * weights for weights in get_initial_weights(5))
    x, y = get_train_set(f2)
    once = LossGradient(x, y, 5)(U, V[0])
    twice = LossGradient(np.tile(x, 2), np.tile(y, 2), 5)(U, V[0])
    return max(np.max(abs(b / a - 1)) for a, b in zip(once, twice, strict=True))


def standard_is_always_the_same() -> bool:
    """Whether the standard datasets and initial weights are, bit for bit, those of another day.

    For h from 2 to 12, by a checksum that was written down then. It is the printed digits that show
    them to be those of the document.
    """
    arrays = [get(f) for get in (get_train_set, get_test_set) for f in (f1, f2)]
    arrays += [get_initial_weights(h) for h in range(2, 13)]
    data = b"".join(array.astype("<f8").tobytes() for pair in arrays for array in pair)
    return sha256(data).hexdigest() == _STANDARD


def weights_differ_with_h() -> bool:
    """Whether the hidden bias weight differs between any two h from 2 to 12."""
    return len({float(get_initial_weights(h)[1][0, -1]) for h in range(2, 13)}) == 11


# --- the experiment itself: no history -----------------------------------------------------------


def seconds_of_the_loop(experiment: Experiment) -> float:
    """The processor time that a loop over the samples, as the equations read, takes here.

    That is `nnlib.reference.train`, timed over 20 epochs, about half a second, and multiplied. What
    else the machine does meanwhile is not counted.
    """
    few = replace(experiment, epochs=min(20, experiment.epochs))
    reference.train(replace(experiment, epochs=0))  # what happens only once is not to be multiplied
    start = process_time()
    reference.train(few)
    return (process_time() - start) * (experiment.epochs + 1) / (few.epochs + 1)


def last_error_of_replicates(experiment: Experiment) -> np.ndarray:
    """The last test errors of the replicates with new datasets and new initial weights."""
    return _replicates(experiment)["last_error"]


def lowest_error_of_replicates(experiment: Experiment) -> np.ndarray:
    """The lowest test errors of the replicates with new datasets and new initial weights."""
    return _replicates(experiment)["lowest_error"]


# --- replicates with other random numbers: a value, and the ends of its 95 % interval -----------


def results_vary():
    """How many times as high the 95th of a hundred last errors is as the 5th, all three new."""
    return interval(_range, last_errors(_WAVES, FACTORS))


def data_matter_more():
    """The scatter of the last error with new datasets, over that with new initial weights.

    As the document measures: on 100 samples, which are new with the training set.
    """
    return _ratio(last_errors(_WAVES, ("train", "test")), last_errors(_WAVES, ("weights",)))


def data_matter_more_on_the_interval():
    """The scatter of the error on the interval with new training sets, over new initial weights."""
    return _ratio(
        last_errors(_WAVES, ("train",), interval=True),
        last_errors(_WAVES, ("weights",), interval=True),
    )


def both_matter_more():
    """The scatter of the last error with all three new, over that with new datasets."""
    return _ratio(last_errors(_WAVES, FACTORS), last_errors(_WAVES, ("train", "test")))


def both_matter_more_on_the_interval():
    """The scatter of the error on the interval with both new, over that with new training sets."""
    return _ratio(
        last_errors(_WAVES, ("train", "weights"), interval=True),
        last_errors(_WAVES, ("train",), interval=True),
    )


def bigger_weights_matter_more_f1():
    """The scatter of the last error with initial weights a hundred times as big, over the usual.

    For (f1, 3, 0.1, 1000) with the standard datasets.
    """
    return _ratio(*_both_sizes("f1-3-0.1"))


def bigger_weights_scatter_more_f2():
    """The scatter of the last error with initial weights a hundred times as big, over the usual.

    With the standard datasets, of the runs that are not stuck.
    """
    return _ratio(*(errors[errors < STUCK] for errors in _both_sizes(_WAVES)))


def bigger_weights_stick_more_f2():
    """The share of stuck runs with initial weights a hundred times as big, over the usual."""
    stuck = (errors > STUCK for errors in _both_sizes(_WAVES))
    return interval(lambda a, b: np.mean(a) / np.mean(b), *stuck)


def similar_evolutions():
    """The distance of matched neurons of two runs, over that of runs with nothing in common.

    For all pairs of 40 replicates, beside surrogates: the same paths, each in a direction of its
    own. The interval is that of chance.
    """
    return likeness()["all", "surrogates", "U and V"].ratio


def similar_runs_that_get_through():
    """The distance in V of two runs that succeed, over that of runs with shuffled neurons.

    Among 40 replicates, by V alone, of which the document speaks. The interval is that of chance.
    """
    return likeness()["through", "shuffled", "V"].ratio


def similar_runs_of_both_kinds():
    """The distance in U of a run that succeeds and one that does not, over shuffled neurons.

    Among 40 replicates, by U alone, of which the document speaks. The interval is that of chance.
    """
    return likeness()["mixed", "shuffled", "U"].ratio


@cache
def likeness():
    """Compare the paths of the neurons of pairs of replicates of (f2, 8, 0.1, 1000) with chance.

    Returns
    -------
    dict of tuple of str to Comparison
        By the pairs, ``"all"``, both ``"through"`` (not stuck), both ``"stuck"``, or ``"mixed"``;
        by what they are compared with, ``"surrogates"`` or ``"shuffled"`` casts; and by the weights
        in which they are compared, ``"U and V"``, ``"U"`` or ``"V"``.
    """
    experiment, _, condition = STUDY[f"{_WAVES}-all"]
    runs = [train_quietly(replica(experiment, k, **condition)) for k in range(PATHS)]
    stuck = np.array([run.last_error > STUCK for run in runs])
    neurons = paths(runs)
    through, caught = np.flatnonzero(~stuck), np.flatnonzero(stuck)
    mixed = [(int(i), int(j)) for i in through for j in caught]

    def shuffled(some, weights=slice(None)):
        return beside_shuffled_casts(neurons[some][..., weights], _pairs(range(len(some))))

    return {
        ("all", "surrogates", "U and V"): beside_surrogates(neurons, _pairs(range(PATHS))),
        ("all", "shuffled", "U and V"): shuffled(range(PATHS)),
        ("through", "shuffled", "U and V"): shuffled(through),
        ("through", "shuffled", "V"): shuffled(through, slice(2, 3)),
        ("stuck", "shuffled", "U and V"): shuffled(caught),
        ("mixed", "shuffled", "U and V"): beside_shuffled_casts(neurons, mixed),
        ("mixed", "shuffled", "U"): beside_shuffled_casts(neurons[..., :2], mixed),
        ("mixed", "surrogates", "U and V"): beside_surrogates(neurons, mixed),
    }


# --- what the measures share ---------------------------------------------------------------------


def _lowest_fit(history):
    return float(load_fits(history.experiment.f, history.experiment.h).errors.min())


def _last_on_interval(history):
    return float(interval_error(history.experiment.f, pack(history.U[-1], history.V[-1])))


def _deviation(history, epoch):
    return np.max(abs(history.predict(_GRID, epoch) - history.experiment.f(_GRID)))


def _neurons(history, epoch):
    return history.U[epoch, :, 0], history.U[epoch, :, 1], history.V[epoch, :-1]


def _relative_range(values):
    return np.ptp(values) / np.max(abs(values))


def _distance(rows):
    """The largest distance of two rows over the length of the longest."""
    distances = np.linalg.norm(rows[:, None] - rows, axis=-1)
    return np.max(distances) / np.max(np.linalg.norm(rows, axis=-1))


def _farthest(rows):
    """The largest distance of a row from the first, or of its mirror image, over the longest."""
    signs = np.where(np.sum(rows * rows[0], axis=1) < 0, -1, 1)
    distances = np.linalg.norm(signs[:, None] * rows - rows[0], axis=1)
    return np.max(distances) / np.max(np.linalg.norm(rows, axis=1))


def _apart(fast, slow, factor, start, end):
    """How far the test error of a run is at most from that of one that takes longer, relative."""
    n = np.arange(start, end + 1)
    apart = abs(slow.test_error[factor * n] / fast.test_error[n] - 1)
    return np.max(apart) if n.size else None


def _is_sooner(plain, other):
    """Whether the other run gets to the lowest error of the plain one in fewer epochs."""
    return bool(np.any(other.test_error[: plain.best_epoch] <= plain.lowest_error))


class _OneByOne(LossGradient):
    """The gradient with its sums from the first sample to the last, as the document's loop."""

    def sum_over_samples(self, terms):
        return np.add.accumulate(terms, axis=-1)[..., -1]


@cache
def _another_machine() -> Arithmetic:
    """The document's loop in the functions of the portable arithmetic, no operation being fused."""
    return replace(find_arithmetic("portable"), name="one by one", gradient=_OneByOne)


def _curves(history):
    return history.U[:, 0, 0], history.U[:, 0, 1], history.V[:, -1]


def _growth(one, other):
    return [abs(b).max() / abs(a).max() for a, b in zip(_curves(one), _curves(other), strict=True)]


def _bias_changes_least(factors):
    u00, u01, bias = (abs(math.log(factor)) for factor in factors)
    return bias < min(u00, u01)


def _worst_gradient(weights):
    # A hundred times as large, the initial weights reach the curved part of the sigmoid. The square
    # of the step vanishes beside 1, and a complex step loses no digits by being small.
    U, V = (100 * w for w in get_initial_weights(4))
    worst = 1e-16  # no double is nearer to another than that
    for x, y in zip(*get_new_random_dataset(f2, 20, rng=1), strict=True):
        X, H, o = reference.forward_pass(U, V, x)
        exact = dict(zip("UV", reference.back_propagate(o - y, X, H, V), strict=True))[weights]
        for where in np.ndindex(exact.shape):
            step = {"U": U.astype(complex), "V": V.astype(complex)}
            step[weights][where] += 1e-30j
            Z = step["U"][:, 0] * x + step["U"][:, 1]
            output = np.sum(step["V"][0] * np.append(1 / (1 + np.exp(-Z)), 1))
            slope = ((output - y) ** 2 / 2).imag / 1e-30
            worst = max(worst, abs(slope / exact[where] - 1))
    return 10.0 ** math.ceil(math.log10(worst))


def _replicates(experiment):
    """The results of the condition of the study in which nothing but the seed is settled."""
    for name, (of_the_study, _, condition) in STUDY.items():
        if of_the_study == experiment and condition.keys() == {"seed"}:
            return load_condition(name)
    raise ValueError(f"the study has no replicates of {experiment}")


def _range(errors):
    low, high = np.quantile(errors, (0.05, 0.95))
    return high / low


def _ratio(errors, others):
    return interval(lambda a, b: log_spread(a) / log_spread(b), errors, others)


def _both_sizes(name):
    """The last errors with the largest initial weights of the study, and with the usual ones."""
    conditions = f"{name}-weights-{SCALES[-1]}", f"{name}-weights"
    return [load_condition(condition)["last_error"] for condition in conditions]


def _pairs(runs):
    return list(combinations(runs, 2))
