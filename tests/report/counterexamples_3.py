"""What would make each claim of Experiment 3 false: see `test_counterexamples`."""

COUNTEREXAMPLES = {}
# Something for which a claim that did not come out would have.
EXAMPLES = {}
