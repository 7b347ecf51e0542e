"""What a run starts from: its samples and its initial weights, said in a few numbers.

The laboratory's address has the same names, but for `test`. What is not said is the document's: its
1000 samples without noise, in the order in which they were drawn, its 100 samples for the test, and
its initial weights (sections 2.2 and 3).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from nnlib.arithmetic import Arithmetic
from nnlib.checks import check_integer, check_number, show
from nnlib.datasets import N_TEST, N_TRAIN, get_new_random_dataset, get_test_set, get_train_set
from nnlib.elementary import Floats
from nnlib.network import get_initial_weights, get_new_random_weights
from nnlib.normal import normal
from nnlib.targets import Target

__all__ = ["Seed", "Start"]

Seed = int | tuple[int, ...]

_NOISE_SEED = 0  # of the noise on the standard samples
_SEEDS = ("data", "weights", "order", "test")


@dataclass(frozen=True, kw_only=True, repr=False)
class Start:
    """What a run starts from: its samples and its initial weights.

    Parameters
    ----------
    samples : int, optional
        The size of the training set, at least 1. Without a seed for the data, the first of the
        standard 1000.
    noise : float, optional
        The standard deviation of what is added to each wanted output of the training set; 0 or
        more.
    data : int or tuple of int, optional
        The seed of a new training set, and of its noise; the standard training set if not given. A
        tuple is a seed and the path to a child of it, numpy's ``SeedSequence(seed, spawn_key)``.
    weights : int or tuple of int, optional
        The seed of new initial weights; the standard ones if not given.
    scale : float, optional
        What the initial weights are multiplied by.
    order : int or tuple of int, optional
        The seed of another order of the training samples. Mathematically it changes nothing.
    test : int or tuple of int, optional
        The seed of a new test set; the standard one, without noise, if not given.

    Raises
    ------
    ValueError
        If one of them is not allowed.

    Notes
    -----
    Sections 2.2 and 3 of the document.

    Examples
    --------
    >>> from nnlib import f1
    >>> from nnlib.start import Start
    >>> start = Start(samples=300, data=7, weights=8, scale=10)
    >>> start
    samples=300 data=7 weights=8 scale=10
    >>> x, y = start.train_set(f1)
    >>> U, V = start.initial_weights(3)
    """

    samples: int = N_TRAIN
    noise: float = 0.0
    data: Seed | None = None
    weights: Seed | None = None
    scale: float = 1.0
    order: Seed | None = None
    test: Seed | None = None

    def __post_init__(self) -> None:
        most = N_TRAIN if self.data is None else None
        values: dict[str, Any] = {
            "samples": check_integer("samples", self.samples, least=1, most=most),
            "noise": check_number("noise", self.noise),
            "scale": check_number("scale", self.scale),
            **{name: _check_seed(name, getattr(self, name)) for name in _SEEDS},
        }
        if values["noise"] < 0:
            raise ValueError(f"noise must be 0 or more, got {self.noise!r}")
        for name, value in values.items():
            object.__setattr__(self, name, value)  # past the lock of a frozen dataclass

    def __repr__(self) -> str:
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return " ".join(
            f"{name}={_write(value)}"
            for name, value in said.items()
            if value != getattr(Start, name)
        )

    @classmethod
    def parse(cls, said: Mapping[str, str]) -> "Start":
        """Read a start, as `repr` writes it.

        Parameters
        ----------
        said : dict of str to str
            The value of each name that is given.

        Returns
        -------
        Start

        Raises
        ------
        ValueError
            If there is no such name, or a value is not allowed.
        """
        known = [one.name for one in fields(cls)]
        for name in said:
            if name not in known:
                raise ValueError(f"a start has {', '.join(known)}, got {name!r}")
        return cls(**{name: _read(name, text) for name, text in said.items()})

    def train_set(
        self, f: Target, arithmetic: str | Arithmetic = "portable"
    ) -> tuple[Floats, Floats]:
        """Draw the training set.

        Parameters
        ----------
        f, arithmetic
            As of `nnlib.get_train_set`.

        Returns
        -------
        x, y : ndarray, shape (samples,)

        Raises
        ------
        ValueError
            As `nnlib.get_train_set`.
        """
        if self.data is None:
            rng = _generator(_NOISE_SEED)
            x, y = (values[: self.samples] for values in get_train_set(f, arithmetic))
        else:
            rng = _generator(self.data)
            x, y = get_new_random_dataset(f, self.samples, rng, arithmetic)
        if self.noise:
            with np.errstate(all="ignore"):
                y = y + normal(rng, self.noise, self.samples)
        if self.order is not None:
            order = _generator(self.order).permutation(self.samples)
            x, y = x[order], y[order]
        return x, y

    def test_set(
        self, f: Target, arithmetic: str | Arithmetic = "portable"
    ) -> tuple[Floats, Floats]:
        """Draw the test set.

        Parameters
        ----------
        f, arithmetic
            As of `train_set`.

        Returns
        -------
        x, y : ndarray, shape (100,)

        Raises
        ------
        ValueError
            As `train_set`.
        """
        if self.test is None:
            return get_test_set(f, arithmetic)
        return get_new_random_dataset(f, N_TEST, _generator(self.test), arithmetic)

    def initial_weights(self, h: int) -> tuple[Floats, Floats]:
        """Draw the initial weights.

        Parameters
        ----------
        h : int
            As of `nnlib.get_initial_weights`.

        Returns
        -------
        U : ndarray, shape (h-1, 2)
        V : ndarray, shape (1, h)

        Raises
        ------
        ValueError
            As `nnlib.get_initial_weights`.
        """
        U, V = (
            get_initial_weights(h)
            if self.weights is None
            else get_new_random_weights(h, _generator(self.weights))
        )
        with np.errstate(all="ignore"):
            return self.scale * U, self.scale * V


def _generator(seed: Seed) -> "np.random.Generator":
    """A generator of a seed, or of a child of it."""
    first, *path = (seed,) if isinstance(seed, int) else seed
    return np.random.default_rng(np.random.SeedSequence(first, spawn_key=path))


def _check_seed(name: str, seed: Seed | None) -> Seed | None:
    """A seed as Python's numbers, or a complaint."""
    if seed is None:
        return None
    if isinstance(seed, tuple) and seed:
        first, *path = (check_integer(name, part, least=0) for part in seed)
        return (first, *path) if path else first  # without a path one seed has one form
    return check_integer(name, seed, least=0)


def _write(value: Seed | float) -> str:
    """A value as `_read` reads it, and the laboratory's address."""
    if isinstance(value, tuple):
        return ".".join(map(str, value))
    return np.format_float_positional(value, trim="-") if isinstance(value, float) else str(value)


def _read(name: str, text: str) -> Any:
    """What `_write` has written."""
    if name in _SEEDS and re.fullmatch(r"\d+(\.\d+)+", text):
        return tuple(map(int, text.split(".")))
    number, kind = (float, "a number") if name in ("noise", "scale") else (int, "an integer")
    try:
        return number(text)
    except ValueError:
        raise ValueError(f"{name} must be {kind}, got {show(text)}") from None
