"""What would make each claim of Experiment 2 false: see `test_counterexamples`."""

import numpy as np

from nnlib.experiment import Experiment
from nnlib.methods import (
    batches,
    beginnings,
    comparison,
    curved,
    mass,
    noise,
    preconditioned,
    steps,
    tuning,
    weightwise,
)
from nnlib.oscillation import momentum
from nnlib.report import measures_2
from nnlib.targets import f1, f2
from nnlib.training import train_quietly


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


def seen(**columns):
    """A function that gives all runs with a rate for each weight these values, all along."""

    def patched(claim, patch):
        def load(one):
            found = {"preconditioned": 1.0, "raw": 0.01, "zigzag": 1.0, "error": 1.0} | columns
            return {
                name: np.full(preconditioned.POINTS, value(one) if callable(value) else value)
                for name, value in found.items()
            }

        patch.setattr(preconditioned, "load", load)
        return ()

    return patched


def as_descent(one):
    """What a run has that is at 2, whatever its threshold."""
    return 2 / preconditioned.limit(one.optimizer)


def with_power(power):
    """A function that gives runs an error that grows as a power of their rate."""
    return seen(error=lambda one: one.learning_rate**power)


def adagrad_that_goes_on(claim, patch):
    """A run that is too slow for its gradients to become smaller."""
    slow = train_quietly(Experiment.parse("f1 3 0.0001 1000 optimizer=adagrad"))
    patch.setattr(measures_2, "train_quietly", lambda experiment: slow)
    return ()


def lower(**errors):
    """A function that gives all runs of each method one error, and descent 1."""

    def patched(claim, patch):
        many = {name: np.full(40, error) for name, error in errors.items()}
        patch.setattr(steps, "load", lambda f, rule, factor=1.0: {"error": np.full(40, 1.0)})
        patch.setattr(weightwise, "load", lambda f, method: (None, many[method]))
        patch.setattr(weightwise, "load_again", many.get)
        return ()

    return patched


def copies(**parted):
    """A function that gives the copies of each method an epoch, and a distance of its size."""

    def patched(claim, patch):
        def load(method):
            many = np.full(40, float(parted[method.replace(" ", "_")]))
            apart = np.tile(many[:, None], len(weightwise.LEVELS))
            return {"alike": np.ones(40), "parted": many, "apart": apart}

        patch.setattr(weightwise, "load_copies", load)
        return ()

    return patched


def in_batches(**errors):
    """A function that gives all runs in batches the error 1, but those of some kinds another.

    A kind is `size_10`, of the batches; `falling`; or `train`, `calm_train` and `calm`.
    """

    def patched(claim, patch):
        kinds = {**dict.fromkeys(("train", "calm_train", "calm"), 1.0), **errors}

        def load(task, batch, schedule="constant", budget=1000):
            plain = schedule == "constant"
            error = errors.get(f"size_{batch}" if plain else "falling", 1.0)
            found = {name: np.full(40, kinds[name]) for name in ("train", "calm_train", "calm")}
            return {"errors": np.full((40, len(batches.PASSES)), error), **found}

        patch.setattr(batches, "load", load)
        return ()

    return patched


def shook(sharpness=9.0, batch=9.0, error=1.0, still=(1.0, 1.0)):
    """A function that gives all runs near the threshold the same course.

    The sharpness may be a function of the size of the batches; the errors are 1, and at last that.
    """

    def patched(claim, patch):
        def load(size):
            value = sharpness(size) if callable(sharpness) else sharpness
            errors = np.full((8, 1001), 1.0)
            errors[:, 300:] = error
            return noise.Sharp(
                errors,
                np.full((8, len(noise.LOOKED)), value),
                np.full((8, len(noise.MEASURED)), batch),
            )

        patch.setattr(noise, "load_sharp", load)
        patch.setattr(
            noise,
            "load_still",
            lambda size: np.tile(np.reshape(still, (2, 1, 1)), (1, 8, 2)),
        )
        return ()

    return patched


def floors(power, factor=1.0):
    """A function that gives floors that go with a power of the rate, or as many times the foretold.

    The factor is that to what is foretold, if there is no power.
    """

    def patched(claim, patch):
        def load(size, again=False):
            rates = np.array(noise.RATES)
            if power is None:
                found = factor * np.array([noise.floor(size, rate, again) for rate in rates])
            else:
                found = rates**power
            return np.tile(found[:, None], 8)

        patch.setattr(noise, "load_floor", load)
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


def began(*good):
    """A function that gives all runs the error 30, but those of some methods, kinds and units 0."""

    def patched(claim, patch):
        def load(f, method, kind, units="plain"):
            return {"error": np.full(60, 0.0 if (method, kind, units) in good else 30.0)}

        patch.setattr(beginnings, "load", load)
        return ()

    return patched


def one_begins(kind, method="descent", units="plain"):
    """The same with one that is good."""
    return began((method, kind, units))


def leaves_sooner(claim, patch):
    """A saddle that is to be left in half the time."""
    patch.setattr(beginnings, "epochs_for_ten", lambda *_: 14.0)
    return ()


def everywhere(errors):
    """A function that gives all methods, kinds of start and starts these errors."""

    def patched(claim, patch):
        patch.setattr(measures_2, "all_errors", lambda f: errors + np.zeros((4, 3, 100)))
        return ()

    return patched


BY_KIND = np.array([1.0, 30.0, 30.0])[:, None]
BY_METHOD = np.array([1.0, 30.0, 30.0, 30.0])[:, None, None]
BY_LUCK = np.where(np.arange(100) % 2, 1.0, 30.0)
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
    "2-adam-f1": lower(adam=2.0),
    "2-adam-f2": lower(adam=2.0),
    "2-rprop-f1": lower(rprop=2.0, adam=1.0),
    "2-settled": seen(preconditioned=0.8),
    "2-settled-every": seen(preconditioned=0.7),
    "2-settled-beta": seen(preconditioned=as_descent),
    "2-settled-raw": seen(raw=2.0),
    "2-zigzag-before": seen(preconditioned=0.9),
    "2-zigzag-size": seen(zigzag=2.0),
    "2-floor-slope": with_power(1.0),
    "2-adagrad-falls": adagrad_that_goes_on,
    "2-parts-sooner": copies(adam=9, descent=9),
    "2-parts-alike": copies(adam=0.2, descent=0.1),
    "2-settled-late": seen(preconditioned=0.7),
    "2-parts-rate": copies(adam=0.1, slow_adam=0.2),
    "2-rprop-f2": lower(rprop=28.0),
    "2-rprop-adam-f2": lower(rprop=2.0, adam=1.0),
    "2-batch-f1": in_batches(),
    "2-batch-f2": in_batches(),
    "2-batch-early-f1": in_batches(),
    "2-batch-early-f2": in_batches(),
    "2-batch-single-f1": in_batches(),
    "2-batch-falling-f1": in_batches(falling=0.5),
    "2-batch-falling-f2": in_batches(),
    "2-batch-falling-noisy": in_batches(),
    "2-batch-calm-f1": in_batches(calm_train=0.1),
    "2-batch-calm-noisy": in_batches(),
    "2-batch-below": shook(),
    "2-batch-sharpness": shook(),
    "2-batch-flatter": shook(),
    "2-batch-earlier": shook(),
    "2-batch-never": shook(error=20.0),
    "2-batch-blind": shook(),
    "2-batch-floor": floors(None, 2.0),
    "2-batch-slope": floors(2.0),
    "2-batch-shuffled": floors(1.0),
    "2-leaves": leaves_sooner,
    "2-spread-f2": began(),
    "2-huge-f2": one_begins("1000"),
    "2-u-rather-f2": one_begins("V"),
    "2-newton-large-f2": began(),
    "2-inputs-f2": one_begins("1"),
    "2-outputs-f2": one_begins("1", units="outputs"),
    "2-units-adam-f2": one_begins("1", "adam", "both"),
    "2-all-starts-f1": began(*(("descent", kind, "plain") for kind in [*beginnings.KINDS][1:])),
    "2-apart-f2": one_begins("glorot"),
    "2-rates-rather-f2": one_begins("flatter"),
    "2-together-f2": one_begins("together"),
    "2-start-or-method-f2": everywhere(BY_METHOD),
    "2-luck-f2": everywhere(BY_METHOD),
    "2-start-or-method-f1": everywhere(BY_KIND),
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
    "2-rprop-f1": lower(rprop=1.0, adam=2.0),
    "2-settled-every": seen(),
    "2-settled-beta": seen(),
    "2-settled-raw": seen(),
    "2-zigzag-before": seen(zigzag=0.01),
    "2-zigzag-size": seen(),
    "2-parts-alike": copies(adam=0.1, descent=0.2),
    "2-batch-below": shook(sharpness=1.0),
    "2-batch-sharpness": shook(batch=2.0),
    "2-batch-never": shook(),
    "2-batch-blind": shook(still=(1.0, 2.0)),
    "2-which-through-f2": compared(heavy_ball=1.0),
    "2-which-batches-f2": compared(descent_batches=1.0),
    "2-which-rprop-f2": compared(rprop=1.0),
    "2-which-arrives-f2": compared(),
    "2-which-second-f2": in_order(turned=False),
    "2-huge-f2": one_begins("1"),
    "2-newton-large-f2": began(("gauss-newton", "100", "plain")),
    "2-outputs-f2": one_begins("1"),
    "2-all-starts-f1": began(*(("descent", kind, "plain") for kind in beginnings.KINDS)),
    "2-start-or-method-f2": everywhere(BY_KIND),
    "2-spread-f2": one_begins("spread"),
    "2-u-rather-f2": one_begins("U"),
    "2-units-adam-f2": one_begins("1"),
}
