// @ts-check
// What a network computes, in plain units, near enough for the eye; `History.predict` has the digits.
import { constants } from "./constants.js";

const EDGE = 5; // inputs lie between -5 and 5
const EVERY = 2; // pixels between two points of a graph

/** What each hidden neuron adds to the output, the bias unit last. @param {LabHistory} history @param {number} epoch */
export function contributions({ U, V, state }, epoch) {
  const [inputs, outputs] = constants.units[state.units];
  return V.map((v, i) => {
    const c = v[epoch] * outputs;
    if (i === U.length) return () => c;
    const [a, b] = [U[i][0][epoch] / inputs, U[i][1][epoch]];
    return (/** @type {number} */ x) => c / (1 + Math.exp(-(a * x + b)));
  });
}

/** The sum of functions. @param {((x: number) => number)[]} all @returns {(x: number) => number} */
export const sum = (all) => (x) => all.reduce((total, one) => total + one(x), 0);

/** The path of a function over the whole interval. @param {number} width in pixels @param {(x: number) => number} y */
export function graph(width, y) {
  let [d, pen] = ["", "M"];
  for (let px = 0; px <= width; px += EVERY) {
    const at = y((px / width) * 2 * EDGE - EDGE);
    if (Number.isFinite(at)) d += `${pen}${px} ${Math.round(at * 10) / 10}`;
    pen = Number.isFinite(at) ? "L" : "M";
  }
  return d;
}
