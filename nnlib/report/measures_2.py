"""What the ledger measures of the methods of Experiment 2, from studies that are kept.

As `nnlib.report.measures`. A share is of the starts of a study, with its interval; a run is lower
than another if its error on the interval is, from the same start.
"""

import numpy as np

from nnlib.experiment import Experiment
from nnlib.interval import interval_error
from nnlib.methods import (
    batches,
    beginnings,
    comparison,
    curved,
    mass,
    noise,
    preconditioned,
    steps,
    tuning,
    weightwise,
)
from nnlib.network import LossGradient
from nnlib.oscillation import momentum
from nnlib.oscillation.onset import threshold
from nnlib.randomness.statistics import interval, median, proportion
from nnlib.targets import Target, f1, f2
from nnlib.training import train_quietly

__all__ = [
    "adagrad_falls",
    "adam_keeps_alike",
    "adam_lower_f1",
    "adam_lower_f2",
    "adam_parts_sooner",
    "adam_through_f2",
    "adaptive_lower_f1",
    "adaptive_lower_f2",
    "all_errors",
    "angle_forgives_f1",
    "angle_lower_f1",
    "armijo_lower_f1",
    "batch_sharpness_settles",
    "batches_early_f1",
    "batches_early_f2",
    "batches_lower_f1",
    "batches_lower_f2",
    "batches_shake",
    "batches_stay_below",
    "batches_through_f2",
    "blind_noise_is_sharper",
    "borwein_forgives_f1",
    "borwein_lower_f1",
    "borwein_lower_than_sharpness_f1",
    "borwein_stuck_f2",
    "calm_starts",
    "calmed_f1",
    "calmed_noisy",
    "constant_forgives_f1",
    "cosine_lower_f1",
    "dampings_apart_f2",
    "document_rather_than_huge_f2",
    "drawn_floor_slope",
    "ends_not_stationary_f2",
    "falling_batches_lower_f1",
    "falling_lower_f1",
    "falling_lower_f2",
    "falling_lower_noisy",
    "fewer_epochs_lower_f1",
    "fewer_epochs_lower_f2",
    "floor_exponent",
    "floors_off",
    "flow_from_there_stays_below",
    "flow_stays_below",
    "glorot_apart_f2",
    "half_of_stagnation_f2",
    "halves_shake_earlier",
    "heavy_ball_through_f2",
    "large_damping_lower_f2",
    "lbfgs_arrives_f2",
    "lbfgs_lowest_f1",
    "leaves_as_foretold",
    "leaving_epoch",
    "luck_f2",
    "mirrored_samples",
    "momentum_onsets",
    "momentum_shakes_as_foretold",
    "momentum_worst_onset",
    "most_arrive_f2",
    "nearer_to_own_threshold",
    "newton_arrives_f1",
    "newton_arrives_f2",
    "newton_arrives_glorot_f2",
    "newton_from_large_f2",
    "newton_lower_than_lbfgs_f1",
    "no_zigzag_before",
    "order_with_second_best_f2",
    "plain_outputs_f2",
    "rates_rather_than_start_f2",
    "raw_is_elsewhere",
    "rprop_lower_again_f2",
    "rprop_lower_f2",
    "rprop_lower_than_adam_f1",
    "rprop_stuck_again_f2",
    "scaled_inputs_f2",
    "settings_foretold",
    "settled_late",
    "settled_off",
    "settled_worst",
    "sharpness_higher_f1",
    "sharpness_rises_f1",
    "shuffled_floor_slope",
    "singles_lower_f1",
    "slow_adam_keeps_alike",
    "smaller_is_flatter",
    "smaller_rate_lower_f1",
    "smaller_rate_lower_f2",
    "spread_through_f2",
    "spread_together_f2",
    "start_or_method_f1",
    "start_or_method_f2",
    "starts_foretold",
    "stuck_with_momentum",
    "tenth_of_gradients_f1",
    "tenth_of_gradients_f2",
    "u_rather_than_v_f2",
    "units_matter_less_to_adam_f2",
    "winner_with_a_tenth_f2",
    "worst_kind_f1",
    "zigzag_has_its_size",
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


# --- a rate for each weight ----------------------------------------------------------------------


def _lower_than_descent(f: Target, method: str) -> tuple[float, float, float]:
    return proportion(weightwise.load(f, method)[1] < _errors(f, "constant"))


def adam_lower_f1() -> tuple[float, float, float]:
    """From what share of starts Adam is lower than the best constant rate of descent."""
    return _lower_than_descent(f1, "adam")


def adam_lower_f2() -> tuple[float, float, float]:
    """From what share of starts Adam is lower than the best constant rate, for f2."""
    return _lower_than_descent(f2, "adam")


def rprop_lower_than_adam_f1() -> tuple[float, float, float]:
    """From what share of starts Rprop is lower than Adam."""
    return proportion(weightwise.load(f1, "rprop")[1] < weightwise.load(f1, "adam")[1])


def _settled(column: str = "preconditioned"):
    """The medians over the last quarters of all settings."""
    return np.array([preconditioned.settled(one, column) for one in preconditioned.SETTINGS])


def settled_off() -> float:
    """By how much the settled sharpness is off its threshold, as a part of it: the median."""
    return float(np.median(abs(_settled() - 1)))


def settled_worst() -> float:
    """By how much the settled sharpness is off its threshold in the worst of the settings."""
    return float(abs(_settled() - 1).max())


def nearer_to_own_threshold() -> tuple[float, float, float]:
    """For what share of settings with momentum the settled value is nearer to its limit than to 2.

    Of their logarithms.
    """
    limits = np.array([preconditioned.limit(one.optimizer) for one in preconditioned.SETTINGS])
    some = limits > 2
    ratios = _settled()[some]  # to the own one
    return proportion(abs(np.log(ratios)) < abs(np.log(ratios * limits[some] / 2)))


def raw_is_elsewhere() -> tuple[float, float, float]:
    """For what share of settings learning rate times sharpness is off from 2 by more than half."""
    return proportion(abs(_settled("raw") / 2 - 1) > 0.5)


def zigzag_before(one: Experiment) -> float:
    """The largest zigzag after 100 epochs and before the threshold is crossed."""
    found = preconditioned.load(one)
    after = np.arange(preconditioned.POINTS) * one.epochs // preconditioned.POINTS >= 100
    never = ~np.maximum.accumulate(after & (found["preconditioned"] > 1))
    return float(max(found["zigzag"][after & never][:-1], default=0.0))


def no_zigzag_before() -> tuple[float, float, float]:
    """For what share of settings the zigzag is small before the threshold is crossed.

    Below a tenth of its size; the last twenty epochs before the crossing do not count.
    """
    return proportion([zigzag_before(one) < 0.1 for one in preconditioned.SETTINGS])


def zigzag_has_its_size() -> tuple[float, float, float]:
    """For what share of settings the zigzag over the last quarter is about as large as foretold.

    The root of the mean square, between 0.3 and 1.1 of it.
    """
    sizes = []
    for one in preconditioned.SETTINGS:
        zigzag = preconditioned.load(one)["zigzag"]
        sizes.append(np.sqrt((zigzag[-preconditioned.POINTS // 4 :] ** 2).mean()))
    return proportion((np.array(sizes) > 0.3) & (np.array(sizes) < 1.1))


def floor_exponent() -> float:
    """With which power of its rate the error grows that RMSprop comes down to."""
    some = [one for one in preconditioned.FLOORS if one.optimizer.name == "rmsprop"]
    errors = [preconditioned.settled(one, "error") for one in some]
    return float(np.polyfit(np.log([one.learning_rate for one in some]), np.log(errors), 1)[0])


def adagrad_falls() -> float:
    """By what factor the rates of Adagrad fall from epoch 100 on: the median over the weights."""
    run = train_quietly(Experiment.parse("f1 3 0.1 8000 optimizer=adagrad"))
    rows = preconditioned.preconditioners(run)
    return float(np.median(rows[-1] / rows[100]))


def adam_parts_sooner() -> tuple[float, float, float]:
    """From what share of starts duplicates separate in fewer epochs with Adam than with descent."""
    adam, plain = (weightwise.load_copies(method) for method in ("adam", "descent"))
    both = np.isfinite(adam["alike"] + plain["alike"])
    return proportion((adam["parted"] < plain["parted"])[both])


def adam_keeps_alike() -> tuple[float, float, float]:
    """From what share of starts the neurons are nearer to each other with Adam, at one error."""
    level = weightwise.LEVELS.index(0.01)
    adam, plain = (
        weightwise.load_copies(method)["apart"][:, level] for method in ("adam", "descent")
    )
    both = np.isfinite(adam + plain)
    return proportion((adam < plain)[both])


def settled_late() -> float:
    """As `settled_worst`, of the runs that went on for ten times as long."""
    return max(abs(preconditioned.settled(one) - 1) for one in preconditioned.LATER)


def rprop_stuck_again_f2() -> tuple[float, float, float]:
    """What share of the runs with Rprop is stuck on f2, from other starts."""
    return proportion(weightwise.load_again("rprop") > STUCK)


def rprop_lower_again_f2() -> tuple[float, float, float]:
    """From what share of these starts Rprop is lower than Adam."""
    return proportion(weightwise.load_again("rprop") < weightwise.load_again("adam"))


def slow_adam_keeps_alike() -> tuple[float, float, float]:
    """From what share of starts the neurons are nearer at a tenth of Adam's rate, at one error."""
    level = weightwise.LEVELS.index(0.01)
    slow, fast = (
        weightwise.load_copies(method)["apart"][:, level] for method in ("slow adam", "adam")
    )
    both = np.isfinite(slow + fast)
    return proportion((slow < fast)[both])


# --- a few samples at a time ---------------------------------------------------------------------

FALLING = tuple(schedule for schedule in batches.SCHEDULES if schedule != "constant")


def lasts(task: str, batch: int, schedule: str = "constant", budget: int = 1000):
    """The errors on the interval after all the passes that a setting was tuned for."""
    errors = batches.load(task, batch, schedule, budget)["errors"]
    return errors[:, batches.PASSES.index(budget)]


def _tuned(task: str, batch: int, schedule: str = "constant") -> float:
    """How low the best setting ends from the starts for tuning."""
    return np.log(batches.load_tried(task, batch, schedule)[..., -1]).mean(axis=1).min()


def best_batch(task: str) -> int:
    """The size below that of all samples that is best from the starts for tuning."""
    return min(batches.BATCHES[:-1], key=lambda batch: _tuned(task, batch))


def best_falling(task: str, batch: int) -> str:
    """The schedule that is best from the starts for tuning, of those that fall."""
    return min(FALLING, key=lambda schedule: _tuned(task, batch, schedule))


def batches_lower(task: str) -> tuple[float, float, float]:
    """From what share of starts batches of the best size end lower than all samples at once."""
    return proportion(lasts(task, best_batch(task)) < lasts(task, batches.BATCHES[-1]))


def batches_lower_f1() -> tuple[float, float, float]:
    """From what share of starts batches of the best size end lower for f1."""
    return batches_lower("f1")


def batches_lower_f2() -> tuple[float, float, float]:
    """From what share of starts batches of the best size end lower for f2."""
    return batches_lower("f2")


def _early(task: str) -> tuple[float, float, float]:
    least, all_at_once = batches.BUDGETS[0], batches.BATCHES[-1]
    return proportion(lasts(task, 10, budget=least) < lasts(task, all_at_once, budget=least))


def batches_early_f1() -> tuple[float, float, float]:
    """From what share batches of 10 are lower after 30 passes than all samples at once, for f1."""
    return _early("f1")


def batches_early_f2() -> tuple[float, float, float]:
    """From what share batches of 10 are lower after 30 passes than all samples at once, for f2."""
    return _early("f2")


def singles_lower_f1() -> tuple[float, float, float]:
    """From what share single samples end lower than batches of 10, for f1."""
    return proportion(lasts("f1", 1) < lasts("f1", 10))


def falling_lower(task: str, batch: int = 10) -> tuple[float, float, float]:
    """From what share the best rate that falls ends lower than the best constant one."""
    return proportion(lasts(task, batch, best_falling(task, batch)) < lasts(task, batch))


def falling_lower_f1() -> tuple[float, float, float]:
    """From what share a rate that falls ends lower for f1, with batches of 10."""
    return falling_lower("f1")


def falling_lower_f2() -> tuple[float, float, float]:
    """From what share a rate that falls ends lower for f2, with batches of 10."""
    return falling_lower("f2")


def falling_lower_noisy() -> tuple[float, float, float]:
    """From what share a rate that falls ends lower for noisy samples of f1, with batches of 10."""
    return falling_lower("noisy")


def calmed_f1() -> tuple[float, float, float]:
    """What part of the last training error of f1 is left when the noise dies down: the median."""
    found = batches.load("f1", 10)
    return median(found["calm_train"] / found["train"])


def calmed_noisy() -> tuple[float, float, float]:
    """What part of the last error on the interval is left, for noisy samples of f1."""
    return median(batches.load("noisy", 10)["calm"] / lasts("noisy", 10))


SMALL = (10, 30, 100)  # samples at a time
_HALF = 500  # the passes before it are not looked at
_LEAPS, _BURST = 2, 10  # an error that is so many times the lowest so far
_FULL = 755  # updates until all samples at once shake


def settled(size: int):
    """The median sharpness in the last half of the passes, of each shuffle."""
    late = np.array(noise.LOOKED) >= _HALF
    return np.median(noise.load_sharp(size).sharpness[:, late], axis=1)


def leaps(size: int, factor: float):
    """The first pass with an error so many times the lowest so far, of each shuffle; or inf."""
    error = noise.load_sharp(size).error
    with np.errstate(invalid="ignore"):
        found = ~(error <= factor * np.minimum.accumulate(error, axis=1))
    return np.where(found.any(axis=1), found.argmax(axis=1), np.inf)


def batches_stay_below() -> tuple[float, float, float]:
    """What share of the runs with small batches settles below the threshold of all samples."""
    return proportion(np.ravel([settled(size) < 2 for size in SMALL]))


def batch_sharpness_settles() -> tuple[float, float, float]:
    """In what share of them the batch sharpness is within a fifth of the threshold at the end."""
    last = [noise.load_sharp(size).batch[:, -1] for size in SMALL]
    return proportion(np.abs(np.ravel(last) - 2) < 0.4)


def smaller_is_flatter() -> tuple[float, float, float]:
    """In what share of shuffles the sharpness settles lower with 10 samples than with 100."""
    return proportion(settled(10) < settled(100))


def halves_shake_earlier() -> tuple[float, float, float]:
    """What share of the runs with two batches a pass doubles its error before 755 updates."""
    return proportion(2 * leaps(500, _LEAPS) < _FULL)


def batches_shake() -> tuple[float, float, float]:
    """What share of the runs with small batches ever has ten times its lowest error so far."""
    return proportion(np.ravel([np.isfinite(leaps(size, _BURST)) for size in SMALL]))


def blind_noise_is_sharper() -> tuple[float, float, float]:
    """In what share noise that does not look at the weights leaves more sharpness than batches."""
    found = np.array([noise.load_still(size)[..., 0] for size in noise.STILL])
    return proportion((found[:, 1] > found[:, 0]).ravel())


def _floors(size: int, again: bool):
    return noise.load_floor(size, again).mean(axis=1)


def floors_off() -> float:
    """By what part the floors are off that are foretold for samples drawn anew: the median."""
    off = [
        _floors(size, True) / [noise.floor(size, rate, True) for rate in noise.RATES] - 1
        for size in noise.FLOOR_SIZES
    ]
    return float(np.median(np.abs(off)))


def floor_slope(size: int, again: bool, rates: int = 4) -> float:
    """The power of the rate with which the floor falls, over the smallest rates."""
    logs = np.log(_floors(size, again)[:rates])
    return float(np.polyfit(np.log(noise.RATES[:rates]), logs, 1)[0])


def drawn_floor_slope() -> float:
    """The power for batches of 100 drawn from all."""
    return floor_slope(100, True)


def shuffled_floor_slope() -> float:
    """The power for batches of 100 in a new order for each pass."""
    return floor_slope(100, False)


# --- where one begins ----------------------------------------------------------------------------

SIZES_OF_WEIGHTS = (1.0, 0.1, 0.01, 0.001)  # times the document's
LEAVING = Experiment(f2, 8, 0.05, 400)


def leaving_epoch(scale: float, mirrored: bool = True, experiment: Experiment = LEAVING) -> int:
    """The first epoch with a tenth less error than the best constant has.

    Mirrored samples are those with x > 0, and (-x, f(-x)) for each of them.
    """
    one = experiment.starting(scale=scale)
    x, y = mirrored_samples(one.f) if mirrored else one.start.train_set(one.f)
    run = train_quietly(one, train_set=(x, y), test_set=(x[:1], y[:1]))
    return int(np.argmax(run.train_error < 0.9 * np.var(y) / 2))


def mirrored_samples(f: Target):
    """As `leaving_epoch` says."""
    x, _ = Experiment(f, 2, 1, 0).start.train_set(f)
    x = np.concatenate([x[x > 0], -x[x > 0]])
    return x, np.asarray(f(x))


def leaves_as_foretold() -> float:
    """By what part the delay of tenfold smaller weights is off, at worst."""
    foretold = beginnings.epochs_for_ten(*mirrored_samples(f2), LEAVING.learning_rate)
    seen = np.diff([leaving_epoch(scale) for scale in SIZES_OF_WEIGHTS])
    return float(np.max(abs(seen / foretold - 1)))


def _begins_through(method: str, kind: str, units: str = "plain", f: Target = f2):
    """From which starts a method comes below the error that counts as through."""
    return beginnings.load(f, method, kind, units)["error"] < beginnings.THROUGH[f]


def _rather(first, second) -> tuple[float, float, float] | None:
    """How often it is the first where just one of two happens; None if that is never so."""
    some = first != second
    return proportion(first[some]) if some.any() else None


def spread_through_f2() -> tuple[float, float, float]:
    """From what share of spread starts descent succeeds."""
    return proportion(_begins_through("descent", "spread"))


def document_rather_than_huge_f2() -> tuple[float, float, float] | None:
    """How often it is the document's weights, where just one of two succeeds."""
    return _rather(_begins_through("descent", "1"), _begins_through("descent", "1000"))


def u_rather_than_v_f2() -> tuple[float, float, float] | None:
    """How often it is U that is large, where just one of two succeeds."""
    return _rather(_begins_through("descent", "U"), _begins_through("descent", "V"))


def newton_from_large_f2() -> tuple[float, float, float]:
    """From what share of large weights Gauss-Newton steps come near f2."""
    return proportion(beginnings.load(f2, "gauss-newton", "100")["error"] < ARRIVED[f2])


def scaled_inputs_f2() -> tuple[float, float, float] | None:
    """How often it is scaled inputs, where just one of two succeeds."""
    return _rather(_begins_through("descent", "1", "inputs"), _begins_through("descent", "1"))


def plain_outputs_f2() -> tuple[float, float, float] | None:
    """How often it is plain outputs, where just one of two succeeds."""
    return _rather(_begins_through("descent", "1"), _begins_through("descent", "1", "outputs"))


def units_matter_less_to_adam_f2() -> tuple[float, float, float] | None:
    """How often it is descent, where scaling decides over just one of descent and Adam."""
    descent, adam = (
        _begins_through(method, "1", "both") != _begins_through(method, "1")
        for method in ("descent", "adam")
    )
    return _rather(descent, adam)


def worst_kind_f1() -> tuple[float, float, float]:
    """From what share of starts of the worst kind descent succeeds on f1."""
    return min(proportion(_begins_through("descent", kind, f=f1)) for kind in beginnings.KINDS)


def glorot_apart_f2() -> tuple[float, float, float] | None:
    """How often it is Glorot's weights moved apart, where just one of two succeeds."""
    return _rather(_begins_through("descent", "apart"), _begins_through("descent", "glorot"))


def spread_together_f2() -> tuple[float, float, float] | None:
    """How often it is spread weights, where just one of two succeeds."""
    return _rather(_begins_through("descent", "spread"), _begins_through("descent", "together"))


def rates_rather_than_start_f2() -> tuple[float, float, float] | None:
    """How often it is the rates of scaled inputs, where just one of them and the start does."""
    return _rather(
        _begins_through("descent", "kept", "inputs"), _begins_through("descent", "flatter")
    )


def all_errors(f: Target):
    """The errors of the comparison of all methods: by methods, kinds of start, and starts."""
    return np.array(
        [
            [comparison.load(f, kind, method)["error"] for kind in tuning.KINDS]
            for method in tuning.METHODS
        ]
    )


def _start_or_method(table) -> tuple[float, float, float]:
    """The share of the kind of start in what goes with it and with the method."""
    value, low, high = beginnings.shares_with_intervals(table)[-1]
    return float(value), float(low), float(high)


def start_or_method_f2() -> tuple[float, float, float]:
    """What part the kind of start has, beside the method, in succeeding on f2."""
    return _start_or_method(all_errors(f2) < beginnings.THROUGH[f2])


def start_or_method_f1() -> tuple[float, float, float]:
    """What part the kind of start has, beside the method, in the logarithm of the error of f1."""
    return _start_or_method(np.log(all_errors(f1)))


def luck_f2() -> tuple[float, float, float]:
    """What part of the variance of succeeding on f2 is within the cells."""
    table = all_errors(f2) < beginnings.THROUGH[f2]
    luck = beginnings.SHARES.index("luck")
    value, low, high = beginnings.shares_with_intervals(table)[luck]
    return float(value), float(low), float(high)


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


def falling_batches_lower_f1() -> tuple[float, float, float]:
    """From what share falling descent is lower with batches of 10 than with all samples."""
    return proportion(_compared(f1, "descent-batches") < _compared(f1, "descent-falling"))


def sharpness_higher_f1() -> tuple[float, float, float]:
    """From what share the rule by the sharpness, which pays for it, is higher than descent."""
    return proportion(_compared(f1, "sharpness") > _compared(f1, "descent"))


def _through(method: str, kind: str = "document"):
    """From which starts a method succeeds on f2."""
    return _compared(f2, method, kind) < tuning.THROUGH[f2]


def _through_alone(method: str, other: str) -> tuple[float, float, float] | None:
    """How often it is the one, from where just one of two succeeds."""
    one, two = _through(method), _through(other)
    some = one != two
    return proportion(one[some]) if some.any() else None


def heavy_ball_through_f2() -> tuple[float, float, float]:
    """From what share heavy ball succeeds."""
    return proportion(_through("heavy-ball"))


def adam_through_f2() -> tuple[float, float, float] | None:
    """How often it is Adam, from starts from which just one of it and descent succeeds."""
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


def order_with_second_best_f2() -> tuple[float, float, float]:
    """The rank correlation of the medians for f2 with the best settings and the second best."""
    errors = np.array([
        [
            comparison.load(f2, "spread", method, second)["error"][: comparison.CONTROL]
            for method in tuning.METHODS
        ]
        for second in (False, True)
    ])  # fmt: skip

    def alike(starts) -> float:
        ranks = np.median(errors[..., starts], axis=-1).argsort(axis=1).argsort(axis=1)
        return float(np.corrcoef(*ranks)[0, 1])

    return interval(alike, np.arange(comparison.CONTROL))


def winner_with_a_tenth_f2() -> bool:
    """Whether the method with the lowest median for f2 is the same with a tenth of the budget."""
    parts = [
        np.median(comparison.load(f2, "spread", method)["parts"], axis=0)
        for method in tuning.METHODS
    ]
    first, *_, last = np.argmin(parts, axis=0)
    return bool(first == last)
