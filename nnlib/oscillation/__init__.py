"""Why a run that has been calm for hundreds of epochs begins to oscillate, and when it will.

Where the sharpness of the loss (`nnlib.landscape`) exceeds 2 / learning rate, every step of
gradient descent makes a zigzag larger, which begins as small as a rounding error. This subpackage
has the zigzag model, predicts from it the epoch at which the oscillation will be seen, and compares
that with real runs: with more and fewer bits, and with none rounded.

Read first `onset` (the zigzag model and its prediction) and `bursts` (where the training error
rises again and again). `sweep` and `validation` are the two long computations that the model is
tried on: one experiment with ever more bits, and many experiments in doubles. `precision` trains
with any number of bits, `enclosure` in exact arithmetic between bounds, and `certificate` keeps
what is proven with it; these three need python-flint.

`flip` continues where `onset` ends: how large a zigzag becomes, and how it widens its valley;
`trial` compares that with runs that it was not built with. `momentum` is `validation` for runs with
momentum. Three are for the follow-up document: `signs` (what announces an oscillation, and when),
`watched` (in how many runs it does) and `late` (runs that are calm for more than ten million
epochs).
"""

from nnlib.oscillation.bursts import find_bursts
from nnlib.oscillation.onset import predict_onset, rounding_noise, stable_path

__all__ = ["find_bursts", "predict_onset", "rounding_noise", "stable_path"]
