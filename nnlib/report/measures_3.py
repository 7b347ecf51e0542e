"""What the ledger measures of the data of Experiment 3, from studies that are kept.

As `nnlib.report.measures`. A share is of the replicates of a study, with its interval.
"""

import numpy as np
from numpy.typing import NDArray

from nnlib.data import turning
from nnlib.history import History
from nnlib.interval import interval_error
from nnlib.network import pack
from nnlib.randomness.statistics import interval, median, proportion

__all__ = [
    "acquitted_but_overfit",
    "alike_overfit",
    "apart_but_no_overfitting",
    "calm_run_overfits",
    "clean_overfit",
    "clean_overfit_f2",
    "clean_test_rises",
    "follow_but_overfit_f2",
    "follow_but_overfit_quiet",
    "large_overfit",
    "mean_price",
    "mean_rise_ratio",
    "mean_turn_ratio",
    "noisy_test_sees",
    "overfit",
    "overfit_and_follow",
    "overfit_and_training_rises",
    "replies_gain",
    "replies_gain_f2",
    "replies_near",
    "replies_near_f2",
    "reply_rise",
    "reply_rise_loud",
    "small_overfit_less",
]

Interval = tuple[float, float, float]
FOLLOWS = 0.95  # as of the claim fig9-follows


# --- overfitting, over the epochs


def overfitting(name: str) -> NDArray[np.bool_]:
    """Which replicates of a cell overfit."""
    found = turning.load(name)
    return turning.overfits(found["rise"], found["fall"])


def clean(name: str) -> NDArray[np.bool_]:
    """Which replicates of a cell overfit without noise."""
    found = turning.load(name)
    return turning.overfits(found["clean_rise"], found["clean_fall"])


def follow(name: str) -> NDArray[np.bool_]:
    """In which replicates of a cell test error and training error follow similar curves."""
    return turning.load(name)["follows"] > FOLLOWS


def near(turn: NDArray[np.float64], foretold: NDArray[np.float64] | float) -> NDArray[np.bool_]:
    """Which turns are within a factor of two of those foretold."""
    return (turn <= 2 * foretold) & (foretold <= 2 * turn)


def overfit() -> Interval:
    """How many of the runs overfit."""
    return proportion(overfitting("main"))


def clean_overfit() -> Interval:
    """How many of the same runs overfit without noise."""
    return proportion(clean("main"))


def clean_overfit_f2() -> Interval:
    """How many runs of f2 with 15 samples overfit without noise."""
    return proportion(clean("f2 few"))


def _replies_near(name: str) -> Interval:
    found = turning.load(name)
    return proportion(near(found["turn"], found["reply_turn"]))


def replies_near() -> Interval:
    """How many turns are within a factor of two of those foretold by a thousandth of the noise."""
    return _replies_near("main")


def replies_near_f2() -> Interval:
    """How many turns are within a factor of two of those foretold, for f2."""
    return _replies_near("f2")


def _replies_gain(name: str) -> Interval:
    found = turning.load(name)
    turn = found["turn"]
    best = max(float(near(turn, guess).mean()) for guess in np.unique(turn))
    known = near(turn, found["reply_turn"]).astype(float)
    return interval(lambda some: float(np.mean(some)) - best, known)


def replies_gain() -> Interval:
    """How many more turns are so foretold than by the one epoch that is best for all."""
    return _replies_gain("main")


def replies_gain_f2() -> Interval:
    """How many more turns are so foretold than by the one epoch that is best for all, for f2."""
    return _replies_gain("f2")


def _reply_rise(name: str) -> Interval:
    found = turning.load(name)
    return median(found["rise"] / found["reply_rise"])


def reply_rise() -> float:
    """How many times the foretold rise a run has, in the median."""
    return _reply_rise("main")[0]


def reply_rise_loud() -> Interval:
    """How many times the foretold rise a run with much noise has, in the median."""
    return _reply_rise("loud")


def foretold_curve(name: str) -> NDArray[np.float64]:
    """The mean error of a cell as foretold from the noiseless runs and their tangent."""
    same = {"quiet": "main", "loud": "main"}  # but for the noise
    noise = turning.CELLS[name].start.noise
    curves = turning.load_curves(name)
    return curves.clean + noise**2 * turning.load_curves(same.get(name, name)).variance


def _turns(name: str) -> tuple[NDArray[np.float64], int, NDArray[np.float64], int]:
    """The mean error of a cell and the row where it turns; the same as foretold."""
    error, foretold = turning.load_curves(name).error, foretold_curve(name)
    return error, int(error.argmin()), foretold, int(foretold.argmin())


def mean_turn_ratio() -> float:
    """The epoch at which the mean error turns, over that foretold."""
    _, seen, _, foretold = _turns("main")
    return float(turning.EPOCHS[seen] / turning.EPOCHS[foretold])


def mean_rise_ratio() -> float:
    """How many times as far as foretold the mean error rises."""
    error, seen, foretold, turn = _turns("main")
    return float(error[-1] / error[seen] / (foretold[-1] / foretold[turn]))


def mean_price() -> float:
    """The worst mean error at the foretold epoch, over the lowest, of five kinds of data."""
    prices = []
    for name in ("main", "quiet", "loud", "few", "many"):
        error, seen, _, foretold = _turns(name)
        prices.append(error[foretold] / error[seen])
    return float(max(prices))


def small_overfit_less() -> Interval:
    """How many more runs overfit from small initial weights than from spread ones."""
    return interval(
        lambda one, other: float(np.mean(one) - np.mean(other)),
        overfitting("small").astype(float),
        overfitting("loud").astype(float),
    )


def large_overfit() -> Interval:
    """How many runs overfit from weights a hundred times as large as the document's."""
    return proportion(overfitting("large"))


def alike_overfit() -> Interval:
    """How many runs overfit from weights that are large and nearly alike."""
    return proportion(overfitting("alike"))


def overfit_and_follow() -> Interval:
    """Of the runs that overfit, in how many the errors follow similar curves."""
    return proportion(follow("main")[overfitting("main")])


def follow_but_overfit_f2() -> Interval:
    """Of the runs of f2 whose errors follow similar curves, how many overfit."""
    return proportion(overfitting("f2")[follow("f2")])


def follow_but_overfit_quiet() -> Interval:
    """Of the runs with little noise whose errors follow similar curves, how many overfit."""
    return proportion(overfitting("quiet")[follow("quiet")])


def apart_but_no_overfitting() -> Interval:
    """Of the runs with 100 samples whose errors do not follow similar curves, how many do not."""
    return proportion(~overfitting("many")[~follow("many")])


def overfit_and_training_rises() -> Interval:
    """Of the runs that overfit, in how many the training error is not lower than at the best."""
    return proportion(turning.load("main")["test_fall"][overfitting("main")] >= 1)


def acquitted_but_overfit() -> Interval:
    """Of the runs that shake, and whose training error rises, how many overfit when calm."""
    found = turning.load_shaken()
    acquitted = (found["shakes"] == 1) & (found["fall"] >= 1)
    return proportion(turning.overfits(found["calm_rise"], found["calm_fall"])[acquitted])


def clean_test_rises() -> Interval:
    """In how many runs without noise the test error ends a tenth above its lowest."""
    return proportion(turning.load("main")["clean_test_rise"] > turning.RISE)


def noisy_test_sees() -> Interval:
    """Of the runs that overfit, in how many 100 noisy samples show it by two standard errors."""
    return proportion(turning.load("main")["score"][overfitting("main")] > 2)


def calm_run_overfits(history: History) -> bool:
    """Whether the run overfits."""
    error = interval_error(history.experiment.f, pack(history.U, history.V))
    row = int(error.argmin())
    fall = history.train_error[-1] / history.train_error[row]
    return bool(turning.overfits(error[-1] / error[row], fall))
