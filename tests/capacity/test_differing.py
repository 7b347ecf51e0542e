"""Larger initial weights and their controls: what is kept is of real runs, from such starts."""

import numpy as np
import pytest

from nnlib import train
from nnlib.capacity import differing
from nnlib.network import get_new_random_weights


def starts(seed):
    weights = get_new_random_weights(differing.RUN.h, rng=seed)
    return dict(zip(differing.STARTS, differing._starts(*weights), strict=True))


def rows(start):
    """The weights of the two neurons, each in a row."""
    U, V = start
    return np.column_stack([np.ravel(V)[:2], U])


@pytest.mark.parametrize(("seed", "start"), [(0, "usual"), (7, "larger"), (29, "second twice")])
def test_the_errors_are_those_of_real_runs(seed, start):
    found = differing.load()
    assert found.shape == (len(differing.STARTS), differing.SEEDS, len(differing.EPOCHS))
    run = train(differing.RUN, weights=starts(seed)[start])
    expected = run.test_error[list(differing.EPOCHS)]
    np.testing.assert_array_equal(found[differing.STARTS.index(start), seed], expected)


def test_the_controls_are_duplicates_of_a_size():
    larger, usual, mean, first, second = map(rows, starts(seed=3).values())
    np.testing.assert_array_equal(larger, differing.SCALE * usual)
    for control, source in ((mean, larger.mean(axis=0)), (first, larger[0]), (second, larger[1])):
        np.testing.assert_array_equal(control[0], control[1])
        np.testing.assert_allclose(np.cross(control[0], source), 0, atol=1e-12)
    assert np.linalg.norm(mean) == pytest.approx(np.linalg.norm(larger))
    np.testing.assert_array_equal([first[0], second[0]], larger)
