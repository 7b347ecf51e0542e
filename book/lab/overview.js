// @ts-check
// The whole run on a narrow strip, on which a range of epochs is chosen.
import { ink, path, svg } from "./curves.js";
import { make, say } from "./elements.js";
import { fit } from "./fit.js";
import { extent } from "./history.js";

const HEIGHT = 48;
const NEAR = 24; // pixels from a handle that still mean it
const STILL = 4; // pixels that a hand may move and still mean a click

/** @param {{onEpoch(epoch: number): void, onZoom(from: number, to: number): void}} callbacks */
export function makeOverview({ onEpoch, onZoom }) {
  const curve = ink(svg("path", { stroke: "currentColor", "stroke-width": 1.2, fill: "none" }), "test");
  const [before, after] = [0, 1].map(() => svg("rect", { class: "lab-shade", height: HEIGHT, y: 0 }));
  const grips = [0, 1].map(() => svg("path", { class: "lab-grip", d: `M0 0V${HEIGHT}M-4 16h8v16h-8z` }));
  const here = svg("path", { class: "lab-here", d: `M0 0V${HEIGHT}` });
  const picture = svg(
    "svg",
    { class: "lab-strip-picture", height: HEIGHT, "aria-hidden": "true" },
    curve,
    before,
    after,
    here,
    ...grips,
  );
  const edges = ["first", "last"].map((which, n) =>
    make("input", {
      type: "range",
      class: "lab-edge",
      min: 0,
      step: 1,
      "aria-label": `The ${which} epoch shown`,
      oninput: () => typed(n),
    })
  );
  const strip = make("div", { class: "lab-strip" }, ...edges, picture);
  const said = make("span");
  const reset = make("button", { type: "button", class: "lab-button", onclick: showAll }, "Show all");
  const range = make("div", { class: "lab-range" }, said, reset);

  let [from, to, most, width] = [0, 1, 1, 0];
  let drawn = /** @type {any[]} */ ([]);
  let last = /** @type {[LabHistory, number, number, number] | null} */ (null);
  new ResizeObserver(([{ contentRect }]) => {
    width = Math.floor(contentRect.width);
    picture.setAttribute("width", String(width));
    drawn = [];
    if (last) draw(...last);
  }).observe(strip);

  function showAll() {
    edges[0].focus({ preventScroll: true }); // for the button goes
    onZoom(0, most);
  }

  const least = () => Math.min(most, 5); // epochs in a range
  const place = (/** @type {number} */ epoch) => (epoch / most) * width;

  /** Choose a range of which an edge has moved; the other one stays. @param {number} n @param {number} epoch */
  function choose(n, epoch) {
    if (n === 0) onZoom(Math.min(Math.max(0, epoch), to - least()), to);
    else onZoom(from, Math.max(Math.min(most, epoch), from + least()));
  }

  /** @param {number} n */
  function typed(n) {
    choose(n, Number(edges[n].value));
  }

  let left = 0;
  let hold =
    /** @type {{how: "edge" | "range" | "new", n: number, x: number, moved: boolean, start: number, from: number, to: number} | null} */ (null);
  const epochAt = (/** @type {PointerEvent} */ { clientX }) =>
    Math.round(Math.min(1, Math.max(0, (clientX - left) / width)) * most);

  /** What a hand takes hold of, and the nearer edge. @param {PointerEvent} event */
  function whatAt({ clientX }) {
    left = strip.getBoundingClientRect().left;
    const x = clientX - left;
    const far = [Math.abs(x - place(from)), Math.abs(x - place(to))];
    const n = far[0] < far[1] ? 0 : 1;
    const whole = from === 0 && to === most;
    const how = far[n] < NEAR ? "edge" : !whole && x > place(from) && x < place(to) ? "range" : "new";
    return { how: /** @type {"edge" | "range" | "new"} */ (how), n };
  }

  strip.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0) return;
    const { how, n } = whatAt(event);
    hold = { how, n, x: event.clientX, moved: false, start: epochAt(event), from, to };
    strip.setPointerCapture(event.pointerId);
    event.preventDefault();
    if (how === "edge") edges[n].focus({ preventScroll: true });
  });
  strip.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    if (!hold) strip.dataset.hold = whatAt(event).how; // for the pointer's look
    if (!hold || !(hold.moved ||= Math.abs(event.clientX - hold.x) > STILL)) return;
    const epoch = epochAt(event);
    if (hold.how === "edge") return choose(hold.n, epoch);
    if (hold.how === "new") {
      const [a, b] = [hold.start, epoch].sort((one, other) => one - other);
      if (b - a >= least()) onZoom(a, b);
      return;
    }
    const by = Math.min(most - hold.to, Math.max(-hold.from, epoch - hold.start));
    onZoom(hold.from + by, hold.to + by);
  });
  strip.addEventListener("pointerup", () => {
    if (hold && !hold.moved) onEpoch(hold.start);
    hold = null;
  });
  strip.addEventListener("pointercancel", () => (hold = null));

  /** @param {LabHistory} history @param {number} a @param {number} b @param {number} shown */
  function draw(history, a, b, shown) {
    last = [history, a, b, shown];
    if (!width) return;
    [from, to, most] = [a, b, extent(history)];
    const key = [history.test_error, history.count, most];
    if (key.some((part, n) => part !== drawn[n])) {
      drawn = key;
      const one = { values: history.test_error, count: history.count };
      const { y } = fit({ scale: "log" }, [one], { from: 0, to: most });
      curve.setAttribute(
        "d",
        path(
          one.values,
          one.count,
          0,
          most,
          width,
          (/** @type {number} */ v) => HEIGHT - 3 - y.place(v) * (HEIGHT - 6),
        ),
      );
    }
    const all = from === 0 && to === most;
    before.setAttribute("width", place(from));
    after.setAttribute("x", place(to));
    after.setAttribute("width", width - place(to));
    grips.forEach((grip, n) => grip.setAttribute("transform", `translate(${n ? place(to) - 5 : place(from) + 5} 0)`));
    here.setAttribute("transform", `translate(${place(shown)} 0)`);
    edges.forEach((edge, n) => {
      edge.max = String(most);
      edge.value = String(n ? to : from);
      edge.setAttribute("aria-valuetext", `epoch ${edge.value}`);
    });
    say(said, all ? "Click on the strip to go there, drag on it to zoom in." : `Epochs ${from} to ${to} are shown.`);
    range.classList.toggle("lab-whole", reset.disabled = all);
  }
  return { strip, range, draw };
}
