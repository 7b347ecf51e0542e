"""What the ledger measures of the follow-up: its gradients, its onsets, its neurons that part.

As `nnlib.report.measures`, from which it takes what both documents speak of.
"""

from functools import cache

import numpy as np

from nnlib.capacity import budgets
from nnlib.checks import check_descent
from nnlib.experiment import Experiment
from nnlib.hessian import hessian
from nnlib.history import History
from nnlib.landscape import sharpness
from nnlib.landscape.flow import gradient_flow
from nnlib.network import forward_pass, get_initial_weights, loss, pack, unpack
from nnlib.oscillation.signs import read_signs
from nnlib.randomness.statistics import interval
from nnlib.randomness.study import STUCK
from nnlib.report.measures import best_epoch as best_epoch
from nnlib.report.measures import duplicates, outcome, same_shape
from nnlib.report.measures import errors_rise as errors_rise
from nnlib.report.measures import last_error as last_error
from nnlib.report.measures import late_improvement as late_improvement
from nnlib.report.measures import lowest_error as lowest_error
from nnlib.report.measures import ratio_of_last_errors as ratio_of_last_errors
from nnlib.report.measures import ratio_of_last_to_lowest as ratio_of_last_to_lowest
from nnlib.targets import f1, f2
from nnlib.training import train

CALM = slice(30, 711)  # "the epochs 30 to 710" of section 2.1
_CALM_EPOCHS = range(CALM.start, CALM.stop, 10)  # of them, those at which more is computed
LARGER = 10  # times the standard initial weights, section 3.3
STARTS = 30  # initial weights, of the seeds 0, 1, …, that are tried in both sizes
ALIKE = 0.1  # neurons that differ by less, relative to their size, are duplicates

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


def turns_at_the_end(history: History) -> float:
    """The angle that 19 of 20 consecutive gradients after the best epoch exceed, in degrees."""
    return float(np.degrees(np.quantile(history.gradient_angle[history.best_epoch :], 0.05)))


def best_multiple_of_a_step(history: History) -> float:
    """At what multiple of a step, along that step, the training error is lowest: the least found.

    At every tenth epoch from 30 to 710, of the multiples 1.1 ** n. Above 1 every one of these steps
    is too small, along its own direction.
    """
    check_descent("the run", history.experiment)
    x, y = history.train_set
    multiples = 1.1 ** np.arange(-20, 81)
    best = []
    for epoch in _CALM_EPOCHS:
        step = pack(history.grad_U[epoch], history.grad_V[epoch])
        step *= history.experiment.learning_rate
        weights = pack(history.U[epoch], history.V[epoch]) - multiples[:, np.newaxis] * step
        errors = loss(forward_pass(*unpack(weights, history.experiment.h), x) - y)
        best.append(multiples[np.argmin(errors)])
    return float(min(best))


def largest_rate_times_sharpness(history: History) -> float:
    """The largest learning rate × sharpness at every tenth epoch from 30 to 710."""
    check_descent("the run", history.experiment)
    found = sharpness(history, _CALM_EPOCHS)
    return float(history.experiment.learning_rate * found.max())


def unevenness(history: History) -> float:
    """The largest over the smallest sharpness on the gradient flow.

    From the weights at epoch 30 to the time of the last epoch. The sharpness is never below 1, as
    the second derivative for V[h-1] is 1. And a run keeps it near 2 / learning rate, by its
    instability, so the run itself says little of the landscape: the flow has no steps, and no such
    limit.
    """
    experiment = history.experiment
    check_descent("the run", experiment)
    x, y = history.train_set
    flow = gradient_flow(
        pack(history.U[CALM.start], history.V[CALM.start]),
        x,
        y,
        [experiment.learning_rate * n for n in range(0, len(history.U) - CALM.start, 10)],
    )
    on_flow = np.linalg.eigvalsh(hessian(*unpack(flow, experiment.h), x, y))[:, -1]
    return float(np.max(on_flow) / np.min(on_flow))


def off_the_continued_curve(history: History) -> float:
    """By what factor the last error is off what the first half of the epochs lets expect.

    That half's error is continued by the power of the epoch that it follows from its middle to its
    end. Up or down: the factor is 1 or more.
    """
    errors, half = history.test_error, (len(history.test_error) - 1) // 2
    power = np.log(errors[half] / errors[half // 2]) / np.log(half / (half // 2))
    expected = errors[half] * ((len(errors) - 1) / half) ** power
    return float(np.exp(abs(np.log(errors[-1] / expected))))


def warning_of_the_errors(history: History) -> int:
    """How many epochs before the lowest training error the test errors alone announce a zigzag.

    For so many in a row, up to that one, their fourth difference has changed its sign. A zigzag
    changes the test error by what goes with its size, since the minima of the two datasets lie at
    different places. The fourth difference makes that 16 times as large, and nearly takes away what
    is smooth. (Of the training error a zigzag changes only what goes with its square.)
    """
    differences = np.diff(history.test_error[: best_training_epoch(history) + 1], 4)
    steady = np.flatnonzero(differences[1:] * differences[:-1] >= 0)
    return max(len(differences) - 1, 0) - (int(steady[-1]) + 1 if steady.size else 0)


# --- smaller rates -------------------------------------------------------------------------------


def begins(history: History) -> int | None:
    """The epoch at which an oscillation begins, that of the lowest error; none if it is stable."""
    return history.best_epoch if outcome(history) == "oscillation" else None


def ratio_of_begins(one: History, other: History) -> float | None:
    """The epoch at which the second run begins to oscillate over that of the first.

    None if one of them does not.
    """
    first, second = begins(one), begins(other)
    return second / first if first and second else None


# --- neurons -------------------------------------------------------------------------------------


def start_of_the_faster_fall(history: History, share: float = 0.5) -> int:
    """The epoch from which on the error falls at half its fastest pace, over a thousand epochs.

    The pace of its logarithm, at the middle of each thousand, without the first two thousand.
    Another share of the fastest pace than a half moves the epoch: see the tests.
    """
    logarithms = np.log(history.test_error[2000:])
    pace = logarithms[:-1000] - logarithms[1000:]
    return 2500 + int(np.argmax(pace >= share * pace.max()))


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
    U, V = get_initial_weights(history.experiment.h)
    U[1], V[0, 1] = U[0], V[0, 0]
    equal = train(history.experiment, weights=(U, V), arithmetic=history.arithmetic)
    return bool(
        (equal.grad_U[:, 0] == equal.grad_U[:, 1]).all()
        and (equal.grad_V[:, 0] == equal.grad_V[:, 1]).all()
    )


def farthest_apart(history: History) -> float:
    """The largest distance of two neurons at any epoch, over the largest norm that one reaches.

    Of the three weights of each. Near 0 all weights are nearly equal in this sense, though not
    relative to their own size.
    """
    neurons = np.concatenate([history.U, history.V[:, :-1, None]], axis=2)
    distances = np.linalg.norm(neurons[:, :, None] - neurons[:, None], axis=-1)
    return float(distances.max() / np.linalg.norm(neurons, axis=-1).max())


def farthest_apart_for_their_size(history: History) -> float:
    """The largest distance of two neurons over the larger norm of the two, each at that epoch.

    Of the three weights of each, as `farthest_apart`, at the worst epoch.
    """
    neurons = np.concatenate([history.U, history.V[:, :-1, None]], axis=2)
    distances = np.linalg.norm(neurons[:, :, None] - neurons[:, None], axis=-1)
    norms = np.linalg.norm(neurons, axis=-1)
    return float(np.max(distances / np.maximum(norms[:, :, None], norms[:, None])))


def separated(history: History) -> float | None:
    """How far the neurons are apart at the end, after they were within a tenth; none if never.

    As `nnlib.report.measures.duplicates`, at every epoch.
    """
    neurons = np.concatenate([history.U, history.V[:, :-1, None]], axis=2)
    apart = (np.ptp(neurons, axis=1) / abs(neurons).max(axis=1)).max(axis=1)
    return float(apart[-1]) if (apart < ALIKE).any() else None


def ratio_of_duplicates(history: History) -> tuple[float, float, float]:
    """How far the neurons are apart from weights ten times as large, over how far from the usual.

    As `nnlib.report.measures.duplicates`: the median of thirty initial weights.
    """
    ratios = [duplicates(larger) / duplicates(usual) for usual, larger in _both_sizes(history)]
    return interval(np.median, ratios)


def larger_weights_end_better(history: History) -> tuple[float, float, float]:
    """The last error from weights ten times as large, over that from the usual.

    The median of thirty initial weights.
    """
    ratios = [larger.last_error / usual.last_error for usual, larger in _both_sizes(history)]
    return interval(np.median, ratios)


def same_shape_from_larger_weights(history: History) -> tuple[float, float, float]:
    """The lowest correlation of the curves of U[0,0], U[0,1], V[h-1] with those of larger weights.

    As `nnlib.report.measures.same_shape`: the median of thirty initial weights.
    """
    return interval(np.median, [same_shape(*pair) for pair in _both_sizes(history)])


# --- replicates with other initial weights: a value, and the ends of its 95 % interval -----------


def more_neurons_after_1000():
    """The median error of h = 20 over that of h = 2, for f1 and 1000 epochs."""
    return _ratio(Experiment(f1, 2, 0.1, 50_000), Experiment(f1, 20, 0.1, 50_000), 1000)


def more_neurons_after_50000():
    """The median error of h = 20 over that of h = 2, for f1 and 50000 epochs."""
    return _ratio(Experiment(f1, 2, 0.1, 50_000), Experiment(f1, 20, 0.1, 50_000), 50_000)


def twelve_waves_after_1000():
    """The median error of h = 12 over that of h = 8, of the runs that are not stuck by then.

    For f2 and 1000 epochs. Five of ten runs of h = 8 are stuck near 25, and none of h = 12: how
    many are stuck is another question than how fast the others learn, and a median of both kinds
    together lies with the one or the other by chance.
    """
    return _ratio(Experiment(f2, 8, 0.05, 50_000), Experiment(f2, 12, 0.05, 50_000), 1000)


def twenty_waves_after_1000():
    """The median error of h = 20 over that of h = 12, for f2 and 1000 epochs."""
    return _ratio(Experiment(f2, 12, 0.05, 50_000), Experiment(f2, 20, 0.05, 50_000), 1000)


def more_waves_after_50000():
    """The median error of h = 20 over that of h = 8, of the runs that are not stuck by then.

    For f2 and 50000 epochs.
    """
    return _ratio(Experiment(f2, 8, 0.05, 50_000), Experiment(f2, 20, 0.05, 50_000), 50_000)


def smaller_rate_after_1000():
    """The median error with the rate 0.05 over that with 0.4, for f1, h = 3 and 1000 epochs."""
    return _ratio(Experiment(f1, 3, 0.4, 50_000), Experiment(f1, 3, 0.05, 50_000), 1000)


def smaller_rate_after_50000():
    """The error with the rate 0.1 over that with 0.4, both within 50000 epochs.

    For f1 and h = 3, the median over the initial weights; neither rate oscillates.
    """
    fast, slow = Experiment(f1, 3, 0.4, 50_000), Experiment(f1, 3, 0.1, 50_000)
    return interval(np.median, budgets.load(slow)[:, -1] / budgets.load(fast)[:, -1])


def _ratio(one, other, epochs):
    """The ratio of the medians of those errors that are not on the plateau of stuck runs."""
    at = budgets.BUDGETS.index(epochs)
    errors = (budgets.load(experiment)[:, at] for experiment in (other, one))
    free = (of_one[of_one < STUCK] for of_one in errors)
    return interval(lambda a, b: np.median(a) / np.median(b), *free)


@cache
def _both_sizes(history):
    """Pairs of runs of the experiment, from the same new weights, as usual and larger."""
    pairs = []
    for seed in range(STARTS):
        both = (history.experiment.starting(weights=seed, scale=scale) for scale in (1, LARGER))
        pairs.append([train(experiment, arithmetic=history.arithmetic) for experiment in both])
    return pairs
