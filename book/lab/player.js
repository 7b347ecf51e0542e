// @ts-check
// The player: one slider for the epoch, which plays, jumps, and says where it is.
"use strict";
(function (lab) {
  const WHOLE = 10; // seconds for all that is shown, at speed 1
  const SPEEDS = [1 / 4, 1 / 2, 1, 2, 4, 8, 16];
  const LONGEST = 0.5; // seconds for one epoch, at speed 1
  const KEYS = /** @type {Record<string, number>} */ ({
    ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -100, PageUp: 100, Home: -Infinity, End: Infinity,
  });

  /** The times at which epochs are played, where those take longer at which the error changes much. @param {Float64Array} error @param {number} from @param {number} to @param {boolean} slowly */
  function schedule(error, from, to, slowly) {
    const changes = [];
    for (let e = from; e < to; e++) changes.push(Math.abs(Math.log(error[e + 1] / error[e])));
    const known = changes.filter(Number.isFinite);
    const mean = known.reduce((sum, change) => sum + change, 0) / known.length;
    const even = WHOLE / (to - from);
    let now = 0;
    const times = [0];
    for (const change of changes) {
      now += slowly && mean > 0 && change < Infinity ? Math.min(LONGEST, (even / 2) * (1 + change / mean)) : even;
      times.push(now);
    }
    return times;
  }

  /**
   * @param {HTMLElement} root
   * @param {{onEpoch?(epoch: number): void, onZoom?(from: number, to: number): void, compact?: boolean}} options
   */
  lab.player = function (root, { onEpoch = () => {}, onZoom = () => {}, compact = false }) {
    const { make } = lab;
    const play = make("button", { type: "button", class: "lab-play", onclick: () => (playing ? pause() : start()) });
    const slider = make("input", { type: "range", class: "lab-slider", "aria-label": "Epoch", min: 0, max: 1, step: 1, oninput: () => by(Number(slider.value)), onkeydown: press });
    const field = make("input", { type: "number", class: "lab-epoch", "aria-label": "Epoch, as a number", min: 0, step: 1, inputmode: "numeric", onchange: typed });
    const total = make("span", { class: "lab-total" });
    const slower = make("button", { type: "button", class: "lab-button", "aria-label": "slower", onclick: () => faster(-1) }, "−");
    const quicker = make("button", { type: "button", class: "lab-button", "aria-label": "faster", onclick: () => faster(1) }, "+");
    const speed = make("output", { class: "lab-speed" });
    const careful = make("input", { type: "checkbox", checked: true, onchange: () => (times = []) });
    const jumps = lab.jumps(by);
    const strip = lab.overview({ onEpoch: by, onZoom });

    const pace = make("div", { class: "lab-pace", role: "group", "aria-label": "Speed" }, slower, speed, quicker);
    const main = make("div", { class: "lab-main" }, play, slider, make("span", { class: "lab-where" }, make("span", {}, "epoch "), field, total));
    const more = make("div", { class: "lab-more" }, pace, make("label", { class: "lab-check" }, careful, " slowly where the error jumps"));
    root.classList.add("lab-player");
    root.replaceChildren(main, ...(compact ? [] : [strip.element, make("div", { class: "lab-player-row" }, more, jumps.element)]));

    /** @type {LabHistory | null} */
    let history = null;
    let [epoch, from, to] = [0, 0, 1];
    let zoomed = false;
    let playing = false;
    let wished = false;
    let pacing = SPEEDS.indexOf(1);
    let clock = 0; // seconds since the first epoch that is shown
    let before = 0;
    /** @type {number[]} */
    let times = [];
    label();

    /** The hand takes over. @param {number} wanted */
    function by(wanted) {
      pause();
      go(wanted);
    }

    /** @param {number} wanted */
    function go(wanted) {
      if (!history) return;
      const next = Math.min(lab.extent(history), Math.max(0, Math.round(wanted)));
      if (next !== epoch) onEpoch(next);
    }

    /** @param {KeyboardEvent} event */
    function press(event) {
      const step = KEYS[event.key];
      if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      if (step === -Infinity) by(from);
      else if (step === Infinity) by(to);
      else by(Math.min(shown() + step * (event.shiftKey ? 10 : 1), to));
    }

    function typed() {
      if (!history) return;
      const wanted = Math.round(Number(field.value));
      if (field.value === "" || !Number.isFinite(wanted)) field.value = String(epoch);
      else by(wanted);
      field.value = String(shown());
    }

    /** @param {number} step */
    function faster(step) {
      pacing = Math.min(SPEEDS.length - 1, Math.max(0, pacing + step));
      label();
    }

    function label() {
      const now = SPEEDS[pacing];
      lab.say(speed, now < 1 ? `1/${1 / now}×` : `${now}×`);
      play.setAttribute("aria-label", playing ? "Pause" : "Play");
      play.classList.toggle("lab-playing", playing);
    }

    const shown = () => (history ? Math.min(epoch, history.count - 1, lab.extent(history)) : 0);

    function start() {
      wished = !history; // then it begins with the run
      if (!history || playing) return;
      if (shown() >= Math.min(to, history.count - 1)) go(from);
      playing = true;
      times = [];
      label();
      before = performance.now();
      requestAnimationFrame(tick);
    }

    function pause() {
      playing = false;
      label();
    }

    /** @param {number} now */
    function tick(now) {
      if (!playing || !history) return;
      if (!times.length) {
        times = schedule(history.test_error, from, to, careful.checked);
        clock = times[Math.max(0, Math.min(to, epoch) - from)];
      }
      clock += ((now - before) / 1000) * SPEEDS[pacing];
      before = now;
      let next = Math.max(0, Math.min(to, epoch) - from);
      while (next < times.length - 1 && times[next + 1] <= clock) next++;
      const last = Math.min(to, history.count - 1);
      go(Math.min(from + next, last));
      if (from + next >= last && history.checksum !== null) pause();
      else requestAnimationFrame(tick);
    }

    const draw = lab.withNextFrame(() => {
      if (!history) return;
      const now = shown();
      for (const [name, value] of Object.entries({ min: from, max: to })) slider.setAttribute(name, String(value));
      slider.value = String(now);
      slider.style.setProperty("--share", String((now - from) / (to - from)));
      field.max = String(history.epochs);
      if (document.activeElement !== field || playing) field.value = String(now);
      lab.say(total, `of ${history.epochs}`);
      const spoken = `epoch ${now} of ${history.epochs}, test error ${lab.number(history.test_error[now])}`;
      if (!playing) slider.setAttribute("aria-valuetext", spoken);
      if (!compact) strip.draw(history, from, to, now);
      jumps.show(history);
    });

    function range() {
      if (!history) return;
      const most = lab.extent(history);
      if (!zoomed || from >= most) [zoomed, from, to] = [false, 0, most];
      to = Math.min(to, most);
    }

    return {
      /** @param {LabHistory} run */
      show(run) {
        history = run;
        times = [];
        range();
        draw();
        if (wished) start();
      },

      /** @param {number} wanted */
      moveTo(wanted) {
        epoch = wanted;
        draw();
        if (!zoomed || !history || (shown() >= from && shown() <= to)) return;
        const width = to - from; // the range goes where the cursor is
        const start = Math.min(lab.extent(history) - width, Math.max(0, shown() - Math.round(width / 2)));
        onZoom(start, start + width);
      },

      /** @param {number} a @param {number} b */
      zoom(a, b) {
        [from, to, times] = [a, b, []];
        zoomed = !history || a > 0 || b < lab.extent(history);
        range();
        draw();
      },

      play: start,
      pause,
    };
  };
})((globalThis.lab ??= {}));
