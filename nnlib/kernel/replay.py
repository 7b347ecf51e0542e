"""The training loop of the replay arithmetic, compiled: the bits of `nnlib.replay`, in less time.

`replay.c` is the source, and `replay.wasm` the binary. It is no part of the kernel that a browser
loads, since nobody asks for the replay there.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlib import kernel, replay
from nnlib.checks import Floats
from nnlib.descent import step
from nnlib.kernel.memory import lay_out
from nnlib.network import unpack

__all__ = ["descend"]

_WORK = 2**19  # samples times neurons in one call, some twenty milliseconds
_ROOM = 2**18  # doubles that one call writes, two megabytes


def descend(
    train_set: tuple[Floats, Floats],
    test_set: tuple[Floats, Floats],
    learning_rate: float,
    rows: Floats,
    sums: Floats,
    test_error: Floats,
    seen: NDArray[np.integer[Any]] | None = None,
) -> Iterator[int]:
    """Train, and write the history of each epoch until an error is not finite.

    Parameters
    ----------
    train_set, test_set, learning_rate, rows, sums, test_error, seen
        As of `nnlib.kernel.descend`.

    Yields
    ------
    int
        How many epochs are done, every few milliseconds.

    Raises
    ------
    ValueError
        If `h` is more than 12.
    nnlib.kernel.KernelError
        If the kernel does not load.
    MemoryError
        If the datasets are too large for it.
    """
    run = train_set, test_set, learning_rate, rows, sums, test_error, seen
    yield from _descend(*kernel.load("replay", _is_proven), *run)


@np.errstate(all="ignore")
def _is_proven(engine: Any, module: Any) -> bool:
    """Whether an epoch has the bits of numpy, on samples that fill no block and no register."""
    rate, same = 0.5, True
    x, x_test = np.linspace(-5, 5, 301), np.linspace(-4, 6, 37)
    y, y_test = np.cos(x), x_test / 3
    for h in (2, 4):  # one neuron is a case of its own
        rows, sums, test_error = np.empty((2, 3 * h - 2)), np.empty((2, 3 * h - 1)), np.empty(2)
        rows[0] = np.linspace(-1, 2, 3 * h - 2)
        run = (x, y), (x_test, y_test), rate, rows, sums, test_error
        for _ in _descend(engine, module, *run):
            pass
        gradient = replay.LossGradient(x, y, h)
        output = replay.forward_pass(*unpack(rows, h), x_test)
        same &= np.array_equal(rows[1], step(rows[0], sums[0, :-1], x.size, rate))
        same &= np.array_equal(sums, [gradient.sums(row) for row in rows])
        same &= np.array_equal(test_error, replay.loss(output - y_test))
    return same


def _descend(
    engine: Any,
    module: Any,
    train_set: tuple[Floats, Floats],
    test_set: tuple[Floats, Floats],
    learning_rate: float,
    rows: Floats,
    sums: Floats,
    test_error: Floats,
    seen: NDArray[np.integer[Any]] | None = None,
) -> Iterator[int]:
    """Train as `descend` does, in a module that has not been proven yet, perhaps."""
    (kept, size), n, n_test = rows.shape, len(train_set[0]), len(test_set[0])
    h, entries = (size + 2) // 3, kept if seen is None else int(seen[-1]) + 1
    gradient, (x_test, y_test) = replay.LossGradient(*train_set, h), test_set
    some = max(1, min(entries, _WORK // ((n + n_test) * h), _ROOM // (6 * h)))
    store, exports, memory, places = lay_out(engine, module, 9, h, (n, n_test), some)
    table = np.concatenate([replay._POWER, replay._POWER_REST])
    given = table, *train_set, *test_set, rows[0]
    for place, values in zip(places, given, strict=False):
        memory[place : place + len(values)] = values
    weights = memory[places[5] : places[5] + size]
    run, done, history = exports["train"], 0, (rows, sums, test_error)
    # What a call leaves, and an epoch more.
    pieces = [np.empty((some + 1, *array.shape[1:])) for array in history]
    while done < entries:
        wanted = min(some, entries - done)
        count = after = run(store, learning_rate, wanted)
        for place, piece in zip(places[6:], pieces, strict=True):
            part = piece[:count]
            part[:] = memory[place : place + part.size].reshape(part.shape)
        w, g, error = pieces
        with np.errstate(all="ignore"):
            error[:count] /= n_test
        if count < wanted:  # an epoch in which some number is too large for the kernel
            w[count] = weights
            g[count] = gradient.sums(weights)
            output = replay.forward_pass(*unpack(weights, h), x_test)
            error[count] = replay.loss(output - y_test)
            weights[:] = step(weights, g[count, :-1], n, learning_rate)
            after += 1
        if seen is None:
            fresh, epochs = slice(done, done + after), np.arange(after)
        else:
            fresh = slice(*np.searchsorted(seen, (done, done + after)))
            epochs = seen[fresh] - done
        for array, piece in zip(history, pieces, strict=True):
            array[fresh] = piece[epochs]
        done += after
        yield done
        if not np.isfinite(g[after - 1, -1]):
            return
