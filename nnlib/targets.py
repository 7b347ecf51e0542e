"""The two functions that the network is to learn (section 2.1 of the document)."""

import numpy as np

from nnlib.elementary import exp, sin

__all__ = ["f1", "f2", "wanted_outputs"]


def f1(x):
    """The smooth target, f1(x) = exp(x / 5).

    Parameters
    ----------
    x : array_like
        Any shape; the report uses -5 to 5.

    Returns
    -------
    ndarray or float
        Shape of `x`.

    Notes
    -----
    Section 2.1 of the document.
    """
    return exp(np.asarray(x, dtype=float) / 5)


def f2(x):
    """The wavy target, f2(x) = sin(x) (25 - x²).

    Parameters
    ----------
    x : array_like
        Any shape; the report uses -5 to 5.

    Returns
    -------
    ndarray or float
        Shape of `x`.

    Raises
    ------
    ValueError
        If an `x` is beyond a million.

    Notes
    -----
    Section 2.1 of the document.
    """
    x = np.asarray(x, dtype=float)
    return sin(x) * (25 - x * x)


TARGETS = {"f1": f1, "f2": f2}  # by their names in the document


def wanted_outputs(f, x):
    """The wanted outputs, `f(x)`.

    Parameters
    ----------
    f : callable
    x : ndarray, shape (N,)

    Returns
    -------
    ndarray, shape (N,)
    """
    return f(x)
