// @ts-check
// The laboratory: what is chosen is trained, and what was trained is shown.
//
// Everything that is chosen is in the state, and the state is in the address. A change of either, by the
// controls, the tour or a link, comes by `choose`; everything that is computed comes from the trainer.
import * as address from "./address.js";
import { makeCompare } from "./compare.js";
import { makeControls } from "./controls.js";
import { afterNextFrame, button, hide, make, say } from "./elements.js";
import { explain as explanationOf } from "./explanation.js";
import { DEFAULT } from "./fields.js";
import { makeOnward } from "./onward.js";
import { makePanels } from "./panels.js";
import { makePlayer } from "./player.js";
import { makeProgress } from "./progress.js";
import { makeSeeds } from "./seeds.js";
import { makeTakeAway } from "./takeaway.js";
import { makeTour } from "./tour.js";
import { makeTrack } from "./track.js";
import { makeTrainer } from "./trainer.js";
import { summary } from "./words.js";

/** What the page opens with: a run that shakes, at the epoch of the first peak of its error. */
const OPENING = address.read("#f=f1&h=3&rate=1&epochs=1000&epoch=781").state;

const REST = 150; // milliseconds after which there are words about a run that goes on

/** @param {HTMLElement} root */
function begin(root) {
  const trainer = makeTrainer({
    onStart: (/** @type {LabHistory} */ history) => (shown = history), // of which there is nothing to see yet
    onPiece: (/** @type {LabHistory} */ history) => receive(history),
    onDone: (/** @type {LabHistory} */ history) => receive(history, history.overflow_epoch === null ? [] : undefined),
    onSharpness: (/** @type {LabHistory} */ history) => receive(history, ["sharpness"]),
    onError(/** @type {string} */ message) {
      progress.end();
      report("error", message);
    },
  });
  document.documentElement.classList.add("lab-alive", "lab-page");
  // In a page of somebody else there is nothing but the laboratory.
  document.documentElement.classList.toggle("lab-embed", new URLSearchParams(location.search).has("embed"));

  const places = {
    messages: part("messages", { role: "alert" }),
    controls: part("controls"),
    outcome: part("outcome"),
    player: part("player"),
    panels: part("panels"),
    onward: part("onward"),
    compare: part("compare"),
    takeAway: part("take-away"),
    status: part("status", { role: "status", class: "lab-only-heard" }), // for those who cannot see the pictures
  };
  /** @type {Map<Element, HTMLElement>} */
  const headings = new Map([
    [places.controls, heading("Choose", "lab-only-heard")],
    [places.outcome, heading("What became of it", "lab-only-heard")],
    [places.player, heading("Move through the run", "lab-only-heard")],
    [places.panels, heading("Look", "lab-only-heard")],
    [places.compare, heading("Compare", "lab-only-heard")],
    [places.takeAway, heading("Take away")],
  ]);

  const training = part("progress");
  const words = part("words", { tabindex: -1 });
  places.outcome.append(words);

  /** @param {string} name @param {Record<string, any>} [attributes] @returns {HTMLElement} */
  function part(name, attributes = {}) {
    return make("div", { id: `lab-${name}`, ...attributes });
  }

  /** @param {string} text @param {string} [more] */
  function heading(text, more = "") {
    return make("h2", { class: `lab-heading ${more}` }, text);
  }

  // Where there is room, what is chosen stays in sight, beside the pictures; else it stands right above them.
  const wide = matchMedia("(min-width: 72rem)");
  const narrow = matchMedia("(max-width: 40rem)");
  const tour = makeTour();
  function arrange() {
    const { messages, controls, outcome, player, panels, onward, compare, takeAway, status } = places;
    const side = wide.matches ? [controls, outcome] : [];
    const rest = wide.matches
      ? [player, onward, compare, panels]
      : [controls, player, outcome, onward, compare, panels];
    const all = [messages, ...rest, takeAway, status];
    const withHeadings = (/** @type {Element[]} */ some) =>
      some.flatMap((place) => [headings.get(place), place].filter((element) => !!element));
    root.classList.toggle("lab-wide", wide.matches);
    root.replaceChildren(
      ...(tour ? [tour.element] : []),
      ...(side.length ? [make("div", { class: "lab-side" }, ...withHeadings(side))] : []),
      make("div", { class: "lab-rest" }, ...withHeadings(all)),
      training, // at the edge of the window, over all else
    );
  }
  arrange();
  wide.addEventListener("change", arrange);
  /** On a phone the first picture comes right below the slider. */
  function arrangeMore() {
    if (narrow.matches) panels.grid.firstElementChild.after(player.more);
    else places.player.append(player.more);
  }

  let state = DEFAULT;
  /** @type {State | null} */
  let asked = null; // of the run that is trained, or is there
  /** @type {LabHistory | null} */
  let shown = null;

  const controls = makeControls(places.controls, { onChange: choose });
  const progress = makeProgress(training, { onStop: stop });
  const player = makePlayer(places.player, { onEpoch: moveTo, onZoom: zoom });
  const panels = makePanels(places.panels, {
    onEpoch: moveTo,
    onZoom: zoom,
    onPlay: () => player.toggle(),
    own: { target: () => controls.target(), onTarget: (/** @type {Target} */ f) => controls.change({ f }) },
    onSurvey: (given, onAnswer) => trainer.ask("valley", given, onAnswer),
  });
  const compare = makeCompare(places.compare, { onChange: () => draw() });
  const onward = makeOnward(places.onward, { onBranch: goOn, onChange: choose });
  const takeAway = makeTakeAway(places.takeAway, { picture: () => panels.svg() });
  compare.line.prepend(onward.go, onward.said);
  player.deeds.append(compare.line);
  arrangeMore();
  narrow.addEventListener("change", arrangeMore);

  const seeds = makeSeeds(panels.below("error"), {
    ask: (given, onAnswer) => trainer.ask("seeds", given, onAnswer),
    onChoice: (/** @type {string} */ chosen) => choose({ ...state, seeds: chosen }),
    onRuns: panels.showSeeded,
  });
  const track = makeTrack(places.controls, {
    ask: (given, onAnswer) => trainer.ask("outcomes", given, onAnswer),
  });

  /**
   * Take over a state.
   * @param {State} wanted @param {string[]} [messages] what was wrong with it @param {boolean} [linked] whether a link led to it
   */
  function choose(wanted, messages = [], linked = false) {
    const run = (/** @type {State} */ one) => address.write({ ...one, epoch: 0, seeds: DEFAULT.seeds });
    const again = !shown || shown.stopped || run(wanted) !== run(state);
    state = wanted;
    places.messages.replaceChildren(...messages.map(paragraph));
    if (again) {
      asked = state;
      report("training");
      progress.begin();
      trainer.run(state); // beside what follows here
      clearTimeout(late);
      late = 0;
      if (shown) hide(words, !words.contains(document.activeElement)); // they are those of another run
    } else {
      moveTo(state.epoch);
    }
    controls.show(state);
    onward.show(state);
    track.follow(state);
    seeds.follow(state);
    tour?.follow(state, linked);
    remember();
  }

  /** Leave a run at the cursor, and keep it beside the new one. @param {State} wanted */
  function goOn(wanted) {
    if (shown?.checksum) compare.keep(shown);
    choose(wanted);
  }

  /** Show as much of a run as there is. @param {LabHistory} history @param {string[]} [changed] the panels that have more to show */
  function receive(history, changed) {
    shown = history;
    draw(changed);
    if (history.checksum === null) progress.show(history);
    else progress.end();
  }

  /** Give up a run; what there is of it stays, and the same choice begins anew. */
  function stop() {
    trainer.stop();
    progress.end();
    asked = null;
    if (shown) shown.stopped = true;
    report("stopped");
    draw();
    whisper();
  }

  let late = 0;
  /** First the pictures; when they are on the screen, the words, but not while one run follows the other. @param {string[]} [changed] */
  function draw(changed) {
    if (!shown) return;
    moveTo(state.epoch);
    panels.show(shown, compare.kept, changed);
    player.show(shown);
    if (shown.checksum !== null || shown.stopped) write();
    else late ||= setTimeout(() => (late = 0, write()), REST);
  }

  const write = afterNextFrame(() => {
    if (!shown) return;
    compare.show(shown);
    takeAway.show(shown, state);
    explain(shown);
    if (shown.checksum !== null && shown.state === asked) report("done");
  });

  /** Move the one cursor. @param {number} epoch */
  function moveTo(epoch) {
    if (epoch !== state.epoch) {
      state = { ...state, epoch };
      remember();
    }
    for (const place of [controls, panels, player]) place.moveTo(epoch);
    onward.moveTo(epoch, shown);
    takeAway.moveTo(state);
    root.dataset.epoch = String(epoch);
    whisper();
  }

  /** Show a range of epochs. @param {number} from @param {number} to */
  function zoom(from, to) {
    panels.zoom(from, to);
    player.zoom(from, to);
  }

  /** Say how it stands, to people and to tests. @param {"training"|"done"|"stopped"|"error"} what @param {string} [message] */
  function report(what, message) {
    root.dataset.state = what;
    if (what === "done" && shown?.checksum) root.dataset.checksum = shown.checksum;
    else delete root.dataset.checksum;
    if (message) places.messages.replaceChildren(paragraph(message));
    if (what === "done") whisper();
  }

  // Room for the longest words so far, so that nothing below them jumps while a slider is dragged.
  let [room, width] = [0, 0];
  new ResizeObserver(([{ contentRect }]) => {
    if (!contentRect.width) return; // hidden, until the next run has some
    if (contentRect.width !== width) [room, width] = [0, contentRect.width];
    room = Math.max(room, contentRect.height);
    places.outcome.style.minHeight = `${room}px`;
  }).observe(words);

  // A file may be dropped wherever one is.
  for (const kind of ["dragover", "drop"]) {
    root.addEventListener(kind, (/** @type {any} */ event) => {
      const { types, files } = event.dataTransfer;
      if (!types.includes("Files")) return;
      event.preventDefault(); // the browser would open it
      if (kind === "drop") controls.open(files);
    });
  }

  /** @type {State} */
  let better;
  const verdict = make("strong");
  const mend = button("", () => {
    words.focus(); // for the button goes
    choose(better);
  });
  const reasons = make("p");
  const more = make("a");
  /** The reasons are folded where there is little room. */
  function arrangeWords() {
    words.replaceChildren(
      ...(wide.matches
        ? [make("p", {}, verdict), mend, reasons, more]
        : [make("details", {}, make("summary", {}, verdict), reasons), mend, more]),
    );
  }
  arrangeWords();
  wide.addEventListener("change", arrangeWords);

  /** What became of a run: its first sentence, and the others. @param {LabHistory} history @returns {[string, string]} */
  function tell(history) {
    const [first = "", ...others] = (explanationOf(history)?.text ?? "").split(/(?<=[.!?]) /);
    return [first, others.join(" ")];
  }

  /** Explain what became of the run, and offer what would mend it. @param {LabHistory} history */
  function explain(history) {
    const [first, others] = tell(history);
    say(verdict, first);
    say(reasons, others);
    hide(words, !first);
    const { action, link } = explanationOf(history) ?? {};
    hide(more, !link);
    say(more, link?.label ?? "");
    if (link) more.href = link.href;
    hide(mend, !action);
    if (!action) return;
    better = action.state;
    say(mend, action.label);
  }

  /** @param {string} text */
  function paragraph(text) {
    const p = document.createElement("p");
    p.textContent = text;
    return p;
  }

  let quiet = 0;
  let told = "";
  /** Announce where one is, once the hand has come to rest, and what became of a run that is done. */
  function whisper() {
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      if (!shown) return;
      const [first] = shown.checksum === null && !shown.stopped ? [""] : tell(shown);
      const news = first !== told ? first : "";
      told = first;
      places.status.textContent = `${news} ${summary(shown, state.epoch)}`.trim();
    }, 800);
  }

  let writing = 0;
  /** Keep the address up to date; browsers refuse more than some changes in a second. */
  function remember() {
    clearTimeout(writing);
    writing = setTimeout(() => history.replaceState(null, "", address.write(state)), 150);
  }

  /** Play the run that the page opens with, until somebody wants something. */
  function open() {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    choose({ ...OPENING, epoch: calm ? OPENING.epoch : 0 });
    if (calm) return;
    player.play(OPENING.epoch);
    for (const kind of ["pointerdown", "keydown"]) {
      // A press of the button that pauses does so by itself.
      const hand = (/** @type {any} */ { target }) => target.closest?.(".lab-play") || player.pause();
      addEventListener(kind, hand, { once: true, capture: true });
    }
  }

  /** @param {string} hash */
  function readAddress(hash) {
    if (hash.length < 2) return open();
    if (document.getElementById(hash.slice(1))) return shown ? undefined : open(); // a place on the page
    const { state: wanted, messages } = address.read(hash);
    zoom(0, Infinity);
    choose(wanted, messages, true);
  }
  // Not from `location`, which may have been brought up to date in the meantime.
  addEventListener("hashchange", ({ newURL }) => readAddress(new URL(newURL).hash));
  readAddress(location.hash);
}

const place = document.getElementById("lab");
if (place && typeof WebAssembly === "object" && typeof Worker === "function") begin(place); // else the still picture stays
