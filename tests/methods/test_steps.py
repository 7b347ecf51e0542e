"""The study of longer and shorter steps."""

import numpy as np
import pytest

from nnlib import Experiment, f1, f2
from nnlib.interval import interval_error
from nnlib.methods import steps
from nnlib.network import pack
from nnlib.training import train_quietly


def test_each_rule_has_six_settings_and_as_many_epochs():
    for f, plain in steps.DOCUMENT.items():
        for rule in steps.RULES:
            settings = steps.tried(f, rule)
            assert len({*settings}) == 6
            assert {(e.f, e.h, e.epochs) for e in settings} == {(f, plain.h, plain.epochs)}


@pytest.mark.parametrize("rule", steps.RULES)
@pytest.mark.parametrize("f", [f1, f2])
def test_what_is_chosen_was_the_best_of_those_tried(f, rule):
    means = np.log(steps.load_tried(f, rule)).mean(axis=1)
    assert steps.CHOSEN[f][rule] == np.argmin(means)


def test_starts_that_tune_do_not_judge():
    assert not {*steps.TUNING} & {*steps.STARTS}


def test_what_is_kept_of_a_run():
    plain = Experiment(f1, 3, 1, 1000)
    (row,) = (steps._measure(plain, 3),)
    run = train_quietly(plain.starting(data=3, weights=1003))
    best = int(np.argmin(run.train_error))
    assert row[3] == interval_error(f1, pack(run.U[best], run.V[best]))
    assert row[2] == interval_error(
        f1, pack(*(w[np.argmin(run.train_error[:501])] for w in (run.U, run.V)))
    )
    assert row[4] == run.test_error[best]
    assert row[5] == interval_error(f1, pack(run.U[-1], run.V[-1]))
    assert row[6:8] == [best, np.sum(np.diff(run.train_error) > 0)]


def test_steps_beyond_the_threshold_are_counted():
    assert steps._measure(Experiment(f1, 3, 0.1, 200), 0)[-1] == 0  # the sharpness is below 20
    assert steps._measure(Experiment(f1, 3, 3, 200), 0)[-1] > 0.5  # it is never below 1


def test_an_overflow_is_no_error():
    row = steps._measure(Experiment(f2, 8, 50, 100), 0)
    assert np.isfinite(row[:5]).all() and row[5] == np.inf


def test_what_is_not_kept_is_refused():
    with pytest.raises(KeyError):
        steps.load(f1, "momentum")
