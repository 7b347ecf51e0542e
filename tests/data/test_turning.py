"""Overfitting, over the epochs."""

import numpy as np
import pytest

from nnlib import Experiment, f1, get_test_set, train
from nnlib.data import tangent, turning
from nnlib.interval import nodes
from nnlib.network import forward_pass

SMALL = Experiment.parse("f1 3 0.1 200 samples=6 noise=0.3 start=spread data=1 weights=1")


def test_what_overfits_rises_while_the_training_error_falls():
    rise, fall = np.array([1.2, 1.2, 1.05, 1.0]), np.array([0.9, 1.1, 0.9, 1.0])
    assert turning.overfits(rise, fall).tolist() == [True, False, False, False]


def test_a_thousandth_of_the_noise_foretells_a_small_noise():
    x, _ = nodes()
    runs = [train(SMALL.starting(noise=sd)) for sd in (0, 3e-5, 0.03)]
    clean, nearly, noisy = (forward_pass(run.U[-1], run.V[-1], x) for run in runs)
    change = noisy - clean
    assert np.abs(turning.reply(clean, nearly) - noisy).max() < 0.05 * np.abs(change).max()


def test_it_foretells_the_variance_as_the_tangent_does():
    """Of outputs that are moved one by one: two ways that have nothing in common."""
    x, parts = nodes()
    clean = train(SMALL.starting(noise=0))
    inputs, wanted = clean.train_set
    outputs, variance = forward_pass(clean.U[-1], clean.V[-1], x), 0.0
    for one in np.eye(inputs.size):
        moved = train(SMALL, train_set=(inputs, wanted + one / 1000), test_set=get_test_set(f1))
        nearly = forward_pass(moved.U[-1], moved.V[-1], x)
        variance += np.sum((turning.reply(outputs, nearly) - outputs) ** 2 * parts) / 2
    assert variance == pytest.approx(tangent.foretell(SMALL, [200]).variance[0], rel=0.01)


def test_a_replicate_has_its_own_samples_and_weights():
    one, other = (turning.with_seed(turning.CELLS["main"], n) for n in (0, 1))
    assert one.start.data == (3, 0) and one.start.weights == (3, 1000)
    assert (one.start.train_set(f1)[0] != other.start.train_set(f1)[0]).all()


def test_neurons_that_are_alike_are_large_and_differ_as_little():
    one = turning.with_seed(turning.CELLS["alike"], 0)
    U, V = one.start.initial_weights(one.h)
    large, same = turning.beginning("alike", one)
    assert (same == V).all() and np.abs(large - large[0]).max() < 0.1 < large[:, 0].min()
    np.testing.assert_allclose(large - large[0], U - U[0], atol=1e-15)
    assert turning.beginning("small", one) is None


def test_a_test_set_of_noisy_samples_tells_a_much_worse_network():
    one = turning.with_seed(SMALL, 0)
    run = train(one)
    assert turning._score(one, run, -1) == 0
    assert turning._score(one, run, 0) < -2  # the first network is the worse one


def test_curves_that_are_alike_follow_each_other():
    run = train(SMALL)
    object.__setattr__(run, "test_error", run.train_error**2)
    assert turning._follows(run) == 1
    object.__setattr__(run, "test_error", 1 / run.train_error)
    assert turning._follows(run) == -1


def test_the_numbers_of_a_replicate():
    one = turning.with_seed(turning.CELLS["few"].replaced(epochs=turning.EPOCHS[-1]), 0)
    numbers, curves = turning._measure("few", one)
    known = dict(zip(turning._NUMBERS, numbers, strict=True))
    error = curves[0]
    assert known["low"] <= error.min() and known["rise"] >= error[-1] / error.min()
    assert known["turn"] % turning._EVERY == 0
    kept = turning.load("few")
    assert all(known[name] == pytest.approx(kept[name][0], rel=1e-6) for name in known)


def test_what_is_kept_fits_together():
    for name in turning.CELLS:
        found, curves = turning.load(name), turning.load_curves(name)
        assert {len(values) for values in found.values()} == {turning.REPLICATES}
        assert curves.error.shape == turning.EPOCHS.shape
        assert np.isfinite(curves.variance).all() == (name in turning.FORETOLD)
        last = np.mean(found["low"] * found["rise"])
        assert curves.error[-1] == pytest.approx(last, rel=1e-4)
    assert set(turning.load_shaken()["shakes"]) == {0, 1}
