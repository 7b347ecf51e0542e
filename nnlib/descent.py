"""How weights move: one step from a gradient, as a pure function with an explicit state.

All steps are called alike, so that any of them can take the place of another: with the weights, the
sum of the gradients over the samples, the number of samples, the learning rate, and the state that
the step before has left, which is None at first.
"""

from typing import Any

import numpy as np

__all__ = ["heavy_ball", "step"]


@np.errstate(all="ignore")
def step(w: Any, g: Any, n: Any, rate: Any, state: None = None) -> tuple[Any, None]:
    """Take one step of gradient descent.

    Parameters
    ----------
    w : ndarray, shape (3h-2,)
        The weights, as `nnlib.network.pack` gives them; of any type of numbers.
    g : ndarray, shape (3h-2,)
        The gradient, summed over the samples.
    n : int
        The number of samples.
    rate : float
        The learning rate.
    state : None
        It has none.

    Returns
    -------
    w : ndarray, shape (3h-2,)
        The new weights.
    state : None

    Notes
    -----
    Sections 2.4 and 2.5 of the document: as there, the learning rate multiplies the sum before that
    is divided by the number of samples.
    """
    return w - rate * g / n, state


@np.errstate(all="ignore")
def heavy_ball(
    w: Any, g: Any, n: Any, rate: Any, state: Any = None, beta: float = 0.9
) -> tuple[Any, Any]:
    """Take one step of gradient descent with momentum: along all gradients, the older ones faded.

    Parameters
    ----------
    w, g, n, rate
        As of `step`.
    state : ndarray, shape (3h-2,), or None
        The velocity: the faded sum of the gradients so far.
    beta : float, optional
        What the velocity is multiplied by before a gradient is added; with 0 it is `step`.

    Returns
    -------
    w, state : ndarray, shape (3h-2,)

    Notes
    -----
    Polyak's heavy ball (*USSR Computational Mathematics and Mathematical Physics* 4, 1964).
    """
    velocity = g if state is None else beta * state + g
    return w - rate * velocity / n, velocity
