// @ts-check
// Numbers, choices and places in words.
"use strict";
(function (lab) {
  /** A number with three digits. @param {number} x @returns {string} */
  function number(x) {
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

  /** What a choice is called in a list of differences. @param {State} state @param {keyof State} key */
  function spell(state, key) {
    const value = state[key];
    if (key === "f") return typeof value === "string" ? value : `a drawn curve of ${state.f.length} values`;
    if (key === "order") return value === "drawn" ? "as drawn" : `shuffled by seed ${value}`;
    if (typeof value === "string") return value === "standard" ? "the standard ones" : `those of seed ${value}`;
    return String(value);
  }

  /** @type {[keyof State, string][]} */
  const NAMES = [
    ["f", "the target is"],
    ["h", "h is"],
    ["rate", "the rate is"],
    ["epochs", "the number of epochs is"],
    ["samples", "the number of samples is"],
    ["noise", "the noise is"],
    ["data", "the samples are"],
    ["weights", "the initial weights are"],
    ["scale", "their scale is"],
    ["order", "the samples come in another order:"],
  ];

  /** How the choices of one run differ from those of another; empty if they do not. @param {State} now @param {State} before */
  function differences(now, before) {
    const found = NAMES.filter(([key]) => String(now[key]) !== String(before[key]));
    return found
      .map(([key, name]) => {
        const [one, other] = [spell(now, key), spell(before, key)];
        return one === other ? `${name} another one` : `${name} ${one} instead of ${other}`;
      })
      .join("; ");
  }

  /** Where the cursor is, in one sentence. @param {LabHistory} history @param {number} epoch */
  function summary(history, epoch) {
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

  const explain = (/** @type {LabHistory} */ history) => lab.explain(history);
  lab.words = { explain, differences, summary, number };
})(globalThis.lab ??= /** @type {Lab} */ ({}));
