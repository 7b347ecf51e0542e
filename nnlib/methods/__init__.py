"""What becomes of the document's two functions with other methods, from many starts.

The methods themselves are in `nnlib.optimizers`; here are the studies of them, and what is kept of
those. Read first `adaptive` (learning rates that follow the run), then `steps` (rules for the rate,
tuned alike), `falling` (when a run whose rate falls will shake), `mass` (momentum as mass, and
which runs it leads astray), `curved` (steps that know the curvature), `preconditioned` (where runs
with a rate for each weight settle) and `weightwise` (what such rates gain, and duplicates).
"""
