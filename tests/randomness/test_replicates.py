"""Replicates: any of them by its index alone, whichever process does the work, and nothing lost."""

import os
import re
import signal
import subprocess
import sys
import warnings
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest
from snapshots import ROOT

from nnlib import Experiment, f1, f2, train
from nnlib.network import pack
from nnlib.pool import workers
from nnlib.randomness import replicates
from nnlib.randomness.replicates import read, replica, replicate, row_type

SHORT = Experiment(f2, 4, 0.1, 5)


@pytest.fixture
def threads():
    with ThreadPoolExecutor(2) as executor:
        yield executor


def _loop(experiment, n, arithmetic="portable", **condition):
    rows = []
    for index in range(n):
        run = train(replica(experiment, index, **condition), arithmetic=arithmetic)
        last = run.last_error, run.lowest_error, run.best_epoch, run.train_error[-1]
        rows.append((index, *last, pack(run.U[-1], run.V[-1])))
    return np.array(rows, dtype=row_type(experiment.h))


CONDITIONS = [
    {"seed": 1},
    {"seed": 2, "new_train_set": False},
    {"seed": 1, "new_test_set": False},
    {"seed": 1, "new_weights": False},
    {"seed": 1, "new_train_set": False, "new_test_set": False},
    {"seed": 1, "crossed": 3},
    {"seed": 1, "arithmetic": "replay"},
]


def test_the_start_of_the_experiment_counts(threads):
    experiment = SHORT.starting(scale=100, samples=30, noise=0.5)
    rows = replicate(experiment, 3, seed=1, executor=threads)
    np.testing.assert_array_equal(rows, _loop(experiment, 3, seed=1))
    history = train(replica(experiment, 2, seed=1))
    assert len(history.train_set[0]) == 30 and len(history.test_set[0]) == 100


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
def test_the_same_as_a_loop(condition, threads):
    rows = replicate(SHORT, 6, **condition, executor=threads)
    np.testing.assert_array_equal(rows, _loop(SHORT, 6, **condition))


def test_processes_give_the_same():
    rows = replicate(SHORT, 5, seed=1)
    np.testing.assert_array_equal(rows, _loop(SHORT, 5, seed=1))


@pytest.mark.slow  # 4 s: a scheduler and workers
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


@pytest.mark.slow  # as the one above
@pytest.mark.filterwarnings("ignore")
def test_the_studies_go_to_a_cluster_that_is_named(monkeypatch):
    distributed = pytest.importorskip("distributed", reason="the extra [cluster] is not installed")
    with (
        warnings.catch_warnings(action="ignore"),
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as here,
    ):
        monkeypatch.setenv("NNLIB_CLUSTER", here.scheduler_address)
        with workers() as pool:
            assert isinstance(pool, distributed.cfexecutor.ClientExecutor)
            run = pool.submit(train, SHORT).result()
    assert run.checksum() == train(SHORT).checksum()


def test_a_cluster_without_its_extra_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setenv("NNLIB_CLUSTER", "tcp://127.0.0.1:8786")
    with pytest.raises(ModuleNotFoundError, match="comes with the extra 'cluster'"), workers():
        pass


def test_what_is_new_and_what_is_not():
    """Each of the three factors changes what it is about, and nothing else."""
    old = {"new_train_set": False, "new_test_set": False, "new_weights": False}
    standard = train(replica(SHORT, 3, seed=1, **old))
    assert standard.checksum() == train(SHORT).checksum()
    everything = train(replica(SHORT, 3, seed=1))
    changes = {
        name: train(replica(SHORT, 3, seed=1, **{**old, f"new_{name}": True}))
        for name in ("train_set", "test_set", "weights")
    }
    for name, run in changes.items():
        same_start = np.array_equal(run.U[0], standard.U[0])
        same_path = np.array_equal(run.U[-1], standard.U[-1])
        same_first_error = run.test_error[0] == standard.test_error[0]
        assert [same_start, same_path, same_first_error] == {
            "train_set": [True, False, True],
            "test_set": [True, True, False],
            "weights": [False, False, False],
        }[name]
    np.testing.assert_array_equal(changes["weights"].U[0], everything.U[0])
    big = train(replica(SHORT.starting(scale=10), 3, seed=1))
    np.testing.assert_array_equal(big.U[0], 10 * everything.U[0])
    assert train(replica(SHORT, 4, seed=1)).checksum() != everything.checksum()


def test_crossed():
    """Index 7 of a cross of 5 has the training set of index 1 and the weights of index 2."""
    standard = {"new_test_set": False}
    for fixed, index in (("new_weights", 1), ("new_train_set", 2)):
        condition = {**standard, fixed: False}
        alone = train(replica(SHORT, index, seed=1, **condition))
        crossed = train(replica(SHORT, 7, seed=1, crossed=5, **condition))
        assert crossed.checksum() == alone.checksum()
    crossed = train(replica(SHORT, 7, seed=1, crossed=5))
    np.testing.assert_array_equal(crossed.U[0], train(replica(SHORT, 2, seed=1)).U[0])


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
    fields = [about[name] for name in ("f", "h", "learning_rate", "epochs", "arithmetic")]
    assert fields == ["f2", 4, 0.1, 5, "portable"]
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
        with pytest.raises(RuntimeError, match=r"5 of 5 .* failed, .*BrokenProcessPool"):
            replicate(SHORT, 5, seed=1, executor=pool)  # it was broken before the first call
    assert len(read(file)[1]) >= 2
    rows = replicate(SHORT, 4, seed=1, file=file)
    np.testing.assert_array_equal(rows, _loop(SHORT, 4, seed=1))


def test_other_files_are_refused_and_left_as_they_are(tmp_path, threads):
    file = tmp_path / "rows.npz"
    replicate(SHORT, 2, seed=1, executor=threads, file=file)
    good = file.read_bytes()
    for wrong, message in (
        ({"seed": 2}, "their seed is 1, wanted is 2"),
        ({"seed": 1, "new_test_set": False}, "their new_test_set is True, wanted is False"),
        ({"seed": 1, "arithmetic": "replay"}, "their arithmetic is 'portable', wanted is 'replay'"),
    ):
        with pytest.raises(ValueError, match=message):
            replicate(SHORT, 3, **wrong, executor=threads, file=file)
    with pytest.raises(ValueError, match=r"their scale is 1.0, wanted is 2.0"):
        replicate(SHORT.starting(scale=2), 3, seed=1, executor=threads, file=file)
    with pytest.raises(ValueError, match="their f is 'f2', wanted is 'f1'"):
        replicate(Experiment(f1, 4, 0.1, 5), 3, seed=1, executor=threads, file=file)
    assert file.read_bytes() == good

    with open(tmp_path / "other.npz", "wb") as stream:
        np.savez(stream, x=[1, 2])
    with open(tmp_path / "later.npz", "wb") as stream:
        np.savez(stream, about='{"schema": 2}', rows=np.zeros(1, row_type(3)))
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


def test_stale_results_are_refused(tmp_path, threads):
    """Another function of the same name, another lambda, a rate that only prints alike."""

    def other(x):
        return f1(x) * (1 + 1e-15)

    def renamed(x):
        return f1(x)

    other.__name__, renamed.__name__ = "f1", "f1"
    pairs = [
        (f1, other, 0.1, 0.1, "started from other numbers .* move or delete it, then compute"),
        (lambda x: x, lambda x: 2 * x, 0.1, 0.1, "started from other numbers"),
        (f1, f1, 0.1, np.float32(0.1), "their learning_rate is 0.1, wanted is 0.10000000149"),
    ]
    for n, (f, g, rate, other_rate, message) in enumerate(pairs):
        file = tmp_path / f"{n}.npz"
        rows = replicate(Experiment(f, 3, rate, 3), 2, seed=1, executor=threads, file=file)
        good = file.read_bytes()
        with pytest.raises(ValueError, match=message):
            replicate(Experiment(g, 3, other_rate, 3), 2, seed=1, executor=threads, file=file)
        assert file.read_bytes() == good
    same = replicate(Experiment(renamed, 3, 0.1, 3), 2, seed=1, executor=threads, file=file)
    np.testing.assert_array_equal(same, rows)  # a name alone changes nothing


@pytest.mark.parametrize(
    ("n", "condition", "message"),
    [
        (-1, {"seed": 1}, "n must be an integer, at least 0, got -1"),
        (2, {"seed": -1}, "seed must be an integer, at least 0, got -1"),
        (2, {"seed": None}, "seed must be an integer, at least 0, got None"),
        (2, {"seed": 1, "crossed": 0}, "crossed must be an integer, at least 1, got 0"),
        (2, {"seed": 1, "arithmetic": "odd"}, "arithmetic must be one of portable, replay, or"),
        (2, {"seed": 1, "new_weights": "no"}, "new_weights must be True or False, got 'no'"),
        (2, {"seed": 1, "file": "no/such/place.npz"}, "must lie in a folder that exists, got 'no/"),
        (2, {"seed": 1, "file": "."}, "file must be a file, got the folder"),
    ],
)
def test_bad_input(n, condition, message, monkeypatch):
    """It is said before any work is done."""
    monkeypatch.setattr(replicates, "workers", lambda: pytest.fail("the work has begun"))
    with pytest.raises(ValueError, match=message):
        replicate(SHORT, n, **condition)


def test_bad_types():
    with pytest.raises(ValueError, match="index must be an integer, at least 0, got -1"):
        replica(SHORT, -1, seed=1)
    for call in (lambda e: replicate(e, 2, seed=1), lambda e: replica(e, 0, seed=1)):
        with pytest.raises(TypeError, match=r"experiment must be an Experiment, got \(.*4, 0.1, 5"):
            call((f2, 4, 0.1, 5))
    with pytest.raises(ValueError, match=r"cannot be sent to other processes .* threads"):
        replicate(Experiment(lambda x: x, 3, 0.1, 5), 2, seed=1)


def test_a_client_is_not_an_executor():
    class Client:
        def submit(self):
            pass

        def get_executor(self):
            pass

    with pytest.raises(TypeError, match=r"must be an Executor .* get_executor\(\) gives one"):
        replicate(SHORT, 2, seed=1, executor=Client())
    with pytest.raises(TypeError, match=r"must be an Executor of concurrent.futures, got 4$"):
        replicate(SHORT, 2, seed=1, executor=4)


def test_an_overflow_is_a_result_and_no_filter_stays_behind(threads, monkeypatch):
    """Threads that change the warning filters leave one of them behind, if they are unlucky."""
    before = list(warnings.filters)
    with monkeypatch.context() as patched:
        patched.setattr(warnings, "catch_warnings", lambda **_: pytest.fail("not safe in threads"))
        rows = replicate(Experiment(f1, 3, 5, 500), 8, seed=1, executor=threads)
    assert np.isnan(rows["last_error"]).all()
    assert warnings.filters == before
    with pytest.warns(RuntimeWarning, match="overflows"):
        train(Experiment(f1, 3, 5, 500))


@pytest.mark.slow  # 4 s: and once more, by the script
@pytest.mark.filterwarnings("ignore")
def test_the_example_of_the_chapter_runs_as_a_script(tmp_path):
    """With fewer and smaller runs, and otherwise as it stands."""
    pytest.importorskip("distributed", reason="the extra [cluster] is not installed")
    chapter = ROOT / "book" / "randomness.md"
    if not chapter.exists():
        pytest.skip("the chapters are not here")
    (example,) = re.findall(r"```python\n(.*?)```", chapter.read_text(encoding="utf-8"), re.DOTALL)
    small = (
        example.replace("2000)", "5)")
        .replace("200,", "3,")
        .replace("Client()", "Client(n_workers=2)")
    )
    assert small.count("5)") and small.count("3,") and small.count("n_workers=2")
    script = tmp_path / "example.py"
    script.write_text(small, encoding="utf-8")
    subprocess.run([sys.executable, script], cwd=tmp_path, check=True, timeout=100)
    assert len(read(tmp_path / "twelve.npz")[1]) == 3


def test_a_file_that_is_complete_needs_no_place_to_write(tmp_path, threads, monkeypatch):
    file = tmp_path / "rows.npz"
    rows = replicate(SHORT, 2, seed=1, executor=threads, file=file)
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)  # a read-only disk
    np.testing.assert_array_equal(replicate(SHORT, 2, seed=1, executor=threads, file=file), rows)
    with pytest.raises(ValueError, match="file must lie in a folder that can be written to"):
        replicate(SHORT, 3, seed=1, executor=threads, file=file)


class Failing(ThreadPoolExecutor):
    """Takes three calls, and then none."""

    def submit(self, function, /, *given):
        if given[1] >= 3:
            raise OSError("the cluster is gone")
        return super().submit(function, *given)


class Cancelling(ThreadPoolExecutor):
    """Takes all calls, and makes three."""

    def submit(self, function, /, *given):
        future = super().submit(function, *given)
        if given[1] >= 3:
            future = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
        return future


@pytest.mark.parametrize(
    ("executor", "message"),
    [(Failing, r"OSError\('the cluster is gone'\)"), (Cancelling, r"CancelledError\(\)")],
)
def test_an_executor_that_fails_loses_nothing_that_was_finished(executor, message, tmp_path):
    file = tmp_path / "rows.npz"
    with executor(2) as pool, pytest.raises(RuntimeError, match=rf"3 of 6 .* index 3: {message};"):
        replicate(SHORT, 6, seed=1, executor=pool, file=file)
    assert read(file)[1]["index"].tolist() == [0, 1, 2]


PROGRAM = """
from nnlib import Experiment, f1
from nnlib.randomness.replicates import replicate

def g(x):
    return abs(x)

def work(f):
    print(len(replicate(Experiment(f, 3, 0.1, 5), 2, seed=1, progress=False)))

"""
UNDER_A_GUARD = 'if __name__ == "__main__":\n    '


@pytest.mark.one_in(5)
@pytest.mark.parametrize(
    ("work", "script", "said"),
    [
        ("work(f1)", True, "keep its own work under `if __name__"),
        ("for f in (f1, g):\n    work(f)", True, "keep its own work under `if __name__"),
        (UNDER_A_GUARD + "work(f1)", True, "2"),
        (UNDER_A_GUARD + "work(g)", True, "2"),
        ("work(f1)", False, "2"),
        ("work(g)", False, "other processes (g is of a notebook, or of no file): define the"),
    ],
)
def test_a_function_of_the_main_module(work, script, said, tmp_path):
    """Of a script; and of a program that comes in by the standard input, as a notebook's does."""
    file = tmp_path / "script.py"
    file.write_text(PROGRAM + work, encoding="utf-8")
    with open(file, encoding="utf-8") as stream:
        given = {"args": [sys.executable, file]} if script else {"args": [sys.executable]}
        found = subprocess.run(
            **given, stdin=stream, capture_output=True, text=True, check=False, timeout=100
        )
    assert said in (found.stdout if said == "2" else found.stderr.splitlines()[-1])
    assert "BrokenProcessPool" not in found.stderr


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system kills in another way")
def test_no_process_outlives_the_one_that_has_started_it():
    program = """if True:
        import os, signal
        from nnlib.pool import workers
        with workers() as pool:
            print(pool.submit(os.getpid).result(), flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
    """
    # All of them write to this pipe, which is open as long as one of them is there.
    found = subprocess.run(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, check=False, timeout=100
    )
    assert found.returncode == -signal.SIGKILL and int(found.stdout) > 0
