"""The kernel: the bits of numpy's loop for every training, and what is done where it cannot run."""

import gc
import math
import pickle
import re
import shutil
import signal
import subprocess
import sys
import threading
import weakref
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from importlib.util import find_spec
from multiprocessing import get_context

import numpy as np
import pytest
from hypothesis import given
from trainings import checksums, dataset, trainings

from nnlib import (
    Experiment,
    elementary,
    f1,
    f2,
    get_new_random_weights,
    get_test_set,
    kernel,
    train,
)
from nnlib.arithmetic import PORTABLE
from nnlib.kernel import build, memory
from nnlib.optimizers import Adam, Armijo, Descent
from nnlib.report.claims import load
from nnlib.training import ENGINES


def experiments():
    """Those of the claims; the longest of them take seconds each."""
    claimed = sorted({e for claim in load() for e in claim.experiments}, key=repr)
    return [pytest.param(e, marks=[pytest.mark.slow] * (e.epochs > 2000)) for e in claimed]


@pytest.mark.parametrize("experiment", experiments(), ids=str)
@pytest.mark.filterwarnings("ignore:.*overflows")
def test_the_experiments_of_the_document(experiment):
    ours, compiled = checksums(experiment)
    assert ours == compiled == train(experiment).checksum()


@pytest.mark.parametrize("n", [1, 2, 5, 7, 8, 9, 15, 127, 128, 129, 136, 257, 1000, 1001, 5000])
def test_any_number_of_samples(n):
    ours, compiled = checksums(
        Experiment(f1, 4, 0.1, 20), train_set=dataset(n), test_set=dataset(max(1, n // 2), 1)
    )
    assert ours == compiled


@pytest.mark.parametrize("h", [2, 3, 4, 8, 9, 17, 33, 64])
def test_any_number_of_neurons(h):
    ours, compiled = checksums(Experiment(f2, h, 0.05, 10))
    assert ours == compiled
    for n in (1, 2, 3):  # where numpy has other orders to choose from
        sets = {"train_set": dataset(n), "test_set": dataset(n, 1)}
        ours, compiled = checksums(Experiment(f2, h, 0.05, 10), **sets)
        assert ours == compiled


@pytest.mark.parametrize("scale", [0.0, 5e-324, 1e-160, 1.0, 1e3, 1e8, 1e150, 1e307])
def test_weights_of_all_sizes(scale):
    U, V = get_new_random_weights(4, rng=3)
    for weights in ((scale * U, V), (U, scale * V), (scale * U, scale * V)):
        ours, compiled = checksums(Experiment(f1, 4, 0.3, 20), weights=weights)
        assert ours == compiled


@pytest.mark.parametrize("size", [1e-300, 1e150, 1e300])
def test_inputs_of_all_sizes(size):
    # Large ones make weights infinite, and the outputs after that NaN.
    given = {"train_set": dataset(50, size=size), "test_set": get_test_set(f1)}
    ours, compiled = checksums(Experiment(f1, 3, 1e10, 20), **given)
    assert ours == compiled


def test_an_overflow_of_the_test_error_alone():
    test_set = np.array([0.0, 1.0]), np.array([1e200, 0.0])
    ours, compiled = checksums(Experiment(f1, 3, 0.1, 5), test_set=test_set)
    assert ours == compiled


@pytest.mark.parametrize("learning_rate", [5, 2, 100, 1e300, np.float32(0.1)])
def test_learning_rates(learning_rate):
    ours, compiled = checksums(Experiment(f1, 3, learning_rate, 300))
    assert ours == compiled


def test_runs_in_pieces(monkeypatch):
    whole = train(Experiment(f1, 3, 0.1, 100), engine="kernel").checksum()
    for some in (1, 7, 101):
        monkeypatch.setattr(kernel, "_WORK", some * 1100 * 3)
        assert train(Experiment(f1, 3, 0.1, 100), engine="kernel").checksum() == whole


@given(trainings(9))
def test_any_training(drawn):
    experiment, given = drawn
    ours, compiled = checksums(experiment, **given)
    assert ours == compiled


def test_a_history_stands_alone():
    history = train(Experiment(f1, 3, 0.1, 50), engine="kernel")
    assert pickle.loads(pickle.dumps(history)).checksum() == history.checksum()
    assert all(array.base is None or array.base.flags.owndata for array in history._arrays())


def test_threads():
    experiments = [Experiment(f1, 3, 0.1 * (k + 1), 300) for k in range(8)]
    alone = [train(e, engine="numpy").checksum() for e in experiments]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda e: train(e, engine="kernel").checksum(), experiments))
    assert together == alone


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_processes(method):
    experiment = Experiment(f1, 3, 0.1, 100)
    with ProcessPoolExecutor(1, mp_context=get_context(method)) as pool:
        history = pool.submit(train, experiment, engine="kernel").result()
    assert history.checksum() == train(experiment, engine="numpy").checksum()


def test_it_can_be_interrupted():
    long = Experiment(f1, 20, 0.1, 10**5)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # or it may be ignored
    try:
        timer = threading.Timer(0.3, signal.raise_signal, [signal.SIGINT])
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            train(long, engine="kernel")
    finally:
        signal.signal(signal.SIGINT, before)
    assert train(Experiment(f1, 3, 0.1, 5), engine="kernel").overflow_epoch is None


def test_progress(capsys):
    experiment = Experiment(f1, 3, 0.1, 10)
    assert train(experiment, progress=True).checksum() == train(experiment).checksum()
    assert capsys.readouterr().out == ""


def test_an_instance_is_used_again(monkeypatch):
    """Whatever another run, of another size, has left in its memory."""
    wasmtime = pytest.importorskip("wasmtime")
    runs = [
        Experiment(f2, h, 0.05, 20, optimizer=rule, batch=batch, penalty=penalty)
        for h, rule, batch, penalty in (
            (20, Adam(), 10, 1.0),
            (3, Adam(), None, 0.0),
            (2, Armijo(), None, 0.0),
            (9, Descent(), None, 0.0),
        )
    ]
    alone = [train(run, engine="numpy").checksum() for run in runs]
    monkeypatch.setattr(memory, "_spare", [])
    made, real = [], wasmtime.Instance
    monkeypatch.setattr(wasmtime, "Instance", lambda *given: made.append(1) or real(*given))
    for _ in range(2):
        assert [train(run, engine="kernel").checksum() for run in runs] == alone
        assert train(runs[3], engine="kernel", seen=20).V[0].tobytes()
    assert len(made) == 1 == len(memory._spare)


def test_the_memory_is_given_back(monkeypatch):
    """At once, with the store that it is part of, and without a search for circles."""
    wasmtime = pytest.importorskip("wasmtime")
    begun, left = [], weakref.WeakSet()
    monkeypatch.setattr(memory, "_spare", [])
    monkeypatch.setattr(memory, "_SMALL", 0)  # or the first would be kept for the others

    class Store(wasmtime.Store):
        def __init__(self, engine):
            super().__init__(engine)
            begun.append(engine)
            left.add(self)

    monkeypatch.setattr(wasmtime, "Store", Store)
    gc.disable()
    try:
        kept = [train(Experiment(f1, 3, 0.1, 3), engine="kernel") for _ in range(3)]
        assert len(begun) == len(kept)
        assert not left
    finally:
        gc.enable()


def test_wrong_engines():
    experiment = Experiment(f1, 3, 0.1, 5)
    with pytest.raises(ValueError, match="engine must be one of None, 'numpy', 'kernel', got 'C'"):
        train(experiment, engine="C")
    with pytest.raises(ValueError, match=r"'kernel', got array\(\['numpy', 'kernel'\]"):
        train(experiment, engine=np.array(["numpy", "kernel"]))
    third = replace(PORTABLE, name="third")
    with pytest.raises(ValueError, match="the kernel has no third arithmetic; numpy has it"):
        train(experiment, engine="kernel", arithmetic=third)
    assert ENGINES == (None, "numpy", "kernel")


def test_too_large_for_its_memory(monkeypatch):
    huge = np.broadcast_to(0.0, 2**28)
    run = (huge, huge), dataset(5), 0.1, np.zeros((2, 7)), np.zeros((2, 8)), np.zeros(2)
    with pytest.raises(MemoryError, match="the kernel has no memory for 268435456 and 5 samples"):
        next(kernel.descend(*run))

    def descend(*run, **how):
        raise MemoryError
        yield

    monkeypatch.setattr(kernel, "descend", descend)
    experiment = Experiment(f1, 3, 0.1, 5)
    assert train(experiment).checksum() == train(experiment, engine="numpy").checksum()
    with pytest.raises(MemoryError):
        train(experiment, engine="kernel")


@pytest.fixture
def afresh():
    """The kernel as if it had not been loaded yet."""
    kernel._attempt.cache_clear()
    yield
    kernel._attempt.cache_clear()


def falls_back(reason):
    """Whether numpy steps in, and the reason is told if one asks."""
    experiment = Experiment(f1, 3, 0.1, 5)
    assert train(experiment).checksum() == train(experiment, engine="numpy").checksum()
    assert re.fullmatch(f"not used: {reason}", kernel.status())
    with pytest.raises(kernel.KernelError, match=reason):
        train(experiment, engine="kernel")


def test_without_wasmtime(afresh, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "wasmtime"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "wasmtime", None)
    falls_back(r"wasmtime is not installed; it comes with the extra 'kernel'")


@pytest.mark.parametrize("version", ["7.0.0", "400.0.0", "dev", ""])
def test_any_version_of_wasmtime_may_prove_itself(afresh, monkeypatch, version):
    monkeypatch.setattr(kernel.metadata, "version", lambda name: version)
    assert kernel.status() == f"used, by wasmtime {version}"


def test_wasmtime_without_a_version(afresh, monkeypatch):
    def version(name):
        raise kernel.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(kernel.metadata, "version", version)
    assert kernel.status() == "used, by wasmtime"


@pytest.mark.parametrize("changed", ["_EXP_MINUS", "some"])
def test_other_bits_are_found_out(afresh, monkeypatch, changed):
    """As if wasmtime, or the binary, computed otherwise: one bit in the table, or in an error."""
    if changed == "_EXP_MINUS":
        table = elementary._EXP_MINUS.copy()
        table[20480 : 20480 + 512] = np.nextafter(table[20480 : 20480 + 512], 2)
        given = type("elementary", (), {"_EXP_MINUS": table})
        monkeypatch.setattr(kernel, "elementary", given)
    else:
        real = kernel._descend

        def descend(engine, module, *run, **named):
            yield from real(engine, module, *run, **named)
            run[5][-1] = np.nextafter(run[5][-1], 0)

        monkeypatch.setattr(kernel, "_descend", descend)
    falls_back(r"wasmtime [\d.]+ gives it other bits than numpy's loop has")


def test_another_interface(afresh, monkeypatch):
    import wasmtime

    def instance(*given):
        raise TypeError("takes\nother arguments")

    monkeypatch.setattr(wasmtime, "Instance", instance)
    falls_back(r"wasmtime [\d.]+ does not run it: takes other arguments")


def test_it_is_proven_once(afresh, monkeypatch):
    proofs = []
    real = kernel._is_proven
    monkeypatch.setattr(kernel, "_is_proven", lambda *given: proofs.append(1) or real(*given))
    for _ in range(3):
        train(Experiment(f1, 3, 0.1, 1), engine="kernel")
    assert len(proofs) == 1


@pytest.mark.parametrize("recorded", [b"", b" \n", b"\xff\xfe0", b"00  other.wasm"])
def test_a_hash_that_is_none(afresh, monkeypatch, tmp_path, recorded):
    (tmp_path / "kernel.wasm").write_bytes((kernel._HERE / "kernel.wasm").read_bytes())
    (tmp_path / "kernel.sha256").write_bytes(recorded)
    monkeypatch.setattr(kernel, "_HERE", tmp_path)
    falls_back(r"its binary cannot be read, or its hash: .*")


def test_a_changed_binary_is_refused(afresh, monkeypatch, tmp_path):
    binary = bytearray((kernel._HERE / "kernel.wasm").read_bytes())
    binary[-1] ^= 1
    (tmp_path / "kernel.wasm").write_bytes(binary)
    (tmp_path / "kernel.sha256").write_bytes((kernel._HERE / "kernel.sha256").read_bytes())
    monkeypatch.setattr(kernel, "_HERE", tmp_path)
    falls_back("its binary does not match the hash that is recorded in kernel.sha256")


def test_a_binary_that_is_none(afresh, monkeypatch, tmp_path):
    (tmp_path / "kernel.wasm").write_bytes(b"no")
    (tmp_path / "kernel.sha256").write_text(f"{sha256(b'no').hexdigest()}  kernel.wasm")
    monkeypatch.setattr(kernel, "_HERE", tmp_path)
    falls_back(r"wasmtime [\d.]+ does not run it: .*")


def test_no_address_space():
    pytest.importorskip("resource")
    program = (
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30, 2 * 2**30))\n"
        "from nnlib import *\n"
        "print(train(Experiment(f1, 3, 0.1, 5)).checksum())\n"
    )
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"OPENBLAS_NUM_THREADS": "1"},
    )
    assert found.stdout.strip() == train(Experiment(f1, 3, 0.1, 5)).checksum()


def test_status():
    assert re.fullmatch(r"used, by wasmtime \d+\.\d+\.\d+", kernel.status())


def test_the_binary_imports_nothing_and_is_small():
    _, module = kernel.load()
    assert module.imports == []
    ours = {"layout", "train", "optimize"}
    newton = {"layout_fit", "fit_outputs", "begin_fit", "fit"}
    assert {e.name for e in module.exports} == {"memory", *ours, *newton}
    assert (kernel._HERE / "kernel.wasm").stat().st_size < 16_000


def test_the_table_is_as_the_source_says():
    source = (kernel._HERE / "kernel.c").read_text(encoding="utf-8")
    table = elementary._EXP_MINUS
    assert f"({len(table)},)" in source and len(table) == 2 * 512 * 40 + 1
    assert (table[0], table[-1]) == (sys.float_info.max, 0)
    assert table[20480 - 512] == pytest.approx(33 / 32 * math.e, rel=1e-15)


def test_the_binary_was_made_from_this_source():
    """Without the compiler: who changes the source, or how it is compiled, has to compile it."""
    recorded = (kernel._HERE / "kernel.sha256").read_text(encoding="utf-8")
    assert build.hashes() == recorded, "make kernel"


@pytest.mark.parametrize("name", build.FILES)
def test_a_changed_source_is_seen(monkeypatch, tmp_path, name):
    for file in build.FILES:
        shutil.copy(build.HERE / file, tmp_path)
    monkeypatch.setattr(build, "HERE", tmp_path)
    before = build.hashes()
    with (tmp_path / name).open("a") as file:
        file.write(" ")
    assert build.hashes() != before


@pytest.mark.parametrize("name", build.SOURCES)
def test_the_binary_is_what_the_source_gives(name):
    if find_spec("ziglang") is None:
        pytest.skip("the compiler is not installed: make kernel, or nnlib/kernel/requirements.txt")
    wanted = (kernel._HERE / "requirements.txt").read_text(encoding="utf-8")
    pinned = re.search(r"^ziglang==(\S+)", wanted, re.MULTILINE)[1]
    found = kernel.metadata.version("ziglang")
    if found != pinned:
        pytest.skip(f"the compiler is ziglang {found}, not {pinned}")
    assert build.compile_kernel(name) == (kernel._HERE / f"{name}.wasm").read_bytes()
