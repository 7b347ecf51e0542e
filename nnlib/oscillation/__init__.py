"""Why a run oscillates, when it will, and what it would do with other digits.

Read first `curvature` (how the loss bends: Hessian and sharpness), then `onset` (the account of
the zigzag, which predicts the epoch), then `precision` (any number of bits, and exact arithmetic
between bounds) and `certificate` (what is proven with it).
"""
