"""The two functions that the network is to learn (section 2.1 of the document)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnlib.checks import check_number, check_numbers, show, write_number
from nnlib.elementary import Floats, exp, sin

__all__ = ["TARGETS", "Curve", "Target", "f1", "f2", "find_target"]

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


@dataclass(frozen=True, repr=False)
class Curve:
    """A function that runs straight from height to height, as one is drawn in the laboratory.

    Parameters
    ----------
    heights : tuple of float
        Two or more finite numbers: its values at equal distances from -5 to 5.

    Raises
    ------
    ValueError
        If they are fewer, or not finite.

    Examples
    --------
    >>> from nnlib.targets import Curve
    >>> Curve((0, 10))([-5, 0, 5]).tolist()
    [0.0, 5.0, 10.0]
    """

    heights: tuple[float, ...]

    def __post_init__(self) -> None:
        heights = tuple(check_number("a height of a curve", height) for height in self.heights)
        if len(heights) < 2:
            raise ValueError(f"a curve has two or more heights, got {self.heights!r}")
        object.__setattr__(self, "heights", heights)  # past the lock of a frozen dataclass

    def __repr__(self) -> str:
        return ",".join(map(write_number, self.heights))

    @np.errstate(all="ignore")
    def __call__(self, x: ArrayLike) -> Floats:
        """The values of the curve; beyond its ends, that of the nearer one."""
        places = np.linspace(-5, 5, len(self.heights))
        return np.interp(check_numbers("x", x), places, self.heights)


TARGETS: dict[str, Target] = {"f1": f1, "f2": f2}  # by their names in the document


def find_target(text: str) -> Target:
    """The function of a name, or the curve of some heights.

    Parameters
    ----------
    text : str
        ``"f1"``, ``"f2"``, or numbers with commas between them.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If it is neither.
    """
    if text in TARGETS:
        return TARGETS[text]
    try:
        return Curve(tuple(map(float, text.split(","))))
    except ValueError:
        raise ValueError(
            f"the function must be one of {', '.join(TARGETS)}, or the heights of a curve, two or "
            f"more finite numbers with commas between them, got {show(text)}"
        ) from None
