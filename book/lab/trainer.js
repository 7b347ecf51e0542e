// @ts-check
// The page's side of the worker: it asks for a run, puts its pieces together, and says what there is. What else can be
// asked for, in the worker's KINDS, comes when nothing more urgent is under way.
import { constants } from "./constants.js";
import { begin, finish, sharpen, unpack } from "./history.js";

/** A worker out of text, which works on pages that are opened from a file as well. */
function makeWorker() {
  const text = `(${WORKER})(${JSON.stringify(constants)})`;
  return new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
}

/**
 * Trains in a worker; one run at a time, the one that was asked for last, and of all else one job of a kind.
 * @param {{onStart?: (history: LabHistory) => void, onPiece?: (history: LabHistory) => void,
 *   onDone?: (history: LabHistory) => void, onSharpness?: (history: LabHistory) => void,
 *   onError?: (message: string) => void}} on
 */
export function makeTrainer(on) {
  /** @type {Worker | undefined} */
  let worker;
  let last = 0; // of all jobs
  let job = 0; // that of the run
  /** @type {Map<string, {job: number, onAnswer: (answer: any) => void}>} */
  const others = new Map();
  /** @type {State} */
  let state;
  /** @type {LabHistory} */
  let history;

  /** @param {MessageEvent} event */
  function receive({ data }) {
    const other = [...others.values()].find((other) => other.job === data.job);
    if (data.job !== job && !other) return; // of what is wanted no more
    if (data.what === "error") on.onError?.(data.message);
    else if (other) other.onAnswer(data);
    else if (data.what === "start") {
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
    }
  }

  function start() {
    worker = makeWorker();
    worker.onmessage = receive;
    worker.onerror = (event) => on.onError?.(event.message || "This browser does not start the trainer.");
    return worker;
  }
  try {
    start(); // which takes a while, beside whatever the page does first
  } catch {
    // It is tried again with the first job, and complained of.
  }

  /** Send a job. @param {string} kind @param {any} given @returns {number} */
  function send(kind, given) {
    last++;
    try {
      (worker ?? start()).postMessage({ kind, job: last, given });
    } catch (error) {
      on.onError?.(error instanceof Error ? error.message : String(error));
    }
    return last;
  }

  return {
    /** Train; what is under way is given up. @param {State} wanted */
    run(wanted) {
      state = wanted;
      job = send("run", { state, drawn: Boolean(on.onPiece) });
    },

    /** Give up what is under way; what there is of its history stays. */
    stop() {
      job = send("run", null);
    },

    /** Ask for a job of another kind, in place of the one before; given nothing, it only ends that. @param {string} kind @param {any} given @param {(answer: any) => void} [onAnswer] */
    ask(kind, given, onAnswer = () => {}) {
      others.set(kind, { job: send(kind, given), onAnswer });
    },
  };
}
