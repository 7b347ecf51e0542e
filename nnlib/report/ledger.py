"""The ledger: what a document reports, what comes out here, and whether that is the same.

The rebuilt values and the verdicts are computed, each experiment being trained once per process. A
list of claims is all that it needs to know of a document.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nnlib.arithmetic import ARITHMETICS
from nnlib.report.claims import BOUNDS, Claim
from nnlib.report.runs import ORDERS, trained

__all__ = ["VERDICTS", "Entry", "check", "check_all", "count", "judge", "summarise"]

VERDICTS = (
    "reproduced",
    "reproduced in part",
    "contradicted by the document itself",
    "not reproduced",
    "undecided",
    "not comparable",
)

_NOTHING = "none"
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_CHANCE = 0.05  # how often a number that is one more replicate may be taken for none


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
    sensitive_to_rounding : bool
        Whether the value changes if the same training samples come in another order: nothing
        mathematical does, so what changes it is rounding.
    """

    claim: Claim
    rebuilt: str
    verdict: str
    reason: str = ""
    sensitive_to_rounding: bool = False


def check_all(claims: Sequence[Claim]) -> tuple[Entry, ...]:
    """Check every claim of a document.

    Parameters
    ----------
    claims : sequence of Claim
        As `nnlib.report.claims.load` gives them.

    Returns
    -------
    tuple of Entry
        In the same order.
    """
    return tuple(check(claim, claims) for claim in claims)


def count(entries: Iterable[Entry]) -> dict[str, int]:
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


def summarise(entries: Sequence[Entry]) -> str:
    """Say in one line how some claims came out.

    Parameters
    ----------
    entries : sequence of Entry

    Returns
    -------
    str
    """
    counts = count(entries)
    parts = [f"{counts.pop('reproduced')} of {len(entries)} reproduced"]
    parts += [f"{number} {verdict}" for verdict, number in counts.items() if number]
    sensitive = sum(entry.sensitive_to_rounding for entry in entries)
    if sensitive:
        parts.append(f"{sensitive} sensitive to rounding")
    return ", ".join(parts)


def check(claim: Claim, claims: Iterable[Claim] = ()) -> Entry:
    """Compute what came out here, and the verdict.

    Parameters
    ----------
    claim : Claim
    claims : iterable of Claim, optional
        Among which to look for one that contradicts it.

    Returns
    -------
    Entry
    """
    if claim.kind in ("distribution", "seconds"):
        return judge(claim, claim.function(*claim.experiments))
    runs = (trained(experiment, claim.arithmetic) for experiment in claim.experiments)
    entry = judge(claim, claim.function(*runs), claims)
    if claim.kind not in ("digits", "epoch") or not claim.experiments:
        return entry
    roundings = _in_other_roundings(claim, entry.rebuilt)
    reason = "; ".join(filter(None, [entry.reason, roundings]))
    return replace(entry, reason=reason, sensitive_to_rounding=bool(roundings))


def judge(claim: Claim, value: Any, claims: Iterable[Claim] = ()) -> Entry:
    """The verdict on a claim, if this is what was measured.

    Parameters
    ----------
    claim : Claim
    value : object
        What the measure of the claim returns.
    claims : iterable of Claim, optional
        Among which to look for one that contradicts it.

    Returns
    -------
    Entry
        As of `check`, without what it says of other roundings, for which it trains.
    """
    if claim.kind == "distribution":
        return _judge_distribution(claim, value)
    if claim.kind == "seconds":
        reason = "a time says as much of a machine as of a program"
        return Entry(claim, f"{value:.0f} s on this machine", "not comparable", reason)
    same, rebuilt = _compare(claim, value)
    if same:
        return Entry(claim, rebuilt, "reproduced")
    if claim.kind in ("digits", "epoch") and claim.experiments:
        return Entry(claim, rebuilt, *_miss(claim, rebuilt, claims))
    meaning = (claim.function.__doc__ or claim.measure).partition("\n")[0].rstrip(".")
    reason = f"we measured {meaning[0].lower()}{meaning[1:]}"
    if same is None:
        reason = f"the interval reaches across the bound; {reason}"
    return Entry(claim, rebuilt, "undecided" if same is None else "not reproduced", reason)


def _miss(claim, rebuilt, claims):
    """The verdict on digits or an epoch that did not come out, and its reason."""
    contradiction = _contradiction(claim, claims)
    if contradiction:
        return "contradicted by the document itself", contradiction
    if claim.kind == "digits":
        agree, digits = _agreeing_digits(claim.value, rebuilt)
        if agree:
            return "reproduced in part", f"{agree} of {digits} digits"
    return "not reproduced", ""


def _contradiction(claim, claims):
    """Where the document gives another value for the same thing, in words; empty if nowhere."""
    for other in claims:
        same = all(
            getattr(other, field) == getattr(claim, field)
            for field in ("document", "kind", "measure", "experiments")
        )
        if same and other.value != claim.value:
            return f"{other.where} says {other.value}"
    return ""


def _in_other_roundings(claim, rebuilt):
    """What comes out in other orders and arithmetics, in words; empty if orders change nothing."""
    (experiment,) = claim.experiments

    def shown(arithmetic, order=None):
        history = trained(experiment.starting(order=order), arithmetic)
        return _compare(claim, claim.function(history))[1]

    in_orders = sorted({shown(claim.arithmetic, n) for n in ORDERS}, key=lambda v: (len(v), v))
    if in_orders == [rebuilt]:
        return ""
    in_arithmetics = {}
    for name in ARITHMETICS:
        if name != claim.arithmetic:
            with suppress(ValueError):  # not every arithmetic takes every h
                in_arithmetics[name] = shown(name)
    listed = [f"{value} in the {name} arithmetic" for name, value in in_arithmetics.items()]
    listed.append(f"{' and '.join(in_orders)} with the samples in other orders")
    if claim.value not in {rebuilt, *in_arithmetics.values()}:
        listed.append("and in no arithmetic tried what is reported")
    return f"sensitive to rounding ({', '.join(listed)})"


def _compare(claim, value):
    """Whether a value is what the claim says, None if that is open, and how it is shown."""
    if value is None:
        return False, _NOTHING
    if claim.kind == "digits":
        shown = _as_printed(value, claim.value)
        return shown == claim.value, shown
    if claim.kind == "epoch":
        return value == int(claim.value), str(value)
    if claim.kind == "ratio":
        return bool(abs(value / claim.number - 1) <= claim.tolerance), plain(value, 3)
    if claim.kind == "bound":
        on_its_side, values = BOUNDS[claim.value.split()[0]], np.atleast_1d(value)
        shown = plain(values[0], 2)
        if len(values) > 1:
            shown = "{} ({} to {})".format(*(plain(v, 3) for v in values))
        sides = {bool(on_its_side(v, claim.number)) for v in values}
        return sides.pop() if len(sides) == 1 else None, shown
    shown = ("no", "yes")[value] if claim.kind == "property" else value
    return shown == claim.value, shown


def _judge_distribution(claim, values):
    logs = np.sort(np.log(values))
    if 1 / (len(logs) + 1) > _CHANCE:
        reason = f"among {len(logs)} replicates no value could be too isolated"
        return Entry(claim, f"median {np.median(values):.2g}", "undecided", reason)
    (chance,) = _isolation(logs, np.log([claim.number]))
    return Entry(
        claim,
        f"{_accepted(logs)}, median {np.median(values):.2g}",
        "reproduced" if chance > _CHANCE else "not reproduced",
        f"no seed is given; among {len(logs)} replicates and it, a share of {chance:.2g} are as "
        "isolated",
    )


def _isolation(logs, numbers):
    """For each number, the share of the replicates and it that are as isolated as it is."""
    # By the distance to the k-th neighbour, k being the root of the number of replicates, among
    # those and the number, so that all are treated alike. For one more replicate the share is then
    # at most p with probability p, whatever the distribution: a conformal prediction set (Vovk,
    # Gammerman and Shafer, Algorithmic Learning in a Random World, chapter 2).
    k = round(math.sqrt(len(logs)))
    among_themselves = np.sort(abs(logs[:, None] - logs), axis=1)  # the first is 0, to itself
    before, own = among_themselves[:, k - 1], among_themselves[:, k]
    to_number = abs(logs - numbers[:, None])
    with_number = np.where(to_number < own, np.maximum(before, to_number), own)
    its_own = np.sort(to_number, axis=1)[:, k - 1 : k]
    as_isolated = np.sum(with_number >= its_own * (1 - 1e-12), axis=1)  # a tie is a tie
    return (1 + as_isolated) / (1 + len(logs))


def _accepted(logs):
    """The numbers that are not too isolated, in words; gaps of less than a tenth are not told."""
    reach = logs[-1] - logs[0]
    grid = np.linspace(logs[0] - reach, logs[-1] + reach, 2000)
    inside = np.exp(grid[_isolation(logs, grid) > _CHANCE])
    gaps = np.flatnonzero(inside[1:] > 1.1 * inside[:-1]) + 1
    return " or ".join(f"{part[0]:.2g} to {part[-1]:.2g}" for part in np.split(inside, gaps))


def plain(value, digits):
    """A number to so many digits, as one writes it: without an e."""
    shown = f"{value:.{digits}g}"
    mantissa, e, exponent = shown.partition("e")
    if not e:
        return shown
    if 0 < int(exponent) < 7:
        return f"{float(shown):,.0f}"
    return f"{mantissa}\u00a0×\u00a010{str(int(exponent)).translate(_RAISED)}"


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
    if rebuilt == _NOTHING:
        return 0, 0
    digits = len(reported.partition("e")[0].replace(".", "").lstrip("-0"))
    for n in range(digits, 0, -1):
        if f"{float(reported):.{n - 1}e}" == f"{float(rebuilt):.{n - 1}e}":
            return n, digits
    return 0, digits
