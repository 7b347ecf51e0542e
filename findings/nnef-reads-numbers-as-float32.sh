#!/usr/bin/env bash
# Library: nnef 1.0.10, the parser of the Neural Network Exchange Format.
# What happens: a number in the text of a graph is read as float32 and handed over as a double: 0.1
#   becomes 0.10000000149011612, and 16777217.0 becomes 16777216.0. Weights, in files of their own
#   with 64 bits an item, keep all their bits.
# What one would expect: that the text 0.1 is read as Python reads it, since it is handed over as one.
# Why it matters: a network in float64 that goes through the format has exact weights and inexact
#   settings (the slope of a leaky neuron, an epsilon), and agrees to seven digits with what it came
#   from.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check nnef==1.0.10 numpy==2.2.6

cat > "$folder/look.py" <<'PYTHON'
import tempfile
from pathlib import Path

import nnef
import numpy as np

folder = Path(tempfile.mkdtemp(dir=Path(__file__).parent))
for text in "0.1", "0.5", "16777217.0":
    (folder / "graph.nnef").write_text(f"""version 1.0;
graph leaky( x ) -> ( y )
{{
    x = external<scalar>(shape = [1, 4]);
    y = leaky_relu(x, alpha = {text});
}}
""")
    alpha = nnef.load_graph(str(folder)).operations[1].attribs["alpha"]
    print(f"{text} is read as {alpha!r}, the nearest float32: {alpha == float(np.float32(text))}")

weights = np.array([[0.1, 1 / 3]])
with open(folder / "weights.dat", "wb") as file:
    nnef.write_tensor(file, weights)
with open(folder / "weights.dat", "rb") as file:
    read = nnef.read_tensor(file)
    read = read[0] if isinstance(read, tuple) else read
print("weights:", read.dtype, "the same" if np.array_equal(read, weights) else "changed")
PYTHON

expected="0.1 is read as 0.10000000149011612, the nearest float32: True
0.5 is read as 0.5, the nearest float32: True
16777217.0 is read as 16777216.0, the nearest float32: True
weights: float64 the same"

found=$("$folder/venv/bin/python" "$folder/look.py")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
