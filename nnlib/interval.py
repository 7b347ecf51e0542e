"""The interval [-5, 5] of the document's inputs, and the error of a network on all of it.

An error on samples is a sample of this one, which has no chance in it.
"""

import numpy as np
from numpy.typing import ArrayLike

from nnlib.checks import Floats, check_integer, check_rows
from nnlib.machine import sum_over_samples
from nnlib.network import forward_pass, unpack
from nnlib.targets import Target

__all__ = ["interval_error", "nodes"]

# 160 nodes. The book and the tests show that twice as many change no error that it reports by more
# than a part in ten million.
PANELS = 32


def nodes(panels: int = PANELS) -> tuple[Floats, Floats]:
    """The nodes and weights of a quadrature on [-5, 5]: Gauss and Legendre's with five nodes, on
    equal panels.

    Parameters
    ----------
    panels : int, optional

    Returns
    -------
    x, weights : ndarray, shape (5 * panels,)
        The weights sum up to 1: the quadrature gives a mean.

    Raises
    ------
    ValueError
        If `panels` is not an integer, or less than 1.

    Notes
    -----
    From the closed form (Abramowitz and Stegun, table 25.4): square roots are rounded alike on all
    machines, an eigenvalue solver is not. The error falls with the tenth power of the panels.
    """
    panels = check_integer("panels", panels, least=1)
    root = 2 * np.sqrt(10 / 7)
    inner, outer = np.sqrt(5 - root) / 3, np.sqrt(5 + root) / 3
    part = 13 * np.sqrt(70.0)
    x = np.array([-outer, -inner, 0.0, inner, outer])
    weights = np.array([322 - part, 322 + part, 512, 322 + part, 322 - part]) / 1800
    centres = -5 + (np.arange(panels) + 0.5) * (10 / panels)
    return (centres[:, None] + x * (5 / panels)).ravel(), np.tile(weights / panels, panels)


@np.errstate(all="ignore")
def interval_error(f: Target, weights: ArrayLike, panels: int = PANELS) -> Floats:
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

    Raises
    ------
    ValueError
        If the weights are not real numbers, 3h-2 for each network.

    Notes
    -----
    What the error on random samples (section 2.5 of the document) tends to with their number.
    """
    x, parts = nodes(panels)
    weights = check_rows(weights)
    h = (weights.shape[-1] + 2) // 3
    e = forward_pass(*unpack(weights, h), x) - np.asarray(f(x))
    return sum_over_samples(e * e * parts) / 2
