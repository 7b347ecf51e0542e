"""Poor data."""

import numpy as np
import pytest

from nnlib import Experiment, f2, get_initial_weights
from nnlib.data import poor
from nnlib.interval import interval_error
from nnlib.network import forward_pass, pack
from nnlib.start import Start
from nnlib.training import train_quietly


@pytest.mark.parametrize("kind", ["gap", "side", "outliers 5"])
def test_poor_samples_have_the_noise_of_the_good_ones(kind):
    good = poor.sampled("small, best", "good", 3).start
    bad = poor.sampled("small, best", kind, 3).start
    (x, y), (moved, wrong) = good.train_set(f2), bad.train_set(f2)
    off = wrong - f2(moved) - (y - f2(x))
    assert (np.abs(off) > 1e-9).sum() == (5 if "outliers" in kind else 0)
    assert (moved == x).all() == ("outliers" in kind)


@pytest.mark.parametrize("kind", ["good", "gap", "outliers 5"])
def test_what_is_expected_is_that_of_a_linear_network(monkeypatch, kind):
    """Where the best network is linear: with its slopes, noise drawn, and the equations solved."""
    monkeypatch.setattr(poor, "REPLICATES", range(1))
    poor._traces.cache_clear()
    (found,) = poor.expected("small, best", kind)
    poor._traces.cache_clear()
    w = poor.search.load(f2, 4).best
    x, _ = poor.sampled("small, best", kind, 0).start.train_set(f2)
    (nodes, parts), eps = poor.nodes(), 1e-6

    def slopes(at):
        rows = [w + eps * sign * one for one in np.eye(10) for sign in (1, -1)]
        outputs = np.array([forward_pass(*poor.unpack(row, 4), at) for row in rows])
        return ((outputs[::2] - outputs[1::2]) / (2 * eps)).T

    deviation = np.sqrt(1 + 100 * poor.KINDS[kind].get("outliers", 0))
    noise = np.random.default_rng(1).normal(size=(100, 4000)) * deviation
    steps = np.linalg.lstsq(slopes(x), noise, rcond=None)[0]
    excess = np.mean(parts @ (slopes(nodes) @ steps) ** 2) / 2
    assert found == pytest.approx(float(interval_error(f2, w)) + excess, rel=0.1)


def test_the_largest_hole():
    begin, end, chance = poor.find_hole([-4.0, 3.0, -1.0])
    assert (begin, end, chance) == (-1, 3, pytest.approx(4 * 0.6**3))
    assert poor.find_hole([-4.0]) == (-4, 5, pytest.approx(2 * 0.1))
    assert poor.find_hole(np.linspace(-5, 5, 50))[2] == 1
    with pytest.raises(ValueError, match="x must be"):
        poor.find_hole("abc")


def test_the_chance_of_a_hole_is_an_upper_bound_and_a_close_one():
    rng = np.random.default_rng(1)
    chances = [poor.find_hole(rng.uniform(-5, 5, 20))[2] for _ in range(4000)]
    assert 0.035 < np.mean(np.array(chances) < 0.05) < 0.055


@pytest.mark.parametrize("name", ["f1, best", "f1, descent"])
def test_what_is_kept_of_a_fit(name):
    one = poor.FITS[name].starting(outliers=0.05)
    train, error, test, largest = poor._fit(one, name, 2)
    x, y = poor.sampled(name, "outliers 5", 2).start.train_set(one.f)
    if name.endswith("best"):
        w = poor.fit_best(x, y, 3, seed=2).weights
    else:
        run = train_quietly(poor.sampled(name, "outliers 5", 2))
        assert train == pytest.approx(run.train_error[-1])
        w = pack(run.U, run.V)[-1]
    e = np.abs(forward_pass(*poor.unpack(w, 3), x) - y)
    assert train == pytest.approx(np.mean(e * e) / 2)
    assert largest == pytest.approx(e.max() / np.median(e) / 1.4826)
    assert error == interval_error(one.f, w)
    x, y = one.starting(data=(206, 2)).start.train_set(one.f)
    e = forward_pass(*poor.unpack(w, 3), x) - y
    assert test == pytest.approx(np.mean(e * e) / 2)


@pytest.mark.parametrize("how", poor.RANDOM)
def test_what_is_moved(monkeypatch, how):
    """The first output, to the mean of the random set; the inputs; and nothing else."""
    seen = []
    monkeypatch.setattr(
        poor, "train_quietly", lambda one, weights: seen.append((one, weights)) or run
    )
    one = Experiment(f2, 8, 0.05, 1, start=Start(samples=100))
    run = train_quietly(one)
    _, mean = poor._descend(one, how, 4)
    ((run_of, (U, V)),) = seen
    x, y = Start(samples=100, data=(6, 4)).train_set(f2)
    assert mean == pytest.approx(y.mean())
    inputs, moved = poor.RANDOM[how]
    assert (run_of.start.train_set(f2)[0] == x).all() == (inputs == "uniform")
    first = get_initial_weights(8)
    if how != "standard weights":
        first = Start(weights=(106, 4)).initial_weights(8)
    np.testing.assert_array_equal(U, first[0])
    np.testing.assert_allclose((V - first[1]).ravel(), [0] * 7 + [mean * moved], atol=1e-15)


def test_what_is_kept_is_what_comes_out():
    """One replicate; a whole run in `test_a_long_run_is_made_again`."""
    for name, kind in (("small, best", "gap"), ("f2, descent", "good")):
        row = poor._fit(poor.FITS[name].starting(**poor.KINDS[kind]), name, 7)
        np.testing.assert_allclose(row, poor.load(name, kind)[7], rtol=3e-4)
    row = poor._descend(poor._EXACT[100], "grid, moved", 7)
    np.testing.assert_allclose(row, poor.load_random(100, "grid, moved")[7], rtol=3e-4)


def test_what_is_kept_is_rounded_to_four_digits():
    rows = np.array([1.0, -3.14159274, 1e-12, 65535.7, np.inf, 0.0], dtype="f4")
    found = poor._shorten(rows)
    np.testing.assert_allclose(found, rows, rtol=2.5e-4)
    assert found[[0, 4, 5]].tolist() == [1, np.inf, 0]
