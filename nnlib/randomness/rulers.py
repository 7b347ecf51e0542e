"""Two rulers for a trained network: the document's, on samples, and the whole interval.

A test set of 100 random samples is a sample of the error, and scatters like one. The error on the
interval is what it is a sample of, and has no chance in it.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib.network import forward_pass, loss, unpack

__all__ = ["interval_error", "nodes", "relative_scatter", "sample_error"]

# 160 nodes. The chapter and the tests show that twice as many change no error of the study by more
# than a part in ten million.
PANELS = 32


def nodes(panels: int = PANELS) -> tuple[NDArray, NDArray]:
    """The nodes and weights of a quadrature on [-5, 5]: Gauss and Legendre's with five nodes, on
    equal panels.

    Parameters
    ----------
    panels : int, optional

    Returns
    -------
    x, weights : ndarray, shape (5 * panels,)
        The weights sum up to 1: the quadrature gives a mean.

    Notes
    -----
    From the closed form (Abramowitz and Stegun, table 25.4): square roots are rounded alike on all
    machines, an eigenvalue solver is not. The error falls with the tenth power of the panels.
    """
    root = 2 * np.sqrt(10 / 7)
    inner, outer = np.sqrt(5 - root) / 3, np.sqrt(5 + root) / 3
    part = 13 * np.sqrt(70.0)
    x = np.array([-outer, -inner, 0.0, inner, outer])
    weights = np.array([322 - part, 322 + part, 512, 322 + part, 322 - part]) / 1800
    centres = -5 + (np.arange(panels) + 0.5) * (10 / panels)
    return (centres[:, None] + x * (5 / panels)).ravel(), np.tile(weights / panels, panels)


def interval_error(f: Callable, weights: ArrayLike, panels: int = PANELS) -> NDArray:
    """Half the mean squared error on the whole interval [-5, 5].

    Parameters
    ----------
    f : callable
        The target function.
    weights : array_like, shape (..., 3h-2)
        One network or many, as `nnlib.network.pack` lays them out.
    panels : int, optional
        Of the quadrature.

    Returns
    -------
    ndarray, shape (...)

    Notes
    -----
    What the error on random samples (section 2.5 of the document) tends to with their number.
    """
    x, parts = nodes(panels)
    e = _outputs(weights, x) - f(x)
    return np.add.reduce(e * e * parts, axis=-1) / 2


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
