"""What the ledger measures of the methods of Experiment 2, from studies that are kept.

As `nnlib.report.measures`. A share is of the starts of a study, with its interval; a run is lower
than another if its error on the interval is, from the same start.
"""

import numpy as np

from nnlib.interval import interval_error
from nnlib.methods import comparison, curved, mass, steps, tuning
from nnlib.network import LossGradient
from nnlib.oscillation import momentum
from nnlib.oscillation.onset import threshold
from nnlib.randomness.statistics import median, proportion
from nnlib.targets import Target, f1, f2

__all__ = [
    "adam_through_f2",
    "adaptive_lower_f1",
    "adaptive_lower_f2",
    "angle_forgives_f1",
    "angle_lower_f1",
    "armijo_lower_f1",
    "batches_lower_f1",
    "batches_through_f2",
    "borwein_forgives_f1",
    "borwein_lower_f1",
    "borwein_lower_than_sharpness_f1",
    "borwein_stuck_f2",
    "calm_starts",
    "constant_forgives_f1",
    "cosine_lower_f1",
    "dampings_apart_f2",
    "ends_not_stationary_f2",
    "fewer_epochs_lower_f1",
    "fewer_epochs_lower_f2",
    "flow_from_there_stays_below",
    "flow_stays_below",
    "half_of_stagnation_f2",
    "heavy_ball_through_f2",
    "large_damping_lower_f2",
    "lbfgs_arrives_f2",
    "lbfgs_lowest_f1",
    "momentum_onsets",
    "momentum_shakes_as_foretold",
    "momentum_worst_onset",
    "most_arrive_f2",
    "newton_arrives_f1",
    "newton_arrives_f2",
    "newton_arrives_glorot_f2",
    "newton_lower_than_lbfgs_f1",
    "order_with_second_best_f2",
    "rprop_lower_f2",
    "settings_foretold",
    "sharpness_higher_f1",
    "sharpness_rises_f1",
    "smaller_rate_lower_f1",
    "smaller_rate_lower_f2",
    "starts_foretold",
    "stuck_with_momentum",
    "tenth_of_gradients_f1",
    "tenth_of_gradients_f2",
    "winner_with_a_tenth_f2",
]

STUCK = 20  # as in the study of randomness: a wave of f2 is missed

# --- longer and shorter steps --------------------------------------------------------------------


def _errors(f: Target, rule: str, factor: float = 1.0):
    return steps.load(f, rule, factor)["error"]


def _lower(f: Target, rule: str, other: str = "constant") -> tuple[float, float, float]:
    """The share of starts from which one rule is lower than another, each as it was tuned."""
    return proportion(_errors(f, rule) < _errors(f, other))


def best_adaptive(f: Target) -> str:
    """The rule by what the run does that is best from the starts for tuning."""
    return min(
        steps.ADAPTIVE, key=lambda rule: np.log(steps.load_tried(f, rule)).mean(axis=1).min()
    )


def adaptive_lower_f1() -> tuple[float, float, float]:
    """From what share of starts the best adaptive rule is lower than the best constant rate."""
    return _lower(f1, best_adaptive(f1))


def adaptive_lower_f2() -> tuple[float, float, float]:
    """From what share of starts the best adaptive rule is lower than the best rate for f2."""
    return _lower(f2, best_adaptive(f2))


def smaller_rate_lower_f1() -> tuple[float, float, float]:
    """From what share of starts a tenth of the rate, for ten times the epochs, is lower."""
    return _lower(f1, "slower", "document")


def smaller_rate_lower_f2() -> tuple[float, float, float]:
    """From what share of starts a tenth of the rate, ten times as long, is lower for f2."""
    return _lower(f2, "slower", "document")


def fewer_epochs_lower_f1() -> tuple[float, float, float]:
    """From what share the best adaptive rule is lower than a tenth of the rate, with all epochs."""
    return _lower(f1, best_adaptive(f1), "slower")


def fewer_epochs_lower_f2() -> tuple[float, float, float]:
    """From what share the best adaptive rule is lower than a tenth of the rate, for f2."""
    return _lower(f2, best_adaptive(f2), "slower")


def borwein_lower_f1() -> tuple[float, float, float]:
    """From what share the rate of Barzilai and Borwein is lower than the best constant one."""
    return _lower(f1, "barzilai-borwein")


def borwein_lower_than_sharpness_f1() -> tuple[float, float, float]:
    """From what share the rate of Barzilai and Borwein is lower than that by the sharpness."""
    return _lower(f1, "barzilai-borwein", "sharpness")


def angle_lower_f1() -> tuple[float, float, float]:
    """From what share a rate by the angle is lower than the best constant one."""
    return _lower(f1, "angle")


def armijo_lower_f1() -> tuple[float, float, float]:
    """From what share a line search is lower than the best constant rate."""
    return _lower(f1, "armijo")


def cosine_lower_f1() -> tuple[float, float, float]:
    """From what share a rate that falls as a cosine is lower than the best constant one."""
    return _lower(f1, "cosine")


def sharpness_rises_f1() -> tuple[float, float, float]:
    """In what share of the runs below the threshold the training error ever rises."""
    return proportion(steps.load(f1, "sharpness")["rises"] > 0)


def borwein_stuck_f2() -> tuple[float, float, float]:
    """What share of the runs with the rate of Barzilai and Borwein is stuck."""
    return proportion(_errors(f2, "barzilai-borwein") > STUCK)


def forgives(f: Target, rule: str, factor: float = 0.1) -> tuple[float, float, float]:
    """How many times as large the error is with another first rate, in the median over starts."""
    return median(_errors(f, rule, factor) / _errors(f, rule))


def constant_forgives_f1() -> tuple[float, float, float]:
    """How many times as large the error is with a tenth of the best constant rate."""
    return forgives(f1, "constant")


def borwein_forgives_f1() -> tuple[float, float, float]:
    """How many times as large the error is with a tenth of Barzilai and Borwein's first rate."""
    return forgives(f1, "barzilai-borwein")


def angle_forgives_f1() -> tuple[float, float, float]:
    """How many times as large the error is with a tenth of the first rate of the angle's rule."""
    return forgives(f1, "angle")


# --- momentum ------------------------------------------------------------------------------------


def _lateness() -> list[float]:
    found = [momentum.load(experiment).of_the_wait for experiment in momentum.MOMENTUM]
    return [abs(part) for part in found if part is not None]


def momentum_onsets() -> float:
    """By what part of the wait the onsets are off that are foretold with momentum: the median."""
    return float(np.median(_lateness()))


def momentum_worst_onset() -> float:
    """By what part of the wait the worst of the onsets is off that are foretold with momentum."""
    return max(_lateness())


def momentum_shakes_as_foretold() -> bool:
    """Whether, of the runs with momentum, those shake that are foretold to, and no others.

    A run that is foretold to stay calm shows no burst after its first 100 epochs.
    """
    found = [momentum.load(experiment) for experiment in momentum.MOMENTUM]
    return all(
        one.observed is not None
        if one.predicted
        else all(start < momentum.ROLLED for bursts in one.seen for start, _ in bursts)
        for one in found
    )


def flow_stays_below() -> tuple[float, float, float]:
    """From what share of starts the flow at the pace of the calm run stays below its threshold."""
    return proportion(momentum.load_rolled().flow_product < threshold(momentum.ROLLING.optimizer))


def calm_starts() -> tuple[float, float, float]:
    """From what share of starts heavy ball stays calm after its first 100 epochs."""
    return proportion(momentum.load_rolled().burst < 0)


def flow_from_there_stays_below() -> tuple[float, float, float]:
    """As `flow_stays_below`, for a flow that starts where the run is after 100 epochs."""
    return proportion(momentum.load_rolled().from_there < threshold(momentum.ROLLING.optimizer))


def _foretold(fates) -> tuple[float, float, float]:
    foretold, seen = np.transpose(fates) > mass.STUCK
    return proportion(foretold == seen)


def settings_foretold() -> tuple[float, float, float]:
    """For what share of settings a ball foretells whether f2 gets stuck."""
    return _foretold([mass.fates(experiment)[0] for experiment in mass.SETTINGS])


def starts_foretold() -> tuple[float, float, float]:
    """The same of starts, for heavy ball at the pace of descent."""
    return _foretold(mass.fates(mass.SHARES[1]))


def stuck_with_momentum() -> tuple[float, float, float] | None:
    """How often it is heavy ball, from starts where just one of it and descent is stuck, as a part.

    Both at the same learning rate. None if there is no such start.
    """
    plain, with_it = (
        mass.fates(one)[:, 1] > mass.STUCK for one in (mass.SHARES[0], mass.SHARES[2])
    )
    some = plain != with_it
    return proportion(with_it[some]) if some.any() else None


# --- with the curvature --------------------------------------------------------------------------

ARRIVED: dict[Target, float] = {f1: 1e-8, f2: 0.01}  # on the interval
_FAR = 0.1  # on the samples: an end above it is looked at
_STATIONARY = 1e-6  # the length of a gradient


def _ends(f: Target, method: str, kind: str = "document", damping: float = 0.01):
    """The errors on the interval at which a method ends."""
    return interval_error(f, curved.load(f, method, kind, damping)[1])


def _lowest(f: Target, method: str, epochs: int | None = None):
    """The lowest training errors, of all epochs or of the first ones."""
    errors, _ = curved.load(f, method)
    return errors[:, -1 if epochs is None else curved.PARTS.index(epochs)]


def arrived(f: Target, method: str, kind: str = "document", damping: float = 0.01):
    """The share of starts from which a method comes near what the network can do."""
    return proportion(_ends(f, method, kind, damping) < ARRIVED[f])


def tenth_of_gradients(f: Target) -> tuple[float, float, float]:
    """The share of starts from which L-BFGS is as low as descent, with a tenth of its gradients."""
    return proportion(_lowest(f, "lbfgs", 1000) <= _lowest(f, "descent"))


def tenth_of_gradients_f1() -> tuple[float, float, float]:
    """From what share L-BFGS is as low as descent for f1, with a tenth of its gradients."""
    return tenth_of_gradients(f1)


def tenth_of_gradients_f2() -> tuple[float, float, float]:
    """From what share L-BFGS is as low as descent for f2, with a tenth of its gradients."""
    return tenth_of_gradients(f2)


def half_of_stagnation_f2() -> tuple[float, float, float]:
    """From what share a method with the curvature comes to half of the error of descent."""
    best = np.minimum(_lowest(f2, "gauss-newton"), _lowest(f2, "lbfgs"))
    return proportion(best <= _lowest(f2, "descent") / 2)


def newton_arrives_f1() -> tuple[float, float, float]:
    """From what share Gauss-Newton steps come near f1."""
    return arrived(f1, "gauss-newton")


def newton_lower_than_lbfgs_f1() -> tuple[float, float, float]:
    """From what share 400 Gauss-Newton steps end lower than 2000 epochs of L-BFGS."""
    return proportion(_ends(f1, "gauss-newton") < _ends(f1, "lbfgs"))


def newton_arrives_f2() -> tuple[float, float, float]:
    """From what share of the document's starts Gauss-Newton steps come near f2."""
    return arrived(f2, "gauss-newton")


def lbfgs_arrives_f2() -> tuple[float, float, float]:
    """From what share of the document's starts L-BFGS comes near f2."""
    return arrived(f2, "lbfgs")


def newton_arrives_glorot_f2() -> tuple[float, float, float]:
    """From what share of larger starts Gauss-Newton steps come near f2."""
    return arrived(f2, "gauss-newton", "glorot")


def _dampings():
    """The errors at which the smallest and the largest first damping end."""
    least, *_, most = curved.DAMPINGS
    return [_ends(f2, "gauss-newton", damping=damping) for damping in (least, most)]


def dampings_apart_f2() -> tuple[float, float, float]:
    """From what share the errors with two first dampings differ by a factor of 2."""
    small, large = _dampings()
    return proportion(np.maximum(small, large) > 2 * np.minimum(small, large))


def large_damping_lower_f2() -> tuple[float, float, float]:
    """From what share the larger of two first dampings ends lower."""
    small, large = _dampings()
    return proportion(large < small)


def ends_not_stationary_f2() -> tuple[float, float, float]:
    """What share of the ends that are far from f2 has a gradient that is not nearly 0."""
    errors, weights = curved.load(f2, "gauss-newton")
    one = curved.experiment(f2, "gauss-newton")
    far = np.flatnonzero(errors[:, -1] > _FAR)
    lengths = []
    for seed in far:
        x, y = one.starting(data=int(seed)).start.train_set(f2)
        sums = LossGradient(x, y, one.h).sums(weights[seed])
        lengths.append(np.linalg.norm(sums[:-1]) / x.size)
    return proportion(np.array(lengths) > _STATIONARY)


# --- which one, then ------------------------------------------------------------------------------

# Those that look at the gradients of all samples, and at no more than the last two or their means.
FIRST_ORDER = tuple(
    method
    for method in tuning.METHODS
    if method not in ("gauss-newton", "lbfgs", "sharpness") and not method.endswith("-batches")
)


def _compared(f: Target, method: str, kind: str = "document"):
    """The errors at which a method of the comparison ends."""
    return comparison.load(f, kind, method)["error"]


def lbfgs_lowest_f1() -> tuple[float, float, float]:
    """From what share L-BFGS is lower than the lowest of the methods of first order."""
    others = np.min([_compared(f1, method) for method in FIRST_ORDER], axis=0)
    return proportion(_compared(f1, "lbfgs") < others)


def batches_lower_f1() -> tuple[float, float, float]:
    """From what share falling descent is lower with batches of 10 than with all samples."""
    return proportion(_compared(f1, "descent-batches") < _compared(f1, "descent-falling"))


def sharpness_higher_f1() -> tuple[float, float, float]:
    """From what share the rule by the sharpness, which pays for it, is higher than descent."""
    return proportion(_compared(f1, "sharpness") > _compared(f1, "descent"))


def _through(method: str, kind: str = "document"):
    """From which starts a method gets through on f2."""
    return _compared(f2, method, kind) < tuning.THROUGH[f2]


def _through_alone(method: str, other: str) -> tuple[float, float, float] | None:
    """How often it is the one, from where just one of two gets through."""
    one, two = _through(method), _through(other)
    some = one != two
    return proportion(one[some]) if some.any() else None


def heavy_ball_through_f2() -> tuple[float, float, float]:
    """From what share heavy ball gets through."""
    return proportion(_through("heavy-ball"))


def adam_through_f2() -> tuple[float, float, float] | None:
    """How often it is Adam, from starts from which just one of it and descent gets through."""
    return _through_alone("adam", "descent")


def batches_through_f2() -> tuple[float, float, float] | None:
    """How often it is with batches, where just one of falling descent with and without does."""
    return _through_alone("descent-batches", "descent-falling")


def rprop_lower_f2() -> tuple[float, float, float]:
    """From what share Rprop is lower than the better of Adam with a constant and a falling rate."""
    adam = np.minimum(_compared(f2, "adam"), _compared(f2, "adam-falling"))
    return proportion(_compared(f2, "rprop") < adam)


def most_arrive_f2() -> tuple[float, float, float]:
    """The largest share of a method that comes near f2, from the document's starts."""
    shares = [proportion(_compared(f2, method) < tuning.ARRIVED[f2]) for method in tuning.METHODS]
    return max(shares)


def order_with_second_best_f2() -> float:
    """The rank correlation of the medians for f2 with the best settings and the second best."""
    medians = [
        [
            np.median(comparison.load(f2, "spread", method, second)["error"][: comparison.CONTROL])
            for method in tuning.METHODS
        ]
        for second in (False, True)
    ]
    ranks = [np.argsort(np.argsort(row)) for row in medians]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def winner_with_a_tenth_f2() -> bool:
    """Whether the method with the lowest median for f2 is the same with a tenth of the budget."""
    parts = [
        np.median(comparison.load(f2, "spread", method)["parts"], axis=0)
        for method in tuning.METHODS
    ]
    first, *_, last = np.argmin(parts, axis=0)
    return bool(first == last)
