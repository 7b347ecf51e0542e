// @ts-check
// What the panels over the epochs show: which curves, on which scale, and what is said of them.
import { split } from "./branches.js";
import { lookOf } from "./curves.js";
import { latest } from "./fit.js";
import { extent } from "./history.js";
import { limitOf } from "./rates.js";
import { number } from "./scales.js";
import { unknown } from "./words.js";

const LINES = 400; // of a limit that is no straight line
const FAR = 11; // times the first limit is out of sight

/** @type {Record<string, Look>} */
const LOOKS = {
  test: { ink: "test", mark: "o", width: 1.8, dash: "" },
  train: { ink: "train", mark: "o", width: 1.5, dash: "6 3" },
  lowest: { ink: "lowest", mark: "X", width: 0, dash: "" },
  overflow: { ink: "last", mark: "", width: 1.5, dash: "1.5 3" },
  observed: { ink: "observed", mark: "o", width: 1.5, dash: "" },
  threshold: { ink: "threshold", mark: "", width: 2, dash: "7 3" },
  crossing: { ink: "threshold", mark: "", width: 1.5, dash: "1.5 3" },
  seeds: { ink: "test", mark: "", width: 0.8, dash: "" },
  nothing: { ink: "zero", mark: "", width: 0, dash: "" },
};
/** @param {ArrayLike<number>} values @param {boolean} [fixed] @returns {(epoch: number) => string} */
const valueOf = (values, fixed) => (epoch) => number(values[epoch], fixed);
const always = (/** @type {string} */ text) => () => text;
const below = (/** @type {number} */ error) => Math.min(error, 1e300); // so that a band has no gaps
const degrees = (/** @type {number} */ angle) =>
  Number.isFinite(angle) ? `${((angle * 180) / Math.PI).toFixed(1)}°` : "–";

/** A chart of one or two curves, each named as in its legend. @param {string} title @param {string} about @param {(history: LabHistory) => [string, string, Float64Array][]} find @returns {Spec} */
function logarithmic(title, about, find) {
  return {
    title,
    about,
    scale: "log",
    curves: (/** @type {LabHistory} */ history) =>
      find(history).map(([, look, values]) => ({ look: LOOKS[look], values, count: history.count })),
    entries: (/** @type {LabHistory} */ history, /** @type {LabHistory | null} */ kept) => {
      const older = kept && find(kept);
      return find(history).map(([name, look, values], n) => ({
        name,
        look: LOOKS[look],
        text: valueOf(values),
        older: older ? valueOf(older[n][2]) : undefined,
      }));
    },
  };
}

const error = logarithmic(
  "Error",
  "Half the mean squared difference between output and target.",
  ({ test_error, train_error }) => [["test", "test", test_error], ["training", "train", train_error]],
);
const gradient = logarithmic(
  "Norm of the gradient",
  "How steep the loss is. In plain descent a step is as long as this times the rate.",
  ({ gradient_norm }) => [["norm", "observed", gradient_norm]],
);

/** The weights of one column. @param {string} title @param {string} about @param {string} symbol @param {(history: LabHistory) => [string, Float64Array][]} find @param {string} [dash] @returns {Spec} */
function weights(title, about, symbol, find, dash = "") {
  const look = (/** @type {number} */ i, /** @type {number} */ h) => {
    const neuron = lookOf(i, h);
    return { ...neuron, dash: neuron.dash || dash };
  };
  return {
    title,
    about,
    scale: "linear",
    curves: (/** @type {LabHistory} */ history) =>
      find(history).map(([, values], i) => ({ look: look(i, history.h), values, count: history.count, neuron: i })),
    entries: (/** @type {LabHistory} */ history, /** @type {LabHistory | null} */ kept) => {
      const [now, older] = [find(history), kept ? find(kept) : []];
      const bias = now.length - (history.h - 1); // 1 if the last weight is the bias unit's, else 0
      const count = Math.max(now.length, older.length);
      // A neuron goes with the neuron of its number, and the bias unit with the bias unit.
      const place = (/** @type {[string, Float64Array][]} */ { length }, /** @type {number} */ i) =>
        bias && i === count - 1 ? length - 1 : i < length - bias ? i : -1;
      return Array.from({ length: count }, (_, i) => {
        const [a, b] = [place(now, i), place(older, i)];
        const [index] = now[a] ?? older[b];
        const shared = bias && i === count - 1 && kept && kept.h !== history.h; // it has a number in each
        return {
          name: shared ? "bias" : symbol + index,
          symbol: !shared,
          look: a < 0 && kept ? look(b, kept.h) : look(a, history.h),
          text: valueOf(now[a]?.[1] ?? [], true),
          older: kept ? valueOf(older[b]?.[1] ?? [], true) : undefined,
          neuron: a < 0 ? undefined : a,
        };
      });
    },
  };
}

/** @param {number} limit */
const limitText = (limit) => Number.isNaN(limit) ? "none" : number(limit);

/** The sharpness above which a zigzag grows, as far as it has a place beside the first. @param {State} state @returns {Curve[]} */
function limitCurve(state) {
  const limit = limitOf(state), { epochs, schedule } = state;
  if (!limit) return [];
  const some = schedule === "constant" && !state.at ? 1 : Math.min(epochs, LINES);
  const even = Array.from({ length: some + 1 }, (_, n) => Math.round((n * epochs) / some));
  const steps = split(state.at).flatMap(({ epoch }) => epoch ? [epoch - 1, epoch] : []);
  const at = [...new Set([...even, ...steps])].sort((a, b) => a - b)
    .filter((epoch) => !(limit.at(epoch) > FAR * limit.at(0)));
  return [{ look: LOOKS.threshold, values: at.map(limit.at), at, count: at.length }];
}

/** @type {Record<string, Spec>} */
export const charts = {
  error: {
    ...error,
    points: (
      { best_epoch, test_error },
    ) => [{ look: LOOKS.lowest, epoch: best_epoch, value: test_error[best_epoch] }],
    lines: ({ overflow_epoch }) => (overflow_epoch === null ? [] : [{ look: LOOKS.overflow, epoch: overflow_epoch }]),
    others: ({ runs, quartiles: [low, , high] = [] }) => [
      ...(low ? [{ look: LOOKS.seeds, values: low.map(below), count: low.length, upper: high.map(below) }] : []),
      ...runs.map(({ test_error }) => ({ look: LOOKS.seeds, values: test_error, count: test_error.length })),
    ],
    entries(history, kept, seeded) {
      const { best_epoch, test_error, overflow_epoch } = history;
      const lowest = {
        name: "lowest",
        look: LOOKS.lowest,
        text: always(`${number(test_error[best_epoch])} at epoch ${best_epoch}`),
      };
      const overflow = { name: "overflow", look: LOOKS.overflow, text: always(`at epoch ${overflow_epoch}`) };
      const [low, , high] = seeded?.quartiles ?? [];
      const seeds = {
        name: "half of 20 seeds",
        look: LOOKS.seeds,
        text: (/** @type {number} */ epoch) => [low, high].map((part) => number(part[epoch])).join(" to "),
      };
      return [
        ...error.entries(history, kept),
        lowest,
        ...(overflow_epoch === null ? [] : [overflow]),
        ...(low ? [seeds] : []),
      ];
    },
  },
  U0: weights(
    "Weights U, first column",
    "How strongly the input x acts on each hidden neuron.",
    "U",
    ({ U }) => U.map((row, i) => [`${i},0`, row[0]]),
  ),
  U1: weights(
    "Weights U, second column",
    "How strongly the 1 beside it acts on each hidden neuron.",
    "U",
    ({ U }) => U.map((row, i) => [`${i},1`, row[1]]),
    "6 3",
  ),
  V: weights(
    "Weights V",
    "How strongly each hidden neuron acts on the output.",
    "V",
    ({ V }) => V.map((values, i) => [String(i), values]),
  ),
  gradient,
  angle: {
    title: "Angle between successive gradients",
    about: "Near 180° each step goes back on the one before: a zigzag.",
    scale: "linear",
    fixed: {
      low: 0,
      high: Math.PI,
      ticks: [0, 45, 90, 135, 180].map((value) => ({ value: (value * Math.PI) / 180, label: `${value}°` })),
      place: (angle) => 0.03 + (0.94 * angle) / Math.PI,
    },
    curves: ({ angle, count }) => [{ look: LOOKS.observed, values: angle, count }],
    entries: ({ angle }, kept) => [{
      name: "angle",
      look: LOOKS.observed,
      text: (epoch) => degrees(angle[epoch]),
      older: kept ? (epoch) => degrees(kept.angle[epoch]) : undefined,
    }],
  },
  sharpness: {
    title: "Sharpness and its limit",
    about: "How narrow the valley is. Above the line a zigzag grows.",
    scale: "log",
    curves: ({ sharpness: { epochs, values }, state }) => [
      { look: LOOKS.observed, values, at: epochs, count: values.length },
      ...limitCurve(state),
    ],
    lines: ({ crossing }) => (typeof crossing === "number" ? [{ look: LOOKS.crossing, epoch: crossing }] : []),
    entries(history, kept) {
      const crossed = (/** @type {LabHistory} */ run) =>
        run.crossing === undefined
          ? unknown(run)
          : run.crossing === null
          ? "at none of them"
          : `at epoch ${run.crossing}`;
      const at = (/** @type {LabHistory} */ { sharpness: { epochs, values } }, /** @type {number} */ epoch) =>
        number(values[latest(epochs, epoch)]);
      const { sharpness: { epochs }, state, count } = history;
      const limit = limitOf(state), older = kept ? limitOf(kept.state) ?? undefined : undefined;
      return [
        {
          name: "sharpness",
          look: LOOKS.observed,
          text: (epoch) =>
            epochs.length ? `${at(history, epoch)} (epoch ${epochs[latest(epochs, epoch)]})` : unknown(history),
          older: kept ? (epoch) => at(kept, epoch) : undefined,
        },
        ...(limit
          ? [{
            name: limit.name,
            look: LOOKS.threshold,
            text: (/** @type {number} */ epoch) => limitText(limit.at(epoch)),
            older: older && ((/** @type {number} */ epoch) => limitText(older.at(epoch))),
          }, {
            name: "crossed",
            look: LOOKS.crossing,
            text: always(crossed(history)),
            older: kept && older ? always(crossed(kept)) : undefined,
          }]
          : []),
        {
          name: `computed at ${epochs.length} of ${Math.min(count, extent(history) + 1)} epochs`,
          look: LOOKS.nothing,
          text: always(""),
        },
      ];
    },
  },
};
