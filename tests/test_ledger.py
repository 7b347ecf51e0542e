"""The ledger: what it reads, how it judges, and what it refuses."""

import pytest

from nnlib import f1
from nnlib.report import runs
from nnlib.report.claims import KINDS, Claim, load
from nnlib.report.ledger import VERDICTS, check, count
from nnlib.report.runs import history
from nnlib.training import Experiment

ROW = """
[[claim]]
id = "a-claim"
where = "Figure 5"
chapter = "4-1-f1"
says = "last error"
kind = "digits"
value = "0.0068"
measure = "last_error"
experiments = ["f1 3 0.1 1000"]
"""
STABLE, SHORT = Experiment(f1, 3, 0.1, 1000), Experiment(f1, 3, 0.1, 100)


def _claim(kind="digits", value="0.0068", measure="last_error", experiments=(STABLE,), **other):
    return Claim("id", "Figure 5", "4-1-f1", "says", kind, value, measure, experiments, **other)


def test_the_claims_of_the_document():
    claims = load()
    assert len(claims) >= 60
    assert {claim.kind for claim in claims} == set(KINDS)
    assert [claim.id for claim in claims[:2]] == ["interval", "fig1-f1"]


def test_a_row_is_read():
    (claim,) = load(ROW)
    assert claim.experiments == (STABLE,)
    assert (claim.number, claim.arithmetic, claim.tolerance) == (0.0068, "portable", None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('kind = "digits"', 'kind = "digit"'), "claim a-claim: kind must be one of digits, epoch"),
        (('says = "last error"\n', ""), "claim a-claim: fields missing says"),
        (('says = "last error"\n', "sayd = 3\n"), "missing says; unknown sayd"),
        (('id = "a-claim"\n', ""), "claim number 1: fields missing id"),
        (("0.0068", "0,0068"), "claim a-claim: '0,0068' is not a value for the kind 'digits'"),
        (("last_error", "last_eror"), "claim a-claim: there is no measure 'last_eror'"),
        (("f1 3", "f3 3"), "claim a-claim: the function must be one of f1, f2, got 'f3'"),
        (("f1 3", "f1 1"), "claim a-claim: h, the number of hidden neurons, must be"),
        (("f1 3 0.1 1000", "f1 3"), "claim a-claim: "),
        (('"digits"', '"ratio"'), "claim a-claim: a ratio, and nothing else, needs a tolerance"),
        (('"digits"', '"bound"'), "'0.0068' is not a value for the kind 'bound'"),
        (('"digits"', '"epoch"'), "'0.0068' is not a value for the kind 'epoch'"),
        (('"digits"', '"event"'), "'0.0068' is not a value for the kind 'event'"),
        (('"digits"', '"shape"'), "'0.0068' is not a value for the kind 'shape'"),
        (('"0.0068"', "0.0068"), "claim a-claim: value must be a string, got 0.0068"),
        (
            ('"last_error"\nexp', '"ratio_of_V0"\nexp'),
            "the measure ratio_of_V0 does not take these",
        ),
        (
            ("experiments", 'arithmetic = "odd"\nexperiments'),
            "arithmetic must be one of portable, replay",
        ),
    ],
)
def test_malformed_rows_are_refused_with_their_id(change, message):
    with pytest.raises(ValueError, match=r"^claim") as error:
        load(ROW.replace(*change))
    assert message in str(error.value)


def test_an_empty_ledger_is_refused():
    with pytest.raises(ValueError, match=r"no \[\[claim\]\] in the ledger"):
        load("")


def test_ids_are_unique():
    with pytest.raises(ValueError, match="claim a-claim: the id stands 2 times"):
        load(ROW + ROW)


@pytest.mark.parametrize(
    ("claim", "verdict", "rebuilt"),
    [
        (_claim(), "reproduced", "0.0068"),
        (_claim(value="0.0051"), "not reproduced", "0.0068"),
        (_claim(value="0.00677"), "reproduced in part", "0.00678"),
        (_claim(value="6.8e-3"), "reproduced", "6.8e-3"),
        (_claim("epoch", "1000", "best_epoch"), "reproduced", "1000"),
        (_claim("epoch", "999", "best_epoch"), "not reproduced", "1000"),
        (_claim("bound", "< 0.007"), "reproduced", "0.0068"),
        (_claim("bound", "> 0.007"), "not reproduced", "0.0068"),
        (_claim("ratio", "0.007", tolerance=0.05), "reproduced", "0.00678"),
        (_claim("ratio", "0.007", tolerance=0.01), "not reproduced", "0.00678"),
        (_claim("event", "stable", "event"), "reproduced", "stable"),
        (_claim("event", "overflow", "event"), "not reproduced", "stable"),
        (_claim("shape", "yes", "errors_rise", (STABLE, SHORT)), "reproduced", "yes"),
        (_claim("shape", "no", "errors_rise", (STABLE, SHORT)), "not reproduced", "yes"),
    ],
    ids=str,
)
def test_verdicts(claim, verdict, rebuilt):
    entry = check(claim)
    assert (entry.verdict, entry.rebuilt) == (verdict, rebuilt)
    assert not entry.rounding
    assert claim.kind in ("digits", "epoch") or bool(entry.reason) == (verdict != "reproduced")


def test_a_run_that_oscillates_hangs_on_rounding():
    fast = Experiment(f1, 3, 1, 1000)
    entry = check(_claim(value="0.0144", experiments=(fast,)))
    assert entry.rounding and entry.verdict == "reproduced in part"
    assert "0.0144 in the replay arithmetic" in entry.reason
    assert "no arithmetic" not in entry.reason
    entry = check(_claim(value="0.0144", experiments=(fast,), arithmetic="replay"))
    assert entry.rounding and entry.verdict == "reproduced"
    assert "in the portable arithmetic" in entry.reason and "in other orders" in entry.reason
    entry = check(_claim(value="0.0999", experiments=(fast,), arithmetic="replay"))
    assert entry.reason.endswith("and in no arithmetic tried what is reported")


def test_what_hangs_on_rounding_is_settled():
    """The document's own figures come out to every digit; one is older than the document."""
    entries = [check(claim, load()) for claim in load() if claim.arithmetic == "replay"]
    digits = {
        entry.claim.id: (entry.rebuilt, entry.verdict)
        for entry in entries
        if entry.claim.kind in ("digits", "epoch")
    }
    contradicted = "contradicted by the document itself"
    assert digits == {
        "fig3a-last": ("0.0144", "reproduced"),
        "fig3a-lowest": ("0.0008", "reproduced"),
        "fig3-best": ("755", "reproduced"),
        "fig6b-last": ("2.2940", "reproduced"),
        "fig6b-lowest": ("1.3331", "reproduced"),
        "fig6c-last": ("1.6120", "reproduced"),
        "fig6c-lowest": ("1.0891", "reproduced"),
        "text-lowest": ("1.0891", contradicted),
        "fig9-last": ("0.0144", "reproduced"),
        "fig9-lowest": ("0.0008", "reproduced"),
    }
    assert {entry.verdict for entry in entries} == {"reproduced", contradicted}


def test_the_document_against_itself():
    other = Claim("other", "Figure 7", "x", "y", "digits", "0.0068", "last_error", (STABLE,))
    entry = check(_claim(value="0.0071"), (other,))
    assert entry.verdict == "contradicted by the document itself"
    assert entry.reason == "Figure 7 says 0.0068"
    assert check(_claim(), (other,)).verdict == "reproduced"


def test_distribution():
    assert check(_claim("distribution", "0.0060")).verdict == "reproduced"
    assert check(_claim("distribution", "0.0700")).verdict == "not reproduced"


def test_each_experiment_is_trained_once(monkeypatch):
    assert history(STABLE) is history(Experiment(f1, 3, 0.1, 1000))
    calls = []
    monkeypatch.setattr(runs, "train", lambda *given, **named: calls.append(named))
    experiment = Experiment(f1, 3, 0.1, 7)
    for _ in range(2):
        history(experiment, "replay")
    assert calls == [{"arithmetic": "replay"}]


def test_count():
    entries = [check(_claim()), check(_claim(value="0.1"))]
    assert count(entries) == dict(zip(VERDICTS, (1, 0, 0, 1), strict=True))
