"""What a run starts from: its samples and its initial weights, said in a few numbers.

The laboratory's address has the same names, but for `test`. What is not said is the document's: its
1000 samples without noise, in the order in which they were drawn, its 100 samples for the test, and
its initial weights (sections 2.2 and 3).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

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
from nnlib.datasets import (
    INPUTS,
    N_TEST,
    N_TRAIN,
    get_new_random_dataset,
    get_test_set,
    get_train_set,
    sample,
)
from nnlib.elementary import Floats
from nnlib.network import SEED, get_new_random_weights, unpack
from nnlib.normal import normal
from nnlib.optimizers.least_squares import spread_weights
from nnlib.targets import Points, Target

__all__ = ["STARTS", "UNITS", "Seed", "Start", "check_seed", "generator", "read_seed", "write_seed"]

Seed = int | tuple[int, ...]

_NOISE_SEED = 0  # of the noise on the standard samples
_OUTLIERS_CHILD = 2**32 - 1  # of the seed of the data: the one that nobody counts up to
_OUTLIERS_DEVIATION = 10.0
_SEEDS = ("data", "weights", "order", "test")
_WORDS = ("inputs", "units", "start")
_NUMBERS = ("noise", "outliers", "scale")


def _spread(h: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    return unpack(spread_weights(h, 1, rng)[0], h)


def _glorot(h: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Uniform up to √(6 / (neurons before + neurons after)); those of the bias units are 0."""
    limit = np.sqrt(6 / h)  # of both layers: one input and h-1 neurons, h-1 neurons and one output
    U, V = np.zeros((h - 1, 2)), np.zeros(h)
    U[:, 0] = limit * (2 * rng.random(h - 1) - 1)
    V[:-1] = limit * (2 * rng.random(h - 1) - 1)
    return U, V


# What the inputs and the wanted outputs are divided by, before the network sees them.
UNITS: dict[str, tuple[float, float]] = {
    "plain": (1, 1),
    "inputs": (5, 1),
    "outputs": (1, 10),
    "both": (5, 10),
}
STARTS = {"document": get_new_random_weights, "spread": _spread, "glorot": _glorot}


@dataclass(frozen=True, kw_only=True, repr=False)
class Start:
    """What a run starts from: its samples and its initial weights.

    Parameters
    ----------
    samples : int, optional
        The size of the training set, at least 1. Without a seed for the data, the first of the
        standard 1000.
    inputs : str, optional
        How the inputs of the training set are spread, one of `nnlib.datasets.INPUTS`. Those of
        ``uniform`` are drawn from all of the interval from -5 to 5. Those of ``grid`` are the
        middles of equal parts of it, from left to right, whatever the seed. Those of ``gap`` leave
        out its middle, from -1.5 to 1.5, and are uniform beside it. Those of ``side`` lie in the
        left fifth of it, from -5 to -3, with a probability of 0.9, and are uniform there, as in the
        rest.
    noise : float, optional
        The standard deviation of what is added to each wanted output of the training set; 0 or
        more.
    outliers : float, optional
        The share, from 0 to 1, of the wanted outputs of the training set that are wrong: to them is
        added, beside the noise, what is normal with a standard deviation of 10. Their number is
        rounded, but is 1 at least if the share is not 0.
    units : str, optional
        In which the network sees the samples, one of `UNITS`. With ``inputs`` all inputs are
        divided by 5, so that they lie between -1 and 1, and with ``outputs`` the wanted outputs by
        10, noise included; with ``both`` both are, and with ``plain`` nothing is. Errors are in the
        network's units, too: after ``outputs``, a hundredth of what they are in plain ones.
    data : int or tuple of int, optional
        The seed of a new training set, its noise and its outliers; the standard training set if not
        given. A tuple is a seed and the path to a child of it, numpy's ``SeedSequence(seed,
        spawn_key)``.
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
    Sections 2.2 and 3 of the document. The inputs of ``gap`` and ``side`` are the uniform ones of
    the same seed, or the standard ones, which are moved; so noise and outliers of a seed are the
    same however the inputs are spread. Those who are outliers, and by how much, follow from the
    child 4294967295 of the seed of the data; from the seed 0 if there is none, as the noise does.
    The more outliers there are, the fewer stay right: those of a smaller share are among them. The
    test set has neither noise nor outliers, and is uniform. Of `nnlib.targets.Points` there are no
    other samples: they are the training set and, in their own order, the test set, and neither
    other samples nor noise can be asked for.

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
    inputs: str = "uniform"
    noise: float = 0.0
    outliers: float = 0.0
    units: str = "plain"
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
            **{name: check_number(name, getattr(self, name)) for name in _NUMBERS},
        }
        for name in _SEEDS:
            if getattr(self, name) is not None:
                values[name] = check_seed(name, getattr(self, name))
        check_word("inputs", self.inputs, INPUTS)
        check_word("units", self.units, UNITS)
        check_word("start", self.start, STARTS)
        if not 0 <= values["outliers"] <= 1:
            raise ValueError(f"outliers must be a share from 0 to 1, got {self.outliers!r}")
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
            As `nnlib.get_train_set`; or if `f` are points, which are all samples that there are,
            and something is said of others, or of noise.
        """
        if isinstance(f, Points):
            return self._arranged(*self._samples_of(f))
        if self.data is None:
            rng = generator(_NOISE_SEED)
            x, y = (values[: self.samples] for values in get_train_set(f, arithmetic))
        else:
            rng = generator(self.data)
            x, y = get_new_random_dataset(f, self.samples, rng, arithmetic)
        if self.inputs != "uniform":
            x, y = sample(f, INPUTS[self.inputs](x), arithmetic)
        with np.errstate(all="ignore"):
            if self.noise:
                y = y + normal(rng, self.noise, self.samples)
            if self.outliers:
                y = y + self._outliers()
        return self._arranged(x, y)

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
        if isinstance(f, Points):
            return self._in_units(*self._samples_of(f))
        if self.test is None:
            return self._in_units(*get_test_set(f, arithmetic))
        drawn = get_new_random_dataset(f, N_TEST, generator(self.test), arithmetic)
        return self._in_units(*drawn)

    def target(self, f: Target) -> Target:
        """The function that the network is to learn, in its units.

        Parameters
        ----------
        f : callable
            As of `train_set`.

        Returns
        -------
        callable
            `f` itself, if the units are the plain ones.

        Examples
        --------
        >>> from nnlib import f2
        >>> from nnlib.start import Start
        >>> bool(Start(units="both").target(f2)(0.4) == f2(2.0) / 10)
        True
        """
        if self.units == "plain":
            return f
        c, d = UNITS[self.units]

        @np.errstate(all="ignore")
        def scaled(x: Floats) -> ArrayLike:
            return np.asarray(f(x * c)) / d

        return scaled

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

    def _samples_of(self, points: Points) -> tuple[Floats, Floats]:
        """The points themselves, if nothing is said of samples of a function."""
        for name in ("samples", "inputs", "noise", "outliers", "data", "test"):
            if getattr(self, name) != getattr(Start, name):
                raise ValueError(
                    f"points of your own are all samples that there are, so that {name} must be "
                    f"left out, got {name}={_write_value(getattr(self, name))}"
                )
        return np.array(points.x), np.array(points.y)

    def _arranged(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Training samples in their order, as the network sees them."""
        if self.order is not None:
            order = generator(self.order).permutation(x.size)
            x, y = x[order], y[order]
        return self._in_units(x, y)

    @np.errstate(all="ignore")
    def _in_units(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Samples as the network sees them."""
        if self.units == "plain":
            return x, y
        c, d = UNITS[self.units]
        return x / c, y / d

    def _outliers(self) -> Floats:
        """What is added to each wanted output; 0 for those that stay right."""
        seed = _NOISE_SEED if self.data is None else self.data
        rng = generator((*(seed if isinstance(seed, tuple) else (seed,)), _OUTLIERS_CHILD))
        wrong = rng.permutation(self.samples)[: max(1, int(self.outliers * self.samples + 0.5))]
        added = np.zeros(self.samples)
        added[wrong] = normal(rng, _OUTLIERS_DEVIATION, wrong.size)
        return added


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
    if name in _WORDS:
        return text
    if name in _SEEDS:
        return read_seed(name, text)
    return read_number(name, text, float if name in _NUMBERS else int)
