"""Histories: what they hold, that nobody can change it, and that files keep it."""

import copy
import json
import os
import pickle
from dataclasses import replace

import numpy as np
import pytest

from nnlib import (
    Experiment,
    History,
    f1,
    f2,
    get_initial_weights,
    get_test_set,
    get_train_set,
    results,
    train,
)
from nnlib.arithmetic import find_arithmetic
from nnlib.landscape import sharpness

ARRAYS = ("test_error", "train_error", "U", "V", "grad_U", "grad_V")
SHORT = Experiment(f1, 3, 0.1, 5)


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


def test_predict():
    history = train(Experiment(f1, 3, 0.1, 10))
    x = np.linspace(-5, 5, 6).reshape(2, 3)
    assert history.predict(x).shape == (2, 3)
    assert history.predict(x)[0, 1] == history.predict(x[0, 1]) == history.predict(x, 10)[0, 1]
    assert history.predict(x, -11)[0, 0] == history.predict(x, 0)[0, 0]
    assert isinstance(history.predict(0), float)
    assert history.predict(0, np.uint8(10)) == history.predict(0)
    assert np.isnan(history.predict(np.nan))
    for epoch in (11, -12, 1.5, 10.0, True, None, "1", np.nan):
        with pytest.raises(ValueError, match=f"epoch must be an .* -11 and 10, got {epoch!r}"):
            history.predict(0, epoch)
    for x in (None, "1", ["1"], [1, None], 1j, np.datetime64("2025-06-09"), [[1], [2, 3]]):
        with pytest.raises(ValueError, match="x must be an array of real numbers"):
            history.predict(x)
    with pytest.raises(ValueError, match="x must be an array of real numbers: some of it is maske"):
        history.predict(np.ma.array([1.0, 2.0], mask=[False, True]))


def _same(history):
    return history


@pytest.mark.parametrize(
    "other",
    [
        _same,
        copy.copy,
        copy.deepcopy,
        *(
            lambda history, protocol=protocol: pickle.loads(pickle.dumps(history, protocol))
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
        ),
        lambda history: replace(history, U=history.U.copy().swapaxes(0, 1).swapaxes(0, 1)),
    ],
)
def test_nothing_can_be_changed(other):
    history = train(SHORT)
    expected = history.checksum()
    history = other(history)
    for name in ARRAYS:
        array = getattr(history, name)
        while isinstance(array, np.ndarray):  # in the end there may be bytes, which nobody changes
            with pytest.raises(ValueError, match="read-only"):
                array[:] = 7
            array = array.base
    with pytest.raises(AttributeError):
        history.U = None
    assert history.checksum() == expected
    assert history.experiment == SHORT and history.arithmetic.name == "portable"


def test_weights_and_gradients_are_kept_once():
    history = train(SHORT)
    assert history.U.base is history.V.base and history.grad_U.base is history.grad_V.base
    assert history.U.base.size == history.U.size + history.V.size
    assert copy.copy(history).U.base is history.U.base


def test_table():
    history = train(SHORT)
    table = history.to_dict()
    assert list(table) == [
        *("epoch", "test_error", "train_error"),
        *("U[0,0]", "U[0,1]", "U[1,0]", "U[1,1]", "V[0]", "V[1]", "V[2]"),
        *("gradient_norm", "gradient_angle"),
    ]
    assert {column.shape for column in table.values()} == {(6,)}
    assert table["epoch"].tolist() == [0, 1, 2, 3, 4, 5]
    np.testing.assert_array_equal(table["U[1,0]"], history.U[:, 1, 0])
    np.testing.assert_array_equal(table["V[2]"], history.V[:, 2])
    assert table["test_error"][-1] == history.last_error
    for name in ("gradient_norm", "gradient_angle"):
        np.testing.assert_array_equal(table[name], [*getattr(history, name), np.nan])


def _with_gradients(*rows):
    """A history with these gradients: U[0,0], U[0,1], V[0], V[1]."""
    rows, epochs = np.array(rows, dtype=float).reshape(-1, 4), len(rows)
    ones = np.ones(epochs + 1)
    return History(
        Experiment(f1, 2, 0.1, epochs),
        *(ones, ones, np.ones((epochs + 1, 1, 2)), np.ones((epochs + 1, 2))),
        *(rows[:, None, :2], rows[:, 2:]),
    )


def test_norm_and_angle_of_the_gradients_of_a_run():
    history = train(Experiment(f2, 4, 0.1, 200))
    rows = np.concatenate([history.grad_U.reshape(200, -1), history.grad_V], axis=1)
    norms = np.linalg.norm(rows, axis=1)
    np.testing.assert_allclose(history.gradient_norm, norms, rtol=1e-14)
    cosines = np.sum(rows[1:] * rows[:-1], axis=1) / (norms[1:] * norms[:-1])
    np.testing.assert_allclose(np.cos(history.gradient_angle[1:]), cosines, atol=1e-14)
    assert np.isnan(history.gradient_angle[0])


def test_norm_and_angle_of_gradients_made_by_hand():
    tiny = 1e-9  # whose cosine is 1
    history = _with_gradients(
        (3, 0, 0, 4),
        (-6, 0, 0, -8),
        (0, 5, 0, 0),
        (0, 1, tiny, 0),
        (0, 1e-300, 0, 0),
        (0, 0, 1e300, 0),
    )
    np.testing.assert_allclose(history.gradient_norm, [5, 10, 5, 1, 1e-300, 1e300], rtol=1e-15)
    expected = [np.nan, np.pi, np.pi / 2, tiny, tiny, np.pi / 2]
    np.testing.assert_allclose(history.gradient_angle, expected, rtol=1e-12)


def test_a_gradient_that_vanishes_or_overflows_has_no_direction():
    history = _with_gradients((1, 0, 0, 0), (0, 0, 0, 0), (1, 0, 0, 0), (2, 0, 0, 0), 4 * [np.inf])
    np.testing.assert_array_equal(history.gradient_norm, [1, 0, 1, 2, np.inf])
    np.testing.assert_array_equal(history.gradient_angle, [np.nan, np.nan, np.nan, 0, np.nan])
    assert _with_gradients().gradient_norm.shape == _with_gradients().gradient_angle.shape == (0,)
    with pytest.warns(RuntimeWarning, match="overflows at epoch 182"):
        run = train(Experiment(f1, 3, 5, 200))
    finite = np.isfinite([run.gradient_norm, run.gradient_angle])
    assert finite[:, 1:182].all() and not finite[:, 182:].any()


def absolute(x):
    return abs(x)


@pytest.mark.parametrize("arithmetic", ["portable", "replay"])
@pytest.mark.parametrize("experiment", [SHORT, Experiment(f2, 2, 1e-17, 0)], ids=str)
def test_a_file_keeps_everything(experiment, arithmetic, tmp_path):
    file = tmp_path / "run"
    history = train(experiment, arithmetic=arithmetic)
    history.save(file)
    found = History.load(str(file))
    assert found.checksum() == history.checksum()
    assert (found.experiment, found.arithmetic) == (experiment, history.arithmetic)
    assert found.predict(1.0) == history.predict(1.0)
    for name in ARRAYS:
        assert getattr(found, name).shape == getattr(history, name).shape
        assert not getattr(found, name).flags.writeable
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_file_keeps_an_overflow(tmp_path):
    with pytest.warns(RuntimeWarning, match="overflows"):
        history = train(Experiment(f1, 3, 5, 1000))
    history.save(tmp_path / "run")
    found = History.load(tmp_path / "run")
    assert found.overflow_epoch == history.overflow_epoch
    assert found.checksum() == history.checksum()


def test_a_function_of_ones_own_is_given_again(tmp_path):
    file = tmp_path / "run"
    history = train(Experiment(absolute, 3, 0.1, 5))
    history.save(file)
    with pytest.raises(ValueError, match=r"run is of a function 'absolute' of your own: give it"):
        History.load(file)
    found = History.load(file, f=lambda x: np.sqrt(x * x) * (1 + 1e-15))
    assert found.checksum() == history.checksum()
    with pytest.raises(ValueError, match=r"run is of another function 'absolute', with other val"):
        History.load(file, f=f1)


def test_a_file_keeps_samples_from_elsewhere(tmp_path):
    x = np.linspace(1, 10, 30)
    history = train(
        Experiment(np.log, 3, 0.1, 5), train_set=(x, np.log(x)), test_set=(x[:7], np.log(x[:7]))
    )
    history.save(tmp_path / "run")
    found = History.load(tmp_path / "run", f=np.log)
    for name in ("train_set", "test_set"):
        np.testing.assert_array_equal(getattr(found, name), getattr(history, name))
    np.testing.assert_array_equal(sharpness(found, [5]), sharpness(history, [5]))
    with pytest.raises(ValueError, match="run is of another function 'log', with other values"):
        History.load(tmp_path / "run", f=f1)


def test_a_file_keeps_the_start(tmp_path):
    experiment = Experiment.parse("1,2,4 3 0.1 5 data=1.7.0 weights=8 samples=20 noise=0.5")
    history = train(experiment)
    history.save(tmp_path / "run")
    found = History.load(tmp_path / "run")
    assert found.experiment == experiment and found.checksum() == history.checksum()
    np.testing.assert_array_equal(found.train_set, history.train_set)


def test_a_function_that_has_no_values_there_is_a_name(tmp_path):
    def label(x):
        raise NotImplementedError

    samples = ([1, 2, 3], [0, 1, 0])
    history = train(Experiment(label, 3, 0.1, 5), train_set=samples, test_set=samples)
    history.save(tmp_path / "run")
    assert History.load(tmp_path / "run", f=label).checksum() == history.checksum()


def test_another_function_of_the_same_name_is_found_out(tmp_path):
    def f1(x):
        return 2 * x

    train(Experiment(f1, 3, 0.1, 5)).save(tmp_path / "run")
    with pytest.raises(ValueError, match=r"run is of another function 'f1', with other values"):
        History.load(tmp_path / "run")
    assert History.load(tmp_path / "run", f=f1).experiment.f is f1


def test_an_arithmetic_of_ones_own_is_given_again(tmp_path):
    file = tmp_path / "run"
    third = replace(find_arithmetic("portable"), name="third")
    history = train(SHORT, arithmetic=third)
    history.save(file)
    with pytest.raises(ValueError, match="run is of an arithmetic 'third' of your own: give it"):
        History.load(file)
    with pytest.raises(ValueError, match="run is of the arithmetic 'third', not 'replay'"):
        History.load(file, arithmetic="replay")
    assert History.load(file, arithmetic=third).arithmetic is third


def _changed(file, change):
    about, arrays = results.read(file, "histories")
    change(about, arrays)
    np.savez(file, about=json.dumps(about), **arrays)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda about, arrays: arrays["V"].__setitem__((2, 1), 0.5), "its checksum was .{64}, and"),
        (lambda about, arrays: about.update(checksum="0" * 64), "what it says of the run was chan"),
        (lambda about, arrays: about.update(learning_rate=0.2), "what it says of the run was chan"),
        (lambda about, arrays: about.pop("h"), "what it says of the run was changed"),
        (
            lambda about, arrays: about.update(format="nnlib history 0"),
            "not of the format 'nnlib h",
        ),
        (lambda about, arrays: about.pop("format"), "not of the format .*, but of None"),
        (lambda about, arrays: arrays.pop("grad_U"), "damaged, or not a file of histories"),
        (lambda about, arrays: arrays["x"].__setitem__(7, 0.5), "its samples are others than tho"),
        (lambda about, arrays: arrays.pop("y_test"), "damaged, or not a file of histories"),
    ],
)
def test_what_does_not_match_is_refused(change, message, tmp_path):
    file = tmp_path / "run.npz"
    train(SHORT).save(file)
    _changed(file, lambda about, arrays: None)
    assert History.load(file).experiment == SHORT
    _changed(file, change)
    with pytest.raises(ValueError, match=rf"run.npz is .*{message}"):
        History.load(file)


@pytest.mark.parametrize("name", ["wanted", *ARRAYS])
@pytest.mark.parametrize(
    "change",
    [
        lambda array: array[..., None],  # which the checksum, of the numbers alone, does not see
        lambda array: array.astype("f4"),
        lambda array: array.astype(complex),
        lambda array: array.astype(str),
        lambda array: array.view("m8[s]"),
        lambda array: array[:-1],
        lambda array: array.ravel()[0],
    ],
)
def test_an_array_of_another_shape_or_type_is_refused(name, change, tmp_path):
    file = tmp_path / "run.npz"
    train(SHORT).save(file)
    _changed(file, lambda about, arrays: arrays.update({name: change(arrays[name])}))
    shape = r"\([\d, ]+\)"
    message = rf"{name} must be of the type float64 and of the shape {shape}, got \S+ and \("
    with pytest.raises(ValueError, match=message):
        History.load(file)


@pytest.mark.parametrize("name", ["x", "y", "x_test", "y_test"])
def test_samples_of_another_shape_or_type_are_refused(name, tmp_path):
    file = tmp_path / "run.npz"
    train(SHORT).save(file)
    changes = (
        lambda array: array[:-1],
        lambda array: array[:, None],
        lambda array: array.astype("f4"),
        lambda array: array.astype(str),
        lambda array: array[:0],
        lambda array: array[0],
        lambda array: array * np.inf,
    )
    for change in changes:
        _changed(file, lambda _, arrays, change=change: arrays.update({name: change(arrays[name])}))
        with pytest.raises(ValueError, match=r"must be of the type float64|its samples are others"):
            History.load(file)
        train(SHORT).save(file)


def test_the_order_of_the_bytes_is_free(tmp_path):
    file = tmp_path / "run.npz"
    history = train(SHORT)
    history.save(file)
    _changed(file, lambda about, arrays: arrays.update({"V": arrays["V"].astype(">f8")}))
    assert History.load(file).checksum() == history.checksum()


def test_what_is_no_history_is_refused(tmp_path):
    (tmp_path / "text").write_text("hello", encoding="utf-8")
    with pytest.raises(ValueError, match="text is damaged, or not a file of histories"):
        History.load(tmp_path / "text")
    with pytest.raises(FileNotFoundError):
        History.load(tmp_path / "none")
    with pytest.raises(ValueError, match="must lie in a folder that exists"):
        train(SHORT).save(tmp_path / "none" / "run")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
def test_what_is_no_file_is_not_replaced_by_one(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ValueError, match=r"must be a regular file, got the device or pipe"):
        train(SHORT).save(pipe)
    assert pipe.is_fifo() and list(tmp_path.iterdir()) == [pipe]
