"""How alike runs are: the matching, and the chance that it is put beside."""

from dataclasses import replace

import numpy as np
import pytest

from nnlib import Experiment, f1, f2, train
from nnlib.randomness import similarity
from nnlib.randomness.replicates import replica
from nnlib.randomness.similarity import (
    beside_shuffled_casts,
    beside_surrogates,
    distances,
    match,
    paths,
    surrogates,
)
from nnlib.training import train_quietly

PAIRS = [(i, j) for i in range(12) for j in range(i)]


def _disguised(run, order, signs):
    U = signs[:, None] * run.U[:, order]
    V = np.concatenate([signs * run.V[:, order], run.V[:, -1:]], axis=1)
    return replace(run, U=U, V=V)


def _smooth(rng, *shape):
    """Paths that start at 0 and wander smoothly."""
    return np.cumsum(np.cumsum(rng.normal(size=(*shape, 40, 3)), axis=-2), axis=-2) / 100


def test_a_run_is_matched_with_itself_in_disguise():
    run = train(Experiment(f2, 8, 0.1, 300))
    order, signs = np.array([3, 0, 6, 1, 5, 2, 4]), np.array([1, -1, -1, 1, 1, -1, 1])
    one, other = paths([run, _disguised(run, order, signs)])
    neurons, found, matched, unmatched = match(one, other)
    np.testing.assert_array_equal(neurons, np.argsort(order))
    np.testing.assert_array_equal(found, signs[np.argsort(order)])
    assert matched < 1e-6 < unmatched
    distance, _ = distances(one, one)
    np.testing.assert_allclose(distance, distance.T)


def test_distances_are_those_of_the_definition():
    rng = np.random.default_rng(1)
    one, other = _smooth(rng, 4), _smooth(rng, 5)
    distance, turned = distances(one, other)
    for i, j in np.ndindex(4, 5):
        straight, round_ = (
            np.sqrt(np.mean(np.sum((one[i] - sign * other[j]) ** 2, axis=1))) for sign in (1, -1)
        )
        assert distance[i, j] == pytest.approx(min(straight, round_))
        assert turned[i, j] == (round_ < straight)


def test_every_tenth_epoch_is_enough(monkeypatch):
    """The distances are those of all epochs to half a percent, also for runs that oscillate."""
    runs = [train(replica(Experiment(f2, 8, 0.1, 1000), index, seed=1)) for index in range(3)]
    some = paths(runs)
    monkeypatch.setattr(similarity, "_EVERY", 1)
    every = paths(runs)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert match(some[i], some[j])[2] == pytest.approx(match(every[i], every[j])[2], rel=0.005)


def test_matched_neurons_are_nearer_whatever_they_are():
    """Why the ratio of matched to unmatched says nothing: pure chance brings it far below 1."""
    rng = np.random.default_rng(1)
    ratios = []
    for _ in range(50):
        _, _, matched, unmatched = match(_smooth(rng, 7), _smooth(rng, 7))
        ratios.append(matched / unmatched)
    assert max(ratios) < 0.8


def test_surrogates_keep_how_neurons_move():
    runs = _smooth(np.random.default_rng(1), 3, 4)
    other = surrogates(runs, np.random.default_rng(2))
    for derivative in range(3):
        before, after = (
            np.linalg.norm(np.diff(r, derivative, axis=2), axis=-1) for r in (runs, other)
        )
        np.testing.assert_allclose(after, before, atol=1e-12)
    turned = np.sum(runs * other, axis=-1) / np.sum(runs * runs, axis=-1)
    assert abs(turned[:, :, -1].mean()) < 0.5 and turned[:, :, -1].std() > 0.2


def test_what_has_nothing_in_common_is_not_found_alike():
    """Under either hypothesis the probabilities are spread evenly from 0 to 1."""
    rng = np.random.default_rng(1)
    for compare in (beside_surrogates, beside_shuffled_casts):
        ps = [compare(_smooth(rng, 6, 4), PAIRS[:15], n=19).p for _ in range(40)]
        assert 0.3 < np.mean(ps) < 0.7 and np.mean(np.array(ps) <= 0.05) < 0.2


def test_kinds_and_casts_are_told_apart():
    rng = np.random.default_rng(1)
    kinds = _smooth(rng, 5)
    noise = 0.1 * _smooth(rng, 12, 5)
    same_cast = kinds + noise
    one_stock = kinds[rng.integers(5, size=(12, 5))] + noise
    for runs in (same_cast, one_stock):
        found = beside_surrogates(runs, PAIRS, n=19)
        assert found.p == 0.05 and max(found.ratio) < 1
    value, low, high = beside_shuffled_casts(same_cast, PAIRS, n=39).ratio
    assert low <= value <= high < 1
    assert beside_shuffled_casts(one_stock, PAIRS, n=39).p > 0.05


def test_what_cannot_be_matched():
    run = train(Experiment(f1, 3, 0.1, 20))
    with pytest.raises(ValueError, match=r"same h and epochs, got .*, 20\), .*, 30\)"):
        paths([run, train(Experiment(f1, 3, 0.1, 30))])
    with pytest.raises(ValueError, match="got none"):
        paths([])
    single = paths([train(Experiment(f1, 2, 0.1, 20))] * 2)
    with pytest.raises(ValueError, match="with a single hidden neuron there is nothing to match"):
        match(*single)
    with pytest.raises(ValueError, match="a run that overflowed cannot be matched"):
        paths([train_quietly(Experiment(f1, 3, 5, 500))])
