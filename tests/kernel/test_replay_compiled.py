"""The replay compiled: the bits of numpy's for every training, and numpy where it cannot run."""

import re
import sys
from functools import partial

import numpy as np
import pytest
import trainings
from hypothesis import given
from trainings import dataset

from nnlib import Experiment, f1, f2, get_new_random_weights, kernel, replay, train
from nnlib.kernel import replay as compiled
from nnlib.report.claims import load

checksums = partial(trainings.checksums, arithmetic="replay")


def sets(n):
    return {"train_set": dataset(n), "test_set": dataset(max(1, n // 2), 1)}


def judged_by_the_replay():
    return sorted(
        {e for claim in load() if claim.arithmetic == "replay" for e in claim.experiments}, key=repr
    )


@pytest.mark.slow
@pytest.mark.parametrize("experiment", judged_by_the_replay(), ids=str)
def test_the_experiments_of_the_document(experiment):
    ours, ours_compiled = checksums(experiment)
    assert ours == ours_compiled == train(experiment, arithmetic="replay").checksum()


@pytest.mark.slow
@pytest.mark.parametrize("experiment", ["f1 2 0.4 50000", "f2 8 0.05 10000"])
def test_long_runs(experiment):
    ours, ours_compiled = checksums(Experiment.parse(experiment))
    assert ours == ours_compiled


@pytest.mark.one_in(3)
@pytest.mark.parametrize("h", range(2, 13))
@pytest.mark.parametrize("f", [f1, f2])
def test_any_number_of_neurons_and_samples(f, h):
    experiment = Experiment(f, h, 0.1, 10)
    ours, ours_compiled = checksums(experiment)
    assert ours == ours_compiled
    for n in (1, 2, 7, 127, 128, 129, 1001):
        ours, ours_compiled = checksums(experiment, **sets(n))
        assert ours == ours_compiled, n


@pytest.mark.one_in(4)
@pytest.mark.parametrize("scale", [0.0, 5e-324, 1e-160, 1.0, 1e3, 1e8, 1e150, 1e300, 1e307])
@pytest.mark.parametrize("h", [2, 4])
def test_weights_of_all_sizes(scale, h):
    U, V = get_new_random_weights(h, rng=3)
    for weights in ((scale * U, V), (U, scale * V), (scale * U, scale * V)):
        ours, ours_compiled = checksums(Experiment(f1, h, 0.3, 20), weights=weights)
        assert ours == ours_compiled


@pytest.mark.parametrize("size", [1e-300, 1e-160, 140, 1e150, 1e300])
@pytest.mark.parametrize("h", [2, 4])
def test_inputs_of_all_sizes(size, h):
    given = {"train_set": dataset(50, size=size), "test_set": dataset(5)}
    ours, ours_compiled = checksums(Experiment(f1, h, 1e10, 20), **given)
    assert ours == ours_compiled


def test_exact_middles():
    """Inputs and weights of few digits, whose products and sums often lie amid two doubles."""
    rng = np.random.default_rng(0)
    x = rng.integers(-(2**26), 2**26, 1000) * 2.0**-27
    given = {"train_set": (x, 3 * x), "test_set": dataset(5)}
    for h in (2, 3, 7):
        U = rng.integers(-(2**26), 2**26, (h - 1, 2)) * 2.0**-26 * [1, 2.0**10]
        V = rng.integers(1, 2**20, h) * 2.0**-20
        ours, ours_compiled = checksums(Experiment(f1, h, 0.5, 3), weights=(U, V), **given)
        assert ours == ours_compiled


def test_where_exp_ends():
    """Where exp(-z) is infinite, no normal double, or 0, and where z is a multiple of ln 2 / 16."""
    z = np.concatenate([np.linspace(-760, 760, 4001), np.arange(-12000, 12000) * np.log(2) / 16])
    given = {"train_set": (z, np.cos(z)), "test_set": (-z, np.sin(z))}
    for u0 in (1.0, -1.0):
        for h in (2, 3):
            weights = np.full((h - 1, 2), [u0, 0.0]), np.arange(1.0, h + 1)
            ours, ours_compiled = checksums(Experiment(f1, h, 1e-9, 3), weights=weights, **given)
            assert ours == ours_compiled


def test_an_overflow_of_the_test_error_alone():
    test_set = np.array([0.0, 1.0]), np.array([1e200, 0.0])
    ours, ours_compiled = checksums(Experiment(f1, 3, 0.1, 5), test_set=test_set)
    assert ours == ours_compiled


def test_halves_of_squares_are_summed():
    x, y = np.linspace(-1, 1, 9), np.full(9, 5e153)
    given = {"train_set": (x, y), "test_set": (x, y), "weights": (np.zeros((2, 2)), np.zeros(3))}
    ours, ours_compiled = checksums(Experiment(f1, 3, 1e-300, 2), **given)
    assert ours == ours_compiled


@pytest.mark.parametrize("learning_rate", [5, 2, 100, 1e300, np.float32(0.1)])
def test_learning_rates(learning_rate):
    ours, ours_compiled = checksums(Experiment(f1, 3, learning_rate, 300))
    assert ours == ours_compiled


def test_runs_in_pieces(monkeypatch):
    experiment = Experiment(f1, 3, 0.1, 100)
    whole = train(experiment, arithmetic="replay", engine="kernel").checksum()
    for some in (1, 7, 101):
        monkeypatch.setattr(compiled, "_WORK", some * 1100 * 3)
        assert train(experiment, arithmetic="replay", engine="kernel").checksum() == whole


def test_numpy_does_an_epoch_and_gives_back(monkeypatch):
    """Where a number is too large for a while: here the test error in the first epochs."""
    epochs, found, done = 50, [], []
    real = replay.LossGradient.sums
    kernel.load("replay", compiled._is_proven)
    monkeypatch.setattr(replay.LossGradient, "sums", lambda *given: done.append(1) or real(*given))
    for n_test in (1, 900):
        rows, sums, error = (np.full((epochs + 1, k), np.nan) for k in (7, 8, 1))
        rows[0] = [1.0, 2.0, 1e153, 1.0, -1.0, 0.5, 0.25]
        run = dataset(3), dataset(n_test), 0.1, rows, sums, error[:, 0]
        *_, last = compiled.descend(*run)
        assert last == epochs + 1
        found.append((rows, sums, len(done), np.isinf(error).sum()))
    assert [count for _, _, *counts in found for count in counts] == [0, 0, *[found[1][-1]] * 2]
    assert 0 < found[1][-1] < epochs
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])


@given(trainings.trainings(12))
def test_any_training(drawn):
    experiment, given = drawn
    ours, ours_compiled = checksums(experiment, **given)
    assert ours == ours_compiled


def test_the_constants_are_those_of_numpys_replay():
    source = (kernel._HERE / "replay.c").read_text(encoding="utf-8")
    found = {float.fromhex(number) for number in re.findall(r"0x1\.\w+p[+-]\d+", source)}
    series = (getattr(replay, f"_C{n}") for n in range(1, 7))
    assert found == {replay._PER_16TH / 16, *replay._LN2, *series}
    assert f"MOST = {replay._MOST_NEURONS} }}" in source


@pytest.fixture
def afresh():
    """The kernels as if none had been loaded yet."""
    kernel._attempt.cache_clear()
    yield
    kernel._attempt.cache_clear()


def falls_back(reason):
    """Whether numpy steps in, and the reason is told to who asks for the kernel."""
    experiment = Experiment(f1, 3, 0.1, 5)
    ours = train(experiment, arithmetic="replay", engine="numpy").checksum()
    assert train(experiment, arithmetic="replay").checksum() == ours
    with pytest.raises(kernel.KernelError, match=reason):
        train(experiment, arithmetic="replay", engine="kernel")


def test_without_wasmtime(afresh, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "wasmtime"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "wasmtime", None)
    falls_back(r"wasmtime is not installed; it comes with the extra 'kernel'")


def test_other_bits_are_found_out(afresh, monkeypatch):
    power = replay._POWER.copy()
    real = compiled._descend

    def descend(engine, module, *run):
        monkeypatch.setattr(replay, "_POWER", np.nextafter(power, 2))
        yield from real(engine, module, *run)
        monkeypatch.setattr(replay, "_POWER", power)

    monkeypatch.setattr(compiled, "_descend", descend)
    falls_back(r"wasmtime [\d.]+ gives it other bits than numpy's loop has")


def test_a_changed_binary_is_refused(afresh, monkeypatch, tmp_path):
    binary = bytearray((kernel._HERE / "replay.wasm").read_bytes())
    binary[-1] ^= 1
    (tmp_path / "replay.wasm").write_bytes(binary)
    (tmp_path / "kernel.sha256").write_bytes((kernel._HERE / "kernel.sha256").read_bytes())
    monkeypatch.setattr(kernel, "_HERE", tmp_path)
    falls_back("its binary does not match the hash that is recorded in kernel.sha256")


def test_too_large_for_its_memory():
    huge = np.broadcast_to(0.0, 2**28)
    run = (huge, huge), dataset(5), 0.1, np.zeros((2, 7)), np.zeros((2, 8)), np.zeros(2)
    with pytest.raises(MemoryError, match="no memory for 268435456 and 5 samples"):
        next(compiled.descend(*run))


def test_the_binary_imports_nothing():
    _, module = kernel.load("replay", compiled._is_proven)
    assert module.imports == []
    assert {e.name for e in module.exports} == {"memory", "layout", "train"}


@pytest.mark.parametrize("how", ["optimizer=adam", "optimizer=heavy-ball beta=0.5", "batch=100"])
def test_what_is_not_plain_descent_is_left_to_numpy(how):
    experiment = Experiment.parse(f"f1 3 0.1 5 {how}")
    ours = train(experiment, arithmetic="replay", engine="numpy").checksum()
    assert train(experiment, arithmetic="replay").checksum() == ours
    with pytest.raises(ValueError, match=f"the kernel has no .*{how} in the replay arithmetic"):
        train(experiment, arithmetic="replay", engine="kernel")
