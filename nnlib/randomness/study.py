"""The study behind the document's claims on randomness: what is run, and where it is kept.

`make study` runs it, several thousand trainings in some minutes, and keeps the results in
`nnlib/randomness/results/`, one file for each condition. What is finished is not run again.

A test set teaches nothing, so only what differs in training set or initial weights is trained; as
the final weights are kept, each network can be measured afterwards with any test set, and on the
whole interval: see `last_errors`, `crossed_errors` and `nnlib.randomness.rulers`.
"""

import sys
from collections.abc import Collection
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlib import results
from nnlib.datasets import get_test_set
from nnlib.experiment import Experiment
from nnlib.interval import interval_error
from nnlib.network import pack
from nnlib.pool import workers
from nnlib.randomness.replicates import about, read, replica, replicate
from nnlib.randomness.rulers import sample_error
from nnlib.targets import f1, f2
from nnlib.training import train_quietly

__all__ = [
    "CROSSED",
    "EXPERIMENTS",
    "FACTORS",
    "FOLDER",
    "LONGER",
    "SCALES",
    "STUCK",
    "STUDY",
    "crossed_errors",
    "last_errors",
    "load_condition",
    "standard_weights",
]

FOLDER = Path(__file__).with_name("results")

SEED = 1
FACTORS = ("train", "test", "weights")  # what is drawn: training set, test set, initial weights
# A last error above which a network has missed one of the waves of f2. The two kinds of run lie so
# far apart that any bound in the gap between them would do; the chapter shows the gap.
STUCK = 20.0
REPLICATES = 200  # a proportion of one half is then known to within 7 %, a log_spread within 10 %
CROSSED = 40  # levels of each factor of the cross, which has the square of it in trainings
SCALES = (1, 3, 10, 30, 100)  # up to weights of the size that training itself ends with
_TIMED = ("f2-8-0.1-all", "f1-3-0.1-all")  # a long and a short one, run in a plain loop to compare
EXPERIMENTS = {
    "f2-8-0.1": Experiment(f2, 8, 0.1, 1000),
    "f2-8-0.05": Experiment(f2, 8, 0.05, 1000),
    "f1-3-0.1": Experiment(f1, 3, 0.1, 1000),
    "f1-3-1": Experiment(f1, 3, 1, 1000),
}


def _study():
    only_weights = {"new_train_set": False, "new_test_set": False}
    for name, experiment in EXPERIMENTS.items():
        only_train_set = {"new_test_set": False, "new_weights": False}
        yield f"{name}-train", experiment, REPLICATES, only_train_set
        yield f"{name}-weights", experiment, REPLICATES, only_weights
        yield f"{name}-all", experiment, REPLICATES, {}
    yield "f2-8-0.1-1200-all", Experiment(f2, 8, 0.1, 1200), REPLICATES, {}
    for name in ("f2-8-0.1", "f1-3-0.1"):
        cross = {"crossed": CROSSED, "new_test_set": False}
        yield f"{name}-crossed", EXPERIMENTS[name], CROSSED**2, cross
        for scale in SCALES[1:]:
            scaled = EXPERIMENTS[name].starting(scale=scale)
            yield f"{name}-weights-{scale}", scaled, REPLICATES, only_weights


# By name: the experiment, the number of replicates, and the condition as `replicate` takes it. With
# everything standard there is nothing to replicate: each run is the same as any other.
STUDY: dict[str, tuple[Experiment, int, dict[str, Any]]] = {
    name: (experiment, n, {**condition, "seed": SEED})
    for name, experiment, n, condition in _study()
}
# The stuck runs of (f2, 8, 0.1), given more time: an exercise asks which of them escape.
LONGER: dict[str, tuple[Experiment, int, dict[str, Any]]] = {
    f"f2-8-{experiment.learning_rate}-{experiment.epochs}-{what}": (
        experiment,
        *STUDY[f"f2-8-0.1-{what}"][1:],
    )
    for experiment in (Experiment(f2, 8, 0.05, 2000), Experiment(f2, 8, 0.1, 5000))
    for what in ("all", "weights")
}


@cache
def load_condition(name: str) -> NDArray:
    """The results of one condition.

    Parameters
    ----------
    name : str
        One of `STUDY` or `LONGER`.

    Returns
    -------
    ndarray of `nnlib.randomness.replicates.row_type`
        Read-only.

    Raises
    ------
    ValueError
        If there is no such condition, its file is damaged, or it is of something else than what
        would be run now.
    """
    conditions = STUDY | LONGER
    if name not in conditions:
        raise ValueError(f"a condition must be one of {', '.join(conditions)}, got {name!r}")
    experiment, _, condition = conditions[name]
    file = FOLDER / f"{name}.npz"
    found, rows = read(file)
    results.expect(file, found, about(experiment, **condition), again="make study")
    rows.flags.writeable = False
    return rows


def last_errors(name: str, new: Collection[str], interval: bool = False) -> NDArray:
    """The last errors of an experiment under one of the seven conditions of three factors.

    Parameters
    ----------
    name : str
        One of `EXPERIMENTS`.
    new : collection of str
        Which of `FACTORS` are new for each replicate, at least one; the rest is standard.
    interval : bool, optional
        Measure on the whole interval, where the test set does not matter, instead of the test set.

    Returns
    -------
    ndarray, shape (REPLICATES,)

    Raises
    ------
    ValueError
        If there is no such experiment or factor.
    """
    if name not in EXPERIMENTS:
        raise ValueError(f"an experiment must be one of {', '.join(EXPERIMENTS)}, got {name!r}")
    if isinstance(new, str) or not new or not set(new) <= set(FACTORS):
        raise ValueError(f"new must be some of {', '.join(FACTORS)}, got {new!r}")
    experiment = EXPERIMENTS[name]
    trained = set(new) - {"test"}
    if trained:
        condition = "all" if len(trained) == 2 else trained.pop()
        weights = load_condition(f"{name}-{condition}")["weights"]
    else:
        weights = np.tile(standard_weights(name), (REPLICATES, 1))
    if interval:
        return interval_error(experiment.f, weights)
    if "test" not in new:
        return sample_error(weights, get_test_set(experiment.f))
    each = (sample_error(w, _test_set(experiment, index)) for index, w in enumerate(weights))
    return np.array(list(each))


def crossed_errors(name: str, interval: bool = False) -> NDArray:
    """The last errors of all combinations of training set, initial weights, and test set.

    Parameters
    ----------
    name : str
        One of those that were crossed, ``"f2-8-0.1"`` and ``"f1-3-0.1"``.
    interval : bool, optional
        Measure on the whole interval instead of test sets.

    Returns
    -------
    ndarray, shape (CROSSED, CROSSED, CROSSED), or (CROSSED, CROSSED) on the interval
        Training sets, initial weights, test sets.

    Raises
    ------
    ValueError
        If it was not crossed.
    """
    weights = load_condition(f"{name}-crossed")["weights"].reshape(CROSSED, CROSSED, -1)
    experiment = EXPERIMENTS[name]
    if interval:
        return interval_error(experiment.f, weights)
    test_sets = (_test_set(experiment, index) for index in range(CROSSED))
    return np.stack([sample_error(weights, test_set) for test_set in test_sets], axis=-1)


def _test_set(experiment, index):
    """The test set that belongs to an index."""
    return replica(experiment, index, seed=SEED).start.test_set(experiment.f)


@cache
def standard_weights(name: str) -> NDArray:
    """The final weights of an experiment with everything standard.

    Parameters
    ----------
    name : str
        One of `EXPERIMENTS`.

    Returns
    -------
    ndarray, shape (3h-2,)
    """
    run = train_quietly(EXPERIMENTS[name])
    return pack(run.U[-1], run.V[-1])


def main() -> int:
    """Run what is missing, and say how fast it went; return the exit status."""
    FOLDER.mkdir(exist_ok=True)
    conditions = STUDY | LONGER
    start, new, bar = perf_counter(), 0, sys.stderr.isatty()
    with workers() as executor:
        for name, (experiment, n, condition) in conditions.items():
            file = FOLDER / f"{name}.npz"
            try:
                had = len(read(file)[1]) if file.exists() else 0
                replicate(experiment, n, **condition, executor=executor, file=file, progress=bar)
            except ValueError as error:  # a file that is stale, or damaged
                sys.exit(str(error))
            new += n - had
            print(f"{n:5} replicates  {name}", flush=True)
    took = perf_counter() - start
    size = sum((FOLDER / f"{name}.npz").stat().st_size for name in conditions)
    print(f"{new} new in {took:.0f} s; {size / 1e3:.0f} kB in all")
    if new:
        loop = perf_counter()
        for name in _TIMED:
            experiment, _, condition = STUDY[name]
            for index in range(20):
                train_quietly(replica(experiment, index, **condition))
        loop = 20 * len(_TIMED) / (perf_counter() - loop)
        print(f"{new / took:.1f} replicates a second; a plain loop, {loop:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
