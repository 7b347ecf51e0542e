"""The claims: what a document reports, one row of a file for each number and statement.

The chapter *How to write such a ledger* says what the fields and the kinds are for. Nothing here
knows which document it is, but for `DOCUMENTS`, the names of those of this book with their files
and measures.
"""

import math
import operator
import os
import re
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from inspect import signature
from pathlib import Path
from typing import Any, get_args, get_type_hints

from nnlib.arithmetic import ARITHMETICS
from nnlib.experiment import Experiment

__all__ = ["BOUNDS", "DOCUMENTS", "KINDS", "Claim", "load", "reported"]

KINDS = ("digits", "epoch", "ratio", "bound", "outcome", "property", "distribution", "seconds")
BOUNDS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e-?\d+)?")
_FIELDS = {"id", "where", "chapter", "says", "kind", "value", "measure"}
_OPTIONAL = {"experiments", "tolerance", "arithmetic"}

# Those of this book, each with the file of its claims and the module of its measures: the document,
# Experiment 1A, its follow-up, 1B, and this book's own answers to what they announce, Experiments 2
# and 3. Those of another one come with the call of `load`.
DOCUMENTS = {
    "1A": ("claims.toml", "nnlib.report.measures"),
    "1B": ("claims-1b.toml", "nnlib.report.measures_1b"),
    "2": ("claims-2.toml", "nnlib.report.measures_2"),
    "3": ("claims-3.toml", "nnlib.report.measures_3"),
}


@dataclass(frozen=True)
class Claim:
    """One number or statement of a document, and how "the same" is meant.

    Attributes
    ----------
    id : str
        Unique.
    where : str
        Section, figure and panel of the document.
    chapter : str
        The file in `book/` that speaks of it, without its ending.
    says : str
        The claim in our words.
    kind : str
        One of `KINDS`: ``digits``, rounds to the printed digits; ``epoch``, the same epoch;
        ``ratio``, within `tolerance`, relative; ``bound``, on the right side of it, with its whole
        interval if it has one; ``outcome``, the run ends in the way of that name; ``property``,
        holds, or does not; ``distribution``, no more isolated than 95 % of replicates; ``seconds``,
        a time, which is measured but not judged.
    value : str
        As printed, for a bound with its sign.
    function : callable
        The measure: it gives the rebuilt value.
    experiments : tuple of Experiment
        What the measure takes: their histories, or, for the last two kinds, they themselves.
    tolerance : float or None
    arithmetic : str
        How the experiments are computed; ``replay`` for the runs that oscillate.
    document : str
        One of `DOCUMENTS`; empty for one that is none of this book's.
    """

    id: str
    where: str
    chapter: str
    says: str
    kind: str
    value: str
    function: Callable[..., Any]
    experiments: tuple[Experiment, ...] = ()
    tolerance: float | None = None
    arithmetic: str = "portable"
    document: str = ""

    @property
    def measure(self) -> str:
        """The name of the measure."""
        return self.function.__name__

    @property
    def number(self) -> float:
        """The value as a float, without the sign of a bound."""
        return float(self.value.split()[-1])


def load(source: str | os.PathLike[str] = "1A", measures: object = None) -> tuple[Claim, ...]:
    """Read claims.

    Parameters
    ----------
    source : str or path, optional
        One of `DOCUMENTS`; or TOML as a string, or the path of a file of it.
    measures : module or other object, optional
        Whose functions the claims name; those of the document, or `nnlib.report.measures`, if not
        given.

    Returns
    -------
    tuple of Claim
        In the order of the file.

    Raises
    ------
    ValueError
        If a row is malformed, with its id and the reason.
    """
    if source in DOCUMENTS and measures is None:
        return _document(source)
    if isinstance(source, os.PathLike):
        source = Path(source).read_text(encoding="utf-8")
    return _read(source, measures or import_module(DOCUMENTS["1A"][1]))


def reported(name: str) -> str:
    """What a document of this book reports, so that no digit is typed a second time.

    Parameters
    ----------
    name : str
        The id of a claim.

    Returns
    -------
    str
        Its value, as printed.

    Raises
    ------
    KeyError
        If there is no claim of that id.
    """
    for document in DOCUMENTS:
        for claim in load(document):
            if claim.id == name:
                return claim.value
    raise KeyError(f"there is no claim {name!r}")


@cache
def _document(name):
    file, measures = DOCUMENTS[name]
    text = files("nnlib.report").joinpath(file).read_text(encoding="utf-8")
    # Loaded when they are needed, because they bring the studies along.
    return _read(text, import_module(measures), name)


def _read(text, measures, document=""):
    rows = tomllib.loads(text).get("claim")
    if not rows:
        raise ValueError("there is no [[claim]] in the ledger")
    claims = []
    for n, row in enumerate(rows, 1):
        name = row.get("id", f"number {n}")
        try:
            claims.append(_claim(row, measures, document))
        except (TypeError, ValueError) as error:
            raise ValueError(f"claim {name}: {error}") from None
    for name, times in Counter(claim.id for claim in claims).items():
        if times > 1:
            raise ValueError(f"claim {name}: the id stands {times} times")
    return tuple(claims)


def _claim(row, measures, document):
    _check_fields(row)
    row = dict(row)
    name = row.pop("measure")
    measure = getattr(measures, name, None)
    if not callable(measure):
        where = getattr(measures, "__name__", "what was given")
        raise ValueError(f"there is no measure {name!r} in {where}")
    experiments = tuple(map(Experiment.parse, row.pop("experiments", ())))
    claim = Claim(**row, function=measure, experiments=experiments, document=document)
    try:
        signature(measure).bind(*experiments)
    except TypeError as error:
        raise ValueError(f"the measure {name} does not take these experiments: {error}") from None
    if claim.kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {claim.kind!r}")
    if claim.arithmetic not in ARITHMETICS:
        raise ValueError(
            f"arithmetic must be one of {', '.join(ARITHMETICS)}, got {claim.arithmetic!r}"
        )
    if claim.kind in ("digits", "epoch") and len(experiments) > 1:
        raise ValueError(f"{claim.kind} are of one experiment, got {len(experiments)}")
    if claim.kind in ("distribution", "seconds") and len(experiments) != 1:
        raise ValueError(f"{claim.kind} takes one experiment, got {len(experiments)}")
    if (claim.kind == "ratio") != (claim.tolerance is not None):
        raise ValueError("a ratio, and nothing else, needs a tolerance")
    if not _is_value(claim):
        raise ValueError(f"{claim.value!r} is not a value for the kind {claim.kind!r}")
    return claim


def _check_fields(row):
    missing, unknown = _FIELDS - row.keys(), row.keys() - _FIELDS - _OPTIONAL
    if missing or unknown:
        wrong = {"missing": missing, "unknown": unknown}
        lists = (f"{what} {', '.join(sorted(names))}" for what, names in wrong.items() if names)
        raise ValueError(f"fields {'; '.join(lists)}")
    for name in sorted(_FIELDS):
        if not isinstance(row[name], str):
            raise ValueError(f"{name} must be a string, got {row[name]!r}")
    experiments, tolerance = row.get("experiments", []), row.get("tolerance", 1)
    if not isinstance(experiments, list) or not all(isinstance(e, str) for e in experiments):
        raise ValueError(f"experiments must be a list of strings, got {experiments!r}")
    if type(tolerance) not in (int, float) or not 0 < tolerance < math.inf:
        raise ValueError(f"tolerance must be a positive, finite number, got {tolerance!r}")


def _is_value(claim):
    """Whether the value is one of those that its kind can have."""
    sign, _, number = claim.value.rpartition(" ")
    if claim.kind == "bound":
        return sign in BOUNDS and bool(_NUMBER.fullmatch(number))
    if claim.kind == "epoch":
        return claim.value.isdecimal()
    if claim.kind == "property":
        return claim.value in ("yes", "no")
    if claim.kind == "outcome":
        outcomes = get_args(get_type_hints(claim.function).get("return"))
        if not outcomes:
            raise ValueError(
                f"the measure {claim.measure} must say which outcomes there are: "
                "-> Literal['one', 'other']"
            )
        return claim.value in outcomes
    is_number = bool(_NUMBER.fullmatch(claim.value))
    return is_number and (claim.kind != "ratio" or claim.number != 0)
