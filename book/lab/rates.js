// @ts-check
// The learning rate of each epoch, as nnlib.optimizers.schedules has it, and the sharpness from which on a zigzag
// grows at that rate, as nnlib.oscillation.onset.threshold has it.
import { inParts } from "./branches.js";
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
  return inParts(state, (part) => {
    const factor = FACTORS[part.schedule](part);
    return (epoch) => part.rate * factor(epoch);
  });
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
 * The sharpness above which a zigzag grows, epoch by epoch, and its name. NaN where there is no such limit, as the rate
 * is another one for each weight, or follows the run; null where there is none in the whole run.
 * @param {State} state @returns {{name: string, at: Of<number>} | null}
 */
export function limitOf(state) {
  /** @type {Set<string>} */
  const names = new Set();
  const rate = rateOf(state);
  const at = inParts(state, ({ optimizer, beta }) => {
    const [product, name] = THRESHOLDS[optimizer]?.(beta) ?? [NaN];
    if (name) names.add(`${name} / rate`);
    return (epoch) => product / rate(epoch);
  });
  return names.size ? { name: [...names].join(", then "), at } : null;
}
