#!/usr/bin/env bash
# Library: optax 0.2.8 (with jax 0.10.2).
# What happens: optax.rprop returns the update that the gradient *before* the last one asked for, or
#   nothing if the sign has just changed. The first update is zero whatever the gradient, and after a
#   change of sign the weights rest for two steps.
# What one would expect: Rprop as in the papers that its documentation cites, and as in PyTorch: the
#   first step has the length of the learning rate, and a weight rests for one step.
# Why it matters: every step is taken with a gradient from another place. On a smooth error Rprop
#   still descends, so the run looks right; beside PyTorch's it differs from the first step on, and in
#   one run of a thousand steps the error came out seven times as large.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check optax==0.2.8 jax==0.10.2

cat > "$folder/look.py" <<'PYTHON'
import jax
import jax.numpy as jnp
import optax

jax.config.update("jax_enable_x64", True)


def rprop(gradients, rate=1.0, up=1.2, down=0.5):
    """The steps of Rprop without a step back, for one weight."""
    steps, length, before = [], rate, 0.0
    for g in gradients:
        if g * before > 0:
            length *= up
        if g * before < 0:
            length, g = length * down, 0.0
        steps.append(-length if g > 0 else length if g < 0 else 0.0)
        before = g
    return steps


gradients = [1.0, 1.0, 1.0, -1.0, -1.0, -1.0]
optimizer = optax.rprop(1.0, eta_minus=0.5, eta_plus=1.2)
weight = jnp.zeros(1)
state, steps = optimizer.init(weight), []
for g in gradients:
    update, state = optimizer.update(jnp.full(1, g), state, weight)
    steps.append(float(update[0]))
for name, found in (("gradients", gradients), ("expected", rprop(gradients)), ("optax", steps)):
    print(f"{name:9}", *(f"{step + 0.0:6.3f}" for step in found))
PYTHON

expected="gradients  1.000  1.000  1.000 -1.000 -1.000 -1.000
expected  -1.000 -1.200 -1.440  0.000  0.720  0.864
optax      0.000 -1.000 -1.200  0.000  0.000  0.720"

found=$("$folder/venv/bin/python" "$folder/look.py")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
