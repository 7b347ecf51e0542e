"""The two functions that the network is to learn (section 2.1 of the document)."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnlib.checks import check_numbers
from nnlib.elementary import Floats, exp, sin

__all__ = ["TARGETS", "Target", "f1", "f2", "wanted_outputs"]

Target = Callable[[Floats], ArrayLike]  # an array of inputs to as many wanted outputs


@np.errstate(all="ignore")
def f1(x: ArrayLike) -> Any:
    """The smooth target, f1(x) = exp(x / 5).

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
        If an `x` is no real number.

    Notes
    -----
    Section 2.1 of the document.

    Examples
    --------
    >>> from nnlib import f1
    >>> f1([-5, 0, 5]).round(4).tolist()
    [0.3679, 1.0, 2.7183]
    """
    return exp(check_numbers("x", x) / 5)


@np.errstate(all="ignore")
def f2(x: ArrayLike) -> Any:
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
        If an `x` is no real number, or beyond a million.

    Notes
    -----
    Section 2.1 of the document.

    Examples
    --------
    >>> from nnlib import f2
    >>> f2([-4, 1, 4]).round(4).tolist()
    [6.8112, 20.1953, -6.8112]
    """
    x = check_numbers("x", x)
    return sin(x) * (25 - x * x)


TARGETS: dict[str, Target] = {"f1": f1, "f2": f2}  # by their names in the document


def wanted_outputs(f: Target, x: Floats) -> ArrayLike:
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
