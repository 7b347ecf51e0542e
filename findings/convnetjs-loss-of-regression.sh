#!/usr/bin/env bash
# Library: ConvNetJS 0.3.0, regression layer.
# What happens: train() reports 2 (y - t)^2 for an output y and a target t, but the step descends (y -
#   t)^2 / 2: the change of the output's bias is the rate times (y - t), not times 4 (y - t).
# What one would expect: that the loss which is reported is the one whose gradient is descended, or at
#   most that a factor of 1/2 stands between them.
# Why it matters: a curve of this loss lies at four times the loss that is minimised. Beside another
#   library's curve of half the squares the same run looks four times as bad, and the penalties, which
#   are reported beside it and do have their factor of 1/2, weigh four times as much as their figures
#   say.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts convnetjs@0.3.0)

cat > "$folder/look.cjs" <<'JAVASCRIPT'
const { Net, Trainer, Vol } = require("convnetjs");

for (const target of [0.5, -1, 3]) {
  const net = new Net();
  net.makeLayers([
    { type: "input", out_sx: 1, out_sy: 1, out_depth: 1 },
    { type: "regression", num_neurons: 1 },
  ]);
  const bias = net.getParamsAndGrads()[1].params;
  const x = new Vol([0]); // the output is the bias, which starts at 0
  const trainer = new Trainer(net, { learning_rate: 0.001, momentum: 0, batch_size: 1 });
  const { cost_loss: loss } = trainer.train(x, [target]);
  console.log(
    `target ${target}: half the square ${target ** 2 / 2}, reported ${loss},`,
    `gradient descended ${(-bias[0] / 0.001).toFixed(6)}`,
  );
}
JAVASCRIPT

expected="target 0.5: half the square 0.125, reported 0.5, gradient descended -0.500000
target -1: half the square 0.5, reported 2, gradient descended 1.000000
target 3: half the square 4.5, reported 18, gradient descended -3.000000"

found=$(node "$folder/look.cjs")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
