"""The long runs behind the chapter on the oscillation: a ladder of precisions, and a trial.

The ladder trains the same experiments with ever more bits. The trial holds the predicted onset of
many experiments, of which the one fitted number has seen the first alone, against the best epoch of
real runs. `make ladder` computes what of them is missing in `nnlib/oscillation/results/`.
"""

import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np

from nnlib import results
from nnlib.oscillation import precision
from nnlib.oscillation.onset import VISIBLE, predict_onset
from nnlib.pool import gather, workers
from nnlib.targets import f1, f2
from nnlib.training import Experiment, train, train_in_order

__all__ = ["LADDER", "TRIAL", "best_epochs", "load", "load_trial"]

LADDER = {
    Experiment(f1, 3, 1, 1200): (24, 32, 40, 53, 64, 80, 96, 112, 128, 160, 192, 224, 256),
    Experiment(f2, 6, 0.1, 1000): (24, 32, 40, 53, 64, 80, 96, 128),
    Experiment(f2, 8, 0.1, 1400): (24, 32, 40, 53, 64, 80, 96, 128, 160),
}
TRIAL = (
    Experiment(f1, 3, 1, 1000),
    Experiment(f1, 3, 1.1, 800),
    Experiment(f1, 3, 0.9, 1500),
    Experiment(f1, 3, 0.8, 2500),
    Experiment(f1, 2, 1, 1000),
    Experiment(f1, 2, 0.9, 1000),
    Experiment(f1, 8, 1, 1500),
    Experiment(f2, 6, 0.1, 1000),
    Experiment(f2, 6, 0.09, 1300),
    Experiment(f2, 6, 0.08, 1700),
    Experiment(f2, 8, 0.1, 1200),
    Experiment(f2, 8, 0.09, 1500),
    Experiment(f2, 8, 0.08, 2000),
    Experiment(f1, 3, 0.1, 1000),
    Experiment(f1, 4, 1, 1500),
    Experiment(f1, 5, 1, 1500),
    Experiment(f2, 5, 0.1, 1500),
    Experiment(f2, 8, 0.05, 1000),
    Experiment(f2, 10, 0.1, 1500),
    Experiment(f2, 12, 0.1, 1500),
    Experiment(f1, 3, 1.2, 800),
    Experiment(f1, 4, 1.2, 1500),
    Experiment(f1, 5, 1.2, 1500),
    Experiment(f2, 7, 0.1, 1500),
)
ORDERS = 9
_KIND = "long runs"
_FOLDER = Path(__file__).with_name("results")
_LADDER_FILE = _FOLDER / "ladder.npz"
_TRIAL_FILE = _FOLDER / "trial.npz"


def load(experiment):
    """The rungs of the ladder.

    Parameters
    ----------
    experiment : Experiment
        One of `LADDER`.

    Returns
    -------
    dict of int to ndarray, shape (epochs + 1,)
        The test error for each number of bits.

    Raises
    ------
    ValueError
        If no such runs are kept, or the file is damaged.
    """
    kept = LADDER.get(experiment, ())
    rungs = _find(_LADDER_FILE, experiment, *(_name(experiment, bits) for bits in kept))
    return dict(zip(kept, rungs, strict=True))


def load_trial(experiment):
    """A row of the trial.

    Parameters
    ----------
    experiment : Experiment
        One of `TRIAL`.

    Returns
    -------
    predicted : int or None
        As `predict_onset` foretold it for doubles.
    observed : ndarray of int, shape (ORDERS,)
        As of `best_epochs`.

    Raises
    ------
    ValueError
        If no such row is kept, or the file is damaged.
    """
    ((predicted, *observed),) = _find(_TRIAL_FILE, experiment, _name(experiment))
    return (None if predicted < 0 else int(predicted)), np.array(observed)


def best_epochs(experiment, orders=ORDERS):
    """The epoch of the lowest test error, with the same samples in several orders.

    Parameters
    ----------
    experiment : Experiment
    orders : int, optional

    Returns
    -------
    ndarray of int, shape (orders,)
        First with the order as drawn, then with those of the seeds 1, 2, …
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an overflow is later than the best epoch
        runs = [train(experiment), *(train_in_order(experiment, n) for n in range(1, orders))]
    return np.array([run.best_epoch for run in runs])


def main():
    """Compute what is missing; return the exit status."""
    rungs = {_name(run, bits): (run, bits) for run, kept in LADDER.items() for bits in kept}
    rows = {_name(run): (run,) for run in TRIAL}
    with workers() as pool:
        _complete(pool, _LADDER_FILE, _rung, rungs, {"flint": version("python-flint")})
        _complete(pool, _TRIAL_FILE, _row, rows, {"visible": VISIBLE, "bits": 53})
    return 0


def _complete(pool, file, function, tasks, about):
    """Compute what a file lacks, or has from other conditions, and write it after every run."""
    conditions, found = results.read(file, _KIND) if file.exists() else ({}, {})
    if not conditions.items() >= about.items():
        found = {}

    def keep(name, array):
        found[name] = array
        results.save(file, about, **{name: found[name] for name in tasks if name in found})

    calls = {name: (function, *task) for name, task in tasks.items() if name not in found}
    for error in gather(pool, calls, keep, len(tasks), file.stem).values():
        raise error  # now that the rest is kept


def _rung(experiment, bits):
    return precision.train(experiment, bits).test_error


def _row(experiment):
    predicted = predict_onset(experiment)
    return np.array([-1 if predicted is None else predicted, *best_epochs(experiment)])


def _name(experiment, bits=None):
    return repr(experiment) if bits is None else f"{experiment!r} with {bits} bits"


def _find(file, experiment, *names):
    arrays = results.read(file, _KIND)[1]
    if not names or not arrays.keys() >= set(names):
        raise ValueError(f"{file.name} has no runs of {experiment}; it has {', '.join(arrays)}")
    return [arrays[name] for name in names]


if __name__ == "__main__":
    sys.exit(main())
