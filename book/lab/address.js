// @ts-check
// The address: all that is chosen, in the part after the # of the link.
//
// What is written here is read back as the very same doubles. What is read may be anything: somebody may have
// cut it, changed it, or made it up. It is only ever compared, counted and quoted.
"use strict";
(function (lab) {
  /** @type {State} */
  const DEFAULT = Object.freeze({
    f: "f1",
    h: 3,
    rate: 0.1,
    epochs: 1000,
    samples: 1000,
    noise: 0,
    data: "standard",
    weights: "standard",
    scale: 1,
    order: "drawn",
    epoch: 1000,
  });
  const ALWAYS = ["f", "h", "rate", "epochs"]; // the red tuple; the others only if they are not the default
  const KEYS = Object.keys(DEFAULT);

  /** What each choice is, in words, and what it may be. @type {Record<string, Limit>} */
  const LIMITS = {
    f: { label: "target", least: -100, most: 100, unit: "" }, // of the values of a drawn curve
    h: { label: "number of hidden neurons", least: 2, most: 20, integer: true, unit: "neurons" },
    rate: { label: "learning rate", least: 1e-6, most: 1e3, unit: "" },
    epochs: { label: "number of epochs", least: 1, most: 50000, integer: true, unit: "epochs" },
    samples: { label: "number of training samples", least: 1, most: 1000, integer: true, unit: "samples" },
    noise: { label: "standard deviation of the noise", least: 0, most: 10, unit: "" },
    data: { label: "datasets", word: "standard" },
    weights: { label: "initial weights", word: "standard" },
    scale: { label: "scale of the initial weights", least: 1, most: 100, unit: "times" },
    order: { label: "order of the samples", word: "drawn" },
    epoch: { label: "epoch under the cursor", least: 0, most: 50000, integer: true, unit: "" },
  };
  const KNOTS = { least: 2, most: 41 };
  const SEED = 2n ** 64n - 1n;
  const SEEDS = `a whole number from 0 to ${SEED}`;
  const QUOTED = 40; // characters of what was given
  const MESSAGES = 12;

  /** What a choice may be, in words. @param {string} key @param {number} [epochs] of the run */
  function allowed(key, epochs) {
    const { word, least, most, integer } = limit(key, epochs);
    if (word) return `${word}, or a seed, which is ${SEEDS}`;
    const range = `from ${minus(String(least))} to ${most}`;
    if (key === "f") return `f1, f2, or ${KNOTS.least} to ${KNOTS.most} numbers ${range}, with commas between them`;
    return `a ${integer ? "whole " : ""}number ${range}`;
  }

  /** The cursor cannot be beyond the end of the run. @param {string} key @param {number} [epochs] @returns {Limit} */
  function limit(key, epochs = DEFAULT.epochs) {
    return key === "epoch" ? { ...LIMITS.epoch, most: epochs } : LIMITS[key];
  }

  /** With the sign that is as wide as a plus. @param {string} text */
  function minus(text) {
    return text.replace(/(^|[,e])-/g, "$1\u2212");
  }

  /**
   * Read one choice, or the nearest one that is allowed; the default where there is no nearest one.
   * @param {string} key @param {string} given @param {number} [epochs] of the run
   * @returns {{value: any, valid: boolean}}
   */
  function parse(key, given, epochs = DEFAULT.epochs) {
    const { word, least = 0, most = 0, integer } = limit(key, epochs);
    const text = given.trim();
    if (word) return parseSeed(text, word);
    if (key === "f") return parseTarget(text);
    const number = parseNumber(text);
    const usual = { ...DEFAULT, epoch: epochs };
    if (Number.isNaN(number)) return { value: usual[/** @type {keyof State} */ (key)], valid: false };
    const inside = clamp(number, least, most);
    const value = integer ? Math.round(inside) : inside;
    return { value, valid: value === number };
  }

  /** A decimal number; no hexadecimal one, no "Infinity", and NaN for all else. @param {string} text */
  function parseNumber(text) {
    return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) + 0 : NaN; // + 0: no −0
  }

  /** @param {number} x @param {number} least @param {number} most */
  function clamp(x, least, most) {
    return Math.min(Math.max(x, least), most);
  }

  /** @param {string} text @param {string} word */
  function parseSeed(text, word) {
    if (text === word) return { value: word, valid: true };
    const digits = /^([+-]?)0*(\d+)$/.exec(text);
    if (!digits) return { value: word, valid: false };
    if (digits[1] === "-" && digits[2] !== "0") return { value: "0", valid: false };
    const valid = digits[2].length <= 20 && BigInt(digits[2]) <= SEED;
    return { value: valid ? digits[2] : String(SEED), valid };
  }

  /** @param {string} text */
  function parseTarget(text) {
    if (text === "f1" || text === "f2") return { value: text, valid: true };
    const given = text.split(",").map((part) => parseNumber(part.trim()));
    if (given.some(Number.isNaN)) return { value: DEFAULT.f, valid: false };
    const knots = clamp(given.length, KNOTS.least, KNOTS.most);
    const { least = 0, most = 0 } = LIMITS.f;
    const value = resample(given.map((y) => clamp(y, least, most)), knots).map((y) => clamp(y, least, most));
    return { value, valid: value.length === given.length && value.every((y, i) => y === given[i]) };
  }

  /** The same curve, with another number of values. @param {number[]} values @param {number} knots */
  function resample(values, knots) {
    if (values.length === knots) return values;
    return Array.from({ length: knots }, (_, i) => {
      const place = (i * (values.length - 1)) / (knots - 1);
      const k = Math.min(Math.floor(place), Math.max(values.length - 2, 0));
      return values[k] + ((values[k + 1] ?? values[k]) - values[k]) * (place - k);
    });
  }

  /** What was given, short, and without characters that could change the text around it. @param {string} text */
  function quote(text) {
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
  function read(hash) {
    const messages = [];
    const given = new Map();
    for (const part of hash.replace(/^#/, "").split("&")) {
      if (!part) continue;
      const end = part.includes("=") ? part.indexOf("=") : part.length;
      const key = decode(part.slice(0, end));
      if (!KEYS.includes(key)) {
        messages.push(`“${quote(key)}” is nothing to choose here. The choices are ${KEYS.join(", ")}.`);
      } else if (given.has(key)) messages.push(`${key} is given more than once. The first one counts.`);
      else given.set(key, decode(part.slice(end + 1)));
    }
    /** @type {Record<string, any>} */
    const state = { ...DEFAULT };
    for (const key of KEYS) {
      if (key === "epoch") state.epoch = state.epochs;
      if (!given.has(key)) continue;
      const { value, valid } = parse(key, given.get(key), state.epochs);
      state[key] = value;
      if (valid) continue;
      const must = `the ${LIMITS[key].label} must be ${allowed(key, state.epochs)}`;
      messages.push(`${key}=${quote(given.get(key))}: ${must}. It is ${minus(quote(String(value)))} now.`);
    }
    const said = [...new Set(messages)];
    const more = said.length - MESSAGES;
    if (more > 0) said.splice(MESSAGES, more, `And ${more} more.`);
    return { state: /** @type {State} */ (state), messages: said };
  }

  /** The address of a state, the same for the same state. @param {State} state @returns {string} with the # */
  function write(state) {
    const usual = { ...DEFAULT, epoch: state.epochs };
    const keys = /** @type {(keyof State)[]} */ (KEYS);
    const named = keys.filter((key) => ALWAYS.includes(key) || state[key] !== usual[key]);
    return "#" + named.map((key) => `${key}=${state[key]}`).join("&");
  }

  lab.address = {
    DEFAULT,
    LIMITS: /** @type {any} */ (LIMITS),
    KNOTS,
    SEEDS,
    read,
    write,
    parse,
    allowed,
    quote,
    resample,
  };
})(globalThis.lab ??= /** @type {Lab} */ ({}));
