"""Gauss-Newton steps with damping, after Levenberg and Marquardt: for many networks at once.

Near a network the errors e of its output are nearly linear in the weights, e + J s for a step s, so
the step that makes their squares least solves linear equations: (Jᵀ J) s = -Jᵀ e. Far away that
step is too long. So a damping μ is added on the diagonal, which shortens it and turns it towards
the gradient; it grows after a step that failed, and shrinks after one that did what was expected.

As in the network, everything is elementwise operations and sums along the last axis, in an order
that numpy fixes, so a fit gives the same bits on every machine, and in every company: the networks
of a stack do not see each other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib.checks import (
    check_dataset,
    check_h,
    check_integer,
    check_number,
    check_numbers,
    check_rows,
)
from nnlib.elementary import Floats, sigmoid
from nnlib.machine import sum_over_samples

__all__ = ["Fit", "fit", "fit_outputs", "solve", "spread_weights"]

_DAMPING = 0.01  # at first, relative to the diagonal
_LEAST_DAMPING, _MOST_DAMPING = 1e-20, 1e20  # at the most, no step is left that helps
_EPS = 2.0**-52
_RIDGE = 1e-8  # of `fit_outputs`, relative to the diagonal: some hidden neurons may be alike
_SLOPE = 2.0  # of `spread_weights`: then a sigmoid takes some 2 to 10 units of x to rise


@dataclass(frozen=True, eq=False)
class Fit:
    """What a fit has come to.

    Attributes
    ----------
    weights : ndarray, shape (..., 3h-2)
        As `nnlib.network.pack` lays them out.
    error : ndarray, shape (...)
        Half the mean squared error on the samples.
    steps : ndarray of int, shape (...)
        How many steps were tried, those that failed among them. One costs the errors and their
        derivatives on all samples, and the solution of 3h-2 linear equations.
    converged : ndarray of bool, shape (...)
        Whether no step was left that would have made the error visibly less.
    """

    weights: Floats
    error: Floats
    steps: NDArray[np.int64]
    converged: NDArray[np.bool_]


def fit(
    x: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike,
    *,
    parts: ArrayLike | None = None,
    penalty: float = 0.0,
    steps: int = 500,
) -> Fit:
    """Fit networks to samples by damped Gauss-Newton steps.

    Parameters
    ----------
    x, y : array_like, shape (N,)
        The samples.
    weights : array_like, shape (..., 3h-2)
        Where each network starts, as `nnlib.network.pack` lays them out.
    parts : array_like, shape (N,), optional
        How much each sample counts, as in a quadrature; 1/N if not given.
    penalty : float, optional
        What is made least is the error, and half of this times the sum of the squares of all
        weights, which keeps them small. The error that is given back is without it.
    steps : int, optional
        The most that are tried.

    Returns
    -------
    Fit

    Raises
    ------
    ValueError
        If the samples or the weights are not valid, `parts` are negative or not as many as the
        samples, `penalty` is negative, or `steps` is not an integer, or less than 1.

    Notes
    -----
    Levenberg (1944) and Marquardt (1963); the damping is scaled by the largest diagonal of Jᵀ J so
    far (Moré, 1978), and changed as by Nielsen (1999). The error is the document's, section 2.5,
    divided by N.
    """
    x, y = check_dataset((x, y), "samples")
    steps = check_integer("steps", steps, least=1)
    weights = check_rows(weights)
    size = weights.shape[-1]
    if not np.isfinite(weights).all():
        raise ValueError(f"weights must be finite, got {weights!r}")
    penalty = check_number("penalty", penalty)
    if not 0 <= penalty < np.inf:
        raise ValueError(f"penalty must be finite, and not negative, got {penalty}")
    root = np.sqrt(_check_parts(parts, x.size))
    shape, rows = weights.shape[:-1], weights.reshape(-1, size)
    with np.errstate(all="ignore"):  # a step may be beyond all bounds, and is refused then
        found = _descend(x, y, root, rows.copy(), penalty, steps)
    rows, error, tried, converged = found
    one_each = (a.reshape(shape) for a in (error, tried, converged & np.isfinite(error)))
    return Fit(rows.reshape(*shape, size), *one_each)


def spread_weights(h: int, n: int, rng: np.random.Generator | int) -> Floats:
    """Initial weights whose sigmoids rise at places spread over the whole interval [-5, 5].

    Parameters
    ----------
    h : int
        The number of hidden neurons, the bias unit counted.
    n : int
        How many networks.
    rng : numpy.random.Generator or int
        The generator to draw from, or its seed.

    Returns
    -------
    ndarray, shape (n, 3h-2)
        Slopes U[i, 0] between -2 and 2, and U[i, 1] such that neuron i is halfway between 0 and 1
        at a place between -5 and 5, both uniform; V is 0, to be set by `fit_outputs`.

    Raises
    ------
    ValueError
        If `h` is not an integer, or less than 2; `n` not one, or less than 1; a seed negative.

    Notes
    -----
    After Nguyen and Widrow (1990), who spread the neurons over the interval of the inputs. Uniform
    numbers have the same bits on every machine.
    """
    h, n = check_h(h), check_integer("n", n, least=1)
    if not isinstance(rng, np.random.Generator):
        rng = np.random.default_rng(check_integer("rng", rng, least=0))
    slopes = _SLOPE * (2 * rng.random((n, h - 1)) - 1)
    places = 10 * (rng.random((n, h - 1)) - 0.5)
    return np.concatenate([np.zeros((n, h)), slopes, -slopes * places], axis=1)


def fit_outputs(
    x: ArrayLike, y: ArrayLike, weights: ArrayLike, parts: ArrayLike | None = None
) -> Floats:
    """Give each network the output weights V that are best for its hidden neurons.

    Parameters
    ----------
    x, y, parts
        As of `fit`.
    weights : array_like, shape (n, 3h-2)
        Of which V is ignored.

    Returns
    -------
    ndarray, shape (n, 3h-2)
        V solves linear equations, with a trace of damping, since neurons may be alike.

    Raises
    ------
    ValueError
        If samples, weights or `parts` are not valid.
    """
    x, y = check_dataset((x, y), "samples")
    weights = check_rows(weights)
    if weights.ndim != 2 or not np.isfinite(weights).all():
        raise ValueError(f"weights must be finite, in rows, got the shape {weights.shape}")
    h = (weights.shape[-1] + 2) // 3
    root = np.sqrt(_check_parts(parts, x.size))
    H = np.ones((len(weights), h, x.size))
    H[:, :-1] = _hidden(weights, h, x)
    H *= root
    A, g = _normal_equations(H, np.broadcast_to(y * root, (len(weights), x.size)))
    diagonal = np.arange(h)
    own = A[:, diagonal, diagonal]
    A[:, diagonal, diagonal] = np.where(own > 0, (1 + _RIDGE) * own, 1)  # or a neuron that is 0
    return np.concatenate([solve(A, g), weights[:, h:]], axis=1)


def solve(A: Floats, b: Floats) -> Floats:
    """Solve A s = b by Cholesky's factorisation, in elementary operations alone.

    Parameters
    ----------
    A : ndarray, shape (..., p, p)
        Symmetric; only its lower half is read.
    b : ndarray, shape (..., p)

    Returns
    -------
    ndarray, shape (..., p)
        Not finite where `A` is not positive definite.
    """
    L, s = np.array(A, dtype=float), np.array(b, dtype=float)
    p = s.shape[-1]
    with np.errstate(all="ignore"):
        for j in range(p):
            L[..., j:, j] /= np.sqrt(L[..., j, j, None])
            below = L[..., j + 1 :, j]
            L[..., j + 1 :, j + 1 :] -= below[..., :, None] * below[..., None, :]
        for j in range(p):
            s[..., j] /= L[..., j, j]
            s[..., j + 1 :] -= L[..., j + 1 :, j] * s[..., j, None]
        for j in reversed(range(p)):
            s[..., j] /= L[..., j, j]
            s[..., :j] -= L[..., j, :j] * s[..., j, None]
    return s


def _descend(x, y, root, rows, penalty, steps):
    """The loop over the steps; a network that has converged takes no further part."""
    n, size = rows.shape
    h, diagonal = (size + 2) // 3, np.arange(size)
    tried, converged = np.zeros(n, dtype=int), np.zeros(n, dtype=bool)
    final, at = rows.copy(), np.arange(n)  # where those that are still at work stand in the result

    def measure(rows):
        """The errors of each network, its hidden neurons, and what is to be made least."""
        e, hidden = _errors(rows, h, x, y, root)
        loss = sum_over_samples(e * e) / 2
        return e, hidden, loss + penalty * sum_over_samples(rows * rows) / 2

    e, hidden, loss = measure(rows)
    damping, faster, scale = np.full(n, _DAMPING), np.full(n, 2.0), np.zeros_like(rows)
    for _ in range(steps):
        A, g = _normal_equations(_derivatives(rows, h, x, root, hidden), e)
        A[:, diagonal, diagonal] += penalty
        g += penalty * rows
        scale = np.maximum(scale, A[:, diagonal, diagonal])
        step, expected = propose(A, g, scale, damping)
        e_moved, hidden_moved, loss_moved = measure(rows + step)

        better, damping, faster = judge(loss, loss_moved, expected, damping, faster)
        rows[better] += step[better]
        e[better], hidden[better], loss[better] = (
            moved[better] for moved in (e_moved, hidden_moved, loss_moved)
        )
        tried[at] += 1

        done = (expected <= _EPS * loss) | (damping > _MOST_DAMPING)
        if done.any():
            final[at], converged[at[done]] = rows, True
            at, rows, e, hidden, loss, damping, faster, scale = (
                array[~done] for array in (at, rows, e, hidden, loss, damping, faster, scale)
            )
            if not at.size:
                break
    final[at] = rows
    e, _ = _errors(final, h, x, y, root)
    return final, sum_over_samples(e * e) / 2, tried, converged


def equations(rows, x, y, root):
    """The loss of each network, and the equations of its step: the products Jᵀ J and Jᵀ e."""
    h = (rows.shape[-1] + 2) // 3
    e, hidden = _errors(rows, h, x, y, root)
    J = _derivatives(rows, h, x, root, hidden)
    return sum_over_samples(e * e) / 2, *_normal_equations(J, e)


def propose(A, g, scale, damping, rate=1.0):
    """A step for each network, times a rate, and how much less the loss is expected to be then."""
    diagonal, damped = np.arange(g.shape[-1]), damping[:, None] * np.where(scale > 0, scale, 1)
    A = A.copy()
    A[:, diagonal, diagonal] += damped
    step = rate * -solve(A, g)
    return step, sum_over_samples(step * (damped * step - (2 - rate) * g)) / 2


def judge(loss, loss_moved, expected, damping, faster):
    """Which steps are to be taken, and how the damping changes, after Nielsen."""
    better = loss_moved < loss  # and a step that is not finite is not
    bend = 2 * ((loss - loss_moved) / expected) - 1
    less = damping * np.maximum(1 / 3, 1 - bend * bend * bend)
    damping = np.where(better, np.maximum(less, _LEAST_DAMPING), damping * faster)
    return better, damping, np.where(better, 2.0, 2 * faster)


def _check_parts(parts, N):
    if parts is None:
        return np.full(N, 1 / N)
    parts = check_numbers("parts", parts)
    if parts.shape != (N,) or not (parts >= 0).all() or not 0 < parts.sum() < np.inf:
        raise ValueError(
            f"parts must be {N} finite numbers, none of them negative and not all 0, got {parts!r}"
        )
    return parts


def _hidden(rows, h, x):
    """The hidden neurons of each network, without the bias unit, shape (n, h-1, N)."""
    z = rows[:, h : 2 * h - 1, None] * x
    z += rows[:, 2 * h - 1 :, None]
    return sigmoid(z, out=z)


def _errors(rows, h, x, y, root):
    """The errors, each times the root of its part, and the hidden neurons."""
    hidden = _hidden(rows, h, x)
    o = rows[:, 0, None] * hidden[:, 0]
    for i in range(1, h - 1):
        o += rows[:, i, None] * hidden[:, i]
    o += rows[:, h - 1, None]
    return (o - y) * root, hidden


def _derivatives(rows, h, x, root, hidden):
    """The derivatives of these errors with respect to the weights, shape (n, 3h-2, N)."""
    J = np.empty((*rows.shape, x.size))
    J[:, : h - 1] = hidden
    J[:, h - 1] = 1
    slope = J[:, 2 * h - 1 :]
    np.subtract(1, hidden, out=slope)
    slope *= hidden
    slope *= rows[:, : h - 1, None]
    np.multiply(slope, x, out=J[:, h : 2 * h - 1])
    J *= root
    return J


def _normal_equations(J, e):
    """The products Jᵀ J and Jᵀ e, summed over the samples."""
    n, size, _ = J.shape
    A = np.empty((n, size, size))
    for i in range(size):
        A[:, i:, i] = sum_over_samples(J[:, i:] * J[:, i, None])
        A[:, i, i:] = A[:, i:, i]
    return A, sum_over_samples(J * e[:, None])
