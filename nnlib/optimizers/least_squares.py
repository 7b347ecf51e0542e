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
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib.checks import (
    check_dataset,
    check_engine,
    check_h,
    check_integer,
    check_number,
    check_numbers,
    check_positive,
    check_rows,
)
from nnlib.elementary import Floats, sigmoid
from nnlib.machine import sum_over_samples

__all__ = ["Fit", "fit", "fit_outputs", "solve", "spread_weights"]

_DAMPING = 0.01  # at first, relative to the diagonal
_LEAST_DAMPING, _MOST_DAMPING = 1e-20, 1e20  # at the most, no step is left that helps
_EPS = 2.0**-52
_RIDGE = 1e-8  # of `fit_outputs`, relative to the diagonal: some hidden neurons may be alike
_PACE, _PATIENCE = 20, 20  # steps after which the pace is looked at, and how many times as many
_TOGETHER = 4  # networks that numpy fits at one go where one of them may be enough
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
    until: float | None = None,
    outputs: bool = False,
    engine: str | None = None,
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
    until : float, optional
        What is good enough of what is made least. At the first network in the rows that comes to
        it the fit stops, and only those up to it are given back. One that is too slow is given up:
        which at the pace of its last 20 steps would need 400 more.
    outputs : bool, optional
        Give each network the outputs first that `fit_outputs` gives.
    engine : {None, "numpy", "kernel"}, optional
        What runs the loop, as of `nnlib.train`: the bits are the same.

    Returns
    -------
    Fit

    Raises
    ------
    ValueError
        If the samples or the weights are not valid, `parts` are negative or not as many as the
        samples, `penalty` is negative, `steps` is not an integer, or less than 1, `until` is not
        positive or the weights are not in rows then, or the engine is unknown.
    nnlib.kernel.KernelError
        If the kernel is asked for and cannot be used.
    MemoryError
        If samples or neurons are too many for a kernel that is asked for.

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
    enough = -1.0 if until is None else check_positive("until", until)
    if until is not None and weights.ndim != 2:
        raise ValueError(f"until takes weights in rows, got the shape {weights.shape}")
    check_engine(engine)
    root = np.sqrt(_check_parts(parts, x.size))
    rows = weights.reshape(-1, size)
    run = x, y, root, rows, outputs, penalty, steps, enough
    found = None if engine == "numpy" or not len(rows) else _fit_in_kernel(*run, engine=engine)
    if found is None:
        with np.errstate(all="ignore"):  # a step may be beyond all bounds, and is refused then
            found = _fit_in_numpy(*run)
    rows, error, tried, converged = found
    shape = weights.shape[:-1] if until is None else error.shape
    converged &= np.isfinite(error)
    return Fit(
        rows.reshape(*shape, size),
        error.reshape(shape),
        tried.reshape(shape),
        converged.reshape(shape),
    )


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
    return _fit_outputs(x, y, np.sqrt(_check_parts(parts, x.size)), weights)


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


def _fit_outputs(x, y, root, rows):
    """Do what `fit_outputs` does with what has been checked."""
    h = (rows.shape[1] + 2) // 3
    H = np.ones((len(rows), h, x.size))
    H[:, :-1] = _hidden(rows, h, x)
    H *= root
    A, g = _normal_equations(H, np.broadcast_to(y * root, (len(rows), x.size)))
    diagonal = np.arange(h)
    own = A[:, diagonal, diagonal]
    A[:, diagonal, diagonal] = np.where(own > 0, (1 + _RIDGE) * own, 1)  # or a neuron that is 0
    return np.concatenate([solve(A, g), rows[:, h:]], axis=1)


def _fit_in_kernel(*run, engine):
    """Do what `_fit_in_numpy` does; None if the kernel cannot and numpy may take its place."""
    from nnlib import kernel
    from nnlib.kernel import newton

    try:
        if not _is_proven():
            raise kernel.KernelError("the kernel gives a fit other bits than numpy does")
        return newton.fit(*run)
    except (kernel.KernelError, MemoryError):
        if engine == "kernel":
            raise
        return None


@cache
def _is_proven():
    """Whether a short fit in the kernel has the bits of numpy: tried once in a process."""
    from nnlib.kernel import newton

    x = np.linspace(-5, 5, 301)  # which fill no block and no register
    rows = np.linspace(-1, 2, 20).reshape(2, 10)
    run = x, np.cos(x), np.sqrt(1 + x * x), rows, True, 0.01, 2 * _PACE, 0.01
    with np.errstate(all="ignore"):
        ours = _fit_in_numpy(*run)
    return all(map(np.array_equal, newton.fit(*run), ours))


def _fit_in_numpy(x, y, root, rows, outputs, penalty, steps, enough):
    """Fit networks together, all of them or, as long as none is good enough, some at a time."""
    most, found = max(1, len(rows)), []
    some = _TOGETHER if enough > 0 else most
    for begin in range(0, most, some):
        part = rows[begin : begin + some]
        if outputs:
            part = _fit_outputs(x, y, root, part)
        *part, good = _descend(x, y, root, part, penalty, steps, enough)
        found.append([array[: good + 1] for array in part])
        if good < len(part[0]):
            break
    return [np.concatenate(arrays) for arrays in zip(*found, strict=True)]


def _descend(x, y, root, rows, penalty, steps, enough):
    """The loop over the steps; a network that has come to its end takes no further part."""
    n, size = rows.shape
    h, diagonal = (size + 2) // 3, np.arange(size)
    tried, converged = np.zeros(n, dtype=int), np.zeros(n, dtype=bool)
    final, at = rows.copy(), np.arange(n)  # where those that are still at work stand in the result
    first, rows = n, rows.copy()  # the first that is good enough

    def measure(rows):
        """The errors of each network, its hidden neurons, and what is to be made least."""
        e, hidden = _errors(rows, h, x, y, root)
        loss = sum_over_samples(e * e) / 2
        return e, hidden, loss + penalty * sum_over_samples(rows * rows) / 2

    e, hidden, loss = measure(rows)
    damping, faster, scale = np.full(n, _DAMPING), np.full(n, 2.0), np.zeros_like(rows)
    before = loss.copy()
    for k in range(1, steps + 1):
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
        converged[at[done]] = True
        good = loss <= enough
        first = min([first, *at[good]])
        done |= good | (at > first)
        if enough > 0 and k % _PACE == 0:
            done |= _is_too_slow(before, loss, enough)
            before = loss.copy()
        if done.any():
            final[at] = rows
            at, rows, e, hidden, loss, damping, faster, scale, before = (
                array[~done]
                for array in (at, rows, e, hidden, loss, damping, faster, scale, before)
            )
            if not at.size:
                break
    final[at] = rows
    e, _ = _errors(final, h, x, y, root)
    return final, sum_over_samples(e * e) / 2, tried, converged, first


def _is_too_slow(before, loss, enough):
    """Whether it would still not be enough if it went on like this some time longer."""
    pace, far = before / loss, enough
    for _ in range(_PATIENCE):
        far = far * pace
    return far < loss


def equations(
    rows: Floats, x: Floats, y: Floats, root: Floats, penalties: Floats | None = None
) -> tuple[Floats, Floats, Floats]:
    """The loss of each network, and the equations of its step: the products Jᵀ J and Jᵀ e.

    With a penalty for each weight, of which half times the square belongs to the loss.
    """
    h = (rows.shape[-1] + 2) // 3
    e, hidden = _errors(rows, h, x, y, root)
    J = _derivatives(rows, h, x, root, hidden)
    loss, (A, g) = sum_over_samples(e * e) / 2, _normal_equations(J, e)
    if penalties is not None:
        diagonal = np.arange(rows.shape[-1])
        A[:, diagonal, diagonal] += penalties
        g += penalties * rows
        loss = loss + np.add.accumulate(penalties * rows * rows, axis=-1)[:, -1] / 2
    return loss, A, g


def propose(
    A: Floats, g: Floats, scale: Floats, damping: Floats, rate: float = 1.0
) -> tuple[Floats, Floats]:
    """A step for each network, times a rate, and how much less the loss is expected to be then."""
    diagonal, damped = np.arange(g.shape[-1]), damping[:, None] * np.where(scale > 0, scale, 1)
    A = A.copy()
    A[:, diagonal, diagonal] += damped
    step = rate * -solve(A, g)
    return step, sum_over_samples(step * (damped * step - (2 - rate) * g)) / 2


def judge(
    loss: Floats, loss_moved: Floats, expected: Floats, damping: Floats, faster: Floats
) -> tuple[Any, Any, Any]:
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
