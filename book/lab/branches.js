// @ts-check
// What changes at an epoch of a run, as nnlib.Experiment.at has it.
//
// In a state it is a text, with spaces between the epochs: "481:rate=0.5 600:optimizer=heavy-ball:beta=0.9".
import { constants } from "./constants.js";
import { fieldOf, FIELDS, settle } from "./fields.js";

/** @typedef {Record<string, any>} Choices */

const { optimizers, schedules } = constants;
export const MOST = 8; // epochs at which something changes

/** The settings that some kinds of a choice have. @param {Record<string, {settings: {}}>} kinds */
const settingsOf = (kinds) => [...new Set(Object.values(kinds).flatMap(({ settings }) => Object.keys(settings)))];
const STRETCHED = ["steps", "cosine"]; // schedules that end with the run
/** What can change, each choice with its settings. */
const CHOICES = [
  ["rate"],
  ["optimizer", ...settingsOf(optimizers)],
  ["schedule", ...settingsOf(schedules)],
  ["batch"],
  ["shuffle"],
  ["penalty"],
];
/** The keys of all that can change. */
export const CHANGING = CHOICES.flat();
/** Those of them that end where they do not go with others. */
export const ENDING = ["schedule", "batch", "shuffle"];

/** @param {string} key @param {string} text */
function valueOf(key, text) {
  if (key === "batch" && text === "all") return 0;
  return typeof FIELDS[key].usual === "number" ? Number(text) : text;
}

/** The epochs at which something changes, and what. @param {string} at @returns {{epoch: number, changes: Choices}[]} */
export function split(at) {
  return at.split(" ").filter((one) => one).map((one) => {
    const [epoch, ...words] = one.split(":");
    const pairs = words.map((word) => word.split("="));
    return { epoch: Number(epoch), changes: Object.fromEntries(pairs.map(([key, text]) => [key, valueOf(key, text)])) };
  });
}

/** Choices with some that are new; a choice brings its settings along. @param {Choices} before @param {Choices} changes @returns {State} */
export function change(before, changes) {
  /** @type {Choices} */
  const after = { ...before, ...changes };
  for (const [choice, ...settings] of CHOICES) {
    if (!(choice in changes)) continue;
    for (const key of settings) if (!(key in changes)) after[key] = (fieldOf(key, after) ?? FIELDS[key]).usual;
  }
  return settle(after);
}

/** The text of what changes at an epoch. @param {number} epoch @param {Choices} before @param {Choices} after @param {Choices} [said] what is said even if it is the same */
function spell(epoch, before, after, said = {}) {
  const keys = CHOICES.flatMap(([choice, ...settings]) => {
    const differs = [choice, ...settings].some((key) => before[key] !== after[key]);
    if (choice === "shuffle" && !after.batch) return []; // it has ended with them
    if (!differs && !(choice in said && fieldOf(choice, after))) return [];
    const told = settings.filter((key) => {
      const field = fieldOf(key, after);
      return field && (after[key] !== field.usual || field.isNeeded?.(after));
    });
    return [choice, ...told];
  });
  const words = (keys.length ? keys : ["rate"]).map((key) =>
    `${key}=${key === "batch" && !after.batch ? "all" : after[key]}`
  );
  return [epoch, ...words].join(":");
}

/** A state whose changes are such as its other choices allow, each said in one way. @param {State} state @returns {State} */
export function fit(state) {
  if (!state.at) return state;
  /** @type {State} */
  let part = { ...state, at: "" };
  /** @type {string[]} */
  const texts = [];
  let last = -1;
  for (const { epoch, changes } of split(state.at)) {
    if (epoch <= last || epoch >= state.epochs || texts.length === MOST) continue;
    const after = change(part, changes);
    texts.push(spell(epoch, part, after, changes));
    [part, last] = [after, epoch];
  }
  return { ...state, at: texts.join(" ") };
}

/**
 * The parts of a run: each with its first epoch, the one at which it ends, and its choices.
 * @param {State} state @returns {{first: number, end: number, state: State}[]}
 */
export function partsOf(state) {
  /** @type {State} */
  let part = { ...state, at: "" };
  const parts = [{ first: 0, end: state.epochs, state: part }];
  for (const { epoch, changes } of split(state.at)) {
    part = change(part, changes);
    parts[parts.length - 1].end = epoch;
    parts.push({ first: epoch, end: state.epochs, state: part });
  }
  return parts;
}

/** The part of a run that an epoch is in, by its choices. @param {State} state @param {number} epoch */
export function partAt(state, epoch) {
  return partsOf(state).filter(({ first }) => first <= epoch).slice(-1)[0].state;
}

/** What is asked of an epoch, by the part that it is in. @template T @param {State} state @param {(part: State) => Of<T>} make @returns {Of<T>} */
export function inParts(state, make) {
  const [first, ...later] = partsOf(state).map((part) => ({ first: part.first, of: make(part.state) }));
  if (!later.length) return first.of;
  return (epoch) => (later.findLast((part) => part.first <= epoch) ?? first).of(epoch);
}

/** Why a run cannot go on in another way from an epoch; nothing if it can. @param {State} state @param {number} epoch */
export function hindrance(state, epoch) {
  if (split(state.at).filter((one) => one.epoch < epoch).length >= MOST) {
    return `A run changes at ${MOST} epochs at most.`;
  }
  if (epoch < state.epochs) return "";
  if (state.epochs === FIELDS.epochs.most) return `A run has ${state.epochs} epochs at most.`;
  return partsOf(state).some(({ state: { schedule } }) => STRETCHED.includes(schedule))
    ? "With its schedule, a run of more epochs is another one from the beginning."
    : "";
}

/**
 * Up to an epoch the same run, and from there on with something new, or with something else; at its end it goes on for
 * as long again.
 * @param {State} state @param {number} epoch @param {Choices} changes @returns {State}
 */
export function branch(state, epoch, changes) {
  const earlier = split(state.at).filter((one) => one.epoch < epoch).length;
  const at = state.at.split(" ").slice(0, earlier), now = partAt(state, epoch);
  const before = partsOf(state)[earlier].state;
  const epochs = epoch < state.epochs ? state.epochs : Math.min(Math.max(2 * epoch, 1), FIELDS.epochs.most);
  return { ...state, epochs, at: [...at, spell(epoch, before, settle({ ...now, ...changes }, now))].join(" ") };
}

/** Without its last change. @param {State} state @returns {State} */
export function unbranch(state) {
  return { ...state, at: state.at.split(" ").slice(0, -1).join(" ") };
}
