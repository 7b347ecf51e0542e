// @ts-check
// The curve that is drawn by hand: values at evenly spaced places from -5 to 5, straight lines in between.
import * as address from "./address.js";
import { button, make, say, unique } from "./elements.js";
import { FIELDS } from "./fields.js";
import { number } from "./words.js";

const KNOTS = FIELDS.f.longest;
const RANGES = [3, 10, 30, 100];
const [WIDTH, HEIGHT] = [400, 200];
const START = {
  "f1": (/** @type {number} */ x) => Math.exp(x / 5), // to two decimals, so that no last bit matters
  "f2": (/** @type {number} */ x) => Math.sin(x) * (25 - x * x),
  "a straight line": (/** @type {number} */ x) => x / 5,
};

/** Two decimals, and no −0. @param {number} y */
function round(y) {
  return Math.round(y * 100) / 100 + 0;
}

/** @param {number} knot */
function place(knot) {
  return (10 * knot) / (KNOTS - 1) - 5;
}

/** The values of a function at the knots. @param {(x: number) => number} f */
function sample(f) {
  return Array.from({ length: KNOTS }, (_, knot) => round(f(place(knot))));
}

/** @param {string} tag @param {Record<string, string | number>} attributes */
function draw(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/**
 * A pad to draw a curve on, with finger, mouse or keys.
 * @param {HTMLElement} root @param {{onChange: (values: number[]) => void}} options
 */
export function makeDrawing(root, { onChange }) {
  let values = sample(START.f1);
  let knot = (KNOTS - 1) / 2;
  let range = RANGES[0];
  /** @type {[number, number] | null} */
  let last = null; // where the pen was

  const curve = draw("path", { class: "lab-drawn" });
  const mark = draw("path", { class: "lab-drawn-knot" });
  const [top, bottom] = ["lab-top", "lab-bottom"].map((name) => make("span", { class: name, "aria-hidden": "true" }));
  const pad = draw("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: "none",
    class: "lab-pad",
    tabindex: 0,
    role: "slider",
    "aria-label": "The curve. Left and right choose a place, up and down move the curve there.",
    "aria-orientation": "vertical",
  });
  pad.append(
    draw("path", { class: "lab-pad-zero", d: `M0 ${HEIGHT / 2}H${WIDTH}M${WIDTH / 2} 0V${HEIGHT}` }),
    curve,
    mark,
  );
  const error = make("p", { class: "lab-error", id: unique("error"), "aria-live": "polite" });
  const numbers = { type: "number", "aria-describedby": error.id };
  const { least, most } = FIELDS.f;
  const xInput = make("input", { id: unique("x"), ...numbers, min: -5, max: 5, step: 0.25, oninput: typeX });
  const yInput = make("input", { id: unique("y"), ...numbers, min: least, max: most, step: "any", oninput: typeY });
  const rangeInput = make(
    "select",
    { id: unique("range"), onchange: () => ((range = Number(rangeInput.value)), show(values)) },
    ...RANGES.map((most) => make("option", { value: most }, `\u2212${most} to ${most}`)),
  );
  const starts = Object.entries(START).map(([name, f]) => button(name, () => change(sample(f), true)));
  root.append(
    make("div", { class: "lab-pad-frame" }, pad, top, bottom),
    make(
      "div",
      { class: "lab-drawing-tools" },
      make(
        "p",
        { class: "lab-hint" },
        "Draw with finger or mouse; x goes from −5 to 5. With the keys, left and right choose a place, up and down move the curve there.",
      ),
      make(
        "div",
        { class: "lab-line" },
        labelled("x", xInput),
        labelled("value", yInput),
        labelled("range", rangeInput),
      ),
      error,
      make(
        "div",
        { class: "lab-line", role: "group", "aria-label": "Start from" },
        make("span", {}, "Start from"),
        ...starts,
      ),
    ),
  );

  /** @param {string} text @param {HTMLElement} input */
  function labelled(text, input) {
    return make("span", { class: "lab-pair" }, make("label", { for: input.id }, text), input);
  }

  /** @param {number} x */
  function toKnot(x) {
    return Math.min(Math.max(Math.round(x), 0), KNOTS - 1);
  }

  /** @param {number} y */
  function toHeight(y) {
    return (HEIGHT / 2) * (1 - Math.min(Math.max(y / range, -1), 1));
  }

  /** @param {number[]} next @param {boolean} [fit] whether the range follows */
  function change(next, fit = false) {
    if (fit) range = 0;
    show(next);
    onChange(values);
  }

  /** @param {number} y */
  function setKnot(y) {
    change(values.map((old, i) => (i === knot ? round(Math.min(Math.max(y, least), most)) : old)));
  }

  /** Show a curve. @param {number[]} next */
  function show(next) {
    values = address.resample(next, KNOTS);
    const highest = Math.max(...values.map(Math.abs));
    if (range === 0) range = RANGES.find((most) => most >= highest) ?? RANGES[RANGES.length - 1];
    rangeInput.value = String(range);
    say(top, rangeInput.selectedOptions[0].value);
    say(bottom, `\u2212${range}`);
    curve.setAttribute(
      "d",
      "M" + values.map((y, i) => `${(i * WIDTH) / (KNOTS - 1)} ${toHeight(y).toFixed(1)}`).join("L"),
    );
    mark.setAttribute("d", `M${(knot * WIDTH) / (KNOTS - 1)} ${toHeight(values[knot])}h0`); // round however the pad is stretched
    const [x, y] = [number(place(knot)), number(values[knot])];
    pad.setAttribute("aria-valuemin", String(-range));
    pad.setAttribute("aria-valuemax", String(range));
    pad.setAttribute("aria-valuenow", String(values[knot]));
    pad.setAttribute("aria-valuetext", `${y} at x = ${x}`);
    if (document.activeElement !== xInput) xInput.value = String(place(knot));
    if (document.activeElement !== yInput) yInput.value = String(values[knot]);
  }

  /** Whether what is typed is a number within the limits of its input; if not, it is said. @param {HTMLInputElement} input @param {string} name */
  function check(input, name) {
    const { min, max, value } = input;
    const valid = value !== "" && Number(value) >= Number(min) && Number(value) <= Number(max);
    if (valid) input.removeAttribute("aria-invalid");
    else input.setAttribute("aria-invalid", "true");
    say(
      error,
      valid ? "" : `${name} must be a number from ${min} to ${max}. The curve is as it was.`.replace("-", "\u2212"),
    );
    return valid;
  }

  function typeX() {
    if (!check(xInput, "x")) return;
    knot = toKnot(((Number(xInput.value) + 5) / 10) * (KNOTS - 1));
    show(values);
  }

  function typeY() {
    if (check(yInput, "The value")) setKnot(Number(yInput.value));
  }

  /** Every knot between two points of the pen gets its value. @param {PointerEvent} event */
  function stroke(event) {
    const box = pad.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * (KNOTS - 1);
    const y = range * (1 - (2 * (event.clientY - box.top)) / box.height);
    const [x0, y0] = last ?? [x, y];
    const next = [...values];
    for (let i = toKnot(Math.min(x0, x)); i <= toKnot(Math.max(x0, x)); i++) {
      const height = x === x0 ? y : y0 + (y - y0) * Math.min(Math.max((i - x0) / (x - x0), 0), 1);
      next[i] = round(Math.min(Math.max(height, -range), range));
    }
    last = [x, y];
    knot = toKnot(x);
    change(next);
  }

  pad.addEventListener("pointerdown", (/** @type {any} */ event) => {
    if (event.button !== 0) return;
    pad.setPointerCapture(event.pointerId);
    last = null;
    stroke(event);
  });
  pad.addEventListener("pointermove", (/** @type {any} */ event) => {
    if (!pad.hasPointerCapture(event.pointerId)) return;
    for (const point of event.getCoalescedEvents?.() ?? [event]) stroke(point);
  });
  pad.addEventListener("keydown", (/** @type {any} */ event) => {
    const step = range / 50;
    const moves = { ArrowLeft: knot - 1, ArrowRight: knot + 1, Home: 0, End: KNOTS - 1 };
    const lifts = { ArrowUp: step, ArrowDown: -step, PageUp: 10 * step, PageDown: -10 * step };
    if (event.key in moves) {
      knot = toKnot(moves[/** @type {keyof moves} */ (event.key)]);
      show(values);
    } else if (event.key in lifts) setKnot(values[knot] + lifts[/** @type {keyof lifts} */ (event.key)]);
    else return;
    event.preventDefault();
  });

  return {
    /** Show a curve, in the smallest range that holds it. @param {number[]} next */
    show(next) {
      const same = address.resample(next, KNOTS).every((/** @type {number} */ y, /** @type {number} */ i) =>
        y === values[i]
      );
      if (!same) range = 0;
      show(next);
    },
    sample: (/** @type {keyof START} */ name) => sample(START[name]),
  };
}
