"""A rate for each weight: the sharpness as these methods see it, and where runs settle.

Adagrad, RMSprop and Adam divide the step of each weight by a number of its own. So they see another
landscape: the Hessian divided by these numbers. It has a threshold, as the sharpness has with
descent, and the zigzag at the threshold has a size that can be foretold. `load` has what was seen;
`make methods` computes what is missing in `nnlib/methods/results/`.
"""

import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.checks import check_integer, check_unchanged
from nnlib.elementary import Floats
from nnlib.experiment import Experiment
from nnlib.hessian import hessian, largest_eigenvalue
from nnlib.history import History
from nnlib.network import pack
from nnlib.optimizers import Adagrad, Adam, Descent, Optimizer, RMSprop
from nnlib.pool import workers
from nnlib.training import train_quietly

__all__ = [
    "COLUMNS",
    "FLOORS",
    "LATER",
    "POINTS",
    "SETTINGS",
    "limit",
    "load",
    "preconditioned_sharpness",
    "preconditioners",
    "settled",
    "zigzag_size",
]

POINTS = 400  # of each run, in equal distances
COLUMNS = "preconditioned", "raw", "zigzag", "error"


def _settings(text: str, rates: Iterable[float]) -> list[Experiment]:
    return [
        Experiment.parse(f"{task} {rate} 8000 optimizer={text}")
        for task in ("f1 3", "f2 8")
        for rate in rates
    ]


# None of them had been run when the code that foretells them was committed.
SETTINGS = tuple(
    one
    for text, rates in (
        ("rmsprop beta=0.9", (0.003, 0.01, 0.03)),
        ("rmsprop beta=0.99", (0.003, 0.01, 0.03)),
        ("rmsprop beta=0.999", (0.003, 0.01, 0.03)),
        ("adam beta1=0", (0.003, 0.01, 0.03)),
        ("adam beta1=0.5", (0.003, 0.01, 0.03)),
        ("adam beta1=0.8", (0.01,)),
        ("adam", (0.003, 0.01, 0.03, 0.1)),
        ("adam beta1=0.95", (0.01, 0.03)),
    )
    for one in _settings(text, rates)
)
# Of these, those that were farther from their threshold than a tenth of it, ten times as long.
LATER = tuple(
    Experiment.parse(text)
    for text in (
        "f1 3 0.003 80000 optimizer=adam",
        "f1 3 0.01 80000 optimizer=adam",
        "f1 3 0.01 80000 optimizer=adam beta1=0.95",
        "f2 8 0.003 80000 optimizer=adam",
        "f2 8 0.01 80000 optimizer=adam",
        "f2 8 0.01 80000 optimizer=adam beta1=0.95",
        "f2 8 0.03 80000 optimizer=adam beta1=0.95",
    )
)
# What RMSprop comes down to, by its rate; and Adagrad, whose rates fall.
FLOORS = tuple(
    Experiment.parse(f"f1 3 {rate} 8000 optimizer={text}")
    for text in ("rmsprop", "adagrad")
    for rate in (0.2, 0.1, 0.05, 0.025)
)
_ALL = *SETTINGS, *LATER, *FLOORS
_FILE = Path(__file__).with_name("results") / "preconditioned.npz"
_CONDITIONS = {"points": POINTS}


def limit(optimizer: Optimizer) -> float:
    """The learning rate times the preconditioned sharpness above which a zigzag grows.

    Parameters
    ----------
    optimizer : Descent, Adagrad, RMSprop or Adam

    Returns
    -------
    float
        2; with Adam 2 (1 + β1) / (1 - β1).

    Raises
    ------
    ValueError
        If it is another optimizer.

    Notes
    -----
    Cohen et al. (2022). As long as P changes little, Adam is heavy ball with the learning rate
    η (1 - β1) on a landscape whose Hessian is P^-1 H, and heavy ball has its threshold at
    2 (1 + β1).
    """
    if type(optimizer) is Adam:
        return 2 * (1 + optimizer.beta1) / (1 - optimizer.beta1)
    if isinstance(optimizer, Descent | Adagrad | RMSprop):
        return 2.0
    raise ValueError(f"descent, Adagrad, RMSprop or Adam is what has this limit, got {optimizer}")


def zigzag_size(experiment: Experiment) -> float:
    """How far from its middle each weight is in a zigzag that neither grows nor shrinks.

    Parameters
    ----------
    experiment : Experiment
        With RMSprop or Adam.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        As `limit`.

    Notes
    -----
    If the gradient of a weight is g, -g, g, ... then the root of the mean of the squares is g. The
    mean m that Adam takes of the gradients follows m = -β1 m + (1 - β1) g, so it is
    g (1 - β1) / (1 + β1). The step is the learning rate times m / g, whatever g is, and goes from
    one side to the other.
    """
    return experiment.learning_rate / limit(experiment.optimizer)


def preconditioners(history: History) -> Floats:
    """What the steps of each weight are divided by, along a run.

    Parameters
    ----------
    history : History
        With descent, Adagrad, RMSprop or Adam.

    Returns
    -------
    ndarray, shape (epochs, 3h-2)
        In the order of `nnlib.network.pack`; 1 with descent. Of Adam with its corrections for the
        beginning, as in Cohen et al. (2022).

    Raises
    ------
    ValueError
        If it is a run with another optimizer, or one that changes.
    """
    optimizer = history.experiment.optimizer
    check_unchanged("what the steps are divided by", history.experiment)
    limit(optimizer)
    history.check_whole("what the steps of a weight are divided by")
    gradients = pack(history.grad_U, history.grad_V)
    rows, state = np.ones_like(gradients), np.zeros(gradients.shape[1])
    power1 = power2 = 1.0
    for row, a in zip(rows, gradients, strict=True):
        if isinstance(optimizer, Adagrad):
            state = state + a * a
            row[:] = np.sqrt(state) + optimizer.epsilon
        elif isinstance(optimizer, RMSprop):
            state = optimizer.beta * state + (1 - optimizer.beta) * (a * a)
            row[:] = np.sqrt(state) + optimizer.epsilon
        elif isinstance(optimizer, Adam):
            state = optimizer.beta2 * state + (1 - optimizer.beta2) * (a * a)
            power1, power2 = power1 * optimizer.beta1, power2 * optimizer.beta2
            row[:] = (1 - power1) * (np.sqrt(state / (1 - power2)) + optimizer.epsilon)
    return rows


def preconditioned_sharpness(history: History, epochs: Iterable[int]) -> Floats:
    """The largest eigenvalue of P^-1 H along a run, with P of `preconditioners`.

    Parameters
    ----------
    history : History
        As of `preconditioners`.
    epochs : iterable of int
        From 0 to the last but one.

    Returns
    -------
    ndarray, shape (epochs,)
        NaN after an overflow. The same bits on every machine.

    Raises
    ------
    ValueError
        As `preconditioners`, or if there is no such epoch.

    Notes
    -----
    P^-1/2 H P^-1/2 has the same eigenvalues, and is symmetric.
    """
    last = len(history.grad_U) - 1
    epochs = [check_integer("epoch", epoch, least=0, most=last) for epoch in epochs]
    matrices = hessian(history.U[epochs], history.V[epochs], *history.train_set)
    return _largest(matrices, preconditioners(history)[epochs])


@np.errstate(all="ignore")
def _largest(matrices: Floats, rows: Floats) -> Floats:
    """The largest eigenvalues of matrices that are divided by rows of preconditioners."""
    roots = np.sqrt(rows)
    matrices = matrices / (roots[:, :, None] * roots[:, None])
    return np.array([largest_eigenvalue(matrix) for matrix in matrices])


@cache
def load(experiment: Experiment) -> dict[str, Floats]:
    """What was seen along a run, at `POINTS` epochs.

    Parameters
    ----------
    experiment : Experiment
        One of `SETTINGS`, `LATER` or `FLOORS`.

    Returns
    -------
    dict of str to ndarray, shape (POINTS,)
        By `COLUMNS`: the learning rate times the preconditioned sharpness, over its `limit`; the
        learning rate times the sharpness; the zigzag of the weights over the next epochs, as the
        root of its mean square, over the `zigzag_size`; and the training error.

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    if experiment not in _ALL:
        raise ValueError(f"{_FILE.name} has no runs of {experiment}")
    return dict(zip(COLUMNS, _kept()[experiment].T.astype(float), strict=True))


@cache
def _kept() -> dict[Experiment, NDArray[np.float32]]:
    """All that the file has, which is read once."""
    names, shape = map(kept.key, _ALL), (POINTS, len(COLUMNS))
    found = kept.find(_FILE, _CONDITIONS, SETTINGS[0], *names, shape=shape, dtype="f4")
    return dict(zip(_ALL, found, strict=True))


def settled(experiment: Experiment, column: str = "preconditioned") -> float:
    """The median over the last quarter of a run.

    Parameters
    ----------
    experiment : Experiment
        As of `load`.
    column : str, optional
        One of `COLUMNS`.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        As `load`.
    """
    values = load(experiment)[column]
    return float(np.median(values[-POINTS // 4 :]))


def main() -> int:
    """Compute what is missing; return the exit status."""
    tasks = {kept.key(one): (one,) for one in _ALL}
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, tasks)
    return 0


def _run(experiment: Experiment) -> Floats:
    """What `load` gives, a row for each epoch."""
    history, rate = train_quietly(experiment), experiment.learning_rate
    some = slice(0, -1, experiment.epochs // POINTS)
    matrices = hessian(history.U[some], history.V[some], *history.train_set)
    rows = preconditioners(history)[:: some.step]
    weights = pack(history.U, history.V)
    zigzag = np.zeros_like(weights)
    zigzag[1:-1] = (weights[:-2] - 2 * weights[1:-1] + weights[2:]) / 4
    squares = (zigzag[:-1] ** 2).mean(axis=1).reshape(POINTS, -1).mean(axis=1)
    columns = (
        rate * _largest(matrices, rows) / limit(experiment.optimizer),
        rate * _largest(matrices, np.ones_like(rows)),
        np.sqrt(squares) / zigzag_size(experiment),
        history.train_error[some],
    )
    return np.stack(columns, axis=1).astype("f4")


if __name__ == "__main__":
    sys.exit(main())
