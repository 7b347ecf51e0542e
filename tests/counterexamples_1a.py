"""What would make each claim of Experiment 1A false: see `test_counterexamples`."""

import numpy as np
from test_measures import synthetic

from nnlib.report import measures
from nnlib.report.claims import load


def runs(*histories):
    """What a measure of histories takes."""
    return lambda claim, patch: histories


def other(**names):
    """Nothing, with other values for some names of the measures."""

    def take(claim, patch):
        for name, value in names.items():
            patch.setattr(measures, name, value)
        return claim.experiments

    return take


def off_by_one(claim, patch):
    """A run whose number is off by one in the last printed place."""
    if claim.kind == "epoch":
        errors = np.full(2 * int(claim.value), 2.0)
        errors[int(claim.value) + 1] = 1
        return (synthetic(errors),)
    mantissa, _, exponent = claim.value.partition("e")
    place = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return (synthetic([1e9, claim.number + place]),)


COUNTEREXAMPLES = {
    **{
        claim.id: off_by_one
        for claim in load("1A")
        if claim.kind in ("digits", "epoch") and claim.experiments
    },
}
