"""When a run will begin to oscillate, foretold from the path it would take without rounding.

A step of gradient descent multiplies what lies across the valley by 1 - learning_rate λ, with λ the
sharpness: it zigzags where learning_rate λ is above 1, and the zigzag grows where it is above 2.
This module keeps the account of its size. It is 1 when the step first overshoots; from then on
every epoch multiplies it by that factor, and adds the noise of rounding.
"""

from dataclasses import dataclass
from math import hypot, inf

import numpy as np

from nnlib.checks import check_integer
from nnlib.network import LossGradient, unpack
from nnlib.oscillation.curvature import hessian
from nnlib.training import Experiment, starting_point

__all__ = ["VISIBLE", "StablePath", "predict_onset", "rounding_noise", "stable_path"]

VISIBLE = 2.0**-8  # the size at which a zigzag shows; the one fitted number, see the tests
_LEAST_FACTOR = 0.25  # what a direction that turns keeps of its zigzag, however near it comes to 0
_LOST = 2.0**-53  # smaller than what a double near 1 can hold


def rounding_noise(bits):
    """What rounding adds to a weight at each epoch, as a standard deviation.

    Parameters
    ----------
    bits : int or math.inf
        Binary digits, at least 2; with infinity, the arithmetic is exact.

    Returns
    -------
    float
        2**-(bits + 1): numbers between 1/2 and 2 are rounded by 0.3 to 0.6 times 2**-bits.

    Raises
    ------
    ValueError
        If `bits` is none of these.
    """
    if bits != inf:
        bits = check_integer("bits", bits, least=2)
    return 2.0 ** -(bits + 1)


@dataclass(frozen=True, eq=False, repr=False)
class StablePath:
    """Where gradient descent would go if rounding did not set off its zigzag.

    Attributes
    ----------
    experiment : Experiment
    U : ndarray, shape (epochs + 1, h-1, 2)
    V : ndarray, shape (epochs + 1, h)
        The weights.
    sharpness : ndarray, shape (epochs + 1,)
        The largest eigenvalue of the Hessian, with the zigzag averaged away.
    """

    experiment: Experiment
    U: np.ndarray
    V: np.ndarray
    sharpness: np.ndarray

    def __repr__(self):
        return f"the stable path of {self.experiment}"

    def zigzag(self, noise):
        """The size that the zigzag should have.

        Parameters
        ----------
        noise : float
            What disturbs the weights at each epoch, as a standard deviation.

        Returns
        -------
        ndarray, shape (epochs + 1,)
            Never more than 1.

        Raises
        ------
        ValueError
            If `noise` is negative or not a number.
        """
        if not noise >= 0:
            raise ValueError(f"noise must be 0 or more, got {noise!r}")
        size = np.ones(len(self.sharpness))
        for n, overshoot in enumerate(self.experiment.learning_rate * self.sharpness[:-1]):
            size[n + 1] = _grow(size[n], overshoot, noise)
        return size

    def oscillations(self, noise):
        """When an oscillation should become visible, and when it should have died down.

        Parameters
        ----------
        noise : float
            As of `zigzag`.

        Returns
        -------
        list of [int, int or None]
            The first and the last epoch of each; None for one that goes on to the end.

        Raises
        ------
        ValueError
            If `noise` is negative or not a number.
        """
        unstable = self.experiment.learning_rate * self.sharpness > 2
        found = []
        for epoch, size in enumerate(self.zigzag(noise)):
            under_way = bool(found) and found[-1][1] is None
            if under_way and size < VISIBLE / 4:
                found[-1][1] = epoch
            elif not under_way and size >= VISIBLE and unstable[epoch]:
                found.append([epoch, None])
        return found


def stable_path(experiment, *, train_set=None, weights=None):
    """Follow gradient descent without the zigzag that its rounding sets off.

    Parameters
    ----------
    experiment : Experiment
    train_set : pair of array_like, shape (N,), optional
        The standard one if not given.
    weights : pair of array_like, shapes (h-1, 2) and (1, h), optional
        The initial `U` and `V`; the standard ones if not given.

    Returns
    -------
    StablePath

    Raises
    ------
    ValueError
        If the dataset or the weights are not valid.
    OverflowError
        If the weights overflow.

    Notes
    -----
    It is plain gradient descent until the zigzag has faded below what a double can hold. From then
    on, wherever the learning rate times the sharpness is above 2, each epoch is averaged with its
    neighbours, (w[n-1] + 2 w[n] + w[n+1]) / 4, which takes away what changes its sign from epoch to
    epoch and leaves the drift.
    """
    (x, y), _, mean = starting_point(experiment, train_set, weights=weights)
    h, rate, epochs = experiment.h, experiment.learning_rate, experiment.epochs
    gradient = LossGradient(x, y, h)

    def step(row):
        return row - rate * gradient.sums(row)[:-1] / x.size

    rows = np.empty((epochs + 1, 3 * h - 2))
    sharpness = np.empty(epochs + 1)
    rows[0] = mean
    size, lost = 1.0, False
    with np.errstate(over="ignore", invalid="ignore"):
        for epoch in range(epochs + 1):
            matrix = hessian(*unpack(mean, h), x, y)
            if not np.isfinite(matrix).all():
                raise OverflowError(
                    f"{experiment} overflows by epoch {epoch}: the learning rate is too large"
                )
            sharpness[epoch] = np.linalg.eigvalsh(matrix)[-1]
            if epoch == epochs:
                break
            overshoot = rate * sharpness[epoch]
            after = step(rows[epoch])
            mean = (rows[epoch] + 2 * after + step(after)) / 4
            lost = lost or size < _LOST
            rows[epoch + 1] = mean if lost and overshoot > 2 else after
            size = _grow(size, overshoot, noise=0.0)
    return StablePath(experiment, *unpack(rows, h), sharpness)


def predict_onset(experiment, bits=53, *, train_set=None, weights=None):
    """Predict the epoch at which the oscillation becomes visible.

    Parameters
    ----------
    experiment : Experiment
    bits : int or math.inf, optional
        As of `rounding_noise`; those of a double if not given.
    train_set, weights
        As of `stable_path`.

    Returns
    -------
    int or None
        None if no oscillation becomes visible within the epochs of the experiment, or only such as
        die down again; `StablePath.oscillations` has those too.

    Raises
    ------
    ValueError
        If `bits`, the dataset or the weights are not valid.
    OverflowError
        If the weights overflow.

    Notes
    -----
    A burst that rounding sets off throws the run off its stable path. Whether it then calms down by
    itself, and when it begins again, is not predicted.
    """
    noise = rounding_noise(bits)
    path = stable_path(experiment, train_set=train_set, weights=weights)
    return next((start for start, end in path.oscillations(noise) if end is None), None)


def _grow(size, overshoot, noise):
    """The size of a zigzag one epoch later."""
    if size == 1 and overshoot <= 1:
        return 1.0  # nothing has overshot yet
    return min(1.0, hypot(noise, size * max(abs(1 - overshoot), _LEAST_FACTOR)))
