// @ts-check
// Two panels about the loss around the run, where the cursor is: the valley that it stands in, and the map. The worker
// computes both, and is asked again when it has answered, so that no picture waits for it.
import { constants } from "./constants.js";
import { fill, ink, mark, svg } from "./curves.js";
import { say } from "./elements.js";
import { makeFrame } from "./frame.js";
import { limitOf } from "./rates.js";
import { put } from "./reading.js";
import * as scales from "./scales.js";
import { number } from "./scales.js";

const { steps, way: long, levels } = constants.valley;
/** @type {Record<string, Look>} */
const LOOKS = {
  loss: { ink: "train", mark: "", width: 2, dash: "" },
  parabola: { ink: "zero", mark: "", width: 1.5, dash: "6 3" },
  way: { ink: "observed", mark: "", width: 0.8, dash: "" },
  trail: { ink: "vermilion", mark: "", width: 1, dash: "" },
  here: { ink: "last", mark: "o", width: 0, dash: "" },
  area: { ink: "observed", mark: "s", width: 0, dash: "" },
  none: { ink: "zero", mark: "", width: 0, dash: "" },
};
/** What stands in a legend where there is no number: as long as a number would be. */
const NONE = ["–", "no number there", "–", "", "no number there"];
const tenth = (/** @type {number} */ v) => Math.round(v * 10) / 10;

/** @param {ArrayLike<number>} xs @param {ArrayLike<number>} ys @param {Of<number>} x @param {Of<number>} y */
const polyline = (xs, ys, x, y) =>
  Array.from(xs, (v, n) => `${n ? "L" : "M"}${tenth(x(v))} ${tenth(y(ys[n]))}`).join("");

/**
 * The part of a map where the loss is below a level, cell by cell; in a row, those that are whole are one.
 * @param {ArrayLike<number>[]} loss @param {number} level @param {number[]} xs @param {number[]} ys where columns and rows stand
 */
export function below(loss, level, xs, ys) {
  let d = "";
  for (let r = 0; r + 1 < ys.length; r++) {
    let from = 0; // where the cells that are whole begin
    for (let c = 0; c < xs.length; c++) {
      const corners = [[c, r], [c + 1, r], [c + 1, r + 1], [c, r + 1]];
      const heights = corners.map(([i, j]) => loss[j][i] - level); // NaN beyond the last column
      if (heights.every((height) => height < 0)) continue;
      if (c > from) d += `M${xs[from]} ${ys[r]}H${xs[c]}V${ys[r + 1]}H${xs[from]}z`;
      from = c + 1;
      let pen = "M";
      const point = (/** @type {number} */ x, /** @type {number} */ y) => {
        d += `${pen}${tenth(x)} ${tenth(y)}`;
        pen = "L";
      };
      corners.slice(c + 1 < xs.length ? 0 : 4).forEach(([i, j], n) => {
        const [k, l] = corners[(n + 1) % 4], height = heights[n], next = heights[(n + 1) % 4];
        if (height < 0) point(xs[i], ys[j]);
        const share = height / (height - next);
        if (height < 0 !== next < 0) point(xs[i] + share * (xs[k] - xs[i]), ys[j] + share * (ys[l] - ys[j]));
      });
      if (pen === "L") d += "z";
    }
  }
  return d;
}

/** What a step does to the distance from the bottom of a parabola. @param {number} times that it multiplies it by */
function effect(times) {
  if (times < -1) return "to the other side, farther away";
  return times < 0 ? "to the other side, nearer" : "nearer to the bottom";
}

/** The weights of a run on its way to an epoch, for the worker. @param {LabHistory} history @param {number} epoch @returns {Float64Array[]} */
function weightsOf({ U, V, count }, epoch) {
  const last = Math.min(epoch, count - 1), columns = [...V, ...U.map(([one]) => one), ...U.map(([, other]) => other)];
  const first = Math.max(0, last - long);
  return Array.from({ length: last - first + 1 }, (_, n) => Float64Array.from(columns, (column) => column[first + n]))
    .filter((weights) => weights.every(Number.isFinite));
}

/**
 * @param {(given: {epoch: number, kept: Float64Array[]}, onAnswer: (answer: Survey) => void) => void} ask
 * @param {() => void} onAnswer when there is more to draw
 */
export function makeLandscape(ask, onAnswer) {
  /** @type {{history: LabHistory | null, kept: LabHistory | null} & Survey} */
  let found = { history: null, kept: null, epoch: -1 };
  /** @type {View} */
  let view;
  /** @type {{history: LabHistory, kept: LabHistory | null, stopped?: boolean} | null} */
  let asked = null; // for what there is no answer yet

  /** Ask, unless the answer is there or on its way: the worker forgets what it was asked when its run ends. */
  function follow() {
    const { history, kept, shown } = view, { stopped } = history;
    if (asked?.history === history && asked.kept === kept && asked.stopped === stopped) return;
    if (found.history === history && found.kept === kept && found.epoch === shown) return;
    asked = { history, kept, stopped };
    const weights = kept?.h === history.h ? weightsOf(kept, shown) : []; // others have no place there
    ask({ epoch: shown, kept: weights }, ({ epoch, valley, map }) => {
      if (map) found.map = map;
      else {
        asked = null;
        found = { history, kept, epoch, valley, map: valley && found.map }; // the map is that of before, until it comes
        follow();
      }
      onAnswer();
    });
  }

  /** @param {"valley" | "map"} what @param {string} title @param {string} about @param {(frame: Frame) => () => Entry[]} prepare what draws, and says what it drew @returns {Panel} */
  function makePanel(what, title, about, prepare) {
    const frame = makeFrame(title, "across", about);
    const paint = prepare(frame);
    /** @type {any[]} */
    let drawn = [NaN];
    return {
      frame,
      draw() {
        const { history, epoch } = found, lost = history && !found.valley;
        const now = [found[what], lost && history, lost && epoch, frame.width, frame.height];
        if (now.every((one, n) => one === drawn[n])) return; // what is asked for has not come yet
        drawn = now;
        say(frame.note, lost ? `at epoch ${epoch} there is no number left` : "");
        frame.legends.show(paint());
      },
      move(now) {
        view = now;
        follow();
        frame.legends.move(0);
      },
    };
  }

  /** @param {Frame} frame @param {Float64Array} wide @param {number} least @param {number} most */
  function axes(frame, wide, least, most) {
    const across = scales.linear(wide[0], -wide[0], Math.max(2, Math.floor(frame.width / 80)));
    const scale = scales.linear(least, most, 4);
    frame.axes(across, scale);
    return { x: (/** @type {number} */ v) => across.place(v) * frame.width, y: frame.y(scale) };
  }

  /** Hide what there is no number of. @param {Frame} frame @param {any} there */
  const hide = ({ curves }, there) => curves.setAttribute("display", there ? "inline" : "none");
  /** @param {string[]} names @param {string[]} looks @param {string[]} values @returns {Entry[]} */
  const entries = (names, looks, values) =>
    names.map((name, n) => ({ name, look: LOOKS[looks[n]], text: () => (values.length ? values : NONE)[n] }));
  const line = (/** @type {Look} */ look) =>
    ink(svg("path", { stroke: "currentColor", "stroke-width": look.width, "stroke-dasharray": look.dash }), look.ink);
  const ball = () => ink(svg("g", { fill: "currentColor" }, mark("o", 5)), LOOKS.here.ink);
  const faint = (/** @type {Element[]} */ ...some) => svg("g", { class: "lab-kept" }, ...some);

  /** @param {Frame} frame */
  function valley(frame) {
    const [parabola, loss, run, kept] = [line(LOOKS.parabola), line(LOOKS.loss), ball(), ball()];
    const trail = ink(svg("g", { stroke: "currentColor", "stroke-width": LOOKS.way.width }), LOOKS.way.ink);
    frame.curves.append(parabola, loss, trail, faint(kept), run);

    /** @returns {string[]} */
    function draw() {
      const { history, valley: now } = found;
      hide(frame, now);
      if (!history || !now) return [];
      const { sharpness, across, bottom, way } = now, { state } = history;
      const bend = (/** @type {number} */ z) => (sharpness / 2) * z * z;
      const high = bend(across[0]), last = way.length - 1;
      const { x, y } = axes(frame, across, -0.1 * high, 1.2 * high);
      const above = (/** @type {number} */ value) => y(value - bottom);
      loss.setAttribute("d", polyline(across, now.loss, x, above));
      parabola.setAttribute("d", polyline(across, across.map(bend), x, y));
      const segments = Array.from({ length: last }, (_, n) => ({
        d: polyline(way.subarray(n, n + 2), now.way_loss.subarray(n), x, above),
        opacity: tenth((n + 1 + steps - last) / steps),
      }));
      fill(trail, "path", segments);
      put(run, x(way[last]), above(now.way_loss[last]), { ...frame, top: 0 });
      put(kept, x(now.kept?.across ?? NaN), above(now.kept?.height ?? NaN), { ...frame, top: 0 });
      const limit = limitOf(state), known = limit && state.optimizer === "descent" && !state.batch;
      const step = known ? effect(1 - (2 * sharpness) / limit.at(found.epoch)) : "–";
      const least = limit ? number(limit.at(found.epoch)) : "–";
      return [number(now.way_loss[last]), `sharpness ${number(sharpness)}`, least, "", step];
    }
    return () => {
      const values = draw(), limit = found.history && limitOf(found.history.state);
      const names = ["loss", "its parabola", limit?.name ?? "limit", `last ${steps} steps`, "next step"];
      const [first, ...others] = entries(names, ["loss", "parabola", "none", "way", "none"], values);
      const there = found.valley?.kept;
      return [there ? { ...first, older: () => number(there.loss) } : first, ...others];
    };
  }

  /** @param {Frame} frame */
  function map(frame) {
    const areas = ink(svg("g", { fill: "currentColor", "fill-opacity": 0.1 }), "observed");
    const [way, run, older, kept] = [line(LOOKS.trail), ball(), line(LOOKS.trail), ball()];
    frame.curves.append(areas, faint(older, kept), way, run);

    /** @returns {string[]} */
    function draw() {
      const { map: now } = found;
      const all = now?.loss.flatMap((row) => [...row]) ?? [NaN], low = Math.min(...all), high = Math.max(...all);
      hide(frame, high < Infinity);
      if (!now || !(high < Infinity)) return [];
      const { across, along, loss, way: [xs, ys] } = now, last = xs.length - 1;
      const { x, y } = axes(frame, across, along[0], along[along.length - 1]);
      const [columns, rows] = [Array.from(across, (v) => tenth(x(v))), Array.from(along, (v) => tenth(y(v)))];
      const levelled = Array.from({ length: levels }, (_, n) => ({
        d: below(loss, low * (high / low) ** ((n + 1) / (levels + 1)), columns, rows),
      }));
      fill(areas, "path", levelled);
      way.setAttribute("d", polyline(xs, ys, x, y));
      put(run, x(xs[last]), y(ys[last]), { ...frame, top: 0 });
      const [across_kept, along_kept] = now.kept, end = across_kept.length - 1;
      older.setAttribute("d", polyline(across_kept, along_kept, x, y));
      put(kept, x(across_kept[end]), y(along_kept[end]), { ...frame, top: 0 });
      return [`${last} ${last === 1 ? "epoch" : "epochs"}`, `${number(low)} to ${number(high)}`];
    }
    return () => entries(["way", "loss from"], ["trail", "area"], draw());
  }

  return {
    valley: () =>
      makePanel("valley", "The valley", "The loss across, where it bends most. The ball is the run.", valley),
    map: () =>
      makePanel("map", "Map of the loss", `Across the valley, and along the way of the last ${long} epochs.`, map),
  };
}
