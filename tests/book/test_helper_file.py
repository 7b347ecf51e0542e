"""What was written for the document's helper file runs on nnlib, by two lines of a chapter.

The program here is our own, in the form of the document's: it learns sample by sample, with names
that it shares among its cells.
"""

import subprocess
import sys

import nbformat
import pytest
from myst_nb.core.read import read_myst_markdown_notebook
from nbclient import NotebookClient
from snapshots import ROOT

from nnlib import Experiment, f1, train

EPOCHS, H, RATE = 3, 3, 1
CELLS = (
    """
import numpy as np
import matplotlib.pyplot as plt

from basic_neural_network_help_functions import f1, f2, sigmoid
from basic_neural_network_help_functions import get_train_set, get_test_set, get_new_random_dataset
from basic_neural_network_help_functions import get_initial_weights, get_new_random_weights
""",
    f"f, h, learning_rate, epochs = f1, {H}, {RATE}, {EPOCHS}",
    """
inputs, wanted = get_train_set(f)
test_inputs, test_wanted = get_test_set(f)
U, V = get_initial_weights(h)
X, H = np.ones(2), np.ones(h)


def forward(x):
    X[0] = x
    H[:-1] = sigmoid(U @ X)
    return (V @ H)[0]


def error():
    losses = [(forward(x) - y) ** 2 / 2 for x, y in zip(test_inputs, test_wanted)]
    return sum(losses) / len(losses)
""",
    """
errors = [error()]
for _ in range(epochs):
    step_U, step_V = np.zeros(U.shape), np.zeros(V.shape)
    for x, y in zip(inputs, wanted):
        e = forward(x) - y
        step_V += e * H
        for i in range(h - 1):
            step_U[i] += e * V[0, i] * H[i] * (1 - H[i]) * X
    U -= learning_rate * step_U / len(inputs)
    V -= learning_rate * step_V / len(inputs)
    errors.append(error())
""",
    """
grid = np.arange(-5, 5, 0.1)
fig, axes = plt.subplots(1, 2)
axes[0].plot(grid, [f2(x) for x in grid])
axes[1].semilogy(errors)
assert [len(part) for part in get_new_random_dataset(f, 10)] == [10, 10]
assert [w.shape for w in get_new_random_weights(h)] == [w.shape for w in (U, V)]
print(*errors)
""",
)


@pytest.fixture(scope="module")
def two_lines():
    """As the chapter gives them."""
    chapter = (ROOT / "book" / "3-notebook.md").read_text(encoding="utf-8")
    cells = read_myst_markdown_notebook(chapter).cells
    (cell,) = (cell for cell in cells if "helper-file" in cell.metadata.get("tags", []))
    assert len(cell.source.strip().splitlines()) == 2
    return cell.source


def check(printed):
    errors = [float(number) for number in printed.split()]
    assert errors == pytest.approx(train(Experiment(f1, H, RATE, EPOCHS)).test_error, rel=1e-12)


@pytest.mark.slow  # 3 s: a kernel
def test_a_notebook_of_that_form_runs(two_lines, tmp_path):
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in (two_lines, *CELLS)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    where = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, kernel_name="python3", resources=where).execute()
    (printed,) = (out.text for out in notebook.cells[-1].outputs if out.output_type == "stream")
    check(printed)


@pytest.mark.parametrize("with_them", [True, False])
def test_a_script_of_that_form_runs_with_them_alone(two_lines, with_them, tmp_path):
    lines = (two_lines, *CELLS) if with_them else CELLS
    (tmp_path / "script.py").write_text("\n".join(lines), encoding="utf-8")
    found = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (found.returncode == 0) == with_them, found.stderr
    if with_them:
        check(found.stdout)
    else:
        assert "No module named 'basic_neural_network_help_functions'" in found.stderr
