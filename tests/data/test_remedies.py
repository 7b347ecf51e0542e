"""The study of what helps against noise."""

import numpy as np
import pytest

from nnlib import Experiment
from nnlib.data import remedies
from nnlib.interval import interval_error, nodes
from nnlib.network import forward_pass, loss, pack
from nnlib.training import train_quietly

SHORT = Experiment.parse("f1 3 0.5 40 samples=10 noise=0.5 start=spread")


@pytest.fixture
def row(monkeypatch):
    """What is kept of a replicate of a short task, by name."""
    monkeypatch.setitem(remedies.TASKS, "f1", SHORT)
    monkeypatch.setitem(remedies.SIZES, "f1", (2, 3, 4, 5))
    widths = list(remedies._COLUMNS.values())
    found = np.split(remedies._measure(SHORT, "f1", 4), np.cumsum(widths)[:-1])
    return dict(zip(remedies._COLUMNS, found, strict=True))


def trained(experiment, some=slice(None), start=0):
    drawn = remedies._drawn(experiment, 4, start)
    x, y = SHORT.starting(data=(remedies.SEED, 4)).start.train_set(SHORT.f)
    return train_quietly(drawn, train_set=(x[some], y[some]), test_set=(x, y))


def on_interval(run, epoch=-1):
    return float(interval_error(SHORT.f, pack(run.U[epoch], run.V[epoch])))


def test_each_setting_is_tried_on_all_samples(row):
    run = trained(SHORT)
    assert row["stop"].tolist() == [on_interval(run, n) for n in remedies.seen("f1")]
    penalised = [trained(SHORT.replaced(penalty=one)) for one in remedies.PENALTIES]
    assert row["penalty"].tolist() == [*map(on_interval, penalised)]
    assert row["size"].tolist() == [on_interval(trained(SHORT.replaced(h=h))) for h in range(2, 6)]
    assert row["penalty"][0] == row["size"][1] == row["stop"][-1]


def test_a_fifth_chooses_and_has_not_been_seen(row):
    fifth = np.arange(10) % 5 == 0
    x, y = SHORT.starting(data=(remedies.SEED, 4)).start.train_set(SHORT.f)
    runs = [trained(SHORT.replaced(h=h), ~fifth) for h in range(2, 6)]
    errors = [loss(forward_pass(run.U[-1], run.V[-1], x[fifth]) - y[fifth]) for run in runs]
    assert row["size_chosen"] == np.argmin(errors)
    assert row["size_held"] == on_interval(runs[int(np.argmin(errors))])


def test_the_mean_of_five_outputs(row):
    x, parts = nodes()
    ends = [trained(SHORT, start=k) for k in range(remedies.FOLDS)]
    o = np.mean([forward_pass(run.U[-1], run.V[-1], x) for run in ends], axis=0)
    expected = np.mean([*map(on_interval, ends)]), np.sum((o - SHORT.f(x)) ** 2 * parts) / 2
    np.testing.assert_allclose(row["average"][:2], expected)
    assert row["average"][1] <= row["average"][0]  # as the error is convex in the outputs


def test_a_choice_among_equals_is_no_better_and_no_worse(row, monkeypatch):
    assert {*row["true"]} <= {*row["stop"], *row["penalty"], *row["size"]}
    still = SHORT.replaced(learning_rate=1e-300)
    monkeypatch.setitem(remedies.TASKS, "f1", still)
    monkeypatch.setitem(remedies.SIZES, "f1", (3, 3, 3, 3))
    found = remedies._measure(still, "f1", 4)
    at = np.cumsum([*remedies._COLUMNS.values()])
    true, promised, fresh = np.split(found, at)[12:15]
    assert [*remedies._COLUMNS][12:15] == ["true", "promised", "fresh"]
    np.testing.assert_allclose(promised, true)
    np.testing.assert_allclose(fresh, true)


def test_a_little_noise_is_multiplied_again(monkeypatch):
    monkeypatch.setitem(remedies.TASKS, "f1", SHORT)
    once = np.array(remedies._foretell(SHORT, "f1", 4))
    monkeypatch.setattr(remedies, "_TINY", 1e-4)
    again = np.array(remedies._foretell(SHORT, "f1", 4))
    n = 20 + len(remedies.PENALTIES)
    np.testing.assert_array_equal(once[:n], again[:n])
    np.testing.assert_allclose(once[n : 2 * n], again[n : 2 * n], rtol=0.01)


def test_the_settings_that_are_fixed_are_tried():
    for task, (epoch, penalty) in remedies.FIXED.items():
        assert penalty in remedies.PENALTIES
        assert 1 < epoch < remedies.TASKS[task].epochs


def test_what_is_not_kept_is_refused():
    with pytest.raises(KeyError):
        remedies.load("f1", 20)
