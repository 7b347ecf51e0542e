"""A pool of processes for long studies, and the loop that gathers what they compute."""

import pickle
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    as_completed,
)
from multiprocessing import get_context
from typing import Any, TypeVar

from tqdm import tqdm

__all__ = ["check_executor", "check_travels", "gather", "workers"]

Key = TypeVar("Key", bound=Hashable)


def gather(
    pool: Executor,
    calls: Mapping[Key, tuple[Any, ...]],
    keep: Callable[[Key, Any], None],
    total: int,
    name: str,
    progress: bool = True,
) -> dict[Key, BaseException]:
    """Make calls on a pool, and hand over each result as it comes.

    Parameters
    ----------
    pool : concurrent.futures.Executor
    calls : dict of hashable to tuple
        A function and its arguments for each key.
    keep : callable
        Called with a key and a result. If it raises, or the whole is broken off, the calls that
        have not begun are cancelled.
    total : int
        How many there are in all, with those that are done already, for the progress bar.
    name : str
        What the bar is of.
    progress : bool, optional
        Show a progress bar if it takes more than a second.

    Returns
    -------
    dict of hashable to Exception
        What failed.
    """
    futures: dict[Future[Any], Key] = {}
    failed: dict[Key, BaseException] = {}
    for key, call in calls.items():
        try:
            futures[pool.submit(*call)] = key
        except BrokenExecutor as error:  # a worker has died already
            failed[key] = error
    try:
        for future in tqdm(
            as_completed(futures),
            total=total,
            initial=total - len(calls),
            delay=1,
            desc=name,
            unit="run",
            disable=not progress,
        ):
            error = future.exception()
            if error is None:
                keep(futures[future], future.result())
            else:
                failed[futures[future]] = error
    finally:
        for future in futures:
            future.cancel()
    return failed


def workers() -> ProcessPoolExecutor:
    """A pool of processes, one for each core.

    Returns
    -------
    concurrent.futures.ProcessPoolExecutor
        To be used in a ``with`` statement. Its processes start afresh, so a script that makes one
        keeps its own work under ``if __name__ == "__main__":``.
    """
    return ProcessPoolExecutor(mp_context=get_context("spawn"))


def check_executor(executor: object) -> None:
    """Refuse what cannot do the work.

    Parameters
    ----------
    executor : object

    Raises
    ------
    TypeError
        If it is not an executor of `concurrent.futures`, such as a client that can give one.
    """
    if not isinstance(executor, Executor):
        hint = ""
        if hasattr(executor, "get_executor"):
            hint = "; its method get_executor() gives one"
        raise TypeError(
            f"executor must be an Executor of concurrent.futures, got {executor!r}{hint}"
        )


def check_travels(thing: object) -> None:
    """Refuse what cannot be sent to another process, before the processes are started.

    Parameters
    ----------
    thing : object

    Raises
    ------
    ValueError
        If it cannot be pickled, as a lambda cannot.
    """
    try:
        pickle.dumps(thing)
    except (AttributeError, TypeError, pickle.PicklingError) as error:
        raise ValueError(
            f"{thing!r} cannot be sent to other processes ({error}): define the function in a "
            "module, or give an executor of threads"
        ) from None
