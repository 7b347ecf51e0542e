// @ts-check
// SHA-256 (FIPS 180-4) of numbers, as little-endian doubles: History.checksum. The browser's own is not to be
// had on pages opened from a file everywhere.
// The first 32 bits after the point of the square roots of the first 8 primes, and of the cube roots of 64.

/** @type {number[]} */
const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
const START = primes.slice(0, 8).map((p) => bits(p, 2n));
const ROUNDS = Int32Array.from(primes, (p) => bits(p, 3n));

/** 32 bits after the point of a root, by bisection. @param {number} p @param {bigint} degree */
function bits(p, degree) {
  const power = BigInt(p) << (32n * degree);
  let root = 0n;
  for (let bit = 1n << 40n; bit > 0n; bit >>= 1n) if ((root + bit) ** degree <= power) root += bit;
  return Number(BigInt.asUintN(32, root)) | 0;
}

/** A checksum that takes numbers piece by piece. */
export function makeChecksum() {
  const state = Int32Array.from(START);
  const block = new Int32Array(64); // sixteen words, and what becomes of them
  let words = 0; // of the block that are there
  let count = 0; // of numbers

  /** @param {number} word */
  function push(word) {
    block[words++] = word;
    if (words === 16) compress();
  }

  function compress() {
    words = 0;
    for (let t = 16; t < 64; t++) {
      const w = block[t - 15], u = block[t - 2];
      const s0 = ((w >>> 7) | (w << 25)) ^ ((w >>> 18) | (w << 14)) ^ (w >>> 3);
      const s1 = ((u >>> 17) | (u << 15)) ^ ((u >>> 19) | (u << 13)) ^ (u >>> 10);
      block[t] = (block[t - 16] + s0) | 0;
      block[t] += (block[t - 7] + s1) | 0;
    }
    // Neither destructuring nor a loop over the eight: it is what takes the time.
    let a = state[0], b = state[1], c = state[2], d = state[3];
    let e = state[4], f = state[5], g = state[6], h = state[7];
    for (let t = 0; t < 64; t++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const one = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[t] + block[t]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g, g = f, f = e, e = (d + one) | 0;
      d = c, c = b, b = a, a = (one + two) | 0;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
  }

  /** The words of little-endian bytes, read as big-endian ones. @param {number} word */
  function swap(word) {
    return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
  }

  /** @param {Float64Array} values */
  function add(values) {
    // Halves of doubles, the lower one first: the machines of all browsers are little-endian.
    const halves = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
    for (let n = 0; n < values.length; n++) {
      const missing = values[n] !== values[n]; // with the bits of numpy.nan, whatever they were
      push(missing ? 0 : swap(halves[2 * n]));
      push(missing ? 0xf87f : swap(halves[2 * n + 1]));
    }
    count += values.length;
  }

  /** After this, nothing can be added. */
  function hexdigest() {
    const length = 64 * count;
    push(1 << 31);
    while (words !== 14) push(0);
    push(Math.floor(length / 2 ** 32));
    push(length | 0);
    return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  return { add, hexdigest };
}
