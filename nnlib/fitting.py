"""A good network in one call: `fit` looks for weights whose error on the interval is small.

The documents' descent is what this library studies. If you only want a good network, damped
Gauss-Newton steps find it sooner, from one start after the other, and from starts that are spread
over the interval.
"""

# The document's symbols are capital letters, and no constants.
# pyright: reportConstantRedefinition=false

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnlib.checks import (
    Floats,
    check_dataset,
    check_engine,
    check_h,
    check_integer,
    check_memory,
    check_numbers,
    check_positive,
    show,
)
from nnlib.interval import PANELS, nodes
from nnlib.machine import check_rounding, sum_over_samples
from nnlib.network import forward_pass, unpack
from nnlib.optimizers import least_squares
from nnlib.targets import Target

__all__ = ["Fitted", "fit"]

_PART = 1e-4  # of the error of the best constant: good enough, if nothing else is said
_ROUNDING = 1e-24  # of the mean square, where the function is a constant but for that
_LESS = 0.99  # on the samples, for what the error may be more between them
_STEPS = 2000  # from one start, at most
_PIECE = 32  # starts that are drawn together
_NETWORKS = 8  # whose neurons take as much memory as the errors and derivatives of a few fits
_MOST = 1e150  # that a value may be, so that squares and their sums are finite


@dataclass(frozen=True, eq=False, repr=False)
class Fitted:
    """The network that `fit` has found.

    Attributes
    ----------
    U : ndarray, shape (h-1, 2)
    V : ndarray, shape (h,)
        The weights, as `nnlib.train` takes them: ``weights=(U, V)``.
    error : float
        Half the mean squared error on the whole interval [-5, 5].
    wanted : float
        The error that was good enough.
    starts : int
        How many starts it took.
    steps : int
        How many steps were tried, from all of them.
    converged : bool
        Whether the error is as low as was wanted. If not, these are the best weights from all
        starts.
    """

    U: Floats
    V: Floats
    error: float
    wanted: float
    starts: int
    steps: int
    converged: bool

    def __repr__(self) -> str:
        said = f"h = {len(self.V)}: error {self.error:.3g}"
        if not self.converged:
            said += f", more than the {self.wanted:.3g} that is wanted"
        return f"{said}, starts {self.starts}, steps {self.steps}"

    def predict(self, x: ArrayLike) -> Any:
        """The outputs of the network.

        Parameters
        ----------
        x : array_like
            Inputs, of any shape.

        Returns
        -------
        ndarray or float
            In the shape of `x`.

        Raises
        ------
        ValueError
            If an input is no real number.
        """
        x = check_numbers("x", x)
        return forward_pass(self.U, self.V, x.ravel()).reshape(x.shape)[()]


@np.errstate(all="ignore")
def fit(
    f: Target,
    h: int,
    *,
    wanted: float | None = None,
    starts: int = 200,
    seed: int = 0,
    engine: str | None = None,
) -> Fitted:
    """Find weights with which a network of `h` hidden neurons is close to `f` on [-5, 5].

    Parameters
    ----------
    f : callable
        The target function, from an array of shape (N,) to one of the same shape.
    h : int
        The number of hidden neurons, the bias unit counted; at least 2.
    wanted : float, optional
        The error that is good enough, half the mean squared error on the interval. If not given, a
        ten-thousandth of the error of the best constant.
    starts : int, optional
        From how many starts it is tried, at most.
    seed : int, optional
        Of the starts. With each seed the result has the same bits on every machine.
    engine : {None, "numpy", "kernel"}, optional
        What runs the loop, as of `nnlib.train`; the bits are the same.

    Returns
    -------
    Fitted

    Raises
    ------
    ValueError
        If `f` does not return one finite real number for each input, or one beyond 1e150; `h` is
        not an integer, or less than 2; `wanted` is not positive; `starts` is not an integer, or
        less than 1; `seed` is negative, or the engine unknown.
    nnlib.kernel.KernelError
        If the kernel is asked for and cannot be used.
    MemoryError
        If the neurons are too many for the memory, or for a kernel that is asked for.

    Warns
    -----
    RuntimeWarning
        If no start has led to an error as low as was wanted.

    Notes
    -----
    Steps as of `nnlib.optimizers.least_squares.fit`, from starts as of `spread_weights` there, with
    the outputs fitted. The samples are the nodes of a quadrature, 160 or more, some seven for each
    weight: there is no chance in their error, and it tells nearly the same as that of the whole
    interval, for which twice as many are taken.

    Examples
    --------
    >>> from nnlib import f2, fit
    >>> found = fit(f2, 8, wanted=0.01)
    >>> found.converged, found.U.shape, found.V.shape
    (True, (7, 2), (8,))
    >>> bool(abs(found.predict(1.0) - f2(1.0)) < 1)
    True
    """
    check_rounding()
    if not callable(f):
        raise ValueError(f"f must be a function, such as nnlib.f1, got {show(f)}")
    h = check_h(h)
    starts = check_integer("starts", starts, least=1)
    rng = np.random.default_rng(check_integer("seed", seed, least=0))
    check_engine(engine)
    panels = max(PANELS, 4 * h)
    check_memory(f"a fit of h = {h}", h, 0, _NETWORKS * 5 * panels)
    (x, y, parts), between = _sample(f, panels, 2 * panels)
    wanted = _default(y, parts) if wanted is None else check_positive("wanted", wanted)

    def descend(rows: Floats, **more: Any) -> least_squares.Fit:
        return least_squares.fit(x, y, rows, parts=parts, steps=_STEPS, engine=engine, **more)

    rows, best = np.empty((0, 3 * h - 2)), np.empty(0)
    error, tried, steps = np.inf, 0, 0
    while tried < starts and not error <= wanted:
        if not len(rows):
            rows = least_squares.spread_weights(h, _PIECE, rng)
        found = descend(rows[: starts - tried], until=_LESS * wanted, outputs=True)
        some = len(found.error)
        rows, tried, steps = rows[some:], tried + some, steps + int(found.steps.sum())
        row = found.weights[np.argmin(np.where(np.isnan(found.error), np.inf, found.error))]
        there = _error(row, *between)
        if not best.size or there < error:
            best, error = row, there
    if not error <= wanted:  # it was given up, perhaps, but there is none better
        found = descend(best)
        best, steps = found.weights, steps + int(found.steps)
        error = _error(best, *between)
    U, V = unpack(best, h)
    fitted = Fitted(U, V, error, wanted, tried, steps, error <= wanted)
    if not fitted.converged:
        warnings.warn(f"no good fit: {fitted}", RuntimeWarning, stacklevel=3)
    return fitted


def _sample(f: Target, *panels: int) -> list[tuple[Floats, Floats, Floats]]:
    """The nodes of some quadratures, the values there, and the parts."""
    rules = [nodes(n) for n in panels]
    name = f"values of {getattr(f, '__name__', f)}"
    x = np.concatenate([x for x, _ in rules])
    x, y = check_dataset((x, f(x.copy())), name)
    if abs(y).max() > _MOST:
        raise ValueError(f"the {name} must not be above {_MOST:g}, got {abs(y).max():.3g}")
    values = np.split(y, np.cumsum([x.size for x, _ in rules])[:-1])
    return [(x, y, parts) for (x, parts), y in zip(rules, values, strict=True)]


def _default(y: Floats, parts: Floats) -> float:
    """An error that is good enough for most."""
    mean = sum_over_samples(y * parts)
    spread, square = (sum_over_samples(z * z * parts) / 2 for z in (y - mean, y))
    return float(max(_PART * spread, _ROUNDING * square, np.finfo(float).tiny))


@np.errstate(all="ignore")
def _error(row: Floats, x: Floats, y: Floats, parts: Floats) -> float:
    """Half the mean squared error on the interval."""
    e = forward_pass(*unpack(row, (row.size + 2) // 3), x) - y
    return float(sum_over_samples(e * e * parts) / 2)
