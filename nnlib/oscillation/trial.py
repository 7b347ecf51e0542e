"""The trial of what `nnlib.oscillation.flip` foretells, on runs that it was not built with.

The list of runs, the program and the criteria were fixed before any of the new runs was trained.
`make oscillation` computes what is missing in `nnlib/oscillation/results/`.
"""

from dataclasses import asdict, astuple, dataclass
from math import inf
from pathlib import Path

import numpy as np

from nnlib import kept
from nnlib.checks import check_integer
from nnlib.experiment import Experiment
from nnlib.network import pack
from nnlib.oscillation.flip import (
    FAST,
    FELT,
    OVER,
    WINDOW,
    Burst,
    Flip,
    cycle,
    find_flip,
    foretell,
    measure,
    observe,
)
from nnlib.oscillation.onset import ACCOUNT, rounding_noise, stable_path
from nnlib.pool import workers
from nnlib.targets import f1, f2
from nnlib.training import train

__all__ = ["KNOWN", "OTHER_WEIGHTS", "UNSEEN", "Trial", "compare", "error", "load"]

# With which the program was built: their bursts had been looked at. The standard weights.
KNOWN = tuple(
    (Experiment(f, h, rate, epochs), None)
    for f, h, rate, epochs in (
        (f1, 3, 1, 1000),
        (f1, 3, 0.8, 2100),
        (f1, 2, 1, 500),
        (f2, 8, 0.1, 1200),
        (f2, 6, 0.1, 900),
        (f2, 12, 0.1, 350),
    )
)
# Other rates and sizes, and other initial weights, by their seeds.
UNSEEN = tuple(
    (Experiment(f, h, rate, epochs), seed)
    for f, h, rate, epochs, seeds in (
        (f1, 2, 0.8, 850, [None]),
        (f1, 2, 0.9, 650, [None]),
        (f1, 2, 1.1, 450, [None]),
        (f1, 2, 1.2, 400, [None]),
        (f1, 3, 0.9, 1350, [None]),
        (f1, 3, 0.95, 1100, [None]),
        (f1, 3, 1.05, 800, [None]),
        (f1, 3, 1.1, 650, [None]),
        (f1, 3, 1.2, 450, [None]),
        (f1, 4, 1, 1700, [None]),
        (f1, 8, 1, 1100, [None]),
        (f2, 6, 0.08, 1500, [None]),
        (f2, 6, 0.09, 1200, [None]),
        (f2, 7, 0.1, 1100, [None]),
        (f2, 8, 0.08, 2100, [None]),
        (f2, 8, 0.09, 1600, [None]),
        (f2, 8, 0.15, 300, [None]),
        (f2, 10, 0.1, 500, [None]),
        (f2, 12, 0.08, 450, [None]),
        (f2, 20, 0.05, 600, [None]),
        (f2, 6, 0.1, 1200, [1, 2, 3]),
        (f2, 8, 0.1, 1200, [1, 2, 3, 4]),
    )
    for seed in seeds
)
# Whose dampings lie on both sides of 0.5: chosen after the trial, to tell two guesses apart.
OTHER_WEIGHTS = tuple((Experiment(f1, 8, 1, 1100), seed) for seed in range(5, 25))
_ALL = *KNOWN, *UNSEEN, *OTHER_WEIGHTS
_BITS = 53  # of a double
_CONDITIONS = {
    "account": asdict(ACCOUNT),
    "bits": _BITS,
    "fast": FAST,
    "felt": FELT,
    "over": OVER,
    "window": WINDOW,
}
_FILE = Path(__file__).with_name("results") / "trial.npz"


@dataclass(frozen=True)
class Trial:
    """A burst that is predicted: as it was foretold, and as it was seen.

    Attributes
    ----------
    experiment : Experiment
    seed : int or None
        Of the initial weights; None for the standard ones.
    onset, crossing : int
        As predicted, and where the sharpness had crossed its threshold before.
    flip : Flip
        At the crossing.
    alone : Burst
        By rise and push alone.
    foretold, seen : Burst
    """

    experiment: Experiment
    seed: int | None
    onset: int
    crossing: int
    flip: Flip
    alone: Burst
    foretold: Burst
    seen: Burst

    @property
    def kind(self) -> str:
        """``"in range"``, ``"small bend"`` or ``"fast crossing"``, as fixed beforehand."""
        if self.flip.rise >= 0.01:
            return "fast crossing"
        return "in range" if self.flip.bend >= 0.5 else "small bend"


def compare(experiment: Experiment, seed: int | None = None) -> list[Trial]:
    """Foretell the bursts of an experiment, train it, and look.

    Parameters
    ----------
    experiment : Experiment
    seed : int or None, optional
        As of `Trial`.

    Returns
    -------
    list of Trial
        One for each burst that the zigzag model predicts after a crossing.
    """
    drawn = experiment.starting(weights=seed)
    path, run = stable_path(drawn), train(drawn)
    (x, y), noise, found = path.train_set, rounding_noise(_BITS), []
    for onset, _ in path.bursts(noise):
        crossing = path.crossing(onset)
        if not crossing:
            continue  # above the threshold from the beginning
        row = pack(path.U[crossing], path.V[crossing])
        flip = find_flip(row, x, y, experiment.learning_rate)
        alone = cycle(flip, float(path.zigzag(noise)[crossing]))
        foretold, seen = measure(*foretell(path, crossing, noise)), measure(*observe(run, crossing))
        if foretold and seen:
            found.append(Trial(experiment, seed, onset, crossing, flip, alone, foretold, seen))
    return found


def error(predicted: float, seen: float) -> float:
    """The relative error of a prediction.

    Parameters
    ----------
    predicted, seen : float
        One number of a `Burst`.

    Returns
    -------
    float
        0 if both are infinite, and infinity if only one is, or nothing was seen.
    """
    if predicted == seen:
        return 0.0
    return abs(predicted / seen - 1) if 0 < seen < inf else inf


def load(experiment: Experiment, seed: int | None = None) -> list[Trial]:
    """What is kept of an experiment.

    Parameters
    ----------
    experiment, seed
        A pair of `KNOWN`, `UNSEEN` or `OTHER_WEIGHTS`.

    Returns
    -------
    list of Trial

    Raises
    ------
    ValueError
        If it is no such pair, or the file is damaged or stale.
    """
    if seed is not None:
        seed = check_integer("seed", seed, least=0)
    if (experiment, seed) not in _ALL:
        raise ValueError(
            f"{_FILE.name} has no runs of {experiment} with the seed {seed}; it has the pairs of "
            f"KNOWN, UNSEEN and OTHER_WEIGHTS"
        )
    name = kept.key(experiment, "weights", seed)
    (rows,) = kept.find(_FILE, _CONDITIONS, experiment, name, shape=(None, 17))
    if np.isnan(rows).any():
        raise ValueError(f"{_FILE.name} is damaged: its rows of {experiment} must be numbers")
    found = []
    for onset, crossing, *numbers in rows.tolist():
        bursts = (Burst(*numbers[n : n + 3]) for n in (6, 9, 12))
        flip = Flip(*numbers[:6])
        found.append(Trial(experiment, seed, int(onset), int(crossing), flip, *bursts))
    return found


def main() -> None:
    """Compute what is missing."""
    tasks = {kept.key(e, "weights", seed): (e, seed) for e, seed in _ALL}
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _rows, tasks)


def _rows(experiment, seed):
    """Trials as rows: onset, crossing, the flip, and the three bursts."""
    rows = []
    for t in compare(experiment, seed):
        parts = t.flip, t.alone, t.foretold, t.seen
        rows.append((t.onset, t.crossing, *(n for part in parts for n in astuple(part))))
    return np.array(rows, dtype=float).reshape(-1, 17)


if __name__ == "__main__":
    main()
