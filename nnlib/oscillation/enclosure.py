"""The experiment in exact arithmetic, enclosed between bounds.

`enclose` computes with balls: numbers with a radius that grows by all that is rounded, so that they
always hold what exact arithmetic would give (Johansson, "Arb: efficient arbitrary-precision
midpoint-radius interval arithmetic", 2017).
"""

from dataclasses import dataclass
from hashlib import sha256
from math import ceil, inf, nextafter

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib.checks import check_integer
from nnlib.experiment import Experiment
from nnlib.extras import extra
from nnlib.oscillation.precision import check_precision, check_size, descend, flint_precision
from nnlib.training import starting_point

with extra("oscillation"):
    from flint import arb, ctx

__all__ = ["Enclosure", "enclose"]

# Of a number that is certain to so many bits, computing more of them only takes time; these are for
# what one epoch adds by its own roundings, a sum of 1000 samples (10 bits) of some operations each.
_SPARE = 32
_LEAST_ACCURACY = 16  # bits of the test error that must be certain: four to five decimal digits
_DIGITS = 30  # more than a double shows, to be compared with other programs


@dataclass(frozen=True, eq=False, repr=False)
class Enclosure:
    """What is proven of a run in exact arithmetic: real numbers, of which none is rounded.

    Attributes
    ----------
    experiment : Experiment
    bits : int
        With how many the proof began.
    inputs : str
        The SHA-256 of training set, test set and initial weights (V, U[:, 0], U[:, 1]), one after
        the other, as little-endian doubles.
    test_error, train_error : ndarray, shape (epochs + 1, 2)
        After each epoch, the error is not less than the first of these two doubles and not more
        than the second.
    digits : tuple of str, length epochs + 1
        The test error with more digits: a decimal number and a radius.
    radius_exponent : ndarray of int, shape (epochs + 1,)
        The radius of the ball of the test error is at most 2 to this power. Most of the radii are
        far smaller than any double.
    """

    experiment: Experiment
    bits: int
    inputs: str
    test_error: NDArray[np.float64]
    train_error: NDArray[np.float64]
    digits: tuple[str, ...]
    radius_exponent: NDArray[np.int64]

    def __repr__(self) -> str:
        return f"{self.experiment} in exact arithmetic: last error {self.digits[-1]}"

    @property
    def falls_until(self) -> int:
        """The test error is proven to fall at every epoch up to this one."""
        falls = self.test_error[1:, 1] < self.test_error[:-1, 0]
        return len(falls) if falls.all() else int(np.argmin(falls))

    @property
    def best_epoch(self) -> int | None:
        """The epoch that is proven to have the lowest test error; None if none is."""
        best = int(np.argmin(self.test_error[:, 1]))
        others = np.delete(self.test_error[:, 0], best)
        return best if np.all(self.test_error[best, 1] < others) else None


def enclose(
    experiment: Experiment,
    bits: int,
    *,
    train_set: tuple[ArrayLike, ArrayLike] | None = None,
    test_set: tuple[ArrayLike, ArrayLike] | None = None,
    weights: tuple[ArrayLike, ArrayLike] | None = None,
    progress: bool = False,
) -> Enclosure:
    """Train in exact arithmetic, by computing with balls that hold its numbers.

    Parameters
    ----------
    experiment : Experiment
    bits : int
        With how many to begin, at least 2. One or two of them are used up at every epoch.
    train_set, test_set, weights, progress
        As of `nnlib.train`.

    Returns
    -------
    Enclosure

    Raises
    ------
    ValueError
        If `bits` or anything else that is given is not valid.
    OverflowError
        If the error grows larger than a double can be.
    ArithmeticError
        If the bits are used up before the last epoch; it says when, and how many will do.
    RuntimeError
        If other code has changed flint's precision meanwhile.

    Notes
    -----
    Sections 2.4 and 2.5 of the document, in real numbers. The doubles that are given, the learning
    rate among them, are taken as they are. The precision falls with the number of bits that are
    still certain: those that are not would only take time.

    A ball holds the exact result whatever the precision is, so a change of it from outside could
    not make the bounds wrong, only wide; it is an error all the same, as in `train_with_bits`.
    """
    bits = check_integer("bits", bits, least=2)
    start = starting_point(experiment, train_set, test_set, weights)
    test_error, train_error, digits, exponents = [], [], [], []
    with flint_precision(bits):
        precision = bits
        run = descend(experiment, arb, arb.exp, start, progress)
        for epoch, (row, summed, error) in enumerate(run):
            check_precision(precision)
            if not error.rel_accuracy_bits() >= _LEAST_ACCURACY:
                # A tenth more than in proportion, because the loss per epoch grows towards the end,
                # and some for the accuracy that must be left.
                needed = ceil(1.1 * experiment.epochs * bits / max(epoch, 1)) + 4 * _LEAST_ACCURACY
                raise ArithmeticError(
                    f"{bits} bits last for {epoch} epochs of {experiment}: "
                    f"all {experiment.epochs} take about {needed}"
                )
            check_size(experiment, epoch, error, summed[-1])
            test_error.append(_bounds(error))
            train_error.append(_bounds(summed[-1] / 2))
            digits.append(error.str(_DIGITS))
            exponents.append(_exponent(error.rad()))
            certain = min(weight.rel_accuracy_bits() for weight in row)
            precision = ctx.prec = min(bits, max(certain, 0) + _SPARE)
    digest = sha256()
    for array in (*start[0], *start[1], start[2]):
        digest.update(array.astype("<f8").tobytes())
    arrays = np.array(test_error), np.array(train_error), tuple(digits), np.array(exponents)
    return Enclosure(experiment, bits, digest.hexdigest(), *arrays)


def _bounds(ball):
    """Doubles below and above: those next to the nearest of the ends, outwards."""
    low, high = float(ball.lower()), float(ball.upper())
    return nextafter(low, -inf), nextafter(high, inf)


def _exponent(radius):
    """The least k such that a ball lies below 2**k, or at most one more than it."""
    mantissa, exponent = radius.upper().man_exp()
    return int(exponent) + int(mantissa).bit_length()
