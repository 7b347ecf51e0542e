"""Overfitting, over the epochs: whether the error on the interval turns, when, and how far.

A run *overfits* if its error on the interval ends more than `RISE` times as high as it once was,
and its training error ends lower than it was then. Each run with noise has two beside it, from the
same inputs and initial weights: one without noise, and one with a thousandth of its own noise, by
which the run is foretold to first order (`reply`). `nnlib.data.tangent` foretells the mean over all
noise.
`make data` computes what is missing in `nnlib/data/results/`.
"""

import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.data import tangent
from nnlib.experiment import Experiment
from nnlib.history import History
from nnlib.interval import interval_error, nodes
from nnlib.network import forward_pass, pack
from nnlib.normal import normal
from nnlib.outcome import outcome
from nnlib.pool import workers
from nnlib.start import generator
from nnlib.training import logarithmic, train_quietly

__all__ = [
    "CELLS",
    "EPOCHS",
    "FORETOLD",
    "REPLICATES",
    "RISE",
    "SHAKEN",
    "Curves",
    "beginning",
    "load",
    "load_curves",
    "load_shaken",
    "overfits",
    "reply",
    "with_seed",
]

SEED, REPLICATES, RISE = 3, 200, 1.1
CELLS = {
    name: Experiment.parse(text)
    for name, text in {
        "main": "f1 8 0.1 10000 samples=30 noise=0.3 start=spread",
        "quiet": "f1 8 0.1 10000 samples=30 noise=0.1 start=spread",
        "loud": "f1 8 0.1 10000 samples=30 noise=0.5 start=spread",
        "few": "f1 8 0.1 10000 samples=15 noise=0.3 start=spread",
        "many": "f1 8 0.1 10000 samples=100 noise=0.3 start=spread",
        "small": "f1 8 0.1 10000 samples=30 noise=0.5",
        "large": "f1 8 0.1 10000 samples=30 noise=0.5 scale=100",
        "alike": "f1 8 0.1 10000 samples=30 noise=0.5",  # but for `beginning`
        "f2": "f2 12 0.02 10000 samples=30 noise=3 start=spread",
        "f2 few": "f2 12 0.02 10000 samples=15 noise=3 start=spread",
    }.items()
}
FORETOLD: dict[str, int] = dict.fromkeys(
    ("main", "few", "many", "small", "large", "alike"), 20
)  # of them, how many
SHAKEN = Experiment.parse("f1 3 1 1000 samples=30 noise=0.5")

_EVERY, _TINY = 20, 1000  # epochs from look to look; by what the noise is divided for `reply`
EPOCHS = _EVERY * logarithmic(10_000 // _EVERY, 60)  # of the mean curves
_NUMBERS = ("turn", "low", "rise", "fall", "follows", "test_rise", "test_fall", "score")
_NUMBERS += ("reply_turn", "reply_low", "reply_rise")
_NUMBERS += ("clean_turn", "clean_rise", "clean_fall", "clean_test_rise")
_SHAKEN = ("shakes", "rise", "fall", "follows", "calm_rise", "calm_fall")
_FILE = Path(__file__).with_name("results") / "turning.npz"
_CONDITIONS = {"seed": SEED, "replicates": REPLICATES, "foretold": FORETOLD, "every": _EVERY}


class Curves(NamedTuple):
    """What is seen of a cell and foretold of it, at `EPOCHS`, as means over the replicates.

    Attributes
    ----------
    error, training, clean, reply : ndarray, shape (60,)
        The error on the interval and the training error of the runs with noise, the error of those
        without, and that foretold by `reply`.
    variance : ndarray, shape (60,)
        By how much more the error is for each unit of σ², foretold by `nnlib.data.tangent`: the
        mean over the first `FORETOLD` replicates. NaN for a cell that has none.
    """

    error: NDArray[np.float64]
    training: NDArray[np.float64]
    clean: NDArray[np.float64]
    reply: NDArray[np.float64]
    variance: NDArray[np.float64]


def overfits(rise: NDArray[np.float64], fall: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a run overfits.

    Parameters
    ----------
    rise : ndarray
        Its last error on the interval, over its lowest.
    fall : ndarray
        Its last training error, over that at the epoch of the lowest error on the interval.

    Returns
    -------
    ndarray of bool
    """
    return (rise > RISE) & (fall < 1)


def with_seed(experiment: Experiment, replicate: int) -> Experiment:
    """A replicate of an experiment: other samples, and other initial weights.

    Parameters
    ----------
    experiment : Experiment
    replicate : int

    Returns
    -------
    Experiment
    """
    return experiment.starting(data=(SEED, replicate), weights=(SEED, 1000 + replicate))


def beginning(
    name: str, experiment: Experiment
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """The initial weights of a replicate, where its start does not say them.

    Parameters
    ----------
    name : str
        One of `CELLS`. In ``alike`` the slopes of all neurons are 1 larger than in ``small``: the
        weights are large, and the neurons differ as little as there.
    experiment : Experiment

    Returns
    -------
    tuple of ndarray, or None
    """
    if name != "alike":
        return None
    U, V = experiment.start.initial_weights(experiment.h)
    return U + np.array([1.0, 0.0]), V


def reply(clean: NDArray[np.float64], nearly: NDArray[np.float64]) -> NDArray[np.float64]:
    """The outputs of a network to first order in the noise of its samples.

    Parameters
    ----------
    clean, nearly : ndarray
        The outputs without noise, and with a thousandth of it.

    Returns
    -------
    ndarray
    """
    return clean + _TINY * (nearly - clean)


@cache
def load(name: str) -> dict[str, NDArray[np.float64]]:
    """What became of the replicates of a cell.

    Parameters
    ----------
    name : str
        One of `CELLS`.

    Returns
    -------
    dict of str to ndarray, shape (REPLICATES,)
        Of the error on the interval: the epoch ``turn`` of the lowest, the lowest ``low``, and the
        last over the lowest, ``rise``; the same with ``reply_`` as `reply` foretells them, and with
        ``clean_`` of the run without noise. ``fall`` is the training error at the end over that at
        the turn. Of the document's test set: ``test_rise`` and ``test_fall`` are the same for its
        own turn, and ``follows`` is the correlation of the logarithms of its error and the training
        error. ``score`` is by how many standard errors another test set, of 100 noisy samples, says
        that the network at the end is worse than at the turn.

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    table = _whole(name)[0].reshape(-1, REPLICATES)
    return dict(zip(_NUMBERS, table, strict=True))


@cache
def load_curves(name: str) -> Curves:
    """The mean errors of a cell over the epochs.

    Parameters
    ----------
    name : str
        One of `CELLS`.

    Returns
    -------
    Curves

    Raises
    ------
    ValueError
        As `load`.
    """
    error, training, clean, replied = _whole(name)[1].reshape(-1, len(EPOCHS))
    variance = np.full(len(EPOCHS), np.nan)
    if name in FORETOLD:
        variance = _find(CELLS[name], f"{name} foretold", variance.shape).astype(float)
    return Curves(error, training, clean, replied, variance)


@cache
def load_shaken() -> dict[str, NDArray[np.float64]]:
    """Runs of `SHAKEN`, which may shake and overfit, and their twins with a tenth of the rate.

    Returns
    -------
    dict of str to ndarray, shape (REPLICATES,)
        Whether the run ``shakes``; ``rise``, ``fall`` and ``follows`` as of `load`; and
        ``calm_rise`` and ``calm_fall``, of a run with a tenth of the rate and ten times the epochs.

    Raises
    ------
    ValueError
        As `load`.
    """
    table = _find(SHAKEN, "shaken", (len(_SHAKEN), REPLICATES))
    return dict(zip(_SHAKEN, table.astype(float), strict=True))


def main() -> int:
    """Compute what is missing; return the exit status."""
    tasks = {kept.key(one, name): (one, name) for name, one in CELLS.items()}
    for name in ("shaken", *(f"{name} foretold" for name in FORETOLD)):
        one = CELLS.get(name.removesuffix(" foretold"), SHAKEN)
        tasks[kept.key(one, name)] = one, name
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, tasks)
    return 0


def _find(experiment: Experiment, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    key = kept.key(experiment, name)
    return kept.find(_FILE, _CONDITIONS, experiment, key, shape=shape, dtype="f4")[0]


def _whole(name: str) -> list[NDArray[np.float64]]:
    """What is kept of a cell: the numbers of its replicates, and its mean curves."""
    first = len(_NUMBERS) * REPLICATES
    whole = _find(CELLS[name], name, (first + 4 * len(EPOCHS),)).astype(float)
    return np.split(whole, [first])


def _run(experiment: Experiment, name: str) -> NDArray[np.float32]:
    """What is kept of a cell, or what is foretold of it."""
    if name.endswith(" foretold"):
        name = name.removesuffix(" foretold")
        several = (with_seed(experiment, n) for n in range(FORETOLD[name]))
        found = [_foretell(name, one) for one in several]
        return np.mean(found, axis=0).astype("f4")
    several = (with_seed(experiment, n) for n in range(REPLICATES))
    if name == "shaken":
        return np.array([_measure_shaken(one) for one in several]).T.astype("f4")
    numbers, curves = zip(*(_measure(name, one) for one in several), strict=True)
    return np.append(np.array(numbers).T, np.mean(curves, axis=0)).astype("f4")


def _three(name: str, one: Experiment) -> list[History]:
    """A run without noise, with a thousandth of it, and with all of it."""
    noises = (0.0, one.start.noise / _TINY, one.start.noise)
    weights = beginning(name, one)
    return [train_quietly(one.starting(noise=sd), weights=weights, seen=_EVERY) for sd in noises]


def _errors(one: Experiment, runs: list[History]) -> list[NDArray[np.float64]]:
    """The errors on the interval without noise, as foretold by `reply`, and with noise."""
    x, parts = nodes()
    clean, nearly, noisy = (forward_pass(run.U, run.V, x) - np.asarray(one.f(x)) for run in runs)
    return [(e * e * parts).sum(axis=-1) / 2 for e in (clean, reply(clean, nearly), noisy)]


def _measure(name: str, one: Experiment) -> tuple[list[float], NDArray[np.float64]]:
    """A replicate's numbers, in the order of `_NUMBERS`, and curves, in that of `Curves`."""
    clean, _, noisy = runs = _three(name, one)
    quiet, foretold, error = _errors(one, runs)
    (turn, low, rise, at), foretells, cleans = map(_turn, (error, foretold, quiet), [noisy] * 3)
    *_, test_rise, best = _turn(noisy.test_error, noisy)
    fall, test_fall = (noisy.train_error[-1] / noisy.train_error[n] for n in (at, best))
    score = _score(one, noisy, at)
    clean_fall = clean.train_error[-1] / clean.train_error[cleans[3]]
    clean_test = _turn(clean.test_error, clean)[2]
    follows = _follows(noisy)
    numbers = [turn, low, rise, fall, follows, test_rise, test_fall, score]
    numbers += [*foretells[:3], cleans[0], cleans[2], clean_fall, clean_test]
    curves = np.array([error, noisy.train_error, quiet, foretold])
    return numbers, curves[:, EPOCHS // _EVERY]


def _turn(error: NDArray[np.float64], run: History) -> tuple[float, float, float, int]:
    """The epoch of the lowest error, that error, the last over it, and the row of the epoch."""
    row = int(np.argmin(error))
    return float(run.seen[row]), float(error[row]), float(error[-1] / error[row]), row


def _follows(run: History) -> float:
    """The correlation of the logarithms of the test error and the training error.

    Rounded, as a logarithm is not the same to the last bit on all machines.
    """
    test, train = (
        np.log(error) - np.log(error).mean() for error in (run.test_error, run.train_error)
    )
    return round(float((test * train).sum() / np.sqrt((test**2).sum() * (train**2).sum())), 4)


def _score(one: Experiment, run: History, row: int) -> float:
    """By how many standard errors a noisy test set says that the end is worse than a row."""
    rng = generator((SEED, 2000, *_path(one)))
    x = 10 * rng.random(100) - 5
    y = np.asarray(one.f(x)) + normal(rng, one.start.noise, x.size)
    then, end = (forward_pass(run.U[n], run.V[n], x) - y for n in (row, -1))
    more = (end * end - then * then) / 2
    spread = more.std(ddof=1) / more.size**0.5
    return float(more.mean() / spread) if spread else 0.0


def _path(one: Experiment) -> tuple[int, ...]:
    """The number of a replicate, from the seed of its samples."""
    data = one.start.data
    return data[1:] if isinstance(data, tuple) else ()


def _foretell(name: str, one: Experiment) -> NDArray[np.float64]:
    found = tangent.foretell(one, EPOCHS.tolist(), weights=beginning(name, one))
    return found.variance


def _measure_shaken(one: Experiment) -> list[float]:
    """A replicate's numbers, in the order of `_SHAKEN`."""
    run = train_quietly(one)
    slow = one.replaced(learning_rate=one.learning_rate / 10, epochs=10 * one.epochs)
    calm = train_quietly(slow, seen=_EVERY)
    found = []
    for each in (run, calm):
        *_, rise, row = _turn(interval_error(one.f, pack(each.U, each.V)), each)
        found += [rise, each.train_error[-1] / each.train_error[row]]
    return [float(outcome(run) == "oscillation"), *found[:2], _follows(run), *found[2:]]


if __name__ == "__main__":
    sys.exit(main())
