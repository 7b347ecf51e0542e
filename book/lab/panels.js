// @ts-check
// The panels together: one cursor, one range of epochs, at most one drawing in a frame.
import { makeChart } from "./chart.js";
import { charts } from "./charts.js";
import { dragCursor, playsOrPauses, stepOf } from "./drag.js";
import { atOnce, hide, make, withNextFrame } from "./elements.js";
import { HEIGHT } from "./frame.js";
import { makeFunctionPanel } from "./function.js";
import { extent } from "./history.js";
import { makeLandscape } from "./landscape.js";
import { makeNetworkPanel } from "./network.js";
import { writePicture } from "./picture.js";
import { makeValuesTable } from "./values.js";

const NAMES = ["function", "error", "sharpness", "valley", "map", "network", "U0", "U1", "V", "gradient", "angle"];
/** How high a picture is, in pixels: on a wide window that is low two rows of them are to be seen, on a phone one. */
const HEIGHTS = /** @type {[string, number][]} */ ([
  ["(min-width: 72rem) and (max-height: 56rem)", 140],
  ["(max-width: 40rem)", 180],
]);
const REST = 150; // milliseconds without a movement

/**
 * Panels that show a run.
 * @param {HTMLElement} root
 * @param {{
 *   onEpoch?(epoch: number): void, onZoom?(from: number, to: number): void, onPlay?(): void, only?: string[],
 *   own?: {target(): Target, onTarget(f: Target): void},
 *   onSurvey?(given: {epoch: number, kept: Float64Array[]}, onAnswer: (answer: Survey) => void): void,
 * }} options `own` if the target can be changed by hand
 */
export function makePanels(
  root,
  { onEpoch = () => {}, onZoom, onPlay = () => {}, only = NAMES, own, onSurvey = () => {} },
) {
  /** @type {View} */
  const view = {
    history: /** @type {any} */ (null),
    kept: null,
    seeded: null,
    from: 0,
    to: 1,
    epoch: 0,
    shown: 0,
    neuron: null,
    chosen: null,
  };
  let zoomed = false;
  let stale = new Set(); // panels to draw again
  const places = new Map(); // where the cursor of each panel is
  const landscape = makeLandscape(onSurvey, () => {
    panels.forEach((panel, n) => only[n] in landscape && stale.add(panel));
    soon();
  });
  /** @type {Panel[]} */
  const panels = only.map((name) => {
    if (name === "valley" || name === "map") return landscape[name]();
    if (name === "function") return makeFunctionPanel(own, onNeuron);
    if (name === "network") return makeNetworkPanel({ onNeuron });
    const panel = makeChart(charts[name]);
    dragCursor(panel.frame, view, { onEpoch, onZoom });
    return panel;
  });
  const table = makeValuesTable(panels);
  const whole = only.length >= NAMES.length; // else it is a piece among the text of a page
  const grid = make(
    "div",
    { class: `lab-grid ${whole ? "lab-wall" : ""}`, "data-panels": panels.length },
    ...panels.map(({ frame }) => frame.figure),
  );
  grid.tabIndex = -1; // so that the keys go on where the pointer was
  grid.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.target !== grid || !view.history) return;
    if (playsOrPauses(event)) {
      event.preventDefault(); // the page would scroll
      return onPlay();
    }
    const step = stepOf(event);
    if (step === undefined) return;
    event.preventDefault();
    const most = extent(view.history);
    const wanted = Number.isFinite(step) ? view.shown + step : step < 0 ? view.from : view.to;
    onEpoch(Math.min(most, Math.max(0, wanted)));
  });
  root.classList.add("lab-panels");
  const older = make("p", { class: "lab-hint" }, "Faint lines and numbers in brackets are the run you kept.");
  older.hidden = true;
  root.replaceChildren(older, grid, table.element);

  const widths = new ResizeObserver((changes) => {
    for (const { target, contentRect } of changes) {
      const panel = panels.find(({ frame }) => frame.plot === target);
      if (!panel) continue;
      if (!contentRect.width) continue; // not to be seen
      panel.frame.resize(Math.floor(contentRect.width));
      stale.add(panel);
    }
    soon();
  });
  const inSight = new Set();
  const sight = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) isIntersecting ? inSight.add(target) : inSight.delete(target);
    soon();
  }, { rootMargin: "100px" });
  for (const { frame } of panels) {
    frame.picture.setAttribute("aria-label", frame.title); // until there is more to say
    widths.observe(frame.plot);
    sight.observe(frame.plot);
  }

  /** A neuron stands out while the pointer is on it, or until another one is chosen. @param {number | null} neuron @param {boolean} [chosen] */
  function onNeuron(neuron, chosen) {
    if (chosen) view.chosen = neuron;
    view.neuron = neuron ?? view.chosen;
    redraw();
  }

  function redraw() {
    stale = new Set(panels);
    soon();
  }

  function bounds() {
    const { history } = view;
    const most = extent(history);
    if (!zoomed || view.from >= most) [zoomed, view.from, view.to] = [false, 0, most];
    view.to = Math.min(view.to, most);
    view.shown = Math.min(view.epoch, history.count - 1, most);
  }

  let resting = 0;
  /** While the cursor moves, only what is in sight moves with it; the rest follows when it rests. @param {boolean} [everything] */
  function paint(everything = false) {
    if (!view.history) return;
    bounds();
    for (const panel of panels) {
      if (!panel.frame.width || !(everything || inSight.has(panel.frame.plot))) continue;
      const another = stale.delete(panel);
      if (another) panel.draw(view);
      else if (places.get(panel) === view.shown) continue;
      panel.move(view);
      places.set(panel, view.shown);
    }
    clearTimeout(resting);
    if (everything) rest();
    else resting = setTimeout(paint, REST, true);
  }
  const soon = withNextFrame(() => paint());
  // Another run is not drawn with the next frame, but before it, layout and all: the frame then has less to do.
  const now = atOnce(() => {
    paint();
    grid.getBoundingClientRect();
  });

  const heights = HEIGHTS.map(([query, height]) => ({ height, window: matchMedia(query) }));
  function stretch() {
    const height = heights.find(({ window }) => window.matches)?.height ?? HEIGHT;
    for (const { frame } of panels) frame.tall(height);
    redraw();
  }
  if (whole) {
    for (const { window } of heights) window.addEventListener("change", stretch);
    stretch();
  }

  /** What is too much for every frame: the table, and the pictures in words. */
  function rest() {
    table.show(view);
    for (const { frame, describe } of panels) {
      const values = describe?.(view) ??
        frame.legends.read(view.shown).map(({ name, value }) => `${name} ${value}`.trim());
      frame.picture.setAttribute(
        "aria-label",
        `${frame.title}, epochs ${view.from} to ${view.to}. At epoch ${view.shown}: ${values.join(", ")}.`,
      );
    }
  }

  return {
    grid,

    /** Show a run, or what has become known of it, in some panels. @param {LabHistory} history @param {LabHistory | null} [kept] @param {string[]} [changed] */
    show(history, kept = null, changed = only) {
      Object.assign(view, { history, kept });
      hide(older, !kept);
      panels.forEach((panel, n) => changed.includes(only[n]) && stale.add(panel));
      changed === only ? now() : soon();
    },

    /** Show runs with other seeds as well, or no more. @param {Seeded | null} seeded */
    showSeeded(seeded) {
      if (seeded === view.seeded) return;
      view.seeded = seeded;
      stale.add(panels[only.indexOf("error")]);
      soon();
    },

    /** What stands below a picture. @param {string} name */
    below: (name) => panels[only.indexOf(name)].frame.below,

    /** @param {number} epoch */
    moveTo(epoch) {
      if (epoch === view.epoch) return;
      view.epoch = epoch;
      soon();
    },

    /** Show the epochs in a range only. @param {number} from @param {number} to */
    zoom(from, to) {
      const whole = from <= 0 && to >= (view.history ? extent(view.history) : Infinity);
      if (whole && !zoomed) return;
      zoomed = !whole;
      Object.assign(view, { from, to });
      redraw();
    },

    /** All panels in one picture that can stand alone. */
    svg() {
      paint(true);
      return writePicture(panels.filter(({ frame }) => frame.plot.clientWidth), view);
    },
  };
}
