#!/usr/bin/env bash
# Library: mlxtend 0.25.0, MultiLayerPerceptron.
# What happens: decrease_const c compounds: epoch n is trained with eta / ((1 + c)(1 + 2c)...(1 +
#   nc)), which falls faster than any power. And momentum multiplies the gradient of the previous
#   batch without the rate: with eta 0.000001 and momentum 0.5 the second step is half a gradient,
#   half a million times the first.
# What one would expect: eta / (1 + n c), as the documentation writes; momentum times the previous
#   step.
# Why it matters: after ten epochs with c = 0.5 the rate is 39 000 times smaller than thought, and
#   training seems to have converged. With momentum a smaller rate does not make the steps smaller:
#   what looks like a method that does not suit the problem is a step that no rate controls.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check mlxtend==0.25.0 numpy==2.4.6 scikit-learn==1.9.1

cat > "$folder/look.py" <<'PYTHON'
import numpy as np
from mlxtend.classifier import MultiLayerPerceptron

x = np.array([[-2.0], [-1.0], [1.0], [2.0]])
y = np.array([0, 0, 1, 1])


def weight(epochs, **settings):
    settings = {"hidden_layers": [2], "minibatches": 1, "random_seed": 1, "eta": 1e-6} | settings
    return MultiLayerPerceptron(epochs=epochs, **settings).fit(x, y).w_["out"][0, 0]


def steps(epochs, **settings):
    """The steps of one weight, the first step being 1: they are so small that the gradient stays."""
    path = [weight(1, eta=1e-300)] + [weight(n + 1, **settings) for n in range(epochs)]
    moved = np.diff(path)
    return moved / moved[0]


print("decrease_const 0.5:", *(f"{step:.4f}" for step in steps(6, decrease_const=0.5)))
print("eta / (1 + n c):   ", *(f"{1 / (1 + n * 0.5):.4f}" for n in range(6)))
print("compounded:        ", *(f"{1 / np.prod(1 + 0.5 * np.arange(n + 1)):.4f}" for n in range(6)))
print("momentum 0.5:", *(f"{step:.0f}" for step in steps(2, momentum=0.5)))
PYTHON

expected="decrease_const 0.5: 1.0000 0.6667 0.3333 0.1333 0.0444 0.0127
eta / (1 + n c):    1.0000 0.6667 0.5000 0.4000 0.3333 0.2857
compounded:         1.0000 0.6667 0.3333 0.1333 0.0444 0.0127
momentum 0.5: 1 500001"

found=$("$folder/venv/bin/python" "$folder/look.py")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
