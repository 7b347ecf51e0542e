"""The noise of batches."""

import numpy as np
import pytest

from nnlib import Experiment, f1, get_train_set
from nnlib.descent import step
from nnlib.hessian import hessian
from nnlib.landscape import sharpness
from nnlib.methods import noise
from nnlib.network import LossGradient, pack, unpack
from nnlib.training import train_quietly

X, Y = get_train_set(f1)
W = np.array([2.0, -1.0, 0.5, 0.4, -0.6, 1.0, 0.3])


def test_with_all_samples_the_batch_sharpness_is_along_the_gradient():
    g = LossGradient(X, Y, 3).sums(W)[:-1]
    H = hessian(*unpack(W, 3), X, Y)
    assert noise.batch_sharpness(W, (X, Y), 1000) == pytest.approx(g @ H @ g / (g @ g))


def test_the_batch_sharpness_of_single_samples():
    above = below = 0.0
    for n in range(1000):
        g = LossGradient(X[[n]], Y[[n]], 3).sums(W)[:-1]
        above += g @ hessian(*unpack(W, 3), X[[n]], Y[[n]]) @ g
        below += g @ g
    assert noise.batch_sharpness(W, (X, Y), 1) == pytest.approx(above / below, rel=0.1)


@pytest.mark.parametrize("rate", [0.02, 0.5])
@pytest.mark.parametrize("again", [False, True])
def test_the_floor_of_a_parabola_is_as_foretold(monkeypatch, again, rate):
    """Of the mean of 1000 numbers, whose loss is (w - y)² / 2 for each."""
    rng, size = np.random.default_rng(1), 100
    y = rng.normal(size=1000)
    y -= y.mean()
    monkeypatch.setattr(noise, "_scatter", lambda: (np.ones(1), np.array([np.mean(y * y)])))
    w, found = np.zeros(60), []
    for n in range(1000):
        if again:
            orders = rng.integers(1000, size=(60, 1000))
        else:
            orders = np.argsort(rng.random((60, 1000)), axis=1)
        for part in y[orders].reshape(60, 10, size).mean(axis=2).T:
            w = w - rate * (w - part)
        if n >= 199:
            found.append(np.mean(w * w) / 2)
    assert np.mean(found) == pytest.approx(noise.floor(size, rate, again), rel=0.05)


def test_the_bottom_is_one():
    (x, y), w, error = noise.bottom()
    sums = LossGradient(x, y, 3).sums(w) / 1000
    assert np.abs(sums[:-1]).max() < 1e-6
    assert sums[-1] == pytest.approx(error) and error < 0.1**2 / 2


def test_updates_one_by_one_are_those_of_a_run(monkeypatch):
    monkeypatch.setattr(noise, "UPDATES", 30)  # of which that after 20 is looked at
    one = Experiment(f1, 3, 0.5, 21, batch=1000)
    run = train_quietly(one.replaced(shuffle=4))
    found = noise._still(one, 4, False)
    assert found == pytest.approx([sharpness(run, [21])[0], run.train_error[21]])


def test_noise_that_looks_at_nothing_is_that_of_the_way(monkeypatch):
    """Where the run is on the way itself, both noises are the same."""
    monkeypatch.setattr(noise, "UPDATES", 1)
    start = pack(*Experiment(f1, 3, 1, 1).start.initial_weights(3))
    monkeypatch.setattr(noise, "_way", lambda: (1.0, start[None]))
    one = noise.SHARP[10]
    assert noise._still(one, 4, True) == pytest.approx(noise._still(one, 4, False))


def test_samples_drawn_anew_are_as_many():
    one = noise.FLOOR.replaced(batch=500, epochs=3)
    train_set, w, least = noise.bottom()
    errors = noise._from(train_set, w, 0.1, one, 0, True)
    assert len(errors) == len(noise._from(train_set, w, 0.1, one, 0, False)) == 4
    assert errors[0] == pytest.approx(least) and (errors[1:] > least).all()


def test_samples_drawn_anew_are_drawn_from_all():
    """Step by step, in numpy."""
    one = noise.FLOOR.replaced(batch=100, epochs=2)
    (x, y), w, _ = noise.bottom()
    rng, errors = np.random.default_rng(3), []
    found = noise._from((x, y), w, 0.1, one, 3, True)
    for _ in range(3):
        errors.append(LossGradient(x, y, 3).sums(w)[-1] / 1000)
        for part in rng.integers(1000, size=1000).reshape(10, 100):
            w = step(w, LossGradient(x[part], y[part], 3).sums(w)[:-1], 100, 0.1)
    np.testing.assert_array_equal(found, errors)
