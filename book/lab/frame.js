// @ts-check
// The frame of a panel: its title, its axes, the place of its curves, the cursor over them, and the legend.
import { fill, svg } from "./curves.js";
import { make, say } from "./elements.js";
import { makeLegend } from "./legend.js";

const AXES = { left: 46, right: 12, top: 8, bottom: 24 };
const NONE = { left: 0, right: 0, top: 8, bottom: 4 };
export const HEIGHT = 210; // of a picture, in pixels
const LINE = 14; // pixels between two numbers beside an axis

/**
 * @param {string} title
 * @param {string} [corner] what the horizontal axis shows; without it there are no axes
 * @param {string} [about] what the picture shows, in plain words
 */
export function makeFrame(title, corner = "epoch", about = "") {
  const EDGE = corner ? AXES : NONE;
  const note = make("span", { class: "lab-note" });
  const [lines, texts] = [svg("g"), svg("g")];
  const axes = svg("g", { class: "lab-axes", "font-size": 12, fill: "#555" }, lines, texts);
  const curves = svg("svg", { class: "lab-curves", x: EDGE.left, y: EDGE.top, overflow: "hidden", fill: "none" });
  const picture = svg("svg", { class: "lab-picture", role: "img" }, axes, curves);
  const cursor = svg("svg", { class: "lab-cursor", "aria-hidden": "true" });
  const plot = make("div", { class: "lab-plot" }, picture, cursor);
  const here = svg("line", { class: "lab-here", y1: EDGE.top, stroke: "#777" }); // for those that have a cursor
  const legend = make("ul", { class: "lab-legend" });
  const below = make("div", {}, legend);
  const caption = make("figcaption", {}, make("span", { class: "lab-title" }, title), " ", note);
  if (about) caption.append(make("div", {}, about));
  const figure = make("figure", { class: "lab-panel" }, caption, plot, below);
  let marked = "";

  const frame = {
    figure,
    caption,
    plot,
    picture,
    curves,
    cursor,
    here,
    legend,
    below,
    title,
    note,
    width: 0, // of the plot between its edges, in pixels
    height: 0, // likewise
    left: EDGE.left,
    top: EDGE.top,

    /** @param {number} height of all, in pixels */
    tall(height) {
      frame.height = height - EDGE.top - EDGE.bottom;
      for (const element of [picture, cursor]) element.setAttribute("height", String(height));
      here.setAttribute("y2", EDGE.top + frame.height);
      marked = "";
    },

    /** @param {number} width of all, in pixels */
    resize(width) {
      frame.width = Math.max(80, width - EDGE.left - EDGE.right);
      for (const element of [picture, cursor]) element.setAttribute("width", String(width));
      curves.setAttribute("width", String(frame.width));
      curves.setAttribute("height", String(frame.height));
      marked = "";
    },

    /** Draw the axes, unless they stand there already. @param {Scale} x @param {Scale} y */
    axes(x, y) {
      const key = [x.low, x.high, y.low, y.high].join();
      if (key === marked) return;
      marked = key;
      const bottom = EDGE.top + frame.height;
      const right = EDGE.left + frame.width;
      const heights = y.ticks.map(({ value }) => Math.round(bottom - y.place(value) * frame.height) + 0.5);
      fill(
        lines,
        "line",
        heights.map((at, n) => ({
          x1: EDGE.left,
          x2: right,
          y1: at,
          y2: at,
          stroke: "#ddd",
          class: y.ticks[n].value === 0 ? "lab-zero" : "",
        })),
      );
      const beside = heights.map((at) => ({ x: EDGE.left - 6, y: at + 4, "text-anchor": "end" }));
      const below = x.ticks.map(({ value, label }) => {
        const at = EDGE.left + x.place(value) * frame.width;
        const anchor = at > right - 8 ? "end" : at < EDGE.left + 8 && label.length > 1 ? "start" : "middle";
        return { x: at + { start: -5, middle: 0, end: 6 }[anchor], y: bottom + 17, "text-anchor": anchor };
      });
      const every = Math.ceil((LINE * y.ticks.length) / frame.height); // so that none lies on the next
      const words = [
        ...y.ticks.map(({ label }, n) => n % every ? "" : label),
        corner,
        ...x.ticks.map(({ label }) => label),
      ];
      fill(texts, "text", [...beside, { x: 0, y: bottom + 17, "text-anchor": "start" }, ...below])
        .forEach((text, n) => say(text, words[n]));
    },

    /** Where a value stands, in pixels from the top; what is far outside is just outside. @param {Scale} scale */
    y: (scale) => (/** @type {number} */ v) => {
      const place = scale.place(v);
      return place > 1.5 ? -0.5 * frame.height : place < -0.5 ? 1.5 * frame.height : (1 - place) * frame.height;
    },

    legends: makeLegend(legend),
  };
  frame.tall(HEIGHT);
  return frame;
}
