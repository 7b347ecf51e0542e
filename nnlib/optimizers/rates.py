"""Descent whose learning rate follows the run: by its errors, its gradients, or their angles."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nnlib.descent import step
from nnlib.elementary import Floats, sin
from nnlib.optimizers.base import Optimizer, dot, setting

__all__ = ["Angle", "Armijo", "BarzilaiBorwein", "Halving"]


@dataclass(frozen=True, repr=False)
class Halving(Optimizer):
    """Lower the rate when the error has risen.

    Attributes
    ----------
    up : float
        What the rate is multiplied by when the error has not risen; at least 1.
    down : float
        And when it has; above 0 and at most 1.

    Notes
    -----
    With `up` above 1, after Vogl et al. (1988), who take back a step that makes the error rise by
    more than a few percent. Here none is taken back; see `Armijo`.
    """

    name: ClassVar[str] = "halving"
    up: float = setting("at least 1", 1.0)
    down: float = setting("in (0, 1]", 0.5)

    def begin(self, size: int, train_set: Any, penalty: float = 0.0) -> tuple[float, None]:
        return 1.0, None

    @np.errstate(all="ignore")
    def step(self, w: Floats, sums: Floats, n: int, rate: float, state: Any) -> tuple[Floats, Any]:
        factor, before = state
        if before is not None:
            factor = factor * (self.down if sums[-1] > before else self.up)
        return step(w, sums[:-1], n, rate * factor), (factor, sums[-1])


@dataclass(frozen=True, repr=False)
class Armijo(Optimizer):
    """A line search: a step that brings too little is taken back, and tried shorter.

    Attributes
    ----------
    slope : float
        The part of the decrease that the gradient promises, and that a step must bring; at least 0
        and below 1.
    up : float
        What the rate is multiplied by after a step that did; at least 1.
    down : float
        And after one that did not; above 0 and at most 1.

    Notes
    -----
    Armijo (1966). An epoch is one gradient of all samples, so that a step which is taken back is an
    epoch, too, and its weights and errors are in the history.
    """

    name: ClassVar[str] = "armijo"
    batches: ClassVar[bool] = False
    slope: float = setting("in [0, 1)", 1e-4)
    up: float = setting("at least 1", 2.0)
    down: float = setting("in (0, 1]", 0.5)

    def begin(self, size: int, train_set: Any, penalty: float = 0.0) -> tuple[float, None]:
        return 1.0, None

    @np.errstate(all="ignore")
    def step(self, w: Floats, sums: Floats, n: int, rate: float, state: Any) -> tuple[Floats, Any]:
        factor, base = state
        if base is not None:
            from_w, from_sums = base
            g = from_sums[:-1]
            promised = self.slope * (rate * factor) * (dot(g, g) / n)
            if not sums[-1] <= from_sums[-1] - promised:
                factor = factor * self.down
                return step(from_w, g, n, rate * factor), (factor, base)
            factor = factor * self.up
        return step(w, sums[:-1], n, rate * factor), (factor, (w.copy(), sums.copy()))


@dataclass(frozen=True, repr=False)
class BarzilaiBorwein(Optimizer):
    """The rate that fits the last step: how far the weights went for what the gradient changed.

    Notes
    -----
    Barzilai and Borwein (1988), the longer of their two rates. The learning rate is that of the
    first step; where the gradient has not grown along a step, the rate stays as it is.
    """

    name: ClassVar[str] = "barzilai-borwein"
    batches: ClassVar[bool] = False
    scheduled: ClassVar[bool] = False

    def begin(self, size: int, train_set: Any, penalty: float = 0.0) -> None:
        return None

    @np.errstate(all="ignore")
    def step(self, w: Floats, sums: Floats, n: int, rate: float, state: Any) -> tuple[Floats, Any]:
        g = sums[:-1]
        if state is not None:
            w_before, g_before, rate = state
            moved, turned = w - w_before, g - g_before
            along = dot(moved, turned)
            if along > 0:
                rate = n * dot(moved, moved) / along
        return step(w, g, n, rate), (w.copy(), g.copy(), rate)


@dataclass(frozen=True, repr=False)
class Angle(Optimizer):
    """Raise the rate while the gradient keeps its direction, lower it when it turns.

    Attributes
    ----------
    small, large : float
        Angles in radians, from 0 to π. Below the one counts as small, above the other the rate is
        lowered.
    up : float
        What the rate is multiplied by after as many small angles as `patience`; at least 1.
    down : float
        And after a large one; above 0 and at most 1.
    patience : int
        At least 1.

    Notes
    -----
    Section 2.1 of the follow-up, which names no numbers. The learning rate is that of the first
    step.
    """

    name: ClassVar[str] = "angle"
    scheduled: ClassVar[bool] = False
    small: float = setting("in [0, π]", 0.1)
    large: float = setting("in [0, π]", 1.0)
    up: float = setting("at least 1", 1.1)
    down: float = setting("in (0, 1]", 0.5)
    patience: int = setting("at least 1", 10)

    def begin(self, size: int, train_set: Any, penalty: float = 0.0) -> None:
        return None

    @np.errstate(all="ignore")
    def step(self, w: Floats, sums: Floats, n: int, rate: float, state: Any) -> tuple[Floats, Any]:
        rate, calm, before = state or (rate, 0, None)
        g = sums[:-1]
        small, large = self._compare(g, before)
        calm = calm + 1 if small else 0
        if large:
            rate = rate * self.down
        elif calm == self.patience:
            rate, calm = rate * self.up, 0
        return step(w, g, n, rate), (rate, calm, g.copy())

    def _compare(self, g: Floats, before: Floats | None) -> tuple[bool, bool]:
        """Whether the angle of two gradients is small, and whether it is large."""
        if before is None:
            return True, False
        lengths = [np.sqrt(dot(one, one)) for one in (g, before)]
        if not min(lengths) > 0:
            return True, False
        u, v = g / lengths[0], before / lengths[1]
        less, more = (np.sqrt(dot(one, one)) for one in (u - v, u + v))
        small, large, *_ = self.settings()
        return bool(less < small * more), bool(less > large * more)

    @np.errstate(all="ignore")
    def settings(self) -> tuple[float, ...]:
        """As of any optimizer, with the tangents of half the angles in place of these."""
        tangents = (float(sin(a / 2) / sin(a / 2 + _QUARTER)) for a in (self.small, self.large))
        return *tangents, self.up, self.down, self.patience


_QUARTER = np.pi / 2
