#!/usr/bin/env bash
# Library: ml-levenberg-marquardt 5.1.0.
# What happens: errorTolerance has a second meaning. A point replaces the best one only where it is
#   better by more than errorTolerance. With noisy data the sum of squares never falls below a
#   tolerance, so the fit never stops before maxIterations, and returns a point that is worse than the
#   one it had reached. The README gives 10e-3 as the default; it is 1e-7.
# What one would expect: a tolerance that says when to stop and does not change what is returned.
# Why it matters: the tolerance costs digits and saves no time: a larger one gives worse parameters
#   after as many iterations.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts ml-levenberg-marquardt@5.1.0)

cat > "$folder/look.mjs" <<'JAVASCRIPT'
import { levenbergMarquardt } from "ml-levenberg-marquardt";

const x = [0, 1, 2, 3, 4, 5];
const noise = [0.1, -0.1, 0.05, -0.2, 0.1, 0];
const y = x.map((value, i) => 3 * Math.exp(-value / 2) + noise[i]);
const model = ([a, b]) => (value) => a * Math.exp(-b * value);

for (const errorTolerance of [1e-12, 1e-3, 0.01, 0.05]) {
  const seen = [];
  const watched = (parameters) => {
    seen.push(x.reduce((sum, value, i) => sum + (y[i] - model(parameters)(value)) ** 2, 0));
    return model(parameters);
  };
  const { parameterValues, parameterError, iterations } = levenbergMarquardt({ x, y }, watched, {
    initialValues: [1, 1], gradientDifference: 1e-6, maxIterations: 100, errorTolerance,
  });
  console.log(
    `tolerance ${errorTolerance}: ${iterations} iterations,`,
    `best sum of squares seen ${Math.min(...seen).toFixed(5)}, returned ${parameterError.toFixed(5)}`,
    `at ${parameterValues.map((value) => value.toFixed(3)).join(", ")}`,
  );
}
JAVASCRIPT

expected="tolerance 1e-12: 100 iterations, best sum of squares seen 0.06091, returned 0.06091 at 3.071, 0.532
tolerance 0.001: 100 iterations, best sum of squares seen 0.06091, returned 0.06096 at 3.068, 0.530
tolerance 0.01: 100 iterations, best sum of squares seen 0.06091, returned 0.06096 at 3.068, 0.530
tolerance 0.05: 100 iterations, best sum of squares seen 0.06091, returned 0.07186 at 3.045, 0.502"

found=$(node "$folder/look.mjs")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
