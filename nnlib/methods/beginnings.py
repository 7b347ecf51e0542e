"""Where one begins: how the ends of runs hang on the initial weights, and on the units of the data.

`KINDS` are starts: the document's weights times a factor, U or V alone times a factor, spread ones,
and Glorot's. `UNITS` divide the inputs and the wanted outputs by a number, which is another start
and a rate for each layer, see `in_units`. Each method has one setting for each cell of kind and
units: the best of the rates in `RATES`, from the starts `TUNING`; it is judged from `STARTS`.
`load` has what became of the runs, and `shares` says how much of it goes with the start, and how
much with the method. `make methods` computes what is missing in `nnlib/methods/results/`.
"""

import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib import kept
from nnlib.elementary import Floats, sigmoid
from nnlib.experiment import Experiment
from nnlib.interval import interval_error, nodes
from nnlib.machine import sum_over_samples
from nnlib.network import flat_V, pack, unpack
from nnlib.optimizers import GaussNewton
from nnlib.optimizers.least_squares import fit
from nnlib.pool import workers
from nnlib.start import UNITS, Start, generator
from nnlib.targets import Target, f1, f2
from nnlib.training import train_quietly

__all__ = [
    "CONTROLS",
    "KINDS",
    "METHODS",
    "RATES",
    "SCALED",
    "SHARES",
    "SIZES",
    "STARTS",
    "THROUGH",
    "TUNING",
    "UNITS_OF",
    "by_chance",
    "cells",
    "epochs_for_ten",
    "experiment",
    "in_units",
    "load",
    "load_tried",
    "shares",
    "shares_with_intervals",
    "variety",
]

STARTS = range(60)  # seeds of the training sets; those of the initial weights are 1000 more
TUNING = range(100, 105)
SIZES: dict[Target, int] = {f1: 3, f2: 8}
EPOCHS: dict[Target, int] = {f1: 3000, f2: 4000}
THROUGH: dict[Target, float] = {f1: 0.001, f2: 2.0}  # an error on the interval below it is through
# The kind of the start, and what its U and V are multiplied by.
KINDS: dict[str, tuple[str, float, float]] = {
    "0.1": ("document", 0.1, 0.1),
    "1": ("document", 1, 1),
    "10": ("document", 10, 10),
    "100": ("document", 100, 100),
    "1000": ("document", 1000, 1000),
    "U": ("document", 100, 1),
    "V": ("document", 1, 100),
    "spread": ("spread", 1, 1),
    "glorot": ("glorot", 1, 1),
}
# Controls for f2: Glorot's weights with neurons that rise at places all over the interval; spread
# weights whose neurons all rise at 0; the document's weights with descent at one rate, since the
# one that was best from the starts for tuning is not the best from others; and what scaled inputs
# are two of, the start alone, in plain units, and the rates alone, from the same network as there.
CONTROLS = {
    "apart": "glorot",
    "together": "spread",
    "slower": "document",
    "flatter": "document",
    "kept": "document",
}
_SLOWER = 0.06
METHODS = {
    "descent": "",
    "adam": "optimizer=adam",
    "gauss-newton": "optimizer=gauss-newton",
}
SCALED = "1", "spread", "glorot"  # the kinds from which other units are tried
UNITS_OF: dict[Target, tuple[str, ...]] = {f1: ("plain", "inputs"), f2: tuple(UNITS)}
# The learning rates that are tried; descent's ten times as large where the outputs are smaller.
_RATES = (0.004, 0.01, 0.025, 0.06, 0.15)
RATES: dict[Target, dict[str, tuple[float, ...]]] = {
    f: {
        "descent": tuple(round(times * rate, 6) for rate in _RATES),
        "adam": (0.003, 0.01, 0.03, 0.1, 0.3),
        "gauss-newton": (),
    }
    for f, times in ((f1, 10), (f2, 1))
}
SHARES = "kind", "method", "both", "luck"

_SEED = 1  # of resamples and permutations
_STEPS = 400  # of Gauss-Newton
_FILE = Path(__file__).with_name("results") / "beginnings.npz"
_NAMES = "rate", "error", "epoch", "last", "variety", "variety_after"
_CONDITIONS = {
    "starts": list(STARTS),
    "tuning": list(TUNING),
    "kinds": {name: list(kind) for name, kind in KINDS.items()},
    "units": {name: list(unit) for name, unit in UNITS.items()},
    "rates": {
        f.__name__: {name: list(tried) for name, tried in of.items()} for f, of in RATES.items()
    },
}


def cells(f: Target) -> list[tuple[str, str, str]]:
    """All methods, kinds and units that are combined.

    Parameters
    ----------
    f : callable
        One of `SIZES`.

    Returns
    -------
    list of (method, kind, units)
        Adam, and units other than the plain ones, only from the kinds of `SCALED`.
    """
    found = [(method, kind, "plain") for method in ("descent", "gauss-newton") for kind in KINDS]
    found += [("adam", kind, "plain") for kind in SCALED]
    for units in UNITS_OF[f][1:]:
        found += [(method, kind, units) for method in ("descent", "adam") for kind in SCALED]
    if f is f2:
        found += [
            (m, k, "plain") for m in ("descent", "gauss-newton") for k in ("apart", "together")
        ]
        found += [("descent", kind, "plain") for kind in ("slower", "flatter")]
        found += [("descent", "kept", units) for units in ("inputs", "outputs")]
    return found


def experiment(f: Target, method: str, kind: str) -> Experiment:
    """What is run from each start, but for its learning rate, its units, and factors of U and V.

    Parameters
    ----------
    f : callable
        One of `SIZES`.
    method : str
        One of `METHODS`.
    kind : str
        One of `KINDS`, or of `CONTROLS`.

    Returns
    -------
    Experiment
    """
    epochs = _STEPS if method == "gauss-newton" else EPOCHS[f]
    words = f"{f.__name__} {SIZES[f]} 1 {epochs} {METHODS[method]}"
    return Experiment.parse(words).replaced(start=Start(start=_plan(kind)[0]))


def in_units(U: Floats, V: Floats, units: str) -> tuple[Floats, Floats]:
    """The weights in scaled units of a network that does the same.

    Parameters
    ----------
    U : ndarray, shape (..., h-1, 2)
    V : ndarray, shape (..., h)
    units : str
        One of `nnlib.start.UNITS`: the inputs are divided by c, the outputs by d.

    Returns
    -------
    U, V : ndarray
        The weights of the input times c, the output weights over d; those of the bias unit that
        the hidden neurons see are the same.

    Notes
    -----
    A step of descent at the rate η in scaled units is a step in plain ones whose rate is η / (c d)²
    for the weights of the input, η / d² for the other ones of U, and η for V.
    """
    c, d = UNITS[units]
    return U * np.array([c, 1.0]), V / d


def variety(weights: ArrayLike) -> NDArray[np.float64]:
    """How many different hidden neurons a network has, by the shapes of their outputs.

    Parameters
    ----------
    weights : array_like, shape (..., 3h-2)

    Returns
    -------
    ndarray, shape (...)
        From 1, if all outputs rise and fall together on the interval [-5, 5], to h-1, if none of
        them goes with another: (h-1)² over the sum of the squares of all correlations. Neurons
        whose output does not change at all count as alike.
    """
    weights = np.asarray(weights, dtype=float)
    h = (weights.shape[-1] + 2) // 3
    x, parts = nodes()
    U, _ = unpack(weights, h)
    with np.errstate(all="ignore"):
        H = sigmoid(U[..., 0, None] * x + U[..., 1, None])
        H = H - sum_over_samples(H * parts)[..., None]
        length = np.sqrt(sum_over_samples(H * H * parts))[..., None]
        H = np.where(length > 0, H / length, 1.0)
        correlations = sum_over_samples(H[..., :, None, :] * H[..., None, :, :] * parts)
        return (h - 1) ** 2 / sum_over_samples(sum_over_samples(correlations**2))


def shares(table: ArrayLike) -> NDArray[np.float64]:
    """How much of a variance goes with the method, how much with the kind of start.

    Parameters
    ----------
    table : array_like, shape (methods, kinds, starts)

    Returns
    -------
    ndarray, shape (4,)
        Parts of the sum of the squares about the mean, as `SHARES` names them: the means of the
        kinds, those of the methods, what the mean of a cell has beyond both, and the rest, within
        the cells.
    """
    table = np.asarray(table, dtype=float)
    mean, cell = table.mean(), table.mean(axis=2)
    kinds, methods = cell.mean(axis=0), cell.mean(axis=1)
    beyond = cell - kinds - methods[:, None] + mean
    parts = [np.mean(part**2) for part in (kinds - mean, methods - mean, beyond)]
    return np.array([*parts, np.mean((table - cell[..., None]) ** 2)]) / np.mean(
        (table - mean) ** 2
    )


def shares_with_intervals(table: ArrayLike, n: int = 400) -> NDArray[np.float64]:
    """The shares with 95 % intervals, by a bootstrap over the starts.

    Parameters
    ----------
    table : array_like, shape (methods, kinds, starts)
    n : int, optional
        How often the starts are drawn anew.

    Returns
    -------
    ndarray, shape (5, 3)
        A row of value, low and high for each of `SHARES`; and one for what goes with the kind as a
        part of what goes with the kind and what goes with the method. The interval is the basic
        one, since starts that are drawn twice make each share of the means larger.
    """
    table, rng = np.asarray(table, dtype=float), np.random.default_rng(_SEED)
    count = table.shape[2]

    def found(some: Floats) -> Floats:
        parts = shares(some)
        return np.append(parts, parts[0] / (parts[0] + parts[1]))

    others = [found(table[..., rng.integers(count, size=count)]) for _ in range(n)]
    value, (low, high) = found(table), np.quantile(others, (0.025, 0.975), axis=0)
    return np.column_stack([value, 2 * value - high, 2 * value - low])


def by_chance(table: ArrayLike, n: int = 400) -> NDArray[np.float64]:
    """The shares of the kind and of the method that 95 % of the tables do not exceed by chance.

    Parameters
    ----------
    table : array_like, shape (methods, kinds, starts)
    n : int, optional
        The number of permutations.

    Returns
    -------
    ndarray, shape (2,)
        For each start, its kinds (or its methods) change their names at random: what is alike for
        all methods (or all kinds) from one start stays together.
    """
    table, rng = np.asarray(table, dtype=float), np.random.default_rng(_SEED)
    limits = []
    for axis, part in ((1, 0), (0, 1)):
        found = []
        for _ in range(n):
            order = rng.permuted(np.tile(np.arange(table.shape[axis]), (table.shape[2], 1)), axis=1)
            index = order.T[None] if axis == 1 else order.T[:, None]
            found.append(shares(np.take_along_axis(table, index, axis))[part])
        limits.append(np.quantile(found, 0.95))
    return np.array(limits)


def epochs_for_ten(x: ArrayLike, y: ArrayLike, learning_rate: float) -> float:
    """How many epochs longer descent stays at the saddle if the weights are a tenth as large.

    Parameters
    ----------
    x, y : array_like, shape (N,)
        The samples, of mean 0 both.
    learning_rate : float

    Returns
    -------
    float
        Near weights of 0 the loss is k/4 U[i, 0] V[i], with the mean k of x y, up to a sign and
        constants. So the sum of the two weights grows by 1 + learning_rate k/4 at each epoch.
    """
    k = abs(np.mean(np.asarray(x) * np.asarray(y)))
    return float(np.log(10) / np.log1p(learning_rate * k / 4))


def load_tried(f: Target, method: str, kind: str, units: str = "plain") -> NDArray[np.float64]:
    """The errors of the rates that were tried, from the starts for tuning.

    Parameters
    ----------
    f, method, kind, units
        As of `load`.

    Returns
    -------
    ndarray, shape (rates, starts)
        On the interval, of the weights with the lowest training error.

    Raises
    ------
    ValueError
        As `load`.
    """
    n = len(_rates(f, method, kind, units))
    return _find(f, method, kind, units)[: n * len(TUNING), 1].reshape(n, len(TUNING))


def load(f: Target, method: str, kind: str, units: str = "plain") -> dict[str, NDArray[np.float64]]:
    """What became of the runs, start by start.

    Parameters
    ----------
    f : callable
        One of `SIZES`.
    method : str
        One of `METHODS`.
    kind : str
        One of `KINDS`, or for f2 one of `CONTROLS`.
    units : str, optional
        One of `UNITS`.

    Returns
    -------
    dict of str to ndarray, shape (starts,)
        The learning ``rate``; the ``error`` on the interval, of the weights with the lowest
        training error; the ``epoch`` of that; the ``last`` error on the interval, inf after an
        overflow; the ``variety`` of the initial weights, and ``variety_after`` that of the weights
        with the lowest training error.

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    table = _find(f, method, kind, units)[-len(STARTS) :]
    return dict(zip(_NAMES, table.T, strict=True))


def main() -> int:
    """Compute what is missing; return the exit status."""
    tasks = {
        _key(f, *cell): (experiment(f, *cell[:2]), f, *cell) for f in SIZES for cell in cells(f)
    }
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, tasks)
    return 0


def _plan(kind: str) -> tuple[str, float, float]:
    """The kind of the start, and what U and V are multiplied by."""
    return (CONTROLS[kind], 1, 1) if kind in CONTROLS else KINDS[kind]


def _key(f: Target, method: str, kind: str, units: str) -> str:
    return kept.key(experiment(f, method, kind), kind, units)


def _find(f: Target, method: str, kind: str, units: str) -> NDArray[np.float64]:
    tables, cell = _tables(f), (method, kind, units)
    if cell not in tables:
        known = "; ".join(map(", ".join, tables))
        raise ValueError(f"nothing is kept of {', '.join(cell)}, but of: {known}")
    return tables[cell]


@cache
def _tables(f: Target) -> dict[tuple[str, str, str], NDArray[np.float64]]:
    """All cells of a function: to read the file takes longer than to look for them."""
    some = cells(f)
    names = [_key(f, *cell) for cell in some]
    one, shape = experiment(f, *some[0][:2]), (None, len(_NAMES))
    return dict(zip(some, kept.find(_FILE, _CONDITIONS, one, *names, shape=shape), strict=True))


def _run(one: Experiment, f: Target, method: str, kind: str, units: str) -> NDArray[np.float64]:
    """A row for each rate and start that tune, then one for each start that judges the best."""
    rates = _rates(f, method, kind, units)
    if method == "gauss-newton":
        return np.array([_measure(one, kind, units, seed) for seed in STARTS])
    tried = [
        [_measure(one.replaced(learning_rate=rate), kind, units, seed) for seed in TUNING]
        for rate in rates
    ]
    best = rates[int(np.argmin([np.log(np.array(rows)[:, 1]).mean() for rows in tried]))]
    one = one.replaced(learning_rate=best)
    judged = [_measure(one, kind, units, seed) for seed in STARTS]
    return np.concatenate([*tried, judged])


def _rates(f: Target, method: str, kind: str, units: str) -> tuple[float, ...]:
    """Those of `RATES`; descent's ten times as large where the outputs are a tenth."""
    if kind == "slower":
        return (_SLOWER,)
    times = UNITS[units][1] if method == "descent" else 1
    return tuple(times * rate for rate in RATES[f][method])


def _measure(one: Experiment, kind: str, units: str, seed: int) -> list[float]:
    """What is kept of a run, in the order of `load`."""
    one, (c, d) = one.starting(data=seed, weights=1000 + seed), UNITS[units]
    x, y = one.start.train_set(one.f)
    U, V = one.start.initial_weights(one.h)
    _, for_U, for_V = _plan(kind)
    U, V = for_U * U, for_V * flat_V(U, V)
    if kind in ("apart", "together"):
        places = 10 * (generator((1000 + seed, 1)).random(one.h - 1) - 0.5)
        U[:, 1] = -U[:, 0] * places if kind == "apart" else 0
    if kind == "spread":  # over the interval of the inputs, whatever their units
        U, _ = in_units(U, V, units)
    if kind == "kept":
        U, V = in_units(U, V, units)
    if kind == "flatter":
        U = U / np.array([UNITS["inputs"][0], 1.0])
    plain = np.array([1 / c, 1.0])  # what `in_units` has done, undone
    first = pack(U * plain, V * d)
    if isinstance(one.optimizer, GaussNewton):  # the kernel takes these steps faster in a fit
        found = fit(x, y, first, steps=one.epochs)
        best, epoch, last = found.weights, found.steps, found.weights
    else:
        samples = x / c, y / d
        few = x[:1] / c, y[:1] / d  # a test error is not looked at
        run = train_quietly(one, train_set=samples, test_set=few, weights=(U, V))
        epoch = int(np.nanargmin(run.train_error))
        best, last = (pack(run.U[n] * plain, run.V[n] * d) for n in (epoch, -1))
    ends = interval_error(one.f, last)
    return [
        one.learning_rate,
        float(interval_error(one.f, best)),
        float(epoch),
        float(ends) if np.isfinite(ends) else np.inf,
        float(variety(first)),
        float(variety(best)),
    ]


if __name__ == "__main__":
    sys.exit(main())
