#!/usr/bin/env bash
# Library: onnxruntime 1.32.0 on the CPU.
# What happens: its Sigmoid loses digits as its input falls: it is 1 minus something. In float64 four
#   digits are left at -25 and none below -37, where it is 0; in float32 two at -10, none below -17.
# What one would expect: the exponential tail that numpy, SciPy and PyTorch give: sigmoid(-40) is
#   4.2e-18, with all its digits, and positive down to -700. Its own Exp in float64 has them.
# Why it matters: the logarithm of such an output, a likelihood or a cross-entropy, is minus infinity
#   where the network that was exported had -40. Gradients, ratios and rankings of small probabilities
#   are lost too, while a comparison by absolute difference finds the export perfect. 1 / (1 +
#   Exp(-x)), written out in the graph, has all digits.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.2.6

cat > "$folder/look.py" <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import TensorProto, helper


def sigmoid(x):
    kind = {"float64": TensorProto.DOUBLE, "float32": TensorProto.FLOAT}[str(x.dtype)]
    graph = helper.make_graph(
        [helper.make_node("Sigmoid", ["x"], ["y"])],
        "one_node",
        [helper.make_tensor_value_info("x", kind, [None])],
        [helper.make_tensor_value_info("y", kind, [None])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"x": x})[0]


for dtype, places in ("float64", (0, -10, -25, -40)), ("float32", (0, -10, -20)):
    for place in places:
        x = np.linspace(place - 0.5, place + 0.5, 1000).astype(dtype)
        wanted = 1 / (1 + np.exp(-x.astype("float64")))
        worst = np.max(np.abs(sigmoid(x) / wanted - 1))
        digits = max(0, int(np.floor(-np.log10(worst)))) if worst > 0 else 17
        print(f"{dtype}, around {place}: {digits} digits")
PYTHON

expected="float64, around 0: 15 digits
float64, around -10: 11 digits
float64, around -25: 4 digits
float64, around -40: 0 digits
float32, around 0: 6 digits
float32, around -10: 2 digits
float32, around -20: 0 digits"

found=$("$folder/venv/bin/python" "$folder/look.py")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
