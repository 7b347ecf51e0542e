"""What the ledger measures of the methods of Experiment 2, from studies that are kept.

As `nnlib.report.measures`. A share is of the starts of a study, with its interval; a run is lower
than another if its error on the interval is, from the same start.
"""

import numpy as np

from nnlib.methods import mass, steps
from nnlib.oscillation import momentum
from nnlib.oscillation.onset import threshold
from nnlib.randomness.statistics import median, proportion
from nnlib.targets import Target, f1, f2

__all__ = [
    "adaptive_lower_f1",
    "adaptive_lower_f2",
    "angle_forgives_f1",
    "angle_lower_f1",
    "armijo_lower_f1",
    "borwein_forgives_f1",
    "borwein_lower_f1",
    "borwein_lower_than_sharpness_f1",
    "borwein_stuck_f2",
    "calm_starts",
    "constant_forgives_f1",
    "cosine_lower_f1",
    "fewer_epochs_lower_f1",
    "fewer_epochs_lower_f2",
    "flow_from_there_stays_below",
    "flow_stays_below",
    "momentum_onsets",
    "momentum_shakes_as_foretold",
    "momentum_worst_onset",
    "settings_foretold",
    "sharpness_rises_f1",
    "smaller_rate_lower_f1",
    "smaller_rate_lower_f2",
    "starts_foretold",
    "stuck_with_momentum",
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
