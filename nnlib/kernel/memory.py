"""The memory of a compiled module, as an array of doubles."""

import atexit
import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlib.checks import Floats

__all__ = ["give_back", "lay_out", "take"]

_LIMIT = 2**29  # doubles in the 4 GiB that a 32-bit address can reach
_SMALL = 2**24  # bytes of a memory that is kept

# Instances that nobody uses now: module, store, and exports by their names. To make one, with the
# table of the sigmoid in its memory, takes longer than many a fit or a training.
_spare: list[tuple[Any, Any, dict[str, Any]]] = []

# While the interpreter still has what wasmtime needs to put its objects away.
atexit.register(_spare.clear)


def take(module: Any) -> tuple[Any, dict[str, Any]] | None:
    """The store and the exports of a spare instance of the module, if there is one.

    Its memory has what was written before, the table of the sigmoid at its place.
    """
    try:
        of, store, exports = _spare.pop()
    except IndexError:
        return None
    return (store, exports) if of is module else None


def give_back(module: Any, store: Any, exports: dict[str, Any], memory: Floats) -> None:
    """Keep an instance for who needs one next, if its memory is small."""
    if memory.nbytes <= _SMALL:
        _spare.append((module, store, exports))


def lay_out(
    engine: Any,
    module: Any,
    count: int,
    h: int,
    samples: tuple[int, ...],
    *more: int,
    layout: str = "layout",
    instance: tuple[Any, dict[str, Any]] | None = None,
) -> tuple[Any, dict[str, Any], Floats, NDArray[np.unsignedinteger[Any]]]:
    """Make room for arrays in an instance of a module.

    Parameters
    ----------
    engine, module
        As `nnlib.kernel.load` gives them.
    count : int
        How many arrays there are.
    h : int
    samples : tuple of int
        The numbers of them.
    *more : int
        What else the layout takes.
    layout : str, optional
        The function of the module that makes room, and returns the address of the addresses.
    instance : pair, optional
        Store and exports that were made before, and are used again.

    Returns
    -------
    store : wasmtime.Store
        What the memory is part of: it must be held as long as any view of it.
    exports : dict
        The functions of the module, which take the store first.
    memory : ndarray
        0 where nothing was written yet.
    places : ndarray, shape (count,)
        Where in it the arrays begin.

    Raises
    ------
    MemoryError
        If there is no room.
    """
    import wasmtime

    try:
        if instance is None:
            store = wasmtime.Store(engine)
            made: Any = wasmtime.Instance(store, module, []).exports(store)
            instance = store, dict(made.items())
        store, exports = instance
        fits = max(h, *samples, *more) < _LIMIT
        address = exports[layout](store, h, *samples, *more) if fits else 0
    except wasmtime.WasmtimeError as error:  # no address space for it
        raise MemoryError(f"the kernel gets no memory: {error}") from error
    if not address:
        raise MemoryError(
            f"the kernel has no memory for {' and '.join(map(str, samples))} samples and h = {h}; "
            f'take engine="numpy"'
        )
    memory = exports["memory"]
    base, length = ctypes.addressof(memory.data_ptr(store).contents), memory.data_len(store) // 8
    doubles = np.ctypeslib.as_array((ctypes.c_double * length).from_address(base))
    addresses = (ctypes.c_uint32 * count).from_address(base + address % 2**32)
    return store, exports, doubles, np.array(addresses) // 8
