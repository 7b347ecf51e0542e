"""A rate for each weight, from many starts: how low they come, and when duplicates separate.

As in `nnlib.methods.steps`: each method has six rates, tried from the starts for tuning, and is
judged with the best of them from others. Of f1 there are longer runs, too, which say when the two
working neurons are duplicates and when they separate. `make methods` computes what is missing in
`nnlib/methods/results/`.
"""

import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.elementary import Floats
from nnlib.experiment import Experiment
from nnlib.history import History
from nnlib.interval import interval_error
from nnlib.methods.steps import DOCUMENT, STARTS, TUNING, chosen
from nnlib.network import pack
from nnlib.oscillation.momentum import separation
from nnlib.pool import workers
from nnlib.targets import Target, f1, f2
from nnlib.training import train_quietly

__all__ = [
    "AGAIN",
    "ALIKE",
    "COPIES",
    "LEVELS",
    "LONGER",
    "METHODS",
    "RATES",
    "best_rate",
    "load",
    "load_again",
    "load_copies",
]

METHODS = "adagrad", "rmsprop", "adam", "rprop"
# Of these the duplicates are looked at: at their best rates; with Adam also at a tenth of it, and
# with heavy ball at that of descent.
COPIES = "descent", "heavy ball", "slow adam", *METHODS
AGAIN = range(200, 240)  # other starts, for what was noticed from the first ones
RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
LONGER = 4000  # epochs in which duplicates may separate
ALIKE = 0.1  # as in the ledger: duplicates differ by less than a tenth of their length
LEVELS = (0.1, 0.01, 0.003)  # of the training error, at which neurons are compared
_FILE = Path(__file__).with_name("results") / "weightwise.npz"
_CONDITIONS = {
    "starts": list(STARTS),
    "tuning": list(TUNING),
    "rates": list(RATES),
    "longer": LONGER,
    "levels": list(LEVELS),
    "again": list(AGAIN),
}


@cache
def load(f: Target, method: str) -> tuple[Floats, Floats]:
    """The errors on the interval, of the weights with the lowest training error.

    Parameters
    ----------
    f : callable
        One of `nnlib.methods.steps.DOCUMENT`.
    method : str
        One of `METHODS`.

    Returns
    -------
    tuned : ndarray, shape (6, tuning starts)
        With each of `RATES`.
    judged : ndarray, shape (starts,)
        With the best of them, from the starts of `nnlib.methods.steps`.

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    one, n = _experiment(f, method, 1.0), len(RATES) * len(TUNING)
    (row,) = kept.find(_FILE, _CONDITIONS, one, kept.key(one), shape=(n + len(STARTS),))
    return row[:n].reshape(len(RATES), -1), row[n:]


def best_rate(f: Target, method: str) -> float:
    """The rate with the lowest geometric mean of the errors from the starts for tuning.

    Parameters
    ----------
    f, method
        As of `load`; or one of `COPIES`. The rate of descent is that of `nnlib.methods.steps`.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        As `load`.
    """
    if method in ("descent", "heavy ball"):
        return chosen(f, "constant").learning_rate
    if method == "slow adam":
        return best_rate(f, "adam") / 10
    return RATES[_best(load(f, method)[0])]


@cache
def load_again(method: str) -> Floats:
    """The errors on the interval for f2, from the starts `AGAIN`.

    Parameters
    ----------
    method : str
        ``descent``, or one of `METHODS`.

    Returns
    -------
    ndarray, shape (starts,)
        As the second of `load`, with the same rate.

    Raises
    ------
    ValueError
        As `load`.
    """
    one = _experiment(f2, method, 1.0)
    return kept.find(_FILE, _CONDITIONS, one, kept.key(one, "again"), shape=(len(AGAIN),))[0]


@cache
def load_copies(method: str) -> dict[str, Floats]:
    """When the two working neurons of (f1, 3) are duplicates, and when they separate.

    Parameters
    ----------
    method : str
        One of `COPIES`.

    Returns
    -------
    dict of str to ndarray
        ``alike``, shape (starts,): the first epoch at which they differ by less than `ALIKE`;
        ``parted``: the first one after it at which they differ by more; ``parted late``: the same
        from the error of 0.01 on, if they are alike then. All of them inf if there is none.
        ``epoch`` and ``apart``, shape (starts, levels): the first epoch with a training error below
        each of `LEVELS`, inf if there is none, and how far they are apart then, NaN if there is
        none; see `nnlib.oscillation.momentum.separation`.

    Raises
    ------
    ValueError
        As `load`.
    """
    one, n = _experiment(f1, method, 1.0), len(LEVELS)
    shape = len(STARTS), 3 + 2 * n
    (rows,) = kept.find(_FILE, _CONDITIONS, one, _name(one, method, "copies"), shape=shape)
    names = dict(zip(("alike", "parted", "parted late"), rows.T, strict=False))
    return names | {"epoch": rows[:, 3 : 3 + n], "apart": rows[:, 3 + n :]}


def main() -> int:
    """Compute what is missing; return the exit status."""
    tasks: dict[str, tuple[Experiment | str, ...]] = {}
    for f in DOCUMENT:
        for method in METHODS:
            one = _experiment(f, method, 1.0)
            tasks[kept.key(one)] = one, method
    for what, f, methods in (
        ("copies", f1, COPIES),
        ("again", f2, ("descent", *METHODS)),
    ):
        for method in methods:
            one = _experiment(f, method, 1.0)
            tasks[_name(one, method, what)] = one, method, what
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, tasks)
    return 0


def _experiment(f: Target, method: str, rate: float) -> Experiment:
    plain = DOCUMENT[f]
    name = {"slow adam": "adam", "heavy ball": "heavy-ball beta=0.9"}.get(method, method)
    more = "" if method == "descent" else f" optimizer={name}"
    return Experiment.parse(f"{f.__name__} {plain.h} {rate} {plain.epochs}{more}")


def _name(one: Experiment, method: str, what: str) -> str:
    return kept.key(one, what, *["slow"] * (method == "slow adam"))


def _best(tuned: Floats) -> int:
    return int(np.log(tuned).mean(axis=1).argmin())


def _run(first: Experiment, method: str, what: str = "") -> Floats:
    """What `load` or `load_again` give, in one row, or `load_copies`, in a row for each start."""
    if what:
        rate = _tuned_rate(first, method)
        best = first.replaced(learning_rate=rate)
        if what == "again":
            return np.array([_error(best, seed) for seed in AGAIN])
        longer = best.replaced(epochs=LONGER)
        return np.array([_part(_train(longer, seed)) for seed in STARTS])
    tuned = _tune(first)
    best = first.replaced(learning_rate=RATES[_best(tuned)])
    return np.append(tuned, [_error(best, seed) for seed in STARTS])


def _tune(first: Experiment) -> Floats:
    experiments = [first.replaced(learning_rate=rate) for rate in RATES]
    return np.array([[_error(one, seed) for seed in TUNING] for one in experiments])


def _tuned_rate(first: Experiment, method: str) -> float:
    """As `best_rate`, from runs that are made again: a task needs no other."""
    if method in ("descent", "heavy ball"):
        return best_rate(first.f, method)
    return RATES[_best(_tune(first))] / (10 if method == "slow adam" else 1)


def _train(experiment: Experiment, seed: int) -> History:
    return train_quietly(experiment.starting(data=seed, weights=1000 + seed))


def _error(experiment: Experiment, seed: int) -> float:
    run = _train(experiment, seed)
    best = int(np.nanargmin(run.train_error))
    return float(interval_error(experiment.f, pack(run.U[best], run.V[best])))


def _part(run: History) -> list[float]:
    """A row of `load_copies`."""
    apart = np.array([separation(row) for row in pack(run.U, run.V)])
    alike = _first(apart < ALIKE)
    later = np.arange(len(apart)) > alike
    parted = later & (apart > ALIKE)
    reached = [_first(run.train_error < level) for level in LEVELS]
    at = [np.nan if epoch == np.inf else apart[int(epoch)] for epoch in reached]
    late = np.inf
    if (start := reached[LEVELS.index(0.01)]) < np.inf and at[LEVELS.index(0.01)] < ALIKE:
        late = _first((np.arange(len(apart)) > start) & (apart > ALIKE))
    return [alike, _first(parted), late, *reached, *np.round(at, 6)]


def _first(events: NDArray[np.bool_]) -> float:
    return float(np.argmax(events)) if events.any() else np.inf


if __name__ == "__main__":
    sys.exit(main())
