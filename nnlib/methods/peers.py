"""What other libraries make of the starts of the comparison: SciPy, scikit-learn, PyTorch, optax.

The results are read here without any of them. `benchmarks/methods.py` computes them, and says how
each is called. Starts, budget, levels and the choice of a setting are those of
`nnlib.methods.tuning`; settings that nobody tunes but to stop later are among the six that are
tried. A peer whose steps are those of another one takes what that one has chosen: see `TWINS`. What
a peer computes is counted as ours is: a loss with or without its gradient is one gradient of all
samples, and a Jacobian takes the products of all pairs of its columns. A peer that stops before
its budget is spent is not started again.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlib import kept, results
from nnlib.experiment import Experiment
from nnlib.interval import interval_error
from nnlib.methods import tuning
from nnlib.methods.tuning import BUDGET, KINDS, LEVELS, METHODS, PARTS, SEEDS, SIZES
from nnlib.start import Start
from nnlib.targets import Target

__all__ = [
    "PEERS",
    "SLOW",
    "STARTS",
    "TIMED",
    "TRIED",
    "TWINS",
    "chosen",
    "load",
    "load_seconds",
    "load_tried",
    "starts",
    "tried",
    "versions",
]

STARTS = 100  # the same seeds as of `nnlib.methods.comparison`
FEW = 25  # of them, for those that are slow
TIMED = 2  # starts of each kind, for the seconds

_BOTH = 1e-8, 1e-12, 1e-15
_MOMENTUM = tuple((rate, 0.9) for rate in (0.05, 0.2, 0.8)) + tuple(
    (rate, 0.98) for rate in (0.02, 0.1, 0.5)
)
_LOOKAHEAD = tuple((rate, 0.9) for rate in (0.05, 0.15, 0.5)) + tuple(
    (rate, 0.98) for rate in (0.02, 0.1, 0.4)
)
_ADAM = tuple((rate,) for rate in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3))
# Six settings of each: for the fits by least squares all three tolerances, and how the weights are
# scaled; for L-BFGS those of the loss and of the gradient, or of the gradient and of what changes,
# and the memory; for momentum the rate, a multiple of the document's, and the momentum; else the
# rate. Where the library has a default, it is among them.
TRIED: dict[str, tuple[tuple[Any, ...], ...]] = {
    "SciPy lm": tuple((tolerance, scale) for tolerance in _BOTH for scale in (1.0, "jac")),
    "SciPy trf": tuple((tolerance, scale) for tolerance in _BOTH for scale in (1.0, "jac")),
    "SciPy L-BFGS-B": tuple(
        (loss, gradient, memory)
        for loss, gradient in ((2.220446049250313e-09, 1e-5), (1e-16, 1e-12))
        for memory in (5, 10, 30)
    ),
    "scikit-learn lbfgs": tuple((gradient,) for gradient in (1e-4, 1e-5, 1e-6, 1e-8, 1e-10, 1e-12)),
    "PyTorch LBFGS": tuple(
        (gradient, change, memory)
        for gradient, change in ((1e-7, 1e-9), (1e-12, 1e-16))
        for memory in (10, 30, 100)
    ),
    "optax lbfgs": tuple(
        (memory, scaled) for memory in (5, 10, 30) for scaled in (True, False)
    ),
    "optax adam": _ADAM,
    "optax sgd": _MOMENTUM,
    "optax nesterov": _LOOKAHEAD,
}
# Whose choice is taken by those whose steps are the same, but for rounding.
TWINS = {
    "PyTorch Adam": "optax adam",
    "PyTorch SGD": "optax sgd",
    "scikit-learn adam": "optax adam",
    "scikit-learn sgd": "optax nesterov",
}
PEERS = (*TRIED, *TWINS)
SLOW = ("PyTorch LBFGS", *TWINS)  # these have the first `FEW` of the starts alone

PIECE = 25  # starts that are computed and kept together
_FILE = Path(__file__).with_name("results") / "peers.npz"
_CONDITIONS = {
    "parts": list(PARTS),
    "levels": [*map(list, LEVELS.values())],
    "seeds": list(SEEDS),
    "piece": PIECE,
    "tried": {peer: [list(setting) for setting in some] for peer, some in TRIED.items()},
}
_COLUMNS = len(PARTS) + 1 + 5


def starts(peer: str) -> int:
    """How many starts of each kind a peer has: those with the first seeds.

    Parameters
    ----------
    peer : str
        One of `PEERS`.

    Returns
    -------
    int
    """
    return FEW if peer in SLOW else STARTS


def tried(f: Target, peer: str) -> tuple[tuple[Any, ...], ...]:
    """The six settings of a peer.

    Parameters
    ----------
    f : callable
        One of `nnlib.methods.tuning.BUDGET`.
    peer : str
        One of `TRIED`.

    Returns
    -------
    tuple of tuple
        As the comment on `TRIED` says, but with the rates themselves.
    """
    if peer in ("optax sgd", "optax nesterov"):
        unit = tuning._RATE[f]
        return tuple((round(rate * unit, 9), beta) for rate, beta in TRIED[peer])
    return TRIED[peer]


@cache
def load_tried(f: Target, kind: str, peer: str) -> NDArray[np.float64]:
    """The errors of the six settings of a peer, from the starts for tuning.

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
    ndarray, shape (6, starts)
        On the interval, of the weights with the lowest training error.

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    shape = len(TRIED[peer]), len(SEEDS), _COLUMNS
    name = key(f, kind, peer, "tuned")
    return _find(f, kind, name, shape=shape)[0][..., len(PARTS) - 1]


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
        As `load_tried`.
    """
    names = [key(f, kind, peer, "judged", piece) for piece in range(starts(peer) // PIECE)]
    table = np.concatenate(_find(f, kind, *names, shape=(1, PIECE, _COLUMNS)), axis=1)[0]
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

    They were measured in turns, in one process, and are those of one machine: only how they compare
    says something.

    Parameters
    ----------
    f : callable
        As of `tried`.

    Returns
    -------
    dict of str to ndarray, shape (kinds, TIMED)
        For each of `nnlib.methods.tuning.METHODS` and of `PEERS`, with the settings chosen.

    Raises
    ------
    ValueError
        As `load_tried`.
    """
    timed = (*METHODS, *PEERS)
    shape = len(timed), len(KINDS), TIMED
    (table,) = _find(f, KINDS[0], key(f, KINDS[0], "seconds", *timed), shape=shape)
    return dict(zip(timed, table, strict=True))


def versions() -> dict[str, str]:
    """The version of each library that has computed what is kept.

    Returns
    -------
    dict of str to str

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    return results.read(_FILE, "long runs")[0]["versions"]


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


def _find(
    f: Target, kind: str, *names: str, shape: tuple[int, ...]
) -> list[NDArray[np.float64]]:
    return kept.find(_FILE, _CONDITIONS, experiment(f, kind), *names, shape=shape)
