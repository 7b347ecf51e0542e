"""The settings of the comparison of methods, and what is kept of its runs."""

import numpy as np
import pytest

from nnlib import f1, f2
from nnlib.interval import interval_error
from nnlib.methods import comparison, tuning
from nnlib.network import pack
from nnlib.training import train_quietly


@pytest.mark.parametrize("f", tuning.BUDGET)
def test_every_method_has_six_settings_and_one_budget(f):
    for method in tuning.METHODS:
        for kind in tuning.KINDS:
            some = tuning.tried(f, kind, method)
            assert len({*some}) == 6
            for one in some:
                spent = one.epochs * tuning.cost(f, method)
                assert spent == pytest.approx(tuning.BUDGET[f], rel=0.01)
                assert (one.f, one.h, one.start.start) == (f, tuning.SIZES[f], kind)


def test_what_an_epoch_costs():
    # The products with 22 derivatives, and with all pairs of them.
    assert tuning.cost(f2, "gauss-newton") == (22 + 22 * 23 / 2) / 22
    assert tuning.cost(f1, "sharpness") == (7 + 7 * 8 / 2) / 7
    assert tuning.cost(f1, "armijo") == tuning.cost(f2, "lbfgs") == 1


def test_no_start_for_tuning_judges():
    assert min(tuning.SEEDS) >= comparison.STARTS


@pytest.mark.parametrize("kind", tuning.KINDS)
@pytest.mark.parametrize("f", tuning.BUDGET)
def test_the_best_of_the_tried_is_chosen(f, kind):
    for method in tuning.METHODS:
        means = np.log(tuning.load(f, kind, method)).mean(axis=1)
        settings = tuning.tried(f, kind, method)
        assert comparison.chosen(f, kind, method) == settings[np.argmin(means)]
        second = settings.index(comparison.chosen(f, kind, method, second=True))
        assert sorted(means).index(means[second]) == 1


def test_batches_come_in_another_order_from_each_start():
    (one, *_) = tuning.tried(f1, "spread", "descent-batches")
    (all_at_once, *_) = tuning.tried(f1, "spread", "descent")
    assert tuning.start(one, 3).shuffle != tuning.start(one, 4).shuffle
    started = tuning.start(all_at_once, 3)
    assert (started.start.data, started.start.weights, started.shuffle) == (3, 1003, 0)
    assert started.start.start == "spread"


@pytest.mark.parametrize("method", ["descent", "gauss-newton", "adam-batches"])
def test_what_is_kept_of_a_run(method):
    one = tuning.tried(f1, "glorot", method)[2].replaced(epochs=40)
    row = tuning.runs([one], [3])[0, 0]
    run = train_quietly(tuning.start(one, 3))
    weights = pack(run.U, run.V)
    for part, epochs in enumerate((4, 12, 40)):
        best = np.argmin(run.train_error[: epochs + 1])
        assert row[part] == interval_error(f1, weights[best])
    last, test, test_epoch, best_epoch, overflow, *reached = row[3:]
    assert last == interval_error(f1, weights[-1])
    assert test == run.test_error.min() == run.test_error[int(test_epoch)]
    assert (best_epoch, overflow) == (best, np.inf)
    for level, epoch in zip(tuning.LEVELS[f1], reached, strict=True):
        below = np.flatnonzero(run.train_error <= level)
        assert epoch == (below[0] if below.size else np.inf)


def test_a_run_that_overflows_keeps_what_it_had():
    one = tuning.tried(f1, "document", "descent")[0].replaced(learning_rate=100, epochs=2000)
    row = tuning.runs([one], [3])[0, 0]
    run = train_quietly(tuning.start(one, 3))
    assert row[3] == np.inf and row[7] == run.overflow_epoch
    assert np.isfinite(row[:3]).all()


def test_gradients_are_counted_as_they_cost():
    found = comparison.load(f2, "spread", "gauss-newton")
    epochs = found["reached"] / tuning.cost(f2, "gauss-newton")
    assert {*np.unique(epochs[np.isfinite(epochs)] % 1)} == {0}
    assert np.isfinite(found["reached"]).any()
    assert found["reached"][np.isfinite(found["reached"])].max() <= tuning.BUDGET[f2]


@pytest.mark.parametrize("f", tuning.BUDGET)
def test_a_larger_budget_trains_lower(f):
    for method in tuning.METHODS:
        found = comparison.load(f, "document", method)
        assert found["parts"].shape == (comparison.STARTS, len(tuning.PARTS))
        # Of the interval, the error need not fall with that of the samples; in the middle it does.
        assert np.all(np.diff(np.median(found["parts"], axis=0)) <= 0)
        assert np.all(np.diff(np.where(np.isinf(found["reached"]), 1e9, found["reached"])) >= 0)


def test_the_control_runs_the_second_best():
    found = comparison.load(f1, "spread", "adam", second=True)
    assert found["error"].shape == (comparison.CONTROL,)
    assert not np.array_equal(
        found["error"], comparison.load(f1, "spread", "adam")["error"][: comparison.CONTROL]
    )
