"""What is said to bad input: each check returns the value, or says what was given and allowed."""

from operator import index

import numpy as np

__all__ = ["check_dataset", "check_h", "check_integer", "check_weights"]


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


def check_h(h):
    """Return `h` as an int.

    Raises
    ------
    ValueError
        If it is not an integer, or is less than 2.
    """
    return check_integer("h, the number of hidden neurons,", h, least=2)


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
    _check_finite(name, x=x, y=y)
    return x, y


def check_weights(weights, h):
    """Return `U` and `V` as arrays of floats, or say what is wrong with them.

    Parameters
    ----------
    weights : pair of array_like, shapes (h-1, 2) and (1, h)
    h : int

    Returns
    -------
    U : ndarray, shape (h-1, 2)
    V : ndarray, shape (1, h)

    Raises
    ------
    ValueError
        If a shape is another, or a weight is not finite.
    """
    try:
        U, V = (np.asarray(values, dtype=float) for values in weights)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"the weights must be a pair (U, V) of arrays of numbers: {error}"
        ) from None
    if U.shape != (h - 1, 2) or V.shape != (1, h):
        raise ValueError(
            f"for h = {h}, U and V must have the shapes {(h - 1, 2)} and {(1, h)}, "
            f"got {U.shape} and {V.shape}"
        )
    _check_finite("weights", U=U, V=V)
    return U, V


def _check_finite(name, **arrays):
    for symbol, values in arrays.items():
        for place in np.argwhere(~np.isfinite(values)):
            where, value = ",".join(map(str, place)), values[tuple(place)]
            raise ValueError(f"the {name} must be finite, got {symbol}[{where}] = {value}")
