// @ts-check
// Gradient descent in the kernel, in pieces, and what it leaves: nnlib.training, nnlib.kernel and
// nnlib.history are what this mirrors.
import { partsOf } from "./branches.js";
import { makeChecksum } from "./checksum.js";
import { constants } from "./constants.js";
import { sin } from "./numbers.js";
import { default_rng } from "./random.js";
import { rateOf } from "./rates.js";
import { sigmoidTable } from "./sigmoid.js";
import { seed, startingPoint } from "./start.js";

const WORK = 2 ** 21; // samples times neurons in one call of the kernel, some five milliseconds
const ROOM = 2 ** 18; // doubles that one call writes, two megabytes
const BATCH = 16; // samples in the time that a batch takes besides its own
const KEPT = 2 ** 23; // samples of orders, sixteen megabytes
const PENALTY = 7; // its place in the settings, whatever the optimizer

/** @typedef {{memory: WebAssembly.Memory, layout: Function, train: Function, optimize: Function}} Kernel */

/** @type {WebAssembly.Module | undefined} */
let module;
/** The kernel, with a memory of its own. @returns {Kernel} */
export function makeKernel() {
  module ??= new WebAssembly.Module(Uint8Array.from(atob(constants.kernel), (letter) => letter.charCodeAt(0)));
  return /** @type {any} */ (new WebAssembly.Instance(module).exports);
}

/** @type {Kernel | undefined} */
let instance;
/** That of the run, made once. */
function ofTheRun() {
  return (instance ??= makeKernel());
}

/** What the kernel takes of an optimizer: its number, and the settings. @param {State} state @returns {[number, number[]]} */
function optimizerOf(state) {
  const { optimizer } = state;
  const values = /** @type {Record<string, any>} */ (state);
  const settings = Object.keys(constants.optimizers[optimizer].settings).map((key) => values[key]);
  // In place of the angles, the tangents of their halves.
  if (optimizer === "angle") {
    for (const i of [0, 1]) settings[i] = sin(settings[i] / 2) / sin(settings[i] / 2 + Math.PI / 2);
  }
  return [Object.keys(constants.optimizers).indexOf(optimizer), settings];
}

/** Samples times neurons that an epoch takes, besides those of the test set. @param {State} state @param {number} N */
export const workOf = ({ h, batch }, N) => h * (N + (batch && N + Math.ceil(N / batch) * BATCH));

/** Everything that a run starts from, and room for what it leaves. @param {State} state @returns {Run} */
export function prepare(state) {
  const size = 3 * state.h - 2, entries = state.epochs + 1;
  return {
    state,
    ...startingPoint(state),
    count: 0,
    rows: new Float64Array(entries * size),
    gradients: new Float64Array(entries * size),
    test_error: new Float64Array(entries),
    train_error: new Float64Array(entries),
    overflow_epoch: null,
  };
}

/** The parts of a run in which its optimizer goes on with what it remembers. @param {State} state */
function stretchesOf(state) {
  /** @type {ReturnType<typeof partsOf>} */
  const found = [];
  for (const part of partsOf(state)) {
    const before = found.at(-1);
    if (before && goesOn(before.state, part.state)) before.end = part.end;
    else found.push({ ...part });
  }
  return found;
}

/** Whether what an optimizer remembers is of use after a change. @param {Record<string, any>} before @param {Record<string, any>} after */
function goesOn(before, after) {
  const { scheduled, settings } = constants.optimizers[after.optimizer];
  return scheduled &&
    ["optimizer", ...Object.keys(settings), "batch", "penalty"].every((key) => before[key] === after[key]);
}

/** @type {{key: string, rng: ReturnType<typeof default_rng>, rows: Uint16Array[]} | undefined} */
let drawn;
/** The orders of N samples from a seed, pass by pass; those of a run are kept for the next, as they take longer than its batches. @param {State} state @param {number} N */
function passesOf({ shuffle, epochs }, N) {
  const begun = { key: `${shuffle} ${N}`, rng: default_rng(seed(shuffle)), rows: [] };
  if (epochs * N > KEPT) return () => begun.rng.permutation(N);
  if (drawn?.key !== begun.key) drawn = begun;
  const { rng, rows } = drawn;
  let pass = 0;
  return () => {
    if (pass === rows.length) rows.push(Uint16Array.from(rng.permutation(N)));
    return rows[pass++];
  };
}

/** The orders of N samples, one for each pass, which begin anew with another shuffle. @param {State} state @param {number} N */
function ordersOf(state, N) {
  const parts = partsOf(state);
  let { state: now } = parts[0];
  /** @type {(() => ArrayLike<number>) | null} */
  let next = null;
  return (/** @type {number} */ epoch) => {
    while (parts.length && parts[0].first <= epoch) {
      const { state } = /** @type {(typeof parts)[number]} */ (parts.shift());
      if (state.shuffle !== now.shuffle) next = null;
      now = state;
    }
    return (next ??= passesOf(now, N))();
  };
}

/**
 * Train, epoch by epoch until an error is not finite; yields every few milliseconds.
 * @param {Run} run @param {Kernel} [kernel] of which nobody else makes use meanwhile
 */
export function* descend(run, kernel = ofTheRun()) {
  const { train_set: { x: { length: N } }, state } = run;
  const rate = rateOf(state), order = ordersOf(state, N);
  let { weights } = run;
  for (const stretch of stretchesOf(state)) {
    weights = yield* descendWithin(run, kernel, stretch, weights, rate, order);
  }
}

/**
 * Train from some weights to the end of a stretch; returns the weights there.
 * @param {Run} run @param {Kernel} kernel @param {ReturnType<typeof partsOf>[number]} stretch @param {Float64Array} weights
 * @param {Of<number>} rate @param {Of<ArrayLike<number>>} nextOrder @returns {Generator<number, Float64Array>}
 */
function* descendWithin(run, kernel, stretch, weights, rate, nextOrder) {
  const { end, state: { h, epochs, batch, penalty } } = stretch;
  const { train_set, test_set, rows, gradients, test_error, train_error } = run;
  const N = train_set.x.length, N_test = test_set.x.length, size = weights.length;
  const entries = end < epochs ? end : epochs + 1; // the next stretch begins at its end
  const work = workOf(stretch.state, N) + h * N_test, room = 6 * h + (batch && N >> 1);
  const some = Math.max(1, Math.min(epochs + 1, Math.floor(WORK / work), Math.floor(ROOM / room)));
  const { memory, layout, train, optimize } = kernel;
  const address = layout(h, N, N_test, some, batch);
  if (!address) throw new RangeError("The browser has no memory for that many samples and neurons.");
  const doubles = new Float64Array(memory.buffer);
  const places = Array.from(new Uint32Array(memory.buffer, address, 14), (place) => place / 8);
  const given = [sigmoidTable(), train_set.x, train_set.y, test_set.x, test_set.y, weights];
  given.forEach((values, i) => doubles.set(values, places[i]));
  const [history, totals, test_totals, rates, settings, , order] = places.slice(6);
  const [optimizer, values] = optimizerOf(stretch.state);
  doubles.set(values, settings);
  doubles[settings + PENALTY] = penalty;
  const orders = new Uint32Array(memory.buffer, 8 * order);
  while (run.count < entries && run.overflow_epoch === null) {
    yield run.count;
    const wanted = Math.min(some, end - run.count);
    for (let k = 0; k < wanted; k++) {
      doubles[rates + k] = rate(run.count + k);
      if (batch) orders.set(nextOrder(run.count + k), k * N);
    }
    const count = wanted ? optimize(optimizer, batch, wanted) : train(0, 1); // no update follows the last
    for (let row = 0; row < count && run.overflow_epoch === null; row++) {
      const epoch = run.count, start = history + row * size, total = totals + row * (size + 1);
      rows.set(doubles.subarray(start, start + size), epoch * size);
      test_error[epoch] = doubles[test_totals + row] / N_test / 2;
      train_error[epoch] = doubles[total + size] / 2 / N;
      for (let i = 0; i < size; i++) gradients[epoch * size + i] = doubles[total + i] / N;
      run.count++;
      if (!Number.isFinite(test_error[epoch] + train_error[epoch])) overflow(run);
    }
  }
  return doubles.slice(places[5], places[5] + size);
}

/** After the first error that is not finite there is nothing more, and it has no gradient. @param {Run} run */
function overflow(run) {
  const size = run.weights.length;
  run.overflow_epoch = run.count - 1;
  run.gradients.fill(NaN, run.overflow_epoch * size);
  run.rows.fill(NaN, run.count * size);
  run.test_error.fill(NaN, run.count);
  run.train_error.fill(NaN, run.count);
}

/** History.checksum; yields every few milliseconds. @param {Run} run @returns {Generator<number, string>} */
export function* checksumOf(run) {
  const { h, epochs } = run.state;
  const size = 3 * h - 2;
  const digest = makeChecksum();
  digest.add(run.test_error);
  digest.add(run.train_error);
  for (const packed of [run.rows, run.gradients.subarray(0, epochs * size)]) {
    const entries = packed.length / size;
    // U comes first, row by row, and then V; packed, V is followed by the columns of U.
    const U = Array.from({ length: 2 * (h - 1) }, (_, k) => (k % 2 ? 2 * h - 1 : h) + (k >> 1));
    for (const places of [U, Array.from({ length: h }, (_, i) => i)]) {
      const some = 500; // epochs at a time
      const buffer = new Float64Array(places.length * some);
      for (let from = 0; from < entries; from += some) {
        const to = Math.min(from + some, entries);
        for (let epoch = from, k = 0; epoch < to; epoch++) {
          for (let i = 0; i < places.length; i++) buffer[k++] = packed[epoch * size + places[i]];
        }
        digest.add(buffer.subarray(0, places.length * (to - from)));
        yield to;
      }
    }
  }
  return digest.hexdigest();
}
