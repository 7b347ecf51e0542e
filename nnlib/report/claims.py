"""The claims: what the document reports, one row of `claims.toml` for each number and statement."""

import operator
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from importlib.resources import files
from inspect import signature

from nnlib.arithmetic import ARITHMETICS
from nnlib.randomness.replicates import ROW
from nnlib.randomness.study import STUDY
from nnlib.report import measures
from nnlib.training import Experiment

__all__ = ["BOUNDS", "KINDS", "Claim", "condition", "load"]

KINDS = ("digits", "epoch", "ratio", "bound", "event", "shape", "distribution")
BOUNDS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_NUMBER = re.compile(r"\d+(\.\d+)?(e-?\d+)?")
_FIELDS = {"id", "where", "chapter", "says", "kind", "value", "measure"}
_OPTIONAL = {"experiments", "tolerance", "arithmetic"}


@dataclass(frozen=True)
class Claim:
    """One number or statement of the document, and how "the same" is meant.

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
        ``digits``: rounds to the printed digits; ``epoch``: the same epoch; ``ratio``: within
        `tolerance`, relative; ``bound``: on the right side of it, with its whole interval if it
        has one; ``event``: the event of that name; ``shape``: a predicate holds, or does not;
        ``distribution``: within the middle 95 % of the replicates of the study.
    value : str
        As printed, for a bound with its sign.
    measure : str
        The function of `nnlib.report.measures` that gives the rebuilt value.
    experiments : tuple of Experiment
        Whose histories the measure takes.
    tolerance : float or None
    arithmetic : str
        How the experiments are computed; ``replay`` for the runs that oscillate.
    """

    id: str
    where: str
    chapter: str
    says: str
    kind: str
    value: str
    measure: str
    experiments: tuple = ()
    tolerance: float | None = None
    arithmetic: str = "portable"

    @property
    def number(self):
        """The value as a float, without the sign of a bound."""
        return float(self.value.split()[-1])


def load(text=None):
    """Read the claims.

    Parameters
    ----------
    text : str, optional
        In TOML; the contents of `claims.toml` if not given.

    Returns
    -------
    tuple of Claim

    Raises
    ------
    ValueError
        If a row is malformed, with its id and the reason.
    """
    if text is None:
        text = files("nnlib.report").joinpath("claims.toml").read_text(encoding="utf-8")
    claims = []
    rows = tomllib.loads(text).get("claim")
    if not rows:
        raise ValueError("there is no [[claim]] in the ledger")
    for n, row in enumerate(rows, 1):
        name = row.get("id", f"number {n}")
        try:
            claims.append(_claim(row))
        except (TypeError, ValueError) as error:
            raise ValueError(f"claim {name}: {error}") from None
    for name, times in Counter(claim.id for claim in claims).items():
        if times > 1:
            raise ValueError(f"claim {name}: the id stands {times} times")
    return tuple(claims)


def condition(experiment):
    """The condition of the study with everything new; None if there is none."""
    return next(
        (name for name, (e, _, c) in STUDY.items() if e == experiment and c.keys() == {"seed"}),
        None,
    )


def _claim(row):
    missing = _FIELDS - row.keys()
    unknown = row.keys() - _FIELDS - _OPTIONAL
    if missing or unknown:
        wrong = {"missing": missing, "unknown": unknown}
        lists = (f"{what} {', '.join(sorted(names))}" for what, names in wrong.items() if names)
        raise ValueError(f"fields {'; '.join(lists)}")
    for name in sorted(_FIELDS):
        if not isinstance(row[name], str):
            raise ValueError(f"{name} must be a string, got {row[name]!r}")
    claim = Claim(
        **{**row, "experiments": tuple(map(Experiment.parse, row.get("experiments", ())))}
    )
    if claim.kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {claim.kind!r}")
    measure = getattr(measures, claim.measure, None)
    if not callable(measure):
        raise ValueError(f"there is no measure {claim.measure!r} in nnlib.report.measures")
    try:
        signature(measure).bind(*claim.experiments)
    except TypeError as error:
        raise ValueError(
            f"the measure {claim.measure} does not take these experiments: {error}"
        ) from None
    if claim.kind == "distribution":
        if len(claim.experiments) != 1:
            raise ValueError(f"a distribution takes one experiment, got {len(claim.experiments)}")
        if claim.measure not in ROW.names or not condition(claim.experiments[0]):
            raise ValueError(f"the study has no {claim.measure} of {claim.experiments[0]}")
    if claim.arithmetic not in ARITHMETICS:
        raise ValueError(
            f"arithmetic must be one of {', '.join(ARITHMETICS)}, got {claim.arithmetic!r}"
        )
    if claim.kind in ("digits", "epoch") and len(claim.experiments) > 1:
        raise ValueError(f"{claim.kind} are of one experiment, got {len(claim.experiments)}")
    if (claim.kind == "ratio") != (claim.tolerance is not None):
        raise ValueError("a ratio, and nothing else, needs a tolerance")
    sign, _, number = claim.value.rpartition(" ")
    allowed = {
        "bound": sign in BOUNDS and _NUMBER.fullmatch(number),
        "epoch": claim.value.isdecimal(),
        "event": claim.value in ("stable", "oscillation", "divergence", "overflow"),
        "shape": claim.value in ("yes", "no"),
    }
    if not allowed.get(claim.kind, _NUMBER.fullmatch(claim.value)):
        raise ValueError(f"{claim.value!r} is not a value for the kind {claim.kind!r}")
    return claim
