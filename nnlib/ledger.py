"""The ledger: what the document reports, what comes out here, and whether that is the same.

`claims.toml` holds one row for every number and every testable statement of the document. The
rebuilt values and the verdicts are computed, each experiment being trained once per process.
"""

import math
import operator
import re
import tomllib
import warnings
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from inspect import signature

import numpy as np

from nnlib import measures
from nnlib.arithmetic import ARITHMETICS
from nnlib.ensemble import ROW
from nnlib.study import STUDY, share
from nnlib.study import load as load_study
from nnlib.targets import f1, f2
from nnlib.training import Experiment, train

__all__ = ["Claim", "Entry", "check", "count", "history", "ledger", "load"]

FUNCTIONS = {"f1": f1, "f2": f2}
KINDS = ("digits", "epoch", "ratio", "bound", "event", "shape", "distribution")
VERDICTS = (
    "reproduced",
    "reproduced in part",
    "contradicted by the document itself",
    "not reproduced",
)
_BOUND = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_NUMBER = re.compile(r"\d+(\.\d+)?(e-?\d+)?")
_FIELDS = {"id", "where", "chapter", "says", "kind", "value", "measure"}
_OPTIONAL = {"experiments", "tolerance", "arithmetic"}
_ORDERS = (1, 2)


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
        The function of `nnlib.measures` that gives the rebuilt value.
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


@dataclass(frozen=True)
class Entry:
    """A claim with what came out here.

    Attributes
    ----------
    claim : Claim
    rebuilt : str
        The rebuilt value, to the precision that the claim is held to.
    verdict : str
        One of `VERDICTS`.
    reason : str
        What to know about the verdict; empty if there is nothing.
    rounding : bool
        Whether the value changes if the same training samples come in another order, so that it
        hangs on the last bit of rounding.
    """

    claim: Claim
    rebuilt: str
    verdict: str
    reason: str
    rounding: bool


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
        text = files("nnlib").joinpath("claims.toml").read_text(encoding="utf-8")
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


@cache
def history(experiment, arithmetic="portable"):
    """Train an experiment, once per process.

    Parameters
    ----------
    experiment : Experiment
    arithmetic : str, optional

    Returns
    -------
    History
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an overflow is among the claims
        return train(experiment, arithmetic=arithmetic)


@cache
def ledger():
    """Check every claim.

    Returns
    -------
    tuple of Entry
    """
    claims = load()
    return tuple(check(claim, claims) for claim in claims)


def count(entries):
    """Count the verdicts.

    Parameters
    ----------
    entries : sequence of Entry

    Returns
    -------
    dict of str to int
        In the order of `VERDICTS`.
    """
    counts = Counter(entry.verdict for entry in entries)
    return {verdict: counts[verdict] for verdict in VERDICTS}


def check(claim, claims=()):
    """Compute what came out here, and the verdict.

    Parameters
    ----------
    claim : Claim
    claims : sequence of Claim, optional
        Among which to look for one that contradicts it.

    Returns
    -------
    Entry
    """
    if claim.kind == "distribution":
        return _check_distribution(claim)
    measure = getattr(measures, claim.measure)
    value = measure(*(history(e, claim.arithmetic) for e in claim.experiments))
    same, rebuilt = _compare(claim, value)
    if claim.kind not in ("digits", "epoch") or not claim.experiments:
        if same:
            return Entry(claim, rebuilt, "reproduced", "", False)
        meaning = measure.__doc__.partition("\n")[0].rstrip(".")
        return Entry(claim, rebuilt, "not reproduced", f"measured: {meaning}", False)

    reason = _spread(claim, measure, rebuilt)
    rounding = bool(reason)
    if same:
        return Entry(claim, rebuilt, "reproduced", reason, rounding)
    for other in claims:
        of_the_same = (other.kind, other.measure, other.experiments) == (
            claim.kind,
            claim.measure,
            claim.experiments,
        )
        if of_the_same and other.value != claim.value:
            contradiction = f"{other.where} says {other.value}"
            reason = "; ".join(filter(None, [contradiction, reason]))
            return Entry(claim, rebuilt, VERDICTS[2], reason, rounding)
    agree, digits = _agreeing_digits(claim.value, rebuilt)
    if agree and claim.kind == "digits":
        reason = "; ".join(filter(None, [f"{agree} of {digits} digits", reason]))
        return Entry(claim, rebuilt, "reproduced in part", reason, rounding)
    return Entry(claim, rebuilt, "not reproduced", reason, rounding)


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
    claim = Claim(**{**row, "experiments": tuple(map(_experiment, row.get("experiments", ())))})
    if claim.kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {claim.kind!r}")
    measure = getattr(measures, claim.measure, None)
    if not callable(measure):
        raise ValueError(f"there is no measure {claim.measure!r} in nnlib.measures")
    try:
        signature(measure).bind(*claim.experiments)
    except TypeError as error:
        raise ValueError(
            f"the measure {claim.measure} does not take these experiments: {error}"
        ) from None
    if claim.kind == "distribution":
        if len(claim.experiments) != 1:
            raise ValueError(f"a distribution takes one experiment, got {len(claim.experiments)}")
        if claim.measure not in ROW.names or not _condition(claim.experiments[0]):
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
        "bound": sign in _BOUND and _NUMBER.fullmatch(number),
        "epoch": claim.value.isdecimal(),
        "event": claim.value in ("stable", "oscillation", "divergence", "overflow"),
        "shape": claim.value in ("yes", "no"),
    }
    if not allowed.get(claim.kind, _NUMBER.fullmatch(claim.value)):
        raise ValueError(f"{claim.value!r} is not a value for the kind {claim.kind!r}")
    return claim


def _experiment(text):
    f, h, learning_rate, epochs = text.split()
    if f not in FUNCTIONS:
        raise ValueError(f"the function must be one of {', '.join(FUNCTIONS)}, got {f!r}")
    return Experiment(FUNCTIONS[f], int(h), float(learning_rate), int(epochs))


def _spread(claim, measure, rebuilt):
    """What comes out in other orders and arithmetics, in words; empty if orders change nothing."""
    (experiment,) = claim.experiments
    in_orders = sorted(
        {_compare(claim, measure(_in_order(experiment, n, claim.arithmetic)))[1] for n in _ORDERS},
        key=float,
    )
    if in_orders == [rebuilt]:
        return ""
    in_arithmetics = {
        name: _compare(claim, measure(history(experiment, name)))[1]
        for name in ARITHMETICS
        if name != claim.arithmetic
    }
    listed = [f"{value} in the {name} arithmetic" for name, value in in_arithmetics.items()]
    listed.append(f"{' and '.join(in_orders)} with the samples in other orders")
    if claim.value not in {rebuilt, *in_arithmetics.values()}:
        listed.append("and in no arithmetic tried what is reported")
    return f"hangs on rounding: {', '.join(listed)}"


@cache
def _in_order(experiment, order, arithmetic):
    return measures.train_in_order(experiment, order, arithmetic)


def _compare(claim, value):
    """Whether a value is what the claim says, and how it is shown."""
    if claim.kind == "digits":
        shown = _as_printed(value, claim.value)
        return shown == claim.value, shown
    if claim.kind == "epoch":
        return value == int(claim.value), str(value)
    if claim.kind == "ratio":
        return abs(value / claim.number - 1) <= claim.tolerance, f"{value:.3g}"
    if claim.kind == "bound":
        on_its_side, values = _BOUND[claim.value.split()[0]], np.atleast_1d(value)
        shown = f"{values[0]:.2g}"
        if len(values) > 1:
            shown = "{:.3g} ({:.3g} to {:.3g})".format(*values)
        return all(on_its_side(v, claim.number) for v in values), shown
    shown = ("no", "yes")[value] if claim.kind == "shape" else value
    return shown == claim.value, shown


def _check_distribution(claim):
    (experiment,) = claim.experiments
    rows = load_study(_condition(experiment))
    values = rows[claim.measure]
    low, middle, high = (
        _as_printed(v, claim.value) for v in np.quantile(values, (0.025, 0.5, 0.975))
    )
    verdict = "reproduced" if float(low) <= claim.number <= float(high) else "not reproduced"
    part, least, most = (round(100 * v) for v in share(values <= claim.number))
    return Entry(
        claim,
        f"{low} to {high}, median {middle}",
        verdict,
        f"no seed is given; {part} % ({least} to {most} %) of {len(values)} replicates are as low",
        False,
    )


def _condition(experiment):
    """The condition of the study with everything new; None if there is none."""
    return next(
        (name for name, (e, _, c) in STUDY.items() if e == experiment and len(c) == 1), None
    )


def _as_printed(value, printed):
    """A value with the decimals of a printed one, or with its digits before the exponent."""
    mantissa, _, exponent = printed.partition("e")
    decimals = len(mantissa.partition(".")[2])
    if not exponent or not math.isfinite(value):
        return f"{value:.{decimals}f}"
    mantissa, _, exponent = f"{value:.{decimals}e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def _agreeing_digits(reported, rebuilt):
    """How many significant digits two printed numbers share, and of how many."""
    digits = len(reported.partition("e")[0].replace(".", "").lstrip("0"))
    for n in range(digits, 0, -1):
        if f"{float(reported):.{n - 1}e}" == f"{float(rebuilt):.{n - 1}e}":
            return n, digits
    return 0, digits
