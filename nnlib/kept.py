"""Results of long runs, kept in a file: each found by what its run follows from.

The key of a result is `nnlib.training.fingerprint` of its experiment. What else it follows from,
the same for the whole file, are its conditions. A file that has other keys or conditions than those
asked for is stale, and says so.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from functools import lru_cache
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from nnlib import results
from nnlib.experiment import Experiment
from nnlib.pool import gather
from nnlib.training import fingerprint

__all__ = ["complete", "find", "key"]


def key(experiment: Experiment, *more: object) -> str:
    """What a result is kept under.

    Parameters
    ----------
    experiment : Experiment
    *more
        What else it follows from, such as a number of bits.

    Returns
    -------
    str
    """
    return " ".join(map(str, (fingerprint(experiment), *more)))


def find(
    file: Path,
    conditions: dict[str, Any],
    experiment: Experiment,
    *names: str,
    shape: tuple[int | None, ...],
    dtype: str = "f8",
) -> list[NDArray[Any]]:
    """Find results of an experiment.

    Parameters
    ----------
    file : Path
    conditions : dict
        Under which they must have been computed.
    experiment : Experiment
    *names : str
        As `key` gives them.
    shape : tuple of int or None
        Of each of them; None for any length.
    dtype : str, optional
        Of each of them.

    Returns
    -------
    list of ndarray
        In the order of the names.

    Raises
    ------
    ValueError
        If the file is damaged, is stale, or has none of that experiment: also if the arrays that
        are asked for are of another shape or type.
    """
    try:
        status = file.stat()
    except OSError:
        about, arrays = results.read(file, "long runs")  # which says what is wrong
    else:
        about, arrays = _read(file, status.st_mtime_ns, status.st_size)
    experiments: dict[str, str] | None = about.get("experiments")
    if not isinstance(experiments, dict):
        raise ValueError(f"{file.name} is damaged: its experiments are {experiments!r}")
    for name, value in conditions.items():
        if about.get(name) != value:
            raise ValueError(
                f"{file.name} is stale: it was computed with {name} = {about.get(name)!r}, which "
                f"is {value!r} now; `{_again(file)}` computes it anew"
            )
    missing = [name for name in names if name not in arrays]
    if not names or missing:
        if repr(experiment) in experiments.values():
            raise ValueError(
                f"{file.name} is stale: its runs of {experiment} start from another function, "
                f"other data or weights than now, or some are missing; `{_again(file)}` "
                f"computes them"
            )
        known = ", ".join(sorted({*map(str, experiments.values())}))
        raise ValueError(f"{file.name} has no runs of {experiment}; it has {known}")
    found = [arrays[name] for name in names]
    for array in found:
        what = f"{file.name} is damaged: its results of {experiment}"
        results.check_fit(what, array.dtype, array.shape, dtype, shape)
    return found


@lru_cache(maxsize=4)
def _read(file: Path, *version: int) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """What is in a file: to read all of it takes longer than to look for a result in it."""
    about, arrays = results.read(file, "long runs")
    for array in arrays.values():
        array.flags.writeable = False
    return about, arrays


def _again(file: Path) -> str:
    """The command that computes a file anew: the target has the name of the subpackage."""
    return f"make {file.parent.parent.name}"


def complete(
    pool: Executor,
    file: Path,
    conditions: dict[str, Any],
    function: Callable[..., NDArray[Any]],
    tasks: dict[str, tuple[Any, ...]],
) -> None:
    """Compute what a file lacks, or has under other conditions, and write it after every run.

    Parameters
    ----------
    pool : concurrent.futures.Executor
    file : Path
    conditions : dict
    function : callable
        From an experiment and what else a task has to an array.
    tasks : dict of str to tuple
        The arguments of the function for each key. What the file has under other keys is dropped.
    """
    found: dict[str, NDArray[Any]] = {}
    if file.exists():
        about, arrays = results.read(file, "long runs")
        found = arrays if about.items() >= conditions.items() else {}
    experiments = {name.split()[0]: repr(task[0]) for name, task in tasks.items()}

    def keep(name: str, array: NDArray[Any]) -> None:
        found[name] = array
        arrays = {name: found[name] for name in tasks if name in found}
        results.save(file, {**conditions, "experiments": experiments}, **arrays)

    calls = {name: (function, *task) for name, task in tasks.items() if name not in found}
    for error in gather(pool, calls, keep, len(tasks), file.stem).values():
        raise error  # now that the rest is kept
