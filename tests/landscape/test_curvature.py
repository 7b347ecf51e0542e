"""The sharpness along a run, and what it foretells."""

import numpy as np
import pytest

from nnlib import Experiment, f1, get_new_random_dataset, get_test_set, train
from nnlib.hessian import hessian
from nnlib.landscape import sharpness, spectrum


def test_sharpness_passes_the_threshold_before_the_oscillation():
    history = train(Experiment(f1, 3, 1, 1000))
    values = sharpness(history, range(300, 700))
    crossing = 300 + int(np.argmax(values > 2))
    assert crossing == 481
    assert crossing < history.best_epoch
    assert np.all(np.diff(values > 2) >= 0)  # once above, it stays there until the oscillation
    calm = train(Experiment(f1, 3, 0.1, 1000))
    assert sharpness(calm, range(0, 1001, 100)).max() < 20


def test_given_datasets_and_overflows():
    x, y = get_new_random_dataset(f1, 30, rng=1)
    history = train(Experiment(f1, 3, 0.1, 5), train_set=(x, y), test_set=get_test_set(f1))
    (value,) = sharpness(history, [5])
    all_of_them = np.linalg.eigvalsh(hessian(history.U[5], history.V[5], x, y))
    assert value == all_of_them[-1]
    np.testing.assert_array_equal(spectrum(history, [0, 5])[1], all_of_them)
    assert sharpness(history, []).shape == (0,)
    for epoch in (6, -1, 1.5, True):
        message = f"epoch must be an integer between 0 and 5, got {epoch}"
        with pytest.raises(ValueError, match=message):
            sharpness(history, [epoch])
    with pytest.warns(RuntimeWarning, match="overflows"):
        lost = train(Experiment(f1, 3, 5, 500))
    assert np.isnan(sharpness(lost, [500])).all()
