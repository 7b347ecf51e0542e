"""When a run whose rate falls will shake: foretold from one path without a schedule.

As long as nothing shakes, a run of small steps follows one curve, whatever its rates: what counts
is the time, the sum of its learning rates. So the sharpness along the path of a constant rate is
that of any schedule at the same time, and the zigzag model goes through with the product
of this sharpness and the rate of the epoch. `load` has what was foretold and what was seen; `make
methods` computes what is missing in `nnlib/methods/results/`.
"""

import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.checks import check_unchanged
from nnlib.experiment import Experiment
from nnlib.optimizers import Constant
from nnlib.oscillation.bursts import CALM, find_bursts
from nnlib.oscillation.onset import ACCOUNT, StablePath, rounding_noise, stable_path
from nnlib.pool import workers
from nnlib.targets import Target, f1, f2
from nnlib.training import train_quietly

__all__ = ["PATHS", "SETTINGS", "foretell", "load", "path_of"]

# The paths of the document's rates, as long in time as any of the settings.
PATHS: dict[Target, Experiment] = {
    f1: Experiment(f1, 3, 1, 2400),
    f2: Experiment(f2, 8, 0.05, 2100),
}
SETTINGS = tuple(
    Experiment.parse(text)
    for text in (
        "f1 3 1 3000 schedule=cosine",
        "f1 3 1.1 2000 schedule=cosine",
        "f1 3 1.1 3000 schedule=cosine",
        "f1 3 1.2 2000 schedule=cosine",
        "f1 3 1 2000 schedule=inverse half=4000",
        "f1 3 1.1 2000 schedule=inverse half=4000",
        "f1 3 1.2 2000 schedule=inverse half=2000",
        "f1 3 1.2 2000 schedule=inverse half=4000",
        "f1 3 1 2000 schedule=steps drop=0.5",
        "f1 3 1 3000 schedule=steps drop=0.5",
        "f1 3 1.1 2000 schedule=steps drop=0.5",
        "f1 3 1.2 2000 schedule=steps drop=0.5",
        "f2 8 0.1 1200 schedule=cosine",
        "f2 8 0.12 1200 schedule=cosine",
        "f2 8 0.1 1200 schedule=inverse half=1200",
        "f2 8 0.12 1200 schedule=inverse half=1200",
        "f2 8 0.1 1200 schedule=steps drop=0.5",
        "f2 8 0.12 1200 schedule=steps drop=0.5",
    )
)
_FILE = Path(__file__).with_name("results") / "falling.npz"
_CONDITIONS = {"calm": CALM, "account": repr(ACCOUNT), "paths": list(map(str, PATHS.values()))}


def load(experiment: Experiment) -> NDArray[np.float64]:
    """What was foretold of a run whose rate falls, and what was seen.

    Parameters
    ----------
    experiment : Experiment
        One of `SETTINGS`.

    Returns
    -------
    ndarray, shape (6,)
        The first and the last epoch at which learning rate times sharpness is above 2 along the
        foretold path; the first burst that is foretold, from its first epoch to its last; and the
        first that is seen after the crossing. NaN for what there is not; inf for the end of a burst
        that goes on.

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    return kept.find(_FILE, _CONDITIONS, experiment, kept.key(experiment), shape=(6,))[0]


def main() -> int:
    """Compute what is missing; return the exit status."""
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, {kept.key(one): (one,) for one in SETTINGS})
    return 0


def path_of(experiment: Experiment, plain: StablePath) -> StablePath:
    """A stable path at the epochs of a run whose rate falls.

    Parameters
    ----------
    experiment : Experiment
        Plain descent with a schedule.
    plain : StablePath
        Of the same start, with a constant rate, and for at least as long a time.

    Returns
    -------
    StablePath
        Without a schedule: its learning rate times its sharpness is the product of each epoch.

    Raises
    ------
    ValueError
        If the path is shorter than the run, or something changes in it.
    """
    check_unchanged("what has a path", experiment)
    factors = experiment.schedule.factors(experiment.epochs)
    rates = experiment.learning_rate * factors
    times = np.append(0, np.cumsum(rates))
    known = plain.experiment.learning_rate * np.arange(len(plain.sharpness))
    if times[-1] > known[-1]:
        raise ValueError(f"{experiment} takes the time {times[-1]:g}, and {plain} {known[-1]:g}")
    places = np.searchsorted(known, times)
    sharpness = np.interp(times, known, plain.sharpness) * np.append(factors, factors[-1:])
    constant = experiment.replaced(schedule=Constant())
    return StablePath(constant, plain.U[places], plain.V[places], sharpness)


def foretell(experiment: Experiment, plain: StablePath) -> list[tuple[int, int | None]]:
    """The bursts of a run whose rate falls, without a look at it.

    Parameters
    ----------
    experiment, plain
        As of `path_of`.

    Returns
    -------
    list of tuple (int, int or None)
        As of `StablePath.bursts`.

    Raises
    ------
    ValueError
        As `path_of`.
    """
    return path_of(experiment, plain).bursts(rounding_noise(53))


@cache
def _plain(f: Target) -> StablePath:
    return stable_path(PATHS[f])


def _run(experiment: Experiment) -> NDArray[np.float64]:
    """What `load` gives."""
    plain = _plain(experiment.f)
    above = np.flatnonzero(path_of(experiment, plain).products > 2)
    foretold = foretell(experiment, plain)
    bursts = find_bursts(train_quietly(experiment).train_error)
    seen = [burst for burst in bursts if not above.size or burst[0] >= above[0]]
    row = [*above[[0, -1]]] if above.size else [np.nan, np.nan]
    for found in (foretold, seen):
        start, end = found[0] if found else (np.nan, np.nan)
        row += [start, np.inf if end is None else end]
    return np.array(row, dtype=float)


if __name__ == "__main__":
    sys.exit(main())
