"""The valley that a run stands in, and the map of the loss."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nnlib import Experiment, f1, train
from nnlib.landscape import sharpness
from nnlib.landscape.valley import (
    LEAST,
    find_map,
    find_valley,
    plot_map,
    plot_valley,
)


@pytest.fixture(scope="module")
def history():
    return train(Experiment(f1, 3, 1, 1000))


def test_the_ball_lies_in_the_valley(history):
    valley = find_valley(history, 754)
    np.testing.assert_allclose(valley.sharpness, sharpness(history, [754]), rtol=1e-12)
    np.testing.assert_allclose(valley.way_loss[-1], history.train_error[754], rtol=1e-12)
    middle = len(valley.across) // 2
    assert valley.across[middle] == 0
    heights = valley.loss - valley.bottom
    # So near, the valley is its parabola.
    parabola = valley.sharpness / 2 * valley.across**2
    np.testing.assert_allclose(heights, parabola, atol=0.01 * heights.max())
    np.testing.assert_allclose(heights[middle], 0, atol=1e-3 * heights.max())


def test_the_run_zigzags_across_the_valley(history):
    """Each step ends on the other side and, while the steps are too long, farther away."""
    way = find_valley(history, 754).way
    assert len(way) == 13
    np.testing.assert_array_equal(np.sign(way[1:]), -np.sign(way[:-1]))
    assert np.all(np.diff(abs(way)) > 0)
    # On a parabola a step multiplies the distance from its bottom by 1 - rate * sharpness.
    (narrow,) = sharpness(history, [753])
    np.testing.assert_allclose(way[-1] / way[-2], 1 - narrow, rtol=0.01)


def test_the_sides_stay_where_they_are(history):
    """One epoch after the other the same side is on the right, as the bias unit's weight says."""
    before = find_valley(history, 740)
    for epoch in range(741, 760):
        now = find_valley(history, epoch)
        assert now.way[-1] * before.way[-1] < 0 or abs(before.way[-1]) < 1e-4
        np.testing.assert_allclose(now.way[-2], before.way[-1], atol=0.05 * now.across[-1])
        before = now


def test_the_map_shows_the_way(history):
    found = find_map(history, 754)
    assert found.loss.shape == (len(found.along), len(found.across)) and len(found.way) == 41
    inside = (abs(found.way[:, 0]) < found.across[-1]) & (found.way[:, 1] > found.along[0])
    assert inside.all() and found.way[-1, 1] == 0
    steps = np.diff(found.way[:, 1])
    assert (steps > 0).all()  # on and on
    # Where the run was is in the plane, nearly: its loss is that of the map.
    column = np.argmin(abs(found.across))
    early = np.interp(found.way[10, 1], found.along, found.loss[:, column])
    np.testing.assert_allclose(early, history.train_error[754 - 30], rtol=0.005)
    assert np.all(np.diff(found.levels) > 0)
    assert found.loss.min() < found.levels[0] and found.levels[-1] < found.loss.max()


def test_the_first_epoch_has_no_way_yet(history):
    assert len(find_valley(history, 0).way) == 1
    found = find_map(history, 0)
    assert len(found.way) == 1
    middle = found.loss[:, np.argmin(abs(found.across - found.way[0, 0]))]
    assert middle[-1] < middle[0]  # ahead is downhill


def test_little_is_never_enlarged_to_roundings(history):
    assert find_valley(history, 481).across[-1] == pytest.approx(LEAST)


def test_what_has_no_valley():
    with pytest.warns(RuntimeWarning, match="overflows"):
        lost = train(Experiment(f1, 3, 5, 500))
    for find in (find_valley, find_map):
        with pytest.raises(ValueError, match="no valley at epoch 500: the weights are too large"):
            find(lost, 500)
        with pytest.raises(ValueError, match="epoch must be an integer between -501 and 500"):
            find(lost, 501)


@pytest.mark.filterwarnings("ignore:.*overflows")
def test_lengths_whose_squares_are_beyond_all_doubles():
    diverging = train(Experiment(f1, 3, 50, 95))
    assert diverging.overflow_epoch == 90
    for find in (find_valley, find_map):
        with pytest.raises(ValueError, match="no valley here: the weights are too large"):
            find(diverging, 90)


def test_the_pictures(history):
    figure, axes = plt.subplots(1, 2)
    for plot, ax in zip((plot_valley, plot_map), axes, strict=True):
        assert plot(ax, history, -1) is ax
        assert ax.get_xlabel() == "across the valley"
    assert "epoch 1000" in [text.get_text() for text in axes[0].get_legend().get_texts()]
    assert find_valley(history, -1).way[-1] == find_valley(history, 1000).way[-1]
    way = axes[1].lines[0].get_xydata()
    np.testing.assert_array_equal(way, find_map(history, 1000).way)
    plt.close(figure)
