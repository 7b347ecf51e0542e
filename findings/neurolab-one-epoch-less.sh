#!/usr/bin/env bash
# Library: neurolab 0.3.5 (with numpy 1.26.4, the newest that it imports with; Python 3.9 to 3.12).
# What happens: net.train(..., epochs=n) by gradient descent on the whole set makes n - 1 steps: in
#   the last epoch the error is measured, then training stops before the step. epochs=1 changes
#   nothing. With adapt=True (a step after each sample) the n-th epoch is carried out, so the same
#   setting makes n passes.
# What one would expect: n epochs, n steps, as the n errors that come back suggest.
# Why it matters: train(50) twice makes 98 steps, train(100) makes 99. A run compared with another
#   library is one step off in every figure, just little enough to look like rounding.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check neurolab==0.3.5 numpy==1.26.4

cat > "$folder/look.py" <<'PYTHON'
import numpy as np
import neurolab as nl

x = np.linspace(-1, 1, 5)[:, None]
t = np.full_like(x, 0.5)


def outputs_bias(epochs, **settings):
    """Trains one neuron whose weight is held at 0 by the data; its bias moves by rate * 5 * 0.5."""
    net = nl.net.newff([[-1, 1]], [1], [nl.trans.PureLin()])
    net.trainf = nl.train.train_gd
    net.errorf = nl.error.SSE()
    net.layers[0].np["w"][:] = net.layers[0].np["b"][:] = 0
    errors = net.train(x, t, epochs=epochs, goal=-1, show=0, lr=1e-6, **settings)
    return len(errors), float(net.layers[0].np["b"][0])


for settings in {}, {"adapt": True}:
    for epochs in 1, 2, 100:
        errors, bias = outputs_bias(epochs, **settings)
        print(f"{settings or 'whole set'}: epochs={epochs}, {errors} errors, {bias / 2.5e-6:.0f} passes")
PYTHON

expected="whole set: epochs=1, 1 errors, 0 passes
whole set: epochs=2, 2 errors, 1 passes
whole set: epochs=100, 100 errors, 99 passes
{'adapt': True}: epochs=1, 1 errors, 1 passes
{'adapt': True}: epochs=2, 2 errors, 2 passes
{'adapt': True}: epochs=100, 100 errors, 100 passes"

found=$("$folder/venv/bin/python" "$folder/look.py")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
