// @ts-check
// What the panels over the epochs show: which curves, on which scale, and what is said of them.
"use strict";
(function (lab) {
  /** @type {Record<string, Look>} */
  const LOOKS = {
    test: { ink: "test", mark: "o", width: 1.8, dash: "" },
    train: { ink: "train", mark: "o", width: 1.5, dash: "6 3" },
    lowest: { ink: "lowest", mark: "X", width: 0, dash: "" },
    overflow: { ink: "last", mark: "", width: 1.5, dash: "1.5 3" },
    observed: { ink: "observed", mark: "o", width: 1.5, dash: "" },
    threshold: { ink: "threshold", mark: "", width: 2, dash: "7 3" },
    crossing: { ink: "threshold", mark: "", width: 1.5, dash: "1.5 3" },
    nothing: { ink: "zero", mark: "", width: 0, dash: "" },
  };
  /** @param {Float64Array} values @param {boolean} [fixed] @returns {(epoch: number) => string} */
  const valueOf = (values, fixed) => (epoch) => lab.number(values[epoch], fixed);
  const always = (/** @type {string} */ text) => () => text;
  const degrees = (/** @type {number} */ angle) =>
    Number.isFinite(angle) ? `${((angle * 180) / Math.PI).toFixed(1)}°` : "–";

  /** A chart of one or two curves, each named as in its legend. @param {string} title @param {(history: LabHistory) => [string, string, Float64Array][]} find @returns {Spec} */
  function logarithmic(title, find) {
    return {
      title,
      scale: "log",
      curves: (/** @type {LabHistory} */ history) =>
        find(history).map(([, look, values]) => ({ look: LOOKS[look], values, count: history.count })),
      entries: (/** @type {LabHistory} */ history, /** @type {LabHistory | null} */ kept) =>
        [...find(history), ...(kept ? find(kept).map(([name, look, values]) => [`${name}, kept`, look, values]) : [])]
          .map((/** @type {any} */ [name, look, values]) => ({
            name,
            look: LOOKS[look],
            text: valueOf(values),
            kept: name.endsWith("kept"),
          })),
    };
  }

  const error = logarithmic(
    "Error",
    ({ test_error, train_error }) => [["test", "test", test_error], ["training", "train", train_error]],
  );
  const gradient = logarithmic("Norm of the gradient", ({ gradient_norm }) => [["norm", "observed", gradient_norm]]);

  /** The weights of one column. @param {string} title @param {string} symbol @param {(history: LabHistory) => [string, Float64Array][]} find @param {string} [dash] @returns {Spec} */
  function weights(title, symbol, find, dash = "") {
    const look = (/** @type {number} */ i, /** @type {number} */ h) => {
      const neuron = lab.look(i, h);
      return { ...neuron, dash: neuron.dash || dash };
    };
    return {
      title,
      scale: "linear",
      curves: (/** @type {LabHistory} */ history) =>
        find(history).map(([, values], i) => ({ look: look(i, history.h), values, count: history.count, neuron: i })),
      entries: (/** @type {LabHistory} */ history) =>
        find(history).map(([index, values], i) => ({
          name: symbol + index,
          symbol: true,
          look: look(i, history.h),
          text: valueOf(values, true),
          neuron: i,
        })),
    };
  }

  /** @type {Record<string, Spec>} */
  const charts = {
    error: {
      ...error,
      points: (
        { best_epoch, test_error },
      ) => [{ look: LOOKS.lowest, epoch: best_epoch, value: test_error[best_epoch] }],
      lines: ({ overflow_epoch }) => (overflow_epoch === null ? [] : [{ look: LOOKS.overflow, epoch: overflow_epoch }]),
      entries(history, kept) {
        const { best_epoch, test_error, overflow_epoch } = history;
        const lowest = {
          name: "lowest",
          look: LOOKS.lowest,
          text: always(`${lab.number(test_error[best_epoch])} at epoch ${best_epoch}`),
        };
        const overflow = { name: "overflow", look: LOOKS.overflow, text: always(`at epoch ${overflow_epoch}`) };
        return [...error.entries(history, kept), lowest, ...(overflow_epoch === null ? [] : [overflow])];
      },
    },
    U0: weights("Weights U, first column", "U", ({ U }) => U.map((row, i) => [`${i},0`, row[0]])),
    U1: weights("Weights U, second column", "U", ({ U }) => U.map((row, i) => [`${i},1`, row[1]]), "6 3"),
    V: weights("Weights V", "V", ({ V }) => V.map((values, i) => [String(i), values])),
    gradient,
    angle: {
      title: "Angle between successive gradients",
      scale: "linear",
      fixed: {
        low: 0,
        high: Math.PI,
        ticks: [0, 45, 90, 135, 180].map((value) => ({ value: (value * Math.PI) / 180, label: `${value}°` })),
        place: (angle) => 0.03 + (0.94 * angle) / Math.PI,
      },
      curves: ({ angle, count }) => [{ look: LOOKS.observed, values: angle, count }],
      entries: ({ angle }) => [{ name: "angle", look: LOOKS.observed, text: (epoch) => degrees(angle[epoch]) }],
    },
    sharpness: {
      title: "Sharpness and 2 / rate",
      scale: "log",
      curves: ({ sharpness: { epochs, values }, state }) => [
        { look: LOOKS.observed, values, at: epochs, count: values.length },
        { look: LOOKS.threshold, values: [2 / state.rate, 2 / state.rate], at: [0, state.epochs], count: 2 },
      ],
      lines: ({ crossing }) => (typeof crossing === "number" ? [{ look: LOOKS.crossing, epoch: crossing }] : []),
      entries(history) {
        const { sharpness: { epochs, values }, state, crossing, count } = history;
        const at = (/** @type {number} */ epoch) => lab.latest(epochs, epoch);
        const crossed = crossing === undefined ? "not known yet" : crossing === null ? "never" : `at epoch ${crossing}`;
        return [
          {
            name: "sharpness",
            look: LOOKS.observed,
            text: (epoch) =>
              epochs.length ? `${lab.number(values[at(epoch)])} (epoch ${epochs[at(epoch)]})` : "not known yet",
          },
          { name: "2 / rate", look: LOOKS.threshold, text: always(lab.number(2 / state.rate)) },
          { name: "crossed", look: LOOKS.crossing, text: always(crossed) },
          {
            name: `computed at ${epochs.length} of ${Math.min(count, lab.extent(history) + 1)} epochs`,
            look: LOOKS.nothing,
            text: always(""),
          },
        ];
      },
    },
  };
  lab.charts = charts;
})(globalThis.lab ??= {});
