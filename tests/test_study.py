"""The study: its results are whole and can be run again; what is computed from them is right."""

from dataclasses import replace

import numpy as np
import pytest

from nnlib import Experiment, f1, f2, train
from nnlib.randomness.replicates import read, replicate_one
from nnlib.randomness.similarity import distances, match, mixture
from nnlib.randomness.statistics import decompose, interval, share, spread
from nnlib.randomness.study import FOLDER, STUDY, load


@pytest.mark.parametrize("name", STUDY)
def test_results_are_whole(name):
    experiment, n, condition = STUDY[name]
    about, rows = read(FOLDER / f"{name}.npz")
    assert rows["index"].tolist() == list(range(n))
    assert about["experiment"] == repr(experiment)
    assert {key: about[key] for key in condition} == condition
    assert np.isfinite(rows["last_error"]).all()
    assert (rows["lowest_error"] <= rows["last_error"]).all()


@pytest.mark.parametrize("name", STUDY)
def test_any_replicate_can_be_run_again(name):
    experiment, n, condition = STUDY[name]
    index = sum(map(ord, name)) % n
    run, row = replicate_one(experiment, index, **condition), load(name)[index]
    again = (index, run.last_error, run.lowest_error, run.best_epoch, run.train_error[-1])
    assert again == tuple(row)


def test_results_are_small():
    kept = set(STUDY)
    assert {file.name for file in FOLDER.iterdir()} == {f"{name}.npz" for name in kept}
    assert sum(len(file.read_bytes()) for file in FOLDER.iterdir()) < 1_000_000


def test_unknown_conditions_are_refused():
    with pytest.raises(ValueError, match=r"must be one of f2-8-0.1-data, .*, got 'f3'"):
        load("f3")


def test_decompose():
    rng = np.random.default_rng(1)
    rows, columns = rng.normal(0, 3, (30, 1)), rng.normal(0, 1, (1, 30))
    datasets, weights, interaction = decompose(np.exp(rows + columns))
    assert interaction == pytest.approx(0, abs=1e-12)
    assert datasets + weights == pytest.approx(1)
    assert datasets / weights == pytest.approx(rows.var() / columns.var())
    assert decompose(np.exp(rng.normal(size=(200, 200))))[2] > 0.98


def test_intervals():
    sample = np.random.default_rng(1).normal(5, 2, 400)
    value, low, high = interval(np.mean, sample)
    assert low < value == sample.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * sample.std() / 20, rel=0.1)
    assert interval(np.mean, sample) == (value, low, high)
    value, low, high = share(np.arange(100) < 30)
    assert value == 0.3 and (round(low, 3), round(high, 3)) == (0.212, 0.4)
    assert spread(np.exp([1.0, 2.0, 3.0])) == pytest.approx(1)


def test_a_run_is_matched_with_itself_in_disguise():
    run = train(Experiment(f2, 8, 0.1, 300))
    order, signs = np.array([3, 0, 6, 1, 5, 2, 4]), np.array([1, -1, -1, 1, 1, -1, 1])
    U = signs[:, None] * run.U[:, order]
    V = np.concatenate([signs * run.V[:, order], run.V[:, -1:]], axis=1)
    neurons, found, matched, unmatched = match(run, replace(run, U=U, V=V))
    np.testing.assert_array_equal(neurons, np.argsort(order))
    np.testing.assert_array_equal(found, signs[np.argsort(order)])
    assert matched == 0 < unmatched
    distance, _ = distances(run, run)
    np.testing.assert_array_equal(distance, distance.T)


def test_mixture():
    runs = [replicate_one(Experiment(f1, 4, 0.1, 20), index, seed=1) for index in range(5)]
    mixed = mixture(runs, np.random.default_rng(1))
    for i in range(3):
        theirs = [np.array_equal(mixed.U[:, i], run.U[:, j]) for run in runs for j in range(3)]
        assert sum(theirs) == 1
    assert mixed.V.shape == runs[0].V.shape


def test_what_cannot_be_matched():
    run = train(Experiment(f1, 3, 0.1, 20))
    with pytest.raises(ValueError, match=r"the same h and epochs, got .*, 20\) and .*, 30\)"):
        match(run, train(Experiment(f1, 3, 0.1, 30)))
    with pytest.raises(ValueError, match="with a single hidden neuron there is nothing to match"):
        match(*[train(Experiment(f1, 2, 0.1, 5))] * 2)
    with pytest.warns(RuntimeWarning, match="overflows"):
        lost = train(Experiment(f1, 3, 5, 500))
    with pytest.raises(ValueError, match="a run that overflowed cannot be matched"):
        match(lost, lost)
