"""A pool of processes for long studies, and the loop that gathers what they compute."""

import ast
import inspect
import io
import os
import pickle
import sys
from collections.abc import Callable, Generator, Hashable, Mapping
from concurrent.futures import (
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    as_completed,
)
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from multiprocessing import get_context, parent_process
from threading import Thread
from types import ModuleType
from typing import Any, TypeVar

from tqdm import tqdm

from nnlib.extras import extra

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
        except Exception as error:  # a worker has died already, or it was shut down meanwhile
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
            error = CancelledError() if future.cancelled() else future.exception()
            if error is None:
                keep(futures[future], future.result())
            else:
                failed[futures[future]] = error
    finally:
        for future in futures:
            future.cancel()
    return failed


def workers() -> AbstractContextManager[Executor]:
    """A pool of processes, one for each core; or those of a cluster.

    Returns
    -------
    context manager of concurrent.futures.Executor
        Its processes end with this one, however it ends, unless they are those of the dask cluster
        whose scheduler has the address that the environment variable ``NNLIB_CLUSTER`` says, such
        as ``tcp://10.0.0.1:8786``.

    Raises
    ------
    ModuleNotFoundError
        If there is such an address, and the extra `cluster` is not installed.
    OSError
        If no scheduler answers there.
    ValueError
        If it is not an address; or, without one, in a script that does not keep its own work under
        ``if __name__ == "__main__":``, since each process loads the script anew.
    """
    address = os.environ.get("NNLIB_CLUSTER")
    if address:
        return _cluster(address)
    main = sys.modules["__main__"]
    if _runs_anew(main):
        raise ValueError(
            'a script that starts processes must keep its own work under `if __name__ == "__main__"'
            ":`, since each of them loads the script; or give an executor of threads"
        )
    if not _is_found_again(main):
        main.__dict__.pop("__file__", None)  # "<stdin>", which a process would try to load
    return ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=_end_with_parent)


@contextmanager
def _cluster(address: str) -> Generator[Executor]:
    """The workers of a cluster."""
    with extra("cluster"):
        distributed: Any = import_module("distributed")  # which need not be there to check types
    with distributed.Client(address, timeout=10) as client, client.get_executor() as executor:
        yield executor


def _end_with_parent() -> None:
    """End this process as soon as that which has started it is no more, even if it was killed."""

    def wait() -> None:
        parent = parent_process()
        assert parent is not None
        parent.join()
        os._exit(1)

    Thread(target=wait, daemon=True).start()


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
    """Refuse what cannot be sent to the processes of `workers`, before they are started.

    Parameters
    ----------
    thing : object

    Raises
    ------
    ValueError
        If it cannot be pickled, as a lambda cannot; or if a new process could not find it again,
        as it could not find a function of a notebook, or of a program that is no file.
    """
    try:
        pickled = pickle.dumps(thing)
        if not _is_found_again(sys.modules["__main__"]):
            _Elsewhere(io.BytesIO(pickled)).load()
    except (AttributeError, TypeError, pickle.PicklingError) as error:
        raise ValueError(
            f"{thing!r} cannot be sent to other processes ({error}): define the function in a "
            "module, or give an executor of threads"
        ) from None


def _runs_anew(main: ModuleType) -> bool:
    """Whether what a script is doing now would be done by each process that loads it."""
    frame = inspect.currentframe()
    while frame and (frame.f_globals is not vars(main) or frame.f_code.co_name != "<module>"):
        frame = frame.f_back
    try:
        with open(main.__file__ or "", "rb") as stream:
            statements = ast.parse(stream.read()).body
    except (AttributeError, OSError, SyntaxError, ValueError):  # it is not a script
        return False
    here = frame.f_lineno if frame else 0
    return any(
        statement.lineno <= here <= (statement.end_lineno or 0)
        for statement in statements
        if not isinstance(statement, ast.If)
    )


def _is_found_again(main: ModuleType) -> bool:
    """Whether a process that starts afresh can load what runs as the main module here."""
    named = getattr(main, "__spec__", None) is not None  # as of `python -m`
    return named or os.path.isfile(getattr(main, "__file__", None) or "")


class _Elsewhere(pickle.Unpickler):
    """Reads as a process does that has no main module."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        if module_name == "__main__":
            raise pickle.PicklingError(f"{global_name} is of a notebook, or of no file")
        return super().find_class(module_name, global_name)
