"""The trainings of the report, each of them run once per process."""

import warnings
from functools import cache

from nnlib.arithmetic import Arithmetic, find_arithmetic
from nnlib.experiment import Experiment
from nnlib.history import History
from nnlib.network import get_initial_weights
from nnlib.training import train, train_in_order

__all__ = ["ORDERS", "history"]

# The seeds of the other orders that the ledger tries. One shows that a number depends on the order;
# a second, that it does not go from one value to another alone. That a number withstands both does
# not prove that it withstands all.
ORDERS = (1, 2)


def history(
    experiment: Experiment,
    arithmetic: str | Arithmetic = "portable",
    order: int | None = None,
    scale: float = 1,
) -> History:
    """Train an experiment on the standard datasets, once per process.

    Parameters
    ----------
    experiment : Experiment
    arithmetic : str or Arithmetic, optional
        As of `nnlib.train`.
    order : int, optional
        The seed of another order of the training samples, as of `nnlib.training.train_in_order`;
        the order in which they were drawn if not given.
    scale : float, optional
        How many times as large as the standard ones the initial weights are.

    Returns
    -------
    History
        The same object at each call, in whichever form the call is written.

    Raises
    ------
    ValueError
        As `nnlib.train`.
    """
    return _train(experiment, find_arithmetic(arithmetic), order, scale)


@cache
def _train(experiment, arithmetic, order, scale):
    U, V = get_initial_weights(experiment.h)
    weights = scale * U, scale * V
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an overflow is among the claims
        if order is None:
            return train(experiment, weights=weights, arithmetic=arithmetic)
        return train_in_order(experiment, order, arithmetic, weights)
