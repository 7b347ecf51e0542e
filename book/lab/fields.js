// @ts-check
// One choice of the form: a number that is typed or dragged, or a word or a seed.
"use strict";
(function (lab) {
  /** Round numbers, each about as many times the one before. @param {number} least @param {number} most @param {boolean} [whole] */
  function ladder(least, most, whole = false) {
    /** @type {Set<number>} */
    const rungs = new Set();
    for (let power = Math.floor(Math.log10(least)); power <= Math.log10(most); power++) {
      for (let digits = 100; digits < 1000; digits += digits < 200 ? 2 : digits < 500 ? 5 : 10) {
        const rung = Number(`${digits}e${power - 2}`);
        if (rung >= least && rung <= most) rungs.add(whole ? Math.round(rung) : rung);
      }
    }
    return [...rungs];
  }

  /** @param {number[]} rungs @param {number} value */
  function nearest(rungs, value) {
    const above = rungs.findIndex((rung) => rung >= value);
    if (above === -1) return rungs.length - 1;
    return above > 0 && value - rungs[above - 1] < rungs[above] - value ? above - 1 : above;
  }

  /**
   * A place for what is wrong with an input, which it describes.
   * @param {HTMLInputElement} input @param {string} allowed what may be given, in words
   */
  function complaint(input, allowed) {
    const element = lab.make("p", { class: "lab-error", id: lab.unique("error"), "aria-live": "polite" });
    /** @param {string} text */
    function show(text) {
      lab.say(element, text);
      input.toggleAttribute("aria-invalid", text !== "");
      if (text) input.setAttribute("aria-invalid", "true");
    }
    input.setAttribute("aria-describedby", element.id);
    return {
      element,
      clear: () => show(""),
      wrong: () => element.textContent !== "",
      /** @param {any} value what stays */
      complain(value) {
        const given = input.value === "" ? "This" : `“${lab.address.quote(input.value)}”`;
        show(`${given} is not allowed. Allowed is ${allowed}. The run is still that with ${value}.`);
      },
    };
  }

  /** Whether a number was stepped by its arrows, and not typed, which is done only at the end. @param {InputEvent} event */
  function isStep({ inputType }) {
    return !inputType || inputType === "insertReplacementText";
  }

  /** A decimal comma is a point; one that may mark thousands stays, and is refused. @param {string} text */
  function withPoint(text) {
    return /^\s*[+-]?[1-9]\d{0,2},\d{3}\s*$/.test(text) ? text : text.replace(/^([^.,]*),([^.,]*)$/, "$1.$2");
  }

  /**
   * A number, typed or by a slider.
   * @param {string} key @param {string} name @param {number[]} rungs what the slider reaches
   * @param {(value: number) => void} onValue @param {(value: number) => string} [explain] what stands beside the name
   */
  lab.numberField = function (key, name, rungs, onValue, explain = () => "") {
    const { make, unique } = lab;
    const { least, most, integer, unit } = lab.address.LIMITS[key];
    const typed = make("input", {
      id: unique(key),
      name: key,
      autocomplete: "off",
      ...(integer ? { type: "number", min: least, max: most, step: 1 } : { type: "text", inputmode: "decimal" }),
      oninput: (/** @type {InputEvent} */ event) => isStep(event) && type(),
      onchange: type,
    });
    const slider = make("input", {
      type: "range",
      min: 0,
      max: rungs.length - 1,
      "aria-label": `${name}, slider`,
      oninput: slide,
    });
    const error = complaint(typed, lab.address.allowed(key));
    const meaning = make("small");
    /** @type {number | undefined} */
    let shown;

    function type() {
      const { value, valid } = lab.address.parse(key, withPoint(typed.value));
      if (!valid) return error.complain(shown);
      error.clear();
      if (value === shown) return;
      display(value);
      onValue(value);
    }

    function slide() {
      const value = rungs[Number(slider.value)];
      error.clear();
      typed.value = String(value);
      display(value);
      onValue(value);
    }

    /** @param {number} value */
    function display(value) {
      shown = value;
      lab.say(meaning, explain(value));
      slider.value = String(nearest(rungs, value));
      slider.setAttribute("aria-valuetext", `${value} ${unit}`.trim());
    }

    return {
      element: make(
        "div",
        { class: "lab-field lab-number" },
        make("label", { for: typed.id }, name, " ", meaning),
        typed,
        slider,
        error.element,
      ),
      /** @param {number} value */
      show(value) {
        if (value === shown && !error.wrong()) return; // what is being typed stays
        error.clear();
        typed.value = String(value);
        display(value);
      },
    };
  };

  /**
   * What is usual, or what comes from a seed.
   * @param {string} key @param {string} name @param {{usual: string, other: string, first: string}} words
   * @param {(value: string) => void} onValue
   */
  lab.seedField = function (key, name, { usual, other, first }, onValue) {
    const { make, unique } = lab;
    const { word } = lab.address.LIMITS[key];
    const group = unique(key);
    const [usualInput, seedInput] = [word, "seed"].map((value) =>
      make("input", { type: "radio", name: group, value, onchange: () => take(value === word ? word : seed) })
    );
    const typed = make("input", {
      type: "text",
      inputmode: "numeric",
      autocomplete: "off",
      "aria-label": `Seed, ${name}`,
      onchange: type,
    });
    const error = complaint(typed, lab.address.SEEDS);
    const next = lab.button(
      "New seed",
      () => take(String(BigInt.asUintN(64, BigInt(seed) + (shown === word ? 0n : 1n)))),
    );
    next.setAttribute("aria-label", `New seed, ${name}`);
    let seed = first;
    let shown = word;

    function type() {
      const { value, valid } = lab.address.parse(key, typed.value);
      if (!valid || value === word) return error.complain(shown === word ? "no seed" : `seed ${shown}`);
      error.clear();
      if (value === shown) return;
      seed = shown = value;
      seedInput.checked = true;
      onValue(value);
    }

    /** @param {string} value */
    function take(value) {
      show(value);
      onValue(value);
    }

    /** @param {string} value */
    function show(value) {
      error.clear();
      shown = value;
      if (value !== word) seed = value;
      typed.value = seed;
      (value === word ? usualInput : seedInput).checked = true;
    }

    return {
      element: make(
        "fieldset",
        { class: "lab-field lab-seed" },
        make("legend", {}, name),
        make("label", {}, usualInput, usual),
        make("label", {}, seedInput, other),
        typed,
        next,
        error.element,
      ),
      /** @param {string} value */
      show(value) {
        if (value !== shown || typed.value === "" || error.wrong()) show(value);
      },
    };
  };

  lab.ladder = ladder;
})(globalThis.lab ??= /** @type {Lab} */ ({}));
