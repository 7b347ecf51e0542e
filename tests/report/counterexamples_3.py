"""What would make each claim of Experiment 3 false: see `test_counterexamples`."""

import numpy as np

from nnlib.data import remedies


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


COUNTEREXAMPLES = {
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
