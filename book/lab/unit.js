// @ts-check
// A unit of the network, as it is drawn: round, or square where it is a bias.
"use strict";
(function (lab) {
  /**
   * @param {number} x @param {number} y @param {number} size @param {string} label a letter and its index, if any
   * @param {string} color @param {boolean} bias
   */
  lab.unit = function (x, y, size, label, color, bias) {
    const { svg } = lab;
    const side = size * 1.8;
    const form = bias
      ? svg("rect", { x: -side / 2, y: -side / 2, width: side, height: side, rx: 2 })
      : svg("circle", { r: size });
    form.setAttribute("fill", "#fff");
    form.setAttribute("stroke", "currentColor");
    form.setAttribute("stroke-width", Math.min(3, size / 2));
    form.setAttribute("class", "lab-unit");
    const unit = lab.ink(svg("g", { transform: `translate(${x} ${y})` }, form), color);
    if (!label) return unit;
    const text = svg("text", { "text-anchor": "middle", y: 4, "font-size": 12, fill: "#333", class: "lab-letter" });
    const index = svg("tspan", { dy: 3, "font-size": 10 });
    index.append(label.slice(1));
    text.append(label[0], index);
    unit.append(text);
    return unit;
  };
})(globalThis.lab ??= /** @type {Lab} */ ({}));
