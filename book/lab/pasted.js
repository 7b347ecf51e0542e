// @ts-check
// Points out of text: what is typed, pasted or dropped, two columns of numbers. It is only ever read as numbers.
import * as address from "./address.js";
import { FIELDS } from "./fields.js";

const SHOWN = 3; // complaints at a time

/** What stands between two columns: the strongest sign that there is. @param {string} text */
function separator(text) {
  return text.includes(";") ? ";" : text.includes("\t") ? "\t" : text.includes(",") ? "," : /\s+/;
}

/** The columns of a line, without quotation marks, and without empty ones at its end. @param {string} line @param {string | RegExp} between */
function columns(line, between) {
  const all = line.trim().split(between).map((text) => text.trim().replace(/^(["'])(.*)\1$/, "$2").trim());
  while (all.length > 2 && all[all.length - 1] === "") all.pop();
  return all;
}

/**
 * Read points, or say what is wrong, line by line.
 * @param {string} text
 * @returns {{points: Point[], errors: string[]}} points only where nothing is wrong
 */
export function readPoints(text) {
  const { least, most, farthest, mostPoints } = FIELDS.f;
  const between = separator(text);
  /** @param {string} given */
  const number = (given) => address.parseNumber(between === "," ? given : given.replace(",", ".")); // a decimal comma
  /** @type {Point[]} */
  const points = [];
  const errors = [];
  let first = true; // which may be a header
  for (const [n, line] of text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/).entries()) {
    if (!line.trim()) continue;
    const given = columns(line, between);
    const header = first && given.every((one) => Number.isNaN(number(one)));
    first = false;
    if (header) continue;
    if (given.length !== 2) {
      const comma = between === "," && given.length === 4
        ? " Where commas are decimal, put a semicolon between them."
        : "";
      errors.push(
        `Line ${n + 1}: “${address.quote(line.trim())}” has ${
          count(given.length, "column")
        }. Allowed are two, x and y.${comma}`,
      );
      continue;
    }
    const [x, y] = given.map(number);
    const limits = /** @type {const} */ ([["x", x, given[0], -farthest, farthest], ["y", y, given[1], least, most]]);
    const wrong = limits.find(([, value, , low, high]) => !(value >= low && value <= high));
    if (wrong) {
      const [name, , one, low, high] = wrong;
      errors.push(
        `Line ${n + 1}: ${name} is “${address.quote(one)}”. Allowed is a number from \u2212${-low} to ${high}.`,
      );
    } else points.push([x, y]);
  }
  if (!errors.length && (points.length < 1 || points.length > mostPoints)) {
    errors.push(`There are ${points.length || "no"} points. Allowed are 1 to ${mostPoints}.`);
  }
  if (errors.length > SHOWN) errors.splice(SHOWN, Infinity, `And ${count(errors.length - SHOWN, "more line")}.`);
  return { points: errors.length ? [] : points, errors };
}

/** Points as text that is read back, one in a line. @param {Point[]} points */
export const writePoints = (points) => points.map((point) => point.join(", ")).join("\n");

/** @param {number} n @param {string} what */
const count = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;
