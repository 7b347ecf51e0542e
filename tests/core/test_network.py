"""The network: its output and gradients against the per-sample ones, its sums to the bit."""

import numpy as np
import pytest

from nnlib import (
    f2,
    get_initial_weights,
    get_new_random_dataset,
    get_new_random_weights,
    reference,
    replay,
)
from nnlib.elementary import sigmoid
from nnlib.network import LossGradient, forward_pass, loss, pack, unpack


def _pairwise_sum(values):
    """The order in which numpy adds along a contiguous axis, in plain Python."""
    n = len(values)
    if n < 8:
        total = 0.0
        for value in values:
            total += value
        return total
    if n <= 128:
        r = values[:8]
        for start in range(8, n - n % 8, 8):
            r = [a + b for a, b in zip(r, values[start : start + 8], strict=True)]
        total = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]))
        for value in values[n - n % 8 :]:
            total += value
        return total
    half = n // 2 - n // 2 % 8
    return _pairwise_sum(values[:half]) + _pairwise_sum(values[half:])


@pytest.mark.parametrize("N", [1, 7, 8, 100, 128, 129, 1000, 1001, 10_000])
def test_order_of_summation(N):
    values = np.random.default_rng(N).normal(size=(3, N))
    with np.errstate():
        np.setbufsize(128)  # as the trainer has it
        totals = np.add.reduce(values, axis=1)
    assert totals.tolist() == [_pairwise_sum(row) for row in values.tolist()]


@pytest.mark.parametrize("h", [2, 3, 8, 20])
def test_gradient_to_the_bit(h):
    """Every operation of the trainer, one by one, in plain Python floats."""
    x, y = get_new_random_dataset(f2, 300, rng=h)
    U, V = get_new_random_weights(h, rng=h)
    U, V = 100 * U, 100 * V[0]
    terms = {}
    for x_n, y_n in zip(x.tolist(), y.tolist(), strict=True):
        H = [*(float(sigmoid(u0 * x_n + u1)) for u0, u1 in U.tolist()), 1.0]
        o = V.tolist()[0] * H[0]
        for v, h_i in zip(V.tolist()[1:], H[1:], strict=True):
            o += v * h_i
        e = o - y_n
        terms.setdefault("loss", []).append(e * e)
        for i in range(h):
            terms.setdefault(("V", i), []).append(e * H[i])
        for i in range(h - 1):
            slope = (1.0 - H[i]) * (e * H[i])
            terms.setdefault(("U", i, 0), []).append(slope * x_n)
            terms.setdefault(("U", i, 1), []).append(slope)
    N, total = len(x), {key: _pairwise_sum(values) for key, values in terms.items()}

    error, grad_U, grad_V = LossGradient(x, y, h)(U, V)
    assert error == total["loss"] / N / 2
    assert grad_V.tolist() == [total["V", i] / N for i in range(h)]
    assert grad_U.tolist() == [[total["U", i, j] * V[i] / N for j in (0, 1)] for i in range(h - 1)]
    assert error == loss(forward_pass(U, V, x) - y)


@pytest.mark.parametrize("h", [2, 5, 8])
def test_against_the_reference(h):
    x, y = get_new_random_dataset(f2, 20, rng=1)
    U, V = get_new_random_weights(h, rng=2)
    passes = [reference.forward_pass(U, V, x_n) for x_n in x]
    outputs = [o for _, _, o in passes]
    np.testing.assert_allclose(forward_pass(U, V[0], x), outputs, rtol=1e-14)

    gradients = [
        reference.back_propagate(o - y_n, X, H, V) for (X, H, o), y_n in zip(passes, y, strict=True)
    ]
    _, grad_U, grad_V = LossGradient(x, y, h)(U, V[0])
    np.testing.assert_allclose(grad_U, np.mean([g for g, _ in gradients], axis=0), rtol=1e-11)
    np.testing.assert_allclose(grad_V, np.mean([g[0] for _, g in gradients], axis=0), rtol=1e-11)


def test_gradient_is_the_slope_of_the_loss():
    x, y = get_new_random_dataset(f2, 50, rng=1)
    U, V = (100 * weights for weights in get_initial_weights(4))
    V = V[0]
    gradient = LossGradient(x, y, 4)
    _, grad_U, grad_V = gradient(U, V)
    step = 1e-6
    for weights, slopes in ((U, grad_U), (V, grad_V)):
        for where in np.ndindex(weights.shape):
            weights[where] += step
            above = gradient(U, V)[0]
            weights[where] -= 2 * step
            below = gradient(U, V)[0]
            weights[where] += step
            assert slopes[where] == pytest.approx((above - below) / (2 * step), rel=1e-6)


def test_both_shapes_of_V():
    x, y = get_new_random_dataset(f2, 20, rng=1)
    U, V = get_new_random_weights(5, rng=2)
    assert V.shape == (1, 5)
    shapes = V, V[0]
    for one in (forward_pass, replay.forward_pass):
        np.testing.assert_array_equal(*(one(U, V, x) for V in shapes))
        stack = [one(np.stack([U, 2 * U]), np.stack([V, 3 * V]), x) for V in shapes]
        np.testing.assert_array_equal(*stack)
        assert stack[0].shape == (2, 20)
        np.testing.assert_array_equal(stack[0][1], one(2 * U, 3 * V, x))
    np.testing.assert_array_equal(*(pack(U, V) for V in shapes))
    np.testing.assert_array_equal(unpack(pack(U, V), 5)[1], V[0])
    for a, b in zip(*(LossGradient(x, y, 5)(U, V) for V in shapes), strict=True):
        np.testing.assert_array_equal(a, b)
    one, other = (reference.forward_pass(U, V, 0.5) for V in shapes)
    assert one[2] == other[2]
    one, other = (reference.back_propagate(0.3, *one[:2], V) for V in shapes)
    np.testing.assert_array_equal(one[0], other[0])
    np.testing.assert_array_equal(one[1], other[1])


def test_stacks_of_networks():
    x = np.linspace(-5, 5, 7)
    stack = [get_new_random_weights(9, rng=seed) for seed in range(3)]
    U, V = np.array([U for U, _ in stack]), np.array([V[0] for _, V in stack])
    for n in range(3):
        np.testing.assert_array_equal(forward_pass(U, V, x)[n], forward_pass(U[n], V[n], x))
        one_by_one = [forward_pass(U[n], V[n], x[k : k + 1])[0] for k in range(7)]
        np.testing.assert_array_equal(one_by_one, forward_pass(U[n], V[n], x))
