"""Whether neurons that differ learn better: errors from larger initial weights, and from controls.

For the follow-up's idea of initial weights ten times as large. `make capacity` computes what is
missing in `nnlib/capacity/results/`.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.experiment import Experiment
from nnlib.network import get_new_random_weights
from nnlib.pool import workers
from nnlib.targets import f1
from nnlib.training import train_quietly

__all__ = ["EPOCHS", "SEEDS", "STARTS", "load"]

RUN = Experiment(f1, 3, 0.1, 10_000)
EPOCHS = (1000, RUN.epochs)  # after which the errors are kept
SEEDS = 30  # initial weights of the seeds 0, 1, …, with the standard datasets
SCALE = 10
# What each of them starts from: ten times as large; as usual; and in three ways exact duplicates
# that are as large, of the mean of the two neurons, made longer, of the first, and of the second.
STARTS = ("larger", "usual", "mean twice", "first twice", "second twice")
_CONDITIONS = {"epochs": list(EPOCHS), "scale": SCALE, "starts": list(STARTS)}
_FILE = Path(__file__).with_name("results") / "differing.npz"


def load() -> NDArray[np.float64]:
    """The test errors after so many epochs.

    Returns
    -------
    ndarray, shape (STARTS, SEEDS, EPOCHS)

    Raises
    ------
    ValueError
        If the file is damaged or stale.
    """
    names = (kept.key(RUN, "seed", seed) for seed in range(SEEDS))
    shape = len(STARTS), len(EPOCHS)
    return np.stack(kept.find(_FILE, _CONDITIONS, RUN, *names, shape=shape), axis=1)


def main() -> None:
    """Compute what is missing."""
    tasks = {kept.key(RUN, "seed", seed): (RUN, seed) for seed in range(SEEDS)}
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _errors, tasks)


def _errors(experiment: Experiment, seed: int) -> NDArray[np.float64]:
    """The errors from all starts of a seed."""
    runs = (
        train_quietly(experiment, weights=start, seen=EPOCHS)
        for start in _starts(*get_new_random_weights(experiment.h, rng=seed))
    )
    return np.array([run.test_error[1:] for run in runs])  # the first is at epoch 0


def _starts(
    U: NDArray[np.float64], V: NDArray[np.float64]
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """What the runs of some initial weights start from, in the order of `STARTS`."""
    yield SCALE * U, SCALE * V
    yield U, V
    rows = SCALE * np.column_stack([V[0, :2], U])
    mean = np.tile(rows.mean(axis=0), (2, 1))
    mean *= np.sqrt(np.sum(rows**2)) / np.sqrt(np.sum(mean**2))
    for both in (mean, rows[[0, 0]], rows[[1, 1]]):
        yield both[:, 1:], np.append(both[:, 0], SCALE * V[0, 2])


if __name__ == "__main__":
    main()
