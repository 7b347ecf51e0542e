"""The runs of the report, each of them made once per process."""

from functools import cache

from nnlib.arithmetic import Arithmetic, find_arithmetic
from nnlib.experiment import Experiment
from nnlib.history import History
from nnlib.training import train_quietly

__all__ = ["ORDERS", "trained"]

# The seeds of the other orders that the ledger tries. One shows that a number depends on the order;
# a second, that it does not go from one value to another alone. That a number withstands both does
# not prove that it withstands all.
ORDERS = (1, 2)


def trained(experiment: Experiment, arithmetic: str | Arithmetic = "portable") -> History:
    """The history of an experiment, trained once per process, without a warning if it overflows.

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
    return _trained(experiment, find_arithmetic(arithmetic))


@cache
def _trained(experiment, arithmetic):
    return train_quietly(experiment, arithmetic=arithmetic)
