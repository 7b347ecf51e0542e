// @ts-check
// numpy.random.default_rng(seed): SeedSequence, PCG64, and the ziggurat, so that a seed gives here what it
// gives there. The names and the order of operations are numpy's; its tables are in ziggurat.js.
import { exp } from "./numbers.js";
import { ziggurat } from "./ziggurat.js";

const MULTIPLIER = limbs((2549297995355413924n << 64n) | 4865540595714422341n);
const TAIL = 3.6541528853610087963519472518; // where the ziggurat ends

/** 128 bits, 16 at a time and low first: their products, and the sums of them, are exact. @param {bigint} value */
function limbs(value) {
  return Float64Array.from({ length: 8 }, (_, k) => Number((value >> BigInt(16 * k)) & 0xffffn));
}

/** 32 bits of a product. @param {number} value @param {number} factor */
function times(value, factor) {
  return Math.imul(value, factor) >>> 0;
}

/** A hash whose constant changes from call to call. @param {number} constant @param {number} factor */
function hasher(constant, factor) {
  /** @param {number} value */
  return (value) => {
    value ^= constant;
    constant = times(constant, factor);
    value = times(value, constant);
    return (value ^ (value >>> 16)) >>> 0;
  };
}

/** @param {number} x @param {number} y */
function mix(x, y) {
  const value = (times(x, 0xca01f9dd) - times(y, 0x4973f715)) >>> 0;
  return (value ^ (value >>> 16)) >>> 0;
}

/** artanh(a / b) for a / b at most 1/3, in units of 2 ** -200. @param {bigint} a @param {bigint} b */
function atanh(a, b) {
  let power = (a << 200n) / b;
  const square = (power * power) >> 200n;
  let total = 0n;
  for (let n = 1n; power; n += 2n) {
    total += power / n;
    power = (power * square) >> 200n;
  }
  return total;
}

/** -ln(m / 2 ** 53) for an m from 1 to 2 ** 53, rounded once. @param {bigint} m */
function minusLog(m) {
  const bits = BigInt(m.toString(2).length); // m = 2 ** bits (1 - t) / (1 + t)
  const series = atanh((1n << bits) - m, (1n << bits) + m);
  return Number(2n * ((53n - bits) * atanh(1n, 3n) + series)) / 2 ** 200;
}

/** Eight words of 32 bits out of a seed: SeedSequence(seed).generate_state(8). @param {bigint} seed */
function seedSequence(seed) {
  /** @type {number[]} */
  const entropy = [];
  for (; seed > 0n; seed >>= 32n) entropy.push(Number(seed & 0xffffffffn));
  const hash = hasher(0x43b0d7e5, 0x931e8875);
  const pool = Array.from({ length: 4 }, (_, i) => hash(entropy[i] ?? 0));
  for (let from = 0; from < Math.max(4, entropy.length); from++) {
    for (let to = 0; to < 4; to++) {
      if (from !== to) pool[to] = mix(pool[to], hash(from < 4 ? pool[from] : entropy[from]));
    }
  }
  const output = hasher(0x8b51f9dd, 0x58f38ded);
  return Array.from({ length: 8 }, (_, i) => BigInt(output(pool[i % 4])));
}

/**
 * A generator of random numbers.
 * @param {bigint} seed 0 or more
 */
export function default_rng(seed) {
  const words = seedSequence(seed);
  /** 128 bits, of which the halves of 64 come high first, and their words low first. @param {number} i */
  const long = (i) => (((words[i + 1] << 32n) | words[i]) << 64n) | (words[i + 3] << 32n) | words[i + 2];
  const first = (long(4) << 1n) | 1n;
  const increment = limbs(first);
  let state = limbs(first + long(0)), next = new Float64Array(8);
  const drawn = new Uint32Array(3); // the last 64 bits, low first; and of some before, the upper half
  let isKept = false; // this half, as only the lower one was asked for
  step();

  function step() {
    for (let k = 0, carry = 0; k < 8; k++) {
      let sum = carry + increment[k];
      for (let i = 0; i <= k; i++) sum += state[i] * MULTIPLIER[k - i];
      carry = Math.floor(sum / 65536);
      next[k] = sum - 65536 * carry;
    }
    [state, next] = [next, state];
  }

  /** Half of the state on the other, turned by its highest bits. */
  function draw() {
    step();
    const turn = state[7] >>> 10;
    const a = (state[0] ^ state[4]) | ((state[1] ^ state[5]) << 16);
    const b = (state[2] ^ state[6]) | ((state[3] ^ state[7]) << 16);
    const [l, h] = turn < 32 ? [a, b] : [b, a], by = turn % 32;
    drawn[0] = by ? (l >>> by) | (h << (32 - by)) : l;
    drawn[1] = by ? (h >>> by) | (l << (32 - by)) : h;
  }

  function uint64() {
    draw();
    return (BigInt(drawn[1]) << 32n) | BigInt(drawn[0]);
  }

  function uint32() {
    isKept = !isKept;
    if (!isKept) return drawn[2];
    draw();
    drawn[2] = drawn[1];
    return drawn[0];
  }

  function double() {
    draw();
    return (drawn[1] * 2 ** 21 + (drawn[0] >>> 11)) / 2 ** 53;
  }

  /** Marsaglia and Tsang's ziggurat of 256 strips. */
  function standardNormal() {
    const { ki, wi, fi } = ziggurat;
    for (;;) {
      const bits = uint64();
      const strip = Number(bits & 0xffn);
      const size = Number((bits >> 9n) & 0xfffffffffffffn);
      const x = (bits & 0x100n ? -1 : 1) * (size * wi[strip]);
      if (size < ki[strip]) return x;
      if (strip === 0) return tail(Math.floor(size / 256) % 2 ? -1 : 1);
      if ((fi[strip - 1] - fi[strip]) * double() + fi[strip] < exp(-0.5 * x * x)) return x;
    }
  }

  /** Some in ten thousand, with no Math.log1p, whose last bit no standard fixes. @param {number} sign */
  function tail(sign) {
    for (;;) {
      const x = 0.27366123732975827203338247596 * minusLog(2n ** 53n - (uint64() >> 11n));
      const y = minusLog(2n ** 53n - (uint64() >> 11n));
      if (y + y > x * x) return sign * (TAIL + x);
    }
  }

  /** Uniform on 0 to 1, without 1. @param {number} n */
  function random(n) {
    return Float64Array.from({ length: n }, double);
  }

  /** With a mean and a standard deviation. @param {number} loc @param {number} scale @param {number} n */
  function normal(loc, scale, n) {
    return Float64Array.from({ length: n }, () => loc + scale * standardNormal());
  }

  /** The numbers from 0 to n-1, shuffled. @param {number} n */
  function permutation(n) {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const mask = 2 ** (32 - Math.clz32(i)) - 1;
      let j;
      do j = (uint32() & mask) >>> 0; while (j > i);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  return { random, normal, permutation };
}
