"""Bursts are found in errors that are made up, and do not depend on where the line is drawn."""

import numpy as np
import pytest

from nnlib import Experiment, f1, f2, train
from nnlib.oscillation.bursts import CALM, find_bursts


def _errors(epochs, *rising):
    """An error that falls by a hundredth at every epoch, and rises after some of them."""
    factors = np.full(epochs, 0.99)
    factors[list(rising)] = 1.02
    return np.cumprod([1.0, *factors])


def test_no_burst():
    assert find_bursts(_errors(200)) == []
    assert find_bursts(np.ones(50)) == []
    assert find_bursts([1.0]) == []
    assert find_bursts([]) == []
    # Not a rise of the error, but of its last digits.
    noise = 1e-15 * np.random.default_rng(1).normal(size=500)
    assert find_bursts(1 + noise) == []


def test_one_burst_and_its_ends():
    assert find_bursts(_errors(200, 50)) == [(50, 51)]
    assert find_bursts(_errors(200, *range(50, 90, 2))) == [(50, 89)]
    assert find_bursts(_errors(200, 0, 1)) == [(0, 2)]
    assert find_bursts(_errors(100, 99)) == [(99, None)]


def test_how_long_a_calm_ends_it():
    assert find_bursts(_errors(200, 50, 51 + CALM)) == [(50, 51), (51 + CALM, 52 + CALM)]
    assert find_bursts(_errors(200, 50, 50 + CALM)) == [(50, 51 + CALM)]
    later = 51 + CALM
    assert find_bursts(_errors(200, 50, later, later + 5)) == [(50, 51), (later, later + 6)]
    assert find_bursts(_errors(51 + CALM, 50)) == [(50, 51)]
    assert find_bursts(_errors(50 + CALM, 50)) == [(50, None)]
    assert find_bursts(_errors(200, 50, 60), calm=5) == [(50, 51), (60, 61)]


def test_after_an_overflow():
    errors = [*_errors(40, *range(20, 40)), np.inf, np.nan, np.nan]
    assert find_bursts(errors) == [(20, None)]


@pytest.mark.parametrize(
    "experiment",
    [Experiment(f1, 3, 1, 1000), Experiment(f1, 8, 1, 1000), Experiment(f2, 12, 0.1, 400)],
    ids=repr,
)
def test_in_real_runs_the_line_may_be_drawn_elsewhere(experiment):
    errors = train(experiment).train_error[:-30]
    found = find_bursts(errors)
    assert len(found) >= 2
    for calm in range(12, 24):
        assert [start for start, _ in find_bursts(errors, calm)] == [start for start, _ in found]


def test_bad_input():
    for calm in (0, -1, 2.5, None):
        with pytest.raises(ValueError, match=f"calm must be an integer, at least 1, got {calm}"):
            find_bursts([1.0, 2.0], calm)
    with pytest.raises(
        ValueError, match=r"errors must be one row of numbers, got the shape \(2, 1"
    ):
        find_bursts([[1.0], [2.0]])
