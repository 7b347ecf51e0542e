"""The best fit of a training set: least squares from many starts, whatever descent would find.

Descent within a budget shows what it finds, not what the samples allow. So each training set is
also fitted by damped Gauss-Newton steps from starts that are spread over the interval, and the one
with the lowest training error is taken: the one that least squares asks for, good or bad elsewhere.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib.checks import check_dataset, check_h, check_integer, check_number
from nnlib.machine import sum_over_samples
from nnlib.optimizers.least_squares import Fit, fit, spread_weights

__all__ = ["Best", "fit_best"]

_EXACT = 1e-16  # of the mean square of the outputs: a part in a hundred million of each
_FEW, _ROUGH = 300, 60  # samples and steps of the rough fits
_PART = 4  # one start in so many goes on from there
_AS_LOW = 1e-6


class Best(NamedTuple):
    """The best fit that was found.

    Attributes
    ----------
    weights : ndarray, shape (3h-2,)
        As `nnlib.network.pack` lays them out.
    error : float
        The training error, without the penalty.
    as_low : int
        How many of the starts that were followed to the end came as low, to a millionth. If it is
        one, another start might come lower.
    converged : bool
        Whether no step was left that would have made the error visibly less. If not, the steps were
        used up: often since the weights run off, as where no network is the best.
    """

    weights: NDArray[np.float64]
    error: float
    as_low: int
    converged: bool


def fit_best(
    x: ArrayLike,
    y: ArrayLike,
    h: int,
    starts: int = 20,
    seed: int = 0,
    penalty: float = 0.0,
    steps: int = 300,
) -> Best:
    """Fit samples from many starts, and take the lowest.

    Parameters
    ----------
    x, y : array_like, shape (N,)
        The samples.
    h : int
        The number of hidden neurons, the bias unit counted.
    starts : int, optional
        From how many starts, as of `nnlib.optimizers.least_squares.spread_weights`.
    seed : int, optional
        Of the starts.
    penalty : float, optional
        As of `nnlib.optimizers.least_squares.fit`, on all weights: the error and the penalty
        together are made least then.
    steps : int, optional
        The most that a start takes in the end. To interpolate noise a large network needs some
        2000.

    Returns
    -------
    Best
        With the same bits on every machine.

    Raises
    ------
    ValueError
        If samples, `h`, `starts`, `seed`, `penalty` or `steps` are not valid.

    Notes
    -----
    If there are no more samples than weights, and no penalty, the first start that interpolates is
    taken, if one does. Otherwise each start takes 60 steps on 300 samples at most, spread over
    their order, and the lowest quarter goes on with all of them.

    Examples
    --------
    >>> from nnlib import f1
    >>> from nnlib.data.best import fit_best
    >>> from nnlib.start import Start
    >>> x, y = Start(samples=100, noise=0.1, data=1).train_set(f1)
    >>> found = fit_best(x, y, 2)
    >>> found.weights.shape, 0.003 < found.error < 0.006
    ((4,), True)
    """
    x, y = check_dataset((x, y), "samples")
    h, starts = check_h(h), check_integer("starts", starts, least=1)
    rng = np.random.default_rng(check_integer("seed", seed, least=0))
    # one by one, so that the first are the same if there are more
    rows = np.concatenate([spread_weights(h, 1, rng) for _ in range(starts)])
    penalty = check_number("penalty", penalty)
    if x.size <= rows.shape[1] and not penalty:
        exact = _EXACT * float(sum_over_samples(y * y)) / (2 * x.size) + np.finfo(float).tiny
        found = fit(x, y, rows, steps=steps, until=exact, outputs=True)
        if found.error[-1] <= exact:
            return Best(found.weights[-1], float(found.error[-1]), 1, bool(found.converged[-1]))
    few = slice(None, None, -(-x.size // _FEW))
    rough = fit(x[few], y[few], rows, penalty=penalty, steps=_ROUGH, outputs=True)
    order = np.argsort(_loss(rough, penalty), kind="stable")[: -(-starts // _PART)]
    found = fit(x, y, rough.weights[order], penalty=penalty, steps=steps)
    loss = _loss(found, penalty)
    best = int(np.argmin(loss))
    as_low = int(np.sum(loss <= (1 + _AS_LOW) * loss[best]))
    return Best(found.weights[best], float(found.error[best]), as_low, bool(found.converged[best]))


def _loss(found: Fit, penalty: float) -> NDArray[np.float64]:
    """What is made least, and infinite where it is not a number."""
    loss = found.error + penalty * sum_over_samples(found.weights * found.weights) / 2
    return np.where(np.isnan(loss), np.inf, loss)
