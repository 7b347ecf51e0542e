"""Arithmetics: the places where the machine matters to a training, made explicit.

What differs from one machine to the next is how `exp` and `sin` round, whether a multiplication
and an addition are fused, and in which order sums are taken. An arithmetic settles all of it. The
library knows two; a third is one more `Arithmetic`, given to `train` in place of a name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from nnlib import network
from nnlib.elementary import Floats
from nnlib.targets import Target

__all__ = ["ARITHMETICS", "PORTABLE", "Arithmetic", "Gradient", "find_arithmetic"]


class Gradient(Protocol):
    """What an arithmetic's `gradient` makes, such as a `nnlib.network.LossGradient`."""

    def sums(self, weights: Floats, /) -> Floats:
        """Sum over the samples the gradient and the loss, at weights as `pack` gives them."""
        ...


@dataclass(frozen=True)
class Arithmetic:
    """The operations that a training needs, under the names of the functions that do them.

    Attributes
    ----------
    name : str
    forward_pass : callable
        As `nnlib.network.forward_pass`.
    loss : callable
        As `nnlib.network.loss`.
    gradient : callable
        From a dataset x, y and h to an object with the method `sums`, as
        `nnlib.network.LossGradient`.
    targets : tuple of pairs of callable
        Target functions that it computes in its own way, each with how.
    """

    name: str
    forward_pass: Callable[[Floats, Floats, Floats], Floats]
    loss: Callable[[Floats], Any]
    gradient: Callable[[Floats, Floats, int], Gradient]
    targets: tuple[tuple[Target, Target], ...] = ()

    def __repr__(self) -> str:
        return self.name

    def target(self, f: Target) -> Target:
        """The target function as this arithmetic computes it.

        Parameters
        ----------
        f : callable

        Returns
        -------
        callable
            `f` itself, unless it is one of `targets`.
        """
        return next((own for known, own in self.targets if known is f), f)


ARITHMETICS = ("portable", "replay")  # by their names
PORTABLE = Arithmetic("portable", network.forward_pass, network.loss, network.LossGradient)


@cache
def _replay() -> Arithmetic:
    from nnlib import replay  # here, as few runs ask for it

    return Arithmetic(
        "replay", replay.forward_pass, replay.loss, replay.LossGradient, replay.TARGETS
    )


def find_arithmetic(arithmetic: str | Arithmetic) -> Arithmetic:
    """The arithmetic of a name.

    Parameters
    ----------
    arithmetic : str or Arithmetic

    Returns
    -------
    Arithmetic

    Raises
    ------
    ValueError
        If the library knows no arithmetic of that name.
    """
    if isinstance(arithmetic, Arithmetic):
        return arithmetic
    if arithmetic not in ARITHMETICS:
        raise ValueError(
            f"arithmetic must be one of {', '.join(ARITHMETICS)}, or an Arithmetic, "
            f"got {arithmetic!r}"
        )
    return PORTABLE if arithmetic == "portable" else _replay()
