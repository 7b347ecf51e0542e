"""Arithmetics: the places where the machine has a say in a training, made explicit.

What differs from one machine to the next is how `exp` and `sin` round, whether a multiplication
and an addition are fused, and in which order sums are taken. An arithmetic settles all of it. The
library knows two; a third is one more `Arithmetic`, given to `train` in place of a name.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from numpy.typing import ArrayLike

from nnlib import network, targets
from nnlib.elementary import Floats
from nnlib.targets import Target

__all__ = ["ARITHMETICS", "Arithmetic", "Gradient", "find_arithmetic"]


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
    wanted_outputs : callable
        As `nnlib.targets.wanted_outputs`.
    forward_pass : callable
        As `nnlib.network.forward_pass`.
    loss : callable
        As `nnlib.network.loss`.
    gradient : callable
        From a dataset x, y and h to an object with the method `sums`, as
        `nnlib.network.LossGradient`.
    """

    name: str
    wanted_outputs: Callable[[Target, Floats], ArrayLike]
    forward_pass: Callable[[Floats, Floats, Floats], Floats]
    loss: Callable[[Floats], Any]
    gradient: Callable[[Floats, Floats, int], Gradient]

    def __repr__(self) -> str:
        return self.name


@cache
def _portable() -> Arithmetic:
    return Arithmetic(
        "portable",
        targets.wanted_outputs,
        network.forward_pass,
        network.loss,
        network.LossGradient,
    )


@cache
def _replay() -> Arithmetic:
    from nnlib import replay  # here, as few runs ask for it

    return Arithmetic(
        "replay",
        replay.wanted_outputs,
        replay.forward_pass,
        replay.loss,
        replay.LossGradient,
    )


class _Arithmetics(Mapping[str, Arithmetic]):
    """Arithmetics by their names; each is put together when it is first asked for."""

    def __init__(self, **makers: Callable[[], Arithmetic]) -> None:
        self._makers = makers

    def __getitem__(self, name: str) -> Arithmetic:
        return self._makers[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


ARITHMETICS = _Arithmetics(portable=_portable, replay=_replay)


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
        If there is none of that name.
    """
    if isinstance(arithmetic, Arithmetic):
        return arithmetic
    try:
        return ARITHMETICS[arithmetic]
    except (KeyError, TypeError):
        raise ValueError(
            f"arithmetic must be one of {', '.join(ARITHMETICS)}, or an Arithmetic, "
            f"got {arithmetic!r}"
        ) from None
