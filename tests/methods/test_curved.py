"""The study of steps that take the curvature into account."""

import numpy as np
import pytest

from nnlib import f1, f2
from nnlib.methods import curved
from nnlib.network import pack
from nnlib.training import train_quietly


@pytest.mark.parametrize("method", list(curved.METHODS)[:3])
def test_what_is_kept_of_a_run(method):
    one = curved.experiment(f1, method)
    row, parts = curved._measure(one, method, 3), curved._parts(one, method)
    run = train_quietly(one.starting(data=3, weights=1003))
    best = np.argmin(run.train_error)
    lowest = [run.train_error[: part + 1].min() for part in parts]
    # The fit sums the squares in another way, for the same weights.
    np.testing.assert_allclose(row[: len(parts)], lowest, rtol=1e-12)
    if method != "gauss-newton":  # of two errors that are alike, rounding decides which is lower
        np.testing.assert_array_equal(row[len(parts) :], pack(run.U[best], run.V[best]))


def test_the_fit_takes_the_steps_of_the_method():
    one = curved.experiment(f2, "gauss-newton").replaced(epochs=40).starting(data=1, weights=1001)
    run = train_quietly(one)
    best = np.argmin(run.train_error)
    fitted = curved._fit(one, pack(run.U[0], run.V[0]), [40])[1:]
    np.testing.assert_array_equal(fitted, pack(run.U[best], run.V[best]))


def test_what_a_step_costs():
    assert curved.cost(3, "gauss-newton") == (7 + 7 * 8 / 2) / 7
    assert curved.cost(8, "gauss-newton") == (22 + 22 * 23 / 2) / 22
    assert curved.cost(8, "lbfgs") == curved.cost(8, "descent") == 1


def test_other_settings_are_in_the_experiment():
    one = curved.experiment(f2, "gauss-newton", "glorot", 1e-6, curved.NUDGE)
    assert (one.start.start, one.start.scale, one.optimizer.damping) == ("glorot", 1.001, 1e-6)


def test_what_is_not_kept_is_refused():
    with pytest.raises(ValueError, match="has no runs"):
        curved.load(f1, "descent", "spread")


def test_descent_goes_first():
    one = curved.experiment(f2, "descent first")
    row = curved._measure(one, "descent first", 1)
    run = train_quietly(one.starting(data=1, weights=1001))
    assert row[5] < row[0] < run.train_error[-1]
    np.testing.assert_array_equal(
        row, curved._fit(run.experiment, pack(run.U[-1], run.V[-1]), [10, 20, 40, 80, 160, 400])
    )
