"""The Hessian against the complex step and differences of the gradient; its largest eigenvalue."""

import math

import numpy as np
import pytest

from nnlib import f2, get_new_random_dataset, get_new_random_weights, get_train_set
from nnlib.hessian import gauss_newton, hessian, largest_eigenvalue
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


# Symmetric matrices, made of any one.
KINDS = {
    "any": lambda A: A + A.T,
    "below": lambda A: A + A.T - 40 * len(A) * np.eye(len(A)),
    "positive": lambda A: A @ A.T,
    "graded": lambda A: (A * np.logspace(0, -9, len(A))).T @ (A * np.logspace(0, -9, len(A))),
    "diagonal": lambda A: np.diag(A[0]),
    "of rank 1": lambda A: np.outer(A[0], A[0]),
    "all the same": lambda A: np.eye(len(A)),
    "nothing": np.zeros_like,
    "large": lambda A: 1e150 * (A + A.T),
    "small": lambda A: 1e-150 * (A + A.T),
}


@pytest.mark.parametrize("p", [1, 2, 3, 7, 22, 58])
@pytest.mark.parametrize("kind", KINDS)
def test_the_largest_eigenvalue(p, kind):
    matrix = KINDS[kind](np.random.default_rng(p).normal(size=(p, p)))
    before = matrix.copy()
    values = np.linalg.eigvalsh(matrix)
    assert abs(largest_eigenvalue(matrix) - values[-1]) <= 1e-14 * p * abs(values).max()
    np.testing.assert_array_equal(matrix, before)
    assert isinstance(largest_eigenvalue(matrix), float)


def test_the_sharpness_of_networks():
    x, y = get_train_set(f2)
    for h in (2, 3, 8, 20):
        for seed in range(5):
            U, V = get_new_random_weights(h, rng=seed)
            matrix = hessian(100 * U, 100 * V[0], x, y)
            expected = np.linalg.eigvalsh(matrix)[-1]
            assert largest_eigenvalue(matrix) == pytest.approx(expected, rel=1e-13)
            assert largest_eigenvalue(matrix) >= 1  # the last output weight has exactly that


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1e300])
@pytest.mark.parametrize("place", [(0, 0), (2, 1), (3, 3)])
def test_where_there_is_none(wrong, place):
    matrix = np.eye(4)
    matrix[place] = matrix[place[::-1]] = wrong
    found = largest_eigenvalue(matrix)
    if abs(wrong) < np.inf and place[0] == place[1]:
        assert found == wrong
    else:
        assert math.isnan(found)  # the squares of large numbers are too large
