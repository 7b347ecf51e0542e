"""Runs that are calm for more than ten million epochs: too long for a history, so made in pieces.

Each piece of a run starts from the last weights of the piece before, which gives the same bits as
one long training. `make oscillation` makes those that are missing in `nnlib/oscillation/results/`.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.checks import check_descent, check_integer
from nnlib.experiment import Experiment
from nnlib.network import pack
from nnlib.oscillation.bursts import find_bursts
from nnlib.pool import workers
from nnlib.targets import f1
from nnlib.training import train_quietly

__all__ = ["PIECE", "RUNS", "Pieces", "load", "run_in_pieces"]

# The run of the follow-up, and one whose rate is larger by 3 percent. Each goes on until well
# after the onset that is predicted from its first thousand epochs.
RUNS = (Experiment(f1, 3, 0.4, 15_200_000), Experiment(f1, 3, 0.412, 11_500_000))
PIECE = 50_000  # epochs
_CONDITIONS = {"piece": PIECE}
_FILE = Path(__file__).with_name("results") / "late.npz"


@dataclass(frozen=True, eq=False)
class Pieces:
    """What is kept of a run that was made in pieces.

    Attributes
    ----------
    weights : ndarray, shape (pieces + 1, 3h-2)
        At the epochs 0, `PIECE`, 2 `PIECE`, …, as `nnlib.network.pack` gives them.
    lowest : ndarray, shape (pieces,)
        The lowest test error within each piece.
    best_epochs : ndarray of int, shape (pieces,)
        The epoch at which it was reached.
    first_rise : int or None
        The epoch before the training error first rises, as `find_bursts` counts it.
    """

    weights: NDArray[np.float64]
    lowest: NDArray[np.float64]
    best_epochs: NDArray[np.int64]
    first_rise: int | None

    @property
    def best_epoch(self) -> int:
        """The epoch of the lowest test error of the whole run."""
        return int(self.best_epochs[self.lowest.argmin()])


def run_in_pieces(experiment: Experiment, piece: int = PIECE) -> NDArray[np.float64]:
    """Train, and keep little of it.

    Parameters
    ----------
    experiment : Experiment
    piece : int, optional
        How many epochs to train at once; the epochs of the experiment are a multiple.

    Returns
    -------
    ndarray, shape (pieces + 1, 3h + 1)
        A row for the start and for the end of each piece: the weights, as `nnlib.network.pack`
        gives them; the lowest test error of the piece and its epoch; and the epoch before the first
        rise of the training error in it. NaN for what there is not.

    Raises
    ------
    ValueError
        If the epochs are not a multiple of the piece, that is not an integer, at least 1, or the
        experiment is not of plain gradient descent.
    """
    check_descent("a run in pieces", experiment)
    piece = check_integer("piece", piece, least=1)
    if experiment.epochs % piece:
        raise ValueError(f"{experiment} cannot be made in pieces of {piece} epochs")
    U, V = experiment.start.initial_weights(experiment.h)
    rows = [np.append(pack(U, V), [np.nan] * 3)]
    for start in range(0, experiment.epochs, piece):
        run = train_quietly(replace(experiment, epochs=piece), weights=(U, V))
        U, V = run.U[-1], run.V[-1]
        bursts = find_bursts(run.train_error)
        rise = start + bursts[0][0] if bursts else np.nan
        rows.append(np.append(pack(U, V), [run.lowest_error, start + run.best_epoch, rise]))
    return np.array(rows)


def load(experiment: Experiment) -> Pieces:
    """What is kept of a run.

    Parameters
    ----------
    experiment : Experiment
        One of `RUNS`.

    Returns
    -------
    Pieces

    Raises
    ------
    ValueError
        If it is not kept, or the file is damaged or stale.
    """
    shape = experiment.epochs // PIECE + 1, 3 * experiment.h + 1
    (rows,) = kept.find(_FILE, _CONDITIONS, experiment, kept.key(experiment), shape=shape)
    if not np.isfinite(rows[1:, :-1]).all():
        raise ValueError(f"{_FILE.name} is damaged: its rows of {experiment} must be finite")
    lowest, best, rises = rows[1:, -3:].T
    rises = rises[np.isfinite(rises)]
    first = int(rises[0]) if rises.size else None
    return Pieces(rows[:, :-3], lowest, best.astype(np.int64), first)


def main() -> None:
    """Make the runs that are missing."""
    tasks = {kept.key(experiment): (experiment,) for experiment in RUNS}
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, run_in_pieces, tasks)


if __name__ == "__main__":
    main()
