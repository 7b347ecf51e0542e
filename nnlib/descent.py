"""How weights move in the document: one step of gradient descent, for any type of numbers."""

from typing import Any

import numpy as np

__all__ = ["step"]


@np.errstate(all="ignore")
def step(w: Any, g: Any, n: Any, rate: Any) -> Any:
    """Take one step of gradient descent.

    Parameters
    ----------
    w : ndarray, shape (..., 3h-2)
        The weights, as `nnlib.network.pack` gives them; of any type of numbers.
    g : ndarray, shape (..., 3h-2)
        The gradient, summed over the samples.
    n : int
        The number of samples.
    rate : float
        The learning rate.

    Returns
    -------
    ndarray, shape (..., 3h-2)
        The new weights.

    Notes
    -----
    Sections 2.4 and 2.5 of the document: as there, the learning rate multiplies the sum before that
    is divided by the number of samples. The other rules are in `nnlib.optimizers`.
    """
    return w - rate * g / n
