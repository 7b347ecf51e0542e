"""The trainer: the document's digits, the oracle, overflow, and what is refused."""

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest

from nnlib import (
    Experiment,
    checks,
    f1,
    f2,
    get_initial_weights,
    get_new_random_weights,
    get_test_set,
    get_train_set,
    reference,
    train,
)
from nnlib.arithmetic import find_arithmetic
from nnlib.network import LossGradient
from nnlib.start import Start
from nnlib.training import fingerprint, train_quietly

DAYS = np.array(["2025-06-09", "2025-06-10"], dtype="M8[D]")
MASKED = np.ma.array([1.0, 2.0], mask=[False, True])
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


@pytest.mark.one_in(3)
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
        monkeypatch.setattr(Start, "initial_weights", lambda self, h, U=U, V=V: (U, V))
        slow = reference.train(replace(experiment, epochs=epochs))
        for name in ARRAYS:
            whole, oracle = getattr(history, name), getattr(slow, name)
            ours = whole[start : start + len(oracle)]
            assert ours.shape == oracle.shape
            assert abs(ours - oracle).max() <= 1e-13 * abs(whole).max(), (name, start)


def test_both_weights_are_updated_from_the_old_ones():
    x, y = get_train_set(f2)
    history = train(Experiment(f2, 3, 0.1, 5))
    _, grad_U, grad_V = LossGradient(x, y, 3)(history.U[4], history.V[4])
    np.testing.assert_array_equal(history.grad_U[4], grad_U)
    np.testing.assert_array_equal(history.grad_V[4], grad_V)


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
    others = (
        {"train_set": get_train_set(f2), "test_set": get_test_set(f1)},
        {"weights": get_new_random_weights(3, rng=1)},
    )
    for other in others:
        assert train(experiment, **other).checksum() != standard.checksum()
    U, V = get_initial_weights(3)
    assert train(experiment, weights=(U, V[0])).checksum() == standard.checksum()
    short = train(experiment, test_set=([1, 2], [3, 4]))
    np.testing.assert_array_equal(short.U, standard.U)
    assert short.last_error != standard.last_error


def test_a_training_set_needs_a_test_set():
    """The standard test set may lie where nobody has trained."""
    with pytest.raises(ValueError, match="training set of your own needs a test set"):
        train(Experiment(f1, 3, 0.1, 5), train_set=([1, 2], [3, 4]))


def test_what_a_history_was_trained_on():
    x, y = np.linspace(1, 10, 40), np.log(np.linspace(1, 10, 40))
    history = train(Experiment(np.log, 3, 0.1, 5), train_set=(x, y), test_set=(x[::2], y[::2]))
    for kept, given in ((history.train_set, (x, y)), (history.test_set, (x[::2], y[::2]))):
        for one, other in zip(kept, given, strict=True):
            np.testing.assert_array_equal(one, other)
            assert not one.flags.writeable and other.flags.writeable
    history = train(Experiment(f1, 3, 0.1, 5).starting(samples=10, noise=1, data=3))
    assert len(history.train_set[0]) == 10
    np.testing.assert_array_equal(history.test_set, get_test_set(f1))
    np.testing.assert_array_equal(reference_train(Experiment(f1, 3, 0.1, 1)), get_train_set(f1))


def reference_train(experiment):
    """What the oracle's history says it was trained on."""
    return reference.train(experiment).train_set


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


def test_large_wanted_outputs_are_not_blamed_on_the_learning_rate():
    message = "overflows at epoch 0: initial weights or wanted outputs are too large"
    with pytest.warns(RuntimeWarning, match=message):
        history = train(Experiment(lambda x: 1e200 * x, 3, 0.1, 10))
    assert history.overflow_epoch == 0
    with pytest.warns(RuntimeWarning, match=message):
        train(Experiment(f1, 3, 0.1, 10), test_set=([1, 2], [3, 1e200]))


def test_quietly():
    quiet = train_quietly(Experiment(f1, 3, 5, 1000))  # warnings are errors here
    with pytest.warns(RuntimeWarning, match="overflows"):
        loud = train(Experiment(f1, 3, 5, 1000))
    assert quiet.checksum() == loud.checksum()


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
        ({"train_set": 3}, r"training set must be a pair \(x, y\) of arrays of numbers, got 3"),
        ({"train_set": ([1], [2], [3])}, r"training set must be a pair \(x, y\) .*, got \(\[1\], "),
        ({"train_set": ([1], ["a"])}, r"y of the training set must .* real numbers: got \['a'\]"),
        ({"train_set": ([1], ["2"])}, r"y of the training set must .* real numbers: got \['2'\]"),
        ({"train_set": ([1j], [2])}, r"x of the training set must .* real numbers: got \[1j\]"),
        (
            {"train_set": (np.array([1j]), [2])},
            r"x of the training set must .* real numbers: got a",
        ),
        ({"test_set": ([1], [None])}, r"y of the test set must .* real numbers: got \[None\]"),
        ({"test_set": (DAYS, [1, 2])}, r"x of the test set must .* real numbers: got array\(\['20"),
        ({"test_set": (np.diff(DAYS), [1])}, r"x of the test set must .* real numbers: got array"),
        (
            {"test_set": (np.array([np.timedelta64(1, "s")], dtype=object), [1])},
            r"x of the test set must .* real numbers: got array",
        ),
        (
            {"test_set": ([1, 2], MASKED)},
            r"y of the test set must .* numbers: some of it is masked",
        ),
        ({"test_set": ([1], [10**400])}, r"y of the test set must .*: int too large to convert"),
        ({"test_set": ([1], [[2], [3, 4]])}, r"y of the test set must be an array of real numbers"),
        ({"test_set": {"x": [1], "y": [2]}}, r"x of the test set must .* real numbers: got 'x'"),
        (
            {"weights": ([[1, 2]], [[1, 2, 3]])},
            r"\(2, 2\) and \(3,\) or \(1, 3\), got \(1, 2\) and",
        ),
        (
            {"weights": (np.ones((2, 2)), np.ones((3, 1)))},
            r"or \(1, 3\), got \(2, 2\) and \(3, 1\)",
        ),
        ({"weights": (np.full((2, 2), np.nan), np.ones((1, 3)))}, r"finite, got U\[0,0\] = nan"),
        ({"weights": (np.ones((2, 2)), [1, 2, np.inf])}, r"finite, got V\[2\] = inf"),
        ({"weights": (np.ones((2, 2)), ["1", "2", "3"])}, r"V of the weights must .* real numbers"),
        ({"weights": (MASKED, [1, 2, 3])}, r"U of the weights must .*: some of it is masked"),
        ({"weights": 7}, r"weights must be a pair \(U, V\) of arrays of numbers, got 7"),
    ],
)
def test_wrong_datasets_and_weights(given, message):
    with pytest.raises(ValueError, match=message):
        train(Experiment(f1, 3, 0.1, 10), **given)


def test_a_bare_tuple_is_refused():
    with pytest.raises(TypeError, match=r"must be an Experiment, got \(.*, 3, 0.1, 10\)"):
        train((f1, 3, 0.1, 10))


def test_numbers_of_other_types_are_taken_as_they_are():
    experiment = Experiment(f1, 3, 0.1, 3)
    x, y = [1, 2, 3], [True, False, True]
    test_set = get_test_set(f1)
    expected = train(
        experiment, train_set=(np.array([1.0, 2.0, 3.0]), [1.0, 0.0, 1.0]), test_set=test_set
    )
    others = (np.array(x, dtype=dtype) for dtype in (">i2", "f4", object))
    for inputs in (x, tuple(x), np.ma.array(x), *others):
        found = train(experiment, train_set=(inputs, y), test_set=test_set)
        assert found.checksum() == expected.checksum()


def test_fingerprint():
    experiment = Experiment(f1, 3, 0.1, 10)
    U, V = get_initial_weights(3)
    found = fingerprint(experiment)
    assert found == "53c8aa7e248cfd9dfd968304642d50ed8a33c75f28cde72e92200dcc694ce9a0"
    for same in (
        {"train_set": get_train_set(f1), "test_set": get_test_set(f1)},
        {"weights": (U, V)},
        {"weights": (U, V[0])},
        {"arithmetic": find_arithmetic("portable")},
    ):
        assert fingerprint(experiment, **same) == found
    assert fingerprint(Experiment(lambda x: f1(x), 3, np.float64(0.1), 10)) == found
    others = [
        fingerprint(Experiment(f1, 3, np.float32(0.1), 10)),
        fingerprint(Experiment(f1, 3, 0.1, 11)),
        fingerprint(Experiment(f2, 3, 0.1, 10)),
        fingerprint(experiment, train_set=get_test_set(f1), test_set=get_test_set(f1)),
        fingerprint(experiment, test_set=get_train_set(f1)),
        fingerprint(experiment, weights=(2 * U, V)),
        fingerprint(experiment, arithmetic="replay"),
    ]
    assert len({found, *others}) == 8


def test_a_history_that_cannot_fit_is_refused_before_it_is_made():
    for h, epochs in ((3, 10**14), (10**11, 3)):
        with pytest.raises(MemoryError, match=r"\(f1, .*\) needs \d+ GiB of memory, and this ma"):
            train(Experiment(f1, h, 0.1, epochs))


@pytest.mark.parametrize(
    ("limit", "fits"),
    [("max\n", True), (None, True), ("600000\n", True), ("100000\n", False), ("odd", True)],
)
def test_the_memory_of_a_container_counts(tmp_path, monkeypatch, limit, fits):
    if limit is not None:
        (tmp_path / "memory.max").write_text(limit)
    monkeypatch.setattr(checks, "Path", lambda _, name: tmp_path / name)
    monkeypatch.setattr(checks, "_LITTLE", 0)
    experiment = Experiment(f1, 3, 0.1, 1000)
    if fits:
        assert train(experiment).overflow_epoch is None
    else:
        with pytest.raises(MemoryError, match="needs 0 GiB of memory, and this mach"):
            train(experiment)


def test_nothing_is_refused_where_the_system_does_not_say(monkeypatch, tmp_path):
    monkeypatch.delattr(checks.os, "sysconf")
    monkeypatch.setattr(checks, "Path", lambda _, name: tmp_path / name)
    checks.check_memory("a run", 3, 10**14)
