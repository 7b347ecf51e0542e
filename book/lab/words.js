// @ts-check
// What happened in a run, in words and with its numbers.
"use strict";
(function (lab) {
  const ZIGZAG = 10; // turns in succession, as in nnlib.report.measures: by chance once in 1024 times
  const SAFE = 1.8; // of the 2 that a rate times the sharpness must not exceed

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

  /** The largest sharpness that is known up to an epoch. @param {LabHistory} history @param {number} epoch */
  function sharpest(history, epoch) {
    const { epochs, values } = history.sharpness;
    let found = { epoch: NaN, value: NaN };
    values.forEach((value, i) => {
      if (epochs[i] <= epoch && !(value <= found.value) && Number.isFinite(value)) found = { epoch: epochs[i], value };
    });
    return found;
  }

  /** The sharpness at epoch 0; NaN if it is not known yet. @param {LabHistory} history */
  function firstSharpness(history) {
    return history.sharpness.epochs[0] === 0 ? history.sharpness.values[0] : NaN;
  }

  /** Whether, after the best epoch, some weight turns back again and again. @param {LabHistory} history */
  function oscillates(history) {
    return [...history.U.flat(), ...history.V].some((weight) => {
      let succession = 0;
      for (let epoch = history.best_epoch + 2; epoch < history.count; epoch++) {
        const turns = (weight[epoch] - weight[epoch - 1]) * (weight[epoch - 1] - weight[epoch - 2]) < 0;
        succession = turns ? succession + 1 : 0;
        if (succession > ZIGZAG) return true;
      }
      return false;
    });
  }

  /**
   * What became of a run. Nothing, as long as it goes on and nothing has happened.
   * @param {LabHistory} history @returns {{text: string, action?: {label: string, state: State}} | null}
   */
  function explain(history) {
    const { overflow_epoch, checksum, test_error } = history;
    if (overflow_epoch !== null) return explainDivergence(history, `The run overflows at epoch ${overflow_epoch}: from there on there are no numbers.`);
    if (checksum === null) return null;
    const [first, last] = [test_error[0], test_error[history.epochs]];
    if (last > first) return explainDivergence(history, `The run diverges: its error is ${number(first)} at the beginning and ${number(last)} at the end.`);
    if (oscillates(history)) return explainOscillation(history);
    return explainCalm(history);
  }

  /** @param {LabHistory} history @param {string} what has happened */
  function explainDivergence(history, what) {
    const { rate } = history.state;
    const sharpness = firstSharpness(history);
    const ratio = (rate * sharpness) / 2;
    if (!(ratio > 1)) {
      const later = explainCrossing(history);
      return { text: `${what} ${later}`.trim(), action: slower(history, sharpest(history, history.best_epoch)) };
    }
    const limit = `2 / sharpness at epoch 0, which is 2 / ${number(sharpness)} = ${number(2 / sharpness)}`;
    const text = `${what} The rate ${number(rate)} is ${number(ratio)} times ${limit}. So the first step is too long already: it ends higher up on the other side of the valley.`;
    return { text, action: slower(history, { epoch: 0, value: sharpness }) };
  }

  /** @param {LabHistory} history */
  function explainOscillation(history) {
    const { best_epoch, test_error, epochs } = history;
    const last = number(test_error[epochs]);
    const times = number(test_error[epochs] / test_error[best_epoch]);
    const lowest = `The error is lowest at epoch ${best_epoch}, ${number(test_error[best_epoch])}; at the end it is ${last}, ${times} times as high.`;
    const text = `The run oscillates. ${explainCrossing(history)} ${lowest}`;
    return { text: text.replace("  ", " "), action: slower(history, sharpest(history, best_epoch)) };
  }

  /** @param {LabHistory} history */
  function explainCalm(history) {
    const { first_rise, best_epoch, test_error, train_error, epochs, state } = history;
    const last = `ends at ${number(test_error[epochs])}`;
    if (history.crossing !== undefined && history.crossing !== null) {
      const text = `${explainCrossing(history)} At the end nothing is to be seen of it: the error ${last}.`;
      const longer = Math.min(2 * epochs, lab.address.LIMITS.epochs.most);
      if (longer === epochs) return { text };
      return { text, action: { label: `Train for ${longer} epochs`, state: { ...state, epochs: longer, epoch: longer } } };
    }
    if (best_epoch < epochs && train_error[epochs] < train_error[best_epoch]) {
      return { text: `The test error is lowest at epoch ${best_epoch} and ${last}, while the training error goes on falling: the network learns what only its samples have. This is overfitting.` };
    }
    const falls = first_rise === null ? "The error falls at every epoch" : "The run does not oscillate; its error";
    const most = sharpest(history, epochs);
    const calm = `${falls}${first_rise === null ? " and" : ""} ${last}.`;
    if (Number.isNaN(most.value) || history.crossing === undefined) return { text: calm };
    return { text: `${calm} The sharpness is ${number(most.value)} at most and stays below 2 / rate = ${number(2 / state.rate)}, so that no step is too long.` };
  }

  /** When steps became too long, and when it showed. @param {LabHistory} history */
  function explainCrossing(history) {
    const { crossing, first_rise, state } = history;
    const rises = first_rise === null ? "" : ` The error rises for the first time after epoch ${first_rise}.`;
    if (crossing === undefined) return rises.trim();
    const limit = `2 / rate = ${number(2 / state.rate)}`;
    if (crossing === null) return `At no epoch looked at was the sharpness above ${limit}.${rises}`;
    if (crossing === 0) return `The sharpness is above ${limit} from the beginning: each step overshoots.${rises}`;
    return `At epoch ${crossing} the sharpness passed ${limit}: from then on each step overshoots a little more than the one before.${rises}`;
  }

  /**
   * What to do about it: a rate that is not too large for the sharpness found.
   * @param {LabHistory} history @param {{epoch: number, value: number}} found
   */
  function slower({ state }, { epoch, value }) {
    const { least, most } = lab.address.LIMITS.rate;
    const wanted = Number((SAFE / value).toPrecision(3));
    if (!(wanted < state.rate)) return undefined;
    const rate = Math.min(Math.max(wanted, least), most);
    return { label: `Set the rate to ${number(rate)}, which is ${SAFE} / sharpness at epoch ${epoch}`, state: { ...state, rate } };
  }

  /** What a choice is called in a list of differences. @param {State} state @param {keyof State} key */
  function spell(state, key) {
    const value = state[key];
    if (key === "f") return typeof value === "string" ? value : `a drawn curve of ${state.f.length} values`;
    if (key === "order") return value === "drawn" ? "as drawn" : `shuffled by seed ${value}`;
    if (typeof value === "string") return value === "standard" ? "the standard ones" : `those of seed ${value}`;
    return number(/** @type {number} */ (value)) === minus(value) ? minus(value) : String(value);
  }

  /** @param {any} value */
  function minus(value) {
    return String(value).replace("-", "\u2212");
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
    if (overflow_epoch !== null && epoch >= overflow_epoch) return `${place}: no numbers, the run overflowed at epoch ${overflow_epoch}.`;
    const errors = `test error ${number(test_error[epoch])}, training error ${number(train_error[epoch])}`;
    const best = epoch === best_epoch ? "the lowest" : `the lowest test error is ${number(test_error[best_epoch])} at epoch ${best_epoch}`;
    return `${place}: ${errors}; ${best}${epoch === best_epoch ? " test error of the run" : ""}.`;
  }

  lab.words = { explain, differences, summary, number };
})((globalThis.lab ??= {}));
