// @ts-check
// A panel whose curves run over the epochs.
"use strict";
(function (lab) {
  const REACH = 1e6; // times what there was at first; beyond it a logarithmic axis shows nothing
  const MOST = 0.9; // of the values, if those below are so many

  /** @param {Float64Array | ArrayLike<number>} values @param {number} from @param {number} to @param {Range} range */
  function widen(values, from, to, range) {
    for (let e = from; e <= to; e++) {
      const v = values[e];
      if (v > range.high && v < Infinity) range.high = v;
      if (v < range.low && v > range.least) range.low = v;
    }
  }

  /** How many of the values of a curve are not beyond a limit, as a part of 1. @param {Curve} curve @param {number} from @param {number} to @param {number} cap */
  function share({ values, at, count }, from, to, cap) {
    let [all, below] = [0, 0];
    for (let n = 0; n < count; n++) {
      const epoch = at ? at[n] : n;
      if (epoch < from || epoch > to || Number.isNaN(values[n])) continue;
      all++;
      if (values[n] <= cap) below++;
    }
    return below / all;
  }

  /** The scale that suits all curves between two epochs, and what it leaves out. @param {Spec} spec @param {Curve[]} curves @param {View} view */
  function fit({ scale, fixed }, curves, { from, to }) {
    if (fixed) return { y: fixed, left_out: "" };
    const range = { low: Infinity, high: -Infinity, least: scale === "log" ? 0 : -Infinity };
    for (const { values, at, count } of curves) {
      if (at) widen(values, lab.latest(at, from), Math.min(lab.latest(at, to) + 1, count - 1), range);
      else widen(values, from, Math.min(to, count - 1), range);
    }
    if (range.high < range.low) [range.low, range.high] = [0.1, 1];
    if (scale !== "log") {
      const y = lab.scales.forWeights(range.low, range.high);
      return { y, left_out: y.high > lab.scales.HUGE || y.low < -lab.scales.HUGE ? "logarithmic beyond ±1" : "" };
    }
    const cap = REACH * curves[0].values[0];
    const cut = range.high > cap && share(curves[0], from, to, cap) > MOST;
    const y = lab.scales.logarithmic(range.low * 0.8, cut ? cap : Math.min(1e308, range.high * 1.25));
    return { y, left_out: cut ? `cut off above ${lab.number(cap)}` : "" };
  }

  /** @param {Spec} spec */
  lab.chart = function (spec) {
    const frame = lab.frame(spec.title);
    const { svg, ink, mark } = lab;
    const kept = svg("g", { class: "lab-kept" });
    const lines = svg("g");
    const paths = svg("g", { "stroke-linejoin": "round" });
    const points = svg("g", { fill: "currentColor" });
    frame.curves.append(kept, lines, paths, points);
    const line = svg("line", { class: "lab-here", y1: frame.top, y2: frame.top + frame.height, stroke: "#777" });
    const dots = svg("g", { fill: "currentColor" });
    frame.cursor.append(line, dots);
    /** @type {Curve[]} */
    let curves = [];
    /** @type {(v: number) => number} */
    let y = () => 0;

    /** Draw curves, with elements that are there already where there are some. @param {SVGElement} group @param {Curve[]} wanted @param {View} view @param {number} thin */
    function trace(group, wanted, { from, to }, thin) {
      while (group.childElementCount > wanted.length) group.lastChild?.remove();
      wanted.forEach(({ look, values, count, at }, n) => {
        const path = group.children[n] ?? group.appendChild(svg("path", { stroke: "currentColor" }));
        const d = at
          ? lab.sparse(at, values, from, to, frame.width, y)
          : lab.path(values, count, from, to, frame.width, y);
        path.setAttribute("d", d);
        path.setAttribute("stroke-width", String(Math.max(0.8, look.width * thin)));
        path.setAttribute("stroke-dasharray", look.dash);
        ink(path, look.ink);
      });
    }

    return {
      frame,

      /** @param {View} view */
      draw(view) {
        const { history, from, to } = view;
        curves = spec.curves(history);
        const older = view.kept ? spec.curves(view.kept) : [];
        const scale = fit(spec, [...curves, ...older], view);
        const x = lab.scales.linear(from, to, Math.max(2, Math.floor(frame.width / 56)));
        y = frame.y(scale.y);
        frame.axes({ ...x, ticks: x.ticks.filter((/** @type {Tick} */ { value }) => Number.isInteger(value)) }, scale.y);
        const across = (/** @type {number} */ e) => ((e - from) / (to - from)) * frame.width;

        trace(kept, older, view, 0.6);
        trace(paths, curves, view, 1);
        lines.replaceChildren(
          ...(spec.lines?.(history) ?? []).map(({ look, epoch }) => {
            const d = `M${across(epoch)} 0v${frame.height}`;
            return ink(svg("path", { d, stroke: "currentColor", "stroke-width": look.width, "stroke-dasharray": look.dash }), look.ink);
          }),
        );
        points.replaceChildren(
          ...(spec.points?.(history) ?? []).map(({ look, epoch, value }) =>
            ink(svg("g", { transform: `translate(${across(epoch)} ${y(value)})` }, mark(look.mark, 5)), look.ink)
          ),
        );
        if (dots.childElementCount !== curves.length || curves.some(({ look }, n) => dots.children[n].dataset.look !== look.ink + look.mark)) {
          dots.replaceChildren(
            ...curves.map(({ look }) => {
              const dot = ink(svg("g", {}, ...(look.mark ? [mark(look.mark, 4)] : [])), look.ink);
              dot.dataset.look = look.ink + look.mark;
              return dot;
            }),
          );
        }
        const notes = [scale.left_out, view.kept ? "pale: the kept run" : ""];
        lab.say(frame.note, notes.filter(Boolean).join("; "));
        frame.legends.show(spec.entries(history, view.kept));
        lab.dim([...paths.children, ...dots.children], [...curves, ...curves], view.neuron);
      },

      /** @param {View} view */
      move({ from, to, shown }) {
        const out = shown < from || shown > to;
        frame.cursor.classList.toggle("lab-out", out);
        const x = frame.left + ((shown - from) / (to - from)) * frame.width;
        line.setAttribute("transform", `translate(${x} 0)`);
        curves.forEach(({ values, at }, n) => {
          const height = y(values[at ? lab.latest(at, shown) : shown]);
          const seen = height >= -1 && height <= frame.height + 1;
          dots.children[n].setAttribute("transform", seen ? `translate(${x} ${frame.top + height})` : "translate(-99 0)");
        });
        frame.legends.move(shown);
      },
    };
  };

  lab.fit = fit;

  /** The last of some epochs that is not after another one; the first where there is none. @param {number[]} epochs @param {number} epoch */
  lab.latest = function (epochs, epoch) {
    let n = epochs.length - 1;
    while (n > 0 && epochs[n] > epoch) n--;
    return n;
  };

  /** Let the curves of one neuron stand out. @param {Element[]} elements @param {{neuron?: number}[]} of @param {number | null} neuron */
  lab.dim = function (elements, of, neuron) {
    elements.forEach((element, n) => element.classList.toggle("lab-dim", neuron !== null && of[n].neuron !== undefined && of[n].neuron !== neuron));
  };
})((globalThis.lab ??= {}));
