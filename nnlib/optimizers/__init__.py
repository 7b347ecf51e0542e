"""The rules by which weights move, beyond the plain gradient descent of the documents.

`least_squares` takes Gauss-Newton steps with damping, which use that the loss is a sum of squares;
`adaptive` changes the learning rate on the way.
"""

from nnlib.optimizers.least_squares import Fit, fit

__all__ = ["Fit", "fit"]
