"""The replay: its building blocks, and the trajectories of the document's own machine."""

from dataclasses import replace
from fractions import Fraction
from hashlib import sha256

import numpy as np
import pytest

from nnlib import Experiment, f1, f2, get_test_set, get_train_set, network, replay, targets, train
from nnlib.arithmetic import ARITHMETICS, find_arithmetic
from nnlib.replay import exp, fma

# The document's own loop on a machine of the type that its figures come from: the SHA-256 of the
# test errors and the training errors of all epochs, and the last U and V, as little-endian doubles.
TRAJECTORIES = {
    "f1 3 1 1000": "e47ee1ccf7b8cdeb34cd802ce089238608119a6402dee8e43636222a7fcf32f0",
    "f1 2 0.1 1000": "a08e39c81f023b87193e7095ab9d16833a0df16ecfab7696ee4ff6da2860a518",
    "f1 3 0.1 1000": "fb00f232db419cd88de07cc772e4391fe7e22c14057bf6c2810c1f477b14ef5c",
    "f1 5 0.1 1000": "f644c88cc0bfc7432eb63e063e316914c45017c242eed692a403a33bf61bb751",
    "f1 8 0.1 1000": "2e5c0ed7f1cc6aaaefb5ddf1938bbcc85c2c6f9d7a43485a69458bbed894e5c3",
    "f2 3 0.1 1000": "510c5dc6c3598db9089b9b7587995714d776ff6b5d99bd02908e4be31e6f7248",
    "f2 6 0.1 1000": "e54dd311fe38d6490b46a86eef4d661389ff1581c274a722df34c8abb4327065",
}
TARGETS = {
    ("f1", get_train_set): "936735defac6ac5a23d03ff62485ee622459230887b8f4150e545161205528be",
    ("f1", get_test_set): "fe17c174c816f12ed63c19a2c59b10540f2a099298e89d7bf81cc04a104d1a84",
    ("f2", get_train_set): "6722848b966e1c869f7882fa72e591fcbb4a9ea901c3761fdaf86af51fdac06d",
    ("f2", get_test_set): "32c6f8e3cc912f2ad065ad709114496e59ee901cef76a16c280194e7e1d33a99",
}


def _digest(*arrays):
    digest = sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return digest.hexdigest()


@pytest.fixture
def emulated(monkeypatch):
    monkeypatch.setattr(replay, "_cpu_has_the_same_exp", lambda: False)


@pytest.mark.parametrize("experiment", TRAJECTORIES)
def test_trajectories_of_the_document(experiment, engine=None):
    history = train(Experiment.parse(experiment), arithmetic="replay", engine=engine)
    found = _digest(history.test_error, history.train_error, history.U[-1], history.V[-1])
    assert found == TRAJECTORIES[experiment]


@pytest.mark.one_in(7)
@pytest.mark.parametrize("experiment", TRAJECTORIES)
def test_trajectories_with_numpy(experiment):
    test_trajectories_of_the_document(experiment, "numpy")


@pytest.mark.one_in(7)
@pytest.mark.parametrize("experiment", TRAJECTORIES)
@pytest.mark.usefixtures("emulated")
def test_trajectories_with_the_emulated_exp(experiment):
    test_trajectories_of_the_document(experiment, "numpy")


@pytest.mark.parametrize(("f", "get"), TARGETS)
def test_targets_of_the_document(f, get):
    f, expected = targets.TARGETS[f], TARGETS[f, get]
    assert _digest(get(f, "replay")[1]) == expected
    assert _digest(get(f)[1]) != expected


def test_what_other_targets_give_is_taken_as_it_is():
    for other in (np.square, lambda x: np.nextafter(f1(x), 9), lambda x: -f2(x), lambda x: f1(x)):
        x, y = get_train_set(other, "replay")
        np.testing.assert_array_equal(y, other(x))


def test_a_sine_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match=r"the replay arithmetic has f2 from -5 to 5, got 6.0"):
        find_arithmetic("replay").target(f2)(np.array([0.0, 6.0]))


@pytest.mark.parametrize("wrong", [None, "y", 1j, np.ma.masked])
def test_targets_must_give_real_numbers(wrong):
    with pytest.raises(ValueError, match="of the dataset of <lambda> must be an array of real"):
        get_train_set(lambda x: wrong, "replay")


def _fma_arguments():
    rng = np.random.default_rng(1)
    a, b, c = rng.normal(size=(3, 3000)) * 2.0 ** rng.integers(-30, 30, size=(3, 3000))
    yield from zip(a, b, c, strict=True)
    for n in range(1000):  # cancellation, down to the rounding error of the product
        yield a[n], b[n], -(a[n] * b[n])
        yield a[n], b[n], np.nextafter(-(a[n] * b[n]), 0)
    for n in range(1000):  # a product just beside the middle between two doubles
        tie = 1 + (2 * n + 1) * 2.0**-53 * 2.0**30
        yield 1 + 2.0**-30, 2.0**-23, tie
        yield 1.0, 2.0**-53, 1 + n * 2.0**-52
        yield 1 + 2.0**-52, 2.0**-53, 1 + n * 2.0**-52
        yield 1 - 2.0**-53, 2.0**-53, 1 + n * 2.0**-52
        yield 1 - 2.0**-53, -(2.0**-54), 1 + n * 2.0**-52
    yield from [(0.0, 1.0, 0.0), (0.0, 3.0, 2.5), (2.0, 3.0, 0.0), (1.0, 1.0, -1.0)]


def test_fma_rounds_once():
    arguments = list(_fma_arguments())
    found = fma(*np.array(arguments).T)
    twice = 0
    for (a, b, c), value in zip(arguments, found.tolist(), strict=True):
        exact = Fraction(a) * Fraction(b) + Fraction(c)
        assert value == float(exact), (a, b, c)  # Python rounds a fraction once, ties to even
        twice += value != a * b + c
    assert twice > 1000  # of these, two roundings would have given something else


def test_fma_of_the_largest_numbers():
    rng = np.random.default_rng(1)
    a, b, c = rng.uniform(-1, 1, (3, 3000)) * 2.0 ** rng.integers(950, 1024, (3, 3000))
    b = np.ldexp(b, rng.integers(-2000, -900, 3000))
    exact = [Fraction(p) * Fraction(q) + Fraction(r) for p, q, r in zip(a, b, c, strict=True)]
    for value, sum_ in zip(fma(a, b, c).tolist(), exact, strict=True):
        beyond = abs(sum_) >= 2**1024 - 2**970  # whatever is nearer to 2**1024 than to a double
        assert value == (np.inf * (1 if sum_ > 0 else -1) if beyond else float(sum_))
    inf = np.inf
    for given in ([1e308, 10, -inf], [inf, 2, 1], [inf, -2, inf], [0, inf, 1], [1, np.nan, 0]):
        found = fma(*np.array(given))
        expected = {-inf: -inf, 1: inf if given[0] else np.nan}.get(given[2], np.nan)
        np.testing.assert_equal(float(found), expected)


@pytest.mark.parametrize("x", [1e308, -1e308, 1.7e308, 3e299])
def test_predictions_far_away(x):
    history = train(Experiment(f1, 3, 0.1, 10), arithmetic="replay")
    near = history.predict(np.copysign(1e6, x))  # where each neuron is 0 or 1 as well
    assert history.predict(x) == near


def test_exp_is_the_one_of_avx512():
    x = np.random.default_rng(2).uniform(-40, 40, 200_000)
    found = replay._exp(x)
    assert _digest(found) == "1c9665ff07336b8d56bb09e2545cc74512bf1b6fc0b2758b9b8e1af2215745ff"
    if not replay._cpu_has_the_same_exp():
        pytest.skip("numpy's exp is another on this CPU: there is nothing to compare with")
    np.testing.assert_array_equal(found, np.exp(x))


def test_exp_of_special_values():
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 710.0, -746.0, 1000.0, -1000.0])
    np.testing.assert_array_equal(exp(x), [1, 1, np.inf, 0, np.nan, np.inf, 0, np.inf, 0])
    np.testing.assert_allclose(exp(np.array([700.5, -708.0])), np.exp([700.5, -708.0]), rtol=1e-15)
    assert exp(0.5) == np.array(exp([0.5]))[0]


def test_a_cpu_with_another_exp_is_found_out(monkeypatch):
    short = Experiment(f2, 4, 0.1, 20)
    expected = train(short, arithmetic="replay", engine="numpy").checksum()
    real = np.exp
    monkeypatch.setattr(np, "exp", lambda x: np.nextafter(real(x), 0))
    replay._cpu_has_the_same_exp.cache_clear()
    try:
        assert not replay._cpu_has_the_same_exp()
        assert train(short, arithmetic="replay", engine="numpy").checksum() == expected
    finally:
        replay._cpu_has_the_same_exp.cache_clear()


@pytest.mark.one_in(3)
@pytest.mark.parametrize("h", [2, 3, 12])
def test_against_plain_floats(h):
    """Sample by sample, with a fused multiply-add by way of fractions."""

    def fused(a, b, c):
        return float(Fraction(a) * Fraction(b) + Fraction(c))

    history = train(Experiment(f2, h, 0.1, 1), arithmetic="replay", engine="numpy")
    U, V = history.U[0].tolist(), history.V[0].tolist()
    N, sums = 1000, np.zeros(3 * h - 1).tolist()
    for x, y in zip(*(v.tolist() for v in get_train_set(f2, "replay")), strict=True):
        z = [fused(u0, x, u1) if h > 2 else u0 * x + u1 for u0, u1 in U]
        H = [1 / (1 + exp_z) for exp_z in replay._exp(-np.array(z)).tolist()]
        o = V[0] * H[0]
        for i in range(1, h - 1):
            o = fused(V[i], H[i], o)
        e = (o + V[-1]) - y
        slope = [((e * V[i]) * H[i]) * (1 - H[i]) for i in range(h - 1)]
        terms = [*(e * H_i for H_i in H), e, *(s * x for s in slope), *slope, e * e / 2]
        sums = [total + term for total, term in zip(sums, terms, strict=True)]
    assert history.train_error[0] == sums[-1] / N
    assert history.grad_V[0].tolist() == [t / N for t in sums[:h]]
    assert history.V[1].tolist() == [v - 0.1 * t / N for v, t in zip(V, sums[:h], strict=True)]
    for i in range(h - 1):
        steps = (0.1 * sums[h + j * (h - 1) + i] / N for j in (0, 1))
        assert history.U[1, i].tolist() == [u - s for u, s in zip(U[i], steps, strict=True)]


@pytest.mark.parametrize("engine", [None, "numpy", "kernel"])
def test_largest_network(engine):
    with pytest.raises(ValueError, match="takes h up to 12, got 13: beyond, the BLAS of the docum"):
        train(Experiment(f2, 13, 0.1, 1), arithmetic="replay", engine=engine)


def test_halves_of_squares_are_summed():
    """Where the sum of the squares would overflow, the document's loop has a training error yet."""
    x, y = np.linspace(-1, 1, 9), np.full(9, 5e153)
    given = {"train_set": (x, y), "test_set": (x, y), "weights": (np.zeros((2, 2)), np.zeros(3))}
    history = train(Experiment(f1, 3, 1e-300, 0), arithmetic="replay", engine="numpy", **given)
    total = squares = 0.0
    for y_n in y.tolist():
        total, squares = total + y_n * y_n / 2, squares + y_n * y_n
    assert squares == np.inf
    assert history.train_error[0] == total / 9
    assert history.overflow_epoch is None


@pytest.mark.parametrize("engine", ["numpy", "kernel"])
def test_overflow(engine):
    with pytest.warns(RuntimeWarning, match=r"\(f1, 3, 5, 1000\) overflows at epoch"):
        history = train(Experiment(f1, 3, 5, 1000), arithmetic="replay", engine=engine)
    assert np.isnan(history.last_error)


@pytest.mark.parametrize("wrong", ["replays", None, 3, ["replay"]])
def test_unknown_arithmetics_are_refused(wrong):
    for use in (
        lambda: train(Experiment(f1, 3, 0.1, 1), arithmetic=wrong),
        lambda: get_train_set(f1, wrong),
    ):
        with pytest.raises(ValueError, match="must be one of portable, replay, or an Arithmetic"):
            use()


def test_a_third_arithmetic_takes_no_change():
    def loss(e):
        return np.add.accumulate(e * e, axis=-1)[..., -1] / e.shape[-1] / 2

    third = replace(find_arithmetic("portable"), name="third", loss=loss)
    experiment = Experiment(f1, 3, 0.1, 30)
    history, portable = train(experiment, arithmetic=third), train(experiment)
    assert history.arithmetic is third and repr(third) == "third"
    assert ARITHMETICS == ("portable", "replay")
    np.testing.assert_array_equal(history.U, portable.U)
    np.testing.assert_allclose(history.test_error, portable.test_error, rtol=1e-14)
    assert (history.test_error != portable.test_error).any()


def test_history_knows_its_arithmetic():
    history = train(Experiment(f2, 5, 0.1, 3), arithmetic="replay")
    assert history.arithmetic.name == "replay"
    x, y = get_train_set(f2, "replay")
    assert history.train_error[3] == replay.loss(history.predict(x) - y)
    sums = replay.LossGradient(x, y, 5).sums(network.pack(history.U[2], history.V[2]))
    grad_U, grad_V = network.unpack(sums[:-1] / 1000, 5)
    np.testing.assert_array_equal(history.grad_U[2], grad_U)
    np.testing.assert_array_equal(history.grad_V[2], grad_V)
    assert history.train_error[2] == sums[-1] / 1000
    _, near_U, near_V = network.LossGradient(x, y, 5)(history.U[2], history.V[2])
    np.testing.assert_allclose(grad_U, near_U, rtol=1e-10)
    np.testing.assert_allclose(grad_V, near_V, rtol=1e-10)
