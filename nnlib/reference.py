"""The document's learning loop, sample by sample, to be laid beside its equations.

It is slow, and it is the oracle: `nnlib.train` must agree with it. `forward_pass` and
`back_propagate` are the document's names; `forward_pass` and `train` do for one sample after the
other what those of `nnlib.network` and `nnlib` do for all at once, and so bear the same names.
"""

# The document's symbols are capital letters, and no constants.
# pyright: reportConstantRedefinition=false

import numpy as np

from nnlib.datasets import get_test_set, get_train_set
from nnlib.elementary import Floats, sigmoid
from nnlib.experiment import Experiment
from nnlib.history import History
from nnlib.network import get_initial_weights

__all__ = ["back_propagate", "forward_pass", "train"]


@np.errstate(all="ignore")
def forward_pass(U: Floats, V: Floats, x: float) -> tuple[Floats, Floats, float]:
    """The output of the network for one input.

    Parameters
    ----------
    U : ndarray, shape (h-1, 2)
    V : ndarray, shape (1, h) or (h,)
    x : float

    Returns
    -------
    X : ndarray, shape (2,)
        The input layer.
    H : ndarray, shape (h,)
        The hidden layer.
    o : float
        The output.

    Notes
    -----
    Section 2.3 of the document. Products are summed in the order of the indices.
    """
    V = V.reshape(1, -1)
    X = np.array([x, 1.0])
    H = np.append(sigmoid(U[:, 0] * X[0] + U[:, 1] * X[1]), 1.0)
    o = sum(V[0] * H)
    return X, H, o


@np.errstate(all="ignore")
def back_propagate(e: float, X: Floats, H: Floats, V: Floats) -> tuple[Floats, Floats]:
    """The gradient of the loss on one sample, l = e² / 2.

    Parameters
    ----------
    e : float
        The error of the output, e = o - y.
    X : ndarray, shape (2,)
    H : ndarray, shape (h,)
    V : ndarray, shape (1, h) or (h,)

    Returns
    -------
    grad_U : ndarray, shape (h-1, 2)
        Equation (2) of the document.
    grad_V : ndarray, shape (1, h)
        Equation (1) of the document.
    """
    V = V.reshape(1, -1)
    grad_V = e * H[np.newaxis]
    grad_U = (e * V[0, :-1] * H[:-1] * (1 - H[:-1]))[:, np.newaxis] * X
    return grad_U, grad_V


@np.errstate(all="ignore")
def train(experiment: Experiment) -> History:
    """Train on the standard datasets from the standard initial weights, as `nnlib.train` does.

    Parameters
    ----------
    experiment : nnlib.Experiment

    Returns
    -------
    nnlib.History

    Notes
    -----
    Sections 2.4 and 2.5 of the document: the losses and gradients of the samples are added one
    by one and divided by their number. It does not watch for overflows.
    """
    x_train, y_train = get_train_set(experiment.f)
    x_test, y_test = get_test_set(experiment.f)
    U, V = get_initial_weights(experiment.h)
    epochs: list[tuple[float | Floats, ...]] = []
    for _ in range(experiment.epochs + 1):
        train_loss, grad_U, grad_V = 0.0, np.zeros(U.shape), np.zeros(V.shape)
        for x, y in zip(x_train, y_train, strict=True):
            X, H, o = forward_pass(U, V, x)
            e = o - y
            sample_grad_U, sample_grad_V = back_propagate(e, X, H, V)
            train_loss += e * e / 2
            grad_U += sample_grad_U
            grad_V += sample_grad_V

        test_loss = 0.0
        for x, y in zip(x_test, y_test, strict=True):
            _, _, o = forward_pass(U, V, x)
            test_loss += (o - y) * (o - y) / 2
        test_error = test_loss / len(x_test)

        N = len(x_train)
        epochs.append((test_error, train_loss / N, U, V[0], grad_U / N, grad_V[0] / N))
        U = U - experiment.learning_rate * grad_U / N
        V = V - experiment.learning_rate * grad_V / N
    test_error, train_error, U, V, grad_U, grad_V = map(np.array, zip(*epochs, strict=True))
    return History(experiment, test_error, train_error, U, V, grad_U[:-1], grad_V[:-1])
