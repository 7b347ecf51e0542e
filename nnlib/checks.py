"""What is said to bad input: each check returns the value, or says what was given and allowed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from numbers import Real
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from nnlib.experiment import Experiment

__all__ = [
    "ENGINES",
    "Floats",
    "as_floats",
    "check_dataset",
    "check_descent",
    "check_engine",
    "check_h",
    "check_integer",
    "check_memory",
    "check_number",
    "check_numbers",
    "check_penalty",
    "check_positive",
    "check_rows",
    "check_unchanged",
    "check_weights",
    "check_word",
    "read_number",
    "show",
    "write_number",
]

Floats = NDArray[np.float64]

ENGINES = (None, "numpy", "kernel")  # that run a loop, see `nnlib.training.train`

_Number = TypeVar("_Number", int, float)

_DIGITS = 25  # characters of a number with point and zeros
_LITTLE = 2**24  # bytes that any machine has
_SHOWN = 80  # characters of a wrong value that an error repeats: enough to recognise it


def check_integer(name: str, value: object, least: int, most: int | None = None) -> int:
    """Return `value` as an int; a truth value is not taken for one, nor is what is masked."""
    if not isinstance(value, bool) and not np.ma.is_masked(value):
        try:
            number = index(value)  # type: ignore[arg-type]  # it finds out
            if number >= least and (most is None or number <= most):
                return number
        except TypeError:
            pass
    allowed = f", at least {least}," if most is None else f" between {least} and {most},"
    raise ValueError(f"{name} must be an integer{allowed} got {show(value)}")


def check_h(h: object) -> int:
    """Return `h` as an int, at least 2."""
    return check_integer("h, the number of hidden neurons,", h, least=2)


def check_number(name: str, value: object) -> float:
    """Return `value` as the nearest float, finite; a truth value is not taken for one."""
    number = _float(value)
    if not np.isfinite(number):
        raise ValueError(f"{name} must be a finite number, got {show(value)}")
    return number


def check_positive(name: str, value: object) -> float:
    """Return `value` as the nearest float, which must be finite and positive."""
    number = _float(value)
    if not 0 < number < np.inf:
        raise ValueError(f"{name} must be a positive, finite number, got {show(value)}")
    return number


def check_penalty(value: object) -> float:
    """Return a penalty as the nearest float, which must be finite and not negative."""
    number = _float(value)
    if not 0 <= number < np.inf:
        raise ValueError(f"penalty must be a finite number, at least 0, got {show(value)}")
    return abs(number)  # as 0 may have a sign


def check_word(name: str, value: object, known: Iterable[str]) -> None:
    """Refuse what is none of the words, perhaps as it is of another type."""
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}, got {show(value)}")


def check_numbers(name: str, values: ArrayLike) -> Floats:
    """Return a fresh array of floats, maybe infinite or NaN, from real numbers of any type."""
    try:
        if np.ma.is_masked(values):
            raise ValueError("some of it is masked")
        array = np.asarray(values)
        objects = array.dtype.kind == "O" and all(map(_is_real, array.flat))
        if array.dtype.kind not in "biuf" and not objects:
            raise ValueError(f"got {show(values)}")
        with np.errstate(all="ignore"):  # of a longer type of float: infinite, as its doubles are
            return np.array(array, dtype=float)
    except Exception as error:  # an object that gives itself as an array may raise any
        raise ValueError(f"{name} must be an array of real numbers: {error}") from None


def as_floats(name: str, values: ArrayLike) -> Floats:
    """Check as `check_numbers` does, but pass an array of floats as it is, with no copy."""
    if type(values) is np.ndarray and values.dtype == np.float64:
        return values
    return check_numbers(name, values)


def check_dataset(dataset: tuple[ArrayLike, ArrayLike], name: str) -> tuple[Floats, Floats]:
    """Return x and y, finite and of the shape (N,) with N at least 1, as fresh arrays."""
    x, y = _check_pair(dataset, "x", "y", name)
    if x.ndim != 1 or x.shape != y.shape or x.size == 0:
        raise ValueError(
            f"x and y of the {name} must have the same shape (N,), N at least 1, "
            f"got {x.shape} and {y.shape}"
        )
    _check_finite(name, x=x, y=y)
    return x, y


def check_descent(what: str, experiment: Experiment) -> None:
    """Refuse an experiment whose weights do not move as in the document."""
    if not experiment.is_descent:
        raise ValueError(
            f"{what} must be of gradient descent with all samples and one learning rate, "
            f"got {experiment}"
        )


def check_unchanged(what: str, experiment: Experiment) -> None:
    """Refuse an experiment whose settings change at some epoch."""
    if experiment.later:
        raise ValueError(f"{what} must be of one rule from its start to its end, got {experiment}")


def check_weights(weights: tuple[ArrayLike, ArrayLike], h: int) -> tuple[Floats, Floats]:
    """Return `U` and `V`, finite and of the shapes (h-1, 2) and (h,), as fresh arrays."""
    U, V = _check_pair(weights, "U", "V", "weights")
    if U.shape != (h - 1, 2) or V.shape not in ((h,), (1, h)):
        raise ValueError(
            f"for h = {h}, U and V must have the shapes {(h - 1, 2)} and {(h,)} or {(1, h)}, "
            f"got {U.shape} and {V.shape}"
        )
    _check_finite("weights", U=U, V=V.reshape(h))
    return U, V.reshape(h)


def check_rows(weights: ArrayLike) -> Floats:
    """Return weights, laid out as `nnlib.network.pack` does, as an array of floats."""
    rows = check_numbers("weights", weights)
    size = rows.shape[-1] if rows.ndim else 0
    if size < 4 or size % 3 != 1:
        raise ValueError(f"weights must be 3h-2 for each network, got the shape {rows.shape}")
    return rows


def check_engine(engine: object) -> None:
    """Refuse an engine that there is not."""
    if not isinstance(engine, str | None) or engine not in ENGINES:
        known = ", ".join(map(repr, ENGINES))
        raise ValueError(f"engine must be one of {known}, got {show(engine)}")


def check_memory(name: object, h: int, epochs: int, N: int = 1000, rates: int = 0) -> None:
    """Refuse a training whose history cannot fit, before the machine is on its knees.

    The `epochs` are those of which something is kept, but for the first.
    """
    history = (epochs + 1) * 6 * h  # their weights, gradients and errors, and which they are
    network = 4 * h * N  # what one epoch needs for all samples at once
    needed = 8 * (history + network + rates)
    available = _memory() if needed > _LITTLE else None  # to ask takes longer than many a run
    if available is not None and needed > available:
        raise MemoryError(
            f"{name} needs {needed // 2**30} GiB of memory, and this machine has "
            f"{available // 2**30}: take fewer epochs or neurons"
        )


def _memory() -> int | None:
    """The bytes of memory, as far as the system says."""
    found: list[int] = []
    with suppress(AttributeError, OSError, ValueError):  # Windows has no such call
        found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for limit in ("memory.max", "memory/memory.limit_in_bytes"):  # of a container on Linux
        with suppress(OSError, ValueError):  # there is none, or it is "max"
            found.append(int(Path("/sys/fs/cgroup", limit).read_text(encoding="ascii")))
    return min(found, default=None)


def _check_pair(
    pair: tuple[ArrayLike, ArrayLike], first: str, second: str, name: str
) -> tuple[Floats, Floats]:
    try:
        one, other = pair
    except (TypeError, ValueError):
        raise ValueError(
            f"the {name} must be a pair ({first}, {second}) of arrays of numbers, got {show(pair)}"
        ) from None
    return (
        check_numbers(f"{first} of the {name}", one),
        check_numbers(f"{second} of the {name}", other),
    )


def _check_finite(name: str, **arrays: Floats) -> None:
    for symbol, values in arrays.items():
        for place in np.argwhere(~np.isfinite(values)):
            where, value = ",".join(map(str, place)), values[tuple(place)]
            raise ValueError(f"the {name} must be finite, got {symbol}[{where}] = {value}")


def _is_real(value: object) -> bool:
    # numpy counts durations among the integers
    return isinstance(value, Real) and not isinstance(value, np.timedelta64)


def _float(value: object) -> float:
    """The nearest float; NaN if it is no real number, or a truth value, or too large."""
    if isinstance(value, bool) or not _is_real(value):
        return np.nan
    try:
        return float(value)  # type: ignore[arg-type]  # a real number has one
    except OverflowError:
        return np.nan


def read_number(name: str, text: str, kind: Callable[[str], _Number]) -> _Number:
    """The number that a text says, an `int` or a `float`."""
    try:
        return kind(text)
    except ValueError:
        what = "an integer" if kind is int else "a number"
        raise ValueError(f"{name} must be {what}, got {show(text)}") from None


def write_number(value: float) -> str:
    """A number as texts and addresses have it: its digits, and a power of ten for many 0s."""
    text = np.format_float_positional(value, trim="-")
    if len(text) <= _DIGITS:
        return text
    return np.format_float_scientific(value, trim="-", exp_digits=1).replace("+", "")


def show(value: object) -> str:
    """How an error repeats a wrong value: on one line, and not all of a long one."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # Python prints no integer of more than some thousand digits
        text = f"one of {type(value).__name__} that is too long to print"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
