"""Copies: their curvature against the Hessian, their difference against the run, and the flow."""

import numpy as np
import pytest

from nnlib import (
    Experiment,
    f1,
    f2,
    get_new_random_dataset,
    get_new_random_weights,
    get_train_set,
    train,
)
from nnlib.hessian import hessian
from nnlib.landscape.copies import (
    difference,
    difference_curvature,
    predicted_difference,
    predicted_from_copies,
)
from nnlib.landscape.flow import critical_point, gradient, gradient_flow
from nnlib.network import forward_pass, loss, pack, unpack


def _copies(h=4):
    """A network whose hidden neurons 0 and 2 are equal, and a dataset."""
    U, V = get_new_random_weights(h, rng=h)
    U, V = 100 * U, 100 * V[0]
    U[2], V[2] = U[0], V[0]
    return U, V, *get_new_random_dataset(f2, 40, rng=h)


def test_the_curvature_is_that_of_the_hessian_along_the_difference():
    U, V, x, y = _copies()
    apart = np.zeros((3, 10))
    apart[[0, 1, 2], [0, 4, 7]] = 0.5**0.5
    apart[[0, 1, 2], [2, 6, 9]] = -(0.5**0.5)
    expected = apart @ hessian(U, V, x, y) @ apart.T
    found = difference_curvature(U, V, 0, 2, x, y)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14 * abs(expected).max())
    other = difference_curvature(U, V, 0, 1, x, y)  # these are no copies
    assert not np.allclose(other, expected, rtol=0.1)


def test_a_stack_of_networks_gives_a_stack_of_curvatures():
    U, V, x, y = _copies()
    stacked = difference_curvature(np.stack([U, 2 * U]), np.stack([V, V]), 0, 2, x, y)
    for found, scale in zip(stacked, (1, 2), strict=True):
        np.testing.assert_array_equal(found, difference_curvature(scale * U, V, 0, 2, x, y))


def test_without_error_there_is_no_force():
    U, V, x, _ = _copies()
    assert not difference_curvature(U, V, 0, 2, x, forward_pass(U, V, x)).any()


def test_the_difference_is_predicted_as_long_as_it_is_small():
    history = train(Experiment(f1, 3, 0.1, 1000))
    found, predicted = difference(history, 0, 1), predicted_difference(history, 0, 1)
    assert found.shape == predicted.shape == (1001, 3)
    assert np.all(np.linalg.norm(predicted - found, axis=1) < 3e-4 * np.linalg.norm(found, axis=1))
    U, V = get_new_random_weights(3, rng=1)
    apart = train(history.experiment, weights=(100 * U, 100 * V))
    found, predicted = difference(apart, 0, 1), predicted_difference(apart, 0, 1)
    assert np.linalg.norm(predicted[-1] - found[-1]) > 0.01 * np.linalg.norm(found[-1])


def test_m_copies_are_one_neuron_with_rates_of_its_own():
    history = train(Experiment(f1, 3, 0.1, 50), weights=(np.full((2, 2), 0.1), [[0.2, 0.2, 0.1]]))
    U, V = np.full((1, 2), 0.1), np.array([0.4, 0.1])
    for _ in range(50):
        _, slope = gradient(pack(U, V), *get_train_set(f1))
        grad_U, grad_V = unpack(slope, 2)
        U, V = U - 0.05 * grad_U, V - np.array([0.2, 0.1]) * grad_V
    np.testing.assert_allclose(history.U[-1, 0], U[0], rtol=1e-12)
    np.testing.assert_allclose(history.V[-1], [V[0] / 2, V[0] / 2, V[1]], rtol=1e-12)


@pytest.mark.parametrize(
    ("i", "j", "message"),
    [
        (0, 0, "i and j must be two neurons, got 0 twice"),
        (0, 3, r"j must be an integer between 0 and \d, got 3"),
        (-1, 1, r"i must be an integer between 0 and \d, got -1"),
        (True, 0, r"i must be an integer between 0 and \d, got True"),
        (0, 0.5, r"j must be an integer between 0 and \d, got 0.5"),
    ],
)
def test_pairs_that_are_none(i, j, message):
    U, V, x, y = _copies()
    with pytest.raises(ValueError, match=message):
        difference_curvature(U, V, i, j, x, y)
    with pytest.raises(ValueError, match=message):
        difference(train(Experiment(f1, 3, 0.1, 1)), i, j)


def test_the_flow_is_the_limit_of_small_steps():
    samples = get_train_set(f1)
    weights = pack(*(part * 10 for part in (lambda U, V: (U, V[0]))(*get_new_random_weights(3, 1))))
    flow = gradient_flow(weights, *samples, [0, 5, 20])
    np.testing.assert_array_equal(flow[0], weights)
    far = []
    for rate in (0.1, 0.05, 0.025):
        U, V = unpack(weights, 3)
        run = train(Experiment(f1, 3, rate, round(20 / rate)), weights=(U, V[None]))
        far.append(np.linalg.norm(pack(run.U[-1], run.V[-1]) - flow[-1]))
    # Euler's method is of the first order: half the step, half the error.
    np.testing.assert_allclose(np.divide(far[:-1], far[1:]), 2, rtol=0.2)


@pytest.mark.parametrize("times", [[], [-1.0, 2.0], [2.0, 1.0]])
def test_times_that_do_not_ascend(times):
    with pytest.raises(ValueError, match="ascend from 0"):
        gradient_flow(np.zeros(4), *get_train_set(f1), times)


def test_a_stuck_run_ends_in_a_minimum():
    samples = get_train_set(f2)
    U, V = get_new_random_weights(8, rng=1)
    (end,) = gradient_flow(pack(U, V[0]), *samples, [1e6])
    point = critical_point(end, *samples)
    value, slope = gradient(point, *samples)
    assert value == loss(forward_pass(*unpack(point, 8), samples[0]) - samples[1])
    assert value > 20
    assert np.linalg.norm(slope) < 1e-12
    eigenvalues = np.linalg.eigvalsh(hessian(*unpack(point, 8), *samples))
    assert eigenvalues[0] > 5e-7  # rounding leaves them uncertain by some 1e-14


def test_there_is_not_always_a_critical_point_near():
    samples = get_train_set(f2)
    U, V = get_new_random_weights(8, rng=1)
    with pytest.raises(RuntimeError, match="singular"):  # every sigmoid is 0 or 1
        critical_point(pack(1e6 * U, V[0]), *samples)


def test_the_difference_is_predicted_without_a_look_at_the_run():
    experiment = Experiment(f1, 3, 0.4, 3000)
    predicted, copies = predicted_from_copies(experiment, 0, 1)
    assert not difference(copies, 0, 1).any()
    found = difference(train(experiment), 0, 1)
    np.testing.assert_array_equal(predicted[0], found[0])
    off = np.linalg.norm(predicted - found, axis=1) / np.linalg.norm(found, axis=1)
    assert off.max() < 0.02
    U, V = get_new_random_weights(3, rng=1)
    found = difference(train(experiment, weights=(100 * U, 100 * V)), 0, 1)
    predicted, _ = predicted_from_copies(experiment, 0, 1, (100 * U, 100 * V))
    assert np.linalg.norm(predicted[-1] - found[-1]) > np.linalg.norm(found[-1])  # not small
    with pytest.raises(ValueError, match="j must be an integer between 0 and 1, got 2"):
        predicted_from_copies(experiment, 0, 2)
