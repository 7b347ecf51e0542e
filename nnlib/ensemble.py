"""Replicates: the same experiment with other random numbers."""

import warnings

import numpy as np

from nnlib.datasets import get_new_random_dataset
from nnlib.network import get_new_random_weights
from nnlib.training import train

__all__ = ["replicate", "replicate_one"]


def replicate(experiment, n, *, new_data=True, new_weights=True, seed, scale=1.0):
    """Train `n` replicates of an experiment.

    Parameters
    ----------
    experiment : Experiment
    n : int
    new_data, new_weights : bool, optional
        Whether each replicate has random datasets and initial weights of its own, or the standard
        ones.
    seed : int
    scale : float, optional
        A factor for the new initial weights.

    Returns
    -------
    list of History
        The one at index k depends on `seed` and k alone; `replicate_one` gives it by itself.

    Notes
    -----
    Section 4.2 of the document, on the impact of the randomness.
    """
    conditions = {"new_data": new_data, "new_weights": new_weights, "seed": seed, "scale": scale}
    return [replicate_one(experiment, index, **conditions) for index in range(n)]


def replicate_one(experiment, index, *, new_data=True, new_weights=True, seed, scale=1.0):
    """Train the replicate of a given index.

    Parameters
    ----------
    experiment : Experiment
    index : int
    new_data, new_weights, seed, scale
        As of `replicate`.

    Returns
    -------
    History
    """
    child = np.random.SeedSequence(seed, spawn_key=(index,))
    data, weights = map(np.random.default_rng, child.spawn(2))
    given = {}
    if new_data:
        given["train_set"] = get_new_random_dataset(experiment.f, 1000, data)
        given["test_set"] = get_new_random_dataset(experiment.f, 100, data)
    if new_weights:
        U, V = get_new_random_weights(experiment.h, weights)
        given["weights"] = scale * U, scale * V
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an overflow is a result like others
        return train(experiment, **given)
