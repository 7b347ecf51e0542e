"""The document's learning loop, sample by sample, to be laid beside its equations.

It is slow, and it is the oracle: `nnlib.train` must agree with it. `forward_pass` and
`back_propagate` are the document's names; `forward_pass` and `train` do for one sample after the
other what those of `nnlib.network` and `nnlib` do for all at once, and so bear the same names.

The rules of `nnlib.optimizers` stand here once more, weight by weight. Each of `RULES` is a
generator: it is sent the weights `w`, their gradient `g` and their loss `L`, both summed over `n`
samples, and the learning rate; it yields the new weights, and keeps what it has to remember.
"""

# The document's symbols are capital letters, and no constants.
# pyright: reportConstantRedefinition=false

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable
from math import pi, sqrt

import numpy as np

from nnlib.elementary import Floats, sigmoid, sin
from nnlib.experiment import Experiment
from nnlib.history import Dataset, History
from nnlib.network import pack, unpack
from nnlib.start import generator

__all__ = ["RULES", "SCHEDULES", "back_propagate", "forward_pass", "train"]

_Row = list[float]
_Moving = Generator[_Row, tuple[_Row, _Row, float, int, float], None]


@np.errstate(all="ignore")
def forward_pass(U: Floats, V: Floats, x: float) -> tuple[Floats, Floats, float]:
    """The output of the network for one input.

    Parameters
    ----------
    U : ndarray, shape (h-1, 2)
    V : ndarray, shape (1, h) or (h,)
    x : float

    Returns
    -------
    X : ndarray, shape (2,)
        The input layer.
    H : ndarray, shape (h,)
        The hidden layer.
    o : float
        The output.

    Notes
    -----
    Section 2.3 of the document. Products are summed in the order of the indices.
    """
    V = V.reshape(1, -1)
    X = np.array([x, 1.0])
    H = np.append(sigmoid(U[:, 0] * X[0] + U[:, 1] * X[1]), 1.0)
    o = sum(V[0] * H)
    return X, H, o


@np.errstate(all="ignore")
def back_propagate(e: float, X: Floats, H: Floats, V: Floats) -> tuple[Floats, Floats]:
    """The gradient of the loss on one sample, l = e² / 2.

    Parameters
    ----------
    e : float
        The error of the output, e = o - y.
    X : ndarray, shape (2,)
    H : ndarray, shape (h,)
    V : ndarray, shape (1, h) or (h,)

    Returns
    -------
    grad_U : ndarray, shape (h-1, 2)
        Equation (2) of the document.
    grad_V : ndarray, shape (1, h)
        Equation (1) of the document.
    """
    V = V.reshape(1, -1)
    grad_V = e * H[np.newaxis]
    grad_U = (e * V[0, :-1] * H[:-1] * (1 - H[:-1]))[:, np.newaxis] * X
    return grad_U, grad_V


@np.errstate(all="ignore")
def train(experiment: Experiment) -> History:
    """Train as `nnlib.train` does.

    Parameters
    ----------
    experiment : nnlib.Experiment

    Returns
    -------
    nnlib.History

    Raises
    ------
    ValueError
        If an optimizer is not one of `RULES`, or a batch is larger than the training set.

    Notes
    -----
    Sections 2.4 and 2.5 of the document: the losses and gradients of the samples are added one
    by one and divided by their number. It does not watch for overflows. A penalty belongs to the
    loss that is descended, and to no error.
    """
    parts, batches = dict(experiment.parts), [part.batch for _, part in experiment.parts]
    for part in parts.values():
        if part.optimizer.name not in RULES:
            raise ValueError(f"the reference has {', '.join(RULES)}, got {part.optimizer!r}")

    h, start = experiment.h, experiment.start
    train_set = start.train_set(experiment.f)
    x_test, y_test = start.test_set(experiment.f)
    N = len(train_set[0])
    for batch in batches:
        if batch is not None and batch > N:
            raise ValueError(f"batch must be at most {N}, got {batch}")
    w: _Row = pack(*start.initial_weights(h)).tolist()

    epochs: list[tuple[float | Floats, ...]] = []
    part, move, orders = parts[0], _begin(parts[0]), generator(parts[0].shuffle)
    for epoch in range(experiment.epochs + 1):
        before, part = part, parts.get(epoch, part)
        if part.shuffle != before.shuffle:
            orders = generator(part.shuffle)
        if part is not before and not _remembers(before, part):
            move = _begin(part)
        batch, penalty = part.batch, part.penalty

        U, V = unpack(np.array(w), h)
        g, L = _sums(U, V, train_set, range(N))
        train_error = L / N
        g, L = _with_penalty(g, L, U, V, N * penalty)
        test_loss = 0.0
        for x, y in zip(x_test, y_test, strict=True):
            _, _, o = forward_pass(U, V, x)
            test_loss += (o - y) * (o - y) / 2
        grad_U, grad_V = unpack(np.array(g) / N, h)
        epochs.append((test_loss / len(x_test), train_error, U, V, grad_U, grad_V))
        if epoch == experiment.epochs:
            break

        rate = part.learning_rate * _factor(part, epoch)
        if batch is None:
            w = move.send((w, g, L, N, rate))
            continue
        order: list[int] = orders.permutation(N).tolist()
        for k in range(0, N, batch):
            some = order[k : k + batch]
            U, V = unpack(np.array(w), h)
            g, L = _sums(U, V, train_set, some)
            larger = batch / len(some)  # than 1 for the last, if it is smaller
            g, L = _with_penalty([larger * g_i for g_i in g], larger * L, U, V, batch * penalty)
            w = move.send((w, g, L, batch, rate))
    test_error, train_error, U, V, grad_U, grad_V = map(np.array, zip(*epochs, strict=True))
    return History(experiment, test_error, train_error, U, V, grad_U[:-1], grad_V[:-1])


def _begin(part: Experiment) -> _Moving:
    """A rule that waits for weights, and remembers nothing yet."""
    move = RULES[part.optimizer.name](**vars(part.optimizer))
    next(move)
    return move


def _remembers(before: Experiment, after: Experiment) -> bool:
    """Whether a rule goes on after a change, see `nnlib.Experiment.at`."""
    if before.batch != after.batch or before.penalty != after.penalty:
        return False
    return before.optimizer == after.optimizer and after.optimizer.scheduled


def _sums(U: Floats, V: Floats, dataset: Dataset, part: Iterable[int]) -> tuple[_Row, float]:
    """The gradient and the loss, summed over some of the samples, one by one."""
    (xs, ys), L = dataset, 0.0
    grad_U, grad_V = np.zeros(U.shape), np.zeros((1, V.size))
    for i in part:
        X, H, o = forward_pass(U, V, xs[i])
        e = o - ys[i]
        sample_grad_U, sample_grad_V = back_propagate(e, X, H, V)
        L += e * e / 2
        grad_U += sample_grad_U
        grad_V += sample_grad_V
    return pack(grad_U, grad_V).tolist(), float(L)


def _with_penalty(g: _Row, L: float, U: Floats, V: Floats, strength: float) -> tuple[_Row, float]:
    """The gradient and the loss with a penalty on all weights."""
    w = pack(U, V).tolist()
    squares = 0.0
    for i in range(len(w)):
        squares += w[i] * w[i]
    return [g[i] + strength * w[i] for i in range(len(w))], float(L + strength * squares / 2)


def _factor(experiment: Experiment, epoch: int) -> float:
    """What the learning rate is multiplied by at an epoch."""
    schedule = experiment.schedule
    return SCHEDULES[schedule.name](epoch, experiment.epochs, **vars(schedule))


# --- rules ----------------------------------------------------------------------------------------


def _descent() -> _Moving:
    w = list[float]()
    while True:
        w, g, _, n, rate = yield w
        w = [w[i] - rate * g[i] / n for i in range(len(w))]


def _heavy_ball(beta: float) -> _Moving:
    w, m = list[float](), _zeros()
    while True:
        w, g, _, n, rate = yield w
        for i in range(len(w)):
            m[i] = beta * m[i] + g[i]
            w[i] = w[i] - rate * m[i] / n


def _nesterov(beta: float) -> _Moving:
    w, m = list[float](), _zeros()
    while True:
        w, g, _, n, rate = yield w
        for i in range(len(w)):
            m[i] = beta * m[i] + g[i]
            w[i] = w[i] - rate * (g[i] + beta * m[i]) / n


def _adagrad(epsilon: float) -> _Moving:
    w, s = list[float](), _zeros()
    while True:
        w, g, _, n, rate = yield w
        for i in range(len(w)):
            a = g[i] / n
            s[i] = s[i] + a * a
            w[i] = w[i] - rate * a / (sqrt(s[i]) + epsilon)


def _rmsprop(beta: float, epsilon: float) -> _Moving:
    w, s = list[float](), _zeros()
    while True:
        w, g, _, n, rate = yield w
        for i in range(len(w)):
            a = g[i] / n
            s[i] = beta * s[i] + (1 - beta) * (a * a)
            w[i] = w[i] - rate * a / (sqrt(s[i]) + epsilon)


def _adam(beta1: float, beta2: float, epsilon: float, decay: float | None = None) -> _Moving:
    w, m, v, p1, p2 = list[float](), _zeros(), _zeros(), 1.0, 1.0
    while True:
        w, g, _, n, rate = yield w
        p1, p2 = p1 * beta1, p2 * beta2
        for i in range(len(w)):
            a = g[i] / n
            m[i] = beta1 * m[i] + (1 - beta1) * a
            v[i] = beta2 * v[i] + (1 - beta2) * (a * a)
            change = (m[i] / (1 - p1)) / (sqrt(v[i] / (1 - p2)) + epsilon)
            if decay is not None:
                change = change + decay * w[i]
            w[i] = w[i] - rate * change


def _rprop(up: float, down: float) -> _Moving:
    w, d, before = list[float](), dict[int, float](), _zeros()
    while True:
        w, g, _, n, rate = yield w
        for i in range(len(w)):
            a = g[i] / n
            d.setdefault(i, rate)
            if a * before[i] > 0:
                d[i] = min(d[i] * up, 50.0)
            elif a * before[i] < 0:
                d[i] = max(d[i] * down, 1e-6)
                a = 0.0
            if a > 0:
                w[i] = w[i] - d[i]
            elif a < 0:
                w[i] = w[i] + d[i]
            before[i] = a


def _halving(up: float, down: float) -> _Moving:
    w, g, loss, n, rate = yield []
    r = 1.0
    while True:
        last = loss
        w, g, loss, n, rate = yield [w[i] - rate * r * g[i] / n for i in range(len(w))]
        r = r * (down if loss > last else up)


def _armijo(slope: float, up: float, down: float) -> _Moving:
    base_w, base_g, base_loss, n, rate = yield []
    r = 1.0
    while True:
        w, g, loss, n, rate = yield [
            base_w[i] - rate * r * base_g[i] / n for i in range(len(base_w))
        ]
        if loss <= base_loss - slope * (rate * r) * (_dot(base_g, base_g) / n):
            base_w, base_g, base_loss = w, g, loss
            r = r * up
        else:
            r = r * down


def _barzilai_borwein() -> _Moving:
    w, g, _, n, q = yield []
    while True:
        w_before, g_before = w, g
        w, g, _, n, _ = yield [w[i] - q * g[i] / n for i in range(len(w))]
        s = [w[i] - w_before[i] for i in range(len(w))]
        y = [g[i] - g_before[i] for i in range(len(w))]
        if _dot(s, y) > 0:
            q = n * _dot(s, s) / _dot(s, y)


def _angle(small: float, large: float, up: float, down: float, patience: int) -> _Moving:
    w, g, _, n, rate = yield []
    q, calm, is_small, is_large = rate, 0, True, False
    while True:
        calm = calm + 1 if is_small else 0
        if is_large:
            q = q * down
        elif calm == patience:
            q, calm = q * up, 0
        before, rest = g, range(len(g))
        w, g, _, n, _ = yield [w[i] - q * g[i] / n for i in rest]
        is_small, is_large = True, False
        if sqrt(_dot(g, g)) > 0 and sqrt(_dot(before, before)) > 0:
            u = [g[i] / sqrt(_dot(g, g)) for i in rest]
            v = [before[i] / sqrt(_dot(before, before)) for i in rest]
            less = sqrt(_dot([u[i] - v[i] for i in rest], [u[i] - v[i] for i in rest]))
            more = sqrt(_dot([u[i] + v[i] for i in rest], [u[i] + v[i] for i in rest]))
            is_small = less < _tangent(small / 2) * more
            is_large = less > _tangent(large / 2) * more


def _zeros() -> defaultdict[int, float]:
    """A number for each weight, which is 0 until it is another."""
    return defaultdict(float)


def _dot(u: _Row, v: _Row) -> float:
    """The scalar product, term by term."""
    total = u[0] * v[0]
    for i in range(1, len(u)):
        total = total + u[i] * v[i]
    return total


def _tangent(angle: float) -> float:
    return float(sin(angle)) / float(sin(angle + pi / 2))


RULES: dict[str, Callable[..., _Moving]] = {
    "descent": _descent,
    "heavy-ball": _heavy_ball,
    "nesterov": _nesterov,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adam,
    "rprop": _rprop,
    "halving": _halving,
    "armijo": _armijo,
    "barzilai-borwein": _barzilai_borwein,
    "angle": _angle,
}


# --- schedules: the factor of the learning rate at epoch t of T -----------------------------------


def _constant(t: int, T: int) -> float:
    return 1.0


def _steps(t: int, T: int, parts: int, drop: float) -> float:
    factor = 1.0
    for _ in range(t * parts // T):
        factor = factor * drop
    return factor


def _inverse(t: int, T: int, half: float) -> float:
    return 1 / (1 + t / half)


def _cosine(t: int, T: int) -> float:
    return 1 - float(sin(t * (pi / 2) / T)) * float(sin(t * (pi / 2) / T))


SCHEDULES: dict[str, Callable[..., float]] = {
    "constant": _constant,
    "steps": _steps,
    "inverse": _inverse,
    "cosine": _cosine,
}
