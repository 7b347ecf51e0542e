// @ts-check
// The axis that suits the values of a panel, also where a run overflows.
import * as scales from "./scales.js";
import { number } from "./scales.js";

const REACH = 1e6; // times what there was at first; beyond it a logarithmic axis shows nothing
const MOST = 0.9; // of the values, if those below are so many

/** @param {Float64Array | ArrayLike<number>} values @param {number} from @param {number} to @param {Extent} range */
function widen(values, from, to, range) {
  for (let e = from; e <= to; e++) {
    const v = values[e];
    if (v > range.high && v < Infinity) range.high = v;
    if (v < range.low && v > range.least) range.low = v;
  }
}

/** How many of the values of a curve are not beyond a limit, as a part of 1. @param {Pick<Curve, "values" | "at" | "count">} curve @param {number} from @param {number} to @param {number} cap */
function share({ values, at, count }, from, to, cap) {
  let [all, below] = [0, 0];
  for (let n = 0; n < count; n++) {
    const epoch = at ? at[n] : n;
    if (epoch < from || epoch > to || Number.isNaN(values[n])) continue;
    all++;
    if (values[n] <= cap) below++;
  }
  return below / all;
}

/** The scale that suits all curves between two epochs, and what it leaves out. @param {Pick<Spec, "scale" | "fixed">} spec @param {Pick<Curve, "values" | "at" | "count">[]} curves @param {{from: number, to: number}} range */
export function fit({ scale, fixed }, curves, { from, to }) {
  if (fixed) return { y: fixed, left_out: "" };
  /** @type {Extent} */
  const range = { low: Infinity, high: -Infinity, least: scale === "log" ? 0 : -Infinity };
  for (const { values, at, count } of curves) {
    if (at) widen(values, latest(at, from), Math.min(latest(at, to) + 1, count - 1), range);
    else widen(values, from, Math.min(to, count - 1), range);
  }
  if (range.high < range.low) [range.low, range.high] = [0.1, 1];
  if (scale !== "log") {
    const y = scales.forWeights(range.low, range.high);
    return { y, left_out: y.high > scales.HUGE || y.low < -scales.HUGE ? "logarithmic beyond ±1" : "" };
  }
  const cap = REACH * curves[0].values[0];
  const cut = range.high > cap && share(curves[0], from, to, cap) > MOST;
  const [low, high] = scales.outward(Math.log10(range.low * 0.8 || range.low), Math.log10(range.high * 1.25));
  const y = scales.logarithmic(10 ** low || range.low, cut ? cap : Math.min(1e308, 10 ** high));
  return { y, left_out: cut ? `cut off above ${number(cap)}` : "" };
}

/** The last of some epochs that is not after another one; the first where there is none. @param {number[]} epochs @param {number} epoch */
export function latest(epochs, epoch) {
  let n = epochs.length - 1;
  while (n > 0 && epochs[n] > epoch) n--;
  return n;
}
