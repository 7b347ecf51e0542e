"""The trainings of the report: each is run once, however it is asked for."""

import warnings

import pytest

from nnlib import Experiment, f1
from nnlib.arithmetic import ARITHMETICS
from nnlib.report import runs
from nnlib.report.claims import load
from nnlib.report.ledger import check
from nnlib.report.runs import history

SHORT = Experiment(f1, 3, 0.1, 7)


@pytest.fixture
def trained(monkeypatch):
    """What is trained, in an empty store."""
    calls = []
    for name in ("train", "train_in_order"):
        original = getattr(runs, name)

        def recorded(experiment, *given, original=original, **named):
            calls.append((experiment, *given, *named.values()))
            return original(experiment, *given, **named)

        monkeypatch.setattr(runs, name, recorded)
    runs._train.cache_clear()
    yield calls
    runs._train.cache_clear()


def test_one_key_for_all_forms_of_the_call(trained):
    forms = (
        history(SHORT),
        history(SHORT, "portable"),
        history(SHORT, arithmetic="portable"),
        history(SHORT, ARITHMETICS["portable"]),
        history(SHORT, "portable", None),
        history(Experiment(f1, 3, 0.1, 7), order=None),
    )
    assert all(form is forms[0] for form in forms)
    assert len(trained) == 1


def test_what_differs_is_kept_apart(trained):
    results = [
        history(SHORT),
        history(SHORT, "replay"),
        history(SHORT, order=1),
        history(SHORT, "portable", 2),
        history(SHORT, "replay", 1),
    ]
    assert len({result.checksum() for result in results}) == len(trained) == 5
    assert history(SHORT, order=1) is results[2]


def test_the_ledger_and_the_measures_share_the_runs_of_a_chapter(trained):
    """What a chapter trains in one form, its tables find in the other."""
    experiment = Experiment(f1, 3, 0.1, 1000)
    history(experiment)
    claims = {claim.id: claim for claim in load()}
    check(claims["fig5d-last"])  # asks with the arithmetic's name, and in other orders
    check(claims["fig5d-lowest"])
    assert len(trained) == 1 + len(runs.ORDERS)


def test_an_overflow_is_no_warning_here():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert history(Experiment(f1, 3, 5, 200)).overflow_epoch == 182


def test_no_such_arithmetic():
    with pytest.raises(ValueError, match="arithmetic must be one of portable, replay"):
        history(SHORT, "odd")
