"""What the document writes as a tuple in red: (f, h, learning_rate, epochs)."""

import re
from dataclasses import dataclass

import numpy as np

from nnlib.checks import check_h, check_integer, check_positive
from nnlib.targets import TARGETS, Target

__all__ = ["Experiment"]


@dataclass(frozen=True, repr=False)
class Experiment:
    """What the document writes as a tuple in red: (f, h, learning_rate, epochs).

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

    Raises
    ------
    ValueError
        If one of them is none of these.

    Notes
    -----
    Section 4 of the document. Numbers of other types, such as numpy's, become those of Python that
    have the same value, so that two experiments are equal if they ask for the same.

    Examples
    --------
    >>> from nnlib import Experiment, f1
    >>> Experiment(f1, 3, 0.1, 1000)
    (f1, 3, 0.1, 1000)
    >>> Experiment.parse("f1 3 0.1 1000")
    (f1, 3, 0.1, 1000)
    """

    f: Target
    h: int
    learning_rate: float
    epochs: int

    def __post_init__(self) -> None:
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
        return f"({self.function_name}, {self.h}, {learning_rate}, {self.epochs})"

    @property
    def function_name(self) -> str:
        """The name of the target function."""
        return getattr(self.f, "__name__", repr(self.f))

    @classmethod
    def parse(cls, text: str) -> "Experiment":
        """Read an experiment, as `repr` writes it, or without the brackets and commas.

        Parameters
        ----------
        text : str
            Such as ``"(f2, 8, 0.1, 1200)"`` or ``"f2 8 0.1 1200"``.

        Returns
        -------
        Experiment

        Raises
        ------
        ValueError
            If it is not of that form, the function is neither `f1` nor `f2`, or a number is not
            allowed.
        """
        words = re.sub(r"^\((.*)\)$", r"\1", text.strip()).replace(",", " ").split()
        if len(words) != 4:
            raise ValueError(f"an experiment is written as 'f2 8 0.1 1200', got {text!r}")
        name, *numbers = words
        if name not in TARGETS:
            raise ValueError(f"the function must be one of {', '.join(TARGETS)}, got {name!r}")
        try:
            h, learning_rate, epochs = int(numbers[0]), float(numbers[1]), int(numbers[2])
        except ValueError:
            raise ValueError(
                f"h, learning rate and epochs must be an integer, a number and an integer, "
                f"got {' '.join(numbers)!r}"
            ) from None
        return cls(TARGETS[name], h, learning_rate, epochs)
