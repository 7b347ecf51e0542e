"""How the learning rate falls with the epochs, in ways that are fixed before a run begins."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnlib.elementary import Floats, sin
from nnlib.optimizers.base import Schedule, setting

__all__ = ["Constant", "Cosine", "Inverse", "Steps"]


@dataclass(frozen=True, repr=False)
class Constant(Schedule):
    """The same rate at each epoch, as in the document."""

    name: ClassVar[str] = "constant"

    @np.errstate(all="ignore")
    def factors(self, epochs: int) -> Floats:
        return np.ones(epochs)


@dataclass(frozen=True, repr=False)
class Steps(Schedule):
    """Equal parts of the run, each with a part of the rate of the one before.

    Attributes
    ----------
    parts : int
        How many; at least 1.
    drop : float
        What the rate is multiplied by from one to the next; above 0 and at most 1.
    """

    name: ClassVar[str] = "steps"
    parts: int = setting("at least 1", 3)
    drop: float = setting("in (0, 1]", 0.1)

    @np.errstate(all="ignore")
    def factors(self, epochs: int) -> Floats:
        heights = np.multiply.accumulate(np.append(1.0, np.full(self.parts - 1, self.drop)))
        return heights[np.arange(epochs) * self.parts // max(1, epochs)]


@dataclass(frozen=True, repr=False)
class Inverse(Schedule):
    """The rate divided by 1 + t / half, where t counts the epochs.

    Attributes
    ----------
    half : float
        The epochs after which the rate is half of what it was; positive.

    Notes
    -----
    Robbins and Monro (1951): the sum of such rates is infinite, that of their squares is not.
    """

    name: ClassVar[str] = "inverse"
    half: float = setting("above 0")

    @np.errstate(all="ignore")
    def factors(self, epochs: int) -> Floats:
        return 1 / (1 + np.arange(epochs) / self.half)


@dataclass(frozen=True, repr=False)
class Cosine(Schedule):
    """Half a wave of a cosine, from the whole rate at first to nothing at the end.

    Notes
    -----
    Loshchilov and Hutter (2017), without restarts.
    """

    name: ClassVar[str] = "cosine"

    @np.errstate(all="ignore")
    def factors(self, epochs: int) -> Floats:
        halfway = sin(np.arange(epochs) * (np.pi / 2) / max(1, epochs))
        return 1 - halfway * halfway
