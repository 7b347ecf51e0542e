"""How many samples? The error on the interval over their number, with noise and without.

Each replicate has initial weights and inputs of its own, of which the first N are taken, so that
the inputs of its larger sets hold those of the smaller; its noise is drawn anew for each size. To
each set a network is fitted twice: by descent within the budget of `TASKS`, from the document's
kind of weights, and by `nnlib.data.best.fit_best`. As a control, descent also learns changed sets,
with the same initial weights: is it the number that counts, or the chance in few samples? `make
data` computes what is missing in `nnlib/data/results/`.
"""

import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.data.best import fit_best
from nnlib.experiment import Experiment
from nnlib.interval import interval_error
from nnlib.machine import sum_over_samples
from nnlib.network import pack
from nnlib.pool import workers
from nnlib.training import train_quietly

__all__ = [
    "CHANGED",
    "NOISE",
    "NUMBERS",
    "REPLICATES",
    "TASKS",
    "Errors",
    "cell",
    "load",
    "load_changed",
]

# Rates at which no run on the document's samples oscillates, and no longer than they need here.
TASKS = {"f1": Experiment.parse("f1 3 0.2 5000"), "f2": Experiment.parse("f2 8 0.05 2000")}
NOISE = {"f1": 0.1, "f2": 1.0}  # 7 to 8 % of the root mean square of each function
NUMBERS = (5, 10, 20, 30, 50, 100, 300, 1000, 3000, 10_000)
# Sets of f2 with other inputs, in the middles of equal parts of the interval; or with outputs less
# their mean, so that it is 0 as that of f2.
CHANGED = {"even": (20, 30, 50, 100), "centred": (30, 100)}
REPLICATES = 200
_STARTS, _STEPS = 8, 200
_SEEDS = 3001, 3002  # of the samples and of the weights
_FILE = Path(__file__).with_name("results") / "samples.npz"
_CONDITIONS = {"starts": _STARTS, "steps": _STEPS, "seeds": list(_SEEDS)}


class Errors(NamedTuple):
    """What became of the replicates of one cell, in their order.

    Attributes
    ----------
    descent, best : ndarray, shape (replicates,)
        The error on the interval after descent, and of the best fit.
    training, best_training : ndarray, shape (replicates,)
        Their training errors.
    first : ndarray, shape (replicates,)
        The training error before the first epoch.
    """

    descent: NDArray[np.float64]
    best: NDArray[np.float64]
    training: NDArray[np.float64]
    best_training: NDArray[np.float64]
    first: NDArray[np.float64]


def cell(task: str, noisy: bool, N: int, replicate: int = 0) -> Experiment:
    """The descent of a replicate.

    Parameters
    ----------
    task : str
        One of `TASKS`.
    noisy : bool
    N : int
        One of `NUMBERS`.
    replicate : int, optional

    Returns
    -------
    Experiment
    """
    data, weights = ((seed, replicate) for seed in _SEEDS)
    noise = NOISE[task] if noisy else 0.0
    return TASKS[task].starting(samples=N, noise=noise, data=data, weights=weights)


@cache
def load(task: str, noisy: bool, N: int) -> Errors:
    """The errors of a cell.

    Parameters
    ----------
    task, noisy, N
        As of `cell`.

    Returns
    -------
    Errors

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    one, shape = cell(task, noisy, N), (len(Errors._fields), REPLICATES)
    (table,) = kept.find(_FILE, _CONDITIONS, one, kept.key(one), shape=shape, dtype="f4")
    return Errors(*table.astype(float))


@cache
def load_changed(change: str, N: int) -> NDArray[np.float64]:
    """The errors of descent on changed sets of f2, without noise.

    Parameters
    ----------
    change : str
        One of `CHANGED`.
    N : int

    Returns
    -------
    ndarray, shape (replicates,)
        On the interval; from the initial weights of `load`.

    Raises
    ------
    ValueError
        As `load`.
    """
    one, shape = cell("f2", False, N), (REPLICATES,)
    found = kept.find(_FILE, _CONDITIONS, one, kept.key(one, change), shape=shape, dtype="f4")
    return found[0].astype(float)


def main() -> int:
    """Compute what is missing; return the exit status."""
    tasks: dict[str, tuple[object, ...]] = {}
    for N in NUMBERS:  # the shortest first
        for task in TASKS:
            for noisy in (False, True):
                one = cell(task, noisy, N)
                tasks[kept.key(one)] = one, task, noisy, N
        for change, some in CHANGED.items():
            if N in some:
                one = cell("f2", False, N)
                tasks[kept.key(one, change)] = one, change, False, N
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, tasks)
    return 0


def _run(_: Experiment, task: str, noisy: bool, N: int) -> NDArray[np.float32]:
    """What is kept of a cell: four digits are enough."""
    if task in CHANGED:
        ends = [_descend_changed(cell("f2", noisy, N, n), task) for n in range(REPLICATES)]
        return interval_error(TASKS["f2"].f, np.array(ends)).astype(np.float32)
    rows = [_measure(cell(task, noisy, N, n)) for n in range(REPLICATES)]
    return np.array(rows, dtype=np.float32).T


def _descend_changed(experiment: Experiment, change: str) -> NDArray[np.float64]:
    """The last weights of a descent on a changed set."""
    x, y = experiment.start.train_set(experiment.f)
    if change == "even":
        x = -5 + 10 * (np.arange(x.size) + 0.5) / x.size
        y = experiment.f(x)
    else:
        y = y - sum_over_samples(y) / y.size
    run = train_quietly(
        experiment,
        train_set=(x, y),
        test_set=experiment.start.test_set(experiment.f),
        seen=experiment.epochs,
    )
    return pack(run.U[-1], run.V[-1])


def _measure(experiment: Experiment) -> list[float]:
    """A replicate, in the order of `Errors`."""
    run = train_quietly(experiment, seen=experiment.epochs)
    best = fit_best(*run.train_set, experiment.h, _STARTS, steps=_STEPS)
    ends = np.array([pack(run.U[-1], run.V[-1]), best.weights])
    training = run.train_error
    row = [*interval_error(experiment.f, ends), training[-1], best.error, training[0]]
    return np.where(np.isfinite(row), row, np.inf).tolist()


if __name__ == "__main__":
    sys.exit(main())
