"""What would make each claim of Experiment 3 false: see `test_counterexamples`."""

import numpy as np

from nnlib.data import remedies, samples
from nnlib.report import measures_3

# --- how many samples? ---


def ended(**errors):
    """A function that gives all replicates one error, but those of some cells.

    A name is of a task, with "noisy" or not, and a number of samples, and of what is measured.
    """

    def patched(claim, patch):
        def load(task, noisy, N):
            n, names = samples.replicates(N), samples.Errors._fields
            cell = f"{task}_noisy_{N}" if noisy else f"{task}_{N}"
            values = [errors.get(f"{cell}_{name}", errors.get(name, 1.0)) for name in names]
            return samples.Errors(*(np.full(n, value) for value in values))

        patch.setattr(samples, "load", load)
        uncached = measures_3.samples_exponent.__wrapped__
        patch.setattr(measures_3, "samples_exponent", uncached)
        even = np.full(samples.replicates(100), errors.get("even", 30.0))
        patch.setattr(samples, "load_changed", lambda change, N: even)
        return ()

    return patched


def falling(exponent):
    """A function that lets the best fits fall with the number of samples."""
    cells = {
        f"{task}_noisy_{N}_best": float(N) ** exponent
        for task in samples.TASKS
        for N in samples.NUMBERS
    }
    return ended(**cells)


def extra(times):
    """A function that gives the noise so many times the foretold effect on descent."""

    def patched(claim, patch):
        patch.setattr(measures_3, "foretold_number", lambda: 3.0)
        return ended(f1_100_descent=1.0, f1_noisy_100_descent=1 + times * 0.03 / 200)(claim, patch)

    return patched


# --- what helps against noise ---


def remedied(foretold=0, **changes):
    """A function that gives all that is kept of remedies the value 1, but for some of it.

    The penalised runs of those that foretell are nearest to the epoch of the place that is given.
    """

    def patched(claim, patch):
        def load(task, samples):
            n = remedies.REPLICATES[task, samples]
            widths = remedies._COLUMNS.items()
            return {k: np.broadcast_to(changes.get(k, 1.0), (n, width)) for k, width in widths}

        def load_foretold(task, samples):
            n, penalties = remedies.FORETOLD, len(remedies.PENALTIES)
            return {
                "stop": np.ones((n, 2, 20)),
                "penalty": np.ones((n, 2, penalties)),
                "nearest": np.full((n, penalties), float(foretold)),
                "weights": np.ones(n),
            }

        patch.setattr(remedies, "load", load)
        patch.setattr(remedies, "load_foretold", load_foretold)
        return ()

    return patched


BEST, DESCENT = ended(best=0.1), ended(descent=0.1)
COUNTEREXAMPLES = {
    "3-samples-rate": ended(training=np.inf),
    "3-samples-exponent-f1": falling(-0.5),
    "3-samples-exponent-f2": falling(-2),
    "3-samples-few-f1": BEST,
    "3-samples-many-f1": DESCENT,
    "3-samples-few-f2": BEST,
    "3-samples-floor-noisy-f1": ended(f1_noisy_1000_descent=2.0),
    "3-samples-floor-exact-f1": ended(f1_100_descent=2.0),
    "3-samples-foretold-f1": extra(2),
    "3-samples-flat-f1": ended(f1_100_best=3.0),
    "3-samples-below-f2": BEST,
    "3-samples-above-f2": ended(),
    "3-samples-through-f2": ended(),
    "3-samples-noise-f2": ended(f2_1000_descent=30.0),
    "3-samples-even-f2": ended(),
    "3-samples-centred-f2": ended(),
    "3-remedy-winner-f1": remedied(),
    "3-remedy-winner-f2": remedied(penalty=0.5),
    "3-remedy-level-f1": remedied(stop=9.0),
    "3-remedy-level-f2": remedied(penalty=9.0),
    "3-remedy-rule": remedied(penalty=[1, 1, 1, 1, 2, 1]),
    "3-remedy-time-f1": remedied(nearest=19),
    "3-remedy-time-f2": remedied(nearest=19),
    "3-remedy-even-f1": remedied(nearest=19),
    "3-remedy-even-f2": remedied(nearest=0),
    "3-remedy-fixed-f1": remedied(penalty=[1, 1, 1, 2, 1, 1]),
    "3-remedy-fixed-f2": remedied(penalty=[1, 1, 1, 2, 1, 1]),
    "3-remedy-stopped-f1": remedied(),
    "3-remedy-stopped-f2": remedied(stop_held=0.5),
    "3-remedy-again": remedied(),
    "3-remedy-crossed-f1": remedied(crossed=2.0),
    "3-remedy-crossed-f2": remedied(crossed=2.0),
    "3-remedy-average-f1": remedied(average=[1, 0.5, 1]),
    "3-remedy-average-f2": remedied(average=[1, 0.5, 1]),
    "3-remedy-committee-f1": remedied(),
    "3-remedy-committee-f2": remedied(),
    "3-remedy-more-f1": remedied(),
    "3-remedy-more-f2": remedied(),
    "3-remedy-gain-few": remedied(),
    "3-remedy-gain-many-f1": remedied(penalty=0.1),
    "3-remedy-gain-many-f2": remedied(penalty=0.1),
    "3-remedy-size-f1": remedied(size=[2, 2, 1, 1]),
    "3-remedy-size-f2": remedied(),
    "3-remedy-ten-f1": remedied(),
    "3-remedy-ten-f2": remedied(),
    "3-remedy-thousand-f1": remedied(promised=0.0),
    "3-remedy-thousand-f2": remedied(promised=0.0),
}
# Something for which a claim that did not come out would have.
EXAMPLES = {
    "3-samples-exponent-f1": falling(-1.0),
    "3-samples-foretold-f1": extra(1),
    "3-samples-centred-f2": ended(f2_100_descent=30.0, even=1.0),
    "3-remedy-winner-f1": remedied(penalty=0.5),
    "3-remedy-winner-f2": remedied(),
    "3-remedy-time-f1": remedied(foretold=1),
    "3-remedy-time-f2": remedied(foretold=1),
    "3-remedy-even-f1": remedied(nearest=0),
    "3-remedy-stopped-f1": remedied(stop_held=0.5),
    "3-remedy-again": remedied(stop_held=2.0),
    "3-remedy-more-f1": remedied(more=0.1),
    "3-remedy-more-f2": remedied(more=0.1),
    "3-remedy-gain-few": remedied(penalty=0.1),
}
