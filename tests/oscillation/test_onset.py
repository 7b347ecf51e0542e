"""The zigzag model, and the onsets that it predicts."""

from dataclasses import replace
from functools import cache
from math import hypot, inf

import numpy as np
import pytest

from nnlib import Experiment, f1, get_train_set, train
from nnlib.landscape import sharpness
from nnlib.network import LossGradient
from nnlib.oscillation import predict_onset, rounding_noise, stable_path, sweep, validation
from nnlib.oscillation.onset import ACCOUNT, Account, StablePath

path_of = cache(stable_path)

# Those that take long are predicted anew by `make oscillation` alone.
QUICK = [e for e in validation.EXPERIMENTS[1:] if e.epochs * e.h <= 12_500]


def _path(products, rate=0.5):
    """A path with given products of learning rate and sharpness."""
    experiment = Experiment(f1, 2, rate, len(products) - 1)
    return StablePath(experiment, None, None, np.array(products, dtype=float) / rate)


def test_the_account():
    noise = 1e-3
    size = _path([0.4, 0.9, 1.5, 1.9, 2.5, 0.9, 2.0]).zigzag(noise)
    expected = [1.0, 1.0, 1.0]  # nothing overshoots before the third
    expected.append(hypot(0.5, noise))
    expected.append(hypot(0.9 * expected[-1], noise))
    expected.append(hypot(1.5 * expected[-1], noise))
    expected.append(hypot(0.25 * expected[-1], noise))  # not 0.1
    np.testing.assert_allclose(size, expected, rtol=1e-15)
    assert _path([1.5, 3.0, 3.0, 3.0]).zigzag(0.0).max() == 1.0
    assert _path([1.0 + 2.0**-60] * 9).zigzag(1e-8).tolist() == [1.0] * 9
    long = _path([1.5] * 200).zigzag(1e-8)[-1]
    assert long == pytest.approx(1e-8 / (1 - 0.25) ** 0.5)  # where loss and noise are even


def test_oscillations_begin_and_end():
    calm, rough = [1.5] * 12, [2.5] * 12
    path = _path([*calm, *rough, *calm, *rough, *rough])
    (first, end), (second, never) = path.bursts(0.0)
    size = path.zigzag(0.0)
    assert size[first] >= ACCOUNT.visible > size[first - 1]
    assert size[end] < ACCOUNT.faded * ACCOUNT.visible <= size[end - 1]
    assert 12 < first < 24 < end < 36 < second < 60
    assert never is None
    assert _path(calm).bursts(0.1) == []  # visible, but fading
    assert _path([3.0] * 4).bursts(0.0) == [(0, None)]


def test_each_choice_does_what_it_says():
    path = _path([0.5, 1.0625, *[1.9] * 5, *[2.5] * 20])
    plain = path.zigzag(0.0)
    assert path.zigzag(0.0, Account(opening=0.5))[:3].tolist() == [0.5, 0.5, 0.125]
    assert path.zigzag(0.0, Account(opening=0.0)).max() == 0
    assert plain.max() == 1
    assert path.zigzag(0.0, Account(ceiling=inf)).max() > 100
    assert path.zigzag(0.0, Account(least_factor=0.0))[2] == 0.0625 < plain[2] == 0.25
    assert path.bursts(0.0, Account(visible=0.5))[0][0] > path.bursts(0.0)[0][0]
    fading = _path([*[2.5] * 4, *[1.5] * 20])
    ends = [fading.bursts(0.0, Account(faded=part))[0][1] for part in (1.0, 0.25)]
    assert ends[1] == ends[0] + 2
    after = _path([1.5, *[3.0] * 9, *[0.9] * 3]).zigzag(0.0)
    assert after[9] == 1  # at its ceiling, and it fades from there
    assert after[-1] == 1 / 16


def test_crossings():
    path = _path([1.0, 2.5, 2.5, 1.5, 2.0, 2.1, 2.2])
    assert [path.crossing(n) for n in range(7)] == [0, 1, 1, 1, 1, 5, 5]
    assert _path([3.0, 3.0]).crossing(1) == 0


@pytest.mark.one_in(4)
@pytest.mark.parametrize("experiment", QUICK, ids=repr)
def test_what_is_predicted(experiment):
    kept = validation.load(experiment)
    assert path_of(experiment).bursts(rounding_noise(53)) == kept.predicted


@pytest.mark.parametrize("experiment", validation.EXPERIMENTS[1:], ids=repr)
def test_what_is_predicted_comes_true(experiment):
    found = validation.load(experiment)
    name = repr(experiment)
    # What the book says of them: a false alarm, a burst that is missed, and one that heals.
    assert found.false_alarms == ([(0, 50)] if name == "(f1, 5, 1, 4000)" else [])
    assert found.missed == ([(170, 294)] if name == "(f2, 8, 0.1, 1200)" else [])
    if name == "(f2, 7, 0.1, 1500)":
        assert found.onset == pytest.approx(found.seen[0][0], abs=3)
        assert found.observed is None
    elif name == "(f1, 5, 1.2, 1500)":  # begins at the threshold
        assert 0.01 < found.of_all_epochs < 0.04
        assert 0.05 < found.of_the_wait < 0.08
    elif found.onset is None:
        assert found.observed is None
    else:
        assert abs(found.of_all_epochs) < 0.01
        assert abs(found.of_the_wait) < 0.02


def test_the_visible_size_is_fitted_to_one_sweep():
    experiment = Experiment(f1, 3, 1, 1200)
    path, kept, misses = path_of(experiment), sweep.load(experiment), {}
    for power in range(-12, -4):
        account, misses[power] = replace(ACCOUNT, visible=2.0**power), 0
        for bits, errors in kept.items():
            predicted = path.bursts(rounding_noise(bits), account)[0][0]
            misses[power] += abs(predicted - int(errors.argmin()))
    assert 2.0 ** min(misses, key=misses.get) == ACCOUNT.visible


@pytest.mark.parametrize("experiment", list(sweep.SWEEP)[1:], ids=repr)
def test_the_other_sweeps(experiment):
    path = path_of(experiment)
    for bits, errors in sweep.load(experiment).items():
        (*_, (predicted, end)) = path.bursts(rounding_noise(bits))
        assert end is None
        assert predicted == pytest.approx(errors.argmin(), rel=0.02)


def test_exact_arithmetic_oscillates_later():
    path = path_of(Experiment(f1, 3, 1, 1200))
    onsets = [path.bursts(rounding_noise(bits))[-1][0] for bits in (2, 24, 53, 64, 300, inf)]
    assert onsets == sorted(onsets)
    assert onsets[-2] == onsets[-1] == pytest.approx(1153, rel=0.01)


def test_the_prediction_is_the_burst_that_lasts():
    assert predict_onset(Experiment(f1, 2, 0.9, 600)) == 473
    assert predict_onset(Experiment(f1, 2, 0.9, 600), 24) < 473
    assert predict_onset(Experiment(f1, 2, 0.9, 400)) is None
    assert predict_onset(Experiment(f1, 8, 1, 200)) is None  # two that die down again


def test_the_stable_path_is_gradient_descent_without_its_oscillation():
    experiment = Experiment(f1, 3, 1, 1000)
    path, history = path_of(experiment), train(experiment)
    crossing = int(np.argmax(path.sharpness > 2))
    for name in ("U", "V"):
        ours, theirs = getattr(path, name), getattr(history, name)
        np.testing.assert_array_equal(ours[: crossing + 1], theirs[: crossing + 1])
        assert abs(ours[:701] - theirs[:701]).max() < 1e-3
    loss = LossGradient(*get_train_set(f1), 3)
    losses = [loss(*weights)[0] for weights in zip(path.U, path.V, strict=True)]
    assert np.all(np.diff(losses) < 0)
    epochs = range(0, 481, 60)
    np.testing.assert_allclose(path.sharpness[epochs], sharpness(history, epochs), rtol=1e-3)


def test_other_data_and_weights():
    experiment = Experiment(f1, 3, 1, 30).starting(samples=50, scale=30, order=1)
    path, history = stable_path(experiment), train(experiment)
    np.testing.assert_array_equal(path.U[:3], history.U[:3])
    np.testing.assert_array_equal(path.train_set, history.train_set)
    assert predict_onset(Experiment(f1, 3, 2, 30)) == 0


def test_bad_input():
    for bits in (1, 0, 53.0, None, float("nan"), -inf):
        with pytest.raises(ValueError, match="bits must be an integer, at least 2, got"):
            predict_onset(Experiment(f1, 3, 1, 5), bits)
    with pytest.raises(OverflowError, match=r"5, 1000\) overflows by epoch \d+: the learning rate"):
        predict_onset(Experiment(f1, 3, 5, 1000))
    for noise in (-1e-9, float("nan")):
        with pytest.raises(ValueError, match=f"noise must be 0 or more, got {noise}"):
            _path([1.5, 1.5]).bursts(noise)
    assert predict_onset(Experiment(f1, 3, 1e-9, 50)) is None
    assert predict_onset(Experiment(f1, 3, 1, 0)) is None
