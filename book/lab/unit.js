// @ts-check
// A unit of the network, as it is drawn: round, or square where it is a bias.
import { ink, svg } from "./curves.js";

/**
 * @param {number} x @param {number} y @param {number} size @param {string} label a letter and its index, if any
 * @param {string} color @param {boolean} bias
 */
export function drawUnit(x, y, size, label, color, bias) {
  const side = size * 1.8;
  const form = bias
    ? svg("rect", { x: -side / 2, y: -side / 2, width: side, height: side, rx: 2 })
    : svg("circle", { r: size });
  form.setAttribute("fill", "#fff");
  form.setAttribute("stroke", "currentColor");
  form.setAttribute("stroke-width", Math.min(3, size / 2));
  form.setAttribute("class", "lab-unit");
  const unit = ink(svg("g", { transform: `translate(${x} ${y})` }, form), color);
  if (!label) return unit;
  const text = svg("text", { "text-anchor": "middle", y: 4, "font-size": 12, fill: "#333", class: "lab-letter" });
  const index = svg("tspan", { dy: 3, "font-size": 10 });
  index.append(label.slice(1));
  text.append(label[0], index);
  unit.append(text);
  return unit;
}
