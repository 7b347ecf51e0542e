"""The net holds: with the library sabotaged, nbval finds that a chapter's numbers are off.

Each sabotage costs a Python, a pytest and a kernel of its own, two seconds or three; it stops at
the first number that is off. One run without a sabotage, through the same machinery, finds nothing.
"""

import os
import shutil
import subprocess
import sys

import pytest
from snapshots import ROOT

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

    shutil.copytree(ROOT / "tests", tmp_path / "tests", ignore=shutil.ignore_patterns("test_*"))
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "-q", "-x"]
    chapter = "a-extra-figures" if file == "replay.py" else "3-notebook"
    where = ["--rootdir", tmp_path, tmp_path / "tests" / "snapshots" / f"{chapter}.ipynb"]
    run = subprocess.run(
        [*command, *NOT_NEEDED, *where],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    expected = 0 if what == "nothing" else 1
    assert run.returncode == expected, run.stdout + run.stderr
