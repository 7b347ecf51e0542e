"""The alarms that are kept: of real runs, as the rules give them."""

import numpy as np
import pytest

from nnlib import train
from nnlib.landscape import sharpness
from nnlib.network import get_new_random_weights
from nnlib.oscillation import watched
from nnlib.oscillation.signs import alarms, angle_alarms


@pytest.mark.parametrize(("seeds", "n"), [(watched.TRIED, 25), (watched.FRESH, 6)])
def test_the_alarms_are_those_of_real_runs(seeds, n):
    found = watched.load(seeds)
    assert len(found) == len(watched.RUNS) * len(seeds)
    kept = found[n]
    assert kept.alarms
    seed, plain = seeds[n % len(seeds)], watched.RUNS[n // len(seeds)]
    run = train(plain, weights=get_new_random_weights(plain.h, rng=seed))
    rises = np.flatnonzero(
        run.train_error[watched.SINCE :] > run.train_error[watched.SINCE - 1 : -1]
    )
    assert kept.rise == (int(rises[0]) + watched.SINCE if rises.size else None)
    for rule in watched.RULES:
        sign, factor = rule
        rung = angle_alarms(run, factor) if sign == "angle" else alarms(run, sign, factor)
        late = rung[rung >= watched.SINCE]
        assert kept.alarms.get(rule) == (late[0] if late.size else None)
        if late.size:
            product = plain.learning_rate * sharpness(run, late[:1])[0]
            assert kept.below[rule] == (product <= 2)


def test_seeds_that_are_not_kept_are_refused():
    with pytest.raises(ValueError, match=r"watched\.npz is stale|has no runs"):
        watched.load([99])
