"""Onsets with momentum: foretold by the zigzag model of `onset`, and seen in real runs.

As `validation`, for heavy ball and Nesterov's momentum. The model had not been tried on any such
run, nor had one of these been looked at, when what it foretells of them was written down; the tests
have it. `make oscillation` computes what is missing in `nnlib/oscillation/results/`.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.experiment import Experiment
from nnlib.hessian import hessian
from nnlib.history import History
from nnlib.landscape import sharpness
from nnlib.landscape.flow import gradient_flow
from nnlib.network import pack, unpack
from nnlib.optimizers import HeavyBall, Nesterov
from nnlib.oscillation.bursts import CALM, find_bursts
from nnlib.oscillation.onset import ACCOUNT, rounding_noise, stable_path
from nnlib.pool import workers
from nnlib.targets import f1, f2
from nnlib.training import train

__all__ = [
    "LAST",
    "LEFT",
    "MOMENTUM",
    "ORDERS",
    "ROLLED",
    "ROLLING",
    "SEEDS",
    "Onsets",
    "Rolled",
    "find_zigzag",
    "hold",
    "load",
    "load_flows",
    "load_rolled",
    "separation",
]

MOMENTUM = tuple(
    Experiment(f, h, rate, epochs, optimizer=optimizer)
    for f, h, optimizer, epochs, rates in (
        (f1, 3, HeavyBall(0.5), 2000, (1, 1.2, 1.5)),
        (f1, 3, HeavyBall(0.7), 2000, (1.1, 1.3)),
        (f1, 3, HeavyBall(0.8), 2000, (1.4,)),
        (f1, 3, HeavyBall(0.9), 2000, (1, 1.2, 1.5)),
        (f1, 3, Nesterov(0.5), 2000, (0.6, 0.8)),
        (f1, 3, Nesterov(0.7), 2000, (0.5, 0.7)),
        (f1, 3, Nesterov(0.9), 2000, (0.6, 0.8)),
        (f2, 8, HeavyBall(0.5), 1500, (0.09, 0.1)),
        (f2, 8, HeavyBall(0.7), 1500, (0.1,)),
        (f2, 8, HeavyBall(0.9), 1500, (0.08, 0.1)),
        (f2, 8, Nesterov(0.5), 1500, (0.04, 0.06)),
        (f2, 8, Nesterov(0.7), 1500, (0.05,)),
        (f2, 8, Nesterov(0.9), 1500, (0.04, 0.06)),
    )
    for rate in rates
)
ORDERS = 9  # of the samples: odd, so that a median is one of them
LAST = range(-301, 0, 3)  # the rows of the history in which a run has settled
# The calm one, from other initial weights: what its first epochs do to the two working neurons.
ROLLING = Experiment(f1, 3, 1, 2000, optimizer=HeavyBall(0.9))
ROLLED = 100  # epochs, after which it no longer swings
LEFT = (0, 30, 50)  # epochs at which flows leave it
SEEDS = 40  # initial weights, of the seeds 0, 1, …
_BITS = 53  # of a double
_DECIMALS = 4  # of what is kept: eigenvalues and flows differ in the last digits between machines
_CONDITIONS = {
    "account": asdict(ACCOUNT),
    "bits": _BITS,
    "calm": CALM,
    "last": [LAST.start, LAST.step],
    "orders": ORDERS,
}
_FILE = Path(__file__).with_name("results") / "momentum.npz"
_PREDICTED, _SEEN, _ZIGZAG, _SETTLED, _HIGHEST = range(5)  # kinds of rows in it


@dataclass(frozen=True, eq=False)
class Onsets:
    """What is foretold of a run with momentum, and what is seen of it.

    Attributes
    ----------
    experiment : Experiment
    predicted : list of tuple (int, int or None)
        The bursts, as of `StablePath.bursts`.
    crossed : list of int
        For each of those, the epoch at which the sharpness had last crossed its threshold before.
    highest : float
        The largest product of learning rate and sharpness on the stable path.
    seen : list of list of tuple (int, int or None)
        The bursts, as of `find_bursts`: with the samples as drawn, and in the orders of the seeds
        1, 2, ….
    zigzags : ndarray of int, shape (ORDERS,)
        The second measure, of `find_zigzag`; −1 if there is none.
    settled : ndarray, shape (3,)
        The product at the epochs `LAST` with the samples as drawn: the median, and the values that
        a twentieth of them are below and above.
    """

    experiment: Experiment
    predicted: list[tuple[int, int | None]]
    crossed: list[int]
    highest: float
    seen: list[list[tuple[int, int | None]]]
    zigzags: NDArray[np.int64]
    settled: NDArray[np.float64]

    @property
    def firsts(self) -> list[int | None]:
        """For each order, when the first burst since the first crossing begins.

        The bursts before it have another reason: a ball rolls uphill when it has passed the bottom.
        Without a crossing there is no such burst.
        """
        return [
            next((start for start, _ in bursts if self.crossed and start >= self.crossed[0]), None)
            for bursts in self.seen
        ]

    @property
    def observed(self) -> int | None:
        """The median of `firsts`; None if more than half of the runs have no such burst."""
        found = sorted(first for first in self.firsts if first is not None)
        return found[ORDERS // 2] if len(found) > ORDERS // 2 else None

    @property
    def of_the_wait(self) -> float | None:
        """By what part the first onset is predicted too late, of the epochs since its crossing."""
        if not self.predicted or self.observed is None:
            return None
        wait = self.observed - self.crossed[0]
        return (self.predicted[0][0] - self.observed) / wait


def find_zigzag(history: History, since: int) -> int | None:
    """The first epoch after a given one at which a zigzag of the weights is visible.

    Parameters
    ----------
    history : History
    since : int
        An epoch.

    Returns
    -------
    int or None
        Where the weight that is farthest off the mean of its neighbours, (w[n-1] + 2 w[n] +
        w[n+1]) / 4, is off by `ACCOUNT.visible` at least, to the other side than an epoch before
        and after.
    """
    history.check_whole("a zigzag")
    weights = pack(history.U, history.V)
    off = (2 * weights[1:-1] - weights[:-2] - weights[2:]) / 4  # at the epochs 1, 2, …
    farthest = np.argmax(abs(off[1:-1]), axis=1)
    before, now, after = (
        np.take_along_axis(part, farthest[:, np.newaxis], axis=1)[:, 0]
        for part in (off[:-2], off[1:-1], off[2:])
    )
    seen = (abs(now) >= ACCOUNT.visible) & (now * before < 0) & (now * after < 0)
    found = np.flatnonzero(seen) + 2
    return next((int(epoch) for epoch in found if epoch > since), None)


def hold(experiment: Experiment) -> Onsets:
    """Foretell the bursts of an experiment, and train it in all orders of its samples.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    Onsets
    """
    path = stable_path(experiment)
    predicted = path.bursts(rounding_noise(_BITS))
    crossed = [path.crossing(start) for start, _ in predicted]
    seen, zigzags, settled = [], [], np.empty(3)
    for order in (None, *range(1, ORDERS)):
        run = train(experiment.starting(order=order))
        seen.append(find_bursts(run.train_error))
        zigzag = find_zigzag(run, crossed[0]) if crossed else None
        zigzags.append(-1 if zigzag is None else zigzag)
        if order is None:
            last = sharpness(run, [len(run.U) + row for row in LAST])
            settled = experiment.learning_rate * np.quantile(last, [0.5, 0.05, 0.95])
    highest = float(path.products.max())
    return Onsets(experiment, predicted, crossed, highest, seen, np.array(zigzags), settled)


@dataclass(frozen=True, eq=False)
class Rolled:
    """Runs of `ROLLING` from other initial weights, and gradient flows beside them.

    The flows last as long as the run, at its pace: a time of learning_rate / (1 - β) per epoch.

    Attributes
    ----------
    burst : ndarray, shape (SEEDS,)
        The first burst after `ROLLED` epochs; −1 if there is none.
    product : ndarray, shape (SEEDS,)
        The largest product of learning rate and sharpness from then on.
    apart, flow_apart : ndarray, shape (SEEDS,)
        `separation` of the two working neurons then, in the run and on the flow.
    flow_product : ndarray, shape (SEEDS,)
        The largest product on the flow from then on.
    from_there : ndarray, shape (SEEDS,)
        The same of a flow that starts where the run is then.
    """

    burst: NDArray[np.float64]
    product: NDArray[np.float64]
    apart: NDArray[np.float64]
    flow_apart: NDArray[np.float64]
    flow_product: NDArray[np.float64]
    from_there: NDArray[np.float64]


def separation(weights: NDArray[np.float64]) -> float:
    """How far the two working neurons of h = 3 are apart, relative to their mean length in U.

    Parameters
    ----------
    weights : ndarray, shape (7,)
        As `nnlib.network.pack` gives them.

    Returns
    -------
    float
        0 for duplicates, and for mirror images, which draw the same curve.
    """
    (one, other), _ = unpack(weights, 3)
    lengths = np.linalg.norm(one) + np.linalg.norm(other)
    return float(2 * min(np.linalg.norm(one - other), np.linalg.norm(one + other)) / lengths)


def load_rolled() -> Rolled:
    """What is kept of `ROLLING`.

    Returns
    -------
    Rolled

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    name = kept.key(ROLLING, SEEDS)
    (rows,) = kept.find(_FILE, _CONDITIONS, ROLLING, name, shape=(SEEDS, 6))
    return Rolled(*rows.T)


def load_flows() -> NDArray[np.float64]:
    """The sharpness along gradient flows that leave `ROLLING` at the epochs `LEFT`.

    Returns
    -------
    ndarray, shape (3, epochs // 10 + 1)
        At every tenth epoch of the run, at its pace; NaN before the flow leaves it.

    Raises
    ------
    ValueError
        If nothing is kept of them, or the file is damaged or stale.
    """
    shape = len(LEFT), ROLLING.epochs // 10 + 1
    return kept.find(_FILE, _CONDITIONS, ROLLING, kept.key(ROLLING, *LEFT), shape=shape)[0]


def load(experiment: Experiment) -> Onsets:
    """What is kept of an experiment.

    Parameters
    ----------
    experiment : Experiment
        One of `MOMENTUM`.

    Returns
    -------
    Onsets

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    name = kept.key(experiment)
    (rows,) = kept.find(_FILE, _CONDITIONS, experiment, name, shape=(None, 4))

    def of(kind):
        return rows[rows[:, 0] == kind, 1:]

    def burst(row):
        start, end = map(int, row[:2])
        return start, None if end < 0 else end

    predicted, seen = of(_PREDICTED), of(_SEEN)
    return Onsets(
        experiment,
        [burst(row) for row in predicted],
        [int(crossing) for *_, crossing in predicted],
        float(of(_HIGHEST)[0, 0]),
        [[burst(row) for row in seen if row[2] == order] for order in range(ORDERS)],
        of(_ZIGZAG)[:, 0].astype(int),
        of(_SETTLED)[0],
    )


def main() -> None:
    """Compute what is missing."""
    tasks: dict[str, tuple] = {kept.key(experiment): (experiment,) for experiment in MOMENTUM}
    tasks[kept.key(ROLLING, SEEDS)] = ROLLING, SEEDS
    tasks[kept.key(ROLLING, *LEFT)] = ROLLING, LEFT
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _compute, tasks)


def _curvatures(rows, experiment):
    """The sharpness at each row of weights."""
    samples = experiment.start.train_set(experiment.f)
    return np.array([np.linalg.eigvalsh(hessian(*unpack(row, 3), *samples))[-1] for row in rows])


def _flow(experiment, left):
    """Rows of `load_flows`."""
    run, pace = train(experiment), experiment.learning_rate / (1 - experiment.optimizer.beta)
    weights, epochs = pack(run.U, run.V), np.arange(0, experiment.epochs + 1, 10)
    found = np.full((len(left), epochs.size), np.nan)
    for row, since in zip(found, left, strict=True):
        later = epochs >= since
        flow = gradient_flow(weights[since], *run.train_set, pace * (epochs[later] - since))
        row[later] = _curvatures(flow, experiment)
    return found


def _roll(experiment):
    """A row of `Rolled`."""
    rate, epochs = experiment.learning_rate, experiment.epochs
    pace = rate / (1 - experiment.optimizer.beta)
    run, (x, y) = train(experiment), experiment.start.train_set(experiment.f)
    weights = pack(run.U, run.V)

    def highest(rows):
        return rate * _curvatures(rows, experiment).max()

    times = pace * np.linspace(ROLLED, epochs, 96)
    flow = gradient_flow(weights[0], x, y, times)
    from_there = gradient_flow(weights[ROLLED], x, y, times - times[0])
    bursts = find_bursts(run.train_error)
    return (
        next((start for start, _ in bursts if start >= ROLLED), -1),
        highest(weights[ROLLED::20]),
        separation(weights[ROLLED]),
        separation(flow[0]),
        highest(flow),
        highest(from_there),
    )


def _compute(experiment, what=None):
    """What is kept: flows that leave at some epochs, `Rolled` from many seeds, or `Onsets`."""
    if isinstance(what, tuple):
        found = _flow(experiment, what)
    elif what:
        found = [_roll(experiment.starting(weights=seed)) for seed in range(what)]
    else:
        found = _rows(experiment)
    return np.round(np.array(found, dtype=float), _DECIMALS)


def _rows(experiment):
    """What is found, as rows: a kind and three numbers, with −1 for the end of what goes on."""
    found = hold(experiment)

    def bursts(kind, some, more):
        return [
            (kind, start, -1 if end is None else end, one)
            for (start, end), one in zip(some, more, strict=True)
        ]

    rows = bursts(_PREDICTED, found.predicted, found.crossed)
    for order, some in enumerate(found.seen):
        rows += bursts(_SEEN, some, [order] * len(some))
    rows += [(_ZIGZAG, zigzag, 0, order) for order, zigzag in enumerate(found.zigzags)]
    rows += [(_SETTLED, *found.settled), (_HIGHEST, found.highest, 0, 0)]
    return rows


if __name__ == "__main__":
    main()
