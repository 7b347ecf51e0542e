"""The net holds: with the library sabotaged, nbval finds that a chapter's numbers are off.

Each sabotage costs a Python, a pytest and a kernel of its own, a second and a half; it stops at
the first number that is off, which one of the first cells has. One run of these without a sabotage,
through the same machinery, finds nothing. What the last build has put out is compared as well as
what a kernel does.
"""

import os
import shutil
import subprocess
import sys

import nbformat
import outputs
import pytest
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import read_myst_markdown_notebook
from nbformat.v4 import new_output
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
NOTHING, DIFFERENT = (0,), (1, "Cell outputs differ")
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
    found = _compare(tmp_path, chapter, notebook)
    assert found == NOTHING if what == "nothing" else DIFFERENT


@pytest.mark.parametrize(
    ("state", "cell", "recorded", "found"),
    [
        ("the same", "print('run')", "kept", NOTHING),
        ("the same", "print('run')", "run", DIFFERENT),
        ("another", "print('run')", "run", NOTHING),
        ("another", "print('run')", "kept", DIFFERENT),
        ("the same", "print('run')  # edited", "kept", (1, "run `make book`")),
    ],
)
def test_what_a_build_has_kept_is_compared(tmp_path, state, cell, recorded, found):
    (tmp_path / "book").mkdir()
    text = "---\nkernelspec: {name: python3}\n---\n```{code-cell}\nprint('run')\n```\n"
    (tmp_path / "book" / "chapter.md").write_text(text, encoding="utf-8")
    kept, snapshot = (read_myst_markdown_notebook(text) for _ in range(2))
    for notebook, output in ((kept, "kept"), (snapshot, recorded)):
        said = new_output("stream", name="stdout", text=f"{output}\n")
        notebook.cells[0].update(outputs=[said], execution_count=1)
    snapshot.cells[0].source = cell
    folder = tmp_path / "_build" / "outputs" / (outputs.state() if state == "the same" else state)
    get_cache(folder).cache_notebook_bundle(CacheBundleIn(kept, "chapter"), check_validity=False)
    assert _compare(tmp_path, "chapter", snapshot) == found


def _compare(root, chapter, notebook):
    """The exit status of nbval, and what it says was wrong."""
    folder = root / "tests"
    folder.mkdir()
    nbformat.write(notebook, folder / f"{chapter}.ipynb")
    for name in ("conftest.py", "kept.py", "sanitize.cfg"):
        shutil.copy(ROOT / "tests" / name, folder)
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "-q", "-x"]
    where = ["--rootdir", root, folder / f"{chapter}.ipynb"]
    run = subprocess.run(
        [*command, *NOT_NEEDED, *where],
        env={**os.environ, "PYTHONPATH": str(root)},
        cwd=root,
        capture_output=True,
        text=True,
    )
    known = [line for line in ("Cell outputs differ", "run `make book`") if line in run.stdout]
    unknown = [run.stdout + run.stderr] if run.returncode and not known else []
    return run.returncode, *known, *unknown
