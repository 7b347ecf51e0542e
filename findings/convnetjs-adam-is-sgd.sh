#!/usr/bin/env bash
# Library: ConvNetJS 0.3.0, the newest release on npm.
# What happens: its Trainer knows sgd, adagrad, adadelta and windowgrad. Any other name, adam and
#   nesterov among them, trains by sgd without a word, to the last bit.
# What one would expect: the methods of its repository, which has adam and nesterov (they came after
#   this release, and no other followed), or an error for a name that is not known.
# Why it matters: a comparison of methods shows three curves that coincide, and with the rate that
#   suits Adam (0.01) the sgd that really runs is slow: one concludes that Adam is no better.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts convnetjs@0.3.0)

cat > "$folder/look.cjs" <<'JAVASCRIPT'
const { Net, Trainer, Vol } = require("convnetjs");

const first = new Net();
first.makeLayers([
  { type: "input", out_sx: 1, out_sy: 1, out_depth: 1 },
  { type: "fc", num_neurons: 3, activation: "tanh" },
  { type: "regression", num_neurons: 1 },
]);
const start = JSON.stringify(first.toJSON());

function train(method) {
  const net = new Net();
  net.fromJSON(JSON.parse(start));
  const trainer = new Trainer(net, { method, learning_rate: 0.01, momentum: 0.9, batch_size: 5 });
  for (let epoch = 0; epoch < 20; epoch++) {
    for (let x = -2; x <= 2; x++) trainer.train(new Vol([x]), [Math.sin(x)]);
  }
  return JSON.stringify(net.getParamsAndGrads().map((layer) => Array.from(layer.params)));
}

const sgd = train("sgd");
for (const method of ["adagrad", "adadelta", "windowgrad", "adam", "nesterov", "no such method"]) {
  console.log(`${method}: ${train(method) === sgd ? "the weights of sgd" : "weights of its own"}`);
}
JAVASCRIPT

expected="adagrad: weights of its own
adadelta: weights of its own
windowgrad: weights of its own
adam: the weights of sgd
nesterov: the weights of sgd
no such method: the weights of sgd"

found=$(node "$folder/look.cjs")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
