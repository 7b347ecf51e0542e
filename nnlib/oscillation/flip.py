"""What a zigzag does that has grown: how large it becomes, and how it widens its valley.

A zigzag of size a along u, the direction across the valley, has the weights at w + a u and w - a u
by turns. The mean of the two gradients is that at w, and a²/2 times the slope of the sharpness: it
pushes the weights to where the valley is wider. Half their difference is a times the sharpness, and
a³/6 times the fourth derivative, which makes the zigzag grow less, or more, the larger it is.
"""

from dataclasses import dataclass
from math import acosh, factorial, hypot, inf, log, sqrt

import numpy as np
from numpy.typing import NDArray

from nnlib.checks import (
    check_dataset,
    check_descent,
    check_integer,
    check_number,
    check_numbers,
    check_positive,
    check_weights,
)
from nnlib.elementary import sigmoid
from nnlib.hessian import hessian
from nnlib.history import History
from nnlib.network import pack, unpack
from nnlib.oscillation.onset import ACCOUNT, StablePath

__all__ = ["Burst", "Flip", "along", "cycle", "find_flip", "foretell", "measure", "observe"]

WINDOW = 100  # epochs that a burst is followed for, from the one at which it is visible
FAST = 0.05  # of learning rate × curvature: along such a direction weights settle within a burst
FELT = 2.0**-20  # a smaller zigzag does not move the sharpness
OVER = 1 / 8  # of the largest size so far: where a burst is over


def along(
    weights: NDArray[np.float64],
    u: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The gradient of the loss, and its first three derivatives along a direction.

    Parameters
    ----------
    weights, u : ndarray, shape (3h-2,)
        The weights, as `nnlib.network.pack` gives them, and the direction.
    x, y : ndarray, shape (N,)

    Returns
    -------
    ndarray, shape (4, 3h-2)
        The gradient, the Hessian times u, the third derivatives contracted with u and u, and the
        fourth with u, u and u. If u is a unit eigenvector of the Hessian, the third row is the
        gradient of its eigenvalue.

    Notes
    -----
    Exact: equations (1) and (2) of the document, with power series of w + ε u in the place of w.
    The series of a sigmoid follows from σ' = σ (1 - σ).
    """
    h = (len(weights) + 2) // 3
    (U, V), (dU, dV) = unpack(weights, h), unpack(u, h)
    dz = dU[:, :1] * x + dU[:, 1:]
    H, slope = [sigmoid(U[:, :1] * x + U[:, 1:])], []
    for n in range(4):
        slope.append(H[n] - sum(H[k] * H[n - k] for k in range(n + 1)))
        H.append(dz * slope[n] / (n + 1))
    e, back = [V[:-1] @ H[0] + V[-1] - y], [V[:-1, None] * slope[0]]
    for n in range(1, 4):
        e.append(V[:-1] @ H[n] + dV[:-1] @ H[n - 1] + (dV[-1] if n == 1 else 0))
        back.append(V[:-1, None] * slope[n] + dV[:-1, None] * slope[n - 1])
    rows = []
    for n in range(4):
        terms = [
            np.concatenate([H[n - k] @ e[k], [0.0], back[n - k] @ (e[k] * x), back[n - k] @ e[k]])
            for k in range(n + 1)
        ]
        rows.append(np.add.reduce(terms))
        rows[n][h - 1] = np.add.reduce(e[n])
        rows[n] *= factorial(n)
    return np.stack(rows) / len(x)


@dataclass(frozen=True)
class Burst:
    """A burst in three numbers.

    Attributes
    ----------
    amplitude : float
        The largest size of the zigzag.
    fall : float
        From the largest learning rate × sharpness to the lowest after it.
    length : float
        Epochs, from the first at half the amplitude to the last; infinite if the burst is not
        followed for long enough.
    """

    amplitude: float
    fall: float
    length: float


@dataclass(frozen=True)
class Flip:
    """The coefficients of a period doubling of gradient descent, at a point of a stable path.

    With p for learning rate × sharpness - 2, each epoch multiplies the size a of the zigzag by
    1 + p - bend a², and adds rise - push a²/2 to p.

    Attributes
    ----------
    product : float
        Learning rate × sharpness.
    rise, push : float
        The push is that of the slow directions, in which weights move on as long as they are
        pushed.
    straight : float
        What the derivatives along u alone contribute to the bend.
    bend : float
        With the other fast directions, in which weights settle where they are pushed to.
    formal : float
        With all directions: the coefficient of the normal form, if there were time for it.
    """

    product: float
    rise: float
    push: float
    straight: float
    bend: float
    formal: float

    @property
    def damping(self) -> float:
        """Of the approach to the steady zigzag: below 1 it swings, from 1 on it does not."""
        return self.bend * sqrt(2 * max(self.rise, 0)) / check_positive("push", self.push)


def find_flip(
    weights: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64], rate: float
) -> Flip:
    """Compute the coefficients of the flip.

    Parameters
    ----------
    weights : ndarray, shape (3h-2,)
        As `nnlib.network.pack` gives them.
    x, y : ndarray, shape (N,)
    rate : float
        The learning rate.

    Returns
    -------
    Flip

    Raises
    ------
    ValueError
        If the weights or the dataset are not valid, or the rate is not positive.

    Notes
    -----
    Kuznetsov, "Elements of applied bifurcation theory" (2004), chapter 5, for the map
    w -> w - rate × gradient(w), whose linear part is symmetric.
    """
    weights = check_numbers("weights", weights)
    h = (weights.size + 2) // 3
    if h < 2 or weights.shape != (3 * h - 2,):
        raise ValueError(f"weights must have the shape (3h-2,), h at least 2, got {weights.shape}")
    U, V = check_weights(unpack(weights, h), h)
    (x, y), rate = check_dataset((x, y), "training set"), check_positive("rate", rate)
    values, vectors = np.linalg.eigh(hessian(U, V, x, y))
    gradient, _, third, fourth = along(weights, vectors[:, -1], x, y)
    parts, fast = vectors.T @ third, rate * values > FAST

    def bend(chosen):
        drawn = 3 * np.sum(parts[chosen] ** 2 / values[chosen])
        return float(rate / 6 * (drawn - fourth @ vectors[:, -1]))

    return Flip(
        product=float(rate * values[-1]),
        rise=float(-(rate**2) * (gradient @ third)),
        push=float(rate**2 * np.sum(parts[~fast] ** 2)),
        straight=bend(slice(-1, None)),
        bend=bend(fast),
        formal=bend(slice(None)),
    )


def cycle(flip: Flip, size: float) -> Burst:
    """How a burst would go with its rise and its push alone, without a bend.

    Parameters
    ----------
    flip : Flip
        At the crossing.
    size : float
        Of the zigzag there; less than that of the steady zigzag, sqrt(2 rise / push), but not by
        a factor whose square is no double.

    Returns
    -------
    Burst

    Raises
    ------
    ValueError
        If rise, push or size are not positive, or the size is too large or too small.

    Notes
    -----
    Damian, Nichani and Lee, "Self-stabilization" (2023), section 4: p²/2 - rise log a + push a²/4
    stays the same, so p falls as far below 0 as it was above. Near its top the burst is a
    hyperbolic secant.
    """
    rise, size = check_positive("rise", flip.rise), check_positive("size", size)
    steady = sqrt(2 * rise / check_positive("push", flip.push))
    if not 1e-150 * steady < size < steady:
        raise ValueError(
            f"size must be between {1e-150 * steady:.3g} and {steady:.3g}, got {size!r}"
        )
    largest, part = steady, (size / steady) ** 2
    for _ in range(100):  # a few are enough
        largest = steady * sqrt(2 * log(largest / size) + part)
    depth = sqrt(rise * (part - 1 - log(part)))
    return Burst(largest, 2 * depth, 2 * acosh(2) / depth)


def foretell(
    path: StablePath, crossing: int, noise: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Foretell a burst from the stable path, in all directions and with nothing fitted.

    Parameters
    ----------
    path : StablePath
        On the standard training set.
    crossing : int
        The epoch at which the sharpness crosses its threshold.
    noise : float
        As of `StablePath.zigzag`, which gives the zigzag until it is felt; at most 1.

    Returns
    -------
    sizes, products : ndarray, shape (epochs,)
        Of the zigzag, and learning rate × sharpness: from the first epoch at which the zigzag is
        visible, `WINDOW` epochs more; fewer if the path ends, or the size exceeds 100.

    Raises
    ------
    ValueError
        If there is no such epoch, or `noise` is not a number from 0 to 1.

    Notes
    -----
    Beside the size a, the recursion keeps z, by which the mean of the zigzag is off the path. Each
    epoch multiplies z by 1 - rate × Hessian, and adds -rate a²/2 times the third derivatives; along
    u itself, z is where it would settle. The sharpness is that of the path, and z times its slope.
    """
    x, y = path.train_set
    rate, rows = path.experiment.learning_rate, pack(path.U, path.V)
    crossing = check_integer("crossing", crossing, least=0, most=len(rows) - 1)
    if not 0 <= check_number("noise", noise) <= 1:
        raise ValueError(f"noise must be between 0 and 1, got {noise!r}")
    early = path.zigzag(noise)[crossing:]
    felt = int(np.argmax(np.append(early >= FELT, True)))
    found, z = [], np.zeros(rows.shape[1])
    a = early[felt] if felt < len(early) else 0.0
    for n in range(crossing + felt, len(rows)):
        matrix = hessian(path.U[n], path.V[n], x, y)
        values, vectors = np.linalg.eigh(matrix)
        u = vectors[:, -1]
        _, _, third, fourth = along(rows[n], u, x, y)
        z = z - (third @ u * a**2 / 2 / values[-1] + z @ u) * u
        product = rate * (values[-1] + third @ z)
        if found or a >= ACCOUNT.visible:
            found.append((a, product))
        if a > 100 or len(found) > WINDOW:
            break
        z = z - rate * (matrix @ z + a**2 / 2 * third)
        a = hypot(noise, (product - 1 + rate * a**2 / 6 * (fourth @ u)) * a)
    sizes, products = np.array(found).reshape(-1, 2).T
    return sizes, products


def observe(
    history: History, first: int, window: int = WINDOW
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The zigzag of a run, and its sharpness with the zigzag averaged away.

    Parameters
    ----------
    history : History
        On the standard training set.
    first : int
        The epoch from which on to look for a visible zigzag; at least 1.
    window : int, optional
        For how many epochs to follow it; 0 or more.

    Returns
    -------
    sizes, products : ndarray, shape (epochs,)
        As of `foretell`. The size is the norm of what the weights are off their neighbours' mean.

    Raises
    ------
    ValueError
        If there is no such epoch, `window` is not an integer, 0 or more, or the run overflows or is
        not of plain gradient descent.
    """
    check_descent("the run", history.experiment)
    history.check_whole("a zigzag")
    first = check_integer("first", first, least=1, most=len(history.U) - 1)
    window = check_integer("window", window, least=0)
    if history.overflow_epoch is not None:
        raise ValueError(
            f"the run must not overflow, {history.experiment} does at epoch "
            f"{history.overflow_epoch}"
        )
    x, y = history.train_set
    h, weights = history.experiment.h, pack(history.U, history.V)[first - 1 :]
    ends = (weights[:-2] + weights[2:]) / 2
    sizes = np.linalg.norm((weights[1:-1] - ends) / 2, axis=1)
    visible = int(np.argmax(np.append(sizes >= ACCOUNT.visible, True)))
    shown = slice(visible, visible + window + 1)
    means = ((weights[1:-1] + ends) / 2)[shown]
    sharpness = np.linalg.eigvalsh(hessian(*unpack(means, h), x, y))[:, -1]
    return sizes[shown], np.array(history.experiment.learning_rate * sharpness, dtype=np.float64)


def measure(sizes: NDArray[np.float64], products: NDArray[np.float64]) -> Burst | None:
    """Measure a burst that is foretold or observed, up to where it is over.

    Parameters
    ----------
    sizes, products : ndarray, shape (epochs,)
        As `foretell` and `observe` give them.

    Returns
    -------
    Burst or None
        None if there is nothing to measure.

    Raises
    ------
    ValueError
        If they are not finite, or not of the same length.
    """
    sizes, products = check_numbers("sizes", sizes), check_numbers("products", products)
    if sizes.ndim != 1 or sizes.shape != products.shape:
        raise ValueError(
            f"sizes and products must have the same shape (epochs,), got {sizes.shape} and "
            f"{products.shape}"
        )
    if not np.isfinite([sizes, products]).all():
        raise ValueError(f"sizes and products must be finite, got {sizes} and {products}")
    if not len(sizes):
        return None
    over = np.flatnonzero(sizes < OVER * np.maximum.accumulate(sizes))
    end = int(over[0]) + 1 if over.size else len(sizes)
    sizes, products = sizes[:end], products[:end]
    most, high = int(np.argmax(products)), np.flatnonzero(sizes >= max(sizes) / 2)
    length = inf if high[-1] == end - 1 else float(high[-1] - high[0] + 1)
    return Burst(float(max(sizes)), float(products[most] - min(products[most:])), length)
