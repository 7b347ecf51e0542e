"""The pinned experiments: the checksum that each whole history, or each fit, has on every machine.

It needs numpy and tqdm alone, so that it runs wherever those do.
"""

import json
from collections.abc import Iterable
from hashlib import sha256

from nnlib.experiment import Experiment
from nnlib.interval import nodes
from nnlib.optimizers.least_squares import fit, fit_outputs, spread_weights
from nnlib.targets import TARGETS
from nnlib.training import train

__all__ = ["PINS", "checksum", "digest", "others"]

# A change of any bit, of any error, weight or gradient, in any epoch, is seen.
PINS = {
    "f1 3 1 1000 portable": "054b7709e6e080c94422a7122ff6963ba0945d5c92934a62f02b089d8c03a71e",
    "f2 8 0.1 1200 portable": "3d7d9d7730e3486c6f63a5c9d012091dfa4303372a966f1478ca4a6b4e8896a7",
    "f2 12 0.05 300 portable": "9b73521901d2d5dc890d474f2686b0e3bcfc57997f321a3d5fce9ed8b9ff3ed2",
    "f1 3 1 1000 replay": "003be3a738541ec7293eb7fa1f2f05528646f63caba0ac593e1d381095b12698",
    "f2 6 0.1 1000 replay": "0700e10e25b06a3c0247d0b7a45e7610d0234a5dc6f29051e2082428e2d02009",
    "f2 8 0.1 1200 replay": "6cfe9dcba810fa92c75fb0cc540728f96044847d9bbf4fca372c97fb42c2a28e",
    "f1 2 fit": "8ba5bac2e92994f485d75754a504960445b5a5c67cfeb68d69b781c35407834c",
    "f2 8 fit": "df22a6b2f5627c4f5729ac59fe10a73e05e010ac24df8e09164cfb2dbd12149f",
}
_FITS, _STEPS = 16, 100  # how many networks a pinned fit is of, and how many steps each may take


def digest() -> str:
    """What stands for all pins together.

    Returns
    -------
    str
        A SHA-256.
    """
    return sha256(json.dumps(PINS).encode()).hexdigest()


def checksum(pin: str, engine: str | None = None) -> str:
    """Train a pinned experiment, or fit networks.

    Parameters
    ----------
    pin : str
        Written as the keys of `PINS`: an experiment, and the name of an arithmetic; or a function
        and a size, and "fit".
    engine : {None, "numpy", "kernel"}, optional
        As of `nnlib.train`.

    Returns
    -------
    str
        What `nnlib.History.checksum` says; of fits, the SHA-256 of all weights as little-endian
        doubles.

    Raises
    ------
    ValueError
        If it is not written so.
    """
    experiment, _, arithmetic = pin.rpartition(" ")
    if arithmetic == "fit":
        f, h = experiment.split()
        return _fit(TARGETS[f], int(h))
    return train(Experiment.parse(experiment), arithmetic=arithmetic, engine=engine).checksum()


def others(pins: Iterable[str] = PINS, engine: str | None = None) -> dict[str, str]:
    """Train pinned experiments and keep those whose checksum is another one.

    Parameters
    ----------
    pins : iterable of str, optional
        Keys of `PINS`; all of them if not given.
    engine : {None, "numpy", "kernel"}, optional
        As of `nnlib.train`.

    Returns
    -------
    dict of str to str
        The pins that differ, with the checksums found; empty where all is as it should be.

    Raises
    ------
    KeyError
        If there is no such pin.
    """
    found = {pin: (PINS[pin], checksum(pin, engine)) for pin in pins}
    return {pin: here for pin, (pinned, here) in found.items() if here != pinned}


def _fit(f, h):
    """The checksum of networks that are fitted from spread starts."""
    x, parts = nodes()
    start = fit_outputs(x, f(x), spread_weights(h, _FITS, 1), parts)
    found = fit(x, f(x), start, parts=parts, steps=_STEPS)
    return sha256(found.weights.astype("<f8").tobytes()).hexdigest()
