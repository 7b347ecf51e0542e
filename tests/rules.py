"""Optimizers and schedules with settings drawn at random, for tests of several subpackages."""

from dataclasses import MISSING, fields

import numpy as np

from nnlib.optimizers import OPTIMIZERS, SCHEDULES

DRAWN = {
    "in [0, 1)": lambda rng: rng.random(),
    "in (0, 1]": lambda rng: 1 - rng.random(),
    "at least 0": lambda rng: rng.exponential(),
    "at least 1": lambda rng: 1 + rng.exponential(),
    "above 0": lambda rng: rng.exponential(1e-3),
    "in [0, π]": lambda rng: np.pi * rng.random(),
}


def drawn(kind, seed):
    """One of a class, with random settings."""
    rng, settings = np.random.default_rng(seed), {}
    for one in fields(kind):
        if one.type in (int, "int"):
            settings[one.name] = int(rng.integers(1, 9))
        elif one.metadata["allowed"] in DRAWN:
            settings[one.name] = DRAWN[one.metadata["allowed"]](rng)
    return kind(**settings)


def usual(kind):
    """One of a class, with its defaults, and the usual 0.9 or 50 where there is none."""
    needed = {"beta": 0.9, "half": 50}
    return kind(**{f.name: needed[f.name] for f in fields(kind) if f.default is MISSING})


CHOICES = [
    one(kind)
    for kind in (*OPTIMIZERS.values(), *SCHEDULES.values())
    for one in (usual, lambda kind: drawn(kind, 1), lambda kind: drawn(kind, 2))
]
RULES = [one for one in CHOICES if one.key == "optimizer"]


def bits(thing):
    """All of a state to the last bit and the sign of a zero; a NaN is one whatever its sign."""
    if isinstance(thing, tuple | list):
        return [bits(one) for one in thing]
    if isinstance(thing, np.ndarray | float):
        array = np.array(thing, dtype=float)
        array[np.isnan(array)] = np.nan
        return array.shape, array.tobytes()
    return thing
