"""What all optimizers have in common, and all schedules: a name, and settings that are checked."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, ClassVar, Self

import numpy as np

from nnlib.checks import check_integer, check_number, read_number, show, write_number
from nnlib.elementary import Floats

__all__ = ["Optimizer", "Schedule", "Settings", "dot", "setting"]

_LIMITS: dict[str, Callable[[float], bool]] = {
    "in [0, 1)": lambda value: 0 <= value < 1,
    "in (0, 1]": lambda value: 0 < value <= 1,
    "at least 0": lambda value: value >= 0,
    "at least 1": lambda value: value >= 1,
    "above 0": lambda value: value > 0,
    "in [0, π]": lambda value: 0 <= value <= np.pi,
}

_MOST = 10**6  # of what is counted: each may take a place in the memory


def setting(allowed: str, default: Any = MISSING) -> Any:
    """A field of a class of `Settings`: what it may be, and what it is if it is not given."""
    return field(default=default, metadata={"allowed": allowed})


@dataclass(frozen=True, repr=False)
class Settings(ABC):
    """A choice by its name, with its settings; it is written as in the text of an experiment."""

    name: ClassVar[str]
    key: ClassVar[str]  # the word for this kind of choice

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            object.__setattr__(self, one.name, self._check(one, value))  # past the lock

    def _check(self, one: Field[Any], value: object) -> float:
        """A setting as Python's number, or a complaint."""
        name, allowed = f"{one.name} of {self.name}", one.metadata["allowed"]
        if one.type in (int, "int"):
            return check_integer(name, value, least=1, most=_MOST)
        number = check_number(name, value)
        if not _LIMITS[allowed](number):
            raise ValueError(f"{name} must be {allowed}, got {show(value)}")
        return number

    def __repr__(self) -> str:
        said = [f"{self.key}={self.name}"]
        for one in fields(self):
            value = getattr(self, one.name)
            if value != one.default:
                said.append(f"{one.name}={write_number(value)}")
        return " ".join(said)

    @classmethod
    def read(cls, said: Mapping[str, str]) -> Self:
        """Make one of the settings that are said, taking as numbers what is written."""
        values: dict[str, float] = {}
        for one in fields(cls):
            if one.name in said:
                kind = int if one.type in (int, "int") else float
                name = f"{one.name} of {cls.name}"
                values[one.name] = read_number(name, said[one.name], kind)
            elif one.default is MISSING:
                raise ValueError(
                    f"{cls.key}={cls.name} needs its {one.name}, a number {one.metadata['allowed']}"
                )
        return cls(**values)


@dataclass(frozen=True, repr=False)
class Optimizer(Settings):
    """A rule by which weights move.

    Attributes
    ----------
    name : str
        As the text of an experiment has it.
    compiled : bool
        Whether the kernel has it, too.
    batches : bool
        Whether it can take a few samples at a time.
    scheduled : bool
        Whether it takes the learning rate of every epoch, and not only that of its first step.
    """

    key: ClassVar[str] = "optimizer"
    compiled: ClassVar[bool] = True
    batches: ClassVar[bool] = True
    scheduled: ClassVar[bool] = True

    def begin(self, size: int, train_set: tuple[Floats, Floats], penalty: float = 0.0) -> Any:
        """The state before the first step.

        Parameters
        ----------
        size : int
            The number of weights, 3h-2.
        train_set : tuple of ndarray, shape (N,)
            For what needs more than the gradient.
        penalty : float, optional
            Likewise; what `step` is given has it already. See `nnlib.network.add_penalty`.

        Returns
        -------
        state
            None for what has none.
        """
        return None

    @abstractmethod
    def step(self, w: Floats, sums: Floats, n: int, rate: float, state: Any) -> tuple[Floats, Any]:
        """Take one step.

        Parameters
        ----------
        w : ndarray, shape (3h-2,)
            The weights, as `nnlib.network.pack` gives them.
        sums : ndarray, shape (3h-1,)
            The gradient and the loss at these weights, summed over the samples.
        n : int
            The number of samples.
        rate : float
            The learning rate.
        state
            What the step before has left, or `begin`. It is not changed.

        Returns
        -------
        w : ndarray, shape (3h-2,)
        state
        """

    def settings(self) -> tuple[float, ...]:
        """The settings as numbers, in the order in which the kernel takes them."""
        return tuple(getattr(self, one.name) for one in fields(self))


@dataclass(frozen=True, repr=False)
class Schedule(Settings):
    """A way in which the learning rate changes with the epochs, whatever the run does."""

    key: ClassVar[str] = "schedule"

    @abstractmethod
    def factors(self, epochs: int) -> Floats:
        """What the learning rate is multiplied by.

        Parameters
        ----------
        epochs : int

        Returns
        -------
        ndarray, shape (epochs,)
            One for each update.
        """


def dot(u: Floats, v: Floats) -> Any:
    """The scalar product of two rows, term by term: numpy's order of sums does not matter."""
    return np.add.accumulate(u * v)[-1]
