"""The training of an experiment by full-batch gradient descent."""

import math
import warnings
from hashlib import sha256

import numpy as np
from numpy.typing import ArrayLike

from nnlib.arithmetic import Arithmetic, find_arithmetic
from nnlib.checks import check_dataset, check_integer, check_weights
from nnlib.datasets import get_test_set, get_train_set
from nnlib.elementary import Floats
from nnlib.experiment import Experiment
from nnlib.history import History
from nnlib.network import get_initial_weights, pack, unpack

__all__ = [
    "fingerprint",
    "starting_point",
    "train",
    "train_in_order",
    "train_quietly",
]

# What numpy computes at one go, in elements, where it has to broadcast: its default, 8192, makes
# training slower by a fifth. (Before numpy 2.3 the size of it changed the order of sums.)
_BUFFER = 128
# Epochs times neurons whose test errors are computed at one go: with 100 samples, 200 kB, which
# stay in the cache of a core.
_AT_ONE_GO = 256

_Pair = tuple[ArrayLike, ArrayLike]


def starting_point(
    experiment: Experiment,
    train_set: _Pair | None = None,
    test_set: _Pair | None = None,
    weights: _Pair | None = None,
    arithmetic: str | Arithmetic = "portable",
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats], Floats]:
    """What a run starts from: what is given, checked, and the standard for the rest.

    Parameters
    ----------
    experiment, train_set, test_set, weights, arithmetic
        As of `train`.

    Returns
    -------
    train_set, test_set : tuple of ndarray, shape (N,)
    weights : ndarray, shape (3h-2,)
        As `nnlib.network.pack` gives them.

    Raises
    ------
    TypeError
        If `experiment` is none.
    ValueError
        As `train`.
    """
    if not isinstance(experiment, Experiment):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"experiment must be an Experiment, got {experiment!r}")
    f, h = experiment.f, experiment.h
    train_set = get_train_set(f, arithmetic) if train_set is None else train_set
    test_set = get_test_set(f, arithmetic) if test_set is None else test_set
    U, V = check_weights(get_initial_weights(h) if weights is None else weights, h)
    return (
        check_dataset(train_set, "training set"),
        check_dataset(test_set, "test set"),
        pack(U, V),
    )


def fingerprint(
    experiment: Experiment,
    *,
    train_set: _Pair | None = None,
    test_set: _Pair | None = None,
    weights: _Pair | None = None,
    arithmetic: str | Arithmetic = "portable",
) -> str:
    """What a run follows from, as one checksum: results are kept and found by it.

    A function is known by the values it takes in the datasets, not by its name, and a number by
    its bits, not by how it prints.

    Parameters
    ----------
    experiment, train_set, test_set, weights, arithmetic
        As of `train`.

    Returns
    -------
    str
        The SHA-256 of `h`, learning rate, epochs, the name of the arithmetic, and of training set,
        test set and initial weights, as little-endian doubles.

    Raises
    ------
    TypeError, ValueError
        As `starting_point`.
    """
    arithmetic = find_arithmetic(arithmetic)
    samples, test_samples, row = starting_point(
        experiment, train_set, test_set, weights, arithmetic
    )
    numbers = experiment.h, experiment.learning_rate.hex(), experiment.epochs
    digest = sha256(" ".join(map(str, (*numbers, arithmetic))).encode())
    for array in (*samples, *test_samples, row):
        digest.update(f" {len(array)} ".encode() + array.astype("<f8").tobytes())
    return digest.hexdigest()


def train(
    experiment: Experiment,
    *,
    train_set: _Pair | None = None,
    test_set: _Pair | None = None,
    weights: _Pair | None = None,
    arithmetic: str | Arithmetic = "portable",
    progress: bool = False,
) -> History:
    """Train the network by full-batch gradient descent.

    Parameters
    ----------
    experiment : Experiment
    train_set, test_set : pair of array_like, shape (N,), optional
        Inputs and wanted outputs; the standard datasets if not given.
    weights : pair of array_like, shapes (h-1, 2) and (1, h) or (h,), optional
        The initial `U` and `V`; the standard ones if not given.
    arithmetic : str or Arithmetic, optional
        ``"portable"``, which gives the same bits on every machine; ``"replay"``, which gives those
        of the machine that the document's figures come from, for `h` up to 12; or one of your own.
    progress : bool, optional
        Show a progress bar if it takes more than a second.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        If a dataset is empty, not of finite real numbers or of unequal lengths, the weights are
        not finite or do not fit `h`, or the arithmetic is unknown or does not take that `h`.

    Warns
    -----
    RuntimeWarning
        If the error overflows: with the initial weights, because they or the wanted outputs are
        too large; later, because the learning rate is. The run stops there and the rest of the
        history is NaN.

    Notes
    -----
    Sections 2.4 and 2.5 of the document. Both weights are updated from gradients at the old ones;
    as there, the learning rate multiplies the sum over the samples before that is divided by N.

    Examples
    --------
    >>> from nnlib import Experiment, f1, train
    >>> train(Experiment(f1, h=2, learning_rate=0.1, epochs=1000))
    (f1, 2, 0.1, 1000): last error 0.0051, lowest error 0.0051 at epoch 1000
    """
    history = train_quietly(experiment, train_set, test_set, weights, arithmetic, progress)
    overflow = history.overflow_epoch
    if overflow is not None:
        culprit = "the learning rate is" if overflow else "initial weights or wanted outputs are"
        warnings.warn(
            f"{experiment} overflows at epoch {overflow}: {culprit} too large",
            RuntimeWarning,
            stacklevel=2,
        )
    return history


def train_quietly(
    experiment: Experiment,
    train_set: _Pair | None = None,
    test_set: _Pair | None = None,
    weights: _Pair | None = None,
    arithmetic: str | Arithmetic = "portable",
    progress: bool = False,
) -> History:
    """Train as `train` does, but without a warning: `History.overflow_epoch` tells it as well.

    For runs in threads, where a warning cannot be ignored safely: Python 3.11 keeps the filters of
    `warnings.catch_warnings` for the whole process.
    """
    from tqdm import tqdm  # here, as it would take a third of the time that importing nnlib takes

    arithmetic = find_arithmetic(arithmetic)
    start = starting_point(experiment, train_set, test_set, weights, arithmetic)
    (x, y), (x_test, y_test), initial = start
    h, epochs = experiment.h, experiment.epochs

    rows = np.full((epochs + 1, 3 * h - 2), np.nan)  # all weights of an epoch in a row
    sums = np.full((epochs + 1, 3 * h - 1), np.nan)  # all gradients, and the loss
    test_error = np.full(epochs + 1, np.nan)
    U, V = unpack(rows, h)
    rows[0] = initial

    gradient = arithmetic.gradient(x, y, h)
    with np.errstate(over="ignore", invalid="ignore"):
        np.setbufsize(_BUFFER)  # until errstate ends
        for epoch in tqdm(
            range(epochs + 1), total=epochs, delay=1, unit="epoch", disable=not progress
        ):
            sums[epoch] = gradient.sums(rows[epoch])
            if epoch == epochs or not math.isfinite(sums[epoch, -1]):
                break
            rows[epoch + 1] = rows[epoch] - experiment.learning_rate * sums[epoch, :-1] / x.size
        some = max(1, _AT_ONE_GO // h)
        for first in range(0, epochs + 1, some):
            part = slice(first, first + some)
            o = arithmetic.forward_pass(U[part], V[part], x_test)
            test_error[part] = arithmetic.loss(o - y_test)

    sums /= x.size
    train_error = sums[:, -1].copy()
    finite = np.isfinite(test_error + train_error)
    if not finite.all():
        overflow = int(np.argmin(finite))
        for array in (test_error, train_error, rows):
            array[overflow + 1 :] = np.nan
        sums[overflow:] = np.nan
    grad_U, grad_V = unpack(sums[:-1, :-1], h)
    return History(experiment, test_error, train_error, U, V, grad_U, grad_V, arithmetic)


def train_in_order(
    experiment: Experiment, seed: int, arithmetic: str | Arithmetic = "portable"
) -> History:
    """Train with the same training samples in another order: mathematically, nothing changes.

    Parameters
    ----------
    experiment : Experiment
    seed : int
        Of the order; 0 or more.
    arithmetic : str or Arithmetic, optional
        As of `train`.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        If `seed` is not an integer, 0 or more, or as `train`.
    """
    seed = check_integer("seed", seed, least=0)
    x, y = get_train_set(experiment.f, arithmetic)
    order = np.random.default_rng(seed).permutation(len(x))
    return train(experiment, train_set=(x[order], y[order]), arithmetic=arithmetic)
