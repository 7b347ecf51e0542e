"""Learning rates that change on the way."""

import numpy as np
import pytest

from nnlib import Experiment, f1, f2, train
from nnlib.methods import adaptive
from nnlib.methods.adaptive import CONSTANT, RULES, SEEDS, STARTS, load, rates
from nnlib.optimizers import Angle, Halving

SHORT = Experiment(f1, 3, 0.5, 60)


def test_the_rates_that_a_run_has_taken():
    np.testing.assert_allclose(rates(train(SHORT)), 0.5, rtol=1e-9)
    rule = Angle(small=np.pi, large=np.pi, up=2, patience=25)
    taken = rates(train(SHORT.replaced(optimizer=rule)))
    expected = np.repeat([0.5, 1, 2], [24, 25, 11])  # the first has none before it, and counts
    np.testing.assert_allclose(taken, expected, rtol=1e-9)
    taken = rates(train(SHORT.replaced(optimizer=Angle(small=0, large=0))))
    np.testing.assert_allclose(taken[:4], [0.5, 0.25, 0.125, 0.0625], rtol=1e-9)
    taken = rates(train(SHORT.replaced(optimizer=Halving(), learning_rate=2)))
    np.testing.assert_allclose(np.log2(taken), np.round(np.log2(taken)), atol=1e-9)


@pytest.mark.filterwarnings("ignore:.*overflows:RuntimeWarning")
def test_rates_that_there_are_not():
    assert np.isnan(rates(train(Experiment(f1, 3, 5, 300)))[-1])
    assert rates(train(SHORT.replaced(epochs=0))).shape == (0,)
    x = np.arange(3.0)
    still = train(
        SHORT, train_set=(x, 0 * x), test_set=(x, 0 * x), weights=(np.ones((2, 2)), np.zeros(3))
    )
    assert np.isnan(rates(still)).all()


def test_the_angle_keeps_a_run_from_oscillating():
    fast = Experiment(f1, 3, 1, 1000)
    calm = train(fast.replaced(optimizer=Angle()))
    assert calm.train_error[-1] < 0.1 * train(fast).train_error[-1]


def test_the_kept_errors_are_those_of_real_runs():
    kept = {
        (start.f, name): load(start.replaced(optimizer=rule))
        for start in STARTS
        for name, rule in RULES.items()
    }
    kept |= {(constant.f, None): load(constant) for constant in CONSTANT}
    assert all(lowest.shape == (SEEDS,) and (lowest > 0).all() for lowest in kept.values())
    for seed in (1, 6):
        greedy = STARTS[1].replaced(optimizer=RULES["greedy"])
        for name, experiment in (("greedy", greedy), (None, CONSTANT[1])):
            run = train(experiment.starting(weights=seed))
            assert kept[f2, name][seed] == run.train_error.min()


def test_the_kept_errors_are_computed_anew(monkeypatch):
    runs = STARTS[0].replaced(optimizer=RULES["gentle"]), CONSTANT[0]
    found = [load(run) for run in runs]
    monkeypatch.setattr(adaptive, "SEEDS", 2)
    for run, lowest in zip(runs, found, strict=True):
        np.testing.assert_array_equal(adaptive._lowest(run), lowest[:2])
    assert np.isnan(adaptive._lowest(Experiment(f1, 3, 5, 300))).all()


def test_what_is_not_kept(monkeypatch):
    greedy = RULES["greedy"]
    for run in (SHORT, STARTS[0], CONSTANT[0].replaced(optimizer=greedy)):
        with pytest.raises(ValueError, match=r"adaptive.npz has no runs of \(.*\); it has"):
            load(run)
    monkeypatch.setitem(adaptive._CONDITIONS, "seeds", 7)
    with pytest.raises(ValueError, match="stale: it was computed with seeds = 64, which is 7 now"):
        load(CONSTANT[0])
