"""A rate for each weight, from many starts."""

import numpy as np
import pytest

from nnlib import Experiment, f1, f2, get_initial_weights, train
from nnlib.methods import weightwise
from nnlib.methods.steps import STARTS, TUNING
from nnlib.methods.weightwise import AGAIN, COPIES, LEVELS, METHODS, RATES

OPTIMIZERS = ("", *(f"optimizer={name}" for name in (*METHODS, "adamw", "heavy-ball beta=0.9")))


def test_the_starts_are_others_than_those_for_tuning():
    assert not {*TUNING} & {*STARTS} and not {*AGAIN} & {*TUNING, *STARTS}


@pytest.mark.parametrize("more", OPTIMIZERS)
def test_exact_copies_never_part(more):
    """Each weight of a copy sees the gradients that its twin sees, so its rate is the same too."""
    U, V = get_initial_weights(3)
    twins = U[[0, 0]], V.ravel()[[0, 0, 2]]
    run = train(Experiment.parse(f"f1 3 0.1 300 {more}"), weights=twins)
    np.testing.assert_array_equal(run.U[:, 0], run.U[:, 1])
    np.testing.assert_array_equal(run.V[:, 0], run.V[:, 1])
    assert abs(run.U[-1] - run.U[0]).min() > 0.01


@pytest.mark.parametrize("method", METHODS)
def test_a_sample_of_what_is_kept(method):
    for f in (f1, f2):
        tuned, judged = weightwise.load(f, method)
        assert tuned.shape == (len(RATES), len(TUNING)) and judged.shape == (len(STARTS),)
        one = weightwise._experiment(f, method, weightwise.best_rate(f, method))
        assert weightwise._error(one, 7) == judged[7]


def test_a_sample_of_other_starts():
    one = weightwise._experiment(f2, "rprop", weightwise.best_rate(f2, "rprop"))
    assert weightwise._error(one, AGAIN[3]) == weightwise.load_again("rprop")[3]


@pytest.mark.parametrize("method", COPIES)
def test_a_sample_of_the_copies(method):
    found = weightwise.load_copies(method)
    rate = weightwise.best_rate(f1, method)
    one = weightwise._experiment(f1, method, rate).replaced(epochs=weightwise.LONGER)
    row = weightwise._part(weightwise._train(one, 3))
    names = "alike", "parted", "parted late"
    kept = [*(found[name][3] for name in names), *found["epoch"][3], *found["apart"][3]]
    np.testing.assert_array_equal(row, kept)


def test_when_neurons_part():
    """From a history made by hand: apart at first, then alike, then apart."""

    class Run:
        U = np.array([[[1.0, 0], [n, 0]] for n in (2, 1.2, 1.05, 1.01, 1.0, 1.2)])
        V = np.ones((6, 3))
        train_error = np.array([1, 0.5, 0.05, 0.02, 0.008, 0.007])

    alike, parted, late, *more = weightwise._part(Run())
    assert (alike, parted, late) == (2, 5, 5)
    assert more[: len(LEVELS)] == [2, 4, np.inf]
    np.testing.assert_allclose(more[len(LEVELS) :], [0.04878, 0, np.nan], atol=1e-5)
