"""The training loop compiled to WebAssembly: the same bits as `nnlib.training`'s own, in less time.

`kernel.c` is the source and says how to call the binary from any language; `kernel.wasm` is what
`make kernel` makes of it, for Python and browsers alike. Here wasmtime runs it.
"""

import atexit
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from hashlib import sha256
from importlib import metadata
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlib import elementary
from nnlib.checks import Floats
from nnlib.descent import step
from nnlib.kernel.memory import give_back, lay_out, take
from nnlib.network import LossGradient, forward_pass, loss, unpack

__all__ = ["OPTIMIZERS", "KernelError", "descend", "load", "status"]

# In the order of the numbers that they have in the kernel.
OPTIMIZERS = (
    "descent",
    "heavy-ball",
    "nesterov",
    "adagrad",
    "rmsprop",
    "adam",
    "adamw",
    "rprop",
    "halving",
    "armijo",
    "barzilai-borwein",
    "angle",
)

_HERE = Path(__file__).parent
_WORK = 2**22  # samples times neurons in one call, some ten milliseconds
_ROOM = 2**18  # doubles that one call reads or writes, two megabytes
_BATCH = 16  # samples in the time that a batch takes besides its own
_PROVEN = "adamw", "rprop", "angle"  # all would take 10 ms; these have what others are made of
# The SHA-256 of what they do in the training below.
_PROOF = "4cd15c9c36a6d41d6d8b1140def5bf4c12e6ca613493f364dd71c085e9c96bf9"


class KernelError(RuntimeError):
    """The kernel cannot be used; the message says why."""


def load(
    name: str = "kernel", is_proven: Callable[[Any, Any], bool] | None = None
) -> tuple[Any, Any]:
    """Load a compiled binary.

    Parameters
    ----------
    name : str, optional
        Of the binary.
    is_proven : callable, optional
        Whether such an engine and module have the bits of numpy's loop; always the same for a name.

    Returns
    -------
    wasmtime.Engine, wasmtime.Module
        Made once in a process; all threads use them, each training with a memory of its own.

    Raises
    ------
    KernelError
        If wasmtime is not installed, or the binary is not the one whose hash is recorded, does not
        load, or has not the bits of numpy's loop in a short training that is tried first.
    """
    found = _attempt(name, is_proven)
    if isinstance(found, KernelError):
        raise found.with_traceback(None)
    return found


@cache
def _attempt(
    name: str, is_proven: Callable[[Any, Any], bool] | None
) -> tuple[Any, Any] | KernelError:
    """The module, or the error: once for all, so that many trainings do not all try in vain."""
    try:
        return _compile(name, is_proven or _is_proven)
    except KernelError as error:
        return error


# While the interpreter still has what wasmtime needs to put its objects away.
atexit.register(_attempt.cache_clear)


def _compile(name: str, is_proven: Callable[[Any, Any], bool]) -> tuple[Any, Any]:
    try:
        binary = (_HERE / f"{name}.wasm").read_bytes()
        recorded = (_HERE / "kernel.sha256").read_text(encoding="utf-8").split()
        recorded = recorded[recorded.index(f"{name}.wasm") - 1]
    except (OSError, ValueError) as error:  # of which one is text that cannot be decoded
        raise KernelError(f"its binary cannot be read, or its hash: {error}") from error
    if sha256(binary).hexdigest() != recorded:
        raise KernelError("its binary does not match the hash that is recorded in kernel.sha256")
    try:
        import wasmtime
    except ImportError as error:
        reason = "is not installed" if error.name == "wasmtime" else f"does not load: {error}"
        raise KernelError(f"wasmtime {reason}; it comes with the extra 'kernel'") from error
    except Exception as error:  # a shared library that does not fit the machine, for one
        raise KernelError(f"wasmtime does not load: {error}") from error
    try:
        config = wasmtime.Config()
        config.parallel_compilation = False  # it is too small to start threads for
        engine = wasmtime.Engine(config)
        module = wasmtime.Module(engine, binary)
        same = is_proven(engine, module)
    except Exception as error:
        reason = " ".join(str(error).split())
        raise KernelError(f"wasmtime{_version()} does not run it: {reason}") from error
    if not same:
        raise KernelError(f"wasmtime{_version()} gives it other bits than numpy's loop has")
    return engine, module


@np.errstate(all="ignore")
def _is_proven(engine: Any, module: Any) -> bool:
    """Whether two epochs have the bits of numpy, on samples that fill no block and no register.

    Whether they have them, too, where the epoch between is skipped; and whether two in batches, by
    some optimizers with whatever settings and a penalty, have those recorded.
    """
    h, rate = 4, 0.5
    x, x_test = np.arange(-150, 151) / 30, np.arange(-16, 21) / 4
    sets = (x, x * x / 9), (x_test, x_test / 3)
    rows, sums, test_error = np.empty((3, 3 * h - 2)), np.empty((3, 3 * h - 1)), np.empty(3)
    rows[0] = np.arange(-3, 7) / 3
    run = *sets, rate, rows, sums, test_error
    for _ in _descend(engine, module, *run):
        pass
    gradient = LossGradient(*sets[0], h)
    output = forward_pass(*unpack(rows, h), x_test)
    same = (
        np.array_equal(rows[1:], step(rows[:-1], sums[:-1, :-1], x.size, rate))
        and np.array_equal(sums, [gradient.sums(row) for row in rows])
        and np.array_equal(test_error, loss(output - sets[1][1]))
    )
    ends = np.zeros_like(rows[::2]), np.empty_like(sums[::2]), np.empty_like(test_error[::2])
    ends[0][0] = rows[0]
    thinned = *sets, rate, *ends
    for _ in _descend(engine, module, *thinned, seen=np.array([0, 2])):
        pass
    same &= all(map(np.array_equal, ends, (rows[::2], sums[::2], test_error[::2])))
    digest = sha256()
    for optimizer in _PROVEN:
        settings, orders = (0.5, 0.75, 0.25, 0.125, 2.0), [np.arange(x.size)[::-1]] * 2
        for _ in _descend(engine, module, *run, optimizer, settings, 100, orders, 0.25):
            pass
        digest.update(rows.astype("<f8").tobytes())
    return same and digest.hexdigest() == _PROOF


def _version() -> str:
    """The version of wasmtime after a space, if it says which it is."""
    try:
        return f" {metadata.version('wasmtime')}"
    except (ImportError, KeyError):
        return ""


def status() -> str:
    """Whether the kernel is used, in one line.

    Returns
    -------
    str
        The version of wasmtime, or why it is not used.
    """
    try:
        load()
    except KernelError as error:
        return f"not used: {error}"
    return f"used, by wasmtime{_version()}"


def descend(
    train_set: tuple[Floats, Floats],
    test_set: tuple[Floats, Floats],
    rates: Floats | float,
    rows: Floats,
    sums: Floats,
    test_error: Floats,
    *,
    optimizer: str = "descent",
    settings: Sequence[float] = (),
    batch: int | None = None,
    orders: Iterable[NDArray[np.integer[Any]]] = (),
    penalty: float = 0.0,
    seen: NDArray[np.integer[Any]] | None = None,
    at_once: int | None = None,
) -> Iterator[int]:
    """Train, and write the history of each epoch until an error is not finite.

    Parameters
    ----------
    train_set, test_set : pair of ndarray, shape (N,)
        Finite, as are the initial weights.
    rates : float or ndarray, shape (epochs,)
        The learning rates.
    rows : ndarray, shape (n, 3h-2)
        The weights of each epoch, as `nnlib.network.pack` gives them; the initial ones are there.
    sums : ndarray, shape (n, 3h-1)
        What `nnlib.network.LossGradient.sums` gives.
    test_error : ndarray, shape (n,)
    optimizer : str, optional
        One of `OPTIMIZERS`.
    settings : sequence of float, optional
        All of the optimizer's, in the order that ``kernel.c`` has them in.
    batch : int, optional
        How many samples, from 1 to N, the gradient is taken from; all if not given.
    orders : iterable of ndarray of int, shape (N,), optional
        The order of the samples in each epoch, for batches.
    penalty : float, optional
        As of `nnlib.network.add_penalty`: it is in the gradients, and not in the error.
    seen : ndarray of int, shape (n,), optional
        The epochs that the rows are of, ascending from 0 to the last; all if not given. What is not
        finite ends the training at any epoch.
    at_once : int, optional
        After how many epochs it yields, at the latest.

    Yields
    ------
    int
        How many epochs are done, every few milliseconds.

    Raises
    ------
    KernelError
        If the kernel does not load.
    MemoryError
        If the datasets or the neurons are too many for it.
    """
    run = train_set, test_set, rates, rows, sums, test_error
    more = penalty, seen, at_once
    yield from _descend(*load(), *run, optimizer, settings, batch, orders, *more)


def _descend(
    engine: Any,
    module: Any,
    train_set: tuple[Floats, Floats],
    test_set: tuple[Floats, Floats],
    rates: Floats | float,
    rows: Floats,
    sums: Floats,
    test_error: Floats,
    optimizer: str = "descent",
    settings: Sequence[float] = (),
    batch: int | None = None,
    orders: Iterable[NDArray[np.integer[Any]]] = (),
    penalty: float = 0.0,
    seen: NDArray[np.integer[Any]] | None = None,
    at_once: int | None = None,
) -> Iterator[int]:
    """Train as `descend` does, in a module that has not been proven yet, perhaps."""
    (kept, size), n, n_test = rows.shape, len(train_set[0]), len(test_set[0])
    epochs = kept - 1 if seen is None else int(seen[-1])
    h, entries, number = (size + 2) // 3, epochs + 1, OPTIMIZERS.index(optimizer)
    rates, orders = np.broadcast_to(rates, epochs), iter(orders)
    work, room = (n + n_test) * h, 6 * h
    if batch:
        work, room = work + ceil(n / batch) * _BATCH * h, room + n // 2
    some = max(1, min(at_once or entries, entries, _WORK // work, _ROOM // room))
    spare = take(module)
    given = (elementary._EXP_MINUS[: 0 if spare else None], *train_set, *test_set, rows[0])
    # Views of the memory stay in this function, which holds the store that the memory is part of.
    store, exports, doubles, places = lay_out(
        engine, module, 14, h, (n, n_test), some, batch or 0, instance=spare
    )
    for place, values in zip((*places[:6], places[10]), (*given, settings), strict=True):
        doubles[place : place + len(values)] = values
    doubles[places[10] + 7] = penalty
    order = doubles[places[12] :].view(np.uint32)
    skipped, totals = doubles[places[13] :].view(np.uint8), doubles[places[7] :]
    done, written, history = 0, 0, (rows, sums, test_error)
    is_plain = not (number or batch or (rates[1:] != rates[:-1]).any())
    last = entries if is_plain else epochs  # an update after the last epoch is written nowhere
    while done < entries:
        wanted = min(some, last - done) or 1
        if seen is not None:
            first, end = np.searchsorted(seen, (done, done + wanted))
            skipped[:wanted] = 1
            skipped[seen[first:end] - done] = 0
        if is_plain or done == epochs:
            count = exports["train"](store, float(rates[0]) if epochs else 0.0, wanted)
        else:
            doubles[places[9] : places[9] + wanted] = rates[done : done + wanted]
            for row in order[: wanted * n].reshape(wanted, n) if batch else ():
                row[:] = next(orders)
            count = exports["optimize"](store, number, batch or 0, wanted)
        end = done + count if seen is None else int(np.searchsorted(seen, done + count))
        fresh, last_skipped = slice(written, end), count > 0 and bool(skipped[count - 1])
        for place, array in zip(places[6:9], history, strict=True):
            part = array[fresh]
            part[:] = doubles[place : place + part.size].reshape(part.shape)
        loss = totals[(end - written - 1 + last_skipped) * (size + 1) + size]
        with np.errstate(all="ignore"):
            test_error[fresh] /= n_test
            test_error[fresh] /= 2
            sums[fresh, -1] /= 2  # the kernel sums e², and the loss is half of it
        done, written = done + count, end
        is_over = count < wanted or not np.isfinite(loss)
        if is_over or done == entries:
            give_back(module, store, exports, doubles)
        yield done
        if is_over:
            return
