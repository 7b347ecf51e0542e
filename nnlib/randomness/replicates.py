"""Replicates: the same experiment with other random numbers, as many as you have patience for.

Three things in a run are drawn: the training set and the initial weights, which decide what the
network becomes, and the test set, with which it is measured. Each can be new or the standard one.

Replicate k of a seed is the same whoever computes it, when, and in which company: its random
numbers follow from the seed and from k alone.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import nullcontext
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlib import results
from nnlib.arithmetic import Arithmetic, find_arithmetic
from nnlib.checks import check_h, check_integer, check_number
from nnlib.datasets import get_new_random_dataset
from nnlib.experiment import Experiment
from nnlib.history import History
from nnlib.network import get_initial_weights, get_new_random_weights, pack
from nnlib.pool import check_executor, check_travels, gather, workers
from nnlib.training import fingerprint, train_quietly

__all__ = [
    "ROW",
    "about",
    "draw_test_set",
    "draw_train_set",
    "draw_weights",
    "read",
    "replicate",
    "replicate_one",
    "row_type",
]

ROW = np.dtype(
    [
        ("index", "<i8"),
        ("last_error", "<f8"),
        ("lowest_error", "<f8"),
        ("best_epoch", "<i8"),
        ("train_error", "<f8"),
    ]
)
_SECONDS = 2.0  # between two savings: little is lost by a crash, and little time spent on writing
_N_TRAIN, _N_TEST = 1000, 100  # the document's, section 2.2


def row_type(h: int) -> np.dtype:
    """What is kept of a replicate: the fields of `ROW`, and the final weights.

    Parameters
    ----------
    h : int

    Returns
    -------
    dtype
        `ROW` and the field ``weights``, shape (3h-2,), as `nnlib.network.pack` lays them out.
    """
    return np.dtype([*ROW.descr, ("weights", "<f8", (3 * h - 2,))])


def draw_train_set(
    f: Callable, seed: int, index: int, arithmetic: str | Arithmetic = "portable"
) -> tuple[NDArray, NDArray]:
    """The training set that belongs to an index.

    Parameters
    ----------
    f : callable
    seed, index : int
    arithmetic : str or Arithmetic, optional

    Returns
    -------
    x, y : ndarray, shape (1000,)
    """
    return get_new_random_dataset(f, _N_TRAIN, _generators(seed, index)[0], arithmetic)


def draw_weights(h: int, seed: int, index: int) -> tuple[NDArray, NDArray]:
    """The initial weights that belong to an index.

    Parameters
    ----------
    h, seed, index : int

    Returns
    -------
    U : ndarray, shape (h-1, 2)
    V : ndarray, shape (1, h)
    """
    return get_new_random_weights(h, _generators(seed, index)[1])


def draw_test_set(
    f: Callable, seed: int, index: int, arithmetic: str | Arithmetic = "portable"
) -> tuple[NDArray, NDArray]:
    """The test set that belongs to an index.

    Parameters
    ----------
    f : callable
    seed, index : int
    arithmetic : str or Arithmetic, optional

    Returns
    -------
    x, y : ndarray, shape (100,)
    """
    return get_new_random_dataset(f, _N_TEST, _generators(seed, index)[2], arithmetic)


def replicate_one(
    experiment: Experiment,
    index: int,
    *,
    new_train_set: bool = True,
    new_test_set: bool = True,
    new_weights: bool = True,
    seed: int,
    scale: float = 1.0,
    crossed: int | None = None,
    arithmetic: str | Arithmetic = "portable",
) -> History:
    """Train the replicate of a given index.

    Parameters
    ----------
    experiment : Experiment
    index : int
        0 or more.
    new_train_set, new_test_set, new_weights : bool, optional
        What it has of its own; the rest is standard.
    seed : int
        0 or more.
    scale : float, optional
        A factor for the initial weights.
    crossed : int, optional
        If given, the replicate takes the training set of index ``index // crossed`` and the initial
        weights of index ``index % crossed``, so that all combinations come up.
    arithmetic : str or Arithmetic, optional
        As of `train`.

    Returns
    -------
    History
        An overflow is a result like others, and gives no warning.

    Raises
    ------
    TypeError
        If `experiment` is none.
    ValueError
        If another argument is none of these.

    Notes
    -----
    Section 4.2 of the document, on the impact of the randomness.
    """
    condition = _condition(
        new_train_set, new_test_set, new_weights, seed, scale, crossed, arithmetic
    )
    return _train(experiment, check_integer("index", index, least=0), condition)


def replicate(
    experiment: Experiment,
    n: int,
    *,
    new_train_set: bool = True,
    new_test_set: bool = True,
    new_weights: bool = True,
    seed: int,
    scale: float = 1.0,
    crossed: int | None = None,
    arithmetic: str | Arithmetic = "portable",
    executor: Executor | None = None,
    file: str | Path | None = None,
    progress: bool = True,
) -> NDArray:
    """Train `n` replicates of an experiment, on all cores.

    Parameters
    ----------
    experiment : Experiment
    n : int
        0 or more.
    new_train_set, new_test_set, new_weights, seed, scale, crossed, arithmetic
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
    ndarray of `row_type`, shape (n,)
        In the order of the index, whatever the order of the work: the last and the lowest test
        error, the epoch of the lowest, the last training error, and the last weights.
        `replicate_one` gives the whole history of any of them.

    Raises
    ------
    TypeError
        If `experiment` or `executor` is none.
    ValueError
        If another argument is not valid, no file can be written there, or it is a file of
        something else: of another experiment or condition, or of a function, samples or weights
        that have changed since. The file is left as it is, and no work is done.
    RuntimeError
        If some replicates failed. The others are in the file.
    """
    n = check_integer("n", n, least=0)
    condition = _condition(
        new_train_set, new_test_set, new_weights, seed, scale, crossed, arithmetic
    )
    wanted = _about(experiment, condition)
    if executor is None:
        check_travels(experiment)
        check_travels(condition["arithmetic"])
    else:
        check_executor(executor)
    rows = {}
    if file is not None and Path(file).is_file():
        found, kept = read(file)
        results.expect(file, found, wanted)
        rows = {int(row["index"]): row for row in kept}

    calls = {k: (_row, experiment, k, condition) for k in range(n) if k not in rows}
    if file is not None and calls:
        results.check_place(file)
    row = row_type(experiment.h)
    saved = monotonic()

    def save():
        assert file is not None
        results.save(file, wanted, rows=np.array([rows[k] for k in sorted(rows)], dtype=row))

    def keep(index, values):
        nonlocal saved
        rows[index] = np.array(values, dtype=row)
        if file is not None and monotonic() - saved > _SECONDS:
            save()
            saved = monotonic()

    with workers() if executor is None else nullcontext(executor) as pool:
        try:
            failed = gather(pool, calls, keep, n, repr(experiment), progress)
        finally:
            if file is not None and calls:
                save()
    if failed:
        first = min(failed)
        others = "kept in the file" if file is not None else "lost, as no file was given"
        raise RuntimeError(
            f"{len(failed)} of {n} replicates of {experiment} failed, the first of them "
            f"index {first}: {failed[first]!r}; the others are {others}"
        ) from failed[first]
    return np.array([rows[index] for index in range(n)], dtype=row)


def read(file: str | Path) -> tuple[dict, NDArray]:
    """Read a file of replicates, whatever they are of.

    Parameters
    ----------
    file : str or Path

    Returns
    -------
    about : dict
        As of `about`, and the version of the library.
    rows : ndarray of `row_type`
        In the order of the index.

    Raises
    ------
    ValueError
        If it is damaged, or something else.
    """
    found, arrays = results.read(
        file, "replicates", layout=lambda about: {"rows": (row_type(check_h(about["h"])), (None,))}
    )
    return found, arrays["rows"]


def about(experiment: Experiment, **condition: Any) -> dict:
    """What replicates are of: by this their file is known.

    Parameters
    ----------
    experiment : Experiment
    **condition
        As of `replicate_one`.

    Returns
    -------
    dict
        The fields of the experiment and of the condition, and the fingerprint of replicate 0. It
        changes with the values of the target function, the drawing of samples and weights, and
        their standards; see `nnlib.training.fingerprint`.

    Raises
    ------
    TypeError, ValueError
        As `replicate_one`.
    """
    return _about(experiment, _condition(**condition))


def _about(experiment, condition):
    start = _start(experiment, 0, condition)
    print_of_0 = fingerprint(experiment, **start, arithmetic=condition["arithmetic"])
    return {
        "f": experiment.function_name,
        "h": int(experiment.h),
        "learning_rate": float(experiment.learning_rate),
        "epochs": int(experiment.epochs),
        **condition,
        "arithmetic": condition["arithmetic"].name,
        "fingerprint": print_of_0,
    }


def _condition(
    new_train_set: bool = True,
    new_test_set: bool = True,
    new_weights: bool = True,
    seed: int | None = None,
    scale: float = 1.0,
    crossed: int | None = None,
    arithmetic: str | Arithmetic = "portable",
) -> dict[str, Any]:
    """The condition, checked."""
    new = {"train_set": new_train_set, "test_set": new_test_set, "weights": new_weights}
    for name, value in new.items():
        if not isinstance(value, (bool, np.bool)):
            raise ValueError(f"new_{name} must be True or False, got {value!r}")
    return {
        **{f"new_{name}": bool(value) for name, value in new.items()},
        "seed": check_integer("seed", seed, least=0),
        "scale": check_number("scale", scale),
        "crossed": crossed if crossed is None else check_integer("crossed", crossed, least=1),
        "arithmetic": find_arithmetic(arithmetic),
    }


def _generators(seed, index):
    """Of the training set, of the initial weights, and of the test set of an index."""
    child = np.random.SeedSequence(seed, spawn_key=(index,))
    return [np.random.default_rng(grandchild) for grandchild in child.spawn(3)]


def _start(experiment, index, condition):
    """What a replicate does not take from the standard, as `train` takes it."""
    if not isinstance(experiment, Experiment):
        raise TypeError(f"experiment must be an Experiment, got {experiment!r}")
    f, h, seed, arithmetic = experiment.f, experiment.h, condition["seed"], condition["arithmetic"]
    train_index = weights_index = index
    if condition["crossed"] is not None:
        train_index, weights_index = divmod(index, condition["crossed"])
    start = {}
    if condition["new_train_set"]:
        start["train_set"] = draw_train_set(f, seed, train_index, arithmetic)
    if condition["new_test_set"]:
        start["test_set"] = draw_test_set(f, seed, index, arithmetic)
    own = condition["new_weights"]
    U, V = draw_weights(h, seed, weights_index) if own else get_initial_weights(h)
    start["weights"] = condition["scale"] * U, condition["scale"] * V
    return start


def _train(experiment, index, condition):
    start = _start(experiment, index, condition)
    return train_quietly(experiment, **start, arithmetic=condition["arithmetic"])


def _row(experiment, index, condition):
    run = _train(experiment, index, condition)
    errors = run.last_error, run.lowest_error, run.best_epoch, float(run.train_error[-1])
    return (index, *errors, pack(run.U[-1], run.V[-1]))
