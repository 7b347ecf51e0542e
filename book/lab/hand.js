// @ts-check
// A target of one's own under the hand, where the picture shows it: a curve is drawn; points are put, moved and
// taken away.
import { resample } from "./address.js";
import { fill, ink, svg } from "./curves.js";
import { FIELDS } from "./fields.js";
import { isPoints } from "./numbers.js";

const { farthest: EDGE, least, most, longest, mostPoints } = FIELDS.f;
const STILL = 6; // pixels that a hand may move and still mean a place
const NEAR = 22; // pixels from a point that mean the point, for a finger, and
const NEARER = 10; // for a mouse

/** @param {number} v @param {number} low @param {number} high */
const clamp = (v, low, high) => Math.min(Math.max(v, low), high);

/** Rounded to what a pixel can tell, and no −0. @param {number} v @param {number} pixel */
const round = (v, pixel) => Number(v.toFixed(clamp(Math.ceil(-Math.log10(pixel)), 0, 20))) + 0;

/**
 * @param {Frame} frame of the picture
 * @param {{target(): Target, onTarget(f: Target): void, onHold(): void}} on what the target is, and
 *   who gets another one; while it is held, the axes must stay as they are
 */
export function makeHand(frame, { target, onTarget, onHold }) {
  const { plot } = frame;
  const band = svg("path", { class: "lab-touch lab-grab", stroke: "transparent", "stroke-width": 36 });
  const points = ink(svg("g", { fill: "currentColor" }), "samples");
  const places = svg("g", { fill: "transparent" });
  frame.curves.append(band);
  frame.picture.append(svg("svg", { x: frame.left, y: frame.top, overflow: "visible" }, points, places));
  /** @type {Scale} */
  let scale;
  let corner = { left: 0, top: 0 };
  /** @type {{at: Point, clientX: number, clientY: number, free: boolean, moved: boolean, point: number} | null} */
  let held = null;
  const across = (/** @type {number} */ x) => ((x + EDGE) / (2 * EDGE)) * frame.width;
  const pixel = () => (scale.high - scale.low) / frame.height;

  /** Where the hand is, beyond the edges of the picture as well. @param {{clientX: number, clientY: number}} event @returns {Point} */
  const at = ({ clientX, clientY }) => [
    ((clientX - corner.left) / frame.width) * 2 * EDGE - EDGE,
    scale.high - (clientY - corner.top) * pixel(),
  ];
  const height = (/** @type {number} */ y) => clamp(round(y, pixel()), least, most);

  /** @param {Point} hand @returns {Point} */
  const pointAt = ([x, y]) => [clamp(round(x, (2 * EDGE) / frame.width), -EDGE, EDGE), height(y)];

  /** Which point is meant; −1 if none is. @param {Point[]} all @param {Point} hand @param {number} reach */
  function nearest(all, [x, y], reach) {
    const apart = all.map(([px, py]) => Math.hypot(across(px) - across(x), (py - y) / pixel()));
    const least = Math.min(...apart);
    return least <= reach ? apart.indexOf(least) : -1;
  }

  /** Every value of the curve between two places of the pen gets its own. @param {number[]} curve @param {Point} from @param {Point} to */
  function stroke(curve, [x0, y0], [x1, y1]) {
    const knot = (/** @type {number} */ x) => clamp(((x + EDGE) / (2 * EDGE)) * (longest - 1), 0, longest - 1);
    const [a, b] = [x0, x1].map(knot);
    const next = [...resample(curve, longest)];
    for (let i = Math.round(Math.min(a, b)); i <= Math.round(Math.max(a, b)); i++) {
      next[i] = height(y0 + (y1 - y0) * (a === b ? 1 : clamp((i - a) / (b - a), 0, 1)));
    }
    return next;
  }

  plot.addEventListener("pointerdown", (/** @type {any} */ event) => {
    const f = target();
    if (event.button !== 0 || typeof f === "string" || !scale) return;
    const { left, top } = plot.getBoundingClientRect();
    corner = { left: left + frame.left, top: top + frame.top };
    const mouse = event.pointerType === "mouse";
    const place = at(event);
    const point = isPoints(f) ? nearest(f, place, mouse ? NEARER : NEAR) : -1;
    const inside = Math.abs(place[0]) <= EDGE && place[1] >= scale.low && place[1] <= scale.high;
    if (point < 0 && !inside) return;
    const { clientX, clientY } = event;
    held = { at: place, clientX, clientY, free: mouse || event.target.matches(".lab-grab"), moved: false, point };
    if (mouse) event.preventDefault(); // no text is to be selected
    plot.setPointerCapture(event.pointerId);
    onHold();
  });

  /** Follow the hand, from where it was. @param {PointerEvent} event */
  function follow(event) {
    const f = target();
    if (!held || typeof f === "string") return;
    const to = at(event);
    if (!isPoints(f)) onTarget(stroke(f, held.at, to));
    else if (held.point >= 0) onTarget(f.map((point, n) => (n === held?.point ? pointAt(to) : point)));
    held.at = to;
  }

  plot.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    if (!held) return;
    if (!held.moved) {
      const [dx, dy] = [Math.abs(event.clientX - held.clientX), Math.abs(event.clientY - held.clientY)];
      if (Math.max(dx, dy) <= STILL) return;
      if (!held.free && dy > dx) return end(); // the page is to scroll
      held.moved = true;
    }
    follow(event);
  });
  plot.addEventListener("pointerup", (/** @type {PointerEvent} */ event) => {
    const f = target();
    if (!held || typeof f === "string") return end();
    const { at: place, point } = held;
    if (held.moved || !isPoints(f)) follow(event);
    else if (point < 0 && f.length < mostPoints) onTarget([...f, pointAt(place)]);
    else if (point >= 0 && f.length > 1) onTarget(f.filter((_, n) => n !== point));
    end();
  });
  plot.addEventListener("pointercancel", end);
  plot.addEventListener("touchstart", (/** @type {TouchEvent} */ event) => {
    if (held?.free) event.preventDefault(); // what is held moves up and down, and not the page
  }, { passive: false });

  function end() {
    held = null;
    onHold();
  }

  return {
    /** Whether the axes must stay. */
    holds: () => held !== null,

    /** Show what can be taken hold of. @param {Scale} shown the vertical axis @param {string} path of the curve */
    draw(shown, path) {
      scale = shown;
      const f = target();
      plot.classList.toggle("lab-own", typeof f !== "string");
      band.setAttribute("d", typeof f === "string" || isPoints(f) ? "" : path);
      const y = frame.y(scale);
      const circles = (isPoints(f) ? f : []).map(([x, v]) => ({ cx: across(x), cy: y(v), r: 4.5 }));
      fill(points, "circle", circles);
      fill(places, "circle", circles.map((one) => ({ ...one, r: NEAR, class: "lab-touch lab-grab" })));
    },
  };
}
