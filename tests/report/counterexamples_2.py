"""What would make each claim of Experiment 2 false: see `test_counterexamples`."""

import numpy as np

from nnlib.methods import comparison, curved, mass, steps, tuning
from nnlib.oscillation import momentum
from nnlib.report import measures_2
from nnlib.targets import f1, f2


def ended(*better):
    """A function that gives all runs the error 30, but those of some functions and rules 1."""

    def patched(claim, patch):
        def load(f, rule, factor=1.0):
            error = 1.0 if (f, rule, factor) in better else 30.0
            return {"error": np.full(40, error), "rises": np.full(40, 1.0)}

        patch.setattr(steps, "load", load)
        return ()

    return patched


def onsets(*predicted, seen=250):
    """A function that gives all runs with momentum these predictions, one after the other."""

    def patched(claim, patch):
        def load(experiment):
            start = predicted[momentum.MOMENTUM.index(experiment) % len(predicted)]
            bursts = [] if start is None else [(start, None)]
            return momentum.Onsets(
                experiment, bursts, [50] * len(bursts), 9.0, [[(seen, None)]] * 9, None, None
            )

        patch.setattr(momentum, "load", load)
        return ()

    return patched


def rolled(claim, patch):
    """Runs from other starts that shake, in narrow valleys."""
    many = np.full(40, 9.0)
    patch.setattr(momentum, "load_rolled", lambda: momentum.Rolled(*[many] * 6))
    return ()


def in_wide_valleys(claim, patch):
    """Flows whose sharpness stays low."""
    many = np.full(40, 1.0)
    patch.setattr(momentum, "load_rolled", lambda: momentum.Rolled(*[many] * 6))
    return ()


def fates(*pairs):
    """A function that gives each of the settings, or methods, a row of runs: foretold, seen."""

    def patched(claim, patch):
        patch.setattr(
            mass,
            "fates",
            lambda experiment: np.tile(
                pairs[mass.SHARES.index(experiment) % len(pairs)]
                if experiment in mass.SHARES
                else pairs[0],
                (40, 1),
            ),
        )
        return ()

    return patched


def came(**errors):
    """A function that gives all runs of each method one error, on the samples and the interval.

    Gauss-Newton steps with the smallest and the largest damping are `small` and `large`.
    """

    def patched(claim, patch):
        named = {curved.DAMPINGS[0]: "small", curved.DAMPINGS[-1]: "large"}

        def load(f, method, kind="document", damping=0.01):
            error = errors.get(named.get(damping, method), 1.0)
            return np.full((100, 10), error), np.full((100, 1), error)

        patch.setattr(curved, "load", load)
        patch.setattr(measures_2, "interval_error", lambda f, weights: weights[:, 0])
        return ()

    return patched


def ended_in(found):
    """A function that gives all runs these errors and weights."""

    def patched(claim, patch):
        patch.setattr(curved, "load", lambda *_: found)
        return ()

    return patched


def compared(usual=30.0, **errors):
    """A function that gives all runs of the comparison one error, but those of some methods."""

    def patched(claim, patch):
        def load(f, kind, method, second=False):
            error = errors.get(method.replace("-", "_"), usual)
            return {"error": np.full(100, error), "parts": np.full((100, 3), error)}

        patch.setattr(comparison, "load", load)
        return ()

    return patched


def in_order(turned):
    """A function that ranks the methods, and turns the order round with other settings or parts."""

    def patched(claim, patch):
        def load(f, kind, method, second=False):
            place = 1.0 + tuning.METHODS.index(method)
            back = 20.0 - place if turned else place
            parts = np.tile([back, place, place], (100, 1))
            return {"error": np.full(100, back if second else place), "parts": parts}

        patch.setattr(comparison, "load", load)
        return ()

    return patched


SAME = ended()
COUNTEREXAMPLES = {
    "2-adaptive-f1": SAME,
    "2-adaptive-f2": SAME,
    "2-smaller-f1": SAME,
    "2-smaller-f2": SAME,
    "2-price-f1": ended(*((f1, rule, 1.0) for rule in steps.ADAPTIVE)),
    "2-price-f2": ended(*((f2, rule, 1.0) for rule in steps.ADAPTIVE)),
    "2-borwein-f1": SAME,
    "2-borwein-sharpness-f1": SAME,
    "2-angle-f1": SAME,
    "2-armijo-f1": ended((f1, "armijo", 1.0)),
    "2-cosine-f1": ended((f1, "cosine", 1.0)),
    "2-sharpness-rises-f1": SAME,
    "2-borwein-stuck-f2": ended((f2, "barzilai-borwein", 1.0)),
    "2-constant-forgives-f1": SAME,
    "2-borwein-forgives-f1": ended((f1, "barzilai-borwein", 1.0)),
    "2-angle-forgives-f1": ended((f1, "angle", 1.0)),
    "2-momentum-onsets": onsets(200),
    "2-momentum-every-onset": onsets(*[251] * 24, 200),
    "2-momentum-calm": onsets(*[251] * 24, None),
    "2-calm-path": rolled,
    "2-calm-starts": rolled,
    "2-calm-valley": rolled,
    "2-mass-settings": fates((28.0, 1.0)),
    "2-mass-starts": fates((1.0, 28.0)),
    "2-mass-more": fates((1.0, 28.0), (1.0, 28.0), (1.0, 1.0)),
    "2-efficient-f1": came(lbfgs=2.0),
    "2-efficient-f2": came(lbfgs=2.0),
    "2-stagnates-f2": came(lbfgs=0.1),
    "2-newton-f1": came(),
    "2-newton-lbfgs-f1": came(),
    "2-newton-tiny-f2": came(**{"gauss-newton": 0.001}),
    "2-lbfgs-tiny-f2": came(lbfgs=0.001),
    "2-newton-glorot-f2": came(),
    "2-damping-apart-f2": came(),
    "2-damping-large-f2": came(),
    "2-ends-f2": ended_in(curved.load(f2, "descent first")),  # most of these are strict minima
    "2-which-lbfgs-f1": compared(),
    "2-which-batches-f1": compared(),
    "2-which-sharpness-f1": compared(),
    "2-which-through-f2": compared(),
    "2-which-adam-f2": compared(adam=1.0),
    "2-which-batches-f2": compared(descent_falling=1.0),
    "2-which-rprop-f2": compared(),
    "2-which-arrives-f2": compared(0.001),
    "2-which-second-f2": in_order(turned=True),
    "2-which-budget-f2": in_order(turned=True),
}
# For each row that did not come out, one for which it would be true.
EXAMPLES = {
    "2-momentum-every-onset": onsets(251),
    "2-calm-path": in_wide_valleys,
    "2-mass-more": fates((1.0, 1.0), (1.0, 1.0), (1.0, 28.0)),
    "2-price-f1": SAME,
    "2-price-f2": SAME,
    "2-borwein-f1": ended((f1, "barzilai-borwein", 1.0)),
    "2-borwein-sharpness-f1": ended((f1, "barzilai-borwein", 1.0)),
    "2-armijo-f1": SAME,
    "2-borwein-forgives-f1": SAME,
    "2-newton-lbfgs-f1": came(lbfgs=2.0),
    "2-newton-glorot-f2": came(**{"gauss-newton": 0.001}),
    "2-damping-apart-f2": came(large=0.1),
    "2-damping-large-f2": came(large=0.1),
    "2-ends-f2": ended_in((np.full((9, 10), 1.0), np.full((9, 22), 0.1))),
    "2-which-through-f2": compared(heavy_ball=1.0),
    "2-which-batches-f2": compared(descent_batches=1.0),
    "2-which-rprop-f2": compared(rprop=1.0),
    "2-which-arrives-f2": compared(),
}
