"""The signs of an oscillation: predicted without a look at the run, and read off it."""

from dataclasses import replace

import numpy as np
import pytest

from nnlib import Experiment, History, f1, f2, train
from nnlib.network import pack
from nnlib.oscillation import rounding_noise, stable_path
from nnlib.oscillation.signs import (
    alarms,
    angle_alarms,
    differences,
    flips,
    predict_flips,
    predict_signs,
    read_flips,
    read_signs,
    sizes_that_show,
)

NOISE = rounding_noise(53)


def _with_gradients(rows):
    """A history of h = 2 with these gradients, and an error that falls to the end."""
    epochs = len(rows)
    errors = np.arange(epochs + 1, 0, -1.0)
    U, V = np.zeros((epochs + 1, 1, 2)), np.zeros((epochs + 1, 2))
    grad_U, grad_V = rows[:, None, 2:].copy(), rows[:, :2].copy()
    return History(Experiment(f1, 2, 1, epochs), errors, errors.copy(), U, V, grad_U, grad_V)


def _valley(factor, size=1e-9, epochs=200):
    """Gradients that shrink smoothly along one direction, and zigzag along another."""
    n = np.arange(epochs)
    rows = np.zeros((epochs, 4))
    rows[:, 0] = np.exp(-n / 50)
    rows[:, 2] = size * (-1.0) ** n * factor**n
    return rows


@pytest.mark.parametrize(
    "experiment", [Experiment(f1, 2, 1, 500), Experiment(f2, 6, 0.1, 1000)], ids=str
)
def test_the_signs_come_in_their_order_and_when_predicted(experiment):
    predicted = predict_signs(stable_path(experiment), NOISE)
    seen = read_signs(train(experiment))
    for signs in (predicted, seen):
        assert signs.angle < signs.norm < signs.error
    np.testing.assert_allclose(predicted, seen, rtol=0.015)


def test_the_sizes_that_show_are_reached_when_the_signs_are_predicted():
    path = stable_path(Experiment(f1, 3, 1, 1000))
    predicted, zigzag = predict_signs(path, NOISE), path.zigzag(NOISE)
    for n, epoch in enumerate(predicted):
        size = sizes_that_show(path, epoch)[n]
        assert zigzag[epoch - 2] < size < zigzag[epoch + 2]
    for epoch in (-1, 0, 1000, 1.5):
        with pytest.raises(ValueError, match="epoch must be an integer between 1 and 999, got"):
            sizes_that_show(path, epoch)


def test_the_error_is_lowest_after_the_crossing():
    """A path that was as low for an epoch before, which has nothing to do with its zigzag."""
    path = stable_path(Experiment(f1, 2, 1, 500))
    U, V = path.U.copy(), path.V.copy()
    U[150], V[150] = U[-1], V[-1]
    assert path.crossing(500) > 152
    assert predict_signs(replace(path, U=U, V=V), NOISE).error == predict_signs(path, NOISE).error


def test_without_a_burst_there_are_no_signs():
    path = stable_path(Experiment(f1, 3, 0.1, 300))
    assert predict_signs(path, NOISE) is None
    with pytest.raises(ValueError, match="noise must be 0 or more, got -1"):
        predict_signs(path, -1)


def test_more_noise_brings_the_signs_forward():
    path = stable_path(Experiment(f1, 2, 1, 500))
    few, many = (predict_signs(path, rounding_noise(bits)) for bits in (24, 53))
    assert all(a < b for a, b in zip(few, many, strict=True))


def test_differences():
    rows = np.random.default_rng(0).normal(size=(6, 4))
    history = _with_gradients(rows)
    np.testing.assert_array_equal(differences(history, 0), rows)
    second = differences(history, 2)
    assert np.isnan(second[:2]).all()
    np.testing.assert_allclose(second[2:], rows[2:] - 2 * rows[1:-1] + rows[:-2])
    np.testing.assert_array_equal(pack(history.grad_U, history.grad_V), rows)
    for order in (6, 10**9):  # there are too few for any
        assert np.isnan(differences(history, order)).all()
        assert not flips(history, order).any()


def test_at_right_angles_nothing_flips():
    assert not flips(_with_gradients(np.tile(np.eye(4), (3, 1))), 0).any()


def test_a_zigzag_flips_as_soon_as_it_is_the_larger_part():
    growing = _with_gradients(_valley(1.1))
    assert not flips(_with_gradients(_valley(1.1, size=0)), 3).any()
    starts = [read_flips(growing, order) for order in range(4)]
    assert starts == sorted(starts, reverse=True)
    n = np.arange(200)
    for order, start in enumerate(starts):
        smooth = np.exp(-n / 50) * np.expm1(1 / 50) ** order
        zigzag = 1e-9 * 1.1**n * (1 + 1 / 1.1) ** order
        assert abs(start - np.argmax(zigzag > smooth)) <= 1
    turned = flips(growing, 2)
    assert turned[starts[2] :].all()
    assert not turned[: starts[2]].any()


def test_an_alarm_needs_a_zigzag_that_grows():
    growing = _with_gradients(_valley(1.1))
    start = read_flips(growing, 2)
    np.testing.assert_array_equal(alarms(growing), np.arange(start + 9, 200))
    fading = _with_gradients(_valley(0.99, size=1))
    assert flips(fading, 2)[3:].all()
    assert alarms(fading).size == 0
    assert alarms(_with_gradients(_valley(1.1, size=0))).size == 0
    steady = _valley(1.0, size=1) * [0, 1, 1, 1]
    assert flips(_with_gradients(steady), 2)[3:].all()
    assert alarms(_with_gradients(steady)).size == 0


def _turning(angles):
    """A history whose gradients turn by these angles, one after the other, in one plane."""
    direction = np.cumsum(angles)
    rows = np.zeros((len(direction), 4))
    rows[:, 0], rows[:, 2] = np.cos(direction), np.sin(direction)
    return _with_gradients(rows)


def test_an_alarm_of_the_angle_follows_the_rule_of_the_flips():
    growing = _turning(0.001 * 1.1 ** np.arange(60))
    # The first angle is of epoch 1, the first mean of two of epoch 2, the first rise of epoch 3.
    np.testing.assert_array_equal(angle_alarms(growing), np.arange(12, 60))
    shrinking = _turning(0.1 * 0.95 ** np.arange(60))
    assert angle_alarms(shrinking).size == 0
    zigzag = _with_gradients(_valley(1.1))
    for found in (angle_alarms, alarms):
        assert found(zigzag, factor=2).size > 0  # ten epochs: 2.6, and against g 3.2
        assert found(zigzag, factor=3.5).size == 0
        np.testing.assert_array_equal(found(zigzag, factor=1), found(zigzag))
        with pytest.raises(ValueError, match="factor must be a positive, finite number"):
            found(zigzag, factor=0)


def test_a_rise_without_a_size_gives_alarms_where_nothing_grows():
    calm = train(Experiment(f1, 3, 0.1, 3000))
    assert angle_alarms(calm).size > 0
    late = angle_alarms(calm, factor=4)
    assert late[late >= 20].size == 0


def test_alarms_in_real_runs():
    assert alarms(train(Experiment(f1, 3, 0.1, 3000))).size == 0
    run = train(Experiment(f1, 3, 1, 1000))
    assert read_signs(run).angle - 20 < alarms(run)[0] < read_signs(run).angle
    with np.errstate(all="raise"):
        assert alarms(train(Experiment(f1, 3, 0.1, 5))).size == 0


@pytest.mark.filterwarnings("ignore:.*overflows:RuntimeWarning")
def test_alarms_up_to_an_overflow():
    run = train(Experiment(f1, 3, 5, 300))
    assert alarms(run)[-1] < run.overflow_epoch


@pytest.mark.parametrize(
    "experiment", [Experiment(f1, 2, 1, 500), Experiment(f2, 6, 0.1, 1000)], ids=str
)
def test_flips_come_when_predicted(experiment):
    path, run = stable_path(experiment), train(experiment)
    for order in range(4):
        predicted = predict_flips(path, NOISE, order)
        assert predicted == pytest.approx(read_flips(run, order), rel=0.015)


def test_where_the_valley_bends_more_and_more_the_angle_is_no_sign():
    experiment = Experiment(f1, 3, 0.75, 2700)
    path, run = stable_path(experiment), train(experiment)
    predicted, seen = predict_signs(path, NOISE), read_signs(run)
    assert np.isnan(sizes_that_show(path, predicted.angle)[0])
    assert seen.angle - predicted.angle > 100
    np.testing.assert_allclose(predicted[1:], seen[1:], rtol=0.001)
    assert abs(predict_flips(path, NOISE, 2) - read_flips(run, 2)) <= 2


def test_flips_that_are_not_predicted():
    path = stable_path(Experiment(f1, 3, 0.1, 300))
    assert predict_flips(path, NOISE, 2) is None
    path = stable_path(Experiment(f1, 2, 1, 500))
    assert predict_flips(path, NOISE, 501) is None  # there are too few gradients
    run = train(Experiment(f1, 3, 0.1, 5))
    for call in (
        lambda: predict_flips(path, NOISE, -1),
        lambda: differences(run, 1.5),
        lambda: alarms(run, -1),
    ):
        with pytest.raises(ValueError, match="order must be an integer, at least 0"):
            call()
