// @ts-check
// A target of one's own, as far as the form has it: a curve value by value, points as lines of text or as a file.
// It is drawn and put by hand in the picture: hand.js.
import * as address from "./address.js";
import { button, hide, make, say, unique } from "./elements.js";
import { FIELDS } from "./fields.js";
import { isPoints, targetOf } from "./numbers.js";
import { readPoints, writePoints } from "./pasted.js";
import { minus } from "./scales.js";

const KNOTS = FIELDS.f.longest;
const MOST_BYTES = 100000; // of a file
const FIRST = 12; // points to begin with
const STARTS = /** @type {const} */ ({ "f1": "f1", "f2": "f2", "a straight line": [-1, 1] });

/** To two decimals, so that no last bit matters; no −0. @param {number} y */
const round = (y) => Math.round(y * 100) / 100 + 0;

/** @param {number} n @param {number} count */
const place = (n, count) => (10 * n) / (count - 1) - 5;

/** The values of a target at evenly spaced places. @param {Target} f */
const curveOf = (f) => Array.from({ length: KNOTS }, (_, n) => round(targetOf(f)(place(n, KNOTS))));

/** Some points of a target. @param {Target} f @returns {Point[]} */
const pointsOf = (f) =>
  Array.from({ length: FIRST }, (_, n) => round(place(n, FIRST))).map((x) => [x, round(targetOf(f)(x))]);

/**
 * What the form has for a curve and for points.
 * @param {HTMLElement} root @param {{onChange: (f: Target) => void}} options
 */
export function makeDrawing(root, { onChange }) {
  let curve = curveOf("f1");
  let knot = (KNOTS - 1) / 2;
  /** @type {Target} */
  let last = "f1"; // of the functions, from which one begins
  /** @type {Point[] | null} */
  let points = null;

  /** @param {HTMLElement} input @param {HTMLElement} error @param {string} text */
  function complain(input, error, text) {
    say(error, text);
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
  /** @param {string} summary @param {...HTMLElement} inside */
  const folded = (summary, ...inside) => make("details", {}, make("summary", {}, summary), ...inside);
  const makeError = () => make("p", { class: "lab-error", id: unique("error"), "aria-live": "polite" });

  // A curve.
  const wrong = makeError();
  const { least, most, mostPoints, farthest } = FIELDS.f;
  const numbers = { type: "number", "aria-describedby": wrong.id };
  const xInput = make("input", { id: unique("x"), ...numbers, min: -5, max: 5, step: 0.25, oninput: typeX });
  const yInput = make("input", { id: unique("y"), ...numbers, min: least, max: most, step: "any", oninput: typeY });
  /** @param {string} text @param {HTMLElement} input */
  const labelled = (text, input) => make("span", { class: "lab-pair" }, make("label", { for: input.id }, text), input);
  const curveBox = make(
    "div",
    { class: "lab-mine" },
    make("p", { class: "lab-hint" }, "Draw it in the picture “What is learned”."),
    make(
      "div",
      { class: "lab-line", role: "group", "aria-label": "Start from" },
      make("span", {}, "Start from"),
      ...Object.entries(STARTS).map(([name, f]) => button(name, () => onChange(curveOf(/** @type {Target} */ (f))))),
    ),
    folded(
      "One value after the other",
      make("div", { class: "lab-line" }, labelled("x", xInput), labelled("value", yInput)),
      wrong,
    ),
  );

  /** Whether what is typed is a number within the limits of its input; if not, it is said. @param {HTMLInputElement} input @param {string} name */
  function check(input, name) {
    const { min, max, value } = input;
    const valid = value !== "" && Number(value) >= Number(min) && Number(value) <= Number(max);
    const must = minus(`${name} must be a number from ${min} to ${max}.`);
    complain(input, wrong, valid ? "" : `${must} The curve is as it was.`);
    return valid;
  }

  function typeX() {
    if (!check(xInput, "x")) return;
    knot = Math.round(((Number(xInput.value) + 5) / 10) * (KNOTS - 1));
    showCurve();
  }

  function typeY() {
    if (check(yInput, "The value")) onChange(curve.map((old, n) => (n === knot ? Number(yInput.value) + 0 : old)));
  }

  function showCurve() {
    if (document.activeElement !== xInput) xInput.value = String(place(knot, KNOTS));
    if (document.activeElement !== yInput) yInput.value = String(curve[knot]);
  }

  // Points.
  const refused = makeError();
  const text = make("textarea", {
    id: unique("points"),
    rows: 6,
    spellcheck: "false",
    autocomplete: "off",
    "aria-describedby": refused.id,
    onchange: take,
    oninput: (/** @type {InputEvent} */ { inputType }) => /^insertFrom/.test(inputType) && take(),
  });
  const file = make("input", {
    type: "file",
    accept: ".csv,.tsv,.txt,text/csv,text/plain",
    "aria-label": "Open a file of points",
    onchange: () => open(file.files),
  });
  const pointsBox = make(
    "div",
    { class: "lab-mine" },
    make(
      "p",
      { class: "lab-hint" },
      "In the picture “What is learned”, click to put a point, drag it, click it to take it away. There are no other samples: the test error is that of these points.",
    ),
    folded(
      "Points as text or from a file",
      make("label", { for: text.id }, `x and y, up to ${mostPoints} lines`),
      text,
      refused,
      file,
      make(
        "p",
        { class: "lab-hint" },
        `x from \u2212${farthest} to ${farthest}, y from \u2212${-least} to ${most}. A file can also be dropped on the page.`,
      ),
    ),
  );

  function take() {
    const { points: read, errors } = readPoints(text.value);
    complain(text, refused, errors.join(" ") + (errors.length ? " The run is as it was." : ""));
    if (!errors.length) onChange(read);
  }

  /** @param {FileList | undefined | null} files of which the first counts */
  async function open(files) {
    const given = files?.[0];
    if (!given) return;
    /** @type {any} */ (pointsBox.querySelector("details")).open = true; // where a complaint would stand
    if (given.size > MOST_BYTES) {
      const size = `“${address.quote(given.name)}” has ${Math.ceil(given.size / 1000)} kB.`;
      complain(text, refused, `${size} Allowed are ${MOST_BYTES / 1000} kB. The run is as it was.`);
    } else {
      text.value = await given.text();
      take();
    }
    file.value = ""; // the same one can be opened again
  }

  root.append(curveBox, pointsBox);
  return {
    open,

    /** What one begins with. @param {"drawn" | "points"} kind */
    first: (kind) => kind === "drawn" ? curveOf(last) : pointsOf(last),

    /** Show what is in the state. @param {Target} f */
    show(f) {
      hide(curveBox, typeof f === "string" || isPoints(f));
      hide(pointsBox, !isPoints(f));
      if (typeof f === "string") last = f;
      else if (!isPoints(f)) {
        curve = address.resample(f, KNOTS);
        showCurve();
      } else if (f !== points) {
        points = f;
        const { points: read } = readPoints(text.value);
        if (String(read) !== String(f)) text.value = writePoints(f); // what says the same stays as it was typed
        complain(text, refused, "");
      }
    },
  };
}
