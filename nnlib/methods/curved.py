"""With the curvature: what Gauss-Newton steps and L-BFGS gain beside descent, and what they cost.

Each method starts from the same `STARTS`, with a training set of its own for each. `METHODS` differ
in what an epoch costs, so they differ in their epochs, too; `cost` says what one of them computes.
From the document's starts of f2 there are also Gauss-Newton steps with other first dampings, and
with weights that are larger by a thousandth, and Gauss-Newton steps after some descent. `load` has
the errors on the way, and the weights at the end; `make methods` computes what is missing in
`nnlib/methods/results/`.
"""

import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.experiment import Experiment
from nnlib.network import pack
from nnlib.optimizers import GaussNewton
from nnlib.optimizers.least_squares import fit
from nnlib.pool import workers
from nnlib.start import Start
from nnlib.targets import Target, f1, f2
from nnlib.training import train_quietly

__all__ = [
    "DAMPINGS",
    "KINDS",
    "METHODS",
    "NUDGE",
    "PARTS",
    "SIZES",
    "STARTS",
    "Ends",
    "cost",
    "experiment",
    "load",
]

STARTS = 100  # seeds of the training sets; those of the initial weights are 1000 more
KINDS = "document", "spread", "glorot"
SIZES = {f1: 3, f2: 8}
PARTS = (10, 20, 40, 80, 160, 400, 1000, 2000, 4000, 10_000)  # epochs at which errors are kept
NUDGE = 1.001
DAMPINGS = (1e-6, 0.01, 100.0)  # of the first Gauss-Newton step
METHODS = {
    "descent": "10000",
    "gauss-newton": "400 optimizer=gauss-newton",
    "lbfgs": "2000 optimizer=lbfgs",
    "descent first": "300",  # and then Gauss-Newton steps
}
# Of descent: for f1 the best of those tried in `steps`, for f2 that of the document's longest run.
_RATES = {f1: 0.8, f2: 0.05}
_FIRST, _STEPS = 300, 400  # epochs of descent, and the steps that follow
_PIECE = 20  # starts that are computed and kept together
_FILE = Path(__file__).with_name("results") / "curved.npz"
_CONDITIONS = {"parts": list(PARTS), "starts": STARTS, "piece": _PIECE}

Ends = tuple[NDArray[np.float64], NDArray[np.float64]]


def experiment(
    f: Target, method: str, kind: str = "document", damping: float = 0.01, scale: float = 1.0
) -> Experiment:
    """What is run from each start.

    Parameters
    ----------
    f : callable
        One of `SIZES`.
    method : str
        One of `METHODS`.
    kind : str, optional
        One of `KINDS`; other than the first only for f2, and not for descent.
    damping : float, optional
        Of Gauss-Newton steps, at first.
    scale : float, optional
        What the initial weights are multiplied by: 1, or `NUDGE`.

    Returns
    -------
    Experiment
    """
    rate = _RATES[f] if method.startswith("descent") else 1
    more = f" damping={damping:.6f}" if method == "gauss-newton" else ""
    words = f"{f.__name__} {SIZES[f]} {rate} {METHODS[method]}{more}"
    return Experiment.parse(words).replaced(start=Start(start=kind, scale=scale))


def cost(h: int, method: str) -> float:
    """What an epoch of a method computes of each sample, in gradients.

    Parameters
    ----------
    h : int
    method : str
        One of `METHODS`.

    Returns
    -------
    float
        A Gauss-Newton step takes the products of all pairs of the 3h-2 derivatives, and the
        gradient, their products with the error.
    """
    return 1 + (3 * h - 1) / 2 if method == "gauss-newton" else 1.0


@cache
def load(
    f: Target, method: str, kind: str = "document", damping: float = 0.01, scale: float = 1.0
) -> Ends:
    """What became of the runs, start by start.

    Parameters
    ----------
    f, method, kind, damping, scale
        As of `experiment`.

    Returns
    -------
    errors : ndarray, shape (starts, parts)
        The lowest training error up to each of `PARTS` that the run has.
    weights : ndarray, shape (starts, 3h-2)
        Those with the lowest of all.

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    one = experiment(f, method, kind, damping, scale)
    n = len(_parts(one))
    names = [kept.key(one, piece) for piece in range(STARTS // _PIECE)]
    shape = _PIECE, n + 3 * one.h - 2
    table = np.concatenate(kept.find(_FILE, _CONDITIONS, one, *names, shape=shape))
    return table[:, :n], table[:, n:]


def main() -> int:
    """Compute what is missing; return the exit status."""
    main = list(METHODS)[:3]
    runs = [experiment(f, method) for f in SIZES for method in main]
    runs += [experiment(f2, "gauss-newton", kind) for kind in KINDS[1:]]
    runs += [
        experiment(f2, "descent first"),
        experiment(f2, "gauss-newton", scale=NUDGE),
    ]
    runs += [experiment(f2, "lbfgs", kind) for kind in KINDS[1:]]
    runs += [experiment(f2, "gauss-newton", damping=damping) for damping in DAMPINGS]
    tasks = {
        kept.key(one, piece): (one, piece) for one in runs for piece in range(STARTS // _PIECE)
    }
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, tasks)
    return 0


def _parts(one: Experiment) -> list[int]:
    most = _STEPS if one.epochs == _FIRST else one.epochs
    return [part for part in PARTS if part <= most]


def _run(one: Experiment, piece: int) -> NDArray[np.float64]:
    """A row for each start of a piece: errors, then weights."""
    return np.array([_measure(one, piece * _PIECE + i) for i in range(_PIECE)])


def _measure(one: Experiment, seed: int) -> NDArray[np.float64]:
    """What is kept of a run, in the order of `load`."""
    one = one.starting(data=seed, weights=1000 + seed)
    if one.optimizer == GaussNewton():
        return _fit(one, pack(*one.start.initial_weights(one.h)))
    run = train_quietly(one)
    if one.epochs == _FIRST:
        return _fit(one, pack(run.U[-1], run.V[-1]))
    best = int(np.nanargmin(run.train_error))
    lowest = np.fmin.accumulate(run.train_error)[_parts(one)]
    return np.append(lowest, pack(run.U[best], run.V[best]))


def _fit(one: Experiment, first: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same for Gauss-Newton steps with the damping of `fit`, which the kernel takes faster."""
    found = [fit(*one.start.train_set(one.f), first, steps=part) for part in _parts(one)]
    return np.append([float(some.error) for some in found], found[-1].weights)


if __name__ == "__main__":
    sys.exit(main())
