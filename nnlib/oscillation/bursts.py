"""Bursts: where the training error of a run rises that should fall.

Gradient descent with a small enough learning rate lowers the training error at every epoch. Where
that rises the step was too long. Nothing here knows of curvature, zigzags or predictions.

A burst is not the oscillation of `nnlib.outcome`, which judges the weights of a whole run: a stable
run can have had bursts, and a run can oscillate for many epochs between two.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nnlib.checks import check_integer

__all__ = ["CALM", "find_bursts"]

# A zigzag raises the error at every epoch or at every second one. In the runs of `validation` two
# rises are at most 12 epochs apart, or at least 24: those belong together, and these do not.
CALM = 16
# Less, relative to the error, is not counted as a rise: the sum of 1000 squares is rounded by less
# than 1000 × 2**-53, which is about 1e-13.
_LEAST_RISE = 1e-12


def find_bursts(
    errors: NDArray | Sequence[float], calm: int = CALM
) -> list[tuple[int, int | None]]:
    """The bursts in which an error rises that should fall.

    Parameters
    ----------
    errors : array_like, shape (epochs + 1,)
        The training error after each epoch, such as `History.train_error`. Non-finite ones, after
        an overflow, count as no rise.
    calm : int, optional
        For how many epochs in a row the error has to fall until a burst is over; at least 1.

    Returns
    -------
    list of tuple (int, int or None)
        The epoch before the first rise of each burst, and the one after its last; None if it is not
        over: if fewer than `calm` epochs follow.

    Raises
    ------
    ValueError
        If `errors` is not one row of numbers, or `calm` is not an integer, or less than 1.

    Examples
    --------
    >>> find_bursts([5, 4, 3, 4, 3, 2, 1, 0.9, 0.8, 0.9, 0.7], calm=4)
    [(2, 3), (8, None)]
    """
    calm = check_integer("calm", calm, least=1)
    errors = np.asarray(errors, dtype=float)
    if errors.ndim != 1:
        raise ValueError(f"errors must be one row of numbers, got the shape {errors.shape}")
    with np.errstate(invalid="ignore", over="ignore"):
        rises = np.diff(errors) > _LEAST_RISE * abs(errors[:-1])
    rises &= np.isfinite(errors[1:])
    bursts = []
    for epoch in np.flatnonzero(rises).tolist():
        if bursts and epoch - bursts[-1][1] < calm:
            bursts[-1][1] = epoch + 1
        else:
            bursts.append([epoch, epoch + 1])
    last = len(errors) - 1
    return [(start, None if last - end < calm else end) for start, end in bursts]
