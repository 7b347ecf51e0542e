"""What would make each claim of Experiment 1B false: see `test_counterexamples`."""

import numpy as np
from counterexamples_1a import off_by_one, runs
from test_measures_1b import CALM_RUN, OSCILLATING, synthetic, turning

from nnlib import Experiment, f1, get_initial_weights, train
from nnlib.report import measures_1b as measures
from nnlib.report.claims import load


def norm_before_angle(claim, patch):
    """Gradients whose norm rises before they turn."""
    return (synthetic(turning([0.4, 0.3, 0.2, 0.1, 0.2], [5, 4, 3, 2, 3, 4]), range(9, 2, -1)),)


def turning_once(claim, patch):
    """Gradients that turn by two degrees in the middle of the calm, and nowhere else."""
    angles = np.zeros(799)
    angles[400] = np.radians(2)
    return (synthetic(turning(angles)),)


def rising_once(claim, patch):
    """Gradients that shrink but for one epoch in the middle of the calm."""
    norms = np.linspace(3, 1, 800)
    norms[400] = 4
    return (synthetic(turning(np.zeros(799), norms)),)


def shortest_one_late(claim, patch):
    """Gradients that are shortest at the epoch after that of the claim."""
    norms = np.full(1000, 2.0)
    norms[int(claim.value) + 1] = 1
    return (synthetic(turning(np.zeros(999), norms)),)


def calm_until(epochs):
    """A stable run, whose error is lowest at its last epoch, so many after its first."""
    return synthetic(errors=np.linspace(2, 1, epochs + 1))


def apart_for_once(claim, patch):
    """Neurons that are equal at the end, but not at an epoch before."""
    U = np.ones((4, 2, 2))
    U[1, 1] = -1
    return (synthetic(errors=np.ones(4), U=U),)


def always_apart(claim, patch):
    """Neurons that cannot separate, since they were never alike."""
    U = np.ones((4, 2, 2))
    U[:, 1] = -1
    return (synthetic(errors=np.ones(4), U=U),)


def opposite(claim, patch):
    """Neurons 0 and 1 opposite to each other at the end."""
    U = np.ones((2, 2, 2))
    U[-1, 1] = -1
    return (synthetic(errors=[1, 1], U=U),)


def falls_earlier(claim, patch):
    """An error that falls ten times as fast from epoch 12000 on as before, not from 15000 on."""
    rates = np.full(40_000, 1e-4)
    rates[12_000:] = 1e-3
    return (synthetic(errors=np.exp(-np.cumsum([0, *rates]))),)


def uneven_trainer(claim, patch):
    """A trainer that moves one of two equal neurons by a bit."""

    def uneven(experiment, weights, arithmetic):
        U, V = weights[0].copy(), weights[1]
        U[1] *= 1 + 1e-15
        return train(experiment, weights=(U, V), arithmetic=arithmetic)

    patch.setattr(measures, "train", uneven)
    return (CALM_RUN,)


def other_curves(claim, patch):
    """Larger weights from which the curves run the other way."""
    U, V = CALM_RUN.U, CALM_RUN.V
    turned = synthetic(errors=np.ones(len(U)), U=-U, V=-V)
    patch.setattr(measures, "_both_sizes", lambda history: [(history, turned)] * 30)
    return (CALM_RUN,)


def no_larger(claim, patch):
    """Weights that are not larger, and so make no difference."""
    patch.setattr(measures, "LARGER", 1)
    return (train(Experiment(f1, 3, 0.1, 20)),)


def alike(claim, patch):
    """Replicates whose errors are the same with every size and rate."""
    table = 1 + np.arange(70).reshape(10, 7) / 1000
    patch.setattr(measures.budgets, "load", lambda experiment: table)
    return ()


def swapped(claim, patch):
    """Replicates in which more neurons, or a small rate, are better early and worse late."""
    early = np.arange(7) < 3

    def load_swapped(experiment):
        slow = (experiment.h + 1 / experiment.learning_rate) / 5
        return np.tile(np.where(early, 1 / slow, slow), (10, 1))

    patch.setattr(measures.budgets, "load", load_swapped)
    return ()


EQUAL_U, EQUAL_V = get_initial_weights(3)
EQUAL_U[1], EQUAL_V[0, 1] = EQUAL_U[0], EQUAL_V[0, 0]
EXACT_COPIES = train(Experiment(f1, 3, 0.4, 1000), weights=(EQUAL_U, EQUAL_V))
SHAKING = train(Experiment(f1, 3, 1.2, 711))
STANDING_STILL = train(Experiment(f1, 3, 1e-9, 60))
SAME = synthetic(errors=[2, 1])

COUNTEREXAMPLES = {
    **{claim.id: off_by_one for claim in load("1B") if claim.kind == "digits"},
    "1b-angle-norm-error-f1": norm_before_angle,
    "1b-angle-norm-error-f2": norm_before_angle,
    "1b-aligned": turning_once,
    "1b-norm-falls": rising_once,
    "1b-too-small": runs(SHAKING),
    "1b-merely-too-small": runs(SHAKING),
    "1b-always-turning": runs(synthetic(turning([0, 0, 3, 2, 1.5]), [5, 4, 3, 4, 5, 6, 7])),
    "1b-600": runs(synthetic(turning([0, 0], [3, 1, 500]))),
    "1b-uneven": runs(STANDING_STILL),
    "1b-norm-lowest": shortest_one_late,
    "1b-train-lowest": off_by_one,
    "1b-test-lowest": off_by_one,
    "1b-oscillates-04": runs(CALM_RUN),
    "1b-oscillates-03": runs(CALM_RUN),
    "1b-stable-02": runs(OSCILLATING),
    "1b-onset-04": runs(calm_until(9000)),
    "1b-onset-03": runs(calm_until(34_000)),
    "1b-onsets": runs(OSCILLATING, OSCILLATING),
    "1b-later-02": runs(calm_until(60_000)),
    "1b-rates-farther": runs(*(train(Experiment(f1, 2, n / 10, 100)) for n in (2, 3, 4))),
    "1b-fig4a-falls": runs(synthetic(errors=np.full(51, 1.0))),
    "1b-h2-stagnates": runs(calm_until(50)),
    "1b-third-helps": runs(synthetic(errors=[3, 2]), synthetic(errors=[3, 1, 2.5])),
    "1b-parted-04": runs(EXACT_COPIES),
    "1b-parted-02": always_apart,
    "1b-higher-rate-stable": runs(OSCILLATING),
    "1b-higher-rate-faster": runs(synthetic(errors=[3, 1]), synthetic(errors=[3, 2])),
    "1b-higher-rate": runs(SAME, SAME),
    "1b-fig5-faster": falls_earlier,
    "1b-fig5-near": opposite,
    "1b-equal-stay": uneven_trainer,
    "1b-nearly-equal": apart_for_once,
    "1b-nearly-equal-own": apart_for_once,
    "1b-fig6-similar": other_curves,
    "1b-fig6-apart": no_larger,
    "1b-fig6-better": no_larger,
    "1b-far-better-f1": runs(SAME, SAME),
    "1b-far-better-f2": runs(SAME, SAME),
    "1b-unpredictable": runs(synthetic(errors=1 / np.arange(1.0, 1001))),
    "1b-neurons-slower-f1": swapped,
    "1b-neurons-farther-f1": swapped,
    "1b-neurons-slower-f2-12": swapped,
    "1b-neurons-slower-f2-20": swapped,
    "1b-neurons-farther-f2": swapped,
    "1b-rates-slower": swapped,
    "1b-rates-farther-alike": alike,
}
