"""Two hidden neurons that are nearly duplicates, and what becomes of their difference.

Equal neurons have equal gradients, so they stay equal. Let two differ by a little, d. What one adds
to the output the other takes away, so the output and its error e stay as they are, to first order.
The gradients of the two then differ by A d, where A is the mean over the samples of e times the
second derivatives of what one neuron contributes. So an epoch takes d to d - learning_rate A d:
where an eigenvalue of A is positive the duplicates attract each other, and where it is negative
they separate.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib.checks import check_dataset, check_descent, check_integer
from nnlib.elementary import sigmoid
from nnlib.experiment import Experiment
from nnlib.network import forward_pass, unpack
from nnlib.training import History, starting_point, train

__all__ = [
    "difference",
    "difference_curvature",
    "predicted_difference",
    "predicted_from_copies",
]

_AT_ONE_GO = 50  # epochs: beyond 128 kB for an array, memory is fetched anew for each


def difference(history: History, i: int, j: int) -> NDArray[np.float64]:
    """The weights of one hidden neuron minus those of another, all along a run.

    Parameters
    ----------
    history : History
    i, j : int
        Two different hidden neurons, from 0 to h-2.

    Returns
    -------
    ndarray, shape (epochs + 1, 3)
        In the order V[i], U[i,0], U[i,1].

    Raises
    ------
    ValueError
        If there are no such neurons.
    """
    _check_pair(i, j, history.experiment.h)
    history.check_whole("a difference all along a run")
    of = [
        np.concatenate([history.V[:, k, None], history.U[:, k]], axis=1, dtype=float)
        for k in (i, j)
    ]
    return of[0] - of[1]


def difference_curvature(
    U: NDArray[np.float64], V: NDArray[np.float64], i: int, j: int, x: ArrayLike, y: ArrayLike
) -> NDArray[np.float64]:
    """The second derivatives of the loss with respect to the difference of two alike neurons.

    Parameters
    ----------
    U : ndarray, shape (..., h-1, 2)
    V : ndarray, shape (..., h)
        One network, or a stack of them.
    i, j : int
        Two different hidden neurons, from 0 to h-2. Both are taken to be where the middle of the
        two is, which leaves an error of the third order in their difference.
    x, y : array_like, shape (N,)
        What the network learns from.

    Returns
    -------
    ndarray, shape (..., 3, 3)
        Symmetric, in the order V[i], U[i,0], U[i,1].

    Raises
    ------
    ValueError
        If there are no such neurons.

    Notes
    -----
    The output has no first derivative in these directions, so nothing is left of the Hessian but
    the error times the second derivatives of V σ(U X). Where the gradient is zero the row and the
    column of V vanish, and what remains is the matrix of Fukumizu and Amari, "Local minima and
    plateaus in hierarchical structures of multilayer perceptrons" (2000).
    """
    _check_pair(i, j, V.shape[-1])
    x, y = check_dataset((x, y), "dataset")
    e = forward_pass(U, V, x) - y
    u = (U[..., i, :] + U[..., j, :]) / 2
    v = (V[..., i, None] + V[..., j, None]) / 2
    H = sigmoid(u[..., :1] * x + u[..., 1:])
    slope = e * H * (1 - H)
    bend = v * slope * (1 - 2 * H)
    terms = slope * x, slope, bend * x * x, bend * x, bend
    v0, v1, b00, b01, b11 = (np.add.reduce(term, axis=-1) / x.size for term in terms)
    rows = (np.zeros_like(v0), v0, v1), (v0, b00, b01), (v1, b01, b11)
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def predicted_difference(history: History, i: int, j: int) -> NDArray[np.float64]:
    """What becomes of the first difference of two neurons if d goes to d - learning_rate A d.

    Parameters
    ----------
    history : History
        It gives A at every epoch; the difference itself is taken from it at epoch 0 only.
    i, j : int
        Two different hidden neurons, from 0 to h-2.

    Returns
    -------
    ndarray, shape (epochs + 1, 3)
        In the order V[i], U[i,0], U[i,1]; NaN after an overflow.

    Raises
    ------
    ValueError
        If there are no such neurons, or the run is not of plain gradient descent.
    """
    check_descent("the run", history.experiment)
    x, y = history.train_set
    return _follow(history, i, j, x, y, difference(history, i, j)[0])


def predicted_from_copies(
    experiment: Experiment, i: int, j: int, weights: tuple[ArrayLike, ArrayLike] | None = None
) -> tuple[NDArray[np.float64], History]:
    """What should become of the difference of two neurons, without a look at the run.

    Parameters
    ----------
    experiment : Experiment
        On the standard training set.
    i, j : int
        Two different hidden neurons, from 0 to h-2.
    weights : pair of array_like, shapes (h-1, 2) and (1, h) or (h,), optional
        The initial `U` and `V`; the standard ones if not given.

    Returns
    -------
    difference : ndarray, shape (epochs + 1, 3)
        In the order V[i], U[i,0], U[i,1].
    copies : History
        The run of exact duplicates that A is taken from: both neurons start from the middle of
        the two.

    Raises
    ------
    ValueError
        If there are no such neurons, the weights are not valid, or the experiment is not of plain
        gradient descent.
    """
    check_descent("the run of copies", experiment)
    _check_pair(i, j, experiment.h)
    (x, y), _, row = starting_point(experiment, weights=weights)
    U, V = (part.copy() for part in unpack(row, experiment.h))
    first = np.append(V[i] - V[j], U[i] - U[j])
    V[[i, j]], U[[i, j]] = (V[i] + V[j]) / 2, (U[i] + U[j]) / 2
    copies = train(experiment, weights=(U, V))
    return _follow(copies, i, j, x, y, first), copies


def _follow(history, i, j, x, y, first):
    """Take a first difference from epoch to epoch, with the A of a run."""
    epochs, rate = history.experiment.epochs, history.experiment.learning_rate
    predicted = np.empty((epochs + 1, 3))
    predicted[0] = d = first.tolist()
    for start in range(0, epochs, _AT_ONE_GO):
        part = slice(start, min(start + _AT_ONE_GO, epochs))
        A = difference_curvature(history.U[part], history.V[part], i, j, x, y)
        for n, matrix in enumerate(A.tolist(), start=start + 1):
            # From left to right, since a product of matrices may round as BLAS likes.
            turn = [a * d[0] + b * d[1] + c * d[2] for a, b, c in matrix]
            predicted[n] = d = [v - rate * change for v, change in zip(d, turn, strict=True)]
    return predicted


def _check_pair(i: int, j: int, h: int) -> None:
    for name, neuron in (("i", i), ("j", j)):
        check_integer(name, neuron, least=0, most=h - 2)
    if i == j:
        raise ValueError(f"i and j must be two neurons, got {i} twice")
