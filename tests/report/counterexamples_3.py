"""What would make each claim of Experiment 3 false: see `test_counterexamples`."""

import numpy as np

from nnlib.data import excess, poor, remedies, samples, size, turning
from nnlib.report import measures_3

# --- how many samples? ---


def ended(**errors):
    """A function that gives all replicates one error, but those of some cells.

    A name is of a task, with "noisy" or not, and a number of samples, and of what is measured.
    """

    def patched(claim, patch):
        def load(task, noisy, N):
            n, names = samples.REPLICATES, samples.Errors._fields
            cell = f"{task}_noisy_{N}" if noisy else f"{task}_{N}"
            values = [errors.get(f"{cell}_{name}", errors.get(name, 1.0)) for name in names]
            return samples.Errors(*(np.full(n, value) for value in values))

        patch.setattr(samples, "load", load)
        uncached = measures_3.samples_exponent.__wrapped__
        patch.setattr(measures_3, "samples_exponent", uncached)
        even = np.full(samples.REPLICATES, errors.get("even", 30.0))
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


# --- noise ---


def noisy(times=1.0, bends=0.0, biased=1.0, counts=3.0):
    """A function that gives runs some times the foretold variance of so many weights.

    Of these with `bends` it grows as σ to that power more; the bias is some times the foretold.
    """

    def patched(claim, patch):
        def foretold(one, copies=False):
            variance = counts / (2 * one.start.samples)
            return np.full((3, 20, 1), [[[1.0]], [[variance]], [[counts]]])

        def load(one, noise, copies=False):
            variance = times * noise ** (2 + bends) * foretold(one)[1]
            return excess.Seen(biased + variance, variance)

        patch.setattr(excess, "load_foretold", foretold)
        patch.setattr(excess, "load", load)
        return ()

    return patched


def fitted(weights):
    """A function that gives all best fits the excess error of so many weights."""

    def patched(claim, patch):
        patch.setattr(excess, "load_best", lambda one: np.full(excess.FITS, float(weights)))
        return ()

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
# --- size ---


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
    "3-noise-foretold": noisy(times=1.5),
    "3-noise-count": noisy(counts=7.0),
    "3-noise-square-f1": noisy(bends=0.2),
    "3-noise-square-f2": noisy(bends=0.2),
    "3-noise-bias": noisy(biased=1.5),
    "3-noise-few": noisy(),
    "3-noise-saddle": noisy(),
    "3-noise-sizes": noisy(times=3.0),
    "3-noise-copies": noisy(counts=7.0),
    "3-noise-best-f1": fitted(5),
    "3-noise-best-f1-3": fitted(4),
    "3-noise-best-f2": fitted(20),
    "3-noise-best-few": fitted(10),
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
    "3-noise-bias": noisy(),
    "3-noise-few": noisy(times=1.5),
    "3-noise-copies": noisy(),
    "3-size-more-best": FALLING,
    "3-size-penalty-second": FALLING,
    "3-size-hundred-peak": RISING,
    "3-size-patient": FALLING,
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


COUNTEREXAMPLES |= {
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


EXAMPLES |= {
    "3-turning-follow": turned(over=0.5, follows=0.5, both=False),
    "3-turning-follow-quiet": turned(over=0.9, follows=0.5, both=True),
}


# --- poor data ---


def fits(*changed, expected=1.0):
    """A function that lets all fits come to 1, but those whose name, kind and column are given.

    With a number for each; the formula expects one number of all kinds but the good ones.
    """

    def patched(claim, patch):
        def load(name, kind):
            rows = np.ones((200, 4))
            for of, what, column, number in changed:
                if of in name and what in kind:
                    rows[:, column] = number
            return rows

        patch.setattr(poor, "load", load)
        patch.setattr(
            poor, "expected", lambda name, kind: np.full(200, expected if kind != "good" else 1.0)
        )
        return ()

    return patched


def descents(*stuck, means=(1.0, 0.0)):
    """A function that lets 9 of 10 descents of some kinds stick, and 1 of 10 of the others.

    The means of the outputs are those of a run that sticks and of one that does not.
    """

    def patched(claim, patch):
        def load(N, how):
            sticks = np.arange(200) % 10 < (9 if how in stuck else 1)
            return np.stack([np.where(sticks, 30.0, 1.0), np.where(sticks, *means)], axis=1)

        patch.setattr(poor, "load_random", load)
        return ()

    return patched


def hole(chance):
    """A function that finds holes of a chance everywhere."""

    def patched(claim, patch):
        patch.setattr(poor, "chances_of_holes", lambda kind: np.full(200, chance))
        return ()

    return patched


COUNTEREXAMPLES |= {
    "3-poor-gap": fits(("f1, best", "gap", 1, 9.0)),  # and f2 does not mind
    "3-poor-side": fits(("f1, best", "side", 1, 9.0)),
    "3-poor-outliers": fits(("f2, best", "outliers 5", 1, 9.0)),
    "3-poor-random": descents(),
    "3-poor-grid": fits(("f2, best", "grid", 1, 0.1)),
    "3-poor-formula-many": fits(("many", "side", 1, 2.0)),
    "3-poor-formula-outliers": fits(("small", "outliers 1", 1, 0.5)),
    "3-poor-formula-gap": fits(),
    "3-poor-larger": fits(("small", "gap", 1, 9.0), ("f2, best", "gap", 1, 10.0)),
    "3-poor-descent-f1": fits(),
    "3-poor-descent-side": fits(),
    "3-poor-stuck-side": fits(),
    "3-poor-training": fits(("many", "side", 0, 0.5)),
    "3-poor-test": fits(("f1", "gap", 2, 2.0)),
    "3-poor-hole": hole(0.5),
    "3-poor-hole-false": hole(0.01),
    "3-poor-residual": fits(),
    "3-poor-moved": descents(),
    "3-poor-moved-random": descents(),
    "3-poor-mean": descents("random", means=(0.0, 1.0)),
}
EXAMPLES |= {
    "3-poor-gap": fits(("best", "gap", 1, 3.0)),
    "3-poor-random": descents("random"),
    "3-poor-formula-outliers": fits(),
    "3-poor-formula-gap": fits(expected=2.0),
}
