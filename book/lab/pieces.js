// @ts-check
// Small pieces of the laboratory in the chapters: a cursor over some panels of one run, the story on the first
// page, and the toys. What each is made of stands in the page, beside it.
import * as address from "./address.js";
import { make } from "./elements.js";
import { makePanels } from "./panels.js";
import { makePlayer } from "./player.js";
import * as toys from "./toys.js";
import { makeTrainer } from "./trainer.js";

const page = new URL("../../book/laboratory.html", /** @type {any} */ (document.currentScript).src).href;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * Train a run, and show it in some panels with one cursor; with rates, as buttons to choose one from.
 * @param {HTMLElement} root @param {{address: string, panels: string[], rates?: number[]}} data
 */
function run(root, data) {
  let { state } = address.read(data.address);
  const [panelRoot, playerRoot] = [make("div"), make("div")];
  const link = make("a", { href: `${page}${data.address}` }, "Open it in the laboratory");
  const buttons = (data.rates ?? []).map((rate) => {
    const button = make("button", { type: "button", class: "lab-button", onclick: () => choose(rate) }, String(rate));
    button.setAttribute("aria-pressed", String(rate === state.rate));
    return button;
  });
  const label = { class: "lab-rates", role: "group", "aria-label": "Learning rate" };
  if (buttons.length) root.append(make("div", label, make("span", {}, "learning rate"), ...buttons));
  root.append(panelRoot, playerRoot, make("p", { class: "lab-open" }, link));
  const panels = makePanels(panelRoot, { onEpoch: moveTo, onPlay: () => player.toggle(), only: data.panels });
  const player = makePlayer(playerRoot, { onEpoch: moveTo, compact: true });
  let epoch = buttons.length && calm.matches ? state.epochs : state.epoch;
  let wished = false; // to be played, once it is trained

  /** @param {number} wanted */
  function moveTo(wanted) {
    epoch = wanted;
    panels.moveTo(epoch);
    player.moveTo(epoch);
  }
  /** @param {LabHistory} history */
  function show(history) {
    panels.show(history, null);
    player.show(history);
    moveTo(epoch);
    root.dataset.state = "done";
  }
  /** The same run with another rate, from its beginning. @param {number} rate */
  function choose(rate) {
    state = { ...state, rate, epoch: 0 };
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.textContent === String(rate)));
    link.href = `${page}${address.write(state)}`;
    player.pause();
    wished = !calm.matches;
    epoch = wished ? 0 : state.epochs;
    trainer.run(state);
  }
  /** @param {LabHistory} history */
  function done(history) {
    show(history);
    if (wished) player.play();
    wished = false;
  }
  const onError = (/** @type {string} */ message) => root.append(make("p", {}, message));
  const trainer = makeTrainer({ onDone: done, onSharpness: show, onError });
  trainer.run(state);
  return player;
}

/** The first page: the story, once; it stands at its end for those who prefer no motion. @param {HTMLElement} root @param {any} data */
function story(root, data) {
  document.documentElement.classList.add("lab-alive"); // which puts the still picture away, except in print
  const player = run(root, data);
  // As if the reader had decided: what each neuron adds is for the laboratory.
  root.querySelector(".lab-choices [type=checkbox]")?.dispatchEvent(new Event("change"));
  if (calm.matches) return;
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    player.play();
  });
  seen.observe(root);
}

/** @type {Record<string, (root: HTMLElement, data: any) => void>} */
const kinds = { run, story, ...toys };
/** What is far down the page is made when one comes near. */
const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      const root = /** @type {HTMLElement} */ (target);
      kinds[root.dataset.piece ?? ""](root, JSON.parse(root.querySelector("script")?.textContent ?? "{}"));
    }
  },
  { rootMargin: "600px" },
);
for (const root of document.querySelectorAll(".lab-piece")) near.observe(root);
