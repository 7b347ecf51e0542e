"""Samples of a target function: the standard datasets, and new random ones (section 2.2)."""

from operator import index

import numpy as np

__all__ = [
    "check_dataset",
    "check_integer",
    "get_new_random_dataset",
    "get_test_set",
    "get_train_set",
]

_SEED = 222337497072607291153223098371913928704  # the document's
_N_TRAIN, _N_TEST = 1000, 100


def get_train_set(f):
    """The standard training set: 1000 samples of `f`, the same at every call.

    Parameters
    ----------
    f : callable
        The target function, from an array of shape (N,) to one of the same shape.

    Returns
    -------
    x, y : ndarray, shape (1000,)
        Inputs, uniform on [-5, 5), and `f(x)`. Fresh arrays, which the caller may change.

    Raises
    ------
    ValueError
        If `f` does not return one finite number for each input.

    Notes
    -----
    Section 2.2 of the document, with the seed of its helper file.
    """
    return _sample(f, _standard_inputs()[:_N_TRAIN])


def get_test_set(f):
    """The standard test set: 100 further samples of `f`, the same at every call.

    Parameters
    ----------
    f : callable
        The target function, from an array of shape (N,) to one of the same shape.

    Returns
    -------
    x, y : ndarray, shape (100,)
        Inputs, uniform on [-5, 5), and `f(x)`. Fresh arrays, which the caller may change.

    Raises
    ------
    ValueError
        If `f` does not return one finite number for each input.

    Notes
    -----
    Section 2.2 of the document. The inputs are drawn after those of the training set, by the
    same generator.
    """
    return _sample(f, _standard_inputs()[_N_TRAIN:])


def get_new_random_dataset(f, N, rng=None):
    """A new random dataset of `N` samples of `f`.

    Parameters
    ----------
    f : callable
        The target function, from an array of shape (N,) to one of the same shape.
    N : int
        The number of samples, at least 1.
    rng : numpy.random.Generator or int, optional
        The generator to draw from, or its seed. Without one, every call gives another dataset.

    Returns
    -------
    x, y : ndarray, shape (N,)
        Inputs, uniform on [-5, 5), and `f(x)`.

    Raises
    ------
    ValueError
        If `N` is not a positive integer, or `f` does not return one finite number for each input.

    Notes
    -----
    Sections 2.2 and 3 of the document.
    """
    N = check_integer("N", N, least=1)
    return _sample(f, _inputs(np.random.default_rng(rng), N))


def check_integer(name, value, least):
    """Return `value` as an int, or say what is wrong with it.

    Parameters
    ----------
    name : str
        What it is called in the error.
    value : object
    least : int

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If it is not an integer, or is less than `least`.
    """
    try:
        if index(value) >= least:
            return index(value)
    except TypeError:
        pass
    raise ValueError(f"{name} must be an integer, at least {least}, got {value!r}")


def check_dataset(dataset, name):
    """Return a dataset as arrays of floats, or say what is wrong with it.

    Parameters
    ----------
    dataset : pair of array_like, shape (N,)
        Inputs x and wanted outputs y, N at least 1.
    name : str
        What the dataset is called in the error.

    Returns
    -------
    x, y : ndarray, shape (N,)

    Raises
    ------
    ValueError
        If it is not a pair of finite sequences of the same length, at least 1.
    """
    try:
        x, y = (np.asarray(values, dtype=float) for values in dataset)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"the {name} must be a pair (x, y) of arrays of numbers: {error}"
        ) from None
    if x.ndim != 1 or x.shape != y.shape or x.size == 0:
        raise ValueError(
            f"x and y of the {name} must have the same shape (N,), N at least 1, "
            f"got {x.shape} and {y.shape}"
        )
    for symbol, values in (("x", x), ("y", y)):
        wrong = np.flatnonzero(~np.isfinite(values))
        if wrong.size:
            n = wrong[0]
            raise ValueError(f"the {name} must be finite, got {symbol}[{n}] = {values[n]}")
    return x, y


def _inputs(rng, N):
    return (rng.random(N) - 0.5) * 10


def _standard_inputs():
    return _inputs(np.random.default_rng(_SEED), _N_TRAIN + _N_TEST)


def _sample(f, x):
    return check_dataset((x, f(x.copy())), f"dataset of {getattr(f, '__name__', f)}")
