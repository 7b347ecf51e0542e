"""The long runs are kept, found again, and go on where they were broken off."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import numpy as np
import pytest

from nnlib import Experiment, f1, results
from nnlib.oscillation import ladder
from nnlib.oscillation.onset import VISIBLE
from nnlib.pool import gather


def test_everything_is_there():
    for experiment in ladder.LADDER:
        for errors in ladder.load(experiment).values():
            assert errors.shape == (experiment.epochs + 1,)
    for experiment in ladder.TRIAL:
        _, observed = ladder.load_trial(experiment)
        assert observed.shape == (ladder.ORDERS,)
        assert np.all((observed >= 0) & (observed <= experiment.epochs))
    about, arrays = results.read(ladder._TRIAL_FILE, "long runs")
    assert about["visible"] == VISIBLE
    assert len(arrays) == len(ladder.TRIAL)


def test_more_bits_oscillate_later():
    for experiment in ladder.LADDER:
        onsets = [int(errors.argmin()) for errors in ladder.load(experiment).values()]
        assert onsets == sorted(onsets)


def test_what_is_not_kept():
    with pytest.raises(ValueError, match=r"ladder.npz has no runs of \(f1, 3, 1, 1201\); it has"):
        ladder.load(Experiment(f1, 3, 1, 1201))
    with pytest.raises(ValueError, match=r"trial.npz has no runs of \(f1, 3, 1, 1001\); it has"):
        ladder.load_trial(Experiment(f1, 3, 1, 1001))


def test_a_broken_off_run_goes_on(tmp_path):
    file, asked = tmp_path / "runs.npz", []
    tasks = {str(n): (n,) for n in (1, 2, 3)}

    def square(n):
        asked.append(n)
        if asked == [1, 2, 3]:
            raise RuntimeError("broken off")
        return np.array([n * n])

    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(RuntimeError, match="broken off"):
            ladder._complete(pool, file, square, tasks, {"visible": 1})
        assert set(results.read(file, "long runs")[1]) == {"1", "2"}
        ladder._complete(pool, file, square, tasks, {"visible": 1})
    assert asked == [1, 2, 3, 3]
    about, found = results.read(file, "long runs")
    assert {name: int(array[0]) for name, array in found.items()} == {"1": 1, "2": 4, "3": 9}
    assert about["visible"] == 1
    with ThreadPoolExecutor(1) as pool:
        ladder._complete(pool, file, square, tasks, {"visible": 1})
        assert len(asked) == 4
        ladder._complete(pool, file, square, tasks, {"visible": 2})
        assert len(asked) == 7


def test_what_has_not_begun_is_cancelled():
    asked = []

    def slow(n):
        asked.append(n)
        sleep(0.05)

    def keep(key, result):
        raise KeyboardInterrupt

    with ThreadPoolExecutor(1) as pool, pytest.raises(KeyboardInterrupt):
        gather(pool, {n: (slow, n) for n in range(40)}, keep, 40, "slow")
    assert len(asked) < 10


def test_a_damaged_file(tmp_path):
    file = tmp_path / "x.npz"
    results.save(file, {"a": 1}, rows=np.arange(3))
    about, arrays = results.read(file, "runs", "rows")
    assert about["a"] == 1
    assert arrays["rows"].tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match=r"x\.npz is damaged, or not a file of runs"):
        results.read(file, "runs", "columns")
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(ValueError, match=r"x\.npz is damaged, or not a file of runs"):
        results.read(file, "runs", "rows")
    with pytest.raises(ValueError, match="is damaged"):
        results.read(tmp_path / "absent.npz", "runs")
