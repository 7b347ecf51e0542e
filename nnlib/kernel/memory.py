"""The memory of a compiled module, as an array of doubles."""

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlib.checks import Floats

__all__ = ["lay_out"]

_LIMIT = 2**29  # doubles in the 4 GiB that a 32-bit address can reach


def lay_out(
    engine: Any, module: Any, layout: str, sizes: tuple[int, ...], count: int
) -> tuple[Any, Any, Floats, NDArray[np.unsignedinteger[Any]]]:
    """Make room for arrays in an instance of its own.

    Parameters
    ----------
    engine, module
        As `nnlib.kernel.load` gives them.
    layout : str
        The function of the module that makes room, and returns the address of the addresses.
    sizes : tuple of int
        What it takes.
    count : int
        How many addresses there are.

    Returns
    -------
    store : wasmtime.Store
        What the memory is part of: it must be held as long as any view of it.
    exports
        The functions of the module, which take the store first.
    memory : ndarray
    places : ndarray, shape (count,)
        Where in it the arrays begin.

    Raises
    ------
    MemoryError
        If there is no room.
    """
    import wasmtime

    try:
        store = wasmtime.Store(engine)
        exports: Any = wasmtime.Instance(store, module, []).exports(store)
        address = exports[layout](store, *sizes) if max(sizes) < _LIMIT else 0
    except wasmtime.WasmtimeError as error:  # no address space for it
        raise MemoryError(f"the kernel gets no memory: {error}") from error
    if not address:
        raise MemoryError(f'the kernel has no memory for the sizes {sizes}; take engine="numpy"')
    memory = exports["memory"]
    base, length = ctypes.addressof(memory.data_ptr(store).contents), memory.data_len(store) // 8
    doubles = np.ctypeslib.as_array((ctypes.c_double * length).from_address(base))
    addresses = (ctypes.c_uint32 * count).from_address(base + address % 2**32)
    return store, exports, doubles, np.array(addresses) // 8
