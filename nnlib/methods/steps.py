"""Longer and shorter steps: what a learning rate that changes on the way gains, and what it costs.

Every rule gets the same number of epochs, each of which takes the gradients of all samples; the
steps that a line search takes back are epochs, too. And it gets the same chance to be set well: six
settings, tried from `TUNING` starts, of which the one with the lowest geometric mean of the errors
is `CHOSEN`. It is judged from `STARTS` others. `make methods` computes what is missing in
`nnlib/methods/results/`.
"""

import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.experiment import Experiment
from nnlib.history import History
from nnlib.interval import interval_error
from nnlib.landscape import sharpness
from nnlib.network import pack
from nnlib.pool import workers
from nnlib.targets import Target, f1, f2
from nnlib.training import train_quietly

__all__ = [
    "ADAPTIVE",
    "CHOSEN",
    "DOCUMENT",
    "FACTORS",
    "PARTS",
    "PLAIN",
    "RULES",
    "SLOWER",
    "STARTS",
    "TRIED",
    "TUNING",
    "chosen",
    "load",
    "load_tried",
    "tried",
]

STARTS = range(40)  # seeds of the training sets; those of the initial weights are 1000 more
TUNING = range(100, 106)
PARTS = (10, 5, 2, 1)  # of the epochs, after which errors are kept: a tenth, a fifth, half, all
FACTORS = (0.1, 1.0, 10.0)  # times the chosen rate
# The document's runs that oscillate, with as many epochs for both.
DOCUMENT: dict[Target, Experiment] = {
    f1: Experiment(f1, 3, 1, 1000),
    f2: Experiment(f2, 8, 0.1, 1000),
}
SLOWER = {
    f: one.replaced(learning_rate=one.learning_rate / 10, epochs=10_000)
    for f, one in DOCUMENT.items()
}
PLAIN = {"document": DOCUMENT, "slower": SLOWER}

# For each rule, the multiples of the document's rate, and the other settings, that are tried.
TRIED: dict[str, tuple[tuple[float, str], ...]] = {
    "constant": tuple((rate, "") for rate in (0.4, 0.6, 0.8, 1.0, 1.2, 1.6)),
    "steps": tuple(
        (rate, f"schedule=steps drop={drop}") for drop in (0.5, 0.2) for rate in (1.0, 1.5, 2.0)
    ),
    "inverse": tuple(
        (rate, f"schedule=inverse half={half}") for half in (1000, 300) for rate in (1.0, 1.5, 2.0)
    ),
    "cosine": tuple((rate, "schedule=cosine") for rate in (0.8, 1.0, 1.25, 1.5, 2.0, 2.5)),
    "halving": tuple(
        (rate, f"optimizer=halving{more}")
        for more in ("", " up=1.05 down=0.7")
        for rate in (1.0, 2.0, 4.0)
    ),
    "armijo": tuple(
        (1.0, f"optimizer=armijo up={up} slope={slope}")
        for up in (2, 1.3, 1.1)
        for slope in (0.0001, 0.3)
    ),
    "barzilai-borwein": tuple(
        (rate, "optimizer=barzilai-borwein") for rate in (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
    ),
    "angle": (  # the four of the follow-up's chapter from its rate, and two from the document's
        (0.1, "optimizer=angle"),
        (0.1, "optimizer=angle small=0.01 large=0.1"),
        (0.1, "optimizer=angle up=1.02 down=0.7 patience=1"),
        (0.1, "optimizer=angle patience=1"),
        (1.0, "optimizer=angle up=1.02 down=0.7 patience=1"),
        (1.0, "optimizer=angle patience=1"),
    ),
    "sharpness": tuple(
        (most, f"optimizer=sharpness product={product}")
        for product in (1.5, 1.8, 1.95)
        for most in (1.0, 10.0)
    ),
}
RULES = tuple(TRIED)
ADAPTIVE = ("halving", "armijo", "barzilai-borwein", "angle", "sharpness")  # by what a run does
# Which of the six was best from the starts for tuning; a test holds that these are.
CHOSEN: dict[Target, dict[str, int]] = {
    f1: {
        "constant": 2,
        "steps": 1,
        "inverse": 1,
        "cosine": 3,
        "halving": 4,
        "armijo": 5,
        "barzilai-borwein": 5,
        "angle": 5,
        "sharpness": 5,
    },
    f2: {
        "constant": 2,
        "steps": 1,
        "inverse": 2,
        "cosine": 4,
        "halving": 5,
        "armijo": 5,
        "barzilai-borwein": 2,
        "angle": 3,
        "sharpness": 4,
    },
}

_FILE = Path(__file__).with_name("results") / "steps.npz"
_NAMES = "test", "last", "epoch", "rises", "above"
_COLUMNS = len(PARTS) + len(_NAMES)
_CONDITIONS = {"parts": list(PARTS), "starts": list(STARTS), "tuning": list(TUNING)}


def tried(f: Target, rule: str) -> tuple[Experiment, ...]:
    """The six settings of a rule.

    Parameters
    ----------
    f : callable
        One of `DOCUMENT`.
    rule : str
        One of `RULES`.

    Returns
    -------
    tuple of Experiment
    """
    return tuple(_experiment(f, factor, more) for factor, more in TRIED[rule])


def chosen(f: Target, rule: str, factor: float = 1.0) -> Experiment:
    """The best of the six settings of a rule.

    Parameters
    ----------
    f : callable
        One of `DOCUMENT`.
    rule : str
        One of `RULES`; or ``document``, the document's rate, or ``slower``, a tenth of it for ten
        times the epochs.
    factor : float, optional
        What its learning rate is multiplied by, one of `FACTORS`.

    Returns
    -------
    Experiment
    """
    if rule in PLAIN:
        return PLAIN[rule][f]
    own, more = TRIED[rule][CHOSEN[f][rule]]
    return _experiment(f, own * factor, more)


@cache
def load_tried(f: Target, rule: str) -> NDArray[np.float64]:
    """The errors of the six settings of a rule, from the starts for tuning.

    Parameters
    ----------
    f, rule
        As of `tried`.

    Returns
    -------
    ndarray, shape (6, starts)
        On the interval, of the weights with the lowest training error.

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    first, shape = tried(f, rule)[0], (len(TRIED[rule]), len(TUNING), _COLUMNS)
    return _find(first, rule, "tuned", shape)[..., len(PARTS) - 1]


@cache
def load(f: Target, rule: str, factor: float = 1.0) -> dict[str, NDArray[np.float64]]:
    """What became of the runs with a rule, start by start.

    Parameters
    ----------
    f, rule, factor
        As of `chosen`.

    Returns
    -------
    dict of str to ndarray, shape (starts,) or, for ``parts``, (starts, parts)
        ``error`` on the interval, of the weights with the lowest training error; ``parts``, the
        same after each part of the epochs; the ``test`` error of the same weights; the ``last``
        error on the interval, inf after an overflow; the ``epoch`` of the lowest training error;
        the number of epochs at which that ``rises``; and the share of the epochs ``above`` the
        threshold.

    Raises
    ------
    ValueError
        As `load_tried`.
    """
    factors = _factors(rule)
    shape = len(factors), len(STARTS), _COLUMNS
    table = _find(chosen(f, rule), rule, "judged", shape)[factors.index(factor)]
    found = dict(zip(_NAMES, table[:, len(PARTS) :].T, strict=True))
    return {"parts": table[:, : len(PARTS)], "error": table[:, len(PARTS) - 1], **found}


def main() -> int:
    """Compute what is missing; return the exit status."""
    tasks = {
        kept.key(tried(f, rule)[0], rule, "tuned"): (tried(f, rule)[0], f, rule, True)
        for rule in RULES
        for f in DOCUMENT
    }
    for f in DOCUMENT:
        for rule in (*PLAIN, *CHOSEN[f]):
            one = chosen(f, rule)
            tasks[kept.key(one, rule, "judged")] = one, f, rule, False
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, tasks)
    return 0


def _experiment(f: Target, factor: float, more: str) -> Experiment:
    """That of the document, with another rate and other words."""
    plain = DOCUMENT[f]
    rate = round(plain.learning_rate * factor, 9)  # as one writes it
    words = plain.function_name, plain.h, f"{rate:.9f}", plain.epochs, more
    return Experiment.parse(" ".join(map(str, words)))


def _factors(rule: str) -> tuple[float, ...]:
    """Those of `FACTORS`, but for rules whose rate is no first one."""
    return (1.0,) if rule in (*PLAIN, "sharpness") else FACTORS


def _find(
    experiment: Experiment, rule: str, stage: str, shape: tuple[int, ...]
) -> NDArray[np.float64]:
    name = kept.key(experiment, rule, stage)
    return kept.find(_FILE, _CONDITIONS, experiment, name, shape=shape)[0]


def _run(first: Experiment, f: Target, rule: str, tuning: bool) -> NDArray[np.float64]:
    """A row for each start, for each setting or factor."""
    if tuning:
        some, seeds = tried(f, rule), TUNING
    else:
        some, seeds = [chosen(f, rule, factor) for factor in _factors(rule)], STARTS
    return np.array([[_measure(one, seed) for seed in seeds] for one in some])


def _measure(experiment: Experiment, seed: int) -> list[float]:
    """What is kept of a run, in the order of `load`."""
    run = train_quietly(experiment.starting(data=seed, weights=1000 + seed))
    weights, errors = pack(run.U, run.V), run.train_error
    best = [int(np.nanargmin(errors[: experiment.epochs // part + 1])) for part in PARTS]
    last = float(interval_error(experiment.f, weights[-1]))
    return [
        *interval_error(experiment.f, weights[best]),
        run.test_error[best[-1]],
        last if np.isfinite(last) else np.inf,
        best[-1],
        int(np.count_nonzero(np.diff(errors) > 0)),
        _above(run),
    ]


def _above(run: History) -> float:
    """The share of 40 epochs at which a step is longer than 2 / sharpness gradients."""
    epochs = np.arange(40) * (run.experiment.epochs // 40)
    weights = pack(run.U, run.V)
    steps = np.linalg.norm(weights[epochs + 1] - weights[epochs], axis=1)
    with np.errstate(all="ignore"):
        products = steps / run.gradient_norm[epochs] * sharpness(run, epochs)
    return float(np.mean(products > 2))


if __name__ == "__main__":
    sys.exit(main())
