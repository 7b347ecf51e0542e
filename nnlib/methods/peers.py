"""What other libraries make of the starts of the comparison: SciPy, scikit-learn, PyTorch, optax.

The results are read here without any of them. `benchmarks/methods.py` computes them, and says how
each is called. Starts, budget, levels and the choice of a setting are those of
`nnlib.methods.tuning`. A peer that has a learning rate gets six settings, as our methods do; but
where its steps are those of another peer, what that one has chosen: see `TWINS`. Tolerances are so
small that a peer goes on as long as it can; if it stops before its budget is spent, it is not
started again. What it computes is counted as ours is: a loss, with its gradient or without, is one
gradient of all samples, and the equations of a step by least squares are the products of all pairs
of the derivatives.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlib import kept, results
from nnlib.checks import check_word
from nnlib.experiment import Experiment
from nnlib.interval import interval_error
from nnlib.methods.steps import DOCUMENT
from nnlib.methods.tuning import BUDGET, KINDS, LEVELS, METHODS, PARTS, SEEDS, SIZES
from nnlib.start import Start
from nnlib.targets import Target

__all__ = [
    "PEERS",
    "STARTS",
    "TIMED",
    "TRIED",
    "TWINS",
    "chosen",
    "load",
    "load_seconds",
    "load_tried",
    "tried",
    "versions",
]

STARTS = 100  # of each kind, the same as of `nnlib.methods.comparison`
TIMED = range(2)  # seeds of the starts from which seconds are measured

_LEAST = 1e-15  # the least tolerance that all of SciPy's fits take
_MOMENTUM = tuple((rate, 0.9) for rate in (0.05, 0.2, 0.8)) + tuple(
    (rate, 0.98) for rate in (0.02, 0.1, 0.5)
)
# The settings of each, as the functions of `benchmarks/methods.py` take them: a tolerance and how
# the weights are scaled; tolerances and, where it can be set, the memory of L-BFGS, which for most
# of them is the default; the rate as a multiple of the document's, and the momentum; or the rate.
TRIED: dict[str, tuple[tuple[Any, ...], ...]] = {
    "SciPy lm": ((_LEAST, 1.0), (_LEAST, "jac")),
    "SciPy trf": ((_LEAST, 1.0), (_LEAST, "jac")),
    "SciPy L-BFGS-B": ((1e-16, 1e-12, 10),),
    "scikit-learn lbfgs": ((1e-12,),),
    "optax lbfgs": ((10,),),
    "optax adam": tuple((rate,) for rate in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)),
    "optax sgd": _MOMENTUM,
    "PyTorch LBFGS": ((1e-12, 1e-16, 10),),
}
# Whose choice is taken by those whose steps are the same, but for rounding.
TWINS = {
    "PyTorch Adam": "optax adam",
    "PyTorch SGD": "optax sgd",
    "scikit-learn adam": "optax adam",
    "scikit-learn sgd": "optax sgd",
}
PEERS = (*TRIED, *TWINS)

CELLS = [(f, kind) for f in BUDGET for kind in KINDS]
PIECE = 10  # starts that are computed and kept together
FILE = Path(__file__).with_name("results") / "peers.npz"
CONDITIONS = {
    "parts": list(PARTS),
    "levels": [*map(list, LEVELS.values())],
    "seeds": list(SEEDS),
    "piece": PIECE,
    "tried": {peer: [[*setting] for setting in some] for peer, some in TRIED.items()},
}
_COLUMNS = len(PARTS) + 1 + 5


def tried(f: Target, peer: str) -> tuple[tuple[Any, ...], ...]:
    """The settings of a peer among which it has the choice.

    Parameters
    ----------
    f : callable
        One of `nnlib.methods.tuning.BUDGET`.
    peer : str
        One of `TRIED`, with more than one setting for `load_tried`.

    Returns
    -------
    tuple of tuple
        As of `TRIED`, but with the rates themselves.
    """
    if peer != "optax sgd":
        return TRIED[peer]
    unit = DOCUMENT[f].learning_rate
    return tuple((round(rate * unit, 9), beta) for rate, beta in TRIED[peer])


@cache
def load_tried(f: Target, kind: str, peer: str) -> NDArray[np.float64]:
    """The errors of the settings of a peer, from the starts for tuning.

    Parameters
    ----------
    f : callable
        As of `tried`.
    kind : str
        One of `nnlib.methods.tuning.KINDS`.
    peer : str
        As of `tried`.

    Returns
    -------
    ndarray, shape (settings, starts)
        On the interval, of the weights with the lowest training error.

    Raises
    ------
    ValueError
        If it has no choice, or the file is damaged or stale.
    """
    check_word("peer", peer, [name for name, some in TRIED.items() if len(some) > 1])
    name = key(f, kind, peer, "tuned")
    return _tuned()[name][..., len(PARTS) - 1]


def chosen(f: Target, kind: str, peer: str) -> tuple[Any, ...]:
    """The setting of a peer: that with the lowest geometric mean of its errors.

    Parameters
    ----------
    f, kind
        As of `load_tried`.
    peer : str
        One of `PEERS`.

    Returns
    -------
    tuple
        As `tried` has it.

    Raises
    ------
    ValueError
        As `load_tried`.
    """
    peer = TWINS.get(peer, peer)
    if len(TRIED[peer]) == 1:
        return tried(f, peer)[0]
    means = np.log(load_tried(f, kind, peer)).mean(axis=1)
    return tried(f, peer)[int(np.argmin(means))]


@cache
def load(f: Target, kind: str, peer: str) -> dict[str, NDArray[np.float64]]:
    """What became of the runs of a peer, start by start.

    Parameters
    ----------
    f, kind
        As of `load_tried`.
    peer : str
        One of `PEERS`.

    Returns
    -------
    dict of str to ndarray, shape (starts, ...)
        As of `nnlib.methods.comparison.load`: ``error``, ``parts`` and ``reached``; and what it has
        ``spent``, in gradients of all samples, until it stopped.

    Raises
    ------
    ValueError
        If the peer is unknown, or the file is damaged or stale.
    """
    check_word("peer", peer, PEERS)
    found = _judged()
    names = [key(f, kind, peer, "judged", piece) for piece in range(STARTS // PIECE)]
    table = np.concatenate([found[name][0] for name in names])
    n = len(PARTS)
    return {
        "error": table[:, n - 1],
        "parts": table[:, :n],
        "spent": table[:, n],
        "reached": table[:, n + 1 :],
    }


@cache
def load_seconds(f: Target) -> dict[str, NDArray[np.float64]]:
    """The seconds of one core that a run takes, of our methods and of the peers.

    From starts of the kind ``spread``, until the budget is spent or the run stops; ours with the
    first of their settings, as each of them spends it all. They were measured in turns, in one
    process, and are those of one machine: only how they compare says something.

    Parameters
    ----------
    f : callable
        As of `tried`.

    Returns
    -------
    dict of str to ndarray, shape (TIMED,)
        For each of `nnlib.methods.tuning.METHODS` and of `PEERS`.

    Raises
    ------
    ValueError
        If the file is damaged or stale.
    """
    name, names = seconds_key(f), (*METHODS, *PEERS)
    table = _find([name], (len(names), len(TIMED)))[name]
    return dict(zip(names, table, strict=True))


def versions() -> dict[str, str]:
    """The version of each library that has computed what is kept, whatever its builder.

    Returns
    -------
    dict of str to str

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    found: dict[str, str] = results.read(FILE, "long runs")[0]["versions"]
    return {name: version.partition("+")[0] for name, version in found.items()}


def experiment(f: Target, kind: str) -> Experiment:
    """What the starts are taken from; its epochs are the budget."""
    return Experiment(f, SIZES[f], 1, BUDGET[f], start=Start(start=kind))


def marks(budget: int) -> list[int]:
    """After how many gradients of all samples errors are kept."""
    return [round(budget * part) for part in PARTS]


def row(
    f: Target, weights: NDArray[np.float64], spent: float, reached: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What is kept of a run, from the weights at each of the marks."""
    return np.concatenate([interval_error(f, weights), [spent], reached])


def jacobian_cost(h: int) -> float:
    """What the equations of a step by least squares take, in gradients, beside the errors."""
    return (3 * h - 1) / 2


def key(f: Target, kind: str, *more: object) -> str:
    """What a result is kept under."""
    words = (str(word).replace(" ", "-") for word in more)
    return kept.key(experiment(f, kind), *words)


def seconds_key(f: Target) -> str:
    """What the seconds are kept under, which are of all methods that there are."""
    return key(f, "spread", "seconds", *METHODS, *PEERS)


def tuned_keys() -> dict[str, tuple[Target, str, str]]:
    """What the runs for tuning are kept under: function, kind and peer of each."""
    return {
        key(f, kind, peer, "tuned"): (f, kind, peer)
        for peer, some in TRIED.items()
        if len(some) > 1
        for f, kind in CELLS
    }


def judged_keys() -> dict[str, tuple[Target, str, str, range]]:
    """What the runs with the settings chosen are kept under: the same, and the seeds."""
    return {
        key(f, kind, peer, "judged", first // PIECE): (f, kind, peer, range(first, first + PIECE))
        for first in range(0, STARTS, PIECE)
        for peer in PEERS
        for f, kind in CELLS
    }


@cache
def _tuned() -> dict[str, NDArray[np.float64]]:
    """All runs for tuning: to read the file takes longer than to look for them."""
    return _find(tuned_keys(), (None, len(SEEDS), _COLUMNS))


@cache
def _judged() -> dict[str, NDArray[np.float64]]:
    """The same for those with the settings chosen."""
    return _find(judged_keys(), (1, None, _COLUMNS))


def _find(names: Iterable[str], shape: tuple[int | None, ...]) -> dict[str, NDArray[np.float64]]:
    found = kept.find(FILE, CONDITIONS, experiment(*CELLS[0]), *names, shape=shape)
    return dict(zip(names, found, strict=True))
