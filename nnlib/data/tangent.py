"""What noise makes of a run, foretold from the run without it: the network as a linear smoother.

Train a network on outputs without noise, and then add a little noise ε to them. To first order its
weights move by D ε, and D follows from the path without noise. An epoch takes the weights w to
w - η g, so D to D - η (H D - Jᵀ / N), with the Hessian H and the derivatives J of the outputs with
respect to the weights, and D is 0 at first. On the samples the outputs move by S ε with S = J D:
a linear smoother, whose trace is one count of the weights that follow the noise. On the interval
they move by j(x) D ε. The mean of half its square is σ² times a number that depends on no noise.
"""

# The symbols of the text are capital letters, and no constants.
# pyright: reportConstantRedefinition=false

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib.checks import (
    Floats,
    check_dataset,
    check_descent,
    check_integer,
    check_numbers,
    check_rows,
)
from nnlib.elementary import sigmoid
from nnlib.experiment import Experiment
from nnlib.hessian import hessian
from nnlib.interval import interval_error, nodes
from nnlib.machine import sum_over_rows, sum_over_samples
from nnlib.network import add_penalty, forward_pass, loss, pack, unpack
from nnlib.optimizers.least_squares import solve
from nnlib.targets import Target
from nnlib.training import train_quietly

__all__ = ["Foretold", "at_bottom", "derivatives", "foretell"]

_ROOM = 2**17  # derivatives that are computed at one go, a megabyte


class Foretold(NamedTuple):
    """What is foretold of networks that learn noisy samples, at each epoch that was asked for.

    Attributes
    ----------
    epochs : ndarray of int, shape (n,)
        In ascending order.
    bias : ndarray, shape (n,)
        The error on the interval of the run without noise.
    variance : ndarray, shape (n,)
        By how much more, for each unit of σ², the error on the interval is in the mean.
    training_bias : ndarray, shape (n,)
        The training error of the run without noise.
    trace : ndarray, shape (n,)
        That of S: by how much an output follows the noise of its own sample, summed up.
    squares : ndarray, shape (n,)
        The sum of the squares of all entries of S.
    N : int
        The number of samples.
    """

    epochs: NDArray[np.int64]
    bias: Floats
    variance: Floats
    training_bias: Floats
    trace: Floats
    squares: Floats
    N: int

    @property
    def number(self) -> Floats:
        """The effective number of weights: as many would bring the variance p / (2N).

        Returns
        -------
        ndarray, shape (n,)
        """
        return 2 * self.N * self.variance

    def error(self, noise: float) -> Floats:
        """The mean error on the interval, with noise of that standard deviation.

        Parameters
        ----------
        noise : float

        Returns
        -------
        ndarray, shape (n,)
        """
        return self.bias + noise * noise * self.variance

    def training_error(self, noise: float) -> Floats:
        """The mean training error, on the noisy outputs.

        Parameters
        ----------
        noise : float

        Returns
        -------
        ndarray, shape (n,)
        """
        left = (self.N - 2 * self.trace + self.squares) / (2 * self.N)
        return self.training_bias + noise * noise * left


@np.errstate(all="ignore")
def foretell(
    experiment: Experiment,
    seen: Iterable[int],
    x: ArrayLike | None = None,
    weights: tuple[ArrayLike, ArrayLike] | None = None,
) -> Foretold:
    """What noise will make of a run, from the run without noise and its tangent.

    Parameters
    ----------
    experiment : Experiment
        Of plain gradient descent, maybe with a penalty. Noise and outliers of its start are left
        out.
    seen : iterable of int
        The epochs that are asked for.
    x : array_like, shape (N,), optional
        The training inputs; those of the start if not given.
    weights : pair of array_like, optional
        The initial `U` and `V`, as of `nnlib.train`; those of the start if not given.

    Returns
    -------
    Foretold
        NaN after an overflow.

    Raises
    ------
    ValueError
        If the experiment is not of plain gradient descent, or the epochs are not in it.

    Examples
    --------
    >>> from nnlib import Experiment, f1
    >>> from nnlib.data import tangent
    >>> found = tangent.foretell(Experiment.parse("f1 3 0.1 1000 samples=30 data=1"), [0, 1000])
    >>> found.number.round(2).tolist()
    [0.0, 2.25]
    """
    check_descent("what is foretold", experiment.replaced(penalty=0))
    most = experiment.epochs
    seen = sorted({check_integer("a seen epoch", n, least=0, most=most) for n in seen})
    if not seen:
        raise ValueError("seen must have at least one epoch")
    f, h, start = experiment.f, experiment.h, replace(experiment.start, noise=0, outliers=0)
    train_set = start.train_set(f) if x is None else check_dataset((x, f(np.array(x))), "samples")
    run = train_quietly(
        experiment.replaced(start=start),
        train_set=train_set,
        test_set=start.test_set(f),
        weights=weights,
    )
    rows, (x, y), rate = pack(run.U, run.V), train_set, experiment.learning_rate
    D, ones = np.zeros((rows.shape[1], x.size)), np.ones(rows.shape[1])
    pull = add_penalty(np.zeros(ones.size + 1), ones, 1, experiment.penalty)[:-1, None]
    found: list[tuple[float, float, float]] = []
    some = max(1, _ROOM // D.size)
    for first in range(0, max(seen) + 1, some):
        part = rows[first : min(first + some, max(seen) + 1)]
        H, J = hessian(*unpack(part, h), x, y), derivatives(part, x)
        for n in range(len(part)):
            if first + n in seen:
                found.append(_measure(D, J[n], part[n]))
            D = D - rate * (_times(H[n], D) + pull * D - J[n] / x.size)
    outputs = forward_pass(run.U[seen], run.V[seen], x)
    variance, trace, squares = np.array(found).T
    bias = interval_error(f, rows[seen])
    return Foretold(np.array(seen), bias, variance, loss(outputs - y), trace, squares, x.size)


def at_bottom(f: Target, weights: ArrayLike, x: ArrayLike, penalty: ArrayLike = 0.0) -> Foretold:
    """What noise will make of a network whose training error is least.

    Parameters
    ----------
    f : callable
        The target function.
    weights : array_like, shape (3h-2,)
        Those with the least training error on samples without noise, the penalty counted.
    x : array_like, shape (N,)
        The training inputs.
    penalty : float or array_like, shape (3h-2,), optional
        Half of this times the square of each weight is added to the training error.

    Returns
    -------
    Foretold
        One entry, as of epoch 0; NaN where the Hessian is not positive definite.

    Notes
    -----
    There the gradient stays zero, so H D = Jᵀ / N.
    """
    (x, y), row = check_dataset((x, f(np.array(x))), "samples"), check_rows(weights)
    U, V = unpack(row, (row.size + 2) // 3)
    H, J = hessian(U, V, x, y), derivatives(row, x)
    H[np.diag_indices(row.size)] += check_numbers("penalty", penalty)
    D = solve(H, J.T / x.size).T
    variance, trace, squares = np.array([_measure(D, J, row)]).T
    e = forward_pass(U, V, x) - y
    epochs, error = np.zeros(1, dtype=int), np.array([loss(e)])
    return Foretold(epochs, interval_error(f, row[None]), variance, error, trace, squares, x.size)


@np.errstate(all="ignore")
def derivatives(weights: Floats, x: Floats) -> Floats:
    """Those of the outputs with respect to the weights.

    Parameters
    ----------
    weights : ndarray, shape (..., 3h-2)
        As `nnlib.network.pack` lays them out.
    x : ndarray, shape (N,)

    Returns
    -------
    ndarray, shape (..., 3h-2, N)
    """
    U, V = unpack(weights, (weights.shape[-1] + 2) // 3)
    hidden = U[..., :1] * x + U[..., 1:]
    sigmoid(hidden, out=hidden)
    slope = V[..., :-1, None] * hidden * (1 - hidden)
    ones = np.ones_like(hidden[..., :1, :])
    return np.concatenate([hidden, ones, slope * x, slope], axis=-2)


def _measure(D: Floats, J: Floats, row: Floats) -> tuple[float, float, float]:
    """The variance on the interval for a unit of σ², the trace of S, and the sum of its squares."""
    between, parts = nodes()
    spread = _products(D)
    moved = _products(derivatives(row, between) * np.sqrt(parts))
    sums = moved * spread / 2, J * D, _products(J) * spread
    variance, trace, squares = (float(sum_over_samples(terms.ravel())) for terms in sums)
    return variance, trace, squares


def _products(rows: Floats) -> Floats:
    """The sums of the products of all pairs of rows."""
    return np.array([sum_over_samples(rows * row) for row in rows])


def _times(H: Floats, D: Floats) -> Floats:
    """The product of two matrices, the first of them symmetric, in an order that is fixed."""
    result = np.empty_like(D)
    sum_over_rows(H[:, :, None] * D[:, None, :], out=result)
    return result
