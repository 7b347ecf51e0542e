"""What would make each claim of Experiment 2 false: see `test_counterexamples`."""

import numpy as np

from nnlib.methods import steps
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
}
# For each row that did not come out, one for which it would be true.
EXAMPLES = {}
