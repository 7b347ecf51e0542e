// @ts-check
// The activation function with the bits of nnlib.elementary.sigmoid, and the table that it takes, for the
// kernel as well. The table is computed anew, which takes a worker some 50 ms and spares every page 300 kB.
import { makeChecksum } from "./checksum.js";
import { constants } from "./constants.js";

const { steps, end, reach, scale, series, table_sha256 } = constants.elementary;
const BITS = 192n; // after the point: a product of two such numbers is rounded to a double once
const MORE = 64n; // which only powers have, so that their last bits are those of an exact one
const SNAP = (3 * 2 ** 51) / steps; // doubles of this size lie 1/512 apart

/** exp(1/n) with so many bits after the point, by its series. @param {bigint} n @param {bigint} bits */
function root(n, bits) {
  let total = 0n;
  for (let term = 1n << bits, k = 1n; term > 0n; term /= n * k++) total += term;
  return total;
}

/**
 * first, first exp(-1/n), first exp(-2/n), …
 * @param {bigint} first with BITS + MORE bits after the point @param {bigint} n @param {number} count
 */
function geometric(first, n, count) {
  const bits = BITS + MORE;
  const ratio = (1n << (2n * bits)) / root(n, bits);
  return Array.from({ length: count }, () => {
    const value = first >> MORE;
    first = (first * ratio) >> bits;
    return value;
  });
}

/** nnlib.elementary._EXP_MINUS: 33/32 exp(-n/512) for each n from -20480. */
function table() {
  const one = 1n << (BITS + MORE);
  const whole = root(1n, BITS + MORE);
  let first = 33n * one; // times exp(40)
  for (let n = 0; n < end; n++) first = (first * whole) >> (BITS + MORE);
  const coarse = geometric(first, 4n, 8 * end);
  const fine = geometric(one, BigInt(steps), steps / 4);
  const values = new Float64Array(2 * steps * end + 1);
  coarse.forEach((a, i) => {
    fine.forEach((b, j) => (values[i * fine.length + j] = Number(a * b) / 2 ** 389));
  });
  values[0] = Number.MAX_VALUE; // whose overflow makes the sigmoid 0; the last is 0 and makes it 1
  return values;
}

/** @type {Float64Array | undefined} */
let made;
/** The table, made once, and that of nnlib. */
export function sigmoidTable() {
  if (!made) {
    made = table();
    const digest = makeChecksum();
    digest.add(made);
    if (digest.hexdigest() !== table_sha256) throw new Error("this browser's arithmetic is not that of doubles");
  }
  return made;
}

/** nnlib.elementary.sigmoid. @param {number} z */
export function sigmoid(z) {
  if (Number.isNaN(z)) return z;
  const bounded = Math.min(Math.max(z, -reach), reach);
  const nearest = bounded + SNAP - SNAP;
  const r = bounded - nearest;
  const e = sigmoidTable()[steps * (nearest + end)];
  const t = (((r * series[0] + series[1]) * r + series[2]) * r + series[3]) * r;
  return scale / (t * e + e + scale);
}
