"""The error over the size of the network, to see whether it peaks where weights equal samples.

A linear least-squares fit has a peak there, and a second descent beyond it. `STUDIES` fits networks
of growing size to the same few samples: by the best fit that is found, by the best with a tiny
penalty, by descent within a budget, and, as a control, with random hidden neurons that stay as
they are. `make data` computes what is missing in `nnlib/data/results/`.
"""

import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlib import kept
from nnlib.checks import Floats
from nnlib.data.best import fit_best
from nnlib.data.tangent import derivatives, foretell
from nnlib.experiment import Experiment
from nnlib.interval import interval_error
from nnlib.machine import sum_over_samples
from nnlib.network import forward_pass, loss, pack, unpack
from nnlib.optimizers.least_squares import solve, spread_weights
from nnlib.pool import workers
from nnlib.training import train_quietly

__all__ = ["PENALTY", "SEED", "STUDIES", "Fits", "Study", "fit_outputs_alone", "load"]

SEED = 34  # of the samples; that of the descent's weights is the next. Tried out with 99
PENALTY = 1e-6  # of the best fit with small weights
_STARTS, _STEPS = 8, 300  # of a best fit
_RIDGE = 1e-9  # of the control: so small a penalty takes the smallest weights of all that fit


class Study(NamedTuple):
    """Fits of one kind, to the same samples, over the size.

    Attributes
    ----------
    kind : str
        ``best``, ``penalised`` (the best with `PENALTY`), ``descent``, ``fixed`` (the outputs alone
        are fitted, the hidden neurons are random) or ``foretold`` (what `nnlib.data.tangent`
        foretells of the descent, from a few replicates without noise).
    experiment : Experiment
        For the smallest size. The rate and the epochs are those of the descent.
    sizes : tuple of int
    replicates : int
        Training sets, the same for each size.
    factor : float
        By how much the random sigmoids of ``fixed`` are steeper than those of a spread start; how
        many times as many starts and steps the search of ``best`` has.
    """

    kind: str
    experiment: Experiment
    sizes: tuple[int, ...]
    replicates: int
    factor: float = 1.0


_F1 = Experiment.parse("f1 2 0.2 10000 samples=30 noise=0.1")
_F2 = Experiment.parse("f2 2 0.05 10000 samples=30 noise=2")
_MORE = Experiment.parse("f2 2 0.05 10000 samples=100 noise=2")
_EXACT = Experiment.parse("f2 2 0.05 10000 samples=30")
_SIZES = (2, 3, 4, 6, 8, 11, 15, 20, 30)  # 31 weights at 11
_SOME = (4, 8, 17, 34, 45)  # 100 weights at 34
_WIDE = (2, 4, 8, 10, 15, 20, 25, 30, 35, 40, 50, 100, 200, 400)
STUDIES = {
    "best f1": Study("best", _F1, _SIZES, 100),
    "best f2": Study("best", _F2, _SIZES, 100),
    "patient f2": Study("best", _F2, (8, 11, 15, 20, 30), 24, 4.0),
    "exact f2": Study("best", _EXACT, (4, 6, 8, 11, 15, 20, 30), 40),
    "penalised f2": Study("penalised", _F2, (4, 6, 8, 11, 15, 20, 30, 40), 60),
    "descent f1": Study("descent", _F1, _SIZES, 80),
    "descent f2": Study("descent", _F2, _SIZES, 80),
    "foretold f1": Study("foretold", _F1, (3, 8, 20), 4),
    "foretold f2": Study("foretold", _F2, (3, 8, 20), 4),
    "best of 100": Study("best", _MORE, _SOME, 24),
    "descent of 100": Study("descent", _MORE, _SOME, 24),
    "steep": Study("fixed", _F2, _WIDE, 100, 10.0),
    "smooth": Study("fixed", _F2, _WIDE, 100),
}
_FILE = Path(__file__).with_name("results") / "size.npz"
_CONDITIONS = {"seed": SEED, "search": [_STARTS, _STEPS, PENALTY, _RIDGE]}


class Fits(NamedTuple):
    """What became of the fits of a study, an array of shape (sizes, replicates) for each.

    Attributes
    ----------
    error : ndarray
        On the interval.
    training : ndarray
        The training error, without a penalty.
    trace : ndarray
        The product of the noise and of what the outputs have beside f, over the variance of the
        noise: its mean says the noise of how many samples the outputs repeat. It is the trace of
        the smoother, if the fit is one, and of what is foretold. 0 without noise.
    norm : ndarray
        The root of the sum of the squares of all weights; 0 of what is foretold.
    """

    error: NDArray[np.float32]
    training: NDArray[np.float32]
    trace: NDArray[np.float32]
    norm: NDArray[np.float32]


@cache
def load(name: str) -> Fits:
    """What became of the fits of a study.

    Parameters
    ----------
    name : str
        One of `STUDIES`.

    Returns
    -------
    Fits

    Raises
    ------
    ValueError
        If nothing is kept of it, or the file is damaged or stale.
    """
    keys, some = zip(*_tasks(name).items(), strict=True)
    shape = (STUDIES[name].replicates, 4)
    rows = kept.find(_FILE, _CONDITIONS, some[0][0], *keys, shape=shape, dtype="f4")
    return Fits(*np.moveaxis(np.array(rows), -1, 0))


def fit_outputs_alone(x: Floats, y: Floats, weights: Floats) -> Floats:
    """Give hidden neurons that stay as they are the outputs that fit best: the smallest of these.

    Parameters
    ----------
    x, y : ndarray, shape (N,)
    weights : ndarray, shape (3h-2,)
        Of which V is ignored.

    Returns
    -------
    ndarray, shape (3h-2,)
        In elementary operations alone, with a tiny penalty, 1e-9 of the sum of the squares of V,
        against the sum of the squares of the errors.
    """
    h = (weights.size + 2) // 3
    H = derivatives(weights, x)[:h]  # those with respect to V
    if h > x.size:  # as many equations as there are samples, not as neurons
        A = sum_over_samples(H.T[:, None].copy() * H.T.copy())
        A[np.diag_indices(x.size)] += _RIDGE
        V = sum_over_samples(H * solve(A, y))
    else:
        A = sum_over_samples(H[:, None] * H)
        A[np.diag_indices(h)] += _RIDGE
        V = solve(A, sum_over_samples(H * y))
    return np.concatenate([V, weights[h:]])


def main() -> int:
    """Compute what is missing; return the exit status."""
    tasks = {key: task for name in STUDIES for key, task in _tasks(name).items()}
    with workers() as pool:
        kept.complete(pool, _FILE, _CONDITIONS, _run, tasks)
    return 0


def _tasks(name: str) -> dict[str, tuple[Experiment, Study]]:
    """What is to be run for each size of a study, by its key."""
    study = STUDIES[name]
    some = [study.experiment.replaced(h=h) for h in study.sizes]
    more = study.kind, study.factor, study.replicates
    return {kept.key(one, *more): (one, study) for one in some}


def _run(experiment: Experiment, study: Study) -> NDArray[np.float32]:
    """The four numbers of `Fits` for each replicate."""
    rows = [_measure(experiment, study, i) for i in range(study.replicates)]
    with np.errstate(over="ignore"):
        return np.array(rows).astype(np.float32)


def _measure(experiment: Experiment, study: Study, i: int) -> tuple[float, float, float, float]:
    one = experiment.starting(data=(SEED, i), weights=(SEED + 1, i))
    f, noise = one.f, one.start.noise
    if study.kind == "foretold":
        found = foretell(one, [one.epochs])
        training = float(found.training_error(noise)[0])
        return float(found.error(noise)[0]), training, float(found.trace[0]), 0.0
    w, (x, y) = _fit(one, study, i), one.start.train_set(f)
    clean = np.asarray(f(x))
    o = forward_pass(*unpack(w, one.h), x)
    trace = sum_over_samples((y - clean) * (o - clean)) / noise**2 if noise else 0.0
    norm = np.sqrt(sum_over_samples(w * w))
    return float(interval_error(f, w)), float(loss(o - y)), float(trace), float(norm)


def _fit(one: Experiment, study: Study, i: int) -> Floats:
    """The weights of a fit."""
    if study.kind == "descent":
        run = train_quietly(one, seen=[one.epochs])
        return pack(run.U[-1], run.V[-1])
    x, y = one.start.train_set(one.f)
    if study.kind == "fixed":
        return fit_outputs_alone(x, y, study.factor * spread_weights(one.h, 1, i)[0])
    penalty = PENALTY if study.kind == "penalised" else 0.0
    starts, steps = (round(study.factor * number) for number in (_STARTS, _STEPS))
    return fit_best(x, y, one.h, starts, i, penalty, steps).weights


if __name__ == "__main__":
    sys.exit(main())
