"""What the ledger measures of the data of Experiment 3, from studies that are kept.

As `nnlib.report.measures`. A share is of the replicates of a study, with its interval.
"""

import numpy as np
from numpy.typing import NDArray

from nnlib.data import excess
from nnlib.experiment import Experiment
from nnlib.randomness.statistics import interval

__all__ = [
    "best_weights_f1_2",
    "best_weights_f1_3",
    "best_weights_f2_4",
    "best_weights_few_f2_4",
    "foretold_beats_count",
    "noise_bends_f1",
    "noise_bends_f2",
    "noise_bias",
    "noise_copies_trace",
    "noise_few_samples",
    "noise_foretold",
    "noise_near_saddle",
    "noise_ratios",
    "noise_run",
    "noise_weights_that_count",
]

_Interval = tuple[float, float, float]


def noise_run(task: str, N: int, start: str = "document") -> Experiment:
    """The run of `excess.RUNS` with that task, number of samples and kind of start."""
    found = [
        one
        for one in excess.RUNS
        if (one.f.__name__, one.start.samples, one.start.start) == (task, N, start)
    ]
    return found[0]


def noise_ratios(experiment: Experiment, noise: float) -> NDArray[np.float64]:
    """The variance seen over that foretold, for each set of inputs and epoch.

    It is 0 where what is foretold overflows.
    """
    foretold = excess.load_foretold(experiment)[1]
    foretold = np.where(np.isfinite(foretold), foretold, np.inf)
    return excess.load(experiment, noise).variance / (noise * noise * foretold)


def _mean(values: NDArray[np.float64]) -> _Interval:
    return interval(np.mean, values)


def _farthest(value: _Interval) -> float:
    """How far from 1 the farther end of an interval is."""
    return max(abs(value[1] - 1), abs(value[2] - 1))


def noise_foretold() -> float:
    """How far from 1 the ratio of the variance to that foretold may be, for a little noise."""
    return _farthest(_mean(noise_ratios(noise_run("f1", 100), 0.1)[:, -1]))


def noise_weights_that_count() -> _Interval:
    """By how many of its 7 weights noise comes into (f1, 3), with 100 samples."""
    one = noise_run("f1", 100)
    return _mean(excess.load(one, 0.1).variance[:, -1] * 2 * one.start.samples / 0.1**2)


def _bends(experiment: Experiment, noise: float) -> _Interval:
    """The variance over what it would be if it went with the square of the noise."""
    least = excess.RUNS[experiment][0]
    pair = (excess.load(experiment, one).variance[:, -1] / one**2 for one in (noise, least))
    return _mean(np.divide(*pair))


def noise_bends_f1() -> float:
    """How far the variance may be from the square law, for f1 with 100 samples and σ = 1."""
    return _farthest(_bends(noise_run("f1", 100), 1.0))


def noise_bends_f2() -> float:
    """How far the variance may be from the square law, for f2 from a spread start, σ = 3."""
    return _farthest(_bends(noise_run("f2", 100, "spread"), 3.0))


def noise_few_samples() -> _Interval:
    """The variance over that foretold, for f1 with 10 samples and σ = 1."""
    return _mean(noise_ratios(noise_run("f1", 10), 1.0)[:, -1])


def noise_near_saddle() -> _Interval:
    """The variance over that foretold, for f2 from the document's tiny weights, σ = 1."""
    return _mean(noise_ratios(noise_run("f2", 100), 1.0)[:, -1])


def noise_bias() -> float:
    """How far the bias may be from that of the run without noise, for f1, 100 samples, σ = 0.3."""
    one = noise_run("f1", 100)
    seen = excess.load(one, 0.3)
    without = excess.load_foretold(one)[0, :, -1]
    return _farthest(_mean((seen.error - seen.variance)[:, -1] / without))


def _off(count: bool) -> float:
    """The mean distance, as a logarithm, between the numbers of weights seen and expected."""
    found: list[float] = []
    for (h, copies), one in excess.SIZES.items():
        foretold = excess.load_foretold(one, copies)[1, :, -1].mean()
        expected = (3 * h - 2) / (2 * one.start.samples) if count else foretold
        seen = excess.load(one, excess.SIZE_NOISE, copies).variance[:, -1].mean()
        found.append(abs(np.log(seen / (expected * excess.SIZE_NOISE**2))))
    return float(np.mean(found))


def foretold_beats_count() -> float:
    """How far off the foretold numbers are, as a part of how far off the counts of weights are."""
    return _off(count=False) / _off(count=True)


def noise_copies_trace() -> float:
    """The largest trace of a network of copies, on any of the sets of inputs."""
    copies = (one for (_, copies), one in excess.SIZES.items() if copies)
    return float(max(excess.load_foretold(one, True)[2].max() for one in copies))


def _best(task: str, h: int, N: int) -> _Interval:
    """The mean excess error of the best fits, in weights."""
    found = [
        one for one in excess.BEST if (one.f.__name__, one.h, one.start.samples) == (task, h, N)
    ]
    return _mean(excess.load_best(found[0]))


def best_weights_f1_2() -> _Interval:
    """How many of the 4 weights of (f1, 2) count in the best fit of 1000 samples."""
    return _best("f1", 2, 1000)


def best_weights_f1_3() -> _Interval:
    """How many of the 7 weights of (f1, 3) count in the best fit of 1000 samples."""
    return _best("f1", 3, 1000)


def best_weights_f2_4() -> float:
    """How far from 1 the excess error may be, over that of 10 weights, for (f2, 4), N = 1000."""
    value, low, high = _best("f2", 4, 1000)
    return _farthest((value / 10, low / 10, high / 10))


def best_weights_few_f2_4() -> _Interval:
    """The excess error over that of 10 weights, for the best fits of (f2, 4) to 30 samples."""
    value, low, high = _best("f2", 4, 30)
    return value / 10, low / 10, high / 10
