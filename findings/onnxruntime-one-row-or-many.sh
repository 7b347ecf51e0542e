#!/usr/bin/env bash
# Library: onnxruntime 1.32.0 on the CPU, a network with 3 tanh neurons in float64.
# What happens: the answer for one sample alone is not always the answer for the same sample among
#   others: some differ in the last bits. Presumably several values are computed at once and what is
#   left over is computed by another function, which rounds differently. With 4 neurons, or in
#   float32, none differ.
# What one would expect: each element of a layer is a function of its input alone, so a row gives the
#   same bits wherever it stands. (Products of matrices may differ with their size; here they have one
#   column.)
# Why it matters: a check of an exported network sample by sample passes or fails by the number of
#   hidden neurons, an even one hides the effect, and a checksum of predictions depends on the size of
#   a batch.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.2.6

cat > "$folder/look.py" <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper


def network(dtype, hidden):
    random = np.random.default_rng(0)
    kind = {"float64": TensorProto.DOUBLE, "float32": TensorProto.FLOAT}[dtype]
    weights = [
        numpy_helper.from_array(random.normal(size=shape).astype(dtype), name)
        for name, shape in {"w": (1, hidden), "b": (hidden,)}.items()
    ]
    nodes = [
        helper.make_node("Mul", ["x", "w"], ["wx"]),
        helper.make_node("Add", ["wx", "b"], ["z"]),
        helper.make_node("Tanh", ["z"], ["h"]),
    ]
    graph = helper.make_graph(
        nodes,
        "hidden_layer",
        [helper.make_tensor_value_info("x", kind, [None, 1])],
        [helper.make_tensor_value_info("h", kind, [None, hidden])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


for dtype in "float64", "float32":
    for hidden in 3, 4:
        session = network(dtype, hidden)
        x = np.linspace(-5, 5, 301).astype(dtype)[:, None]
        many = session.run(None, {"x": x})[0]
        one = np.vstack([session.run(None, {"x": row[None]})[0] for row in x])
        differ = int(np.any(many != one, axis=1).sum())
        print(f"{dtype}, {hidden} neurons: {'some rows differ' if differ else 'no row differs'}")
PYTHON

expected="float64, 3 neurons: some rows differ
float64, 4 neurons: no row differs
float32, 3 neurons: no row differs
float32, 4 neurons: no row differs"

found=$("$folder/venv/bin/python" "$folder/look.py")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
