// @ts-check
// The map under the rate: what becomes of the run at each of some rates colours the track of the slider.
import * as address from "./address.js";
import { make, say, unique, withNextFrame } from "./elements.js";
import { DEFAULT, FIELDS } from "./fields.js";
import { rungs } from "./inputs.js";
import { limitOf } from "./rates.js";
import { number } from "./words.js";

const MANY = 8; // parts of the map in a sentence

/** How it is called, in the legend and in words. @type {Record<Outcome, string>} */
const NAMES = { stable: "calm", oscillation: "shakes", divergence: "diverges", overflow: "overflows" };

/** Those of the slider. */
export const RATES = rungs(FIELDS.rate);
const LAST = RATES.length - 1;

/** What is known of the rates, those beside one another together. @param {(Outcome | undefined)[]} found */
function segments(found) {
  const known = found.flatMap((outcome, n) => (outcome ? [{ outcome, n }] : []));
  /** @type {{outcome: Outcome, from: number, to: number, first: number, last: number}[]} */
  const all = [];
  known.forEach(({ outcome, n }, k) => {
    const to = k === known.length - 1 ? LAST : (n + known[k + 1].n) / 2; // half of the way to the next one
    const before = all.at(-1);
    if (before?.outcome === outcome) Object.assign(before, { to, last: n });
    else all.push({ outcome, from: before?.to ?? 0, to, first: n, last: n });
  });
  return all;
}

/** The map in a sentence. @param {(Outcome | undefined)[]} found @param {boolean} [whole] @returns {string} */
export function tell(found, whole = true) {
  let all = segments(found);
  if (!all.length) return "The run is too long to be tried at many rates.";
  const many = all.length > MANY;
  if (many) {
    const wide = all.filter(({ from, to }) => to - from > LAST / 60);
    all = segments(
      found.map((outcome, n) => wide.some(({ first, last }) => first <= n && n <= last) ? outcome : undefined),
    );
  }
  const parts = all.map(({ outcome, first, last }, k) => {
    const [from, to] = [first, last].map((n) => number(RATES[n]));
    const name = NAMES[outcome];
    if (all.length === 1) return `${name} at every rate from ${from} to ${to}`;
    if (k === 0) return `${name} up to ${to}`;
    if (k === all.length - 1) return `${name} from ${from} on`;
    return first === last ? `${name} at ${from}` : `${name} from ${from} to ${to}`;
  });
  const tried = found.filter((outcome) => outcome).length;
  const some = whole ? "" : ` No more than ${tried} rates were tried, as the run is long.`;
  const between = many ? " At rates that are left out, it changes from one to the next." : "";
  return `What becomes of the run: ${parts.join(", ")}.${between}${some}`;
}

/** Where a rate is on the slider, from 0 to 1. @param {number} rate */
function place(rate) {
  const above = RATES.findIndex((other) => other >= rate);
  return (above < 0 ? LAST : above) / LAST;
}

/**
 * @param {HTMLElement} controls with the field of the rate
 * @param {{ask: (given: {state: State, rates: number[]}, onAnswer: (answer: any) => void) => void}} options
 */
export function makeTrack(controls, { ask }) {
  const field = /** @type {HTMLElement} */ (controls.querySelector("[data-key=rate]"));
  const slider = /** @type {HTMLInputElement} */ (field.querySelector("input[type=range]"));
  const strip = make("div", { class: "lab-strip-of-rates", "aria-hidden": "true" });
  const mark = make("div", { class: "lab-limit", "aria-hidden": "true" });
  const limit = make("span");
  const limitItem = make("li", {}, make("span", { class: "lab-limit" }), limit);
  const legend = make(
    "ul",
    { class: "lab-track-legend", "aria-hidden": "true" },
    ...Object.entries(NAMES).map(([outcome, name]) =>
      make("li", {}, make("span", { class: `lab-becomes-${outcome}` }), name)
    ),
    limitItem,
  );
  const words = make("p", { class: "lab-only-heard", id: unique("track") });
  const track = make("div", { class: "lab-track" });
  slider.replaceWith(track);
  slider.setAttribute("aria-describedby", words.id);
  track.append(strip, mark, slider);
  field.append(legend, words);

  let key = "", asked = DEFAULT;
  /** @type {(Outcome | undefined)[]} */
  let found = [];

  const draw = withNextFrame(() => {
    strip.replaceChildren(
      ...segments(found).map(({ outcome, from, to }) => {
        const segment = make("span", { class: `lab-becomes-${outcome}` });
        segment.style.flexGrow = String(to - from);
        return segment;
      }),
    );
  });

  /** @param {{what: string, all?: boolean, sharpness?: number, n?: number, outcome?: Outcome}} answer */
  function receive({ what, all, sharpness, n, outcome }) {
    if (what === "done") {
      draw();
      say(words, tell(found, all));
      track.title = words.textContent;
      track.dataset.state = "done";
    }
    if (sharpness !== undefined) {
      const bound = limitOf(asked);
      mark.hidden = limitItem.hidden = !(bound && sharpness > 0);
      if (bound) {
        const most = (bound.at(0) * asked.rate) / sharpness;
        mark.style.setProperty("--place", String(place(most)));
        say(limit, `${number(most)} = ${bound.name.replace(/rate$/, "sharpness")} at epoch 0`);
      }
    }
    if (n === undefined) return;
    found[n] = outcome;
    draw();
  }

  return {
    /** The map follows all that is chosen but the rate. @param {State} state */
    follow(state) {
      const now = address.write({ ...state, rate: DEFAULT.rate, seeds: DEFAULT.seeds, epoch: state.epochs });
      if (now === key) return;
      [key, asked] = [now, state];
      track.dataset.state = "old"; // until there is another one
      found = RATES.map(() => undefined);
      ask({ state, rates: RATES }, receive);
    },
  };
}
