// @ts-check
// Where the functions are read: an x under the pointer or typed, and whether the parts are shown.
import { fill, ink, mark, svg } from "./curves.js";
import { pointAt } from "./drag.js";
import { make, say, unique } from "./elements.js";
import { minus } from "./scales.js";

const EDGE = 5; // inputs lie between -5 and 5
const FINE = 0.05; // between two inputs that the pointer reads
const BAR = 5; // pixels, and one between two of them
const CONTRIBUTIONS = 8; // of no more neurons are they shown at first

/** @param {Frame} frame of the panel @param {() => void} onChange */
export function makeReading(frame, onChange) {
  const box = make("input", { type: "checkbox" });
  const error = make("p", { class: "lab-error", id: unique("error"), "aria-live": "polite" });
  const field = make("input", {
    type: "number",
    class: "lab-x",
    min: -EDGE,
    max: EDGE,
    step: 0.1,
    value: 0,
    "aria-describedby": error.id,
  });
  frame.below.append(
    make(
      "div",
      { class: "lab-choices" },
      make("label", { class: "lab-check" }, "values at x =\u00a0", field),
      make("label", { class: "lab-check" }, box, "what each neuron adds"),
      error,
    ),
  );
  const dots = svg("g");
  const bars = svg("g", { class: "lab-bars" }); // each begins where the one before ends, and the last ends at the sum
  frame.cursor.append(frame.here, bars, dots);
  /** @type {Look[]} */
  let known = [];
  let asked = false; // whether the reader has decided
  let at = 0;

  box.addEventListener("change", () => {
    asked = true;
    onChange();
  });
  field.addEventListener("input", () => {
    const valid = field.value !== "" && Math.abs(Number(field.value)) <= EDGE;
    complain(
      valid ? "" : `x must be a number from −${EDGE} to ${EDGE}. The values are still those at ${minus(String(at))}.`,
    );
    if (valid) read(Number(field.value));
  });
  pointAt(frame, (/** @type {number} */ share) => {
    complain("");
    field.value = String(Number((FINE * Math.round(((share * 2 - 1) * EDGE) / FINE)).toFixed(2)));
    read(Number(field.value));
  });

  /** @param {string} text */
  function complain(text) {
    say(error, text);
    if (text) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }

  /** @param {number} x */
  function read(x) {
    at = x;
    onChange();
  }

  return {
    at: () => at,

    /** Whether the parts are shown. @param {number} h */
    parts(h) {
      if (!asked) box.checked = h <= CONTRIBUTIONS;
      return box.checked;
    },

    /** A dot for each curve. @param {Look[]} looks */
    mark(looks) {
      known = looks.slice(1);
      dots.replaceChildren(
        ...looks.map((look) => ink(svg("g", { fill: "currentColor" }, mark(look.mark, 4)), look.ink)),
      );
    },

    /** The whole and its parts. @param {((x: number) => number)[]} curves @param {(v: number) => number} y @param {number | null} neuron that stands out */
    move(curves, y, neuron) {
      const x = frame.left + ((at + EDGE) / (2 * EDGE)) * frame.width;
      frame.here.setAttribute("transform", `translate(${x} 0)`);
      curves.forEach((curve, n) => put(dots.children[n], x, y(curve(at)), frame));
      const width = (BAR + 1) * known.length;
      const left = x + 8 + width > frame.left + frame.width ? x - 8 - width : x + 8;
      let sum = 0;
      const inside = (/** @type {number} */ v) => frame.top + Math.min(Math.max(y(v), 0), frame.height);
      const all = curves.slice(1).map((curve, n) => {
        const [from, to] = [inside(sum), inside(sum += curve(at))];
        const height = Number.isFinite(from + to) ? Math.max(Math.abs(to - from), 1) : 0;
        return {
          x: left + n * (BAR + 1),
          y: height ? Math.min(from, to) : 0,
          width: BAR,
          height,
          fill: "currentColor",
        };
      });
      fill(bars, "rect", all).forEach((bar, n) => {
        ink(bar, known[n].ink).classList.toggle("lab-dim", neuron !== null && neuron !== n);
      });
    },
  };
}

/** Put a dot where its value stands, if that is within the frame. @param {Element} dot @param {number} x @param {number} y @param {Frame} frame */
export function put(dot, x, y, { top, height }) {
  const seen = y >= -1 && y <= height + 1;
  dot.setAttribute("transform", seen ? `translate(${x} ${top + y})` : "translate(-99 0)");
}
