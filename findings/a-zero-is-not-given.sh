#!/usr/bin/env bash
# Libraries: neataptic 1.4.7 and ml-fnn 5.0.0.
# What happens: options are read as 'given or default', so a zero is the default. In neataptic a
#   training of 1000 iterations with a target error of 0 stops at 0.05, and a rate of 0 trains with
#   0.3. In ml-fnn a regularization of 0 penalises with 0.01. And in ml-fnn every activation but tanh
#   is taken for unknown and silently replaced by tanh, so the others of its documentation do not
#   exist.
# What one would expect: a zero switches off: no target error, no step, no penalty.
# Why it matters: a run of 1000 epochs 'with no tolerance' ends after a few, with a result that looks
#   like a plateau; a comparison with and without a penalty compares two penalties.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts neataptic@1.4.7 ml-fnn@5.0.0)

cat > "$folder/look.cjs" <<'JAVASCRIPT'
const { Network } = require("neataptic");
const FNN = require("ml-fnn");
const { inspect } = require("node:util");

const data = [0, 0.25, 0.5, 0.75].map((x) => ({ input: [x], output: [0.5 + x / 8] }));
const start = JSON.stringify(new Network(1, 1).toJSON()).replace(/"(weight|bias)":[^,}]*/g, '"$1":0.25');
const weight = (net) => net.connections[0].weight;
for (const options of [{}, { error: 0 }, { error: 1e-300 }]) {
  const net = Network.fromJSON(JSON.parse(start));
  const { iterations } = net.train(data, { rate: 0.1, iterations: 1000, ...options });
  console.log(`neataptic, 1000 iterations, ${inspect(options)}: ${iterations} done`);
}
for (const rate of [0, 1e-300, 0.3]) {
  const net = Network.fromJSON(JSON.parse(start));
  net.train(data, { rate, iterations: 1 });
  console.log(`neataptic, rate ${rate}: the weight goes from 0.25 to ${weight(net).toFixed(4)}`);
}
for (const options of [{ regularization: 0 }, { regularization: 1e-300 }, { activation: "logistic" }]) {
  const { regularization, activation } = new FNN(options);
  console.log(`ml-fnn, ${inspect(options)}: penalty ${regularization}, ${activation}`);
}
JAVASCRIPT

expected="neataptic, 1000 iterations, {}: 1000 done
neataptic, 1000 iterations, { error: 0 }: 1 done
neataptic, 1000 iterations, { error: 1e-300 }: 1000 done
neataptic, rate 0: the weight goes from 0.25 to 0.2427
neataptic, rate 1e-300: the weight goes from 0.25 to 0.2500
neataptic, rate 0.3: the weight goes from 0.25 to 0.2427
ml-fnn, { regularization: 0 }: penalty 0.01, tanh
ml-fnn, { regularization: 1e-300 }: penalty 1e-300, tanh
ml-fnn, { activation: 'logistic' }: penalty 0.01, tanh"

found=$(node "$folder/look.cjs")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
