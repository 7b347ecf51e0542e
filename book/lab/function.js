// @ts-check
// The panel of the functions: the target, the samples, what is learned, and what each hidden neuron adds to it.
"use strict";
(function (lab) {
  const EDGE = 5; // inputs lie between -5 and 5
  const CONTRIBUTIONS = 8; // of no more neurons are they shown at first
  const REACH = 1.5; // times the range of the target is what they may widen the picture
  const LOOKS = {
    target: { ink: "target", mark: "", width: 5, dash: "" },
    samples: { ink: "samples", mark: "o", width: 0, dash: "" },
    learned: { ink: "learned", mark: "", width: 2.2, dash: "7 3" },
  };
  const sigmoid = (/** @type {number} */ z) => 1 / (1 + Math.exp(-z)); // near enough for the eye

  /** The path of a function of x. @param {number} width @param {(x: number) => number} y */
  function graph(width, y) {
    let [d, pen] = ["", "M"];
    for (let px = 0; px <= width; px += 2) {
      const at = y((px / width) * 2 * EDGE - EDGE);
      if (Number.isFinite(at)) d += `${pen}${px} ${Math.round(at * 10) / 10}`;
      pen = Number.isFinite(at) ? "L" : "M";
    }
    return d;
  }

  lab.functionPanel = function () {
    const { svg, ink, make } = lab;
    const frame = lab.frame("What is learned", "x");
    const shape = (/** @type {string} */ what, /** @type {Record<string, any>} */ more = {}) =>
      ink(svg("path", { stroke: "currentColor", "stroke-linejoin": "round", ...more }), what);
    const target = shape("target", { "stroke-width": 5, opacity: 0.5 });
    const samples = shape("samples", { "stroke-width": 2.4, "stroke-linecap": "round", opacity: 0.45 });
    const kept = shape("learned", { "stroke-width": 1.4, "stroke-dasharray": "7 3", class: "lab-kept" });
    const learned = shape("learned", { "stroke-width": 2.2, "stroke-dasharray": "7 3" });
    const parts = svg("g");
    frame.curves.append(target, samples, kept, parts, learned);

    const box = make("input", { type: "checkbox" });
    const field = make("input", { type: "number", class: "lab-x", min: -EDGE, max: EDGE, step: 0.1, value: 0 });
    frame.figure.append(
      make(
        "div", { class: "lab-choices" },
        make("label", { class: "lab-check" }, "values at x =\u00a0", field),
        make("label", { class: "lab-check" }, box, "what each neuron adds"),
      ),
    );
    const line = svg("line", { class: "lab-here", y1: frame.top, y2: frame.top + frame.height, stroke: "#777" });
    const dots = svg("g", { fill: "currentColor" });
    frame.cursor.append(line, dots);

    let asked = false; // whether the reader has decided
    let cut = false;
    let at = 0; // where the values are read
    /** @type {View | null} */
    let now = null;
    const again = lab.withNextFrame(() => {
      if (now) panel.draw(now), panel.move(now);
    });
    box.addEventListener("change", () => {
      asked = true;
      again();
    });
    field.addEventListener("input", () => read(Number(field.value)));
    lab.pointAt(frame, (/** @type {number} */ share) => {
      read(Math.round((share * 2 - 1) * EDGE * 20) / 20);
      field.value = String(at);
    });
    /** @param {number} x */
    function read(x) {
      if (!Number.isFinite(x)) return;
      at = Math.min(EDGE, Math.max(-EDGE, x));
      again();
    }

    /** @type {(v: number) => number} */
    let y = () => 0;

    /** From the lowest to the highest of the target, the samples, and the parts as far as they are shown. @param {View} view */
    function range({ history, from, to }) {
      const f = lab.target(history.state.f);
      const seen = [...Array.from({ length: 41 }, (_, n) => f(-EDGE + n / 4)), ...history.train_set.y];
      let [low, high] = [Math.min(...seen), Math.max(...seen)];
      const [lowest, highest] = [low - REACH * (high - low), high + REACH * (high - low)];
      for (const values of box.checked ? history.V : []) {
        for (let e = from; e <= Math.min(to, history.count - 1); e++) {
          if (values[e] < low) low = values[e];
          if (values[e] > high) high = values[e];
        }
      }
      cut = low < lowest || high > highest;
      [low, high] = [Math.max(low, lowest), Math.min(high, highest)];
      const room = (high - low) * 0.08 || 1;
      return lab.scales.linear(low - room, high + room);
    }

    /** What a network computes. @param {LabHistory} history @param {number} epoch @returns {((x: number) => number)[]} one for each neuron */
    function neurons({ U, V }, epoch) {
      return V.map((v, i) => {
        if (i === U.length) return () => v[epoch];
        const [a, b, c] = [U[i][0][epoch], U[i][1][epoch], v[epoch]];
        return (x) => c * sigmoid(a * x + b);
      });
    }
    const sum = (/** @type {((x: number) => number)[]} */ all) => (/** @type {number} */ x) => all.reduce((total, one) => total + one(x), 0);

    const panel = {
      frame,

      /** @param {View} view */
      draw(view) {
        now = view;
        const { history } = view;
        if (!asked) box.checked = history.h <= CONTRIBUTIONS;
        const scale = range(view);
        y = frame.y(scale);
        const x = lab.scales.linear(-EDGE, EDGE, 5);
        frame.axes(x, scale);
        const f = lab.target(history.state.f);
        target.setAttribute("d", graph(frame.width, (x) => y(f(x))));
        let d = "";
        history.train_set.x.forEach((at, n) => {
          d += `M${Math.round(x.place(at) * frame.width * 10) / 10} ${Math.round(y(history.train_set.y[n]) * 10) / 10}h0`;
        });
        samples.setAttribute("d", d);
        const looks = (box.checked ? history.V : []).map((_, i) => lab.look(i, history.h));
        parts.replaceChildren(
          ...looks.map(({ ink: color, width, dash }) => shape(color, { "stroke-width": 0.8 * width, "stroke-dasharray": dash })),
        );
        dots.replaceChildren(
          ...[{ ink: "learned", mark: "o" }, ...looks].map((look) => ink(svg("g", {}, lab.mark(look.mark, 4)), look.ink)),
        );
        lab.dim([...parts.children], history.V.map((_, neuron) => ({ neuron })), view.neuron);
        frame.legends.show(entries(view));
      },

      /** @param {View} view */
      move(view) {
        const { history, kept: older, shown } = view;
        const all = neurons(history, shown);
        const curves = [sum(all), ...(box.checked ? all : [])];
        [learned, ...parts.children].forEach((path, n) => path.setAttribute("d", graph(frame.width, (x) => y(curves[n](x)))));
        const x = frame.left + ((at + EDGE) / (2 * EDGE)) * frame.width;
        line.setAttribute("transform", `translate(${x} 0)`);
        [...dots.children].forEach((dot, n) => {
          const height = y(curves[n](at));
          const seen = height >= -1 && height <= frame.height + 1;
          dot.setAttribute("transform", seen ? `translate(${x} ${frame.top + height})` : "translate(-99 0)");
        });
        kept.setAttribute("d", older ? graph(frame.width, (x) => y(sum(neurons(older, Math.min(shown, older.count - 1)))(x))) : "");
        const lost = !Number.isFinite(all.reduce((total, one) => total + one(0), 0));
        lab.say(frame.note, [lost ? `at epoch ${shown} there is no number left` : `after ${shown} epochs`, cut ? "large values are cut off" : "", older ? "pale: the kept run" : ""].filter(Boolean).join("; "));
        frame.legends.move(shown);
      },
    };

    /** @param {View} view @returns {Entry[]} */
    function entries({ history }) {
      const f = lab.target(history.state.f);
      const value = (/** @type {number} */ v) => lab.number(v, true);
      const parts = (box.checked ? history.V : []).map((_, i) => ({
        name: i < history.h - 1 ? `V${i}H${i}` : `V${i}`,
        symbol: true,
        look: lab.look(i, history.h),
        neuron: i,
        text: (/** @type {number} */ epoch) => value(neurons(history, epoch)[i](at)),
      }));
      return [
        { name: "target", look: LOOKS.target, text: () => value(f(at)) },
        { name: "learned", look: LOOKS.learned, text: (epoch) => value(sum(neurons(history, epoch))(at)) },
        { name: `${history.train_set.x.length} samples`, look: LOOKS.samples, text: () => "" },
        ...parts,
      ];
    }
    return panel;
  };
})((globalThis.lab ??= {}));
