"""The ledger: what the document reports, what comes out here, and whether that is the same.

`claims.toml` holds one row for every number and every testable statement of the document. The
rebuilt values and the verdicts are computed, each experiment being trained once per process.
"""

import math
from collections import Counter
from dataclasses import dataclass
from functools import cache

import numpy as np

from nnlib.arithmetic import ARITHMETICS
from nnlib.randomness.statistics import proportion
from nnlib.randomness.study import load_condition
from nnlib.report import measures
from nnlib.report.claims import BOUNDS, Claim, condition, load
from nnlib.report.runs import history
from nnlib.training import train_in_order

__all__ = ["VERDICTS", "Entry", "check", "count", "ledger"]

VERDICTS = (
    "reproduced",
    "reproduced in part",
    "contradicted by the document itself",
    "not reproduced",
)
_ORDERS = (1, 2)


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
    return train_in_order(experiment, order, arithmetic)


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
        on_its_side, values = BOUNDS[claim.value.split()[0]], np.atleast_1d(value)
        shown = f"{values[0]:.2g}"
        if len(values) > 1:
            shown = "{:.3g} ({:.3g} to {:.3g})".format(*values)
        return all(on_its_side(v, claim.number) for v in values), shown
    shown = ("no", "yes")[value] if claim.kind == "shape" else value
    return shown == claim.value, shown


def _check_distribution(claim):
    (experiment,) = claim.experiments
    rows = load_condition(condition(experiment))
    values = rows[claim.measure]
    low, middle, high = (
        _as_printed(v, claim.value) for v in np.quantile(values, (0.025, 0.5, 0.975))
    )
    verdict = "reproduced" if float(low) <= claim.number <= float(high) else "not reproduced"
    part, least, most = (round(100 * v) for v in proportion(values <= claim.number))
    return Entry(
        claim,
        f"{low} to {high}, median {middle}",
        verdict,
        f"no seed is given; {part} % ({least} to {most} %) of {len(values)} replicates are as low",
        False,
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
