"""The snapshots are those of the chapters: same set, same cells, every one of them run."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from kept import IGNORED, IN_PART
from nbclient import NotebookClient
from snapshots import SNAPSHOTS, chapter_names, chapters, snapshot

CHAPTERS = chapter_names()
COLUMNS = 77  # as many as a page of a laptop has room for


def test_each_chapter_has_its_snapshot():
    assert {path.stem for path in SNAPSHOTS.glob("*.ipynb")} == set(CHAPTERS)


@pytest.mark.parametrize("name", CHAPTERS)
def test_snapshot_has_the_cells_of_the_chapter(name):
    def cells(notebook):
        return [
            (cell.source.strip(), [tag for tag in cell.metadata.get("tags", []) if tag not in ours])
            for cell in notebook.cells
            if cell.cell_type == "code"
        ]

    ours = (IGNORED, IN_PART)
    snapshot = nbformat.read(SNAPSHOTS / f"{name}.ipynb", as_version=4)
    assert cells(snapshot) == cells(chapters()[name]), (
        "the chapter has changed: run `make snapshots`"
    )


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_code_that_is_shown_fits_on_a_page(name):
    hidden = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
    lines = [
        line
        for cell in chapters()[name].cells
        if cell.cell_type == "code" and not hidden & set(cell.metadata.get("tags", []))
        for line in cell.source.splitlines()
    ]
    assert [line for line in lines if len(line) > COLUMNS] == []


NAME = re.compile(r"^:name: (.+)$", re.MULTILINE)


def test_no_two_figures_or_tables_have_the_same_name():
    found = [
        (name, chapter)
        for chapter in CHAPTERS
        for cell in nbformat.read(SNAPSHOTS / f"{chapter}.ipynb", as_version=4).cells
        for output in cell.get("outputs", ())
        for name in NAME.findall("".join(output.get("data", {}).get("text/markdown", "")))
    ]
    assert len(found) > 300
    often = {name for name, times in Counter(name for name, _ in found).items() if times > 1}
    assert [use for use in found if use[0] in often] == []


@pytest.mark.parametrize("path", sorted(SNAPSHOTS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_cell_was_run(path: Path):
    # nbval runs a cell without an execution count, but compares nothing.
    counts = [cell.execution_count for cell in nbformat.read(path, as_version=4).cells]
    assert counts == list(range(1, len(counts) + 1))


# All kinds of outputs; the picture, and the time, are other ones each time.
CELLS = (
    "import os\nfrom IPython.display import Markdown\nfrom myst_nb import glue\n"
    "from nnlib.report import display",
    'print("a number", 1)\nglue("one", "1", display=False)',
    'display.Table("tab-a", "A table.", ["a"], [[1]])',
    "axes = display.panels()\naxes[0].plot([os.getpid(), 1])\n"
    'display.Figure("fig-a", "A figure.", axes)',
    'display.Piece("ball", {"steps": 12})',
    'Markdown(f"{os.getpid()} s on this machine")',
)


@pytest.mark.slow
def test_nbval_by_itself_compares_what_is_the_same_everywhere(tmp_path):
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="python3", timeout=100).execute()
    taken = snapshot(notebook)
    ignored = [IGNORED in cell.metadata.get("tags", []) for cell in taken.cells]
    assert ignored == [False, False, False, True, False, True]
    nbformat.write(taken, tmp_path / "as-it-is.ipynb")
    taken.cells[1].outputs[-1].data["application/papermill.record/text/plain"] = "'2'"
    nbformat.write(taken, tmp_path / "another.ipynb")
    settings = tmp_path / "pytest.ini"  # not ours
    settings.write_text("[pytest]", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-c", settings, "-p", "no:cacheprovider", "--nbval"]
    said = subprocess.run(
        [*command, tmp_path], capture_output=True, text=True, timeout=200, check=False
    )
    assert re.search(r"another\.ipynb::Cell 1\b", said.stdout)
    assert "1 failed, 11 passed" in said.stdout
