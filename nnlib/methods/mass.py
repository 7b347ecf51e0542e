"""Momentum as mass: what it is in the limit of small steps, and where it leads runs of f2.

With ever smaller steps, descent with momentum becomes a ball that rolls over the loss against
friction (`nnlib.landscape.flow.rolling_ball`). How heavy it is follows from the learning rate and
from beta, see `mass`. Here the ball says beforehand which runs of (f2, 8) get stuck. `make
methods` computes what is missing in `nnlib/methods/results/`.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.checks import check_unchanged
from nnlib.experiment import Experiment
from nnlib.landscape.flow import gradient, gradient_flow, rolling_ball
from nnlib.network import LossGradient, pack, unpack
from nnlib.optimizers import Descent, HeavyBall, Nesterov, Optimizer
from nnlib.pool import workers
from nnlib.targets import f2
from nnlib.training import starting_point, train

__all__ = [
    "EPOCHS",
    "INTERVENTIONS",
    "LATER",
    "LIMIT",
    "OUTER",
    "SEEDS",
    "SETTINGS",
    "SHARES",
    "STUCK",
    "TIME",
    "continuation",
    "fates",
    "foretell",
    "intervene",
    "interventions",
    "mass",
    "pace",
]

STUCK = 20.0  # as in the study of randomness: with an error of f2 above this, a wave is missed
LIMIT = (
    0.413  # from the standard weights a ball is stuck from here on: at 0.412 not, at 0.415 it is
)
TIME = 200.0  # at which runs are judged, as `mass` counts it
SEEDS = 100  # initial weights of the seeds 0, 1, …


def pace(optimizer: Optimizer, learning_rate: float) -> float:
    """How fast a method goes along the floor of a valley: learning_rate / (1 - β).

    Parameters
    ----------
    optimizer : Descent, HeavyBall or Nesterov
    learning_rate : float

    Returns
    -------
    float
        The time of `nnlib.landscape.flow.rolling_ball` that an epoch takes.

    Raises
    ------
    ValueError
        If it is another optimizer.
    """
    return learning_rate / (1 - _beta(optimizer))


def _beta(optimizer: Optimizer) -> float:
    if isinstance(optimizer, Descent):
        return 0.0
    if isinstance(optimizer, HeavyBall | Nesterov):
        return optimizer.beta
    raise ValueError(
        f"a ball is what descent, heavy ball and Nesterov's momentum become, got {optimizer}"
    )


def mass(optimizer: Optimizer, learning_rate: float) -> tuple[float, float]:
    """How heavy the ball is that a method with momentum becomes, and its drag.

    Parameters
    ----------
    optimizer : Descent, HeavyBall or Nesterov
    learning_rate : float

    Returns
    -------
    mass, drag : float
        Of `nnlib.landscape.flow.rolling_ball`.

    Raises
    ------
    ValueError
        If it is another optimizer.

    Notes
    -----
    Heavy ball is w[t+1] - w[t] = β (w[t] - w[t-1]) - η g(w[t]). Up to the second order in the time
    ε = η / (1 - β) of an epoch, w[t±1] = w ± ε w' + ε² w'' / 2. That leaves w' + m w'' = -g, with
    m = η (1 + β) / (2 (1 - β)²). Nesterov's momentum adds -η β (g(w[t]) - g(w[t-1])), which is
    -η β ε times the Hessian times w'.
    """
    beta, step = _beta(optimizer), pace(optimizer, learning_rate)
    drag = beta * step if isinstance(optimizer, Nesterov) else 0.0
    return step * (1 + beta) / (2 * (1 - beta)), drag


def _until(time: float, optimizer: Optimizer, rate: float) -> Experiment:
    """(f2, 8) for the epochs that the ball takes until a time."""
    return Experiment(f2, 8, rate, round(time / pace(optimizer, rate)), optimizer=optimizer)


# From the standard weights. None of them had been run when the code that foretells them was
# committed; the tests have what it said.
SETTINGS = tuple(
    _until(TIME, optimizer, rate)
    for optimizer, rates in (
        (HeavyBall(0.6), (0.04, 0.07, 0.1, 0.12)),
        (HeavyBall(0.8), (0.01, 0.015, 0.02, 0.03)),
        (HeavyBall(0.95), (0.0005, 0.001, 0.0012, 0.002)),
        (HeavyBall(0.98), (0.0001, 0.00015, 0.0002, 0.0003)),
        (Nesterov(0.8), (0.01, 0.02, 0.03, 0.05)),
        (Nesterov(0.9), (0.003, 0.006, 0.008, 0.015)),
        (Nesterov(0.95), (0.0005, 0.001, 0.002, 0.004)),
        (Nesterov(0.98), (0.0001, 0.0002, 0.0004, 0.0008)),
    )
    for rate in rates
)
# From the weights of all seeds: one pace without momentum and with it, and two that are usual.
SHARES = tuple(
    _until(TIME, optimizer, rate)
    for optimizer, rate in (
        (Descent(), 0.05),
        (HeavyBall(0.9), 0.005),
        (HeavyBall(0.9), 0.05),
        (Nesterov(0.9), 0.02),
    )
)
INTERVENTIONS = ("begin", "end", "stop", "stop outer", "stop others")
OUTER = [4, 5, 6]  # the neurons that descent from the standard weights makes the outer waves of
EPOCHS = range(0, 401, 25)  # at which there is an intervention
LATER = (100.0, 1e3, 1e4, 1e5)  # times after a run, for a gradient flow from its end
_HEAVY = SHARES[1]
_CONDITIONS = {"epochs": [*EPOCHS], "outer": OUTER, "seeds": SEEDS}
_DECIMALS = 3
_FILE = Path(__file__).with_name("results") / "mass.npz"


def foretell(experiment: Experiment) -> float:
    """The training error that the ball has in place of a run, at the time of its last epoch.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    float

    Raises
    ------
    ValueError
        As `mass`, or if something changes in the run.
    RuntimeError
        If the solver gives up.
    """
    check_unchanged("what is foretold", experiment)
    (x, y), _, weights = starting_point(experiment)
    optimizer, rate = experiment.optimizer, experiment.learning_rate
    time = experiment.epochs * pace(optimizer, rate)
    (end,) = rolling_ball(weights, x, y, [time], *mass(optimizer, rate))
    return gradient(end, x, y)[0]


def intervene(experiment: Experiment, what: str, epoch: int) -> float:
    """The last training error of a run with heavy ball that is interfered with.

    Parameters
    ----------
    experiment : Experiment
        With heavy ball.
    what : str
        One of `INTERVENTIONS`: ``begin``, until then there is no momentum; ``end``, from then on
        there is none; without it the rate is learning_rate / (1 - β), which is the same pace.
        ``stop``, the velocity becomes zero at that epoch, once; or only that of the weights of the
        neurons `OUTER`, or only that of all other weights.
    epoch : int

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the optimizer or the intervention is another.
    """
    optimizer, rate = experiment.optimizer, experiment.learning_rate
    if not isinstance(optimizer, HeavyBall):
        raise ValueError(f"heavy ball is what can be interfered with, got {experiment}")
    check_unchanged("what is interfered with", experiment)
    if what not in INTERVENTIONS:
        raise ValueError(f"what must be one of {', '.join(INTERVENTIONS)}, got {what!r}")
    (x, y), _, w = starting_point(experiment)
    sums = LossGradient(x, y, experiment.h).sums
    U, V = unpack(outer := np.zeros(w.size), experiment.h)
    U[OUTER] = V[..., OUTER] = 1
    keep = {"stop outer": 1 - outer, "stop others": outer}.get(what, 0 * outer)
    plain, velocity = Descent(), optimizer.begin(w.size, (x, y))
    for now in range(experiment.epochs):
        if (what == "begin" and now < epoch) or (what == "end" and now >= epoch):
            w, _ = plain.step(w, sums(w), x.size, pace(optimizer, rate), None)
            continue
        if what.startswith("stop") and now == epoch:
            velocity = keep * velocity
        w, velocity = optimizer.step(w, sums(w), x.size, rate, velocity)
    return float(sums(w)[-1] / x.size)


def fates(experiment: Experiment) -> NDArray[np.float64]:
    """The last training errors of runs, foretold and seen.

    Parameters
    ----------
    experiment : Experiment
        One of `SETTINGS` or of `SHARES`.

    Returns
    -------
    ndarray, shape (runs, 2)
        One run, or those of all seeds. Of `SHARES` only heavy ball at the pace of descent is
        foretold, as it takes long; the others have NaN there.

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    name = kept.key(experiment)
    return kept.find(_FILE, _CONDITIONS, experiment, name, shape=(None, 2))[0]


def interventions(what: str) -> NDArray[np.float64]:
    """What `intervene` gives for heavy ball at the pace of descent, at all `EPOCHS`.

    Parameters
    ----------
    what : str
        One of `INTERVENTIONS`.

    Returns
    -------
    ndarray, shape (epochs,)

    Raises
    ------
    ValueError
        As `fates`.
    """
    name = kept.key(_HEAVY, what)
    return kept.find(_FILE, _CONDITIONS, _HEAVY, name, shape=(len(EPOCHS),))[0]


def continuation(experiment: Experiment) -> NDArray[np.float64]:
    """The training errors of a gradient flow that goes on from the end of a run.

    Parameters
    ----------
    experiment : Experiment
        One of `SHARES` with heavy ball; from the standard weights.

    Returns
    -------
    ndarray, shape (4,)
        At the times `LATER`.

    Raises
    ------
    ValueError
        As `fates`.
    """
    name = kept.key(experiment, *LATER)
    return kept.find(_FILE, _CONDITIONS, experiment, name, shape=(len(LATER),))[0]


def main() -> None:
    """Compute what is missing."""
    tasks: dict[str, tuple] = {kept.key(one): (one,) for one in SETTINGS}
    tasks |= {kept.key(one): (one, SEEDS) for one in SHARES}
    tasks |= {kept.key(_HEAVY, what): (_HEAVY, what) for what in INTERVENTIONS}
    tasks |= {kept.key(one, *LATER): (one, LATER) for one in SHARES[1:3]}
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _compute, tasks)


def _compute(experiment, what=None):
    """What is kept: rounded, as flows differ in their last digits between machines."""
    return np.round(_errors(experiment, what), _DECIMALS)


def _errors(experiment, what):
    """A row of the file: an intervention, a flow from the end, a setting, or all seeds."""
    if isinstance(what, str):
        return np.array([intervene(experiment, what, epoch) for epoch in EPOCHS])
    if isinstance(what, tuple):
        run = train(experiment)
        flow = gradient_flow(pack(run.U[-1], run.V[-1]), *run.train_set, what)
        return np.array([gradient(weights, *run.train_set)[0] for weights in flow])
    starts = [experiment] if what is None else [experiment.starting(weights=n) for n in range(what)]
    asked = experiment in SETTINGS or experiment == _HEAVY
    return np.array(
        [(foretell(one) if asked else np.nan, train(one).train_error[-1]) for one in starts]
    )


if __name__ == "__main__":
    main()
