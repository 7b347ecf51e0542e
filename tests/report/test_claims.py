"""The claims: how they are read, what is refused, and that another document's can be read too."""

from types import SimpleNamespace

import numpy as np
import pytest
from snapshots import ROOT

from nnlib import f1
from nnlib.experiment import Experiment
from nnlib.history import History
from nnlib.report import ledger
from nnlib.report.claims import DOCUMENTS, KINDS, load, reported

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
TAIL = ROW[ROW.index('"digits"') :]


def test_the_claims_of_the_document():
    claims = load()
    assert len(claims) >= 60
    assert {claim.kind for claim in claims} == set(KINDS)
    assert [claim.id for claim in claims[:2]] == ["interval", "fig1-f1"]


def test_the_claims_of_the_follow_up():
    assert list(DOCUMENTS) == ["1A", "1B", "2", "3"]
    claims = load("1B")
    assert len(claims) >= 50 and {claim.document for claim in claims} == {"1B"}
    assert load("1A") is load() and {claim.document for claim in load()} == {"1A"}
    ids = [claim.id for document in DOCUMENTS for claim in load(document)]
    assert len(set(ids)) == len(ids)  # chapters ask for a claim of either by its id alone
    for claim in claims:
        assert (ROOT / "book" / f"{claim.chapter}.md").exists()


def test_a_row_is_read():
    (claim,) = load(ROW)
    assert claim.experiments == (Experiment(f1, 3, 0.1, 1000),)
    assert (claim.number, claim.arithmetic, claim.tolerance) == (0.0068, "portable", None)
    assert claim.document == ""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('kind = "digits"', 'kind = "digit"'), "claim a-claim: kind must be one of digits, epoch"),
        (('says = "last error"\n', ""), "claim a-claim: fields missing says"),
        (('says = "last error"\n', "sayd = 3\n"), "missing says; unknown sayd"),
        (('id = "a-claim"\n', ""), "claim number 1: fields missing id"),
        (("0.0068", "0,0068"), "claim a-claim: '0,0068' is not a value for the kind 'digits'"),
        (("last_error", "last_eror"), "claim a-claim: there is no measure 'last_eror'"),
        (
            ("f1 3", "f3 3"),
            "claim a-claim: the function must be one of f1, f2, or the heights",
        ),
        (("f1 3", "f1 1"), "claim a-claim: h, the number of hidden neurons, must be"),
        (("f1 3 0.1 1000", "f1 3"), "claim a-claim: "),
        (('"digits"', '"ratio"'), "claim a-claim: a ratio, and nothing else, needs a tolerance"),
        (('"digits"', '"bound"'), "'0.0068' is not a value for the kind 'bound'"),
        (('"digits"', '"epoch"'), "'0.0068' is not a value for the kind 'epoch'"),
        (('"digits"', '"outcome"'), "the measure last_error must say which outcomes there are"),
        (('"digits"', '"property"'), "'0.0068' is not a value for the kind 'property'"),
        (('"0.0068"', "0.0068"), "claim a-claim: value must be a string, got 0.0068"),
        (('["f1 3 0.1 1000"]', '"f1 3 0.1 1000"'), "experiments must be a list of strings"),
        (('["f1 3 0.1 1000"]', "[3]"), "experiments must be a list of strings, got [3]"),
        (
            (TAIL, '"seconds"\nvalue = "14"\nmeasure = "training_samples"'),
            "seconds takes one experiment",
        ),
        (
            (TAIL, '"distribution"\nvalue = "1"\nmeasure = "training_samples"'),
            "distribution takes one",
        ),
        (
            ('"last_error"\nexp', '"ratio_of_V0"\nexp'),
            "the measure ratio_of_V0 does not take these",
        ),
        (
            ("experiments", 'arithmetic = "odd"\nexperiments'),
            "arithmetic must be one of portable, replay",
        ),
        (("experiments", "scale = 10\nexperiments"), "fields unknown scale"),
        (("experiments", "tolerance = 0.1\nexperiments"), "a ratio, and nothing else, needs"),
        (("experiments", "tolerance = 0\nexperiments"), "tolerance must be a positive, finite"),
        (("experiments", "tolerance = true\nexperiments"), "tolerance must be a positive, finite"),
        (("experiments", 'tolerance = "0.1"\nexperiments'), "tolerance must be a positive"),
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


def test_an_outcome_is_one_that_the_measure_has():
    row = ROW.replace("last_error", "outcome").replace('"digits"', '"outcome"')
    (claim,) = load(row.replace("0.0068", "stable"))
    assert claim.value == "stable"
    with pytest.raises(ValueError, match="'stabel' is not a value for the kind 'outcome'"):
        load(row.replace("0.0068", "stabel"))
    without = SimpleNamespace(outcome=lambda history: "stable")
    with pytest.raises(ValueError, match="must say which outcomes there are"):
        load(row.replace("0.0068", "stable"), without)


def test_a_ratio_is_not_of_zero():
    row = ROW.replace('"digits"', '"ratio"').replace("experiments", "tolerance = 0.1\nexperiments")
    assert load(row)[0].tolerance == 0.1
    with pytest.raises(ValueError, match="'0' is not a value for the kind 'ratio'"):
        load(row.replace("0.0068", "0"))


def test_what_the_document_reports():
    assert (reported("fig3a-last"), reported("rate-2"), reported("fig3-best")) == (
        "0.0144",
        "2.7e4",
        "755",
    )
    assert reported("1b-fig5-last") == "0.002478"
    with pytest.raises(KeyError, match="there is no claim 'fig33'"):
        reported("fig33")


# --- another document, with claims and measures of its own ---------------------------------------

FOLLOW_UP = """
[[claim]]
id = "fig1b"
where = "Figure 1 (b)"
chapter = "4-1-f1"
says = "the gradient is shortest at epoch 734"
kind = "epoch"
value = "734"
measure = "shortest_gradient"
experiments = ["f1 3 1 1000"]
arithmetic = "replay"

[[claim]]
id = "fig1d"
where = "Figure 1 (d)"
chapter = "4-1-f1"
says = "the training error is lowest at epoch 752"
kind = "epoch"
value = "752"
measure = "best_training_epoch"
experiments = ["f1 3 1 1000"]
arithmetic = "replay"

[[claim]]
id = "longer"
where = "Section 2.1"
chapter = "4-1-f1"
says = "then the gradient becomes 600 times as long"
kind = "ratio"
value = "600"
measure = "growth_of_the_gradient"
experiments = ["f1 3 1 1000"]
arithmetic = "replay"
tolerance = 0.1
"""


def _length(history: History) -> np.ndarray:
    squares = (history.grad_U**2).sum(axis=(1, 2)) + (history.grad_V**2).sum(axis=1)
    return np.sqrt(squares)


def shortest_gradient(history: History) -> int:
    """The epoch at which the gradient is shortest."""
    return int(np.argmin(_length(history)))


def best_training_epoch(history: History) -> int:
    """The epoch of the lowest training error."""
    return int(np.argmin(history.train_error))


def growth_of_the_gradient(history: History) -> float:
    """How many times as long as its shortest the gradient becomes after that."""
    length = _length(history)
    return length[np.argmin(length) :].max() / length.min()


@pytest.mark.parametrize("as_file", [False, True])
def test_a_follow_up_document_can_be_checked_with_the_same_machinery(tmp_path, as_file):
    its_measures = SimpleNamespace(
        shortest_gradient=shortest_gradient,
        best_training_epoch=best_training_epoch,
        growth_of_the_gradient=growth_of_the_gradient,
    )
    source = FOLLOW_UP
    if as_file:
        source = tmp_path / "follow-up.toml"
        source.write_text(FOLLOW_UP, encoding="utf-8")
    claims = load(source, its_measures)
    entries = ledger.check_all(claims)
    assert [entry.claim.id for entry in entries] == ["fig1b", "fig1d", "longer"]
    assert [entry.rebuilt for entry in entries] == ["734", "752", "641"]
    assert {entry.verdict for entry in entries} == {"reproduced"}
    with pytest.raises(
        ValueError, match=r"there is no measure 'shortest_gradient' in nnlib\.report"
    ):
        load(source)
    with pytest.raises(ValueError, match="there is no measure 'last_error' in what was given"):
        load(ROW, its_measures)
