"""The best fit of a training set from many starts."""

import numpy as np
import pytest

from nnlib import f1, f2
from nnlib.data.best import fit_best
from nnlib.interval import interval_error
from nnlib.network import forward_pass, pack, unpack
from nnlib.optimizers.least_squares import fit, spread_weights
from nnlib.start import Start


def samples(f, N, noise=0.0, seed=3):
    return Start(samples=N, noise=noise, data=seed).train_set(f)


def half_mean_square(weights, x, y):
    e = forward_pass(*unpack(weights, (weights.size + 2) // 3), x) - y
    return np.mean(e * e) / 2


@pytest.mark.parametrize(("N", "h"), [(40, 2), (700, 3), (30, 8)])
def test_the_error_is_that_of_the_weights(N, h):
    x, y = samples(f2, N, 1)
    found = fit_best(x, y, h, 8, 1)
    assert found.weights.shape == (3 * h - 2,)
    assert found.error == pytest.approx(half_mean_square(found.weights, x, y), rel=1e-9)


def test_it_is_as_low_as_the_lowest_of_patient_fits():
    x, y = samples(f1, 60, 0.1, 2)
    patient = fit(x, y, spread_weights(3, 40, 7), steps=1000, outputs=True)
    found = fit_best(x, y, 3)
    assert found.error <= 1.001 * patient.error.min()
    assert found.as_low > 1
    assert found.converged


def test_more_starts_find_lower_errors():
    sets = [samples(f2, 50, 1, seed) for seed in range(5)]
    few, many = ([fit_best(x, y, 6, starts).error for x, y in sets] for starts in (1, 30))
    assert sum(many) < sum(few)


def test_it_does_not_know_the_noise_from_the_function():
    """With no more samples than weights it interpolates noise: the first start that can."""
    x, y = samples(f2, 10, 2)
    found = fit_best(x, y, 8)
    assert found.error < 1e-12
    assert found.as_low == 1
    assert interval_error(f2, found.weights) > 1
    again = [fit_best(x, y, 8, starts).weights for starts in (20, 40)]
    assert np.array_equal(*again)


def test_a_large_network_interpolates_given_steps():
    x, y = samples(f2, 15, 1)
    assert fit_best(x, y, 20, 4, steps=2000).error < 1e-12


def test_where_none_interpolates_the_lowest_is_taken():
    x = np.linspace(-5, 5, 7)
    y = np.array([1.0, -1, 1, -1, 1, -1, 1])  # two sigmoids make no six turns
    found = fit_best(x, y, 3)
    assert 0.01 < found.error < 0.5
    assert np.isfinite(found.weights).all()


def test_a_fit_that_runs_off_says_so():
    x, y = samples(f1, 30)  # no network is the best for it
    found = fit_best(x, y, 2, 4)
    assert not found.converged
    assert found.error < 1e-6


def test_the_penalty_is_made_least_too():
    x, y = samples(f2, 20, 1)
    free, held = fit_best(x, y, 8), fit_best(x, y, 8, penalty=0.01)
    assert held.error > free.error
    assert np.sum(held.weights**2) < np.sum(free.weights**2)
    assert held.error == pytest.approx(half_mean_square(held.weights, x, y), rel=1e-9)
    loss = held.error + 0.005 * np.sum(held.weights**2)
    assert loss < free.error + 0.005 * np.sum(free.weights**2)


def test_sorted_samples_are_seen_over_the_whole_interval():
    x = np.linspace(-5, 5, 900)
    found = fit_best(x, f2(x), 4, 12)
    assert found.error < 0.01


def test_one_start_and_one_sample():
    found = fit_best([1.0], [2.0], 2, 1)
    assert found.error < 1e-12
    nothing = fit_best([1.0, 2.0], [0.0, 0.0], 2, 1)
    assert nothing.error == 0


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"h": 1}, "hidden neurons, must be"),
        ({"starts": 0}, "starts must be"),
        ({"seed": -1}, "seed must be"),
        ({"penalty": -1.0}, "penalty must be"),
        ({"penalty": float("nan")}, "penalty must be"),
        ({"steps": 0}, "steps must be"),
    ],
)
def test_bad_input(bad, said):
    x, y = samples(f1, 30)
    with pytest.raises(ValueError, match=said):
        fit_best(x, y, **{"h": 3, **bad})


def test_the_seed_is_that_of_the_starts():
    x, y = samples(f2, 40, 1)
    one, same, other = (fit_best(x, y, 5, 4, seed).weights for seed in (0, 0, 1))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert one.size == pack(*unpack(one, 5)).size
