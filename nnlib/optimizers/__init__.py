"""The rules by which weights move: each a pure step with an explicit state.

`OPTIMIZERS` has them by their names in the text of an experiment, and `SCHEDULES` the ways in which
a learning rate can fall with the epochs. All of them take nothing but additions, subtractions,
multiplications, divisions and roots, in one order, so that they give the same bits everywhere.
"""

from nnlib.optimizers.base import Optimizer, Schedule
from nnlib.optimizers.first_order import (
    Adagrad,
    Adam,
    AdamW,
    Descent,
    HeavyBall,
    Nesterov,
    RMSprop,
    Rprop,
)
from nnlib.optimizers.rates import Angle, Armijo, BarzilaiBorwein, Halving
from nnlib.optimizers.schedules import Constant, Cosine, Inverse, Steps
from nnlib.optimizers.second_order import LBFGS, GaussNewton, Sharpness

__all__ = [
    "LBFGS",
    "OPTIMIZERS",
    "SCHEDULES",
    "Adagrad",
    "Adam",
    "AdamW",
    "Angle",
    "Armijo",
    "BarzilaiBorwein",
    "Constant",
    "Cosine",
    "Descent",
    "GaussNewton",
    "Halving",
    "HeavyBall",
    "Inverse",
    "Nesterov",
    "Optimizer",
    "RMSprop",
    "Rprop",
    "Schedule",
    "Sharpness",
    "Steps",
]

OPTIMIZERS: dict[str, type[Optimizer]] = {
    one.name: one
    for one in (
        Descent,
        HeavyBall,
        Nesterov,
        Adagrad,
        RMSprop,
        Adam,
        AdamW,
        Rprop,
        Halving,
        Armijo,
        BarzilaiBorwein,
        Angle,
        Sharpness,
        GaussNewton,
        LBFGS,
    )
}
SCHEDULES: dict[str, type[Schedule]] = {one.name: one for one in (Constant, Steps, Inverse, Cosine)}
