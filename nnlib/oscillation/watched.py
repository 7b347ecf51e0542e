"""How early angle and flips warn: the first alarms of many runs, by rules fixed beforehand.

`make oscillation` computes what is missing in `nnlib/oscillation/results/`.
"""

from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.experiment import Experiment
from nnlib.history import History
from nnlib.landscape import sharpness
from nnlib.oscillation.signs import alarms, angle_alarms
from nnlib.pool import workers
from nnlib.targets import f1, f2
from nnlib.training import train_quietly

__all__ = ["FRESH", "RULES", "TRIED", "Watched", "load"]

Rule = tuple[str | int, float]
# A sign, the angle or the order of the differences that flip, and by what factor it has to grow.
RULES: tuple[Rule, ...] = tuple(product(("angle", 2, 3, 4), (1, 1.5, 2, 4)))
TRIED = range(100, 102)  # seeds of the runs that the factors were chosen with
FRESH = range(300, 305)  # of others, to judge the rules by
SINCE = 20  # the first epoch at which a rise or an alarm counts
RUNS = tuple(
    Experiment(f, h, rate, 1500)
    for f, sizes, rates in (
        (f1, (2, 3, 4, 6), (0.2, 0.6, 0.8, 1, 1.2)),
        (f2, (6, 8, 12), (0.02, 0.05, 0.08, 0.1, 0.12)),
    )
    for h, rate in product(sizes, rates)
)
_CONDITIONS = {"rules": [list(rule) for rule in RULES], "since": SINCE}
_FILE = Path(__file__).with_name("results") / "watched.npz"


class Watched(NamedTuple):
    """What is kept of a run: where its error first rises, and its first alarms."""

    experiment: Experiment
    rise: int | None
    alarms: dict[Rule, int]  # without the rules that give none
    below: dict[Rule, bool]  # whether rate × sharpness is at most 2 at the alarm


def load(seeds: Iterable[int]) -> list[Watched]:
    """What is kept of the runs from the initial weights of some seeds.

    Parameters
    ----------
    seeds : iterable of int
        Of `TRIED` or `FRESH`.

    Returns
    -------
    list of Watched

    Raises
    ------
    ValueError
        If nothing is kept of a seed, or the file is damaged or stale.
    """
    runs = [run.starting(weights=seed) for run in RUNS for seed in seeds]
    shape = 1 + len(RULES), 2
    return [
        _read(run, kept.find(_FILE, _CONDITIONS, run, kept.key(run), shape=shape)[0])
        for run in runs
    ]


def main() -> None:
    """Compute what is missing."""
    runs = [run.starting(weights=seed) for run in RUNS for seed in (*TRIED, *FRESH)]
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _watch, {kept.key(run): (run,) for run in runs})


def _watch(experiment: Experiment) -> NDArray[np.float64]:
    """Epoch and mark for the rise of the error and the first alarm of each rule."""
    run = train_quietly(experiment)
    found = np.full((1 + len(RULES), 2), np.nan)
    epochs = [_first(np.flatnonzero(np.diff(run.train_error) > 0) + 1)]
    epochs += [_first(_alarms(run, *rule)) for rule in RULES]
    for row, epoch in zip(found, epochs, strict=True):
        if epoch is not None:
            row[:] = epoch, experiment.learning_rate * sharpness(run, [epoch])[0] <= 2
    return found


def _alarms(run: History, sign: str | int, factor: float) -> NDArray[np.int64]:
    """All alarms of a rule."""
    if isinstance(sign, str):
        return angle_alarms(run, factor=factor)
    return alarms(run, order=sign, factor=factor)


def _first(epochs: NDArray[np.int64]) -> int | None:
    """The first that counts."""
    return next((n for n in epochs.tolist() if n >= SINCE), None)


def _read(experiment: Experiment, array: NDArray[np.float64]) -> Watched:
    """An array of the file, with names."""
    rise, *epochs = array[:, 0].tolist()
    alarms = {rule: int(epoch) for rule, epoch in zip(RULES, epochs, strict=True) if epoch == epoch}
    below = {
        rule: bool(mark) for rule, mark in zip(RULES, array[1:, 1], strict=True) if rule in alarms
    }
    return Watched(experiment, int(rise) if rise == rise else None, alarms, below)


if __name__ == "__main__":
    main()
