"""A basic neural network, its training by gradient descent, and what goes wrong while it learns.

The library behind the executable edition of Marie Peeters, "Experiment 1A: a basic neural
network" (9 June 2025). `nnlib.figures` draws; `nnlib.reference` is the slow oracle;
`nnlib.replay` is the document's machine.
"""

from nnlib.datasets import get_new_random_dataset, get_test_set, get_train_set
from nnlib.elementary import sigmoid
from nnlib.experiment import Experiment
from nnlib.fitting import fit
from nnlib.history import History
from nnlib.network import get_initial_weights, get_new_random_weights
from nnlib.targets import f1, f2
from nnlib.training import logarithmic, train, train_many
from nnlib.version import __version__ as __version__

__all__ = [
    "Experiment",
    "History",
    "f1",
    "f2",
    "fit",
    "get_initial_weights",
    "get_new_random_dataset",
    "get_new_random_weights",
    "get_test_set",
    "get_train_set",
    "logarithmic",
    "sigmoid",
    "train",
    "train_many",
]
