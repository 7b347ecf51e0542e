"""What would make each claim of Experiment 3 false: see `test_counterexamples`."""

import numpy as np

from nnlib.data import size


def sized(slope=0.0, number=0.0, **others):
    """A function that gives fits errors that go as a power of the size; other powers to some."""

    def patched(claim, patch):
        def load(name):
            study = size.STUDIES[name]
            sizes = np.array(study.sizes, dtype=float)[:, None] * np.ones(study.replicates)
            power = others.get(name.split()[0], slope)
            numbers = np.full_like(sizes, 0.0 if study.kind == "foretold" else number)
            return size.Fits(sizes**power, sizes, numbers, sizes)

        patch.setattr(size, "load", load)
        return ()

    return patched


RISING, FLAT, FALLING = sized(3.0, 29.0), sized(0.0, 1.0), sized(-3.0, 1.0)


COUNTEREXAMPLES = {
    "3-size-more-best": RISING,
    "3-size-more-descent": RISING,
    "3-size-rise-f1": FLAT,
    "3-size-rise-f2": FLAT,
    "3-size-exact": RISING,
    "3-size-peak-f1": FALLING,
    "3-size-peak-f2": FALLING,
    "3-size-number": RISING,
    "3-size-penalty": sized(penalised=1.0),
    "3-size-penalty-second": RISING,
    "3-size-penalty-first": FALLING,
    "3-size-descent-f1": RISING,
    "3-size-descent-f2": RISING,
    "3-size-descent-lower": sized(descent=1.0),
    "3-size-foretold-f1": RISING,
    "3-size-foretold-f2": RISING,
    "3-size-steep": FALLING,
    "3-size-smooth": FALLING,
    "3-size-hundred": FLAT,
    "3-size-hundred-peak": FALLING,
    "3-size-patient": RISING,
}
# Something for which a claim that did not come out would have.
EXAMPLES = {
    "3-size-more-best": FALLING,
    "3-size-penalty-second": FALLING,
    "3-size-hundred-peak": RISING,
    "3-size-patient": FALLING,
}
