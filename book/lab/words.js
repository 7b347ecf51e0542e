// @ts-check
// Numbers, choices and places in words.
import { split } from "./branches.js";
import { FIELDS, GROUPS } from "./fields.js";
import { isPoints } from "./numbers.js";

/** A number with three digits. @param {number} x @returns {string} */
export function number(x) {
  if (Number.isNaN(x)) return "not a number";
  if (!Number.isFinite(x)) return x > 0 ? "infinite" : "\u2212infinite";
  const rounded = Number(x.toPrecision(3));
  const size = Math.abs(rounded);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) {
    const [digits, power] = rounded.toExponential().split("e");
    return `${digits} × 10${Array.from(power.replace("+", ""), superscript).join("")}`.replace("-", "\u2212");
  }
  return String(rounded).replace("-", "\u2212");
}

/** @param {string} sign of a whole number */
function superscript(sign) {
  return sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(sign)];
}

/** Of what is computed after a run is done. @param {LabHistory} history */
export function unknown({ stopped }) {
  return stopped ? "not computed" : "not known yet";
}

/** What a choice is called in a list of differences. @param {Record<string, any>} state @param {string} key @returns {string} */
function spell(state, key) {
  const value = state[key];
  if (key === "f" && typeof value !== "string") {
    return isPoints(value) ? `${value.length} points` : `a drawn curve of ${value.length} values`;
  }
  if (key === "f") return value;
  const { words, seed, spelled } = FIELDS[key];
  if (spelled) return spelled(value);
  return words?.[value] ?? (seed ? `${seed.said} ${value}` : String(value));
}

/** What changes on the way. @param {string} at */
export function tellChanges(at) {
  return split(at).map(({ epoch, changes }) => {
    const said = Object.keys(changes).map((key) => `${FIELDS[key].said} ${spell(changes, key)}`);
    return `from epoch ${epoch} on ${said.join(" and ")}`;
  }).join(", and ");
}

/** How the choices of one run differ from those of another; empty if they do not. @param {Record<string, any>} now @param {Record<string, any>} before */
export function differences(now, before) {
  const [news, gone] = [[now, before], [before, now]].map(([one, other]) =>
    one.at.split(" ").filter((/** @type {string} */ change) => !other.at.split(" ").includes(change)).join(" ")
  );
  const other = [
    tellChanges(news) || split(gone).map(({ epoch }) => `nothing changes at epoch ${epoch}`).join(" and "),
  ];
  return [
    ...GROUPS.flatMap(({ keys }) => keys).map((key) => {
      const [one, other] = [now, before].map((state) => spell(state, key));
      const said = FIELDS[key].said;
      if (one !== other) return `${said} ${one} instead of ${other}`;
      return String(now[key]) !== String(before[key]) ? `${said} another one` : "";
    }),
    ...other,
  ].filter((text) => text).join("; ");
}

/** Where the cursor is, in one sentence. @param {LabHistory} history @param {number} epoch */
export function summary(history, epoch) {
  const { epochs, count, overflow_epoch, test_error, train_error, best_epoch } = history;
  const place = `Epoch ${epoch} of ${epochs}`;
  if (epoch >= count) return `${place}: not there yet, the run is at epoch ${count - 1}.`;
  if (epoch === overflow_epoch) return `${place}: here the error overflows, and no epoch follows.`;
  if (overflow_epoch !== null && epoch > overflow_epoch) {
    return `${place}: no numbers, the run overflowed at epoch ${overflow_epoch}.`;
  }
  const errors = `test error ${number(test_error[epoch])}, training error ${number(train_error[epoch])}`;
  if (epoch === best_epoch) return `${place}: ${errors}; no test error of the run is lower.`;
  return `${place}: ${errors}; the lowest test error is ${number(test_error[best_epoch])}, at epoch ${best_epoch}.`;
}
