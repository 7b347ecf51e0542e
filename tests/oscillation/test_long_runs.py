"""The long runs are kept, found again by what they follow from, and go on where they broke off."""

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from subprocess import run
from time import sleep

import numpy as np
import pytest

from nnlib import Experiment, f1, kept, results, train
from nnlib.capacity import budgets
from nnlib.methods import adaptive
from nnlib.network import get_new_random_weights, pack
from nnlib.oscillation import find_bursts, late, sweep, trial, validation
from nnlib.oscillation.precision import train_with_bits
from nnlib.oscillation.validation import Comparison
from nnlib.pool import gather

CONDITIONS = {"visible": 1}


def test_everything_is_there():
    for experiment in sweep.SWEEP:
        for errors in sweep.load(experiment).values():
            assert errors.shape == (experiment.epochs + 1,)
    for experiment in validation.EXPERIMENTS:
        found = validation.load(experiment)
        assert found.best_epochs.shape == (validation.ORDERS,)
        assert np.all((found.best_epochs >= 0) & (found.best_epochs <= experiment.epochs))
        assert len(found.predicted) == len(found.crossed)
    for module, n in (
        (sweep, sum(map(len, sweep.SWEEP.values()))),
        (validation, len(validation.EXPERIMENTS)),
        (budgets, budgets.REPLICATES * len({*budgets.SIZES, *budgets.RATES}) + 1),
    ):
        assert len(results.read(module._FILE, "long runs")[1]) == n


def test_the_budgets_are_those_of_real_runs():
    for experiment in (budgets.SIZES[1], budgets.SIZES[9], budgets.SIZES[12]):
        within = [b for b in budgets.BUDGETS if b <= 1000]
        found = budgets.load(experiment)
        assert found.shape == (budgets.REPLICATES, len(budgets.BUDGETS))
        assert np.all(np.diff(found, axis=1) <= 0)
        for seed in (0, 7):
            weights = get_new_random_weights(experiment.h, rng=seed)
            run = train(replace(experiment, epochs=1000), weights=weights)
            expected = [run.test_error[: epochs + 1].min() for epochs in within]
            np.testing.assert_array_equal(found[seed, : len(within)], expected)
    fast, slow = budgets.RATES[4], budgets.RATES[3]
    for seed in (0, 6):
        weights = get_new_random_weights(fast.h, rng=seed)
        run = train(replace(fast, epochs=1000), weights=weights)
        begun = [start for start, _ in find_bursts(run.train_error)]
        first = budgets.load_first_bursts(fast)[seed]
        assert first == begun[0] if begun else not first < 1000
    assert np.isnan(budgets.load_first_bursts(slow)).all()
    rows = budgets.load_later()
    run = train(replace(budgets.LATER, epochs=budgets.EVERY))
    assert rows.shape == (201, 58)
    np.testing.assert_array_equal(rows[1], pack(run.U[-1], run.V[-1]))


def test_more_bits_oscillate_later():
    for experiment in sweep.SWEEP:
        onsets = [int(errors.argmin()) for errors in sweep.load(experiment).values()]
        assert onsets == sorted(onsets)


def test_the_sweep_is_what_the_trainer_computes():
    for experiment, bits in zip(sweep.SWEEP, (24, 53, 96), strict=True):
        begun = train_with_bits(replace(experiment, epochs=20), bits).test_error
        np.testing.assert_array_equal(begun, sweep.load(experiment)[bits][:21])


@pytest.mark.parametrize("experiment", validation.EXPERIMENTS[:2], ids=repr)
def test_the_validation_is_what_is_computed(experiment):
    computed, found = validation.compare(experiment), validation.load(experiment)
    for name in ("predicted", "crossed", "seen"):
        assert getattr(computed, name) == getattr(found, name)
    np.testing.assert_array_equal(computed.best_epochs, found.best_epochs)


def test_a_comparison():
    experiment, best = Experiment(f1, 2, 1, 1000), np.array([510, 500, 490])
    found = Comparison(experiment, [(0, 9), (450, None)], [0, 300], [(20, 30), (495, None)], best)
    assert found.onset == 450
    assert found.observed == 500
    assert found.of_all_epochs == pytest.approx(-0.1)
    assert found.of_the_wait == pytest.approx(-0.25)
    assert found.false_alarms == [(0, 9)]
    assert found.missed == [(20, 30)]
    calm = Comparison(experiment, [(5, 9)], [2], [(9, 11)], np.array([1000, 991, 1000]))
    assert calm.onset is calm.observed is calm.of_all_epochs is calm.of_the_wait is None
    assert calm.false_alarms == calm.missed == []


def test_what_is_not_kept():
    with pytest.raises(ValueError, match=r"sweep.npz has no runs of \(f1, 3, 1, 1201\); it has"):
        sweep.load(Experiment(f1, 3, 1, 1201))
    with pytest.raises(ValueError, match=r"validation.npz has no runs of \(f1, 3, 1, 1001\); it"):
        validation.load(Experiment(f1, 3, 1, 1001))


def test_a_stale_file_says_so(monkeypatch):
    def other(x):
        return 1.01 * f1(x)

    other.__name__ = "f1"  # an edited function, or another one of the same name
    edited = Experiment(other, 3, 1, 1200)
    monkeypatch.setitem(sweep.SWEEP, edited, (24,))
    with pytest.raises(ValueError, match=r"stale: its runs of \(f1, 3, 1, 1200\) start from anoth"):
        sweep.load(edited)
    with pytest.raises(ValueError, match=r"stale: its runs of \(f1, 3, 1, 1000\) start from anoth"):
        validation.load(Experiment(other, 3, 1, 1000))
    monkeypatch.setitem(validation._CONDITIONS, "calm", 7)
    with pytest.raises(ValueError, match="stale: it was computed with calm = 16, which is 7 now"):
        validation.load(validation.EXPERIMENTS[0])
    almost = Experiment(f1, 3, float(np.float32(0.1)), 10_000)
    with pytest.raises(ValueError, match=r"validation\.npz has no runs of|stale"):
        validation.load(almost)


OTHER_TYPES = (lambda rows: rows.astype(str), lambda rows: rows.astype("f4"))
OTHER_SHAPES = (lambda rows: rows[:0], lambda rows: rows[:1], lambda rows: rows[..., None])
OTHER_VALUES = (lambda rows: np.nan * rows,)


@pytest.mark.parametrize(
    ("module", "run", "more", "changes"),
    [
        (adaptive, adaptive.CONSTANT[:1], [], OTHER_TYPES + OTHER_SHAPES),
        (budgets, budgets.SIZES[1:2], ["seed", 3], OTHER_TYPES + OTHER_SHAPES),
        (late, late.RUNS[1:], [], OTHER_TYPES + OTHER_SHAPES + OTHER_VALUES),
        (trial, trial.KNOWN[5], ["weights", None], OTHER_TYPES + OTHER_SHAPES[2:] + OTHER_VALUES),
    ],
    ids=["adaptive", "budgets", "late", "trial"],
)
def test_a_changed_file_says_so(monkeypatch, tmp_path, module, run, more, changes):
    about, arrays = results.read(module._FILE, "long runs")
    name = kept.key(run[0], *more)
    monkeypatch.setattr(module, "_FILE", tmp_path / module._FILE.name)
    results.save(module._FILE, about, **arrays)
    module.load(*run)
    for change in changes:
        results.save(module._FILE, about, **{**arrays, name: change(arrays[name])})
        with pytest.raises(ValueError, match=rf"{module._FILE.name} is damaged: its .* must "):
            module.load(*run)
    results.save(module._FILE, {**about, "experiments": ["a"]}, **arrays)
    with pytest.raises(ValueError, match=r"npz is damaged: its experiments are \['a'\]"):
        module.load(*run)


def test_a_broken_off_run_goes_on(tmp_path):
    file, asked = tmp_path / "runs.npz", []
    tasks = {str(n): (n,) for n in (1, 2, 3)}

    def square(n):
        asked.append(n)
        if asked == [1, 2, 3]:
            raise RuntimeError("broken off")
        return np.array([n * n])

    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(RuntimeError, match="broken off"):
            kept.complete(pool, file, CONDITIONS, square, tasks)
        assert set(results.read(file, "long runs")[1]) == {"1", "2"}
        kept.complete(pool, file, CONDITIONS, square, tasks)
    assert asked == [1, 2, 3, 3]
    about, found = results.read(file, "long runs")
    assert {name: int(array[0]) for name, array in found.items()} == {"1": 1, "2": 4, "3": 9}
    assert about["visible"] == 1
    with ThreadPoolExecutor(1) as pool:
        kept.complete(pool, file, CONDITIONS, square, tasks)
        assert len(asked) == 4
        kept.complete(pool, file, {"visible": 2}, square, tasks)
        assert len(asked) == 7


def test_the_room_needs_no_flint():
    code = (
        "import sys; sys.modules['flint'] = None\n"
        "from nnlib.oscillation import predict_onset, sweep, validation\n"
        "print(len(sweep.load(next(iter(sweep.SWEEP)))))"
    )
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "13\n", done.stderr


def test_what_has_not_begun_is_cancelled():
    asked = []

    def slow(n):
        asked.append(n)
        sleep(0.05)

    def keep(key, result):
        raise KeyboardInterrupt

    with ThreadPoolExecutor(1) as pool, pytest.raises(KeyboardInterrupt):
        gather(pool, {n: (slow, n) for n in range(40)}, keep, 40, "slow")
    assert len(asked) < 10
