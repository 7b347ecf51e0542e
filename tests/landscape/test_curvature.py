"""The Hessian against the complex step and differences of the gradient, and what it predicts."""

import numpy as np
import pytest

from nnlib import (
    Experiment,
    f1,
    f2,
    get_new_random_dataset,
    get_new_random_weights,
    get_test_set,
    train,
)
from nnlib.hessian import gauss_newton, hessian
from nnlib.landscape import sharpness, spectrum
from nnlib.network import LossGradient, forward_pass, pack, unpack


def _point(h):
    x, y = get_new_random_dataset(f2, 40, rng=h)
    U, V = get_new_random_weights(h, rng=h)
    return 100 * U, 100 * V[0], x, y


@pytest.mark.parametrize("h", [2, 3, 6])
def test_against_the_complex_step(h):
    U, V, x, y = _point(h)

    def gradient(weights):
        U, V = unpack(weights, h)
        H = np.concatenate([1 / (1 + np.exp(-(U[:, :1] * x + U[:, 1:]))), np.ones((1, len(x)))])
        e = V @ H - y
        slope = e * V[:-1, None] * H[:-1] * (1 - H[:-1])
        return np.concatenate([e * H, slope * x, slope]).mean(axis=1)

    exact = hessian(U, V, x, y)
    assert exact.shape == (3 * h - 2, 3 * h - 2)
    np.testing.assert_array_equal(exact, exact.T)
    for n, row in enumerate(exact):
        weights = pack(U, V).astype(complex)
        weights[n] += 1e-30j
        expected = gradient(weights).imag / 1e-30
        np.testing.assert_allclose(row, expected, rtol=1e-10, atol=1e-12 * abs(exact).max())


def test_against_differences():
    U, V, x, y = _point(4)
    gradient = LossGradient(x, y, 4)
    exact = hessian(U, V, x, y)
    for n, row in enumerate(exact):
        ends = []
        for step in (1e-6, -1e-6):
            weights = pack(U, V)
            weights[n] += step
            ends.append(pack(*gradient(*unpack(weights, 4))[1:]))
        difference = (ends[0] - ends[1]) / 2e-6
        np.testing.assert_allclose(row, difference, rtol=1e-5, atol=1e-7 * abs(exact).max())


def test_the_gauss_newton_part():
    U, V, x, y = _point(4)
    weights, derivatives = pack(U, V), []
    for n in range(len(weights)):
        ends = []
        for step in (1e-6, -1e-6):
            moved = weights.copy()
            moved[n] += step
            ends.append(forward_pass(*unpack(moved, 4), x))
        derivatives.append((ends[0] - ends[1]) / 2e-6)
    part = gauss_newton(U, V, x)
    expected = np.array(derivatives) @ np.array(derivatives).T / len(x)
    np.testing.assert_allclose(part, expected, rtol=1e-6, atol=1e-7 * abs(part).max())
    # Where the network gives what is wanted, there is nothing else.
    exact = hessian(U, V, x, forward_pass(U, V, x))
    np.testing.assert_allclose(part, exact, rtol=0, atol=1e-14 * abs(part).max())
    assert abs(part - hessian(U, V, x, y)).max() > 1e-3 * abs(part).max()
    # With twice the V, a step in U does twice as much: what the book's explanation stands on.
    twice = gauss_newton(U, np.append(2 * V[:-1], V[-1]), x)
    np.testing.assert_allclose(twice[4:, 4:], 4 * part[4:, 4:], rtol=1e-14)
    np.testing.assert_array_equal(twice[:4, :4], part[:4, :4])


def test_sharpness_passes_the_threshold_before_the_oscillation():
    history = train(Experiment(f1, 3, 1, 1000))
    values = sharpness(history, range(300, 700))
    crossing = 300 + int(np.argmax(values > 2))
    assert crossing == 481
    assert crossing < history.best_epoch
    assert np.all(np.diff(values > 2) >= 0)  # once above, it stays there until the oscillation
    calm = train(Experiment(f1, 3, 0.1, 1000))
    assert sharpness(calm, range(0, 1001, 100)).max() < 20


def test_given_datasets_and_overflows():
    x, y = get_new_random_dataset(f1, 30, rng=1)
    history = train(Experiment(f1, 3, 0.1, 5), train_set=(x, y), test_set=get_test_set(f1))
    (value,) = sharpness(history, [5])
    all_of_them = np.linalg.eigvalsh(hessian(history.U[5], history.V[5], x, y))
    assert value == all_of_them[-1]
    np.testing.assert_array_equal(spectrum(history, [0, 5])[1], all_of_them)
    assert sharpness(history, []).shape == (0,)
    for epoch in (6, -1, 1.5, True):
        message = f"epoch must be an integer between 0 and 5, got {epoch}"
        with pytest.raises(ValueError, match=message):
            sharpness(history, [epoch])
    with pytest.warns(RuntimeWarning, match="overflows"):
        lost = train(Experiment(f1, 3, 5, 500))
    assert np.isnan(sharpness(lost, [500])).all()
