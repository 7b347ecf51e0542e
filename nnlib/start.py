"""What a run starts from: its samples and its initial weights, said in a few numbers.

The laboratory's address has the same names, but for `test`. What is not said is the document's: its
1000 samples without noise, in the order in which they were drawn, its 100 samples for the test, and
its initial weights (sections 2.2 and 3).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from nnlib.arithmetic import Arithmetic
from nnlib.checks import (
    check_h,
    check_integer,
    check_number,
    check_word,
    read_number,
    show,
    write_number,
)
from nnlib.datasets import N_TEST, N_TRAIN, get_new_random_dataset, get_test_set, get_train_set
from nnlib.elementary import Floats
from nnlib.network import SEED, get_new_random_weights, unpack
from nnlib.normal import normal
from nnlib.optimizers.least_squares import spread_weights
from nnlib.targets import Target

__all__ = ["STARTS", "Seed", "Start", "check_seed", "generator", "read_seed", "write_seed"]

Seed = int | tuple[int, ...]

_NOISE_SEED = 0  # of the noise on the standard samples
_SEEDS = ("data", "weights", "order", "test")


def _spread(h: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    return unpack(spread_weights(h, 1, rng)[0], h)


def _glorot(h: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Uniform up to √(6 / (neurons before + neurons after)); those of the bias units are 0."""
    limit = np.sqrt(6 / h)  # of both layers: one input and h-1 neurons, h-1 neurons and one output
    U, V = np.zeros((h - 1, 2)), np.zeros(h)
    U[:, 0] = limit * (2 * rng.random(h - 1) - 1)
    V[:-1] = limit * (2 * rng.random(h - 1) - 1)
    return U, V


STARTS = {"document": get_new_random_weights, "spread": _spread, "glorot": _glorot}


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
    start : str, optional
        The kind of the initial weights, one of `STARTS`. Those of ``document`` are tiny. Those of
        ``spread`` have sigmoids that rise all over the interval from -5 to 5, and V = 0; see
        `nnlib.optimizers.least_squares.spread_weights`. Those of ``glorot`` are uniform, with a
        variance of 2 / h in both layers, but 0 from the bias units (Glorot and Bengio, 2010).
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
    start: str = "document"
    order: Seed | None = None
    test: Seed | None = None

    def __post_init__(self) -> None:
        most = N_TRAIN if self.data is None else None
        values: dict[str, Any] = {
            "samples": check_integer("samples", self.samples, least=1, most=most),
            "noise": check_number("noise", self.noise),
            "scale": check_number("scale", self.scale),
        }
        for name in _SEEDS:
            if getattr(self, name) is not None:
                values[name] = check_seed(name, getattr(self, name))
        check_word("start", self.start, STARTS)
        if values["noise"] < 0:
            raise ValueError(f"noise must be 0 or more, got {self.noise!r}")
        for name, value in values.items():
            object.__setattr__(self, name, value)  # past the lock of a frozen dataclass

    def __repr__(self) -> str:
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return " ".join(
            f"{name}={_write_value(value)}"
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
            rng = generator(_NOISE_SEED)
            x, y = (values[: self.samples] for values in get_train_set(f, arithmetic))
        else:
            rng = generator(self.data)
            x, y = get_new_random_dataset(f, self.samples, rng, arithmetic)
        if self.noise:
            with np.errstate(all="ignore"):
                y = y + normal(rng, self.noise, self.samples)
        if self.order is not None:
            order = generator(self.order).permutation(self.samples)
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
        return get_new_random_dataset(f, N_TEST, generator(self.test), arithmetic)

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
        U, V = STARTS[self.start](
            check_h(h), generator(SEED if self.weights is None else self.weights)
        )
        with np.errstate(all="ignore"):
            return self.scale * U, self.scale * V


def generator(seed: Seed) -> "np.random.Generator":
    """A generator of a seed, or of a child of it."""
    first, *path = (seed,) if isinstance(seed, int) else seed
    return np.random.default_rng(np.random.SeedSequence(first, spawn_key=path))


def check_seed(name: str, seed: Seed) -> Seed:
    """A seed as Python's numbers, or a complaint."""
    if isinstance(seed, tuple) and seed:
        first, *path = (check_integer(name, part, least=0) for part in seed)
        return (first, *path) if path else first  # without a path one seed has one form
    return check_integer(name, seed, least=0)


def write_seed(seed: Seed) -> str:
    """A seed as `read_seed` reads it, and the laboratory's address."""
    return ".".join(map(str, seed if isinstance(seed, tuple) else (seed,)))


def read_seed(name: str, text: str) -> Seed:
    """What `write_seed` has written."""
    try:
        first, *path = map(int, text.split("."))
    except ValueError:
        raise ValueError(f"{name} must be an integer, got {show(text)}") from None
    return (first, *path) if path else first


def _write_value(value: Any) -> str:
    """A value as `_read` reads it, and the laboratory's address."""
    if isinstance(value, float):
        return write_number(value)
    return value if isinstance(value, str) else write_seed(value)


def _read(name: str, text: str) -> Any:
    """What `_write_value` has written."""
    if name == "start":
        return text
    if name in _SEEDS:
        return read_seed(name, text)
    return read_number(name, text, float if name in ("noise", "scale") else int)
