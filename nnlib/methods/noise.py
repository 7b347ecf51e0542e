"""The noise of batches: what it does near the threshold, and what it leaves when nothing falls.

A batch gives the gradient of all samples and some noise. `load_sharp` has how sharp the valley is
along runs in batches, whose rate is beyond what all samples at once would stand. `load_still` has
the same for noise of the same size that does not look at where the weights are. `load_floor` has
what is left of the error where a run starts at the bottom of its valley, and `floor` foretells it.
`make methods` computes what is missing in `nnlib/methods/results/`.
"""

import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlib import kept, kernel
from nnlib.descent import step
from nnlib.experiment import Experiment
from nnlib.hessian import hessian, largest_eigenvalue
from nnlib.history import Dataset
from nnlib.network import LossGradient, pack, unpack
from nnlib.optimizers.least_squares import fit, spread_weights
from nnlib.pool import workers
from nnlib.start import Start
from nnlib.targets import f1
from nnlib.training import train_quietly

__all__ = [
    "FLOOR",
    "FLOOR_SIZES",
    "LOOKED",
    "MEASURED",
    "RATES",
    "SHARP",
    "SHUFFLES",
    "SIZES",
    "STILL",
    "UPDATES",
    "Sharp",
    "batch_sharpness",
    "bottom",
    "floor",
    "load_floor",
    "load_flow",
    "load_sharp",
    "load_still",
]

SHUFFLES = range(8)
# --- near the threshold: the document's run that shakes, with batches ---
SIZES = (1, 10, 30, 100, 300, 500)
SHARP = {size: Experiment(f1, 3, 1, 1000, batch=size) for size in SIZES}
LOOKED = (*range(50), *range(50, 1001, 10))  # the passes whose sharpness is kept
MEASURED = (30, 100, 300, 1000)  # those whose batch sharpness is
FLOW = Experiment(f1, 3, 0.2, 50_000)  # at a rate that all samples at once stand
EVERY = 100  # of its epochs, whose sharpness is kept
UPDATES, STILL = 3000, (10, 100)  # with noise that does not look at the weights
_DRAWN = 500  # batches for a batch sharpness
# --- from the bottom ---
FLOOR = Experiment(f1, 3, 1, 1000, start=Start(noise=0.1))
RATES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
FLOOR_SIZES = (10, 100, 500)
_SETTLED = 200  # passes that are left out of a mean
_STEPS = 3000  # to a bottom

_FILE = Path(__file__).with_name("results") / "noise.npz"
_CONDITIONS = {
    "shuffles": list(SHUFFLES),
    "looked": [len(LOOKED), *MEASURED, EVERY],
    "updates": UPDATES,
    "drawn": _DRAWN,
    "rates": list(RATES),
    "settled": _SETTLED,
}


class Sharp(NamedTuple):
    """Runs in batches of one size, a row for each of `SHUFFLES`.

    Attributes
    ----------
    error : ndarray, shape (shuffles, passes + 1)
        The training error after each pass.
    sharpness : ndarray, shape (shuffles, looked)
        That of the loss on all samples, after each of `LOOKED`.
    batch : ndarray, shape (shuffles, measured)
        The batch sharpness, after each of `MEASURED`.
    """

    error: NDArray[np.float64]
    sharpness: NDArray[np.float64]
    batch: NDArray[np.float64]


@cache
def load_sharp(size: int) -> Sharp:
    """The sharpness along the runs with batches of a size.

    Parameters
    ----------
    size : int
        One of `SIZES`.

    Returns
    -------
    Sharp

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    epochs = SHARP[size].epochs + 1
    row = _find(SHARP[size], "sharp", (len(SHUFFLES), epochs + len(LOOKED) + len(MEASURED)))
    return Sharp(*np.split(row, (epochs, epochs + len(LOOKED)), axis=1))


@cache
def load_flow() -> NDArray[np.float64]:
    """The sharpness without batches, at a rate that stays below the threshold.

    Returns
    -------
    ndarray, shape (2, epochs / EVERY + 1)
        The training error and the sharpness at every hundredth epoch of `FLOW`.

    Raises
    ------
    ValueError
        As `load_sharp`.
    """
    return _find(FLOW, "flow", (2, FLOW.epochs // EVERY + 1))


@cache
def load_still(size: int) -> NDArray[np.float64]:
    """The sharpness at the end of `UPDATES` updates, with batches and with noise of their size.

    Parameters
    ----------
    size : int
        One of `STILL`.

    Returns
    -------
    ndarray, shape (2, shuffles, 2)
        With batches, and with all samples and the noise that batches of that size would have at
        the same time on the way of small steps: the mean over the last third, at every tenth
        update, of the sharpness and of the training error.

    Raises
    ------
    ValueError
        As `load_sharp`.
    """
    return _find(SHARP[size], "still", (2, len(SHUFFLES), 2))


@cache
def load_floor(size: int, again: bool = False) -> NDArray[np.float64]:
    """What is left of the training error above its least value, in runs that start there.

    Parameters
    ----------
    size : int
        Of the batches, one of `FLOOR_SIZES`.
    again : bool, optional
        Whether each sample is drawn from all, instead of a new order of all for each pass.

    Returns
    -------
    ndarray, shape (rates, shuffles)
        The mean over the passes after the first 200; for each of `RATES`.

    Raises
    ------
    ValueError
        As `load_sharp`.
    """
    one = FLOOR.replaced(batch=size)
    return _find(one, f"floor {again}", (len(RATES), len(SHUFFLES)))


@cache
def bottom() -> tuple[Dataset, NDArray[np.float64], float]:
    """The noisy samples, the weights with the least training error found, and that error.

    Returns
    -------
    train_set : tuple of ndarray, shape (N,)
    weights : ndarray, shape (3h-2,)
    error : float
    """
    x, y = FLOOR.start.train_set(FLOOR.f)
    found = fit(x, y, spread_weights(FLOOR.h, 10, 0), steps=_STEPS)
    best = int(np.argmin(found.error))
    return (x, y), found.weights[best], float(found.error[best])


def batch_sharpness(w: NDArray[np.float64], train_set: Dataset, size: int, seed: int = 0) -> float:
    """How sharp the loss of a batch is along its own gradient.

    Parameters
    ----------
    w : ndarray, shape (3h-2,)
        As `nnlib.network.pack` gives them.
    train_set : tuple of ndarray, shape (N,)
    size : int
        Of the batches.
    seed : int, optional
        Of the batches that are drawn.

    Returns
    -------
    float
        The mean over batches of g·Hg, divided by that of g·g, with their gradients and Hessians.

    Notes
    -----
    Andreyev and Beneventano (2024), 2412.20553.
    """
    (x, y), h, rng = train_set, (w.size + 2) // 3, np.random.default_rng(seed)
    above, below = 0.0, 0.0
    U, V = unpack(w, h)
    for _ in range(_DRAWN):
        part = rng.permutation(x.size)[:size]
        g = LossGradient(x[part], y[part], h).sums(w)[:-1] / size
        H = hessian(U, V, x[part], y[part])
        above += float(np.sum(g * np.sum(H * g, axis=-1)))
        below += float(np.sum(g * g))
    return above / below


def floor(size: int, rate: float, again: bool = False) -> float:
    """What is foretold of `load_floor`, from the curvatures and the scatter at the bottom.

    Parameters
    ----------
    size : int
        Of the batches.
    rate : float
        The learning rate.
    again : bool, optional
        As of `load_floor`.

    Returns
    -------
    float
        For a parabola, and noise that does not change on it.
    """
    N, (curvatures, scatter) = FLOOR.start.samples, _scatter()
    scatter = scatter / size
    steps, passes = N // size, np.arange(_SETTLED, FLOOR.epochs + 1)
    q = 1 - rate * curvatures
    powers = q[:, None] ** np.arange(steps)
    squares = np.sum(powers**2, axis=1)
    if not again:  # the noise of a pass adds up to nothing
        scatter = scatter * (N - size) / (N - 1) * steps / (steps - 1)
        squares = squares - np.sum(powers, axis=1) ** 2 / steps
    # each pass leaves a part of what was there, and adds as much as the one before
    left = q[:, None] ** (2 * steps)
    spread = np.mean(1 - left**passes, axis=1) / (1 - left[:, 0])
    return float(np.sum(curvatures / 2 * rate**2 * scatter * squares * spread))


@cache
def _scatter() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The curvatures at the bottom, and how far the samples' gradients scatter along their axes."""
    (x, y), w, _ = bottom()
    curvatures, axes = np.linalg.eigh(hessian(*unpack(w, FLOOR.h), x, y))
    singles = (LossGradient(x[[n]], y[[n]], FLOOR.h).sums(w)[:-1] for n in range(x.size))
    each = np.array([*singles])
    return curvatures, np.mean(((each - each.mean(axis=0)) @ axes) ** 2, axis=0)


def main() -> int:
    """Compute what is missing; return the exit status."""
    tasks = {kept.key(one, "sharp"): (one, "sharp") for one in SHARP.values()}
    tasks[kept.key(FLOW, "flow")] = FLOW, "flow"
    for size in STILL:
        tasks[kept.key(SHARP[size], "still")] = SHARP[size], "still"
    for size in FLOOR_SIZES:
        for again in (False, True):
            one, what = FLOOR.replaced(batch=size), f"floor {again}"
            tasks[kept.key(one, what)] = one, what
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, tasks)
    return 0


def _find(experiment: Experiment, what: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    return kept.find(_FILE, _CONDITIONS, experiment, kept.key(experiment, what), shape=shape)[0]


def _run(experiment: Experiment, what: str) -> NDArray[np.float64]:
    """What is kept of an experiment."""
    if what == "sharp":
        return np.array([_sharp(experiment, seed) for seed in SHUFFLES])
    if what == "flow":
        run = train_quietly(experiment)
        rows = pack(run.U, run.V)[::EVERY]
        return np.array([run.train_error[::EVERY], _sharpness(rows, run.train_set)])
    if what == "still":
        return np.array(
            [[_still(experiment, seed, still) for seed in SHUFFLES] for still in (False, True)]
        )
    again = what == "floor True"
    return np.array(
        [[_floor(experiment, rate, seed, again) for seed in SHUFFLES] for rate in RATES]
    )


def _sharpness(rows: NDArray[np.float64], train_set: Dataset) -> list[float]:
    U, V = unpack(rows, (rows.shape[-1] + 2) // 3)
    return [largest_eigenvalue(one) for one in hessian(U, V, *train_set)]


def _sharp(experiment: Experiment, seed: int) -> NDArray[np.float64]:
    run = train_quietly(experiment.replaced(shuffle=seed))
    rows = pack(run.U, run.V)
    looked = _sharpness(rows[list(LOOKED)], run.train_set)
    batch = [batch_sharpness(rows[n], run.train_set, experiment.batch or 1) for n in MEASURED]
    return np.concatenate([run.train_error, looked, batch])


def _still(experiment: Experiment, seed: int, still: bool) -> list[float]:
    """Updates one by one, with the noise of batches here or on the way of small steps."""
    size, rate, h = experiment.batch or 1, experiment.learning_rate, experiment.h
    x, y = experiment.start.train_set(experiment.f)
    w = pack(*experiment.start.initial_weights(h))
    slow, rows = _way() if still else (1.0, w[None])
    full, order, found = LossGradient(x, y, h), np.arange(0), []
    rng = np.random.default_rng(seed)
    for n in range(UPDATES):
        if not order.size:
            order = rng.permutation(x.size)
        part, order = order[:size], order[size:]
        some = LossGradient(x[part], y[part], h)
        if still:
            there = rows[round(n * rate / slow)]
            noise = some.sums(there) / size - full.sums(there) / x.size
            g = full.sums(w) / x.size + noise
        else:
            g = some.sums(w) / size
        w = step(w, g[:-1], 1, rate)
        if 3 * (n + 1) > 2 * UPDATES and n % 10 == 0:
            found.append((_sharpness(w[None], (x, y))[0], full.sums(w)[-1] / x.size))
    return np.mean(found, axis=0).tolist()


@cache
def _way() -> tuple[float, NDArray[np.float64]]:
    """The rate and the weights of small steps, as long in time as `UPDATES` of a rate of 1."""
    short = FLOW.replaced(epochs=round(UPDATES / FLOW.learning_rate))
    run = train_quietly(short)
    return FLOW.learning_rate, pack(run.U, run.V)


def _floor(experiment: Experiment, rate: float, seed: int, again: bool) -> float:
    train_set, w, least = bottom()
    errors = _from(train_set, w, rate, experiment, seed, again)
    return float(np.mean(errors[_SETTLED:])) - least


def _from(
    train_set: Dataset,
    w: NDArray[np.float64],
    rate: float,
    experiment: Experiment,
    seed: int,
    again: bool,
) -> NDArray[np.float64]:
    """The training errors of passes from some weights."""
    if not again:
        one = experiment.replaced(learning_rate=rate, shuffle=seed)
        weights = unpack(w, one.h)
        test_set = one.start.test_set(one.f)
        return train_quietly(
            one, train_set=train_set, test_set=test_set, weights=weights
        ).train_error
    x, rng = train_set[0], np.random.default_rng(seed)
    passes, size = experiment.epochs, experiment.batch or 1
    rows, sums = np.empty((passes + 1, w.size)), np.empty((passes + 1, w.size + 1))
    rows[0] = w
    run = kernel.descend(
        train_set,
        train_set,  # the test error of each pass is not looked at
        rate,
        rows,
        sums,
        np.empty(passes + 1),
        batch=size,
        orders=(rng.integers(x.size, size=x.size) for _ in range(passes)),
    )
    for _ in run:
        pass
    return sums[:, -1] / x.size


if __name__ == "__main__":
    sys.exit(main())
