// @ts-check
// Scales and numbers: where a value stands on an axis, which few round values are marked, and how a number is written.

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
export const HUGE = 1e6; // as in nnlib.figures: beyond it no linear axis shows the other weights
const ROOM = 8; // characters beside an axis
const NARROW = 1e-9; // of its values is the least width of an axis, so that its marks are different numbers
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200]; // of decades between two marks

/** A power of ten, as it is printed. @param {number} exponent */
function power(exponent) {
  if (exponent === 0) return "1";
  if (exponent === 1) return "10";
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
  return `10${exponent < 0 ? "⁻" : ""}${digits}`;
}

/** A number with four significant digits, or with four decimals at most. @param {number} v @param {boolean} [fixed] */
export function number(v, fixed = false) {
  if (!Number.isFinite(v)) return "–";
  const size = Math.abs(v);
  if (size >= 1e5 || (!fixed && size > 0 && size < 1e-4)) {
    const [digits, exponent] = v.toExponential(fixed ? 2 : 3).split("e");
    return `${minus(digits)}\u202f×\u202f${power(Number(exponent))}`;
  }
  const decimals = size < 10 ? 4 : size < 100 ? 3 : size < 1000 ? 2 : 1;
  return minus(
    fixed ? v.toFixed(decimals) : size === 0 ? "0" : v.toFixed(Math.max(0, 3 - Math.floor(Math.log10(size)))),
  );
}

/** With a true minus, and none before zero. @param {string} digits */
export function minus(digits) {
  return Number(digits) === 0 ? digits.replace("-", "") : digits.replace("-", "−");
}

/** Round values in a range, with no more steps between them than that. @param {number} low @param {number} high @param {number} most */
export function marks(low, high, most) {
  let exponent = Math.floor(Math.log10((high - low) / most));
  let times = [1, 2, 5].find((n) => (high - low) / (n * 10 ** exponent) <= most + 1e-9) ?? 10;
  if (times === 10) [times, exponent] = [1, exponent + 1];
  const by = times * 10 ** exponent;
  const decimals = Math.max(0, -exponent);
  const found = [];
  for (let n = Math.ceil(low / by - 1e-9); n * by <= high + by * 1e-9; n++) {
    const digits = (n * by).toFixed(Math.min(decimals, 100));
    const short = decimals > 4 ? `${minus(String(n * times))}·${power(exponent)}` : minus(digits);
    const label = short.length > ROOM ? `…${digits.slice(-4)}` : short; // the others are those of the legend
    found.push({ value: n * by, label });
  }
  return found;
}

/** @param {number} low @param {number} high @param {number} [most] @returns {Scale} */
export function linear(low, high, most = 5) {
  if (!(high > low)) [low, high] = [low - 1, high + 1];
  const least = NARROW * Math.max(Math.abs(low), Math.abs(high));
  if (high - low < least) [low, high] = [low - least, high + least];
  return { low, high, ticks: marks(low, high, most), place: (v) => (v - low) / (high - low) };
}

/** By decades; in a narrow range also 2 and 5 times. @param {number} low @param {number} high @returns {Scale} */
export function logarithmic(low, high) {
  if (!(high > low)) [low, high] = [low / 2, low * 2];
  const [a, b] = [Math.log10(low), Math.log10(high)];
  const by = STEPS.find((n) => (b - a) / n <= 5) ?? 500;
  let ticks = [];
  for (let n = Math.floor(a / by) * by; n <= b; n += by) {
    for (const times of b - a < 1.7 ? [1, 2, 5] : [1]) {
      const label = times > 1 || (b - a < 1.7 && Math.abs(n) < 4) ? plain(times, n) : power(n);
      ticks.push({ value: times * 10 ** n, label });
    }
  }
  ticks = ticks.filter(({ value }) => value > low * 0.999 && value < high * 1.001);
  if (b - a < 0.7) ticks = marks(low, high, 4);
  return { low, high, ticks, place: (v) => (Math.log10(v) - a) / (b - a) };
}

/** @param {number} times @param {number} exponent */
function plain(times, exponent) {
  return Math.abs(exponent) < 4 ? String(Number(`${times}e${exponent}`)) : `${times}·${power(exponent)}`;
}

/** Linear between -1 and 1, logarithmic beyond. @param {number} low @param {number} high @returns {Scale} */
export function symlog(low, high) {
  const decades = Math.log10(Math.max(-low, high));
  const middle = decades / 7; // as wide as in nnlib.figures
  const bend = (/** @type {number} */ v) =>
    Math.abs(v) <= 1 ? v * middle : Math.sign(v) * (middle + Math.log10(Math.abs(v)));
  const [a, b] = [bend(low), bend(high)];
  const by = STEPS.find((n) => (b - a) / n <= 5) ?? 500;
  const ticks = [{ value: 0, label: "0" }];
  for (let n = by; n <= decades; n += by) {
    if (high >= 10 ** n) ticks.push({ value: 10 ** n, label: power(n) });
    if (low <= -(10 ** n)) ticks.push({ value: -(10 ** n), label: `−${power(n)}` });
  }
  return { low, high, ticks, place: (v) => (bend(v) - a) / (b - a) };
}

/** Limits a little farther apart, so that an axis stays as it is while its values change a little. @param {number} low @param {number} high @returns {[number, number]} */
export function outward(low, high) {
  const step = 2 ** Math.floor(Math.log2((high - low) / 32));
  return step > 0 ? [Math.floor(low / step) * step, Math.ceil(high / step) * step] : [low, high];
}

/** The scale for values from low to high; weights bend where a linear axis would show only the largest. */
export function forWeights(/** @type {number} */ low, /** @type {number} */ high) {
  const room = (high - low) * 0.06 || 0.5;
  return Math.max(-low, high) > HUGE ? symlog(low * 2, high * 2) : linear(...outward(low - room, high + room));
}
