"""The study of noise: what is measured of a set of noisy runs, and what it is run on."""

import numpy as np
import pytest

from nnlib import Experiment, f1, f2, train
from nnlib.data import excess, tangent
from nnlib.interval import interval_error, nodes
from nnlib.network import forward_pass, pack
from nnlib.start import Start


def test_error_is_bias_and_variance(monkeypatch):
    monkeypatch.setattr(excess, "SEEN", (10, 40))
    one = Experiment.parse("f1 3 0.1 40 samples=9")
    error, variance = excess._noisy(one, 3, False, 0.5)
    x, y = one.starting(data=(excess._SEED, 3)).start.train_set(f1)
    rng = np.random.default_rng(np.random.SeedSequence(excess._SEED, spawn_key=(3, 1)))
    between, parts = nodes()
    errors, outputs = [], []
    for draw in rng.normal(size=(excess.DRAWS, 9)):
        run = train(one, train_set=(x, y + 0.5 * draw), test_set=(x, y))
        errors.append(interval_error(f1, pack(run.U, run.V)[[10, 40]]))
        outputs.append(forward_pass(run.U[[10, 40]], run.V[[10, 40]], between))
    np.testing.assert_allclose(error, np.mean(errors, axis=0))
    off = np.mean(outputs, axis=0) - f1(between)
    bias = (off * off) @ parts / 2
    np.testing.assert_allclose(error, bias + (1 - 1 / excess.DRAWS) * variance)


def test_copies_start_from_the_neuron_of_two_and_stay_copies():
    one = Experiment.parse("f1 5 0.1 50 start=spread samples=9")
    U, V = excess._weights(one, True)
    alone, _ = Start(start="spread").initial_weights(2)
    assert (alone == U).all()
    run = train(one, weights=(U, V))
    assert (run.U[-1] == run.U[-1, 0]).all()
    assert (run.V[-1, :-1] == run.V[-1, 0]).all()
    assert excess._weights(one, False) is None


def test_the_foretold_are_of_the_same_inputs_as_the_runs(monkeypatch):
    monkeypatch.setattr(excess, "SEEN", (10, 40))
    one = Experiment.parse("f1 3 0.1 40 samples=9")
    found = excess._foretold(one, 3, False)
    again = tangent.foretell(one.starting(data=(excess._SEED, 3)), [10, 40])
    np.testing.assert_array_equal(found, [again.bias, again.variance, again.trace])


def test_the_best_networks_are_as_good_as_was_found_before():
    assert excess.best_network(f1, 2) < 1e-8
    assert 0.0042 < excess.best_network(excess.BEST[-3].f, 4) < 0.0043


def test_every_network_of_the_study_is_kept():
    for one, noises in excess.RUNS.items():
        tiny = one.f is f2 and one.start.start == "document"  # of which one set overflows
        assert np.isfinite(excess.load_foretold(one)[1, :, -1]).sum() == excess.SETS - tiny
        for noise in noises:
            seen = excess.load(one, noise)
            assert np.isfinite(seen.error).all()
            assert (seen.variance > 0).all()
    for (_, copies), one in excess.SIZES.items():
        assert excess.load_foretold(one, copies).shape == (3, excess.SETS, 1)
        assert (excess.load(one, excess.SIZE_NOISE, copies).variance > 0).all()
    for one in excess.BEST:
        assert (excess.load_best(one) > 0).all()


def test_what_is_not_kept_is_refused():
    with pytest.raises(ValueError, match="some are missing"):
        excess.load(next(iter(excess.RUNS)), 0.02)
