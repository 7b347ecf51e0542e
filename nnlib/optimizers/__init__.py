"""The rules by which weights move.

`descent` has the steps that follow a gradient, `least_squares` those of Gauss and Newton with
damping, which use that the loss is a sum of squares.
"""
