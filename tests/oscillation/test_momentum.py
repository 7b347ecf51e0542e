"""What is foretold of runs with momentum, as it was before any of them was looked at."""

import numpy as np
import pytest

from nnlib import Experiment, f1, f2
from nnlib.optimizers import Adam, Descent, HeavyBall, Nesterov
from nnlib.oscillation import rounding_noise, stable_path
from nnlib.oscillation.momentum import MOMENTUM
from nnlib.oscillation.onset import growth, recurrence, threshold

FORETOLD = {
    "f1 3 1 2000 optimizer=heavy-ball beta=0.5": [(1518, None)],
    "f1 3 1.2 2000 optimizer=heavy-ball beta=0.5": [(662, None)],
    "f1 3 1.5 2000 optimizer=heavy-ball beta=0.5": [(262, None)],
    "f1 3 1.1 2000 optimizer=heavy-ball beta=0.7": [(943, None)],
    "f1 3 1.3 2000 optimizer=heavy-ball beta=0.7": [(440, None)],
    "f1 3 1.4 2000 optimizer=heavy-ball beta=0.8": [(238, 290), (410, 486), (691, 769)],
    "f1 3 1 2000 optimizer=heavy-ball beta=0.9": [],
    "f1 3 1.2 2000 optimizer=heavy-ball beta=0.9": [],
    "f1 3 1.5 2000 optimizer=heavy-ball beta=0.9": [(844, None)],
    "f1 3 0.6 2000 optimizer=nesterov beta=0.5": [(1332, None)],
    "f1 3 0.8 2000 optimizer=nesterov beta=0.5": [(404, None)],
    "f1 3 0.5 2000 optimizer=nesterov beta=0.7": [(1545, None)],
    "f1 3 0.7 2000 optimizer=nesterov beta=0.7": [(379, None)],
    "f1 3 0.6 2000 optimizer=nesterov beta=0.9": [(179, 243), (459, None)],
    "f1 3 0.8 2000 optimizer=nesterov beta=0.9": [(155, None)],
    "f2 8 0.09 1500 optimizer=heavy-ball beta=0.5": [(1002, None)],
    "f2 8 0.1 1500 optimizer=heavy-ball beta=0.5": [(790, None)],
    "f2 8 0.1 1500 optimizer=heavy-ball beta=0.7": [(586, None)],
    "f2 8 0.08 1500 optimizer=heavy-ball beta=0.9": [],
    "f2 8 0.1 1500 optimizer=heavy-ball beta=0.9": [
        (372, 483),
        (502, 1096),
        (1120, 1187),
        (1220, None),
    ],
    "f2 8 0.04 1500 optimizer=nesterov beta=0.5": [],
    "f2 8 0.06 1500 optimizer=nesterov beta=0.5": [(882, None)],
    "f2 8 0.05 1500 optimizer=nesterov beta=0.7": [(851, None)],
    "f2 8 0.04 1500 optimizer=nesterov beta=0.9": [(588, None)],
    "f2 8 0.06 1500 optimizer=nesterov beta=0.9": [(58, 80), (243, None)],
}
QUICK = [text for text in FORETOLD if text.startswith("f1 3") and "0.9" in text]


def test_every_run_is_foretold():
    assert [*map(Experiment.parse, FORETOLD)] == [*MOMENTUM]


@pytest.mark.parametrize("text", QUICK)
def test_what_is_foretold(text):
    assert stable_path(Experiment.parse(text)).bursts(rounding_noise(53)) == FORETOLD[text]


@pytest.mark.slow
@pytest.mark.parametrize("text", [text for text in FORETOLD if text not in QUICK])
def test_what_else_is_foretold(text):
    test_what_is_foretold(text)


@pytest.mark.parametrize("beta", [0.0, 0.3, 0.5, 0.9, 0.99])
def test_the_thresholds(beta):
    """As derived by hand; and -1 is a root there."""
    assert threshold(Descent()) == 2
    assert threshold(HeavyBall(beta)) == pytest.approx(2 * (1 + beta), rel=1e-12)
    nesterov = 2 * (1 + beta) / (1 + 2 * beta)
    assert threshold(Nesterov(beta)) == pytest.approx(nesterov, rel=1e-12)
    for optimizer in (HeavyBall(beta), Nesterov(beta)):
        a, b = recurrence(optimizer, threshold(optimizer))
        assert 1 + a - b == pytest.approx(0, abs=1e-12)
        assert growth(optimizer, threshold(optimizer) * (1 - 1e-6)) < 1
        assert growth(optimizer, threshold(optimizer) * (1 + 1e-6)) > 1


@pytest.mark.parametrize("optimizer", [Descent(), HeavyBall(0.5), HeavyBall(0.9), Nesterov(0.9)])
@pytest.mark.parametrize("product", [0.3, 1.2, 2.7, 3.9])
def test_the_recurrence_is_that_of_the_optimizer(optimizer, product):
    """On a parabola, its steps are the recurrence's, and grow as its larger root."""
    rate = 0.5
    w, state, seen = np.array([1.0]), optimizer.begin(1, None), [1.0]
    for _ in range(300):
        w, state = optimizer.step(w, np.append(product / rate * w, 0.0), 1, rate, state)
        seen.append(w[0])
    a, b = recurrence(optimizer, product)
    z = np.array(seen)
    np.testing.assert_allclose(
        z[2:], a * z[1:-1] + b * z[:-2], rtol=1e-9, atol=1e-12 * abs(z).max()
    )
    roots = np.roots([1, -a, -b])
    assert growth(optimizer, product) == pytest.approx(abs(roots).max(), rel=1e-9)


def test_others_are_refused():
    with pytest.raises(ValueError, match="heavy ball and Nesterov's momentum, got optimizer=adam"):
        threshold(Adam())
    batches = Experiment(f1, 3, 1, 10, batch=10)
    with pytest.raises(ValueError, match="neither schedule nor batches"):
        stable_path(batches)
    with pytest.raises(ValueError, match="heavy ball"):
        stable_path(Experiment(f2, 3, 1, 10, optimizer=Adam()))
