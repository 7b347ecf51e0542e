"""Trainings by both engines, for the tests of the kernels: made up, and compared bit by bit."""

import warnings

import numpy as np
from hypothesis import strategies as st

from nnlib import Experiment, f1, get_new_random_weights, train

numbers = st.floats(-1e3, 1e3, allow_nan=False)


def checksums(experiment, **given):
    """Those of both engines, which have to warn of the same."""
    found, warned = [], []
    for engine in ("numpy", "kernel"):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found.append(train(experiment, engine=engine, **given).checksum())
        warned.append([str(warning.message) for warning in caught])
    assert warned[0] == warned[1]
    return found


def dataset(n, seed=0, size=5.0):
    """Inputs at random, and their sines."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-size, size, n)
    return x, np.sin(x)


@st.composite
def trainings(draw, most):
    """An experiment with up to so many neurons, and what else it is trained with."""
    h = draw(st.integers(2, most))
    sets = []
    for _ in range(2):
        n = draw(st.integers(1, 300))
        x, y = dataset(n, draw(st.integers(0, 2**32)), draw(st.sampled_from([1e-3, 1, 5, 1e4])))
        x[0], y[-1] = draw(numbers), draw(numbers)
        sets.append((x, y))
    U, V = get_new_random_weights(h, rng=draw(st.integers(0, 2**32)))
    scale = draw(st.sampled_from([0.1, 1, 100, 1e5]))
    experiment = Experiment(f1, h, draw(st.floats(1e-4, 100)), draw(st.integers(0, 12)))
    return experiment, {
        "train_set": sets[0],
        "test_set": sets[1],
        "weights": (scale * U, scale * V),
    }
