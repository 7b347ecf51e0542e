// @ts-check
// The address: all that is chosen, in the part after the # of the link.
//
// What is written here is read back as the very same doubles. What is read may be anything: somebody may have
// cut it, changed it, or made it up. It is only ever compared, counted and quoted.
import { change, CHANGING, ENDING, fit, split } from "./branches.js";
import { constants } from "./constants.js";
import { DEFAULT, fieldOf, FIELDS, GROUPS, settle } from "./fields.js";
import { isPoints } from "./numbers.js";

const KEYS = Object.keys(FIELDS);
const USUAL = KEYS.filter((key) => fieldOf(key, DEFAULT)); // without the settings of other choices
const [{ keys: FIRST }] = GROUPS; // what is always said
const SEED = BigInt(constants.most_seed);
export const SEEDS = `a whole number from 0 to ${SEED}`;
const QUOTED = 40; // characters of what was given
const MESSAGES = 12;

/** What a choice may be, in words. @param {string} key @param {State} [state] the other choices @returns {string} */
export function allowed(key, state) {
  const { words, seed, least, most, integer, fewest, longest, farthest, mostPoints } = limits(key, state);
  const range = `from ${minus(String(least))} to ${most}`;
  if (key === "at") return "an epoch before the last and what is new from there on, such as 481:rate=0.5:penalty=0.01";
  if (!words) return `a ${integer ? "whole " : ""}number ${range}`;
  const names = Object.keys(words).join(", ");
  if (seed) return `${names}, or a seed, which is ${SEEDS}`;
  if (!fewest) return `one of ${names}`;
  const points = `up to ${mostPoints} points x:y, x from \u2212${farthest} to ${farthest}, y ${range}`;
  return `${names}, or ${fewest} to ${longest} numbers ${range}, or ${points}, with commas between them`;
}

/** A row as it is beside other choices. @param {string} key @param {State} [state] @returns {Field} */
function limits(key, state = DEFAULT) {
  return fieldOf(key, state) ?? FIELDS[key];
}

/** With the sign that is as wide as a plus. @param {string} text */
function minus(text) {
  return text.replace(/(^|[,e])-/g, "$1\u2212");
}

/**
 * Read one choice, or the nearest one that is allowed; the default where there is no nearest one.
 * @param {string} key @param {string} given @param {State} [state] the other choices
 * @returns {{value: any, valid: boolean}}
 */
export function parse(key, given, state) {
  const { usual, words, seed, least, most, integer } = limits(key, state);
  const text = given.trim();
  if (words && Object.hasOwn(words, text)) return { value: text, valid: true };
  if (seed) return parseSeed(text, usual);
  if (key === "f") return text.includes(":") ? parsePoints(text) : parseCurve(text);
  if (key === "at") return parseChanges(text, state);
  const number = parseNumber(withPoint(text));
  if (words || Number.isNaN(number)) return { value: usual, valid: false };
  const inside = clamp(number, least, most);
  const value = integer ? Math.round(inside) : inside;
  return { value, valid: value === number };
}

/** A decimal comma is a point; one that may mark thousands stays, and is refused. @param {string} text */
function withPoint(text) {
  return /^[+-]?[1-9]\d{0,2},\d{3}$/.test(text) ? text : text.replace(/^([^.,]*),([^.,]*)$/, "$1.$2");
}

/** A decimal number; no hexadecimal one, no "Infinity", and NaN for all else. @param {string} text */
export function parseNumber(text) {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) + 0 : NaN; // + 0: no −0
}

/** @param {number} x @param {number} least @param {number} most */
function clamp(x, least, most) {
  return Math.min(Math.max(x, least), most);
}

/** @param {string} text @param {any} usual */
function parseSeed(text, usual) {
  const digits = /^([+-]?)0*(\d+)$/.exec(text);
  if (!digits) return { value: usual, valid: false };
  if (digits[1] === "-" && digits[2] !== "0") return { value: "0", valid: false };
  const valid = digits[2].length <= 20 && BigInt(digits[2]) <= SEED;
  return { value: valid ? digits[2] : String(SEED), valid };
}

/** @param {string} text */
function parseCurve(text) {
  const { least, most, fewest, longest, usual } = FIELDS.f;
  const given = text.split(",").map((part) => parseNumber(part.trim()));
  if (given.some(Number.isNaN)) return { value: usual, valid: false };
  const inside = given.map((y) => clamp(y, least, most));
  const value = resample(inside, clamp(given.length, fewest, longest)).map((y) => clamp(y, least, most));
  return { value, valid: value.length === given.length && value.every((y, i) => y === given[i]) };
}

/** @param {string} text */
function parsePoints(text) {
  const { least, most, farthest, mostPoints, usual } = FIELDS.f;
  const given = text.split(",").map((pair) => pair.split(":").map((part) => parseNumber(part.trim())));
  if (given.some((pair) => pair.length !== 2 || pair.some(Number.isNaN))) return { value: usual, valid: false };
  const inside = given.map(([x, y]) => [clamp(x, -farthest, farthest), clamp(y, least, most)]);
  return { value: inside.slice(0, mostPoints), valid: String(inside.slice(0, mostPoints)) === String(given) };
}

/** A target, as it is read back. @param {Target} f @returns {string} */
export function writeTarget(f) {
  return typeof f === "string" ? f : f.map((one) => (typeof one === "number" ? one : one.join(":"))).join(",");
}

/** @param {string} key @param {any} value */
const written = (key, value) => key === "f" ? writeTarget(value) : String(value);

/** What changes at some epochs, as far as it is allowed there. @param {string} text @param {State} [state] */
function parseChanges(text, state = DEFAULT) {
  /** @type {State} */
  let part = { ...state, at: "" };
  let valid = true;
  const given = text.split(/\s+/).filter((one) => one);
  const found = given.map((one) => {
    const [epoch, ...words] = one.split(":");
    const said = words.map((word) => word.split("=")).sort(([a], [b]) => CHANGING.indexOf(a) - CHANGING.indexOf(b));
    /** @type {Record<string, any>} */
    const changes = {};
    for (const [key, value = "", ...rest] of said) {
      const now = change(part, changes);
      if (!CHANGING.includes(key) || key in changes || rest.length) {
        valid = false;
        continue;
      }
      const read = parse(key, key === "batch" && value === "all" ? "0" : value, now);
      const goes = fieldOf(key, now) || (ENDING.includes(key) && read.value === FIELDS[key].usual);
      if (goes) changes[key] = read.value;
      valid &&= read.valid && !!goes;
    }
    valid &&= /^\d{1,9}$/.test(epoch) && said.length > 0;
    part = change(part, changes);
    return [Number(epoch), ...Object.entries(changes).map(([key, value]) => `${key}=${value}`)].join(":");
  });
  const value = fit({ ...state, at: found.filter((one) => /^\d+:/.test(one)).join(" ") }).at;
  return { value, valid: valid && split(value).length === given.length };
}

/** The same curve, with another number of values. @param {number[]} values @param {number} knots */
export function resample(values, knots) {
  if (values.length === knots) return values;
  return Array.from({ length: knots }, (_, i) => {
    const place = (i * (values.length - 1)) / (knots - 1);
    const k = Math.min(Math.floor(place), Math.max(values.length - 2, 0));
    return values[k] + ((values[k + 1] ?? values[k]) - values[k]) * (place - k);
  });
}

/** What was given, short, and without characters that could change the text around it. @param {string} text */
export function quote(text) {
  const short = Array.from(text.slice(0, 2 * QUOTED + 2));
  const cut = short.length > QUOTED ? [...short.slice(0, QUOTED), "…"] : short;
  return cut.join("").replace(/\p{C}/gu, "\ufffd");
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The state that an address asks for, and what was wrong with it.
 * @param {string} hash with or without the # @returns {{state: State, messages: string[]}}
 */
export function read(hash) {
  const messages = [];
  const given = new Map();
  for (const part of hash.replace(/^#/, "").split("&")) {
    if (!part) continue;
    const end = part.includes("=") ? part.indexOf("=") : part.length;
    const key = decode(part.slice(0, end));
    if (!KEYS.includes(key)) {
      messages.push(`“${quote(key)}” is nothing to choose here. The choices are ${USUAL.join(", ")}.`);
    } else if (key === "at") given.set(key, [...given.get(key) ?? [], decode(part.slice(end + 1))]);
    else if (given.has(key)) messages.push(`${key} is given more than once. The first one counts.`);
    else given.set(key, decode(part.slice(end + 1)));
  }
  /** @type {Record<string, any>} */
  let state = DEFAULT;
  for (const key of KEYS) {
    if (!given.has(key)) continue;
    const asked = [given.get(key)].flat().join(" "), text = quote(asked);
    const now = /** @type {State} */ (state);
    if (!fieldOf(key, now)) {
      messages.push(`${key}=${text} is left out: it goes with ${FIELDS[key].goes}.`);
      continue;
    }
    const { value, valid } = parse(key, asked, now);
    state = settle({ ...state, [key]: value }, state);
    if (valid) continue;
    const must = `the ${FIELDS[key].label} must be ${allowed(key, now)}`;
    messages.push(`${key}=${text}: ${must}. It is ${minus(quote(written(key, value))) || "none"} now.`);
  }
  const said = [...new Set(messages)];
  const more = said.length - MESSAGES;
  if (more > 0) said.splice(MESSAGES, more, `And ${more} more.`);
  return { state: /** @type {State} */ (state), messages: said };
}

/** What has to be said of a state: the first group, and whatever is not usual. @param {Record<string, any>} state @returns {[string, any][]} */
function told(state) {
  return KEYS.filter((key) => {
    const field = fieldOf(key, state);
    return field && (FIRST.includes(key) || state[key] !== field.usual || field.isNeeded?.(state));
  }).flatMap((key) =>
    (key === "at" ? state.at.split(" ") : [written(key, state[key])]).map((/** @type {any} */ value) => [key, value])
  );
}

/** The address of a state, the same for the same state. @param {State} state @returns {string} with the # */
export function write(state) {
  return "#" + told(state).map(([key, value]) => `${key}=${value}`).join("&");
}

/** A state in one line, of which `Experiment.parse` reads all but the epoch. @param {State} state */
export function experiment(state) {
  return told(state).filter(([key]) => key !== "seeds")
    .map(([key, value]) => FIRST.includes(key) ? value : `${key}=${value}`).join(" ");
}

/** The name of a target, as it stands in a tuple. @param {Target} f */
export function nameOf(f) {
  return typeof f === "string" ? f : isPoints(f) ? "points" : "drawn";
}

/** The same with a word for a target of one's own. @param {State} state */
export function named(state) {
  return experiment({ ...state, f: /** @type {any} */ (nameOf(state.f)) });
}

/** The lines of Python that leave the same run in the variable `history`. @param {State} state */
export function python(state) {
  const run = experiment({ ...state, epoch: state.epochs });
  const one = `history = train(Experiment.parse("${run}"))`;
  if (state.seeds === "none") return `from nnlib import Experiment, train\n\n${one}`;
  const all = `runs = train_many(history.experiment.starting(${state.seeds}=k) for k in range(1, 21))`;
  return `from nnlib import Experiment, train, train_many\n\n${one}\n${all}`;
}
