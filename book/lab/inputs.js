// @ts-check
// One choice of the form: a number that is typed or dragged, or a word or a seed.
import * as address from "./address.js";
import { button, make, say, unique } from "./elements.js";
import { FIELDS } from "./fields.js";

/** Round numbers, each about as many times the one before. @param {number} least @param {number} most @param {boolean} [whole] */
function ladder(least, most, whole = false) {
  /** @type {Set<number>} */
  const rungs = new Set();
  for (let power = Math.floor(Math.log10(least)); power <= Math.log10(most); power++) {
    for (let digits = 100; digits < 1000; digits += digits < 200 ? 2 : digits < 500 ? 5 : 10) {
      const rung = Number(`${digits}e${power - 2}`);
      if (rung >= least && rung <= most) rungs.add(whole ? Math.round(rung) : rung);
    }
  }
  return [...rungs];
}

/** @param {number[]} rungs @param {number} value */
function nearest(rungs, value) {
  const above = rungs.findIndex((rung) => rung >= value);
  if (above === -1) return rungs.length - 1;
  return above > 0 && value - rungs[above - 1] < rungs[above] - value ? above - 1 : above;
}

/**
 * A place for what is wrong with an input, which it describes.
 * @param {HTMLInputElement} input @param {() => string} allowed what may be given, in words
 */
function complaint(input, allowed) {
  const element = make("p", { class: "lab-error", id: unique("error"), "aria-live": "polite" });
  /** @param {string} text */
  function show(text) {
    say(element, text);
    input.toggleAttribute("aria-invalid", text !== "");
    if (text) input.setAttribute("aria-invalid", "true");
  }
  input.setAttribute("aria-describedby", element.id);
  return {
    element,
    clear: () => show(""),
    wrong: () => element.textContent !== "",
    /** @param {any} value what stays */
    complain(value) {
      const given = input.value === "" ? "This" : `“${address.quote(input.value)}”`;
      show(`${given} is not allowed. Allowed is ${allowed()}. The run is still that with ${value}.`);
    },
  };
}

/** Whether a number was stepped by its arrows, and not typed, which is done only at the end. @param {InputEvent} event */
function isStep({ inputType }) {
  return !inputType || inputType === "insertReplacementText";
}

/** What a slider goes through: everything, or round numbers within its reach. @param {Field} field */
export function rungs({ least, most, integer, reach, nearOne }) {
  if (!reach) return Array.from({ length: most - least + 1 }, (_, i) => least + i);
  if (nearOne) return ladder(...reach).map((rest) => Number((1 - rest).toFixed(9))).reverse();
  return [...(least === 0 ? [0] : []), ...ladder(...reach, integer)];
}

/** What its row in the table asks for. @param {string} key @param {(value: any) => void} onValue @returns {{element: any, show(value: any, state: State): void}} */
export function makeInput(key, onValue) {
  const { words, about } = FIELDS[key];
  return (about ? makeChoiceInput : words ? makeWordInput : makeNumberInput)(key, onValue);
}

/**
 * A number, typed or by a slider.
 * @param {string} key @param {(value: number) => void} onValue
 */
function makeNumberInput(key, onValue) {
  const { name, least, most, integer, unit = "", meaning: explain = () => "" } = FIELDS[key];
  const steps = rungs(FIELDS[key]);
  const typed = make("input", {
    id: unique(key),
    name: key,
    autocomplete: "off",
    ...(integer ? { type: "number", min: least, max: most, step: 1 } : { type: "text", inputmode: "decimal" }),
    oninput: (/** @type {InputEvent} */ event) => isStep(event) && type(),
    onchange: type,
  });
  const slider = make("input", {
    type: "range",
    min: 0,
    max: steps.length - 1,
    "aria-label": `${name}, slider`,
    oninput: slide,
  });
  const error = complaint(typed, () => address.allowed(key, state));
  const meaning = make("small");
  /** @type {number | undefined} */
  let shown;
  /** @type {State | undefined} */
  let state; // the other choices

  function type() {
    const { value, valid } = address.parse(key, typed.value, state);
    if (!valid) return error.complain(shown);
    error.clear();
    if (value === shown) return;
    display(value);
    onValue(value);
  }

  function slide() {
    const value = steps[Number(slider.value)];
    error.clear();
    typed.value = String(value);
    display(value);
    onValue(value);
  }

  /** @param {number} value */
  function display(value) {
    shown = value;
    say(meaning, explain(value));
    slider.value = String(nearest(steps, value));
    slider.setAttribute("aria-valuetext", `${value} ${unit}`.trim());
  }

  return {
    element: make(
      "div",
      { class: "lab-field lab-number", "data-key": key },
      make("label", { for: typed.id }, name, " ", meaning),
      typed,
      slider,
      error.element,
    ),
    /** @param {number} value @param {State} [next] the other choices */
    show(value, next) {
      state = next;
      if (value === shown && !error.wrong()) return; // what is being typed stays
      error.clear();
      typed.value = String(value);
      display(value);
    },
  };
}

/**
 * One of some words, or what comes from a seed.
 * @param {string} key @param {(value: string) => void} onValue
 */
function makeWordInput(key, onValue) {
  const { name, words = {}, seed: other, usual } = FIELDS[key];
  const group = unique(key);
  const choices = Object.entries({ ...words, ...(other && { seed: other.name }) }).map(([value, text]) => {
    const onchange = () => take(Object.hasOwn(words, value) ? value : seed);
    return [make("input", { type: "radio", name: group, value, onchange }), text];
  });
  const typed = make("input", {
    type: "text",
    inputmode: "numeric",
    autocomplete: "off",
    "aria-label": `Seed, ${name}`,
    onchange: type,
  });
  const error = complaint(typed, () => address.SEEDS);
  const next = button("New seed", () => take(String(BigInt.asUintN(64, BigInt(seed) + (seeded() ? 1n : 0n)))));
  next.setAttribute("aria-label", `New seed, ${name}`);
  let seed = other?.first ?? "";
  let shown = String(usual);
  const seeded = () => !Object.hasOwn(words, shown);

  function type() {
    const { value, valid } = address.parse(key, typed.value);
    if (!valid || (Object.hasOwn(words, value) && !/^\d+$/.test(value))) {
      return error.complain(seeded() ? `seed ${shown}` : "no seed");
    }
    error.clear();
    if (value !== shown) take(value);
  }

  /** @param {string} value */
  function take(value) {
    show(value);
    onValue(value);
  }

  /** @param {string} value */
  function show(value) {
    error.clear();
    shown = value;
    if (seeded()) seed = value;
    typed.value = seed;
    for (const [input] of choices) input.checked = input.value === (seeded() ? "seed" : value);
  }

  return {
    element: make(
      "fieldset",
      { class: "lab-field lab-seed", "data-key": key },
      make("legend", {}, name),
      ...choices.map(([input, text]) => make("label", {}, input, text)),
      ...(other ? [typed, next, error.element] : []),
    ),
    /** @param {string} value */
    show(value) {
      if (value !== shown || typed.value === "" || error.wrong()) show(value);
    },
  };
}

/**
 * One of many words, with a sentence about it.
 * @param {string} key @param {(value: string) => void} onValue
 */
function makeChoiceInput(key, onValue) {
  const { name, words = {}, about = {} } = FIELDS[key];
  const said = make("p", { class: "lab-about", id: unique("about") });
  const options = Object.entries(words).map(([value, text]) => make("option", { value }, text));
  const select = make(
    "select",
    { id: unique(key), name: key, "aria-describedby": said.id, onchange: () => onValue(select.value) },
    ...options,
  );
  return {
    element: make(
      "div",
      { class: "lab-field lab-choice", "data-key": key },
      make("label", { for: select.id }, name),
      select,
      said,
    ),
    /** @param {string} value */
    show(value) {
      select.value = value;
      say(said, about[value]);
    },
  };
}
