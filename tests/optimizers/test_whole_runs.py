"""Whole runs with other optimizers, schedules and batches: what the trainer makes of them."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from rules import CHOICES, RULES, usual

from nnlib import Experiment, History, f1, f2, reference, train
from nnlib.arithmetic import find_arithmetic
from nnlib.network import LossGradient, pack
from nnlib.optimizers import (
    OPTIMIZERS,
    SCHEDULES,
    Adam,
    Constant,
    Cosine,
    Halving,
    HeavyBall,
    Inverse,
    Nesterov,
    Rprop,
    Steps,
)
from nnlib.training import fingerprint, train_quietly

ARRAYS = ("test_error", "train_error", "U", "V", "grad_U", "grad_V")
SHORT = Experiment(f2, 3, 0.02, 8).starting(samples=37, scale=20)


def agree(one, other, within=1e-12):
    """Whether two histories are the same but for roundings."""
    for name in ARRAYS:
        ours, oracle = getattr(one, name), getattr(other, name)
        assert ours.shape == oracle.shape
        assert abs(ours - oracle).max() <= within * abs(oracle).max(), name


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    "choice", [one for one in CHOICES if one.name in {**reference.RULES, **SCHEDULES}], ids=repr
)
def test_agrees_with_the_reference(choice):
    experiment = SHORT.replaced(**{choice.key: choice})
    agree(train(experiment, engine="numpy"), reference.train(experiment))


@pytest.mark.one_in(3)
@pytest.mark.parametrize("batch", [1, 5, 36, 37])
@pytest.mark.parametrize("rule", [r for r in RULES if r.batches][::3], ids=repr)
def test_batches_agree_with_the_reference(rule, batch):
    schedule = Steps(parts=2) if rule.scheduled else Constant()
    experiment = SHORT.replaced(optimizer=rule, schedule=schedule, batch=batch, shuffle=(3, 1))
    experiment = experiment.replaced(epochs=4, learning_rate=0.005)
    agree(train(experiment, engine="numpy"), reference.train(experiment))


@pytest.mark.parametrize("start", ["noise=0.5 data=7 weights=8 order=3", "start=spread test=9"])
def test_starts_agree_with_the_reference(start):
    experiment = Experiment.parse(f"f1 4 0.1 4 samples=20 {start}")
    agree(train(experiment, engine="numpy"), reference.train(experiment))


def test_an_update_of_a_batch_is_a_step_from_its_samples():
    """By hand: a pass of three parts, the last of which is smaller and counts as much."""
    experiment = SHORT.replaced(batch=15, epochs=2, shuffle=5)
    history = train(experiment, engine="numpy")
    x, y = history.train_set
    rng = np.random.default_rng(5)
    w = pack(history.U[0], history.V[0])
    for epoch in range(2):
        np.testing.assert_array_equal(w, pack(history.U[epoch], history.V[epoch]))
        order = rng.permutation(37)
        assert sorted(order) == [*range(37)]
        for part in (order[:15], order[15:30], order[30:]):
            g = LossGradient(x[part], y[part], 3).sums(w)[:-1]
            if part.size == 7:
                g = g * (15 / 7)
            w = w - 0.02 * g / 15
    np.testing.assert_array_equal(w, pack(history.U[2], history.V[2]))


def test_a_row_of_the_history_is_a_pass_and_has_the_gradient_of_all_samples():
    history = train(SHORT.replaced(batch=5), engine="numpy")
    assert history.test_error.shape == (9,) and history.grad_U.shape == (8, 2, 2)
    gradient = LossGradient(*history.train_set, 3)
    for epoch in range(8):
        loss, grad_U, grad_V = gradient(history.U[epoch], history.V[epoch])
        assert loss == history.train_error[epoch]
        np.testing.assert_array_equal(grad_U, history.grad_U[epoch])
        np.testing.assert_array_equal(grad_V, history.grad_V[epoch])


def test_orders_of_batches():
    """All at once is no batch; all in one batch are in another order, and so have other bits."""
    whole, one = (train(SHORT.replaced(batch=batch), engine="numpy") for batch in (None, 37))
    agree(one, whole, 1e-9)
    assert one.checksum() != whole.checksum()
    others = [SHORT.replaced(batch=5, shuffle=seed) for seed in (0, 1, (1, 0))]
    assert len({train(other, engine="numpy").checksum() for other in others}) == 3
    first = train(others[0].replaced(epochs=3), engine="numpy")
    np.testing.assert_array_equal(first.U, train(others[0], engine="numpy").U[:4])


def test_larger_batches_than_samples_are_refused():
    message = "batch must be at most 37, as there are no more samples, got 38"
    for function in (train, fingerprint):
        with pytest.raises(ValueError, match=message):
            function(SHORT.replaced(batch=38))
    with pytest.raises(ValueError, match="batch must be at most 37, got 38"):
        reference.train(SHORT.replaced(batch=38))
    samples = np.arange(5.0), np.arange(5.0)
    with pytest.raises(ValueError, match="batch must be at most 5, as there are no more samples"):
        train(SHORT.replaced(batch=6), train_set=samples, test_set=samples)
    train(SHORT.replaced(batch=5), train_set=samples, test_set=samples)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (Constant(), [1, 1, 1, 1, 1, 1]),
        (Steps(), [1, 1, 0.1, 0.1, 0.01, 0.01]),
        (Steps(parts=2, drop=0.5), [1, 1, 1, 0.5, 0.5, 0.5]),
        (Steps(parts=4, drop=0.5), [1, 1, 0.5, 0.25, 0.25, 0.125]),
        (Steps(parts=1), [1, 1, 1, 1, 1, 1]),
        (Steps(parts=12, drop=0.5), [1, 1 / 4, 1 / 16, 1 / 64, 1 / 256, 1 / 1024]),
        (Inverse(half=2), [1, 2 / 3, 1 / 2, 2 / 5, 1 / 3, 2 / 7]),
        (Cosine(), np.cos(np.arange(6) * np.pi / 12) ** 2),
    ],
    ids=repr,
)
def test_schedules(schedule, expected):
    np.testing.assert_allclose(schedule.factors(6), expected, rtol=1e-14)
    np.testing.assert_array_equal(
        schedule.factors(6),
        [reference.SCHEDULES[schedule.name](t, 6, **vars(schedule)) for t in range(6)],
    )
    assert schedule.factors(0).shape == (0,) and schedule.factors(1).tolist() == [1]
    history = train(SHORT.replaced(schedule=schedule, epochs=6), engine="numpy")
    w, g = pack(history.U, history.V), pack(history.grad_U, history.grad_V)
    moved = np.linalg.norm(np.diff(w, axis=0), axis=1) / np.linalg.norm(g, axis=1)
    np.testing.assert_allclose(moved, 0.02 * np.array(expected), rtol=1e-9)


@pytest.mark.parametrize("epochs", [1, 7, 100, 1234])
@pytest.mark.parametrize("choice", [one for one in CHOICES if one.key == "schedule"], ids=repr)
def test_a_schedule_has_the_bits_of_its_slow_twin(choice, epochs):
    factors = choice.factors(epochs)
    twin = [reference.SCHEDULES[choice.name](t, epochs, **vars(choice)) for t in range(epochs)]
    assert factors.tolist() == twin
    assert factors[0] == 1 and (np.diff(factors) <= 0).all() and (factors >= 0).all()


@pytest.mark.parametrize("rule", [usual(kind) for kind in OPTIMIZERS.values()], ids=repr)
def test_a_schedule_is_felt_or_refused(rule):
    experiment = SHORT.replaced(optimizer=rule, learning_rate=0.5)
    if rule.scheduled:
        changed = experiment.replaced(schedule=Steps(parts=2, drop=0.01))
        plain, falling = (train(one, engine="numpy") for one in (experiment, changed))
        assert not np.array_equal(plain.U[-1], falling.U[-1])
    else:
        for schedule in (Steps(), Inverse(3), Cosine()):
            with pytest.raises(ValueError, match="finds the length of its steps by itself, and"):
                experiment.replaced(schedule=schedule)


def test_what_the_process_has_set_changes_no_schedule():
    schedules = Steps(parts=1000, drop=1e-3), Inverse(half=1e-320), Cosine()
    expected = [one.factors(2000).tobytes() for one in schedules]
    with np.errstate(all="raise"):
        assert [one.factors(2000).tobytes() for one in schedules] == expected
        train(SHORT.replaced(schedule=schedules[0], epochs=2000), engine="numpy")


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": HeavyBall(0.9)},
        {"optimizer": Nesterov(0.5), "schedule": Steps(drop=0.9)},
        {"optimizer": Rprop()},
        {"batch": 10},
        {"batch": 10, "optimizer": Adam()},
    ],
    ids=repr,
)
def test_a_run_that_overflows_is_told_by_the_epoch(changes):
    experiment = Experiment(lambda x: 1e3 * x, 3, 1e3, 200, **changes)
    if isinstance(experiment.optimizer, Adam | Rprop):  # whose steps have a length of their own
        experiment = experiment.replaced(learning_rate=1e200)
    with pytest.warns(RuntimeWarning, match=r"overflows at epoch \d+: the learning rate is too l"):
        history = train(experiment, engine="numpy")
    end = history.overflow_epoch
    assert 0 < end < 200
    assert np.isfinite(history.test_error[:end]).all() and np.isfinite(history.U[:end]).all()
    assert np.isnan(history.test_error[end + 1 :]).all() and np.isnan(history.V[end + 1 :]).all()
    assert np.isnan(history.grad_U[end:]).all()
    with np.errstate(all="raise"):
        assert train_quietly(experiment, engine="numpy").checksum() == history.checksum()


@pytest.mark.parametrize("choice", CHOICES, ids=repr)
def test_a_history_knows_what_it_was_trained_with(choice, tmp_path):
    experiment = SHORT.replaced(**{choice.key: choice}, epochs=3)
    history = train(experiment)
    assert repr(history).startswith(f"{experiment}: last error ")
    history.save(tmp_path / "run")
    found = History.load(tmp_path / "run")
    assert found.experiment == experiment and found.checksum() == history.checksum()
    table = history.to_dict()
    assert {column.shape for column in table.values()} == {(4,)}
    assert np.isfinite(history.gradient_norm).all() and history.gradient_angle.shape == (3,)
    assert history.predict(0.0) == history.predict([0.0])[0]


def test_a_file_keeps_batches(tmp_path):
    experiment = SHORT.replaced(batch=5, shuffle=(1, 2), schedule=Cosine(), optimizer=Adam(0.5))
    train(experiment).save(tmp_path / "run")
    assert History.load(tmp_path / "run").experiment == experiment


def test_a_file_of_plain_descent_says_what_it_always_has(tmp_path):
    """So that old files are read, and found, as before."""
    for text in ("f1 3 0.1 2", "f2 3 0.1 2 samples=5 data=7 weights=8 scale=10"):
        experiment = Experiment.parse(text)
        train(experiment).save(tmp_path / "run")
        with np.load(tmp_path / "run") as kept:
            about = str(kept["about"])
        assert f'"start": "{experiment.start!r}"' in about
        assert experiment.more == repr(experiment.start) == " ".join(text.split()[4:])


def test_all_that_moves_the_weights_is_in_the_fingerprint():
    experiments = [SHORT.replaced(**{choice.key: choice}) for choice in CHOICES]
    experiments += [SHORT.replaced(batch=5), SHORT.replaced(batch=5, shuffle=1)]
    experiments += [SHORT.replaced(batch=6), SHORT.replaced(batch=5, shuffle=(1, 0))]
    for rule in RULES:  # each of its settings by itself
        for name, value in vars(rule).items():
            default = usual(type(rule))
            if value != getattr(default, name):
                changed = replace(default, **{name: value})
                experiments.append(SHORT.replaced(optimizer=changed))
    experiments = [*dict.fromkeys(experiments)]
    assert len({fingerprint(experiment) for experiment in experiments}) == len(experiments) > 70
    # Those of descent are what they were before there was another rule.
    usually = fingerprint(Experiment(f1, 3, 0.1, 10))
    assert usually == "53c8aa7e248cfd9dfd968304642d50ed8a33c75f28cde72e92200dcc694ce9a0"
    text = "f2 8 0.05 1200 data=7 weights=8 scale=10 order=3 samples=300 noise=0.5"
    said = fingerprint(Experiment.parse(text))
    assert said == "8c3d189ac874bace29688a04de6888118c34ad6d5bf192f87d5b65883d481420"


@pytest.mark.parametrize("rule", [usual(kind) for kind in OPTIMIZERS.values()], ids=repr)
def test_other_arithmetics_take_an_optimizer(rule):
    experiment = SHORT.replaced(optimizer=rule, epochs=4)
    portable = train(experiment, engine="numpy")
    replay = train(experiment, arithmetic="replay")
    agree(replay, portable, 1e-9)
    own = replace(find_arithmetic("portable"), name="my own")
    np.testing.assert_array_equal(train(experiment, arithmetic=own).U, portable.U)
    if rule.batches:
        small = experiment.replaced(batch=5)
        agree(train(small, arithmetic="replay"), train(small, engine="numpy"), 1e-9)


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_other_weights_and_samples_can_be_given(rule):
    experiment = Experiment(f1, 3, 0.02, 5, optimizer=rule)
    history = train(SHORT.replaced(optimizer=rule, epochs=5), engine="numpy")
    given = {"train_set": history.train_set, "test_set": history.test_set}
    same = train(experiment, weights=(history.U[0], history.V[0]), **given, engine="numpy")
    assert same.checksum() == history.checksum()


def test_no_epochs_and_one_sample():
    for choice in CHOICES:
        none = train(SHORT.replaced(**{choice.key: choice}, epochs=0), engine="numpy")
        assert none.U.shape == (1, 2, 2) and none.grad_U.shape == (0, 2, 2)
        one = SHORT.replaced(**{choice.key: choice}, epochs=3).starting(samples=1)
        agree(train(one, engine="numpy"), train(one, engine="numpy"), 0)
    single = Experiment(f1, 3, 0.1, 3, batch=1).starting(samples=1)
    agree(train(single, engine="numpy"), train(single.replaced(batch=None), engine="numpy"), 0)


def test_the_rules_get_down():
    """Each of them, from one start, lowers the error more than by chance."""
    for kind in OPTIMIZERS.values():
        experiment = Experiment(f1, 3, 0.1, 60, optimizer=usual(kind))
        history = train(experiment, engine="numpy")
        assert history.train_error.min() < 0.5 * history.train_error[0], kind.name


def test_momentum_and_adam_are_faster_than_descent_on_f1():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plain = train(Experiment(f1, 3, 0.1, 300)).last_error
        for rule in (HeavyBall(0.9), Nesterov(0.9), Halving(up=1.05)):
            assert train(Experiment(f1, 3, 0.1, 300, optimizer=rule)).last_error < 0.5 * plain
