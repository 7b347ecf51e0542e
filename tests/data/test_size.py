"""The study of the size of the network, and its control with hidden neurons that stay."""

import numpy as np
import pytest

from nnlib import f2
from nnlib.data import size
from nnlib.data.best import fit_best
from nnlib.interval import interval_error
from nnlib.network import forward_pass, pack, unpack
from nnlib.optimizers.least_squares import spread_weights
from nnlib.training import train_quietly


def samples(seed=7):
    return size.STUDIES["steep"].experiment.starting(data=seed).start.train_set(f2)


@pytest.mark.parametrize("h", [5, 30, 31, 60])
def test_outputs_are_the_smallest_of_all_that_fit(h):
    x, y = samples()
    w = size.fit_outputs_alone(x, y, 10 * spread_weights(h, 1, 3)[0])
    U, V = unpack(w, h)
    H = np.concatenate([1 / (1 + np.exp(-(U[:, :1] * x + U[:, 1:]))), np.ones((1, x.size))])
    # ordinary least squares with the penalty as h more equations
    A, b = np.concatenate([H.T, 1e-9**0.5 * np.eye(h)]), np.concatenate([y, np.zeros(h)])
    np.testing.assert_allclose(V, np.linalg.lstsq(A, b, rcond=None)[0], rtol=1e-3, atol=1)
    assert np.array_equal(w[h:], 10 * spread_weights(h, 1, 3)[0][h:])


@pytest.mark.parametrize("kind", ["best", "penalised", "descent", "fixed"])
def test_what_is_kept_of_a_fit(kind):
    study = size.Study(kind, size.STUDIES["best f2"].experiment.replaced(epochs=50), (3,), 1)
    one = study.experiment.replaced(h=3).starting(data=(size.SEED, 2), weights=(size.SEED + 1, 2))
    x, y = one.start.train_set(f2)
    run = train_quietly(one)
    w = {
        "best": lambda: fit_best(x, y, 3, 8, 2).weights,
        "penalised": lambda: fit_best(x, y, 3, 8, 2, size.PENALTY).weights,
        "descent": lambda: pack(run.U[-1], run.V[-1]),
        "fixed": lambda: size.fit_outputs_alone(x, y, spread_weights(3, 1, 2)[0]),
    }[kind]()
    error, training, trace, norm = size._measure(study.experiment.replaced(h=3), study, 2)
    o, clean = forward_pass(*unpack(w, 3), x), np.asarray(f2(x))
    assert error == interval_error(f2, w)
    assert training == pytest.approx(np.mean((o - y) ** 2) / 2)
    assert trace == pytest.approx(np.sum((y - clean) * (o - clean)) / 4)
    assert norm == pytest.approx(np.linalg.norm(w))


def test_a_fit_of_the_mean_alone_has_a_trace_of_one():
    """Random neurons without a slope are the same for every input."""
    study = size.STUDIES["steep"]._replace(factor=0.0)
    noisy = study.experiment.starting(noise=30.0)  # more than f2 varies, for a mean of few
    traces = [size._measure(noisy, study, i)[2] for i in range(300)]
    assert np.mean(traces) == pytest.approx(1, abs=0.3)


def test_each_size_has_its_results():
    for name, study in size.STUDIES.items():
        for array in size.load(name):
            assert array.shape == (len(study.sizes), study.replicates)
            assert np.isfinite(array).all()


def test_training_sets_are_the_same_for_each_kind():
    """So that fits are compared training set by training set."""
    drawn = [
        size.STUDIES[name].experiment.starting(data=(size.SEED, 1)).start.train_set(f2)
        for name in ("best f2", "penalised f2", "descent f2", "steep")
    ]
    for x, y in drawn:
        assert np.array_equal(x, drawn[0][0])
        assert np.array_equal(y, drawn[0][1])


def test_what_is_not_kept_is_refused():
    with pytest.raises(KeyError):
        size.load("best of 1000")
