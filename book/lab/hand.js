// @ts-check
// A target of one's own under the hand, where the picture shows it: a curve is drawn; points are put, moved and
// taken away.
import { fill, ink, svg } from "./curves.js";
import { FIELDS } from "./fields.js";
import { interp, isPoints, linspace } from "./numbers.js";

const STILL = 6; // pixels that a hand may move and still mean a place
const NEAR = { mouse: 10, other: 22 }; // pixels from a point that mean the point
const EDGE = FIELDS.f.farthest;

/** @param {number} v @param {number} least @param {number} most */
const clamp = (v, least, most) => Math.min(Math.max(v, least), most);

/** Rounded to what a pixel can tell; no −0. @param {number} v @param {number} pixel */
function round(v, pixel) {
  return Number(v.toFixed(clamp(Math.ceil(-Math.log10(pixel)), 0, 20))) + 0;
}

/**
 * @param {Frame} frame of the picture
 * @param {{target(): Target, onTarget(f: Target): void, onHold(held: boolean): void}} on what the target is, and
 *   who gets another one; while it is held, the axes must stay as they are
 */
export function makeHand(frame, { target, onTarget, onHold }) {
  const { plot } = frame;
  const band = svg("path", { class: "lab-touch lab-grab", stroke: "transparent", "stroke-width": 36 });
  const points = ink(svg("g", { fill: "currentColor" }), "samples");
  const places = svg("g");
  frame.curves.append(band);
  frame.picture.append(svg("svg", { x: frame.left, y: frame.top, overflow: "visible" }, points, places));
  /** @type {Scale} */
  let scale;
  let box = { left: 0, top: 0 };
  /** @type {{x: number, y: number, start: {clientX: number, clientY: number}, grabbed: boolean, moved: boolean, point: number} | null} */
  let held = null;

  /** Where the hand is, in the units of the picture, beyond its edges as well. @param {{clientX: number, clientY: number}} event */
  function at({ clientX, clientY }) {
    const { low, high } = scale;
    return {
      x: ((clientX - box.left) / frame.width) * 2 * EDGE - EDGE,
      y: high - ((clientY - box.top) / frame.height) * (high - low),
    };
  }

  /** @param {{x: number, y: number}} place @returns {Point} */
  function pointAt({ x, y }) {
    const { least, most } = FIELDS.f;
    return [
      clamp(round(x, (2 * EDGE) / frame.width), -EDGE, EDGE),
      clamp(round(y, (scale.high - scale.low) / frame.height), least, most),
    ];
  }

  /** Which point is meant; −1 if none is. @param {PointerEvent} event @param {Point[]} all */
  function nearest(event, all) {
    const reach = event.pointerType === "mouse" ? NEAR.mouse : NEAR.other;
    const hand = at(event);
    const distance = (/** @type {Point} */ [x, y]) =>
      Math.hypot(((x - hand.x) / (2 * EDGE)) * frame.width, ((y - hand.y) / (scale.high - scale.low)) * frame.height);
    const distances = all.map(distance);
    const least = Math.min(...distances);
    return least <= reach ? distances.indexOf(least) : -1;
  }

  /** Every value of the curve between two places of the pen gets its own. @param {number[]} curve @param {{x: number, y: number}} from @param {{x: number, y: number}} to */
  function stroke(curve, from, to) {
    const { least, most, longest } = FIELDS.f;
    const knots = linspace(-EDGE, EDGE, longest);
    const knot = (/** @type {number} */ x) =>
      clamp(Math.round(((x + EDGE) / (2 * EDGE)) * (longest - 1)), 0, longest - 1);
    // A curve of fewer values, as an address may have it, is the same one with more of them.
    const old = linspace(-EDGE, EDGE, curve.length);
    const next = curve.length === longest ? [...curve] : Array.from(knots, (x) => interp(x, old, curve));
    const [a, b] = [knot(Math.min(from.x, to.x)), knot(Math.max(from.x, to.x))];
    for (let i = a; i <= b; i++) {
      const share = from.x === to.x ? 1 : clamp((knots[i] - from.x) / (to.x - from.x), 0, 1);
      next[i] = clamp(round(from.y + (to.y - from.y) * share, (scale.high - scale.low) / frame.height), least, most);
    }
    return next;
  }

  /** @param {PointerEvent} event */
  function begin(event) {
    const f = target();
    if (event.button !== 0 || typeof f === "string" || !scale) return;
    const { left, top } = plot.getBoundingClientRect();
    box = { left: left + frame.left, top: top + frame.top };
    const { x, y } = at(event);
    const point = isPoints(f) ? nearest(event, f) : -1;
    if (point < 0 && (Math.abs(x) > EDGE || y < scale.low || y > scale.high)) return; // beside the picture
    const mouse = event.pointerType === "mouse";
    const grabbed = mouse || /** @type {Element} */ (event.target).matches(".lab-grab");
    held = { x, y, start: event, grabbed, moved: false, point };
    if (mouse) event.preventDefault(); // no text is to be selected
    plot.setPointerCapture(event.pointerId);
    onHold(true);
    if (!mouse) return; // a finger may be about to scroll
    if (!isPoints(f)) draw(event);
    else if (held.point < 0 && f.length < FIELDS.f.mostPoints) {
      held.point = f.length;
      held.moved = true; // it is put, and not taken away again
      onTarget([...f, pointAt(held)]);
    }
  }

  /** @param {PointerEvent} event */
  function draw(event) {
    if (!held) return;
    const to = at(event);
    onTarget(stroke(/** @type {number[]} */ (target()), held, to));
    Object.assign(held, to);
  }

  /** @param {PointerEvent} event */
  function move(event) {
    const f = target();
    if (!held || typeof f === "string") return;
    if (!held.moved) {
      const { clientX, clientY } = held.start;
      const [dx, dy] = [Math.abs(event.clientX - clientX), Math.abs(event.clientY - clientY)];
      if (Math.max(dx, dy) <= (held.grabbed && !isPoints(f) ? 0 : STILL)) return;
      if (!held.grabbed && (dy > dx || isPoints(f))) return end(); // the page is to scroll, or x is to be read
      held.moved = true;
    }
    if (!isPoints(f)) { for (const one of event.getCoalescedEvents?.() ?? [event]) draw(one); }
    else if (held.point >= 0) onTarget(f.map((point, n) => (n === held?.point ? pointAt(at(event)) : point)));
  }

  /** @param {PointerEvent} event */
  function release(event) {
    const f = target();
    if (held && !held.moved && typeof f !== "string") {
      if (!isPoints(f)) draw(event);
      else if (held.point < 0 && f.length < FIELDS.f.mostPoints) onTarget([...f, pointAt(held)]);
      else if (held.point >= 0 && f.length > 1) onTarget(f.filter((_, n) => n !== held?.point));
    }
    end();
  }

  function end() {
    if (held) onHold(false);
    held = null;
  }

  plot.addEventListener("pointerdown", begin);
  plot.addEventListener("pointermove", move);
  plot.addEventListener("pointerup", release);
  plot.addEventListener("pointercancel", end);

  return {
    /** Whether the axes must stay. */
    holds: () => held !== null,

    /** Show what can be taken hold of. @param {Scale} shown the vertical axis @param {string} path of the curve */
    draw(shown, path) {
      scale = shown;
      const f = target();
      plot.classList.toggle("lab-own", typeof f !== "string");
      band.setAttribute("d", typeof f === "string" || isPoints(f) ? "" : path);
      const all = isPoints(f) ? f : [];
      const y = frame.y(scale);
      const circles = (/** @type {number} */ r, /** @type {string} */ more) =>
        all.map(([x, v]) => ({ cx: ((x + EDGE) / (2 * EDGE)) * frame.width, cy: y(v), r, class: more }));
      fill(points, "circle", circles(4.5, ""));
      fill(places, "circle", circles(NEAR.other, "lab-touch lab-grab").map((one) => ({ ...one, fill: "transparent" })));
    },
  };
}
