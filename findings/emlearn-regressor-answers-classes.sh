#!/usr/bin/env bash
# Library: emlearn 0.23.2 with scikit-learn 1.7.2 (and a C compiler, which emlearn calls).
# What happens: emlearn.convert of an MLPRegressor makes a classifier: its predict() gives 0 or 1, the
#   side of a half on which the number lies. With return_type="regressor" it gives the number, in
#   float32.
# What one would expect: what the same function does for a forest or a tree, where it tells a
#   regressor by its class, or an error: the class is called MLPRegressor and is in its list by that
#   name.
# Why it matters: the C program that is written compiles and runs. On data scaled to 0 and 1 the
#   answers look like a network that saturates, and one looks for the fault in the training.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check emlearn==0.23.2 scikit-learn==1.7.2 numpy==2.2.6 setuptools==80.9.0

cat > "$folder/look.py" <<'PYTHON'
import os
import tempfile

os.chdir(tempfile.mkdtemp(dir=os.path.dirname(os.path.abspath(__file__))))
import emlearn
import numpy as np
from sklearn.neural_network import MLPRegressor

x = np.linspace(-1, 1, 50)[:, None]
y = (1 + x[:, 0]) / 2
network = MLPRegressor(hidden_layer_sizes=[3], activation="tanh", solver="lbfgs", random_state=0)
network.fit(x, y)
wanted = network.predict(x)
for settings in {}, {"return_type": "regressor"}:
    found = np.asarray(emlearn.convert(network, **settings).predict(x)).ravel()
    print(
        f"{settings}: {len(np.unique(found))} values from {found.min():.1f} to {found.max():.1f},",
        "largest difference", f"{np.abs(found - wanted).max():.1f}",
    )
PYTHON

expected="{}: 2 values from 0.0 to 1.0, largest difference 0.5
{'return_type': 'regressor'}: 50 values from 0.0 to 1.0, largest difference 0.0"

found=$("$folder/venv/bin/python" "$folder/look.py")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
