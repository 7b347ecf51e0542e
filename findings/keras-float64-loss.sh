#!/usr/bin/env bash
# Library: Keras 3.15.1 on JAX 0.10.2, floatx float64, jax_enable_x64.
# What happens: a loss is float64, but the samples' values pass through float32 on their way to the
#   mean: seven or eight digits are right. The gradient goes the same way, so with 4 samples a step is
#   right to the last digits, with 7 (a seventh is not exact) to eight.
# What one would expect: with the two settings that Keras and JAX have for it, and kernels, outputs,
#   the rate and the loss all saying float64, float64 arithmetic.
# Why it matters: a run differs from the same run elsewhere at the eighth digit of the first epoch. A
#   check with one sample, or with a batch of 32 or 64, finds all digits in the weights and misses it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6

cat > "$folder/look.py" <<'PYTHON'
import os

os.environ["KERAS_BACKEND"] = "jax"
import jax

jax.config.update("jax_enable_x64", True)
import keras
import numpy as np

keras.config.set_floatx("float64")


def digits(found, wanted):
    error = abs(found / wanted - 1)
    return "all digits" if error < 1e-14 else f"about {'eight' if 1e-10 < error < 1e-6 else 'other'} digits"


for n in 4, 7:
    x = np.linspace(0.1, 1, n)[:, None]
    y = 2 * x
    start = keras.initializers.Constant(0.5)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer=start)])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
    loss = keras.losses.MeanSquaredError()(y, 0.5 * x)
    model.train_on_batch(x, y)
    step = float(np.asarray(model.layers[-1].kernel)[0, 0]) - 0.5
    print(
        f"{n} samples: loss {loss.dtype}, {digits(float(loss), np.mean((1.5 * x) ** 2))};",
        f"kernel {model.layers[-1].kernel.dtype}, step: {digits(step, 0.3 * np.mean(x * x))}",
    )
PYTHON

expected="4 samples: loss float64, about eight digits; kernel float64, step: all digits
7 samples: loss float64, about eight digits; kernel float64, step: about eight digits"

found=$("$folder/venv/bin/python" "$folder/look.py")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
