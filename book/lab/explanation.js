// @ts-check
// What became of a run and why, with its numbers, and what would mend it.
import { branch, partAt, partsOf, split } from "./branches.js";
import { constants } from "./constants.js";
import { FIELDS } from "./fields.js";
import { errorOfConstant, HIGHER, isStuck } from "./judge.js";
import { judge, known, largest, rises } from "./measures.js";
import { limitOf } from "./rates.js";
import { number } from "./words.js";

const SAFE = 0.9; // of the limit that the sharpness must not exceed, 10 % less

const OF_ALL = ", the limit for steps over all samples"; // what holds with batches

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
  if (partAt(history.state, history.epochs).penalty) {
    return { text: `${text} The penalty on large weights may hold it there.` };
  }
  return { text, link: { label: "What the start has to do with it", href: "ways-starts.html" } };
}

/** @param {LabHistory} history @param {string} what has happened */
function explainDivergence(history, what) {
  const { best_epoch } = history, state = partAt(history.state, 0), limit = limitOf(state);
  const [first] = known(history, 0);
  const ratio = first?.value / (limit?.at(0) ?? Infinity);
  if (!(limit && ratio > 1)) return withSlower(history, [what, ...tellCrossing(history, best_epoch)], best_epoch);
  const longest = limit.name.replace(/rate$/, "sharpness");
  const is = [longest.replace("sharpness", number(first.value)), number(state.rate / ratio)].join(" = ");
  const so = state.batch
    ? "So even steps over all samples would be too long."
    : state.optimizer === "descent"
    ? "So the first step is too long already: in the steepest direction it ends farther from the bottom of the valley than it began."
    : "So a zigzag in the steepest direction grows from the beginning.";
  const text = `${what} The rate ${number(state.rate)} is ${
    number(ratio)
  } times ${longest} at epoch 0, which is ${is}. ${so}`;
  return withSlower(history, [text], 0);
}

/** @param {LabHistory} history */
function explainOscillation(history) {
  const { best_epoch, epochs } = history;
  const sentences = [
    "The run oscillates.",
    ...tellCrossing(history, best_epoch),
    tellRises(history),
    overfits(history, true) ? tellOverfitting(history) : tellEnd(history),
  ];
  return withSlower(history, sentences, epochs);
}

/**
 * With a rate that is small enough for the largest sharpness up to an epoch; half of it where nothing says how small.
 * @param {LabHistory} history @param {string[]} sentences @param {number} until
 */
function withSlower(history, sentences, until) {
  const text = sentences.join(" ");
  if (!isLimited(history.state) || hasBatches(history.state)) return { text, ...half(history) };
  if (until > 0 && history.crossing === undefined) return { text }; // there is more to come
  const action = slower(history, until);
  if (!action) return { text };
  const enough = until > 0
    ? "With a smaller rate the path is another one, on which the sharpness may grow further."
    : partAt(history.state, 0).optimizer === "descent"
    ? "A smaller rate can make the first step short enough; later the sharpness may still grow."
    : "A smaller rate can keep it from growing at first; later the sharpness may still grow.";
  return { text: `${text} ${enough}`, action };
}

/** Nothing is to be mended: the run has found the way back by itself. @param {LabHistory} history @param {number} until */
function explainSettled(history, until) {
  const { epochs, crossing } = history;
  const sentences = [
    hasBatches(history.state) // whose noise goes on
      ? `A zigzag of the weights lasted until epoch ${until}.`
      : `The run shook until epoch ${until}, then settled.`,
    tellRises(history),
    overfits(history) ? tellOverfitting(history) : tellEnd(history),
    ...(typeof crossing === "number" ? tellCrossing(history, epochs) : []),
  ];
  return { text: sentences.join(" ") };
}

/**
 * Whether the test error ends higher than it was, and the training error lower; where errors go up and down, during
 * the whole of the last tenth.
 * @param {LabHistory} history @param {boolean} [shakes]
 */
function overfits({ test_error, train_error, best_epoch, epochs, state }, shakes = hasBatches(state)) {
  const end = shakes ? Math.min(Math.floor(0.9 * epochs), epochs - 1) : epochs;
  const test = Math.min(...test_error.subarray(end)), train = Math.max(...train_error.subarray(end));
  // By however little it falls: much noise leaves much that cannot be learned.
  return test / test_error[best_epoch] > HIGHER && train / train_error[best_epoch] < 1;
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
  const points = known(history, epochs), limit = limitOf(state), batch = hasBatches(state);
  if (crossing === undefined || !points.length || !limit || !isLimited(state)) return { text: told };
  const fixed = isFixed(state);
  if (crossing !== null) {
    const text = [told, ...tellCrossing(history, epochs)].join(" ");
    const longer = Math.min(2 * epochs, FIELDS.epochs.most);
    const over = points[points.length - 1].value <= limit.at(epochs);
    if (first_rise !== null || over || longer === epochs || batch || !fixed) return { text };
    const action = { label: `Train for ${longer} epochs`, state: { ...state, epochs: longer, epoch: longer } };
    return { text: `${text} Nothing of the zigzag is to be seen yet.`, action };
  }
  const most = number(largest(points).value), bound = fixed ? `${limit.name} = ${number(limit.at(0))}` : limit.name;
  const descent = partsOf(state).every((part) => part.state.optimizer === "descent");
  const so = batch ? OF_ALL : descent ? ", so that no step is too long" : ", so that no zigzag grows";
  return { text: `${told} The sharpness is ${most} at most and stays below ${bound}${so}.` };
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
  const { crossing, first_rise, state } = history, limit = limitOf(state);
  if (crossing === undefined || !limit) return [];
  const { batch, optimizer } = partAt(state, crossing ?? 0), descent = optimizer === "descent";
  const bound = `${limit.name} = ${number(limit.at(crossing ?? 0))}`;
  if (crossing === null) {
    if (!isLimited(state)) return [];
    const never = isFixed(state) ? bound : limit.name;
    return [`At no epoch looked at is the sharpness above ${never}${hasBatches(state) ? OF_ALL : ""}.`];
  }
  if (crossing === 0) {
    const so = batch
      ? OF_ALL
      : descent
      ? ", so that the run begins with steps that are too long"
      : ", so that a zigzag grows at once";
    return [`The sharpness is above ${bound} from the beginning${so}.`];
  }
  const begins = `At epoch ${crossing} the sharpness passed ${bound}`;
  if (batch) return [`${begins}${OF_ALL}. The noise of batches can shake a run before.`];
  /** @type {{epoch: number, value: number}[]} */
  const all = known(history, until);
  const points = all.filter(({ epoch }) => epoch > crossing);
  const lastBelow = points.findLastIndex(({ epoch, value }) => value <= limit.at(epoch));
  const grows = descent
    ? "every step ends farther across the valley than it began, and a zigzag grows, at first too small to be seen"
    : "a zigzag across the valley grows, at first too small to be seen";
  if (lastBelow >= 0 && lastBelow === points.length - 1) return [`${begins}, but it came back.`];
  if (lastBelow >= 0) {
    return [
      `${begins} and came back; about epoch ${
        points[lastBelow + 1].epoch
      } it passed it again. While it is above, ${grows}.`,
    ];
  }
  const shows = descent && first_rise !== null && first_rise > crossing; // a ball may also roll uphill
  return [
    `${begins}: from then on ${grows}.`,
    ...(shows ? [`It shows after epoch ${first_rise}, when the error rises for the first time.`] : []),
  ];
}

/**
 * A rate that is small enough for each sharpness up to an epoch, if it is smaller than the present one.
 * @param {LabHistory} history @param {number} until
 */
function slower(history, until) {
  const { state } = history, limit = /** @type {NonNullable<ReturnType<typeof limitOf>>} */ (limitOf(state));
  const parts = known(history, until).map(({ epoch, value }) => ({ epoch, value: value / limit.at(epoch) }));
  const { epoch, value } = largest(parts), now = partAt(state, epoch).rate;
  const rate = Math.max(Number(((SAFE * now) / value).toPrecision(3)), FIELDS.rate.least);
  if (!(value > 0 && rate < now)) return undefined;
  return { label: `Try a rate of ${rate}, 10 % below the limit`, state: withRate(state, epoch, rate) };
}

/** Another rate in the part of a run that an epoch is in. @param {State} state @param {number} epoch @param {number} rate */
function withRate(state, epoch, rate) {
  const { first } = partsOf(state).filter((part) => part.first <= epoch).slice(-1)[0];
  return split(state.at).some((one) => one.epoch === first) ? branch(state, first, { rate }) : { ...state, rate };
}

/** Whether a step sees some of the samples, in the whole run or later. @param {State} state */
const hasBatches = (state) => partsOf(state).some((part) => part.state.batch);

/** Whether there is a limit in each part of the run. @param {State} state */
const isLimited = (state) => partsOf(state).every((part) => limitOf(part.state));

/** Whether the limit is one number. @param {State} state */
const isFixed = ({ schedule, at }) => schedule === "constant" && !at;

/** Half the rate, if the rate is more than that of the first step. @param {LabHistory} history */
function half({ state }) {
  const last = partAt(state, state.epochs), rate = last.rate / 2;
  if (!constants.optimizers[last.optimizer].scheduled || rate < FIELDS.rate.least) return {};
  return { action: { label: `Try half the rate, ${number(rate)}`, state: withRate(state, state.epochs, rate) } };
}
