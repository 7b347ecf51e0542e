"""What a penalty on the weights changes in a run, and what it does not."""

import numpy as np
import pytest
from rules import RULES, usual

from nnlib import Experiment, History, f1, f2, reference, train
from nnlib.hessian import hessian, largest_eigenvalue
from nnlib.network import LossGradient, pack
from nnlib.optimizers import OPTIMIZERS, GaussNewton, Sharpness
from nnlib.training import fingerprint

ARRAYS = ("test_error", "train_error", "U", "V", "grad_U", "grad_V")
SHORT = Experiment(f2, 4, 0.02, 8, penalty=0.01).starting(samples=37, scale=20)


@pytest.mark.parametrize("rule", [r for r in RULES if r.name in reference.RULES], ids=repr)
@pytest.mark.parametrize("batch", [None, 10])
def test_agrees_with_the_reference(rule, batch):
    if batch and not rule.batches:
        return
    experiment = SHORT.replaced(optimizer=rule, batch=batch)
    ours, oracle = train(experiment, engine="numpy"), reference.train(experiment)
    assert ours.checksum() == train(experiment).checksum()
    for name in ARRAYS:
        one, other = getattr(ours, name), getattr(oracle, name)
        assert abs(one - other).max() <= 1e-11 * abs(other).max(), name


@pytest.mark.parametrize("engine", ["numpy", "kernel"])
def test_by_hand(engine):
    """The gradient has it, the error has not, and a step follows the gradient."""
    history = train(SHORT, engine=engine)
    gradient = LossGradient(*history.train_set, 4)
    for epoch in range(8):
        w = pack(history.U[epoch], history.V[epoch])
        loss, grad_U, grad_V = gradient(history.U[epoch], history.V[epoch])
        g = pack(grad_U, grad_V)
        g += 0.01 * w
        assert history.train_error[epoch] == loss
        np.testing.assert_allclose(pack(history.grad_U[epoch], history.grad_V[epoch]), g, 1e-12)
        after = pack(history.U[epoch + 1], history.V[epoch + 1])
        np.testing.assert_allclose(after, w - 0.02 * g, 1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_rule_comes_to_where_the_penalised_loss_is_flat(name):
    """The loss that falls is the one with it; for all but those that never settle."""
    rates = {"gauss-newton": 1, "barzilai-borwein": 0.01, "lbfgs": 0.1}
    experiment = Experiment(f1, 2, rates.get(name, 0.1), 300, penalty=0.1)
    experiment = experiment.replaced(optimizer=usual(OPTIMIZERS[name])).starting(scale=50)
    history, without = train(experiment), train(experiment.replaced(penalty=0))

    def penalised(run):
        squares = (pack(run.U, run.V) ** 2).sum(axis=1)
        return run.train_error + 0.05 * squares

    assert penalised(history)[-1] < penalised(history)[0]
    if name in ("gauss-newton", "lbfgs", "armijo", "barzilai-borwein", "rprop"):
        assert history.gradient_norm[-1] < 1e-2 * history.gradient_norm[0]
        assert penalised(history)[-1] < penalised(without)[-1]


def test_gauss_newton_finds_the_bottom():
    experiment = Experiment(f1, 3, 1, 300, penalty=0.01, optimizer=GaussNewton())
    history = train(experiment.starting(scale=50))
    assert history.gradient_norm[-1] < 1e-9 * history.gradient_norm[0]


def test_sharpness_is_that_of_the_penalised_loss():
    experiment = SHORT.replaced(optimizer=Sharpness(), learning_rate=1e9, epochs=1, penalty=3.0)
    history = train(experiment)
    curvature = hessian(history.U[0], history.V[0], *history.train_set)
    curvature[np.diag_indices(10)] += 3.0
    rate = 1.8 / largest_eigenvalue(curvature)
    moved = history.V[0] - rate * history.grad_V[0]
    np.testing.assert_allclose(history.V[1], moved, 1e-12)


def test_a_penalty_is_part_of_what_a_run_is_known_by(tmp_path):
    history = train(SHORT)
    assert str(SHORT) == "(f2, 4, 0.02, 8, samples=37, scale=20, penalty=0.01)"
    assert fingerprint(SHORT) != fingerprint(SHORT.replaced(penalty=0.02))
    assert fingerprint(SHORT) != fingerprint(SHORT.replaced(penalty=0))
    history.save(tmp_path / "run.npz")
    loaded = History.load(tmp_path / "run.npz")
    assert loaded.experiment == SHORT and loaded.checksum() == history.checksum()


def test_it_goes_with_the_replay():
    ours, replayed = train(SHORT), train(SHORT, arithmetic="replay")
    np.testing.assert_allclose(ours.train_error, replayed.train_error, 1e-9)
