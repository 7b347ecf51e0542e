"""The trainer: the document's digits, the oracle, overflow, and what is refused."""

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest

from nnlib import (
    Experiment,
    f1,
    f2,
    get_initial_weights,
    get_new_random_weights,
    get_test_set,
    get_train_set,
    reference,
    train,
)
from nnlib.network import LossGradient

ARRAYS = ("test_error", "train_error", "U", "V", "grad_U", "grad_V")


@pytest.mark.parametrize(
    ("experiment", "reported"),
    [
        (Experiment(f1, 2, 0.1, 1000), "0.0051"),
        (Experiment(f1, 3, 0.1, 1000), "0.0068"),
        (Experiment(f1, 5, 0.1, 1000), "0.0100"),
        (Experiment(f1, 8, 0.1, 1000), "0.0121"),
        (Experiment(f2, 3, 0.1, 1000), "48.9168"),
    ],
    ids=str,
)
def test_digits_of_the_document(experiment, reported):
    assert f"{train(experiment).last_error:.4f}" == reported


@pytest.mark.parametrize(
    "experiment",
    [
        Experiment(f1, 2, 0.1, 1000),
        Experiment(f1, 3, 0.1, 1000),
        Experiment(f1, 5, 0.1, 1000),
        Experiment(f2, 3, 0.1, 1000),
        Experiment(f2, 6, 0.1, 1000),
        Experiment(f2, 8, 0.05, 1000),
    ],
    ids=str,
)
def test_agrees_with_the_reference(experiment, monkeypatch):
    """Over its first epochs, and in steps that start from where it is later in the run.

    The oracle needs 15 to 30 ms an epoch, which is what this test costs: one run of 20 epochs
    shows that steps follow each other rightly, and single ones that each of them is right.
    """
    history = train(experiment)
    for start, epochs in ((0, 20), (200, 1), (500, 1), (999, 1)):
        U, V = history.U[start], history.V[start]
        monkeypatch.setattr(reference, "get_initial_weights", lambda h, U=U, V=V: (U, V[None]))
        slow = reference.train(replace(experiment, epochs=epochs))
        for name in ARRAYS:
            whole, oracle = getattr(history, name), getattr(slow, name)
            ours = whole[start : start + len(oracle)]
            assert ours.shape == oracle.shape
            assert abs(ours - oracle).max() <= 1e-13 * abs(whole).max(), (name, start)


def test_history():
    experiment = Experiment(f1, 4, 0.125, 30)  # a power of two, so that the rate does not round
    history = train(experiment)
    assert history.experiment is experiment
    shapes = [(31,), (31,), (31, 3, 2), (31, 4), (30, 3, 2), (30, 4)]
    assert [getattr(history, name).shape for name in ARRAYS] == shapes

    U, V = get_initial_weights(4)
    np.testing.assert_array_equal(history.U[0], U)
    np.testing.assert_array_equal(history.V[0], V[0])
    np.testing.assert_array_equal(history.U[1:], history.U[:-1] - 0.125 * history.grad_U)
    np.testing.assert_array_equal(history.V[1:], history.V[:-1] - 0.125 * history.grad_V)

    for (x, y), errors in (
        (get_train_set(f1), history.train_error),
        (get_test_set(f1), history.test_error),
    ):
        for epoch in (0, 17, 30):
            expected = np.mean((history.predict(x, epoch) - y) ** 2) / 2
            assert errors[epoch] == pytest.approx(expected, rel=1e-14)

    assert history.last_error == history.test_error[-1]
    assert history.lowest_error == history.test_error.min() == history.test_error[30]
    assert (history.best_epoch, history.overflow_epoch) == (30, None)
    assert repr(history).startswith("(f1, 4, 0.125, 30): last error 0.")
    with pytest.raises(ValueError, match="read-only"):
        history.U[0] = 0


def test_both_weights_are_updated_from_the_old_ones():
    x, y = get_train_set(f2)
    history = train(Experiment(f2, 3, 0.1, 5))
    _, grad_U, grad_V = LossGradient(x, y, 3)(history.U[4], history.V[4])
    np.testing.assert_array_equal(history.grad_U[4], grad_U)
    np.testing.assert_array_equal(history.grad_V[4], grad_V)


def test_predict():
    history = train(Experiment(f1, 3, 0.1, 10))
    x = np.linspace(-5, 5, 6).reshape(2, 3)
    assert history.predict(x).shape == (2, 3)
    assert history.predict(x)[0, 1] == history.predict(x[0, 1]) == history.predict(x, 10)[0, 1]
    assert history.predict(x, -11)[0, 0] == history.predict(x, 0)[0, 0]
    assert isinstance(history.predict(0), float)
    for epoch in (11, -12):
        with pytest.raises(ValueError, match=f"epoch must be between -11 and 10, got {epoch}"):
            history.predict(0, epoch)


def test_given_datasets_and_weights():
    experiment = Experiment(f1, 3, 0.1, 20)
    standard = train(experiment)
    given = train(
        experiment,
        train_set=get_train_set(f1),
        test_set=get_test_set(f1),
        weights=get_initial_weights(3),
    )
    assert given.checksum() == standard.checksum()
    others = {"train_set": get_train_set(f2), "weights": get_new_random_weights(3, rng=1)}
    for name, other in others.items():
        assert train(experiment, **{name: other}).checksum() != standard.checksum()
    short = train(experiment, test_set=([1, 2], [3, 4]))
    np.testing.assert_array_equal(short.U, standard.U)
    assert short.last_error != standard.last_error


def test_no_epochs():
    history = train(Experiment(f1, 3, 0.1, 0))
    assert history.test_error.shape == (1,) and history.grad_U.shape == (0, 2, 2)
    assert history.last_error == history.lowest_error


def test_progress_goes_to_standard_error(capsys):
    quiet = train(Experiment(f1, 3, 0.1, 10))
    loud = train(Experiment(f1, 3, 0.1, 10), progress=True)
    assert loud.checksum() == quiet.checksum()
    assert capsys.readouterr().out == ""


def test_overflow():
    with pytest.warns(RuntimeWarning, match=r"\(f1, 3, 5, 1000\) overflows at epoch (\d+)") as seen:
        history = train(Experiment(f1, 3, 5, 1000))
    assert len(seen) == 1
    end = history.overflow_epoch
    assert f"epoch {end}:" in str(seen[0].message)
    assert np.isfinite(history.test_error[:end]).all() and np.isfinite(history.U[:end]).all()
    assert np.isnan(history.test_error[end + 1 :]).all() and np.isnan(history.V[end + 1 :]).all()
    assert np.isnan(history.grad_U[end:]).all() and np.isfinite(history.grad_V[: end - 1]).all()
    assert math.isnan(history.last_error) and history.lowest_error == history.test_error[0]


def test_overflow_before_the_first_update():
    with pytest.warns(RuntimeWarning, match="overflows at epoch 0"):
        history = train(Experiment(f1, 2, 0.1, 3), weights=([[1.0, 0.0]], [[1e308, -1e308]]))
    assert history.overflow_epoch == 0 and np.isnan(history.grad_U).all()
    assert (history.best_epoch, history.lowest_error) == (0, math.inf)


def test_divergence_without_overflow():
    history = train(Experiment(f1, 3, 2, 1000))
    assert history.overflow_epoch is None
    assert f"{history.last_error:.1e}" == "2.7e+04"


def test_divergence_that_only_the_exponential_would_overflow():
    # 1 / (1 + exp(-z)) overflows for z < -709.78, which the document reports; our sigmoid is 0
    # there and the run goes on.
    history = train(Experiment(f2, 8, 1.5, 1000))
    reach = (5 * abs(history.U[..., 0]) + abs(history.U[..., 1])).max(axis=1)
    assert (reach > 709.78).argmax() == 5
    assert history.overflow_epoch is None
    assert history.last_error > 1e50


def test_a_long_run_is_quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train(Experiment(f2, 3, 0.1, 1000))


def test_experiment():
    experiment = Experiment(f2, 8, 0.05, 10**4)
    assert repr(experiment) == "(f2, 8, 0.05, 10000)"
    assert repr(Experiment(f1, 3, 1.0, 1000)) == repr(Experiment(f1, 3, 1, 1000))
    assert experiment == Experiment(f2, 8, 0.05, 10_000)
    assert len({experiment, Experiment(f2, 8, 0.05, 10_000)}) == 1
    with pytest.raises(AttributeError):
        experiment.h = 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((f1, 1, 0.1, 10), r"h, the number .* must be an integer, at least 2, got 1"),
        ((f1, 2.5, 0.1, 10), r"h, the number .* must be an integer, at least 2, got 2.5"),
        ((f1, 3, 0, 10), r"learning_rate must be a positive, finite number, got 0"),
        ((f1, 3, -1, 10), r"learning_rate must be a positive, finite number, got -1"),
        ((f1, 3, math.inf, 10), r"learning_rate must be a positive, finite number, got inf"),
        ((f1, 3, math.nan, 10), r"learning_rate must be a positive, finite number, got nan"),
        ((f1, 3, "1", 10), r"learning_rate must be a positive, finite number, got '1'"),
        ((f1, 3, 0.1, -1), r"epochs must be an integer, at least 0, got -1"),
        ((f1, 3, 0.1, 1e3), r"epochs must be an integer, at least 0, got 1000.0"),
        (("f1", 3, 0.1, 10), r"f must be a function, such as nnlib.f1, got 'f1'"),
    ],
)
def test_wrong_experiments(arguments, message):
    with pytest.raises(ValueError, match=message):
        Experiment(*arguments)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"train_set": ([1, 2], [3])},
            r"training set must have the same shape .* got \(2,\)",
        ),
        ({"train_set": ([], [])}, r"training set must .* N at least 1, got \(0,\) and \(0,\)"),
        ({"test_set": ([[1]], [[2]])}, r"test set must .* got \(1, 1\) and \(1, 1\)"),
        ({"test_set": ([1, math.nan], [3, 4])}, r"test set must be finite, got x\[1\] = nan"),
        ({"train_set": ([1, 2], [math.inf, 4])}, r"training set must be finite, got y\[0\] = inf"),
        ({"train_set": 3}, r"training set must be a pair \(x, y\) of arrays of numbers"),
        ({"train_set": ([1], ["a"])}, r"training set must be a pair \(x, y\) of arrays of numbers"),
        ({"weights": ([[1, 2]], [[1, 2, 3]])}, r"shapes \(2, 2\) and \(1, 3\), got \(1, 2\) and"),
        (
            {"weights": (np.ones((2, 2)), [1, 2, 3])},
            r"and \(1, 3\), got \(2, 2\) and \(3,\)",
        ),
        ({"weights": (np.full((2, 2), np.nan), np.ones((1, 3)))}, r"finite, got U\[0,0\] = nan"),
        ({"weights": 7}, r"weights must be a pair \(U, V\) of arrays of numbers"),
    ],
)
def test_wrong_datasets_and_weights(given, message):
    with pytest.raises(ValueError, match=message):
        train(Experiment(f1, 3, 0.1, 10), **given)


def test_a_bare_tuple_is_refused():
    with pytest.raises(TypeError, match=r"must be an Experiment, got \(.*, 3, 0.1, 10\)"):
        train((f1, 3, 0.1, 10))
