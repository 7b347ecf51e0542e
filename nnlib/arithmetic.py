"""Arithmetics: the places where the machine has a say in a training, made explicit.

What differs from one machine to the next is how `exp` and `sin` round, whether a multiplication
and an addition are fused, and in which order sums are taken. An arithmetic settles all of it. The
library knows two; a third is one more `Arithmetic`, given to `train` in place of a name.
"""

from collections.abc import Callable
from dataclasses import dataclass

from nnlib import network, replay, targets

__all__ = ["ARITHMETICS", "Arithmetic", "find_arithmetic"]


@dataclass(frozen=True)
class Arithmetic:
    """The operations that a training needs.

    Attributes
    ----------
    name : str
    wanted_outputs : callable
        From a target function and inputs of shape (N,) to the wanted outputs.
    forward_pass : callable
        As `nnlib.network.forward_pass`.
    loss : callable
        As `nnlib.network.loss`.
    gradient : callable
        From a dataset x, y and h to an object with the method `sums`, as
        `nnlib.network.LossGradient`.
    """

    name: str
    wanted_outputs: Callable
    forward_pass: Callable
    loss: Callable
    gradient: Callable

    def __repr__(self):
        return self.name


ARITHMETICS = {
    arithmetic.name: arithmetic
    for arithmetic in (
        Arithmetic(
            "portable",
            targets.wanted_outputs,
            network.forward_pass,
            network.loss,
            network.LossGradient,
        ),
        Arithmetic(
            "replay",
            replay.wanted_outputs,
            replay.forward_pass,
            replay.loss,
            replay.LossGradient,
        ),
    )
}


def find_arithmetic(arithmetic):
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
