// @ts-check
// What becomes of a run, as nnlib.outcome says it, epoch by epoch: so that a run can be judged of which nothing is kept.
import { constants } from "./constants.js";

const LITTLE = 0.95; // of a constant's error: a run with more has learned hardly more than a constant
export const HIGHER = 1.01; // times as high is what is called higher, in words only

/** @param {number} h @param {number} epochs */
export function makeJudge(h, epochs) {
  const { zigzag, seen, largest_exponent } = constants.outcome;
  const size = 3 * h - 2;
  const here = new Float64Array(size), steps = new Float64Array(size); // the last weights, and the steps to them
  const turns = new Int32Array(size); // how many epochs in succession a weight has turned back
  let [count, first, lowest, last, best] = [0, NaN, Infinity, NaN, 0];
  let [sinceBest, atEnd, until] = [0, 0, -1];
  /** @type {number | null} */
  let overflow = null;

  /** Whether the weights turn back at the last epoch, now that the next ones are known. @param {ArrayLike<number>} weights */
  function turn(weights) {
    const epoch = count - 1;
    for (let i = 0; i < size; i++) {
      const least = seen * here[i];
      const back = (weights[i] - here[i]) * steps[i] < -(least * least);
      turns[i] = back ? turns[i] + 1 : 0;
      if (turns[i] > zigzag) until = epoch;
      if (epoch >= epochs - zigzag) atEnd = Math.max(atEnd, turns[i]);
      else sinceBest = Math.max(sinceBest, Math.min(turns[i], epoch - best));
    }
  }

  return {
    /** The next epoch. @param {ArrayLike<number>} weights V, then the columns of U @param {number} error of training */
    add(weights, error) {
      if (count > 1) turn(weights);
      for (let i = 0; i < size; i++) {
        steps[i] = weights[i] - here[i];
        here[i] = weights[i];
      }
      for (let i = 0; i < h - 1; i++) {
        if (weights[2 * h - 1 + i] - 5 * Math.abs(weights[h + i]) < -largest_exponent) overflow ??= count;
      }
      if (count === 0) first = error;
      if (error < lowest) [lowest, best, sinceBest] = [error, count, 0];
      last = error;
      count++;
    },

    /** The first epoch at which exp(-z) is too large for a number, for some input and neuron. */
    overflow: () => overflow,

    /** @param {boolean} overflows whether an error is too large for a number @returns {Verdict} */
    verdict(overflows) {
      /** @type {Outcome} */
      let outcome = Math.max(sinceBest, atEnd) > zigzag ? "oscillation" : "stable";
      if (last > first) outcome = "divergence";
      if (overflows || overflow !== null) outcome = "overflow";
      return { outcome, shaken_until: until < 0 ? null : until, formula_overflow: overflow };
    },
  };
}

/** The training error of the best constant. @param {Float64Array} y */
export function errorOfConstant(y) {
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
  return y.reduce((sum, value) => sum + (value - mean) ** 2, 0) / y.length / 2;
}

/** Whether a run has missed a wave of f2, as nnlib.randomness.study has it. @param {State} state @param {number} error at its end */
export function missesWave({ f, units }, error) {
  const [, scale] = constants.units[units];
  return f === "f2" && error * scale * scale > constants.outcome.missed;
}

/** Whether a run has learned hardly more than a constant, and does not go on. @param {Float64Array} y @param {Float64Array} train_error */
export function isStuck(y, train_error) {
  const epochs = train_error.length - 1, last = train_error[epochs];
  return last > LITTLE * errorOfConstant(y) && train_error[epochs >> 1] < HIGHER * last;
}
