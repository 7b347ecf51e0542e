"""The study: its results are whole, are of what they say, and can be run again."""

import json

import numpy as np
import pytest

from nnlib import Experiment, results, train
from nnlib.datasets import get_test_set, get_train_set
from nnlib.interval import interval_error, nodes
from nnlib.network import pack
from nnlib.randomness import study
from nnlib.randomness.replicates import about, read, replica
from nnlib.randomness.rulers import relative_scatter, sample_error
from nnlib.randomness.study import (
    CROSSED,
    EXPERIMENTS,
    FOLDER,
    LONGER,
    REPLICATES,
    STUDY,
    crossed_errors,
    last_errors,
    load_condition,
)
from nnlib.targets import f1, f2

CONDITIONS = STUDY | LONGER


@pytest.mark.parametrize("name", CONDITIONS)
def test_results_are_whole(name):
    experiment, n, condition = CONDITIONS[name]
    found, rows = read(FOLDER / f"{name}.npz")
    assert n >= 200 and rows["index"].tolist() == list(range(n))
    assert found.items() >= about(experiment, **condition).items()
    assert np.isfinite(rows["last_error"]).all() and np.isfinite(rows["weights"]).all()
    assert (rows["lowest_error"] <= rows["last_error"]).all()


@pytest.mark.parametrize("name", CONDITIONS)
def test_any_replicate_can_be_run_again(name):
    experiment, n, condition = CONDITIONS[name]
    index = sum(map(ord, name)) % n
    run, row = train(replica(experiment, index, **condition)), load_condition(name)[index]
    again = (index, run.last_error, run.lowest_error, run.best_epoch, run.train_error[-1])
    assert again == tuple(row)[:-1]
    np.testing.assert_array_equal(row["weights"], pack(run.U[-1], run.V[-1]))


def test_results_are_small():
    kept = set(CONDITIONS)
    assert {file.name for file in FOLDER.iterdir()} == {f"{name}.npz" for name in kept}
    assert sum(len(file.read_bytes()) for file in FOLDER.iterdir()) < 2_500_000


def test_what_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r"must be one of f2-8-0.1-train, .*, got 'f3'"):
        load_condition("f3")
    with pytest.raises(ValueError, match=r"must be one of f2-8-0.1, .*, got 'f3'"):
        last_errors("f3", ("train",))
    for new in ((), "train", ("data",)):
        with pytest.raises(ValueError, match="new must be some of train, test, weights, got"):
            last_errors("f1-3-1", new)


def test_stale_results_are_an_error_that_says_what_to_do(tmp_path, monkeypatch):
    name = "f1-3-0.1-train"
    found, rows = read(FOLDER / f"{name}.npz")
    monkeypatch.setattr(study, "FOLDER", tmp_path)
    results.save(tmp_path / f"{name}.npz", {**found, "fingerprint": "0"}, rows=rows)
    load_condition.cache_clear()
    with pytest.raises(ValueError, match=r"other numbers .* move or delete it, then make study"):
        load_condition(name)
    load_condition.cache_clear()


def test_the_final_weights_give_every_condition():
    """What is measured afterwards is what a replicate under that condition would have."""
    index = 7
    for name, new in (("f1-3-0.1", ("train", "test")), ("f2-8-0.1", ("train", "test", "weights"))):
        condition = {
            "new_train_set": "train" in new,
            "new_test_set": "test" in new,
            "new_weights": "weights" in new,
        }
        run = train(replica(EXPERIMENTS[name], index, **condition, seed=study.SEED))
        assert last_errors(name, new)[index] == run.last_error
    for name, experiment in EXPERIMENTS.items():
        for factor in ("train", "weights"):
            rows = load_condition(f"{name}-{factor}")
            np.testing.assert_array_equal(last_errors(name, (factor,)), rows["last_error"])
        np.testing.assert_array_equal(
            last_errors(name, study.FACTORS), load_condition(f"{name}-all")["last_error"]
        )
        alone = last_errors(name, ("test",))
        standard = study.standard_weights(name)
        test_set = draw_test_set(experiment, index)
        assert alone.shape == (REPLICATES,) and alone[index] == sample_error(standard, test_set)
        assert np.ptp(last_errors(name, ("test",), interval=True)) == 0


def draw_test_set(experiment, index):
    """The test set of a replicate of the study."""
    return replica(experiment, index, seed=study.SEED).start.test_set(experiment.f)


def test_the_cross():
    errors = crossed_errors("f1-3-0.1")
    assert errors.shape == (CROSSED,) * 3
    weights = load_condition("f1-3-0.1-crossed")["weights"][3 * CROSSED + 5]
    assert errors[3, 5, 8] == sample_error(weights, draw_test_set(EXPERIMENTS["f1-3-0.1"], 8))
    on_interval = crossed_errors("f1-3-0.1", interval=True)
    assert on_interval[3, 5] == interval_error(f1, weights)
    assert abs(errors.mean(axis=2) / on_interval - 1).max() < 0.2  # as 40 test sets of 100 may


def test_the_quadrature():
    x, parts = nodes(1)
    for power in range(10):  # exact up to the degree 9
        exact = 0 if power % 2 else 5.0**power / (power + 1)
        assert np.sum(x**power * parts) == pytest.approx(exact, abs=1e-12 * 5.0**power)
    exact, parts_of_numpy = np.polynomial.legendre.leggauss(5)
    np.testing.assert_allclose(x, 5 * exact, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(parts, parts_of_numpy / 2, rtol=1e-14)


@pytest.mark.parametrize("name", CONDITIONS)
def test_the_quadrature_has_converged(name):
    f, weights = CONDITIONS[name][0].f, load_condition(name)["weights"][:200]
    error = interval_error(f, weights)
    assert abs(interval_error(f, weights, 64) / error - 1).max() < 1e-7


def test_the_two_rulers_agree_on_many_samples():
    for name, experiment in EXPERIMENTS.items():
        weights = study.standard_weights(name)
        rng = np.random.default_rng(1)
        x = 10 * rng.random(400_000) - 5
        error = interval_error(experiment.f, weights)
        scatter = relative_scatter(experiment.f, weights, x.size)
        assert abs(sample_error(weights, (x, experiment.f(x))) / error - 1) < 4 * scatter


def test_the_scatter_of_the_ruler_is_predicted_by_the_curve():
    """Computed in two ways: from the learned curve, and from 200 test sets."""
    for name, experiment in EXPERIMENTS.items():
        errors = last_errors(name, ("test",))
        predicted = relative_scatter(experiment.f, study.standard_weights(name))
        # The standard deviation of 200 values is known to within 5 %; four of these.
        assert np.std(errors, ddof=1) / errors.mean() == pytest.approx(predicted, rel=0.2)


def test_the_document_s_own_datasets_are_not_among_the_new_ones():
    x, _ = get_train_set(f2)
    assert not np.isin(draw_test_set(EXPERIMENTS["f2-8-0.1"], 0)[0], x).any()
    assert not np.isin(draw_test_set(EXPERIMENTS["f2-8-0.1"], 0)[0], get_test_set(f2)[0]).any()


def test_main_runs_what_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(study, "FOLDER", tmp_path)
    small = {"a-all": (Experiment(f1, 3, 0.1, 2), 3, {"seed": 1})}
    monkeypatch.setattr(study, "STUDY", small)
    monkeypatch.setattr(study, "LONGER", {})
    monkeypatch.setattr(study, "_TIMED", ("a-all",))
    assert study.main() == 0
    assert "3 replicates  a-all" in capsys.readouterr().out
    found = json.loads(str(np.load(tmp_path / "a-all.npz")["about"]))
    assert found["epochs"] == 2
    assert study.main() == 0
    assert "0 new in" in capsys.readouterr().out
    stale = {"a-all": (Experiment(f2, 3, 0.1, 2), 3, {"seed": 1})}
    monkeypatch.setattr(study, "STUDY", stale)
    with pytest.raises(SystemExit, match=r"a-all\.npz holds results of something else"):
        study.main()
