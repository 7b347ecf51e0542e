"""What the document writes as a tuple in red, (f, h, learning_rate, epochs); and its start."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from nnlib.checks import check_h, check_integer, check_positive, show
from nnlib.start import Start
from nnlib.targets import TARGETS, Target, find_target

__all__ = ["Experiment"]

_TUPLE = ("f", "h", "rate", "epochs")  # as the laboratory's address calls them


@dataclass(frozen=True, repr=False)
class Experiment:
    """What the document writes as a tuple in red, (f, h, learning_rate, epochs); and its start.

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

    Raises
    ------
    TypeError
        If `start` is not a `Start`.
    ValueError
        If another of them is not allowed.

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
    """

    f: Target
    h: int
    learning_rate: float
    epochs: int
    start: Start = field(default=Start(), kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.start, Start):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"start must be a Start, got {self.start!r}")
        if not callable(self.f):
            raise ValueError(f"f must be a function, such as nnlib.f1, got {self.f!r}")
        numbers = {
            "h": check_h(self.h),
            "learning_rate": check_positive("learning_rate", self.learning_rate),
            "epochs": check_integer("epochs", self.epochs, least=0),
        }
        for name, number in numbers.items():
            object.__setattr__(self, name, number)  # past the lock of a frozen dataclass

    def __repr__(self) -> str:
        learning_rate = np.format_float_positional(self.learning_rate, trim="-")
        words = self.function_name, self.h, learning_rate, self.epochs, *repr(self.start).split()
        return f"({', '.join(map(str, words))})"

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
            Such as ``"(f2, 8, 0.1, 1200)"`` or ``"f2 8 0.1 1200 weights=8"``; what follows the #
            in the laboratory's address, ``"f=f2&h=8&rate=0.1&epochs=1200&weights=8"``, says the
            same. Two or more numbers with commas between them in place of the function are the
            heights of a curve, see `nnlib.targets.Curve`.

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
        return cls(find_target(f), h, learning_rate, epochs, start=Start.parse(said))


def _split(text: str) -> dict[str, str]:
    """Values by their names; those of the tuple need none where they come first."""
    bare = text.strip().rpartition("#")[2].replace("&", " ").replace("%2C", ",")
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
                f"an experiment is written as 'f2 8 0.1 1200', and then 'name=value' for what it "
                f"starts from, each once, got {show(word)} in {show(text)}"
            )
        said[name] = value
    return said
