"""Damped Gauss-Newton steps: right, the same in every company, and clear about bad input."""

import numpy as np
import pytest

from nnlib import f1, f2, get_train_set
from nnlib.hessian import gauss_newton
from nnlib.interval import nodes
from nnlib.network import LossGradient, forward_pass, loss, pack, unpack
from nnlib.optimizers.least_squares import fit, fit_outputs, solve, spread_weights

X, PARTS = nodes()


def fitted(f, h, n, steps=200, seed=1):
    start = fit_outputs(X, f(X), spread_weights(h, n, seed), PARTS)
    return start, fit(X, f(X), start, parts=PARTS, steps=steps)


@pytest.mark.parametrize("p", [1, 2, 7, 22])
def test_solve_solves(p):
    rng = np.random.default_rng(p)
    root, b = rng.normal(size=(3, p, p)), rng.normal(size=(3, p))
    A = root @ root.swapaxes(1, 2) + np.eye(p)
    s = solve(A, b)
    assert np.allclose((A @ s[..., None])[..., 0], b, rtol=1e-9, atol=1e-9)
    assert np.allclose(s, np.linalg.solve(A, b[..., None])[..., 0], rtol=1e-9)
    assert (solve(A[1], b[1]) == s[1]).all()


def test_solve_reads_the_lower_half_and_leaves_what_it_is_given():
    A, b = np.array([[4.0, 99.0], [2.0, 3.0]]), np.array([2.0, 3.0])
    before = A.copy(), b.copy()
    assert np.allclose(solve(A, b), [0, 1])
    assert (before[0] == A).all() and (b == before[1]).all()


def test_of_what_is_not_positive_definite_there_is_no_solution():
    with np.errstate(invalid="ignore"):
        assert not np.isfinite(solve(np.array([[1.0, 2.0], [2.0, 1.0]]), np.ones(2))).any()


@pytest.mark.parametrize("penalty", [0.0, 0.01])
def test_where_a_fit_has_converged_the_gradient_vanishes(penalty):
    x, y = get_train_set(f2)
    start = fit_outputs(x, y, spread_weights(4, 6, 2))
    found = fit(x, y, start, penalty=penalty, steps=1000)
    assert found.converged.any()
    gradient = LossGradient(x, y, 4)
    for row in found.weights[found.converged]:
        _, grad_U, grad_V = gradient(*unpack(row, 4))
        size = np.sqrt(np.diag(gauss_newton(*unpack(row, 4), x)) + penalty)
        slope = (pack(grad_U, grad_V) + penalty * row) / size  # in error for a step that matters
        assert abs(slope).max() < 1e-6


def test_the_error_is_the_document_s():
    x, y = get_train_set(f1)
    found = fit(x, y, spread_weights(3, 2, 1), steps=20)
    for row, error in zip(found.weights, found.error, strict=True):
        assert error == pytest.approx(LossGradient(x, y, 3)(*unpack(row, 3))[0], rel=1e-12)


def test_a_fit_never_gets_worse():
    x, y = get_train_set(f2)
    start = spread_weights(5, 8, 3)
    before = np.inf
    for steps in (1, 2, 5, 20, 100):
        error = fit(x, y, start, steps=steps).error
        assert (error <= before).all()
        before = error


@pytest.mark.parametrize("h", [2, 3, 8])
def test_networks_do_not_see_each_other(h):
    start, together = fitted(f2, h, 9, steps=60)
    for n, row in enumerate(start):
        alone = fit(X, f2(X), row, parts=PARTS, steps=60)
        assert alone.weights.tobytes() == together.weights[n].tobytes()
        assert (alone.error, alone.steps) == (together.error[n], together.steps[n])


def test_a_reference_loop_takes_the_same_first_step():
    # Written from the equations, with numpy's own solver: (J'J + damping) s = -J'e.
    x, y = get_train_set(f2)
    w = fit_outputs(x, y, spread_weights(4, 1, 6))[0]
    w[:4] *= 0.9

    def errors(w):
        U, V = unpack(w, 4)
        return V[:3] @ (1 / (1 + np.exp(-(U @ [x, np.ones_like(x)])))) + V[3] - y

    J = np.array([(errors(w + 1e-20j * e)).imag / 1e-20 for e in np.eye(10)])
    A, g = J @ J.T / x.size, J @ errors(w) / x.size
    step = np.linalg.solve(A + 0.01 * np.diag(np.diag(A)), -g)
    found = fit(x, y, w, steps=1)
    assert loss(errors(w + step)) < loss(errors(w))  # or it would not have been taken
    assert np.allclose(found.weights, w + step, rtol=1e-9, atol=1e-9)


def test_fitted_outputs_are_the_best():
    w = fit_outputs(X, f2(X), spread_weights(5, 3, 7), PARTS)
    for row in w:
        U, V = unpack(row, 5)
        H = np.append(1 / (1 + np.exp(-(U @ [X, np.ones_like(X)]))), [np.ones_like(X)], axis=0)
        root = np.sqrt(PARTS)
        best, *_ = np.linalg.lstsq((H * root).T, f2(X) * root, rcond=None)
        least, got = (np.sum(((v @ H - f2(X)) * root) ** 2) for v in (best, V))
        assert got <= least * 1.001


def test_spread_weights_are_spread():
    w = spread_weights(8, 500, 1)
    assert (w[:, :8] == 0).all()
    slopes, places = w[:, 8:15], -w[:, 15:] / w[:, 8:15]
    assert abs(slopes).max() < 2 and abs(places).max() <= 5 + 1e-12
    assert abs(np.quantile(places, [0.25, 0.5, 0.75]) - [-2.5, 0, 2.5]).max() < 0.2
    assert (spread_weights(8, 500, 1) == w).all() and (spread_weights(8, 500, 2) != w).any()


def test_flat_weights_can_be_fitted():
    # With V = 0 the error does not depend on U at first.
    found = fit(X, f2(X), spread_weights(4, 8, 1), parts=PARTS, steps=200)
    assert (found.error < 60).all()


def test_what_is_perfect_converges_at_once():
    w = spread_weights(3, 1, 1)[0]
    w[:3] = 1, 2, 3
    y = fit(X, np.zeros_like(X), w, steps=1)  # for the shape alone
    assert y.weights.shape == (7,) and y.error.shape == ()
    found = fit(X, forward_pass(*unpack(w, 3), X), w)
    assert found.error == 0 and found.converged and found.steps == 1


ENGINES = pytest.mark.parametrize("engine", ["numpy", "kernel"])


@ENGINES
def test_it_ends_at_the_first_that_is_good_enough(engine):
    start = spread_weights(4, 12, 1)
    whole = fit(X, f2(X), start, parts=PARTS, outputs=True, steps=300, engine=engine)
    found = fit(X, f2(X), start, parts=PARTS, outputs=True, steps=300, until=0.02, engine=engine)
    first = len(found.error) - 1
    assert found.error[first] <= 0.02 and (found.error[:first] > 0.02).all()
    assert 0 < first < 11 and not found.converged[first]
    assert (found.error >= whole.error[: first + 1]).all()
    assert (found.steps <= whole.steps[: first + 1]).all()


@ENGINES
def test_none_may_be_good_enough(engine):
    found = fit(X, f2(X), spread_weights(3, 6, 1), parts=PARTS, until=1e-3, engine=engine)
    assert found.error.shape == (6,) and (found.error > 1e-3).all()


@ENGINES
def test_what_is_too_slow_is_given_up(engine):
    start = spread_weights(4, 32, 1)
    named = {"parts": PARTS, "outputs": True, "steps": 600, "engine": engine}
    whole, found = fit(X, f2(X), start, **named), fit(X, f2(X), start, until=1e-3, **named)
    assert (found.steps <= whole.steps).all()
    given_up = (found.steps < whole.steps) & ~found.converged
    assert given_up.any() and (found.steps[given_up] % 20 == 0).all()
    for n in np.flatnonzero(given_up):
        before = fit(X, f2(X), start[n], **named | {"steps": max(1, found.steps[n] - 20)}).error
        if found.steps[n] > 20:
            assert (before / found.error[n]) ** 20 * 1e-3 < found.error[n]


def test_without_an_end_nothing_is_given_up():
    # A network that stays on a plateau for more than 20 steps.
    found = fit(X, f2(X), spread_weights(4, 32, 1), parts=PARTS, outputs=True, steps=600)
    assert (found.converged | (found.steps == 600)).all()


@ENGINES
def test_outputs_come_first(engine):
    start = spread_weights(5, 3, 1)
    first = fit_outputs(X, f2(X), start, PARTS)
    found = fit(X, f2(X), start, parts=PARTS, outputs=True, steps=9, engine=engine)
    wanted = fit(X, f2(X), first, parts=PARTS, steps=9, engine=engine)
    assert found.weights.tobytes() == wanted.weights.tobytes()


@ENGINES
def test_shapes(engine):
    start = spread_weights(3, 6, 1)
    for shape in ((7,), (1, 7), (6, 7), (2, 3, 7), (0, 7)):
        rows = start[: max(1, shape[0])] if len(shape) < 3 else start
        found = fit(X, f2(X), np.resize(rows, shape), steps=2, engine=engine)
        assert found.weights.shape == shape
        assert found.error.shape == found.steps.shape == found.converged.shape == shape[:-1]
        assert (found.steps.dtype, found.converged.dtype) == (np.dtype(int), np.dtype(bool))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"y": [1.0]}, "samples"),
        ({"x": [], "y": []}, "samples"),
        ({"weights": np.ones(5)}, r"weights must be 3h-2 for each network.*\(5,\)"),
        ({"weights": np.ones(1)}, r"weights must be 3h-2 for each network.*\(1,\)"),
        ({"parts": [0.0, 0.0]}, "parts must be 2 finite numbers"),
        ({"parts": [np.inf, 1.0]}, "parts must be 2 finite numbers"),
        ({"weights": 3.0}, "weights"),
        ({"weights": [np.nan] * 7}, "weights"),
        ({"weights": ["a"] * 7}, "weights"),
        ({"parts": [1.0]}, "parts must be 2 finite numbers"),
        ({"parts": [1.0, -1.0]}, "parts must be 2 finite numbers, none of them negative"),
        ({"penalty": -1}, "penalty must be finite, and not negative"),
        ({"penalty": np.inf}, "penalty"),
        ({"steps": 0}, "steps"),
        ({"steps": 1.5}, "steps"),
        ({"until": 0.0}, "until must be a positive, finite number, got 0.0"),
        ({"until": 1.0}, r"until takes weights in rows, got the shape \(7,\)"),
        ({"engine": "C"}, "engine must be one of None, 'numpy', 'kernel', got 'C'"),
    ],
)
def test_bad_input(given, message):
    good = {"x": [0.0, 1.0], "y": [1.0, 2.0], "weights": np.ones(7)}
    with pytest.raises(ValueError, match=message):
        fit(**good | given)


@pytest.mark.parametrize(
    ("h", "n", "rng", "message"),
    [
        (1, 2, 1, "h, the number of hidden neurons, must"),
        ("a", 2, 1, "h, the number of hidden neurons, must"),
        (3, 0, 1, "n must"),
        (3, 1.5, 1, "n must"),
        (3, 2, -1, "rng must"),
        (3, 2, "a", "rng must"),
    ],
)
def test_starts_that_there_are_not(h, n, rng, message):
    with pytest.raises(ValueError, match=message):
        spread_weights(h, n, rng)


@pytest.mark.parametrize("weights", [np.ones(7), np.ones((2, 5)), [[np.nan] * 7]])
def test_weights_whose_outputs_cannot_be_fitted(weights):
    with pytest.raises(ValueError, match="weights must be"):
        fit_outputs(X, f2(X), weights, PARTS)


def test_a_neuron_that_is_0_everywhere_gets_no_output():
    w = spread_weights(3, 1, 1)
    w[0, 3:] = 0.0, 1.0, -900.0, 0.0
    assert fit_outputs(X, f2(X), w, PARTS)[0, 0] == 0


def test_what_is_too_large_has_not_converged():
    found = fit(X, f2(X), np.full(7, 1e308))
    assert found.error == np.inf and not found.converged


def test_what_the_process_has_set_changes_nothing():
    start = spread_weights(4, 4, 1)
    usual = fit(X, f2(X), start, steps=30)
    with np.errstate(all="raise"):
        raising = fit(X, f2(X), start, steps=30)
    assert usual.weights.tobytes() == raising.weights.tobytes()
