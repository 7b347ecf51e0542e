// @ts-check
// The functions that the network is to learn, with the bits of nnlib: no mathematics library matters.
//
// JavaScript's numbers are doubles, and it fuses nothing; so the operations of nnlib.elementary, in their
// order, give its results. The coefficients come from there, when the book is built.
import { constants } from "./constants.js";

const { beyond, ln2_16, power, power_rest, exp_series, pi_2, sin_limit, sin_series, cos_series } = constants.elementary;
const ROUND = 3 * 2 ** 51; // doubles of this size are integers

/** The nearest integer, ties to even, as numpy.rint. @param {number} x at most 2**51 in size */
export function rint(x) {
  return x + ROUND - ROUND;
}

/** x 2**n, rounded once. @param {number} x from 1 to 2 @param {number} n from -1090 to 1090 */
function ldexp(x, n) {
  const half = Math.trunc(n / 2);
  return x * powerOfTwo(half) * powerOfTwo(n - half);
}

const view = new DataView(new ArrayBuffer(8));
/** Exact, as the language does not say that ** is. @param {number} n from -1022 to 1023 */
function powerOfTwo(n) {
  view.setUint32(0, (n + 1023) << 20);
  return view.getFloat64(0);
}

/** Horner's rule, highest power first. @param {number[]} coefficients @param {number} x */
function polynomial(coefficients, x) {
  let total = coefficients[0];
  for (let n = 1; n < coefficients.length; n++) total = total * x + coefficients[n];
  return total;
}

/** nnlib.elementary.exp. @param {number} x */
export function exp(x) {
  if (Number.isNaN(x)) return x;
  const bounded = Math.min(Math.max(x, -beyond), beyond);
  const n = rint(bounded / ln2_16[0]);
  const r = bounded - n * ln2_16[0] - n * ln2_16[1];
  const expm1 = r + r * r * polynomial(exp_series, r);
  const octave = Math.floor(n / 16);
  const j = n - 16 * octave;
  return ldexp(power[j] + (power_rest[j] + power[j] * expm1), octave);
}

/** nnlib.elementary.sin. @param {number} x at most a million in size */
export function sin(x) {
  if (!Number.isFinite(x)) return NaN;
  if (Math.abs(x) > sin_limit) throw new RangeError(`sin takes |x| up to ${sin_limit}, got ${x}`);
  if (x === 0) return x;
  const n = rint(x / (pi_2[0] + pi_2[1]));
  const exact = x - n * pi_2[0];
  const r = exact - n * pi_2[1];
  const rest = exact - r - n * pi_2[1] - n * pi_2[2]; // what rounding took from r
  const r2 = r * r;
  const quadrant = n - 4 * Math.floor(n / 4);
  const sign = quadrant < 2 ? 1 : -1;
  if (quadrant % 2 === 0) return sign * (r + (r * r2 * polynomial(sin_series, r2) + rest));
  const parabola = 1 - r2 / 2;
  const restOfParabola = 1 - parabola - r2 / 2;
  return sign * (parabola + (restOfParabola + (r2 * r2 * polynomial(cos_series, r2) - r * rest)));
}

/** The smooth target. @param {number} x */
export function f1(x) {
  return exp(x / 5);
}

/** The wavy target. @param {number} x */
export function f2(x) {
  return sin(x) * (25 - x * x);
}

/** numpy.linspace. @param {number} start @param {number} stop @param {number} n at least 2 */
export function linspace(start, stop, n) {
  const step = (stop - start) / (n - 1);
  const points = Float64Array.from({ length: n }, (_, i) => i * step + start);
  points[n - 1] = stop;
  return points;
}

/**
 * numpy.interp for one x: linear between the knots, level outside.
 * @param {number} x @param {Float64Array} knots @param {number[]} values
 */
export function interp(x, knots, values) {
  const last = knots.length - 1;
  if (x < knots[0]) return values[0];
  if (x >= knots[last]) return values[last];
  let j = 0;
  while (x >= knots[j + 1]) j++;
  if (x === knots[j]) return values[j];
  const slope = (values[j + 1] - values[j]) / (knots[j + 1] - knots[j]);
  return slope * (x - knots[j]) + values[j];
}

/** Whether a target is points, and not a curve. @param {Target} f @returns {f is Point[]} */
export function isPoints(f) {
  return Array.isArray(f[0]);
}

/**
 * The target function of a state; of points there is none.
 * @param {Target} f
 * @returns {(x: number) => number}
 */
export function targetOf(f) {
  if (f === "f1") return f1;
  if (f === "f2") return f2;
  if (typeof f === "string" || isPoints(f)) return () => NaN;
  const knots = linspace(-5, 5, f.length);
  const values = f.map((value) => value + 0); // none is -0, which JavaScript writes as 0
  return (x) => interp(x, knots, values);
}
