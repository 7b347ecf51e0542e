"""Early stopping: train until the error on samples that were held back rises, and keep the best."""

# The document's symbols are capital letters, and no constants.
# pyright: reportConstantRedefinition=false

from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from nnlib.arithmetic import Arithmetic, find_arithmetic
from nnlib.checks import (
    Floats,
    check_dataset,
    check_integer,
    check_memory,
    check_number,
    check_numbers,
)
from nnlib.experiment import Experiment
from nnlib.history import Dataset
from nnlib.machine import check_rounding
from nnlib.network import unpack
from nnlib.start import Seed, check_seed, generator
from nnlib.training import descend, starting_point

__all__ = ["Stopped", "stop_early"]

_PIECE = 100  # epochs: fewer at a time would take longer

_Pair = tuple[ArrayLike, ArrayLike]


@dataclass(frozen=True, eq=False, repr=False)
class Stopped:
    """A training that `stop_early` has ended.

    Attributes
    ----------
    experiment : Experiment
        What was asked for; its epochs are the budget.
    best_epoch : int
        The first epoch with the lowest validation error.
    U : ndarray, shape (h-1, 2)
    V : ndarray, shape (h,)
        The weights at the best epoch, as `nnlib.train` takes them: ``weights=(U, V)``.
    validation_error, train_error : ndarray, shape (last_epoch + 1,)
        Half the mean squared error of each epoch on the samples that were held back, and on those
        that were trained on.
    test_error : float
        Half the mean squared error on the test set, at the best epoch; nothing was chosen by it.
    reason : {"patience", "budget", "overflow"}
        Why it ended: the patience was at its end, the epochs of the experiment were, or an error
        was not finite.
    train_set, validation_set : tuple of ndarray
        The samples that were trained on, and those that were held back.
    arithmetic : Arithmetic
    """

    experiment: Experiment
    best_epoch: int
    U: Floats
    V: Floats
    validation_error: Floats
    train_error: Floats
    test_error: float
    reason: Literal["patience", "budget", "overflow"]
    train_set: Dataset
    validation_set: Dataset
    arithmetic: Arithmetic

    def __repr__(self) -> str:
        return (
            f"{self.experiment}: lowest validation error {self.lowest_error:.4f} at epoch "
            f"{self.best_epoch}, test error there {self.test_error:.4f}, ended at epoch "
            f"{self.last_epoch} by {self.reason}"
        )

    @property
    def last_epoch(self) -> int:
        """The epoch at which it ended."""
        return len(self.validation_error) - 1

    @property
    def lowest_error(self) -> float:
        """The validation error at the best epoch."""
        return float(self.validation_error[self.best_epoch])

    @np.errstate(all="ignore")
    def predict(self, x: ArrayLike) -> Any:
        """What the network had learned at the best epoch.

        Parameters
        ----------
        x : array_like
            Inputs, of any shape.

        Returns
        -------
        ndarray or float
            Outputs, in the shape of `x`.

        Raises
        ------
        ValueError
            If an input is no real number.
        """
        x = check_numbers("x", x)
        return self.arithmetic.forward_pass(self.U, self.V, x.ravel()).reshape(x.shape)[()]


def stop_early(
    experiment: Experiment,
    *,
    patience: int,
    validation: float | _Pair = 0.2,
    seed: Seed = 0,
    train_set: _Pair | None = None,
    test_set: _Pair | None = None,
    weights: _Pair | None = None,
    arithmetic: str | Arithmetic = "portable",
    engine: str | None = None,
) -> Stopped:
    """Train until the error on samples that are held back has not been lower for some epochs.

    Parameters
    ----------
    experiment : Experiment
        Its epochs are how many there are at most.
    patience : int
        For how many epochs the validation error may stay where it is or above; at least 1.
    validation : float or pair of array_like, shape (N,), optional
        The share of the training set that is held back, between 0 and 1, or the inputs and wanted
        outputs of a validation set of your own, and then all of the training set is trained on.
    seed : int or tuple of int, optional
        Of the choice of those that are held back.
    train_set, test_set, weights, arithmetic, engine
        As of `nnlib.train`.

    Returns
    -------
    Stopped

    Raises
    ------
    ValueError
        If the patience is not a positive integer; the share holds back no sample, or leaves none;
        the validation set is not one; and as `nnlib.train`, with the samples that are trained on.
    nnlib.kernel.KernelError, MemoryError
        As `nnlib.train`.

    Notes
    -----
    The number of samples that are held back is rounded. They have the noise and the outliers of the
    others. With very few of them the validation error tells little: with a single one the
    rule follows the noise of that sample.

    The rule looks at each epoch, the first one included, and ends at ``best_epoch + patience``, or
    at the last one. Up to there the bits are those of `nnlib.train` with the same training set, and
    the validation set in place of the test set. A schedule is that of all epochs of the experiment.

    Examples
    --------
    >>> from nnlib import Experiment
    >>> from nnlib.stopping import stop_early
    >>> experiment = Experiment.parse("f1 8 0.5 20000 samples=30 noise=0.5 data=1")
    >>> stopped = stop_early(experiment, patience=500, validation=0.3)
    >>> stopped.best_epoch, stopped.last_epoch, stopped.reason
    (5170, 5670, 'patience')
    >>> len(stopped.train_set[0]), len(stopped.validation_set[0])
    (21, 9)
    """
    check_rounding()
    arithmetic = find_arithmetic(arithmetic)
    patience = check_integer("patience", patience, least=1)
    given = train_set, test_set, weights
    samples, test_samples, row = starting_point(experiment, *given, arithmetic)
    samples, held_back = _hold_back(samples, validation, check_seed("seed", seed))
    # Once more, as there may be too few for a batch now.
    starting_point(experiment, samples, held_back, unpack(row, experiment.h), arithmetic)
    h, epochs = experiment.h, experiment.epochs
    check_memory(str(experiment), h, epochs, len(samples[0]))

    # The memory is taken where it is written, so that epochs which are not reached take none.
    rows, sums = np.empty((epochs + 1, row.size)), np.empty((epochs + 1, row.size + 1))
    validation_error, train_error = np.empty(epochs + 1), np.empty(epochs + 1)
    rows[0] = row
    done, best, lowest, reason = 0, 0, np.inf, None
    for ready in descend(
        experiment,
        samples,
        held_back,
        rows,
        sums,
        validation_error,
        None,
        arithmetic,
        engine=engine,
        at_once=max(patience, _PIECE),
    ):
        part = slice(done, ready)
        with np.errstate(all="ignore"):
            train_error[part] = sums[part, -1] / len(samples[0])
            finite = np.isfinite(validation_error[part] + train_error[part]).tolist()
        for error, is_finite in zip(validation_error[part].tolist(), finite, strict=True):
            if error < lowest:
                best, lowest = done, error
            if not is_finite:
                reason = "overflow"
            elif done - best >= patience:
                reason = "patience"
            if reason:
                break
            done += 1
        if reason:
            break
    last = done if reason else epochs
    U, V = (one.copy() for one in unpack(rows[best], h))
    with np.errstate(all="ignore"):
        o = arithmetic.forward_pass(U, V, test_samples[0])
        test_error = float(arithmetic.loss(o - test_samples[1]))
    return Stopped(
        experiment,
        best,
        U,
        V,
        validation_error[: last + 1].copy(),
        train_error[: last + 1].copy(),
        test_error,
        reason or "budget",
        samples,
        held_back,
        arithmetic,
    )


def _hold_back(samples: Dataset, validation: float | _Pair, seed: Seed) -> tuple[Dataset, Dataset]:
    """The samples to train on, and those that are held back, each in their order."""
    if not isinstance(validation, int | float | Real):
        return samples, check_dataset(validation, "validation set")
    (x, y), N = samples, len(samples[0])
    share = check_number("validation", validation)
    if not 0 < share < 1:
        raise ValueError(
            f"validation must be a share between 0 and 1, or a pair (x, y), got {validation!r}"
        )
    count = int(share * N + 0.5)
    if not 0 < count < N:
        raise ValueError(
            f"validation must hold back one sample or more, and leave one or more to train on: "
            f"{share:g} of {N} are {count}"
        )
    held = np.zeros(N, dtype=bool)
    held[generator(seed).permutation(N)[:count]] = True
    return (x[~held], y[~held]), (x[held], y[held])
