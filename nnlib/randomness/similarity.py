"""How much two runs resemble each other, once it is settled which neuron corresponds to which.

The hidden neurons of a network can change places, and each can be turned round: its weights in U
and V all change sign, and the output stays as it is but for a constant, because
σ(-z) = 1 - σ(z). So before two runs are compared, their neurons must be matched.
"""

from dataclasses import replace

import numpy as np

__all__ = ["distances", "match", "mixture"]

_EVERY = 10  # epochs


def distances(one, other):
    """How far apart the weights of each neuron of one run and each of another are, all along.

    Parameters
    ----------
    one, other : History
        Of the same h and the same number of epochs.

    Returns
    -------
    distance : ndarray, shape (h-1, h-1)
        The root mean square over the epochs of the distance between the three weights of a neuron
        of `one` (rows) and one of `other` (columns), turned round if that brings it nearer.
    turned : ndarray of bool, shape (h-1, h-1)
        Where it does.

    Raises
    ------
    ValueError
        If the two are of different sizes, or one of them overflowed.
    """
    if one.U.shape != other.U.shape:
        raise ValueError(
            f"the two runs must have the same h and epochs, got {one.experiment} "
            f"and {other.experiment}"
        )
    a, b = _evolutions(one), _evolutions(other)
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("a run that overflowed cannot be matched")
    straight, turned = (
        np.sqrt(np.mean(np.sum((a[:, None] - sign * b) ** 2, axis=-1), axis=-1)) for sign in (1, -1)
    )
    return np.minimum(straight, turned), turned < straight


def match(one, other):
    """Match the hidden neurons of two runs so that they are as near to each other as can be.

    Parameters
    ----------
    one, other : History
        Of the same h and the same number of epochs.

    Returns
    -------
    neurons : ndarray of int, shape (h-1,)
        For each hidden neuron of `one`, the one of `other` that plays its part.
    signs : ndarray of int, shape (h-1,)
        1, or -1 where it does so turned round.
    matched, unmatched : float
        The mean distance of the pairs, and of all other pairs of neurons of the two runs.

    Raises
    ------
    ValueError
        As `distances`, or if there is only one hidden neuron.

    Notes
    -----
    It solves the assignment problem, with `scipy.optimize.linear_sum_assignment`.
    """
    from scipy.optimize import linear_sum_assignment  # here, because it is slow to load

    distance, turned = distances(one, other)
    if len(distance) < 2:
        raise ValueError("with a single hidden neuron there is nothing to match")
    rows, neurons = linear_sum_assignment(distance)
    pairs = np.zeros(distance.shape, dtype=bool)
    pairs[rows, neurons] = True
    signs = np.where(turned[rows, neurons], -1, 1)
    return neurons, signs, float(distance[pairs].mean()), float(distance[~pairs].mean())


def mixture(histories, rng):
    """A run that never was: each hidden neuron is one of another run, drawn by chance.

    It is what two runs are compared with that have the kinds of neurons in common, but not the
    cast.

    Parameters
    ----------
    histories : sequence of History
        Of the same experiment, at least h - 1.
    rng : numpy.random.Generator

    Returns
    -------
    History
        Only its weights mean anything.
    """
    first = histories[0]
    neurons = first.U.shape[1]
    runs = rng.choice(len(histories), size=neurons, replace=False)
    drawn = list(zip(runs, rng.integers(neurons, size=neurons), strict=True))
    U = np.stack([histories[run].U[:, i] for run, i in drawn], axis=1)
    V = np.stack([*(histories[run].V[:, i] for run, i in drawn), first.V[:, -1]], axis=1)
    return replace(first, U=U, V=V)


def _evolutions(history):
    """The three weights of each hidden neuron, shape (h-1, epochs, 3)."""
    columns = (history.U[::_EVERY, :, 0], history.U[::_EVERY, :, 1], history.V[::_EVERY, :-1])
    return np.stack(columns, axis=-1).swapaxes(0, 1)
