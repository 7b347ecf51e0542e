"""Other ways down than the documents': see `nnlib.descent` for theirs.

`least_squares` takes Gauss-Newton steps with damping, which use that the loss is a sum of squares;
`adaptive` changes the learning rate on the way.
"""
