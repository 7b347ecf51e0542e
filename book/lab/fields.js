// @ts-check
// All that can be chosen, one row each: the address, the form, the words, the types and the line of Python follow
// from it.
//
// `usual` is what holds if nothing else is chosen; `name` stands in the form, `label` in a complaint, and `said`
// before the value in a list of differences. A number has limits, and a slider that goes through all of them, or
// through round ones within its `reach`, which may lie close to 1. What is no number is one of `words`, or a `seed`,
// as form and list call it. Where `usualIn` says that nothing is usual, there is no such choice: it `goes` with others.
import { constants } from "./constants.js";
import { isPoints } from "./numbers.js";

const LEARNS = "How it learns";
const { optimizers, schedules } = constants;

/** The first sentence about each of some kinds. @param {Record<string, {about: string}>} kinds */
const aboutEach = (kinds) => Object.fromEntries(Object.entries(kinds).map(([name, { about }]) => [name, about]));

/** With the kinds of a choice that have something. @param {string} choice @param {Record<string, any>} kinds @param {(kind: any) => boolean} has */
function goesWith(choice, kinds, has) {
  const names = Object.keys(kinds).filter((name) => has(kinds[name]));
  return `${choice}=${names.join(", ").replace(/, ([^,]*)$/, " or $1")}`;
}

/**
 * A setting of some kinds of another choice.
 * @param {"optimizer" | "schedule"} choice @param {string} key @param {number} usual where nnlib wants to be told
 */
function settingOf(choice, key, usual) {
  const kinds = choice === "optimizer" ? optimizers : schedules;
  const inKind = (/** @type {Record<string, any>} */ state) => kinds[state[choice]].settings[key];
  return {
    group: LEARNS,
    usual,
    usualIn: (/** @type {Record<string, any>} */ state) => inKind(state) === null ? usual : inKind(state),
    isNeeded: (/** @type {Record<string, any>} */ state) => inKind(state) === null,
    goes: goesWith(choice, kinds, ({ settings }) => key in settings),
  };
}

/** Something of the samples of a function; points are all samples there are. @template T @param {T} usual */
const ofSamples = (usual) => ({
  usual,
  usualIn: (/** @type {Record<string, any>} */ { f }) => isPoints(f) ? undefined : usual,
  goes: "a function or a curve",
});

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
    ...ofSamples(Number(constants.n_train)),
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
    ...ofSamples("uniform"),
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
    ...ofSamples(0),
    name: "Noise on their values",
    label: "standard deviation of the noise",
    said: "the noise is",
    least: 0,
    most: 10,
    reach: [0.01, 10],
  },
  outliers: {
    group: "Samples and weights",
    ...ofSamples(0),
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
    ...ofSamples("standard"),
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
  start: {
    group: "Samples and weights",
    usual: "document",
    name: "Kind of the initial weights",
    label: "kind of the initial weights",
    said: "the initial weights are",
    words: { document: "tiny, as in the document", spread: "spread over the interval", glorot: "those of Glorot" },
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
  optimizer: {
    group: LEARNS,
    usual: "descent",
    name: "Optimizer",
    label: "optimizer",
    said: "the optimizer is",
    words: {
      descent: "gradient descent",
      "heavy-ball": "heavy ball",
      nesterov: "Nesterov's momentum",
      adagrad: "Adagrad",
      rmsprop: "RMSprop",
      adam: "Adam",
      adamw: "AdamW",
      rprop: "Rprop",
      halving: "halving after a rise",
      armijo: "Armijo's line search",
      "barzilai-borwein": "Barzilai and Borwein",
      angle: "the angle rule",
    },
    about: aboutEach(optimizers),
  },
  beta: {
    ...settingOf("optimizer", "beta", 0.9),
    name: "β",
    label: "beta, what is kept of the past",
    said: "beta is",
    least: 0,
    most: 0.9999,
    reach: [0.0001, 1],
    nearOne: true,
  },
  beta1: {
    ...settingOf("optimizer", "beta1", 0.9),
    name: "β1, of the mean of gradients",
    label: "beta1, what is kept of the mean of gradients",
    said: "beta1 is",
    least: 0,
    most: 0.9999,
    reach: [0.0001, 1],
    nearOne: true,
  },
  beta2: {
    ...settingOf("optimizer", "beta2", 0.999),
    name: "β2, of the mean of squares",
    label: "beta2, what is kept of the mean of squares",
    said: "beta2 is",
    least: 0,
    most: 0.999999,
    reach: [0.000001, 1],
    nearOne: true,
  },
  epsilon: {
    ...settingOf("optimizer", "epsilon", 1e-8),
    name: "ε, added to the root",
    label: "epsilon, which is added to the root,",
    said: "epsilon is",
    least: 1e-16,
    most: 100,
    reach: [1e-12, 1],
  },
  decay: {
    ...settingOf("optimizer", "decay", 0.01),
    name: "Decay of the weights",
    label: "decay of the weights",
    said: "the decay is",
    least: 0,
    most: 10,
    reach: [0.0001, 10],
  },
  slope: {
    ...settingOf("optimizer", "slope", 1e-4),
    name: "Part of the promised decrease",
    label: "part of the promised decrease that a step must bring",
    said: "the part of the promised decrease is",
    least: 0,
    most: 0.9999,
    reach: [0.0001, 0.99],
  },
  small: {
    ...settingOf("optimizer", "small", 0.1),
    name: "Small angle, in radians",
    label: "small angle",
    said: "the small angle is",
    least: 0,
    most: Math.PI,
    reach: [0.01, 3],
  },
  large: {
    ...settingOf("optimizer", "large", 1),
    name: "Large angle, in radians",
    label: "large angle",
    said: "the large angle is",
    least: 0,
    most: Math.PI,
    reach: [0.01, 3],
  },
  up: {
    ...settingOf("optimizer", "up", 1),
    name: "Raised, times",
    label: "factor by which the rate is raised",
    said: "the rate is raised by",
    least: 1,
    most: 10,
    reach: [1, 10],
    unit: "times",
  },
  down: {
    ...settingOf("optimizer", "down", 0.5),
    name: "Lowered, times",
    label: "factor by which the rate is lowered",
    said: "the rate is lowered by",
    least: 0.001,
    most: 1,
    reach: [0.01, 1],
    unit: "times",
  },
  patience: {
    ...settingOf("optimizer", "patience", 10),
    name: "Small angles before it is raised",
    label: "number of small angles before the rate is raised",
    said: "the number of small angles is",
    least: 1,
    most: 50000,
    integer: true,
    reach: [1, 1000],
  },
  schedule: {
    group: LEARNS,
    usual: "constant",
    usualIn: (/** @type {Record<string, any>} */ { optimizer }) =>
      optimizers[optimizer].scheduled ? "constant" : undefined,
    goes: goesWith("optimizer", optimizers, ({ scheduled }) => scheduled),
    name: "Schedule of the rate",
    label: "schedule of the rate",
    said: "the schedule of the rate is",
    words: { constant: "constant", steps: "in steps", inverse: "like 1 / epoch", cosine: "half a cosine" },
    about: aboutEach(schedules),
  },
  parts: {
    ...settingOf("schedule", "parts", 3),
    name: "Parts of the run",
    label: "number of parts of the run",
    said: "the number of parts is",
    least: 1,
    most: 1000,
    integer: true,
    reach: [1, 1000],
  },
  drop: {
    ...settingOf("schedule", "drop", 0.1),
    name: "From part to part, times",
    label: "factor from part to part",
    said: "from part to part the rate is multiplied by",
    least: 0.001,
    most: 1,
    reach: [0.01, 1],
    unit: "times",
  },
  half: {
    ...settingOf("schedule", "half", 100),
    name: "Half the rate after",
    label: "number of epochs after which the rate is half",
    said: "the rate is half after the epoch",
    least: 0.001,
    most: 1e6,
    reach: [1, 10000],
    unit: "epochs",
  },
  batch: {
    group: LEARNS,
    usual: 0,
    usualIn: (/** @type {Record<string, any>} */ { optimizer }) => optimizers[optimizer].batches ? 0 : undefined,
    mostIn: (/** @type {Record<string, any>} */ { f, samples }) => isPoints(f) ? f.length : samples,
    goes: goesWith("optimizer", optimizers, ({ batches }) => batches),
    name: "Samples in a batch",
    label: "number of samples in a batch, 0 for all at once,",
    said: "a step sees",
    spelled: (/** @type {number} */ batch) => batch ? `${batch} samples` : "all of them",
    least: 0,
    most: constants.n_train,
    integer: true,
    reach: [1, constants.n_train],
    unit: "samples",
    meaning: (/** @type {number} */ batch) => batch ? "" : "(all at once)",
  },
  shuffle: {
    group: LEARNS,
    usual: "0",
    usualIn: (/** @type {Record<string, any>} */ { batch }) => batch ? "0" : undefined,
    goes: "batches",
    name: "Order of the batches",
    label: "order of the batches",
    said: "the batches come in another order:",
    words: { 0: "the usual one" },
    seed: { name: "from a seed", said: "shuffled by seed", first: "1" },
  },
  penalty: {
    group: LEARNS,
    usual: 0,
    name: "Penalty on large weights",
    label: "penalty on the squares of the weights",
    said: "the penalty is",
    least: 0,
    most: 10,
    reach: [0.00001, 10],
  },
  seeds: { // of runs beside this one
    usual: "none",
    name: "Twenty seeds",
    label: "choice of twenty seeds",
    words: { none: "none", weights: "of the initial weights", data: "of the samples" },
    wordsIn: (/** @type {Record<string, any>} */ { f }) =>
      isPoints(f) ? { none: "none", weights: "of the initial weights" } : undefined, // points are given
  },
  at: {
    usual: "", // see branches.js
    label: "change at an epoch",
  },
  epoch: {
    usual: 1000,
    usualIn: (/** @type {Record<string, any>} */ { epochs }) => epochs,
    mostIn: (/** @type {Record<string, any>} */ { epochs }) => epochs,
    label: "epoch under the cursor",
    least: 0,
    most: 50000,
    integer: true,
  },
};

export const FIELDS = /** @type {Record<string, Field>} */ (/** @type {unknown} */ (TABLE));

/** What holds if nothing is chosen. */
export const DEFAULT = /** @type {State} */ (Object.freeze(
  Object.fromEntries(Object.entries(FIELDS).map(([key, { usual }]) => [key, usual])),
));

/**
 * A row as it is for a state, since what is usual, and how much is allowed, may depend on other choices.
 * @param {string} key @param {Record<string, any>} state @returns {Field | undefined} nothing where there is no such choice
 */
export function fieldOf(key, state) {
  const row = FIELDS[key];
  const usual = row.usualIn ? row.usualIn(state) : row.usual;
  const [most, words] = [row.mostIn?.(state) ?? row.most, row.wordsIn?.(state) ?? row.words];
  return usual === undefined ? undefined : { ...row, usual, most, words };
}

/**
 * The same state without what does not go together: there it is as usual.
 * @param {Record<string, any>} state @param {Record<string, any>} [before] where what was usual is to stay so
 */
export function settle(state, before) {
  const settled = { ...state };
  for (const key of Object.keys(FIELDS)) {
    const field = fieldOf(key, settled);
    const old = before && (fieldOf(key, before) ?? FIELDS[key]).usual;
    if (!field) settled[key] = FIELDS[key].usual;
    else if (settled[key] === old && settled[key] === before?.[key]) settled[key] = field.usual;
    else if (settled[key] > field.most) settled[key] = field.most;
    else if (field.wordsIn && !Object.hasOwn(field.words ?? {}, settled[key])) settled[key] = field.usual;
  }
  return /** @type {State} */ (settled);
}

const groups = Object.values(FIELDS).flatMap(({ group }) => group ?? []);
/** The groups of the form, and the keys in each; the first holds the red tuple, without which there is no run. */
export const GROUPS = [...new Set([groups[0], LEARNS, ...groups])].map((name) => ({
  name,
  keys: Object.keys(FIELDS).filter((key) => FIELDS[key].group === name),
}));
