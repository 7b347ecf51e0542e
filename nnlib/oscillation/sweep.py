"""A sweep over precisions: the same experiments with ever more bits, and when they oscillate.

`make oscillation` computes what is missing of it in `nnlib/oscillation/results/`.
"""

from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.experiment import Experiment
from nnlib.pool import workers
from nnlib.targets import f1, f2

__all__ = ["SWEEP", "load"]

# 24 and 53 are the bits of single and double precision, 64 those of x87. The rest fills the gaps,
# and goes on until more bits make no difference.
SWEEP = {
    Experiment(f1, 3, 1, 1200): (24, 32, 40, 53, 64, 80, 96, 112, 128, 160, 192, 224, 256),
    Experiment(f2, 6, 0.1, 1000): (24, 32, 40, 53, 64, 80, 96, 128),
    Experiment(f2, 8, 0.1, 1400): (24, 32, 40, 53, 64, 80, 96, 128, 160),
}
_FILE = Path(__file__).with_name("results") / "sweep.npz"


def load(experiment: Experiment) -> dict[int, NDArray[np.float64]]:
    """The runs of one experiment.

    Parameters
    ----------
    experiment : Experiment
        One of `SWEEP`.

    Returns
    -------
    dict of int to ndarray, shape (epochs + 1,)
        The test error for each number of bits.

    Raises
    ------
    ValueError
        If no such runs are kept, or the file is damaged or stale.
    """
    bits = SWEEP.get(experiment, ())
    names = (kept.key(experiment, "bits", n) for n in bits)
    found = kept.find(_FILE, {}, experiment, *names, shape=(experiment.epochs + 1,))
    return dict(zip(bits, found, strict=True))


def main() -> None:
    """Compute what is missing."""
    tasks = {kept.key(run, "bits", n): (run, n) for run, bits in SWEEP.items() for n in bits}
    with workers() as pool:
        kept.complete(pool, _FILE, {"flint": version("python-flint")}, _test_error, tasks)


def _test_error(experiment, bits):
    # Only here, so that the results can be read without flint.
    from nnlib.oscillation.precision import train_with_bits

    return train_with_bits(experiment, bits).test_error


if __name__ == "__main__":
    main()
