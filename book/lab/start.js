// @ts-check
// What a state's run starts from, as nnlib.training.starting_point has it: its datasets, out of nnlib.datasets,
// and its initial weights, out of nnlib.network.
import { constants } from "./constants.js";
import { isPoints, targetOf } from "./numbers.js";
import { default_rng } from "./random.js";

const { train_seed, weights_seed, n_train, n_test, deviation, noise_seed, most_seed, outliers, units, spread_slope } =
  constants;

/** @param {string} text @returns {bigint} */
export function seed(text) {
  if (!/^\d+$/.test(text) || BigInt(text) > BigInt(most_seed)) {
    throw new RangeError(`a seed must be an integer from 0 to ${most_seed}, got ${text}`);
  }
  return BigInt(text);
}

/** Inputs, uniform from -5 to 5. @param {{random: (n: number) => Float64Array}} rng @param {number} n */
function inputs(rng, n) {
  return rng.random(n).map((u) => (u - 0.5) * 10);
}

/** @type {Float64Array | undefined} */
let standard;
/** Of the standard training set and, after them, of the test set. */
function standardInputs() {
  return (standard ??= inputs(default_rng(BigInt(train_seed)), n_train + n_test));
}

/**
 * What becomes of an input that is uniform, the k-th of n.
 * @type {Record<string, (x: number, k: number, n: number) => number>}
 */
const MOVED = {
  uniform: (x) => x,
  grid: (_, k, n) => ((k + 0.5) / n - 0.5) * 10,
  gap: (x) => 0.7 * x + (x < 0 ? -1.5 : 1.5),
  side: (x) => x < 4 ? ((x + 5) * 2) / 9 - 5 : (x - 4) * 8 - 3,
};

/** Make some wanted outputs wrong. @param {Float64Array} y @param {number} share @param {bigint} data the seed */
function addOutliers(y, share, data) {
  const rng = default_rng(data + (BigInt(outliers.child) << 128n)); // SeedSequence(data, spawn_key=(child,))
  const wrong = rng.permutation(y.length).slice(0, Math.max(1, Math.floor(share * y.length + 0.5)));
  rng.normal(0, outliers.deviation, wrong.length).forEach((z, k) => (y[wrong[k]] += z));
}

/** Samples as the network sees them. @param {State} state @param {Float64Array} x @param {Float64Array} y */
function inUnits(state, x, y) {
  const [c, d] = units[state.units];
  return { x: x.map((value) => value / c), y: y.map((value) => value / d) };
}

/** Points, which are all samples that there are. @param {Point[]} points */
function samplesOf(points) {
  return { x: Float64Array.from(points, ([x]) => x), y: Float64Array.from(points, ([, y]) => y) };
}

/** The training set of a state: its samples, what is wrong with them, their order. @param {State} state */
function trainSet(state) {
  if (isPoints(state.f)) {
    const { x, y } = samplesOf(state.f);
    return inOrder(state, x, y);
  }
  const { samples, noise } = state;
  const drawn = state.data !== "standard";
  const data = drawn ? seed(state.data) : BigInt(noise_seed);
  const rng = default_rng(data);
  const uniform = drawn ? inputs(rng, samples) : standardInputs().slice(0, samples);
  const x = uniform.map((x, k) => MOVED[state.inputs](x, k, samples));
  const y = x.map(targetOf(state.f));
  if (noise) rng.normal(0, noise, samples).forEach((z, k) => (y[k] += z));
  if (state.outliers) addOutliers(y, state.outliers, data);
  return inOrder(state, x, y);
}

/** Training samples in their order, as the network sees them. @param {State} state @param {Float64Array} x @param {Float64Array} y */
function inOrder(state, x, y) {
  if (state.order === "drawn") return inUnits(state, x, y);
  /** @type {number[]} */
  const order = default_rng(seed(state.order)).permutation(x.length);
  return inUnits(state, Float64Array.from(order, (k) => x[k]), Float64Array.from(order, (k) => y[k]));
}

/** The standard one, always: the test set stays; but of points there are no others. @param {State} state */
function testSet(state) {
  if (isPoints(state.f)) {
    const { x, y } = samplesOf(state.f);
    return inUnits(state, x, y);
  }
  const x = standardInputs().slice(n_train);
  return inUnits(state, x, x.map(targetOf(state.f)));
}

/** @typedef {{random: (n: number) => Float64Array, normal: (loc: number, scale: number, n: number) => Float64Array}} Rng */

/**
 * The kinds of initial weights, as nnlib.start.STARTS has them: V, and the columns of U.
 * @type {Record<string, (h: number, rng: Rng) => ArrayLike<number>[]>}
 */
const STARTS = {
  document(h, rng) {
    const U = rng.normal(0, deviation, 2 * (h - 1));
    return [rng.normal(0, deviation, h), ...[0, 1].map((j) => U.filter((_, k) => k % 2 === j))];
  },
  spread(h, rng) {
    const slopes = rng.random(h - 1).map((u) => spread_slope * (2 * u - 1));
    const places = rng.random(h - 1).map((u) => 10 * (u - 0.5));
    return [new Float64Array(h), slopes, slopes.map((slope, i) => -slope * places[i])];
  },
  glorot(h, rng) {
    const limit = Math.sqrt(6 / h);
    const [U, V] = [0, 1].map(() => rng.random(h - 1).map((u) => limit * (2 * u - 1)));
    return [[...V, 0], U, new Float64Array(h - 1)];
  },
};

/** The initial weights, as nnlib.network.pack has them. @param {State} state */
function initialWeights({ h, weights, scale, start }) {
  const rng = default_rng(weights === "standard" ? BigInt(weights_seed) : seed(weights));
  return Float64Array.from(STARTS[start](h, rng).flatMap((part) => Array.from(part)), (weight) => scale * weight);
}

/** @param {State} state */
export function startingPoint(state) {
  return { train_set: trainSet(state), test_set: testSet(state), weights: initialWeights(state) };
}
