"""The history that a training leaves: errors, weights and gradients, epoch by epoch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib.arithmetic import ARITHMETICS, PORTABLE, Arithmetic, find_arithmetic
from nnlib.checks import check_dataset, check_h, check_integer, check_numbers
from nnlib.elementary import Floats
from nnlib.experiment import Experiment, read_more, split
from nnlib.targets import Target, find_target

__all__ = ["Dataset", "History"]

Dataset = tuple[Floats, Floats]

_FORMAT = "nnlib history 1"  # of the files; another number for another layout
_ABOUT = (
    "format",
    "f",
    "h",
    "learning_rate",
    "epochs",
    "start",
    "arithmetic",
    "checksum",
    "N",
    "N_test",
    "samples",
)
_ARRAYS = ("test_error", "train_error", "U", "V", "grad_U", "grad_V")
_SAMPLES = ("x", "y", "x_test", "y_test")
# How far the values of one function may differ between two machines: its last bits may.
_SAME = 1e-9


@dataclass(frozen=True, eq=False, repr=False)
class History:
    """What a training did, epoch by epoch; entry 0 is the state before the first update.

    It is of every epoch, or of those at which `nnlib.train` was to see it.

    Attributes
    ----------
    experiment : Experiment
    test_error, train_error : ndarray, shape (n,)
        Half the mean squared error on the test set and on the training set, at each of the epochs
        that were seen; n is epochs + 1 if those are all.
    U : ndarray, shape (n, h-1, 2)
    V : ndarray, shape (n, h)
        The weights.
    grad_U : ndarray, shape (n-1, h-1, 2)
    grad_V : ndarray, shape (n-1, h)
        The gradient at each of them but the last, of all samples, and of the loss with its penalty,
        if there is one: with descent, it led to the next epoch.
    arithmetic : Arithmetic
        How it was computed.
    train_set, test_set : tuple of ndarray, shape (N,)
        What it was trained on, and where its test error was measured: inputs and wanted outputs.
        Those of the experiment's start if not given.
    seen : ndarray of int, shape (n,)
        The epochs that the rows are of, ascending, the first and the last of the run among them.
        All of them if not given.

    Notes
    -----
    After an overflow, everything is NaN. The arrays that a history is made of become read-only,
    with all that they are views of, and so are those of its copies; copy what you want to change.

    Examples
    --------
    >>> from nnlib import Experiment, f1, train
    >>> history = train(Experiment(f1, 3, 0.1, 1000))
    >>> history
    (f1, 3, 0.1, 1000): last error 0.0068, lowest error 0.0068 at epoch 1000
    >>> history.V.shape, history.grad_U.shape
    ((1001, 3), (1000, 2, 2))
    >>> thin = train(Experiment(f1, 3, 0.1, 1000), seen=100)
    >>> thin
    (f1, 3, 0.1, 1000) at 11 epochs: last error 0.0068, lowest error 0.0068 at epoch 1000
    >>> thin.V.shape, bool((thin.V == history.V[thin.seen]).all())
    ((11, 3), True)
    """

    experiment: Experiment
    test_error: Floats
    train_error: Floats
    U: Floats
    V: Floats
    grad_U: Floats
    grad_V: Floats
    arithmetic: Arithmetic = PORTABLE
    train_set: Dataset = None  # type: ignore[assignment]  # until __post_init__
    test_set: Dataset = None  # type: ignore[assignment]
    seen: NDArray[np.int64] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.seen is None:  # pyright: ignore[reportUnnecessaryComparison]
            object.__setattr__(self, "seen", np.arange(len(self.test_error)))
        experiment, arithmetic = self.experiment, self.arithmetic
        for name in ("train_set", "test_set"):
            if getattr(self, name) is None:
                drawn = getattr(experiment.start, name)(experiment.f, arithmetic)
                object.__setattr__(self, name, drawn)  # past the lock of a frozen dataclass
        for array in (*self._arrays(), *self.train_set, *self.test_set, self.seen):
            _lock(array)

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Copying and unpickling make new arrays, and come by here instead of __post_init__.
        self.__dict__.update(state)
        self.__post_init__()

    def __repr__(self) -> str:
        thinned = "" if self.is_whole else f" at {len(self.seen)} epochs"
        return (
            f"{self.experiment}{thinned}: last error {self.last_error:.4f}, "
            f"lowest error {self.lowest_error:.4f} at epoch {self.best_epoch}"
        )

    @property
    def is_whole(self) -> bool:
        """Whether every epoch was seen."""
        return bool(len(self.seen) == self.seen[-1] + 1)

    def check_whole(self, what: str) -> None:
        """Refuse a history of some epochs where all are needed.

        Parameters
        ----------
        what : str
            What needs them, for the error.

        Raises
        ------
        ValueError
            If not every epoch was seen.
        """
        if not self.is_whole:
            raise ValueError(
                f"{what} needs every epoch, and {self.experiment} was seen at {len(self.seen)} "
                f"of {self.seen[-1] + 1}: train it without seen"
            )

    def row(self, epoch: int) -> int:
        """Which row of the arrays is of an epoch.

        Parameters
        ----------
        epoch : int
            One that was seen; negative ones count from the end of the run.

        Returns
        -------
        int

        Raises
        ------
        ValueError
            If there is no such epoch, or it was not seen.
        """
        epochs = int(self.seen[-1])
        epoch = check_integer("epoch", epoch, least=-epochs - 1, most=epochs) % (epochs + 1)
        row = int(np.searchsorted(self.seen, epoch))
        if self.seen[row] != epoch:
            raise ValueError(
                f"epoch must be one that was seen, got {epoch}: the nearest of them are "
                f"{self.seen[row - 1]} and {self.seen[row]}"
            )
        return row

    @property
    def last_error(self) -> float:
        """The test error after the last epoch; NaN after an overflow."""
        return float(self.test_error[-1])

    @property
    def lowest_error(self) -> float:
        """The lowest test error, of those that were seen."""
        return float(self.test_error[self._best_row()])

    @property
    def best_epoch(self) -> int:
        """The first epoch with the lowest test error, of those that were seen."""
        return int(self.seen[self._best_row()])

    @property
    @np.errstate(all="ignore")
    def overflow_epoch(self) -> int | None:
        """The first epoch whose error is not finite, of those that were seen; or None.

        The run may have come to its end at an epoch between it and the one that was seen before.
        """
        overflow = np.flatnonzero(~np.isfinite(self.test_error + self.train_error))
        return int(self.seen[overflow[0]]) if overflow.size else None

    @property
    def gradient_norm(self) -> Floats:
        """The Euclidean norm of the gradient, over all weights together.

        Returns
        -------
        ndarray, shape (n-1,)
            Entry i is of the gradient at epoch ``seen[i]``, the norm of ``grad_U[i]`` and
            ``grad_V[i]``; 0 where the gradient vanishes, NaN after an overflow.
        """
        return self._gradients()[0]

    @property
    @np.errstate(all="ignore")
    def gradient_angle(self) -> Floats:
        """The angle between consecutive gradients.

        Returns
        -------
        ndarray, shape (epochs,)
            Entry n is the angle of the gradients n-1 and n, in radians: 0 if they point the same
            way, π if one is opposite to the other. NaN for the first gradient, which has none
            before it; where one of the two vanishes, as it then has no direction; and after an
            overflow.

        Raises
        ------
        ValueError
            If not every epoch was seen.

        Notes
        -----
        The arccosine of the scalar product of the two unit vectors a and b, computed as
        twice the arctangent of the lengths of a - b and a + b: near 0 the arccosine loses half of
        the digits.
        """
        self.check_whole("the angle of a gradient to the one before")
        _, directions = self._gradients()
        angles = np.full(len(directions), np.nan)
        apart, along = (
            np.sqrt(np.add.reduce((directions[1:] + sign * directions[:-1]) ** 2, axis=-1))
            for sign in (-1, 1)
        )
        angles[1:] = 2 * np.arctan2(apart, along)
        return angles

    @np.errstate(all="ignore")
    def predict(self, x: ArrayLike, epoch: int = -1) -> Any:
        """What the network had learned after an epoch.

        Parameters
        ----------
        x : array_like
            Inputs, of any shape.
        epoch : int
            From 0 to `epochs`, one that was seen; negative ones count from the end of the run.

        Returns
        -------
        ndarray or float
            Outputs, in the shape of `x`.

        Raises
        ------
        ValueError
            If there is no such epoch, or it was not seen, or an input is no real number.

        Examples
        --------
        >>> from nnlib import Experiment, f1, train
        >>> history = train(Experiment(f1, 3, 0.1, 1000))
        >>> history.predict([0, 5]).round(2).tolist()
        [1.06, 2.31]
        """
        row = self.row(epoch)
        inputs = check_numbers("x", x)
        o = self.arithmetic.forward_pass(self.U[row], self.V[row], inputs.ravel())
        return o.reshape(inputs.shape)[()]

    def checksum(self) -> str:
        """The SHA-256 of all numbers, as little-endian doubles in the order of the attributes.

        If not every epoch was seen, it is of what was, and of which epochs: no part of the whole's.
        """
        epochs = () if self.is_whole else (self.seen.astype(float),)
        return _checksum((*self._arrays(), *epochs))

    def to_dict(self) -> dict[str, np.ndarray[Any, Any]]:
        """Errors, weights and gradients as a table, for ``pandas.DataFrame`` or the like.

        Returns
        -------
        dict of str to ndarray, shape (n,)
            Each row is an epoch that was seen. The columns are ``epoch``, ``test_error``,
            ``train_error``, each weight under the name that the document gives it, and
            ``gradient_norm`` and ``gradient_angle``, which are NaN in the last row: no gradient
            leads on from there. The angle is there only if every epoch was seen.

        Examples
        --------
        >>> from nnlib import Experiment, f1, train
        >>> ", ".join(train(Experiment(f1, 2, 0.1, 10)).to_dict())
        'epoch, test_error, train_error, U[0,0], U[0,1], V[0], V[1], gradient_norm, gradient_angle'
        """
        _, neurons, inputs = self.U.shape
        return {
            "epoch": self.seen,
            "test_error": self.test_error,
            "train_error": self.train_error,
            **{f"U[{i},{j}]": self.U[:, i, j] for i in range(neurons) for j in range(inputs)},
            **{f"V[{i}]": self.V[:, i] for i in range(self.V.shape[1])},
            "gradient_norm": np.append(self.gradient_norm, np.nan),
            **({"gradient_angle": np.append(self.gradient_angle, np.nan)} if self.is_whole else {}),
        }

    def save(self, file: str | Path) -> None:
        """Write everything to a file in NumPy's npz format, for `load`.

        Parameters
        ----------
        file : str or Path
            Where, as it is written here; what is there is replaced.

        Raises
        ------
        ValueError
            If it is a folder, a device or a pipe, or lies where no file can be written.
        OSError
            If writing fails, as on a full disk.
        """
        from nnlib import results  # here, as few sessions keep anything

        experiment, samples = self.experiment, (*self.train_set, *self.test_set)
        about = {
            "format": _FORMAT,
            "f": experiment.function_name,
            "h": experiment.h,
            "learning_rate": experiment.learning_rate,
            "epochs": experiment.epochs,
            "start": experiment.more,
            "arithmetic": self.arithmetic.name,
            "checksum": self.checksum(),
            "N": len(self.train_set[0]),
            "N_test": len(self.test_set[0]),
            "samples": _checksum(samples),
        }
        epochs: dict[str, Any] = {} if self.is_whole else {"seen": self.seen}
        about |= {name: len(array) for name, array in epochs.items()}
        arrays = dict(zip((*_SAMPLES, *_ARRAYS), (*samples, *self._arrays()), strict=True))
        wanted = _values(experiment.start.target(experiment.f), self.test_set[0])
        results.save(file, {**about, "seal": _seal(about)}, wanted=wanted, **arrays, **epochs)

    @classmethod
    def load(
        cls,
        file: str | Path,
        f: Target | None = None,
        arithmetic: str | Arithmetic | None = None,
    ) -> History:
        """Read a history from a file that `save` has written.

        Parameters
        ----------
        file : str or Path
        f : callable, optional
            The target function, which a file cannot hold: needed if it is neither `f1` nor `f2`.
        arithmetic : Arithmetic, optional
            Likewise, if it is one of your own.

        Returns
        -------
        History

        Raises
        ------
        ValueError
            If the file is damaged or something else, an array has another shape or type than the
            run's, a checksum of its numbers is not the one that is kept in it, or `f` or
            `arithmetic` is missing or another than that which made it.
        FileNotFoundError
            If there is no such file.

        Notes
        -----
        Functions are compared by their values at the inputs of the test set, up to what their last
        bits may differ from one machine to the next.
        """
        from nnlib import results

        Path(file).stat()  # a missing file is no damaged one
        about, arrays = results.read(file, "histories", layout=_layout)
        more = read_more(split(about["start"]))
        numbers = about["h"], about["learning_rate"], about["epochs"]
        experiment = Experiment(_find_function(file, about["f"], f), *numbers, **more)
        train_set, test_set = _find_samples(file, experiment, about, arrays)
        history = cls(
            experiment,
            *(arrays[name] for name in _ARRAYS),
            arithmetic=_find_arithmetic(file, about["arithmetic"], arithmetic),
            train_set=train_set,
            test_set=test_set,
            seen=_check_seen(file, arrays.get("seen"), experiment.epochs),
        )
        if history.checksum() != about["checksum"]:
            raise ValueError(
                f"{file} is damaged: its checksum was {about['checksum']}, "
                f"and now is {history.checksum()}"
            )
        return history

    @np.errstate(all="ignore")
    def _gradients(self) -> tuple[Floats, Floats]:
        """The norms and the directions of all gradients; NaN for the direction of none."""
        columns = self.grad_U[..., 0], self.grad_U[..., 1], self.grad_V
        rows: Floats = np.concatenate(columns, axis=1)
        # Divided by the largest entry first, or the squares of very large or small ones are lost.
        largest: Floats = abs(rows).max(axis=1, keepdims=True)
        pointing = (largest > 0) & np.isfinite(largest)
        scaled = np.divide(rows, largest, out=np.full(rows.shape, np.nan), where=pointing)
        lengths: Floats = np.sqrt(np.add.reduce(scaled**2, axis=1, keepdims=True))
        norms = largest.copy()
        norms[pointing] *= lengths[pointing]
        return norms[:, 0], scaled / lengths

    def _best_row(self) -> int:
        """The first row with the lowest test error."""
        return int(np.argmin(np.where(np.isnan(self.test_error), np.inf, self.test_error)))

    def _arrays(self) -> tuple[Floats, ...]:
        return (self.test_error, self.train_error, self.U, self.V, self.grad_U, self.grad_V)


def _checksum(arrays: Iterable[Floats]) -> str:
    """The SHA-256 of all numbers, as little-endian doubles."""
    digest = sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return digest.hexdigest()


def _lock(array: Any) -> None:
    """Make an array read-only, and all that it is a view of."""
    while isinstance(array, np.ndarray):
        array.flags.writeable = False
        array = array.base


def _layout(about: dict[str, Any]) -> dict[str, tuple[str, tuple[int, ...]]]:
    """The types and the shapes of the arrays of a file, from what it says of its run."""
    if about.get("format") != _FORMAT:
        raise ValueError(f"it is not of the format {_FORMAT!r}, but of {about.get('format')!r}")
    if about.get("seal") != _seal(about):
        raise ValueError("what it says of the run was changed")
    for name in ("f", "start", "arithmetic"):
        if not isinstance(about[name], str):
            raise ValueError(f"its {name} must be a text, got {about[name]!r}")
    h, epochs = check_h(about["h"]), check_integer("epochs", about["epochs"], least=0)
    N, N_test = (check_integer(name, about[name], least=1) for name in ("N", "N_test"))
    U, V = (h - 1, 2), (h,)
    thinned = "seen" in about
    n = check_integer("seen", about["seen"], least=1, most=epochs) if thinned else epochs + 1
    states = [(n, *one) for one in ((), (), U, V)]  # two errors, and the weights
    shapes = states + [(n - 1, *gradient) for gradient in (U, V)]
    samples = [(N,), (N,), (N_test,), (N_test,), (N_test,)]
    names = (*_ARRAYS, *_SAMPLES, "wanted")
    layout = {name: ("f8", shape) for name, shape in zip(names, [*shapes, *samples], strict=True)}
    return layout | ({"seen": ("i8", (n,))} if thinned else {})


def _seal(about: Mapping[str, Any]) -> str:
    """The SHA-256 of all that a file says of a run."""
    said = {name: about.get(name) for name in _ABOUT}
    if "seen" in about:  # which files of whole histories have not
        said["seen"] = about["seen"]
    return sha256(json.dumps(said).encode()).hexdigest()


def _find_function(file: str | Path, name: str, f: Target | None) -> Target:
    """The function that is given, or that the library has under a name."""
    if f is None:
        try:
            return find_target(name)
        except ValueError:
            raise ValueError(
                f"{file} is of a function {name!r} of your own: give it as f=..."
            ) from None
    return f


def _check_seen(file: str | Path, seen: Any, epochs: int) -> Any:
    """The epochs that a file is of, if they are in order; None if they are all."""
    if seen is not None and (seen[0] != 0 or seen[-1] != epochs or (np.diff(seen) < 1).any()):
        raise ValueError(f"{file} is damaged: its epochs must ascend from 0 to {epochs}")
    return seen


def _find_samples(
    file: str | Path, experiment: Experiment, about: Mapping[str, Any], arrays: Mapping[str, Floats]
) -> tuple[Dataset, Dataset]:
    """The samples that are in a file, if the function is that which they are of."""
    samples = tuple(arrays[name] for name in _SAMPLES)
    if _checksum(samples) != about["samples"]:
        raise ValueError(f"{file} is damaged: its samples are others than those it was made with")
    x, y, x_test, y_test = samples
    wanted, values = arrays["wanted"], _values(experiment.start.target(experiment.f), x_test)
    largest = abs(wanted).max(initial=0.0, where=np.isfinite(wanted))
    if not np.allclose(values, wanted, rtol=_SAME, atol=_SAME * largest, equal_nan=True):
        raise ValueError(
            f"{file} is of another function {about['f']!r}, with other values than {experiment.f!r}"
        )
    return check_dataset((x, y), "training set"), check_dataset((x_test, y_test), "test set")


def _values(f: Target, x: Floats) -> Floats:
    """The values of a function; NaN if it has none there, as its name alone may be what counts."""
    try:
        with np.errstate(all="ignore"):
            return np.array(np.broadcast_to(check_numbers("f(x)", f(x.copy())), x.shape))
    except Exception:  # whatever a function of somebody's own may raise
        return np.full(x.shape, np.nan)


def _find_arithmetic(
    file: str | Path, name: str, arithmetic: str | Arithmetic | None
) -> Arithmetic:
    if arithmetic is None and name not in ARITHMETICS:
        raise ValueError(f"{file} is of an arithmetic {name!r} of your own: give it as arithmetic=")
    found = find_arithmetic(name if arithmetic is None else arithmetic)
    if found.name != name:
        raise ValueError(f"{file} is of the arithmetic {name!r}, not {found.name!r}")
    return found
