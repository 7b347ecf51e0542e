"""What the follow-up's measures mean, on histories made by hand: every answer they can give."""

import math

import numpy as np
import pytest

from nnlib import Experiment, f1, train
from nnlib.history import History
from nnlib.report import measures_1b as measures

SHORT = Experiment(f1, 3, 0.1, 5)


def synthetic(gradients=(), errors=None, *, U=None, V=None, rate=0.1):
    """A history with these gradients of V[0] and V[1], and everything else as it is given."""
    rows = np.array(gradients, dtype=float).reshape(-1, 2)
    errors = np.ones(len(rows) + 1) if errors is None else np.array(errors, dtype=float)
    n = len(errors)
    rows = rows if len(rows) else np.zeros((n - 1, 2))
    U = np.ones((n, 2, 2)) if U is None else np.array(U, dtype=float)
    V = np.ones((n, 3)) if V is None else np.array(V, dtype=float)
    grad_V = np.column_stack([rows, np.zeros(len(rows))])
    experiment = Experiment(f1, 3, rate, n - 1)
    return History(experiment, errors, errors, U, V, np.zeros((n - 1, 2, 2)), grad_V)


def turning(angles, norms=None):
    """Gradients that turn by these angles one after the other."""
    directions = np.cumsum([0, *angles])
    norms = np.ones(len(directions)) if norms is None else np.array(norms)
    return np.column_stack([norms * np.cos(directions), norms * np.sin(directions)])


def test_lowest_norm_and_its_growth():
    history = synthetic(turning([0, 0, 0], [3, 1, 2, 5]))
    assert measures.shortest_gradient(history) == 1
    assert measures.growth_of_the_gradient(history) == pytest.approx(5)
    assert measures.growth_of_the_gradient(synthetic(turning([0], [3, 1]))) == 1


def test_best_training_epoch():
    history = synthetic(errors=[3, 1, 2])
    assert measures.best_training_epoch(history) == 1


@pytest.mark.parametrize(
    ("angles", "norms", "answer"),
    [
        ([0.2, 0.1, 0.3, 0.4, 0.5], [5, 4, 3, 2, 3, 4], True),
        ([0.4, 0.3, 0.2, 0.1, 0.2], [5, 4, 3, 2, 3, 4], False),
        ([0.2, 0.1, 0.3, 0.4, 0.5], [6, 5, 4, 3, 2, 1], False),
    ],
)
def test_first_angle_then_norm_then_error(angles, norms, answer):
    history = synthetic(turning(angles, norms), [9, 8, 7, 6, 5, 4, 9])
    assert measures.first_angle_then_norm_then_error(history) is answer


def test_what_is_seen_in_the_calm():
    falling = np.linspace(3, 1, 800)
    angles = np.full(799, 0.01)
    angles[[10, 750]] = 1  # outside
    history = synthetic(turning(angles, falling))
    assert measures.largest_angle(history) == pytest.approx(np.degrees(0.01))
    assert measures.norm_falls(history) is True
    falling[100] = 4
    assert measures.norm_falls(synthetic(turning(angles, falling))) is False
    angles[400] = 1
    assert measures.largest_angle(synthetic(turning(angles))) == pytest.approx(np.degrees(1))


def test_typical_angle_at_the_end():
    history = synthetic(turning([0, 0, 3, 2, 2.5]), [5, 4, 3, 4, 5, 6, 7])
    assert measures.typical_angle_at_the_end(history) == pytest.approx(np.degrees(2.25))


def test_the_curvature_of_a_run_that_stands_still():
    history = train(Experiment(f1, 3, 1e-9, 720))
    assert measures.growth_of_the_sharpness(history) == pytest.approx(1)
    assert 0 < measures.largest_product(history) < 1e-8
    assert measures.growth_of_the_sharpness(train(Experiment(f1, 3, 1, 720))) > 1.2


def test_falls_until_lowest():
    assert measures.falls_until_lowest(synthetic(errors=[3, 2, 1, 2])) is True
    assert measures.falls_until_lowest(synthetic(errors=[3, 4, 1, 2])) is False


def test_ratios():
    one = synthetic(errors=[3, 1, 2], rate=0.4)
    other = synthetic(errors=[3, 2, 2, 1, 1], rate=0.2)
    assert measures.ratio_of_rates(one, other) == 2
    assert measures.ratio_of_best_epochs(one, other) == 3
    assert measures.times_as_fast(one, other) == 2
    assert measures.times_as_fast(other, synthetic(errors=[5, 2])) is None


def test_oscillates_later():
    assert measures.oscillates_later(train(Experiment(f1, 2, 1, 200))) is True
    assert measures.oscillates_later(train(Experiment(f1, 2, 1, 1000))) is False  # it does already
    assert measures.oscillates_later(train(Experiment(f1, 2, 0.1, 200))) is False


def test_start_of_the_faster_fall():
    rates = np.full(10_000, 1e-4)
    rates[6000:8000] = 1e-3
    history = synthetic(errors=np.exp(-np.cumsum([0, *rates])))
    assert measures.start_of_the_faster_fall(history) == 6000


def test_first_two_apart():
    U = np.ones((2, 2, 2))
    assert measures.first_two_apart(synthetic(errors=[1, 1], U=U)) == 0
    U[-1, 1] = -1
    assert measures.first_two_apart(synthetic(errors=[1, 1], U=U)) == pytest.approx(2)


def test_equal_neurons_stay_equal(monkeypatch):
    history = synthetic(errors=np.ones(21))
    assert measures.equal_neurons_stay_equal(history) is True

    class Unequal(measures.LossGradient):
        def __call__(self, U, V):
            loss, grad_U, grad_V = super().__call__(U, V)
            grad_U[0, 0] *= 1 + 1e-15
            return loss, grad_U, grad_V

    monkeypatch.setattr(measures, "LossGradient", Unequal)
    assert measures.equal_neurons_stay_equal(history) is False


def test_larger_weights():
    history = train(Experiment(f1, 3, 0.1, 1000))
    assert measures.ratio_of_duplicates(history) > 10
    assert 0.5 < measures.same_shape_from_larger_weights(history) < 1


@pytest.mark.parametrize(
    ("measure", "above"),
    [
        (measures.more_neurons_after_1000, True),
        (measures.more_neurons_after_50000, False),
        (measures.more_waves_after_50000, False),
        (measures.smaller_rate_after_1000, True),
        (measures.smaller_rate_after_50000, True),
    ],
)
def test_ratios_of_replicates_have_their_interval(measure, above):
    value, low, high = measure()
    assert 0 < low <= value <= high < math.inf
    assert (low > 1) is above


def test_an_interval_may_leave_it_open():
    value, low, high = measures.more_waves_after_1000()
    assert low < value < 1 < high
