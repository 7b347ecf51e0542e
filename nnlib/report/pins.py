"""The pinned experiments: the checksum that each whole history has on every machine.

It needs numpy and tqdm alone, so that it runs wherever those do.
"""

import json
from collections.abc import Iterable
from hashlib import sha256

from nnlib.experiment import Experiment
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
}


def digest() -> str:
    """What stands for all pins together.

    Returns
    -------
    str
        A SHA-256.
    """
    return sha256(json.dumps(PINS).encode()).hexdigest()


def checksum(pin: str, engine: str | None = None) -> str:
    """Train a pinned experiment.

    Parameters
    ----------
    pin : str
        Written as the keys of `PINS`: an experiment, and the name of an arithmetic.
    engine : {None, "numpy", "kernel"}, optional
        As of `nnlib.train`.

    Returns
    -------
    str
        What `nnlib.History.checksum` says.

    Raises
    ------
    ValueError
        If it is not written so.
    """
    experiment, _, arithmetic = pin.rpartition(" ")
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
