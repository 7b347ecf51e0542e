// @ts-check
// What is measured of a whole run before anything is said of it. What becomes of a run is what nnlib.outcome says,
// step by step; a test compares the two.
import { constants } from "./constants.js";

export const HIGHER = 1.01; // times as high is what is called higher, in words only

/** How often the error rises, and where it is highest when compared with the lowest before. @param {Float64Array} error */
export function rises(error) {
  let [count, lowest, ratio, at] = [0, error[0], 1, 0];
  for (let epoch = 1; epoch < error.length; epoch++) {
    if (error[epoch] > error[epoch - 1]) count++;
    if (error[epoch] / lowest > ratio) [ratio, at] = [error[epoch] / lowest, epoch];
    if (error[epoch] < lowest) lowest = error[epoch];
  }
  return { count, ratio, at };
}

/** The first epoch at which exp(-z) is too large for a number, for some input and neuron. @param {LabHistory} history */
function formulaOverflow({ U }) {
  const { largest_exponent } = constants.outcome;
  let first = Infinity;
  for (const [a, b] of U) {
    const found = a.findIndex((_, epoch) => b[epoch] - 5 * Math.abs(a[epoch]) < -largest_exponent);
    if (found >= 0) first = Math.min(first, found);
  }
  return first < Infinity ? first : null;
}

/**
 * Of one weight: the longest succession of epochs at which it turns back, after the best or up to the last few, and
 * the last epoch at which it has done so often enough for a zigzag.
 * @param {Float64Array} weight @param {number} best
 */
function zigzag(weight, best) {
  const { zigzag, seen } = constants.outcome;
  const last = weight.length - 1;
  let turns = 0, longest = 0, until = -1;
  for (let epoch = 1; epoch < last; epoch++) {
    const here = weight[epoch], least = seen * here;
    const turnsBack = (weight[epoch + 1] - here) * (here - weight[epoch - 1]) < -(least * least);
    turns = turnsBack ? turns + 1 : 0;
    if (turns > zigzag) until = epoch;
    longest = Math.max(longest, epoch < last - zigzag ? Math.min(turns, epoch - best) : turns);
  }
  return { longest, until };
}

/** Of runs that are done, so that each is gone through once. @type {WeakMap<LabHistory, Verdict>} */
const judged = new WeakMap();

/**
 * What became of a run that is done; until when a weight zigzagged, and from when on exp(-z) overflows, if they do.
 * @param {LabHistory} history @returns {Verdict}
 */
export function judge(history) {
  const known = judged.get(history);
  if (known) return known;
  const { overflow_epoch, train_error, epochs, U, V } = history;
  const best = train_error.reduce((best, error, epoch) => (error < train_error[best] ? epoch : best), 0);
  const zigzags = [...U.flat(), ...V].map((weight) => zigzag(weight, best));
  const until = Math.max(...zigzags.map(({ until }) => until));
  const overflow = formulaOverflow(history);
  /** @type {Outcome} */
  let outcome = zigzags.some(({ longest }) => longest > constants.outcome.zigzag) ? "oscillation" : "stable";
  if (train_error[epochs] > train_error[0]) outcome = "divergence";
  if (overflow_epoch !== null || overflow !== null) outcome = "overflow";
  const found = { outcome, shaken_until: until < 0 ? null : until, formula_overflow: overflow };
  judged.set(history, found);
  return found;
}

/** What is known of the sharpness up to an epoch. @param {LabHistory} history @param {number} until */
export function known({ sharpness: { epochs, values } }, until) {
  return epochs
    .map((epoch, i) => ({ epoch, value: values[i] }))
    .filter(({ epoch, value }) => epoch <= until && Number.isFinite(value));
}

/** The largest of them. @param {{epoch: number, value: number}[]} points */
export function largest(points) {
  return points.reduce((most, point) => (point.value > most.value ? point : most), { epoch: 0, value: -Infinity });
}
