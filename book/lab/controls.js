// @ts-check
// The form in which everything is chosen: native inputs, each with a label, and each can be typed into.
import * as address from "./address.js";
import { fit } from "./branches.js";
import { makeDrawing } from "./drawing.js";
import { atOnce, button, hide, make, say, unique } from "./elements.js";
import { DEFAULT, fieldOf, FIELDS, GROUPS, settle } from "./fields.js";
import { makeInput } from "./inputs.js";
import { differences } from "./words.js";

/** Experiments that the book tells of, and what happens in them. */
const EXPERIMENTS = [
  ["f=f1&h=3&rate=0.1&epochs=1000", "smooth"],
  ["f=f1&h=3&rate=1&epochs=1000", "smooth, and then not"],
  ["f=f1&h=3&rate=0.1&epochs=10000", "a tenth of the rate"],
  ["f=f1&h=3&rate=2&epochs=1000", "a rate that is too large"],
  ["f=f1&h=3&rate=5&epochs=1000", "an overflow"],
  ["f=f1&h=2&rate=0.1&epochs=1000", "one working neuron"],
  ["f=f1&h=5&rate=0.1&epochs=1000", "four working neurons"],
  ["f=f2&h=3&rate=0.1&epochs=1000", "too few neurons"],
  ["f=f2&h=8&rate=0.1&epochs=1200", "it rearranges itself"],
  ["f=f2&h=8&rate=1&epochs=1000", "steps far too long"],
  ["f=f2&h=8&rate=0.05&epochs=10000", "half the rate"],
  ["f=f2&h=20&rate=0.05&epochs=10000", "nineteen working neurons"],
];

const KNOWN = new Set(EXPERIMENTS.map(([text]) => `#${text}`));

/**
 * The form; `onChange` gets each new state, at most one with each picture.
 * @param {HTMLElement} root @param {{onChange: (state: State) => void}} options
 */
export function makeControls(root, { onChange }) {
  /** @type {State} */
  let state = DEFAULT;
  /** @type {Partial<Record<"drawn" | "points", Target>>} */
  const mine = {}; // what one has made before
  const send = atOnce(() => onChange(state));

  /** Take over a part of a state; the cursor stays where it is, or at the end. @param {Partial<State>} part */
  function change(part) {
    state = fit(settle({ ...state, ...part }, state));
    send(); // and it is shown, once it is trained
  }

  /** @type {[string, {element: HTMLElement, show(value: any, state: State): void}][]} */
  const inputs = Object.keys(FIELDS).filter((key) => FIELDS[key].group && key !== "f").map((key) => {
    return [key, makeInput(key, (/** @type {any} */ value) => change({ [key]: value }))];
  });
  const isRadio = (/** @type {Field} */ { words, about }) => !!words && !about;
  /** The inputs of a group, those that take more room at the end. @param {string[]} keys */
  const within = (keys) =>
    [false, true].flatMap((radio) => inputs.filter(([key]) => keys.includes(key) && radio === isRadio(FIELDS[key])))
      .map(([, { element }]) => element);

  const group = unique("target");
  const own = { drawn: "a curve of my own", points: "data of my own" };
  const targets = Object.entries({ ...FIELDS.f.words, ...own }).map(([value, text]) => [
    make("input", { type: "radio", name: group, value, onchange: () => change({ f: choose(value) }) }),
    text,
  ]);
  const pad = make("div", { class: "lab-drawing" });
  const drawing = makeDrawing(pad, { onChange: (/** @type {Target} */ f) => change({ f }) });

  /** @param {string} target @returns {Target} */
  function choose(target) {
    if (target === "f1" || target === "f2") return target;
    const kind = target === "drawn" ? "drawn" : "points";
    return mine[kind] ?? drawing.first(kind);
  }

  const experiments = make(
    "select",
    {
      id: unique("experiments"),
      onchange: () => experiments.value && change(address.read(experiments.value).state),
    },
    make("option", { value: "" }, "one of your own"),
    ...EXPERIMENTS.map(([text, story]) => {
      const { f, h, rate, epochs } = address.read(text).state;
      return make("option", { value: `#${text}` }, `(${f}, ${h}, ${rate}, ${epochs}): ${story}`);
    }),
  );
  /** On a phone there is only the rate, until more is asked for. */
  const brief = button("", () => brief.setAttribute("aria-expanded", String(brief.form.classList.toggle("lab-all"))));
  brief.classList.add("lab-brief");
  brief.setAttribute("aria-expanded", "false");
  const [first, ...others] = GROUPS;
  const folded = others.map(({ name, keys }) => ({ name, keys, summary: make("summary", {}, make("span")) }));
  root.append(
    make(
      "form",
      {
        class: "lab-form",
        "aria-label": "What is trained",
        onsubmit: (/** @type {Event} */ event) => event.preventDefault(),
      },
      brief,
      make(
        "div",
        { class: "lab-line lab-experiments" },
        make("label", { for: experiments.id, class: "lab-only-heard" }, "Experiment"),
        experiments,
        button("Reset", () => change(DEFAULT)),
      ),
      make(
        "div",
        { class: "lab-fields" },
        make(
          "fieldset",
          { class: "lab-field lab-target" },
          make("legend", {}, FIELDS.f.name),
          ...targets.map(([input, text]) => make("label", {}, input, text)),
          pad,
        ),
        ...within(first.keys),
      ),
      ...folded.map(({ keys, summary }) =>
        make("details", {}, summary, make("div", { class: "lab-fields" }, ...within(keys)))
      ),
    ),
  );

  /** @param {State} next */
  function show(next) {
    state = next;
    const values = /** @type {Record<string, any>} */ (next);
    for (const [key, input] of inputs) {
      hide(input.element, !fieldOf(key, next));
      input.show(values[key], next);
    }
    const target = address.nameOf(state.f);
    say(brief, `(${target}, ${state.h}, ${state.rate}, ${state.epochs}): choose another run`);
    targets.forEach(([input]) => (input.checked = input.value === target));
    hide(pad, typeof state.f === "string");
    if (target === "drawn" || target === "points") mine[target] = state.f;
    drawing.show(state.f);
    for (const { name, keys, summary } of folded) {
      const chosen = Object.fromEntries(Object.entries(state).filter(([key]) => keys.includes(key)));
      say(summary.firstChild, `${name}: ${differences({ ...DEFAULT, ...chosen }, DEFAULT) || "as in the document"}`);
    }
    const hash = address.write({ ...state, epoch: state.epochs, seeds: DEFAULT.seeds });
    const known = KNOWN.has(hash) ? hash : "";
    if (experiments.value !== known) experiments.value = known;
  }

  show(state);
  return {
    show,
    change,
    target: () => state.f,
    /** The points of a file become the target. @param {FileList} files */
    open(files) {
      if (address.nameOf(state.f) !== "points") change({ f: choose("points") });
      drawing.open(files);
    },
    /** Where the cursor is, so that the next choice keeps it. @param {number} epoch */
    moveTo(epoch) {
      state = { ...state, epoch };
    },
  };
}
