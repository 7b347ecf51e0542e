"""How much runs resemble each other, once it is settled which neuron corresponds to which.

The hidden neurons of a network can change places, and each can be mirrored: its weights in U
and V all change sign, and the output stays as it is but for a constant, because
σ(-z) = 1 - σ(z). So before two runs are compared, their neurons must be matched.

Matched neurons are nearer to each other than others whatever they are, since that is what is
looked for. So a distance says nothing by itself. It is put beside what the same search finds among
runs that have nothing in common, or less: `beside_surrogates` and `beside_shuffled_casts`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlib.extras import extra
from nnlib.history import History

__all__ = [
    "Comparison",
    "beside_shuffled_casts",
    "beside_surrogates",
    "distances",
    "match",
    "paths",
    "surrogates",
]

# Of the epochs, every tenth: the weights move slowly, and with all of them the distances are the
# same to half a percent (tests/randomness/test_similarity.py), at ten times the cost.
_EVERY = 10
_SEED = 1


class Comparison(NamedTuple):
    """A mean distance beside those that come out under a null hypothesis.

    Attributes
    ----------
    observed : float
    null : ndarray, shape (n,)
        Sorted.
    """

    observed: float
    null: NDArray

    @property
    def p(self) -> float:
        """The probability of so small a distance, or a smaller one, under the hypothesis."""
        return float((np.sum(self.null <= self.observed) + 1) / (len(self.null) + 1))

    @property
    def ratio(self) -> tuple[float, float, float]:
        """The observed distance over the null's median, and over the ends of its middle 95 %.

        The first and, in rising order, the other two: all below 1 if the runs are nearer than the
        hypothesis allows, all above it if they are farther.
        """
        low, middle, high = np.quantile(self.null, (0.025, 0.5, 0.975))
        value, least, most = (self.observed / end for end in (middle, high, low))
        return float(value), float(least), float(most)


def paths(histories: Sequence[History]) -> NDArray:
    """The weights of each hidden neuron all along each run, in units of their typical size.

    Parameters
    ----------
    histories : sequence of History
        Of the same h and the same number of epochs.

    Returns
    -------
    ndarray, shape (runs, h-1, times, 3)
        Every tenth epoch. The two columns of U and V are each divided by the root of their mean
        square over all runs and neurons, or V, which is the largest, would be all that counts.

    Raises
    ------
    ValueError
        If the runs are of different sizes, there is none, or one of them overflowed.
    """
    sizes = {history.U.shape for history in histories}
    if len(sizes) != 1:
        raise ValueError(
            "the runs must be at least one, and of the same h and epochs, got "
            f"{', '.join(str(history.experiment) for history in histories) or 'none'}"
        )
    all_paths = np.stack(
        [
            np.stack([run.U[::_EVERY, :, 0], run.U[::_EVERY, :, 1], run.V[::_EVERY, :-1]], axis=-1)
            for run in histories
        ]
    ).swapaxes(1, 2)
    if not np.isfinite(all_paths).all():
        raise ValueError("a run that overflowed cannot be matched")
    return all_paths / np.sqrt(np.mean(all_paths**2, axis=(0, 1, 2)))


def distances(one: NDArray, other: NDArray) -> tuple[NDArray, NDArray]:
    """How far apart neurons are, all along.

    Parameters
    ----------
    one, other : ndarray, shape (n, times, 3) and (m, times, 3)
        Neurons, as `paths` gives them.

    Returns
    -------
    distance : ndarray, shape (n, m)
        The root mean square over the times of the distance between the three weights of a neuron
        of `one` and one of `other`, mirrored if that brings it nearer.
    turned : ndarray of bool, shape (n, m)
        Where it does.
    """
    a, b = one.reshape(len(one), -1), other.reshape(len(other), -1)
    # |a ∓ b|² = |a|² + |b|² ∓ 2 a·b. By einsum, which does not go through the BLAS.
    products = np.einsum("if,jf->ij", a, b)
    squares = np.sum(a * a, axis=1)[:, None] + np.sum(b * b, axis=1) - 2 * abs(products)
    return np.sqrt(np.maximum(squares, 0) / one.shape[1]), products < 0


def match(one: NDArray, other: NDArray) -> tuple[NDArray, NDArray, float, float]:
    """Match the hidden neurons of two runs so that they are as near to each other as can be.

    Parameters
    ----------
    one, other : ndarray, shape (h-1, times, 3)
        Of `paths`.

    Returns
    -------
    neurons : ndarray of int, shape (h-1,)
        For each hidden neuron of `one`, the one of `other` that plays its part.
    signs : ndarray of int, shape (h-1,)
        1, or -1 where it does so mirrored.
    matched, unmatched : float
        The mean distance of the pairs, and of all other pairs of neurons of the two runs.

    Raises
    ------
    ValueError
        If there is only one hidden neuron.

    Notes
    -----
    It solves the assignment problem, with `scipy.optimize.linear_sum_assignment`.
    """
    distance, turned = distances(one, other)
    if len(distance) < 2:
        raise ValueError("with a single hidden neuron there is nothing to match")
    neurons = _assignment()(distance)[1]
    rows = np.arange(len(neurons))
    pairs = np.zeros(distance.shape, dtype=bool)
    pairs[rows, neurons] = True
    signs = np.where(turned[rows, neurons], -1, 1)
    return neurons, signs, float(distance[pairs].mean()), float(distance[~pairs].mean())


def surrogates(runs: NDArray, rng: np.random.Generator) -> NDArray:
    """Runs that have nothing in common but how fast and how smoothly neurons move.

    Parameters
    ----------
    runs : ndarray, shape (runs, h-1, times, 3)
        Of `paths`.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (runs, h-1, times, 3)
        Each neuron's path, rotated in the space of its three weights by a random rotation of its
        own. It keeps its start near 0, its speed, its bends and its length; where it goes is
        chance.
    """
    q, r = np.linalg.qr(rng.normal(size=(*runs.shape[:2], 3, 3)))
    q *= np.sign(np.diagonal(r, axis1=-2, axis2=-1))[..., None, :]  # or q would not be uniform
    return np.einsum("rntc,rnkc->rntk", runs, q)


def beside_surrogates(runs: NDArray, pairs: Sequence[tuple[int, int]], n: int = 99) -> Comparison:
    """How near runs are, beside runs that share nothing but the manner in which neurons move.

    It would be refuted that runs are alike if `surrogates` came out as near as they do.

    Parameters
    ----------
    runs : ndarray, shape (runs, h-1, times, 3)
        Of `paths`.
    pairs : sequence of tuple of int
        Which of them to match with which.
    n : int, optional
        How many times to draw; the smallest probability that can come out is 1 / (n + 1).

    Returns
    -------
    Comparison
        Of the distance of matched neurons, the mean over the pairs.
    """
    rng = np.random.default_rng(_SEED)
    neurons = np.arange(runs.shape[0] * runs.shape[1]).reshape(runs.shape[:2])
    null = [_mean(_table(surrogates(runs, rng)), neurons, pairs) for _ in range(n)]
    return Comparison(_mean(_table(runs), neurons, pairs), np.sort(null))


def beside_shuffled_casts(
    runs: NDArray, pairs: Sequence[tuple[int, int]], n: int = 99
) -> Comparison:
    """How near runs are, beside runs that drew the same neurons, one by one, from a common stock.

    A permutation test. If runs had no casts of their own, only kinds of neuron in common, any way
    of dealing out all neurons among them would be as likely as the one that was observed.

    Parameters
    ----------
    runs, pairs, n
        As of `beside_surrogates`. The neurons of all `runs` are dealt out again, in pairs or not.

    Returns
    -------
    Comparison
    """
    rng = np.random.default_rng(_SEED)
    neurons = np.arange(runs.shape[0] * runs.shape[1]).reshape(runs.shape[:2])
    table = _table(runs)
    dealt = (rng.permutation(neurons.ravel()).reshape(neurons.shape) for _ in range(n))
    null = [_mean(table, neurons_dealt, pairs) for neurons_dealt in dealt]
    return Comparison(_mean(table, neurons, pairs), np.sort(null))


def _table(runs):
    """The distances of all neurons of all runs from each other."""
    neurons = runs.reshape(-1, *runs.shape[2:])
    return distances(neurons, neurons)[0]


def _mean(table, neurons, pairs):
    """The distance of matched neurons, the mean over pairs of runs with these neurons."""
    one, other = (neurons[list(side)] for side in zip(*pairs, strict=True))
    hidden = np.arange(neurons.shape[1])
    found = table[one[:, :, None], other[:, None, :]]
    assign = _assignment()
    return float(np.mean([distance[hidden, assign(distance)[1]] for distance in found]))


def _assignment():
    """What solves the assignment problem; once for many, since even to ask for it takes as long."""
    with extra("randomness"):
        from scipy.optimize import linear_sum_assignment  # here, because it is slow to load

    return linear_sum_assignment
