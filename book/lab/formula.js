// @ts-check
// What the network computes, as lines that Python runs: with all digits, and from plain x to plain y.
import { constants } from "./constants.js";

/** A term of a sum, with its sign. @param {number} factor @param {string} of */
const term = (factor, of) => `${factor < 0 ? "-" : "+"} ${Math.abs(factor)}${of}`;

/** @param {string} first term of a sum, whose plus is not written */
const begin = (first) => first.replace(/^\+ /, "").replace(/^- /, "-");

/** @param {LabHistory} history @param {number} epoch */
export function formula({ U, V, state, count }, epoch) {
  const [inputs, outputs] = constants.units[state.units];
  const at = Math.min(epoch, count - 1);
  const parts = V.map((v, i) => {
    if (i === U.length) return term(v[at] * outputs, "");
    const [a, b] = U[i];
    return term(v[at] * outputs, `*sigmoid(${begin(term(a[at] / inputs, "*x"))} ${term(b[at], "")})`);
  });
  if (!V.every((v) => Number.isFinite(v[at]))) return `# At epoch ${at} there is no number left.`;
  return `from numpy import exp

sigmoid = lambda z: 1 / (1 + exp(-z))
y = lambda x: (
    ${begin(parts.join("\n    "))}
)`;
}
