"""Damped Gauss-Newton fits by the kernel: the bits of `nnlib.optimizers.least_squares`."""

import atexit
import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlib import elementary, kernel
from nnlib.checks import Floats

__all__ = ["fit"]

_LIMIT = 2**29  # doubles in the 4 GiB that a 32-bit address can reach
_WORK = 2**25  # products of derivatives in one call, some ten milliseconds
_SMALL = 2**24  # bytes of a memory that is kept

# Instances that nobody uses now: module, store, and exports by their names. To make one, with the
# table of the sigmoid in its memory, takes longer than many a fit.
_spare: list[tuple[Any, Any, dict[str, Any]]] = []

# While the interpreter still has what wasmtime needs to put its objects away.
atexit.register(_spare.clear)


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
    import wasmtime

    size = rows.shape[1]
    h = (size + 2) // 3
    try:
        spare, store, exports = _take(module)
        if not spare:
            store = wasmtime.Store(engine)
            made: Any = wasmtime.Instance(store, module, []).exports(store)
            exports = dict(made.items())
        fits = max(x.size, h) < _LIMIT
        address = exports["layout_fit"](store, h, x.size) if fits else 0
    except wasmtime.WasmtimeError as error:  # no address space for it
        raise MemoryError(f"the kernel gets no memory: {error}") from error
    if not address:
        raise MemoryError(
            f'the kernel has no memory for {x.size} samples and h = {h}; take engine="numpy"'
        )
    # Views of the memory stay in this function, which holds the store that the memory is part of.
    memory = exports["memory"]
    base, length = ctypes.addressof(memory.data_ptr(store).contents), memory.data_len(store)
    doubles = np.ctypeslib.as_array((ctypes.c_double * (length // 8)).from_address(base))
    places = np.array((ctypes.c_uint32 * 6).from_address(base + address % 2**32)) // 8
    table, *given = (doubles[place:] for place in places)
    if not spare:
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
    if length <= _SMALL:
        _spare.append((module, store, exports))
    fitted, error, tried, converged = map(np.array, zip(*found, strict=True))
    return fitted, error, tried, converged


def _take(module: Any) -> tuple[bool, Any, dict[str, Any]]:
    """Whether there is a spare instance of the module, and its store and exports."""
    try:
        of, store, exports = _spare.pop()
    except IndexError:
        return False, None, {}
    return of is module, store, exports
