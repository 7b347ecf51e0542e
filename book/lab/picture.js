// @ts-check
// All panels as one file, with nothing in it that a style sheet, a font or a script would have to bring.
import { named } from "./address.js";
import { svg } from "./curves.js";
import { drawSample, parts } from "./legend.js";

const GAP = 24;
const TITLE = 26;
const LINE = 20;
const SAMPLE = 32; // pixels for the sample of a curve
const LETTER = 7; // pixels for a letter
const SPACE = 14; // pixels between a name, a value and the next name

/** @param {string} content @param {Record<string, string | number>} attributes */
function text(content, attributes) {
  const element = svg("text", { "font-size": 12, fill: "#333", ...attributes });
  element.textContent = content;
  return element;
}

/** @param {string} content @param {Record<string, string | number>} attributes */
function span(content, attributes) {
  const element = svg("tspan", attributes);
  element.textContent = content;
  return element;
}

/** A copy without what only the page needs. @param {Element} drawing */
function bare(drawing) {
  const copy = /** @type {Element} */ (drawing.cloneNode(true));
  for (const element of [copy, ...copy.querySelectorAll("*")]) {
    if (element.matches(".lab-touch, .lab-band")) element.remove();
    if (element.matches(".lab-kept")) element.setAttribute("opacity", "0.45");
    if (element.matches(".lab-dim")) element.setAttribute("opacity", "0.15");
    for (const name of ["fill", "stroke"]) {
      const color = element.getAttribute(name) === "currentColor" &&
        element.closest("[color]")?.getAttribute("color");
      if (color) element.setAttribute(name, color);
    }
    for (const name of ["style", "class", "role", "aria-label", "aria-hidden", "data-look", "data-sign"]) {
      element.removeAttribute(name);
    }
  }
  return copy;
}

/** The legend, in as many columns as there is room for. @param {Frame} frame @param {number} shown @param {number} width */
function legend(frame, shown, width) {
  const group = svg("g");
  const entries = frame.legends.read(shown);
  const indexed = entries.some(({ symbol }) => symbol);
  // What has no value may run into the place of the values, but not into the next column.
  const long = Math.max(...entries.map(({ name, value }) => (value ? name.length : 0)));
  const value = Math.max(...entries.map(({ value }) => value.length));
  const alone = Math.max(...entries.map(({ name }) => name.length));
  const from = SAMPLE + LETTER * long + SPACE; // where the values begin
  const column = Math.max(from + LETTER * value, SAMPLE + LETTER * alone) + SPACE;
  const columns = indexed ? Math.max(1, Math.floor((width + SPACE) / column)) : 1;
  entries.forEach((/** @type {any} */ entry, /** @type {number} */ n) => {
    const [x, y] = [(n % columns) * column, Math.floor(n / columns) * LINE];
    const sample = bare(drawSample(entry.look));
    sample.setAttribute("x", String(x));
    sample.setAttribute("y", String(y + 3));
    const name = text("", { x: x + SAMPLE, y: y + 14 });
    parts(entry).forEach((/** @type {[string, string]} */ [letter, index], /** @type {number} */ k) => {
      name.append(span(letter, entry.symbol ? { "font-style": "italic", dy: k ? -3 : 0 } : {}));
      if (index) name.append(span(index, { dy: 3, "font-size": 9 }));
    });
    const said = text(
      entry.value,
      indexed ? { x: x + from + LETTER * value, y: y + 14, "text-anchor": "end" } : { x: x + from, y: y + 14 },
    );
    group.append(sample, name, said);
  });
  return { group, height: Math.ceil(entries.length / columns) * LINE };
}

/** @param {any[]} panels @param {View} view @param {string[]} [below] lines under the pictures */
export function writePicture(panels, { shown, history, kept }, below = []) {
  const width = Math.max(...panels.map(({ frame }) => Number(frame.picture.getAttribute("width"))));
  const columns = Math.min(3, panels.length);
  const root = svg("svg", { xmlns: "http://www.w3.org/2000/svg", "font-family": "sans-serif" });
  const run = named({ ...history.state, epoch: history.state.epochs }).replaceAll(" ", ", ");
  const title = `(${run}), epoch ${shown}${
    kept ? "; faint lines and numbers in brackets are the run that was kept" : ""
  }`;
  root.append(text(title, { x: GAP, y: GAP + 4, "font-size": 15, "font-weight": "bold" }));
  let y = GAP + 20;
  for (let n = 0; n < panels.length; n += columns) {
    let tallest = 0;
    panels.slice(n, n + columns).forEach(({ frame }, column) => {
      const group = svg("g", { transform: `translate(${GAP + column * (width + GAP)} ${y})` });
      const heading = text(frame.title, { y: 14, "font-weight": "bold", "font-size": 13 });
      heading.append(span(frame.note.textContent, { "font-weight": "normal", "font-size": 11, fill: "#666", dx: 8 }));
      const drawing = bare(frame.picture);
      drawing.append(...bare(frame.cursor).childNodes);
      drawing.setAttribute("y", String(TITLE));
      const { group: names, height } = legend(frame, shown, width);
      const bottom = TITLE + Number(frame.picture.getAttribute("height"));
      names.setAttribute("transform", `translate(0 ${bottom})`);
      group.append(heading, drawing, names);
      root.append(group);
      tallest = Math.max(tallest, bottom + height);
    });
    y += tallest + GAP;
  }
  below.forEach((line, n) => root.append(text(line, { x: GAP, y: y + n * LINE })));
  y += below.length * LINE;
  const size = [GAP + columns * (width + GAP), y];
  root.setAttribute("width", size[0]);
  root.setAttribute("height", size[1]);
  root.setAttribute("viewBox", `0 0 ${size.join(" ")}`);
  root.prepend(svg("rect", { width: size[0], height: size[1], fill: "#fff" }));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(root)}\n`;
}
