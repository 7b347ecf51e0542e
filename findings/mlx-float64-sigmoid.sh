#!/usr/bin/env bash
# Library: MLX 0.32.4, CPU build for Linux.
# What happens: exp and sigmoid of float64 arrays are computed to the accuracy of float32, six or
#   seven digits, and the result is float64. tanh, sum and the product of matrices are right to all
#   digits.
# What one would expect: float64 exists on the CPU for accuracy, so float64 in, float64 out, some 15
#   digits.
# Why it matters: a network of sigmoids trained 'in float64' agrees with other libraries to six digits
#   only and its numerical gradients are noise, but a test of dtypes, of tanh or of linear layers
#   shows nothing. 0.5 (1 + tanh(x / 2)) is a sigmoid with all its digits.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'mlx[cpu]==0.32.4' numpy==2.2.6

cat > "$folder/look.py" <<'PYTHON'
import mlx.core as mx
import numpy as np

mx.set_default_device(mx.cpu)
x = np.linspace(0.1, 8, 1000)  # positive: no sigmoid loses digits to cancellation


def digits(found, wanted):
    found = np.array(found)
    worst = np.max(np.abs(found / wanted - 1))
    return f"{found.dtype}, {'all digits' if worst < 1e-14 else f'{int(-np.log10(worst))} digits'}"


a = mx.array(x, dtype=mx.float64)
print("exp:", digits(mx.exp(a), np.exp(x)))
print("sigmoid:", digits(mx.sigmoid(a), 1 / (1 + np.exp(-x))))
print("tanh:", digits(mx.tanh(a), np.tanh(x)))
print("0.5 (1 + tanh(x / 2)):", digits(0.5 * (1 + mx.tanh(0.5 * a)), 1 / (1 + np.exp(-x))))
print("outer product:", digits(a[:, None] @ a[None, :], np.outer(x, x)))
PYTHON

expected="exp: float64, 6 digits
sigmoid: float64, 7 digits
tanh: float64, all digits
0.5 (1 + tanh(x / 2)): float64, all digits
outer product: float64, all digits"

found=$("$folder/venv/bin/python" "$folder/look.py")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
