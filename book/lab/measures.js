// @ts-check
// What is measured of a whole run before anything is said of it.
import { makeJudge } from "./judge.js";

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
  const columns = [...V, ...U.map(([a]) => a), ...U.map(([, b]) => b)];
  const { add, verdict } = makeJudge(V.length, epochs);
  for (let epoch = 0; epoch <= epochs; epoch++) add(columns.map((weight) => weight[epoch]), train_error[epoch]);
  const found = verdict(overflow_epoch !== null);
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
