// @ts-check
// A panel whose curves run over the epochs.
import { area, fill, ink, mark, path, sparse, svg } from "./curves.js";
import { make, say } from "./elements.js";
import { fit, latest } from "./fit.js";
import { makeFrame } from "./frame.js";
import { named } from "./legend.js";
import { put } from "./reading.js";
import * as scales from "./scales.js";

const FEW = 3; // curves whose values are all shown where the pointer is; of more, the nearest one's

/** @param {Spec} spec */
export function makeChart(spec) {
  const frame = makeFrame(spec.title, "epoch", spec.about);
  const seeds = svg("g", { class: "lab-seeded", opacity: 0.4 });
  const kept = svg("g", { class: "lab-kept" });
  const lines = svg("g");
  const paths = svg("g", { "stroke-linejoin": "round" });
  const points = svg("g");
  frame.curves.append(seeds, kept, lines, paths, points);
  const dots = svg("g");
  frame.cursor.append(frame.here, dots);
  /** @type {Curve[]} */
  let curves = [];
  /** @type {(v: number) => number} */
  let y = () => 0;

  const said = make("span");
  const pointed = make("div", { class: "lab-pointed", "aria-hidden": "true", hidden: true }, said);
  frame.plot.append(pointed);
  /** @type {View | null} */
  let now = null;

  /** Show the values where a mouse is, and leave the cursor alone. @param {PointerEvent} event */
  function point({ clientX, clientY, pointerType, buttons }) {
    const place = frame.plot.getBoundingClientRect();
    const x = clientX - place.left - frame.left;
    pointed.hidden = !now || pointerType !== "mouse" || buttons > 0 || x < 0 || x > frame.width;
    if (!now || pointed.hidden) return;
    const { from, to, history } = now;
    const epoch = Math.min(Math.round(from + (x / frame.width) * (to - from)), history.count - 1);
    const height = clientY - place.top - frame.top;
    const away = (/** @type {Curve} */ { values, at }) => Math.abs(y(values[at ? latest(at, epoch) : epoch]) - height);
    const some = curves.length > FEW ? [...curves].sort((a, b) => away(a) - away(b)).slice(0, 1) : curves;
    const entries = frame.legends.read(epoch).filter(({ look, neuron }) =>
      some.some((curve) => curve.look === look || (curve.neuron !== undefined && curve.neuron === neuron))
    );
    const lines = entries.map((entry) => make("div", {}, ...named(entry), ` ${entry.value}`));
    said.replaceChildren(`epoch ${epoch}`, ...lines);
    pointed.style.left = `${frame.left + ((epoch - from) / (to - from)) * frame.width}px`;
    pointed.classList.toggle("lab-left", x > frame.width / 2);
  }
  for (const kind of ["pointermove", "pointerdown", "pointerup"]) frame.plot.addEventListener(kind, point);
  frame.plot.addEventListener("pointerleave", () => (pointed.hidden = true));

  /** Draw curves, with elements that are there already where there are some. @param {SVGElement} group @param {Curve[]} wanted @param {View} view @param {number} thin */
  function trace(group, wanted, { from, to }, thin) {
    const elements = fill(
      group,
      "path",
      wanted.map(({ look, values, count, at, upper }) => ({
        d: at
          ? sparse(at, values, from, to, frame.width, y)
          : upper
          ? area(values, upper, count, from, to, frame.width, y)
          : path(values, count, from, to, frame.width, y),
        "fill-opacity": 0.5,
        fill: upper ? "currentColor" : "none",
        stroke: upper ? "none" : "currentColor",
        "stroke-width": Math.max(0.8, look.width * thin),
        "stroke-dasharray": look.dash,
      })),
    );
    elements.forEach((path, n) => ink(path, wanted[n].look.ink));
  }

  return {
    frame,

    /** @param {View} view */
    draw(view) {
      const { history, from, to } = view;
      now = view;
      curves = spec.curves(history);
      const older = view.kept ? spec.curves(view.kept) : [];
      const others = view.seeded && spec.others ? spec.others(view.seeded) : [];
      const scale = fit(spec, [...curves, ...older, ...others.filter(({ upper }) => !upper)], view);
      const x = scales.linear(from, to, Math.max(2, Math.floor(frame.width / 56)));
      y = frame.y(scale.y);
      frame.axes(
        { ...x, ticks: x.ticks.filter((/** @type {Tick} */ { value }) => Number.isInteger(value)) },
        scale.y,
      );
      const across = (/** @type {number} */ e) => ((e - from) / (to - from)) * frame.width;

      trace(seeds, others, view, 1);
      trace(kept, older, view, 0.6);
      trace(paths, curves, view, 1);
      const marked = spec.lines?.(history) ?? [];
      const crossed = marked.map(({ look, epoch }) => ({
        d: `M${across(epoch)} 0v${frame.height}`,
        stroke: "currentColor",
        "stroke-width": look.width,
        "stroke-dasharray": look.dash,
      }));
      fill(lines, "path", crossed).forEach((path, n) => ink(path, marked[n].look.ink));
      const best = spec.points?.(history) ?? [];
      fill(
        points,
        "g",
        best.map(({ epoch, value }) => ({ transform: `translate(${across(epoch)} ${y(value)})` })),
      )
        .forEach((point, n) => {
          if (!point.firstChild) ink(point, best[n].look.ink).append(mark(best[n].look.mark, 5));
          point.setAttribute("fill", "currentColor");
        });
      if (
        dots.childElementCount !== curves.length ||
        curves.some(({ look }, n) => dots.children[n].dataset.look !== look.ink + look.mark)
      ) {
        dots.replaceChildren(
          ...curves.map(({ look }) => {
            const dot = ink(svg("g", { fill: "currentColor" }, ...(look.mark ? [mark(look.mark, 4)] : [])), look.ink);
            dot.dataset.look = look.ink + look.mark;
            return dot;
          }),
        );
      }
      say(frame.note, scale.left_out);
      frame.legends.show(spec.entries(history, view.kept, view.seeded), history.count);
      dim([...paths.children, ...dots.children], [...curves, ...curves], view.neuron);
    },

    /** @param {View} view */
    move({ from, to, shown }) {
      const out = shown < from || shown > to;
      frame.cursor.classList.toggle("lab-out", out);
      const x = frame.left + ((shown - from) / (to - from)) * frame.width;
      frame.here.setAttribute("transform", `translate(${x} 0)`);
      curves.forEach(({ values, at }, n) => {
        const height = y(values[at ? latest(at, shown) : shown]);
        put(dots.children[n], x, height, frame);
      });
      frame.legends.move(shown);
    },
  };
}

/** Let the curves of one neuron stand out. @param {Element[]} elements @param {{neuron?: number}[]} of @param {number | null} neuron */
export function dim(elements, of, neuron) {
  elements.forEach((element, n) =>
    element.classList.toggle("lab-dim", neuron !== null && of[n].neuron !== undefined && of[n].neuron !== neuron)
  );
}
