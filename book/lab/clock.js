// @ts-check
// What lets time pass: the run is played, faster or slower, and slowly where the error changes much.
import { make, say } from "./elements.js";

const WHOLE = 10; // seconds for all that is shown, at speed 1
const LONGEST = 0.5; // seconds for one epoch, at speed 1
const SPEEDS = [1 / 4, 1 / 2, 1, 2, 4, 8, 16];

/**
 * When each epoch is shown, in seconds. Half of the time is the same for all epochs; the other half goes to where
 * the logarithm of the error changes.
 * @param {Float64Array} error @param {number} from @param {number} to @param {boolean} slowly
 */
function schedule(error, from, to, slowly) {
  const changes = Array.from(
    { length: to - from },
    (_, n) => Math.abs(Math.log(error[from + n + 1] / error[from + n])),
  );
  const known = changes.filter(Number.isFinite);
  const mean = known.reduce((sum, change) => sum + change, 0) / known.length;
  const even = WHOLE / (to - from);
  const times = [0];
  for (const change of changes) {
    const long = slowly && mean > 0 && change < Infinity ? Math.min(LONGEST, (even / 2) * (1 + change / mean)) : even;
    times.push(times[times.length - 1] + long);
  }
  return times;
}

/** How fast it goes, as the reader wants it. */
export function makePace() {
  let n = SPEEDS.indexOf(1);
  const output = make("output", { class: "lab-speed", "aria-label": "Speed" });
  const button = (/** @type {string} */ sign, /** @type {string} */ label, /** @type {number} */ step) =>
    make("button", { type: "button", class: "lab-button", "aria-label": label, onclick: () => change(step) }, sign);
  const careful = make("input", { type: "checkbox", checked: true });
  /** @param {number} step */
  function change(step) {
    n = Math.min(SPEEDS.length - 1, Math.max(0, n + step));
    say(output, SPEEDS[n] < 1 ? `1/${1 / SPEEDS[n]}×` : `${SPEEDS[n]}×`);
  }
  change(0);
  return {
    element: make(
      "div",
      { class: "lab-pace", role: "group", "aria-label": "Speed" },
      button("−", "slower", -1),
      output,
      button("+", "faster", 1),
      make(
        "label",
        { class: "lab-check" },
        careful,
        " slow down",
        make("span", { class: "lab-more" }, " where the error jumps"),
      ),
    ),
    speed: () => SPEEDS[n],
    slowly: () => /** @type {boolean} */ (careful.checked),
    onChange: (/** @type {() => void} */ what) => careful.addEventListener("change", what),
  };
}

/**
 * @param {{
 *   pace: any, go(epoch: number): void, onChange(): void,
 *   now(): {history: LabHistory, from: number, to: number, epoch: number} | null,
 * }} options
 */
export function makeClock({ pace, go, onChange, now }) {
  let playing = false;
  let wished = false; // before there was a run
  let passed = 0; // seconds since the first epoch that is shown
  let before = 0;
  let expected = 0;
  let end = Infinity; // the epoch at which it is to pause
  /** @type {number[]} */
  let times = [];
  pace.onChange(() => (times = []));

  /** @param {number} [until] an epoch before the last one */
  function play(until = Infinity) {
    end = until;
    const at = now();
    wished = !at;
    if (!at || playing) return;
    expected = at.epoch >= Math.min(at.to, at.history.count - 1) ? at.from : at.epoch;
    playing = true;
    times = [];
    before = performance.now();
    go(expected);
    onChange();
    requestAnimationFrame(tick);
  }

  function pause() {
    wished = false;
    if (!playing) return;
    playing = false;
    onChange();
  }

  /** @param {number} time */
  function tick(time) {
    const at = now();
    if (!playing || !at) return;
    const { history, from, to, epoch } = at;
    let next = Math.min(Math.max(epoch, from), to) - from;
    if (!times.length) {
      times = schedule(history.test_error, from, to, pace.slowly());
      passed = times[next];
    }
    const last = Math.min(to, end, history.count - 1);
    if (from + next <= last) { // else it waits until the run has come as far
      passed += (Math.max(0, time - before) / 1000) * pace.speed();
      while (next < times.length - 1 && times[next + 1] <= passed) next++;
      go(expected = Math.min(from + next, last));
    }
    before = time;
    const ended = history.checksum !== null || history.stopped || last === end;
    if (from + next >= last && ended) pause();
    else requestAnimationFrame(tick);
  }

  return {
    play,
    pause,
    playing: () => playing,
    expects: () => expected, // the epoch that it went to
    /** The run or the range is another one. */
    renew() {
      times = [];
      if (wished) play(end);
    },
  };
}
