// @ts-check
// A film as GIF: the colours of the figures, each in steps to white, and for each frame what is new in it.
import { constants } from "./constants.js";

const STEPS = 15; // of a colour, from itself to nearly white
const SAME = 255; // the index of what is as in the frame before

/** @type {number[][]} */
const palette = Object.values(constants.figures.colors)
  .filter((color) => color !== "#FFFFFF")
  .flatMap((/** @type {string} */ color) => {
    const parts = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
    return Array.from({ length: STEPS }, (_, n) => parts.map((part) => Math.round(part + ((255 - part) * n) / STEPS)));
  });
palette.push([255, 255, 255]);

/** The nearest colours of all that are told apart, which have five bits for each part; found when they are needed. */
const nearest = new Int16Array(2 ** 15).fill(-1);
/** @param {number} r @param {number} g @param {number} b */
function indexOf(r, g, b) {
  const key = ((r >> 3) << 10) | ((g >> 3) << 5) | (b >> 3);
  if (nearest[key] < 0) {
    let least = Infinity;
    palette.forEach((color, n) => {
      const apart = (color[0] - r) ** 2 + (color[1] - g) ** 2 + (color[2] - b) ** 2;
      if (apart < least) [least, nearest[key]] = [apart, n];
    });
  }
  return nearest[key];
}

/** Compress by the rule of Lempel, Ziv and Welch, in blocks of at most 255 bytes. @param {Uint8Array} pixels */
function compress(pixels) {
  const [CLEAR, END] = [256, 257];
  /** @type {number[]} */
  const bytes = [8, 0];
  let block = 1; // where the length of the block stands
  let held = 0, bits = 0, size = 9;
  function byte() {
    if (bytes[block] === 255) block = bytes.push(0) - 1;
    bytes.push(held & 255);
    bytes[block]++;
    held >>>= 8;
    bits -= 8;
  }
  /** @param {number} code */
  function put(code) {
    held |= code << bits;
    for (bits += size; bits >= 8;) byte();
  }
  const known = new Map();
  let next = END + 1, code = pixels[0];
  put(CLEAR);
  for (let n = 1; n < pixels.length; n++) {
    const longer = (code << 8) | pixels[n], found = known.get(longer);
    if (found !== undefined) {
      code = found;
      continue;
    }
    put(code);
    code = pixels[n];
    if (next < 4096) {
      if (next === 1 << size) size++;
      known.set(longer, next++);
    } else {
      put(CLEAR);
      known.clear();
      [next, size] = [END + 1, 9];
    }
  }
  put(code);
  put(END);
  if (bits > 0) byte();
  bytes.push(0);
  return bytes;
}

/** @param {number} width @param {number} height @param {number} delay of each frame, in hundredths of a second */
export function makeGif(width, height, delay) {
  const two = (/** @type {number} */ n) => [n & 255, n >> 8];
  const letters = (/** @type {string} */ text) => [...text].map((letter) => letter.charCodeAt(0));
  const colors = new Uint8Array(3 * 256);
  colors.set(palette.flat());
  const parts = [
    new Uint8Array([...letters("GIF89a"), ...two(width), ...two(height), 0xf7, 0, 0]),
    colors,
    new Uint8Array([0x21, 0xff, 11, ...letters("NETSCAPE2.0"), 3, 1, 0, 0, 0]), // when it has ended it begins again
  ];
  const before = new Uint8Array(width * height).fill(SAME);
  return {
    /** @param {Uint8ClampedArray} pixels red, green, blue, and what is seen through it */
    add(pixels) {
      const changed = before.map((old, n) => {
        const now = indexOf(pixels[4 * n], pixels[4 * n + 1], pixels[4 * n + 2]);
        before[n] = now;
        return now === old ? SAME : now;
      });
      // Where the index is that of what is the same, one sees through it to the frame before, which stays.
      const control = [0x21, 0xf9, 4, 5, ...two(delay), SAME, 0, 0x2c, 0, 0, 0, 0, ...two(width), ...two(height), 0];
      parts.push(new Uint8Array(control), new Uint8Array(compress(changed)));
    },
    end: () => new Blob([...parts, new Uint8Array([0x3b])], { type: "image/gif" }),
  };
}
