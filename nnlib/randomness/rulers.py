"""Two measures of a trained network: the document's, on samples, and the whole interval.

A test set of 100 random samples is a sample of the error, and scatters like one. The error on the
interval is what it is a sample of, and has no chance in it.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib.interval import interval_error, nodes
from nnlib.network import forward_pass, loss, unpack

__all__ = ["interval_error", "relative_scatter", "sample_error"]


def sample_error(weights: ArrayLike, test_set: tuple[NDArray, NDArray]) -> NDArray:
    """The document's measure: half the mean squared error on the samples of a test set.

    Parameters
    ----------
    weights : array_like, shape (..., 3h-2)
        One network or many, as `nnlib.network.pack` lays them out.
    test_set : pair of ndarray, shape (N,)

    Returns
    -------
    ndarray, shape (...)
        The same bits as the `History` of the run has.
    """
    x, y = test_set
    return loss(_outputs(weights, x) - y)


def relative_scatter(f: Callable, weights: ArrayLike, N: int = 100) -> NDArray:
    """How much `sample_error` will scatter among random test sets, before any is drawn.

    Parameters
    ----------
    f : callable
    weights : array_like, shape (..., 3h-2)
    N : int, optional
        The size of the test sets.

    Returns
    -------
    ndarray, shape (...)
        The standard deviation over the mean. It is that of the squared error along the interval,
        divided by the square root of `N`, because an error on samples is a mean of `N` of them.
    """
    x, parts = nodes()
    squares = (_outputs(weights, x) - f(x)) ** 2
    mean = np.add.reduce(squares * parts, axis=-1)
    variance = np.add.reduce((squares - mean[..., None]) ** 2 * parts, axis=-1)
    return np.sqrt(variance / N) / mean


def _outputs(weights, x):
    weights = np.asarray(weights, dtype=float)
    h = (weights.shape[-1] + 2) // 3
    return forward_pass(*unpack(weights, h), x)
