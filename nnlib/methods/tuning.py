"""Which settings each method of the comparison gets: the best of six, from starts of their own.

All methods, for both functions and three kinds of start, have one budget, counted in sample
gradients: `BUDGET` gradients of all samples. What an epoch of a method takes of it says `cost`. Of
the six settings in `TRIED` the one is taken with which the errors have the lowest geometric mean
from the starts of `SEEDS`; none of these judges a method in `nnlib.methods.comparison`. `make
methods` computes what is missing in `nnlib/methods/results/`.
"""

import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.experiment import Experiment
from nnlib.interval import interval_error
from nnlib.network import pack
from nnlib.pool import workers
from nnlib.start import Start
from nnlib.targets import Target, f1, f2
from nnlib.training import train_quietly

__all__ = [
    "ARRIVED",
    "BUDGET",
    "KINDS",
    "LEVELS",
    "METHODS",
    "PARTS",
    "SEEDS",
    "THROUGH",
    "TRIED",
    "cost",
    "load",
    "ranked",
    "start",
    "tried",
]

SIZES: dict[Target, int] = {f1: 3, f2: 8}
KINDS = "document", "spread", "glorot"
SEEDS = range(100, 106)
BUDGET: dict[Target, int] = {f1: 1000, f2: 2500}  # gradients of all samples
PARTS = (0.1, 0.3, 1.0)  # of the budget, after which errors are kept
# What counts as through, and as arrived, is fixed here before any run: an error of f2 below 2 has
# both waves (see `measures_2.STUCK`), and one below 0.01 is near what the network can do.
THROUGH: dict[Target, float] = {f1: 0.01, f2: 2.0}
ARRIVED: dict[Target, float] = {f1: 1e-8, f2: 0.01}
# Training errors, for which it is kept when a run comes to them.
LEVELS: dict[Target, tuple[float, ...]] = {
    f1: (0.01, 1e-3, 1e-4, 1e-6, 1e-8),
    f2: (20.0, 2.0, 0.1, 0.01, 1e-4),
}

_RATE: dict[Target, float] = {f1: 1.0, f2: 0.1}  # the document's
_OWN = "adagrad", "rmsprop", "adam", "adam-falling", "adam-batches", "rprop", "gauss-newton"
_STEPS = (
    "optimizer=angle",
    "optimizer=angle small=0.01 large=0.1",
    "optimizer=angle up=1.02 down=0.7 patience=1",
    "optimizer=angle patience=1",
)


def _rates(words: str, *rates: float) -> tuple[tuple[float, str], ...]:
    return tuple((rate, words) for rate in rates)


# The learning rate, and the other words. The rate is a multiple of the document's, but for the
# methods that do not follow the size of the gradients.
TRIED: dict[str, tuple[tuple[float, str], ...]] = {
    "descent": _rates("", 0.1, 0.2, 0.4, 0.6, 0.8, 1.0),
    "descent-falling": _rates("schedule=cosine", 0.2, 0.4, 0.8, 1.2, 1.6, 2.4),
    "halving": (
        *_rates("optimizer=halving", 0.5, 1.0, 2.0),
        *_rates("optimizer=halving up=1.05 down=0.7", 0.5, 1.0, 2.0),
    ),
    "armijo": tuple(
        (1.0, f"optimizer=armijo up={up} slope={slope}")
        for up in (2, 1.3, 1.1)
        for slope in (0.0001, 0.3)
    ),
    "barzilai-borwein": _rates("optimizer=barzilai-borwein", 0.01, 0.03, 0.1, 0.3, 1.0, 3.0),
    "angle": (
        *((0.1, words) for words in _STEPS),
        *((1.0, words) for words in _STEPS[2:]),
    ),
    "sharpness": tuple(
        (most, f"optimizer=sharpness product={product}")
        for product in (1.5, 1.8, 1.95)
        for most in (1.0, 10.0)
    ),
    "heavy-ball": (
        *_rates("optimizer=heavy-ball beta=0.9", 0.05, 0.2, 0.8),
        *_rates("optimizer=heavy-ball beta=0.98", 0.02, 0.1, 0.5),
    ),
    "heavy-ball-falling": (
        *_rates("optimizer=heavy-ball beta=0.9 schedule=cosine", 0.1, 0.4, 1.6),
        *_rates("optimizer=heavy-ball beta=0.98 schedule=cosine", 0.04, 0.2, 1.0),
    ),
    "nesterov": (
        *_rates("optimizer=nesterov beta=0.9", 0.05, 0.15, 0.5),
        *_rates("optimizer=nesterov beta=0.98", 0.02, 0.1, 0.4),
    ),
    "adagrad": _rates("optimizer=adagrad", 0.01, 0.03, 0.1, 0.3, 1.0, 3.0),
    "rmsprop": (
        *_rates("optimizer=rmsprop", 0.001, 0.003, 0.01),
        *_rates("optimizer=rmsprop beta=0.99", 0.001, 0.003, 0.01),
    ),
    "adam": _rates("optimizer=adam", 0.001, 0.003, 0.01, 0.03, 0.1, 0.3),
    "adam-falling": _rates("optimizer=adam schedule=cosine", 0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
    "rprop": (
        *_rates("optimizer=rprop", 0.001, 0.01, 0.1),
        *_rates("optimizer=rprop up=1.1 down=0.7", 0.001, 0.01, 0.1),
    ),
    "descent-batches": _rates("schedule=cosine batch=10", 0.05, 0.1, 0.2, 0.4, 0.8, 1.2),
    "adam-batches": _rates(
        "optimizer=adam schedule=cosine batch=10", 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1
    ),
    "gauss-newton": tuple(
        (1.0, f"optimizer=gauss-newton damping={damping}")
        for damping in (0.000001, 0.0001, 0.01, 1, 100, 10000)
    ),
    "lbfgs": tuple(
        (rate, f"optimizer=lbfgs memory={memory}") for memory in (5, 10, 30) for rate in (0.1, 1.0)
    ),
}
METHODS = tuple(TRIED)

_FILE = Path(__file__).with_name("results") / "tuning.npz"
_CONDITIONS = {"parts": list(PARTS), "seeds": list(SEEDS), "levels": [*map(list, LEVELS.values())]}
NAMES = "last", "test", "test_epoch", "best_epoch", "overflow"
COLUMNS = len(PARTS) + len(NAMES) + 5


def cost(f: Target, method: str) -> float:
    """What an epoch of a method computes of each sample, in gradients.

    Parameters
    ----------
    f : callable
        One of `BUDGET`.
    method : str
        One of `METHODS`.

    Returns
    -------
    float
        A gradient takes the products of the error with the 3h-2 derivatives of the output. A
        Gauss-Newton step takes the products of all pairs of these as well, and so does the Hessian
        of the rule by the sharpness. Steps that are taken back are epochs, too. What does not grow
        with the samples is not counted.
    """
    p = 3 * SIZES[f] - 2
    return 1 + (p + 1) / 2 if method in ("gauss-newton", "sharpness") else 1.0


@cache
def tried(f: Target, kind: str, method: str) -> tuple[Experiment, ...]:
    """The six settings of a method.

    Parameters
    ----------
    f : callable
        One of `BUDGET`.
    kind : str
        One of `KINDS`.
    method : str
        One of `METHODS`.

    Returns
    -------
    tuple of Experiment
    """
    unit = 1.0 if method in _OWN else _RATE[f]
    epochs = round(BUDGET[f] / cost(f, method))
    return tuple(
        Experiment.parse(
            f"{f.__name__} {SIZES[f]} {round(rate * unit, 9):.9f} {epochs} {words}"
        ).replaced(start=Start(start=kind))
        for rate, words in TRIED[method]
    )


def start(experiment: Experiment, seed: int) -> Experiment:
    """An experiment from one of the starts: a new training set, new initial weights, a new order.

    Parameters
    ----------
    experiment : Experiment
    seed : int

    Returns
    -------
    Experiment
    """
    if experiment.batch is not None:
        experiment = experiment.replaced(shuffle=2000 + seed)
    return experiment.starting(data=seed, weights=1000 + seed)


def load(f: Target, kind: str, method: str) -> NDArray[np.float64]:
    """The errors of the six settings of a method, from the starts for tuning.

    Parameters
    ----------
    f, kind, method
        As of `tried`.

    Returns
    -------
    ndarray, shape (6, starts)
        On the interval, of the weights with the lowest training error.

    Raises
    ------
    ValueError
        If some are not kept, or the file is damaged or stale.
    """
    return _load(f)[kind, method][..., len(PARTS) - 1]


@cache
def _load(f: Target) -> dict[tuple[str, str], NDArray[np.float64]]:
    """All tables of a function: to read the file takes longer than to look for them."""
    cells = [(kind, method) for kind in KINDS for method in METHODS]
    firsts = [tried(f, *cell)[0] for cell in cells]
    names = [kept.key(one, method) for one, (_, method) in zip(firsts, cells, strict=True)]
    shape = len(TRIED["descent"]), len(SEEDS), COLUMNS
    found = kept.find(_FILE, _CONDITIONS, firsts[0], *names, shape=shape)
    return dict(zip(cells, found, strict=True))


@cache
def ranked(f: Target, kind: str, method: str) -> tuple[Experiment, ...]:
    """The six settings of a method, that with the lowest geometric mean of its errors first.

    Parameters
    ----------
    f, kind, method
        As of `tried`.

    Returns
    -------
    tuple of Experiment

    Raises
    ------
    ValueError
        As `load`.
    """
    means = [float(np.log(errors).mean()) for errors in load(f, kind, method)]
    settings = tried(f, kind, method)
    return tuple(settings[n] for n in sorted(range(len(means)), key=means.__getitem__))


def runs(some: Iterable[Experiment], seeds: Iterable[int]) -> NDArray[np.float64]:
    """What is kept of runs: a table with a row of `COLUMNS` for each start, for each setting."""
    seeds = tuple(seeds)
    return np.array([[_measure(one, seed) for seed in seeds] for one in some])


def main() -> int:
    """Compute what is missing; return the exit status."""
    tasks = {}
    for f in reversed(BUDGET):  # what takes long comes first
        for method in reversed(METHODS):
            for kind in KINDS:
                first = tried(f, kind, method)[0]
                tasks[kept.key(first, method)] = first, f, kind, method
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, tasks)
    return 0


def _run(first: Experiment, f: Target, kind: str, method: str) -> NDArray[np.float64]:
    return runs(tried(f, kind, method), SEEDS)


def _measure(experiment: Experiment, seed: int) -> list[float]:
    """What is kept of a run: the errors after each of `PARTS`, `NAMES`, the epochs of `LEVELS`."""
    run = train_quietly(start(experiment, seed))
    f, weights, errors = experiment.f, pack(run.U, run.V), run.train_error
    best = [int(np.nanargmin(errors[: round(experiment.epochs * part) + 1])) for part in PARTS]
    last = float(interval_error(f, weights[-1]))
    test = int(np.nanargmin(run.test_error))
    below = [errors <= level for level in LEVELS[f]]
    return [
        *interval_error(f, weights[best]),
        last if np.isfinite(last) else np.inf,
        run.test_error[test],
        test,
        best[-1],
        np.inf if run.overflow_epoch is None else run.overflow_epoch,
        *(float(np.argmax(some)) if some.any() else np.inf for some in below),
    ]


if __name__ == "__main__":
    sys.exit(main())
