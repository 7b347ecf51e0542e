"""The library in place of the helper file of the document's own notebook, by two lines."""

import re
import subprocess
import sys

import numpy as np
from snapshots import ROOT

from nnlib import Experiment, f1, train

CHAPTER = ROOT / "book" / "3-notebook.md"
# Our own, in the form of the document's: a target function, the data and the weights of the file
# beside it, a loop over the epochs, and the error in the end.
NOTEBOOK = """
import numpy as np
from basic_neural_network_help_functions import *

def f1(x):
    return np.exp(x / 5)

h, learning_rate, epochs = 3, 0.1, 20
X, Y = get_train_set(f1)
X_test, Y_test = get_test_set(f1)
U, V = get_initial_weights(h)

def forward_pass(x):
    H = [1 / (1 + np.exp(-(U[i, 0] * x + U[i, 1]))) for i in range(h - 1)] + [1]
    return H, sum(V[0, i] * H[i] for i in range(h))

for epoch in range(epochs):
    grad_U, grad_V = np.zeros_like(U), np.zeros_like(V)
    for x, y in zip(X, Y):
        H, o = forward_pass(x)
        e = o - y
        for i in range(h):
            grad_V[0, i] += e * H[i] / len(X)
        for i in range(h - 1):
            back = e * V[0, i] * H[i] * (1 - H[i])
            grad_U[i] += back * x / len(X), back / len(X)
    U -= learning_rate * grad_U
    V -= learning_rate * grad_V

outputs = [forward_pass(x)[1] for x in X_test]
print(float(np.mean((np.array(outputs) - Y_test) ** 2) / 2))
print(get_new_random_dataset(f1, 7)[0].shape, get_new_random_weights(h)[0].shape)
"""


def run(*lines):
    """What the notebook prints as a script, after some lines."""
    text = "\n".join((*lines, NOTEBOOK))
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)


def test_two_lines_of_the_chapter_are_enough():
    lines = re.findall(
        r"^import sys.*\n(?:sys\.modules.*)$", CHAPTER.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(lines) == 1
    done = run(*lines)
    assert done.returncode == 0, done.stderr
    error, shapes = done.stdout.splitlines()
    expected = train(Experiment(f1, 3, 0.1, 20))
    np.testing.assert_allclose(float(error), expected.last_error, rtol=1e-12)
    assert expected.test_error[0] > 2 * expected.last_error  # it has learned something
    assert shapes == "(7,) (2, 2)"


def test_without_them_the_file_is_missing():
    assert "No module named 'basic_neural_network_help_functions'" in run().stderr
