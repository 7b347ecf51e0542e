// @ts-check
// The lines of Python that leave the same run in the variable `history`.
"use strict";
(function (lab) {
  /** A seed as Python reads it, which takes no zeros in front. @param {string} seed */
  function withoutZeros(seed) {
    return seed.replace(/^0+(?=\d)/, "");
  }

  /** @param {State} state @returns {string} */
  lab.python = function (state) {
    const { f, h, rate, epochs, samples, noise, scale } = state;
    const [data, weights, order] = [state.data, state.weights, state.order].map(withoutZeros);
    const lines = [];
    const names = new Set(["Experiment", "train"]);
    const given = [];
    const name = typeof f === "string" ? f : "drawn";
    const use = (/** @type {string} */ what) => (names.add(what), what);

    if (typeof f === "string") {
      use(f);
    } else {
      const knots = `np.linspace(-5, 5, ${f.length})`;
      lines.push(`def ${name}(x):`, `    return np.interp(x, ${knots}, [${f.join(", ")}])`, "");
    }

    const all = lab.constants.n_train;
    if (data !== "standard" || samples !== all || noise || order !== "drawn") {
      if (data !== "standard") {
        lines.push(`rng = np.random.default_rng(${data})`);
        lines.push(`x, y = ${use("get_new_random_dataset")}(${name}, ${samples}, rng)`);
      } else {
        lines.push(`x, y = ${use("get_train_set")}(${name})`);
        if (samples !== all) lines.push(`x, y = x[:${samples}], y[:${samples}]`);
        if (noise) lines.push(`rng = np.random.default_rng(${lab.constants.noise_seed})`);
      }
      if (noise) lines.push(`y = y + rng.normal(0, ${noise}, ${samples})`);
      if (order !== "drawn") {
        lines.push(`order = np.random.default_rng(${order}).permutation(${samples})`, "x, y = x[order], y[order]");
      }
      given.push("train_set=(x, y)");
    }
    if (weights !== "standard" || scale !== 1) {
      const drawn = weights === "standard"
        ? `${use("get_initial_weights")}(${h})`
        : `${use("get_new_random_weights")}(${h}, rng=${weights})`;
      lines.push(`U, V = ${drawn}`);
      given.push(scale === 1 ? "weights=(U, V)" : `weights=(${scale} * U, ${scale} * V)`);
    }
    lines.push(`history = train(${[`Experiment(${name}, ${h}, ${rate}, ${epochs})`, ...given].join(", ")})`);
    const imports = [`from nnlib import ${[...names].sort().join(", ")}`, ""];
    if (lines.some((line) => line.includes("np."))) imports.unshift("import numpy as np", "");
    return [...imports, ...lines].join("\n");
  };
})(globalThis.lab ??= /** @type {Lab} */ ({}));
