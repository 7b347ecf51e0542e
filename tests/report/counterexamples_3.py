"""What would make each claim of Experiment 3 false: see `test_counterexamples`."""

import numpy as np

from nnlib.data import turning


def turned(*, over=0.5, follows=0.5, both=None, **numbers):
    """A function that gives each cell runs of which a share overfits, and others have numbers.

    `both` says whether the runs that overfit are those whose errors follow each other.
    """

    def patched(claim, patch):
        n = turning.REPLICATES
        rank = np.arange(n)
        overfits, follow = rank < over * n, rank < follows * n
        if both is False:
            follow = follow[::-1]

        def load(name):
            found = {name: np.ones(n) for name in turning._NUMBERS}
            found |= {"rise": np.where(overfits, 2.0, 1.0), "fall": np.full(n, 0.5)}
            found |= {"clean_rise": found["rise"], "clean_fall": found["fall"]}
            found |= {"follows": np.where(follow, 1.0, 0.0), "turn": np.full(n, 500.0)}
            return found | {name: np.full(n, value) for name, value in numbers.items()}

        patch.setattr(turning, "load", load)
        return ()

    return patched


def curves(turn, price=1.0):
    """A function that gives all cells a mean error with a turn, foretold to be at the first row."""

    def patched(claim, patch):
        error = np.full(len(turning.EPOCHS), 2.0)
        error[turn], error[5] = 1.0, price
        foretold = np.linspace(1, 2, len(turning.EPOCHS))
        foretold[:5] = 9.0
        patch.setattr(
            turning,
            "load_curves",
            lambda name: turning.Curves(error, error, foretold, error, 0 * error),
        )
        return ()

    return patched


def by_start(small, loud):
    """A function that gives two starts shares that overfit."""

    def patched(claim, patch):
        def load(name):
            share = {"small": small, "loud": loud}[name]
            rise = np.where(np.arange(200) < share * 200, 2.0, 1.0)
            return {"rise": rise, "fall": np.full(200, 0.5)}

        patch.setattr(turning, "load", load)
        return ()

    return patched


def shaken(share):
    """A function that gives the runs that shake twins of which a share overfits."""

    def patched(claim, patch):
        many = np.ones(200)
        found = {"shakes": many, "fall": 2 * many, "calm_fall": many / 2}
        found["calm_rise"] = np.where(np.arange(200) < share * 200, 2.0, 1.0)
        patch.setattr(turning, "load_shaken", lambda: found)
        return ()

    return patched


def run_that_overfits(claim, patch):
    """The same with 15 noisy samples and spread weights."""
    from nnlib.experiment import Experiment
    from nnlib.training import train_quietly

    text = "f1 8 0.1 2000 samples=15 noise=0.3 data=1 start=spread weights=1"
    return (train_quietly(Experiment.parse(text)),)


COUNTEREXAMPLES = {
    "3-turning-figure-9": run_that_overfits,
    "3-turning-overfits": turned(over=0.2),
    "3-turning-clean": turned(over=0.5),
    "3-turning-clean-f2": turned(over=0.0),
    "3-turning-turn": turned(reply_turn=5000.0),
    "3-turning-turn-gain": turned(reply_turn=500.0),  # no better than one epoch for all
    "3-turning-turn-f2": turned(reply_turn=5000.0),
    "3-turning-turn-gain-f2": turned(reply_turn=500.0),
    "3-turning-rise": turned(over=0.0, reply_rise=2.0),
    "3-turning-rise-loud": turned(over=0.0, reply_rise=2.0),
    "3-turning-mean-turn": curves(50, price=1.5),
    "3-turning-mean-rise": curves(50, price=0.1),
    "3-turning-mean-price": curves(50, price=1.5),
    "3-turning-small": by_start(0.9, 0.9),
    "3-turning-large": turned(over=0.2),
    "3-turning-alike": turned(over=0.9),
    "3-turning-follow": turned(over=0.5, follows=0.5, both=True),
    "3-turning-follow-f2": turned(over=0.5, follows=0.5, both=False),
    "3-turning-follow-quiet": turned(over=0.5, follows=0.5, both=False),
    "3-turning-apart": turned(over=1.0, follows=0.0),
    "3-turning-training": turned(test_fall=2.0),
    "3-turning-shaken": shaken(0.0),
    "3-turning-test-clean": turned(clean_test_rise=2.0),
    "3-turning-test-noisy": turned(score=9.0),
}
# Something for which a claim that did not come out would have.
EXAMPLES = {
    "3-turning-follow": turned(over=0.5, follows=0.5, both=False),
    "3-turning-follow-quiet": turned(over=0.9, follows=0.5, both=True),
}
