"""What the measures mean, on histories made by hand: every verdict they can give, and the edges."""

import math

import numpy as np
import pytest
from histories import INF, NAN, synthetic

from nnlib import Experiment, f1, f2, get_initial_weights, get_train_set, train
from nnlib.elementary import sigmoid
from nnlib.optimizers import HeavyBall
from nnlib.randomness.study import load_condition
from nnlib.report import measures
from nnlib.report.claims import load
from nnlib.report.runs import trained


def zigzag(turns, *, which=0, epochs=60, start=20):
    """A run whose error is lowest at `start`; then V[which] turns back so often, and goes on."""
    error = 2.0 - np.arange(epochs + 1.0) / 100
    error[start + 1 :] = 1.9
    steps = np.full(epochs, 0.01)
    steps[start + 1 : start + 1 + turns] *= (-1.0) ** np.arange(1, turns + 1)
    steps[start + 1 + turns :] = steps[start + turns]
    V = np.ones((epochs + 1, 3))
    V[:, which] += np.concatenate([[0], np.cumsum(steps)])
    return synthetic(error, V=V)


# --- the errors ----------------------------------------------------------------------------------


def test_last_lowest_and_best():
    history = synthetic([3, 1, 2])
    assert measures.last_error(history) == 2
    assert measures.lowest_error(history) == 1
    assert measures.best_epoch(history) == 1
    assert measures.lowest_over_first(history) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("errors", "epoch"),
    [
        ([3, 2, 1], None),
        ([1, 1, 1], None),
        ([1], None),
        ([1, 2, 1], 0),
        ([3, 2, 2, 1, 1.5, 1], 3),
        ([3, 2, 4, 1, 3, 1], 1),
        ([3, 2, 1, INF, NAN], 2),
        ([3, 2, NAN, NAN], None),
    ],
)
def test_first_rise(errors, epoch):
    assert measures.first_rise(synthetic(errors)) == epoch


def test_late_improvement_is_that_of_the_last_fifth():
    errors = np.concatenate([np.full(9, 10.0), [8.0, 6.0]])  # epochs 0 to 10: the fifth begins at 8
    assert measures.late_improvement(synthetic(errors)) == pytest.approx(0.4)
    assert measures.late_improvement(synthetic(np.ones(11))) == 0
    for epochs, start in ((10, 8), (14, 12), (4, 4), (10_000, 8000)):
        errors = 2.0 * epochs - np.arange(epochs + 1)  # no two are the same
        expected = 1 - epochs / errors[start]
        assert measures.late_improvement(synthetic(errors)) == pytest.approx(expected, rel=1e-12)


def test_rise_after_best():
    assert measures.rise_after_best(synthetic([9, 1, 5, 3])) == 5
    assert measures.rise_after_best(synthetic([9, 2, 1])) == 1
    assert measures.rise_after_best(synthetic([9, 1, 5, INF, NAN])) == INF


def test_training_error_follows():
    errors = np.exp(-np.arange(5.0))
    follows = measures.training_error_follows
    assert follows(synthetic(errors, train_error=3 * errors**2)) == pytest.approx(1)
    assert follows(synthetic(errors, train_error=1 / errors)) == pytest.approx(-1)
    after_an_overflow = synthetic([*errors, INF, NAN], train_error=[*errors, INF, NAN])
    assert follows(after_an_overflow) == pytest.approx(1)


# --- what becomes of a run -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("history", "outcome"),
    [
        (synthetic([3, 2, 1]), "stable"),
        (synthetic([1]), "stable"),
        (synthetic([1, 1]), "stable"),
        (synthetic([1, 2]), "divergence"),
        (synthetic([1, INF, NAN]), "overflow"),
        (synthetic([1, 0.5], train_error=[1, INF]), "overflow"),
        (synthetic([1, 0.5], U=np.full((2, 2, 2), 118.2)), "stable"),  # 6 · 118.2 < 709.78
        (synthetic([1, 0.5], U=np.full((2, 2, 2), -118.4)), "overflow"),
        (zigzag(0), "stable"),
        (zigzag(10), "stable"),
        (zigzag(11), "oscillation"),
        (zigzag(30), "oscillation"),
        (zigzag(11, which=2), "oscillation"),
        (zigzag(30, start=25), "oscillation"),
    ],
)
def test_outcome(history, outcome):
    assert measures.outcome(history) == outcome


def test_a_zigzag_before_the_best_epoch_does_not_count():
    history = zigzag(28)  # settled by the last ten epochs
    later = np.concatenate([history.test_error[:-1], [0.1]])
    assert measures.outcome(synthetic(later, V=history.V)) == "stable"


def test_turns_that_are_not_in_succession_do_not_count():
    steps = np.where(np.arange(60) % 4 < 2, 0.01, -0.01)  # two up, two down: a slow wave
    V = np.ones((61, 3))
    V[1:, 0] += np.cumsum(steps)
    wave = synthetic(np.concatenate([[2, 1], np.full(59, 1.5)]), V=V)
    assert measures.outcome(wave) == "stable"
    assert measures.longest_zigzag(wave).max() == 1


def test_longest_zigzag_is_counted_for_each_weight():
    assert measures.longest_zigzag(zigzag(17, which=1)).tolist() == [0, 0, 0, 0, 0, 17, 0]
    assert measures.longest_zigzag(synthetic([1])).tolist() == 7 * [0]


def test_weights_oscillate_means_all_of_them():
    assert not measures.weights_oscillate(zigzag(30))
    one = zigzag(30).V[:, :1]
    error = zigzag(30).test_error
    every = synthetic(error, U=np.tile(one[:, None], (1, 2, 2)), V=np.tile(one, 3))
    assert measures.weights_oscillate(every)


def test_the_runs_of_the_claims_are_far_from_the_limit():
    """The limit could be anything from 1 to 31, and no outcome would be another."""
    for claim in (*load(), *load("1B")):
        if claim.measure == "outcome" and claim.arithmetic == "portable":
            (experiment,) = claim.experiments
            longest = measures.longest_zigzag(trained(experiment)).max()
            assert claim.value not in ("stable", "oscillation") or longest == 0 or longest > 31


def test_learned_worse_at_the_end():
    good = np.array([1.0, 0.5])
    U, V = np.zeros((3, 1, 2)), np.zeros((3, 2))
    V[:, 1] = [0, 1.5, 0]  # constants; nearest to f1 on the interval is the second
    assert measures.learned_worse_at_the_end(synthetic([*good[::-1], 1], U=U, V=V, h=2)) is False
    assert measures.learned_worse_at_the_end(synthetic([1, 0.5, 1], U=U, V=V, h=2)) is True
    late = synthetic([1, 0.5, 1], U=U, V=V[[1, 1, 0]], h=2)  # the beginning does not count
    assert measures.learned_worse_at_the_end(late) is True
    U[2], V[2] = NAN, NAN
    assert measures.learned_worse_at_the_end(synthetic([1, 0.5, INF], U=U, V=V, h=2)) is True


# --- duplicate neurons ---------------------------------------------------------------------------


def test_duplicates():
    assert measures.duplicates(synthetic()) == 0
    U = np.ones((2, 2, 2))
    U[-1, 1, 1] = 0.9
    assert measures.duplicates(synthetic(U=U)) == pytest.approx(0.1)
    V = np.ones((2, 3))
    V[-1] = [1, -1, 7]  # the bias unit is no neuron that could be a duplicate
    assert measures.duplicates(synthetic(V=V)) == pytest.approx(2)
    U[0] = 5  # the beginning does not count
    assert measures.duplicates(synthetic(U=U)) == pytest.approx(0.1)
    assert measures.duplicates(synthetic(h=2)) == 0  # a single neuron is its own


def test_change_without_duplicate():
    assert measures.change_without_duplicate(synthetic()) == pytest.approx(0, abs=1e-15)
    U = np.ones((2, 2, 2))
    U[-1, 1] = -1  # a neuron mirrored: without it, the output is something else
    assert measures.change_without_duplicate(synthetic(U=U, V=[[1, 1, 1], [1, -1, 0]])) > 0.5


def eight(early, late, since=150):
    """A run of eight hidden neurons, with rows 0 to 3 of U `early` in epochs `since` to 300."""
    U = np.ones((401, 7, 2))
    U[:since, :4] = late
    U[since:301, :4] = early
    U[-1, :4] = late
    return synthetic(np.linspace(2, 1, 401), U=U, h=8, f=f2)


ALIKE, APART = [[3, 4], [-3, -4], [3, 4], [3, 4]], [[3, 4], [3, 4], [3, -4], [0, 1]]


def test_early_and_late_duplicates():
    history = eight(ALIKE, APART)
    assert measures.early_duplicates(history) == 0
    assert measures.early_opposite(history) == 0
    assert measures.late_duplicates(history) == pytest.approx(8 / 5)  # (3, 4) and (3, -4)
    for history in (eight(APART, ALIKE), eight(ALIKE, APART, since=151)):
        assert measures.early_duplicates(history) == pytest.approx(8 / 5)
        assert measures.early_opposite(history) == pytest.approx(2)  # not opposite but the same
    assert measures.late_duplicates(eight(APART, ALIKE)) == 0
    fourth = [*ALIKE[:3], [3, 4.5]]  # each of the three rows counts, and only at the end
    U = eight(fourth, fourth).U.copy()
    U[0] = 1
    for measure in (measures.early_duplicates, measures.late_duplicates):
        assert measure(synthetic(np.ones(401), U=U, h=8)) == pytest.approx(0.5 / math.hypot(3, 4.5))


def test_farthest_from_neuron_0():
    rows = np.array([[3.0, 4], [-3, -4], [6, 8]])  # one mirrored, one twice as long
    U = np.tile(rows, (301, 1, 1))
    assert measures.farthest_from_neuron_0(synthetic(np.ones(301), U=U, h=4)) == 0.5
    U[100, 2] = 3, 4.5  # one epoch is enough
    apart = measures.farthest_from_neuron_0(synthetic(np.ones(301), U=U, h=4))
    assert apart == pytest.approx(0.5 / math.hypot(3, 4.5))
    U[:, 2] = 6, 8
    U[300, 2] = 3, 4.5  # the last epoch that counts
    apart = measures.farthest_from_neuron_0(synthetic(np.ones(301), U=U, h=4))
    assert apart == pytest.approx(0.5 / math.hypot(3, 4.5))
    U[300, 2] = 6, 8
    later = np.concatenate([U, np.ones((1, 3, 2))])  # beyond epoch 300
    assert measures.farthest_from_neuron_0(synthetic(np.ones(302), U=later, h=4)) == 0.5


# --- several histories ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lasts", "rise"), [([3, 2, 1], False), ([1, 2, 3], True), ([1, 3, 2], False)]
)
def test_errors_rise(lasts, rise):
    assert measures.errors_rise(*(synthetic([9, last]) for last in lasts)) is rise


def test_equal_errors_do_not_rise():
    assert not measures.errors_rise(synthetic(), synthetic())
    assert not measures.errors_rise(synthetic(), synthetic([1, INF, NAN]))


def test_smallest_improvement():
    histories = [synthetic([9, low]) for low in (8, 2, 4)]
    assert measures.smallest_improvement(*histories) == 2
    assert measures.smallest_improvement(*histories[:2]) == 4
    assert measures.smallest_improvement(synthetic([9, 1]), synthetic([9, 2])) == 0.5


def test_ratios():
    one, other = synthetic([4, 1, 2]), synthetic([4, 3, 3], V=[[1, 1, 1], [1, 1, 1], [6, 1, 1]])
    assert measures.ratio_of_last_errors(one, other) == 1.5
    assert measures.ratio_of_last_to_lowest(one, other) == 3
    assert measures.ratio_of_V0(one, other) == 6


def curves(factor_U=1.0, factor_bias=1.0, turned=False):
    t = np.linspace(0, 1, 50)
    U = np.repeat((factor_U * t)[:, None, None], 2, axis=1).repeat(2, axis=2)
    V = np.repeat((factor_bias * (-(t**2) if turned else t**2))[:, None], 3, axis=1)
    return synthetic(2 - t, U=U, V=V)


def test_shapes_and_magnitudes():
    one = curves()
    assert measures.same_shape(one, curves(3, 0.2)) == pytest.approx(1)
    assert measures.same_shape(one, curves(turned=True)) == pytest.approx(-1)
    grown, shrunk, mixed = curves(2, 1.5), curves(0.5, 0.7), curves(2, 0.7)
    assert measures.magnitudes_grow(one, grown) and not measures.magnitudes_shrink(one, grown)
    assert measures.magnitudes_shrink(one, shrunk) and not measures.magnitudes_grow(one, shrunk)
    assert not measures.magnitudes_grow(one, mixed) and not measures.magnitudes_shrink(one, mixed)
    assert not measures.magnitudes_grow(one, one) and not measures.magnitudes_shrink(one, one)
    assert measures.bias_changes_least(one, grown) and measures.bias_changes_least(one, shrunk)
    assert not measures.bias_changes_least(one, curves(1.1, 0.5))
    assert measures.last_bias_changes_least(one, grown)
    V = grown.V.copy()
    V[-1, -1] = 0.1  # the bias was at its largest before
    returning = synthetic(grown.test_error, U=grown.U, V=V)
    assert measures.bias_changes_least(one, returning)
    assert not measures.last_bias_changes_least(one, returning)


def test_same_beginning_is_meant_to_the_bit():
    long = synthetic([4, 3, 2, 1])
    assert measures.same_beginning(synthetic([4, 3, 2]), long)
    assert not measures.same_beginning(synthetic([4, 3, np.nextafter(2, 3)]), long)
    U = np.ones((3, 2, 2))
    U[2, 1, 1] = np.nextafter(1, 2)
    assert not measures.same_beginning(synthetic([4, 3, 2], U=U), long)


@pytest.mark.parametrize(
    ("measure", "factor", "epochs", "within", "outside"),
    [
        (measures.tenfold_time, 10, 800, (10, 800), (9,)),
        (measures.double_time, 2, 800, (0, 150, 500), (501,)),
    ],
)
def test_times(measure, factor, epochs, within, outside):
    slow = synthetic(1 / (1 + np.arange((factor * epochs if factor == 10 else 1000) + 1)))
    fast = 1 / (1 + factor * np.arange(epochs + 1.0))
    assert measure(synthetic(fast), slow) == pytest.approx(0)
    for n in within:
        other = np.where(np.arange(epochs + 1) == n, fast / 1.5, fast)
        other[n:] = np.minimum(other[n:], other[n])  # so that it never rises
        assert measure(synthetic(other), slow) >= 0.5 - 1e-12
    for n in outside:
        other = np.where(np.arange(epochs + 1) == n, fast[n - 1], fast)
        assert measure(synthetic(other), slow) == pytest.approx(0)


def test_tenfold_time_of_a_run_that_rises_at_once():
    assert measures.tenfold_time(synthetic([1, 2, *np.ones(20)]), synthetic(np.ones(201))) is None


def test_tenfold_time_ends_where_the_error_rises():
    slow = synthetic(1 / (1 + np.arange(8001)))
    fast = 1 / (1 + 10 * np.arange(801.0))
    fast[501:] = 1  # rises after epoch 500
    assert measures.tenfold_time(synthetic(fast), slow) == pytest.approx(0)
    fast[500] /= 1.5
    assert measures.tenfold_time(synthetic(fast), slow) == pytest.approx(0.5)


@pytest.mark.parametrize("epochs", [8, 9])
def test_double_time_ends_with_the_slower_run(epochs):
    slow, fast = np.ones(epochs + 1), np.ones(10)
    slow[8] = 2
    assert measures.double_time(synthetic(fast), synthetic(slow)) == 1


@pytest.mark.parametrize(
    ("errors", "sooner"),
    [([9, 5, 2, 1, 0], True), ([9, 1, 5, 5, 0], True), ([9, 5, 5, 1, 0], False), ([9], False)],
)
def test_sooner_is_before_the_epoch_of_the_lowest_error(errors, sooner):
    plain = synthetic([9, 5, 3, 2, 3])  # lowest at epoch 3
    assert measures._is_sooner(plain, synthetic(errors)) is sooner


def test_weights_increase():
    assert measures.weights_increase(synthetic(h=2), synthetic(h=3), synthetic(h=5))
    assert not measures.weights_increase(synthetic(h=3), synthetic(h=3))


def test_digits_on_another_machine():
    stable, oscillating = Experiment(f1, 3, 0.1, 100), Experiment(f1, 3, 1, 1000)
    assert measures.digits_survive_another_machine(trained(stable))
    assert not measures.digits_survive_another_machine(trained(stable), trained(oscillating))


def test_the_other_machine_runs_the_loop_of_the_document():
    """Sample by sample, in portable functions: the first gradient shows it."""
    experiment = Experiment(f2, 5, 0.1, 1)
    (first,) = train(experiment, arithmetic=measures._another_machine()).grad_V
    x, y = get_train_set(f2)
    U, V = get_initial_weights(5)
    total = np.zeros(5)
    for sample, wanted in zip(x, y, strict=True):
        H = np.append(sigmoid(U[:, 0] * sample + U[:, 1]), 1.0)
        total += (np.add.accumulate(V[0] * H)[-1] - wanted) * H
    assert (first == total / len(x)).all()


def test_an_undivided_loss():
    assert measures.undivided_is_unstable(trained(Experiment(f1, 3, 0.1, 100)))
    assert not measures.undivided_is_unstable(trained(Experiment(f1, 3, 1e-4, 100)))
    assert not measures.undivided_is_unstable(trained(Experiment(f1, 3, 5, 200)))  # it is


# --- momentum ------------------------------------------------------------------------------------


def test_without_momentum_it_is_plain_descent():
    experiment = Experiment(f1, 3, 0.1, 50)
    plain, without = train(experiment), train(experiment.replaced(optimizer=HeavyBall(0)))
    for name in ("U", "V", "test_error", "train_error", "grad_U", "grad_V"):
        assert (getattr(plain, name) == getattr(without, name)).all()


def test_momentum_is_the_recurrence():
    experiment = Experiment(f2, 4, 0.1, 5)
    found = train(experiment.replaced(optimizer=HeavyBall(measures.MOMENTUM)))
    faded = [sum(0.9 ** (n - m) * found.grad_V[m] for m in range(n + 1)) for n in range(5)]
    assert np.diff(found.V, axis=0) == pytest.approx(-0.1 * np.array(faded), rel=1e-9)


@pytest.mark.parametrize(
    ("errors", "sooner"),
    [
        ([4, 1, 1, 2], True),
        ([4, 3, 1, 0.5], False),
        ([4, 2, 2, 2], False),
        ([4, NAN, NAN, NAN], False),
    ],
)
def test_what_accelerates(monkeypatch, errors, sooner):
    pairs = [(synthetic([4, 2, 1, 2]), synthetic(errors))] * 20
    monkeypatch.setattr(measures, "beside_momentum", lambda experiment: pairs)
    assert measures.momentum_accelerates(synthetic())[0] == sooner


def test_what_calms(monkeypatch):
    """Only those pairs count of which one run oscillates and the other does not."""
    shaking, calm = zigzag(30), zigzag(10)
    pairs = [(shaking, calm)] * 9 + [(calm, shaking)] + [(calm, calm), (shaking, shaking)] * 5
    monkeypatch.setattr(measures, "beside_momentum", lambda experiment: pairs)
    share, low, high = measures.momentum_calms(synthetic())
    assert share == 0.9 and low == pytest.approx(0.555, abs=1e-3) and high < 1
    monkeypatch.setattr(measures, "beside_momentum", lambda experiment: pairs[10:])
    assert measures.momentum_calms(synthetic()) is None


def test_momentum_has_the_replicates_of_the_study(monkeypatch):
    monkeypatch.setattr(measures, "PAIRS", 2)
    pairs = measures.beside_momentum(Experiment(f1, 3, 0.1, 1000))
    rows = load_condition("f1-3-0.1-all")["last_error"][:2]
    assert [plain.last_error for plain, _ in pairs] == rows.tolist()


# --- the set-up ----------------------------------------------------------------------------------


def test_the_gradients_are_told_from_wrong_ones(monkeypatch):
    assert measures.equation_1() <= 1e-12 and measures.equation_2() <= 1e-12
    right = measures.reference.back_propagate

    def wrong(e, X, H, V):
        grad_U, grad_V = right(e, X, H, V)
        return 1.01 * grad_U, 1.001 * grad_V

    monkeypatch.setattr(measures.reference, "back_propagate", wrong)
    assert measures.equation_1() == 1e-3 and measures.equation_2() == 1e-2


def test_a_function_of_another_shape_is_told(monkeypatch):
    assert measures.f1_rises() and measures.f2_waves()
    monkeypatch.setattr(measures, "f1", lambda x: np.exp(-x / 5))
    monkeypatch.setattr(measures, "f2", lambda x: np.cos(x) * (25 - x**2))
    assert not measures.f1_rises() and not measures.f2_waves()


def test_other_weights_and_datasets_are_told(monkeypatch):
    assert measures.shapes_of_the_network() and measures.weights_differ_with_h()
    assert measures.standard_is_always_the_same()
    assert measures.largest_initial_weight() < 0.05 and measures.largest_input() <= 5
    rng = np.random.default_rng(0)

    def same_for_all_h(h):
        return np.ones((h - 1, 3)), np.ones((1, h))  # and a column of U too many

    monkeypatch.setattr(measures, "get_initial_weights", same_for_all_h)
    assert not measures.weights_differ_with_h() and not measures.shapes_of_the_network()
    assert measures.largest_initial_weight() == 1
    monkeypatch.setattr(measures, "get_initial_weights", lambda h: rng.random((2, h, 2)))
    assert not measures.standard_is_always_the_same()
