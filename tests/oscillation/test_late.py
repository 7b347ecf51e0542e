"""Runs in pieces: the bits of one long training, and the flow that dates them."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from nnlib import Experiment, f1, f2, get_initial_weights, get_train_set, results, train
from nnlib.hessian import hessian
from nnlib.landscape.flow import gradient_flow
from nnlib.network import LossGradient, pack, unpack
from nnlib.oscillation import find_bursts, late


def test_the_runs_are_there():
    assert len(results.read(late._FILE, "long runs")[1]) == len(late.RUNS)
    for experiment in late.RUNS:
        found = late.load(experiment)
        n = experiment.epochs // late.PIECE
        assert found.weights.shape == (n + 1, 7)
        assert found.lowest.shape == found.best_epochs.shape == (n,)
        assert found.first_rise < found.best_epoch < experiment.epochs - late.PIECE
        calm = found.first_rise // late.PIECE  # pieces: until it rises, the error falls
        assert np.all(np.diff(found.lowest[:calm]) < 0)
        ends = np.arange(1, calm + 1) * late.PIECE
        assert np.all(abs(found.best_epochs[:calm] - ends) <= 1)  # the last steps are roundings
    with pytest.raises(ValueError, match=r"late\.npz has no runs of \(f1, 3, 0\.4, 50000\); it"):
        late.load(Experiment(f1, 3, 0.4, 50_000))


@pytest.mark.parametrize("experiment", late.RUNS, ids=repr)
def test_the_first_piece_is_the_follow_ups_run(experiment):
    found = late.load(experiment)
    run = train(replace(experiment, epochs=late.PIECE))
    np.testing.assert_array_equal(found.weights[0], pack(run.U[0], run.V[0]))
    np.testing.assert_array_equal(found.weights[1], pack(run.U[-1], run.V[-1]))
    assert (found.lowest[0], found.best_epochs[0]) == (run.lowest_error, run.best_epoch)


@pytest.mark.parametrize("experiment", late.RUNS, ids=repr)
def test_the_piece_of_the_onset_is_what_is_computed(experiment):
    found = late.load(experiment)
    k = found.first_rise // late.PIECE
    weights = unpack(found.weights[k], 3)
    run = train(replace(experiment, epochs=late.PIECE), weights=weights)
    rises = find_bursts(run.train_error)
    assert k * late.PIECE + rises[0][0] == found.first_rise
    assert k * late.PIECE + run.best_epoch == found.best_epoch
    np.testing.assert_array_equal(found.weights[k + 1], pack(run.U[-1], run.V[-1]))


@pytest.mark.parametrize("experiment", late.RUNS, ids=repr)
def test_the_error_rises_where_the_zigzag_has_the_size_of_the_formula(experiment):
    found, rate = late.load(experiment), experiment.learning_rate
    k, n = divmod(found.first_rise, late.PIECE)
    run = train(replace(experiment, epochs=n + 501), weights=unpack(found.weights[k], 3))
    rows, (x, y) = pack(run.U, run.V), get_train_set(f1)
    parts = []
    for epoch in (n - 500, n, n + 500):
        before, now, after = rows[epoch - 1 : epoch + 2]
        mean = (before + 2 * now + after) / 4
        sharp = np.linalg.eigvalsh(hessian(*unpack(mean, 3), x, y))[-1]
        g = np.linalg.norm(LossGradient(x, y, 3).sums(mean)[:-1]) / x.size
        formula = g * np.sqrt(rate / (sharp * np.log(rate * sharp - 1)))
        parts.append(np.linalg.norm(before - 2 * now + after) / 4 / formula)
    assert parts[0] < 0.8
    assert parts[1] == pytest.approx(1, abs=0.005)
    assert parts[2] > 1.25


def test_pieces_are_a_whole():
    """On a run that oscillates, so that each column has something to show."""
    experiment = Experiment(f2, 6, 0.1, 900)
    rows, run = late.run_in_pieces(experiment, 300), train(experiment)
    whole = pack(run.U, run.V)[::300]
    np.testing.assert_array_equal(rows[:, :-3], whole)
    assert np.isnan(rows[0, -3:]).all()
    assert rows[1:, -3].min() == run.lowest_error
    assert rows[1 + rows[1:, -3].argmin(), -2] == run.best_epoch
    assert np.isnan(rows[1:3, -1]).all()
    assert rows[3, -1] == find_bursts(run.train_error)[0][0]
    for piece in (0, -5, "a"):
        with pytest.raises(ValueError, match="piece must be an integer, at least 1, got"):
            late.run_in_pieces(experiment, piece)
    with pytest.raises(ValueError, match=r"\(f2, 6, 0\.1, 900\) cannot be made in pieces of 400"):
        late.run_in_pieces(experiment, 400)


def test_the_first_rise_of_a_piece_counts():
    """In a run that has two bursts within its only piece."""
    experiment = Experiment(f2, 12, 0.1, 350)
    first, _ = find_bursts(train(experiment).train_error)
    assert late.run_in_pieces(experiment, 350)[1, -1] == first[0]


def test_another_method_follows_the_same_flow():
    """LSODA with a thousandth of the tolerance, to where the sharpness passes 5 again."""
    (x, y), (U, V) = get_train_set(f1), get_initial_weights(3)
    start, times = pack(U, V[0]), np.append(0.0, np.geomspace(1, 1e8, 200))
    loss_gradient = LossGradient(x, y, 3)
    found = solve_ivp(
        lambda _, w: -loss_gradient.sums(w)[:-1] / x.size,
        (0.0, times[-1]),
        start,
        method="LSODA",
        jac=lambda _, w: -hessian(*unpack(w, 3), x, y),
        t_eval=times,
        rtol=1e-9,
        atol=1e-12,
    )
    curves = [
        np.array([np.linalg.eigvalsh(hessian(*unpack(w, 3), x, y))[-1] for w in rows])
        for rows in (gradient_flow(start, x, y, times), found.y.T)
    ]
    np.testing.assert_allclose(*curves, rtol=1e-4)
    early, end = times < 1e5, times > 1e5
    assert 4.9 < curves[1][early].max() < 5 < curves[1].max()
    assert curves[1][end].min() < 4.3
    crossing = np.interp(5, curves[1][times > 1e6], times[times > 1e6])
    assert crossing == pytest.approx(5.5e6, rel=0.01)
