"""Damped Gauss-Newton fits by the kernel: the bits of `nnlib.optimizers.least_squares`."""

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlib import elementary, kernel
from nnlib.checks import Floats

__all__ = ["Newton"]

_LIMIT = 2**29  # doubles in the 4 GiB that a 32-bit address can reach
_WORK = 2**25  # products of derivatives in one call, some ten milliseconds


class Newton:
    """Fits of networks of one size to the same samples, one after the other.

    Parameters
    ----------
    x, y, root : ndarray, shape (N,)
        The samples, and the square roots of how much each counts; finite.
    h : int

    Raises
    ------
    KernelError
        If the kernel does not load.
    MemoryError
        If samples or neurons are too many for it.
    """

    def __init__(self, x: Floats, y: Floats, root: Floats, h: int) -> None:
        engine, module = kernel.load()
        import wasmtime

        size = 3 * h - 2
        try:
            self._store = wasmtime.Store(engine)
            exports: Any = wasmtime.Instance(self._store, module, []).exports(self._store)
            fits = max(x.size, h) < _LIMIT
            address = exports["layout_fit"](self._store, h, x.size) if fits else 0
        except wasmtime.WasmtimeError as error:  # no address space for it
            raise MemoryError(f"the kernel gets no memory: {error}") from error
        if not address:
            raise MemoryError(
                f"the kernel has no memory for {x.size} samples and h = {h}; "
                f'take engine="numpy"'
            )
        memory = exports["memory"]
        base = ctypes.addressof(memory.data_ptr(self._store).contents)
        length = memory.data_len(self._store) // 8
        doubles = np.ctypeslib.as_array((ctypes.c_double * length).from_address(base))
        places = np.array((ctypes.c_uint32 * 6).from_address(base + address % 2**32)) // 8
        for place, values in zip(places, (elementary._EXP_MINUS, x, y, root), strict=False):
            doubles[place : place + values.size] = values
        # Views of the memory; they go with the store that it is part of.
        self._weights = doubles[places[4] : places[4] + size]
        self._found = doubles[places[5] : places[5] + 3]
        self._begin, self._go_on = exports["begin_fit"], exports["fit"]
        self._fit_outputs = exports["fit_outputs"]
        self._some = max(1, _WORK // (x.size * size * size))

    def fit(
        self, rows: Floats, outputs: bool, penalty: float, steps: int, enough: float
    ) -> tuple[Floats, Floats, NDArray[np.int64], NDArray[np.bool_]]:
        """Fit networks, up to the first that is good enough.

        Parameters
        ----------
        rows : ndarray, shape (n, 3h-2)
            Where they start.
        outputs, penalty, steps
            As of `nnlib.optimizers.least_squares.fit`.
        enough : float
            As `until` there; negative if nothing is enough.

        Returns
        -------
        weights : ndarray, shape (..., 3h-2)
        error, tried, converged : ndarray, shape (...)
        """
        found = [self._fit_one(rows[0], outputs, penalty, steps, enough)]
        for row in rows[1:]:
            if found[-1][2] <= enough:
                break
            found.append(self._fit_one(row, outputs, penalty, steps, enough))
        weights, error, _, tried, converged = map(np.array, zip(*found, strict=True))
        return weights, error, tried, converged.astype(bool)

    def _fit_one(self, row, outputs, penalty, steps, enough):
        """The weights, the error, what is made least, the steps, and whether it has converged."""
        store, tried = self._store, 0
        self._weights[:] = row
        if outputs:
            self._fit_outputs(store)
        self._begin(store, penalty, enough)
        while tried < steps:
            wanted = min(self._some, steps - tried)
            count = self._go_on(store, wanted)
            tried += count
            if count < wanted:
                break
        error, loss, converged = self._found.tolist()
        return self._weights.copy(), error, loss, tried, converged
