// @ts-check
// The same run in other libraries: the programs of nnlib.elsewhere, with the numbers of a run.
import { experiment } from "./address.js";
import { constants } from "./constants.js";
import { DEFAULT, FIELDS } from "./fields.js";

/** The libraries, and their names. @type {[string, string][]} */
export const LIBRARIES = Object.entries(constants.elsewhere.names);

const OWN = ["f", "h", "rate", "epochs", "epoch", "optimizer"]; // what a program can say, with the optimizer's settings
const METHOD = ["schedule", "batch", "shuffle", "penalty"];

/** A number as Python writes a float. @param {number} value */
function float(value) {
  if (Number.isInteger(value) && value < 1e16) return value.toFixed(1);
  return value < 1e-4 ? value.toExponential().replace(/-(\d)$/, "-0$1") : `${value}`;
}

/** The program for a library, or why there is none. @param {State} state @param {string} library @returns {string} */
export function program(state, library) {
  const { programs, shown, formulas, names, optimizers } = constants.elsewhere;
  const settings = Object.keys(constants.optimizers[state.optimizer].settings);
  const [said, usual] = /** @type {Record<string, any>[]} */ ([state, DEFAULT]);
  const other = Object.keys(FIELDS).find((key) => ![...OWN, ...settings].includes(key) && said[key] !== usual[key]);
  if (typeof state.f !== "string") return "There is no program for a curve that was drawn, or for points.";
  if (state.at) return "There is no program for a run in which something changes on the way.";
  if (other && METHOD.includes(other)) {
    return "The programs here have all samples at once, one rate and no penalty. nnlib.elsewhere.program has more.";
  }
  const called = optimizers[library][state.optimizer];
  if (!called) {
    return `${names[library]} has no optimizer that does the same as ${FIELDS.optimizer.words?.[state.optimizer]}.`;
  }
  if (other) return "The programs have the standard samples and initial weights, without noise.";
  const epochs = [...shown.filter((/** @type {number} */ n) => n < state.epochs), state.epochs];
  /** @type {Record<string, string>} */
  const values = {
    tuple: `(${experiment({ ...state, epoch: state.epochs }).replaceAll(" ", ", ")})`,
    formula: formulas[state.f],
    h: `${state.h}`,
    neurons: `${state.h - 1}`,
    rate: float(state.rate),
    ...Object.fromEntries(settings.map((key) => [key, float(said[key])])),
    epochs: `${state.epochs}`,
    shown: epochs.join(", "),
  };
  return programs[library].replace("{{optimizer}}", called).replace(
    /\{\{(\w+)\}\}/g,
    (/** @type {string} */ _, /** @type {string} */ key) => values[key],
  );
}
