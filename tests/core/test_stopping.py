"""Early stopping: it ends where somebody would who looked at each epoch, with the same bits."""

import warnings

import numpy as np
import pytest

from nnlib import Experiment, f1, get_test_set, get_train_set, stopping, train
from nnlib.checks import ENGINES
from nnlib.stopping import stop_early
from nnlib.training import train_quietly

FEW = Experiment.parse("f1 8 0.5 3000 samples=30 noise=0.5 data=1")


def by_hand(errors, patience):
    """The best epoch and the last one."""
    best = 0
    for epoch, error in enumerate(errors):
        if error < errors[best]:
            best = epoch
        if epoch - best == patience:
            break
    return best, epoch


@pytest.mark.parametrize("engine", ENGINES[1:])
@pytest.mark.parametrize("patience", [1, 7, 30, 100, 1000])
@pytest.mark.parametrize(
    "more",
    [
        "",
        "start=spread schedule=cosine",
        "optimizer=adam batch=5 shuffle=2 weights=3 scale=10 penalty=0.01",
        "inputs=side outliers=0.1 optimizer=heavy-ball beta=0.9",
    ],
)
def test_it_ends_where_one_would_who_looks_at_each_epoch(more, patience, engine):
    experiment = Experiment.parse(f"f1 4 0.1 400 samples=30 noise=0.5 data=1 {more}")
    stopped = stop_early(experiment, patience=patience, engine=engine)
    samples, held_back = stopped.train_set, stopped.validation_set
    history = train(experiment, train_set=samples, test_set=held_back, engine="numpy")
    best, last = by_hand(history.test_error, patience)
    assert (stopped.best_epoch, stopped.last_epoch) == (best, last)
    assert stopped.reason == ("patience" if last - best == patience else "budget")
    np.testing.assert_array_equal(stopped.validation_error, history.test_error[: last + 1])
    np.testing.assert_array_equal(stopped.train_error, history.train_error[: last + 1])
    np.testing.assert_array_equal(stopped.U, history.U[best])
    np.testing.assert_array_equal(stopped.V, history.V[best])
    np.testing.assert_array_equal(stopped.predict([0, 1]), history.predict([0, 1], best))
    assert stopped.lowest_error == history.test_error[best]
    tested = train(experiment, train_set=samples, test_set=experiment.start.test_set(f1))
    assert stopped.test_error == tested.test_error[best]


def test_the_runs_above_end_in_both_ways():
    reasons = {stop_early(FEW, patience=patience).reason for patience in (100, 3000)}
    assert reasons == {"patience", "budget"}


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_it_computes_little_beyond_the_end(engine, monkeypatch):
    computed = []
    descend = stopping.descend

    def watched(*given, **named):
        for ready in descend(*given, **named):
            computed.append(ready)
            yield ready

    monkeypatch.setattr(stopping, "descend", watched)
    overfitting = Experiment.parse("f1 20 0.2 5000 samples=30 noise=1 data=1 start=spread")
    for experiment, patience, share in ((FEW, 1, 0.2), (FEW, 100, 0.2), (overfitting, 500, 0.3)):
        stopped = stop_early(experiment, patience=patience, validation=share, engine=engine)
        assert stopped.reason == "patience"
        assert stopped.last_epoch < computed[-1] <= stopped.last_epoch + max(patience, 100)


def test_the_samples_are_parted():
    x, y = FEW.start.train_set(f1)
    stopped = stop_early(FEW, patience=1, validation=0.3)
    for whole, part, other in zip((x, y), stopped.train_set, stopped.validation_set, strict=True):
        assert (part.size, other.size) == (21, 9)
        assert sorted([*part, *other]) == sorted(whole)
        for one in (part, other):  # each in its order
            places = [whole.tolist().index(value) for value in one]
            assert places == sorted(places)
    again, other = (stop_early(FEW, patience=1, validation=0.3, seed=seed) for seed in (0, (0, 1)))
    np.testing.assert_array_equal(again.validation_set, stopped.validation_set)
    assert not np.array_equal(other.validation_set, stopped.validation_set)
    held = np.random.default_rng(0).permutation(30)[:9]
    np.testing.assert_array_equal(stopped.validation_set[0], x[np.sort(held)])


def test_samples_and_weights_of_ones_own():
    x, y = get_train_set(f1)
    weights = np.ones((2, 2)), np.ones(3)
    validation, test_set = (x[50:60], y[50:60]), get_test_set(f1)
    given = {"train_set": (x[:50], y[:50]), "weights": weights}
    experiment = Experiment(f1, 3, 0.1, 50)
    stopped = stop_early(experiment, patience=10, validation=validation, test_set=test_set, **given)
    np.testing.assert_array_equal(stopped.train_set, (x[:50], y[:50]))
    np.testing.assert_array_equal(stopped.validation_set, validation)
    history = train(experiment, test_set=validation, **given)
    np.testing.assert_array_equal(stopped.U, history.U[stopped.best_epoch])
    one = stop_early(experiment, patience=10, validation=(x[:1], y[:1]))
    assert len(one.validation_set[0]) == 1 and len(one.train_set[0]) == 1000


@pytest.mark.parametrize("engine", ENGINES[1:])
@pytest.mark.parametrize("rate", [1e3, 1e200])
def test_an_overflow_ends_it_without_a_warning(engine, rate):
    experiment = Experiment(f1, 3, rate, 3000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stopped = stop_early(experiment, patience=3000, engine=engine)
    history = train_quietly(
        experiment, train_set=stopped.train_set, test_set=stopped.validation_set
    )
    assert stopped.reason == "overflow" and stopped.last_epoch == history.overflow_epoch
    assert stopped.best_epoch == history.best_epoch
    assert np.isfinite(stopped.U).all() and np.isfinite(stopped.lowest_error)


def test_no_epochs():
    stopped = stop_early(Experiment(f1, 3, 0.1, 0), patience=1)
    assert (stopped.best_epoch, stopped.last_epoch, stopped.reason) == (0, 0, "budget")


def test_what_it_prints():
    assert repr(stop_early(FEW, patience=100)) == (
        "(f1, 8, 0.5, 3000, samples=30, noise=0.5, data=1): lowest validation error 0.2199 at "
        "epoch 2, test error there 0.1658, ended at epoch 102 by patience"
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"patience": 0}, "patience must be an integer, at least 1, got 0"),
        ({"patience": 1.5}, "patience must be an integer, at least 1, got 1.5"),
        ({"patience": None}, "patience must be an integer, at least 1, got None"),
        ({"validation": 0}, r"a share between 0 and 1, or a pair \(x, y\), got 0"),
        ({"validation": 1}, r"a share between 0 and 1, or a pair \(x, y\), got 1"),
        ({"validation": -0.5}, r"a share between 0 and 1, or a pair \(x, y\), got -0.5"),
        ({"validation": np.nan}, "validation must be a finite number, got nan"),
        ({"validation": True}, "validation must be a finite number, got True"),
        ({"validation": 0.01}, "leave one or more to train on: 0.01 of 30 are 0"),
        ({"validation": 0.99}, "leave one or more to train on: 0.99 of 30 are 30"),
        ({"validation": "some"}, r"the validation set must be a pair \(x, y\) of arrays"),
        ({"validation": None}, r"the validation set must be a pair \(x, y\) of arrays"),
        ({"validation": ([], [])}, "x and y of the validation set must have the same shape"),
        ({"validation": ([1], [np.inf])}, "the validation set must be finite"),
        ({"seed": -1}, "seed must be an integer, at least 0, got -1"),
        ({"engine": "abacus"}, "engine must be one of None, 'numpy', 'kernel', got 'abacus'"),
        ({"train_set": get_train_set(f1)}, "a training set of your own needs a test set"),
    ],
)
def test_what_is_refused(given, message):
    with pytest.raises(ValueError, match=message) as caught:
        stop_early(FEW, **{"patience": 5} | given)
    assert "\n" not in str(caught.value)


def test_a_batch_is_of_those_that_are_trained_on():
    assert stop_early(FEW.replaced(batch=24), patience=5).reason
    with pytest.raises(ValueError, match="batch must be at most 24, as there are no more samples"):
        stop_early(FEW.replaced(batch=25), patience=5)
    one = FEW.starting(samples=1)
    with pytest.raises(ValueError, match=r"leave one or more to train on: 0\.5 of 1 are 1"):
        stop_early(one, patience=5, validation=0.5)
