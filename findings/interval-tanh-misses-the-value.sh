#!/usr/bin/env bash
# Library: interval-arithmetic 1.1.3 on npm (Node.js 20).
# What happens: the interval that its tanh gives for a single number does not always hold the
#   hyperbolic tangent of that number. It takes the two neighbours of what JavaScript's Math.tanh
#   gives, and Math.tanh is now and then wrong by more than that. exp keeps its promise here, and so
#   does a tangent that is built from it as 1 - 2 / (1 + exp(2x)).
# What one would expect: an interval library rounds outwards: whatever else, the true value lies
#   inside.
# Why it matters: bounds of a network of tanh neurons are taken for proofs. One neuron's bound that is
#   wrong in the last digit makes the whole chain no proof, and no test of widths shows it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts interval-arithmetic@1.1.3)

cat > "$folder/look.cjs" <<'JAVASCRIPT'
const { Interval, exp, tanh, add, sub, div, mul } = require("interval-arithmetic");

// exact arithmetic: numbers are integers over 2^300
const ONE = 1n << 300n;
const exact = (x) => BigInt(x * 2 ** 60) << 240n; // x in [0.25, 4) or the like: nothing is lost
function exactTanh(x) {
  let term = ONE;
  let e = ONE;
  for (let n = 1n; n < 120n; n++) {
    term = (term * 2n * exact(x)) / ONE / n;
    e += term;
  }
  return ((e - ONE) * ONE) / (e + ONE);
}

const number = (x) => new Interval(x, x);
const built = (x) => sub(number(1), div(number(2), add(number(1), exp(mul(number(2), x)))));
for (const [name, f] of [["tanh", tanh], ["1 - 2 / (1 + exp(2x))", built]]) {
  let missed = 0;
  for (let i = 1; i <= 3000; i++) {
    const x = 0.25 + (i * Math.SQRT2) / 3000;
    const { lo, hi } = f(number(x));
    const truth = exactTanh(x);
    if (truth < exact(lo) || truth > exact(hi)) missed++;
  }
  console.log(`${name}: the true value is ${missed ? "missing from some" : "in all"} of 3000 intervals`);
}
JAVASCRIPT

expected="tanh: the true value is missing from some of 3000 intervals
1 - 2 / (1 + exp(2x)): the true value is in all of 3000 intervals"

found=$(node "$folder/look.cjs")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
