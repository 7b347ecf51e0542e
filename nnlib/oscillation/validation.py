"""The validation of the predictions: bursts as predicted, and as found in real runs.

The one fitted number of the zigzag model has seen the sweep over precisions of the first
experiment, and none of the others. `make oscillation` computes what is missing in
`nnlib/oscillation/results/`.
"""

import warnings
from dataclasses import asdict, dataclass
from math import inf
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.experiment import Experiment
from nnlib.oscillation.bursts import CALM, find_bursts
from nnlib.oscillation.onset import ACCOUNT, rounding_noise, stable_path
from nnlib.pool import workers
from nnlib.targets import f1, f2
from nnlib.training import train

__all__ = ["EXPERIMENTS", "ORDERS", "Comparison", "compare", "load"]

# Sizes and learning rates around those of the document. Each goes on until after the onset that is
# predicted to last, or, where none is, for 4000 epochs at least.
EXPERIMENTS = (
    Experiment(f1, 3, 1, 1000),
    Experiment(f1, 3, 1.1, 800),
    Experiment(f1, 3, 0.9, 1500),
    Experiment(f1, 3, 0.8, 2500),
    Experiment(f1, 2, 1, 1000),
    Experiment(f1, 2, 0.9, 1000),
    Experiment(f1, 4, 1, 2000),
    Experiment(f1, 5, 1, 4000),
    Experiment(f1, 8, 1, 1500),
    Experiment(f2, 6, 0.1, 1000),
    Experiment(f2, 6, 0.09, 1300),
    Experiment(f2, 6, 0.08, 1700),
    Experiment(f2, 8, 0.1, 1200),
    Experiment(f2, 8, 0.09, 1500),
    Experiment(f2, 8, 0.08, 2000),
    Experiment(f1, 3, 1.2, 800),
    Experiment(f1, 4, 1.2, 1500),
    Experiment(f1, 5, 1.2, 1500),
    Experiment(f2, 7, 0.1, 1500),
    Experiment(f2, 10, 0.1, 4000),
    Experiment(f2, 12, 0.1, 4000),
    Experiment(f1, 3, 0.1, 10_000),
    Experiment(f2, 5, 0.1, 4000),
    Experiment(f2, 8, 0.05, 10_000),
)
ORDERS = 9  # odd, so that their median is one of them
_BITS = 53  # of a double
_CONDITIONS = {"account": asdict(ACCOUNT), "bits": _BITS, "calm": CALM, "orders": ORDERS}
_FILE = Path(__file__).with_name("results") / "validation.npz"


@dataclass(frozen=True, eq=False)
class Comparison:
    """What is predicted of an experiment in doubles, and what is seen of it.

    Attributes
    ----------
    experiment : Experiment
    predicted : list of tuple (int, int or None)
        The bursts, as of `StablePath.bursts`.
    crossed : list of int
        For each of those, the epoch at which the sharpness had last crossed its threshold before.
    seen : list of tuple (int, int or None)
        The bursts, as of `find_bursts`, with the samples as drawn.
    best_epochs : ndarray of int, shape (ORDERS,)
        Where the test error is lowest, with the samples as drawn and in the orders of the seeds
        1, 2, …: mathematically the same, but for the rounding.
    """

    experiment: Experiment
    predicted: list[tuple[int, int | None]]
    crossed: list[int]
    seen: list[tuple[int, int | None]]
    best_epochs: NDArray[np.int64]

    @property
    def onset(self) -> int | None:
        """The first epoch of the burst that is predicted to last; None if none is."""
        return next((start for start, end in self.predicted if end is None), None)

    @property
    def observed(self) -> int | None:
        """The median of the best epochs.

        None if it is among the last hundredth of the epochs: then nothing has kept the error from
        falling to the end.
        """
        median = int(np.median(self.best_epochs))
        return median if median < 0.99 * self.experiment.epochs else None

    @property
    def of_all_epochs(self) -> float | None:
        """By what part the onset is predicted too late, of the epochs from the first on."""
        return self._late(0)

    @property
    def of_the_wait(self) -> float | None:
        """By what part the onset is predicted too late, of the epochs since the crossing."""
        return None if self.onset is None else self._late(self.crossed[-1])

    @property
    def false_alarms(self) -> list[tuple[int, int | None]]:
        """The bursts predicted during which none is seen."""
        return _apart(self.predicted, self.seen)

    @property
    def missed(self) -> list[tuple[int, int | None]]:
        """The bursts seen during which none is predicted."""
        return _apart(self.seen, self.predicted)

    def _late(self, since):
        if self.onset is None or self.observed is None:
            return None
        return (self.onset - self.observed) / (self.observed - since)


def _apart(bursts, others):
    """Those bursts that have no epoch in common with any of the others."""

    def meet(one, other):
        return one[0] <= (inf if other[1] is None else other[1])

    return [one for one in bursts if not any(meet(one, o) and meet(o, one) for o in others)]


def compare(experiment: Experiment) -> Comparison:
    """Predict the bursts of an experiment, and train it.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    Comparison
    """
    path = stable_path(experiment)
    predicted = path.bursts(rounding_noise(_BITS))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an overflow is later than the best epoch
        runs = [train(experiment.starting(order=n)) for n in (None, *range(1, ORDERS))]
    crossed = [path.crossing(start) for start, _ in predicted]
    best_epochs = np.array([run.best_epoch for run in runs])
    return Comparison(experiment, predicted, crossed, find_bursts(runs[0].train_error), best_epochs)


def load(experiment: Experiment) -> Comparison:
    """What is kept of an experiment.

    Parameters
    ----------
    experiment : Experiment
        One of `EXPERIMENTS`.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    name = kept.key(experiment)
    (rows,) = kept.find(_FILE, _CONDITIONS, experiment, name, shape=(None, 4), dtype="i8")
    predicted, seen, best = (rows[rows[:, 0] == kind, 1:].tolist() for kind in range(3))

    def bursts(rows):
        return [(start, None if end < 0 else end) for start, end, _ in rows]

    crossed = [crossing for *_, crossing in predicted]
    best_epochs = np.array([epoch for epoch, *_ in best])
    return Comparison(experiment, bursts(predicted), crossed, bursts(seen), best_epochs)


def main() -> None:
    """Compute what is missing."""
    tasks = {kept.key(experiment): (experiment,) for experiment in EXPERIMENTS}
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _rows, tasks)


def _rows(experiment):
    """A comparison as rows: 0, start, end or -1, crossing; 1, start, end or -1; 2, best epoch."""
    found = compare(experiment)
    predicted = zip(found.predicted, found.crossed, strict=True)
    rows = [
        (0, start, -1 if end is None else end, crossing) for (start, end), crossing in predicted
    ]
    rows += [(1, start, -1 if end is None else end, 0) for start, end in found.seen]
    rows += [(2, epoch, 0, 0) for epoch in found.best_epochs]
    return np.array(rows)


if __name__ == "__main__":
    main()
