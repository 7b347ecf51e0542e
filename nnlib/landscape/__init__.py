"""The shape of the loss, as a function of the weights: how it bends, and where down leads.

Read first `curvature` (the sharpness along a run, from the second derivatives in `nnlib.hessian`).
`flow` follows gradient descent with steps as small as can be to where it ends, for which it needs
scipy; `copies` says whether two alike neurons attract each other or separate.
"""

from nnlib.landscape.curvature import sharpness, spectrum

__all__ = ["sharpness", "spectrum"]
