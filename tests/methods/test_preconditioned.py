"""Where runs with a rate for each weight settle, and what they are divided by."""

import numpy as np
import pytest

from nnlib import Experiment, f1, f2, train
from nnlib.landscape import sharpness
from nnlib.methods import preconditioned
from nnlib.methods.preconditioned import (
    LATER,
    POINTS,
    SETTINGS,
    limit,
    preconditioned_sharpness,
    preconditioners,
    zigzag_size,
)
from nnlib.network import pack
from nnlib.optimizers import Adagrad, Adam, AdamW, Descent, HeavyBall, RMSprop
from nnlib.report.measures_2 import zigzag_before


@pytest.mark.parametrize(
    ("optimizer", "product"),
    [(Adam(0.9), 38), (Adam(0.5), 6), (Adam(0.0), 2), (RMSprop(), 2), (Adagrad(), 2)],
)
def test_the_limit_is_where_a_zigzag_grows(optimizer, product):
    """On a parabola, with P held still: below the limit the zigzag fades, above it grows."""
    assert limit(optimizer) == pytest.approx(product)
    beta = getattr(optimizer, "beta1", 0.0)
    for factor in (0.99, 1.01):
        w, mean = 1.0, -(1 - beta) / (1 + beta) * product * factor  # of a zigzag that is under way
        for _ in range(4000):
            mean = beta * mean + (1 - beta) * product * factor * w
            w -= mean
        assert (abs(w) > 1) == (factor > 1)


@pytest.mark.parametrize("optimizer", [HeavyBall(0.9), AdamW()])
def test_others_have_no_such_limit(optimizer):
    with pytest.raises(ValueError, match=f"Adam is what has this limit, got {optimizer!r}"):
        limit(optimizer)
    run = train(Experiment(f1, 3, 0.01, 3, optimizer=optimizer))
    with pytest.raises(ValueError, match="has this limit"):
        preconditioners(run)


@pytest.mark.parametrize("optimizer", [Descent(), Adagrad(), RMSprop(0.8), Adam(0.0, 0.9)])
def test_a_step_is_the_gradient_over_the_preconditioner(optimizer):
    run = train(Experiment(f1, 3, 0.02, 30, optimizer=optimizer))
    steps = np.diff(pack(run.U, run.V), axis=0)
    gradients = pack(run.grad_U, run.grad_V)
    np.testing.assert_allclose(steps, -0.02 * gradients / preconditioners(run), atol=1e-15)


def test_the_sharpness_of_descent_is_the_plain_one():
    run = train(Experiment(f1, 3, 0.5, 100))
    epochs = [0, 50, 99]
    found = preconditioned_sharpness(run, epochs)
    np.testing.assert_allclose(found, sharpness(run, epochs), rtol=1e-10)
    with pytest.raises(ValueError, match="epoch must be"):
        preconditioned_sharpness(run, [100])


@pytest.mark.parametrize("optimizer", [RMSprop(), Adam(0.0, 0.9), Adam(0.9, 0.9), Adam(0.5)])
@pytest.mark.parametrize("curvature", [0.01, 1.0, 100.0])
def test_the_zigzag_has_its_size_whatever_the_curvature(optimizer, curvature):
    """On a parabola, begun in a zigzag: it keeps the size that is foretold."""
    experiment = Experiment(f1, 3, 0.1, 1, optimizer=optimizer)
    size = zigzag_size(experiment)
    w, square = size, (curvature * size) ** 2
    beta = getattr(optimizer, "beta1", 0.0)
    mean = -curvature * size * (1 - beta) / (1 + beta)
    for n in range(20):
        mean = beta * mean + (1 - beta) * curvature * w
        square = 0.9 * square + 0.1 * (curvature * w) ** 2
        w -= 0.1 * mean / np.sqrt(square)
        assert w == pytest.approx(size * (-1) ** (n + 1), rel=1e-6)


def test_the_longer_runs_are_those_that_had_not_settled():
    far = {one for one in SETTINGS if abs(preconditioned.settled(one) - 1) > 0.1}
    assert len(SETTINGS) == 44
    assert {one.replaced(epochs=8000) for one in LATER} == far


def test_a_sample_of_what_is_kept():
    one = Experiment.parse("f1 3 0.03 8000 optimizer=adam beta1=0.5")
    run, kept = train(one), preconditioned.load(one)
    epochs = [0, 820, 7980]
    seen = 0.03 * preconditioned_sharpness(run, epochs) / limit(one.optimizer)
    step = one.epochs // POINTS
    np.testing.assert_allclose(kept["preconditioned"][[n // step for n in epochs]], seen, rtol=1e-6)
    np.testing.assert_allclose(kept["error"][41], run.train_error[820], rtol=1e-6)


@pytest.mark.slow
def test_most_that_look_like_a_zigzag_before_the_crossing_are_bends():
    """What the book says of the 13 runs: in a zigzag two values in a row have opposite signs."""
    signs = []
    for one in SETTINGS:
        if zigzag_before(one) < 0.1:
            continue
        found, run = preconditioned.load(one), train(one)
        weights = pack(run.U, run.V)
        bend = weights[:-2] - 2 * weights[1:-1] + weights[2:]
        epochs = np.arange(POINTS) * (one.epochs // POINTS)
        below = ~np.maximum.accumulate((epochs >= 100) & (found["preconditioned"] > 1))
        places = np.flatnonzero((epochs >= 100) & below)[:-1]
        epoch = epochs[places[np.argmax(found["zigzag"][places])]]
        some = bend[epoch - 1 : epoch + 19]
        signs.append(((some[1:] * some[:-1]).sum() / (some**2).sum(), epoch, one.f))
    bends = [one for one in signs if one[0] > 0.8]
    zigzags = [one for one in signs if one[0] < -0.8]
    assert (len(bends), len(zigzags)) == (10, 3) and len(signs) == 13
    assert {(epoch, f) for _, epoch, f in zigzags} == {(100, f2)}


def test_only_what_is_kept_can_be_loaded():
    with pytest.raises(ValueError, match=r"preconditioned.npz has no runs of \(f1, 3, 0.5, 100\)"):
        preconditioned.load(Experiment(f1, 3, 0.5, 100))
