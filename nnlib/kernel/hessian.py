"""The Hessian of the loss, compiled: the bits of numpy's, in less time.

`hessian.c` is the source, and `hessian.wasm` the binary. It is no part of the kernel that a browser
loads, since nobody asks for it there.
"""

import atexit
from threading import local
from typing import Any

import numpy as np

from nnlib import elementary
from nnlib.checks import Floats
from nnlib.kernel.memory import lay_out

__all__ = ["hessians"]

_ROOM = 2**18  # doubles that one call writes, two megabytes

# What a thread has laid out last, and for what: most ask for one Hessian after the other.
_last = local()
# While the interpreter still has what wasmtime needs to put its objects away.
atexit.register(lambda: vars(_last).clear())


def hessians(engine: Any, module: Any, weights: Floats, x: Floats, y: Floats) -> Floats:
    """The second derivatives of the loss of each network of a stack.

    Parameters
    ----------
    engine, module
        Of `hessian.wasm`, as `nnlib.kernel.load` gives them.
    weights : ndarray, shape (networks, 3h-2)
        As `nnlib.network.pack` gives them.
    x, y : ndarray, shape (N,)

    Returns
    -------
    ndarray, shape (networks, 3h-2, 3h-2)

    Raises
    ------
    MemoryError
        If the dataset or the neurons are too many for it.
    """
    count, size = weights.shape
    some = max(1, _ROOM // size**2)
    asked = module, size, len(x)
    if vars(_last).get("asked") != asked:
        vars(_last).clear()
        _last.laid_out = lay_out(engine, module, 5, (size + 2) // 3, (len(x),), some)
        _last.asked = asked
        _fill(0, elementary._EXP_MINUS)
    _fill(1, x)
    _fill(2, y)
    store, exports, memory, places = _last.laid_out
    result = np.empty((count, size, size))
    for begin in range(0, count, some):
        part = result[begin : begin + some]
        _fill(3, weights[begin : begin + some].ravel())
        exports["hessian"](store, len(part))
        part[:] = memory[places[4] : places[4] + part.size].reshape(part.shape)
    return result


def _fill(k: int, values: Floats) -> None:
    """Write the array of that number."""
    _, _, memory, places = _last.laid_out
    memory[places[k] : places[k] + len(values)] = values
