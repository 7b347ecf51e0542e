// @ts-check
// The panel of the network itself: its weights as widths and signs.
import { dim } from "./chart.js";
import { ink, lookOf, svg } from "./curves.js";
import { make, say, unique } from "./elements.js";
import { makeFrame } from "./frame.js";
import { named } from "./legend.js";
import * as scales from "./scales.js";
import { number } from "./scales.js";
import { drawUnit } from "./unit.js";

const WIDEST = 7; // pixels
const LOOKS = {
  positive: { ink: "blue", mark: "", width: 3, dash: "" },
  negative: { ink: "vermilion", mark: "", width: 3, dash: "6 3" },
};

/** A name for who points at it. @param {string} text */
function title(text) {
  const element = svg("title");
  element.textContent = text;
  return element;
}

/** @param {{onNeuron(neuron: number | null, chosen?: boolean): void}} callbacks */
export function makeNetworkPanel({ onNeuron }) {
  const frame = makeFrame(
    "The network",
    "",
    "From x and a 1 to the hidden neurons H, and on to the output O.",
  );
  const edges = svg("g");
  const nodes = svg("g");
  frame.curves.append(edges, nodes);
  const neurons = make("div", { class: "lab-neurons", role: "radiogroup", "aria-label": "Neuron to look at" });
  frame.figure.classList.add("lab-network");
  frame.below.append(neurons);
  const group = unique("neuron");
  let h = 0;
  let drawn = "";
  let top = 1; // the weight of the widest line
  /** @type {HTMLInputElement[]} */
  let inputs = [];
  /** @type {{weight: string, neuron: number, line: SVGElement, values(history: LabHistory): Float64Array}[]} */
  let lines = [];

  /** Place the units of a network with h hidden ones, and join them. @param {number} width */
  function build(width) {
    const height = frame.height;
    const row = (/** @type {number} */ i) => ((i + 0.5) / h) * height;
    const [left, middle, right] = [width * 0.14, width * 0.5, width * 0.86];
    const rows = [height * 0.3, height * 0.7];
    const size = Math.min(15, (height / h) * 0.42);
    lines = [];
    edges.replaceChildren();
    nodes.replaceChildren();
    const join = (
      /** @type {number} */ neuron,
      /** @type {string} */ weight,
      /** @type {number[]} */ ends,
      /** @type {any} */ values,
    ) => {
      const [x1, y1, x2, y2] = ends;
      const line = svg("path", { d: `M${x1} ${y1}L${x2} ${y2}`, stroke: "currentColor" });
      const wide = svg("path", {
        d: `M${x1} ${y1}L${x2} ${y2}`,
        stroke: "transparent",
        "stroke-width": Math.max(6, size),
        class: "lab-touch",
      });
      listen(wide, neuron);
      wide.append(title(weight));
      edges.append(line, wide);
      lines.push({ weight, neuron, line, values });
    };
    for (let i = 0; i < h; i++) {
      for (const j of i < h - 1 ? [0, 1] : []) {
        join(i, `U${i},${j}`, [left, rows[j], middle, row(i)], (/** @type {LabHistory} */ { U }) => U[i][j]);
      }
      join(i, `V${i}`, [middle, row(i), right, height / 2], (/** @type {LabHistory} */ { V }) => V[i]);
      const unit = drawUnit(middle, row(i), size, size > 12 ? `H${i}` : "", lookOf(i, h).ink, i === h - 1);
      listen(unit, i);
      unit.append(title(i < h - 1 ? `H${i}, a hidden neuron` : `H${i}, the bias unit`)); // small ones have no letter
      nodes.append(unit);
    }
    const [input, one, output] = [
      drawUnit(left, rows[0], 15, "x", "target", false),
      drawUnit(left, rows[1], 15, "1", "target", true),
      drawUnit(right, height / 2, 15, "O", "target", false),
    ];
    input.append(title("x, the input"));
    one.append(title("the 1 beside the input"));
    output.append(title("O, the output"));
    nodes.append(input, one, output);
  }

  /** Let a neuron stand out while the pointer is there, or for longer. @param {SVGElement} element @param {number} neuron */
  function listen(element, neuron) {
    element.addEventListener("pointerenter", () => onNeuron(neuron));
    element.addEventListener("pointerleave", () => onNeuron(null));
    element.addEventListener("click", () => onNeuron(neuron, true));
  }

  /** Offer the neurons, by their names. */
  function offer() {
    const choice = (/** @type {number | null} */ neuron) => {
      const input = make("input", { type: "radio", name: group, onchange: () => onNeuron(neuron, true) });
      const name = neuron === null ? ["all"] : named({ name: `H${neuron}`, symbol: true });
      const label = make("label", {}, input, make("span", {}, ...name));
      inputs.push(input);
      return neuron === null ? label : ink(label, lookOf(neuron, h).ink);
    };
    inputs = [];
    neurons.replaceChildren(choice(null), ...Array.from({ length: h }, (_, i) => choice(i)));
  }

  return {
    frame,

    /** Its weights, for those who do not see the lines. @param {View} view @returns {string[]} */
    describe: ({ history, shown }) =>
      lines.map(({ weight, values }) => `${weight} ${number(values(history)[shown], true)}`),

    /** @param {View} view */
    draw(view) {
      const { history } = view;
      if (`${history.h} ${frame.width}` !== drawn) {
        if (history.h !== h) {
          h = history.h;
          offer();
        }
        drawn = `${h} ${frame.width}`;
        build(frame.width);
      }
      if (view.chosen !== null && view.chosen >= h) onNeuron(null, true);
      inputs[view.chosen === null ? 0 : view.chosen + 1].checked = true;
      top = 0;
      for (const { values } of lines) {
        const all = values(history);
        for (let e = 0; e < history.count; e++) {
          const size = Math.abs(all[e]);
          if (size > top && size < scales.HUGE) top = size;
        }
      }
      dim(lines.map(({ line }) => line), lines, view.neuron);
      const picked = lines.filter(({ neuron }) => neuron === view.neuron);
      frame.legends.show([
        { name: "positive", look: LOOKS.positive, text: () => "" },
        { name: "negative", look: LOOKS.negative, text: () => "" },
        ...picked.map(({ weight, values, neuron }) => ({
          name: weight,
          symbol: true,
          neuron,
          look: { ...lookOf(neuron, h), width: 0 },
          text: (/** @type {number} */ epoch) => number(values(history)[epoch], true),
        })),
      ], history.count);
      say(frame.note, `the widest line stands for ${number(top)}`);
    },

    /** @param {View} view */
    move({ history, shown }) {
      for (const { line, values } of lines) {
        const v = values(history)[shown];
        const width = Number.isFinite(v) ? 0.6 + (WIDEST - 0.6) * Math.min(1, Math.abs(v) / top) : 0;
        line.setAttribute("stroke-width", width.toFixed(2));
        line.setAttribute("stroke-dasharray", v < 0 ? "6 3" : "");
        const what = v < 0 ? "negative" : "positive";
        if (line.dataset.sign !== what) {
          line.dataset.sign = what;
          ink(line, LOOKS[what].ink);
        }
      }
      frame.legends.move(shown);
    },
  };
}
