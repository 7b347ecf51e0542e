// @ts-check
// The laboratory: what is chosen is trained, and what was trained is shown.
//
// Everything that is chosen is in the state, and the state is in the address. A change of either, by the
// controls, the tour or a link, comes by `choose`; everything that is computed comes from the trainer.
"use strict";
(function (lab) {
  const found = document.getElementById("lab");
  if (!found || typeof WebAssembly !== "object" || typeof Worker !== "function") return; // the still picture stays
  const root = found;
  document.documentElement.classList.add("lab-alive", "lab-page");
  // In a page of somebody else there is nothing but the laboratory.
  document.documentElement.classList.toggle("lab-embed", new URLSearchParams(location.search).has("embed"));
  root.replaceChildren();

  /** Add a part of the page. @param {string} name @param {{tag?: string, heading?: string}} [options] */
  function part(name, { tag = "div", heading } = {}) {
    if (heading) root.append(lab.make("h2", { class: "lab-heading" }, heading));
    const element = document.createElement(tag);
    element.id = `lab-${name}`;
    root.append(element);
    return element;
  }
  const places = {
    controls: part("controls", { heading: "Choose" }),
    progress: part("progress"),
    messages: part("messages"),
    words: part("words", { heading: "What became of it" }),
    compare: part("compare", { heading: "Compare" }),
    player: part("player", { heading: "Move through the run" }),
    panels: part("panels", { heading: "Look" }),
    takeAway: part("take-away", { heading: "Take away" }),
  };
  const announcer = part("status", { tag: "p" }); // for those who cannot see the pictures
  announcer.setAttribute("role", "status");
  announcer.className = "lab-only-heard";
  places.messages.setAttribute("role", "alert");
  places.words.tabIndex = -1;

  // On a phone the player comes first, so that the error stays in sight while one chooses.
  const narrow = matchMedia("(max-width: 48rem)");
  const [form, run] = [places.controls, places.player].map((place) => [place.previousElementSibling ?? place, place]);
  function arrange() {
    const before = narrow.matches ? form[0] : places.panels.previousElementSibling;
    for (const element of run) root.insertBefore(element, before);
  }
  arrange();
  narrow.addEventListener("change", arrange);

  let state = lab.address.DEFAULT;
  /** @type {State | null} */
  let asked = null; // of the run that is trained, or is there
  /** @type {LabHistory | null} */
  let shown = null;

  const controls = lab.controls(places.controls, { onChange: choose });
  const progress = lab.progress(places.progress, { onStop: stop });
  const player = lab.player(places.player, { onEpoch: moveTo, onZoom: zoom });
  const panels = lab.panels(places.panels, { onEpoch: moveTo, onZoom: zoom });
  const compare = lab.compare(places.compare, { onChange: draw });
  const takeAway = lab.takeAway(places.takeAway, { picture: () => panels.svg() });
  const trainer = lab.trainer({
    onStart: (/** @type {LabHistory} */ history) => (shown = history), // of which there is nothing to see yet
    onPiece: receive,
    onDone: receive,
    onSharpness: receive,
    onError(/** @type {string} */ message) {
      progress.end();
      report("error", message);
    },
  });

  /** Take over a state. @param {State} wanted @param {string[]} [messages] what was wrong with it */
  function choose(wanted, messages = []) {
    const again = !shown || shown.stopped ||
      lab.address.write({ ...wanted, epoch: 0 }) !== lab.address.write({ ...state, epoch: 0 });
    state = wanted;
    controls.show(state);
    lab.tour?.follow(state);
    places.messages.replaceChildren(...messages.map(paragraph));
    if (again) {
      asked = state;
      report("training");
      progress.begin();
      trainer.run(state);
    } else {
      moveTo(state.epoch);
    }
    remember();
  }

  /** Show as much of a run as there is. @param {LabHistory} history */
  function receive(history) {
    shown = history;
    draw();
    if (history.checksum === null) progress.show(history);
    else progress.end();
  }

  /** Give up a run; what there is of it stays, and the same choice begins anew. */
  function stop() {
    trainer.stop();
    progress.end();
    asked = null;
    if (shown) shown.stopped = true;
    report("stopped", shown ? `Stopped after epoch ${shown.count - 1} of ${shown.epochs}.` : "Stopped.");
    draw();
  }

  /** First the pictures, with the next frame; when that is on the screen, the words. */
  function draw() {
    if (!shown) return;
    panels.show(shown, compare.kept);
    player.show(shown);
    moveTo(state.epoch);
    write();
  }

  const write = lab.afterNextFrame(() => {
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

  let explained = "";
  let [room, width] = [0, 0];
  // Room for the longest so far, so that nothing below it jumps while a slider is dragged.
  new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width !== width) [room, width] = [0, contentRect.width];
    room = Math.max(room, contentRect.height);
    places.words.style.minHeight = `${room}px`;
  }).observe(places.words);
  /** Explain what became of the run, and offer what would mend it. @param {LabHistory} history */
  function explain(history) {
    const words = lab.words.explain(history);
    const said = JSON.stringify(words);
    if (said === explained) return; // so that a button that has the focus keeps it
    explained = said;
    /** @type {HTMLElement[]} */
    const nodes = words ? [paragraph(words.text)] : [];
    if (words?.action) {
      const { label, state: better } = words.action;
      const mend = () => {
        places.words.focus(); // for the button goes
        choose(better);
      };
      nodes.push(lab.button(label, mend));
    }
    places.words.replaceChildren(...nodes);
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
      const [first = ""] = shown.checksum === null ? [] : (lab.words.explain(shown)?.text ?? "").split(/(?<=[.!?]) /);
      const news = first !== told ? first : "";
      told = first;
      announcer.textContent = `${news} ${lab.words.summary(shown, state.epoch)}`.trim();
    }, 800);
  }

  let writing = 0;
  /** Keep the address up to date; browsers refuse more than some changes in a second. */
  function remember() {
    clearTimeout(writing);
    writing = setTimeout(() => history.replaceState(null, "", lab.address.write(state)), 150);
  }

  /** @param {string} hash */
  function readAddress(hash) {
    if (document.getElementById(hash.slice(1))) {
      if (!shown) choose(state); // the address is that of a place on the page
      return;
    }
    const { state: wanted, messages } = lab.address.read(hash);
    zoom(0, Infinity);
    choose(wanted, messages);
  }
  // Not from `location`, which may have been brought up to date in the meantime.
  addEventListener("hashchange", ({ newURL }) => readAddress(new URL(newURL).hash));
  readAddress(location.hash);
})(globalThis.lab ??= {});
