"""An experiment, its training by full-batch gradient descent, and the history it leaves."""

import math
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from tqdm import tqdm

from nnlib import kernel
from nnlib.arithmetic import ARITHMETICS, Arithmetic, find_arithmetic
from nnlib.checks import check_dataset, check_h, check_integer, check_weights
from nnlib.datasets import get_test_set, get_train_set
from nnlib.network import get_initial_weights, pack, unpack
from nnlib.targets import TARGETS

__all__ = [
    "ENGINES",
    "Experiment",
    "History",
    "fingerprint",
    "starting_point",
    "train",
    "train_in_order",
    "train_quietly",
]

ENGINES = (None, "numpy", "kernel")


@dataclass(frozen=True)
class Experiment:
    """What the document writes as a tuple in red: (f, h, learning_rate, epochs).

    Parameters
    ----------
    f : callable
        The target function, from an array of shape (N,) to one of the same shape.
    h : int
        The number of hidden neurons, the bias unit counted; at least 2.
    learning_rate : float
        Positive and finite.
    epochs : int
        The number of updates of the weights; 0 or more.

    Raises
    ------
    ValueError
        If one of them is none of these.

    Notes
    -----
    Section 4 of the document.

    Examples
    --------
    >>> from nnlib import Experiment, f1
    >>> Experiment(f1, 3, 0.1, 1000)
    (f1, 3, 0.1, 1000)
    >>> Experiment.parse("f1 3 0.1 1000")
    (f1, 3, 0.1, 1000)
    """

    f: Callable
    h: int
    learning_rate: float
    epochs: int

    def __post_init__(self):
        if not callable(self.f):
            raise ValueError(f"f must be a function, such as nnlib.f1, got {self.f!r}")
        check_h(self.h)
        try:
            valid = 0 < self.learning_rate < math.inf
        except TypeError:
            valid = False
        if not valid:
            raise ValueError(
                f"learning_rate must be a positive, finite number, got {self.learning_rate!r}"
            )
        check_integer("epochs", self.epochs, least=0)

    def __repr__(self):
        name = getattr(self.f, "__name__", self.f)
        learning_rate = np.format_float_positional(self.learning_rate, trim="-")
        return f"({name}, {self.h}, {learning_rate}, {self.epochs})"

    @classmethod
    def parse(cls, text):
        """Read an experiment, as `repr` writes it, or without the brackets and commas.

        Parameters
        ----------
        text : str
            Such as ``"(f2, 8, 0.1, 1200)"`` or ``"f2 8 0.1 1200"``.

        Returns
        -------
        Experiment

        Raises
        ------
        ValueError
            If it is not of that form, the function is neither `f1` nor `f2`, or a number is not
            allowed.
        """
        words = re.sub(r"^\((.*)\)$", r"\1", text.strip()).replace(",", " ").split()
        if len(words) != 4:
            raise ValueError(f"an experiment is written as 'f2 8 0.1 1200', got {text!r}")
        name, *numbers = words
        if name not in TARGETS:
            raise ValueError(f"the function must be one of {', '.join(TARGETS)}, got {name!r}")
        try:
            h, learning_rate, epochs = int(numbers[0]), float(numbers[1]), int(numbers[2])
        except ValueError:
            raise ValueError(
                f"h, learning rate and epochs must be an integer, a number and an integer, "
                f"got {' '.join(numbers)!r}"
            ) from None
        return cls(TARGETS[name], h, learning_rate, epochs)


@dataclass(frozen=True, eq=False, repr=False)
class History:
    """What gradient descent did, epoch by epoch; entry 0 is the state before the first update.

    Attributes
    ----------
    experiment : Experiment
    test_error, train_error : ndarray, shape (epochs + 1,)
        Half the mean squared error on the test set and on the training set.
    U : ndarray, shape (epochs + 1, h-1, 2)
    V : ndarray, shape (epochs + 1, h)
        The weights.
    grad_U : ndarray, shape (epochs, h-1, 2)
    grad_V : ndarray, shape (epochs, h)
        The gradient that led from each epoch to the next.
    arithmetic : Arithmetic
        How it was computed.

    Notes
    -----
    After an overflow, everything is NaN. The arrays are read-only; copy what you want to change.
    """

    experiment: Experiment
    test_error: np.ndarray
    train_error: np.ndarray
    U: np.ndarray
    V: np.ndarray
    grad_U: np.ndarray
    grad_V: np.ndarray
    arithmetic: Arithmetic = ARITHMETICS["portable"]

    def __post_init__(self):
        for array in self._arrays():
            array.flags.writeable = False

    def __repr__(self):
        return (
            f"{self.experiment}: last error {self.last_error:.4f}, "
            f"lowest error {self.lowest_error:.4f} at epoch {self.best_epoch}"
        )

    @property
    def last_error(self):
        """The test error after the last epoch; NaN after an overflow."""
        return float(self.test_error[-1])

    @property
    def lowest_error(self):
        """The lowest test error."""
        return float(self.test_error[self.best_epoch])

    @property
    def best_epoch(self):
        """The first epoch with the lowest test error."""
        return int(np.argmin(np.where(np.isnan(self.test_error), np.inf, self.test_error)))

    @property
    def overflow_epoch(self):
        """The first epoch whose error is not finite, or None."""
        overflow = np.flatnonzero(~np.isfinite(self.test_error + self.train_error))
        return int(overflow[0]) if overflow.size else None

    def predict(self, x, epoch=-1):
        """What the network had learned after an epoch.

        Parameters
        ----------
        x : array_like
            Inputs, of any shape.
        epoch : int
            From 0 to `epochs`; negative ones count from the end.

        Returns
        -------
        ndarray or float
            Outputs, in the shape of `x`.

        Raises
        ------
        ValueError
            If there is no such epoch.
        """
        epochs = len(self.U) - 1
        if not -epochs - 1 <= epoch <= epochs:
            raise ValueError(f"epoch must be between {-epochs - 1} and {epochs}, got {epoch}")
        x = np.asarray(x, dtype=float)
        o = self.arithmetic.forward_pass(self.U[epoch], self.V[epoch], x.ravel())
        return o.reshape(x.shape)[()]

    def checksum(self):
        """The SHA-256 of all numbers, as little-endian doubles in the order of the attributes."""
        digest = sha256()
        for array in self._arrays():
            digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
        return digest.hexdigest()

    def _arrays(self):
        return (self.test_error, self.train_error, self.U, self.V, self.grad_U, self.grad_V)


def starting_point(experiment, train_set=None, test_set=None, weights=None, arithmetic="portable"):
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
    if not isinstance(experiment, Experiment):
        raise TypeError(f"experiment must be an Experiment, got {experiment!r}")
    f, h = experiment.f, experiment.h
    train_set = get_train_set(f, arithmetic) if train_set is None else train_set
    test_set = get_test_set(f, arithmetic) if test_set is None else test_set
    U, V = check_weights(get_initial_weights(h) if weights is None else weights, h)
    sets = check_dataset(train_set, "training set"), check_dataset(test_set, "test set")
    return *sets, pack(U, V[0])


def fingerprint(experiment, **given):
    """What a run follows from, as one checksum: results are kept and found by it.

    A function is known by the values it takes in the datasets, not by its name, and a number by
    its bits, not by how it prints.

    Parameters
    ----------
    experiment : Experiment
    **given
        Training set, test set, weights and arithmetic, as of `train`.

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
    train_set, test_set, weights = starting_point(experiment, **given)
    arithmetic = find_arithmetic(given.get("arithmetic", "portable"))
    numbers = experiment.h, float(experiment.learning_rate).hex(), experiment.epochs
    digest = sha256(" ".join(map(str, (*numbers, arithmetic))).encode())
    for array in (*train_set, *test_set, weights):
        digest.update(f" {len(array)} ".encode() + array.astype("<f8").tobytes())
    return digest.hexdigest()


def train(
    experiment,
    *,
    train_set=None,
    test_set=None,
    weights=None,
    arithmetic="portable",
    engine=None,
    progress=False,
):
    """Train the network by full-batch gradient descent.

    Parameters
    ----------
    experiment : Experiment
    train_set, test_set : pair of array_like, shape (N,), optional
        Inputs and wanted outputs; the standard datasets if not given.
    weights : pair of array_like, shapes (h-1, 2) and (1, h), optional
        The initial `U` and `V`; the standard ones if not given.
    arithmetic : str or Arithmetic, optional
        ``"portable"``, which gives the same bits on every machine; ``"replay"``, which gives those
        of the machine that the document's figures come from, for `h` up to 12; or one of your own.
    engine : {None, "numpy", "kernel"}, optional
        What runs the loop: numpy, or the kernel, which is compiled, has the portable arithmetic
        alone, and gives the same bits in less time. Without a choice it is the kernel if it can be
        used; `nnlib.kernel.status` says whether it can.
    progress : bool, optional
        Show a progress bar if it takes more than a second.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        If a dataset is empty, not finite or of unequal lengths, the weights do not fit `h`, the
        arithmetic is unknown or does not take that `h`, or the engine is unknown or has another
        arithmetic.
    nnlib.kernel.KernelError, MemoryError
        If the kernel is asked for and cannot be used, or the problem is too large for it.

    Warns
    -----
    RuntimeWarning
        If the error overflows, which a learning rate that is too large can bring about. The run
        stops there and the rest of the history is NaN.

    Notes
    -----
    Sections 2.4 and 2.5 of the document. Both weights are updated from gradients at the old ones;
    as there, the learning rate multiplies the sum over the samples before that is divided by N.
    """
    history = train_quietly(experiment, train_set, test_set, weights, arithmetic, engine, progress)
    if history.overflow_epoch is not None:
        warnings.warn(
            f"{experiment} overflows at epoch {history.overflow_epoch}: "
            "the learning rate is too large",
            RuntimeWarning,
            stacklevel=2,
        )
    return history


def train_quietly(
    experiment,
    train_set=None,
    test_set=None,
    weights=None,
    arithmetic="portable",
    engine=None,
    progress=False,
):
    """Train as `train` does, but without a warning: `History.overflow_epoch` tells it as well.

    For runs in threads, where a warning cannot be ignored safely: Python 3.11 keeps the filters of
    `warnings.catch_warnings` for the whole process.
    """
    arithmetic = find_arithmetic(arithmetic)
    start = starting_point(experiment, train_set, test_set, weights, arithmetic)
    (x, y), (x_test, y_test), weights = start
    h, epochs = experiment.h, experiment.epochs

    rows = np.full((epochs + 1, 3 * h - 2), np.nan)  # all weights of an epoch in a row
    sums = np.full((epochs + 1, 3 * h - 1), np.nan)  # all gradients, and twice the loss
    test_error = np.full(epochs + 1, np.nan)
    U, V = unpack(rows, h)
    rows[0] = weights
    learning_rate = float(experiment.learning_rate)
    run = (x, y), (x_test, y_test), learning_rate, rows, sums, test_error
    if not (
        _takes_kernel(engine, arithmetic)
        and _descend_compiled(*run, engine=engine, progress=progress)
    ):
        _descend(*run, arithmetic, progress)

    sums /= x.size
    train_error = sums[:, -1] / 2
    finite = np.isfinite(test_error + train_error)
    if not finite.all():
        overflow = int(np.argmin(finite))
        for array in (test_error, train_error, rows):
            array[overflow + 1 :] = np.nan
            array[np.isnan(array)] = np.nan  # the sign of a NaN that was computed is not fixed
        sums[overflow:] = np.nan
    grad_U, grad_V = unpack(sums[:-1, :-1], h)
    return History(experiment, test_error, train_error, U, V, grad_U, grad_V, arithmetic)


def train_in_order(experiment, seed, arithmetic="portable"):
    """Train with the same training samples in another order: mathematically, nothing changes.

    Parameters
    ----------
    experiment : Experiment
    seed : int
        Of the order.
    arithmetic : str or Arithmetic, optional
        As of `train`.

    Returns
    -------
    History
    """
    x, y = get_train_set(experiment.f, arithmetic)
    order = np.random.default_rng(seed).permutation(len(x))
    return train(experiment, train_set=(x[order], y[order]), arithmetic=arithmetic)


def _descend(train_set, test_set, learning_rate, rows, sums, test_error, arithmetic, progress):
    """Fill the history from the initial weights in its first row on, until an overflow."""
    (x, y), (x_test, y_test) = train_set, test_set
    epochs, h = len(rows) - 1, (sums.shape[1] + 1) // 3
    U, V = unpack(rows, h)

    gradient = arithmetic.gradient(x, y, h)
    with np.errstate(over="ignore", invalid="ignore"):
        # Until errstate ends: a larger buffer slows down broadcasting, by a fifth. (Before numpy
        # 2.3 a smaller one changed the order of sums.)
        np.setbufsize(128)
        for epoch in tqdm(
            range(epochs + 1), total=epochs, delay=1, unit="epoch", disable=not progress
        ):
            sums[epoch] = gradient.sums(rows[epoch])
            if epoch == epochs or not math.isfinite(sums[epoch, -1]):
                break
            rows[epoch + 1] = rows[epoch] - learning_rate * sums[epoch, :-1] / x.size
        some = max(1, 256 // h)  # epochs at a time, to stay in the cache
        for start in range(0, epochs + 1, some):
            part = slice(start, start + some)
            o = arithmetic.forward_pass(U[part], V[part], x_test)
            test_error[part] = arithmetic.loss(o - y_test)


def _takes_kernel(engine, arithmetic):
    """Whether the compiled loop is to be tried, which the portable arithmetic alone has."""
    if engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(map(repr, ENGINES))}, got {engine!r}")
    portable = arithmetic == ARITHMETICS["portable"]
    if engine == "kernel" and not portable:
        raise ValueError(f"the kernel has the portable arithmetic, not {arithmetic}")
    return portable and engine != "numpy"


def _descend_compiled(*run, engine, progress):
    """Do what `_descend` does in the kernel; False if it cannot and numpy may take its place."""
    epochs = len(run[3]) - 1
    try:
        with tqdm(total=epochs, delay=1, unit="epoch", disable=not progress) as bar:
            for done in kernel.descend(*run):
                bar.update(min(done, epochs) - bar.n)
    except (kernel.KernelError, MemoryError):
        if engine == "kernel":
            raise
        return False
    return True
