"""The runs of the report, each of them made once per process."""

from functools import cache

from nnlib.arithmetic import Arithmetic, find_arithmetic
from nnlib.experiment import Experiment
from nnlib.history import History
from nnlib.training import train_quietly

__all__ = ["ORDERS", "run"]

# The seeds of the other orders that the ledger tries. One shows that a number depends on the order;
# a second, that it does not go from one value to another alone. That a number withstands both does
# not prove that it withstands all.
ORDERS = (1, 2)


def run(experiment: Experiment, arithmetic: str | Arithmetic = "portable") -> History:
    """Train an experiment, once per process, and without a warning if it overflows.

    Parameters
    ----------
    experiment : Experiment
    arithmetic : str or Arithmetic, optional
        As of `nnlib.train`.

    Returns
    -------
    History
        The same object at each call, in whichever form the call is written.

    Raises
    ------
    ValueError
        As `nnlib.train`.
    """
    return _run(experiment, find_arithmetic(arithmetic))


@cache
def _run(experiment, arithmetic):
    return train_quietly(experiment, arithmetic=arithmetic)
