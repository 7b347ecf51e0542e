#!/usr/bin/env bash
# Library: synaptic 1.1.4, Trainer with a list of rates.
# What happens: of ten iterations with the rates [0.1, 0.01] the first has four and the second six; of
#   [0.1, 0.01, 0.001] they have two, three and five. The first rate always has one iteration less
#   than its share, the last one more (and what does not divide).
# What one would expect: equal shares: five and five; three, three and four.
# Why it matters: the run is not that of two trainings one after the other. The difference is one step
#   in each change, too small to be seen and large enough that no digit agrees with another library's
#   run; with as many rates as iterations the first one is never used.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts synaptic@1.1.4)

cat > "$folder/look.cjs" <<'JAVASCRIPT'
const { Architect, Trainer } = require("synaptic");

for (const rates of [[0.1, 0.01], [0.1, 0.01, 0.001], [0.1, 0.2, 0.3, 0.4, 0.5]]) {
  const used = [];
  new Trainer(new Architect.Perceptron(1, 2, 1)).train([{ input: [0.3], output: [0.9] }], {
    rate: rates,
    iterations: rates.length > 3 ? 5 : 10,
    error: 0,
    schedule: { every: 1, do: ({ rate }) => void used.push(rate) },
  });
  console.log(`${rates.join(", ")}: ${used.join(" ")}`);
}
JAVASCRIPT

expected="0.1, 0.01: 0.1 0.1 0.1 0.1 0.01 0.01 0.01 0.01 0.01 0.01
0.1, 0.01, 0.001: 0.1 0.1 0.01 0.01 0.01 0.001 0.001 0.001 0.001 0.001
0.1, 0.2, 0.3, 0.4, 0.5: 0.2 0.3 0.4 0.5 0.5"

found=$(node "$folder/look.cjs")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
