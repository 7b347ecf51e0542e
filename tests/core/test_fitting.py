"""A good network in one call, the same bits everywhere; what is not good says so."""

import warnings

import numpy as np
import pytest

from nnlib import Experiment, f1, f2, fit, fitting, train
from nnlib.interval import interval_error, nodes
from nnlib.network import pack
from nnlib.optimizers import least_squares
from nnlib.optimizers.least_squares import spread_weights
from nnlib.targets import Curve


@pytest.mark.parametrize(("f", "h", "wanted"), [(f2, 8, 1e-2), (f2, 4, 1e-2), (f1, 3, 1e-8)])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_error_on_the_interval_is_as_low_as_is_wanted(f, h, wanted, seed):
    found = fit(f, h, wanted=wanted, seed=seed)
    assert found.converged and found.wanted == wanted
    assert found.U.shape == (h - 1, 2) and found.V.shape == (h,)
    assert found.error <= wanted
    assert interval_error(f, pack(found.U, found.V), 64) == found.error
    x = np.linspace(-5, 5, 4001)
    e = found.predict(x) - f(x)
    assert np.mean(e * e) / 2 == pytest.approx(found.error, rel=0.02)


def test_each_seed_gives_another_network_and_always_the_same():
    one, again, other = (fit(f2, 8, seed=seed) for seed in (1, 1, 2))
    assert (one.U == again.U).all() and (one.V == again.V).all()
    assert (one.starts, one.steps, one.error) == (again.starts, again.steps, again.error)
    assert (one.U != other.U).any()


@pytest.mark.parametrize("seed", [0, 1, 5])
def test_both_engines_find_the_same(seed):
    ours, compiled = (fit(f2, 4, wanted=0.01, seed=seed, engine=e) for e in ("numpy", "kernel"))
    assert (ours.U == compiled.U).all() and (ours.V == compiled.V).all()
    assert (ours.starts, ours.steps) == (compiled.starts, compiled.steps)


def test_without_a_number_a_ten_thousandth_of_the_error_of_a_constant_is_wanted():
    x = np.linspace(-5, 5, 100_001)
    assert fit(f2, 8).wanted == pytest.approx(1e-4 * np.var(f2(x)) / 2, rel=1e-3)
    small = fit(lambda x: 3 + 1e-6 * np.tanh(x), 3)
    assert small.converged and small.error <= small.wanted < 1e-16


@pytest.mark.parametrize("height", [0.0, 1e-200, 2.5, -1e100])
def test_a_constant_is_no_difficulty(height):
    found = fit(lambda x: np.full_like(x, height), 3)
    assert found.converged and found.starts == 1
    assert found.predict([-5.0, 1.5]) == pytest.approx(height, rel=1e-6, abs=1e-100)


@pytest.mark.parametrize("f", [np.abs, Curve((0, 5, -3)), lambda x: 1e6 * np.cos(x)])
def test_functions_of_ones_own(f):
    found = fit(f, 10)
    x = np.linspace(-5, 5, 1001)
    assert found.converged and np.var(found.predict(x) - f(x)) < 1e-3 * np.var(f(x))


def test_many_neurons_see_more_samples():
    sizes = []
    fit(lambda x: sizes.append(x.size) or np.abs(x), 20)
    assert sizes == [400 + 800]


def test_what_is_not_good_enough_says_so():
    with pytest.warns(RuntimeWarning, match=r"no good fit: h = 3: error 3\.3\d, more than the 1 "):
        found = fit(f2, 3, wanted=1, starts=40)
    assert not found.converged and found.starts == 40 and found.error > 1
    assert "more than" in repr(found)
    assert fit_quietly(f2, 3, wanted=1, starts=1).error > found.error - 1e-6


def fit_quietly(*given, **named):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fit(*given, **named)


def test_what_is_between_the_samples_counts():
    """A function that is another one at the nodes of the fit."""
    x, _ = fitting.nodes()

    def spiky(at):
        return f1(at) + 5.0 * ~np.isin(at, x)

    found = fit_quietly(spiky, 3, wanted=1e-3, starts=3)
    assert not found.converged and found.starts == 3 and found.error > 1


def test_the_one_warning_is_where_it_was_called():
    with pytest.warns(RuntimeWarning) as caught:
        fit(f2, 2, starts=1)
    assert [one.filename for one in caught] == [__file__]


def test_starts_and_steps_are_counted():
    x, parts = nodes()
    rows = spread_weights(4, 32, 1)
    by_hand = least_squares.fit(
        x, f2(x), rows, parts=parts, steps=2000, until=0.0099, outputs=True, engine="numpy"
    )
    found = fit(f2, 4, wanted=0.01, seed=1)
    assert found.starts == len(by_hand.error) > 1 and found.steps == by_hand.steps.sum()
    assert (by_hand.weights[-1, :4] == found.V).all()


def test_starts_are_counted_over_all_pieces():
    quiet = fit_quietly(f2, 2, starts=70)
    assert quiet.starts == 70 and quiet.steps > 70


@pytest.mark.parametrize("h", [10**5, 10**30])
def test_neurons_that_are_too_many(h):
    with pytest.raises(MemoryError, match=f"a fit of h = {h} needs .* GiB of memory, and this mac"):
        fit(f2, h)


def test_a_training_takes_the_weights():
    found = fit(f2, 8)
    history = train(Experiment(f2, 8, 0.001, 5), weights=(found.U, found.V))
    assert history.test_error[0] < 0.05


@pytest.mark.parametrize("x", [0.5, [0.5, 1.0], [[0.5], [1.0]]])
def test_predictions_have_the_shape_of_the_inputs(x):
    found = fit(f1, 3)
    assert np.shape(found.predict(x)) == np.shape(x)
    assert np.allclose(found.predict(x), f1(x), atol=0.1)
    assert repr(found).startswith("h = 3: error ")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"f": "f2"}, "f must be a function, such as nnlib.f1, got 'f2'"),
        ({"h": 1}, "h, the number of hidden neurons, must be an integer, at least 2, got 1"),
        ({"h": 2.5}, "h, the number of hidden neurons, must be"),
        ({"wanted": 0}, "wanted must be a positive, finite number, got 0"),
        ({"wanted": np.nan}, "wanted must be a positive, finite number, got nan"),
        ({"starts": 0}, "starts must be an integer, at least 1, got 0"),
        ({"seed": -1}, "seed must be an integer, at least 0, got -1"),
        ({"engine": "C"}, "engine must be one of None, 'numpy', 'kernel', got 'C'"),
        ({"f": lambda x: x[:3]}, "x and y of the values of <lambda> must have the same shape"),
        ({"f": lambda x: np.sqrt(x)}, r"the values of <lambda> must be finite, got y\[0\] = nan"),
        (
            {"f": lambda x: 1e200 * x},
            "the values of <lambda> must not be above 1e.150, got .*e.200",
        ),
        ({"f": lambda x: "a"}, "y of the values of <lambda> must be an array of real numbers"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_bad_input(given, message):
    with pytest.raises(ValueError, match=message):
        fit(**{"f": f2, "h": 4} | given)


def test_what_the_process_has_set_changes_nothing():
    usual = fit(f2, 4, wanted=0.01)
    with np.errstate(all="raise"):
        raising = fit(f2, 4, wanted=0.01)
    assert (usual.U == raising.U).all() and usual.error == raising.error
