"""Commit the outputs of the last build as what nbval will compare: `make snapshots`."""

import re
import sys
from functools import cache

import nbformat
from kept import IGNORED, IN_PART, ROOT, read_chapter, read_outputs

SNAPSHOTS = ROOT / "tests" / "snapshots"
# What tests/sanitize.cfg does to the outputs that are compared, done to the snapshots as well.
SANITIZED = {
    re.compile(r"data:image/svg\+xml;base64,[A-Za-z0-9+/=]+"): "PICTURE",
    re.compile(r"\d+ s on this machine"): "SECONDS on this machine",
}


def chapter_names():
    """What the chapters with cells are called."""
    paths = sorted((ROOT / "book").glob("*.md"))
    return [path.stem for path in paths if "{code-cell}" in path.read_text(encoding="utf-8")]


@cache
def chapters():
    """The chapters with cells, as notebooks that have not been run, by name."""
    return {name: read_chapter(name) for name in chapter_names()}


def snapshot(notebook):
    """Keep of an executed notebook what is compared, and nothing that changes from run to run.

    A cell of which not all can be compared has a tag by which nbval ignores it where it is run by
    itself, without what `kept.Chapter` and `sanitize.cfg` know.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for n, cell in enumerate(cells, 1):
        tags = list(cell.metadata.get("tags", []))
        cell.id, cell.metadata, cell.execution_count = f"cell-{n}", {}, n
        if IGNORED in tags:
            cell.outputs = []
        for output in cell.outputs:
            output.pop("metadata", None)
            if "data" in output:
                output.metadata = {}
                said = {mime: _sanitized(text) for mime, text in output.data.items()}
                if said != output.data and IGNORED not in tags:
                    tags += [IGNORED, IN_PART]
                output.data = said
            if "execution_count" in output:
                output.execution_count = n
        if tags:
            cell.metadata["tags"] = tags
        cell.outputs = _joined(cell.outputs)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _sanitized(text):
    for pattern, word in SANITIZED.items():
        text = pattern.sub(word, text)
    return text


def _joined(outputs):
    """How a stream is cut into pieces is a matter of timing; nbval joins them as well."""
    joined = []
    for output in outputs:
        if joined and output.get("name") == joined[-1].get("name", ""):
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def main():
    """Replace all snapshots by what the last build has kept."""
    executed = {name: read_outputs(name) for name in chapter_names()}
    missing = [name for name, notebook in executed.items() if notebook is None]
    if missing:
        sys.exit(f"Run `make book` first: it has no outputs of {', '.join(missing)}.")
    SNAPSHOTS.mkdir(exist_ok=True)
    for old in SNAPSHOTS.glob("*.ipynb"):
        old.unlink()
    for name, notebook in executed.items():
        nbformat.write(snapshot(notebook), SNAPSHOTS / f"{name}.ipynb")


if __name__ == "__main__":
    main()
