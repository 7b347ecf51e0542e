"""Subpackages that are about plain gradient descent say so, and ignore no other optimizer."""

import numpy as np
import pytest

from nnlib import Experiment, f1, f2, train
from nnlib.landscape import sharpness
from nnlib.landscape.copies import difference, predicted_difference, predicted_from_copies
from nnlib.methods import falling, mass, preconditioned
from nnlib.optimizers import Adam, Cosine, GaussNewton, HeavyBall
from nnlib.oscillation import late, trial, validation
from nnlib.oscillation.enclosure import enclose
from nnlib.oscillation.flip import observe
from nnlib.oscillation.onset import predict_onset, stable_path
from nnlib.oscillation.precision import train_with_bits
from nnlib.oscillation.signs import differences
from nnlib.report import measures, measures_1b
from nnlib.report.display import find_address

PLAIN = Experiment(f1, 3, 0.1, 20)
OTHERS = {
    "optimizer": PLAIN.replaced(optimizer=Adam()),
    "schedule": PLAIN.replaced(schedule=Cosine()),
    "batch": PLAIN.replaced(batch=100),
    "later": PLAIN.at(5, learning_rate=0.05),
}
OF_AN_EXPERIMENT = {
    "stable_path": stable_path,
    "predict_onset": predict_onset,
    "train_with_bits": lambda experiment: train_with_bits(experiment, 24),
    "enclose": lambda experiment: enclose(experiment, 100),
    "run_in_pieces": lambda experiment: late.run_in_pieces(experiment, 10),
    "trial": trial.compare,
    "validation": validation.compare,
    "predicted_from_copies": lambda experiment: predicted_from_copies(experiment, 0, 1),
    "beside_momentum": measures.beside_momentum,
}
OF_A_HISTORY = {
    "observe": lambda history: observe(history, 1),
    "predicted_difference": lambda history: predicted_difference(history, 0, 1),
    "best_multiple_of_a_step": measures_1b.best_multiple_of_a_step,
    "largest_rate_times_sharpness": measures_1b.largest_rate_times_sharpness,
    "unevenness": measures_1b.unevenness,
}
MESSAGE = (
    r"must be of gradient descent with all samples and one learning rate, got \(f1, 3, 0.1, 2"
    r"|is foretold for descent, heavy ball and Nesterov's momentum, got optimizer=adam"
    r"|a stable path has neither schedule nor batches nor changes, got \(f1, 3, 0.1, 2"
)


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("name", OF_AN_EXPERIMENT)
def test_an_experiment_of_another_kind_is_refused(name, other):
    with pytest.raises(ValueError, match=MESSAGE):
        OF_AN_EXPERIMENT[name](other)


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("name", OF_A_HISTORY)
def test_a_history_of_another_kind_is_refused(name, other):
    with pytest.raises(ValueError, match=MESSAGE):
        OF_A_HISTORY[name](train(other))


def test_what_follows_one_rule_takes_no_other_after_it():
    heavy = PLAIN.replaced(optimizer=HeavyBall(0.9))
    changed = heavy.at(5, optimizer=Adam())
    for use in (
        lambda: preconditioned.preconditioners(train(PLAIN.at(5, optimizer=Adam()))),
        lambda: mass.intervene(changed, "end", 7),
        lambda: mass.foretell(changed),
        lambda: falling.path_of(PLAIN.at(5, learning_rate=0.05), stable_path(PLAIN)),
    ):
        with pytest.raises(ValueError, match=r"of one rule from its start to its end, got \(f1, 3"):
            use()


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_what_reads_a_history_alone_takes_any(other):
    history = train(other)
    assert np.isfinite(sharpness(history, [0, 20])).all()
    assert np.isfinite(difference(history, 0, 1)).all()
    assert differences(history, 0).shape == (20, 7)


def test_another_start_is_plain_descent_and_not_ignored():
    started = PLAIN.starting(weights=7, scale=10, start="glorot")
    rows = late.run_in_pieces(started, 10)
    history = train(started)
    for row, epoch in zip(rows, (0, 10, 20), strict=True):
        np.testing.assert_array_equal(row[:3], history.V[epoch])
    np.testing.assert_array_equal(stable_path(started).U[0], history.U[0])
    np.testing.assert_array_equal(train_with_bits(started, 53).U[0], history.U[0])


def test_the_laboratory_has_no_address_for_what_it_cannot_do():
    assert find_address(PLAIN) == "#f=f1&h=3&rate=0.1&epochs=20"
    for other in (*OTHERS.values(), PLAIN.starting(start="spread")):
        assert Experiment.parse(find_address(other)) == other
    assert find_address(PLAIN.replaced(optimizer=GaussNewton())) is None
    assert find_address(Experiment(f2, 3, 0.1, 20).starting(weights=7)).endswith("weights=7")
