"""What the ledger measures of the data of Experiment 3, from studies that are kept.

As `nnlib.report.measures`. A share is of the replicates of a study, with its interval.
"""

__all__: list[str] = []
