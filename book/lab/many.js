// @ts-check
// The same run with other seeds: how its errors spread, and how many of the runs are stuck.
import { isStuck, missesWave } from "./judge.js";
import { follow } from "./outcomes.js";
import { makeKernel, prepare } from "./training.js";

export const SEEDS = 20; // 1 to 20

/** @type {ReturnType<typeof makeKernel> | undefined} */
let kernel;

/**
 * Train with each seed, which is one of the initial weights or of the samples, and go through the epochs.
 * @param {State} state @param {"weights" | "data"} over
 * @param {(found: SeededRun) => void} onFound
 * @returns {Generator<void, Float64Array[]>} the quartiles of the test error, epoch by epoch
 */
export function* seeded(state, over, onFound) {
  const errors = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const run = prepare({ ...state, [over]: String(seed) });
    const { outcome } = yield* follow(run, kernel ??= makeKernel(), true);
    const stuck = state.f === "f2"
      ? missesWave(state, run.test_error[state.epochs])
      : outcome === "stable" && isStuck(run.train_set.y, run.train_error);
    errors.push(run.test_error);
    onFound({ test_error: run.test_error, outcome, stuck });
  }
  return yield* quartiles(errors);
}

/** @param {Float64Array[]} errors NaN after an overflow, where an error is beyond all others */
function* quartiles(errors) {
  const [{ length }] = errors, sorted = new Float64Array(errors.length), parts = [0.25, 0.5, 0.75];
  const found = parts.map(() => new Float64Array(length));
  for (let epoch = 0; epoch < length; epoch++) {
    errors.forEach((error, n) => (sorted[n] = Number.isNaN(error[epoch]) ? Infinity : error[epoch]));
    sorted.sort();
    parts.forEach((part, k) => {
      const place = part * (errors.length - 1), n = Math.floor(place), [low, high] = sorted.subarray(n, n + 2);
      found[k][epoch] = high < Infinity ? low + (high - low) * (place - n) : high;
    });
    if (epoch % 500 === 0) yield;
  }
  return found;
}
