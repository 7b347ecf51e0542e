"""The net holds: with the library sabotaged, nbval finds that a chapter's numbers are off.

Each sabotage costs a Python, a pytest and a kernel of its own, a second and a half; it stops at
the first number that is off, which one of the first cells has. One run of these without a sabotage,
through the same machinery, finds nothing.
"""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from snapshots import ROOT, SNAPSHOTS

SABOTAGE = {
    "nothing": ("training.py", "", ""),
    "learning rate 1 % off": (
        "training.py",
        "learning_rate * sums",
        "learning_rate * 1.01 * sums",
    ),
    "bias unit dropped": ("network.py", "np.ones((h, x.size))", "np.zeros((h, x.size))"),
    "gradients not divided by N": ("training.py", ":-1] / x.size", ":-1]"),
    "another seed for the weights": ("network.py", "_SEED = 3", "_SEED = 4"),
    "another seed for the datasets": ("datasets.py", "_SEED = 2", "_SEED = 1"),
    "sign error in equation (2)": ("network.py", "np.subtract(1.0, hidden", "np.add(1.0, hidden"),
    "one rounding too many in the replay": ("replay.py", "else fma(U0, x, U1)", "else U0 * x + U1"),
}
FIRST = 4  # cells of a chapter, in which every sabotage is to be found
# What pytest would load and not use.
NOT_NEEDED = [f"-pno:{name}" for name in ("cacheprovider", "hypothesispytest", "xdist")]


@pytest.mark.parametrize("what", SABOTAGE)
def test_sabotage_is_found(what, tmp_path):
    file, right, wrong = SABOTAGE[what]
    # Without the compiled loop, if there is one: the sabotages are of the loop in numpy.
    without = shutil.ignore_patterns("__pycache__", "*.wasm")
    shutil.copytree(ROOT / "nnlib", tmp_path / "nnlib", ignore=without)
    text = (tmp_path / "nnlib" / file).read_text(encoding="utf-8")
    assert right in text
    (tmp_path / "nnlib" / file).write_text(text.replace(right, wrong), encoding="utf-8")

    chapter = "a-extra-figures" if file == "replay.py" else "3-notebook"
    notebook = nbformat.read(SNAPSHOTS / f"{chapter}.ipynb", as_version=4)
    notebook.cells = notebook.cells[:FIRST]
    folder = tmp_path / "tests"
    folder.mkdir()
    nbformat.write(notebook, folder / f"{chapter}.ipynb")
    for name in ("conftest.py", "sanitize.cfg"):
        shutil.copy(ROOT / "tests" / name, folder)
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "-q", "-x"]
    where = ["--rootdir", tmp_path, folder / f"{chapter}.ipynb"]
    run = subprocess.run(
        [*command, *NOT_NEEDED, *where],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    found = run.returncode, "Cell outputs differ" in run.stdout
    assert found == ((0, False) if what == "nothing" else (1, True)), run.stdout + run.stderr
