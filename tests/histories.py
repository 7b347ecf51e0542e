"""Histories made by hand, and what becomes of them, for the tests of several subpackages."""

import math

import numpy as np

from nnlib import Experiment, f1, f2
from nnlib.history import History
from nnlib.outcome import LARGEST_EXPONENT, SEEN

NAN, INF = math.nan, math.inf

# Of the runs of the chapters, their exercises and the zigzag model's validation, those that were
# judged differently by the laboratory, when it had a rule of its own.
ONCE_JUDGED_DIFFERENTLY = {
    Experiment(f1, 5, 1, 1000): ("stable", 57),
    Experiment(f2, 7, 0.1, 1500): ("oscillation", 1499),
    Experiment(f2, 8, 0.01, 30): ("stable", None),
    Experiment(f2, 8, 0.1, 1000): ("stable", 355),
    Experiment(f2, 8, 1.5, 1000): ("overflow", 999),
    Experiment(f2, 10, 0.1, 4000): ("stable", 366),
    Experiment(f2, 12, 0.05, 1000): ("stable", 530),
    Experiment(f2, 12, 0.05, 2000): ("stable", 530),
    Experiment(f2, 12, 0.05, 10_000): ("stable", 530),
    Experiment(f2, 12, 0.1, 4000): ("stable", 352),
    Experiment(f2, 19, 0.05, 2000): ("stable", 694),
    Experiment(f2, 20, 0.05, 10_000): ("stable", 773),
    Experiment(f2, 20, 0.05, 40_000): ("stable", 773),
}


def synthetic(test_error=(1.0, 0.5), *, U=None, V=None, train_error=None, f=f1, h=3):
    """A history with these errors and weights; what is not given stays as it is, at one."""
    epochs = len(test_error) - 1
    U = np.ones((epochs + 1, h - 1, 2)) if U is None else np.array(U, dtype=float)
    V = np.ones((epochs + 1, h)) if V is None else np.array(V, dtype=float)
    return History(
        Experiment(f, h, 0.1, epochs),
        np.array(test_error, dtype=float),
        np.array(test_error if train_error is None else train_error, dtype=float),
        U,
        V,
        np.zeros((epochs, h - 1, 2)),
        np.zeros((epochs, h)),
    )


def shaking(first, last, *, best, epochs=100, size=0.01, which=0, base=1.0):
    """A run in which V[which] turns back from one epoch to another, and drifts before and after.

    With the lowest training error at epoch `best`.
    """
    steps = np.full(epochs, size)
    if last >= first:
        steps[first : last + 1] *= (-1.0) ** np.arange(1, last - first + 2)
        steps[last + 1 :] = steps[last]
    V = np.ones((epochs + 1, 3))
    V[:, which] = base + np.concatenate([[0], np.cumsum(steps)])
    error = np.full(epochs + 1, 0.9)
    error[0], error[best] = 1, 0.5
    return synthetic(error, V=V)


def weights(u=0.0, b=0.0):
    """A run of one epoch whose first neuron has these weights at its end."""
    U = np.ones((2, 2, 2))
    U[1, 0] = u, b
    return synthetic([1, 0.5], U=U)


JUST = LARGEST_EXPONENT
# A history, what becomes of it, and until when it shakes.
BY_HAND = {
    "no epoch": (synthetic([1]), "stable", None),
    "one epoch": (synthetic([1, 0.5]), "stable", None),
    "two epochs": (synthetic([1, 0.5, 0.4]), "stable", None),
    "nothing moves": (synthetic([1, 1, 1]), "stable", None),
    # ten turns, and eleven
    "ten turns after the best": (shaking(20, 29, best=10), "stable", None),
    "eleven turns after the best": (shaking(20, 30, best=10), "oscillation", 30),
    "ten turns at the end": (shaking(90, 99, best=100), "stable", None),
    "eleven turns at the end": (shaking(89, 99, best=100), "oscillation", 99),
    "every epoch of eleven": (shaking(1, 10, best=11, epochs=11), "stable", None),
    "every epoch of twelve": (shaking(1, 11, best=12, epochs=12), "oscillation", 11),
    # where they are
    "ten of many after the best": (shaking(20, 60, best=50), "stable", 60),
    "eleven of many after the best": (shaking(20, 60, best=49), "oscillation", 60),
    "settled before the best": (shaking(20, 60, best=80), "stable", 60),
    "settled ten epochs before the end": (shaking(20, 89, best=100), "stable", 89),
    "not settled before the last ten": (shaking(20, 90, best=100), "oscillation", 90),
    "shaking all along": (shaking(1, 99, best=100), "oscillation", 99),
    "in another weight": (shaking(20, 60, best=10, which=2), "oscillation", 60),
    # what a turn is
    "a weight that rests": (shaking(20, 60, best=10, size=0.0), "stable", None),
    "too small to be seen": (shaking(20, 60, best=10, size=0.99 * SEEN, base=1), "stable", None),
    "just seen": (shaking(20, 60, best=10, size=1.05 * SEEN, base=1), "oscillation", 60),
    "small beside a large weight": (shaking(20, 60, best=10, base=-1000), "stable", None),
    "around zero": (shaking(20, 60, best=10, size=1e-9, base=-2e-8), "oscillation", 60),
    # errors
    "the same error at the end": (synthetic([1, 0.5, 1]), "stable", None),
    "a higher error at the end": (synthetic([1, 0.5, np.nextafter(1, 2)]), "divergence", None),
    "only of the test": (synthetic([1, 0.5, 9], train_error=[1, 0.5, 0.4]), "stable", None),
    "only of training": (synthetic([1, 0.5, 0.4], train_error=[1, 0.5, 9]), "divergence", None),
    "an infinite error": (synthetic([1, INF, NAN, NAN]), "overflow", None),
    "of training": (synthetic([1, 0.5, 0.4], train_error=[1, 0.5, INF]), "overflow", None),
    "from the beginning": (synthetic([NAN, NAN]), "overflow", None),
    # 1 / (1 + exp(-z)), with inputs from -5 to 5
    "exp(-z) just fits": (weights(b=-JUST), "stable", None),
    "exp(-z) is too large": (weights(b=np.nextafter(-JUST, -INF)), "overflow", None),
    "exp(-z) is 0": (weights(b=9e9), "stable", None),
    "at the left end": (weights(u=142), "overflow", None),
    "at the right end": (weights(u=-142), "overflow", None),
    "not with this bias": (weights(u=142, b=1), "stable", None),
    "beyond all bounds": (weights(u=1e308, b=-1e308), "overflow", None),
}


def with_nan_after_an_overflow():
    history = shaking(20, 60, best=10)
    errors, V = history.test_error.copy(), history.V.copy()
    errors[50], errors[51:], V[51:] = INF, NAN, NAN
    return synthetic(errors, V=V)


BY_HAND["shaking when it overflows"] = (with_nan_after_an_overflow(), "overflow", 49)
