// @ts-check
// A history, epoch by epoch: how a piece of it is packed by the worker, and unpacked on the page.

/** The names that stand before V and the columns of U. */
const FIRST = /** @type {const} */ (["test_error", "train_error", "gradient_norm", "angle"]);

/** The length of a vector, without an overflow on the way. @param {Float64Array} g */
function norm(g) {
  let largest = 0, sum = 0;
  for (let i = 0; i < g.length; i++) largest = Math.max(largest, Math.abs(g[i]));
  for (let i = 0; i < g.length; i++) sum += (g[i] / largest) ** 2;
  return largest === 0 ? 0 : largest * Math.sqrt(sum);
}

/**
 * The angle between two vectors, right for small ones as well (Kahan).
 * @param {Float64Array} a @param {Float64Array} b @param {number} one the length of a @param {number} other of b
 */
function angle(a, b, one, other) {
  if (!(one > 0 && other > 0 && one + other < Infinity)) return NaN;
  let minus = 0, plus = 0;
  for (let i = 0; i < a.length; i++) {
    minus += (a[i] / one - b[i] / other) ** 2;
    plus += (a[i] / one + b[i] / other) ** 2;
  }
  return 2 * Math.atan2(Math.sqrt(minus), Math.sqrt(plus));
}

/** What a run has new since an epoch, column after column. @param {Run} run @param {number} from */
export function pack(run, from) {
  const { count, rows, gradients, test_error, train_error } = run;
  const size = rows.length / test_error.length, length = count - from;
  const packed = new Float64Array((FIRST.length + size) * length);
  packed.set(test_error.subarray(from, count));
  packed.set(train_error.subarray(from, count), length);
  const gradient = (/** @type {number} */ epoch) => gradients.subarray(epoch * size, (epoch + 1) * size);
  let before = gradient(Math.max(from - 1, 0)), lengthBefore = from ? norm(before) : NaN; // 0 has none before
  for (let k = 0; k < length; k++) {
    const now = gradient(from + k), lengthNow = norm(now);
    packed[2 * length + k] = lengthNow;
    packed[3 * length + k] = angle(before, now, lengthBefore, lengthNow);
    for (let i = 0; i < size; i++) packed[(FIRST.length + i) * length + k] = rows[(from + k) * size + i];
    before = now, lengthBefore = lengthNow;
  }
  return packed;
}

/** A history of nothing yet. @param {State} state @param {LabHistory["train_set"]} train_set @returns {LabHistory} */
export function begin(state, train_set) {
  const { h, epochs } = state;
  const column = () => new Float64Array(epochs + 1);
  return {
    state,
    h,
    epochs,
    count: 0,
    test_error: column(),
    train_error: column(),
    gradient_norm: column(),
    angle: column(),
    V: Array.from({ length: h }, column),
    U: Array.from({ length: h - 1 }, () => [column(), column()]),
    best_epoch: 0,
    first_rise: null,
    overflow_epoch: null,
    checksum: null,
    sharpness: { epochs: [], values: [] },
    crossing: undefined,
    train_set,
  };
}

/** All columns, in the order in which they are packed. @param {LabHistory} history */
function columns(history) {
  const U = [0, 1].flatMap((j) => history.U.map((neuron) => neuron[j]));
  return [...FIRST.map((name) => history[name]), ...history.V, ...U];
}

/** Add a piece to a history. @param {LabHistory} history @param {{from: number, count: number, packed: Float64Array}} piece */
export function unpack(history, { from, count, packed }) {
  columns(history).forEach((column, i) => {
    column.set(packed.subarray(i * (count - from), (i + 1) * (count - from)), from);
  });
  history.count = count;
  const { test_error, train_error } = history;
  for (let epoch = from; epoch < count; epoch++) {
    if (test_error[epoch] < test_error[history.best_epoch]) history.best_epoch = epoch;
    if (test_error[epoch] - test_error[epoch - 1] > 0) history.first_rise ??= epoch - 1;
    if (!Number.isFinite(test_error[epoch] + train_error[epoch])) history.overflow_epoch ??= epoch;
  }
}

/** After an overflow, everything is NaN. @param {LabHistory} history @param {string} checksum */
export function finish(history, checksum) {
  for (const column of columns(history)) column.fill(NaN, history.count);
  history.count = history.epochs + 1;
  history.checksum = checksum;
}

/** Add what is known of the sharpness, by epochs. @param {LabHistory} history @param {{epoch: number, value: number}[]} found */
export function sharpen({ sharpness: { epochs, values } }, found) {
  for (const { epoch, value } of found) {
    const before = epochs.findLastIndex((known) => known < epoch) + 1;
    epochs.splice(before, 0, epoch);
    values.splice(before, 0, value);
  }
}

/** The last epoch there is anything to see of. @param {LabHistory} history */
export const extent = (history) => Math.max(1, history.overflow_epoch ?? history.epochs);
