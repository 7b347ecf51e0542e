// @ts-check
// What is measured of a whole run before anything is said of it.
"use strict";
(function (lab) {
  const ZIGZAG = 10; // turns in succession, as in nnlib.report.measures: by chance once in 1024 times
  const SEEN = 1.01; // times as high is what is called higher
  const FAR = 2; // times the first error is where a run that diverges ends

  /** Whether some values turn back at more than ten epochs in succession. @param {Float64Array} values */
  function zigzags(values) {
    let succession = 0;
    for (let epoch = 2; epoch < values.length; epoch++) {
      const turns = (values[epoch] - values[epoch - 1]) * (values[epoch - 1] - values[epoch - 2]) < 0;
      succession = turns ? succession + 1 : 0;
      if (succession > ZIGZAG) return true;
    }
    return false;
  }

  /** How often the error rises, and where it is highest when compared with the lowest before. @param {Float64Array} error */
  function rises(error) {
    let [count, lowest, ratio, at] = [0, error[0], 1, 0];
    for (let epoch = 1; epoch < error.length; epoch++) {
      if (error[epoch] > error[epoch - 1]) count++;
      if (error[epoch] / lowest > ratio) [ratio, at] = [error[epoch] / lowest, epoch];
      if (error[epoch] < lowest) lowest = error[epoch];
    }
    return { count, ratio, at };
  }

  /**
   * What became of a run that has come to its end.
   * @param {LabHistory} history
   * @returns {"overflows" | "diverges" | "oscillates" | "overfits" | "calm"}
   */
  function outcome({ overflow_epoch, test_error, train_error, best_epoch, epochs, U, V }) {
    if (overflow_epoch !== null) return "overflows";
    if (test_error[epochs] > FAR * test_error[0]) return "diverges";
    const zigzag = [test_error, ...V, ...U.flat()].some(zigzags);
    if (zigzag && rises(test_error).ratio > SEEN) return "oscillates";
    const [test, train] = [test_error, train_error].map((error) => error[epochs] / error[best_epoch]);
    return !zigzag && test > SEEN && train < 1 / SEEN ? "overfits" : "calm";
  }

  /** What is known of the sharpness up to an epoch. @param {LabHistory} history @param {number} until */
  function known({ sharpness: { epochs, values } }, until) {
    return epochs
      .map((epoch, i) => ({ epoch, value: values[i] }))
      .filter(({ epoch, value }) => epoch <= until && Number.isFinite(value));
  }

  /** The largest of them. @param {{epoch: number, value: number}[]} points */
  function largest(points) {
    return points.reduce((most, point) => (point.value > most.value ? point : most), { epoch: 0, value: -Infinity });
  }

  lab.measures = { SEEN, rises, outcome, known, largest };
})(globalThis.lab ??= /** @type {Lab} */ ({}));
