"""The two functions that the network is to learn (section 2.1 of the document)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnlib.checks import check_number, check_numbers, show, write_number
from nnlib.elementary import Floats, exp, sin

__all__ = ["TARGETS", "Curve", "Points", "Target", "f1", "f2", "find_target"]

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


@dataclass(frozen=True, repr=False)
class Points:
    """Samples of one's own, in place of a function that is known everywhere.

    They are all samples that there are: `nnlib.start.Start` has them as training set and as test
    set, so that the test error of a run is the error at the points that it is trained on.

    Parameters
    ----------
    x, y : tuple of float
        Inputs and wanted outputs, one or more of each, finite.

    Raises
    ------
    ValueError
        If they are none, not as many, or not finite.

    Notes
    -----
    As a function, to be drawn, it runs straight from point to point, and through the mean of those
    that have the same input.

    Examples
    --------
    >>> from nnlib import Experiment, train
    >>> from nnlib.targets import Points
    >>> f = Points(x=(-4, 0, 4), y=(1, 3, 2))
    >>> f([-5, 0, 2]).tolist()
    [1.0, 3.0, 2.5]
    >>> train(Experiment(f, 3, 0.1, 1000))
    (-4:1,0:3,4:2, 3, 0.1, 1000): last error 0.1084, lowest error 0.1084 at epoch 1000
    """

    x: tuple[float, ...]
    y: tuple[float, ...]

    def __post_init__(self) -> None:
        for name in ("x", "y"):
            numbers = tuple(check_number(f"{name} of a point", n) for n in getattr(self, name))
            object.__setattr__(self, name, numbers)  # past the lock of a frozen dataclass
        if not 0 < len(self.x) == len(self.y):
            raise ValueError(
                f"points have as many x as y, one or more, got {len(self.x)} and {len(self.y)}"
            )

    def __repr__(self) -> str:
        pairs = zip(map(write_number, self.x), map(write_number, self.y), strict=True)
        return ",".join(map(":".join, pairs))

    @np.errstate(all="ignore")
    def __call__(self, x: ArrayLike) -> Floats:
        """The values of the broken line; beyond its ends, that of the nearer one."""
        places, which = np.unique(self.x, return_inverse=True)
        means = np.bincount(which, self.y) / np.bincount(which)
        return np.interp(check_numbers("x", x), places, means)


TARGETS: dict[str, Target] = {"f1": f1, "f2": f2}  # by their names in the document


def find_target(text: str) -> Target:
    """The function of a name, the curve of some heights, or some points.

    Parameters
    ----------
    text : str
        ``"f1"``, ``"f2"``, or with commas between them numbers, or points such as ``-4:1.5``.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If it is none of them.
    """
    if text in TARGETS:
        return TARGETS[text]
    parts = text.split(",")
    try:
        if ":" not in text:
            return Curve(tuple(map(float, parts)))
        points = [(float(x), float(y)) for x, y in (part.split(":") for part in parts)]
        return Points(*zip(*points, strict=True))
    except ValueError:
        raise ValueError(
            f"the function must be one of {', '.join(TARGETS)}, or the heights of a curve, two or "
            f"more finite numbers with commas between them, or points, x:y with commas between "
            f"them, got {show(text)}"
        ) from None
