// @ts-check
// Small experiments of the chapters on the shaking and on momentum, with a slider or two. They compute what the cells
// beside them compute, from the numbers that those hand over.
import { ink, sparse, svg } from "./curves.js";
import { make, unique, withNextFrame } from "./elements.js";
import { makeFrame } from "./frame.js";
import * as scales from "./scales.js";
import { minus, number } from "./scales.js";

/**
 * A slider with its label and, beside it, what it is set to.
 * @param {string} label @param {{min: number, max: number, step: number, value: number}} range
 * @param {(value: number) => string} onSet gives the words beside it
 */
function slider(label, range, onSet) {
  const id = unique("toy");
  const input = make("input", { type: "range", id, ...range });
  const output = make("output", { for: id });
  const set = () => {
    output.textContent = onSet(Number(input.value));
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", withNextFrame(set));
  const element = make("div", { class: "lab-toy" }, make("label", { for: id }, label), input, output);
  return { element, set };
}

/**
 * Frames side by side, drawn anew when they change their width.
 * @param {HTMLElement} root @param {any[]} frames @param {() => void} draw
 */
function lay(root, frames, draw) {
  const row = make("div", { class: "lab-row" }, ...frames.map((frame) => frame.figure));
  root.append(row);
  new ResizeObserver(() => {
    for (const frame of frames) frame.resize(frame.figure.clientWidth);
    draw();
  }).observe(row);
}

/** A curve through points. @param {Frame} frame @param {number[]} x @param {number[]} y @param {Scale} sx @param {Scale} sy @param {string} what @param {number} [width] */
function curve(frame, x, y, sx, sy, what, width = 1.8) {
  const d = sparse(x, y, sx.low, sx.high, frame.width, frame.y(sy));
  return ink(svg("path", { d, stroke: "currentColor", "stroke-width": width }), what);
}

/** A straight line across the picture, up or along. @param {Frame} frame @param {Scale} sx @param {Scale} sy @param {number[]} x @param {number[]} y */
const threshold = (frame, sx, sy, x, y) => curve(frame, x, y, sx, sy, "threshold", 1.4);

/** @type {Record<string, Look>} */
const LOOKS = {
  heavy: { ink: "blue", mark: "", width: 2, dash: "" },
  nesterov: { ink: "vermilion", mark: "", width: 2, dash: "6 3" },
};
const THRESHOLD = { ink: "threshold", mark: "", width: 1.4, dash: "" };

/** Say what a picture shows, for those who do not see it. @param {Frame} frame @param {string} words */
const describe = (frame, words) => frame.picture.setAttribute("aria-label", `${frame.title}. ${words}`);

const steps = (/** @type {number} */ n) => Array.from({ length: n }, (_, i) => i);

/** The ball in the valley. @param {HTMLElement} root @param {{product: number, steps: number}} data */
export function ball(root, data) {
  const [valley, distance] = [makeFrame("the valley", "w"), makeFrame("step by step", "step")];
  const across = scales.linear(-2, 2);
  const [height, time] = [scales.linear(0, 2.2), scales.linear(0, data.steps)];
  const sides = steps(81).map((n) => -2 + n / 20);
  let product = data.product;
  function draw() {
    const w = steps(data.steps + 1).map((n) => (1 - product) ** n);
    valley.axes(across, height);
    distance.axes(time, across);
    const floor = curve(valley, sides, sides.map((v) => (v * v) / 2), across, height, "target", 3);
    const marks = w.map((v) => dot(valley, v, (v * v) / 2, across, height));
    valley.curves.replaceChildren(
      floor,
      curve(valley, w, w.map((v) => (v * v) / 2), across, height, "learned", 1),
      ...marks,
    );
    const points = w.map((v, n) => dot(distance, n, v, time, across));
    distance.curves.replaceChildren(curve(distance, steps(w.length), w, time, across, "learned", 1), ...points);
  }
  const control = slider("ηλ", { min: 0.05, max: 2.4, step: 0.05, value: product }, (value) => {
    product = value;
    draw();
    const factor = minus((1 - value).toFixed(2));
    const words = `${value.toFixed(2)}: each step multiplies the distance by ${factor}; ${fate(value)}`;
    for (const picture of [valley, distance]) describe(picture, `A ball in a valley, with ηλ ${words}`);
    return words;
  });
  root.append(control.element);
  lay(root, [valley, distance], draw);
  control.set();
}

/** The ball with mass: heavy ball and Nesterov's momentum. @param {HTMLElement} root @param {{product: number, beta: number, steps: number}} data */
export function mass(root, data) {
  const picture = makeFrame("distance from the bottom", "step");
  const [time, across] = [scales.linear(0, data.steps), scales.linear(-2, 2)];
  const looks = [LOOKS.heavy, LOOKS.nesterov];
  picture.legends.show(
    ["heavy ball", "Nesterov\u2019s momentum"].map((name, n) => ({ name, look: looks[n], text: () => "" })),
  );
  let { product, beta } = data;

  /** The distances, step by step. @param {boolean} ahead whether the step looks ahead */
  function roll(ahead) {
    const w = [1];
    for (let n = 0, velocity = 0; n < data.steps; n++) {
      velocity = beta * velocity + product * w[n];
      w.push(w[n] - (ahead ? product * w[n] + beta * velocity : velocity));
    }
    return w;
  }
  function draw() {
    picture.axes(time, across);
    const drawn = [false, true].map((ahead, n) => {
      const w = roll(ahead);
      const line = curve(picture, steps(w.length), w, time, across, looks[n].ink, looks[n].width);
      line.setAttribute("stroke-dasharray", looks[n].dash);
      return line;
    });
    picture.curves.replaceChildren(...drawn);
    const limits = [2 * (1 + beta), (2 * (1 + beta)) / (1 + 2 * beta)];
    const fates = limits.map((limit) =>
      `${product < limit ? "comes to rest" : "swings out"}: its threshold is ${limit.toFixed(2)}`
    );
    out.textContent = `Heavy ball ${fates[0]}. Nesterov\u2019s momentum ${fates[1]}.`;
    describe(picture, out.textContent);
  }
  const out = make("p", { class: "lab-hint" });
  const controls = [
    slider("ηλ", { min: 0.05, max: 4, step: 0.05, value: product }, (value) => {
      product = value;
      draw();
      return value.toFixed(2);
    }),
    slider("β", { min: 0, max: 0.95, step: 0.05, value: beta }, (value) => {
      beta = value;
      draw();
      return value.toFixed(2);
    }),
  ];
  root.append(...controls.map(({ element }) => element), out);
  lay(root, [picture], draw);
  for (const { set } of controls) set();
}

/** @param {number} product */
function fate(product) {
  if (Math.abs(product - 1) < 0.001) return "one step, and the ball lies at the bottom.";
  if (Math.abs(product - 2) < 0.001) return "it swings to and fro forever.";
  return product < 1
    ? "it rolls down on its side."
    : product < 2
    ? "it zigzags to the bottom."
    : "it zigzags out of the valley.";
}

/** @param {Frame} frame @param {number} x @param {number} y @param {Scale} sx @param {Scale} sy */
function dot(frame, x, y, sx, sy) {
  const at = { cx: sx.place(x) * frame.width, cy: frame.y(sy)(y), r: 3.5, fill: "currentColor" };
  return ink(svg("circle", at), "learned");
}

/**
 * The slow passage: each step is disturbed a little, with the same random numbers for every size.
 * @param {HTMLElement} root
 * @param {{from: number, to: number, pushes: number[], noise: number, seen: number}} data
 */
export function passage(root, data) {
  const picture = makeFrame("distance from the bottom", "step");
  const { from, to, pushes } = data;
  const products = steps(pushes.length + 1).map((n) => from + (n / pushes.length) * (to - from));
  const crossing = products.findIndex((product) => product >= 2);
  const time = scales.linear(0, products.length - 1);
  const size = scales.logarithmic(1e-34, 1e3);
  let noise = 0;
  /** @type {number[]} */
  let w = [];
  function draw() {
    picture.axes(time, size);
    const line = threshold(picture, time, size, [crossing, crossing], [1e-34, 1e3]);
    picture.curves.replaceChildren(line, curve(picture, steps(w.length), w.map(Math.abs), time, size, "learned"));
  }
  picture.legends.show([{ name: `ηλ passes 2, at step ${crossing}`, look: THRESHOLD, text: () => "" }]);
  const least = -34;
  const control = slider("noise", { min: least, max: -2, step: 1, value: data.noise }, (exponent) => {
    noise = exponent > least ? 10 ** exponent : 0;
    w = [1];
    pushes.forEach((push, n) => w.push((1 - products[n]) * w[n] + noise * push));
    draw();
    const out = w.findIndex((v, n) => n >= crossing && Math.abs(v) > data.seen);
    const words = `${noise ? number(noise) : "none"}: larger than ${data.seen} again at step ${out}`;
    describe(picture, `It shrinks, and grows again after ηλ passes 2 at step ${crossing}. Noise ${words}.`);
    return words;
  });
  root.append(control.element);
  lay(root, [picture], draw);
  control.set();
}

/**
 * The zigzag model, as `nnlib.oscillation.onset` has it.
 * @param {HTMLElement} root
 * @param {{products: number[], bits: number, opening: number, ceiling: number, least_factor: number, visible: number}} data
 */
export function account(root, data) {
  const picture = makeFrame("size of the zigzag, binary logarithm", "epoch");
  const { products, opening, ceiling, least_factor, visible } = data;
  const [time, size] = [scales.linear(0, products.length - 1), scales.linear(-300, 8)];
  picture.legends.show([{ name: "from here on it is seen", look: THRESHOLD, text: () => "" }]);
  const most = 256; // beyond it the slider says: all
  /** @type {number[]} */
  let sizes = [];
  function draw() {
    picture.axes(time, size);
    const line = threshold(picture, time, size, [time.low, time.high], [Math.log2(visible), Math.log2(visible)]);
    picture.curves.replaceChildren(
      line,
      curve(picture, steps(sizes.length), sizes.map(Math.log2), time, size, "predicted"),
    );
  }
  const control = slider("binary digits", { min: 8, max: most + 1, step: 1, value: data.bits }, (bits) => {
    const noise = bits > most ? 0 : 2 ** -(bits + 1);
    let opened = false;
    sizes = [opening];
    for (let n = 0; n < products.length - 1; n++) {
      opened ||= products[n] > 1;
      const factor = Math.max(Math.abs(1 - products[n]), least_factor);
      sizes.push(opened ? Math.min(ceiling, Math.hypot(noise, factor * sizes[n])) : sizes[n]);
    }
    draw();
    const onset = sizes.findIndex((v, n) => v >= visible && products[n] > 2);
    const seen = onset < 0 ? "not visible within this run" : `visible at epoch ${onset}`;
    const words = `${bits > most ? "all" : bits}: ${seen}`;
    describe(picture, `The zigzag model. Binary digits ${words}.`);
    return words;
  });
  root.append(control.element);
  lay(root, [picture], draw);
  control.set();
}
