"""What learning makes of the data: their number, their noise, and where they lie.

The studies of Experiment 3, and what is kept of them. Read first `best` (the best fit of a training
set, whatever finds it), then `tangent` (what the network would do if it stayed near its path, by
which excess errors are foretold), and then the studies, in the order of the chapters.
"""
