// @ts-check
// What becomes of a run at each of many rates. It is only judged: nothing of it is kept.
import { sharpness } from "./curvature.js";
import { makeJudge } from "./judge.js";
import { isPoints } from "./numbers.js";
import { descend, makeKernel, prepare, workOf } from "./training.js";

const MOST = 2 ** 31; // epochs times samples times neurons, all rates together: some two seconds
const CELLS = 60; // parts of all rates of which none is left out
const GRID = 8; // parts between those rates that are tried first
const LARGE = 1e150; // weights beyond it may have an error on the test set that is too large for a number

/** @type {ReturnType<typeof makeKernel> | undefined} */
let kernel;

/**
 * Judge a run while it is trained, and whether its weights were large. If it need not be whole, an overflow ends it.
 * @param {Run} run @param {ReturnType<typeof makeKernel>} kernel @param {boolean} [whole]
 * @returns {Generator<void, {outcome: Outcome, large: boolean}>}
 */
export function* follow(run, kernel, whole = false) {
  const { h, epochs } = run.state;
  const { add, overflow, verdict } = makeJudge(h, epochs);
  const size = run.weights.length;
  let judged = 0, large = false;
  function judge() {
    for (; judged < run.count; judged++) {
      const weights = run.rows.subarray(judged * size, (judged + 1) * size);
      add(weights, run.train_error[judged]);
      large ||= weights.some((weight) => Math.abs(weight) > LARGE);
    }
  }
  for (const _ of descend(run, kernel)) {
    judge();
    if (overflow() !== null && !whole) break;
    yield;
  }
  judge();
  return { outcome: verdict(run.overflow_epoch !== null).outcome, large };
}

/**
 * The next one to try: in the middle of a gap, the widest first, until all gaps are narrow enough, and where other
 * things become of its two ends, until it is none.
 * @param {(Outcome | undefined)[]} found
 */
function next(found) {
  const wide = found.length / CELLS, { length } = found;
  let before = 0, middle = -1, most = 0;
  for (let n = 1; n < length; n++) {
    if (found[n] === undefined) continue;
    const gap = n - before, differ = found[before] !== found[n];
    const score = gap > wide ? gap * length * (differ ? length : 1) : differ && gap > 1 ? gap : 0;
    if (score > most) [middle, most] = [(before + n) >> 1, score];
    before = n;
  }
  return middle;
}

/**
 * The outcomes at some of many rates, from low to high, and the sharpness at the start. Of a long run few are tried,
 * or none. Returns whether these were all that there are to try.
 * @param {State} state @param {number[]} rates
 * @param {(found: {sharpness?: number, n?: number, outcome?: Outcome}) => void} onFound
 * @returns {Generator<void, boolean>}
 */
export function* outcomes(state, rates, onFound) {
  const work = workOf(state, isPoints(state.f) ? state.f.length : state.samples);
  const one = state.epochs * work; // for one rate
  if (one * (GRID + 1) > MOST) return false;
  const run = prepare(state), own = kernel ??= makeKernel();
  run.rows.set(run.weights);
  onFound({ sharpness: sharpness(run, 0) });
  const test_set = { x: run.test_set.x.slice(0, 1), y: run.test_set.y.slice(0, 1) }; // as its error is not asked for
  /** @type {(Outcome | undefined)[]} */
  const found = rates.map(() => undefined);
  const grid = Array.from({ length: GRID + 1 }, (_, k) => Math.round((k * (rates.length - 1)) / GRID));
  for (let done = 0, tried = 0; tried < 2 * CELLS && done + one <= MOST; tried++) {
    const n = grid.shift() ?? next(found);
    if (n < 0) return true;
    const begun = { ...run, state: { ...state, rate: rates[n] }, count: 0, overflow_epoch: null };
    const at = { ...begun, test_set };
    let { outcome, large } = yield* follow(at, own);
    if (large && outcome !== "overflow") ({ outcome } = yield* follow(begun, own));
    done += at.count * work;
    onFound({ n, outcome: found[n] = outcome });
  }
  return next(found) < 0;
}
