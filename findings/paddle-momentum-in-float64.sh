#!/usr/bin/env bash
# Library: PaddlePaddle 3.3.1 on the CPU, default dtype float64.
# What happens: in a float64 network the Momentum optimizer rounds the momentum to float32: 0.9
#   becomes 0.89999998. SGD and Adam are right to 15 digits. A momentum that float32 holds, 0.5 or
#   0.875, is right too.
# What one would expect: float64 parameters, gradients and velocities, hence float64 arithmetic.
# Why it matters: checked with plain SGD (all digits), one trusts the set-up; with momentum the run
#   leaves that of the other libraries at the eighth digit, and what is amplified from there is taken
#   for chaos.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check paddlepaddle==3.3.1 setuptools==80.9.0 numpy==2.2.6

cat > "$folder/look.py" <<'PYTHON'
import warnings

warnings.filterwarnings("ignore")
import numpy as np
import paddle

paddle.set_default_dtype("float64")


def found(make, steps=20):
    w = paddle.to_tensor([1.0], stop_gradient=False)
    optimizer = make([w])
    for _ in range(steps):
        (w * w).sum().backward()
        optimizer.step()
        optimizer.clear_grad()
    return w.dtype, float(w.numpy()[0])


def wanted(rate, momentum, steps=20):
    w, velocity = 1.0, 0.0
    for _ in range(steps):
        velocity = momentum * velocity + 2 * w
        w -= rate * velocity
    return w


sgd = paddle.optimizer.SGD
dtype, w = found(lambda p: sgd(0.1, parameters=p))
print(f"SGD: {dtype}, error {'none' if abs(w - wanted(0.1, 0)) < 1e-15 else 'some'}")
for momentum in 0.5, 0.875, 0.9:
    dtype, w = found(lambda p: paddle.optimizer.Momentum(0.1, momentum, parameters=p))
    single = float(np.float32(momentum))
    exact, rounded = (abs(w - wanted(0.1, m)) < 1e-14 for m in (momentum, single))
    print(f"Momentum {momentum}: {dtype}, by {momentum}: {exact}, by its float32 {single:.8f}: {rounded}")
PYTHON

expected="SGD: paddle.float64, error none
Momentum 0.5: paddle.float64, by 0.5: True, by its float32 0.50000000: True
Momentum 0.875: paddle.float64, by 0.875: True, by its float32 0.87500000: True
Momentum 0.9: paddle.float64, by 0.9: False, by its float32 0.89999998: True"

found=$("$folder/venv/bin/python" "$folder/look.py")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
