"""What the network can do: the search, the networks that are shown, and what is proven of them."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import least_squares

from nnlib import Experiment, f1, f2, get_train_set
from nnlib.capacity import search
from nnlib.capacity.bounds import bound
from nnlib.capacity.exhibits import FLAT, THREE_NEURONS, one_neuron, three_neurons
from nnlib.hessian import hessian
from nnlib.interval import interval_error, nodes
from nnlib.network import forward_pass, pack, unpack
from nnlib.optimizers.least_squares import fit, fit_outputs, spread_weights

X = np.linspace(-5, 5, 20001)


@pytest.mark.parametrize(
    ("f", "weights"), [(f2, THREE_NEURONS), (f2, FLAT), (f1, one_neuron(8)), (f1, THREE_NEURONS)]
)
def test_bounds_hold_what_is_computed_otherwise(f, weights):
    proven = bound(f, *weights)
    low, high = proven.error
    assert low <= high <= low * (1 + 1e-12)
    assert low == pytest.approx(float(interval_error(f, pack(*weights), 256)), rel=1e-9)
    deviation = abs(forward_pass(*weights, X) - f(X)).max()
    assert deviation <= proven.deviation <= deviation * 1.01 + 1e-5


def test_the_theorem():
    proven = bound(f2, *THREE_NEURONS)
    assert proven.error[0] > 0.004256 and proven.error[1] < 0.004257
    assert proven.deviation < 0.451


def test_a_deviation_at_the_end_of_a_piece_is_held():
    # A bump 76 high and far narrower than a piece, at 0, where two pieces meet.
    U, V = np.array([[1e4, 2.0], [1e4, -2.0]]), np.array([100.0, -100.0, 1.0])
    assert forward_pass(U, V, np.zeros(1))[0] > 75
    assert bound(f1, U, V).deviation > 75


def test_a_steep_network_is_bounded_too():
    U, V = THREE_NEURONS
    proven, o = bound(f2, 1e6 * U, V), forward_pass(1e6 * U, V, X)
    assert np.isfinite(proven.error).all()
    assert abs(o - f2(X)).max() < proven.deviation < np.inf


def test_nothing_is_said_of_what_cannot_be_bounded():
    with pytest.raises(ValueError, match="too large for a bound"):
        bound(f2, THREE_NEURONS[0], 1e300 * THREE_NEURONS[1])


def test_bounds_of_a_network_that_is_worse_are_worse():
    U, V = THREE_NEURONS
    assert bound(f2, U, V * 1.1).error[0] > 0.5


@pytest.mark.parametrize(
    ("f", "U", "V", "message"),
    [
        (np.sin, *THREE_NEURONS, "f must be f1 or f2"),
        (f2, [[1.0, 2.0]], [1.0, 2.0, 3.0], "U"),
        (f2, [[1.0, math.nan]], [1.0, 2.0], "finite"),
    ],
)
def test_bad_input(f, U, V, message):
    with pytest.raises(ValueError, match=message):
        bound(f, U, V)


def test_three_neurons_are_odd():
    o = forward_pass(*three_neurons(3, 0.5, 2, 0.7, 1.1), X)
    assert np.allclose(o, -o[::-1], atol=1e-12)


def test_one_neuron_is_below_f1_by_as_much_as_the_formula_says():
    for B in (4, 8, 12):
        below = f1(X) - forward_pass(*one_neuron(B), X)
        assert (below > 0).all() and below.max() < math.exp(2 - B)


def test_the_flat_network_is_the_best_of_the_flat_ones():
    x, parts = nodes()
    start = fit_outputs(x, f2(x), spread_weights(8, 256, 1), parts)
    fits = fit(x, f2(x), start, parts=parts, penalty=2e-5, steps=500)
    train_set = get_train_set(f2)
    sharp = [np.linalg.eigvalsh(hessian(*unpack(w, 8), *train_set))[-1] for w in fits.weights]
    flat = np.flatnonzero(np.array(sharp) < 38)  # with something to spare below 40
    near = [n for n in flat if abs(fits.weights[n] - pack(*FLAT)).max() < 0.0051]
    assert len(near) == 1  # the mirrored ones are as good
    assert fits.error[near[0]] == pytest.approx(fits.error[flat].min(), rel=1e-6)


def test_the_flat_network_is_flat_enough_for_the_documents_rate():
    assert np.linalg.eigvalsh(hessian(*FLAT, *get_train_set(f2)))[-1] < 2 / 0.05


@pytest.mark.parametrize("f", [f1, f2])
@pytest.mark.parametrize("h", search.SIZES)
def test_what_is_kept_is_of_these_networks(f, h):
    fits = search.load(f, h)
    assert fits.errors.shape == fits.steps.shape == (search.STARTS,)
    assert fits.steps.min() >= 1 and fits.steps.max() <= search.STEPS
    error = float(interval_error(f, fits.best))
    assert error == pytest.approx(fits.errors.min(), rel=1e-6, abs=1e-26)
    # A quadrature four times as fine: no error hides between the nodes that were fitted.
    assert error == pytest.approx(float(interval_error(f, fits.best, 128)), rel=0.01)


BEST_OF_FOUR = int(np.argmin(search.load(f2, 4).errors)) // 32


@pytest.mark.parametrize(("f", "h", "piece"), [(f2, 3, 5), (f2, 4, BEST_OF_FOUR), (f1, 2, 7)])
def test_a_piece_is_recomputed(f, h, piece):
    fits = search.load(f, h)
    again = search._run(search._of(f, h), "fits", piece)
    part = slice(piece * 32, (piece + 1) * 32)
    assert (again[:32] == fits.errors[part]).all() and (again[32:64] == fits.steps[part]).all()
    if np.argmin(fits.errors) in range(part.start, part.stop):
        assert (again[64:] == fits.best).all()


@pytest.mark.slow  # 6 s: what is kept is what three methods give, from three kinds of start
def test_starts_and_returns_are_recomputed():
    experiment = search.CROSSED[0]
    for kind in search.KINDS:
        newton = search.load_crossed(experiment, kind, "Gauss-Newton")
        assert newton.shape == (search.REPLICATES,)
        assert newton.min() > 0.0042  # or the search would have found it
        assert (search._run(experiment, "Gauss-Newton", 2, kind) == newton[40:60]).all()
    kind = search.KINDS[2]
    first = search.starts(f2, 4, 20, kind, 0)[:2]
    ends = search._descend(experiment, first)
    assert (interval_error(f2, ends) == search.load_crossed(experiment, kind, "descent")[:2]).all()
    flowed = search._run(experiment, "gradient flow", 0, kind)  # whose last digits depend on BLAS
    assert flowed == pytest.approx(
        search.load_crossed(experiment, kind, "gradient flow")[:20], rel=1e-3
    )
    before, after, *apart = search.load_returns()[0, 0]
    assert before == interval_error(f2, pack(*FLAT))
    (end,) = search._descend(search.RETURN, [pack(*FLAT)])
    assert interval_error(f2, end) == after and apart[1] == 0


def test_changed_weights_are_recomputed():
    # Each weight by up to a tenth of its size, at random.
    rng, flat = np.random.default_rng(1), pack(*FLAT)
    changed = flat * (1 + search.CHANGES[3] * (2 * rng.random((search.RETURNS, flat.size)) - 1))
    kept = search.load_returns()[3]
    assert (kept[:, 0] == interval_error(f2, changed)).all()
    goal, *ends = search._descend(search.RETURN, [flat, *changed[:2]])
    apart = [np.linalg.norm(w - goal, axis=1) / np.linalg.norm(goal) for w in (changed[:2], ends)]
    assert (kept[:2, 1] == interval_error(f2, ends)).all()
    assert np.allclose(kept[:2, 2:].T, apart, rtol=1e-12, atol=0)


def test_what_overflows_has_no_finite_error():
    assert search._errors(f2, np.array([[np.nan] * 7, [1e308] * 7]))[0] == np.inf


@pytest.mark.slow  # 4 s: the flow beside a method that knows nothing of it
def test_the_flow_goes_where_descent_with_tiny_steps_goes():
    # The third method is descent without the length of its steps; here with a rate of 0.002.
    experiment = replace(search.CROSSED[0], learning_rate=0.002, epochs=250_000)
    kind = search.KINDS[2]
    (end,) = search._descend(experiment, search.starts(f2, 4, 20, kind, 0)[3:4])
    flowed = search.load_crossed(search.CROSSED[0], kind, "gradient flow")[3]
    assert interval_error(f2, end) == pytest.approx(flowed, rel=0.01)


def test_starts_are_what_they_are_called():
    tiny, fitted, spread, both = (search.starts(f2, 5, 4, kind, 3) for kind in search.KINDS)
    assert abs(tiny).max() < 0.06 and (fitted[:, 5:] == tiny[:, 5:]).all()
    assert (spread[:, :5] == 0).all() and (both[:, 5:] == spread[:, 5:]).all()
    errors = [interval_error(f2, w) for w in (tiny, fitted, spread, both)]
    assert (errors[1] < errors[0]).all() and (errors[3] < errors[2]).all()


def test_what_is_not_kept_is_refused():
    with pytest.raises(ValueError, match=r"capacity\.npz has no runs of"):
        search.load(f2, 13)
    with pytest.raises(ValueError, match="kind must be one of"):
        search.load_crossed(search.CROSSED[0], "wide", "descent")
    with pytest.raises(ValueError, match="method must be one of"):
        search.load_crossed(search.CROSSED[0], search.KINDS[0], "newton")
    with pytest.raises(ValueError, match="kind must be one of"):
        search.starts(f2, 3, 2, "wide", 1)
    with pytest.raises(ValueError, match=r"capacity\.npz has no runs of"):
        search.load_crossed(Experiment(f2, 5, 0.05, 10_000), search.KINDS[0], "descent")


def test_another_program_comes_to_the_same_network():
    x, parts = nodes()

    def errors(w):
        return (forward_pass(*unpack(w, 4), x) - f2(x)) * np.sqrt(parts)

    start = pack(*THREE_NEURONS) * (1 + 0.03 * np.random.default_rng(1).standard_normal(10))
    other = least_squares(errors, start, method="lm", x_scale=abs(start) + 0.1, max_nfev=20_000)
    assert interval_error(f2, start) > 1
    assert other.cost == pytest.approx(search.load(f2, 4).errors.min(), rel=1e-6)


def test_the_best_of_four_is_what_is_shown():
    best = search.load(f2, 4).errors.min()
    shown = float(interval_error(f2, pack(*THREE_NEURONS)))
    assert best <= shown < best * 1.0001
    assert unpack(search.load(f2, 4).best, 4)[0].shape == (3, 2)
