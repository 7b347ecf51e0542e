// @ts-check
// All that can be chosen, one row each: the address, the form, the words, the types and the line of Python follow
// from it.
//
// `usual` is what holds if nothing else is chosen; `name` stands in the form, `label` in a complaint, and `said`
// before the value in a list of differences. A number has limits, and a slider that goes through all of them, or
// through round ones within its `reach`. What is no number is one of `words`, or a `seed`, as form and list call it.
import { constants } from "./constants.js";

export const TABLE = {
  f: {
    group: "The run",
    usual: /** @type {Target} */ ("f1"),
    name: "Target",
    label: "target",
    said: "the target is",
    words: { f1: "f1, exp(x / 5)", f2: "f2, sin(x) (25 \u2212 x²)" },
    least: -100, // of the values of a drawn curve, of which there are so many:
    most: 100,
    fewest: 2,
    longest: 41,
    farthest: 5, // of the inputs of points
    mostPoints: 200, // a link with so many is no longer than 8 kB
  },
  h: {
    group: "The run",
    usual: 3,
    name: "h",
    label: "number of hidden neurons, the bias unit counted,",
    said: "h is",
    least: 2,
    most: constants.figures.neurons.length + 1, // each has a look of its own, the bias unit too
    integer: true,
    unit: "neurons",
    meaning: (/** @type {number} */ h) => `(${h - 1} ${h === 2 ? "neuron" : "neurons"} and a bias)`,
  },
  rate: {
    group: "The run",
    usual: 0.1,
    name: "Learning rate",
    label: "learning rate",
    said: "the rate is",
    least: 1e-6,
    most: 1e3,
    reach: [0.001, 100],
  },
  epochs: {
    group: "The run",
    usual: 1000,
    name: "Epochs",
    label: "number of epochs",
    said: "the number of epochs is",
    least: 1,
    most: 50000,
    integer: true,
    reach: [1, 50000],
    unit: "epochs",
  },
  samples: {
    group: "Samples and weights",
    usual: Number(constants.n_train),
    name: "Number of samples",
    label: "number of training samples",
    said: "the number of samples is",
    least: 1,
    most: constants.n_train,
    integer: true,
    unit: "samples",
  },
  inputs: {
    group: "Samples and weights",
    usual: "uniform",
    name: "Inputs of the samples",
    label: "spread of the inputs",
    said: "the inputs are",
    words: {
      uniform: "uniform",
      grid: "on a grid",
      gap: "with a gap in the middle",
      side: "mostly at the left end",
    },
  },
  noise: {
    group: "Samples and weights",
    usual: 0,
    name: "Noise on their values",
    label: "standard deviation of the noise",
    said: "the noise is",
    least: 0,
    most: 10,
    reach: [0.01, 10],
  },
  outliers: {
    group: "Samples and weights",
    usual: 0,
    name: "Share of outliers",
    label: "share of outliers among the samples",
    said: "the share of outliers is",
    least: 0,
    most: 1,
    reach: [0.01, 1],
  },
  units: {
    group: "Samples and weights",
    usual: "plain",
    name: "Units of the samples",
    label: "units in which the network sees the samples",
    said: "the units are",
    words: {
      plain: "plain",
      inputs: "inputs divided by 5",
      outputs: "outputs divided by 10",
      both: "inputs divided by 5, outputs by 10",
    },
  },
  data: {
    group: "Samples and weights",
    usual: "standard",
    name: "Training samples",
    label: "training samples",
    said: "the samples are",
    words: { standard: "the standard ones" },
    seed: { name: "from a seed", said: "those of seed", first: "1" },
  },
  weights: {
    group: "Samples and weights",
    usual: "standard",
    name: "Initial weights",
    label: "initial weights",
    said: "the initial weights are",
    words: { standard: "the standard ones" },
    seed: { name: "from a seed", said: "those of seed", first: "2" },
  },
  scale: {
    group: "Samples and weights",
    usual: 1,
    name: "Initial weights times",
    label: "scale of the initial weights",
    said: "their scale is",
    least: 1,
    most: 100,
    reach: [1, 100],
    unit: "times",
  },
  order: {
    group: "Samples and weights",
    usual: "drawn",
    name: "Order of the samples",
    label: "order of the samples",
    said: "the samples come in another order:",
    words: { drawn: "as drawn" },
    seed: { name: "shuffled", said: "shuffled by seed", first: "3" },
  },
  epoch: { usual: 1000, label: "epoch under the cursor", least: 0, most: 50000, integer: true },
};

export const FIELDS = /** @type {Record<string, Field>} */ (/** @type {unknown} */ (TABLE));

/** What holds if nothing is chosen. */
export const DEFAULT = /** @type {State} */ (Object.freeze(
  Object.fromEntries(Object.entries(FIELDS).map(([key, { usual }]) => [key, usual])),
));

/** The groups of the form, and the keys in each; the first holds the red tuple, without which there is no run. */
export const GROUPS = [...new Set(Object.values(FIELDS).flatMap(({ group }) => group ?? []))].map((name) => ({
  name,
  keys: Object.keys(FIELDS).filter((key) => FIELDS[key].group === name),
}));
