// @ts-check
// The learning rate of each epoch, as nnlib.optimizers.schedules has it, and the sharpness from which on a zigzag
// grows at that rate, as nnlib.oscillation.onset.threshold has it.
import { sin } from "./numbers.js";

/** What the rate is multiplied by, epoch by epoch. @type {Record<string, (state: State) => (epoch: number) => number>} */
const FACTORS = {
  constant: () => () => 1,
  steps({ parts, drop, epochs }) {
    const heights = [1];
    for (let part = 1; part < parts; part++) heights.push(heights[part - 1] * drop);
    return (epoch) => heights[Math.min(Math.floor((epoch * parts) / epochs), parts - 1)];
  },
  inverse: ({ half }) => (epoch) => 1 / (1 + epoch / half),
  cosine: ({ epochs }) => (epoch) => {
    const halfway = sin((epoch * (Math.PI / 2)) / epochs);
    return 1 - halfway * halfway;
  },
};

/** The rate of each update, before what the run makes of it. @param {State} state @returns {Of<number>} */
export function rateOf(state) {
  const factor = FACTORS[state.schedule](state);
  return (epoch) => state.rate * factor(epoch);
}

/**
 * The rate times the sharpness above which a zigzag grows, as text too.
 * @type {Record<string, (beta: number) => [number, string]>}
 */
const THRESHOLDS = {
  descent: () => [2, "2"],
  "heavy-ball": (beta) => [2 * (1 + beta), "2 (1 + β)"],
  nesterov: (beta) => [(2 * (1 + beta)) / (1 + 2 * beta), "2 (1 + β) / (1 + 2 β)"],
};

/**
 * The sharpness above which a zigzag grows, epoch by epoch, and its name; null where there is no such limit, as the
 * rate is another one for each weight, or follows the run.
 * @param {State} state @returns {{name: string, at: Of<number>} | null}
 */
export function limitOf(state) {
  const found = THRESHOLDS[state.optimizer]?.(state.beta);
  if (!found) return null;
  const [product, name] = found, rate = rateOf(state);
  return { name: `${name} / rate`, at: (epoch) => product / rate(epoch) };
}
