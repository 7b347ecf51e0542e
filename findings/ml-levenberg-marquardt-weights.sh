#!/usr/bin/env bash
# Library: ml-levenberg-marquardt 5.1.0.
# What happens: with weights w the sum of w^2 times the squared residuals is minimised, but the step
#   divides its gradient by a matrix in which 1/w^2 stands instead of w^2. With weights above 1 it
#   leaps past the minimum, is not taken back, and the start comes back as the fit after 100
#   iterations; with weights below 1 it creeps and has not arrived after 100. Two equal weights do the
#   same.
# What one would expect: that w (or w^2, or 1/w^2) times the squared residuals is minimised. For a
#   constant the model is linear, so that one step with next to no damping is enough.
# Why it matters: weights other than 1 give no fit in the usual number of iterations, and nothing says
#   so: the result has parameters, an error and a count of iterations as always. (Weights that differ
#   may also end in an error that a matrix is not symmetric.)
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts ml-levenberg-marquardt@5.1.0)

cat > "$folder/look.mjs" <<'JAVASCRIPT'
import { levenbergMarquardt } from "ml-levenberg-marquardt";

// A constant is fitted to two measurements, 0 and 1: the answer is a weighted mean.
const data = { x: [0, 1], y: [0, 1] };
for (const weights of [[1, 1], [2, 2], [1, 3], [1, 0.2]]) {
  const tried = [];
  const constant = ([c]) => (tried.push(c), () => c);
  const { parameterValues, iterations } = levenbergMarquardt(data, constant, {
    weights, initialValues: [0.6], damping: 1e-7, gradientDifference: 1e-6, errorTolerance: 1e-12,
  });
  const mean = (a, b) => (b / (a + b)).toFixed(3);
  const [a, b] = weights;
  console.log(
    `weights ${weights}: means by w ${mean(a, b)}, by w^2 ${mean(a ** 2, b ** 2)},`,
    `by 1/w^2 ${mean(a ** -2, b ** -2)}; first step from 0.6 to ${tried[3].toFixed(3)},`,
    `after ${iterations} iterations ${parameterValues[0].toFixed(3)}`,
  );
}
JAVASCRIPT

expected="weights 1,1: means by w 0.500, by w^2 0.500, by 1/w^2 0.500; first step from 0.6 to 0.500, after 100 iterations 0.500
weights 2,2: means by w 0.500, by w^2 0.500, by 1/w^2 0.500; first step from 0.6 to -1.000, after 100 iterations 0.600
weights 1,3: means by w 0.750, by w^2 0.900, by 1/w^2 0.100; first step from 0.6 to 3.300, after 100 iterations 0.600
weights 1,0.2: means by w 0.167, by w^2 0.038, by 1/w^2 0.962; first step from 0.6 to 0.578, after 100 iterations 0.048"

found=$(node "$folder/look.mjs")
echo "$found"
if [ "$found" != "$expected" ]; then
    echo "This has changed. It was:"
    echo "$expected"
    exit 1
fi
