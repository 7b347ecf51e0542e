// @ts-check
// Where the functions are read: an x under the pointer or typed, and whether the parts are shown.
import { ink, mark, svg } from "./curves.js";
import { pointAt } from "./drag.js";
import { make, say, unique } from "./elements.js";
import { minus } from "./scales.js";

const EDGE = 5; // inputs lie between -5 and 5
const FINE = 0.05; // between two inputs that the pointer reads
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
  frame.cursor.append(frame.here, dots);
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
      dots.replaceChildren(
        ...looks.map((look) => ink(svg("g", { fill: "currentColor" }, mark(look.mark, 4)), look.ink)),
      );
    },

    /** @param {((x: number) => number)[]} curves @param {(v: number) => number} y */
    move(curves, y) {
      const x = frame.left + ((at + EDGE) / (2 * EDGE)) * frame.width;
      frame.here.setAttribute("transform", `translate(${x} 0)`);
      curves.forEach((curve, n) => put(dots.children[n], x, y(curve(at)), frame));
    },
  };
}

/** Put a dot where its value stands, if that is within the frame. @param {Element} dot @param {number} x @param {number} y @param {Frame} frame */
export function put(dot, x, y, { top, height }) {
  const seen = y >= -1 && y <= height + 1;
  dot.setAttribute("transform", seen ? `translate(${x} ${top + y})` : "translate(-99 0)");
}
