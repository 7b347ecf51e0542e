// @ts-check
// The form in which everything is chosen: native inputs, each with a label, and each can be typed into.
"use strict";
(function (lab) {
  /** Experiments that the book tells of, and what happens in them. */
  const EXPERIMENTS = [
    ["f=f1&h=3&rate=0.1&epochs=1000", "smooth"],
    ["f=f1&h=3&rate=1&epochs=1000", "smooth, and then not"],
    ["f=f1&h=3&rate=0.1&epochs=10000", "a tenth of the rate"],
    ["f=f1&h=3&rate=2&epochs=1000", "a rate that is too large"],
    ["f=f1&h=3&rate=5&epochs=1000", "an overflow"],
    ["f=f1&h=2&rate=0.1&epochs=1000", "one working neuron"],
    ["f=f1&h=5&rate=0.1&epochs=1000", "four working neurons"],
    ["f=f2&h=3&rate=0.1&epochs=1000", "too few neurons"],
    ["f=f2&h=8&rate=0.1&epochs=1200", "it rearranges itself"],
    ["f=f2&h=8&rate=1&epochs=1000", "steps far too long"],
    ["f=f2&h=8&rate=0.05&epochs=10000", "half the rate"],
    ["f=f2&h=20&rate=0.05&epochs=10000", "nineteen working neurons"],
  ];

  /** @param {number} least @param {number} most */
  function whole(least, most) {
    return Array.from({ length: most - least + 1 }, (_, i) => least + i);
  }

  /**
   * The form; `onChange` gets each new state, at most one with each picture.
   * @param {HTMLElement} root @param {{onChange: (state: State) => void}} options
   */
  lab.controls = function (root, { onChange }) {
    const { make, button, unique, numberField, seedField, ladder } = lab;
    const { DEFAULT, LIMITS } = lab.address;
    /** @type {State} */
    let state = DEFAULT;
    /** @type {number[] | undefined} */
    let drawn;
    const send = lab.atOnce(() => onChange(state));

    /** Take over a part of a state; the cursor stays where it is, or at the end. @param {Partial<State>} part */
    function change(part) {
      const { epochs } = { ...state, ...part };
      const epoch = state.epoch === state.epochs ? epochs : Math.min(state.epoch, epochs);
      show({ ...state, epoch, ...part });
      send();
    }

    /** @param {string} key @param {string} name @param {number[]} rungs @param {(value: number) => string} [explain] */
    function number(key, name, rungs, explain) {
      return numberField(key, name, rungs, (/** @type {number} */ value) => change({ [key]: value }), explain);
    }

    /** @param {string} key @param {string} name @param {{usual: string, other: string, first: string}} words */
    function seed(key, name, words) {
      return seedField(key, name, words, (/** @type {string} */ value) => change({ [key]: value }));
    }

    // Sliders reach what is of interest; typing reaches further.
    /** @type {Record<string, {element: HTMLElement, show(value: any): void}>} */
    const fields = {
      h: number(
        "h",
        "h",
        whole(LIMITS.h.least, LIMITS.h.most),
        (h) => `(${h - 1} ${h === 2 ? "neuron" : "neurons"} and a bias)`,
      ),
      rate: number("rate", "Learning rate", ladder(0.001, 100)),
      epochs: number("epochs", "Epochs", ladder(1, LIMITS.epochs.most, true)),
      samples: number("samples", "Number of samples", whole(1, LIMITS.samples.most)),
      noise: number("noise", "Noise on their values", [0, ...ladder(0.01, 10)]),
      scale: number("scale", "Initial weights times", ladder(1, 100)),
      data: seed("data", "Training samples", { usual: "standard", other: "from a seed", first: "1" }),
      weights: seed("weights", "Initial weights", { usual: "standard", other: "from a seed", first: "2" }),
      order: seed("order", "Order of the samples", { usual: "as drawn", other: "shuffled", first: "3" }),
    };

    const group = unique("target");
    const targets = ["f1", "f2", "drawn"].map((value) =>
      make("input", { type: "radio", name: group, value, onchange: () => change({ f: choose(value) }) })
    );
    const formulas = ["f1, exp(x / 5)", "f2, sin(x) (25 \u2212 x²)", "a curve of my own"];
    const pad = make("div", { class: "lab-drawing" });
    const drawing = lab.drawing(pad, { onChange: (/** @type {number[]} */ values) => change({ f: values }) });

    /** @param {string} target */
    function choose(target) {
      if (target === "f1" || target === "f2") return target;
      return drawn ?? drawing.sample(typeof state.f === "string" ? state.f : "f1");
    }

    const experiments = make(
      "select",
      {
        id: unique("experiments"),
        onchange: () => experiments.value && change(lab.address.read(experiments.value).state),
      },
      make("option", { value: "" }, "one of your own"),
      ...EXPERIMENTS.map(([address, story]) => {
        const { f, h, rate, epochs } = lab.address.read(address).state;
        return make("option", { value: `#${address}` }, `(${f}, ${h}, ${rate}, ${epochs}): ${story}`);
      }),
    );
    const summary = make("summary");
    root.append(
      make(
        "form",
        {
          class: "lab-form",
          "aria-label": "What is trained",
          onsubmit: (/** @type {Event} */ event) => event.preventDefault(),
        },
        make(
          "div",
          { class: "lab-line lab-experiments" },
          make("label", { for: experiments.id }, "Experiment"),
          experiments,
          button("Reset", () => change(DEFAULT)),
        ),
        make(
          "div",
          { class: "lab-fields" },
          make(
            "fieldset",
            { class: "lab-field lab-target" },
            make("legend", {}, "Target"),
            ...targets.map((input, i) => make("label", {}, input, formulas[i])),
          ),
          ...["h", "rate", "epochs"].map((key) => fields[key].element),
        ),
        pad,
        make(
          "details",
          {},
          summary,
          make(
            "div",
            { class: "lab-fields" },
            ...["samples", "noise", "scale", "data", "weights", "order"].map((key) => fields[key].element),
          ),
        ),
      ),
    );

    /** @param {State} next */
    function show(next) {
      state = next;
      for (const [key, field] of Object.entries(fields)) field.show(state[/** @type {keyof State} */ (key)]);
      const target = typeof state.f === "string" ? state.f : "drawn";
      targets.forEach((input) => (input.checked = input.value === target));
      pad.hidden = target !== "drawn";
      if (typeof state.f !== "string") {
        drawn = state.f;
        drawing.show(drawn);
      }
      const { f, h, rate, epochs } = state;
      const others = lab.words.differences(state, { ...DEFAULT, f, h, rate, epochs });
      lab.say(summary, `Samples and weights: ${others || "as in the document"}`);
      experiments.value = lab.address.write({ ...state, epoch: epochs });
      if (experiments.selectedIndex < 0) experiments.value = "";
    }

    show(state);
    return {
      show,
      /** Where the cursor is, so that the next choice keeps it. @param {number} epoch */
      moveTo(epoch) {
        state = { ...state, epoch };
      },
    };
  };
})(globalThis.lab ??= /** @type {Lab} */ ({}));
