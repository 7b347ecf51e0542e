"""The study behind the document's claims on randomness: what is run, and what is made of it.

`make study` runs it, several thousand trainings in some minutes, and keeps the results in
`nnlib/results/`, one file for each condition. What is finished is not run again.
"""

import sys
from time import perf_counter

import numpy as np

from nnlib.ensemble import read, replicate, replicate_one, workers
from nnlib.results import FOLDER
from nnlib.targets import f1, f2
from nnlib.training import Experiment

__all__ = ["STUCK", "STUDY", "decompose", "interval", "load", "share", "spread"]

SEED = 1
STUCK = 20.0  # a last error above which a network has missed one of the waves of f2
REPLICATES, CROSSED = 200, 40
SCALES = (1, 3, 10, 30, 100)
EXPERIMENTS = {
    "f2-8-0.1": Experiment(f2, 8, 0.1, 1000),
    "f2-8-0.05": Experiment(f2, 8, 0.05, 1000),
    "f1-3-0.1": Experiment(f1, 3, 0.1, 1000),
    "f1-3-1": Experiment(f1, 3, 1, 1000),
}


def _study():
    for name, experiment in EXPERIMENTS.items():
        yield f"{name}-data", experiment, REPLICATES, {"new_weights": False}
        yield f"{name}-weights", experiment, REPLICATES, {"new_data": False}
        yield f"{name}-both", experiment, REPLICATES, {}
    yield "f2-8-0.1-1200-both", Experiment(f2, 8, 0.1, 1200), REPLICATES, {}
    for name in ("f2-8-0.1", "f1-3-0.1"):
        yield f"{name}-crossed", EXPERIMENTS[name], CROSSED**2, {"crossed": CROSSED}
        for scale in SCALES[1:]:
            condition = {"new_data": False, "scale": float(scale)}
            yield f"{name}-weights-{scale}", EXPERIMENTS[name], REPLICATES, condition


# By name: the experiment, the number of replicates, and the condition as `replicate` takes it. With
# everything standard there is nothing to replicate: each run is the same as any other.
STUDY = {
    name: (experiment, n, {**condition, "seed": SEED})
    for name, experiment, n, condition in _study()
}


def load(name):
    """The results of one condition.

    Parameters
    ----------
    name : str
        One of `STUDY`.

    Returns
    -------
    ndarray of `nnlib.ensemble.ROW`

    Raises
    ------
    ValueError
        If there is no such condition, or its file is damaged.
    """
    if name not in STUDY:
        raise ValueError(f"a condition must be one of {', '.join(STUDY)}, got {name!r}")
    return read(FOLDER / f"{name}.npz")[1]


def spread(errors):
    """The standard deviation of the logarithm of errors.

    Parameters
    ----------
    errors : array_like

    Returns
    -------
    float
    """
    return float(np.std(np.log(errors), ddof=1))


def interval(statistic, *samples, n=2000):
    """A statistic of one or more samples, with its bootstrap interval.

    Parameters
    ----------
    statistic : callable
        From the samples to a number.
    *samples : array_like, shape (n_i,)
        Drawn from independently of each other.
    n : int, optional
        The number of resamples.

    Returns
    -------
    value, low, high : float
        The interval holds 95 %, by percentiles.
    """
    from scipy import stats  # here, because it is slow to load and most chapters do without

    samples = [np.asarray(sample) for sample in samples]
    found = stats.bootstrap(
        samples,
        statistic,
        n_resamples=n,
        vectorized=False,
        method="percentile",
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    return float(statistic(*samples)), float(found.low), float(found.high)


def share(events):
    """How often something happens, with its exact 95 % interval (Clopper and Pearson).

    Parameters
    ----------
    events : array_like of bool

    Returns
    -------
    value, low, high : float
    """
    from scipy import stats

    events = np.asarray(events)
    found = stats.binomtest(int(events.sum()), events.size).proportion_ci()
    return float(events.mean()), float(found.low), float(found.high)


def decompose(errors):
    """Split the variance of the logarithm of errors among datasets, weights and interaction.

    Parameters
    ----------
    errors : array_like, shape (datasets, weights)
        One error for each combination.

    Returns
    -------
    datasets, weights, interaction : float
        Parts of the whole, which sum up to 1.
    """
    table = np.log(errors)
    table = table - table.mean()
    rows, columns = table.mean(axis=1, keepdims=True), table.mean(axis=0, keepdims=True)
    parts = [np.mean(part**2) for part in (rows, columns, table - rows - columns)]
    return tuple(float(part / sum(parts)) for part in parts)


def main():
    """Run what is missing, and say how fast it went; return the exit status."""
    FOLDER.mkdir(exist_ok=True)
    start, new = perf_counter(), 0
    with workers() as executor:
        for name, (experiment, n, condition) in STUDY.items():
            file = FOLDER / f"{name}.npz"
            had = len(read(file)[1]) if file.exists() else 0
            shown = {"progress": sys.stderr.isatty()}
            replicate(experiment, n, **condition, executor=executor, file=file, **shown)
            new += n - had
            print(f"{n:5} replicates  {name}", flush=True)
    took = perf_counter() - start
    size = sum((FOLDER / f"{name}.npz").stat().st_size for name in STUDY)
    print(f"{new} new in {took:.0f} s; {size / 1e3:.0f} kB in all")
    if new:
        loop = perf_counter()
        for name in ("f2-8-0.1-both", "f1-3-0.1-both"):
            experiment, _, condition = STUDY[name]
            for index in range(20):
                replicate_one(experiment, index, **condition)
        loop = 40 / (perf_counter() - loop)
        print(f"{new / took:.1f} replicates a second; a plain loop, {loop:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
