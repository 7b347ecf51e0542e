"""What becomes of a run: histories made by hand on either side of each limit, and runs of the book.

That the laboratory gives the same verdicts on all of them is tested with its engine.
"""

import math

import numpy as np
import pytest
from histories import (
    BY_HAND,
    INF,
    ONCE_JUDGED_DIFFERENTLY,
    shaking,
    synthetic,
    with_nan_after_an_overflow,
)

import nnlib.outcome
from nnlib import Experiment, f1, f2, train
from nnlib.outcome import (
    LARGEST_EXPONENT,
    ZIGZAG,
    longest_zigzag,
    outcome,
    shaken_until,
    turns_in_succession,
    weights_oscillate,
)
from nnlib.report.claims import load
from nnlib.report.runs import trained


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


@pytest.mark.slow  # 2 s: all runs of the claims
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
