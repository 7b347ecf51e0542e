"""What becomes of a run: histories made by hand on either side of each limit, and runs of the book.

That the laboratory gives the same verdicts on all of them is tested with its engine.
"""

import math

import numpy as np
import pytest
from test_measures import INF, NAN, synthetic

import nnlib.outcome
from nnlib import Experiment, f1, f2, train
from nnlib.outcome import (
    LARGEST_EXPONENT,
    SEEN,
    ZIGZAG,
    longest_zigzag,
    outcome,
    shaken_until,
    turns_in_succession,
    weights_oscillate,
)
from nnlib.report.claims import load
from nnlib.report.runs import trained

# Of the runs of the chapters, their exercises and the account's validation, those that were judged
# differently by the laboratory, when it had a rule of its own.
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


@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand(name):
    history, becomes, until = BY_HAND[name]
    assert (outcome(history), shaken_until(history)) == (becomes, until)


def test_the_longest_zigzag_by_hand():
    def longest(*args, **options):
        return longest_zigzag(shaking(*args, **options)).tolist()

    assert longest(20, 60, best=10) == [0, 0, 0, 0, 41, 0, 0]
    assert longest(20, 60, best=30, which=2) == [0, 0, 0, 0, 0, 0, 30]
    assert longest(20, 60, best=70) == [0] * 7
    assert longest(20, 95, best=100) == [0, 0, 0, 0, 76, 0, 0]  # up to the end, it counts in full
    assert longest_zigzag(with_nan_after_an_overflow()).tolist() == [0, 0, 0, 0, 30, 0, 0]


def test_the_turns_by_hand():
    """A step of 1 beside a tiny one is seen where the weight is small, not where it is 1."""
    V = np.ones((6, 3))
    V[:, 1] = [2e-4, -1e-4, 0, -1e-9, 1, 1 - 1e-9]
    turns = turns_in_succession(synthetic([1] * 6, V=V))
    assert turns.shape == (4, 7)
    assert turns[:, 5].tolist() == [1, 2, 3, 0]
    assert not turns[:, [0, 1, 2, 3, 4, 6]].any()
    for epochs, rows in ((0, 0), (1, 0), (2, 1)):
        assert turns_in_succession(synthetic([1] * (epochs + 1))).shape == (rows, 7)


@pytest.mark.parametrize(("turns", "oscillate"), [(10, False), (11, True)])
def test_all_weights_oscillate_if_the_calmest_does(turns, oscillate):
    other, calmest = (shaking(20, 19 + n, best=10).V[:, 0] for n in (30, turns))
    U = np.ones((101, 2, 2)) * other[:, None, None]
    V = np.stack([other, calmest, other], axis=1)
    history = synthetic(shaking(20, 60, best=10).test_error, U=U, V=V)
    assert weights_oscillate(history) == oscillate


@pytest.mark.parametrize(
    "experiment", [e for e in ONCE_JUDGED_DIFFERENTLY if e.epochs < 9000], ids=str
)
def test_the_runs_that_had_two_verdicts(experiment):
    history = trained(experiment)
    assert (outcome(history), shaken_until(history)) == ONCE_JUDGED_DIFFERENTLY[experiment]


def test_the_end_is_judged_and_not_the_luck_of_its_last_epoch():
    """Of a run that shakes, the lowest error may be any of the last ones."""
    history = trained(Experiment(f1, 3, 1.49, 1000))
    assert (np.diff(history.train_error) > 0).sum() > 490
    assert history.best_epoch == 999
    for epochs in range(990, 1001):
        assert outcome(trained(Experiment(f1, 3, 1.49, epochs))) == "oscillation"


def test_rounding_alone_is_no_oscillation():
    # A single sample, learned to its last digit.
    history = train(Experiment(f2, 2, 0.8, 1000).starting(samples=1))
    assert history.train_error[-1] < 1e-30
    steps = np.diff(history.V[-500:, 1])
    assert (steps[1:] * steps[:-1] < 0).all()
    assert (outcome(history), shaken_until(history)) == ("stable", None)


@pytest.mark.parametrize(
    ("name", "values"), [("ZIGZAG", (2, 5, 20, 50, 100)), ("SEEN", (0, 1e-9, 1e-3, 0.02))]
)
def test_the_outcomes_of_the_claims_do_not_depend_on_the_limits(monkeypatch, name, values):
    for claim in (*load(), *load("1B")):
        if claim.measure == "outcome":
            (experiment,) = claim.experiments
            history = trained(experiment, claim.arithmetic)
            found = {outcome(history)}
            for value in values:
                with monkeypatch.context() as other:
                    other.setattr(nnlib.outcome, name, value)
                    found.add(outcome(history))
            assert len(found) == 1, claim.id


def test_the_limits():
    assert 2.0**-ZIGZAG < 1e-3
    assert math.exp(LARGEST_EXPONENT) < INF
    with pytest.raises(OverflowError):
        math.exp(np.nextafter(LARGEST_EXPONENT, INF))
