"""Replicates: the same experiment with other random numbers, as many as you have patience for
(section 4.2 of the document, on the impact of the randomness).

Three things in a run are drawn: the training set and the initial weights, which decide what the
network becomes, and the test set, with which it is measured. Each can be new or the standard one.

Replicate k of a seed is the same wherever and whenever it is computed, and with which others: its
random numbers follow from the seed and from k alone.
"""

from concurrent.futures import Executor
from contextlib import nullcontext
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlib import results
from nnlib.arithmetic import Arithmetic, find_arithmetic
from nnlib.checks import check_h, check_integer
from nnlib.experiment import Experiment
from nnlib.network import pack
from nnlib.pool import check_executor, check_travels, gather, workers
from nnlib.training import fingerprint, train_quietly

__all__ = [
    "ROW",
    "about",
    "read",
    "replica",
    "replicate",
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


def replica(
    experiment: Experiment,
    index: int,
    *,
    new_train_set: bool = True,
    new_test_set: bool = True,
    new_weights: bool = True,
    seed: int,
    crossed: int | None = None,
) -> Experiment:
    """The experiment that the replicate of a given index is.

    Parameters
    ----------
    experiment : Experiment
        What its start says of seeds is replaced by what is new.
    index : int
        0 or more.
    new_train_set, new_test_set, new_weights : bool, optional
        What it has of its own; the rest is that of the experiment.
    seed : int
        0 or more.
    crossed : int, optional
        If given, the replicate takes the training set of index ``index // crossed`` and the initial
        weights of index ``index % crossed``, so that all combinations come up.

    Returns
    -------
    Experiment
        With a child of the seed for each thing that is new.

    Raises
    ------
    TypeError
        If `experiment` is not an `Experiment`.
    ValueError
        If another argument is not allowed.

    Examples
    --------
    >>> from nnlib import Experiment, f1
    >>> from nnlib.randomness.replicates import replica
    >>> replica(Experiment(f1, 3, 0.1, 1000), 7, seed=1, new_test_set=False)
    (f1, 3, 0.1, 1000, data=1.7.0, weights=1.7.1)
    """
    condition = _condition(new_train_set, new_test_set, new_weights, seed, crossed)
    return _replica(experiment, check_integer("index", index, least=0), condition)


def replicate(
    experiment: Experiment,
    n: int,
    *,
    new_train_set: bool = True,
    new_test_set: bool = True,
    new_weights: bool = True,
    seed: int,
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
    new_train_set, new_test_set, new_weights, seed, crossed
        As of `replica`.
    arithmetic : str or Arithmetic, optional
        As of `train`.
    executor : concurrent.futures.Executor, optional
        Who does the work; a pool of processes, one for each core, if not given. It stays open.
    file : str or Path, optional
        Where the results are kept as they come, in NumPy's npz format. What is in it already is
        not computed again, so that a study continues where it was broken off.
    progress : bool, optional
        Show a progress bar if it takes more than a second.

    Returns
    -------
    ndarray of `row_type`, shape (n,)
        In the order of the index, whatever the order of the work: the last and the lowest test
        error, the epoch of the lowest, the last training error, and the last weights.
        An overflow is a result like others. `train` gives the whole history of any `replica`.

    Raises
    ------
    TypeError
        If `experiment` is not an `Experiment`, or `executor` not an `Executor`.
    ValueError
        If another argument is not valid, no file can be written there, or it is a file of
        something else: of another experiment or condition, or of a function, samples or weights
        that have changed since. The file is left as it is, and no work is done.
    RuntimeError
        If some replicates failed. The others are in the file.
    """
    n = check_integer("n", n, least=0)
    condition = _condition(new_train_set, new_test_set, new_weights, seed, crossed, arithmetic)
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
        As of `replicate`.

    Returns
    -------
    dict
        The fields of the experiment and of the condition, and the fingerprint of replicate 0. It
        changes with the values of the target function, the drawing of samples and weights, and
        their standards; see `nnlib.training.fingerprint`.

    Raises
    ------
    TypeError, ValueError
        As `replicate`.
    """
    return _about(experiment, _condition(**condition))


def _about(experiment, condition):
    first, arithmetic = _replica(experiment, 0, condition), condition["arithmetic"]
    return {
        "f": experiment.function_name,
        "h": int(experiment.h),
        "learning_rate": float(experiment.learning_rate),
        "epochs": int(experiment.epochs),
        "scale": experiment.start.scale,
        **condition,
        "arithmetic": arithmetic.name,
        "fingerprint": fingerprint(first, arithmetic=arithmetic),
    }


def _condition(
    new_train_set: bool = True,
    new_test_set: bool = True,
    new_weights: bool = True,
    seed: int | None = None,
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
        "crossed": crossed if crossed is None else check_integer("crossed", crossed, least=1),
        "arithmetic": find_arithmetic(arithmetic),
    }


def _replica(experiment, index, condition):
    """The replicate of an index as an experiment, with children of the seed for what is new."""
    if not isinstance(experiment, Experiment):
        raise TypeError(f"experiment must be an Experiment, got {experiment!r}")
    train_index = weights_index = index
    if condition["crossed"] is not None:
        train_index, weights_index = divmod(index, condition["crossed"])
    seed, new = condition["seed"], {}
    if condition["new_train_set"]:
        new["data"] = (seed, train_index, 0)
    if condition["new_weights"]:
        new["weights"] = (seed, weights_index, 1)
    if condition["new_test_set"]:
        new["test"] = (seed, index, 2)
    return experiment.starting(**new)


def _row(experiment, index, condition):
    arithmetic = condition["arithmetic"]
    run = train_quietly(_replica(experiment, index, condition), arithmetic=arithmetic)
    errors = run.last_error, run.lowest_error, run.best_epoch, float(run.train_error[-1])
    return (index, *errors, pack(run.U[-1], run.V[-1]))
