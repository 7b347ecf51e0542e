"""A few samples at a time: batches of any size, and rates that fall, with equal numbers of passes.

A pass through all samples costs as many sample gradients for each size of batch. Each size, with
each schedule, gets the same chance to be set well: ten rates, tried from `TUNING` starts, of which
the one with the lowest geometric mean of the last errors is `CHOSEN`. It is judged from `STARTS`
others, with other orders of the samples. `make methods` computes what is missing in
`nnlib/methods/results/`.
"""

import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.experiment import Experiment
from nnlib.interval import interval_error
from nnlib.network import pack
from nnlib.pool import workers
from nnlib.training import train_quietly

__all__ = [
    "BATCHES",
    "BUDGETS",
    "CHOSEN",
    "FACTORS",
    "FALLING",
    "PASSES",
    "SCHEDULES",
    "STARTS",
    "TASKS",
    "TUNING",
    "chosen",
    "load",
    "load_tried",
    "schedules",
    "tried",
]

STARTS = range(40)  # seeds of the samples; those of weights are 1000 more, of orders 2000 more
TUNING = range(100, 106)
# The document's runs that oscillate, as long as each other; and one whose samples are noisy.
TASKS = {
    "f1": Experiment.parse("f1 3 1 1000"),
    "f2": Experiment.parse("f2 8 0.1 1000"),
    "noisy": Experiment.parse("f1 3 1 1000 noise=0.1"),
}
BATCHES = (1, 10, 100, 1000)
SCHEDULES = {
    "constant": "",
    "steps": "schedule=steps",
    "inverse": "schedule=inverse half=100",
    "cosine": "schedule=cosine",
}
FALLING = (10, 100)  # sizes of batch whose rates also fall
FACTORS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.3, 1.7)  # times the document's rate
PASSES = (1, 3, 10, 30, 100, 300, 1000)  # after which errors are kept
BUDGETS = (30, 1000)  # passes that a constant rate is tuned for; the others, for all
# Which of the ten was best from the starts for tuning; a test holds that these are.
CHOSEN: dict[str, dict[tuple[int, str, int], int]] = {
    "f1": {
        (1, "constant", 30): 4,
        (1, "constant", 1000): 2,
        (10, "constant", 30): 4,
        (10, "constant", 1000): 4,
        (10, "steps", 1000): 5,
        (10, "inverse", 1000): 7,
        (10, "cosine", 1000): 5,
        (100, "constant", 30): 6,
        (100, "constant", 1000): 7,
        (100, "steps", 1000): 8,
        (100, "inverse", 1000): 9,
        (100, "cosine", 1000): 8,
        (1000, "constant", 30): 8,
        (1000, "constant", 1000): 6,
    },
    "f2": {
        (1, "constant", 30): 0,
        (1, "constant", 1000): 0,
        (10, "constant", 30): 4,
        (10, "constant", 1000): 2,
        (10, "steps", 1000): 2,
        (10, "inverse", 1000): 3,
        (10, "cosine", 1000): 2,
        (100, "constant", 30): 9,
        (100, "constant", 1000): 6,
        (100, "steps", 1000): 6,
        (100, "inverse", 1000): 6,
        (100, "cosine", 1000): 6,
        (1000, "constant", 30): 9,
        (1000, "constant", 1000): 6,
    },
    "noisy": {
        (1, "constant", 30): 1,
        (1, "constant", 1000): 0,
        (10, "constant", 30): 3,
        (10, "constant", 1000): 2,
        (10, "steps", 1000): 4,
        (10, "inverse", 1000): 6,
        (10, "cosine", 1000): 4,
        (100, "constant", 30): 6,
        (100, "constant", 1000): 4,
        (100, "steps", 1000): 8,
        (100, "inverse", 1000): 9,
        (100, "cosine", 1000): 8,
        (1000, "constant", 30): 8,
        (1000, "constant", 1000): 6,
    },
}

_CALM = 300  # epochs of a tenth of the document's rate, with all samples, after the last pass
_FILE = Path(__file__).with_name("results") / "batches.npz"
_CONDITIONS = {
    "starts": list(STARTS),
    "tuning": list(TUNING),
    "passes": list(PASSES),
    "calm": _CALM,
}


def schedules(batch: int) -> tuple[str, ...]:
    """What is tried with a size of batch.

    Parameters
    ----------
    batch : int
        One of `BATCHES`.

    Returns
    -------
    tuple of str
        Some of `SCHEDULES`.
    """
    return tuple(SCHEDULES) if batch in FALLING else ("constant",)


def tried(task: str, batch: int, schedule: str = "constant") -> tuple[Experiment, ...]:
    """The ten settings of a size of batch and a schedule.

    Parameters
    ----------
    task : str
        One of `TASKS`.
    batch : int
        One of `BATCHES`.
    schedule : str, optional
        One of `SCHEDULES`; one that falls only for a size of `FALLING`.

    Returns
    -------
    tuple of Experiment
    """
    plain = TASKS[task]
    words = [plain.function_name, plain.h, "{:.6f}", plain.epochs, plain.more, SCHEDULES[schedule]]
    words += [f"batch={batch}"] * (batch < plain.start.samples)
    text = " ".join(map(str, words))
    return tuple(Experiment.parse(text.format(plain.learning_rate * one)) for one in FACTORS)


def chosen(task: str, batch: int, schedule: str = "constant", budget: int = 1000) -> Experiment:
    """The best of the ten settings.

    Parameters
    ----------
    task, batch, schedule
        As of `tried`.
    budget : int, optional
        One of `BUDGETS`, the passes that it is best after.

    Returns
    -------
    Experiment
    """
    one = tried(task, batch, schedule)[CHOSEN[task][batch, schedule, budget]]
    return one.replaced(epochs=budget)


@cache
def load_tried(task: str, batch: int, schedule: str = "constant") -> NDArray[np.float64]:
    """The errors of the ten settings, from the starts for tuning.

    Parameters
    ----------
    task, batch, schedule
        As of `tried`.

    Returns
    -------
    ndarray, shape (10, starts, passes)
        On the interval, of the weights after each of `PASSES`; inf after an overflow.

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    return _tuned(task)[batch, schedule][..., : len(PASSES)]


@cache
def load(
    task: str, batch: int, schedule: str = "constant", budget: int = 1000
) -> dict[str, NDArray[np.float64]]:
    """What became of the runs, start by start.

    Parameters
    ----------
    task, batch, schedule, budget
        As of `chosen`.

    Returns
    -------
    dict of str to ndarray, shape (starts,) or, for ``errors``, (starts, passes)
        The ``errors`` on the interval after each of `PASSES`, inf after an overflow and for those
        beyond the budget; ``train``, the
        training error after the last; ``calm_train`` and ``calm``, the training error and that on
        the interval after some more epochs with all samples and a small rate.

    Raises
    ------
    ValueError
        As `load_tried`.
    """
    table = _judged(task)[batch, schedule, budget]
    train, calm_train, calm = table[:, -3:].T
    return {"errors": table[:, :-3], "train": train, "calm_train": calm_train, "calm": calm}


def main() -> int:
    """Compute what is missing; return the exit status."""
    tasks = {}
    for task in TASKS:
        for batch in BATCHES:
            for schedule in schedules(batch):
                some = tried(task, batch, schedule)
                tasks[kept.key(some[0], "tuned")] = some[0], some, TUNING
        for batch, schedule, budget in CHOSEN.get(task, ()):
            one = chosen(task, batch, schedule, budget)
            tasks[kept.key(one, "judged")] = one, (), STARTS
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, tasks)
    return 0


@cache
def _tuned(task: str) -> dict[tuple[int, str], NDArray[np.float64]]:
    """What `load_tried` looks up, read at one go."""
    known = [(batch, schedule) for batch in BATCHES for schedule in schedules(batch)]
    names = [kept.key(tried(task, *one)[0], "tuned") for one in known]
    shape = len(FACTORS), len(TUNING), len(PASSES) + 3
    found = kept.find(_FILE, _CONDITIONS, TASKS[task], *names, shape=shape)
    return dict(zip(known, found, strict=True))


@cache
def _judged(task: str) -> dict[tuple[int, str, int], NDArray[np.float64]]:
    """What `load` looks up, read at one go."""
    names = [kept.key(chosen(task, *one), "judged") for one in CHOSEN[task]]
    shape = len(STARTS), len(PASSES) + 3
    found = kept.find(_FILE, _CONDITIONS, TASKS[task], *names, shape=shape)
    return dict(zip(CHOSEN[task], found, strict=True))


def _run(one: Experiment, some: tuple[Experiment, ...], seeds: range) -> NDArray[np.float64]:
    """A row for each start, of one experiment or of each of some."""
    if some:
        return np.array([_run(each, (), seeds) for each in some])
    return np.array([_measure(one, seed) for seed in seeds])


def _measure(experiment: Experiment, seed: int) -> list[float]:
    """What is kept of a run, in the order of `load`."""
    experiment = experiment.starting(data=seed, weights=1000 + seed)
    if experiment.batch:
        experiment = experiment.replaced(shuffle=2000 + seed)
    run = train_quietly(experiment)
    weights = pack(run.U, run.V)
    rate = next(t for t in TASKS.values() if t.f is experiment.f).learning_rate / 10
    slow = Experiment(experiment.f, experiment.h, rate, _CALM, start=experiment.start)
    seen = [n for n in PASSES if n < len(weights)]
    row = [*interval_error(experiment.f, weights[seen]), *[np.inf] * (len(PASSES) - len(seen))]
    row.append(run.train_error[-1])
    if np.isfinite(weights[-1]).all():
        calm = train_quietly(slow, weights=(run.U[-1], run.V[-1]))
        last = pack(calm.U, calm.V)[-1]
        row += [calm.train_error[-1], float(interval_error(experiment.f, last))]
    else:
        row += [np.inf, np.inf]
    return np.where(np.isfinite(row), row, np.inf).tolist()


if __name__ == "__main__":
    sys.exit(main())
