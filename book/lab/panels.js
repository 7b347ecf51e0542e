// @ts-check
// The panels together: one cursor, one range of epochs, at most one drawing in a frame.
import { makeChart } from "./chart.js";
import { charts } from "./charts.js";
import { dragCursor, playsOrPauses, stepOf } from "./drag.js";
import { atOnce, make, withNextFrame } from "./elements.js";
import { makeFunctionPanel } from "./function.js";
import { extent } from "./history.js";
import { makeNetworkPanel } from "./network.js";
import { writePicture } from "./picture.js";
import { makeValuesTable } from "./values.js";

const NAMES = ["function", "error", "network", "U0", "U1", "V", "gradient", "angle", "sharpness"];
const REST = 150; // milliseconds without a movement

/**
 * Panels that show a run.
 * @param {HTMLElement} root
 * @param {{onEpoch?(epoch: number): void, onZoom?(from: number, to: number): void, onPlay?(): void, only?: string[],
 *   own?: {target(): Target, onTarget(f: Target): void}}} options `own` if the target can be changed by hand
 */
export function makePanels(root, { onEpoch = () => {}, onZoom, onPlay = () => {}, only = NAMES, own }) {
  /** @type {View} */
  const view = {
    history: /** @type {any} */ (null),
    kept: null,
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
  /** @type {Panel[]} */
  const panels = only.map((name) => {
    if (name === "function") return makeFunctionPanel(own, onNeuron);
    if (name === "network") return makeNetworkPanel({ onNeuron });
    const panel = makeChart(charts[name]);
    dragCursor(panel.frame, view, { onEpoch, onZoom });
    return panel;
  });
  const table = makeValuesTable(panels);
  const grid = make("div", { class: "lab-grid" }, ...panels.map(({ frame }) => frame.figure));
  grid.dataset.panels = String(panels.length);
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
    /** Show a run, or what has become known of it, in some panels. @param {LabHistory} history @param {LabHistory | null} [kept] @param {string[]} [changed] */
    show(history, kept = null, changed = only) {
      Object.assign(view, { history, kept });
      older.hidden = !kept;
      panels.forEach((panel, n) => changed.includes(only[n]) && stale.add(panel));
      now();
    },

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
      return writePicture(panels, view);
    },
  };
}
