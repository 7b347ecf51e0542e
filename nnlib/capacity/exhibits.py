"""Networks to look at: weights with few digits, which anybody can type in.

`nnlib.capacity.bounds` proves how far they are from their function.
"""

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["FLAT", "THREE_NEURONS", "one_neuron", "three_neurons"]

_Weights = tuple[NDArray[np.float64], NDArray[np.float64]]


def three_neurons(a: float, b: float, c: float, d: float, e: float) -> _Weights:
    """The weights of a network with h = 4 whose output is odd.

    Parameters
    ----------
    a, b, c, d, e : float
        The output is a (σ(bx) - 1/2) - c (σ(dx + e) + σ(dx - e) - 1).

    Returns
    -------
    U : ndarray, shape (3, 2)
    V : ndarray, shape (4,)
    """
    return np.array([[b, 0.0], [d, e], [d, -e]]), np.array([a, -c, -c, c - a / 2])


# The best fit of h = 4 to f2 that `search` has found, as five numbers of six digits.
THREE_NEURONS = three_neurons(821.073, 0.378162, 327.794, 0.952618, 2.27346)

# h = 8, for f2: of 256 fits with a penalty of 0.00002, which keeps the weights small, the best
# among those that are flat, rounded. Its sharpness is below 40, so a rate of 0.05 is stable there.
FLAT = (
    np.array(
        [
            [-2.79, -8.36],
            [-1.84, 0.0],
            [-3.26, 15.35],
            [-3.19, -6.75],
            [-2.79, 8.36],
            [-3.19, 6.75],
            [-3.2, -15.08],
        ]
    ),
    np.array([21.52, -56.65, -12.24, 15.93, 21.52, 15.89, -12.53, 3.15]),
)


def one_neuron(B: float) -> _Weights:
    """The weights of a network with h = 2 that comes near f1, the nearer the larger `B` is.

    Parameters
    ----------
    B : float
        Far to the left, the sigmoid is nearly an exponential: σ(z) = exp(z) / (1 + exp(z)). So
        exp(B) σ(x/5 - B) is less than exp(x/5), by at most exp(2 - B) for x up to 5.

    Returns
    -------
    U : ndarray, shape (1, 2)
    V : ndarray, shape (2,)
    """
    return np.array([[0.2, -B]]), np.array([math.exp(B), 0.0])
