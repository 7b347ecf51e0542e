"""The study of batches within equal numbers of passes."""

import numpy as np
import pytest

from nnlib import Experiment
from nnlib.interval import interval_error
from nnlib.methods import batches
from nnlib.network import pack
from nnlib.training import train_quietly

SETTINGS = [
    (task, batch, schedule)
    for task in batches.TASKS
    for batch in batches.BATCHES
    for schedule in batches.schedules(batch)
]


@pytest.mark.parametrize("setting", SETTINGS)
def test_each_has_ten_settings_and_as_many_passes(setting):
    task, batch, _ = setting
    plain, some = batches.TASKS[task], batches.tried(*setting)
    assert len({*some}) == 10
    assert {(one.f, one.h, one.epochs, one.start, one.batch or 1000) for one in some} == {
        (plain.f, plain.h, 1000, plain.start, batch)
    }


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_is_chosen_was_the_best_of_those_tried(setting):
    task, batch, schedule = setting
    means = np.log(batches.load_tried(*setting)).mean(axis=1)
    for budget in batches.BUDGETS if schedule == "constant" else batches.BUDGETS[-1:]:
        best = np.argmin(means[:, batches.PASSES.index(budget)])
        assert batches.CHOSEN[task][batch, schedule, budget] == best


def test_starts_that_tune_do_not_judge():
    assert not {*batches.TUNING} & {*batches.STARTS}


def test_what_is_kept_of_a_run():
    plain = Experiment.parse("f1 3 0.1 1000 batch=100 noise=0.1")
    row = batches._measure(plain, 3)
    run = train_quietly(plain.starting(data=3, weights=1003).replaced(shuffle=2003))
    weights = pack(run.U, run.V)
    assert row[:7] == interval_error(plain.f, weights[list(batches.PASSES)]).tolist()
    assert row[7] == run.train_error[-1]
    slow = Experiment.parse("f1 3 0.1 300 noise=0.1").starting(data=3, weights=1003)
    calm = train_quietly(slow, weights=(run.U[-1], run.V[-1]))
    assert row[8] == calm.train_error[-1]
    assert row[9] == interval_error(plain.f, pack(calm.U, calm.V)[-1])


def test_the_beginning_of_a_run_is_enough_for_a_small_budget():
    one = Experiment.parse("f1 3 0.1 30 batch=100")
    errors = batches._measure(one, 3)[:7]
    assert errors[:4] == batches._measure(one.replaced(epochs=1000), 3)[:4]
    assert np.isinf(errors[4:]).all()


def test_an_overflow_is_an_infinite_error():
    row = batches._measure(Experiment.parse("f2 8 50 1000 batch=500"), 0)
    assert np.isinf(row[6:]).all()


def test_what_is_not_kept_is_refused():
    with pytest.raises(KeyError):
        batches.load("f1", 20)
