"""Replicates: any of them by its index alone, whoever does the work, and nothing lost."""

import os
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from nnlib import Experiment, f1, f2, train
from nnlib.pool import workers
from nnlib.randomness import replicates
from nnlib.randomness.replicates import ROW, read, replicate, replicate_one

SHORT = Experiment(f2, 4, 0.1, 5)


@pytest.fixture
def threads():
    with ThreadPoolExecutor(2) as executor:
        yield executor


def _loop(experiment, n, **condition):
    rows = []
    for index in range(n):
        run = replicate_one(experiment, index, **condition)
        last = run.last_error, run.lowest_error, run.best_epoch, run.train_error[-1]
        rows.append((index, *last))
    return np.array(rows, dtype=ROW)


CONDITIONS = [
    {"seed": 1},
    {"seed": 2, "new_data": False},
    {"seed": 1, "new_weights": False},
    {"seed": 1, "new_data": False, "scale": 100.0},
    {"seed": 1, "crossed": 3},
    {"seed": 1, "arithmetic": "replay"},
]


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
def test_the_same_as_a_loop(condition, threads):
    rows = replicate(SHORT, 6, **condition, executor=threads)
    np.testing.assert_array_equal(rows, _loop(SHORT, 6, **condition))


def test_processes_give_the_same():
    rows = replicate(SHORT, 5, seed=1)
    np.testing.assert_array_equal(rows, _loop(SHORT, 5, seed=1))


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same():
    distributed = pytest.importorskip("distributed", reason="the extra [cluster] is not installed")
    with (
        warnings.catch_warnings(action="ignore"),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as here,
        distributed.Client(here) as client,
    ):
        rows = replicate(SHORT, 5, seed=1, executor=client.get_executor())
    np.testing.assert_array_equal(rows, _loop(SHORT, 5, seed=1))


def test_what_is_new_and_what_is_not():
    standard = replicate_one(SHORT, 3, seed=1, new_data=False, new_weights=False)
    assert standard.checksum() == train(SHORT).checksum()
    both, data, weights = (
        replicate_one(SHORT, 3, seed=1, **condition)
        for condition in ({}, {"new_weights": False}, {"new_data": False})
    )
    np.testing.assert_array_equal(both.U[0], weights.U[0])
    np.testing.assert_array_equal(data.U[0], standard.U[0])
    assert weights.test_error[0] != both.test_error[0] != data.test_error[0]
    big = replicate_one(SHORT, 3, seed=1, scale=10.0)
    np.testing.assert_array_equal(big.U[0], 10 * both.U[0])
    assert replicate_one(SHORT, 4, seed=1).checksum() != both.checksum()


def test_crossed():
    """Index 7 of a cross of 5 has the datasets of index 1 and the weights of index 2."""
    for fixed, index in (({"new_weights": False}, 1), ({"new_data": False}, 2)):
        alone = replicate_one(SHORT, index, seed=1, **fixed)
        assert replicate_one(SHORT, 7, seed=1, crossed=5, **fixed).checksum() == alone.checksum()
    crossed = replicate_one(SHORT, 7, seed=1, crossed=5)
    np.testing.assert_array_equal(crossed.U[0], replicate_one(SHORT, 2, seed=1).U[0])


def test_it_goes_on_where_it_was_broken_off(tmp_path, threads, monkeypatch):
    file = tmp_path / "rows.npz"
    replicate(SHORT, 3, seed=1, executor=threads, file=file)
    done = []
    monkeypatch.setattr(
        replicates, "_row", lambda e, i, c, row=replicates._row: done.append(i) or row(e, i, c)
    )
    rows = replicate(SHORT, 6, seed=1, executor=threads, file=file)
    assert sorted(done) == [3, 4, 5]
    np.testing.assert_array_equal(rows, _loop(SHORT, 6, seed=1))
    np.testing.assert_array_equal(
        replicate(SHORT, 2, seed=1, executor=threads, file=file), rows[:2]
    )
    about, kept = read(file)
    assert len(kept) == 6 and len(done) == 3
    assert about["experiment"] == "(f2, 4, 0.1, 5)" and about["arithmetic"] == "portable"
    assert about["seed"] == 1 and about["version"]
    assert os.listdir(tmp_path) == ["rows.npz"]


def test_a_task_that_raises_loses_nothing_else(tmp_path, threads, monkeypatch):
    def broken(experiment, index, condition):
        if index == 2:
            raise ZeroDivisionError("on purpose")
        return row(experiment, index, condition)

    row = replicates._row
    file = tmp_path / "rows.npz"
    monkeypatch.setattr(replicates, "_row", broken)
    with pytest.raises(RuntimeError, match=r"1 of 5 .* failed, .* index 2: .*others are kept"):
        replicate(SHORT, 5, seed=1, executor=threads, file=file)
    assert read(file)[1]["index"].tolist() == [0, 1, 3, 4]
    with pytest.raises(RuntimeError, match="others are lost, as no file was given"):
        replicate(SHORT, 5, seed=1, executor=threads)
    monkeypatch.setattr(replicates, "_row", row)
    rows = replicate(SHORT, 5, seed=1, executor=threads, file=file)
    np.testing.assert_array_equal(rows, _loop(SHORT, 5, seed=1))


def test_a_worker_that_dies_loses_nothing_that_was_finished(tmp_path):
    file = tmp_path / "rows.npz"
    with workers() as pool:
        replicate(SHORT, 2, seed=1, executor=pool, file=file)
        pool.submit(os._exit, 1)
        with pytest.raises(RuntimeError, match=r"replicates of .* failed, .*BrokenProcessPool"):
            replicate(SHORT, 40, seed=1, executor=pool, file=file)
    assert len(read(file)[1]) >= 2
    rows = replicate(SHORT, 4, seed=1, file=file)
    np.testing.assert_array_equal(rows, _loop(SHORT, 4, seed=1))


def test_other_files_are_refused_and_left_as_they_are(tmp_path, threads):
    file = tmp_path / "rows.npz"
    replicate(SHORT, 2, seed=1, executor=threads, file=file)
    good = file.read_bytes()
    for wrong, message in (
        ({"seed": 2}, "its seed is 1, wanted is 2"),
        ({"seed": 1, "new_data": False}, "its new_data is True, wanted is False"),
        ({"seed": 1, "scale": 2}, "its scale is 1.0, wanted is 2.0"),
        ({"seed": 1, "arithmetic": "replay"}, "its arithmetic is 'portable', wanted is 'replay'"),
    ):
        with pytest.raises(ValueError, match=message):
            replicate(SHORT, 3, **wrong, executor=threads, file=file)
    with pytest.raises(ValueError, match=r"its experiment is '\(f2, 4, 0.1, 5\)', wanted"):
        replicate(Experiment(f1, 4, 0.1, 5), 3, seed=1, executor=threads, file=file)
    assert file.read_bytes() == good

    with open(tmp_path / "other.npz", "wb") as stream:
        np.savez(stream, x=[1, 2])
    with open(tmp_path / "later.npz", "wb") as stream:
        np.savez(stream, about='{"schema": 2}', rows=np.zeros(1, ROW))
    contents = {"empty": b"", "text": b"index,last_error\n", "cut": good[: len(good) // 2]}
    for name, content in contents.items():
        (tmp_path / f"{name}.npz").write_bytes(content)
    with open(tmp_path / "bare.npz", "wb") as stream:
        np.save(stream, np.zeros(3))
    for name in (*contents, "other", "later", "bare"):
        damaged = tmp_path / f"{name}.npz"
        before = damaged.read_bytes()
        with pytest.raises(ValueError, match=rf"{name}\.npz is (damaged, or )?not a file of repl"):
            replicate(SHORT, 3, seed=1, executor=threads, file=damaged)
        assert damaged.read_bytes() == before


@pytest.mark.parametrize(
    ("n", "condition", "message"),
    [
        (-1, {"seed": 1}, "n must be an integer, at least 0, got -1"),
        (2, {"seed": -1}, "seed must be an integer, at least 0, got -1"),
        (2, {"seed": None}, "seed must be an integer, at least 0, got None"),
        (2, {"seed": 1, "crossed": 0}, "crossed must be an integer, at least 1, got 0"),
        (2, {"seed": 1, "arithmetic": "odd"}, "arithmetic must be one of portable, replay, or"),
    ],
)
def test_bad_input(n, condition, message):
    with pytest.raises(ValueError, match=message):
        replicate(SHORT, n, **condition)
    with pytest.raises(ValueError, match="index must be an integer, at least 0, got -1"):
        replicate_one(SHORT, -1, seed=1)


def test_an_overflow_is_a_result():
    run = replicate_one(Experiment(f1, 3, 5, 500), 0, seed=1)
    assert np.isnan(run.last_error)
