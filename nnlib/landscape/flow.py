"""Where gradient descent goes if its steps are as small as can be, and where that path ends.

Gradient flow is gradient descent with a learning rate that goes to zero and as many more epochs:
the weights follow w' = -gradient(w), and the time is learning rate times epochs. It cannot
overshoot, so it tells what belongs to the loss from what belongs to the length of the steps. An
implicit method takes long steps where little happens: a time of a million costs a second.

A ball is what becomes of momentum in the same way: its weight remembers where it was going.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nnlib.checks import check_positive
from nnlib.extras import extra
from nnlib.hessian import hessian
from nnlib.network import LossGradient, unpack

__all__ = ["critical_point", "gradient", "gradient_flow", "rolling_ball"]

_NEWTON = 200  # steps; a valley that is bent takes some fifty


def gradient(
    weights: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """The loss and its gradient, for weights in one row.

    Parameters
    ----------
    weights : ndarray, shape (3h-2,)
        As `nnlib.network.pack` gives them.
    x, y : ndarray, shape (N,)

    Returns
    -------
    loss : float
        Half the mean squared error.
    gradient : ndarray, shape (3h-2,)
    """
    sums = LossGradient(x, y, _h(weights)).sums(weights) / x.size
    return float(sums[-1]), sums[:-1]


def gradient_flow(
    weights: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    times: Sequence[float],
) -> NDArray[np.float64]:
    """Follow the gradient flow of the loss.

    Parameters
    ----------
    weights : ndarray, shape (3h-2,)
        Where it starts, at time 0, as `nnlib.network.pack` gives them.
    x, y : ndarray, shape (N,)
        The training set.
    times : sequence of float
        Ascending, 0 or more, in units of learning rate × epochs.

    Returns
    -------
    ndarray, shape (times, 3h-2)

    Raises
    ------
    ValueError
        If the times do not ascend from 0.
    RuntimeError
        If the solver gives up.

    Notes
    -----
    Backward differentiation formulas of `scipy.integrate`, with the Hessian as Jacobian and a
    relative tolerance of one in a million for every step. It takes linear algebra, so its last
    digits differ from machine to machine.
    """
    h = _h(weights)
    loss_gradient = LossGradient(x, y, h)
    return _solve(
        lambda _, w: -loss_gradient.sums(w)[:-1] / x.size,
        lambda _, w: -hessian(*unpack(w, h), x, y),
        weights,
        times,
    )


def rolling_ball(
    weights: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    times: Sequence[float],
    mass: float,
    drag: float = 0.0,
) -> NDArray[np.float64]:
    """Follow a ball with mass that rolls over the loss, from rest, against friction.

    Parameters
    ----------
    weights, x, y, times
        As of `gradient_flow`.
    mass : float
        Positive; with less and less of it the ball follows the gradient flow.
    drag : float, optional
        Friction that grows with the curvature in the direction of the motion; 0 or more.

    Returns
    -------
    ndarray, shape (times, 3h-2)

    Raises
    ------
    ValueError
        If the mass is not positive, the drag negative, or the times do not ascend from 0.
    RuntimeError
        As `gradient_flow`.

    Notes
    -----
    mass w'' + (1 + drag × Hessian) w' = -gradient(w); see `nnlib.methods.mass`.
    """
    check_positive("mass", mass)
    if not 0 <= drag < np.inf:
        raise ValueError(f"drag must be finite and 0 or more, got {drag!r}")
    h, n = _h(weights), len(weights)
    loss_gradient, one = LossGradient(x, y, h), np.eye(len(weights))

    def change(_, state):
        w, velocity = state[:n], state[n:]
        force = -loss_gradient.sums(w)[:-1] / x.size - velocity
        if drag:
            force -= drag * (hessian(*unpack(w, h), x, y) @ velocity)
        return np.concatenate([velocity, force / mass])

    def jacobian(_, state):  # but for how the drag changes with the weights
        matrix = hessian(*unpack(state[:n], h), x, y)
        return np.block([[0 * one, one], [-matrix / mass, -(one + drag * matrix) / mass]])

    start = np.concatenate([weights, np.zeros(n)])
    return _solve(change, jacobian, start, times)[:, :n]


def _solve(change, jacobian, start, times):
    """Follow a differential equation to each of the times."""
    with extra("landscape"):
        from scipy.integrate import solve_ivp  # here, because it is slow to load

    moments = np.asarray(times, dtype=float)
    if moments.size == 0 or moments[0] < 0 or (np.diff(moments) < 0).any():
        raise ValueError(f"times must ascend from 0, got {times}")
    found = solve_ivp(
        change,
        (0.0, float(moments[-1])),
        start,
        method="BDF",
        jac=jacobian,
        t_eval=moments,
        rtol=1e-6,
        atol=1e-8,  # the weights are of size 1 to 50
    )
    if not found.success:
        raise RuntimeError(f"the flow could not be followed: {found.message}")
    return found.y.T


def critical_point(
    weights: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    tolerance: float = 1e-12,
) -> NDArray[np.float64]:
    """Go to a nearby point where the gradient is zero, by Newton's method.

    Parameters
    ----------
    weights : ndarray, shape (3h-2,)
        Where to begin, as `nnlib.network.pack` gives them.
    x, y : ndarray, shape (N,)
        The training set.
    tolerance : float, optional
        How long the gradient may still be.

    Returns
    -------
    ndarray, shape (3h-2,)
        A minimum or a saddle: the eigenvalues of the Hessian there say which.

    Raises
    ------
    RuntimeError
        If it does not get there, as when all neurons are saturated and the Hessian is singular.

    Notes
    -----
    A step that does not shorten the gradient is halved until it does.
    """
    h = _h(weights)
    w, (_, g) = weights, gradient(weights, x, y)
    length = np.linalg.norm(g)
    for _ in range(_NEWTON):
        if length <= tolerance:
            return w
        try:
            step = np.linalg.solve(hessian(*unpack(w, h), x, y), g)
        except np.linalg.LinAlgError:
            raise RuntimeError("Newton's method stopped where the Hessian is singular") from None
        for halvings in range(30):  # to a billionth of the step
            tried = w - step / 2**halvings
            _, g = gradient(tried, x, y)
            if np.linalg.norm(g) < length:
                break
        else:
            raise RuntimeError(f"Newton's method stopped where the gradient is {length:.1e}")
        w, length = tried, np.linalg.norm(g)
    raise RuntimeError(f"no critical point in {_NEWTON} steps; the gradient is {length:.1e}")


def _h(weights: NDArray[np.float64]) -> int:
    return (len(weights) + 2) // 3
