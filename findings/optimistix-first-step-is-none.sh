#!/usr/bin/env bash
# Library: optimistix 0.1.0 (with jax 0.10.2).
# What happens: the first step of a minimiser only evaluates the function at the start.
#   GradientDescent with max_steps=n makes n - 1 steps of descent, and stats say num_steps n.
#   GaussNewton, which solves a linear problem in one step, needs max_steps=2.
# What one would expect: n steps, as the same setting makes in jaxopt.
# Why it matters: compared epoch by epoch with another library, every value is that of the epoch
#   before; the curves look alike, shifted by one. A limit of one step returns the start as the
#   result.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check optimistix==0.1.0 jax==0.10.2 jaxlib==0.10.2 equinox==0.13.8 lineax==0.1.1

cat > "$folder/look.py" <<'PYTHON'
import jax
import jax.numpy as jnp
import optimistix

jax.config.update("jax_enable_x64", True)
start = jnp.array([1.0])
never = {"rtol": 1e-300, "atol": 1e-300}
for n in 1, 2, 3:
    solver = optimistix.GradientDescent(0.1, **never)
    found = optimistix.minimise(
        lambda w, _: jnp.sum(w**2), solver, start, max_steps=n, throw=False
    )
    w, steps = float(found.value[0]), int(found.stats["num_steps"])
    print(f"max_steps={n}: w = {w:.3f}; {n} steps give {0.8**n:.3f}; num_steps {steps}")
for n in 1, 2:
    solver = optimistix.GaussNewton(**never)
    found = optimistix.least_squares(lambda w, _: 2 * w - 6, solver, start, max_steps=n, throw=False)
    print(f"Gauss-Newton, max_steps={n}: w = {float(found.value[0]):.3f}")
PYTHON

expected="max_steps=1: w = 1.000; 1 steps give 0.800; num_steps 1
max_steps=2: w = 0.800; 2 steps give 0.640; num_steps 2
max_steps=3: w = 0.640; 3 steps give 0.512; num_steps 3
Gauss-Newton, max_steps=1: w = 1.000
Gauss-Newton, max_steps=2: w = 3.000"

found=$("$folder/venv/bin/python" "$folder/look.py")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
