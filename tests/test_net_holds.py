"""The net holds: with the library sabotaged, nbval finds that a chapter's numbers are off.

Each sabotage costs a Python, a pytest and a kernel of its own, a second and a half; it stops at
the first number that is off, which one of the first cells has. One run of these without a sabotage,
through the same machinery, finds nothing. What the last build has put out is compared as well as
what a kernel does.
"""

import os
import re
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
    run = compare(tmp_path, {chapter: notebook}, "-x")
    differ = "Cell outputs differ" in run.stdout
    assert (run.returncode, differ) == ((0, False) if what == "nothing" else (1, True)), run.stdout


CHAPTER = """\
---
kernelspec: {{name: python3}}
---
```{{code-cell}}
print("run")  # of {}
```
"""


def test_what_a_build_has_kept_is_compared(tmp_path):
    """Each chapter says "run" if it is run; a build has kept that it says "kept", but of one."""
    recorded = {"same": "kept", "other": "run", "forgotten": "run", "edited": "kept"}
    (tmp_path / "book").mkdir()
    cache = get_cache(tmp_path / "_build" / "outputs" / outputs.state())
    snapshots = {}
    for name, output in recorded.items():
        text = CHAPTER.format(name)
        (tmp_path / "book" / f"{name}.md").write_text(text, encoding="utf-8")
        if name != "forgotten":
            kept = CacheBundleIn(read_as_run(text, "kept"), name)
            cache.cache_notebook_bundle(kept, check_validity=False)
        snapshots[name] = read_as_run(text, output)
    snapshots["edited"].cells[0].source += ", edited"

    run = compare(tmp_path, snapshots)
    failed = re.findall(r"^FAILED tests/(\w+)", run.stdout, re.MULTILINE)
    why = re.findall(r"run `make book`|Cell outputs differ", run.stdout)
    assert dict(zip(failed, why, strict=True)) == {
        "edited": "run `make book`",
        "other": "Cell outputs differ",
    }


def read_as_run(text, output):
    """A chapter of one cell, which has put that out."""
    notebook = read_myst_markdown_notebook(text)
    said = new_output("stream", name="stdout", text=f"{output}\n")
    notebook.cells[0].update(outputs=[said], execution_count=1)
    return notebook


def compare(root, snapshots, *options):
    """Have nbval compare snapshots, in a folder of their own."""
    folder = root / "tests"
    folder.mkdir()
    for name, notebook in snapshots.items():
        nbformat.write(notebook, folder / f"{name}.ipynb")
    for name in ("conftest.py", "kept.py", "sanitize.cfg"):
        shutil.copy(ROOT / "tests" / name, folder)
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "-q"]
    return subprocess.run(
        [*command, *NOT_NEEDED, *options, "--rootdir", root, folder],
        env={**os.environ, "PYTHONPATH": str(root)},
        cwd=root,
        capture_output=True,
        text=True,
    )
