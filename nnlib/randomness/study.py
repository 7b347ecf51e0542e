"""The study behind the document's claims on randomness: what is run, and what is made of it.

`make study` runs it, several thousand trainings in some minutes, and keeps the results in
`nnlib/randomness/results/`, one file for each condition. What is finished is not run again.
"""

import sys
from pathlib import Path
from time import perf_counter

from nnlib.pool import workers
from nnlib.randomness.replicates import read, replicate, replicate_one
from nnlib.targets import f1, f2
from nnlib.training import Experiment

__all__ = ["FOLDER", "STUCK", "STUDY", "load"]

FOLDER = Path(__file__).with_name("results")

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
    ndarray of `nnlib.randomness.replicates.ROW`

    Raises
    ------
    ValueError
        If there is no such condition, or its file is damaged.
    """
    if name not in STUDY:
        raise ValueError(f"a condition must be one of {', '.join(STUDY)}, got {name!r}")
    return read(FOLDER / f"{name}.npz")[1]


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
