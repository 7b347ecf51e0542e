"""The study of how many samples."""

import numpy as np
import pytest

from nnlib import f1
from nnlib.data import samples
from nnlib.data.best import fit_best
from nnlib.interval import interval_error
from nnlib.network import pack
from nnlib.training import train_quietly


def test_the_sets_of_a_replicate_hold_each_other():
    few, many = (samples.cell("f1", False, N, 7).start.train_set(f1) for N in (10, 100))
    np.testing.assert_array_equal(few[0], many[0][:10])
    np.testing.assert_array_equal(few[1], f1(few[0]))
    other = samples.cell("f1", False, 10, 8).start.train_set(f1)[0]
    assert not np.isin(other, many[0]).any()


def test_noise_changes_outputs_and_nothing_else():
    exact, noisy = (samples.cell("f2", noisy, 300, 3) for noisy in (False, True))
    (x, y), (x_noisy, y_noisy) = (one.start.train_set(one.f) for one in (exact, noisy))
    np.testing.assert_array_equal(x, x_noisy)
    assert np.std(y_noisy - y) == pytest.approx(samples.NOISE["f2"], rel=0.15)
    first, other = (one.start.initial_weights(one.h) for one in (exact, noisy))
    np.testing.assert_array_equal(pack(*first), pack(*other))


def test_there_are_as_many_replicates_as_is_said():
    assert samples.REPLICATES == 200
    for task in samples.TASKS:
        assert samples.load(task, True, 30).best.shape == (200,)
        assert samples.load(task, False, 10_000).descent.shape == (200,)
    assert samples.load_changed("even", 50).shape == (200,)


@pytest.mark.parametrize(("task", "noisy", "N"), [("f1", True, 30), ("f2", False, 20)])
def test_what_is_kept_is_of_descent_and_of_the_best_fit(task, noisy, N):
    found, one = samples.load(task, noisy, N), samples.cell(task, noisy, N, 5)
    run = train_quietly(one)
    best = fit_best(*run.train_set, one.h, 8, steps=200)
    expected = {
        "descent": interval_error(one.f, pack(run.U[-1], run.V[-1])),
        "best": interval_error(one.f, best.weights),
        "training": run.train_error[-1],
        "best_training": best.error,
        "first": run.train_error[0],
    }
    for name, value in expected.items():
        assert getattr(found, name)[5] == pytest.approx(value, rel=1e-6), name


def test_the_best_fit_is_lower_on_the_samples():
    for task in samples.TASKS:
        for N in samples.NUMBERS:
            found = samples.load(task, True, N)
            assert np.mean(found.best_training < found.training) > 0.95


def test_even_samples_are_in_the_middles_of_equal_parts():
    one = samples.cell("f2", False, 20, 2)
    x = np.linspace(-4.75, 4.75, 20)
    run = train_quietly(one, train_set=(x, one.f(x)), test_set=one.start.test_set(one.f))
    error = interval_error(one.f, pack(run.U[-1], run.V[-1]))
    assert samples.load_changed("even", 20)[2] == pytest.approx(float(error), rel=1e-4)


def test_centred_outputs_have_a_mean_of_0():
    one = samples.cell("f2", False, 30, 4)
    x, y = one.start.train_set(one.f)
    train_set = x, y - y.mean()
    run = train_quietly(one, train_set=train_set, test_set=one.start.test_set(one.f))
    error = interval_error(one.f, pack(run.U[-1], run.V[-1]))
    assert samples.load_changed("centred", 30)[4] == pytest.approx(float(error), rel=1e-4)


def test_what_is_not_kept_is_refused():
    with pytest.raises(ValueError, match=r"samples\.npz has no runs|is stale"):
        samples.load("f1", True, 31)
