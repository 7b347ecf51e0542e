#!/usr/bin/env bash
# Library: safetensors 0.8.0, safetensors.numpy.
# What happens: an array that does not lie row by row in memory (a transpose, an array in Fortran
#   order) is saved with its shape and with its memory as it lies. It comes back with the right shape
#   and its values in other places. Nothing is said. np.ascontiguousarray beforehand gives the right
#   file.
# What one would expect: the values where they were, as numpy.save gives them, or a refusal, as the
#   same package gives for tensors of PyTorch.
# Why it matters: one library keeps weights as (outputs, inputs), the next one as (inputs, outputs),
#   so a transpose is what one writes when a network goes from one to the other. The loaded network
#   has the same shapes, norms and histograms, and other answers.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check safetensors==0.8.0 numpy==2.2.6

cat > "$folder/look.py" <<'PYTHON'
import numpy as np
from safetensors.numpy import load, save

w = np.arange(6.0).reshape(2, 3)
for name, array in {
    "as made": w,
    "transposed": w.T,
    "Fortran order": np.asfortranarray(w),
    "transposed, then made contiguous": np.ascontiguousarray(w.T),
}.items():
    loaded = load(save({"w": array}))["w"]
    same = "the same" if np.array_equal(array, loaded) else "NOT the same"
    print(f"{name}: saved {array.tolist()}, loaded {loaded.tolist()}: {same}")
PYTHON

expected="as made: saved [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], loaded [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]: the same
transposed: saved [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]], loaded [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]: NOT the same
Fortran order: saved [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], loaded [[0.0, 3.0, 1.0], [4.0, 2.0, 5.0]]: NOT the same
transposed, then made contiguous: saved [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]], loaded [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]: the same"

found=$("$folder/venv/bin/python" "$folder/look.py")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
