"""What other libraries have made of the starts of the comparison.

It is read without them. Where one is installed, in the version that is kept, it is run again.
"""

import importlib.util
import re
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from nnlib import f1, f2
from nnlib.methods import peers, tuning
from nnlib.methods.tuning import BUDGET, LEVELS, METHODS, PARTS
from nnlib.network import LossGradient, pack, unpack

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
LIBRARIES = {"SciPy": "scipy", "scikit-learn": "scikit-learn", "PyTorch": "torch", "optax": "optax"}


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("methods_benchmark", BENCHMARKS / "methods.py")
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "XLA_FLAGS"):
            patch.setenv(name, "")  # what the script sets is for itself alone
        spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("peer", peers.PEERS)
def test_what_is_kept_is_complete(peer):
    for f, kind in peers.CELLS:
        found, n = peers.load(f, kind, peer), peers.STARTS
        assert found["parts"].shape == (n, len(PARTS))
        assert found["reached"].shape == (n, len(LEVELS[f]))
        assert (found["parts"] > 0).all() and np.isfinite(found["parts"]).all()
        np.testing.assert_array_equal(found["error"], found["parts"][:, -1])
        assert ((found["spent"] > 0) & (found["spent"] <= BUDGET[f])).all()
        reached = found["reached"]
        late = np.isfinite(reached) & (reached > found["spent"][:, None])
        assert not late.any(), "a level is reached with what has been spent"
        assert (reached[:, :-1] <= reached[:, 1:]).all(), "the lower level comes later"
        # Errors on samples and on the interval differ, but not by a factor of 2.
        low = found["error"][:, None] < np.array(LEVELS[f]) / 2
        assert np.isfinite(reached[low]).all()


def test_the_setting_with_the_lowest_geometric_mean_is_chosen():
    for f, kind in peers.CELLS:
        for peer, settings in peers.TRIED.items():
            if len(settings) > 1:
                means = np.exp(np.log(peers.load_tried(f, kind, peer)).mean(axis=1))
                best = peers.tried(f, peer).index(peers.chosen(f, kind, peer))
                assert means.shape == (len(settings),) and means[best] == means.min()


@pytest.mark.parametrize("twin", peers.TWINS)
def test_twins_take_the_same_steps(twin):
    for f, kind in peers.CELLS:
        one, other = (peers.load(f, kind, peer) for peer in (twin, peers.TWINS[twin]))
        # Rounding grows where a run shakes, but most go on together for a tenth of the budget.
        apart = one["parts"][:, 0] / other["parts"][:, 0] - 1
        assert np.median(abs(apart)) < 0.01, (f.__name__, kind)


def test_the_versions_are_those_that_the_benchmark_asks_for():
    pins = dict(re.findall(r"^(\S+)==(\S+)$", (BENCHMARKS / "requirements.txt").read_text(), re.M))
    assert peers.versions() == pins


def test_seconds_are_there_for_all():
    for f in BUDGET:
        found = peers.load_seconds(f)
        assert [*found] == [*METHODS, *peers.PEERS]
        assert all(t.shape == (len(peers.TIMED),) and (t > 0).all() for t in found.values())


def test_what_is_not_kept_is_refused():
    with pytest.raises(ValueError, match="SciPy trf, optax adam, optax sgd, got 'PyTorch Adam'"):
        peers.load_tried(f1, "spread", "PyTorch Adam")
    with pytest.raises(ValueError, match=r"one of SciPy lm, .*, got 'lm'"):
        peers.load(f1, "spread", "lm")


@pytest.mark.parametrize("peer", peers.PEERS)
def test_a_run_is_made_again(script, peer):
    name = LIBRARIES[peer.split()[0]]
    try:
        version = metadata.version(name).partition("+")[0]
    except metadata.PackageNotFoundError:
        pytest.skip(f"{name} is not installed; see benchmarks/requirements.txt")
    if version != peers.versions()[name]:
        pytest.skip(f"{name} is {version}; what is kept is of {peers.versions()[name]}")
    f, kind, seed = f1, "spread", 1
    setting = peers.chosen(f, kind, peer)
    row = script.compute(peers.experiment(f, kind), peer, [setting], [seed])[0, 0]
    # Other libraries sum in other orders on other machines, and what that changes grows.
    early = peers.load(f, kind, peer)["parts"][seed, 0]
    np.testing.assert_allclose(row[0], early, rtol=0.1)


def test_what_is_watched(script):
    x, y = np.linspace(-5, 5, 7), np.zeros(7)
    watch = script.Watch(x, y, 3, (0.5, 0.1), 100)  # its marks are 10, 30 and 100
    with pytest.raises(script.Spent):
        for n in range(1000):
            watch.see(np.full(7, float(n)), 1 / (n + 1) if n < 12 else 1.0, 4.0)
    assert watch.spent == 104  # of what was begun before the end
    assert [w[0] for w in watch.kept] == [2, 7, 11]  # seen after 8, 28 and 44
    np.testing.assert_array_equal(watch.reached, [4, 36])
    row = watch.row(f1)
    assert row[len(PARTS)] == 100 and row.shape == (len(PARTS) + 1 + 2,)


def test_a_run_that_stops_keeps_its_best(script):
    watch = script.Watch(np.zeros(7), np.zeros(7), 3, (0.5, 0.1), 100)
    watch.see(np.full(7, 1.0), 0.3)
    watch.see(np.full(7, 2.0), 0.4)
    row = watch.row(f1)
    np.testing.assert_array_equal(row[len(PARTS) :], [2, 0, np.inf])
    assert len({*row[: len(PARTS)]}) == 1


@pytest.mark.parametrize("f", BUDGET)
def test_peers_see_our_loss(script, f):
    one = tuning.start(peers.experiment(f, "spread"), 5)
    x, y = one.start.train_set(f)
    w = pack(*one.start.initial_weights(one.h)) + 0.1
    watch = script.Watch(x, y, one.h, LEVELS[f], 100)
    e, H = watch.errors(w)
    loss, U, V = LossGradient(x, y, one.h)(*unpack(w, one.h))
    np.testing.assert_allclose(e @ e / x.size / 2, loss, rtol=1e-12)
    np.testing.assert_allclose(watch.jacobian(w, H) @ e / x.size, pack(U, V), rtol=1e-9)


def test_a_step_by_least_squares_is_counted_as_ours():
    for f in BUDGET:
        ours = tuning.cost(f, "gauss-newton")
        assert 1 + peers.jacobian_cost(peers.experiment(f, "spread").h) == ours


def test_more_starts_mean_the_same_starts():
    one = peers.experiment(f2, "glorot")
    assert (one.h, one.epochs, one.start.start) == (8, BUDGET[f2], "glorot")
