"""The network: its initial weights, its output, and the gradient of its loss (sections 2.3 to 2.5).

Samples lie along the last axis. The loss and its gradient take elementwise operations and sums
along that axis in one order, that of `nnlib.machine.sum_over_samples`; matrix products would leave
the order to the BLAS kernel that a CPU gets.

`V` has two shapes. The document has it as a matrix of one row, (1, h), and so have
`get_initial_weights` and `get_new_random_weights`; along a run, and wherever weights are given
back, it is the row itself, (h,), as an epoch of `History.V` is. Whatever takes weights takes
either.
"""

# The document's symbols are capital letters, and no constants.
# pyright: reportConstantRedefinition=false

from typing import Any

import numpy as np

from nnlib.checks import check_h
from nnlib.elementary import Floats, sigmoid
from nnlib.machine import sum_over_rows, sum_over_samples
from nnlib.normal import normal

__all__ = [
    "SEED",
    "LossGradient",
    "add_penalty",
    "flat_V",
    "forward_pass",
    "get_initial_weights",
    "get_new_random_weights",
    "loss",
    "pack",
    "unpack",
]

SEED = 36255793825986746149655859236796938907  # the document's
_DEVIATION = 0.01  # of the initial weights; the document's


def get_initial_weights(h: int) -> tuple[Floats, Floats]:
    """The standard initial weights, the same at every call.

    Parameters
    ----------
    h : int
        The number of hidden neurons, the bias unit counted; at least 2.

    Returns
    -------
    U : ndarray, shape (h-1, 2)
    V : ndarray, shape (1, h)
        Normal, with mean 0 and standard deviation 0.01.

    Raises
    ------
    ValueError
        If `h` is not an integer, or is less than 2.

    Notes
    -----
    Section 3 of the document, with the seed of its helper file. Another `h` gives other weights
    throughout.
    """
    return get_new_random_weights(h, rng=SEED)


def get_new_random_weights(
    h: int, rng: "np.random.Generator | int | None" = None
) -> tuple[Floats, Floats]:
    """New random initial weights.

    Parameters
    ----------
    h : int
        As of `get_initial_weights`.
    rng : numpy.random.Generator or int, optional
        The generator to draw from, or its seed. Without one, every call gives other weights.

    Returns
    -------
    U : ndarray, shape (h-1, 2)
    V : ndarray, shape (1, h)
        As of `get_initial_weights`.

    Raises
    ------
    ValueError
        As `get_initial_weights`.

    Notes
    -----
    Sections 2.4 and 3 of the document. The numbers are those of `nnlib.normal`.
    """
    h = check_h(h)
    rng = np.random.default_rng(rng)
    return normal(rng, _DEVIATION, (h - 1, 2)), normal(rng, _DEVIATION, (1, h))


@np.errstate(all="ignore")
def forward_pass(U: Floats, V: Floats, x: Floats) -> Floats:
    """The output of the network, O = V · H with H = [σ(U · X), 1] and X = [x, 1].

    Parameters
    ----------
    U : ndarray, shape (..., h-1, 2)
    V : ndarray, shape (..., h) or (..., 1, h)
        One network, or a stack of them.
    x : ndarray, shape (N,)

    Returns
    -------
    o : ndarray, shape (..., N)

    Notes
    -----
    Section 2.3 of the document. The terms are summed from V[0] H[0] to V[h-1].
    """
    V = flat_V(U, V)
    H = U[..., 0, None] * x
    H += U[..., 1, None]
    sigmoid(H, out=H)
    H *= V[..., :-1, None]
    o = H[..., 0, :].copy()
    for i in range(1, H.shape[-2]):
        o += H[..., i, :]
    return o + V[..., -1, None]


@np.errstate(all="ignore")
def loss(e: Floats) -> Any:
    """Half the mean squared error.

    Parameters
    ----------
    e : ndarray, shape (..., N)
        The errors e = o - y of the samples.

    Returns
    -------
    ndarray or float, shape (...)

    Notes
    -----
    Section 2.5 of the document: L / N.
    """
    return sum_over_samples(e * e) / e.shape[-1] / 2


def flat_V(U: Floats, V: Floats) -> Floats:
    """The weights `V` as a row, whichever of their two shapes they have.

    Parameters
    ----------
    U : ndarray, shape (..., h-1, 2)
    V : ndarray, shape (..., h) or (..., 1, h)

    Returns
    -------
    ndarray, shape (..., h)
    """
    return V[..., 0, :] if V.ndim == U.ndim else V


def pack(U: Floats, V: Floats) -> Floats:
    """All weights in one row, as the trainer has them: V, then the two columns of U.

    Parameters
    ----------
    U : ndarray, shape (..., h-1, 2)
    V : ndarray, shape (..., h) or (..., 1, h)

    Returns
    -------
    ndarray, shape (..., 3h-2)
    """
    return np.concatenate([flat_V(U, V), U[..., 0], U[..., 1]], axis=-1)


def unpack(weights: Floats, h: int) -> tuple[Floats, Floats]:
    """Views of what `pack` has put in one row.

    Parameters
    ----------
    weights : ndarray, shape (..., 3h-2)
        Weights, or their gradients.
    h : int

    Returns
    -------
    U : ndarray, shape (..., h-1, 2)
    V : ndarray, shape (..., h)
    """
    columns = weights[..., h:].reshape(*weights.shape[:-1], 2, h - 1)
    return columns.swapaxes(-1, -2), weights[..., :h]


@np.errstate(all="ignore")
def add_penalty(sums: Floats, weights: Floats, n: int, penalty: float) -> Floats:
    """Sums over samples of the loss and its gradient, with what a penalty adds to them.

    Parameters
    ----------
    sums : ndarray, shape (3h-1,)
        As `LossGradient.sums` gives them.
    weights : ndarray, shape (3h-2,)
        The weights they are of.
    n : int
        The number of samples they are of.
    penalty : float
        Half of this times the sum of the squares of all weights is what the loss of a sample has in
        addition.

    Returns
    -------
    ndarray, shape (3h-1,)
        The sums as they are if the penalty is 0.
    """
    strength = n * penalty
    if not strength:
        return sums
    total = sums.copy()
    total[:-1] += strength * weights
    total[-1] += strength * np.add.accumulate(weights * weights)[-1] / 2
    return total


class LossGradient:
    """The loss over one dataset and its gradient, as a function of the weights.

    It is the inner loop of everything, so its arrays are made once and used again.

    Parameters
    ----------
    x, y : ndarray, shape (N,)
        The dataset.
    h : int
        The number of hidden neurons, the bias unit counted.

    Notes
    -----
    Section 2.5 of the document, divided by N as its last paragraph says.
    """

    def __init__(self, x: Floats, y: Floats, h: int) -> None:
        self._x, self._y, self._h = x, y, h
        self._H = np.ones((h, x.size))  # the last row, the bias unit, stays 1
        self._hidden = self._H[:-1]
        # What is summed over the samples lies in one array, to be summed at one go.
        self._terms = np.empty((3 * h - 1, x.size))
        self._e_H, self._slope_x, self._slope, _ = np.split(self._terms, (h, 2 * h - 1, 3 * h - 2))

    def __call__(self, U: Floats, V: Floats) -> tuple[np.float64, Floats, Floats]:
        """Evaluate at the weights.

        Parameters
        ----------
        U : ndarray, shape (h-1, 2)
        V : ndarray, shape (h,) or (1, h)

        Returns
        -------
        loss : float
        grad_U : ndarray, shape (h-1, 2)
        grad_V : ndarray, shape (h,)
        """
        sums = self.sums(pack(U, V)) / self._x.size
        return sums[-1], *unpack(sums[:-1], self._h)

    @np.errstate(all="ignore")
    def sums(self, weights: Floats) -> Floats:
        """Sum over the samples: the gradient, laid out as the weights are, and the loss.

        Parameters
        ----------
        weights : ndarray, shape (3h-2,)
            As `pack` gives them.

        Returns
        -------
        ndarray, shape (3h-1,)
            The loss, which is the last of them, is e² / 2.
        """
        x, h, H, hidden = self._x, self._h, self._H, self._hidden
        e_H, slope_x, slope, e = self._e_H, self._slope_x, self._slope, self._terms[-1]
        V, U0, U1 = weights[:h, None], weights[h : 2 * h - 1, None], weights[2 * h - 1 :, None]

        np.multiply(U0, x, out=hidden)
        hidden += U1
        sigmoid(hidden, out=hidden)
        np.multiply(V, H, out=e_H)
        sum_over_rows(e_H, out=e)  # the output o
        e -= self._y

        np.multiply(e, H, out=e_H)  # equation (1)
        np.subtract(1.0, hidden, out=slope)  # equation (2), but for the factor V
        slope *= e_H[:-1]
        np.multiply(slope, x, out=slope_x)
        e *= e

        sums = self.sum_over_samples(self._terms)
        sums[h:-1].reshape(2, h - 1)[:] *= weights[: h - 1]
        sums[-1] /= 2
        return sums

    def sum_over_samples(self, terms: Floats) -> Floats:
        """Sum along the last axis, in pairs; those who try other orders override it."""
        return sum_over_samples(terms)
