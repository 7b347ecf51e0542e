// @ts-check
// The player: one slider for the epoch, which plays, jumps, and says where it is.
import { makeClock, makePace } from "./clock.js";
import { stepOf } from "./drag.js";
import { make, say, withNextFrame } from "./elements.js";
import { extent } from "./history.js";
import { makeJumps } from "./jumps.js";
import { makeOverview } from "./overview.js";
import { number } from "./scales.js";

/**
 * @param {HTMLElement} root
 * @param {{onEpoch?(epoch: number): void, onZoom?(from: number, to: number): void, compact?: boolean}} options
 */
export function makePlayer(root, { onEpoch = () => {}, onZoom = () => {}, compact = false }) {
  const play = make("button", {
    type: "button",
    class: "lab-play",
    onclick: toggle,
  });
  const slider = make("input", {
    type: "range",
    class: "lab-slider",
    "aria-label": "Epoch",
    min: 0,
    max: 1,
    step: 1,
    oninput: () => by(Number(slider.value)),
    onkeydown: press,
  });
  const field = make("input", {
    type: "number",
    class: "lab-epoch",
    "aria-label": "Epoch, as a number",
    min: 0,
    step: 1,
    inputmode: "numeric",
    onchange: typed,
  });
  const total = make("span", { class: "lab-total" });
  const pace = makePace();
  const clock = makeClock({ pace, now: () => history && { history, from, to, epoch: wish() }, go, onChange: label });
  const jumps = makeJumps(by);
  const strip = makeOverview({ onEpoch: by, onZoom });

  const main = make(
    "div",
    { class: "lab-main" },
    play,
    slider,
    make("span", { class: "lab-where" }, make("span", {}, "epoch "), field, total),
  );
  root.classList.add("lab-player");
  const deeds = make("div", { class: "lab-deeds" }, jumps.element);
  const row = make("div", { class: "lab-player-row" }, pace.element, strip.range);
  const more = make("div", { class: "lab-player-more" }, row, deeds);
  root.replaceChildren(main, ...(compact ? [] : [strip.strip, more]));

  /** @type {LabHistory | null} */
  let history = null;
  let [epoch, from, to] = [0, 0, 1];
  let zoomed = false;

  function toggle() {
    if (clock.playing()) clock.pause();
    else clock.play();
  }

  /** The hand takes over. @param {number} wanted */
  function by(wanted) {
    clock.pause();
    go(wanted);
  }

  /** @param {number} wanted */
  function go(wanted) {
    if (!history) return;
    const next = Math.min(extent(history), Math.max(0, Math.round(wanted)));
    if (next !== epoch) onEpoch(next);
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    const step = stepOf(event);
    if (step === undefined) return;
    event.preventDefault();
    by(Number.isFinite(step) ? shown() + step : step < 0 ? from : to);
  }

  function typed() {
    if (!history) return;
    const wanted = Math.round(Number(field.value));
    if (field.value === "" || !Number.isFinite(wanted)) field.value = String(epoch);
    else by(wanted);
    field.value = String(shown());
  }

  function label() {
    play.setAttribute("aria-label", clock.playing() ? "Pause" : "Play");
    play.classList.toggle("lab-playing", clock.playing());
    draw();
  }

  // While it is trained, a run ends before the place where the cursor is to be.
  const wish = () => (history ? Math.min(epoch, extent(history)) : 0);
  const shown = () => (history ? Math.min(wish(), history.count - 1) : 0);

  const draw = withNextFrame(() => {
    if (!history) return;
    const now = shown();
    for (const [name, value] of Object.entries({ min: from, max: to })) slider.setAttribute(name, String(value));
    slider.value = String(now);
    slider.style.setProperty("--share", String(Math.max(0, (now - from) / (to - from))));
    field.max = String(history.epochs);
    if (document.activeElement !== field || clock.playing()) field.value = String(now);
    say(total, `of ${history.epochs}`);
    const spoken = `epoch ${now} of ${history.epochs}, test error ${number(history.test_error[now])}`;
    if (!clock.playing()) slider.setAttribute("aria-valuetext", spoken);
    if (!compact) strip.draw(history, from, to, now);
    jumps.show(history);
  });

  function range() {
    if (!history) return;
    const most = extent(history);
    if (!zoomed || from >= most) [zoomed, from, to] = [false, 0, most];
    to = Math.min(to, most);
  }

  label();
  return {
    more, // all below the strip
    deeds, // what there is to press; others add to it

    /** @param {LabHistory} run */
    show(run) {
      history = run;
      range();
      draw();
      clock.renew();
    },

    /** @param {number} wanted */
    moveTo(wanted) {
      if (wanted !== clock.expects()) clock.pause(); // a hand has taken over
      epoch = wanted;
      draw();
      if (!zoomed || !history || (wish() >= from && wish() <= to)) return;
      const width = to - from; // the range goes where the cursor is
      const start = Math.min(extent(history) - width, Math.max(0, wish() - Math.round(width / 2)));
      onZoom(start, start + width);
    },

    /** @param {number} a @param {number} b */
    zoom(a, b) {
      const whole = a <= 0 && b >= (history ? extent(history) : Infinity);
      if (whole && !zoomed) return;
      [from, to, zoomed] = [a, b, !whole];
      range();
      draw();
      clock.renew();
      if (history && (wish() < from || wish() > to)) go(Math.min(to, Math.max(from, wish()))); // the cursor comes along
    },

    play: clock.play,
    pause: clock.pause,
    toggle,
  };
}
