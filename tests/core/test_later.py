"""Experiments that change at an epoch: what they say, what they refuse, and their bits."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from rules import RULES, usual

from nnlib import Experiment, History, elsewhere, f1, f2, logarithmic, reference, train
from nnlib.arithmetic import find_arithmetic
from nnlib.network import pack
from nnlib.optimizers import OPTIMIZERS, Adam, Cosine, Descent, HeavyBall, Rprop, Sharpness
from nnlib.stopping import stop_early
from nnlib.training import fingerprint, train_quietly

WHOLE = Experiment(f1, 3, 1, 1000)
SHORT = Experiment(f2, 4, 0.05, 12).starting(samples=37, scale=20)
ARRAYS = ("test_error", "train_error", "U", "V", "grad_U", "grad_V")


def rows(history):
    return pack(history.U, history.V)


def same(one, other, part=slice(None)):
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(one, name)[part], getattr(other, name)[part], name)


def test_what_it_says():
    branch = WHOLE.at(481, learning_rate=0.5).at(600, batch=100, optimizer=HeavyBall(0.9))
    text = "(f1, 3, 1, 1000, at=481:rate=0.5, at=600:optimizer=heavy-ball:beta=0.9:batch=100)"
    assert repr(branch) == text and Experiment.parse(text) == branch
    address = "#f=f1&h=3&rate=1&epochs=1000&at=481%3Arate%3D0.5&at=600:batch=100:beta=0.9:optim"
    assert Experiment.parse(address + "izer=heavy-ball&epoch=7") == branch
    pairs = ([481, {"learning_rate": np.float32(0.5)}], (600, branch.later[1][1]))
    given = replace(WHOLE, later=pairs)
    assert given == branch and hash(given) == hash(branch)
    assert WHOLE.at(5, batch=None).more == "at=5:batch=all" and WHOLE.later == ()
    assert not branch.is_descent


def test_its_parts():
    assert WHOLE.parts == [(0, WHOLE)]
    branch = WHOLE.replaced(batch=50, shuffle=3).at(481, learning_rate=0.5).at(600, batch=None)
    assert [epoch for epoch, _ in branch.parts] == [0, 481, 600]
    assert [part.more for _, part in branch.parts] == [*2 * ["batch=50 shuffle=3"], ""]
    assert [part.learning_rate for _, part in branch.parts] == [1, 0.5, 0.5]
    assert branch.replaced(learning_rate=2).parts[1][1].learning_rate == 0.5
    assert branch.replaced(penalty=1).parts[2][1].penalty == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("at=481", r"written as at=481:rate=0.5:penalty=0.01, each once, got 'at=481'"),
        ("at=481:", r"at an epoch can change rate, optimizer, .*, penalty, got ''"),
        ("at=481:rate=1:rate=2", r"each once, got 'at=481:rate=1:rate=2'"),
        ("at=481:rate", r"rate must be a number, got ''"),
        ("at=x:rate=1", r"at must be an integer, got 'x'"),
        ("at=481:h=4", r"at an epoch can change rate, optimizer, .*, penalty, got 'h'"),
        ("at=481:beta=0.9", r"at an epoch can change .* got 'beta'"),
        ("at=481:optimizer=adam:beta=0.9", r"penalty, beta1 of adam, .* got 'beta'"),
        ("at=481:rate=-1", r"learning_rate must be a positive, finite number, got -1.0"),
        ("at=481:rate=1,penalty=3", r"rate must be a number, got '1,penalty=3'"),
        ("at=-1:rate=1", r"the epoch of a change must be an integer between 0 and 999, got -1"),
        ("at=1000:rate=1", r"the epoch of a change .* between 0 and 999, got 1000"),
        ("at=9:rate=1 at=9:rate=2", r"the epoch of a change .* between 10 and 999, got 9"),
        ("at=9:batch=5 at=10:optimizer=armijo", r"armijo sees all samples at once"),
        ("at=9:shuffle=3", r"shuffle is of batches, and there are none, got 3"),
        (" ".join(f"at={n}:rate=1" for n in range(9)), r"at 8 epochs at most, got 9"),
    ],
)
def test_wrong_texts(text, message):
    with pytest.raises(ValueError, match=message):
        Experiment.parse(f"f1 3 1 1000 {text}")


@pytest.mark.parametrize(
    ("later", "message"),
    [
        (481, r"later must be pairs of an epoch and what changes there, .* got 481"),
        ([481], r"later must be pairs of .* got \[481\]"),
        ([(481, 0.5)], r"later must be pairs of .* got \[\(481, 0.5\)\]"),
        ([(481, {})], r"at an epoch can change learning_rate, .*, penalty, got None"),
        ([(481, {"rate": 1})], r"at an epoch can change learning_rate, .*, got 'rate'"),
        ([(481, {3: 1})], r"at an epoch can change learning_rate, .*, got 3"),
        ([(True, {"penalty": 1})], r"the epoch of a change must be an integer .* got True"),
        ([(481, {"penalty": -1})], r"penalty must be a finite number, at least 0, got -1"),
    ],
)
def test_wrong_changes(later, message):
    with pytest.raises(ValueError, match=message):
        replace(WHOLE, later=later)


def test_what_can_never_be_a_change():
    with pytest.raises(TypeError, match="optimizer must be of the type Optimizer, got 'adam'"):
        WHOLE.at(481, optimizer="adam")
    with pytest.raises(ValueError, match="the epoch of a change must be an integer between 0 and"):
        WHOLE.at(481, learning_rate=0.5).replaced(epochs=481)


@pytest.mark.parametrize("engine", ["numpy", "kernel"])
def test_the_epoch_itself_is_the_last_of_the_old_settings(engine):
    whole, branch = (train(one, engine=engine) for one in (WHOLE, WHOLE.at(481, learning_rate=0.5)))
    same(whole, branch, slice(481))
    np.testing.assert_array_equal(rows(branch)[481], rows(whole)[481])
    assert (rows(branch)[482] != rows(whole)[482]).all()
    assert branch.checksum() == "a9aa7ec1fbb78516db768cda3bdb4df80130868a40fe7acc333bb04f7fef6322"
    after = WHOLE.replaced(learning_rate=0.5, epochs=519)
    after = train(after, weights=(whole.U[481], whole.V[481]), engine=engine)
    np.testing.assert_array_equal(rows(after), rows(branch)[481:])
    np.testing.assert_array_equal(after.grad_V, branch.grad_V[481:])


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_where_nothing_changes_the_run_goes_on(rule):
    """But for those that take the length of their first step from the rate."""
    experiment = SHORT.replaced(optimizer=rule)
    branch = train(experiment.at(5, learning_rate=experiment.learning_rate))
    if rule.scheduled:
        same(branch, train(experiment))
    first = train(experiment.at(0, learning_rate=0.01))
    same(first, train(experiment.replaced(learning_rate=0.01)))


@pytest.mark.parametrize("rule", [usual(kind) for kind in OPTIMIZERS.values()], ids=repr)
@pytest.mark.parametrize(
    "changes",
    [
        {"learning_rate": 0.02},
        {"schedule": Cosine()},
        {"penalty": 0.01},
        {"batch": 10, "shuffle": 3},
        {"optimizer": Adam(epsilon=0.1), "learning_rate": 0.01},
    ],
    ids=str,
)
def test_agrees_with_the_reference(rule, changes):
    if ("schedule" in changes and not rule.scheduled) or ("batch" in changes and not rule.batches):
        return
    experiment = SHORT.replaced(optimizer=rule).at(5, **changes)
    ours = train(experiment, engine="numpy")
    assert ours.checksum() == train(experiment).checksum()
    if rule.name in reference.RULES:
        oracle = reference.train(experiment)
        for name in ARRAYS:
            one, other = getattr(ours, name), getattr(oracle, name)
            assert abs(one - other).max() <= 1e-11 * abs(other).max(), name


def test_what_an_optimizer_remembers():
    heavy = SHORT.replaced(optimizer=HeavyBall(0.9))
    whole = train(heavy)
    at = whole.U[5], whole.V[5]
    steps = np.diff(rows(train(heavy.at(5, learning_rate=0.025))), axis=0)
    np.testing.assert_allclose(steps[5], np.diff(rows(whole), axis=0)[5] / 2, 1e-10)
    for changes in ({"optimizer": HeavyBall(0.8)}, {"batch": 37}, {"penalty": 0.01}):
        anew = heavy.replaced(**changes, epochs=7)
        again = train(heavy.at(5, **changes))
        set_ = {"train_set": again.train_set, "test_set": again.test_set}
        np.testing.assert_array_equal(rows(train(anew, weights=at, **set_)), rows(again)[5:])


def test_a_rule_that_takes_its_first_rate_begins_anew():
    quick = SHORT.replaced(optimizer=Rprop(), learning_rate=0.01)
    steps = abs(np.diff(rows(train(quick.at(5, learning_rate=0.001))), axis=0))
    np.testing.assert_allclose(steps[5], 0.001, 1e-9)


@pytest.mark.parametrize("engine", ["numpy", "kernel"])
def test_a_schedule_counts_from_the_start_of_the_run(engine):
    branch = train(SHORT.at(6, schedule=Cosine()), engine=engine)
    step = rows(branch)[7] - rows(branch)[6]
    gradient = pack(branch.grad_U, branch.grad_V)[6]
    np.testing.assert_allclose(step, -0.05 * 0.5 * gradient, 1e-10)


@pytest.mark.parametrize("engine", ["numpy", "kernel"])
def test_the_orders_go_on_until_the_shuffle_changes(engine):
    batches = SHORT.replaced(batch=10, shuffle=4)
    whole = train(batches, engine=engine)
    same(whole, train(batches.at(5, batch=10), engine=engine))
    late = train(SHORT.at(5, batch=10, shuffle=4), engine=engine)
    set_ = {"train_set": late.train_set, "test_set": late.test_set}
    fresh = batches.replaced(epochs=7)
    for changes in ({"shuffle": 4, "batch": 10}, {"shuffle": 4, "batch": 10, "penalty": 0}):
        other = train(SHORT.replaced(batch=10).at(5, **changes), engine=engine)
        again = train(fresh, weights=(other.U[5], other.V[5]), **set_, engine=engine)
        np.testing.assert_array_equal(rows(again), rows(other)[5:])
    again = train(fresh, weights=(late.U[5], late.V[5]), **set_, engine=engine)
    np.testing.assert_array_equal(rows(again), rows(late)[5:])


@pytest.mark.parametrize("engine", ["numpy", "kernel"])
def test_the_gradient_is_the_one_that_leads_on(engine):
    branch, plain = (train(one, engine=engine) for one in (SHORT.at(5, penalty=0.5), SHORT))
    np.testing.assert_allclose(branch.grad_V[5], plain.grad_V[5] + 0.5 * plain.V[5], 1e-12)
    np.testing.assert_array_equal(branch.train_error[:6], plain.train_error[:6])
    np.testing.assert_array_equal(branch.grad_V[:5], plain.grad_V[:5])


@pytest.mark.parametrize("engine", ["numpy", "kernel"])
def test_seen_epochs_are_those_of_the_whole(engine):
    branch = WHOLE.at(481, optimizer=Adam(), learning_rate=0.01).at(700, learning_rate=0.001)
    whole = train(branch, engine=engine)
    for seen in (1000, 7, [480], logarithmic(1000, 30)):
        some = train(branch, seen=seen, engine=engine)
        assert {0, 481, 700, 1000} <= {*some.seen.tolist()}
        np.testing.assert_array_equal(rows(some), rows(whole)[some.seen])
        np.testing.assert_array_equal(some.test_error, whole.test_error[some.seen])
        np.testing.assert_array_equal(some.grad_V, whole.grad_V[some.seen[:-1]])


@pytest.mark.parametrize("engine", ["numpy", "kernel"])
@pytest.mark.parametrize("seen", [None, 300])
def test_an_overflow_ends_it_before_a_change_and_after(engine, seen):
    """Also where it would be taken back by an optimizer that begins anew."""

    def overflow(experiment):
        with pytest.warns(RuntimeWarning, match="overflows .* the learning rate is too large"):
            return train(experiment, engine=engine, seen=seen)

    early = Experiment(f1, 3, 1e150, 1000).at(500, optimizer=Adam())
    assert overflow(early).overflow_epoch <= 300 and np.isnan(overflow(early).V[-1]).all()
    late = overflow(WHOLE.at(481, learning_rate=1e150, penalty=0.1))
    assert 481 < late.overflow_epoch <= 600 and np.isfinite(late.V[late.row(481)]).all()
    for epoch, ends in {1: None, 2: 2, 3: 2}.items():  # also at the very epoch
        branch = Experiment(f1, 3, 1e150, 10).at(epoch, optimizer=Adam())
        assert train_quietly(branch, engine=engine).overflow_epoch == ends


def test_files_and_fingerprints(tmp_path):
    branches = [SHORT.at(5, penalty=0.5), SHORT.at(6, penalty=0.5), SHORT.at(5, penalty=0.4)]
    branches += [branches[0].at(7, batch=5), branches[0].at(7, batch=5, shuffle=(1, 2)), SHORT]
    assert len({fingerprint(one) for one in branches}) == len(branches)
    for branch in branches:
        history = train(branch)
        history.save(tmp_path / "run")
        again = History.load(tmp_path / "run")
        assert again.experiment == branch and again.checksum() == history.checksum()


def test_what_knows_only_some_of_it_says_so():
    with pytest.raises(ValueError, match="there is no program for PyTorch with the change in"):
        elsewhere.program(WHOLE.at(481, learning_rate=0.5), "torch")
    with pytest.raises(ValueError, match="the kernel has no sharpness; numpy has it"):
        train(WHOLE.at(481, optimizer=Sharpness()), engine="kernel")
    with pytest.raises(ValueError, match=r"no at=481:rate=0.5 in the replay arithmetic"):
        train(WHOLE.at(481, learning_rate=0.5), engine="kernel", arithmetic="replay")
    with pytest.raises(ValueError, match=r"the reference has descent, .* got optimizer=sharpness"):
        reference.train(SHORT.at(5, optimizer=Sharpness()))
    for run in (train, reference.train):
        with pytest.raises(ValueError, match=r"batch must be at most 37, .*got 38"):
            run(SHORT.at(5, batch=38))


@pytest.mark.parametrize("name", ["replay", "my own"])
def test_other_arithmetics_take_it(name):
    own = replace(find_arithmetic("portable"), name="my own")
    branch = SHORT.at(5, optimizer=Adam(), learning_rate=0.01).at(8, optimizer=Descent(), batch=9)
    found = train(branch, arithmetic="replay" if name == "replay" else own)
    np.testing.assert_allclose(found.V, train(branch).V, 1e-9)
    assert train(WHOLE.replaced(epochs=0), arithmetic="replay").V.shape == (1, 3)


def test_an_early_stop_sees_every_epoch_once():
    branch = SHORT.replaced(epochs=60).at(5, optimizer=Adam()).at(20, penalty=0.01)
    stopped = stop_early(branch, patience=60)
    sets = {"train_set": stopped.train_set, "test_set": stopped.validation_set}
    history = train(branch, **sets)
    np.testing.assert_array_equal(stopped.validation_error, history.test_error)
    np.testing.assert_array_equal(stopped.train_error, history.train_error)


def test_eight_changes():
    branch = SHORT
    for epoch in range(8):
        branch = branch.at(epoch, learning_rate=0.05 / (epoch + 2), penalty=epoch / 100)
    assert Experiment.parse(branch.more.join(["f2 4 0.05 12 ", ""])) == branch
    assert train(branch, engine="numpy").checksum() == train(branch).checksum()
    for (_, one), (_, other) in pairwise(branch.parts):
        assert one.learning_rate > other.learning_rate
