"""Poor data: gaps, samples at one end, outliers; and what random inputs cost the descent.

Each kind of poor data is compared with as many good samples, replicate by replicate: those of the
same seed, whose inputs are moved, or some of whose outputs are wrong. `load` has what fits make of
them, `expected` what noise would add to a linear network, and `load_random` how descent fares on
exact samples, at random or on a grid. `find_hole` and the largest residual are looks at the data
alone.
"""

import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib import kept
from nnlib.capacity import search
from nnlib.checks import check_numbers
from nnlib.data.best import fit_best
from nnlib.experiment import Experiment
from nnlib.interval import interval_error, nodes
from nnlib.machine import sum_over_samples
from nnlib.network import forward_pass, pack, unpack
from nnlib.optimizers.least_squares import equations, solve
from nnlib.pool import workers
from nnlib.start import Start
from nnlib.targets import f1, f2
from nnlib.training import train_quietly

__all__ = [
    "FITS",
    "KINDS",
    "RANDOM",
    "REPLICATES",
    "SIZES",
    "chances_of_holes",
    "expected",
    "find_hole",
    "load",
    "load_random",
    "sampled",
]

REPLICATES = range(200)
KINDS: dict[str, dict[str, Any]] = {
    "good": {},
    "grid": {"inputs": "grid"},
    "gap": {"inputs": "gap"},
    "side": {"inputs": "side"},
    "outliers 1": {"outliers": 0.01},
    "outliers 5": {"outliers": 0.05},
    "outliers 10": {"outliers": 0.1},
}
# A best fit has neither a rate nor epochs, so any will do.
FITS = {
    "f1, best": Experiment(f1, 3, 0.1, 0, start=Start(samples=100, noise=0.1)),
    "f1, descent": Experiment(f1, 3, 0.1, 10_000, start=Start(samples=100, noise=0.1)),
    "f2, best": Experiment(f2, 8, 0.05, 0, start=Start(samples=100, noise=1)),
    "f2, descent": Experiment(f2, 8, 0.05, 3000, start=Start(samples=100, noise=1)),
    "small, best": Experiment(f2, 4, 0.05, 0, start=Start(samples=100, noise=1)),
    "many, best": Experiment(f2, 4, 0.05, 0, start=Start(samples=1000, noise=1)),
}
SIZES = (100, 1000)
# The inputs, and whether the first output is moved by the mean of the random set's outputs. The
# last has the document's initial weights, the others new ones.
RANDOM = {
    "random": ("uniform", False),
    "grid": ("grid", False),
    "random, moved": ("uniform", True),
    "grid, moved": ("grid", True),
    "standard weights": ("uniform", False),
}
_EXACT = {N: Experiment(f2, 8, 0.05, 2000, start=Start(samples=N)) for N in SIZES}
_SEEDS = {"data": 6, "weights": 106, "test": 206}
_FILE = Path(__file__).with_name("results") / "poor.npz"
_CONDITIONS = {"replicates": list(REPLICATES), "seeds": _SEEDS}


def sampled(name: str, kind: str, i: int) -> Experiment:
    """The experiment of a replicate.

    Parameters
    ----------
    name : str
        One of `FITS`.
    kind : str
        One of `KINDS`.
    i : int

    Returns
    -------
    Experiment
    """
    return _replica(FITS[name].starting(**KINDS[kind]), i)


def load(name: str, kind: str) -> NDArray[np.float32]:
    """What fits come to.

    Parameters
    ----------
    name : str
        One of `FITS`.
    kind : str
        One of `KINDS`.

    Returns
    -------
    ndarray, shape (replicates, 4)
        The training error; the error on the interval; that on 100 further samples that were drawn
        in the same way, noise and outliers included; and the largest residual on the training set,
        in standard deviations as the median residual has them. Infinite after an overflow.

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    return _all()[name, kind]


def load_random(N: int, how: str) -> NDArray[np.float32]:
    """How descent fares with exact samples of f2.

    Parameters
    ----------
    N : int
        One of `SIZES`.
    how : str
        One of `RANDOM`; of 1000 samples none that is moved.

    Returns
    -------
    ndarray, shape (replicates, 2)
        The error on the interval, and the mean of the outputs of the random set.

    Raises
    ------
    ValueError
        As `load`.
    """
    return _all()[N, how]


def expected(name: str, kind: str) -> NDArray[np.float64]:
    """What error is expected of the best fit, if the network is linear in its weights.

    Parameters
    ----------
    name : str
        One of `FITS`, of best fits.
    kind : str
        One of `KINDS`.

    Returns
    -------
    ndarray, shape (replicates,)
        That of the best network known, and what noise and outliers add: s²/(2N) times the trace of
        A⁻¹B, with the products of the slopes of the output, A on the inputs and B on the interval.
        It is a mean over the noise. That the best weights are others where the inputs are not
        spread like the interval, since no weights represent the function, is left out.
    """
    one = FITS[name]
    variance = one.start.noise**2 + 100 * KINDS[kind].get("outliers", 0)
    least = float(interval_error(one.f, _best(name)))
    return least + _traces(name, kind) * variance / (2 * one.start.samples)


def find_hole(x: ArrayLike) -> tuple[float, float, float]:
    """The largest part of the interval [-5, 5] without an input.

    Parameters
    ----------
    x : array_like, shape (N,)

    Returns
    -------
    begin, end : float
    chance : float
        That of so large a hole among as many uniform inputs is at most this: each of the N + 1
        holes is larger than g with the probability (1 - g/10)^N.
    """
    x = np.sort(np.concatenate([[-5.0, 5.0], check_numbers("x", x)]))
    sizes = np.diff(x)
    k = int(np.argmax(sizes))
    chance = (x.size - 1) * max(0.0, 1 - float(sizes[k]) / 10) ** (x.size - 2)
    return float(x[k]), float(x[k + 1]), min(1.0, chance)


@cache
def chances_of_holes(kind: str) -> NDArray[np.float64]:
    """How likely so large a hole would be by chance, in the sets of 100 samples.

    Parameters
    ----------
    kind : str
        One of `KINDS`.

    Returns
    -------
    ndarray, shape (replicates,)
        As of `find_hole`.
    """
    sets = (sampled("f1, best", kind, i).start.train_set(f1)[0] for i in REPLICATES)
    return np.array([find_hole(x)[2] for x in sets])


def main() -> int:
    """Compute what is missing; return the exit status."""
    tasks = {kept.key(*task): task for task in _tasks().values()}
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, tasks)
    return 0


def _tasks() -> dict[tuple[Any, str], tuple[Experiment, str]]:
    """What is run, by what `load` and `load_random` are asked for."""
    some = ((N, how) for N in SIZES for how in RANDOM if SIZES[0] == N or "moved" not in how)
    tasks: dict[Any, tuple[Experiment, str]] = {(N, how): (_EXACT[N], how) for N, how in some}
    for name, one in FITS.items():
        tasks |= {(name, kind): (one.starting(**more), name) for kind, more in KINDS.items()}
    return tasks


@cache
def _all() -> dict[tuple[Any, str], NDArray[np.float32]]:
    """What is kept, read at one go."""
    tasks, shape = _tasks(), (len(REPLICATES), None)
    names = [kept.key(*task) for task in tasks.values()]
    found = kept.find(_FILE, _CONDITIONS, _EXACT[SIZES[0]], *names, shape=shape, dtype="f4")
    return dict(zip(tasks, found, strict=True))


@cache
def _best(name: str) -> NDArray[np.float64]:
    return search.load(FITS[name].f, FITS[name].h).best


@cache
def _traces(name: str, kind: str) -> NDArray[np.float64]:
    """The trace of A⁻¹B for each replicate, as of `expected`."""
    if "outliers" in KINDS[kind]:
        return _traces(name, "good")  # which has the same inputs
    one, (x, parts) = FITS[name], nodes()
    best = _best(name)
    B = equations(best[None], x, np.asarray(one.f(x)), np.sqrt(parts))[1][0]
    scale = 1 / np.sqrt(np.diagonal(B))
    found = []
    for i in REPLICATES:
        x, y = sampled(name, kind, i).start.train_set(one.f)
        A = equations(best[None], x, y, np.full(x.size, x.size**-0.5))[1][0]
        found.append(A * scale * scale[:, None])
    B = B * scale * scale[:, None]
    # A column of A⁻¹B solves equations of its own, and only its entry on the diagonal counts.
    solved = solve(np.array(found)[:, None], np.tile(B, (len(found), 1, 1)))
    return np.trace(np.where(np.isfinite(solved), solved, np.inf), axis1=1, axis2=2)


def _run(experiment: Experiment, what: str) -> NDArray[np.float32]:
    """A row for each replicate."""
    each = _fit if what in FITS else _descend
    rows = np.array([each(experiment, what, i) for i in REPLICATES])
    return _shorten(np.where(np.isfinite(rows), rows, np.inf).astype("f4"))


def _shorten(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Four digits, rounded in binary, so that the file is small."""
    return ((rows.view("u4") + np.uint32(0x400)) & np.uint32(0xFFFFF800)).view("f4")


def _replica(experiment: Experiment, i: int) -> Experiment:
    return experiment.starting(data=(_SEEDS["data"], i), weights=(_SEEDS["weights"], i))


def _fit(experiment: Experiment, name: str, i: int) -> list[float]:
    """What is kept of a fit, in the order of `load`."""
    one, h = _replica(experiment, i), experiment.h
    x, y = one.start.train_set(one.f)
    if name.endswith("best"):
        w = fit_best(x, y, h, seed=i).weights
    else:
        run = train_quietly(one)
        w = pack(run.U[-1], run.V[-1])
    further = one.starting(data=(_SEEDS["test"], i), samples=100).start.train_set(one.f)
    with np.errstate(all="ignore"):
        e, test = (forward_pass(*unpack(w, h), a) - b for a, b in ((x, y), further))
        largest = float(np.max(np.abs(e)) / (1.4826 * np.median(np.abs(e))))
        errors = [float(sum_over_samples(a * a)) / (2 * a.size) for a in (e, test)]
    return [errors[0], float(interval_error(one.f, w)), errors[1], largest]


def _descend(experiment: Experiment, how: str, i: int) -> list[float]:
    """What is kept of a descent with exact samples, in the order of `load_random`."""
    inputs, moved = RANDOM[how]
    one = _replica(experiment, i)
    mean = float(sum_over_samples(one.start.train_set(one.f)[1])) / one.start.samples
    one = one.starting(inputs=inputs)
    if how == "standard weights":
        one = one.starting(weights=None)
    U, V = one.start.initial_weights(one.h)
    V = V.copy()
    V[..., -1] += mean * moved
    run = train_quietly(one, weights=(U, V))
    return [float(interval_error(one.f, pack(run.U[-1], run.V[-1]))), mean]


if __name__ == "__main__":
    sys.exit(main())
