// @ts-check
// What runs beside the page: it is sent jobs, and sends back what there is, in pieces. The most urgent job goes on;
// the others wait where they are. A new job of a kind ends the one before, and one that is given nothing only ends it.
//
// A job is a generator that is given something, and a way to send an answer. It yields every few milliseconds, and
// where it yields a number, it goes on so many milliseconds later. In the kernel it trains in an instance of its own.
import { sharpnesses } from "./curvature.js";
import { pack } from "./history.js";
import { seeded } from "./many.js";
import { outcomes } from "./outcomes.js";
import { sigmoidTable } from "./sigmoid.js";
import { checksumOf, descend, prepare } from "./training.js";
import { survey } from "./valley.js";

const OFTEN = 30; // milliseconds from one piece to the next
const STEP = 3; // milliseconds after which messages are let in
const DRAWN = 50; // milliseconds after which the page has drawn what it was sent
const REST = 150; // milliseconds without another run, for which less urgent jobs wait
const scope = /** @type {any} */ (globalThis);
const { port1, port2 } = new MessageChannel();

/** @typedef {(message: Record<string, any>, transfer?: Transferable[]) => void} Send */

/** @type {Run} */
let run; // the last that was asked for, as far as it is there

/** The kinds of jobs, the most urgent first. @type {Record<string, (given: any, send: Send) => Generator<number | void, void>>} */
const KINDS = {
  run: trained,
  valley: (given, send) => survey(run, given, send),
  seeds: repeated,
  sharpness: sharpened,
  outcomes: judged,
};
const OF_THE_RUN = ["valley", "sharpness"]; // kinds that end when another run begins
const PATIENT = ["valley", "seeds", "outcomes"]; // those that wait for a rest

/** @param {{state: State, drawn: boolean}} given and whether the page draws each piece @param {Send} send */
function* trained({ state, drawn }, send) {
  run = prepare(state);
  send({ what: "start", train_set: run.train_set });
  let sent = 0, last = performance.now();
  /** Send the epochs that are new. */
  function sendPiece() {
    if (run.count === sent) return;
    const packed = pack(run, sent);
    send({ what: "piece", from: sent, count: run.count, packed }, [packed.buffer]);
    sent = run.count;
    last = performance.now();
  }
  for (const _ of descend(run)) {
    if (performance.now() - last > OFTEN) sendPiece();
    yield;
  }
  sendPiece();
  if (drawn) yield DRAWN; // it may need this processor
  const checksum = yield* quietly(checksumOf(run));
  send({ what: "done", checksum });
  begin("sharpness", {}, send);
}

/** Go through what a generator does, without its steps. @template Result @param {Generator<any, Result>} steps @returns {Generator<void, Result>} */
function* quietly(steps) {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    yield;
  }
}

/** @param {{}} _ @param {Send} send */
function* sharpened(_, send) {
  /** @type {{epoch: number, value: number}[]} */
  let found = [];
  let last = performance.now();
  const steps = sharpnesses(run);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return send({ what: "sharpness", found, crossing: value });
    found.push(value);
    if (performance.now() - last > 3 * OFTEN) {
      send({ what: "sharpness", found });
      found = [];
      last = performance.now();
    }
    yield;
  }
}

/** @param {{state: State, rates: number[]}} given @param {Send} send */
function* judged({ state, rates }, send) {
  const all = yield* outcomes(state, rates, (found) => send({ what: "outcome", ...found }));
  send({ what: "done", all });
}

/** @param {{state: State, over: "weights" | "data"}} given @param {Send} send */
function* repeated({ state, over }, send) {
  const quartiles = yield* seeded(state, over, (run) => send({ what: "run", run }));
  send({ what: "done", quartiles });
}

/** Those that are under way. @type {Map<string, {steps: Generator<number | void, void>, send: Send, ready: number}>} */
const jobs = new Map();

/** @param {string} kind @param {any} given @param {Send} send */
function begin(kind, given, send) {
  jobs.set(kind, { steps: KINDS[kind](given, send), send, ready: 0 });
}

let wake = () => {};
/** Let messages come in, and wait for some time, or for one of them. @param {number} milliseconds @returns {Promise<void>} */
function pause(milliseconds) {
  return new Promise((resolve) => {
    wake = resolve;
    if (milliseconds > 0) return setTimeout(resolve, milliseconds);
    port1.onmessage = () => resolve();
    port2.postMessage(null);
  });
}

/** Go on with a job for a few milliseconds. @param {string} kind */
function advance(kind) {
  const job = /** @type {NonNullable<ReturnType<typeof jobs["get"]>>} */ (jobs.get(kind));
  try {
    for (const end = performance.now() + STEP; performance.now() < end && job.ready < end;) {
      const { done, value } = job.steps.next();
      if (done) return jobs.get(kind) === job && jobs.delete(kind);
      if (value) job.ready = performance.now() + value;
    }
  } catch (error) {
    jobs.delete(kind);
    job.send({ what: "error", message: error instanceof Error ? error.message : String(error) });
  }
}

let asked = 0; // when a run was asked for
let working = false;
async function work() {
  if (working) return wake();
  working = true;
  for (;;) {
    const kind = Object.keys(KINDS).find((kind) => jobs.has(kind));
    if (!kind) break;
    const rest = PATIENT.includes(kind) ? asked + REST : 0;
    const wait = Math.max(rest, jobs.get(kind)?.ready ?? 0) - performance.now();
    if (wait <= 0) advance(kind);
    await pause(wait);
  }
  working = false;
}

sigmoidTable(); // of every run, while the page is still laid out

scope.onmessage = (/** @type {MessageEvent} */ { data: { kind, job, given } }) => {
  if (kind === "run") {
    OF_THE_RUN.forEach((other) => jobs.delete(other));
    asked = performance.now();
  }
  if (given) begin(kind, given, (message, transfer) => scope.postMessage({ job, ...message }, transfer));
  else jobs.delete(kind);
  work();
};
