#!/usr/bin/env bash
# Library: thinc 9.1.1, SGD.
# What happens: SGD(0.1) scales each gradient whose norm is above 1 down to norm 1, one layer's array
#   at a time, so the direction of the whole step changes as well. SGD(0.1, grad_clip=0) is gradient
#   descent.
# What one would expect: that an optimizer called SGD, given a rate and nothing else, steps by the
#   rate times the gradient, as in the other libraries. L2, the other default of its Adam, is 0 here.
# Why it matters: with the sum of squares over some hundred samples nearly all gradients are longer
#   than 1: every layer moves by exactly the rate, which is another method, and a batch twice as large
#   changes nothing. A run cannot be repeated elsewhere, and the loss falls smoothly all the same.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check thinc==9.1.1 numpy==2.2.6

cat > "$folder/look.py" <<'PYTHON'
import numpy as np
from thinc.api import SGD

for settings in {}, {"grad_clip": 0}:
    sgd = SGD(0.1, **settings)
    for gradient in [0.3, 0.4], [3, 4], [300, 400]:
        start = np.zeros(2, dtype="float32")
        moved, _ = sgd((1, "W"), start, np.array(gradient, dtype="float32"))
        print(f"{settings}: gradient {gradient}, step", *(f"{-step:.4f}" for step in moved))
PYTHON

expected="{}: gradient [0.3, 0.4], step 0.0300 0.0400
{}: gradient [3, 4], step 0.0600 0.0800
{}: gradient [300, 400], step 0.0600 0.0800
{'grad_clip': 0}: gradient [0.3, 0.4], step 0.0300 0.0400
{'grad_clip': 0}: gradient [3, 4], step 0.3000 0.4000
{'grad_clip': 0}: gradient [300, 400], step 30.0000 40.0000"

found=$("$folder/venv/bin/python" "$folder/look.py")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
