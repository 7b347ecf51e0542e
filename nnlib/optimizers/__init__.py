"""The rules by which weights move, beyond the plain gradient descent of the documents.

So far one: `least_squares`, Gauss-Newton steps with damping, which use that the loss is a sum of
squares.
"""

from nnlib.optimizers.least_squares import Fit, fit

__all__ = ["Fit", "fit"]
