"""What would make each claim of Experiment 1A false: see `test_counterexamples`."""

from types import SimpleNamespace

import numpy as np
from test_measures import ALIKE, APART, curves, eight, synthetic, zigzag

from nnlib import Experiment, f1, f2, get_initial_weights, get_train_set, reference
from nnlib.network import LossGradient
from nnlib.report import measures
from nnlib.report.claims import load
from nnlib.report.runs import trained

RNG = np.random.default_rng(1)
SCATTER = np.exp(RNG.normal(size=200))  # errors whose logarithms have a standard deviation of 1


def runs(*histories):
    """What a measure of histories takes: these."""
    return lambda claim, patch: histories


def other(*taken, **names):
    """The same, and other values for some names of the measures."""

    def take(claim, patch):
        for name, value in names.items():
            patch.setattr(measures, name, value)
        return taken

    return take


def off_by_one(claim, patch):
    """A run whose number is off by one in the last printed place."""
    if claim.kind == "epoch":
        errors = np.full(2 * int(claim.value), 2.0)
        errors[int(claim.value) + 1] = 1
        return (synthetic(errors),)
    mantissa, _, exponent = claim.value.partition("e")
    place = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return (synthetic([1e9, claim.number + place]),)


def another_outcome(claim, patch):
    """A run that oscillates, if the claim is that it is stable; and a stable one otherwise."""
    return (zigzag(30) if claim.value == "stable" else synthetic([3, 2, 1]),)


def fits(error, *histories):
    """The same lowest error for the fits of all sizes, or one that depends on the size."""
    found = error if callable(error) else lambda h: error
    load = lambda f, h: SimpleNamespace(errors=np.array([found(h), 99]))  # noqa: E731
    return other(*histories, load_fits=load)


def replicates_on_both_sides(claim, patch):
    """Replicates of two kinds: half of them far below the number, half far above it."""
    low, high = claim.number * SCATTER[:100] ** 0.2 / 6, claim.number * SCATTER[100:] ** 0.2 * 6
    errors = np.concatenate([low, high])
    rows = {"last_error": errors, "lowest_error": errors}
    patch.setattr(measures, "_replicates", lambda experiment: rows)
    return claim.experiments


def wrong_gradient(e, X, H, V):
    """Of the loss with respect to both weights, one percent off."""
    return tuple(1.01 * grad for grad in reference.back_propagate(e, X, H, V))


class Undivided(LossGradient):
    """The gradient and the loss, summed over the samples."""

    def __call__(self, U, V):
        return tuple(self._x.size * part for part in super().__call__(U, V))


def scatter(datasets, weights, both):
    """Last errors that scatter so much with new datasets, with new weights, and with both."""
    spreads = {(True, False): datasets, (False, True): weights, (True, True): both}
    return other(
        last_errors=lambda name, new, interval=False: (
            SCATTER ** spreads["train" in new, "weights" in new]
        )
    )


def scatter_by_size(usual, larger, stuck=(0, 0)):
    """Last errors that scatter so much with the usual initial weights, and with the largest.

    Beside those of so many more runs that are stuck.
    """
    largest = f"-{measures.SCALES[-1]}"

    def load(name):
        which = name.endswith(largest)
        spread = (usual, larger)[which]
        return {"last_error": np.append(SCATTER**spread, np.full(stuck[which], 25.0))}

    return other(load_condition=load)


def like_chance_or_less(claim, patch):
    """Four replicates, every other stuck: each has equal neurons, far from those of the others."""
    diagonals = np.array([[1, 1, 1], [1, 1, -1], [1, -1, 1], [-1, 1, 1]])
    return paths_of(
        np.tile((np.arange(1, 5)[:, None] * diagonals)[:, None, None], (1, 7, 5, 1)), patch
    )


def all_alike(claim, patch):
    """Eight replicates, every other stuck, with the same seven neurons that are far apart."""
    return paths_of(np.tile(np.random.default_rng(2).normal(size=(7, 1, 3)), (8, 1, 5, 1)), patch)


def paths_of(neurons, patch):
    """Put these neurons in place of those of the replicates that are compared."""
    patch.setattr(measures, "PATHS", len(neurons))
    patch.setattr(measures, "likeness", measures.likeness.__wrapped__)  # without what it has kept
    patch.setattr(measures, "paths", lambda runs: neurons)
    ends = SimpleNamespace(last_error=2), SimpleNamespace(last_error=25)
    patch.setattr(measures, "replica", lambda _, index, **__: ends[index % 2])
    patch.setattr(measures, "train_quietly", lambda end: end)
    return ()


def momentum(plain, with_it):
    """Twenty replicates that are all alike: a plain run, and that with momentum."""
    return other(synthetic(), beside_momentum=lambda experiment: [(plain, with_it)] * 20)


def trained_on(x):
    """Standard datasets with these inputs."""
    return other(get_train_set=lambda f: (x, f(x)))


def weights_of(size):
    """Initial weights of this size, the same for all h."""
    return other(get_initial_weights=lambda h: (np.full((h - 1, 2), size), np.full((1, h), size)))


T = np.arange(1001.0)
FALLING = synthetic(1 / (1 + T))
BURST = 0.0008 * np.append(np.exp(np.linspace(7, 0, 755)), np.exp(np.linspace(0, 4, 246)))
ROWS_APART = np.ones((2, 4, 2)) * [[[1], [1], [1], [0.8]]]

COUNTEREXAMPLES = {
    **{
        claim.id: off_by_one
        for claim in load()
        if claim.kind in ("digits", "epoch") and claim.experiments
    },
    **{claim.id: another_outcome for claim in load() if claim.kind == "outcome"},
    **{claim.id: replicates_on_both_sides for claim in load() if claim.kind == "distribution"},
    # Section 2
    "interval": trained_on(np.array([0, 5.1])),
    "fig1-f1": other(f1=lambda x: np.exp(-x / 5)),
    "fig1-f2": other(f2=lambda x: np.cos(x) * (25 - x**2)),
    "train-size": trained_on(np.zeros(999)),
    "test-size": other(get_test_set=lambda f: (np.zeros(101), np.zeros(101))),
    "fig2-shapes": other(get_initial_weights=lambda h: get_initial_weights(h + 1)),
    "small-weights": weights_of(0.06),
    **dict.fromkeys(
        ("equation-1", "equation-2"),
        other(
            reference=SimpleNamespace(
                forward_pass=reference.forward_pass, back_propagate=wrong_gradient
            )
        ),
    ),
    "dataset-size": other(LossGradient=Undivided),
    "undivided": runs(trained(Experiment(f1, 3, 1e-4, 100))),
    # Section 3
    "standard-same": other(get_train_set=lambda f: tuple(np.flip(get_train_set(f), axis=1))),
    "weights-by-h": weights_of(0.01),
    "exactly-the-same": runs(trained(Experiment(f1, 3, 1, 1000))),
    # Section 4.1
    "stable-750": runs(synthetic(1 + abs(T - 600))),
    "fig3-drop": runs(synthetic([9, 1, 5])),
    "fig3bc": runs(synthetic([9, 2, 1])),
    "fig3de": runs(zigzag(30)),
    "smaller-rate-better": runs(synthetic([4, 1]), synthetic([4, 1, 1.5])),
    "fig4-fig3": runs(FALLING, synthetic(1 / (1 + np.arange(10001) / 12))),
    "momentum-faster-f1": momentum(synthetic([4, 2, 1]), synthetic([4, 3, 1])),
    "momentum-faster-f2": momentum(synthetic([4, 2, 1]), synthetic([4, 3, 2])),
    "momentum-calmer-f1": momentum(zigzag(10), zigzag(30)),
    "momentum-calmer-f2": momentum(zigzag(10), zigzag(10)),
    "duplicates-3": runs(synthetic(U=ROWS_APART, h=5)),
    "remove-duplicate": runs(synthetic(U=ROWS_APART, h=5)),
    "h2-improves": runs(synthetic([1, 0.5]), synthetic([1, 0.4])),
    "V0-doubles": runs(synthetic(), synthetic()),
    "shape-3-2": runs(curves(), curves(turned=True)),
    "grow-3-2": runs(curves(), curves(2, 0.7)),
    "shape-3-5": runs(curves(), curves(turned=True)),
    "shrink-3-5": runs(curves(), curves(0.5, 1.5)),
    "bias-less-3-2": runs(curves(), curves(1.1, 1.5)),
    "bias-less-3-5": runs(curves(), curves(0.9, 0.5)),
    "bias-less-3-2-end": runs(curves(), curves(1.1, 1.5)),
    "bias-less-3-5-end": runs(curves(), curves(0.9, 0.5)),
    "duplicates-5": runs(synthetic(U=ROWS_APART, h=5)),
    "performance-drop": runs(*(synthetic([9, last]) for last in (1, 2, 4, 3))),
    "more-weights": runs(*(synthetic(h=h) for h in (2, 3, 5, 5))),
    "fig5-fig4": runs(synthetic([4, 3, 2]), synthetic([4, 3, np.nextafter(2, 3), 1])),
    # Section 4.2
    "underfitting": runs(synthetic([9, 4])),
    "stagnation-3": runs(synthetic(10 - T / 200)),
    "h-improves": runs(synthetic([76, 49]), synthetic([76, 48]), synthetic([76, 10])),
    "early-duplicates": runs(eight(ALIKE, APART, since=300)),
    "early-opposite": runs(eight(ALIKE, APART, since=300)),
    "late-different": runs(eight(ALIKE, ALIKE)),
    "complexity-3": fits(0.5, synthetic(f=f2), synthetic(f=f2, h=8)),
    "complexity-3-shown": fits(1.0, synthetic(f=f2)),
    "complexity-8": fits(0.01, synthetic(f=f2, h=8)),
    "complexity-few": fits(0.5, synthetic(f=f2, h=8), synthetic(f=f2, h=4)),
    "complexity-f2": fits(lambda h: 200.0 / h**3, synthetic(f=f2)),
    "fig7-sensible": runs(synthetic([76, 40])),
    "half-rate-same": runs(FALLING, synthetic(1 / (1 + T / np.where(T < 600, 2, 2.5)))),
    "half-rate-late": runs(synthetic(2 - T / 1000)),
    "half-rate-not-much": runs(synthetic([9, 2]), synthetic([9, 1])),
    "h12-halves": runs(synthetic([9, 2]), synthetic([9, 1.2])),
    "results-vary": scatter(0.1, 0.1, 0.1),
    "data-matter-more": scatter(0.1, 0.5, 0.5),
    "data-matter-more-interval": scatter(0.1, 0.5, 0.5),
    "both-matter-more": scatter(0.5, 0.1, 0.4),
    "both-matter-more-interval": scatter(0.5, 0.1, 0.4),
    "similar-evolutions": like_chance_or_less,
    "similar-through": like_chance_or_less,
    "similar-mixed": like_chance_or_less,
    "footnote-5-f1": scatter_by_size(1, 0.5),
    "footnote-5-f2": scatter_by_size(0.5, 0.2, stuck=(50, 90)),
    "footnote-5-f2-stuck": scatter_by_size(0.2, 0.5, stuck=(90, 40)),
    # Section 5 and the appendix
    "all-duplicates": runs(synthetic(np.ones(301), U=np.tile(ROWS_APART[:1], (301, 1, 1)), h=5)),
    "fig9-follows": runs(synthetic(BURST, train_error=np.minimum.accumulate(BURST))),
}

# Of claims that do not come out, what would make them true.
EXAMPLES = {
    "exactly-the-same": runs(trained(Experiment(f1, 3, 0.1, 100))),
    "fig7a-last": runs(synthetic([76, 25.49031])),
    "fig7a-lowest": runs(synthetic([76, 3.53684, 25])),
    "text-lowest": runs(synthetic([76, 1.08891, 2])),
    "half-rate-same": runs(FALLING, synthetic(1 / (1 + T / 2))),
    "both-matter-more": scatter(0.5, 0.5, 0.8),
    "both-matter-more-interval": scatter(0.5, 0.5, 0.8),
    "similar-through": all_alike,
    "similar-mixed": all_alike,
    "footnote-5-f2-stuck": scatter_by_size(0.5, 0.2, stuck=(40, 90)),
    "bias-less-3-2-end": runs(curves(), curves(1.5, 1.1)),
    "bias-less-3-5-end": runs(curves(), curves(0.5, 0.9)),
    "momentum-calmer-f2": momentum(zigzag(30), zigzag(10)),
    "momentum-faster-f2": momentum(synthetic([4, 3, 1]), synthetic([4, 1, 1])),
    "all-duplicates": runs(synthetic(np.ones(301), U=np.ones((301, 4, 2)), h=5)),
    "complexity-3-shown": fits(80.0, synthetic(f=f2)),
    "complexity-8": fits(80.0, synthetic(f=f2, h=8)),
    "complexity-f2": fits(lambda h: 800.0 / h, synthetic(f=f2)),
}
