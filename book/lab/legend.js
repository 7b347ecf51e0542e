// @ts-check
// The legend of a panel: what each curve is called, how it looks, and its value at the cursor.
"use strict";
(function (lab) {
  const WIDTH = 26; // of a sample of a curve, in pixels

  /** A sample of how a curve looks. @param {Look} look */
  function sample({ ink, mark, width, dash }) {
    const { svg } = lab;
    const drawing = svg("svg", { class: "lab-sample", width: WIDTH, height: 14, viewBox: `0 -7 ${WIDTH} 14`, "aria-hidden": "true" });
    if (width) {
      drawing.append(svg("path", { d: `M0 0H${WIDTH}`, stroke: "currentColor", "stroke-width": width, "stroke-dasharray": dash }));
    }
    if (mark) {
      drawing.append(svg("g", { transform: `translate(${WIDTH / 2} 0)`, fill: "currentColor" }, lab.mark(mark, 4)));
    }
    return lab.ink(drawing, ink);
  }

  /** A name with its index below, such as U and 0,1. @param {Entry} entry @returns {(Node | string)[]} */
  function named({ name, index }) {
    return index === undefined ? [name] : [lab.make("i", {}, name), lab.make("sub", {}, index)];
  }

  /** @param {HTMLElement} list */
  lab.legend = function (list) {
    let key = "";
    /** @type {HTMLElement[]} */
    let values = [];
    /** @type {Entry[]} */
    let entries = [];
    return {
      /** Say which curves there are; what is the same is left as it is. @param {Entry[]} wanted */
      show(wanted) {
        entries = wanted;
        const looks = wanted.map(({ name, index, look }) => [name, index, look.ink, look.width, look.dash, look.mark].join());
        if (looks.join(";") === key) return;
        key = looks.join(";");
        values = wanted.map(() => lab.make("span", { class: "lab-value" }));
        list.classList.toggle("lab-many", wanted.some(({ index }) => index !== undefined));
        list.replaceChildren(
          ...wanted.map((entry, n) =>
            lab.make("li", {}, sample(entry.look), lab.make("span", { class: "lab-name" }, ...named(entry)), " ", values[n])
          ),
        );
      },

      /** Write the values at an epoch. @param {number} epoch */
      move(epoch) {
        entries.forEach((entry, n) => lab.say(values[n], entry.text(epoch)));
      },

      /** What is written, for the table and the picture. @param {number} epoch */
      read: (epoch) => entries.map((entry) => ({ ...entry, value: entry.text(epoch) })),

      items: () => /** @type {HTMLElement[]} */ ([...list.children]),
    };
  };

  lab.named = named;
  lab.sample = sample;
})((globalThis.lab ??= {}));
