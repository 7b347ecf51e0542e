// @ts-check
// What runs beside the page: it is sent a job, trains, and sends back what there is, in pieces. A new job, or
// one without a state, ends the one that is under way.
import { sharpnesses } from "./curvature.js";
import { pack } from "./history.js";
import { checksumOf, descend, prepare } from "./training.js";

const OFTEN = 30; // milliseconds from one piece to the next
const STEP = 3; // milliseconds after which messages are let in
const DRAWN = 50; // milliseconds after which the page has drawn what it was sent
const GONE = Symbol("another job has come");
const scope = /** @type {any} */ (globalThis);
const { port1, port2 } = new MessageChannel();
let current = 0; // the job

/** Let messages come in. @returns {Promise<void>} */
function pause() {
  return new Promise((resolve) => {
    port1.onmessage = () => resolve();
    port2.postMessage(null);
  });
}

/**
 * Go through what a generator does in small steps, as long as its job is the current one.
 * @template Step, Result
 * @param {number} job
 * @param {Generator<Step, Result>} steps
 * @param {(step: Step) => void} [onStep]
 * @returns {Promise<Result>}
 */
async function through(job, steps, onStep) {
  for (let last = performance.now();;) {
    const { done, value } = steps.next();
    if (done) return value;
    onStep?.(value);
    if (performance.now() - last < STEP) continue;
    await pause();
    if (job !== current) throw GONE;
    last = performance.now();
  }
}

/** @param {number} job @param {State} state @param {boolean} drawn whether the page draws each piece */
async function work(job, state, drawn) {
  const run = prepare(state);
  scope.postMessage({ job, what: "start", train_set: run.train_set });
  let sent = 0, last = performance.now();
  /** Send the epochs that are new. */
  function send() {
    if (run.count === sent) return;
    const packed = pack(run, sent);
    scope.postMessage({ job, what: "piece", from: sent, count: run.count, packed }, [packed.buffer]);
    sent = run.count;
    last = performance.now();
  }
  await through(job, descend(run), () => performance.now() - last > OFTEN && send());
  send();
  if (drawn) await new Promise((resolve) => setTimeout(resolve, DRAWN)); // it may need this processor
  if (job !== current) throw GONE;
  const checksum = await through(job, checksumOf(run));
  scope.postMessage({ job, what: "done", checksum });

  /** @type {{epoch: number, value: number}[]} */
  let found = [];
  function sendFound(/** @type {number | null | undefined} */ crossing) {
    scope.postMessage({ job, what: "sharpness", found, crossing });
    found = [];
    last = performance.now();
  }
  const crossing = await through(job, sharpnesses(run), (/** @type {any} */ one) => {
    found.push(one);
    if (performance.now() - last > 3 * OFTEN) sendFound(undefined);
  });
  sendFound(crossing);
}

scope.onmessage = async (/** @type {MessageEvent} */ { data: { job, state, drawn } }) => {
  current = job;
  if (!state) return;
  try {
    await work(job, state, drawn);
  } catch (error) {
    if (error === GONE) return;
    scope.postMessage({ job, what: "error", message: error instanceof Error ? error.message : String(error) });
  }
};
