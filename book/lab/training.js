// @ts-check
// From a state to its run: the datasets and weights that it starts from, and gradient descent in the kernel,
// in pieces. nnlib.training, nnlib.datasets, nnlib.network and nnlib.kernel are what this mirrors.
"use strict";
(function (lab) {
  const { train_seed, weights_seed, n_train, n_test, deviation, noise_seed, most_seed } = lab.constants;
  const WORK = 2 ** 21; // samples times neurons in one call of the kernel, some five milliseconds
  const ROOM = 2 ** 18; // doubles that one call writes, two megabytes

  /** @param {string} text @returns {bigint} */
  function seed(text) {
    if (!/^\d+$/.test(text) || BigInt(text) > BigInt(most_seed)) {
      throw new RangeError(`a seed must be an integer from 0 to ${most_seed}, got ${text}`);
    }
    return BigInt(text);
  }

  /** Inputs, uniform from -5 to 5. @param {{random: (n: number) => Float64Array}} rng @param {number} n */
  function inputs(rng, n) {
    return rng.random(n).map((u) => (u - 0.5) * 10);
  }

  /** @type {Float64Array | undefined} */
  let standard;
  /** Of the standard training set and, after them, of the test set. */
  function standardInputs() {
    return (standard ??= inputs(lab.default_rng(BigInt(train_seed)), n_train + n_test));
  }

  /** The training set of a state: its samples, their noise, their order. @param {State} state */
  function trainSet(state) {
    const { samples, noise } = state;
    const drawn = state.data !== "standard";
    const rng = drawn || noise ? lab.default_rng(drawn ? seed(state.data) : BigInt(noise_seed)) : null;
    const x = drawn ? inputs(rng, samples) : standardInputs().slice(0, samples);
    const y = x.map(lab.target(state.f));
    if (noise) rng.normal(0, noise, samples).forEach((/** @type {number} */ z, /** @type {number} */ k) => (y[k] += z));
    if (state.order === "drawn") return { x, y };
    /** @type {number[]} */
    const order = lab.default_rng(seed(state.order)).permutation(samples);
    return { x: Float64Array.from(order, (k) => x[k]), y: Float64Array.from(order, (k) => y[k]) };
  }

  /** The standard one, always: the ruler stays. @param {State} state */
  function testSet(state) {
    const x = standardInputs().slice(n_train);
    return { x, y: x.map(lab.target(state.f)) };
  }

  /** The initial weights, as nnlib.network.pack has them: V, then the columns of U. @param {State} state */
  function initialWeights(state) {
    const { h, weights, scale } = state;
    const rng = lab.default_rng(weights === "standard" ? BigInt(weights_seed) : seed(weights));
    const U = rng.normal(0, deviation, 2 * (h - 1));
    const row = new Float64Array(3 * h - 2);
    row.set(rng.normal(0, deviation, h));
    for (let i = 0; i < h - 1; i++) {
      row[h + i] = U[2 * i];
      row[2 * h - 1 + i] = U[2 * i + 1];
    }
    return row.map((weight) => scale * weight);
  }

  /** @type {{memory: WebAssembly.Memory, layout: Function, train: Function} | undefined} */
  let instance;
  /** The kernel, made once. */
  function kernel() {
    if (!instance) {
      const binary = Uint8Array.from(atob(lab.constants.kernel), (letter) => letter.charCodeAt(0));
      instance = /** @type {any} */ (new WebAssembly.Instance(new WebAssembly.Module(binary)).exports);
    }
    return /** @type {NonNullable<typeof instance>} */ (instance);
  }

  /** Everything that a run starts from, and room for what it leaves. @param {State} state @returns {Run} */
  function prepare(state) {
    const size = 3 * state.h - 2, entries = state.epochs + 1;
    return {
      state,
      train_set: trainSet(state),
      test_set: testSet(state),
      weights: initialWeights(state),
      count: 0,
      rows: new Float64Array(entries * size).fill(NaN),
      gradients: new Float64Array(entries * size).fill(NaN),
      test_error: new Float64Array(entries).fill(NaN),
      train_error: new Float64Array(entries).fill(NaN),
      overflow_epoch: null,
    };
  }

  /**
   * Train, epoch by epoch until an error is not finite; yields every few milliseconds.
   * @param {Run} run
   */
  function* descend(run) {
    const { h, rate, epochs } = run.state;
    const { train_set, test_set, weights, rows, gradients, test_error, train_error } = run;
    const N = train_set.x.length, N_test = test_set.x.length, size = weights.length, entries = epochs + 1;
    const some = Math.max(1, Math.min(entries, Math.floor(WORK / ((N + N_test) * h)), Math.floor(ROOM / (6 * h))));
    const { memory, layout, train } = kernel();
    const address = layout(h, N, N_test, some);
    if (!address) throw new RangeError("The browser has no memory for that many samples and neurons.");
    const doubles = new Float64Array(memory.buffer);
    const places = Array.from(new Uint32Array(memory.buffer, address, 9), (place) => place / 8);
    const given = [lab.sigmoidTable(), train_set.x, train_set.y, test_set.x, test_set.y, weights];
    given.forEach((values, i) => doubles.set(values, places[i]));
    const [history, totals, test_totals] = places.slice(6);
    while (run.count < entries && run.overflow_epoch === null) {
      const count = train(rate, Math.min(some, entries - run.count));
      for (let row = 0; row < count && run.overflow_epoch === null; row++) {
        const epoch = run.count, start = history + row * size, total = totals + row * (size + 1);
        rows.set(doubles.subarray(start, start + size), epoch * size);
        test_error[epoch] = doubles[test_totals + row] / N_test / 2;
        train_error[epoch] = doubles[total + size] / 2 / N;
        run.count++;
        if (!Number.isFinite(test_error[epoch] + train_error[epoch])) run.overflow_epoch = epoch;
        else for (let i = 0; i < size; i++) gradients[epoch * size + i] = doubles[total + i] / N;
      }
      yield run.count;
    }
  }

  /** History.checksum; yields every few milliseconds. @param {Run} run @returns {Generator<number, string>} */
  function* checksumOf(run) {
    const { h, epochs } = run.state;
    const size = 3 * h - 2;
    const digest = lab.checksum();
    digest.add(run.test_error);
    digest.add(run.train_error);
    for (const [packed, entries] of /** @type {[Float64Array, number][]} */ ([[run.rows, epochs + 1], [run.gradients, epochs]])) {
      // U comes first, row by row, and then V; packed, V is followed by the columns of U.
      const U = Array.from({ length: 2 * (h - 1) }, (_, k) => (k % 2 ? 2 * h - 1 : h) + (k >> 1));
      for (const places of [U, Array.from({ length: h }, (_, i) => i)]) {
        const buffer = new Float64Array(places.length);
        for (let epoch = 0; epoch < entries; epoch++) {
          for (let k = 0; k < buffer.length; k++) buffer[k] = packed[epoch * size + places[k]];
          digest.add(buffer);
          if (epoch % 1000 === 999) yield epoch;
        }
      }
    }
    return digest.hexdigest();
  }

  Object.assign(lab, { prepare, descend, checksumOf });
})((globalThis.lab ??= {}));
