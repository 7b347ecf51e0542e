"""The training of an experiment: full-batch gradient descent, or what it says in its place.

What shows the progress, and what runs the compiled loop, is imported by the functions that use it:
together they would take as long to import as all the rest of the library.
"""

import math
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib.arithmetic import PORTABLE, Arithmetic, find_arithmetic
from nnlib.checks import (
    ENGINES,
    check_dataset,
    check_engine,
    check_integer,
    check_memory,
    check_weights,
    show,
)
from nnlib.elementary import Floats
from nnlib.experiment import Experiment
from nnlib.history import Dataset, History
from nnlib.machine import check_rounding
from nnlib.network import add_penalty, pack, unpack
from nnlib.optimizers import Constant
from nnlib.start import Start, generator

__all__ = [
    "ENGINES",
    "Seen",
    "fingerprint",
    "logarithmic",
    "starting_point",
    "train",
    "train_many",
    "train_quietly",
]

# What numpy computes at one go, in elements, where it has to broadcast: its default, 8192, makes
# training slower by a fifth. (Before numpy 2.3 the size of it changed the order of sums.)
_BUFFER = 128
# Epochs times neurons whose test errors are computed at one go: with 100 samples, 200 kB, which
# stay in the cache of a core.
_AT_ONE_GO = 256

# What an optimizer remembers is of the one, in sums over the other, and of losses with the third.
_REMEMBERED = "optimizer", "batch", "penalty"

_Pair = tuple[ArrayLike, ArrayLike]
Seen = int | Sequence[int] | NDArray[np.integer[Any]]  # as `train` takes it


def starting_point(
    experiment: Experiment,
    train_set: _Pair | None = None,
    test_set: _Pair | None = None,
    weights: _Pair | None = None,
    arithmetic: str | Arithmetic = "portable",
) -> tuple[Dataset, Dataset, Floats]:
    """What a run starts from: what is given, checked, and for the rest what the experiment says.

    Parameters
    ----------
    experiment, train_set, test_set, weights, arithmetic
        As of `train`.

    Returns
    -------
    train_set, test_set : tuple of ndarray, shape (N,)
    weights : ndarray, shape (3h-2,)
        As `nnlib.network.pack` gives them.

    Raises
    ------
    TypeError
        If `experiment` is not an `Experiment`.
    ValueError
        As `train`.
    MemoryError
        If what it would draw does not fit into the memory.
    """
    _check_experiment(experiment)
    f, h, start = experiment.f, experiment.h, experiment.start
    check_memory(experiment, h, 0, start.samples)  # what is drawn has to fit, too
    samples = start.train_set(f, arithmetic) if train_set is None else train_set
    samples = check_dataset(samples, "training set")
    if train_set is not None and test_set is None:
        raise ValueError(
            "a training set of your own needs a test set, where the error is to be measured; the "
            "standard one is test_set=get_test_set(f)"
        )
    test_samples = start.test_set(f, arithmetic) if test_set is None else test_set
    U, V = check_weights(start.initial_weights(h) if weights is None else weights, h)
    for _, part in experiment.parts:
        if part.batch is not None and part.batch > len(samples[0]):
            raise ValueError(
                f"batch must be at most {len(samples[0])}, as there are no more samples, "
                f"got {part.batch}"
            )
    return samples, check_dataset(test_samples, "test set"), pack(U, V)


def fingerprint(
    experiment: Experiment,
    *,
    train_set: _Pair | None = None,
    test_set: _Pair | None = None,
    weights: _Pair | None = None,
    arithmetic: str | Arithmetic = "portable",
) -> str:
    """What a run follows from, as one checksum: results are kept and found by it.

    A function is known by the values it takes in the datasets, not by its name, and a number by
    its bits, not by how it prints.

    Parameters
    ----------
    experiment, train_set, test_set, weights, arithmetic
        As of `train`.

    Returns
    -------
    str
        The SHA-256 of `h`, learning rate, epochs, the name of the arithmetic, of what moves the
        weights if it is not the document's descent, and of training set, test set and initial
        weights, as little-endian doubles.

    Raises
    ------
    TypeError, ValueError, MemoryError
        As `starting_point`.
    """
    arithmetic = find_arithmetic(arithmetic)
    samples, test_samples, row = starting_point(
        experiment, train_set, test_set, weights, arithmetic
    )
    numbers = experiment.h, experiment.learning_rate.hex(), experiment.epochs
    method = experiment.replaced(start=Start()).more.split()
    digest = sha256(" ".join(map(str, (*numbers, arithmetic, *method))).encode())
    for array in (*samples, *test_samples, row):
        digest.update(f" {len(array)} ".encode() + array.astype("<f8").tobytes())
    return digest.hexdigest()


def train(
    experiment: Experiment,
    *,
    train_set: _Pair | None = None,
    test_set: _Pair | None = None,
    weights: _Pair | None = None,
    arithmetic: str | Arithmetic = "portable",
    engine: str | None = None,
    seen: Seen | None = None,
    progress: bool = False,
) -> History:
    """Train the network, by full-batch gradient descent if the experiment says nothing else.

    Parameters
    ----------
    experiment : Experiment
    train_set, test_set : pair of array_like, shape (N,), optional
        Inputs and wanted outputs; those of the experiment's start if not given. A training set
        needs a test set, as the error is to be measured where the network has been trained.
    weights : pair of array_like, shapes (h-1, 2) and (1, h) or (h,), optional
        The initial `U` and `V`; those of the experiment's start if not given.
    arithmetic : str or Arithmetic, optional
        ``"portable"``, which gives the same bits on every machine; ``"replay"``, which gives those
        of the machine that the document's figures come from, for `h` up to 12; or one of your own.
    engine : {None, "numpy", "kernel"}, optional
        What runs the loop: numpy, or the kernel, which is compiled, and gives the same bits in less
        time. It has no arithmetic of your own, no optimizer that is not `compiled`, and of the
        replay plain descent alone. Without a choice it is the kernel if it can be used;
        `nnlib.kernel.status` says whether it can.
    seen : int or sequence of int, optional
        At which epochs weights, gradients and errors are kept, and the test error is computed: at
        every so many, or at those given; and at 0, where something changes, and at the last in any
        case. At all if not given.
        `logarithmic` gives epochs that lie evenly on a logarithmic scale. The numbers are those of
        the whole history at these epochs.
    progress : bool, optional
        Show a progress bar if it takes more than a second.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        If a training set is given without a test set, a dataset is empty, not of finite real
        numbers or of unequal lengths, or has fewer samples than a batch; the weights are not finite
        or do not fit `h`; the arithmetic is unknown or does not take that `h`; the engine is
        unknown, or has not this arithmetic or optimizer; or `seen` is not an integer of at least 1,
        nor epochs of the run.
    nnlib.kernel.KernelError
        If the kernel is asked for and cannot be used.
    MemoryError
        If the history does not fit into the memory, or into that of a kernel that is asked for.

    Warns
    -----
    RuntimeWarning
        If the error overflows: with the initial weights, because they or the wanted outputs are
        too large; later, because the learning rate is. The run stops there and the rest of the
        history is NaN. An overflow of the training error is found at every epoch, and one of the
        test error alone at those that are seen.

    Notes
    -----
    Sections 2.4 and 2.5 of the document. Both weights are updated from gradients at the old ones;
    as there, the learning rate multiplies the sum over the samples before that is divided by N.

    Examples
    --------
    >>> from nnlib import Experiment, f1, train
    >>> train(Experiment(f1, h=2, learning_rate=0.1, epochs=1000))
    (f1, 2, 0.1, 1000): last error 0.0051, lowest error 0.0051 at epoch 1000
    """
    history = train_quietly(
        experiment,
        train_set=train_set,
        test_set=test_set,
        weights=weights,
        arithmetic=arithmetic,
        engine=engine,
        seen=seen,
        progress=progress,
    )
    overflow = history.overflow_epoch
    if overflow is not None:
        culprit = "the learning rate is" if overflow else "initial weights or wanted outputs are"
        before = int(history.seen[max(history.row(overflow) - 1, 0)])
        when = (
            f"from epoch {before} to {overflow}"
            if before < overflow - 1
            else f"at epoch {overflow}"
        )
        warnings.warn(
            f"{experiment} overflows {when}: {culprit} too large",
            RuntimeWarning,
            stacklevel=2,
        )
    return history


def train_quietly(
    experiment: Experiment,
    *,
    train_set: _Pair | None = None,
    test_set: _Pair | None = None,
    weights: _Pair | None = None,
    arithmetic: str | Arithmetic = "portable",
    engine: str | None = None,
    seen: Seen | None = None,
    progress: bool = False,
) -> History:
    """Train as `train` does, but without a warning: `History.overflow_epoch` tells it as well.

    For runs in threads, where a warning cannot be ignored safely: Python 3.11 keeps the filters of
    `warnings.catch_warnings` for the whole process.
    """
    check_rounding()
    arithmetic = find_arithmetic(arithmetic)
    _check_experiment(experiment)
    epochs = _find_seen(experiment, seen)
    samples, test_samples, initial = starting_point(
        experiment, train_set, test_set, weights, arithmetic
    )
    h, entries = experiment.h, experiment.epochs + 1 if epochs is None else len(epochs)

    rows = np.full((entries, 3 * h - 2), np.nan)  # all weights of an epoch in a row
    sums = np.full((entries, 3 * h - 1), np.nan)  # all gradients, and the loss
    test_error = np.full(entries, np.nan)
    U, V = unpack(rows, h)
    rows[0] = initial
    run = descend(
        experiment, samples, test_samples, rows, sums, test_error, epochs, arithmetic, engine=engine
    )
    for _ in _with_bar(run, experiment.epochs) if progress else run:
        pass

    with np.errstate(all="ignore"):
        means = np.divide(sums, len(samples[0]), out=sums)
        train_error = means[:, -1].copy()
        finite = np.isfinite(test_error + train_error)
    if not finite.all():
        overflow = int(np.argmin(finite))
        for array in (test_error, train_error, rows):
            array[overflow + 1 :] = np.nan
            array[np.isnan(array)] = np.nan  # the sign of a NaN that was computed is not fixed
        means[overflow:] = np.nan
    grad_U, grad_V = unpack(means[:-1, :-1], h)
    return History(
        experiment,
        test_error,
        train_error,
        U,
        V,
        grad_U,
        grad_V,
        arithmetic,
        train_set=samples,
        test_set=test_samples,
        seen=np.arange(entries) if epochs is None else epochs,
    )


def train_many(
    experiments: Iterable[Experiment],
    *,
    arithmetic: str | Arithmetic = "portable",
    engine: str | None = None,
    seen: Seen | None = None,
    threads: int | None = None,
    progress: bool = False,
) -> list[History]:
    """Train many networks, each as `train` does, on all cores, and without warnings.

    Parameters
    ----------
    experiments : iterable of Experiment
        Where samples or weights are to differ, with other seeds in their starts.
    arithmetic, engine, seen
        As of `train`. With `seen`, histories are small enough for thousands of them.
    threads : int, optional
        How many run at a time; one for each core if not given. They help where the kernel runs the
        loop, as Python waits for no thread that is in it.
    progress : bool, optional
        Show a progress bar if it takes more than a second.

    Returns
    -------
    list of History
        In the order of the experiments; `History.overflow_epoch` tells which of them overflow.

    Raises
    ------
    ValueError, TypeError, MemoryError, nnlib.kernel.KernelError
        As `train`; what has not begun is not trained then.

    Examples
    --------
    >>> from nnlib import Experiment, f1, logarithmic, train_many
    >>> runs = [Experiment(f1, 3, 0.1, 1000).starting(samples=30, data=k) for k in range(1, 4)]
    >>> [run.V.shape for run in train_many(runs, seen=logarithmic(1000, 20))]
    [(20, 3), (20, 3), (20, 3)]
    """
    from concurrent.futures import ThreadPoolExecutor

    experiments = list(experiments)
    some = _cores() if threads is None else check_integer("threads", threads, least=1)

    def run(experiment: Experiment) -> History:
        return train_quietly(experiment, arithmetic=arithmetic, engine=engine, seen=seen)

    with ThreadPoolExecutor(some) as pool:
        futures = [pool.submit(run, experiment) for experiment in experiments]
        done = (future.result() for future in futures)
        try:
            return list(_with_count(done, len(futures)) if progress else done)
        finally:  # none after one that failed, or an interruption
            for future in futures:
                future.cancel()


def _cores() -> int:
    """How many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not every system says it
        return os.cpu_count() or 1


def logarithmic(epochs: int, n: int) -> NDArray[np.int64]:
    """Epochs that lie evenly on a logarithmic scale, as `train` takes them for `seen`.

    Parameters
    ----------
    epochs : int
        The last one.
    n : int
        How many, with 0 and the last; at least 2.

    Returns
    -------
    ndarray of int, shape (n,)
        Ascending, none of them twice: the first follow each other, as there is none between them.
        All of them if there are not so many.

    Raises
    ------
    ValueError
        If one of the two is not an integer, or too small.

    Examples
    --------
    >>> from nnlib import logarithmic
    >>> logarithmic(10_000, 12).tolist()
    [0, 1, 3, 7, 17, 42, 105, 261, 649, 1615, 4019, 10000]
    """
    epochs = check_integer("epochs", epochs, least=0)
    found = [0]
    for left in range(min(check_integer("n", n, least=2) - 1, epochs), 0, -1):
        last = found[-1]
        even = last * (epochs / last) ** (1 / left) if last else 1
        found.append(epochs if left == 1 else max(round(even), last + 1))
    return np.array(found)


def _find_seen(experiment: Experiment, seen: Seen | None) -> NDArray[np.int64] | None:
    """The epochs that are to be kept, if their numbers fit into the memory; None for all."""
    h, last, N = experiment.h, experiment.epochs, experiment.start.samples
    rates = 4 * last if _has_many_rates(experiment) else 0
    if seen is None:
        check_memory(experiment, h, last, N, rates)
        return None
    if isinstance(seen, bool) or not isinstance(seen, int | np.integer):
        chosen = _epochs(seen, last)
        check_memory(experiment, h, len(chosen), N, rates)
    else:
        every = check_integer("seen", seen, least=1)
        check_memory(experiment, h, last // every + 1, N, rates)
        chosen = np.arange(0, last + 1, min(every, last + 1))
    changes = [epoch for epoch, _ in experiment.later]
    return np.union1d(chosen, (0, *changes, last)).astype(np.int64)


def _epochs(seen: object, last: int) -> NDArray[np.int64]:
    """Epochs that are given one by one."""
    try:
        found = np.asarray(seen)
    except ValueError:  # rows of several lengths, for one
        found = np.empty(())
    if found.ndim != 1 or (found.size and found.dtype.kind not in "iu"):
        raise ValueError(
            f"seen must be an integer, or a sequence of epochs, such as logarithmic(1000, 50), "
            f"got {show(seen)}"
        )
    for epoch in found[(found < 0) | (found > last)]:
        raise ValueError(f"seen must be epochs from 0 to {last}, got {epoch}")
    return found.astype(np.int64)


def _check_experiment(experiment: object) -> None:
    """Refuse what is not an experiment."""
    if not isinstance(experiment, Experiment):
        raise TypeError(f"experiment must be an Experiment, got {experiment!r}")


def descend(
    experiment: Experiment,
    train_set: Dataset,
    test_set: Dataset,
    rows: Floats,
    sums: Floats,
    test_error: Floats,
    seen: NDArray[np.int64] | None,
    arithmetic: Arithmetic,
    *,
    engine: str | None = None,
    at_once: int | None = None,
) -> Iterator[int]:
    """Fill a history from its first row on, until an overflow; how many epochs there are so far."""
    run = experiment, train_set, test_set, rows, sums, test_error, seen, arithmetic
    if _takes_kernel(engine, arithmetic, experiment):
        from nnlib import kernel

        try:
            yield from _descend_in_stretches(_descend_compiled, *run, at_once)
            return
        except (kernel.KernelError, MemoryError):
            if engine == "kernel":
                raise
    yield from _descend_in_stretches(_descend, *run, at_once)


class _Stretch(NamedTuple):
    """Epochs in which an optimizer goes on with what it remembers."""

    first: int
    last: int
    part: Experiment  # what it begins with; only rate, schedule and shuffle are others later
    rates: Floats  # of each of its updates
    orders: Iterator[NDArray[np.int64]]  # of the samples, for each of its passes


def _find_stretches(experiment: Experiment, N: int) -> Iterator[_Stretch]:
    """Divide a run where its optimizer begins anew, see `Experiment.at`."""
    rates, orders = _rates(experiment), _orders(experiment, N)
    begun: list[tuple[int, Experiment]] = []
    for epoch, part in experiment.parts:
        if not begun or not _goes_on(begun[-1][1], part):
            begun.append((epoch, part))
    ends = [epoch for epoch, _ in begun[1:]] + [experiment.epochs]
    for (first, part), last in zip(begun, ends, strict=True):
        yield _Stretch(first, last, part, rates[first:last], orders)


def _goes_on(before: Experiment, after: Experiment) -> bool:
    """Whether what an optimizer remembers is of use after a change."""
    same = all(getattr(before, one) == getattr(after, one) for one in _REMEMBERED)
    return same and after.optimizer.scheduled


def _descend_in_stretches(
    descend: Callable[..., Iterator[int]],
    experiment: Experiment,
    train_set: Dataset,
    test_set: Dataset,
    rows: Floats,
    sums: Floats,
    test_error: Floats,
    seen: NDArray[np.int64] | None,
    arithmetic: Arithmetic,
    at_once: int | None,
) -> Iterator[int]:
    """Do it stretch by stretch: each begins at the last epoch of the one before.

    The gradient at that epoch is the one that leads on, with the penalty of the new stretch.
    """
    for stretch in _find_stretches(experiment, len(train_set[0])):
        first, last = stretch.first, stretch.last
        begin, end = (first, last) if seen is None else np.searchsorted(seen, (first, last))
        part = slice(begin, end + 1)
        history = rows[part], sums[part], test_error[part]
        some = None if seen is None else seen[part] - first
        done = 0
        for done in descend(stretch, train_set, test_set, *history, some, arithmetic, at_once):
            yield first + done
        if done <= last - first or not math.isfinite(sums[end, -1]):
            return


def _descend(
    stretch: _Stretch,
    train_set: Dataset,
    test_set: Dataset,
    rows: Floats,
    sums: Floats,
    test_error: Floats,
    seen: NDArray[np.int64] | None,
    arithmetic: Arithmetic,
    at_once: int | None,
) -> Iterator[int]:
    """Do it in numpy."""
    (x, y), (x_test, y_test) = train_set, test_set
    (first, last, part, rates, orders), size = stretch, rows.shape[1]
    h, epochs = part.h, last - first
    optimizer, batch, penalty = part.optimizer, part.batch, part.penalty
    U, V = unpack(rows, h)
    gradient = arithmetic.gradient(x, y, h)
    state = optimizer.begin(size, train_set, penalty)
    some = max(1, _AT_ONE_GO // h)
    w, n, written, epoch = rows[0], x.size, 0, 0
    for start in range(0, epochs + 1, some):
        begun, overflow = written, False
        with np.errstate(all="ignore"):
            np.setbufsize(_BUFFER)  # until errstate ends
            for epoch in range(start, min(start + some, epochs + 1)):
                plain = gradient.sums(w)
                whole = add_penalty(plain, w, n, penalty)
                if seen is None or epoch == seen[written]:
                    rows[written] = w
                    sums[written, :-1], sums[written, -1] = whole[:-1], plain[-1]  # no error has it
                    written += 1
                overflow = not math.isfinite(plain[-1])
                if epoch == epochs or overflow:
                    break
                rate = rates[epoch]
                if batch is None:
                    w, state = optimizer.step(w, whole, n, rate, state)
                    continue
                for few in _parts(next(orders), batch):
                    found = arithmetic.gradient(x[few], y[few], h).sums(w)
                    if few.size < batch:
                        found *= batch / few.size
                    found = add_penalty(found, w, batch, penalty)
                    w, state = optimizer.step(w, found, batch, rate, state)
            part = slice(begun, written)
            o = arithmetic.forward_pass(U[part], V[part], x_test)
            test_error[part] = arithmetic.loss(o - y_test)
        yield epoch + 1
        if overflow:
            return


def _has_many_rates(experiment: Experiment) -> bool:
    """Whether the learning rate of an update depends on its epoch."""
    return bool(experiment.later) or experiment.schedule != Constant()


@np.errstate(all="ignore")
def _rates(experiment: Experiment) -> Floats:
    """The learning rate of each update, before what the run makes of it."""
    epochs, rate = experiment.epochs, experiment.learning_rate
    if not _has_many_rates(experiment):  # which takes no memory then
        return np.broadcast_to(rate, epochs)
    rates = np.empty(epochs)
    for first, part in experiment.parts:
        rates[first:] = part.learning_rate * part.schedule.factors(epochs)[first:]
    return rates


def _orders(experiment: Experiment, N: int) -> Iterator[NDArray[np.int64]]:
    """The orders in which the samples come, one for each pass in batches."""
    parts, shuffle, rng = experiment.parts, None, generator(0)
    ends = [epoch for epoch, _ in parts[1:]] + [experiment.epochs]
    for (first, part), last in zip(parts, ends, strict=True):
        if part.shuffle != shuffle:
            shuffle, rng = part.shuffle, generator(part.shuffle)
        for _ in range(first, last if part.batch else first):
            yield rng.permutation(N)


def _parts(order: NDArray[np.int64], batch: int) -> Iterator[NDArray[np.int64]]:
    """The batches of a pass; the last may be smaller."""
    for start in range(0, order.size, batch):
        yield order[start : start + batch]


def _takes_kernel(engine: str | None, arithmetic: Arithmetic, experiment: Experiment) -> bool:
    """Whether a compiled loop is to be tried, which the library's own arithmetics have."""
    check_engine(engine)
    if arithmetic == PORTABLE:
        optimizers = [part.optimizer for _, part in experiment.parts]
        missing = next((one.name for one in optimizers if not one.compiled), "")
    elif arithmetic == find_arithmetic("replay"):
        other = experiment.replaced(start=Start()).more  # than plain descent
        missing = other and f"{other} in the replay arithmetic"
    else:
        missing = f"{arithmetic} arithmetic"
    if engine == "kernel" and missing:
        raise ValueError(f"the kernel has no {missing}; numpy has it")
    return not missing and engine != "numpy"


def _descend_compiled(
    stretch: _Stretch,
    train_set: Dataset,
    test_set: Dataset,
    rows: Floats,
    sums: Floats,
    test_error: Floats,
    seen: NDArray[np.int64] | None,
    arithmetic: Arithmetic,
    at_once: int | None,
) -> Iterator[int]:
    """Do it in a kernel, which may fail at that."""
    from nnlib import kernel

    history, part = (rows, sums, test_error), stretch.part
    if arithmetic != PORTABLE:
        from nnlib.kernel import replay

        return replay.descend(train_set, test_set, part.learning_rate, *history, seen)
    return kernel.descend(
        train_set,
        test_set,
        stretch.rates,
        *history,
        optimizer=part.optimizer.name,
        settings=part.optimizer.settings(),
        batch=part.batch,
        penalty=part.penalty,
        orders=stretch.orders,
        seen=seen,
        at_once=at_once,
    )


def _with_bar(done: Iterable[int], epochs: int) -> Iterator[int]:
    """Show how many of the epochs are done; what draws it takes as long to load as the core."""
    from tqdm import tqdm

    with tqdm(total=epochs, delay=1, unit="epoch") as bar:
        for n in done:
            bar.update(min(n, epochs) - bar.n)
            yield n


def _with_count(histories: Iterable[History], runs: int) -> Iterable[History]:
    """Show how many of the runs are done."""
    from tqdm import tqdm

    return tqdm(histories, total=runs, delay=1, unit="run")
