"""What becomes of a zigzag that has grown: how large it gets, what it does to the sharpness.

Near the calm path the gradient is not linear. A zigzag of the size a along the unit vector u across
the valley has a mean gradient, a²/2 times the third derivative in u and u, which is a²/2 times the
slope of the sharpness: it pushes the weights to where the valley is wider. And it has a factor of
its own, since the fourth derivative makes the valley steeper or flatter far from its bottom. This
module computes both, and foretells from them a burst that it does not look at.
"""

from dataclasses import dataclass
from math import acosh, factorial, hypot, inf, log, sqrt

import numpy as np
from numpy.typing import NDArray

from nnlib.datasets import get_train_set
from nnlib.elementary import sigmoid
from nnlib.history import History
from nnlib.network import pack, unpack
from nnlib.oscillation.curvature import hessian
from nnlib.oscillation.onset import ACCOUNT, StablePath

__all__ = ["Burst", "Flip", "along", "cycle", "find_flip", "foretell", "measure", "observe"]

WINDOW = 100  # epochs that a burst is followed for, from the one at which it is visible
FAST = 0.05  # of learning rate times curvature: what lies along such a direction fades in a burst
_FELT = 2.0**-20  # a smaller zigzag does not move the sharpness
_ENDED = 8  # a burst is over at this part of its largest size


def along(
    weights: NDArray[np.float64],
    u: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The gradient of the loss and its first three derivatives along a direction.

    Parameters
    ----------
    weights, u : ndarray, shape (3h-2,)
        The weights, as `nnlib.network.pack` gives them, and the direction.
    x, y : ndarray, shape (N,)

    Returns
    -------
    ndarray, shape (4, 3h-2)
        The gradient, the Hessian times u, the third derivatives contracted with u and u, and the
        fourth with u, u and u. For a unit eigenvector of the Hessian, the third row is the gradient
        of the eigenvalue.

    Notes
    -----
    Exact: equations (1) and (2) of the document with power series of weights + ε u for weights. The
    series of a sigmoid follows from its differential equation, σ' = σ (1 - σ).
    """
    h = (len(weights) + 2) // 3
    (U, V), (dU, dV) = unpack(weights, h), unpack(u, h)
    dz = dU[:, :1] * x + dU[:, 1:]
    H, slope = [sigmoid(U[:, :1] * x + U[:, 1:])], []
    for n in range(4):
        slope.append(H[n] - sum(H[k] * H[n - k] for k in range(n + 1)))
        H.append(dz * slope[n] / (n + 1))
    back = [V[:-1, None] * slope[0]]
    e = [V[:-1] @ H[0] + V[-1] - y]
    for n in range(1, 4):
        back.append(V[:-1, None] * slope[n] + dV[:-1, None] * slope[n - 1])
        e.append(V[:-1] @ H[n] + dV[:-1] @ H[n - 1] + (dV[-1] if n == 1 else 0))

    def coefficient(n):
        terms = [
            (H[n - k] @ e[k], back[n - k] @ (e[k] * x), back[n - k] @ e[k]) for k in range(n + 1)
        ]
        grad_V, grad_0, grad_1 = map(sum, zip(*terms, strict=True))
        return np.concatenate([grad_V, [np.add.reduce(e[n])], grad_0, grad_1]) / len(x)

    return np.stack([factorial(n) * coefficient(n) for n in range(4)])


@dataclass(frozen=True)
class Burst:
    """A burst in three numbers.

    Attributes
    ----------
    amplitude : float
        The largest size of the zigzag.
    fall : float
        From the largest learning rate times sharpness to the lowest after that.
    length : float
        The epochs from half the amplitude to half of it again; infinite if `WINDOW` ends before.
    """

    amplitude: float
    fall: float
    length: float


@dataclass(frozen=True)
class Flip:
    """A period doubling of gradient descent, at a point of a calm path.

    Attributes
    ----------
    product : float
        Learning rate times sharpness: 2 at the flip.
    rise : float
        By how much that grows per epoch along the path.
    push : float
        By how much a zigzag of size 1 would slow it, twice: the product changes per epoch by
        rise - push a²/2. From the slow directions only.
    straight : float
        What the third and fourth derivatives in u alone do: a grows by product - 1 - straight a².
    bend : float
        The same, with what the other fast directions do.
    formal : float
        The same, with all directions: the coefficient of the normal form at an equilibrium.
    """

    product: float
    rise: float
    push: float
    straight: float
    bend: float
    formal: float

    @property
    def damping(self) -> float:
        """Of the small bursts about the steady zigzag; from 1 on they do not come again."""
        return self.bend * sqrt(2 * max(self.rise, 0)) / self.push


def find_flip(
    weights: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64], rate: float
) -> Flip:
    """The coefficients of the flip.

    Parameters
    ----------
    weights : ndarray, shape (3h-2,)
        Where the sharpness crosses its threshold, as `nnlib.network.pack` gives them.
    x, y : ndarray, shape (N,)
    rate : float
        The learning rate.

    Returns
    -------
    Flip

    Notes
    -----
    Kuznetsov, "Elements of applied bifurcation theory" (2004), section 5.4, for the map
    w -> w - rate × gradient(w), whose linear part is symmetric.
    """
    values, vectors = np.linalg.eigh(hessian(*unpack(weights, (len(weights) + 2) // 3), x, y))
    gradient, _, third, fourth = along(weights, vectors[:, -1], x, y)
    parts = vectors.T @ third
    fast = rate * values > FAST
    own = -fourth @ vectors[:, -1]

    def coefficient(chosen):
        return rate / 6 * (3 * np.sum(parts[chosen] ** 2 / values[chosen]) + own)

    return Flip(
        rate * values[-1],
        -(rate**2) * (gradient @ third),
        rate**2 * np.sum(parts[~fast] ** 2),
        coefficient(slice(-1, None)),
        coefficient(fast),
        coefficient(slice(None)),
    )


def cycle(flip: Flip, size: float) -> Burst:
    """How a burst goes by self-stabilisation alone: from the rise and the push, without a bend.

    Parameters
    ----------
    flip : Flip
        At the crossing.
    size : float
        Of the zigzag, there.

    Returns
    -------
    Burst

    Notes
    -----
    Damian, Nichani and Lee, "Self-stabilization" (2023), section 4. With p the product less 2,
    p²/2 - rise log a + push a²/4 is the same all the time. So p is as far below 0 after the burst
    as it was above before; and near its top the burst is a hyperbolic secant.
    """
    steady = sqrt(2 * flip.rise / flip.push)
    largest = steady
    for _ in range(100):  # a few are enough
        largest = steady * sqrt(2 * log(largest / size) + size**2 / steady**2)
    depth = sqrt(flip.rise * (2 * log(steady / size) - 1 + size**2 / steady**2))
    return Burst(largest, 2 * depth, 2 * acosh(2) / depth)


def foretell(
    path: StablePath, crossing: int, noise: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Follow a zigzag, and what it does to the sharpness, from a crossing of the calm path on.

    Parameters
    ----------
    path : StablePath
        On the standard training set.
    crossing : int
        The epoch to begin with, at the size that the account has there.
    noise : float
        As of `StablePath.zigzag`.

    Returns
    -------
    sizes, products : ndarray, shape (epochs,)
        Of the zigzag, and learning rate times sharpness, from `crossing` until it has been visible
        for `WINDOW` epochs; less if the path ends, or the size exceeds 100.

    Notes
    -----
    Beside the size a, the recursion keeps the displacement z of the weights' mean from the path:
    a is multiplied by rate (λ + z · third + a² fourth / 6) - 1, and z by 1 - rate Hessian, less
    rate a² third / 2. All coefficients are those of the path at the epoch; nothing is fitted.
    """
    x, y = get_train_set(path.experiment.f)
    rate, rows = path.experiment.learning_rate, pack(path.U, path.V)
    sizes = path.zigzag(noise)[crossing:]
    start = crossing + int(np.argmax(np.append(sizes >= _FELT, True)))
    if start == len(rows):
        return np.array([]), np.array([])
    a, z, since = sizes[start - crossing], np.zeros(rows.shape[1]), None
    sizes, products = [], []
    for n in range(start, len(rows)):
        matrix = hessian(path.U[n], path.V[n], x, y)
        values, vectors = np.linalg.eigh(matrix)
        u = vectors[:, -1]
        _, _, third, fourth = along(rows[n], u, x, y)
        z += (-(third @ u) * a**2 / 2 / values[-1] - z @ u) * u
        sizes.append(a)
        products.append(rate * (values[-1] + third @ z))
        since = n if since is None and a >= ACCOUNT.visible else since
        if a > 100 or (since is not None and n >= since + WINDOW):
            break
        factor = products[-1] - 1 + rate * a**2 / 6 * (fourth @ u)
        z = z - rate * (matrix @ z + a**2 / 2 * third)
        a = hypot(noise, factor * a)
    return np.array(sizes), np.array(products)


def observe(history: History, first: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The zigzag of a run and its sharpness, until it has been visible for `WINDOW` epochs.

    Parameters
    ----------
    history : History
        On the standard training set.
    first : int
        The epoch to begin with, at least 1.

    Returns
    -------
    sizes, products : ndarray, shape (epochs,)
        Of what the weights are off their neighbours' mean, in all directions together; and of the
        learning rate times the sharpness, where the zigzag is averaged away.
    """
    x, y = get_train_set(history.experiment.f, history.arithmetic)
    h, weights = history.experiment.h, pack(history.U, history.V)[first - 1 :]
    ends = weights[:-2] + weights[2:]
    sizes = np.linalg.norm((2 * weights[1:-1] - ends) / 4, axis=1)
    start = int(np.argmax(np.append(sizes >= ACCOUNT.visible, True)))
    sizes, values = sizes[: start + WINDOW + 1], np.full(len(sizes), np.nan)
    for n in range(start, len(sizes)):
        mean = (2 * weights[n + 1] + ends[n]) / 4
        values[n] = np.linalg.eigvalsh(hessian(*unpack(mean, h), x, y))[-1]
    return sizes, history.experiment.learning_rate * values[: len(sizes)]


def measure(sizes: NDArray[np.float64], products: NDArray[np.float64]) -> Burst | None:
    """Measure the first burst, foretold or observed.

    Parameters
    ----------
    sizes, products : ndarray, shape (epochs,)
        As `foretell` and `observe` give them.

    Returns
    -------
    Burst or None
        None if no zigzag becomes visible.

    Notes
    -----
    It begins where the size is visible, and is over where it is below an eighth of the largest so
    far.
    """
    if not (sizes >= ACCOUNT.visible).any():
        return None
    start = int(np.argmax(sizes >= ACCOUNT.visible))
    sizes, products = sizes[start:], products[start:]
    over = np.flatnonzero(sizes < np.maximum.accumulate(sizes) / _ENDED)
    end = int(over[0]) + 1 if over.size else len(sizes)
    sizes, products = sizes[:end], products[:end]
    top, most = int(np.argmax(sizes)), int(np.argmax(products))
    high = np.flatnonzero(sizes >= sizes[top] / 2)
    length = inf if high[-1] == len(sizes) - 1 else float(high[-1] - high[0] + 1)
    return Burst(float(sizes[top]), float(products[most] - products[most:].min()), length)
