"""The signs of an oscillation: predicted without a look at the run, and read off it."""

import numpy as np
import pytest

from nnlib import Experiment, f1, f2, train
from nnlib.oscillation import rounding_noise, stable_path
from nnlib.oscillation.signs import predict_signs, read_signs, sizes_that_show

NOISE = rounding_noise(53)


@pytest.mark.parametrize(
    "experiment", [Experiment(f1, 2, 1, 500), Experiment(f2, 6, 0.1, 1000)], ids=str
)
def test_the_signs_come_in_their_order_and_when_predicted(experiment):
    predicted = predict_signs(stable_path(experiment), NOISE)
    seen = read_signs(train(experiment))
    for signs in (predicted, seen):
        assert signs.angle < signs.norm < signs.error
    np.testing.assert_allclose(predicted, seen, rtol=0.015)


def test_the_sizes_that_show_are_reached_when_the_signs_are_predicted():
    path = stable_path(Experiment(f1, 3, 1, 1000))
    predicted, zigzag = predict_signs(path, NOISE), path.zigzag(NOISE)
    for n, epoch in enumerate(predicted):
        size = sizes_that_show(path, epoch)[n]
        assert zigzag[epoch - 2] < size < zigzag[epoch + 2]


def test_without_a_burst_there_are_no_signs():
    path = stable_path(Experiment(f1, 3, 0.1, 300))
    assert predict_signs(path, NOISE) is None
    with pytest.raises(ValueError, match="noise must be 0 or more, got -1"):
        predict_signs(path, -1)


def test_more_noise_brings_the_signs_forward():
    path = stable_path(Experiment(f1, 2, 1, 500))
    few, many = (predict_signs(path, rounding_noise(bits)) for bits in (24, 53))
    assert all(a < b for a, b in zip(few, many, strict=True))
