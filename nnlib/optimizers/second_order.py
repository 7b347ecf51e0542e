"""Steps that take the curvature into account: computed from the samples, or from past gradients.

A step of `GaussNewton` or `LBFGS` that brings too little is taken back, and tried shorter. An epoch
is one gradient of all samples, so that a step which is taken back is an epoch, too, and its weights
and errors are in the history.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nnlib.descent import step
from nnlib.elementary import Floats
from nnlib.hessian import hessian, largest_eigenvalue
from nnlib.network import unpack
from nnlib.optimizers.base import Optimizer, dot, setting
from nnlib.optimizers.least_squares import equations, judge, propose

__all__ = ["LBFGS", "GaussNewton", "Sharpness"]

_SLOPE = 1e-4  # of `LBFGS`: the part of the promised decrease that a step must bring
_SHORTER = 0.1, 0.5  # what a step of it may be multiplied by when it is taken back
_EPS = 2.0**-52


@dataclass(frozen=True, repr=False)
class GaussNewton(Optimizer):
    """The step to where the squares of the errors would be least if the network were linear.

    Attributes
    ----------
    damping : float
        What is added on the diagonal of the equations at first, relative to it, which shortens the
        step; positive. It grows after a step that is taken back, and shrinks after one that did
        what was expected.

    Notes
    -----
    Levenberg (1944) and Marquardt (1963). With the learning rate 1, which multiplies the steps,
    they are those of `nnlib.optimizers.least_squares.fit`, which stops when it has converged.
    """

    name: ClassVar[str] = "gauss-newton"
    compiled: ClassVar[bool] = False
    batches: ClassVar[bool] = False
    damping: float = setting("above 0", 0.01)

    def begin(self, size: int, train_set: tuple[Floats, Floats], penalty: float = 0.0) -> Any:
        x, y = train_set
        samples = x, y, np.sqrt(np.full(x.size, 1 / x.size)), _penalties(size, penalty)
        return samples, None, np.zeros((1, size)), np.array([self.damping]), np.array([2.0]), None

    @np.errstate(all="ignore")
    def step(self, w: Floats, sums: Floats, n: int, rate: float, state: Any) -> tuple[Floats, Any]:
        samples, base, scale, damping, faster, expected = state
        here = (w[None].copy(), *equations(w[None], *samples))
        if base is not None:
            better, damping, faster = judge(base[1], here[1], expected, damping, faster)
            here = here if better else base
        row, _, A, g = here
        scale = np.maximum(scale, np.diagonal(A, axis1=1, axis2=2))
        change, expected = propose(A, g, scale, damping, rate)
        moved = row + change
        if not np.isfinite(moved).all():  # it will be found no better, and the damping grows
            moved = row
        return moved[0].copy(), (samples, here, scale, damping, faster, expected)


@dataclass(frozen=True, repr=False)
class LBFGS(Optimizer):
    """The step to the bottom of a parabola that has the curvature of the latest steps.

    Attributes
    ----------
    memory : int
        How many steps it knows, with what each has changed of the gradient; at least 1.

    Notes
    -----
    Nocedal (1980), with a line search after Armijo (1966): a step that is taken back is tried up to
    the lowest point of a parabola, within a tenth and a half of it. While no step is known, along
    which the gradient has grown, a step is one of gradient descent: the learning rate is for that.
    """

    name: ClassVar[str] = "lbfgs"
    compiled: ClassVar[bool] = False
    batches: ClassVar[bool] = False
    scheduled: ClassVar[bool] = False
    memory: int = setting("at least 1", 10)

    def begin(self, size: int, train_set: Any, penalty: float = 0.0) -> Any:
        return None, None, 1.0, ()

    @np.errstate(all="ignore")
    def step(self, w: Floats, sums: Floats, n: int, rate: float, state: Any) -> tuple[Floats, Any]:
        base, direction, length, pairs = state
        if base is not None:
            from_w, from_sums = base
            promised = length * dot(from_sums[:-1], direction)  # less than 0, as sums are
            if not sums[-1] <= from_sums[-1] + _SLOPE * promised:
                beyond = sums[-1] - (from_sums[-1] + promised)
                least, most = _SHORTER
                length = length * min(max(-promised / beyond / 2, least), most)
                return from_w + length * direction, (base, direction, length, pairs)
            moved, turned = w - from_w, sums[:-1] - from_sums[:-1]
            along = dot(moved, turned)
            if along > _EPS * np.sqrt(dot(moved, moved) * dot(turned, turned)):
                pairs = (*pairs, (moved, turned, along))[-self.memory :]
        g = sums[:-1]
        direction = -self._times_inverse(g, pairs) if pairs else -(rate * g / n)
        if not -np.inf < dot(g, direction) < 0:
            direction, pairs = -(rate * g / n), ()
        return w + direction, ((w.copy(), sums.copy()), direction, 1.0, pairs)

    def _times_inverse(self, g: Floats, pairs: Any) -> Floats:
        """A gradient times what is known of the inverse of the Hessian, both sums, by two loops."""
        parts: list[Any] = []
        for moved, turned, along in reversed(pairs):
            parts.append(dot(moved, g) / along)
            g = g - parts[-1] * turned
        _, turned, along = pairs[-1]
        g = along / dot(turned, turned) * g
        for moved, turned, along in pairs:
            g = g + (parts.pop() - dot(turned, g) / along) * moved
        return g


@dataclass(frozen=True, repr=False)
class Sharpness(Optimizer):
    """Divide a number by the sharpness at each epoch, and take that as the rate.

    Attributes
    ----------
    product : float
        Learning rate times sharpness, the largest eigenvalue of the Hessian; positive. Below 2 no
        zigzag grows.

    Notes
    -----
    The rate is never more than the learning rate. The sharpness is never below 1, as the last of
    the weights V enters the output as it is, so that a learning rate of `product` is no limit. A
    penalty is part of the loss whose sharpness it is.
    """

    name: ClassVar[str] = "sharpness"
    compiled: ClassVar[bool] = False
    batches: ClassVar[bool] = False
    product: float = setting("above 0", 1.8)

    def begin(self, size: int, train_set: tuple[Floats, Floats], penalty: float = 0.0) -> Any:
        return *train_set, _penalties(size, penalty)

    @np.errstate(all="ignore")
    def step(self, w: Floats, sums: Floats, n: int, rate: float, state: Any) -> tuple[Floats, Any]:
        (U, V), (x, y, penalties) = unpack(w, (w.size + 2) // 3), state
        curvature = hessian(U, V, x, y)
        if penalties is not None:
            curvature = curvature + np.diag(penalties)
        fitting = self.product / largest_eigenvalue(curvature)
        return step(w, sums[:-1], n, fitting if 0 < fitting < rate else rate), state


def _penalties(size: int, penalty: float) -> Floats | None:
    """The penalty once for each weight; None if there is none."""
    return np.full(size, penalty) if penalty else None
