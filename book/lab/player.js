// @ts-check
// The player: one slider for the epoch, which plays, jumps, and says where it is.
"use strict";
(function (lab) {
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
  lab.step = function ({ key, shiftKey, ctrlKey, altKey, metaKey }) {
    return ctrlKey || altKey || metaKey ? undefined : KEYS[key] && KEYS[key] * (shiftKey ? 10 : 1);
  };

  /**
   * @param {HTMLElement} root
   * @param {{onEpoch?(epoch: number): void, onZoom?(from: number, to: number): void, compact?: boolean}} options
   */
  lab.player = function (root, { onEpoch = () => {}, onZoom = () => {}, compact = false }) {
    const { make } = lab;
    const play = make("button", {
      type: "button",
      class: "lab-play",
      onclick: () => (clock.playing() ? clock.pause() : clock.play()),
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
    const pace = lab.pace();
    const clock = lab.clock({ pace, now: () => history && { history, from, to, epoch: wish() }, go, onChange: label });
    const jumps = lab.jumps(by);
    const strip = lab.overview({ onEpoch: by, onZoom });

    const main = make(
      "div",
      { class: "lab-main" },
      play,
      slider,
      make("span", { class: "lab-where" }, make("span", {}, "epoch "), field, total),
    );
    root.classList.add("lab-player");
    root.replaceChildren(
      main,
      ...(compact
        ? []
        : [strip.strip, make("div", { class: "lab-player-row" }, pace.element, strip.range), jumps.element]),
    );

    /** @type {LabHistory | null} */
    let history = null;
    let [epoch, from, to] = [0, 0, 1];
    let zoomed = false;

    /** The hand takes over. @param {number} wanted */
    function by(wanted) {
      clock.pause();
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
      const step = lab.step(event);
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
    const wish = () => (history ? Math.min(epoch, lab.extent(history)) : 0);
    const shown = () => (history ? Math.min(wish(), history.count - 1) : 0);

    const draw = lab.withNextFrame(() => {
      if (!history) return;
      const now = shown();
      for (const [name, value] of Object.entries({ min: from, max: to })) slider.setAttribute(name, String(value));
      slider.value = String(now);
      slider.style.setProperty("--share", String(Math.max(0, (now - from) / (to - from))));
      field.max = String(history.epochs);
      if (document.activeElement !== field || clock.playing()) field.value = String(now);
      lab.say(total, `of ${history.epochs}`);
      const spoken = `epoch ${now} of ${history.epochs}, test error ${lab.number(history.test_error[now])}`;
      if (!clock.playing()) slider.setAttribute("aria-valuetext", spoken);
      if (!compact) strip.draw(history, from, to, now);
      jumps.show(history);
    });

    function range() {
      if (!history) return;
      const most = lab.extent(history);
      if (!zoomed || from >= most) [zoomed, from, to] = [false, 0, most];
      to = Math.min(to, most);
    }

    label();
    return {
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
        const start = Math.min(lab.extent(history) - width, Math.max(0, wish() - Math.round(width / 2)));
        onZoom(start, start + width);
      },

      /** @param {number} a @param {number} b */
      zoom(a, b) {
        const whole = a <= 0 && b >= (history ? lab.extent(history) : Infinity);
        if (whole && !zoomed) return;
        [from, to, zoomed] = [a, b, !whole];
        range();
        draw();
        clock.renew();
        if (history && (wish() < from || wish() > to)) go(Math.min(to, Math.max(from, wish()))); // the cursor comes along
      },

      play: clock.play,
      pause: clock.pause,
    };
  };
})(globalThis.lab ??= /** @type {Lab} */ ({}));
