"""Learning rates that change on the way."""

import numpy as np
import pytest

from nnlib import Experiment, f1, f2, train
from nnlib.landscape import sharpness
from nnlib.network import get_new_random_weights, pack
from nnlib.optimizers import adaptive
from nnlib.optimizers.adaptive import CONSTANT, RULES, SEEDS, STARTS, Angle, Sharpness, descend

SHORT = Experiment(f1, 3, 0.5, 60)


@pytest.mark.parametrize(("f", "h"), [(f1, 3), (f2, 8)], ids=["f1", "f2"])
@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5, 1])
def test_a_rule_that_never_acts_is_the_trainer_bit_for_bit(f, h, rate):
    plain, weights = Experiment(f, h, rate, 200), get_new_random_weights(h, rng=3)
    for start in (None, weights):
        course = descend(plain, Angle(small=0, large=4), weights=start)
        history = train(plain, weights=start, engine="numpy")
        np.testing.assert_array_equal(course.train_error, history.train_error)
        np.testing.assert_array_equal(course.weights, pack(history.U, history.V))
        np.testing.assert_array_equal(course.rates, np.full(200, rate))


def test_the_rate_goes_up_after_enough_small_angles_and_down_after_a_large_one():
    course = descend(SHORT, Angle(small=4, large=5, up=2, patience=25))
    assert course.rates[[0, 23, 24, 48, 49, 59]].tolist() == [0.5, 0.5, 1, 1, 2, 2]
    course = descend(SHORT, Angle(small=-1, large=0, down=0.5))
    assert course.rates[:4].tolist() == [0.5, 0.25, 0.125, 0.0625]  # the first has none before it
    course = descend(SHORT, Angle(small=0, large=4, patience=1))
    assert course.rates[0] == 0.5  # its angle is 0, and not below


def test_the_angle_keeps_a_run_from_oscillating():
    fast = Experiment(f1, 3, 1, 1000)
    assert descend(fast, Angle()).train_error[-1] < 0.1 * train(fast).train_error[-1]


def test_the_rate_is_a_part_of_what_the_sharpness_allows():
    course = descend(SHORT, Sharpness(1.5))
    (first,) = sharpness(train(SHORT), [0])
    assert course.rates[0] == pytest.approx(1.5 / first)
    assert np.all(descend(SHORT, Sharpness(1.5, most=0.2)).rates == 0.2)


def test_an_overflow_ends_it():
    course = descend(Experiment(f1, 3, 5, 300), Angle(small=0, large=4))
    assert np.isnan(course.train_error[-1]) and np.isnan(course.rates[-1])
    assert np.isfinite(course.train_error[:100]).all()


def test_no_gradient_turns_nowhere():
    zero = Experiment(lambda x: np.zeros_like(x), 2, 0.1, 3)
    assert np.isfinite(descend(zero, Angle()).train_error).all()
    some, none = np.array([1.0, 0.0]), np.zeros(2)
    assert adaptive._angle(some, none) == adaptive._angle(none, some) == 0


def test_the_kept_errors_are_those_of_real_runs():
    found = {(start.f, name): adaptive.load(start, name) for start in STARTS for name in RULES}
    found |= {(constant.f, None): adaptive.load(constant) for constant in CONSTANT}
    assert all(lowest.shape == (SEEDS,) and (lowest > 0).all() for lowest in found.values())
    for seed in (1, 6):
        weights = get_new_random_weights(8, rng=seed)
        greedy = descend(STARTS[1], RULES["greedy"], weights=weights).train_error
        plain = train(CONSTANT[1], weights=weights).train_error
        assert found[f2, "greedy"][seed] == greedy.min()
        assert found[f2, None][seed] == plain.min()


@pytest.mark.filterwarnings("ignore:.*overflows:RuntimeWarning")
def test_the_kept_errors_are_computed_anew(monkeypatch):
    runs = (STARTS[0], "gentle"), (CONSTANT[0], None)
    found = [adaptive.load(*run) for run in runs]
    monkeypatch.setattr(adaptive, "SEEDS", 2)
    for run, lowest in zip(runs, found, strict=True):
        np.testing.assert_array_equal(adaptive._lowest(*run), lowest[:2])
    assert np.isnan(adaptive._lowest(Experiment(f1, 3, 5, 300), None)).all()


def test_what_is_not_kept(monkeypatch):
    for run in ((SHORT, "greedy"), (STARTS[0], "brave"), (STARTS[0],), (CONSTANT[0], "greedy")):
        with pytest.raises(ValueError, match=r"adaptive.npz has no runs of \(.*\) with .*; it has"):
            adaptive.load(*run)
    monkeypatch.setitem(adaptive._CONDITIONS, "seeds", 7)
    with pytest.raises(ValueError, match="stale: it was computed with seeds = 64, which is 7 now"):
        adaptive.load(CONSTANT[0])


@pytest.mark.parametrize(
    ("rule", "given", "message"),
    [
        (Angle, {"patience": 0}, "patience must be an integer, at least 1, got 0"),
        (Angle, {"up": 0}, "up must be"),
        (Angle, {"down": -0.5}, "down must be"),
        (Angle, {"up": 0.5}, "up must be at least 1, and down at most 1, got 0.5 and 0.5"),
        (Angle, {"down": 2}, "up must be at least 1, and down at most 1, got 1.1 and 2"),
        (Angle, {"small": "a"}, "small must be a finite number, got 'a'"),
        (Angle, {"large": np.nan}, "large must be a finite number, got nan"),
        (Sharpness, {"product": 0}, "product must be"),
        (Sharpness, {"product": 1, "most": -1}, "most must be a positive, finite number, got -1"),
        (Sharpness, {"product": 1, "most": "a"}, "most must be a positive, finite number, got 'a'"),
    ],
)
def test_rules_that_are_none(rule, given, message):
    with pytest.raises(ValueError, match=message):
        rule(**given)


def test_the_name_of_a_rule_is_none():
    with pytest.raises(TypeError, match="adapt must be an Angle or a Sharpness, got 'greedy'"):
        descend(SHORT, "greedy")
