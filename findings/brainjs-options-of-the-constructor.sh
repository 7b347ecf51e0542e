#!/usr/bin/env bash
# Library: brain.js 1.6.1.
# What happens: train(data) without options trains with the defaults (rate 0.3, momentum 0.1, 20000
#   iterations), whatever the constructor or a file of the network had said. Each option that is not
#   given again at each call of train() goes back to its default.
# What one would expect: what its README promises: that any of the training options can be passed into
#   the constructor, is saved on the network and used in training, and is restored from JSON.
# Why it matters: a rate chosen with care is replaced by another one, thirty times as large here, and
#   the training still succeeds. A second call of train() goes on with another rate than the first.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts brain.js@1.6.1)

cat > "$folder/look.cjs" <<'JAVASCRIPT'
const { NeuralNetwork } = require("brain.js");

const settings = { hiddenLayers: [2], iterations: 7, learningRate: 0.01, momentum: 0.5 };
const data = [{ input: [0], output: [0.2] }, { input: [1], output: [0.8] }];
const shown = ({ trainOpts: { iterations, learningRate, momentum } }) =>
  `iterations ${iterations}, rate ${learningRate}, momentum ${momentum}`;

const net = new NeuralNetwork(settings);
console.log("as constructed:  ", shown(net));
net.train(data);
console.log("train(data):     ", shown(net));
net.train(data, settings);
console.log("train(data, ...):", shown(net));
const loaded = new NeuralNetwork();
loaded.fromJSON(JSON.parse(JSON.stringify(net.toJSON())));
console.log("loaded:          ", shown(loaded));
loaded.train(data);
console.log("train(data):     ", shown(loaded));
JAVASCRIPT

expected="as constructed:   iterations 7, rate 0.01, momentum 0.5
train(data):      iterations 20000, rate 0.3, momentum 0.1
train(data, ...): iterations 7, rate 0.01, momentum 0.5
loaded:           iterations 7, rate 0.01, momentum 0.5
train(data):      iterations 20000, rate 0.3, momentum 0.1"

found=$(node "$folder/look.cjs")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
