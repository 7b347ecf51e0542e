#!/usr/bin/env bash
# Library: nbval 0.11.0 (with nbclient 0.10.2, ipykernel 6.30.1, pytest 8.4.2).
# What happens: a notebook is executed and stored by Jupyter's own client, and at once checked by
#   nbval. A cell whose display was updated, or cleared and printed again, fails: the file holds the
#   last state, nbval does not follow the change. (Of an updated display, a file with the first state
#   would pass.)
# What one would expect: what has just been stored is compared as it was stored: all cells pass.
# Why it matters: progress of a training is shown just so, an error that is printed anew each hundred
#   epochs or a figure that is redrawn. The chapter is reproducible, the check says that it is not,
#   and the usual way out, to ignore the cell's output, leaves the final figure unchecked too.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check nbval==0.11.0 nbclient==0.10.2 ipykernel==6.30.1 pytest==8.4.2

cat > "$folder/look.py" <<'PYTHON'
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

cells = {
    "printed": "print(1)\nprint(2)",
    "updated": "shown = display(1, display_id=True)\nshown.update(2)",
    "cleared": "from IPython.display import clear_output\nprint(1)\nclear_output()\nprint(2)",
}
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells.values()])
notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
NotebookClient(notebook).execute()
folder = Path(tempfile.mkdtemp(dir=Path(__file__).parent))
nbformat.write(notebook, folder / "training.ipynb")
command = [sys.executable, "-m", "pytest", "--nbval", "-v", "-p", "no:cacheprovider", "training.ipynb"]
report = subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout
verdicts = re.findall(r"Cell \d+ (PASSED|FAILED)", report)
for name, cell, verdict in zip(cells, notebook.cells, verdicts, strict=True):
    (output,) = cell.outputs
    text = output.get("text") or output["data"]["text/plain"]
    print(f"{name}: stored {' '.join(text.split())}, {verdict.lower()}")
PYTHON

expected="printed: stored 1 2, passed
updated: stored 2, failed
cleared: stored 2, failed"

found=$("$folder/venv/bin/python" "$folder/look.py")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
