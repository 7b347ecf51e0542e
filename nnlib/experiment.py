"""What the document writes as a tuple in red, (f, h, learning_rate, epochs); and all else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

from nnlib.checks import (
    check_h,
    check_integer,
    check_penalty,
    check_positive,
    check_word,
    read_number,
    show,
    write_number,
)
from nnlib.optimizers import OPTIMIZERS, SCHEDULES, Constant, Descent, Optimizer, Schedule
from nnlib.optimizers.base import Settings
from nnlib.start import Seed, Start, check_seed, read_seed, write_seed
from nnlib.targets import TARGETS, Target, find_target

__all__ = ["Experiment"]

_TUPLE = ("f", "h", "rate", "epochs")  # as the laboratory's address calls them
_START = tuple(one.name for one in fields(Start))

_Choice = TypeVar("_Choice", bound=Settings)


@dataclass(frozen=True, repr=False)
class Experiment:
    """What the document writes as a tuple in red, (f, h, learning_rate, epochs); and all else.

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
    start : Start, optional
        Samples and initial weights; the document's if not given.
    optimizer : Optimizer, optional
        The rule by which weights move, one of `nnlib.optimizers`; descent if not given.
    schedule : Schedule, optional
        How the learning rate falls with the epochs; not at all if not given.
    batch : int, optional
        How many samples a step sees, at least 1; an epoch is one pass through all of them. The last
        step of a pass may see fewer, which count as much. All at once if not given.
    shuffle : int or tuple of int, optional
        The seed of the orders in which the samples come, a new one for each pass, if there is a
        `batch`.
    penalty : float, optional
        Half of this times the sum of the squares of all weights, those from the bias units
        included, is added to the loss that is descended. It is in the gradients, and in no error
        that is kept or printed. At least 0, which is the default.

    Raises
    ------
    TypeError
        If `start`, `optimizer` or `schedule` is not what its name says, or a type of your own.
    ValueError
        If another of them is not allowed, or an optimizer does not go with a batch or a schedule.

    Notes
    -----
    Section 4 of the document. Numbers of other types, such as numpy's, become those of Python that
    have the same value, so that two experiments are equal if they ask for the same.

    Examples
    --------
    >>> from nnlib import Experiment, f1
    >>> Experiment(f1, 3, 0.1, 1000)
    (f1, 3, 0.1, 1000)
    >>> Experiment.parse("f2 8 0.05 1200 data=7 scale=10")
    (f2, 8, 0.05, 1200, data=7, scale=10)
    >>> Experiment.parse("f1 3 0.1 1000 optimizer=heavy-ball beta=0.9 batch=100")
    (f1, 3, 0.1, 1000, optimizer=heavy-ball, beta=0.9, batch=100)
    >>> Experiment(f1, 3, 0.1, 1000, penalty=0.001)
    (f1, 3, 0.1, 1000, penalty=0.001)
    """

    f: Target
    h: int
    learning_rate: float
    epochs: int
    start: Start = field(default=Start(), kw_only=True)
    optimizer: Optimizer = field(default=Descent(), kw_only=True)
    schedule: Schedule = field(default=Constant(), kw_only=True)
    batch: int | None = field(default=None, kw_only=True)
    shuffle: Seed = field(default=0, kw_only=True)
    penalty: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        kinds = (Start, (Start,)), (Optimizer, OPTIMIZERS.values()), (Schedule, SCHEDULES.values())
        for kind, known in kinds:
            name, value = kind.__name__.lower(), getattr(self, kind.__name__.lower())
            if not isinstance(value, kind):
                raise TypeError(f"{name} must be of the type {kind.__name__}, got {show(value)}")
            if type(value) not in known:  # kernel, files and text know a rule by its name alone
                raise TypeError(
                    f"{name} must be one of the library's, and none of your own, "
                    f"got the type {type(value).__name__}"
                )
        if not callable(self.f):
            raise ValueError(f"f must be a function, such as nnlib.f1, got {self.f!r}")
        numbers: dict[str, Any] = {
            "h": check_h(self.h),
            "learning_rate": check_positive("learning_rate", self.learning_rate),
            "epochs": check_integer("epochs", self.epochs, least=0),
            "penalty": check_penalty(self.penalty),
        }
        if not (self.optimizer.scheduled or self.schedule == Constant()):
            raise ValueError(
                f"{self.optimizer.name} finds the length of its steps by itself, and takes no "
                f"schedule, got {self.schedule!r}"
            )
        numbers["shuffle"] = check_seed("shuffle", self.shuffle)
        if self.batch is not None:
            numbers["batch"] = check_integer("batch", self.batch, least=1)
            if not self.optimizer.batches:
                raise ValueError(
                    f"{self.optimizer.name} sees all samples at once, and no batch, "
                    f"got batch={self.batch}"
                )
        elif numbers["shuffle"] != 0:
            raise ValueError(f"shuffle is of batches, and there are none, got {self.shuffle!r}")
        for name, number in numbers.items():
            object.__setattr__(self, name, number)  # past the lock of a frozen dataclass

    def __repr__(self) -> str:
        numbers = self.h, write_number(self.learning_rate), self.epochs
        words = self.function_name, *numbers, *self.more.split()
        return f"({', '.join(map(str, words))})"

    @property
    def more(self) -> str:
        """What is not the document's, as the text has it after the four of the tuple."""
        default = {one.name: one.default for one in fields(self)}
        said = [repr(self.start)]
        said += [repr(one) for one in (self.optimizer, self.schedule) if one != default[one.key]]
        said += [f"batch={self.batch}"] * (self.batch is not None)
        said += [f"shuffle={write_seed(self.shuffle)}"] * (self.shuffle != 0)
        said += [f"penalty={write_number(self.penalty)}"] * (self.penalty != 0)
        return " ".join(filter(None, said))

    @property
    def is_descent(self) -> bool:
        """Whether it is the document's full-batch gradient descent, whatever it starts from."""
        return self.replaced(start=Start()).more == ""

    def replaced(self, **changes: Any) -> "Experiment":
        """The same experiment, but for some of its parameters.

        Parameters
        ----------
        **changes
            The new values, by their names.

        Returns
        -------
        Experiment

        Raises
        ------
        TypeError, ValueError
            As `Experiment`.
        """
        return replace(self, **changes)

    @property
    def function_name(self) -> str:
        """The name of the target function."""
        return getattr(self.f, "__name__", repr(self.f))

    def starting(self, **changes: Any) -> "Experiment":
        """The same experiment from another start.

        Parameters
        ----------
        **changes
            As of `nnlib.start.Start`, what is to be different.

        Returns
        -------
        Experiment

        Raises
        ------
        TypeError, ValueError
            As `Start`.

        Examples
        --------
        >>> from nnlib import Experiment, f1
        >>> Experiment(f1, 3, 1, 1000).starting(order=1)
        (f1, 3, 1, 1000, order=1)
        """
        return replace(self, start=replace(self.start, **changes))

    @classmethod
    def parse(cls, text: str) -> "Experiment":
        """Read an experiment, as `repr` writes it, without brackets and commas, or as an address.

        Parameters
        ----------
        text : str
            Such as ``"(f2, 8, 0.1, 1200)"`` or ``"f2 8 0.1 1200 weights=8"``; what follows the # in
            the laboratory's address, ``"f=f2&h=8&rate=0.1&epochs=1200&weights=8"``, says the same.
            Two or more numbers with commas between them in place of the function are
            the heights of a curve, see `nnlib.targets.Curve`, and such as ``-4:1,0:2.5`` points,
            see `nnlib.targets.Points`.

        Returns
        -------
        Experiment

        Raises
        ------
        ValueError
            If it is not of that form, the function is unknown, or a number is not allowed.
        """
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ValueError(f"an experiment is read from a text, got {text!r}")
        said = _split(text)
        said.pop("epoch", None)  # where an address has its cursor
        if not said.keys() >= {*_TUPLE}:
            raise ValueError(f"an experiment is written as 'f2 8 0.1 1200', got {show(text)}")
        f, *numbers = (said.pop(name) for name in _TUPLE)
        try:
            h, learning_rate, epochs = int(numbers[0]), float(numbers[1]), int(numbers[2])
        except ValueError:
            raise ValueError(
                f"h, learning rate and epochs must be an integer, a number and an integer, "
                f"got {show(' '.join(numbers))}"
            ) from None
        return cls(find_target(f), h, learning_rate, epochs, **read_more(said))


def read_more(said: Mapping[str, str]) -> dict[str, Any]:
    """What an experiment has beside the four of its tuple, from the values that are said of it.

    Parameters
    ----------
    said : dict of str to str
        The value of each name, as `Experiment.more` writes them.

    Returns
    -------
    dict
        Arguments of `Experiment`.

    Raises
    ------
    ValueError
        If there is no such name, or a value is not allowed.
    """
    said = dict(said)
    found: dict[str, Any] = {
        "optimizer": _read_choice(said, OPTIMIZERS, Descent()),
        "schedule": _read_choice(said, SCHEDULES, Constant()),
    }
    if "batch" in said:
        found["batch"] = read_number("batch", said.pop("batch"), int)
    if "shuffle" in said:
        found["shuffle"] = read_seed("shuffle", said.pop("shuffle"))
    if "penalty" in said:
        found["penalty"] = read_number("penalty", said.pop("penalty"), float)
    for name in said:
        if name not in _START:
            known = [*_START, "optimizer", "schedule", "batch", "shuffle", "penalty"]
            for choice in (found["optimizer"], found["schedule"]):
                known += [f"{one.name} of {choice.name}" for one in fields(choice)]
            raise ValueError(f"an experiment has {', '.join(known)}, got {show(name)}")
    return found | {"start": Start.parse(said)}


def _read_choice(
    said: dict[str, str], known: Mapping[str, type[_Choice]], default: _Choice
) -> _Choice:
    """An optimizer or a schedule, with its settings, which are taken from what is said."""
    name = said.pop(default.key, default.name)
    check_word(default.key, name, known)
    kind = known[name]
    own = {one.name: said.pop(one.name) for one in fields(kind) if one.name in said}
    return kind.read(own)


def _split(text: str) -> dict[str, str]:
    """Values by their names; those of the tuple need none where they come first."""
    bare = text.strip().rpartition("#")[2].replace("&", " ").replace("%2C", ",").replace("%3A", ":")
    bare = re.sub(r"^\((.*)\)$", r"\1", bare)
    if bare.startswith((*TARGETS,)):  # as in (f2,8,0.1,1200); a curve has commas of its own
        bare = bare.replace(",", " ")
    said: dict[str, str] = {}
    for place, word in enumerate(word.rstrip(",") for word in bare.split()):
        name, equals, value = word.rpartition("=")
        if not equals and place < len(_TUPLE):
            name = _TUPLE[place]
        if not name or name in said:
            raise ValueError(
                f"an experiment is written as 'f2 8 0.1 1200', and then 'name=value' for all "
                f"else, as in optimizer=adam, each once, got {show(word)} in {show(text)}"
            )
        said[name] = value
    return said
