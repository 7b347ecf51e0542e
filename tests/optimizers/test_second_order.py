"""Steps that take the curvature into account, against slow twins and what they promise."""

import math

import numpy as np
import pytest

from nnlib import Experiment, f1, f2, train
from nnlib.descent import step
from nnlib.elementary import sigmoid
from nnlib.hessian import hessian
from nnlib.methods.adaptive import rates
from nnlib.network import LossGradient, pack, unpack
from nnlib.optimizers import LBFGS, GaussNewton, Sharpness
from nnlib.optimizers.least_squares import equations, fit, judge, propose
from nnlib.training import starting_point

ALL = GaussNewton(), LBFGS(), Sharpness()
CASES = [
    Experiment.parse(text)
    for text in (
        "f1 3 1 60 start=spread",
        "f2 8 1 60 start=spread weights=1",
        "f2 4 1 60 weights=2 scale=100 samples=37",
        "f1 2 1 60",
        "f2 8 1 60 samples=5 weights=3 scale=100",
    )
]


def rows_of(history):
    return pack(history.U, history.V)


# --- Gauss-Newton -----------------------------------------------------------------------------


@pytest.mark.parametrize("experiment", CASES, ids=str)
def test_the_points_that_are_kept_are_those_of_a_fit(experiment):
    (x, y), _, first = starting_point(experiment)
    history = train(experiment.replaced(optimizer=GaussNewton()))
    for steps in (1, 2, 3, 5, 8, 13, 21, 34, 60):
        found, best = fit(x, y, first, steps=steps), np.argmin(history.train_error[: steps + 1])
        assert found.weights.tobytes() == rows_of(history)[best].tobytes()
        if found.converged:
            break
    assert best > 5


def test_after_convergence_nothing_gets_worse():
    experiment = CASES[1].replaced(h=4, epochs=100, optimizer=GaussNewton()).starting(noise=1)
    (x, y), _, first = starting_point(experiment)
    found = fit(x, y, first, steps=100)
    assert found.converged and found.steps < 50
    errors = train(experiment).train_error
    assert np.isfinite(errors).all()
    assert errors.min() == pytest.approx(found.error, rel=1e-12)


def test_a_step_that_is_taken_back_is_tried_shorter():
    experiment = CASES[1].replaced(optimizer=GaussNewton())
    history = train(experiment)
    rows, errors = rows_of(history), history.train_error
    base, length, taken_back = 0, math.inf, 0
    for epoch in range(1, 61):
        moved = np.linalg.norm(rows[epoch] - rows[base])
        if errors[epoch] < errors[base]:
            base, length = epoch, math.inf
        else:
            assert moved < length
            length, taken_back = moved, taken_back + 1
    assert taken_back > 3


@pytest.mark.parametrize("rate", [0.25, 0.5, 1, 1.5])
def test_the_learning_rate_multiplies_the_step(rate):
    experiment = CASES[0].replaced(optimizer=GaussNewton(), epochs=1)
    first, whole = rows_of(train(experiment))
    _, part = rows_of(train(experiment.replaced(learning_rate=rate)))
    np.testing.assert_allclose(part - first, rate * (whole - first), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("rate", [0.25, 1, 1.5, 2, 3])
def test_what_is_expected_of_a_step_is_what_the_parabola_says(rate):
    (x, y), _, row = starting_point(CASES[1])
    _, A, g = equations(row[None], x, y, np.sqrt(np.full(x.size, 1 / x.size)))
    scale = np.diagonal(A, axis1=1, axis2=2)
    (s,), (expected,) = propose(A, g, scale, np.array([0.3]), rate)
    assert expected == pytest.approx(-(g[0] @ s) - s @ A[0] @ s / 2, rel=1e-9)


def _slow_gauss_newton(experiment, damping):
    """The trial points, from the equations, in plain scalars; each sum in the order of samples."""
    (x, y), _, row = starting_point(experiment)
    h, w = experiment.h, row.tolist()
    p, N, faster, scale, base, expected = len(w), len(x), 2.0, [0.0] * len(w), None, None
    while True:
        yield w
        loss, A, g = 0.0, [[0.0] * p for _ in range(p)], [0.0] * p
        for k in range(N):
            s = sigmoid([w[h + i] * x[k] + w[2 * h - 1 + i] for i in range(h - 1)]).tolist()
            slopes = [w[i] * s[i] * (1 - s[i]) for i in range(h - 1)]
            J = [*s, 1.0, *(slope * x[k] for slope in slopes), *slopes]
            e = sum(w[i] * J[i] for i in range(h)) - y[k]
            loss += e * e / 2 / N
            for i in range(p):
                g[i] += J[i] * e / N
                for j in range(p):
                    A[i][j] += J[i] * J[j] / N
        if base is not None and not loss < base[1]:
            damping, faster = damping * faster, 2 * faster
        else:
            if base is not None:
                gain = (base[1] - loss) / expected
                damping, faster = damping * max(1 / 3, 1 - (2 * gain - 1) ** 3), 2.0
            base = w, loss, A, g
        w, loss, A, g = base
        scale = [max(scale[i], A[i][i]) for i in range(p)]
        added = [damping * scale[i] for i in range(p)]
        damped = [[A[i][j] + (added[i] if i == j else 0) for j in range(p)] for i in range(p)]
        s = _eliminate(damped, [-one for one in g])
        expected = sum(s[i] * (added[i] * s[i] - g[i]) for i in range(p)) / 2
        w = [w[i] + s[i] for i in range(p)]


def _eliminate(A, b):
    """Solve A s = b as one does by hand."""
    p = len(b)
    for j in range(p):
        for i in range(j + 1, p):
            factor = A[i][j] / A[j][j]
            A[i] = [A[i][k] - factor * A[j][k] for k in range(p)]
            b[i] -= factor * b[j]
    for j in reversed(range(p)):
        b[j] = (b[j] - sum(A[j][k] * b[k] for k in range(j + 1, p))) / A[j][j]
    return b


@pytest.mark.parametrize("text", ["f1 3 1 12 weights=1 scale=100", "f2 4 1 12 weights=2 scale=100"])
def test_a_slow_twin_tries_the_same_points(text):
    experiment = Experiment.parse(f"{text} samples=37 optimizer=gauss-newton damping=0.1")
    rows = rows_of(train(experiment))
    for row, slow in zip(rows, _slow_gauss_newton(experiment, 0.1), strict=False):
        np.testing.assert_allclose(row, slow, rtol=1e-7)


@pytest.mark.parametrize("text", ["f2 8 1 150 samples=1", "f2 8 1 150 samples=2 scale=10000"])
def test_equations_that_have_no_solution(text):
    history = train(Experiment.parse(f"{text} optimizer=gauss-newton"))
    assert np.isfinite(history.train_error).all()
    assert history.train_error.min() < 1e-9 * history.train_error[0]


def test_a_solution_that_is_none_is_not_tried():
    optimizer, w = GaussNewton(), np.array([0.5, 0.5, 0.5, 0, 0, 0.5, 0.5])
    x, y = np.full(4, 1e160), np.full(4, 1.0)  # whose derivatives have infinite squares
    sums = LossGradient(x, y, 3).sums(w)
    state = optimizer.begin(7, (x, y))
    for _ in range(3):
        moved, state = optimizer.step(w, sums, 4, 1.0, state)
        np.testing.assert_array_equal(moved, w)


def test_the_damping_of_two_networks_is_judged_apart():
    loss, moved, expected = np.array([1.0, 1.0]), np.array([0.5, 2.0]), np.array([0.5, 0.5])
    better, damping, faster = judge(loss, moved, expected, np.full(2, 0.3), np.full(2, 4.0))
    assert better.tolist() == [True, False]
    np.testing.assert_allclose(damping, [0.1, 1.2])
    assert faster.tolist() == [2, 8]


# --- L-BFGS -----------------------------------------------------------------------------------


def _slow_lbfgs(memory):
    """One step after the other, in plain scalars, from what is sent: weights, sums, n, rate."""

    def dot(u, v):
        total = u[0] * v[0]
        for i in range(1, len(u)):
            total += u[i] * v[i]
        return total

    pairs, base, direction, length = [], None, None, 1.0
    w, sums, n, rate = yield None
    while True:
        *g, loss = sums
        p = range(len(g))
        if base is not None and not loss <= base[2] + 1e-4 * (length * dot(base[1], direction)):
            promised = length * dot(base[1], direction)
            lowest = -promised / (loss - (base[2] + promised)) / 2
            length *= min(0.5, max(0.1, lowest))
            w, sums, n, rate = yield [base[0][i] + length * direction[i] for i in p]
            continue
        if base is not None:
            s, y = [w[i] - base[0][i] for i in p], [g[i] - base[1][i] for i in p]
            if dot(s, y) > 2.0**-52 * math.sqrt(dot(s, s) * dot(y, y)):
                pairs = [*pairs, (s, y)][-memory:]
        q, parts = g, []
        for s, y in pairs[::-1]:
            parts.insert(0, dot(s, q) / dot(s, y))
            q = [q[i] - parts[0] * y[i] for i in p]
        if pairs:
            s, y = pairs[-1]
            q = [dot(s, y) / dot(y, y) * q[i] for i in p]
        for (s, y), part in zip(pairs, parts, strict=True):
            more = part - dot(y, q) / dot(s, y)
            q = [q[i] + more * s[i] for i in p]
        direction = [-q[i] for i in p]
        if not pairs or not -math.inf < dot(g, direction) < 0:
            pairs, direction = [], [-(rate * g[i] / n) for i in p]
        base, length = (w, g, loss), 1.0
        w, sums, n, rate = yield [w[i] + direction[i] for i in p]


@pytest.mark.parametrize("memory", [1, 3, 10])
@pytest.mark.parametrize("experiment", CASES, ids=str)
def test_a_slow_twin_has_the_same_bits(experiment, memory):
    experiment = experiment.replaced(optimizer=LBFGS(memory), learning_rate=0.1, epochs=120)
    (x, y), _, w = starting_point(experiment)
    rows, twin = rows_of(train(experiment)), _slow_lbfgs(memory)
    gradient = LossGradient(x, y, experiment.h)
    next(twin)
    for row in rows:
        assert w.tobytes() == row.tobytes()
        w = np.array(twin.send((w.tolist(), gradient.sums(w).tolist(), x.size, 0.1)))


def test_the_first_step_is_that_of_descent():
    for rate in (0.01, 0.3):
        plain = Experiment(f2, 8, rate, 1)
        both = (rows_of(train(one)) for one in (plain, plain.replaced(optimizer=LBFGS())))
        np.testing.assert_array_equal(*both)


def test_a_step_that_brings_too_little_is_taken_back():
    history = train(Experiment(f1, 3, 50, 300, optimizer=LBFGS()))
    rows, errors, base = rows_of(history), history.train_error, 0
    for epoch in range(1, 301):
        if errors[epoch] < errors[base]:
            base = epoch
        elif epoch < 300 and errors[epoch + 1] >= errors[base]:  # on the way back, a straight line
            one, other = rows[epoch] - rows[base], rows[epoch + 1] - rows[base]
            part = (one @ other) / (one @ one)
            assert 0.1 - 1e-9 < part < 0.5 + 1e-9
            np.testing.assert_allclose(other, part * one, rtol=1e-6, atol=1e-12)
    assert base > 100


def test_it_reaches_the_bottom_of_a_parabola():
    # Of two weights, exactly: w is to be 3 and -1, with curvatures of 1 and 100.
    curvatures, goal = np.array([1.0, 100.0]), np.array([3.0, -1.0])
    optimizer, w = LBFGS(), np.zeros(2)
    state = optimizer.begin(2, None)
    for _ in range(30):
        g = curvatures * (w - goal)
        w, state = optimizer.step(w, np.append(g, g @ (w - goal) / 2), 1, 0.01, state)
    np.testing.assert_allclose(w, goal, atol=1e-9)


def test_what_it_remembers():
    experiment = Experiment(f2, 8, 0.1, 40)
    (x, y), _, w = starting_point(experiment)
    optimizer, gradient = LBFGS(3), LossGradient(x, y, 8)
    state, sizes = optimizer.begin(w.size, (x, y)), []
    for _ in range(40):
        w, state = optimizer.step(w, gradient.sums(w), x.size, 0.1, state)
        sizes.append(len(state[-1]))
        assert all(moved @ turned > 0 for moved, turned, _ in state[-1])
    assert max(sizes) == 3 and sizes[0] == 0


def test_it_gets_through_f1():
    assert train(Experiment(f1, 3, 0.1, 500, optimizer=LBFGS())).train_error.min() < 1e-6


# --- 1.8 / sharpness --------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.05, 2])
def test_the_rate_is_a_part_of_what_the_sharpness_allows(rate):
    experiment = Experiment(f1, 3, rate, 60, optimizer=Sharpness(1.5))
    (x, y), _, w = starting_point(experiment)
    history, gradient = train(experiment), LossGradient(x, y, 3)
    for row, taken in zip(rows_of(history), rates(history), strict=False):
        sharp = np.linalg.eigvalsh(hessian(*unpack(row, 3), x, y))[-1]
        expected = min(rate, 1.5 / sharp)
        assert taken == pytest.approx(expected, rel=1e-8)
        np.testing.assert_allclose(row, w, rtol=1e-10)
        w = step(row, gradient.sums(row)[:-1], x.size, expected)


def test_where_the_rate_is_low_it_is_descent():
    low = Experiment(f2, 8, 0.001, 50)
    both = (rows_of(train(one)) for one in (low, low.replaced(optimizer=Sharpness())))
    np.testing.assert_array_equal(*both)


# --- all of them ------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", ALL, ids=lambda one: one.name)
def test_a_step_changes_nothing_that_it_is_given(optimizer):
    (x, y), _, w = starting_point(CASES[1])
    state, gradient = optimizer.begin(w.size, (x, y)), LossGradient(x, y, 8)
    for _ in range(25):
        sums = gradient.sums(w)
        given = w.copy(), sums.copy()
        once, after = optimizer.step(w, sums, x.size, 0.5, state)
        twice, _ = optimizer.step(w, sums, x.size, 0.5, state)
        with np.errstate(all="raise"):
            raising, _ = optimizer.step(w, sums, x.size, 0.5, state)
        assert once.tobytes() == twice.tobytes() == raising.tobytes()
        np.testing.assert_array_equal(w, given[0])
        np.testing.assert_array_equal(sums, given[1])
        assert not np.shares_memory(once, w)
        w, state = once, after
        sums[:] = np.nan  # the trainer may use its arrays again


@pytest.mark.parametrize("optimizer", ALL, ids=lambda one: one.name)
def test_what_it_is_not_for(optimizer):
    plain = Experiment(f1, 3, 0.1, 2, optimizer=optimizer)
    with pytest.raises(
        ValueError, match=f"{optimizer.name} sees all samples at once, and no batch"
    ):
        plain.replaced(batch=10)
    with pytest.raises(ValueError, match=f"the kernel has no {optimizer.name}; numpy has it"):
        train(plain, engine="kernel")
    assert Experiment.parse(repr(plain)) == plain


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gauss-newton damping=0", "damping of gauss-newton must be above 0, got 0"),
        ("lbfgs memory=0", "memory of lbfgs must be an integer between 1 and 1000000, got 0"),
        ("lbfgs memory=2.5", "memory of lbfgs must be an integer, got '2.5'"),
        ("sharpness product=-1", "product of sharpness must be above 0, got -1"),
        ("sharpness memory=3", "an experiment has .*, got 'memory'"),
    ],
)
def test_settings_that_are_none(text, message):
    with pytest.raises(ValueError, match=message):
        Experiment.parse(f"f1 3 0.1 10 optimizer={text}")


@pytest.mark.parametrize("optimizer", [LBFGS(), Sharpness(1e300)], ids=lambda one: one.name)
def test_an_overflow_is_told(optimizer):
    with pytest.warns(RuntimeWarning, match="overflows at epoch 1"):
        lost = train(Experiment(f1, 3, 1e200, 20, optimizer=optimizer))
    assert np.isnan(lost.train_error[2:]).all()


def test_a_replayed_run_takes_them():
    for optimizer in ALL:
        runs = [
            train(Experiment(f1, 3, 0.5, 5, optimizer=optimizer), arithmetic=arithmetic)
            for arithmetic in ("portable", "replay")
        ]
        np.testing.assert_allclose(*map(rows_of, runs), rtol=1e-6)
