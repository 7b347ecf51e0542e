"""What becomes of a run: it overflows, diverges, oscillates, or is stable.

The one definition of these words. The ledger judges by it, and the laboratory's `measures.js` is
the same rule in the browser, with the constants of this module; a test compares the two.
"""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnlib.elementary import Floats
from nnlib.history import History

__all__ = [
    "LARGEST_EXPONENT",
    "SEEN",
    "ZIGZAG",
    "Outcome",
    "longest_zigzag",
    "outcome",
    "shaken_until",
    "turns_in_succession",
    "weights_oscillate",
]

Outcome = Literal["stable", "oscillation", "divergence", "overflow"]

# A smooth curve turns back once at its extremum, and a zigzag at every epoch. If each step went
# either way by chance, ten turns in succession would come once in 1024 times. The runs of the book
# are far from this limit: they have the same outcomes with any number from 1 to 50.
ZIGZAG = 10

# Steps of a smaller part of the weight are in no figure to be seen. In a run that has learned its
# samples to the last digit, as with a single sample, rounding alone makes such a zigzag. The runs
# of the book have the same outcomes with any part from 0 to 0.02.
SEEN = 1e-4

LARGEST_EXPONENT = math.log(np.finfo(float).max)  # exp overflows beyond it, at 709.78


@np.errstate(all="ignore")  # weights may be beyond all bounds
def outcome(history: History) -> Outcome:
    """What becomes of a run: overflow, divergence, oscillation, or a stable end.

    It overflows if the document's own formula of the sigmoid does, 1 / (1 + exp(-z)) with z below
    -709.78 for some input in the interval, or the error itself. It diverges if its training error
    ends higher than it began. It oscillates if some weight turns back at more than ten epochs in
    succession, and does so after the lowest training error or up to one of the last ten epochs. So
    a burst from which the run recovers to a new minimum does not count: it is the end that is
    judged.

    Notes
    -----
    The error that is judged is that of training, which the steps are taken to lower: a test error
    can rise without an oscillation, and without a divergence, where the network learns what only
    its samples have.

    Examples
    --------
    >>> from nnlib import Experiment, f1, train
    >>> [outcome(train(Experiment(f1, 3, rate, 1000))) for rate in (0.1, 1, 2)]
    ['stable', 'oscillation', 'divergence']
    """
    history.check_whole("what becomes of a run")
    lowest_z = history.U[..., 1] - 5 * abs(history.U[..., 0])  # inputs go from -5 to 5
    if history.overflow_epoch is not None or (lowest_z < -LARGEST_EXPONENT).any():
        return "overflow"
    if history.train_error[-1] > history.train_error[0]:
        return "divergence"
    return "oscillation" if longest_zigzag(history).max() > ZIGZAG else "stable"


def weights_oscillate(history: History) -> bool:
    """Whether every weight turns back so often, after the lowest training error or at the end."""
    return bool(longest_zigzag(history).min() > ZIGZAG)


def longest_zigzag(history: History) -> NDArray[np.int_]:
    """For each weight, the longest succession of epochs at which it turns back, if it counts.

    Those after the lowest training error count, and one that lasts up to the last ten epochs,
    from wherever it began: the lowest error of a run that shakes may well be its last.

    Returns
    -------
    ndarray of int, shape (3h-2,)
        Of the weights in `U`, row by row, and in `V`.
    """
    turns = turns_in_succession(history)
    errors = history.train_error
    best = int(np.argmin(np.where(np.isnan(errors), np.inf, errors)))
    since_best = np.arange(1, len(turns) + 1)[:, np.newaxis] - best
    return np.concatenate([np.minimum(turns, since_best), turns[-ZIGZAG:]]).max(axis=0, initial=0)


def shaken_until(history: History) -> int | None:
    """The last epoch at which a weight zigzags; None if none ever does.

    A stable run that has one shook for a while, and then settled.

    Returns
    -------
    int or None
        The last epoch at which a weight turns back for more than the tenth time in succession.

    Examples
    --------
    >>> from nnlib import Experiment, f2, train
    >>> history = train(Experiment(f2, 8, 0.1, 1000))
    >>> outcome(history), shaken_until(history)
    ('stable', 355)
    """
    epochs = np.flatnonzero((turns_in_succession(history) > ZIGZAG).any(axis=1))
    return int(epochs[-1]) + 1 if epochs.size else None


@np.errstate(all="ignore")  # weights may be beyond all bounds
def turns_in_succession(history: History) -> NDArray[np.int_]:
    """How many epochs in succession, up to each, a weight turns back.

    A weight turns back where the steps before and after an epoch are opposite, and large enough to
    be seen: where their product exceeds the square of `SEEN` times the weight.

    Returns
    -------
    ndarray of int, shape (epochs - 1, 3h-2)
        Row n is of epoch n + 1, as the first and the last have no step on one side. The columns
        are those of `longest_zigzag`; 0 where a weight does not turn back.
    """
    history.check_whole("how often a weight turns back")
    weights: Floats = np.concatenate([history.U.reshape(len(history.U), -1), history.V], axis=1)
    steps = np.diff(weights, axis=0)
    turns = steps[1:] * steps[:-1] < -((SEEN * weights[1:-1]) ** 2)
    epochs = np.arange(1, len(turns) + 1)[:, np.newaxis]
    return epochs - np.maximum.accumulate(np.where(turns, 0, epochs), axis=0)
