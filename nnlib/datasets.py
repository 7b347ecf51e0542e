"""Samples of a target function: the standard datasets, and new random ones (section 2.2)."""

import numpy as np

from nnlib.arithmetic import Arithmetic, find_arithmetic
from nnlib.checks import check_dataset, check_integer
from nnlib.elementary import Floats
from nnlib.targets import Target

__all__ = [
    "INPUTS",
    "N_TEST",
    "N_TRAIN",
    "get_new_random_dataset",
    "get_test_set",
    "get_train_set",
    "sample",
]

_SEED = 222337497072607291153223098371913928704  # the document's
N_TRAIN, N_TEST = 1000, 100  # the document's


def get_train_set(f: Target, arithmetic: str | Arithmetic = "portable") -> tuple[Floats, Floats]:
    """The standard training set: 1000 samples of `f`, the same at every call.

    Parameters
    ----------
    f : callable
        The target function, from an array of shape (N,) to one of the same shape.
    arithmetic : str or Arithmetic, optional
        How `f` is computed; see `nnlib.arithmetic`.

    Returns
    -------
    x, y : ndarray, shape (1000,)
        Inputs, uniform on [-5, 5), and `f(x)`. Fresh arrays, which the caller may change.

    Raises
    ------
    ValueError
        If `f` does not return one finite real number for each input, or the arithmetic is unknown.

    Notes
    -----
    Section 2.2 of the document, with the seed of its helper file.

    Examples
    --------
    >>> from nnlib import f1, get_train_set
    >>> x, y = get_train_set(f1)
    >>> x.shape, bool(x.min() >= -5), bool(x.max() < 5), bool((y == f1(x)).all())
    ((1000,), True, True, True)
    """
    return sample(f, _standard_inputs()[:N_TRAIN], arithmetic)


def get_test_set(f: Target, arithmetic: str | Arithmetic = "portable") -> tuple[Floats, Floats]:
    """The standard test set: 100 further samples of `f`, the same at every call.

    Parameters
    ----------
    f, arithmetic
        As of `get_train_set`.

    Returns
    -------
    x, y : ndarray, shape (100,)
        As of `get_train_set`.

    Raises
    ------
    ValueError
        As `get_train_set`.

    Notes
    -----
    Section 2.2 of the document. The inputs are drawn after those of the training set, by the
    same generator.
    """
    return sample(f, _standard_inputs()[N_TRAIN:], arithmetic)


def get_new_random_dataset(
    f: Target,
    N: int,
    rng: "np.random.Generator | int | None" = None,
    arithmetic: str | Arithmetic = "portable",
) -> tuple[Floats, Floats]:
    """A new random dataset of `N` samples of `f`.

    Parameters
    ----------
    f, arithmetic
        As of `get_train_set`.
    N : int
        The number of samples, at least 1.
    rng : numpy.random.Generator or int, optional
        The generator to draw from, or its seed. Without one, every call gives another dataset.

    Returns
    -------
    x, y : ndarray, shape (N,)
        As of `get_train_set`.

    Raises
    ------
    ValueError
        As `get_train_set`, and if `N` is not a positive integer.

    Notes
    -----
    Sections 2.2 and 3 of the document.
    """
    size = check_integer("N", N, least=1)
    return sample(f, _inputs(np.random.default_rng(rng), size), arithmetic)


def _grid(x: Floats) -> Floats:
    return ((np.arange(x.size) + 0.5) / x.size - 0.5) * 10


def _gap(x: Floats) -> Floats:
    return 0.7 * x + np.where(x < 0, -1.5, 1.5)


def _side(x: Floats) -> Floats:
    return np.where(x < 4, (x + 5) * 2 / 9 - 5, (x - 4) * 8 - 3)


# What becomes of inputs that are uniform from -5 to 5; see `nnlib.start.Start`.
INPUTS = {"uniform": np.copy, "grid": _grid, "gap": _gap, "side": _side}


def _inputs(rng: "np.random.Generator", N: int) -> Floats:
    return (rng.random(N) - 0.5) * 10  # the document's, on [-5, 5)


def _standard_inputs() -> Floats:
    return _inputs(np.random.default_rng(_SEED), N_TRAIN + N_TEST)


def sample(f: Target, x: Floats, arithmetic: str | Arithmetic) -> tuple[Floats, Floats]:
    """The samples of a function at some inputs, checked."""
    y = find_arithmetic(arithmetic).target(f)(x.copy())
    return check_dataset((x, y), f"dataset of {getattr(f, '__name__', f)}")
