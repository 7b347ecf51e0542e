"""Each claim of the documents and of Experiments 2 and 3 can fail: something refutes it.

A table for each document has, by the id of a claim, a function of the claim and of pytest's
`monkeypatch` that returns what the measure is to take: histories made by hand, or cheap trainings
of something else; nothing, or an experiment, where it has put something else in place of what the
measure looks up.
"""

import counterexamples_1a
import counterexamples_1b
import counterexamples_2
import counterexamples_3
import pytest

from nnlib.report.claims import DOCUMENTS, load
from nnlib.report.ledger import judge

TABLES = {
    "1A": counterexamples_1a.COUNTEREXAMPLES,
    "1B": counterexamples_1b.COUNTEREXAMPLES,
    "2": counterexamples_2.COUNTEREXAMPLES,
    "3": counterexamples_3.COUNTEREXAMPLES,
}
EXAMPLES = {
    **counterexamples_1a.EXAMPLES,
    **counterexamples_2.EXAMPLES,
    **counterexamples_3.EXAMPLES,
}
# A time is never judged, so there is none that would be another's.
CLAIMS = [claim for name in TABLES for claim in load(name) if claim.kind != "seconds"]


def test_every_claim_has_a_counterexample():
    assert list(TABLES) == list(DOCUMENTS)
    for name, table in TABLES.items():
        assert table.keys() == {claim.id for claim in CLAIMS if claim.document == name}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_claim_that_does_not_come_out_could_have(name, monkeypatch):
    (claim,) = (claim for claim in CLAIMS if claim.id == name)
    taken = EXAMPLES[name](claim, monkeypatch)
    assert judge(claim, claim.function(*taken)).verdict == "reproduced"


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_that_is_false_is_not_reproduced(claim, monkeypatch):
    taken = TABLES[claim.document][claim.id](claim, monkeypatch)
    verdict = judge(claim, claim.function(*taken)).verdict
    # Of digits that are off by one in the last place, those before it agree.
    missed = ["not reproduced"] + ["reproduced in part"] * (claim.kind == "digits")
    assert verdict in missed
