"""What helps against noise: a penalty, an early stop, fewer neurons, more samples, an average.

Each replicate has its own noisy training set and initial weights. All remedies are tried on it, and
each setting twice: on all samples, and on four fifths of them, while the rest *validates*. So the
setting that the held-back fifth chooses can be compared with that of an *oracle*, which sees the
error on the interval. `load_foretold` returns predictions from pairs of runs, one without noise and
one with a thousandth of it. `make data` computes what is missing in `nnlib/data/results/`.
"""

import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.datasets import get_test_set
from nnlib.experiment import Experiment
from nnlib.history import Dataset
from nnlib.interval import interval_error, nodes
from nnlib.machine import sum_over_samples
from nnlib.network import forward_pass, loss, pack, unpack
from nnlib.pool import workers
from nnlib.start import Start
from nnlib.targets import Target
from nnlib.training import logarithmic, train_quietly

__all__ = [
    "FIXED",
    "FOLDS",
    "FORETOLD",
    "PENALTIES",
    "REMEDIES",
    "REPLICATES",
    "SIZES",
    "TASKS",
    "TESTS",
    "load",
    "load_foretold",
    "seen",
]

TASKS = {
    "f1": Experiment.parse("f1 8 0.5 2000 noise=0.5 start=spread"),
    "f2": Experiment.parse("f2 12 0.1 4000 noise=3 start=spread"),
}
REPLICATES = {("f1", 30): 200, ("f1", 300): 100, ("f2", 30): 200, ("f2", 300): 50}
PENALTIES = (0.0, 0.0003, 0.001, 0.003, 0.01, 0.03)
SIZES = {"f1": (2, 3, 5, 8), "f2": (4, 6, 8, 12)}
# Of all, the epoch to stop at and the penalty that did best with 30 samples of other seeds.
FIXED = {"f1": (76, 0.003), "f2": (800, 0.003)}
FOLDS = 5  # of which one is held back; and starts whose outputs are averaged
TESTS = (10, 100, 1000)  # samples of a test set by which something is chosen
REMEDIES = ("stop", "penalty", "size")  # those with a setting to be chosen
FORETOLD = 20  # replicates whose inputs and initial weights are used to foretell
SEED = 51  # of the samples; that of the weights is one more, of the tests two more

_SEEN = 20
_BLOCK = 20  # replicates that are computed and kept together
_TINY = 1e-3  # of the noise: the response to it is linear, and is multiplied again
# What is kept of a replicate: how many numbers of each.
_COLUMNS = {
    "stop": _SEEN,
    "penalty": len(PENALTIES),
    "size": 4,
    **{f"{name}_{what}": 1 for name in REMEDIES for what in ("chosen", "held")},
    "more": 1,
    "average": 3,
    "crossed": 1,
    "true": len(TESTS),
    "promised": len(TESTS),
    "fresh": len(TESTS),
    "nearest": len(PENALTIES),
}
_FILE = Path(__file__).with_name("results") / "remedies.npz"
_CONDITIONS: dict[str, Any] = {
    "penalties": list(PENALTIES),
    "sizes": list(map(list, SIZES.values())),
    "folds": FOLDS,
    "tests": list(TESTS),
    "seed": SEED,
    "tiny": _TINY,
}


def seen(task: str) -> NDArray[np.int64]:
    """The epochs at which a run may be stopped.

    Parameters
    ----------
    task : str
        One of `TASKS`.

    Returns
    -------
    ndarray of int, shape (20,)
        Logarithmic; the last is the end of the budget.
    """
    return logarithmic(TASKS[task].epochs, _SEEN + 1)[1:]


@cache
def load(task: str, samples: int) -> dict[str, NDArray[np.float64]]:
    """The errors with each remedy, replicate by replicate.

    Parameters
    ----------
    task : str
        One of `TASKS`.
    samples : int
        30 or 300.

    Returns
    -------
    dict of str to ndarray, shape (replicates, ...)
        Errors on the interval: ``stop`` after each of `seen`, ``penalty`` with each of `PENALTIES`,
        ``size`` with each of `SIZES`. Of each of these three the place of the setting that a fifth
        of the samples chooses (``_chosen``), and the error of the network that it was tried on,
        which has not seen that fifth (``_held``). ``more``: with twice as many samples.
        ``average``: the mean error of five starts, the error of the mean of their outputs, and that
        of five starts of which each is stopped by another fifth. ``crossed``: stopped where the
        mean of these five validation errors is lowest. For each of `TESTS` the error on the
        interval of that network, of all settings, which has the lowest test error (``true``), that
        test error (``promised``), and the error of this network on a second test set (``fresh``);
        both less what the same test set finds too much in the network at the end of the run, so
        that the luck that all networks share is left out. For each penalty the place in `seen`
        where the stopped run is ``nearest``.

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    widths = list(_COLUMNS.values())
    table = _find(task, samples, "runs", REPLICATES[task, samples], sum(widths))
    parts = np.split(table, np.cumsum(widths)[:-1], axis=1)
    return dict(zip(_COLUMNS, parts, strict=True))


@cache
def load_foretold(task: str, samples: int) -> dict[str, NDArray[np.float64]]:
    """What runs that see next to no noise foretell.

    Parameters
    ----------
    task, samples
        As of `load`.

    Returns
    -------
    dict of str to ndarray
        ``stop``, shape (20, 2, 20) and ``penalty``, shape (20, 2, 6): for each of `FORETOLD` inputs
        the error on the interval without noise, and how much noise adds if the weights respond to
        it linearly. ``nearest``, shape (20, 6), as of `load`. ``weights``, shape (20,): the mean
        square of the weights at the end of the run. Both are of runs without noise.

    Raises
    ------
    ValueError
        As `load`.
    """
    n = _SEEN + len(PENALTIES)
    table = _find(task, samples, "foretold", FORETOLD, 2 * n + len(PENALTIES) + 1)
    both, nearest = table[:, : 2 * n].reshape(-1, 2, n), table[:, 2 * n : -1]
    stop, penalty = both[..., :_SEEN], both[..., _SEEN:]
    return {"stop": stop, "penalty": penalty, "nearest": nearest, "weights": table[:, -1]}


def main() -> int:
    """Compute what is missing; return the exit status."""
    tasks: dict[str, tuple[Any, ...]] = {}
    for (task, samples), n in REPLICATES.items():
        one = TASKS[task].starting(samples=samples)
        for what, number in (("foretold", FORETOLD), ("runs", n)):
            for name, some in _blocks(one, what, number):
                tasks[name] = one, what, task, some
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, tasks)
    return 0


def _blocks(one: Experiment, what: str, number: int) -> list[tuple[str, range]]:
    """The replicates that are kept together, by their key."""
    blocks = [range(first, min(first + _BLOCK, number)) for first in range(0, number, _BLOCK)]
    return [(kept.key(one, what, some.start), some) for some in blocks]


def _find(task: str, samples: int, what: str, number: int, width: int) -> NDArray[np.float64]:
    one = TASKS[task].starting(samples=samples)
    names = [name for name, _ in _blocks(one, what, number)]
    found = kept.find(_FILE, _CONDITIONS, one, *names, shape=(None, width), dtype="f4")
    return np.concatenate(found).astype(float)


def _run(one: Experiment, what: str, task: str, some: range) -> NDArray[np.float32]:
    """A row for each of some replicates."""
    function = _foretell if what == "foretold" else _measure
    return np.array([function(one, task, i) for i in some], dtype="f4")


def _drawn(one: Experiment, i: int, start: int = 0) -> Experiment:
    """A replicate's samples, and one of its initial weights."""
    return one.starting(data=(SEED, i), weights=(SEED + 1, i, start))


def _train(one: Experiment, samples: Dataset, *epochs: int) -> NDArray[np.float64]:
    """The weights of a run after some epochs, or the last."""
    test = get_test_set(one.f)  # which is not looked at
    run = train_quietly(one, train_set=samples, test_set=test, seen=epochs or (one.epochs,))
    return pack(run.U, run.V)[-len(epochs or (0,)) :]


def _outputs(rows: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    return forward_pass(*unpack(rows, (rows.shape[-1] + 2) // 3), x)


def _test(rows: NDArray[np.float64], samples: Dataset) -> NDArray[np.float64]:
    """The errors of networks on some samples."""
    x, y = samples
    return loss(_outputs(rows, x) - y)


def _foretell(one: Experiment, task: str, i: int) -> list[float]:
    """The row of a replicate that `load_foretold` reads."""
    ways, rows = [one.replaced(penalty=penalty) for penalty in PENALTIES[1:]], []
    for noise in (0.0, _TINY * one.start.noise):
        samples = _drawn(one, i).starting(noise=noise).start.train_set(one.f)
        path = _train(_drawn(one, i), samples, *seen(task).tolist())
        ends = [path[-1:], *[_train(_drawn(way, i), samples) for way in ways]]
        rows.append(np.concatenate([path, *ends]))
    x, parts = nodes()
    o, moved = (_outputs(row, x) for row in rows)
    added = sum_over_samples((moved - o) ** 2 * parts) / 2 / _TINY**2
    square = np.mean(rows[0][_SEEN - 1] ** 2)
    return [*interval_error(one.f, rows[0]), *added, *_nearest(rows[0]), float(square)]


def _measure(one: Experiment, task: str, i: int) -> NDArray[np.float64]:
    """What is kept of a replicate, in the order of `_COLUMNS`."""
    f, drawn, every = one.f, _drawn(one, i), seen(task).tolist()
    x, y = drawn.start.train_set(f)
    # The samples are drawn at random, so every fifth of them is a random fifth.
    parts = [np.arange(x.size) % FOLDS == k for k in range(FOLDS)]
    folds = [((x[~part], y[~part]), (x[part], y[part])) for part in parts]
    most, fifth = folds[0]
    whole, held = _train(drawn, (x, y), *every), _train(drawn, most, *every)
    ways = {
        "penalty": [drawn.replaced(penalty=penalty) for penalty in PENALTIES],
        "size": [drawn.replaced(h=h) for h in SIZES[task]],
    }
    tried, held_back = {"stop": [whole]}, {"stop": [held]}
    for name, some in ways.items():  # one of each is the run that there is already
        tried[name] = [whole[-1:] if way == drawn else _train(way, (x, y)) for way in some]
        held_back[name] = [held[-1:] if way == drawn else _train(way, most) for way in some]
    found: dict[str, Any] = {}
    for name in REMEDIES:
        found[name] = _errors(f, tried[name])
        valid = np.concatenate([_test(rows, fifth) for rows in held_back[name]])
        found[f"{name}_chosen"] = place = np.argmin(valid)
        found[f"{name}_held"] = _errors(f, held_back[name])[place]
    doubled = drawn.starting(samples=2 * x.size)
    found["more"] = _errors(f, [_train(doubled, doubled.start.train_set(f))])

    ends, stopped, crossed = [whole[-1:]], [], np.zeros(_SEEN)
    for k, (most, fifth) in enumerate(folds):
        other, rows = _drawn(one, i, k), held
        if k:
            ends.append(_train(other, (x, y)))
            rows = _train(other, most, *every)
        errors = _test(rows, fifth)
        stopped.append(rows[[np.argmin(errors)]])
        crossed += errors
    between, weights = nodes()
    wanted = np.asarray(f(between))
    averages = [_outputs(np.concatenate(some), between).mean(axis=0) for some in (ends, stopped)]
    averaged = [sum_over_samples((o - wanted) ** 2 * weights) / 2 for o in averages]
    found["average"] = np.array([np.mean(_errors(f, ends)), *averaged])
    found["crossed"] = found["stop"][np.argmin(crossed)]

    true, tests = np.concatenate([found[name] for name in REMEDIES]), []
    for n in TESTS:
        sets = [
            Start(samples=n, noise=one.start.noise, data=(SEED + 2, i, n, k)).train_set(f)
            for k in (0, 1)
        ]
        first, fresh = (
            np.concatenate([_test(rows, test) for some in tried.values() for rows in some])
            for test in sets
        )
        best, last = int(np.argmin(first)), _SEEN - 1
        luck = [errors[last] - true[last] for errors in (first, fresh)]
        tests.append([true[best], first[best] - luck[0], fresh[best] - luck[1]])
    found |= dict(zip(("true", "promised", "fresh"), np.transpose(tests), strict=True))

    found["nearest"] = _nearest(np.concatenate([whole, *tried["penalty"]]))
    return np.concatenate([np.ravel(found[name]) for name in _COLUMNS])


def _nearest(rows: NDArray[np.float64]) -> NDArray[np.int64]:
    """Where the path, which comes first, is nearest to each of the networks with a penalty."""
    x, parts = nodes()
    path, penalised = np.split(_outputs(rows, x), [_SEEN])
    return np.argmin(sum_over_samples((path - penalised[:, None]) ** 2 * parts), axis=1)


def _errors(f: Target, networks: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """On the interval, of networks of several sizes."""
    return np.concatenate([interval_error(f, rows) for rows in networks])


if __name__ == "__main__":
    sys.exit(main())
