"""Steps from gradients, past ones among them: descent, momentum, a rate for each weight.

Sums over the samples come in, and `n` says over how many: the gradient of the loss of section 2.5
is the sum divided by `n`.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nnlib.descent import step
from nnlib.elementary import Floats
from nnlib.optimizers.base import Optimizer, setting

__all__ = ["Adagrad", "Adam", "AdamW", "Descent", "HeavyBall", "Nesterov", "RMSprop", "Rprop"]


@dataclass(frozen=True, repr=False)
class Descent(Optimizer):
    """Gradient descent, as in the document.

    Notes
    -----
    Sections 2.4 and 2.5: see `nnlib.descent.step`.
    """

    name: ClassVar[str] = "descent"

    @np.errstate(all="ignore")
    def step(
        self, w: Floats, sums: Floats, n: int, rate: float, state: None
    ) -> tuple[Floats, None]:
        return step(w, sums[:-1], n, rate), None


class _OneRow(Optimizer):
    """A rule whose state is a number for each weight."""

    def begin(self, size: int, train_set: Any, penalty: float = 0.0) -> Floats:
        return np.zeros(size)


@dataclass(frozen=True, repr=False)
class HeavyBall(_OneRow):
    """Descent with momentum: along all gradients so far, the older ones faded.

    Attributes
    ----------
    beta : float
        What the velocity is multiplied by before a gradient is added, at least 0 and below 1. With
        0 it is descent.

    Notes
    -----
    Polyak (1964).
    """

    name: ClassVar[str] = "heavy-ball"
    beta: float = setting("in [0, 1)")

    @np.errstate(all="ignore")
    def step(
        self, w: Floats, sums: Floats, n: int, rate: float, state: Floats
    ) -> tuple[Floats, Floats]:
        velocity = self.beta * state + sums[:-1]
        return w - rate * velocity / n, velocity


@dataclass(frozen=True, repr=False)
class Nesterov(_OneRow):
    """Descent with momentum that looks ahead: the gradient, and the velocity that it leads to.

    Attributes
    ----------
    beta : float
        As of `HeavyBall`.

    Notes
    -----
    Nesterov (1983), in the form w - rate (g + beta m), with m = beta m + g, that is common today.
    """

    name: ClassVar[str] = "nesterov"
    beta: float = setting("in [0, 1)")

    @np.errstate(all="ignore")
    def step(
        self, w: Floats, sums: Floats, n: int, rate: float, state: Floats
    ) -> tuple[Floats, Floats]:
        g = sums[:-1]
        velocity = self.beta * state + g
        return w - rate * (g + self.beta * velocity) / n, velocity


@dataclass(frozen=True, repr=False)
class Adagrad(_OneRow):
    """A rate for each weight, which falls with the squares of all its gradients so far.

    Attributes
    ----------
    epsilon : float
        Is added to the root of the sum of squares; positive.

    Notes
    -----
    Duchi, Hazan and Singer (2011).
    """

    name: ClassVar[str] = "adagrad"
    epsilon: float = setting("above 0", 1e-8)

    @np.errstate(all="ignore")
    def step(
        self, w: Floats, sums: Floats, n: int, rate: float, state: Floats
    ) -> tuple[Floats, Floats]:
        a = sums[:-1] / n
        squares = state + a * a
        return w - rate * a / (np.sqrt(squares) + self.epsilon), squares


@dataclass(frozen=True, repr=False)
class RMSprop(_OneRow):
    """A rate for each weight, divided by the size of its latest gradients.

    Attributes
    ----------
    beta : float
        What the mean of the squares keeps of the one before; at least 0 and below 1.
    epsilon : float
        As of `Adagrad`.

    Notes
    -----
    Tieleman and Hinton (2012).
    """

    name: ClassVar[str] = "rmsprop"
    beta: float = setting("in [0, 1)", 0.9)
    epsilon: float = setting("above 0", 1e-8)

    @np.errstate(all="ignore")
    def step(
        self, w: Floats, sums: Floats, n: int, rate: float, state: Floats
    ) -> tuple[Floats, Floats]:
        a = sums[:-1] / n
        squares = self.beta * state + (1 - self.beta) * (a * a)
        return w - rate * a / (np.sqrt(squares) + self.epsilon), squares


@dataclass(frozen=True, repr=False)
class Adam(Optimizer):
    """Momentum, divided by the size of the latest gradients of each weight.

    Attributes
    ----------
    beta1, beta2 : float
        What the mean of the gradients, and that of their squares, keeps of the one before; at least
        0 and below 1.
    epsilon : float
        As of `Adagrad`.

    Notes
    -----
    Kingma and Ba (2015). The powers of `beta1` and `beta2` are running products.
    """

    name: ClassVar[str] = "adam"
    beta1: float = setting("in [0, 1)", 0.9)
    beta2: float = setting("in [0, 1)", 0.999)
    epsilon: float = setting("above 0", 1e-8)

    def begin(
        self, size: int, train_set: Any, penalty: float = 0.0
    ) -> tuple[Floats, Floats, float, float]:
        return np.zeros(size), np.zeros(size), 1.0, 1.0

    @np.errstate(all="ignore")
    def step(self, w: Floats, sums: Floats, n: int, rate: float, state: Any) -> tuple[Floats, Any]:
        change, state = self._change(sums, n, state)
        return w - rate * change, state

    def _change(self, sums: Floats, n: int, state: Any) -> tuple[Floats, Any]:
        """The step but for the learning rate, and the new state."""
        mean, squares, power1, power2 = state
        a = sums[:-1] / n
        mean = self.beta1 * mean + (1 - self.beta1) * a
        squares = self.beta2 * squares + (1 - self.beta2) * (a * a)
        power1, power2 = power1 * self.beta1, power2 * self.beta2
        change = (mean / (1 - power1)) / (np.sqrt(squares / (1 - power2)) + self.epsilon)
        return change, (mean, squares, power1, power2)


@dataclass(frozen=True, repr=False)
class AdamW(Adam):
    """Adam, with weights that decay.

    Attributes
    ----------
    decay : float
        Times the learning rate, what each step takes from each weight, relative to it; at least 0.

    Notes
    -----
    Loshchilov and Hutter (2019).
    """

    name: ClassVar[str] = "adamw"
    decay: float = setting("at least 0", 0.01)

    @np.errstate(all="ignore")
    def step(self, w: Floats, sums: Floats, n: int, rate: float, state: Any) -> tuple[Floats, Any]:
        change, state = self._change(sums, n, state)
        return w - rate * (change + self.decay * w), state


@dataclass(frozen=True, repr=False)
class Rprop(Optimizer):
    """A step for each weight that grows while its gradient keeps its sign; its size is ignored.

    Attributes
    ----------
    up : float
        What a step is multiplied by after two gradients of one sign; at least 1.
    down : float
        And after two of opposite signs; above 0 and at most 1.

    Notes
    -----
    Riedmiller and Braun (1993), in a form of Igel and Hüsken (2003) that takes no step back: where
    the gradient has changed its sign, the weight rests for one step. The first steps have the
    length of the learning rate; none becomes shorter than a millionth, or longer than 50.
    """

    name: ClassVar[str] = "rprop"
    scheduled: ClassVar[bool] = False
    up: float = setting("at least 1", 1.2)
    down: float = setting("in (0, 1]", 0.5)

    def begin(self, size: int, train_set: Any, penalty: float = 0.0) -> tuple[Floats, None]:
        return np.zeros(size), None

    @np.errstate(all="ignore")
    def step(self, w: Floats, sums: Floats, n: int, rate: float, state: Any) -> tuple[Floats, Any]:
        before, lengths = state
        if lengths is None:
            lengths = np.full(w.shape, rate)
        a = sums[:-1] / n
        same, other = a * before > 0, a * before < 0
        lengths = np.where(same, np.minimum(lengths * self.up, _LONGEST), lengths)
        lengths = np.where(other, np.maximum(lengths * self.down, _SHORTEST), lengths)
        a = np.where(other, 0.0, a)
        w = np.where(a > 0, w - lengths, np.where(a < 0, w + lengths, w))
        return w, (a, lengths)


_SHORTEST, _LONGEST = 1e-6, 50.0  # steps of `Rprop`
