"""The study of where one begins."""

import numpy as np
import pytest

from nnlib import f1, f2
from nnlib.interval import interval_error
from nnlib.methods import beginnings
from nnlib.network import LossGradient, forward_pass, pack
from nnlib.report import measures_2
from nnlib.start import Start
from nnlib.training import train_quietly

DESCENT = beginnings.experiment(f2, "descent", "1").replaced(learning_rate=0.05, epochs=50)


def test_what_is_kept_of_a_run():
    row = beginnings._measure(DESCENT, "10", "plain", 3)
    run = train_quietly(DESCENT.starting(data=3, weights=1003, scale=10))
    best = int(np.argmin(run.train_error))
    weights = pack(run.U, run.V)
    assert row[:3] == [0.05, interval_error(f2, weights[best]), best]
    assert row[3] == interval_error(f2, weights[-1])
    assert row[4:] == [float(beginnings.variety(weights[n])) for n in (0, best)]


def test_an_overflow_is_no_error():
    row = beginnings._measure(DESCENT.replaced(learning_rate=50, epochs=200), "1", "plain", 0)
    assert np.isfinite(row[1]) and row[3] == np.inf


@pytest.mark.parametrize("kind", ["U", "V", "apart", "together"])
def test_a_factor_or_a_control_changes_what_it_should_alone(kind, monkeypatch):
    firsts = []
    monkeypatch.setattr(beginnings, "train_quietly", _keep_weights(firsts))
    plain = {"U": "1", "V": "1", "apart": "glorot", "together": "spread"}[kind]
    for one in (plain, kind):
        beginnings._measure(beginnings.experiment(f2, "descent", one), one, "plain", 5)
    (U, V), (other_U, other_V) = firsts
    times = {"U": (100, 100, 1), "V": (1, 1, 100)}.get(kind, (1, 0, 1))
    np.testing.assert_array_equal(other_U[:, 0], times[0] * U[:, 0])
    np.testing.assert_array_equal(other_V, times[2] * V)
    if kind != "apart":
        np.testing.assert_array_equal(other_U[:, 1], times[1] * U[:, 1])
    else:
        places = -other_U[:, 1] / other_U[:, 0]
        assert np.ptp(places) > 2 and abs(places).max() <= 5


def _keep_weights(firsts):
    def train(experiment, *, weights, **more):
        firsts.append(weights)
        return train_quietly(experiment.replaced(epochs=0), weights=weights, **more)

    return train


def test_the_start_and_the_rates_of_scaled_inputs_can_be_had_alone(monkeypatch):
    firsts = []
    monkeypatch.setattr(beginnings, "train_quietly", _keep_weights(firsts))
    one = beginnings.experiment(f2, "descent", "1")
    cells = [("1", "plain"), ("1", "inputs"), ("flatter", "plain"), ("kept", "inputs")]
    plain, scaled, start, rates = (beginnings._measure(one, *cell, 5)[1] for cell in cells)
    assert rates == pytest.approx(plain, rel=1e-12)  # the same network at first
    assert start == pytest.approx(scaled, rel=1e-12) != pytest.approx(plain, rel=1e-12)
    np.testing.assert_array_equal(firsts[3][0], firsts[0][0] * [5, 1])


def test_spread_neurons_stay_spread_in_any_units(monkeypatch):
    firsts = []
    monkeypatch.setattr(beginnings, "train_quietly", _keep_weights(firsts))
    one = beginnings.experiment(f2, "descent", "spread")
    rows = [beginnings._measure(one, "spread", units, 5) for units in beginnings.UNITS]
    for units, (U, V) in zip(beginnings.UNITS, firsts, strict=True):
        plain_U, plain_V = beginnings.in_units(*firsts[0], units)
        np.testing.assert_array_equal(U, plain_U)
        np.testing.assert_array_equal(V, plain_V)
    np.testing.assert_allclose([row[1] for row in rows], rows[0][1])


@pytest.mark.parametrize("units", beginnings.UNITS)
def test_in_other_units_a_network_does_the_same(units):
    c, d = beginnings.UNITS[units]
    U, V = Start(scale=100).initial_weights(4)
    x = np.linspace(-5, 5, 11)
    other = forward_pass(*beginnings.in_units(U, V, units), x / c)
    np.testing.assert_allclose(d * other, forward_pass(U, V, x), rtol=1e-12)


def test_other_units_are_another_rate_for_each_layer_bit_by_bit(monkeypatch):
    monkeypatch.setitem(beginnings.UNITS, "powers", (8, 16))
    row = beginnings._measure(DESCENT.replaced(learning_rate=1), "10", "powers", 3)
    start = DESCENT.starting(data=3, weights=1003, scale=10).start
    x, y = start.train_set(f2)
    U, V = start.initial_weights(8)
    w = pack(U * [1 / 8, 1], 16 * V)
    rates = pack(np.full((7, 2), [1 / (8 * 16) ** 2, 1 / 16**2]), np.ones(8))
    gradient, lowest = LossGradient(x, y, 8), []
    for _ in range(51):
        sums = gradient.sums(w).copy()
        lowest.append((sums[-1], w))
        w = w - rates * sums[:-1] / x.size
    (_, best), last = min(lowest, key=lambda pair: pair[0]), lowest[-1][1]
    assert row[1] == interval_error(f2, best) and row[3] == interval_error(f2, last)


def test_the_unit_of_the_outputs_is_in_descents_rates_alone():
    assert beginnings._rates(f2, "descent", "1", "both") == tuple(
        10 * rate for rate in beginnings._rates(f2, "descent", "1", "plain")
    )
    assert beginnings._rates(f2, "adam", "1", "both") == beginnings._rates(
        f2, "adam", "1", "inputs"
    )


@pytest.mark.parametrize("f", [f1, f2])
def test_the_best_of_the_rates_is_judged(f):
    for method, kind, units in beginnings.cells(f):
        if method != "gauss-newton":
            means = np.log(beginnings.load_tried(f, method, kind, units)).mean(axis=1)
            rates = {*beginnings.load(f, method, kind, units)["rate"]}
            assert rates == {beginnings._rates(f, method, kind, units)[int(np.argmin(means))]}


def test_starts_that_tune_do_not_judge():
    assert not {*beginnings.TUNING} & {*beginnings.STARTS}


def test_variety_counts_shapes():
    rise = np.array([2.0, 4.0])
    # Three neurons that do the same, falling or rising.
    alike = pack(np.array([rise, -rise, rise]), np.zeros(4))
    np.testing.assert_allclose(beginnings.variety(alike), 1)
    # Two that do not go with each other: a step, and a bump that has risen and fallen.
    U = np.array([[300.0, 0.0], [0.3, 0.0]])
    assert beginnings.variety(pack(U, np.zeros(3))) < 1.4
    far = np.array([[50.0, 245.0], [50.0, -245.0], [50.0, 0.0]])
    assert 1.6 < beginnings.variety(pack(far, np.zeros(4))) < 3
    # A neuron that is saturated everywhere counts as alike, and does no harm.
    assert np.isfinite(beginnings.variety(pack(np.array([[0.0, 900.0], rise]), np.zeros(3))))
    stack = np.array([alike, alike])
    assert beginnings.variety(stack).shape == (2,)


def test_shares_are_those_of_what_varies():
    kinds, methods = np.array([0.0, 1.0, 5.0]), np.array([0.0, 2.0])
    flat = np.zeros((2, 3, 4))
    luck = np.arange(4.0) - 1.5
    for n, table in enumerate(
        (flat + kinds[:, None], flat + methods[:, None, None], None, flat + luck)
    ):
        if table is not None:
            np.testing.assert_allclose(beginnings.shares(table), np.eye(4)[n], atol=1e-12)
    both = flat.copy()
    both[0, 0] = both[1, 1] = 1
    both[0, 1] = both[1, 0] = -1
    np.testing.assert_allclose(beginnings.shares(both), [0, 0, 1, 0], atol=1e-12)


def test_intervals_hold_the_shares_and_chance_has_hardly_any():
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(5, 3, 100))
    table = noise + 0.5 * np.arange(3)[:, None]
    found = beginnings.shares_with_intervals(table, 200)
    assert np.all(found[:, 1] <= found[:, 0]) and np.all(found[:, 0] <= found[:, 2])
    assert found[-1, 1] > 0.9  # the kind, not the method
    np.testing.assert_allclose(found[:4, 0].sum(), 1)
    kind, method = beginnings.by_chance(table, 200)
    assert kind < 0.02 < found[0, 0] and method < 0.02
    # What all methods share from a start makes chance larger for the kind, as it must.
    alike = np.repeat(noise[:1], 5, axis=0)
    assert beginnings.by_chance(alike, 200)[0] > 2 * beginnings.by_chance(noise, 200)[0]


def test_the_saddle_is_left_later_from_smaller_weights():
    x, y = measures_2.mirrored_samples(f2)
    foretold = beginnings.epochs_for_ten(x, y, 0.05)
    assert (1 + 0.05 * np.mean(x * y) / 4) ** foretold == pytest.approx(10)
    later = np.diff([measures_2.leaving_epoch(scale) for scale in (0.1, 0.01)])
    assert abs(later - foretold) < 1


def test_what_is_not_kept_is_refused():
    with pytest.raises(
        ValueError, match="nothing is kept of descent, apart, plain, but of: descent"
    ):
        beginnings.load(f1, "descent", "apart")
