"""The trainings of the report, each of them run once per process."""

import warnings
from functools import cache

from nnlib.training import train

__all__ = ["history"]


@cache
def history(experiment, arithmetic="portable"):
    """Train an experiment, once per process.

    Parameters
    ----------
    experiment : Experiment
    arithmetic : str, optional

    Returns
    -------
    History
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an overflow is among the claims
        return train(experiment, arithmetic=arithmetic)
