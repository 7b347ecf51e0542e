"""A good network in one call: `fit` looks for weights that make the error on the interval small.

The document's descent is an object of study here, and takes ten thousands of epochs to a poor fit
of `f2`. Who just wants the network takes damped Gauss-Newton steps, from one start after another.
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
    check_numbers,
    check_positive,
    show,
)
from nnlib.interval import PANELS, interval_error, nodes
from nnlib.network import forward_pass, unpack
from nnlib.optimizers import least_squares
from nnlib.targets import Target

__all__ = ["Fitted", "fit"]

_PART = 1e-4  # of the error of a constant, which is good enough if nothing else is said
_STEPS = 500  # from one start, at most
_PIECE = 8  # starts that are drawn together


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
        verdict = "" if self.converged else f", not the {self.wanted:.2g} that was wanted"
        return (
            f"h = {len(self.V)}: error {self.error:.2g} on the interval{verdict}; "
            f"{self.starts} starts, {self.steps} steps"
        )

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
        If `f` does not return one finite real number for each input, or numbers whose squares are
        too large; `h` is not an integer, or less than 2; `wanted` is not positive; `starts` is not
        an integer, or less than 1; `seed` is negative, or the engine unknown.
    nnlib.kernel.KernelError
        If the kernel is asked for and cannot be used.

    Warns
    -----
    RuntimeWarning
        If no start has led to an error as low as was wanted.

    Notes
    -----
    From starts that are spread over the interval, after Nguyen and Widrow (1990), with the outputs
    fitted, steps as of `nnlib.optimizers.least_squares.fit`. The samples are the nodes of a
    quadrature, at least 160 and some seven for each weight, so that there is no chance in the
    error, and nothing hidden between them; the error is measured with twice as many.

    Examples
    --------
    >>> from nnlib import f2, fit
    >>> found = fit(f2, 8, wanted=0.01)
    >>> found.converged, found.U.shape, found.V.shape
    (True, (7, 2), (8,))
    >>> abs(found.predict(1.0) - f2(1.0)) < 1
    True
    """
    h = check_h(h)
    starts = check_integer("starts", starts, least=1)
    rng = np.random.default_rng(check_integer("seed", seed, least=0))
    check_engine(engine)
    panels = max(PANELS, 4 * h)
    (x, y, parts), between = (_sample(f, n) for n in (panels, 2 * panels))
    wanted = _default(y, parts) if wanted is None else check_positive("wanted", wanted)
    until = _LESS * wanted

    rows = np.empty((0, 3 * h - 2))
    best, lowest, tried, steps = rows, np.inf, 0, 0
    while tried < starts and not lowest <= wanted:
        if not len(rows):
            rows = fit_outputs(x, y, spread_weights(h, _PIECE, rng), parts)
        rows = rows[: starts - tried]
        found = descend(x, y, rows, parts=parts, steps=_STEPS, until=until, engine=engine)
        good = found.error <= until
        some = int(np.argmax(good)) + 1 if good.any() else len(rows)
        tried, steps, rows = tried + some, steps + int(found.steps[:some].sum()), rows[some:]
        row = found.weights[np.nanargmin(found.error[:some])]
        error = _error(row, *between)
        if error < lowest or not best.size:
            best, lowest = row, error
    U, V = unpack(best, h)
    fitted = Fitted(U, V, lowest, wanted, tried, steps, lowest <= wanted)
    if not fitted.converged:
        warnings.warn(f"{fitted}: try more starts or neurons", RuntimeWarning, stacklevel=2)
    return fitted


def _sample(f: Target, panels: int) -> tuple[Floats, Floats, Floats]:
    """Nodes, values there, and parts."""
    x, parts = nodes(panels)
    name = f"values of {getattr(f, '__name__', f)}"
    x, y = check_dataset((x, f(x.copy())), name)
    with np.errstate(all="ignore"):
        if not np.isfinite(sum_over_samples(y * y)):
            raise ValueError(f"the {name} have squares that are too large, got {abs(y).max():.3g}")
    return x, y, parts


def _default(y: Floats, parts: Floats) -> float:
    """What is good enough: a part of the error of the best constant, if it is more than rounding."""
    e = y - sum_over_samples(y * parts)
    least = _EPS * sum_over_samples(y * y * parts)
    return max(_PART * sum_over_samples(e * e * parts) / 2, least, _TINY)


@np.errstate(all="ignore")
def _error(row: Floats, x: Floats, y: Floats, parts: Floats) -> float:
    """Half the mean squared error on an interval."""
    e = forward_pass(*unpack(row, (row.size + 2) // 3), x) - y
    return float(sum_over_samples(e * e * parts) / 2)
