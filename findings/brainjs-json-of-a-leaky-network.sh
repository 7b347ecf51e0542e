#!/usr/bin/env bash
# Library: brain.js 1.6.1, activation leaky-relu.
# What happens: leakyReluAlpha, the slope of a neuron below 0, is used in training and in running, but
#   toJSON() leaves it out, and fromJSON() sets it to 0.01 even where the constructor had said
#   otherwise. The loaded network gives other answers; toFunction() of the first one does keep the
#   slope.
# What one would expect: a network that was saved and loaded gives the same answers. The activation,
#   the rate and the momentum are in the file.
# Why it matters: nothing fails. The weights are the same, only the answers are not: a page that loads
#   a trained network shows another function than the one that was checked after training.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts brain.js@1.6.1)

cat > "$folder/look.cjs" <<'JAVASCRIPT'
const { NeuralNetwork } = require("brain.js");

Math.random = () => 0.75; // the same start each time: all weights are 0.1
const settings = { activation: "leaky-relu", leakyReluAlpha: 0.5, hiddenLayers: [2] };
const net = new NeuralNetwork(settings);
net.train([{ input: [-3], output: [0.5] }], { iterations: 100, learningRate: 0.01 });

const text = JSON.stringify(net.toJSON());
const loaded = new NeuralNetwork(settings);
loaded.fromJSON(JSON.parse(text));
const answer = (run) => run([-3])[0].toFixed(4);
console.log("the file names the slope:", text.includes("leakyReluAlpha"));
console.log("trained: ", answer((x) => net.run(x)));
console.log("function:", answer(net.toFunction()));
console.log("loaded:  ", answer((x) => loaded.run(x)));
JAVASCRIPT

expected="the file names the slope: false
trained:  0.2274
function: 0.2274
loaded:   0.0045"

found=$(node "$folder/look.cjs")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
