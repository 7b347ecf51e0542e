"""Why a run that has been calm for hundreds of epochs begins to oscillate, and when it will.

The loss has a largest curvature, the sharpness. Where it exceeds 2 / learning rate, every step of
gradient descent makes a zigzag larger, which begins as small as a rounding error. This room
measures the sharpness, keeps the account of the zigzag, predicts from it the epoch at which it
will be seen, and holds that against real runs: with more and fewer bits, and with none rounded.

Read first `curvature` (how the loss bends), then `onset` (the account and its prediction) and
`bursts` (where the training error rises again and again). `sweep` and `validation` are the two long
computations that the account is tried on: one experiment with ever more bits, and many experiments
in doubles. `precision` trains with any number of bits, `enclosure` in exact arithmetic between
bounds, and `certificate` keeps what is proven with it; these three need python-flint.

`flip` goes on where `onset` ends: how large a zigzag becomes, and how it widens its valley; `trial`
holds that against runs that it was not built with.

Two modules put the curvature to another use: `copies` says whether two alike neurons attract each
other or part, and `flow` follows gradient descent to where it ends, for which it needs scipy. Four
are for the follow-up document: `signs` (what announces an oscillation, and when), `adaptive` (rates
that change on the way), `budgets` (what more epochs, more neurons and smaller rates buy), and
`late` (runs that are calm for more than ten million epochs).
"""

from nnlib.oscillation.bursts import find_bursts
from nnlib.oscillation.curvature import gauss_newton, hessian, sharpness, spectrum
from nnlib.oscillation.onset import predict_onset, rounding_noise, stable_path

__all__ = [
    "find_bursts",
    "gauss_newton",
    "hessian",
    "predict_onset",
    "rounding_noise",
    "sharpness",
    "spectrum",
    "stable_path",
]
