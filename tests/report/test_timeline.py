"""The moments of the run on one axis."""

import matplotlib.pyplot as plt
import pytest

from nnlib.report.timeline import moments, plot_timeline


def test_the_moments_come_in_their_order():
    epochs = [epoch for epoch, _ in moments().values()]
    assert epochs == sorted(epochs)
    assert moments()["crossing"][0] < moments()["rise"][0] < moments()["lowest"][0]
    assert moments()["exact"][0] > 1000  # not within the run, if nothing is rounded


def test_a_moment_stands_out():
    _, ax = plt.subplots()
    plot_timeline(ax, "lowest")
    bold = [text.get_text() for text in ax.texts if text.get_fontweight() == "bold"]
    assert bold == [f"{moments()['lowest'][0]}: test error lowest"]
    assert len(ax.texts) == len(moments())
    plt.close()


def test_an_unknown_moment_is_refused():
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match=r"a moment must be one of crossing, .*got midnight"):
        plot_timeline(ax, "midnight")
    plt.close()
