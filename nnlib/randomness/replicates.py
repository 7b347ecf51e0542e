"""Replicates: the same experiment with other random numbers, as many as you have patience for.

Replicate k of a seed is the same whoever computes it, when, and in which company: its random
numbers follow from the seed and from k alone.
"""

import warnings
from contextlib import nullcontext
from pathlib import Path
from time import monotonic

import numpy as np

from nnlib import results
from nnlib.arithmetic import find_arithmetic
from nnlib.checks import check_integer
from nnlib.datasets import get_new_random_dataset
from nnlib.network import get_initial_weights, get_new_random_weights
from nnlib.pool import gather, workers
from nnlib.training import train

__all__ = ["ROW", "read", "replicate", "replicate_one"]

ROW = np.dtype(
    [
        ("index", "<i8"),
        ("last_error", "<f8"),
        ("lowest_error", "<f8"),
        ("best_epoch", "<i8"),
        ("train_error", "<f8"),
    ]
)
_SECONDS = 2.0  # between two savings


def replicate_one(
    experiment,
    index,
    *,
    new_data=True,
    new_weights=True,
    seed,
    scale=1.0,
    crossed=None,
    arithmetic="portable",
):
    """Train the replicate of a given index.

    Parameters
    ----------
    experiment : Experiment
    index : int
        0 or more.
    new_data, new_weights : bool, optional
        Whether it has random datasets and initial weights of its own, or the standard ones.
    seed : int
        0 or more.
    scale : float, optional
        A factor for the initial weights.
    crossed : int, optional
        If given, the replicate takes the datasets of index ``index // crossed`` and the initial
        weights of index ``index % crossed``, so that all combinations come up.
    arithmetic : str or Arithmetic, optional
        As of `train`.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        If `index`, `seed` or `crossed` is none of these.

    Notes
    -----
    Section 4.2 of the document, on the impact of the randomness.
    """
    index = check_integer("index", index, least=0)
    seed = check_integer("seed", seed, least=0)
    data_index = weights_index = index
    if crossed is not None:
        data_index, weights_index = divmod(index, check_integer("crossed", crossed, least=1))
    given = {}
    if new_data:
        rng = _generators(seed, data_index)[0]
        given["train_set"] = get_new_random_dataset(experiment.f, 1000, rng, arithmetic)
        given["test_set"] = get_new_random_dataset(experiment.f, 100, rng, arithmetic)
    if new_weights:
        U, V = get_new_random_weights(experiment.h, _generators(seed, weights_index)[1])
    else:
        U, V = get_initial_weights(experiment.h)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an overflow is a result like others
        return train(experiment, weights=(scale * U, scale * V), arithmetic=arithmetic, **given)


def replicate(
    experiment,
    n,
    *,
    new_data=True,
    new_weights=True,
    seed,
    scale=1.0,
    crossed=None,
    arithmetic="portable",
    executor=None,
    file=None,
    progress=True,
):
    """Train `n` replicates of an experiment, on all cores.

    Parameters
    ----------
    experiment : Experiment
    n : int
        0 or more.
    new_data, new_weights, seed, scale, crossed, arithmetic
        As of `replicate_one`.
    executor : concurrent.futures.Executor, optional
        Who does the work; a pool of processes, one for each core, if not given. It stays open.
    file : str or Path, optional
        Where the results are kept as they come, in NumPy's npz format. What is in it already is
        not computed again, so that a study goes on where it was broken off.
    progress : bool, optional
        Show a progress bar if it takes more than a second.

    Returns
    -------
    ndarray of `ROW`, shape (n,)
        In the order of the index, whatever the order of the work: the last and the lowest test
        error, the epoch of the lowest, and the last training error. `replicate_one` gives the
        whole history of any of them.

    Raises
    ------
    ValueError
        If `n` or another argument is not valid, or the file is none of replicates, or one of
        another experiment or condition. The file is left as it is.
    RuntimeError
        If some replicates failed. The others are in the file.
    """
    n = check_integer("n", n, least=0)
    condition = {
        "new_data": bool(new_data),
        "new_weights": bool(new_weights),
        "seed": check_integer("seed", seed, least=0),
        "scale": float(scale),
        "crossed": crossed if crossed is None else check_integer("crossed", crossed, least=1),
        "arithmetic": find_arithmetic(arithmetic).name,
    }
    about = {"experiment": repr(experiment), **condition}
    rows = {}
    if file is not None and Path(file).exists():
        found, kept = read(file)
        different = [key for key in about if found.get(key) != about[key]]
        if different:
            key = different[0]
            raise ValueError(
                f"{file} holds other replicates: its {key} is {found.get(key)!r}, "
                f"wanted is {about[key]!r}"
            )
        rows = {int(row["index"]): row for row in kept}

    given = {**condition, "arithmetic": arithmetic}
    calls = {k: (_row, experiment, k, given) for k in range(n) if k not in rows}
    saved = monotonic()

    def keep(index, row):
        nonlocal saved
        rows[index] = np.array(row, dtype=ROW)
        if file is not None and monotonic() - saved > _SECONDS:
            _save(file, about, rows)
            saved = monotonic()

    with workers() if executor is None else nullcontext(executor) as pool:
        try:
            failed = gather(pool, calls, keep, n, repr(experiment), progress)
        finally:
            if file is not None and calls:
                _save(file, about, rows)
    if failed:
        first = min(failed)
        kept = "kept in the file" if file is not None else "lost, as no file was given"
        raise RuntimeError(
            f"{len(failed)} of {n} replicates of {experiment} failed, the first of them "
            f"index {first}: {failed[first]!r}; the others are {kept}"
        ) from failed[first]
    return np.array([rows[index] for index in range(n)], dtype=ROW)


def read(file):
    """Read a file of replicates.

    Parameters
    ----------
    file : str or Path

    Returns
    -------
    about : dict
        The experiment, the condition and the seed, and the version of the library.
    rows : ndarray of `ROW`
        In the order of the index.

    Raises
    ------
    ValueError
        If it is damaged, or something else.
    """
    about, arrays = results.read(file, "replicates", "rows")
    rows = arrays["rows"]
    if rows.dtype != ROW:
        raise ValueError(f"{file} is not a file of replicates: its rows are {rows.dtype}")
    return about, rows


def _generators(seed, index):
    child = np.random.SeedSequence(seed, spawn_key=(index,))
    return [np.random.default_rng(grandchild) for grandchild in child.spawn(2)]


def _row(experiment, index, condition):
    history = replicate_one(experiment, index, **condition)
    return (
        index,
        history.last_error,
        history.lowest_error,
        history.best_epoch,
        history.train_error[-1],
    )


def _save(file, about, rows):
    results.save(file, about, rows=np.array([rows[index] for index in sorted(rows)], dtype=ROW))
