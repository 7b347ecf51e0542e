"""What the document writes as a tuple in red, (f, h, learning_rate, epochs); and all else."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar
from urllib.parse import unquote

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

# What can change at an epoch, and how the text of an experiment says it.
_WORDS: dict[str, Callable[[Any], str]] = {
    "learning_rate": lambda rate: f"rate={write_number(rate)}",
    "optimizer": repr,
    "schedule": repr,
    "batch": lambda batch: f"batch={_ALL if batch is None else batch}",
    "shuffle": lambda seed: f"shuffle={write_seed(seed)}",
    "penalty": lambda penalty: f"penalty={write_number(penalty)}",
}
_ALL = "all"  # samples at once
_MOST_CHANGES = 8

_Choice = TypeVar("_Choice", bound=Settings)
_Changes = tuple[tuple[str, Any], ...]


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
    later : sequence of tuple (int, dict), optional
        The epochs at which some of this changes, ascending, and what is new there, by its name.
        `at` adds one, and says what it means.

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
    >>> Experiment.parse("f1 3 1 1000 at=481:rate=0.5")
    (f1, 3, 1, 1000, at=481:rate=0.5)
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
    later: tuple[tuple[int, _Changes], ...] = field(default=(), kw_only=True)

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
        if self.later != ():
            object.__setattr__(self, "later", self._check_later(self.later))

    def __repr__(self) -> str:
        numbers = self.h, write_number(self.learning_rate), self.epochs
        words = self.function_name, *numbers, *self.more.split()
        return f"({', '.join(map(str, words))})"

    @property
    def more(self) -> str:
        """What is not the document's, as the text has it after the four of the tuple."""
        default = {one.name: one.default for one in fields(self)}
        said = [repr(self.start)]
        for name, write in _WORDS.items():
            value = getattr(self, name)
            said += [write(value)] * (name != "learning_rate" and value != default[name])
        for epoch, changes in self.later:
            words = " ".join(_WORDS[name](value) for name, value in changes)
            said.append(f"at={epoch}:{words.replace(' ', ':')}")
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

    def at(self, epoch: int, **changes: Any) -> "Experiment":
        """The same experiment up to an epoch, and other settings from there on.

        Parameters
        ----------
        epoch : int
            The last one with the weights of the old settings: the update from it to the next is the
            first with the new ones. At least 0, before the last epoch, and after those at which
            something changes already, of which there may be eight in all.
        **changes
            What is new, by its name: `learning_rate`, `optimizer`, `schedule`, `batch` (None for
            all samples at once, which ends the `shuffle`), `shuffle` or `penalty`. The rest stays.

        Returns
        -------
        Experiment

        Raises
        ------
        TypeError, ValueError
            As `Experiment`; or if there is no such epoch, or nothing that can change there.

        Notes
        -----
        An optimizer goes on with what it remembers, such as a velocity, if only learning rate,
        schedule or shuffle change, and if it takes the learning rate of every epoch. Otherwise it
        begins anew. A schedule counts from epoch 0 of the run, wherever it begins. The orders of
        the samples go on until the shuffle changes.

        Examples
        --------
        >>> from nnlib import Experiment, f1, train
        >>> whole = Experiment(f1, 3, 1, 1000)
        >>> train(whole)
        (f1, 3, 1, 1000): last error 0.0132, lowest error 0.0008 at epoch 754
        >>> train(whole.at(481, learning_rate=0.5))
        (f1, 3, 1, 1000, at=481:rate=0.5): last error 0.0008, lowest error 0.0008 at epoch 1000
        """
        return replace(self, later=(*self.later, (epoch, changes)))

    @property
    def parts(self) -> list[tuple[int, "Experiment"]]:
        """The first epoch of each part of the run, and the settings there, as an experiment.

        A run in which nothing changes has one part, itself.
        """
        part: Experiment = replace(self, later=()) if self.later else self
        found: list[tuple[int, Experiment]] = [(0, part)]
        for epoch, changes in self.later:
            part = part._changed(dict(changes))
            found.append((epoch, part))
        return found

    def _changed(self, changes: dict[str, Any]) -> "Experiment":
        """The same with changes; a shuffle ends where there are no batches any more."""
        ended = {"shuffle": 0} if changes.get("batch", 1) is None else {}
        return replace(self, **(ended | changes))

    def _check_later(self, later: Any) -> tuple[tuple[int, _Changes], ...]:
        """What changes at which epochs, as a tuple, or a complaint."""
        try:
            pairs: list[tuple[object, dict[str, Any]]] = [(one, dict(new)) for one, new in later]
        except (TypeError, ValueError):
            raise ValueError(
                f"later must be pairs of an epoch and what changes there, such as "
                f"[(481, {{'learning_rate': 0.5}})], got {show(later)}"
            ) from None
        if len(pairs) > _MOST_CHANGES:
            raise ValueError(
                f"an experiment can change at {_MOST_CHANGES} epochs at most, got {len(pairs)}"
            )
        part, found, least = replace(self, later=()), list[tuple[int, _Changes]](), 0
        for epoch, changes in pairs:
            epoch = check_integer("the epoch of a change", epoch, least, self.epochs - 1)
            if not changes or not changes.keys() <= _WORDS.keys():
                other = next((name for name in changes if name not in _WORDS), None)
                raise ValueError(f"at an epoch can change {', '.join(_WORDS)}, got {show(other)}")
            part, least = part._changed(changes), epoch + 1
            said = ((name, getattr(part, name)) for name in _WORDS if name in changes)
            found.append((epoch, tuple(said)))
        return tuple(found)

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
        said = split(text)
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
    later, found = said.pop("at", ""), _read_settings(said)
    for name in said:
        if name not in _START:
            raise ValueError(
                f"an experiment has {', '.join([*_START, 'at', *_known(found)])}, got {show(name)}"
            )
    changes = [_read_changes(one) for one in later.split()]
    return found | {"start": Start.parse(said), "later": tuple(changes)}


def _read_changes(text: str) -> tuple[int, dict[str, Any]]:
    """What changes at an epoch, as in 481:rate=0.5:penalty=0.01."""
    epoch, *words = text.split(":")
    said = {name: value for name, _, value in (word.partition("=") for word in words)}
    if len(said) < max(1, len(words)):
        raise ValueError(
            f"what changes at an epoch is written as at=481:rate=0.5:penalty=0.01, each once, "
            f"got {show(f'at={text}')}"
        )
    found: dict[str, Any] = {}
    if "rate" in said:
        found["learning_rate"] = read_number("rate", said.pop("rate"), float)
    found |= _read_settings(said)
    for name in said:
        raise ValueError(
            f"at an epoch can change rate, {', '.join(_known(found))}, got {show(name)}"
        )
    return read_number("at", epoch, int), found


def _read_settings(said: dict[str, str]) -> dict[str, Any]:
    """Those of what moves the weights that are said, but for the rate; they are taken from it."""
    found: dict[str, Any] = {}
    for kind, known in ((Optimizer, OPTIMIZERS), (Schedule, SCHEDULES)):
        if kind.key in said:
            found[kind.key] = _read_choice(said, kind.key, known)
    if "batch" in said:
        batch = said.pop("batch")
        found["batch"] = None if batch == _ALL else read_number("batch", batch, int)
    if "shuffle" in said:
        found["shuffle"] = read_seed("shuffle", said.pop("shuffle"))
    if "penalty" in said:
        found["penalty"] = read_number("penalty", said.pop("penalty"), float)
    return found


def _known(found: Mapping[str, Any]) -> list[str]:
    """The names of what moves the weights, but for the rate, and of the settings of a choice."""
    choices = [found[key] for key in ("optimizer", "schedule") if key in found]
    return ["optimizer", "schedule", "batch", "shuffle", "penalty"] + [
        f"{one.name} of {choice.name}" for choice in choices for one in fields(choice)
    ]


def _read_choice(said: dict[str, str], key: str, known: Mapping[str, type[_Choice]]) -> _Choice:
    """An optimizer or a schedule, with its settings, which are taken from what is said."""
    name = said.pop(key)
    check_word(key, name, known)
    kind = known[name]
    own = {one.name: said.pop(one.name) for one in fields(kind) if one.name in said}
    return kind.read(own)


def split(text: str) -> dict[str, str]:
    """Values by their names; those of the tuple need none where they come first.

    Parameters
    ----------
    text : str
        As of `Experiment.parse`, or what `Experiment.more` says.

    Returns
    -------
    dict of str to str
        What changes at several epochs is one value, with spaces between them.

    Raises
    ------
    ValueError
        If a word has no name, or something else is said twice.
    """
    bare = unquote(text.strip().rpartition("#")[2].replace("&", " "))
    bare = re.sub(r"^\((.*)\)$", r"\1", bare)
    if bare.startswith((*TARGETS,)):  # as in (f2,8,0.1,1200); a curve has commas of its own
        bare = re.sub(r"(?<![^\s,])at=\S*|,", lambda one: " " if one[0] == "," else one[0], bare)
    said: dict[str, str] = {}
    for place, word in enumerate(word.rstrip(",") for word in bare.split()):
        name, equals, value = word.partition("=")
        if not equals:
            name, value = _TUPLE[place] if place < len(_TUPLE) else "", word
        if name == "at" and name in said:
            value = f"{said.pop(name)} {value}"
        if not name or name in said:
            raise ValueError(
                f"an experiment is written as 'f2 8 0.1 1200', and then 'name=value' for all "
                f"else, as in optimizer=adam, each once, got {show(word)} in {show(text)}"
            )
        said[name] = value
    return said
