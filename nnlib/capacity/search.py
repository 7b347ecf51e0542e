"""What the network can do, size by size: the best fits from many starts, and what descent finds.

`make capacity` computes what is missing in `nnlib/capacity/results/`, piece by piece, so it can be
broken off and taken up again. Three studies are kept there:

- for f1 and f2 and each size, fits from 256 starts that are spread over the interval, by damped
  Gauss-Newton steps, with the outputs fitted first;
- for f2 and two sizes, the same 100 starts of each of four kinds, by three methods that see the
  document's training set: descent as in the document; descent with steps that are infinitely small,
  to the same time; Gauss-Newton steps. Is it the start, the length of the steps, or the method?
- descent from changed weights of a network that is good, and flat enough for the learning rate:
  from how far away does it end low?

All errors are those on the interval, whatever a network was trained on.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.capacity.exhibits import FLAT
from nnlib.datasets import get_train_set
from nnlib.experiment import Experiment
from nnlib.interval import interval_error, nodes
from nnlib.landscape.flow import gradient_flow
from nnlib.network import get_new_random_weights, pack, unpack
from nnlib.optimizers.least_squares import fit, fit_outputs, spread_weights
from nnlib.pool import workers
from nnlib.targets import Target, f1, f2
from nnlib.training import train_quietly

__all__ = [
    "CHANGES",
    "CROSSED",
    "KINDS",
    "METHODS",
    "SIZES",
    "STARTS",
    "TIME",
    "Fits",
    "load",
    "load_crossed",
    "load_returns",
    "starts",
]

SIZES = tuple(range(2, 13))
STARTS = 256
STEPS = 1000  # that each fit has at most
KINDS = (
    "the document's",
    "the document's, outputs fitted",
    "spread",
    "spread, outputs fitted",
)
METHODS = ("descent", "gradient flow", "Gauss-Newton")
CROSSED = tuple(Experiment(f2, h, 0.05, 10_000) for h in (4, 8))  # the document's longest run of f2
REPLICATES = 100
RETURN = Experiment(f2, 8, 0.05, 20_000)
CHANGES = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0)  # of each weight, relative, at most
RETURNS = 40
TIME = 500.0  # learning rate times epochs of `CROSSED`
_CROSSED_STEPS = 500  # Gauss-Newton steps on the 1000 training samples, at most
_PIECE = 32  # fits that are computed and kept together
_BATCH = 20  # descents
_CONDITIONS = {"steps": [STEPS, _CROSSED_STEPS], "time": TIME, "piece": _PIECE, "batch": _BATCH}
_FILE = Path(__file__).with_name("results") / "capacity.npz"


@dataclass(frozen=True, eq=False)
class Fits:
    """The fits of one size to one function.

    Attributes
    ----------
    errors : ndarray, shape (STARTS,)
        On the interval, in the order of the starts.
    steps : ndarray of int, shape (STARTS,)
        `STEPS` where even the last step was still an improvement.
    best : ndarray, shape (3h-2,)
        The weights of the lowest error.
    """

    errors: NDArray[np.float64]
    steps: NDArray[np.int64]
    best: NDArray[np.float64]


def load(f: Target, h: int) -> Fits:
    """The fits from spread starts.

    Parameters
    ----------
    f : callable
        `f1` or `f2`.
    h : int
        One of `SIZES`.

    Returns
    -------
    Fits

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    experiment = _of(f, h)
    names = (kept.key(experiment, "fits", n) for n in range(STARTS // _PIECE))
    shape = (2 * _PIECE + 3 * h - 2,)
    pieces = np.array(kept.find(_FILE, _CONDITIONS, experiment, *names, shape=shape))
    errors, steps = pieces[:, :_PIECE].ravel(), pieces[:, _PIECE : 2 * _PIECE].ravel()
    best = pieces[np.argmin(pieces[:, :_PIECE].min(axis=1)), 2 * _PIECE :]
    return Fits(errors, steps.astype(int), best)


def load_crossed(experiment: Experiment, kind: str, method: str) -> NDArray[np.float64]:
    """The last errors from starts of one kind, by one method.

    Parameters
    ----------
    experiment : Experiment
        One of `CROSSED`.
    kind : str
        One of `KINDS`.
    method : str
        One of `METHODS`, on the training set: the epochs and the rate of the experiment; the
        gradient flow for the same time, learning rate times epochs, for which some digits depend on
        the machine; or up to 500 steps.

    Returns
    -------
    ndarray, shape (REPLICATES,)
        On the interval; infinite after an overflow.

    Raises
    ------
    ValueError
        As `load`.
    """
    for name, value, known in (("kind", kind, KINDS), ("method", method, METHODS)):
        if value not in known:
            raise ValueError(f"{name} must be one of {', '.join(map(repr, known))}, got {value!r}")
    names = (kept.key(experiment, kind, method, n) for n in range(REPLICATES // _BATCH))
    return np.concatenate(kept.find(_FILE, _CONDITIONS, experiment, *names, shape=(_BATCH,)))


def load_returns() -> NDArray[np.float64]:
    """What becomes of changed weights of `FLAT` by `RETURN`.

    Returns
    -------
    ndarray, shape (len(CHANGES), RETURNS, 4)
        The error before and after; and how far the weights are from those at which `RETURN` ends
        from `FLAT` itself, before and after, relative to the length of those.

    Raises
    ------
    ValueError
        As `load`.
    """
    names = (kept.key(RETURN, "changed", change) for change in CHANGES)
    return np.array(kept.find(_FILE, _CONDITIONS, RETURN, *names, shape=(RETURNS, 4)))


def starts(f: Target, h: int, n: int, kind: str, seed: int) -> NDArray[np.float64]:
    """Initial weights of one of the `KINDS`.

    Parameters
    ----------
    f : callable
        To which outputs are fitted.
    h, n : int
        The size, and how many networks.
    kind : str
        One of `KINDS`. "The document's" are tiny; "spread" ones have their sigmoids all over the
        interval, and V is 0. "Outputs fitted" means that V solves linear equations.
    seed : int
        Of the first of the document's kind, whose seeds are consecutive, or of all spread ones.

    Returns
    -------
    ndarray, shape (n, 3h-2)

    Raises
    ------
    ValueError
        If there is no such kind.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(map(repr, KINDS))}, got {kind!r}")
    if kind.startswith("spread"):
        weights = spread_weights(h, n, seed)
    else:
        weights = np.array([pack(*get_new_random_weights(h, seed + i)) for i in range(n)])
    if kind.endswith("fitted"):
        x, parts = nodes()
        weights = fit_outputs(x, f(x), weights, parts)
    return weights


def main() -> None:
    """Compute what is missing."""
    tasks: dict[str, tuple[Any, ...]] = {
        kept.key(_of(f, h), "fits", n): (_of(f, h), "fits", n)
        for f in (f2, f1)
        for h in SIZES
        for n in range(STARTS // _PIECE)
    }
    for experiment in CROSSED:
        for kind in KINDS:
            for method in METHODS:
                for n in range(REPLICATES // _BATCH):
                    name = kept.key(experiment, kind, method, n)
                    tasks[name] = experiment, method, n, kind
    for change in CHANGES:
        tasks[kept.key(RETURN, "changed", change)] = RETURN, "changed", change
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, tasks)


def _of(f, h):
    """What the fits are kept under; they have no rate, so any will do."""
    return Experiment(f, h, 0.05, 0)


def _run(experiment, what, n, kind=KINDS[-1]):
    """One piece of one of the studies."""
    f, h = experiment.f, experiment.h
    if what == "changed":
        rng = np.random.default_rng(1)
        flat = pack(*FLAT)
        changed = flat * (1 + n * (2 * rng.random((RETURNS, flat.size)) - 1))
        (goal,), ends = _descend(experiment, [flat]), _descend(experiment, changed)
        apart = [np.linalg.norm(w - goal, axis=1) / np.linalg.norm(goal) for w in (changed, ends)]
        return np.stack([_errors(f, changed), _errors(f, ends), *apart], axis=1)
    if what == "fits":
        x, parts = nodes()
        first = starts(f, h, _PIECE, kind, n)
        found = fit(x, f(x), first, parts=parts, steps=STEPS)
        return np.concatenate([found.error, found.steps, found.weights[np.argmin(found.error)]])
    first = starts(f, h, _BATCH, kind, n if kind.startswith("spread") else n * _BATCH)
    x, y = get_train_set(f)
    if what == "descent":
        ends = _descend(experiment, first)
    elif what == "gradient flow":
        ends = np.array([gradient_flow(row, x, y, [TIME])[-1] for row in first])
    else:
        ends = fit(x, y, first, steps=_CROSSED_STEPS).weights
    return _errors(f, ends)


def _descend(experiment, weights):
    """The weights to which descent comes from each of these."""
    runs = (train_quietly(experiment, weights=unpack(row, experiment.h)) for row in weights)
    return np.array([pack(run.U[-1], run.V[-1]) for run in runs])


def _errors(f, weights):
    """The errors on the interval, infinite where the weights are not finite."""
    errors = interval_error(f, weights)
    return np.where(np.isfinite(errors), errors, np.inf)


if __name__ == "__main__":
    main()
