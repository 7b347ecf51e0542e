"""The trainings of the report: each is run once, however it is asked for."""

import warnings

import pytest

from nnlib import Experiment, f1
from nnlib.arithmetic import PORTABLE
from nnlib.report import runs
from nnlib.report.claims import load
from nnlib.report.ledger import check
from nnlib.report.runs import trained

SHORT = Experiment(f1, 3, 0.1, 7)


@pytest.fixture
def calls(monkeypatch):
    """What is trained, in an empty store."""
    calls = []
    original = runs.train_quietly

    def recorded(experiment, **named):
        calls.append((experiment, named))
        return original(experiment, **named)

    monkeypatch.setattr(runs, "train_quietly", recorded)
    runs._trained.cache_clear()
    yield calls
    runs._trained.cache_clear()


def test_one_key_for_all_forms_of_the_call(calls):
    forms = (
        trained(SHORT),
        trained(SHORT, "portable"),
        trained(SHORT, arithmetic="portable"),
        trained(SHORT, PORTABLE),
        trained(SHORT.starting(order=None)),
        trained(Experiment.parse("f1 3 0.1 7 scale=1")),
    )
    assert all(form is forms[0] for form in forms)
    assert len(calls) == 1


def test_what_differs_is_kept_apart(calls):
    results = [
        trained(SHORT),
        trained(SHORT, "replay"),
        trained(SHORT.starting(order=1)),
        trained(SHORT.starting(order=2)),
        trained(SHORT.starting(order=1), "replay"),
    ]
    assert len({result.checksum() for result in results}) == len(calls) == 5
    assert trained(SHORT.starting(order=1)) is results[2]


def test_the_ledger_and_the_measures_share_the_runs_of_a_chapter(calls):
    """What a chapter trains in one form, its tables find in the other."""
    experiment = Experiment(f1, 3, 0.1, 1000)
    trained(experiment)
    claims = {claim.id: claim for claim in load()}
    check(claims["fig5d-last"])  # asks with the arithmetic's name, and in other orders
    check(claims["fig5d-lowest"])
    assert len(calls) == 1 + len(runs.ORDERS)


def test_an_overflow_is_no_warning_here():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert trained(Experiment(f1, 3, 5, 200)).overflow_epoch == 182


def test_no_such_arithmetic():
    with pytest.raises(ValueError, match="arithmetic must be one of portable, replay"):
        trained(SHORT, "odd")
