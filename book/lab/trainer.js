// @ts-check
// The page's side of the worker: it asks for a run, puts its pieces together, and says what there is.
"use strict";
(function (lab) {
  /** A worker out of text, which works on pages that are opened from a file as well. */
  function makeWorker() {
    const { worker: source, ...constants } = lab.constants;
    const text = `globalThis.lab = { constants: ${JSON.stringify(constants)} };\n${source}`;
    return new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  }

  /**
   * Trains in a worker; one run at a time, the one that was asked for last.
   * @param {{onStart?: (history: LabHistory) => void, onPiece?: (history: LabHistory) => void,
   *   onDone?: (history: LabHistory) => void, onSharpness?: (history: LabHistory) => void,
   *   onError?: (message: string) => void}} on
   */
  lab.trainer = function (on) {
    /** @type {Worker | undefined} */
    let worker;
    let job = 0;
    /** @type {State} */
    let state;
    /** @type {LabHistory} */
    let history;

    /** @param {MessageEvent} event */
    function receive({ data }) {
      if (data.job !== job) return; // of a run that is wanted no more
      if (data.what === "start") {
        history = lab.history.begin(state, data.train_set);
        on.onStart?.(history);
      } else if (data.what === "piece") {
        lab.history.unpack(history, data);
        on.onPiece?.(history);
      } else if (data.what === "done") {
        lab.history.finish(history, data.checksum);
        on.onDone?.(history);
      } else if (data.what === "sharpness") {
        lab.history.sharpen(history, data.found);
        history.crossing = data.crossing;
        on.onSharpness?.(history);
      } else on.onError?.(data.message);
    }

    /** Train; what is under way is given up. @param {State} wanted */
    function run(wanted) {
      state = wanted;
      job++;
      try {
        if (!worker) {
          worker = makeWorker();
          worker.onmessage = receive;
          worker.onerror = (event) => on.onError?.(event.message || "This browser does not start the trainer.");
        }
        worker.postMessage({ job, state, drawn: Boolean(on.onPiece) });
      } catch (error) {
        on.onError?.(error instanceof Error ? error.message : String(error));
      }
    }

    /** Give up what is under way; what there is of its history stays. */
    function stop() {
      job++;
      worker?.postMessage({ job });
    }

    return { run, stop };
  };
})(globalThis.lab ??= /** @type {Lab} */ ({}));
