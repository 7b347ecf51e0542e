"""What noise adds to the error, compared with what was foretold of it.

Descent: 20 sets of inputs, and for each ten draws of noise, the same for all its sizes. The error
over the draws is a bias, the error of their mean output, and a variance; `nnlib.data.tangent` has
foretold both from the inputs. Best fits: 400 training sets, and of each the error on the interval
beyond that of the best network. `make data` computes what is missing in `nnlib/data/results/`.
"""

import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.data.best import fit_best
from nnlib.data.tangent import foretell
from nnlib.experiment import Experiment
from nnlib.interval import interval_error, nodes
from nnlib.network import forward_pass, pack, unpack
from nnlib.normal import normal
from nnlib.optimizers import least_squares
from nnlib.pool import workers
from nnlib.start import Start, generator
from nnlib.targets import Target
from nnlib.training import train_quietly

__all__ = ["BEST", "RUNS", "SIZES", "Seen", "best_network", "load", "load_best", "load_foretold"]

SETS, DRAWS, FITS = 20, 10, 400
SEEN = (10, 32, 100, 316, 562, 1000, 1778, 3162, 5000, 10_000)
_SEED, _BEST_SEED = 2501, 2502
_STARTS, _STEPS = 8, 200  # of the best fit

_Pair = tuple[NDArray[np.float64], NDArray[np.float64]]

# What is run, and the standard deviations of its noise. The first is so small that nothing can be
# but linear.
_RUNS = {
    "f1 3 0.1 10000 samples=10": (0.01, 0.1, 0.3, 1.0),
    "f1 3 0.1 10000 samples=30": (0.01, 0.1, 0.3, 1.0),
    "f1 3 0.1 10000 samples=100": (0.01, 0.1, 0.3, 1.0),
    "f2 8 0.02 5000 samples=100": (0.1, 1.0, 3.0),
    "f2 8 0.02 5000 samples=100 start=spread": (0.1, 1.0, 3.0),
}
RUNS = {Experiment.parse(text): noises for text, noises in _RUNS.items()}
# Networks of other sizes, and those whose neurons are exact duplicates of the one of h = 2.
SIZES = {
    (h, copies): Experiment.parse(f"f1 {h} 0.1 10000 samples=30 start=spread")
    for h, copies in ((2, False), *((h, copies) for copies in (False, True) for h in (3, 5, 8)))
}
SIZE_NOISE = 0.1
_BEST = {
    "f1 2 1 0": ((10, 0.1), (30, 0.1), (100, 0.1), (100, 1.0), (1000, 0.1)),
    "f1 3 1 0": ((30, 0.1), (100, 0.1), (1000, 0.1)),
    "f2 4 1 0": ((30, 1.0), (100, 1.0), (1000, 1.0)),
    "f2 5 1 0": ((100, 1.0), (1000, 1.0)),
}
BEST = tuple(
    Experiment.parse(f"{text} samples={N} noise={noise} data={_BEST_SEED}")
    for text, cells in _BEST.items()
    for N, noise in cells
)

_FILE = Path(__file__).with_name("results") / "excess.npz"
_CONDITIONS = {
    "sets": [SETS, DRAWS, _SEED],
    "fits": [FITS, _BEST_SEED, _STARTS, _STEPS],
    "seen": list(SEEN),
}


class Seen(NamedTuple):
    """What became of noisy runs, a row for each set of inputs, a column for each of `SEEN`.

    Attributes
    ----------
    error : ndarray, shape (sets, seen)
        The mean error on the interval over the draws of the noise.
    variance : ndarray, shape (sets, seen)
        How much of it is the scatter of the outputs about their mean, estimated without bias. The
        rest is the bias.
    """

    error: NDArray[np.float64]
    variance: NDArray[np.float64]


@cache
def load(experiment: Experiment, noise: float, copies: bool = False) -> Seen:
    """What became of noisy runs.

    Parameters
    ----------
    experiment : Experiment
        One of `RUNS`, or of `SIZES`.
    noise : float
        One of its standard deviations.
    copies : bool, optional
        Whether the neurons start as duplicates.

    Returns
    -------
    Seen

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    return Seen(*_find(experiment, f"noise {noise} {copies}", 2))


@cache
def load_foretold(experiment: Experiment, copies: bool = False) -> NDArray[np.float64]:
    """What was foretold of them from runs without noise.

    Parameters
    ----------
    experiment, copies
        As of `load`.

    Returns
    -------
    ndarray, shape (3, sets, seen)
        The bias, the variance for each unit of σ², and the trace of the smoother.

    Raises
    ------
    ValueError
        As `load`.
    """
    return _find(experiment, f"foretold {copies}", 3)


@cache
def load_best(experiment: Experiment) -> NDArray[np.float64]:
    """The error on the interval of the best fits, in units that count weights.

    Parameters
    ----------
    experiment : Experiment
        One of `BEST`.

    Returns
    -------
    ndarray, shape (fits,)
        The excess error, divided by σ²/(2N).

    Raises
    ------
    ValueError
        As `load`.
    """
    name = kept.key(experiment, "best")
    (errors,) = kept.find(_FILE, _CONDITIONS, experiment, name, shape=(FITS,))
    start = experiment.start
    excess = errors - best_network(experiment.f, experiment.h)
    return excess * 2 * start.samples / start.noise**2


@cache
def best_network(f: Target, h: int) -> float:
    """The least error on the interval that was found for networks of a size.

    Parameters
    ----------
    f : callable
        The target function.
    h : int

    Returns
    -------
    float
    """
    x, parts = nodes()
    rows = least_squares.spread_weights(h, 20, 0)
    found = least_squares.fit(x, f(x), rows, parts=parts, outputs=True, steps=1000)
    return float(np.nanmin(found.error))


def main() -> int:
    """Compute what is missing; return the exit status."""
    sizes = [(one, copies, (SIZE_NOISE,)) for (_, copies), one in SIZES.items()]
    tasks = {kept.key(one, "best"): (one, "best") for one in BEST}
    for one, copies, noises in [*((one, False, noises) for one, noises in RUNS.items()), *sizes]:
        for what in ("foretold", *(f"noise {noise}" for noise in noises)):
            tasks[kept.key(one, what, copies)] = one, f"{what} {copies}"
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, tasks)
    return 0


def seen_of(experiment: Experiment) -> list[int]:
    """Those of the epochs `SEEN` that a run has; of a size only the last."""
    last = experiment.epochs
    return [last] if experiment in SIZES.values() else [n for n in SEEN if n <= last]


def _find(experiment: Experiment, what: str, rows: int) -> NDArray[np.float64]:
    shape = rows, SETS, len(seen_of(experiment))
    return kept.find(_FILE, _CONDITIONS, experiment, kept.key(experiment, what), shape=shape)[0]


def _run(experiment: Experiment, what: str) -> NDArray[np.float64]:
    """What is kept of an experiment."""
    kind, *values = what.split()
    if kind == "best":
        return np.array([_fit(experiment, n) for n in range(FITS)])
    copies = values[-1] == "True"
    one = _foretold if kind == "foretold" else _noisy
    rows = [one(experiment, n, copies, *map(float, values[:-1])) for n in range(SETS)]
    return np.swapaxes(rows, 0, 1)


def _fit(experiment: Experiment, n: int) -> float:
    x, y = experiment.starting(data=(_BEST_SEED, n)).start.train_set(experiment.f)
    found = fit_best(x, y, experiment.h, starts=_STARTS, seed=n, steps=_STEPS)
    return float(interval_error(experiment.f, found.weights))


def _weights(experiment: Experiment, copies: bool) -> _Pair | None:
    """The initial weights if they are not the start's: the neuron of h = 2, several times."""
    if not copies:
        return None
    U, V = Start(start="spread").initial_weights(2)
    return np.repeat(U, experiment.h - 1, axis=0), np.append(np.repeat(V[:1], experiment.h - 1), 0)


def _foretold(experiment: Experiment, n: int, copies: bool) -> tuple[NDArray[np.float64], ...]:
    one = experiment.starting(data=(_SEED, n))
    found = foretell(one, seen_of(one.starting(data=None)), weights=_weights(one, copies))
    return found.bias, found.variance, found.trace


def _noisy(experiment: Experiment, n: int, copies: bool, noise: float) -> _Pair:
    one, seen = experiment.starting(data=(_SEED, n)), seen_of(experiment)
    (x, y), (between, parts) = one.start.train_set(one.f), nodes()
    rows: list[NDArray[np.float64]] = []
    for draw in normal(generator((_SEED, n, 1)), 1.0, (DRAWS, x.size)):
        run = train_quietly(
            one,
            train_set=(x, y + noise * draw),
            test_set=(x[:1], y[:1]),  # the test error is not looked at
            weights=_weights(one, copies),
            seen=seen,
        )
        rows.append(pack(run.U, run.V)[-len(seen) :])
    weights = np.array(rows)
    outputs = forward_pass(*unpack(weights, one.h), between)
    error = interval_error(one.f, weights).mean(axis=0)
    variance = np.sum(outputs.var(axis=0, ddof=1) * parts, axis=-1) / 2
    return error, variance


if __name__ == "__main__":
    sys.exit(main())
