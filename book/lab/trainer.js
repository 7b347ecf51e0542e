// @ts-check
// The page's side of the worker: it asks for a run, puts its pieces together, and says what there is.
import { constants } from "./constants.js";
import { begin, finish, sharpen, unpack } from "./history.js";

/** A worker out of text, which works on pages that are opened from a file as well. */
function makeWorker() {
  const text = `(${WORKER})(${JSON.stringify(constants)})`;
  return new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
}

/**
 * Trains in a worker; one run at a time, the one that was asked for last.
 * @param {{onStart?: (history: LabHistory) => void, onPiece?: (history: LabHistory) => void,
 *   onDone?: (history: LabHistory) => void, onSharpness?: (history: LabHistory) => void,
 *   onError?: (message: string) => void}} on
 */
export function makeTrainer(on) {
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
      history = begin(state, data.train_set);
      on.onStart?.(history);
    } else if (data.what === "piece") {
      unpack(history, data);
      on.onPiece?.(history);
    } else if (data.what === "done") {
      finish(history, data.checksum);
      on.onDone?.(history);
    } else if (data.what === "sharpness") {
      sharpen(history, data.found);
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
}
