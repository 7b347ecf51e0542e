// @ts-check
// What became of a run and why, with its numbers, and what would mend it.
import { FIELDS } from "./fields.js";
import { errorOfConstant, HIGHER, isStuck } from "./judge.js";
import { judge, known, largest, rises } from "./measures.js";
import { number } from "./words.js";

const SAFE = 1.8; // of the 2 that the rate times the sharpness must not exceed, 10 % less

/**
 * What became of a run. Nothing, as long as it goes on and nothing has happened.
 * @param {LabHistory} history
 * @returns {{text: string, action?: {label: string, state: State}, link?: {label: string, href: string}} | null}
 */
export function explain(history) {
  const { overflow_epoch, checksum, train_error, epochs, count, state, stopped } = history;
  if (stopped) {
    const text = `The run was stopped after epoch ${count - 1} of ${epochs}. What was computed until then stays.`;
    return { text, action: { label: "Train it anew, to the end", state } };
  }
  if (overflow_epoch !== null) {
    return explainDivergence(
      history,
      `The run overflows at epoch ${overflow_epoch}. Its error is too large for a number, and no epoch follows.`,
    );
  }
  if (checksum === null) return null;
  const { outcome, shaken_until, formula_overflow } = judge(history);
  const [first, last] = [0, epochs].map((epoch) => number(train_error[epoch]));
  const ends = `its training error is ${first} at the beginning and ${last} at the end.`;
  if (outcome === "overflow") {
    return explainDivergence(
      history,
      `The run overflows: at epoch ${formula_overflow}, exp(−z) in the formula of the sigmoid is too large for a number. This page takes the sigmoid from a table, so the run goes on; ${ends}`,
    );
  }
  if (outcome === "divergence") return explainDivergence(history, `The run diverges: ${ends}`);
  if (outcome === "oscillation") return explainOscillation(history);
  if (shaken_until !== null) return explainSettled(history, shaken_until);
  if (overfits(history)) return { text: tellOverfitting(history) };
  return isStuck(history.train_set.y, train_error) ? explainStuck(history) : explainCalm(history);
}

/** @param {LabHistory} history */
function explainStuck(history) {
  const [best, last] = [errorOfConstant(history.train_set.y), history.train_error[history.epochs]].map(number);
  const text =
    `The run is stuck: it has learned hardly more than a constant. The training error of the best constant is ${best}, that of this run ${last}, and it no longer falls.`;
  return { text, link: { label: "What the start has to do with it", href: "ways-starts.html" } };
}

/** @param {LabHistory} history @param {string} what has happened */
function explainDivergence(history, what) {
  const [first] = known(history, 0);
  const ratio = (history.state.rate * first?.value) / 2;
  if (!(ratio > 1)) {
    const sentences = [what, ...tellCrossing(history, history.best_epoch)];
    return withSlower(history, sentences, history.best_epoch);
  }
  const limit = `2 / sharpness at epoch 0, which is 2 / ${number(first.value)} = ${number(2 / first.value)}`;
  const text = `${what} The rate ${number(history.state.rate)} is ${
    number(ratio)
  } times ${limit}. So the first step is too long already: in the steepest direction it ends farther from the bottom of the valley than it began.`;
  return withSlower(history, [text], 0);
}

/** @param {LabHistory} history */
function explainOscillation(history) {
  const { best_epoch, epochs } = history;
  const sentences = [
    "The run oscillates.",
    ...tellCrossing(history, best_epoch),
    tellRises(history),
    tellEnd(history),
  ];
  return withSlower(history, sentences, epochs);
}

/**
 * With a rate that is small enough for the largest sharpness up to an epoch.
 * @param {LabHistory} history @param {string[]} sentences @param {number} until
 */
function withSlower(history, sentences, until) {
  const text = sentences.join(" ");
  if (until > 0 && history.crossing === undefined) return { text }; // there is more to come
  const action = slower(history, largest(known(history, until)));
  if (!action) return { text };
  const enough = until > 0
    ? "With a smaller rate the path is another one, on which the sharpness may grow further."
    : "A smaller rate can make the first step short enough; later the sharpness may still grow.";
  return { text: `${text} ${enough}`, action };
}

/** Nothing is to be mended: the run has found the way back by itself. @param {LabHistory} history @param {number} until */
function explainSettled(history, until) {
  const { epochs, crossing } = history;
  const sentences = [
    `The run shook until epoch ${until}, then settled.`,
    tellRises(history),
    overfits(history) ? tellOverfitting(history) : tellEnd(history),
    ...(typeof crossing === "number" ? tellCrossing(history, epochs) : []),
  ];
  return { text: sentences.join(" ") };
}

/** Whether the test error ends higher than it was, and the training error lower. @param {LabHistory} history */
function overfits({ test_error, train_error, best_epoch, epochs }) {
  const [test, train] = [test_error, train_error].map((error) => error[epochs] / error[best_epoch]);
  return test > HIGHER && train < 1; // by however little: much noise leaves much that cannot be learned
}

/** @param {LabHistory} history */
function tellOverfitting({ best_epoch, test_error, train_error, epochs }) {
  const [test, train] = [test_error, train_error].map((error) => [best_epoch, epochs].map((n) => number(error[n])));
  return `The test error is lowest at epoch ${best_epoch}, ${test[0]}, and ends at ${
    test[1]
  }, while the training error falls from ${train[0]} to ${
    train[1]
  }: the network learns what only its samples have. That is overfitting.`;
}

/** @param {LabHistory} history */
function explainCalm(history) {
  const { first_rise, epochs, state, crossing } = history;
  const told = first_rise === null
    ? `The error never rises and ends at ${number(history.test_error[epochs])}.`
    : `${tellRises(history)} ${tellEnd(history)}`;
  const points = known(history, epochs);
  if (crossing === undefined || !points.length) return { text: told };
  if (crossing !== null) {
    const text = [told, ...tellCrossing(history, epochs)].join(" ");
    const longer = Math.min(2 * epochs, FIELDS.epochs.most);
    const over = points[points.length - 1].value <= 2 / state.rate;
    if (first_rise !== null || over || longer === epochs) return { text };
    const action = { label: `Train for ${longer} epochs`, state: { ...state, epochs: longer, epoch: longer } };
    return { text: `${text} Nothing of the zigzag is to be seen yet.`, action };
  }
  const [most, limit] = [largest(points).value, 2 / state.rate].map(number);
  return {
    text: `${told} The sharpness is ${most} at most and stays below 2 / rate = ${limit}, so that no step is too long.`,
  };
}

/** How often the error rises, and how far. @param {LabHistory} history */
function tellRises({ test_error, epochs }) {
  const { count, ratio, at } = rises(test_error);
  if (!count) return "The error never rises.";
  const often = `The error rises at ${count} of ${epochs} ${epochs === 1 ? "epoch" : "epochs"}`;
  if (ratio <= HIGHER) return `${often}, but never to more than one percent above the lowest before.`;
  return `${often}, at most to ${number(ratio)} times the lowest before, at epoch ${at}.`;
}

/** Where the error is lowest, and where it ends. @param {LabHistory} history */
function tellEnd({ test_error, best_epoch, epochs }) {
  const [lowest, last] = [best_epoch, epochs].map((epoch) => number(test_error[epoch]));
  if (best_epoch === epochs) return `The error is lowest at the end, ${last}.`;
  return `The error is lowest at epoch ${best_epoch}, ${lowest}, and ends at ${last}.`;
}

/** When the steps became too long, and when it showed. @param {LabHistory} history @param {number} until @returns {string[]} */
function tellCrossing(history, until) {
  const { crossing, first_rise, state } = history;
  if (crossing === undefined) return [];
  const limit = 2 / state.rate;
  if (crossing === null) return [`At no epoch looked at is the sharpness above 2 / rate = ${number(limit)}.`];
  if (crossing === 0) {
    return [
      `The sharpness is above 2 / rate = ${
        number(limit)
      } from the beginning, so that the run begins with steps that are too long.`,
    ];
  }
  const begins = `At epoch ${crossing} the sharpness passed 2 / rate = ${number(limit)}`;
  /** @type {{epoch: number, value: number}[]} */
  const all = known(history, until);
  const points = all.filter(({ epoch }) => epoch > crossing);
  const lastBelow = points.findLastIndex(({ value }) => value <= limit);
  const grows =
    "every step ends farther across the valley than it began, and a zigzag grows, at first too small to be seen";
  if (lastBelow >= 0 && lastBelow === points.length - 1) return [`${begins}, but it came back.`];
  if (lastBelow >= 0) {
    return [
      `${begins} and came back; about epoch ${
        points[lastBelow + 1].epoch
      } it passed it again. While it is above, ${grows}.`,
    ];
  }
  const shows = first_rise !== null && first_rise > crossing;
  return [
    `${begins}: from then on ${grows}.`,
    ...(shows ? [`It shows after epoch ${first_rise}, when the error rises for the first time.`] : []),
  ];
}

/**
 * A rate that is small enough for a sharpness, if it is smaller than the present one.
 * @param {LabHistory} history @param {{epoch: number, value: number}} found
 */
function slower({ state }, { value }) {
  const { least } = FIELDS.rate;
  const rate = Math.max(Number((SAFE / value).toPrecision(3)), least);
  if (!(value > 0 && rate < state.rate)) return undefined;
  return {
    label: `Try a rate of ${rate}, 10 % below the limit`,
    state: { ...state, rate },
  };
}
