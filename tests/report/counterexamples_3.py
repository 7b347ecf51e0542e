"""What would make each claim of Experiment 3 false: see `test_counterexamples`."""

import numpy as np

from nnlib.data import excess


def noisy(times=1.0, bends=0.0, biased=1.0, counts=3.0):
    """A function that gives runs some times the foretold variance of so many weights.

    Of these with `bends` it grows as σ to that power more; the bias is some times the foretold.
    """

    def patched(claim, patch):
        def foretold(one, copies=False):
            variance = counts / (2 * one.start.samples)
            return np.full((3, 20, 1), [[[1.0]], [[variance]], [[counts]]])

        def load(one, noise, copies=False):
            variance = times * noise ** (2 + bends) * foretold(one)[1]
            return excess.Seen(biased + variance, variance)

        patch.setattr(excess, "load_foretold", foretold)
        patch.setattr(excess, "load", load)
        return ()

    return patched


def fitted(weights):
    """A function that gives all best fits the excess error of so many weights."""

    def patched(claim, patch):
        patch.setattr(excess, "load_best", lambda one: np.full(excess.FITS, float(weights)))
        return ()

    return patched


COUNTEREXAMPLES = {
    "3-noise-foretold": noisy(times=1.5),
    "3-noise-count": noisy(counts=7.0),
    "3-noise-square-f1": noisy(bends=0.2),
    "3-noise-square-f2": noisy(bends=0.2),
    "3-noise-bias": noisy(biased=1.5),
    "3-noise-few": noisy(),
    "3-noise-saddle": noisy(),
    "3-noise-sizes": noisy(times=3.0),
    "3-noise-copies": noisy(counts=7.0),
    "3-noise-best-f1": fitted(5),
    "3-noise-best-f1-3": fitted(4),
    "3-noise-best-f2": fitted(20),
    "3-noise-best-few": fitted(10),
}
# Something for which a claim that did not come out would have.
EXAMPLES = {
    "3-noise-bias": noisy(),
    "3-noise-few": noisy(times=1.5),
    "3-noise-copies": noisy(),
}
