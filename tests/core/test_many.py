"""Many runs at a time: each is what it is alone."""

import threading

import pytest

from nnlib import Experiment, f2, logarithmic, train, train_many, training

RUNS = [Experiment(f2, 3, 0.05, 40).starting(samples=9, data=k, weights=k) for k in range(1, 9)]


@pytest.mark.parametrize("engine", [None, "numpy"])
@pytest.mark.parametrize("threads", [None, 1, 3])
def test_each_is_what_it_is_alone(engine, threads):
    seen = logarithmic(40, 6)
    many = train_many(iter(RUNS), seen=seen, engine=engine, threads=threads)
    alone = [train(run, seen=seen).checksum() for run in RUNS]
    assert [history.checksum() for history in many] == alone
    assert [history.experiment for history in many] == RUNS


def test_other_sizes_and_epochs_together():
    mixed = [Experiment(f2, h, 0.05, 10 * h, batch=b) for h in (2, 9, 3) for b in (None, 100)]
    many = train_many(mixed, threads=2)
    assert [one.checksum() for one in many] == [train(run).checksum() for run in mixed]


def test_none_at_all():
    assert train_many([]) == []


@pytest.mark.filterwarnings("error")
def test_an_overflow_is_no_warning():
    (history,) = train_many([RUNS[0].replaced(learning_rate=1e200)])
    assert history.overflow_epoch is not None


def test_a_failure_ends_it(monkeypatch):
    begun, real = [], training.train_quietly
    first = threading.Event()

    def fails(experiment, **named):
        begun.append(experiment)
        if experiment == RUNS[0]:
            raise ValueError("no")
        first.wait(0.1)
        return real(experiment, **named)

    monkeypatch.setattr(training, "train_quietly", fails)
    with pytest.raises(ValueError, match="no"):
        train_many(RUNS * 20, threads=1)
    assert len(begun) < 160
    with pytest.raises(ValueError, match="threads must be an integer, at least 1, got 0"):
        train_many(RUNS, threads=0)


def test_progress(capsys):
    assert len(train_many(RUNS, progress=True)) == 8
