"""Damped Gauss-Newton fits by the kernel: the bits of `nnlib.optimizers.least_squares`."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlib import elementary, kernel
from nnlib.checks import Floats
from nnlib.kernel.memory import give_back, lay_out, take

__all__ = ["fit"]

_WORK = 2**25  # products of derivatives in one call, some ten milliseconds


def fit(
    x: Floats,
    y: Floats,
    root: Floats,
    rows: Floats,
    outputs: bool,
    penalty: float,
    steps: int,
    enough: float,
) -> tuple[Floats, Floats, NDArray[np.int64], NDArray[np.bool_]]:
    """Fit one network after the other, up to the first that is good enough.

    Parameters
    ----------
    x, y, root : ndarray, shape (N,)
        The samples, and the square roots of how much each counts; finite.
    rows : ndarray, shape (n, 3h-2)
        Where the networks start, at least one.
    outputs, penalty, steps
        As of `nnlib.optimizers.least_squares.fit`.
    enough : float
        As `until` there; negative if nothing is enough.

    Returns
    -------
    weights : ndarray, shape (..., 3h-2)
    error, tried, converged : ndarray, shape (...)

    Raises
    ------
    nnlib.kernel.KernelError
        If the kernel does not load.
    MemoryError
        If samples or neurons are too many for it.
    """
    engine, module = kernel.load()
    size = rows.shape[1]
    h, spare = (size + 2) // 3, take(module)
    # Views of the memory stay in this function, which holds the store that the memory is part of.
    store, exports, doubles, places = lay_out(
        engine, module, 6, h, (x.size,), layout="layout_fit", instance=spare
    )
    table, *given = (doubles[place:] for place in places)
    if spare is None:
        table[: elementary._EXP_MINUS.size] = elementary._EXP_MINUS
    for array, values in zip(given, (x, y, root), strict=False):
        array[: values.size] = values
    weights, result = given[3][:size], given[4][:3]

    begin, go_on, fit_outputs = (exports[name] for name in ("begin_fit", "fit", "fit_outputs"))
    some = max(1, _WORK // (x.size * size * size))
    found: list[tuple[Any, ...]] = []
    for row in rows:
        weights[:] = row
        if outputs:
            fit_outputs(store)
        begin(store, penalty, enough)
        tried = 0
        while tried < steps:
            wanted = min(some, steps - tried)
            count = go_on(store, wanted)
            tried += count
            if count < wanted:
                break
        error, loss, converged = result.tolist()
        found.append((weights.copy(), error, tried, bool(converged)))
        if loss <= enough:
            break
    give_back(module, store, exports, doubles)
    fitted, error, tried, converged = map(np.array, zip(*found, strict=True))
    return fitted, error, tried, converged
