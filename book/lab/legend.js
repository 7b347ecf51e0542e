// @ts-check
// The legend of a panel: what each curve is called, how it looks, and its value at the cursor.
import { ink, mark, svg } from "./curves.js";
import { make, say } from "./elements.js";

const WIDTH = 26; // of a sample of a curve, in pixels
const LONG = 9; // characters of a value that need wider columns
const LINE = 18; // characters of a name and its value that need a line of their own
const SEEN = 5; // epochs at which is looked how long the values are

/** A sample of how a curve looks. @param {Look} look */
export function drawSample({ ink: color, mark: marker, width, dash }) {
  const drawing = svg("svg", {
    class: "lab-sample",
    width: WIDTH,
    height: 14,
    viewBox: `0 -7 ${WIDTH} 14`,
    "aria-hidden": "true",
  });
  if (width) {
    drawing.append(
      svg("path", { d: `M0 0H${WIDTH}`, stroke: "currentColor", "stroke-width": width, "stroke-dasharray": dash }),
    );
  }
  if (marker) {
    drawing.append(svg("g", { transform: `translate(${WIDTH / 2} 0)`, fill: "currentColor" }, mark(marker, 4)));
  }
  return ink(drawing, color);
}

/** The parts of a name: those of a symbol such as U0,1 are its letters and what stands below them. @param {Pick<Entry, "name" | "symbol">} entry @returns {[string, string][]} */
export function parts({ name, symbol }) {
  if (!symbol) return [[name, ""]];
  return [...name.matchAll(/([A-Z])([\d,]*)/g)].map(([, letter, index]) => [letter, index]);
}

/** A name as it is printed. @param {Pick<Entry, "name" | "symbol">} entry @returns {(Node | string)[]} */
export function named(entry) {
  if (!entry.symbol) return [entry.name];
  return parts(entry).flatMap(([letter, index]) => [make("i", {}, letter), make("sub", {}, index)]);
}

/** A value, and in brackets that of the kept run. @param {Entry} entry @param {number} epoch */
function value({ text, older }, epoch) {
  return older ? `${text(epoch)} (${older(epoch)})` : text(epoch);
}

/** @param {HTMLElement} list */
export function makeLegend(list) {
  let key = "";
  /** @type {HTMLElement[]} */
  let values = [];
  /** @type {Entry[]} */
  let entries = [];
  return {
    /**
     * Say which curves there are; what is the same is left as it is, and nothing moves while the values change.
     * @param {Entry[]} wanted @param {number} [count] of the epochs
     */
    show(wanted, count = 1) {
      entries = wanted;
      const seen = Array.from({ length: SEEN }, (_, n) => Math.round(((count - 1) * n) / (SEEN - 1)));
      const lengths = wanted.map((entry) => Math.max(...seen.map((epoch) => value(entry, epoch).length)));
      const many = wanted.some(({ symbol }) => symbol);
      list.classList.toggle("lab-many", many);
      list.classList.toggle("lab-long", many && Math.max(...lengths) > LONG);
      const alone = wanted.map(({ name }, n) => !many && name.length + lengths[n] > LINE);
      const looks = wanted.map(({ name, look }, n) =>
        [name, look.ink, look.width, look.dash, look.mark, alone[n]].join()
      );
      if (looks.join(";") === key) return;
      key = looks.join(";");
      values = wanted.map(() => make("span", { class: "lab-value" }));
      list.replaceChildren(
        ...wanted.map((entry, n) => {
          const drawing = drawSample(entry.look);
          return make(
            "li",
            { class: alone[n] && "lab-alone" },
            ...(entry.look.width || entry.look.mark ? [drawing] : []),
            make("span", { class: "lab-name" }, ...named(entry)),
            " ",
            values[n],
          );
        }),
      );
    },

    /** Write the values at an epoch. @param {number} epoch */
    move(epoch) {
      const texts = entries.map((entry) => value(entry, epoch));
      texts.forEach((text, n) => say(values[n], text));
    },

    /** What is written, for the table and the picture. @param {number} epoch */
    read: (epoch) => entries.map((entry) => ({ ...entry, value: value(entry, epoch) })),

    items: () => /** @type {HTMLElement[]} */ ([...list.children]),
  };
}
