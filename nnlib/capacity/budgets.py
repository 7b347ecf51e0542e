"""What more epochs buy: the lowest error within a budget, over sizes, rates and initial weights.

And when the training error of each of these runs first rises, if it does.

For the remark of the follow-up that more neurons are like a smaller learning rate, slower and
farther; and its largest network, five times as long as it was run there. `make capacity` computes
what is missing in `nnlib/capacity/results/`.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.experiment import Experiment
from nnlib.network import pack
from nnlib.oscillation.bursts import CALM, find_bursts
from nnlib.pool import workers
from nnlib.targets import f1, f2
from nnlib.training import train_quietly

__all__ = [
    "BUDGETS",
    "LATER",
    "RATES",
    "REPLICATES",
    "SIZES",
    "load",
    "load_first_bursts",
    "load_later",
]

BUDGETS = (500, 1000, 2000, 5000, 10_000, 20_000, 50_000)  # epochs
REPLICATES = 10  # initial weights of the seeds 0, 1, …, with the standard datasets
# The learning rates are those that the document and its follow-up take for many neurons; the sizes
# beside them are those of the follow-up's own comparisons, and three between its two largest.
SIZES = tuple(
    Experiment(f, h, rate, BUDGETS[-1])
    for f, rate, sizes in (
        (f1, 0.1, (2, 3, 5, 8, 12, 20)),
        (f2, 0.05, (2, 3, 5, 8, 12, 14, 16, 18, 20)),
    )
    for h in sizes
)
RATES = tuple(
    Experiment(f, h, rate, BUDGETS[-1])
    for f, h, largest in ((f1, 3, 0.4), (f2, 8, 0.05))
    for rate in (largest, largest / 2, largest / 4, largest / 8)
)
LATER = Experiment(f2, 20, 0.05, 200_000)
EVERY = 1000  # epochs of `LATER` between two whose weights are kept
_CONDITIONS = {"budgets": list(BUDGETS), "calm": CALM, "every": EVERY}
_FILE = Path(__file__).with_name("results") / "budgets.npz"


def load(experiment: Experiment) -> NDArray[np.float64]:
    """The lowest test errors within each budget.

    Parameters
    ----------
    experiment : Experiment
        One of `SIZES` or `RATES`.

    Returns
    -------
    ndarray, shape (REPLICATES, budgets)

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    return _load(experiment)[:, :-1]


def load_first_bursts(experiment: Experiment) -> NDArray[np.float64]:
    """The epochs at which the first bursts begin, as `find_bursts` finds them.

    Parameters
    ----------
    experiment : Experiment
        As of `load`.

    Returns
    -------
    ndarray, shape (REPLICATES,)
        NaN for a run whose training error never rises.

    Raises
    ------
    ValueError
        As `load`.
    """
    return _load(experiment)[:, -1]


def load_later() -> NDArray[np.float64]:
    """The weights of `LATER`, the follow-up's largest network, at every thousandth epoch.

    Returns
    -------
    ndarray, shape (201, 3h-2)
        As `nnlib.network.pack` gives them.

    Raises
    ------
    ValueError
        If the file is damaged or stale.
    """
    shape = LATER.epochs // EVERY + 1, 3 * LATER.h - 2
    return kept.find(_FILE, _CONDITIONS, LATER, kept.key(LATER, "weights"), shape=shape)[0]


def main() -> None:
    """Compute what is missing."""
    tasks: dict[str, tuple[Experiment, int | None]] = {
        kept.key(experiment, "seed", seed): (experiment, seed)
        for experiment in dict.fromkeys((*SIZES, *RATES))
        for seed in range(REPLICATES)
    }
    tasks[kept.key(LATER, "weights")] = (LATER, None)
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, tasks)


def _load(experiment):
    names = (kept.key(experiment, "seed", seed) for seed in range(REPLICATES))
    shape = (len(BUDGETS) + 1,)
    return np.array(kept.find(_FILE, _CONDITIONS, experiment, *names, shape=shape))


def _run(experiment, seed):
    """The lowest errors of a run with new initial weights, and its first burst."""
    if seed is None:  # the standard run: its weights
        run = train_quietly(experiment)
        return pack(run.U[::EVERY], run.V[::EVERY])
    run = train_quietly(experiment.starting(weights=seed))
    bursts = find_bursts(run.train_error)
    lowest = np.fmin.accumulate(run.test_error)[list(BUDGETS)]
    return np.append(lowest, bursts[0][0] if bursts else np.nan)


if __name__ == "__main__":
    main()
