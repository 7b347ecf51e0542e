// @ts-check
// The same run in other libraries: the programs of nnlib.elsewhere, with the numbers of a run.
import { constants } from "./constants.js";
import { DEFAULT, FIELDS } from "./fields.js";

/** The libraries, and their names. @type {[string, string][]} */
export const LIBRARIES = Object.entries(constants.elsewhere.names);

const OWN = ["f", "h", "rate", "epochs", "epoch"]; // what a program can say; it starts as the document does

/** A number as Python writes a float. @param {number} value */
const float = (value) => Number.isInteger(value) && value < 1e16 ? value.toFixed(1) : `${value}`;

/** The program for a library, or why there is none. @param {State} state @param {string} library @returns {string} */
export function program(state, library) {
  const { programs, shown, formulas } = constants.elsewhere;
  const [said, usual] = /** @type {Record<string, any>[]} */ ([state, DEFAULT]);
  const other = Object.keys(FIELDS).find((key) => !OWN.includes(key) && said[key] !== usual[key]);
  if (typeof state.f !== "string") return "There is no program for a curve that was drawn, or for points.";
  if (other) return "The programs have the standard samples and initial weights, without noise.";
  const epochs = [...shown.filter((/** @type {number} */ n) => n < state.epochs), state.epochs];
  /** @type {Record<string, string>} */
  const values = {
    tuple: `(${[state.f, state.h, state.rate, state.epochs].join(", ")})`,
    formula: formulas[state.f],
    h: `${state.h}`,
    neurons: `${state.h - 1}`,
    rate: float(state.rate),
    epochs: `${state.epochs}`,
    shown: epochs.join(", "),
  };
  return programs[library].replace(
    /\{\{(\w+)\}\}/g,
    (/** @type {string} */ _, /** @type {string} */ key) => values[key],
  );
}
