"""Longer and shorter steps: what a learning rate that changes on the way gains, and what it costs.

Every rule gets the same number of epochs, each of which takes the gradients of all samples; the
steps that a line search takes back are epochs, too. And it gets the same chance to be set well: six
settings, tried from `TUNING` starts, of which the one with the lowest geometric mean of the errors
is `CHOSEN`. It is judged from `STARTS` others. `make methods` computes what is missing in
`nnlib/methods/results/`.
"""

import sys
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
    "MISSED",
    "PARTS",
    "RULES",
    "SLOWER",
    "STARTS",
    "TRIED",
    "TUNING",
    "chosen",
    "find_best",
    "load",
    "tried",
]

STARTS = range(40)  # seeds of the training sets; those of the initial weights are 1000 more
TUNING = range(100, 106)
PARTS = (10, 5, 2, 1)  # of the epochs, after which errors are kept: a tenth, a fifth, half, all
MISSED = (0.1, 10.0)  # times the chosen rate
# The document's runs that oscillate, with as many epochs for both.
DOCUMENT = {f1: Experiment(f1, 3, 1, 1000), f2: Experiment(f2, 8, 0.1, 1000)}
SLOWER = {
    f: e.replaced(learning_rate=e.learning_rate / 10, epochs=10_000) for f, e in DOCUMENT.items()
}

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
CHOSEN: dict[Target, dict[str, int]] = {f1: {}, f2: {}}

_FILE = Path(__file__).with_name("results") / "steps.npz"
_COLUMNS = len(PARTS) + 5
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
    f, rule
        As of `tried`.
    factor : float, optional
        What its learning rate is multiplied by.

    Returns
    -------
    Experiment
    """
    own, more = TRIED[rule][CHOSEN[f][rule]]
    return _experiment(f, own * factor, more)


def find_best(f: Target, rule: str) -> int:
    """Which of the six settings has the lowest geometric mean of the errors where it was tuned.

    Parameters
    ----------
    f, rule
        As of `tried`.

    Returns
    -------
    int
    """
    means = [np.log(load(e, tuning=True)["error"][:, -1]).mean() for e in tried(f, rule)]
    return int(np.argmin(means))


def load(experiment: Experiment, *, tuning: bool = False) -> dict[str, NDArray[np.float64]]:
    """What became of the runs of an experiment, start by start.

    Parameters
    ----------
    experiment : Experiment
        One of `tried`, if `tuning`; else one of `chosen`, with the factor 1 or one of `MISSED`, or
        of `DOCUMENT` or `SLOWER`.
    tuning : bool, optional
        From the starts for tuning.

    Returns
    -------
    dict of str to ndarray, shape (starts,) or, for ``error``, (starts, parts)
        ``error`` on the interval, of the weights that had the lowest training error by then, after
        each part of the epochs; the ``test`` error of the same at the end; the ``last`` error on
        the interval, inf after an overflow; the ``epoch`` of the lowest training error; the number
        of epochs at which that ``rises``; and the share of the epochs ``above`` the threshold.

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    seeds = TUNING if tuning else STARTS
    name = _key(experiment, tuning)
    shape = len(seeds), _COLUMNS
    table = kept.find(_FILE, _CONDITIONS, experiment, name, shape=shape)[0]
    names = "test", "last", "epoch", "rises", "above"
    found = dict(zip(names, table[:, len(PARTS) :].T, strict=True))
    return {"error": table[:, : len(PARTS)], **found}


def main() -> int:
    """Compute what is missing; return the exit status."""
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, _tasks())
    return 0


def _experiment(f: Target, factor: float, more: str) -> Experiment:
    """That of the document, with another rate and other words."""
    plain = DOCUMENT[f]
    rate = round(plain.learning_rate * factor, 9)  # as one writes it
    words = plain.function_name, plain.h, f"{rate:.9f}", plain.epochs, more
    return Experiment.parse(" ".join(map(str, words)))


def _key(experiment: Experiment, tuning: bool) -> str:
    return kept.key(experiment, "tuning" if tuning else "judged")


def _tasks() -> dict[str, tuple[Experiment, bool]]:
    """All runs: those that tune first, and those that take longest last."""
    runs = [(e, True) for rule in RULES for f in DOCUMENT for e in tried(f, rule)]
    for f in DOCUMENT:
        runs += [(DOCUMENT[f], False), (SLOWER[f], False)]
        for rule in CHOSEN[f]:
            runs.append((chosen(f, rule), False))
            if rule != "sharpness":  # whose learning rate is but the most that it takes
                runs += [(chosen(f, rule, factor), False) for factor in MISSED]
    return {_key(*run): run for run in runs}


def _run(experiment: Experiment, tuning: bool) -> NDArray[np.float64]:
    """A row for each start."""
    seeds = TUNING if tuning else STARTS
    return np.array([_measure(experiment, seed) for seed in seeds])


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
        np.count_nonzero(np.diff(errors) > 0),
        _above(run),
    ]


def _above(run: History) -> float:
    """The share of every 25th epoch at which a step is longer than 2 / sharpness gradients."""
    epochs = np.arange(0, len(run.train_error) - 1, 25)
    weights = pack(run.U, run.V)
    steps = np.linalg.norm(weights[epochs + 1] - weights[epochs], axis=1)
    with np.errstate(all="ignore"):
        products = steps / run.gradient_norm[epochs] * sharpness(run, epochs)
    return float(np.mean(products > 2))


if __name__ == "__main__":
    sys.exit(main())
