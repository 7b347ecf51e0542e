// @ts-check
// The sharpness: the largest eigenvalue of the loss's second derivatives, as nnlib.landscape.curvature has
// it. Here the last bits are free, as they are there, and so is the order of sums.
import { partAt } from "./branches.js";
import { limitOf } from "./rates.js";
import { sigmoid } from "./sigmoid.js";

const MOST = 200; // epochs, evenly spaced, that a run is looked at
const EARLY = 30; // epochs in which much changes from one to the next
const NEAR = 0.9; // of the limit: between two that are so high one may be above

/** @param {Float64Array} a @param {Float64Array} b */
export function dot(a, b) {
  let one = 0, two = 0, three = 0, four = 0, k = 0;
  for (; k + 3 < a.length; k += 4) {
    one += a[k] * b[k];
    two += a[k + 1] * b[k + 1];
    three += a[k + 2] * b[k + 2];
    four += a[k + 3] * b[k + 3];
  }
  for (; k < a.length; k++) one += a[k] * b[k];
  return one + two + (three + four);
}

/**
 * The second derivatives of the loss with respect to all pairs of weights, and the first.
 * @param {Float64Array} weights V, then the columns of U
 * @param {number} h
 * @param {{x: Float64Array, y: Float64Array}} dataset
 * @returns {{hessian: Float64Array[], gradient(): Float64Array}} rows, in the order of the weights
 */
export function derivativesOf(weights, h, { x, y }) {
  const N = x.length;
  const derivatives = Array.from(weights, () => new Float64Array(N).fill(1)); // of the output
  const slopes = [];
  const e = y.map((wanted) => weights[h - 1] - wanted);
  for (let i = 0; i < h - 1; i++) {
    const v = weights[i], u0 = weights[h + i], u1 = weights[2 * h - 1 + i];
    const H = derivatives[i], by_u0 = derivatives[h + i], by_u1 = derivatives[2 * h - 1 + i];
    const slope = new Float64Array(N);
    for (let k = 0; k < N; k++) {
      H[k] = sigmoid(u0 * x[k] + u1);
      slope[k] = H[k] * (1 - H[k]);
      by_u1[k] = v * slope[k];
      by_u0[k] = by_u1[k] * x[k];
      e[k] += v * H[k];
    }
    slopes.push(slope);
  }
  const result = derivatives.map((row, n) => {
    const products = new Float64Array(derivatives.length);
    for (let m = 0; m <= n; m++) products[m] = dot(row, derivatives[m]);
    return products;
  });
  slopes.forEach((slope, i) => {
    const u0 = h + i, u1 = 2 * h - 1 + i, v = weights[i], H = derivatives[i];
    let slope_x = 0, slope_1 = 0, bend_xx = 0, bend_x = 0, bend_1 = 0;
    for (let k = 0; k < N; k++) {
      const one = e[k] * slope[k], bend = v * one * (1 - 2 * H[k]);
      slope_1 += one;
      slope_x += one * x[k];
      bend_1 += bend;
      bend_x += bend * x[k];
      bend_xx += bend * x[k] * x[k];
    }
    result[u0][i] += slope_x;
    result[u1][i] += slope_1;
    result[u0][u0] += bend_xx;
    result[u1][u0] += bend_x;
    result[u1][u1] += bend_1;
  });
  for (let n = 0; n < result.length; n++) {
    for (let m = 0; m <= n; m++) result[m][n] = result[n][m] /= N;
  }
  return { hessian: result, gradient: () => Float64Array.from(derivatives, (row) => dot(row, e) / N) };
}

/** Make a symmetric matrix tridiagonal by reflections, without a change of eigenvalues. @param {Float64Array[]} A */
function tridiagonal(A) {
  const n = A.length;
  for (let k = 0; k < n - 2; k++) {
    const v = Float64Array.from(A, (row, i) => (i > k ? row[k] : 0));
    const norm = Math.sqrt(dot(v, v));
    if (norm === 0) continue;
    v[k + 1] += v[k + 1] < 0 ? -norm : norm;
    const beta = 2 / dot(v, v);
    const p = Float64Array.from(A, (row) => beta * dot(row, v));
    const half = (beta / 2) * dot(v, p);
    const w = p.map((value, i) => value - half * v[i]);
    for (let i = k; i < n; i++) {
      const row = A[i], v_i = v[i], w_i = w[i];
      for (let j = k; j < n; j++) row[j] -= v_i * w[j] + w_i * v[j];
    }
  }
  return { diagonal: A.map((row, i) => row[i]), beside: A.map((row, i) => (i ? row[i - 1] : 0)) };
}

/** By bisection, with the signs of Sturm's sequence. @param {Float64Array[]} A symmetric; it is overwritten */
export function largestEigenvalue(A) {
  const { diagonal, beside } = tridiagonal(A);
  const reach = diagonal.map((value, i) => Math.abs(value) + Math.abs(beside[i]) + Math.abs(beside[i + 1] ?? 0));
  let low = -Math.max(...reach), high = -low;
  if (!Number.isFinite(high)) return NaN;
  for (;;) {
    const middle = low + (high - low) / 2;
    if (!(low < middle && middle < high)) return high;
    let above = false;
    for (let i = 0, q = 1; i < diagonal.length && !above; i++) {
      q = diagonal[i] - middle - (beside[i] * beside[i]) / (q || -Number.MIN_VALUE);
      above = q > 0;
    }
    if (above) low = middle;
    else high = middle;
  }
}

/**
 * Its eigenvector, of length 1, by inverse iteration.
 * @param {Float64Array[]} A symmetric @param {number} value the eigenvalue @param {Float64Array} first not at right angles to it
 */
export function eigenvector(A, value, first) {
  const n = A.length;
  let b = first;
  for (let round = 0; round < 4; round++) {
    const rows = A.map((row, i) => Float64Array.from([...row.map((a, j) => (i === j ? a - value : a)), b[i]]));
    for (let k = 0; k < n; k++) {
      let best = k;
      for (let i = k + 1; i < n; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[best][k])) best = i;
      [rows[k], rows[best]] = [rows[best], rows[k]];
      rows[k][k] ||= Number.EPSILON * value;
      for (let i = k + 1; i < n; i++) {
        const times = rows[i][k] / rows[k][k];
        for (let j = k; j <= n; j++) rows[i][j] -= times * rows[k][j];
      }
    }
    b = new Float64Array(n);
    for (let k = n - 1; k >= 0; k--) b[k] = (rows[k][n] - dot(rows[k].subarray(0, n), b)) / rows[k][k];
    const length = Math.sqrt(dot(b, b));
    b = b.map((part) => part / length);
  }
  return b;
}

/**
 * The sharpness after an epoch, of the loss that is descended, which has the penalty; NaN after an overflow.
 * @param {Run} run @param {number} epoch
 */
export function sharpness({ state, rows, train_set }, epoch) {
  const { h } = state, { penalty } = partAt(state, epoch);
  const weights = rows.subarray(epoch * (3 * h - 2), (epoch + 1) * (3 * h - 2));
  return weights.every(Number.isFinite)
    ? largestEigenvalue(derivativesOf(weights, h, train_set).hessian) + penalty
    : NaN;
}

/**
 * The sharpness along a run: at its first epochs and at others that are evenly spaced; then at those between two
 * that are nearly above the limit; then at those that lead to the first one above. Yields after each.
 * @param {Run} run
 * @returns {Generator<{epoch: number, value: number}, number | null>} the crossing
 */
export function* sharpnesses(run) {
  const limit = limitOf(run.state)?.at ?? (() => Infinity);
  const last = Math.min(run.count - 1, run.overflow_epoch ?? Infinity);
  const stride = Math.ceil((last + 1) / MOST) || 1;
  /** @type {Map<number, number>} */
  const found = new Map();
  /** @param {number} epoch */
  function* look(epoch) {
    if (epoch > last || found.has(epoch)) return;
    const value = sharpness(run, epoch);
    found.set(epoch, value);
    yield { epoch, value };
  }
  /** What is known, up to the first one above. */
  function begin() {
    const known = [...found].sort(([a], [b]) => a - b);
    const first = known.findIndex(([epoch, value]) => value > limit(epoch));
    return { known: first < 0 ? known : known.slice(0, first), crossing: first < 0 ? null : known[first][0] };
  }

  for (let epoch = 0; epoch < EARLY; epoch++) yield* look(epoch);
  for (let epoch = 0; epoch < last; epoch += stride) yield* look(epoch);
  yield* look(last);

  const { known } = begin();
  const near = known.slice(1)
    .map(([to, value], n) => ({ from: known[n][0], to, part: Math.max(value, known[n][1]) / limit(to) }))
    .filter(({ from, to, part }) => to - from > 1 && part > NEAR)
    .sort((one, other) => other.part - one.part);
  for (const { from, to } of near.slice(0, Math.ceil(MOST / 2 / stride))) {
    for (let epoch = from + 1; epoch < to; epoch++) yield* look(epoch);
  }

  for (;;) {
    const { known, crossing } = begin();
    const below = known.at(-1)?.[0] ?? -1;
    if (crossing === null || crossing - below <= 1) return crossing;
    yield* look((below + crossing) >> 1);
  }
}
