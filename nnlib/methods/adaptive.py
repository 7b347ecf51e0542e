"""Learning rates that follow the angle between gradients, as the follow-up proposes, tried out.

One start says little about a rule, so `load` has the errors from many. `make methods` computes what
is missing in `nnlib/methods/results/`.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.experiment import Experiment
from nnlib.history import History
from nnlib.network import pack
from nnlib.optimizers import Angle
from nnlib.pool import workers
from nnlib.targets import f1, f2
from nnlib.training import train_quietly

__all__ = ["CONSTANT", "RULES", "SEEDS", "STARTS", "load", "rates"]

SEEDS = 64  # initial weights of the seeds 0, 1, …, with the standard datasets
# Where the rules begin: a tenth of the rates with which the document's runs oscillate.
STARTS = (Experiment(f1, 3, 0.1, 2000), Experiment(f2, 8, 0.01, 2000))
# The best of a dozen constant rates, from the standard weights.
CONSTANT = (Experiment(f1, 3, 0.8, 2000), Experiment(f2, 8, 0.08, 2000))
# Settings of the rule that the follow-up proposes; it names no numbers.
RULES = {
    "patient": Angle(small=0.1, large=1, up=1.1, down=0.5, patience=10),
    "cautious": Angle(small=0.01, large=0.1, up=1.1, down=0.5, patience=10),
    "gentle": Angle(small=0.1, large=1, up=1.02, down=0.7, patience=1),
    "greedy": Angle(small=0.1, large=1, up=1.1, down=0.5, patience=1),
}
_RUNS = (
    *(start.replaced(optimizer=rule) for rule in RULES.values() for start in STARTS),
    *CONSTANT,
)
_CONDITIONS = {"seeds": SEEDS}
_FILE = Path(__file__).with_name("results") / "adaptive.npz"


def rates(history: History) -> NDArray[np.float64]:
    """The learning rates that a run along its gradients has taken.

    Parameters
    ----------
    history : History
        Of an optimizer whose steps are a number times the gradient, such as `Angle`.

    Returns
    -------
    ndarray, shape (epochs,)
        The length of each step, divided by that of the gradient; NaN where there is none.
    """
    history.check_whole("the length of each step")
    steps = np.diff(pack(history.U, history.V), axis=0)
    with np.errstate(all="ignore"):
        return np.sqrt(np.sum(steps**2, axis=1)) / history.gradient_norm


def load(experiment: Experiment) -> NDArray[np.float64]:
    """The lowest training errors of runs from many initial weights.

    Parameters
    ----------
    experiment : Experiment
        One of `STARTS` with one of `RULES`, or one of `CONSTANT`.

    Returns
    -------
    ndarray, shape (SEEDS,)
        NaN for a run that overflows.

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    if experiment not in _RUNS:
        known = ", ".join(map(str, _RUNS))
        raise ValueError(f"{_FILE.name} has no runs of {experiment}; it has {known}")
    return kept.find(_FILE, _CONDITIONS, experiment, kept.key(experiment), shape=(SEEDS,))[0]


def main() -> int:
    """Compute what is missing; return the exit status."""
    tasks = {kept.key(experiment): (experiment,) for experiment in _RUNS}
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _lowest, tasks)
    return 0


def _lowest(experiment):
    """The lowest training errors, from the initial weights of all seeds."""
    runs = (train_quietly(experiment.starting(weights=seed)) for seed in range(SEEDS))
    return np.array([np.min(run.train_error) for run in runs])


if __name__ == "__main__":
    sys.exit(main())
