"""The net holds: with the library sabotaged, nbval finds that a chapter's numbers are off.

Each sabotage costs a kernel of its own, a second; it is in one of the first cells that a number is
off. The same cells with the library as it is are found to be right. What the last build has put out
is compared as well as what a kernel does.
"""

import re
import shutil
import subprocess
import sys
from xml.etree import ElementTree

import nbformat
import outputs
import pytest
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import read_myst_markdown_notebook
from nbformat.v4 import new_output
from snapshots import ROOT, SNAPSHOTS

SABOTAGE = {
    "nothing": ("training.py", "", ""),
    "learning rate 1 % off": (
        "descent.py",
        "w - rate * g / n",
        "w - rate * 1.01 * g / n",
    ),
    "bias unit dropped": ("network.py", "np.ones((h, x.size))", "np.zeros((h, x.size))"),
    "gradients not divided by N": ("descent.py", "w - rate * g / n", "w - rate * g"),
    "another seed for the weights": ("network.py", "SEED = 3", "SEED = 4"),
    "another seed for the datasets": ("datasets.py", "_SEED = 2", "_SEED = 1"),
    "sign error in equation (2)": ("network.py", "np.subtract(1.0, hidden", "np.add(1.0, hidden"),
    "one rounding too many in the replay": ("replay.py", "else fma(U0, x, U1)", "else U0 * x + U1"),
}
FIRST = 4  # cells of a chapter, in which every sabotage is to be found
# What pytest would load and not use.
NOT_NEEDED = [f"-pno:{name}" for name in ("cacheprovider", "hypothesispytest", "xdist")]


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    """What nbval says of chapters that each lie beside a library, which their kernel loads."""
    root, snapshots = tmp_path_factory.mktemp("sabotage"), {}
    for n, (file, right, wrong) in enumerate(SABOTAGE.values()):
        # Without the compiled loop, if there is one: the sabotages are of the loop in numpy.
        library = root / "tests" / f"{n}" / "nnlib"
        shutil.copytree(ROOT / "nnlib", library, ignore=shutil.ignore_patterns("*.wasm"))
        text = (library / file).read_text(encoding="utf-8")
        assert right in text
        (library / file).write_text(text.replace(right, wrong), encoding="utf-8")
        chapter = "a-extra-figures" if file == "replay.py" else "3-notebook"
        notebook = nbformat.read(SNAPSHOTS / f"{chapter}.ipynb", as_version=4)
        notebook.cells = notebook.cells[:FIRST]
        snapshots[f"{n}/{chapter}"] = notebook
    return compare(root, snapshots)


@pytest.mark.slow  # 15 s: eight kernels
@pytest.mark.parametrize("what", SABOTAGE)
def test_sabotage_is_found(comparison, what):
    (said,) = (why for name, why in comparison.items() if list(SABOTAGE)[int(name[0])] == what)
    assert said == (None if what == "nothing" else "Cell outputs differ")


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
    snapshots = {}
    with outputs.open_cache(tmp_path / "_build" / "outputs" / outputs.state()) as cache:
        for name, output in recorded.items():
            text = CHAPTER.format(name)
            (tmp_path / "book" / f"{name}.md").write_text(text, encoding="utf-8")
            if name != "forgotten":
                kept = CacheBundleIn(read_as_run(text, "kept"), name)
                cache.cache_notebook_bundle(kept, check_validity=False)
            snapshots[name] = read_as_run(text, output)
    snapshots["edited"].cells[0].source += ", edited"

    assert compare(tmp_path, snapshots) == {
        "same": None,
        "other": "Cell outputs differ",
        "forgotten": None,
        "edited": "run `make book`",
    }


def read_as_run(text, output):
    """A chapter of one cell, which has put that out."""
    notebook = read_myst_markdown_notebook(text)
    said = new_output("stream", name="stdout", text=f"{output}\n")
    notebook.cells[0].update(outputs=[said], execution_count=1)
    return notebook


def compare(root, snapshots):
    """What nbval has to say against each snapshot, in a folder of their own."""
    folder = root / "tests"
    folder.mkdir(exist_ok=True)
    for name, notebook in snapshots.items():
        nbformat.write(notebook, folder / f"{name}.ipynb")
    for name in ("conftest.py", "kept.py", "sanitize.cfg"):
        shutil.copy(ROOT / "tests" / name, folder)
    report = root / "report.xml"
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", *NOT_NEEDED]
    run = [*command, f"--junitxml={report}", "--rootdir", root, folder]
    subprocess.run(run, cwd=root, stdout=subprocess.DEVNULL)
    said = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = case.get("classname").removeprefix("tests.").removesuffix(".ipynb").replace(".", "/")
        said.setdefault(name)
        for fault in [*case.iter("failure"), *case.iter("error")]:
            known = re.search("Cell outputs differ|run `make book`", fault.text)
            said[name] = said[name] or (known[0] if known else fault.text)
    return said
