// @ts-check
// Curves: what is drawn of many values on few pixels, and how the curves of nnlib.figures look.
import { constants } from "./constants.js";

const MARKS = { // of matplotlib's names, in a circle of radius 1
  o: "M-1 0a1 1 0 1 0 2 0a1 1 0 1 0-2 0z",
  s: "M-.9-.9h1.8v1.8h-1.8z",
  "^": "M0-1.1L1.05.8h-2.1z",
  v: "M0 1.1L-1.05-.8h2.1z",
  D: "M0-1.2L1.2 0L0 1.2L-1.2 0z",
  P: "M-.4-1.1h.8v.7h.7v.8h-.7v.7h-.8v-.7h-.7v-.8h.7z",
  "*": star(),
  X: "M-1.1-.6L-.6-1.1L0-.5L.6-1.1L1.1-.6L.5 0L1.1.6L.6 1.1L0 .5L-.6 1.1L-1.1.6L-.5 0z",
};

function star() {
  const corner = (/** @type {number} */ n) => {
    const [r, a] = [n % 2 ? 0.55 : 1.35, (n * Math.PI) / 5];
    return `${(r * Math.sin(a)).toFixed(2)} ${(-r * Math.cos(a)).toFixed(2)}`;
  };
  return `M${Array.from({ length: 10 }, (_, n) => corner(n)).join("L")}z`;
}

/**
 * Make an SVG element.
 * @param {string} tag @param {Record<string, string | number>} [attributes] @param {...Node} inside
 * @returns {any}
 */
export function svg(tag, attributes = {}, ...inside) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...inside);
  return element;
}

/** Set attributes of an element where they are others: to set one again has its looks computed again. */
export function set(/** @type {Element} */ element, /** @type {Record<string, string | number>} */ attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
  }
}

/**
 * Fill a group with elements of one kind, those that are there before new ones.
 * @param {Element} group @param {string} tag @param {Record<string, string | number>[]} all the attributes of each
 * @returns {any[]}
 */
export function fill(group, tag, all) {
  while (group.childElementCount > all.length) group.lastChild?.remove();
  return all.map((attributes, n) => {
    const element = group.children[n] ?? group.appendChild(svg(tag));
    set(element, attributes);
    return element;
  });
}

/** Give an element the colour of a role or of a neuron, which the style sheet makes lighter in the dark. */
export function ink(/** @type {any} */ element, /** @type {string} */ what) {
  const { colors, roles } = constants.figures;
  const color = roles[what] ?? colors[what] ?? what;
  if (element.getAttribute("color") === color) return element;
  element.classList.add("lab-ink");
  element.setAttribute("color", color); // for a picture that leaves the page
  element.style.setProperty("--ink", color);
  return element;
}

/** How a neuron looks in the book's figures. @param {number} i @param {number} h @returns {Look} */
export function lookOf(i, h) {
  const { neurons, bias } = constants.figures;
  const { color, marker, width } = i === h - 1 ? { ...bias, marker: "o" } : neurons[i];
  return { ink: color, mark: marker, width, dash: i === h - 1 ? "1.5 3" : "" };
}

/** @param {string} name @param {number} size @returns {SVGElement} */
export function mark(name, size) {
  return svg("path", { d: MARKS[/** @type {keyof MARKS} */ (name)], transform: `scale(${size})` });
}

const tenth = (/** @type {number} */ v) => Math.round(v * 10) / 10;

/**
 * The path of a curve over epochs: no more than two points in a column of pixels, its lowest and its highest.
 * @param {ArrayLike<number>} values @param {number} count how many of them are there
 * @param {number} from @param {number} to epochs at the left and the right edge
 * @param {number} width pixels between the edges @param {(v: number) => number} y where a value stands
 */
export function path(values, count, from, to, width, y) {
  const [scale, first, last] = [width / (to - from), Math.max(0, from - 1), Math.min(count - 1, to + 1)];
  let [d, pen] = ["", "M"];
  const point = (/** @type {number} */ x, /** @type {number} */ height) => {
    d += `${pen}${x} ${tenth(height)}`;
    pen = "L";
  };
  if (last - first < 2 * width) {
    for (let e = first; e <= last; e++) {
      const height = y(values[e]);
      if (drawn(height)) point(tenth((e - from) * scale), height);
      else pen = "M";
    }
    return d;
  }
  for (let column = 0, e = first; e <= last; column++) {
    const end = Math.min(last + 1, from + Math.ceil((column + 1) / scale));
    let [low, high, lowAt, highAt] = [Infinity, -Infinity, e, e];
    for (; e < end; e++) {
      const v = values[e];
      if (v < low) [low, lowAt] = [v, e];
      if (v > high) [high, highAt] = [v, e];
    }
    const top = high < low ? NaN : y(high), bottom = y(low), rises = lowAt < highAt;
    if (!drawn(top)) pen = "M"; // there is nothing, or no place for it
    else if (!drawn(bottom) || Math.abs(top - bottom) < 0.7) point(column, highAt < lowAt ? bottom : top);
    else {
      point(column, rises ? bottom : top);
      point(column, rises ? top : bottom);
    }
  }
  return d;
}

/** The area between two curves, without gaps. @param {ArrayLike<number>} lower @param {ArrayLike<number>} upper @param {number} count @param {number} from @param {number} to @param {number} width @param {(v: number) => number} y */
export function area(lower, upper, count, from, to, width, y) {
  const [there, back] = [lower, upper].map((edge) => path(edge, count, from, to, width, y));
  return there && `${there}L${back.slice(1).split("L").reverse().join("L")}z`;
}

/** The same, of values at some epochs only. @param {number[]} at @param {ArrayLike<number>} values @param {number} from @param {number} to @param {number} width @param {(v: number) => number} y */
export function sparse(at, values, from, to, width, y) {
  let [d, pen] = ["", "M"];
  for (let n = 0; n < at.length; n++) {
    if (at[n + 1] < from || at[n - 1] > to) continue;
    if (drawn(y(values[n]))) {
      d += `${pen}${tenth(((at[n] - from) * width) / (to - from))} ${tenth(y(values[n]))}`;
      pen = "L";
    } else pen = "M";
  }
  return d;
}

const drawn = Number.isFinite;
