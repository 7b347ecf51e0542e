"""The rules by which weights move: each against its slow twin, and against what it is near to."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
from rules import RULES, bits, usual

from nnlib import Experiment, descent, f1, f2, reference, train
from nnlib.network import pack
from nnlib.optimizers import (
    LBFGS,
    OPTIMIZERS,
    Adam,
    AdamW,
    Angle,
    Armijo,
    BarzilaiBorwein,
    Descent,
    Halving,
    HeavyBall,
    Nesterov,
    RMSprop,
    Rprop,
)

H, STEPS = 3, 50
SIZE = 3 * H - 2
TRAIN_SET = np.linspace(-5, 5, 9), np.linspace(0, 1, 9)  # for what needs more than a gradient
WRITTEN_OUT = [rule for rule in RULES if rule.name in reference.RULES]
SHORT = Experiment(f2, 3, 0.05, 12).starting(samples=23, scale=10)


def evaluations(kind, seed):
    """Weights and sums of each step, as no run has them: w, sums, n, rate."""
    rng = np.random.default_rng(seed)
    for step in range(STEPS):
        w, sums = rng.normal(size=SIZE), rng.normal(size=SIZE + 1)
        if kind == "zeros":
            for values in (w, sums):
                values *= rng.choice([0.0, -0.0, 1.0, -1.0], values.size)
        elif kind == "all sizes":
            for values in (w, sums):
                values *= 10.0 ** rng.choice([-320, -300, -160, -3, 0, 3, 150, 300], values.size)
        elif kind == "a slow turn":
            angle = step * rng.choice([0.01, 0.1, 0.7])
            sums[:] = np.sin(angle + np.arange(SIZE + 1))
        elif kind == "nothing":
            sums[:] = rng.choice([0.0, -0.0])
        sums[-1] = abs(sums[-1])
        yield w, sums, int(rng.integers(1, 1001)), 10.0 ** rng.uniform(-4, 2)


KINDS = "usual", "zeros", "all sizes", "a slow turn", "nothing"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rule", WRITTEN_OUT, ids=repr)
def test_a_step_has_the_bits_of_its_slow_twin(rule, kind):
    twin = reference.RULES[rule.name](**vars(rule))
    next(twin)
    state = rule.begin(SIZE, TRAIN_SET)
    for w, sums, n, rate in evaluations(kind, 7):
        found, state = rule.step(w, sums, n, rate, state)
        with np.errstate(all="raise"):  # plain numbers have no such state
            *g, loss = sums.tolist()
            expected = twin.send((w.tolist(), g, loss, n, rate))
        assert bits(found) == bits(np.array(expected))


def test_every_step_from_a_gradient_is_written_out_twice():
    assert {*reference.RULES} == {name for name, rule in OPTIMIZERS.items() if rule.compiled}


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_a_step_changes_nothing_but_what_it_gives_back(rule):
    state = rule.begin(SIZE, TRAIN_SET)
    for w, sums, n, rate in evaluations("usual", 8):
        given = bits((w, sums)), deepcopy(state)
        first = rule.step(w, sums, n, rate, state)
        again = rule.step(w, sums, n, rate, given[1])
        assert bits((w, sums)) == given[0]
        assert bits(first[0]) == bits(again[0])
        w[:], sums[:] = 7.0, 7.0  # nor does it keep what belongs to others
        state = first[1]
        following = rule.step(np.ones(SIZE), np.ones(SIZE + 1), n, rate, state)
        expected = rule.step(np.ones(SIZE), np.ones(SIZE + 1), n, rate, again[1])
        assert bits(following[0]) == bits(expected[0])


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_what_the_process_has_set_changes_no_step(rule):
    given = [*evaluations("all sizes", 9)]

    def walk():
        state = rule.begin(SIZE, TRAIN_SET)
        for w, sums, n, rate in given:
            after, state = rule.step(w, sums, n, rate, state)
            yield bits(after)

    expected = [*walk()]
    with np.errstate(all="raise"):
        assert [*walk()] == expected


def runs_of(*rules, **changes):
    return [
        train(SHORT.replaced(optimizer=rule, **changes), engine="numpy").checksum()
        for rule in rules
    ]


@pytest.mark.parametrize(
    "rule",
    [
        HeavyBall(0),
        Nesterov(0),
        Halving(down=1),
        Angle(small=0, large=np.pi),
        Angle(up=1, down=1),
        Halving(up=1, down=1),
    ],
    ids=repr,
)
def test_what_is_descent(rule):
    one, other = runs_of(rule, Descent(), learning_rate=0.5)
    assert one == other


def test_what_is_the_same_as_another():
    one, other = runs_of(Adam(), AdamW(decay=0))
    assert one == other
    one, other = runs_of(Adam(beta1=0, beta2=0.5), RMSprop(beta=0.5))
    assert one != other  # as Adam's mean of squares is divided by 1 - beta
    one, other = runs_of(HeavyBall(0.9), Nesterov(0.9))
    assert one != other


def course(rule, **changes):
    """The weights of a run, and its gradients, epoch by epoch."""
    history = train(SHORT.replaced(optimizer=rule, **changes), engine="numpy")
    return pack(history.U, history.V), pack(history.grad_U, history.grad_V), history


def rates(rule, **changes):
    """The learning rates that a run took, where its steps lie along its gradients."""
    w, g, _ = course(rule, **changes)
    return np.linalg.norm(np.diff(w, axis=0), axis=1) / np.linalg.norm(g, axis=1)


def test_the_first_step_is_as_long_as_the_rate_says():
    w, g, _ = course(Rprop(), learning_rate=0.25)
    np.testing.assert_allclose(w[1] - w[0], -0.25 * np.sign(g[0]), rtol=1e-12)
    w, g, _ = course(Adam(), learning_rate=0.25)  # mean / root of mean square
    np.testing.assert_allclose(w[1] - w[0], -0.25 * np.sign(g[0]), rtol=1e-5)
    w, g, _ = course(usual(OPTIMIZERS["adagrad"]), learning_rate=0.25)
    np.testing.assert_allclose(w[1] - w[0], -0.25 * np.sign(g[0]), rtol=1e-5)
    w, g, _ = course(RMSprop(beta=0.75), learning_rate=0.25)
    np.testing.assert_allclose(w[1] - w[0], -0.5 * np.sign(g[0]), rtol=1e-5)


def test_rprop_stays_within_its_limits_and_waits_after_a_turn():
    rule, w = Rprop(up=3, down=0.1), np.zeros(1)
    state, moves = rule.begin(1, TRAIN_SET), []
    for g in (1, 1, 1, 1, 1, -1, -1, -1, 1, 1, *9 * [-1, 1]):
        after, state = rule.step(w, np.array([g, 1.0]), 1, 1.0, state)
        moves.append(float((after - w)[0]))
        w = after
    expected = [-1, -3, -9, -27, -50, 0, 5, 15, 0, -1.5]
    np.testing.assert_allclose(moves[:10], expected)
    sizes = abs(np.array(moves))
    assert sizes[sizes > 0].min() == pytest.approx(1e-6) and sizes.max() == pytest.approx(50)


def test_rprop_leaves_a_weight_without_a_gradient():
    rule = Rprop()
    w = np.array([-0.0, 0.0, 5e-324])
    found, _ = rule.step(w, np.zeros(4), 1, 1.0, rule.begin(3, TRAIN_SET))
    assert bits(found) == bits(w)


def test_halving_lowers_the_rate_where_the_error_has_risen_and_nowhere_else():
    experiment = SHORT.replaced(optimizer=Halving(up=1.5, down=0.25), learning_rate=4, epochs=40)
    history = train(experiment, engine="numpy")
    w, g = pack(history.U, history.V), pack(history.grad_U, history.grad_V)
    found = np.linalg.norm(np.diff(w, axis=0), axis=1) / np.linalg.norm(g, axis=1)
    rises = np.diff(history.train_error)[:-1] > 0
    assert 3 < rises.sum() < 30
    expected = 4 * np.cumprod(np.append(1, np.where(rises, 0.25, 1.5)))
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_line_search_goes_on_from_where_enough_was_gained():
    experiment = SHORT.replaced(optimizer=Armijo(slope=0.1), learning_rate=8, epochs=60)
    history = train(experiment, engine="numpy")
    w, g = pack(history.U, history.V), pack(history.grad_U, history.grad_V)
    errors, base, rate, taken_back = history.train_error, 0, 8.0, 0
    for n in range(60):
        if n and errors[n] <= errors[base] - 0.1 * rate * np.sum(g[base] ** 2):
            base, rate = n, 2 * rate
        elif n:
            rate, taken_back = rate / 2, taken_back + 1
        np.testing.assert_allclose(w[n + 1], w[base] - rate * g[base], rtol=1e-9, atol=1e-12)
    assert 5 < taken_back < 55
    assert errors[base] < errors[0]


def test_barzilai_and_borwein_solve_a_parabola_along_one_axis():
    """There the second difference is the curvature, and so the third point is the bottom."""
    rule, curvature, bottom = BarzilaiBorwein(), 3.0, 2.0
    w, state = np.array([7.0]), None
    for _ in range(2):
        g = curvature * (w - bottom)
        w, state = rule.step(w, np.append(4 * g, 1.0), 4, 0.01, state)
    np.testing.assert_allclose(w, [bottom], rtol=1e-12)


def test_the_rate_stays_where_the_gradient_has_not_grown():
    rule = BarzilaiBorwein()
    w, state = rule.step(np.zeros(1), np.array([1.0, 1.0]), 1, 0.5, None)
    w, state = rule.step(w, np.array([2.0, 1.0]), 1, 99.0, state)  # larger against the step
    assert w == -0.5 - 0.5 * 2


def test_the_angle_raises_and_lowers_the_rate():
    found = rates(Angle(small=np.pi, large=np.pi, up=2, patience=5), epochs=20)
    assert (found / 0.05)[[0, 3, 4, 8, 9, 14]] == pytest.approx([1, 1, 2, 2, 4, 8])
    found = rates(Angle(small=0, large=0, down=0.5), epochs=4)
    assert found / 0.05 == pytest.approx([1, 0.5, 0.25, 0.125])


@pytest.mark.parametrize("small", [0.2, 1.0, 2.0, 3.0])
def test_the_angle_that_is_compared_is_that_of_the_gradients(small):
    def turned(angle):
        rule = Angle(small=small, large=np.pi, up=2, patience=2)
        state = rule.begin(2, TRAIN_SET)
        for way in (0, angle):
            g = np.array([np.cos(way), np.sin(way), 1.0])
            w, state = rule.step(np.zeros(2), g, 1, 1.0, state)
        return np.linalg.norm(w)

    assert turned(small * 0.999999) == pytest.approx(2)
    assert turned(small * 1.000001) == pytest.approx(1)


def test_a_vanishing_gradient_counts_as_a_small_angle():
    rule = Angle(small=0.1, large=0.2, up=2, patience=3)
    state = rule.begin(1, TRAIN_SET)
    for g in (1.0, 0.0, -1.0):
        w, state = rule.step(np.zeros(1), np.array([g, 1.0]), 1, 1.0, state)
    assert w == 2


def test_momentum_goes_on_where_there_is_no_gradient():
    rule = HeavyBall(0.5)
    state, w, places = rule.begin(1, TRAIN_SET), np.zeros(1), []
    for g in (8.0, 0.0, 0.0):
        w, state = rule.step(w, np.array([g, 1.0]), 2, 1.0, state)
        places.append(float(w[0]))
    assert places == [-4, -6, -7]


def test_decay_takes_a_part_of_each_weight():
    w = np.array([3.0, -2.0])
    for decay in (0, 0.5):
        rule = AdamW(decay=decay)
        found, _ = rule.step(w, np.zeros(3), 1, 0.1, rule.begin(2, TRAIN_SET))
        np.testing.assert_array_equal(found, w - 0.1 * (0 + decay * w))


def test_a_step_of_descent_is_the_documents():
    w, sums = np.arange(3.0), np.arange(4.0)
    found, state = Descent().step(w, sums, 3, 0.7, None)
    np.testing.assert_array_equal(found, descent.step(w, sums[:-1], 3, 0.7))
    assert state is None


def test_a_rule_that_the_reference_lacks_is_named():
    with pytest.raises(ValueError, match=r"the reference has descent, .*, got optimizer=lbfgs"):
        reference.train(Experiment(f1, 2, 0.1, 1, optimizer=LBFGS()))


def test_settings_are_in_the_order_in_which_the_kernel_takes_them():
    assert Adam(0.5, 0.25, 1).settings() == (0.5, 0.25, 1)
    assert AdamW(0.5, 0.25, 1, 0.125).settings() == (0.5, 0.25, 1, 0.125)
    assert Descent().settings() == ()
    small, large, *rest = Angle(small=1, large=np.pi).settings()
    assert (small, rest) == (pytest.approx(np.tan(0.5), rel=1e-15), [1.1, 0.5, 10])
    assert large > 1e15
    assert replace(Angle(), small=0).settings()[0] == 0
