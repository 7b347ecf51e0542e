#!/usr/bin/env bash
# Library: neataptic 1.4.7.
# What happens: backpropagation and step are one pass from the last layer to the first, so when
#   weights change (after each sample, or after the last sample of a batch) the output layer's have
#   changed before they carry the error back to the hidden layer. The step of the output layer is the
#   gradient times the rate; that of the hidden layer differs, in a batch by the share of its last
#   sample.
# What one would expect: with the whole set as one batch, one iteration is one step of gradient
#   descent, whatever the order of the samples.
# Why it matters: the order of the samples changes a full-batch step. Compared with another library
#   from the same weights, output weights agree and hidden ones do not, the more the larger the rate.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts neataptic@1.4.7)

cat > "$folder/look.cjs" <<'JAVASCRIPT'
const { Network, architect } = require("neataptic");

const data = [0.25, 0.5, 0.75, 1].map((x) => ({ input: [x], output: [0.5 + 0.4 * Math.sin(3 * x)] }));
const json = new architect.Perceptron(1, 2, 1).toJSON();
json.nodes.forEach((node, i) => (node.bias = i / 10));
json.connections.forEach((connection, i) => (connection.weight = 0.5 - 0.3 * i));
const start = JSON.stringify(json);

// weight of the input into a hidden neuron, weight of that neuron into the output
const weights = (net) => [net.connections[0].weight, net.connections[2].weight];
for (const rate of [1e-6, 0.1, 0.5]) {
  for (const [order, samples] of [["as given", data], ["reversed", [...data].reverse()]]) {
    const net = Network.fromJSON(JSON.parse(start));
    const before = weights(net);
    net.train(samples, { rate, iterations: 1, batchSize: data.length });
    const [hidden, output] = weights(net).map((w, i) => ((w - before[i]) / rate).toFixed(4));
    console.log(`rate ${rate}, ${order}: step over rate: hidden ${hidden}, output ${output}`);
  }
}
JAVASCRIPT

expected="rate 0.000001, as given: step over rate: hidden -0.0133, output 0.6097
rate 0.000001, reversed: step over rate: hidden -0.0133, output 0.6097
rate 0.1, as given: step over rate: hidden -0.0125, output 0.6097
rate 0.1, reversed: step over rate: hidden -0.0123, output 0.6097
rate 0.5, as given: step over rate: hidden -0.0093, output 0.6097
rate 0.5, reversed: step over rate: hidden -0.0082, output 0.6097"

found=$(node "$folder/look.cjs")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
