#!/usr/bin/env bash
# Library: PaddlePaddle 3.3.1, paddle.optimizer.ASGD.
# What happens: ASGD steps by the mean of the last batch_num gradients, one kept for each batch (fewer
#   in the first epoch). With batch_num=1, the default, it is SGD to the last digit. No average of
#   weights is ever formed.
# What one would expect: averaged SGD (Polyak and Ruppert), which is what torch.optim.ASGD is: steps
#   of SGD beside which the mean of all weights so far is kept, as the smooth result.
# Why it matters: the name is the same in both. Who wants averaged weights at the end gets the last
#   ones; with the default, exactly those of SGD.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check paddlepaddle==3.3.1 setuptools==80.9.0 numpy==2.2.6

cat > "$folder/look.py" <<'PYTHON'
import warnings

warnings.filterwarnings("ignore")
import paddle

paddle.set_default_dtype("float64")


def run(make, steps=6):
    """Weights while the gradients 1, 0, 0, 1, 0, 0 arrive."""
    w = paddle.to_tensor([0.0], stop_gradient=False)
    optimizer = make([w])
    path = []
    for step in range(steps):
        (w * (1.0 if step % 3 == 0 else 0.0)).sum().backward()
        optimizer.step()
        optimizer.clear_grad()
        path.append(round(float(w.numpy()[0]), 4))
    return path


print("SGD:              ", run(lambda p: paddle.optimizer.SGD(0.3, parameters=p)))
for n in 1, 3:
    print(f"ASGD, batch_num={n}:", run(lambda p: paddle.optimizer.ASGD(0.3, n, parameters=p)))
PYTHON

expected="SGD:               [-0.3, -0.3, -0.3, -0.6, -0.6, -0.6]
ASGD, batch_num=1: [-0.3, -0.3, -0.3, -0.6, -0.6, -0.6]
ASGD, batch_num=3: [-0.3, -0.45, -0.55, -0.65, -0.75, -0.85]"

found=$("$folder/venv/bin/python" "$folder/look.py")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
