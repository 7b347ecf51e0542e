"""Runs that are seen at some epochs: the bits of the whole, and what needs every epoch."""

import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest
from rules import usual

from nnlib import Experiment, History, f1, f2, figures, kernel, logarithmic, train
from nnlib.animation import animate, gradient_path
from nnlib.kernel import replay
from nnlib.landscape.copies import difference
from nnlib.landscape.curvature import spectrum
from nnlib.optimizers import OPTIMIZERS
from nnlib.oscillation.momentum import find_zigzag
from nnlib.oscillation.signs import angle_alarms, differences, read_signs
from nnlib.outcome import longest_zigzag, outcome, shaken_until
from nnlib.training import train_quietly

SHORT = Experiment(f2, 4, 0.05, 60).starting(samples=30, scale=20)


def alike(experiment, seen, **named):
    """Whether what is kept has the bits of the whole."""
    whole, thin = train_quietly(experiment, **named), train_quietly(experiment, seen=seen, **named)
    rows = thin.seen
    assert rows[0] == 0 and rows[-1] == experiment.epochs and (np.diff(rows) > 0).all()
    for name in ("test_error", "train_error", "U", "V"):
        np.testing.assert_array_equal(getattr(thin, name), getattr(whole, name)[rows])
    for name in ("grad_U", "grad_V"):
        np.testing.assert_array_equal(getattr(thin, name), getattr(whole, name)[rows[:-1]])
    return whole, thin


@pytest.mark.parametrize(
    "seen", [1, 7, 60, 10**30, [], [3, 59, 4, 4], np.arange(60)[::-1]], ids=repr
)
@pytest.mark.parametrize("engine", ["numpy", "kernel"])
def test_the_bits_of_the_whole(seen, engine):
    _, thin = alike(SHORT, seen, engine=engine)
    chosen = seen if not isinstance(seen, int) else range(0, 61, min(seen, 61))
    assert thin.seen.tolist() == sorted({0, 60, *map(int, chosen)})


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("more", [{}, {"batch": 7}, {"penalty": 0.01}])
def test_every_optimizer(name, more):
    experiment = SHORT.replaced(optimizer=usual(OPTIMIZERS[name]), epochs=20)
    if "batch" in more and not experiment.optimizer.batches:
        return
    alike(experiment.replaced(**more), [2, 3, 11])
    alike(experiment.replaced(**more), [2, 3, 11], engine="numpy")


@pytest.mark.parametrize("some", [1, 2, 7, 61])
@pytest.mark.parametrize("seen", [1, 4, [13]], ids=repr)
def test_in_pieces(some, seen, monkeypatch):
    monkeypatch.setattr(kernel, "_WORK", some * 130 * 4)
    alike(SHORT, seen, engine="kernel")
    alike(SHORT.replaced(batch=30), seen)


@pytest.mark.parametrize("engine", ["numpy", "kernel"])
@pytest.mark.parametrize("some", [1, 5, 2**30])
def test_the_replay(engine, some, monkeypatch):
    monkeypatch.setattr(replay, "_WORK", some * 130 * 4)
    alike(SHORT, 7, arithmetic="replay", engine=engine)
    alike(SHORT.replaced(learning_rate=1e200), 7, arithmetic="replay", engine=engine)


@pytest.mark.parametrize("engine", ["numpy", "kernel"])
@pytest.mark.parametrize("some", [1, 2, 3, 4, 5, 61])
@pytest.mark.parametrize("rate", [20.0, 1e3, 1e100, 1e200])
def test_an_overflow_is_found_at_every_epoch(engine, some, rate, monkeypatch):
    monkeypatch.setattr(kernel, "_WORK", some * 130 * 4)
    experiment = SHORT.replaced(learning_rate=rate, epochs=400)
    whole = train_quietly(experiment, engine=engine)
    for seen in (1, 2, 3, 50, 399, [1, 2, 399]):
        _, thin = alike(experiment, seen, engine=engine)
        found = thin.seen[thin.seen >= whole.overflow_epoch][0]
        assert thin.overflow_epoch == found
    assert np.isnan(thin.V[-1]).all() and np.isnan(thin.last_error)


def test_what_is_said_of_an_overflow():
    experiment = SHORT.replaced(learning_rate=1e100)
    with pytest.warns(
        RuntimeWarning, match=r"overflows from epoch 0 to 60: the learning rate is to"
    ):
        train(experiment, seen=60)
    with pytest.warns(
        RuntimeWarning, match=r"overflows at epoch \d: the learning rate is too large"
    ):
        train(experiment, seen=1)
    with pytest.warns(RuntimeWarning, match=r"overflows at epoch 0: initial weights or wanted"):
        train(SHORT, weights=(np.full((3, 2), 1e300), np.full(4, 1e300)), seen=60)


def test_no_test_error_is_computed_elsewhere(monkeypatch):
    """Nor is anything kept: the kernel writes as many rows as there are."""
    experiment = Experiment(f1, 3, 0.1, 1000)
    rows, sums, test_error = np.empty((3, 7)), np.empty((3, 8)), np.empty(3)
    history = train(experiment)
    rows[0] = np.concatenate([history.V[0], history.U[0, :, 0], history.U[0, :, 1]])
    run = history.train_set, history.test_set, 0.1, rows, sums, test_error
    assert list(kernel.descend(*run, seen=np.array([0, 400, 1000])))[-1] == 1001
    assert test_error.tolist() == history.test_error[[0, 400, 1000]].tolist()


def test_what_a_thin_history_says_of_itself():
    whole, thin = alike(SHORT, 7)
    assert not thin.is_whole and whole.is_whole and train(SHORT, seen=1).is_whole
    assert train(SHORT, seen=1).checksum() == whole.checksum() != thin.checksum()
    other = History(thin.experiment, *thin._arrays(), seen=thin.seen + (thin.seen == 7))
    assert other.checksum() != thin.checksum()
    assert "(f2, 4, 0.05, 60, samples=30, scale=20) at 10 epochs: last error" in repr(thin)
    assert "at 10" not in repr(whole)
    assert thin.best_epoch == thin.seen[np.argmin(whole.test_error[thin.seen])]
    assert thin.lowest_error == whole.test_error[thin.seen].min()
    assert thin.last_error == whole.last_error
    np.testing.assert_array_equal(thin.gradient_norm, whole.gradient_norm[thin.seen[:-1]])
    table = thin.to_dict()
    assert {len(column) for column in table.values()} == {10}
    assert table["epoch"].tolist() == thin.seen.tolist() and "gradient_angle" not in table
    assert not thin.seen.flags.writeable


def test_epochs_that_were_seen_are_found():
    whole, thin = alike(SHORT, 7)
    for epoch in (0, 7, 56, 60, -1, -61, -5):
        assert thin.predict(1.5, epoch) == whole.predict(1.5, epoch)
    message = r"epoch must be one that was seen, got 8: the nearest of them are 7 and 14"
    with pytest.raises(ValueError, match=message):
        thin.predict(1.5, 8)
    with pytest.raises(ValueError, match=r"got 59: the nearest of them are 56 and 60"):
        thin.predict(1.5, -2)
    with pytest.raises(ValueError, match="epoch must be an integer between -61 and 60, got 61"):
        thin.predict(1.5, 61)
    np.testing.assert_array_equal(spectrum(thin, [7, 60]), spectrum(whole, [7, 60]))
    with pytest.raises(ValueError, match="one that was seen, got 8"):
        spectrum(thin, [8])


@pytest.mark.parametrize(
    "use",
    [
        lambda h: h.gradient_angle,
        gradient_path,
        lambda h: animate(h, Path("film.gif")),
        outcome,
        longest_zigzag,
        shaken_until,
        lambda h: difference(h, 0, 1),
        lambda h: differences(h, 1),
        read_signs,
        angle_alarms,
        lambda h: find_zigzag(h, 3),
    ],
)
def test_what_needs_every_epoch_says_so(use):
    thin = train(SHORT, seen=7)
    message = r"needs every epoch, and \(f2, .*\) was seen at 10 of 61: train it without seen$"
    with pytest.raises(ValueError, match=message):
        use(thin)


def test_figures_have_the_epochs():
    thin = train(SHORT, seen=7)
    ax = figures.Figure().subplots()
    figures.plot_error(ax, thin, train=True)
    for line in ax.get_lines()[:2]:
        assert line.get_xdata().tolist() == thin.seen.tolist()
    assert ax.get_lines()[2].get_xdata().tolist() == [60]
    assert ax.get_lines()[3].get_xdata().tolist() == [thin.best_epoch]
    ax = figures.Figure().subplots()
    figures.plot_weights(ax, thin, ["V[0]"], epochs=20)
    assert ax.get_lines()[0].get_xdata().tolist() == [0, 7, 14]


def test_a_file(tmp_path):
    for seen in (7, [], [59]):
        thin = train(SHORT, seen=seen)
        thin.save(tmp_path / "thin.npz")
        loaded = History.load(tmp_path / "thin.npz")
        assert loaded.checksum() == thin.checksum()
        assert loaded.seen.tolist() == thin.seen.tolist() and not loaded.is_whole
        assert loaded.seen.dtype == thin.seen.dtype
    files = dict(np.load(tmp_path / "thin.npz"))
    for wrong in ([1, 59, 60], [0, 59, 61], [0, 0, 60], [0, 58, 60]):
        np.savez(tmp_path / "wrong.npz", **{**files, "seen": np.array(wrong)})
        with pytest.raises(ValueError, match="is damaged"):
            History.load(tmp_path / "wrong.npz")


@pytest.mark.parametrize(
    "seen, message",
    [
        (0, "seen must be an integer, at least 1, got 0"),
        (-1, "seen must be an integer, at least 1, got -1"),
        (2.0, "seen must be an integer, or a sequence of epochs, .* got 2.0"),
        (True, "seen must be an integer, or a sequence of epochs, .* got True"),
        ("10", "seen must be an integer, or a sequence of epochs, .* got '10'"),
        ([0.0, 10.0], r"seen must be an integer, or a sequence of epochs, .* got \[0.0, 10.0\]"),
        ([[1], [2]], r"seen must be an integer, or a sequence of epochs, .* got \[\[1\], \[2\]\]"),
        ([[1], [2, 3]], r"seen must be an integer, or a sequence of epochs, .* got \[\[1\], \[2"),
        ([10**30], "seen must be an integer, or a sequence of epochs, .* got "),
        ([0, 61], "seen must be epochs from 0 to 60, got 61"),
        ([-1], "seen must be epochs from 0 to 60, got -1"),
    ],
)
def test_what_is_not_to_be_seen(seen, message):
    with pytest.raises(ValueError, match=message):
        train(SHORT, seen=seen)


def test_logarithmic():
    assert logarithmic(10, 3).tolist() == [0, 1, 10]
    assert logarithmic(10, 2).tolist() == [0, 10]
    assert logarithmic(0, 2).tolist() == [0]
    assert logarithmic(5, 50).tolist() == [0, 1, 2, 3, 4, 5]
    for epochs in (49, 50, 100, 1000, 10_000, 10**6, 10**12):
        found = logarithmic(epochs, 50)
        assert len(found) == 50 and found[0] == 0 and found[-1] == epochs
        assert (np.diff(found) > 0).all()
        apart = np.diff(np.log(found[1:]))
        late = found[1:-1] > 20 * epochs ** (1 / 49)
        assert (apart[late] < 1.2 * apart[-1] + 0.1).all()
    with pytest.raises(ValueError, match="n must be an integer, at least 2, got 1"):
        logarithmic(10, 1)
    with pytest.raises(ValueError, match="epochs must be an integer, at least 0, got -1"):
        logarithmic(-1, 5)


def peak(experiment, **named):
    """The most bytes that a training has taken, beside what the kernel has."""
    tracemalloc.start()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = train(experiment, **named)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most, history


def test_a_long_run_takes_little_memory():
    """Whatever grows with the epochs would: rates, orders, what is skipped."""
    experiment = Experiment(f1, 3, 0.1, 100_000).starting(samples=5)
    most, history = peak(experiment, seen=logarithmic(100_000, 50), engine="kernel")
    assert most < 1e6 and history.V.nbytes < 2000
    most, _ = peak(experiment.replaced(epochs=10_000), seen=2500, engine="numpy")
    assert most < 5e5


def test_too_much_to_keep_is_refused_beforehand():
    experiment = Experiment(f1, 3, 0.1, 10**15)
    for seen in (None, 1, 100):
        with pytest.raises(MemoryError, match="take fewer epochs or neurons"):
            train(experiment, seen=seen)
