// @ts-check
// The cursor under the hand: drag it in a panel; with shift, or with the wheel and control, choose a range of epochs.
import { svg } from "./curves.js";
import { extent } from "./history.js";

const STILL = 6; // pixels that a finger may move and still mean a touch

/**
 * @param {Frame} frame of the panel
 * @param {View} view as it is shown
 * @param {{onEpoch(epoch: number): void, onZoom?(from: number, to: number): void}} callbacks
 */
export function dragCursor(frame, view, { onEpoch, onZoom }) {
  const { plot } = frame;
  const band = svg("rect", { class: "lab-band", y: frame.top, width: 0 });
  frame.cursor.prepend(band);
  plot.classList.add("lab-drags");
  let left = 0;
  let start = /** @type {{x: number, y: number, epoch: number, range: boolean, moved: boolean} | null} */ (null);

  /** @param {{clientX: number}} event */
  function epochAt({ clientX }) {
    const share = (clientX - left - frame.left) / frame.width;
    return Math.round(view.from + Math.min(1, Math.max(0, share)) * (view.to - view.from));
  }
  const where = () => (left = plot.getBoundingClientRect().left);

  plot.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0 || !view.history) return;
    where();
    start = {
      x: event.clientX,
      y: event.clientY,
      epoch: epochAt(event),
      range: event.shiftKey && !!onZoom,
      moved: false,
    };
    if (event.pointerType === "mouse") {
      event.preventDefault(); // no text is to be selected
      plot.closest("[tabindex]")?.focus({ preventScroll: true }); // the keys go on from here
      if (!start.range) onEpoch(start.epoch);
    }
    plot.setPointerCapture(event.pointerId);
  });
  plot.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    if (!start) return;
    const [dx, dy] = [Math.abs(event.clientX - start.x), Math.abs(event.clientY - start.y)];
    if (!start.moved && event.pointerType !== "mouse") {
      if (Math.max(dx, dy) <= STILL) return;
      if (dy > dx) return stop(); // the page is to scroll
    }
    start.moved = true;
    if (!start.range) return onEpoch(epochAt(event));
    const [a, b] = [start.epoch, epochAt(event)].sort((one, other) => one - other);
    const place = (/** @type {number} */ epoch) =>
      frame.left + ((epoch - view.from) / (view.to - view.from)) * frame.width;
    band.setAttribute("x", place(a));
    band.setAttribute("width", place(b) - place(a));
    band.setAttribute("height", frame.height);
  });
  plot.addEventListener("pointerup", (/** @type {PointerEvent} */ event) => {
    if (!start) return;
    const [a, b] = [start.epoch, epochAt(event)].sort((one, other) => one - other);
    if (!start.range) onEpoch(epochAt(event));
    else if (b - a >= 2) onZoom?.(a, b);
    stop();
  });
  plot.addEventListener("pointercancel", stop); // the page scrolls

  function stop() {
    start = null;
    band.setAttribute("width", 0);
  }

  plot.addEventListener("wheel", (/** @type {WheelEvent} */ event) => {
    if (!event.ctrlKey || !view.history || !onZoom) return;
    event.preventDefault();
    where();
    const [from, to] = around(epochAt(event), view, 1.002 ** event.deltaY, extent(view.history));
    onZoom(from, to);
  }, { passive: false });
}

/** Read a panel where the pointer is over it. @param {Frame} frame @param {(share: number) => void} onShare from 0 at its left edge to 1 */
export function pointAt(frame, onShare) {
  const { plot } = frame;
  for (const kind of ["pointerdown", "pointermove"]) {
    plot.addEventListener(kind, (/** @type {PointerEvent} */ event) => {
      const share = (event.clientX - plot.getBoundingClientRect().left - frame.left) / frame.width;
      if (share >= 0 && share <= 1) onShare(share);
    });
  }
}

/** A range so many times as wide, with an epoch where it was. @param {number} epoch @param {{from: number, to: number}} range @param {number} times @param {number} most */
export function around(epoch, { from, to }, times, most) {
  const width = Math.min(most, Math.max(Math.min(10, most), Math.round((to - from) * times)));
  const share = (epoch - from) / (to - from);
  const start = Math.round(Math.min(most - width, Math.max(0, epoch - share * width)));
  return [start, start + width];
}

/** Whether a key plays and pauses. @param {KeyboardEvent} event */
export function playsOrPauses({ key, ctrlKey, altKey, metaKey }) {
  return key === " " && !(ctrlKey || altKey || metaKey);
}

const KEYS = /** @type {Record<string, number>} */ ({
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -100,
  PageUp: 100,
  Home: -Infinity,
  End: Infinity,
});

/** How far a key moves the cursor; undefined if it is none of the cursor's. @param {KeyboardEvent} event */
export function stepOf({ key, shiftKey, ctrlKey, altKey, metaKey }) {
  return ctrlKey || altKey || metaKey ? undefined : KEYS[key] && KEYS[key] * (shiftKey ? 10 : 1);
}
