"""The experiment with numbers of any number of bits.

The steps are those of `nnlib.network`, on the numbers of python-flint; the result of every
operation is cut to so many binary digits. `nnlib.oscillation.enclosure` takes the same steps with
balls.

It is not one more `nnlib.arithmetic.Arithmetic` for `nnlib.train`, because that keeps the weights
in doubles, and takes its steps with them: bits beyond the 53rd would be lost at every epoch, and
with fewer than 53 the weights would keep what they should lose. What becomes of such a run is a
`History` like any other.

Flint has one precision for the whole process. So only one such run goes on at a time; others, from
other threads, wait for their turn (several cores need several processes). Other code that computes
with flint meanwhile gets the precision of the run, and must leave it alone: a change is found when
it is still there at an exponential or at the end of an epoch.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial, reduce
from operator import add
from threading import Lock
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tqdm import tqdm

from nnlib.arithmetic import PORTABLE
from nnlib.checks import check_descent, check_integer
from nnlib.descent import step
from nnlib.experiment import Experiment
from nnlib.extras import extra
from nnlib.history import History
from nnlib.network import unpack
from nnlib.training import starting_point

with extra("oscillation"):
    from flint import arb, arf, ctx

__all__ = ["train_with_bits"]

# The exponential is taken with so many bits more, and then cut. Only if those all happen to be the
# same, once in 2**32, could its error reach the last bit that is kept.
_GUARD = 32

_turn = Lock()


def train_with_bits(
    experiment: Experiment,
    bits: int,
    *,
    train_set: tuple[ArrayLike, ArrayLike] | None = None,
    test_set: tuple[ArrayLike, ArrayLike] | None = None,
    weights: tuple[ArrayLike, ArrayLike] | None = None,
    progress: bool = False,
) -> History:
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
        Rounded to doubles in the end, which loses nothing up to 53 bits. Its arithmetic bears the
        number of bits as its name. `predict` computes with that many, from the weights as the
        history has them; to train with it is refused.

    Raises
    ------
    ValueError
        If `bits` or anything else that is given is not valid.
    OverflowError
        If the error grows larger than a double can be.
    RuntimeError
        If other code has changed flint's precision meanwhile.

    Notes
    -----
    Sections 2.4 and 2.5 of the document; sums over the samples go from the first to the last. No
    digit depends on the machine.
    """
    bits = check_integer("bits", bits, least=2)
    start = starting_point(experiment, train_set, test_set, weights)
    rows, sums, test_error = [], [], []
    with flint_precision(bits):
        for epoch, (row, summed, error) in enumerate(
            descend(experiment, arf, _exp(bits), start, progress)
        ):
            check_size(experiment, epoch, error, summed[-1])
            check_precision(bits)
            rows.append(row.astype(float))
            sums.append(summed.astype(float))
            test_error.append(float(error))
    sums = np.array(sums)
    U, V = unpack(np.array(rows), experiment.h)
    grad_U, grad_V = unpack(sums[:-1, :-1], experiment.h)
    arithmetic = replace(
        PORTABLE,
        name=f"{bits} bits",
        forward_pass=partial(_forward_pass_with_bits, bits),
        gradient=partial(_refuse, bits),
    )
    train_error = sums[:, -1] / 2
    return History(experiment, np.array(test_error), train_error, U, V, grad_U, grad_V, arithmetic)


@contextmanager
def flint_precision(bits: int) -> Iterator[None]:
    """Have flint to oneself, with so many bits; what it had is restored in the end."""
    with _turn, ctx.workprec(bits):
        yield


def descend(
    experiment: Experiment,
    number: Callable[..., Any],
    exp: Callable[[Any], Any],
    start: tuple,
    progress: bool,
) -> Iterator[tuple[NDArray, NDArray, Any]]:
    """Each epoch's weights, sums and test error, as numbers of a type of flint's."""
    check_descent("a run with flint's numbers", experiment)
    h, one = experiment.h, number(1)
    convert = np.frompyfunc(number, 1, 1)
    (x, y), (x_test, y_test), row = convert(start[0]), convert(start[1]), convert(start[2])
    N, rate = number(len(x)), number(float(experiment.learning_rate))

    def sum_over_samples(terms):
        return np.array([reduce(add, term) for term in terms], dtype=object)

    epochs = range(experiment.epochs + 1)
    for _ in tqdm(epochs, delay=1, unit="epoch", disable=not progress):
        U, V = unpack(row, h)
        e = _forward_pass(U, V, x_test, exp)[1] - y_test
        (test_error,) = sum_over_samples([e * e]) / number(len(x_test)) / number(2)
        H, o = _forward_pass(U, V, x, exp)
        e = o - y
        e_H = e * H
        slope = (one - H[:-1]) * e_H[:-1]
        sums = sum_over_samples([*e_H, *slope * x, *slope, e * e])
        sums[h:-1] *= np.tile(row[: h - 1], 2)
        yield row, sums / N, test_error
        row = step(row, sums[:-1], N, rate)


def check_size(experiment: Experiment, epoch: int, *errors: Any) -> None:
    """Raise an `OverflowError` for errors that are larger than a double can be."""
    if not all(abs(error) < sys.float_info.max for error in errors):
        raise OverflowError(
            f"{experiment} overflows at epoch {epoch}: the learning rate is too large"
        )


def _forward_pass(U, V, x, exp):
    """All of H, and the output, for numbers of any type that are in arrays of objects."""
    one = type(x.flat[0])(1)
    z = U[..., 0, None] * x + U[..., 1, None]
    hidden = one / (one + np.frompyfunc(exp, 1, 1)(-z))
    H = np.concatenate([hidden, np.full_like(hidden[..., :1, :], one)], axis=-2)
    return H, reduce(add, np.moveaxis(V[..., None] * H, -2, 0))


def _forward_pass_with_bits(bits, U, V, x):
    if x.size == 0:
        return np.empty((*V.shape[:-1], 0))
    convert = np.frompyfunc(arf, 1, 1)
    with flint_precision(bits):
        o = _forward_pass(convert(U), convert(V), convert(x), _exp(bits))[1]
        check_precision(bits)
        return o.astype(float)


def _exp(bits):
    def exp(z):
        check_precision(bits)
        ctx.prec = bits + _GUARD
        value = arf(arb(z).exp().mid().man_exp())
        ctx.prec = bits
        return +value

    return exp


def check_precision(bits):
    """Refuse to go on where other code has changed how many bits flint computes with."""
    if ctx.prec != bits:
        raise RuntimeError(
            f"other code has set flint's precision to {ctx.prec} while a run with {bits} bits was "
            f"going on; flint has only one for the whole process: use another process"
        )


def _refuse(bits, *_) -> NoReturn:
    raise TypeError(
        f"nnlib.train computes in doubles; for {bits} bits use "
        f"nnlib.oscillation.precision.train_with_bits"
    )
