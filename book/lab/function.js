// @ts-check
// The panel of the functions: the target, the samples, what is learned, and what each hidden neuron adds to it.
import { dim } from "./chart.js";
import { constants } from "./constants.js";
import { ink, lookOf, set, svg } from "./curves.js";
import { say, withNextFrame } from "./elements.js";
import { makeFrame } from "./frame.js";
import { makeHand } from "./hand.js";
import { isPoints, targetOf } from "./numbers.js";
import { contributions, graph, sum } from "./predict.js";
import { makeReading } from "./reading.js";
import * as scales from "./scales.js";
import { number } from "./scales.js";

const EDGE = 5; // inputs lie between -5 and 5
const EPOCHS = 40; // at which is looked at what is learned
const FEW = 50; // samples are drawn larger, so that one alone is seen
const NEAR = 9; // pixels from a part that mean its neuron
const REACH = 1.5; // times the range of the target is what the parts may widen the picture
const LOOKS = {
  target: { ink: "target", mark: "", width: 5, dash: "" },
  samples: { ink: "samples", mark: "o", width: 0, dash: "" },
  learned: { ink: "learned", mark: "o", width: 2.2, dash: "7 3" },
};

/** From the lowest to the highest of the target, the samples, what is learned, and the parts. @param {View} view @param {Float64Array[]} parts */
function fit({ history, from, to }, parts) {
  const f = targetOf(history.state.f);
  const [, outputs] = constants.units[history.state.units];
  const inputs = Array.from({ length: 41 }, (_, n) => -EDGE + n / 4);
  const learned = (/** @type {number} */ epoch) => inputs.map(sum(contributions(history, epoch)));
  // What is always seen whole; each part begins at 0.
  const seen = [
    ...inputs.map(f).filter(Number.isFinite), // points have none
    ...history.train_set.y.map((value) => value * outputs),
    ...learned(history.best_epoch),
    ...(parts.length ? [0] : []),
  ];
  let [low, high] = [Math.min(...seen), Math.max(...seen)];
  const reach = REACH * (high - low) || 1;
  const [least, most] = [low - reach, high + reach];
  const last = Math.min(to, history.count - 1);
  for (let n = 0; n <= EPOCHS; n++) {
    for (const value of learned(Math.round(from + (n / EPOCHS) * (last - from)))) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  for (const values of parts) {
    for (let e = from; e <= last; e++) {
      if (values[e] < low) low = values[e];
      if (values[e] > high) high = values[e];
    }
  }
  const cut = low < least || high > most;
  [low, high] = [Math.max(low, least), Math.min(high, most)];
  const room = (high - low) * 0.08 || 1;
  return { scale: scales.linear(...scales.outward(low - room, high + room)), cut };
}

/**
 * @param {{target(): Target, onTarget(f: Target): void}} [own] where the target can be changed by hand
 * @param {(neuron: number | null) => void} [onNeuron] whose part is pointed at
 */
export function makeFunctionPanel(own, onNeuron = () => {}) {
  const frame = makeFrame(
    "What is learned",
    "x",
    "The target, its samples, and what the network makes of them.",
  );
  const shape = (/** @type {string} */ what, /** @type {Record<string, any>} */ more = {}) =>
    ink(svg("path", { stroke: "currentColor", "stroke-linejoin": "round", ...more }), what);
  const target = shape("target", { "stroke-width": 5, opacity: 0.5 });
  const samples = shape("samples", { "stroke-width": 2.4, "stroke-linecap": "round", opacity: 0.45 });
  const kept = shape("learned", { "stroke-width": 1.4, "stroke-dasharray": "7 3", class: "lab-kept" });
  const learned = shape("learned", { "stroke-width": 2.2, "stroke-dasharray": "7 3" });
  const parts = svg("g");
  frame.curves.append(target, samples, kept, parts, learned);
  /** @type {View | null} */
  let now = null;
  /** @type {Scale} */
  let scale;
  let cut = false;
  let parted = ""; // of what there are parts
  /** @type {(v: number) => number} */
  let y = () => 0;
  const again = withNextFrame(() => {
    if (now) panel.draw(now), panel.move(now);
  });
  const reading = makeReading(frame, again);
  const hand = own && makeHand(frame, {
    target: own.target,
    onTarget(/** @type {Target} */ f) {
      own.onTarget(f);
      again(); // the run may take longer
    },
    onHold: again, // when it ends, the axes are free
  });

  /** The target: what is under the hand, or what the run has learned. @param {LabHistory} history */
  function shownTarget({ state: { f } }) {
    const mine = own?.target() ?? f;
    return typeof mine === "string" ? f : mine;
  }

  let pointed = -1;
  /** Let the neuron stand out whose part is pointed at. @param {number} part */
  function point(part) {
    if (part === pointed) return;
    pointed = part;
    onNeuron(part < 0 ? null : part);
  }
  frame.plot.addEventListener("pointerleave", () => point(-1));
  frame.plot.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    if (event.buttons || event.pointerType !== "mouse" || !now) return;
    const height = event.clientY - frame.plot.getBoundingClientRect().top - frame.top;
    const all = contributions(now.history, now.shown).slice(0, parts.childElementCount);
    const apart = all.map((one) => Math.abs(y(one(reading.at())) - height));
    const least = Math.min(...apart);
    point(least <= NEAR ? apart.indexOf(least) : -1);
  });

  /** @param {Element} path @param {(x: number) => number} f */
  const draw = (path, f) => set(path, { d: graph(frame.width, (/** @type {number} */ x) => y(f(x))) });

  /** @param {View} view @param {Float64Array[]} shown @returns {Entry[]} */
  function entries({ history, kept: older }, shown) {
    const f = targetOf(history.state.f);
    const value = (/** @type {(x: number) => number} */ one) => number(one(reading.at()), true);
    const all = (/** @type {number} */ epoch) => contributions(history, epoch);
    const count = history.train_set.x.length;
    return [
      ...(isPoints(history.state.f) ? [] : [{ name: "target", look: LOOKS.target, text: () => value(f) }]),
      {
        name: "learned",
        look: LOOKS.learned,
        text: (epoch) => value(sum(all(epoch))),
        older: older ? (epoch) => value(sum(contributions(older, epoch))) : undefined,
      },
      { name: count === 1 ? "1 sample" : `${count} samples`, look: LOOKS.samples, text: () => "" },
      ...shown.map((_, i) => ({
        name: i < history.h - 1 ? `V${i}H${i}` : `V${i}`,
        symbol: true,
        look: lookOf(i, history.h),
        neuron: i,
        text: (/** @type {number} */ epoch) => value(all(epoch)[i]),
      })),
    ];
  }

  const panel = {
    frame,

    /** The values, for those who do not see the curves. @param {View} view */
    describe: ({ shown }) => [
      `at x = ${number(reading.at(), true)}`,
      ...frame.legends.read(shown).map((/** @type {any} */ { name, value: text }) => `${name} ${text}`.trim()),
    ],

    /** @param {View} view */
    draw(view) {
      now = view;
      const { history } = view;
      const shown = reading.parts(history.h) ? history.V : [];
      if (!scale || !hand?.holds()) ({ scale, cut } = fit(view, shown));
      y = frame.y(scale);
      const x = scales.linear(-EDGE, EDGE, 5);
      frame.axes(x, scale);
      const f = shownTarget(history);
      draw(target, targetOf(f));
      hand?.draw(scale, target.getAttribute("d"));
      const tenth = (/** @type {number} */ px) => Math.round(px * 10) / 10;
      const [inputs, outputs] = constants.units[history.state.units];
      let d = "";
      const byHand = hand && isPoints(f); // which draws them
      history.train_set.x.forEach((at, n) => {
        if (byHand) return;
        d += `M${tenth(x.place(at * inputs) * frame.width)} ${tenth(y(history.train_set.y[n] * outputs))}h0`;
      });
      const few = history.train_set.x.length <= FEW;
      set(samples, { d, "stroke-width": few ? 7 : 2.4, opacity: few ? 0.9 : 0.45 });
      const looks = shown.map((_, i) => lookOf(i, history.h));
      const drawn = `${history.h} ${looks.length}`;
      if (drawn !== parted) {
        parted = drawn;
        parts.replaceChildren(
          ...looks.map((look) => shape(look.ink, { "stroke-width": 0.8 * look.width, "stroke-dasharray": look.dash })),
        );
        reading.mark([LOOKS.learned, ...looks]);
      }
      dim([...parts.children], shown.map((_, neuron) => ({ neuron })), view.neuron);
      frame.legends.show(entries(view, shown), history.count);
    },

    /** @param {View} view */
    move({ history, kept: older, shown }) {
      const all = contributions(history, shown);
      const whole = sum(all);
      draw(learned, whole);
      [...parts.children].forEach((path, i) => draw(path, all[i]));
      reading.move([whole, ...all.slice(0, parts.childElementCount)], y, now?.neuron ?? null);
      if (older) draw(kept, sum(contributions(older, Math.min(shown, older.count - 1))));
      else kept.setAttribute("d", "");
      const notes = [
        Number.isFinite(whole(0))
          ? `after ${shown} ${shown === 1 ? "epoch" : "epochs"}`
          : `at epoch ${shown} there is no number left`,
        cut ? "large values are cut off" : "",
      ];
      say(frame.note, notes.filter(Boolean).join("; "));
      frame.legends.move(shown);
    },
  };
  return panel;
}
