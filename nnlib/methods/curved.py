"""With the curvature: what Gauss-Newton steps and L-BFGS gain beside descent, and what they cost.

Each method starts from the same `STARTS`, with a training set of its own for each. `METHODS` differ
in what an epoch costs, so they differ in their epochs, too; `cost` says what one of them computes.
From the document's starts of f2 there are also Gauss-Newton steps with other first dampings, and
with weights that are larger by a thousandth, and some controls. `load` has the errors on the way,
and the weights at the end; `make methods` computes what is missing in `nnlib/methods/results/`.
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
from nnlib.optimizers.least_squares import equations, fit, judge, propose
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
SIZES: dict[Target, int] = {f1: 3, f2: 8}
PARTS = (10, 20, 40, 80, 160, 400, 1000, 2000, 4000, 10_000)  # epochs at which errors are kept
NUDGE = 1.001
DAMPINGS = (1e-6, 0.01, 100.0)  # of the first Gauss-Newton step
METHODS = {
    "descent": "10000",
    "gauss-newton": "400 optimizer=gauss-newton",
    "lbfgs": "2000 optimizer=lbfgs",
    # Controls: Gauss-Newton steps after some descent, and after all of it; and with a damping that
    # is the same for all weights.
    "descent first": "300",
    "long descent first": "10000",
    "levenberg": "400 optimizer=gauss-newton",
}
# Of descent: for f1 the best of those tried in `steps`, for f2 that of the document's longest run.
_RATES: dict[Target, float] = {f1: 0.8, f2: 0.05}
_STEPS = 400  # that follow descent
_LEVENBERG = 1.0  # the first damping then
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
    rate = _RATES[f] if "descent" in method else 1
    more = f" damping={damping:.6f}" if "gauss-newton" in METHODS[method] else ""
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
    n = len(_parts(one, method))
    names = [_key(one, method, piece) for piece in range(STARTS // _PIECE)]
    shape = _PIECE, n + 3 * one.h - 2
    table = np.concatenate(kept.find(_FILE, _CONDITIONS, one, *names, shape=shape))
    return table[:, :n], table[:, n:]


def main() -> int:
    """Compute what is missing; return the exit status."""
    plain = list(METHODS)[:3]
    runs = [(experiment(f, method), method) for f in SIZES for method in plain]
    for kind in KINDS[1:]:
        runs += [(experiment(f2, method, kind), method) for method in plain[1:]]
    for damping in DAMPINGS:
        runs.append((experiment(f2, "gauss-newton", damping=damping), "gauss-newton"))
    runs.append((experiment(f2, "gauss-newton", scale=NUDGE), "gauss-newton"))
    runs += [(experiment(f2, method), method) for method in list(METHODS)[3:]]
    tasks = {
        _key(one, method, piece): (one, method, piece)
        for one, method in runs
        for piece in range(STARTS // _PIECE)
    }
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, tasks)
    return 0


def _key(one: Experiment, method: str, piece: int) -> str:
    """What a piece is kept under: with the method where the experiment does not say all of it."""
    more = [method.replace(" ", "-")] if method in ("long descent first", "levenberg") else []
    return kept.key(one, *more, piece)


def _parts(one: Experiment, method: str) -> list[int]:
    most = _STEPS if method.endswith("first") else one.epochs
    return [part for part in PARTS if part <= most]


def _run(one: Experiment, method: str, piece: int) -> NDArray[np.float64]:
    """A row for each start of a piece: errors, then weights."""
    return np.array([_measure(one, method, piece * _PIECE + i) for i in range(_PIECE)])


def _measure(one: Experiment, method: str, seed: int) -> NDArray[np.float64]:
    """What is kept of a run, in the order of `load`."""
    one, parts = one.starting(data=seed, weights=1000 + seed), _parts(one, method)
    first = pack(*one.start.initial_weights(one.h))
    if method == "levenberg":
        return _damp_alike(one, first, parts)
    if one.optimizer == GaussNewton():
        return _fit(one, first, parts)
    run = train_quietly(one)
    if method.endswith("first"):
        return _fit(one, pack(run.U[-1], run.V[-1]), parts)
    best = int(np.nanargmin(run.train_error))
    lowest = np.fmin.accumulate(run.train_error)[parts]
    return np.append(lowest, pack(run.U[best], run.V[best]))


def _fit(one: Experiment, first: NDArray[np.float64], parts: list[int]) -> NDArray[np.float64]:
    """The same for Gauss-Newton steps with the damping of `fit`, which the kernel takes faster."""
    found = [fit(*one.start.train_set(one.f), first, steps=part) for part in parts]
    return np.append([float(some.error) for some in found], found[-1].weights)


@np.errstate(all="ignore")
def _damp_alike(
    one: Experiment, first: NDArray[np.float64], parts: list[int]
) -> NDArray[np.float64]:
    """The same for steps with one damping for all weights, whatever the curvature of each."""
    x, y = one.start.train_set(one.f)
    samples, scale = (x, y, np.sqrt(np.full(x.size, 1 / x.size))), np.ones((1, first.size))
    damping, faster = np.array([_LEVENBERG]), np.array([2.0])
    row, lowest = first[None], []
    here = equations(row, *samples)
    for _ in range(parts[-1]):
        step, expected = propose(*here[1:], scale, damping)
        there = equations(row + step, *samples)
        better, damping, faster = judge(here[0], there[0], expected, damping, faster)
        row, here = (row + step, there) if better[0] else (row, here)
        lowest.append(float(here[0][0]))
    return np.append([lowest[part - 1] for part in parts], row[0])


if __name__ == "__main__":
    sys.exit(main())
