"""The experiment with any number of bits, and in exact arithmetic, enclosed between bounds.

Both take the steps of `nnlib.network`, on the numbers of python-flint. `train` cuts the result of
every operation to so many binary digits. `enclose` computes with balls, numbers with a radius that
grows by all that is rounded, so that they always hold what exact arithmetic would give (Johansson,
"Arb: efficient arbitrary-precision midpoint-radius interval arithmetic", 2017).
"""

import math
import sys
from dataclasses import dataclass, replace
from functools import reduce
from hashlib import sha256
from operator import add

import numpy as np
from flint import arb, arf, ctx
from tqdm import tqdm

from nnlib.arithmetic import ARITHMETICS
from nnlib.checks import check_integer
from nnlib.network import unpack
from nnlib.training import Experiment, History, starting_point

__all__ = ["Enclosure", "enclose", "train"]

_SPARE = 32  # bits beyond those of the weights that are still certain
_LEAST_ACCURACY = 16  # bits of the test error that must be certain
_DIGITS = 30


def train(experiment, bits, *, train_set=None, test_set=None, weights=None, progress=False):
    """Train with numbers of so many binary digits; every result is cut towards zero.

    Parameters
    ----------
    experiment : Experiment
    bits : int
        At least 2. Doubles have 53, and are rounded to nearest. The exponents have no bounds.
    train_set, test_set, weights, progress
        As of `nnlib.train`. Like the learning rate, they are taken as they are, in full.

    Returns
    -------
    History
        Rounded to doubles in the end. Its arithmetic bears the number of bits as its name, but
        predicts in doubles.

    Raises
    ------
    ValueError
        If `bits` or anything else that is given is not valid.
    OverflowError
        If the error grows larger than a double can be.

    Notes
    -----
    Sections 2.4 and 2.5 of the document; sums over the samples go from the first to the last. No
    digit depends on the machine.
    """
    bits = check_integer("bits", bits, least=2)
    start = starting_point(experiment, train_set, test_set, weights)

    def exp(z):
        ctx.prec = bits + _SPARE
        value = arf(arb(z).exp().mid().man_exp())
        ctx.prec = bits
        return +value

    rows, sums, test_error = [], [], []
    with ctx.workprec(bits):
        run = _descend(experiment, arf, exp, start, progress)
        for epoch, (row, summed, error) in enumerate(run):
            _check_size(experiment, epoch, error, summed[-1])
            rows.append(row.astype(float))
            sums.append(summed.astype(float))
            test_error.append(float(error))
    sums = np.array(sums)
    U, V = unpack(np.array(rows), experiment.h)
    grad_U, grad_V = unpack(sums[:-1, :-1], experiment.h)
    arithmetic = replace(ARITHMETICS["portable"], name=f"{bits} bits")
    train_error = sums[:, -1] / 2
    return History(experiment, np.array(test_error), train_error, U, V, grad_U, grad_V, arithmetic)


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
    radius : ndarray, shape (epochs + 1,)
        The radii of the balls that test error and digits are taken from, rounded up.
    """

    experiment: Experiment
    bits: int
    inputs: str
    test_error: np.ndarray
    train_error: np.ndarray
    digits: tuple
    radius: np.ndarray

    def __repr__(self):
        return f"{self.experiment} in exact arithmetic: last error {self.digits[-1]}"

    @property
    def falls_until(self):
        """The test error is proven to fall at every epoch up to this one."""
        falls = self.test_error[1:, 1] < self.test_error[:-1, 0]
        return len(falls) if falls.all() else int(np.argmin(falls))

    @property
    def best_epoch(self):
        """The epoch that is proven to have the lowest test error; None if none is."""
        best = int(np.argmin(self.test_error[:, 1]))
        others = np.delete(self.test_error[:, 0], best)
        return best if np.all(self.test_error[best, 1] < others) else None


def enclose(experiment, bits, *, train_set=None, test_set=None, weights=None, progress=False):
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

    Notes
    -----
    Sections 2.4 and 2.5 of the document, in real numbers. The doubles that are given, the learning
    rate among them, are taken as they are. The precision falls with the number of bits that are
    still certain: those that are not would only take time.
    """
    bits = check_integer("bits", bits, least=2)
    start = starting_point(experiment, train_set, test_set, weights)
    test_error, train_error, digits, radius = [], [], [], []
    with ctx.workprec(bits):
        run = _descend(experiment, arb, arb.exp, start, progress)
        for epoch, (row, summed, error) in enumerate(run):
            if not error.rel_accuracy_bits() >= _LEAST_ACCURACY:
                needed = math.ceil(1.1 * experiment.epochs * bits / max(epoch, 1)) + 64
                raise ArithmeticError(
                    f"{bits} bits last for {epoch} epochs of {experiment}: "
                    f"all {experiment.epochs} take about {needed}"
                )
            _check_size(experiment, epoch, error, summed[-1])
            test_error.append(_bounds(error))
            train_error.append(_bounds(summed[-1] / 2))
            digits.append(error.str(_DIGITS))
            radius.append(_bounds(error.rad())[1])
            certain = min(weight.rel_accuracy_bits() for weight in row)
            ctx.prec = min(bits, max(certain, 0) + _SPARE)
    digest = sha256()
    for array in (*start[0], *start[1], start[2]):
        digest.update(array.astype("<f8").tobytes())
    arrays = np.array(test_error), np.array(train_error), tuple(digits), np.array(radius)
    return Enclosure(experiment, bits, digest.hexdigest(), *arrays)


def _descend(experiment, number, exp, start, progress):
    """Yield after each epoch the weights, their gradient and twice the loss, and the test error."""
    h, one = experiment.h, number(1)
    convert = np.frompyfunc(number, 1, 1)
    (x, y), (x_test, y_test), row = convert(start[0]), convert(start[1]), convert(start[2])
    N, rate = number(len(x)), number(float(experiment.learning_rate))
    exp = np.frompyfunc(exp, 1, 1)

    def forward_pass(x):
        hidden = one / (one + exp(-(U0 * x + U1)))
        H = np.concatenate([hidden, np.full((1, len(x)), one)])
        return H, reduce(add, row[:h, None] * H)

    def sum_over_samples(terms):
        return np.array([reduce(add, term) for term in terms], dtype=object)

    epochs = range(experiment.epochs + 1)
    for _ in tqdm(epochs, delay=1, unit="epoch", disable=not progress):
        U0, U1 = row[h : 2 * h - 1, None], row[2 * h - 1 :, None]
        e = forward_pass(x_test)[1] - y_test
        (test_error,) = sum_over_samples([e * e]) / number(len(x_test)) / number(2)
        H, o = forward_pass(x)
        e = o - y
        e_H = e * H
        slope = (one - H[:-1]) * e_H[:-1]
        sums = sum_over_samples([*e_H, *slope * x, *slope, e * e])
        sums[h:-1] *= np.tile(row[: h - 1], 2)
        yield row, sums / N, test_error
        row = row - rate * sums[:-1] / N


def _check_size(experiment, epoch, *errors):
    if not all(abs(error) < sys.float_info.max for error in errors):
        raise OverflowError(
            f"{experiment} overflows at epoch {epoch}: the learning rate is too large"
        )


def _bounds(ball):
    """Doubles below and above: those next to the nearest of the ends, outwards."""
    low, high = float(ball.lower()), float(ball.upper())
    return math.nextafter(low, -math.inf), math.nextafter(high, math.inf)
