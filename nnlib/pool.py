"""A pool of processes for long studies, and the loop that gathers what they compute."""

from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from tqdm import tqdm

__all__ = ["gather", "workers"]


def gather(pool, calls, keep, total, name, progress=True):
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
    futures = {pool.submit(*call): key for key, call in calls.items()}
    failed = {}
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


def workers():
    """A pool of processes, one for each core.

    Returns
    -------
    concurrent.futures.ProcessPoolExecutor
        To be used in a ``with`` statement. Its processes start afresh, so a script that makes one
        keeps its own work under ``if __name__ == "__main__":``.
    """
    return ProcessPoolExecutor(mp_context=get_context("spawn"))
