"""What was foretold of runs whose rate falls, before any of them was looked at."""

import numpy as np
import pytest

from nnlib import Experiment
from nnlib.methods import falling

FORETOLD = {
    "f1 3 1 3000 schedule=cosine": [],
    "f1 3 1.1 2000 schedule=cosine": [],
    "f1 3 1.1 3000 schedule=cosine": [(669, 1098)],
    "f1 3 1.2 2000 schedule=cosine": [(367, 761)],
    "f1 3 1 2000 schedule=inverse half=4000": [],
    "f1 3 1.1 2000 schedule=inverse half=4000": [(1016, None)],
    "f1 3 1.2 2000 schedule=inverse half=2000": [],
    "f1 3 1.2 2000 schedule=inverse half=4000": [(459, None)],
    "f1 3 1 2000 schedule=steps drop=0.5": [],
    "f1 3 1 3000 schedule=steps drop=0.5": [(753, 1006)],
    "f1 3 1.1 2000 schedule=steps drop=0.5": [(506, 673)],
    "f1 3 1.2 2000 schedule=steps drop=0.5": [(288, 674)],
    "f2 8 0.1 1200 schedule=cosine": [(184, 289)],
    "f2 8 0.12 1200 schedule=cosine": [(125, 331)],
    "f2 8 0.1 1200 schedule=inverse half=1200": [],
    "f2 8 0.12 1200 schedule=inverse half=1200": [(138, 310)],
    "f2 8 0.1 1200 schedule=steps drop=0.5": [(173, 352)],
    "f2 8 0.12 1200 schedule=steps drop=0.5": [(122, 406)],
}


def test_all_settings_are_foretold():
    assert [Experiment.parse(text) for text in FORETOLD] == [*falling.SETTINGS]


@pytest.mark.slow
@pytest.mark.parametrize("text", FORETOLD)
def test_the_predictions_are_those_made_before_the_runs(text):
    experiment = Experiment.parse(text)
    assert falling.foretell(experiment, falling._plain(experiment.f))[:1] == FORETOLD[text]


def test_a_path_at_its_own_rate_is_itself():
    plain = falling.stable_path(Experiment.parse("f1 3 1 50"))
    same = falling.path_of(Experiment.parse("f1 3 1 50"), plain)
    np.testing.assert_array_equal(same.sharpness, plain.sharpness)
    half = falling.path_of(Experiment.parse("f1 3 0.5 100"), plain)
    np.testing.assert_allclose(half.sharpness[::2], plain.sharpness)


def test_a_path_that_is_too_short_is_refused():
    plain = falling.stable_path(Experiment.parse("f1 3 1 50"))
    with pytest.raises(ValueError, match="takes the time 60, and the stable path"):
        falling.path_of(Experiment.parse("f1 3 1 60"), plain)
