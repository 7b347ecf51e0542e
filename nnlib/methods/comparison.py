"""All methods beside each other: both functions, three kinds of start, a hundred starts of each.

Every method has the setting that was best from other starts, and the budget of all, as
`nnlib.methods.tuning` says. A control runs the second best setting from some of the starts. `make
methods` computes what is missing in `nnlib/methods/results/`.
"""

import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.experiment import Experiment
from nnlib.methods import tuning
from nnlib.methods.tuning import BUDGET, COLUMNS, KINDS, LEVELS, METHODS, NAMES, PARTS, cost
from nnlib.pool import workers
from nnlib.targets import Target

__all__ = ["CONTROL", "STARTS", "chosen", "load"]

STARTS = 100  # seeds of the training sets; those of the initial weights are 1000 more
CONTROL = 25  # starts of the second best settings

_PIECE = 25  # starts that are computed and kept together
_FILE = Path(__file__).with_name("results") / "comparison.npz"
_CONDITIONS = {
    "parts": list(PARTS),
    "starts": STARTS,
    "piece": _PIECE,
    "levels": [*map(list, LEVELS.values())],
}


def chosen(f: Target, kind: str, method: str, second: bool = False) -> Experiment:
    """The setting of a method.

    Parameters
    ----------
    f : callable
        One of `nnlib.methods.tuning.BUDGET`.
    kind : str
        The kind of start, one of `nnlib.methods.tuning.KINDS`.
    method : str
        One of `nnlib.methods.tuning.METHODS`.
    second : bool, optional
        Not the best from the starts for tuning, but the second best.

    Returns
    -------
    Experiment
        From the standard samples and weights; `nnlib.methods.tuning.start` gives it the others.

    Raises
    ------
    ValueError
        As `nnlib.methods.tuning.load`.
    """
    return tuning.ranked(f, kind, method)[int(second)]


def load(f: Target, kind: str, method: str, second: bool = False) -> dict[str, NDArray[np.float64]]:
    """What became of the runs of a method, start by start.

    Parameters
    ----------
    f, kind, method, second
        As of `chosen`; the second best setting has the first `CONTROL` starts alone.

    Returns
    -------
    dict of str to ndarray, shape (starts, ...)
        ``error`` on the interval, of the weights with the lowest training error; ``parts``, the
        same after each of `nnlib.methods.tuning.PARTS` of the budget; ``last``, the error of the
        last weights, inf after an overflow; the lowest ``test`` error, and its ``test_epoch``; the
        ``best_epoch``, that of the lowest training error; the epoch of an ``overflow``, or inf; and
        ``reached``, for each of `nnlib.methods.tuning.LEVELS`, after how many gradients of all
        samples the training error is not above it, or inf.

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    table, n = _load(f, second)[kind, method], len(PARTS)
    found = dict(zip(NAMES, table[:, n : n + len(NAMES)].T, strict=True))
    reached = cost(f, method) * table[:, n + len(NAMES) :]
    return {"error": table[:, n - 1], "parts": table[:, :n], "reached": reached, **found}


@cache
def _load(f: Target, second: bool) -> dict[tuple[str, str], NDArray[np.float64]]:
    """All tables of a function: to read the file takes longer than to look for them."""
    cells = [(kind, method) for kind in KINDS for method in METHODS]
    pieces = (CONTROL if second else STARTS) // _PIECE
    names = [
        name
        for kind, method in cells
        for name in _keys(chosen(f, kind, method, second), method, pieces, second)
    ]
    one = chosen(f, *cells[0], second)
    found = kept.find(_FILE, _CONDITIONS, one, *names, shape=(_PIECE, COLUMNS))
    parts = [found[n * pieces : (n + 1) * pieces] for n in range(len(cells))]
    return {cell: np.concatenate(part) for cell, part in zip(cells, parts, strict=True)}


def main() -> int:
    """Compute what is missing; return the exit status."""
    tasks = {}
    for second, starts in ((False, STARTS), (True, CONTROL)):
        for f in reversed(BUDGET):  # what takes long comes first
            for method in reversed(METHODS):
                for kind in KINDS:
                    one = chosen(f, kind, method, second)
                    for piece, name in enumerate(_keys(one, method, starts // _PIECE, second)):
                        tasks[name] = one, piece
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, tasks)
    return 0


def _keys(one: Experiment, method: str, pieces: int, second: bool) -> list[str]:
    """What the pieces of a method's runs are kept under."""
    name = kept.key(one, method, "second" if second else "best")
    return [f"{name} {piece}" for piece in range(pieces)]


def _run(one: Experiment, piece: int) -> NDArray[np.float64]:
    """A row for each start of a piece."""
    return tuning.runs([one], range(piece * _PIECE, (piece + 1) * _PIECE))[0]


if __name__ == "__main__":
    sys.exit(main())
