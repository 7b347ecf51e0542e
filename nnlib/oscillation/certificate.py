"""The certificate: what (f1, 3, 1, 1200) does in exact arithmetic, and the proof of it.

`make certificate` computes the run with balls, prints what that proves, and compares it with what
is kept in `nnlib/oscillation/results/`. Its first 1000 epochs are those of (f1, 3, 1, 1000).
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from nnlib import results
from nnlib.experiment import Experiment
from nnlib.oscillation.enclosure import Enclosure, enclose
from nnlib.targets import f1
from nnlib.training import fingerprint

__all__ = ["BITS", "EXPERIMENT", "agree", "load", "statement"]

EXPERIMENT = Experiment(f1, 3, 1, 1200)
BITS = 2500  # two an epoch, which is more than are used up, and a hundred to be left
_ARRAYS = "test_error", "train_error", "digits", "radius_exponent"
_FILE = Path(__file__).with_name("results") / "certificate.npz"


def load() -> Enclosure:
    """The enclosure that is kept.

    Returns
    -------
    nnlib.oscillation.enclosure.Enclosure

    Raises
    ------
    ValueError
        If its file is damaged, or stale: of a run that started from something else.
    """
    about, arrays = results.read(_FILE, "enclosures", layout=_layout)
    if about.get("fingerprint") != fingerprint(EXPERIMENT):
        raise ValueError(
            f"{_FILE} is stale: it is of {about.get('experiment')} from other data or weights, not "
            f"of {EXPERIMENT} as it is now; prove it anew with `make certificate`"
        )
    digits = tuple(map(str, arrays.pop("digits")))
    return Enclosure(EXPERIMENT, about["bits"], about["inputs"], digits=digits, **arrays)


def _layout(about: dict[str, Any]) -> results.Layout:
    """The types and the shapes of what a file must have."""
    if not isinstance(about.get("bits"), int) or not isinstance(about.get("inputs"), str):
        raise ValueError("it does not say with how many bits it began, and from what")
    n = EXPERIMENT.epochs + 1
    bounds = "f8", (n, 2)
    return dict(zip(_ARRAYS, (bounds, bounds, ("U", (n,)), ("i8", (n,))), strict=True))


def agree(one: Enclosure, other: Enclosure) -> bool:
    """Whether two enclosures can be of the same run, as far as the shorter one goes.

    Parameters
    ----------
    one, other : nnlib.oscillation.enclosure.Enclosure

    Returns
    -------
    bool
        If what they were given is the same, and all bounds leave room for a common value.
    """
    n = min(len(one.test_error), len(other.test_error))
    low, high = (
        choose(one.test_error[:n, side], other.test_error[:n, side])
        for side, choose in enumerate((np.maximum, np.minimum))
    )
    return one.inputs == other.inputs and bool(np.all(low <= high))


def statement(enclosure: Enclosure, *epochs: int) -> str:
    """Say what an enclosure proves.

    Parameters
    ----------
    enclosure : nnlib.oscillation.enclosure.Enclosure
    *epochs : int
        Where to state the test error, besides the last epoch.

    Returns
    -------
    str
    """
    experiment, last = enclosure.experiment, len(enclosure.test_error) - 1
    f, h = experiment.function_name, experiment.h
    falls, best = enclosure.falls_until, enclosure.best_epoch
    bounds = enclosure.test_error
    rises = falls < last and bounds[falls + 1, 0] > bounds[falls, 1]
    lines = [
        f"GIVEN   training set, test set and initial weights for {f} and h = {h}, as doubles,",
        f"        with the SHA-256 {enclosure.inputs};",
        f"        w[n+1] = w[n] - {experiment.learning_rate} times the gradient of L / N at w[n],",
        "        in real numbers, none of them rounded;",
        "        E[n], half the mean squared error on the test set at w[n].",
        f"PROVEN  E[n] falls at every epoch up to {falls}."
        + (f" It rises from {falls} to {falls + 1}." if rises else ""),
    ]
    if best is not None:
        lines.append(f"        E[{best}] is the lowest of E[0] … E[{last}].")
    for epoch in (*epochs, last):
        lines.append(f"        E[{epoch}] is in {enclosure.digits[epoch]}")
        lines.append(f"        and known to within 2^{enclosure.radius_exponent[epoch]}.")
    lines.append(f"BY      balls that begin with {enclosure.bits} bits.")
    return "\n".join(lines)


def main() -> int:
    """Prove it anew, and compare; return the exit status."""
    enclosure = enclose(EXPERIMENT, BITS, progress=sys.stderr.isatty())
    print(statement(enclosure, 1000))
    if _FILE.exists():
        try:
            kept = load()
        except ValueError as error:
            print(error)
        else:
            if not agree(enclosure, kept):
                print(f"THIS CONTRADICTS {_FILE}")
                return 1
    about = {
        "experiment": repr(EXPERIMENT),
        "fingerprint": fingerprint(EXPERIMENT),
        "bits": BITS,
        "inputs": enclosure.inputs,
    }
    results.save(_FILE, about, **{name: getattr(enclosure, name) for name in _ARRAYS})
    return 0


if __name__ == "__main__":
    sys.exit(main())
