"""What is foretold from the path without noise, against runs with a little noise."""

import numpy as np
import pytest

from nnlib import Experiment, f1, f2, get_test_set, train
from nnlib.data import tangent
from nnlib.interval import interval_error, nodes
from nnlib.network import forward_pass, pack, unpack
from nnlib.start import Start

SEEN = [0, 1, 40, 300]


def moved(experiment, epoch, size=1e-5):
    """By how much the weights move for each unit of noise on each sample, from pairs of runs."""
    x, y = experiment.start.train_set(experiment.f)
    columns = []
    for n in range(x.size):
        ends = []
        for sign in (1, -1):
            noisy = y.copy()
            noisy[n] += sign * size
            run = train(experiment, train_set=(x, noisy), test_set=get_test_set(experiment.f))
            ends.append(pack(run.U, run.V)[epoch])
        columns.append((ends[0] - ends[1]) / (2 * size))
    return np.array(columns).T


@pytest.mark.parametrize(
    "text",
    [
        "f1 3 0.1 300 samples=9 data=1",
        "f1 3 0.1 300 samples=9 data=1 penalty=0.1",
        "f2 4 0.05 300 samples=12 data=2 start=spread",
    ],
)
def test_a_little_noise_moves_a_run_as_foretold(text):
    experiment = Experiment.parse(text)
    f, x = experiment.f, experiment.start.train_set(experiment.f)[0]
    found = tangent.foretell(experiment, SEEN)
    run = train(experiment)
    for k, epoch in enumerate(SEEN):
        row, D = pack(run.U, run.V)[epoch], moved(experiment, epoch)
        S = tangent.derivatives(row, x).T @ D
        between, parts = nodes()
        spread = (tangent.derivatives(row, between).T @ D) ** 2
        np.testing.assert_allclose(found.trace[k], np.trace(S), rtol=1e-5, atol=1e-8)
        np.testing.assert_allclose(found.squares[k], (S * S).sum(), rtol=1e-5, atol=1e-8)
        variance = (parts @ spread).sum() / 2
        np.testing.assert_allclose(found.variance[k], variance, rtol=1e-5, atol=1e-8)
        assert found.number[k] == 2 * x.size * found.variance[k]
        left = ((S - np.eye(x.size)) ** 2).sum() / (2 * x.size)
        error = found.training_bias[k] + 0.09 * left
        np.testing.assert_allclose(found.training_error(0.3)[k], error, rtol=1e-5)
        assert found.error(0.3)[k] == found.bias[k] + 0.3 * 0.3 * found.variance[k]
    assert found.epochs.tolist() == SEEN
    assert x.size == found.N
    assert found.bias.tolist() == interval_error(f, pack(run.U, run.V)[SEEN]).tolist()
    np.testing.assert_allclose(found.training_bias, run.train_error[SEEN], rtol=1e-12)


def test_noise_of_the_start_is_left_out_and_inputs_may_be_given():
    experiment = Experiment.parse("f1 3 0.1 20 samples=9 data=1")
    noisy = experiment.replaced(start=Start(samples=9, data=1, noise=1.0, outliers=0.2))
    x, _ = experiment.start.train_set(f1)
    for one, more in ((noisy, None), (experiment.replaced(start=Start()), x)):
        found = tangent.foretell(one, [20], more)
        assert found.number.tolist() == tangent.foretell(experiment, [20, 20]).number.tolist()


def test_all_weights_count_at_a_bottom_without_an_error_and_fewer_with_a_penalty():
    row = np.array([2, -3, 1, 1, -0.7, 0.5, 1.5])
    x = np.linspace(-5, 5, 50)
    found = tangent.at_bottom(lambda x: forward_pass(*unpack(row, 3), x), row, x)
    np.testing.assert_allclose([found.trace[0], found.squares[0]], 7, rtol=1e-8)
    np.testing.assert_allclose(found.bias, 0, atol=1e-20)
    # by matrices, and with a penalty on some of the weights
    penalty = np.array([0.1, 0.1, 0, 0.1, 0.1, 0, 0])
    J = tangent.derivatives(row, x)
    found = tangent.at_bottom(lambda x: forward_pass(*unpack(row, 3), x), row, x, penalty)
    S = J.T @ np.linalg.solve(J @ J.T / x.size + np.diag(penalty), J / x.size)
    np.testing.assert_allclose(found.trace, np.trace(S), rtol=1e-8)
    assert found.trace[0] < 7


def test_exact_duplicates_count_once():
    """A network of two equal neurons never has more than the four weights of one."""
    U, V = np.array([[0.3, 0.1], [0.3, 0.1]]), np.array([0.2, 0.2, 0.0])
    experiment = Experiment.parse("f1 3 0.1 300 samples=9 data=1")
    x, y = experiment.start.train_set(f1)
    run = train(experiment, train_set=(x, y), test_set=get_test_set(f1), weights=(U, V))
    assert (run.U[:, 0] == run.U[:, 1]).all()
    found = tangent.foretell(experiment, [300], weights=(U, V))
    free = tangent.foretell(experiment, [300], weights=(U * [[1], [-1]], V))
    assert 2 < found.trace[0] < 4
    assert found.trace[0] < free.trace[0]


def test_derivatives_are_those_of_the_output():
    row, x, step = np.array([2, -3, 1, 1, -0.7, 0.5, 1.5]), np.array([-4.0, 0, 3]), 1e-6
    for k, found in enumerate(tangent.derivatives(row, x)):
        more = row + step * (np.arange(7) == k)
        less = row - step * (np.arange(7) == k)
        change = forward_pass(*unpack(more, 3), x) - forward_pass(*unpack(less, 3), x)
        np.testing.assert_allclose(found, change / (2 * step), atol=1e-8)


def test_after_an_overflow_nothing_is_foretold():
    found = tangent.foretell(Experiment(f2, 3, 50, 200, start=Start(samples=9)), [0, 200])
    assert np.isnan([found.bias[1], found.variance[1], found.trace[1]]).all()
    assert found.number[0] == 0


@pytest.mark.parametrize(
    ("text", "seen", "message"),
    [
        ("f1 3 0.1 20 optimizer=adam", [20], "what is foretold must be of gradient descent"),
        ("f1 3 0.1 20", [21], "a seen epoch must be an integer between 0 and 20, got 21"),
        ("f1 3 0.1 20", [], "seen must have at least one epoch"),
    ],
)
def test_what_cannot_be_foretold_is_refused(text, seen, message):
    with pytest.raises(ValueError, match=message):
        tangent.foretell(Experiment.parse(text), seen)
