// @ts-check
// What can be taken away: the link, the checksum, the lines of Python, the numbers, the picture, a snippet.
import * as address from "./address.js";
import { button, make, say } from "./elements.js";
import { LIBRARIES, program } from "./elsewhere.js";
import { DEFAULT } from "./fields.js";
import { card, film } from "./film.js";
import { formula } from "./formula.js";
import { extent } from "./history.js";
import { csv, file, json } from "./table.js";

const REST = 300; // milliseconds without a movement
const LONG = 160; // characters of a link that have a place on a card

/** Text between quotation marks of an attribute. @param {string} text */
function escape(text) {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** @param {string} address */
function snippet(address) {
  return `<iframe src="${
    escape(address)
  }" title="A neural network that learns" width="100%" height="900" loading="lazy"></iframe>`;
}

/** Where this page lies, with other choices. @param {State} state @param {string} [query] */
function link(state, query = "") {
  return location.href.replace(/[?#].*$/s, "") + query + address.write(state);
}

/** A run that was stopped is one of fewer epochs. @param {LabHistory} history @returns {LabHistory} */
function part(history) {
  const epochs = history.count - 1;
  return history.stopped ? { ...history, state: { ...history.state, epochs, epoch: epochs } } : history;
}

/**
 * Put text on the clipboard. Where the browser refuses, select it, so that one key does it.
 * @param {string} text @param {HTMLElement} shown where it stands @returns {Promise<boolean>}
 */
async function copy(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const range = document.createRange();
    range.selectNodeContents(shown);
    getSelection()?.removeAllRanges();
    getSelection()?.addRange(range);
    return document.execCommand("copy");
  }
}

/**
 * @param {HTMLElement} root @param {{picture(): string}} options
 */
export function makeTakeAway(root, { picture }) {
  /** @type {LabHistory | null} */
  let history = null;
  /** @type {State} */
  let state = DEFAULT; // with the place of the cursor
  let resting = 0;
  const status = make("p", { role: "status", class: "lab-hint" });
  /** @type {HTMLElement | undefined} */
  let answer; // to the last press of a Copy

  /** Something to copy, and the button that does. @param {string} name @param {string} [id] */
  function piece(name, id) {
    const text = make("code");
    const box = make(
      "pre",
      { class: "lab-text", tabindex: 0, role: "group", "aria-label": name, ...(id && { id }) },
      text,
    );
    const said = make("span", { role: "status", class: "lab-hint" });
    const copyButton = button("Copy", async () => {
      writeLinks();
      const copied = await copy(text.textContent, text);
      if (answer) say(answer, "");
      answer = said;
      say(said, copied ? "copied" : "the browser does not let the page copy; it is selected, copy it with the keys");
    });
    copyButton.setAttribute("aria-label", `Copy: ${name}`);
    root.append(make("div", { class: "lab-take" }, make("span", {}, name), said, copyButton, box));
    return text;
  }

  /** @param {string} name @param {string} ending @param {(history: LabHistory) => Blob | Promise<Blob>} content */
  function download(name, ending, content) {
    const element = button(name, async () => {
      if (!history) return;
      const run = part(history);
      const epoch = ["svg", "png"].includes(ending) ? state.epoch : run.state.epochs;
      const file = `${address.named({ ...run.state, epoch }).replace(/[ =:]/g, "-")}.${ending}`;
      say(status, `${file} is being made.`);
      try {
        const made = URL.createObjectURL(await content(run));
        make("a", { href: made, download: file }).click();
        setTimeout(() => URL.revokeObjectURL(made), 60000);
        say(status, `${file} is handed to the browser.`); // which may refuse it without a word
      } catch (error) {
        say(status, `${file} could not be made: ${error instanceof Error ? error.message : error}`);
      }
    });
    return element;
  }

  /** What stands below the pictures of a card; the folders of a machine are nobody's business. @param {LabHistory} run */
  function below({ checksum }) {
    const place = location.protocol === "file:" ? `laboratory.html${address.write(state)}` : link(state);
    const shown = place.length > LONG ? `${place.slice(0, LONG)}…` : place;
    return [`checksum ${checksum ?? "none: the run was not trained to its end"}`, shown];
  }

  const pieces = {
    link: piece("Link to this run and epoch"),
    checksum: piece("Checksum of the history"),
    python: piece("The same run in Python", "lab-python"),
    formula: piece("What it has learned at this epoch, as a formula", "lab-formula"),
    elsewhere: piece("Its program for another library", "lab-elsewhere"),
    embed: piece("To put it into a page of your own"),
  };
  const library = /** @type {HTMLSelectElement} */ (make(
    "select",
    { "aria-label": "Library" },
    ...LIBRARIES.map(([value, name]) => make("option", { value }, name)),
  ));
  /** A box that may scroll takes the focus; the theme has seen it empty. @param {HTMLElement} text */
  function reach({ parentElement }) {
    if (parentElement) parentElement.tabIndex = 0;
  }
  const writeProgram = () => {
    if (!history) return;
    say(pieces.elsewhere, program(part(history).state, library.value));
    reach(pieces.elsewhere);
  };
  library.addEventListener("change", writeProgram);
  pieces.elsewhere.closest(".lab-take")?.firstElementChild?.append(" ", library);
  root.append(
    make(
      "div",
      { class: "lab-line", role: "group", "aria-label": "Files" },
      download("Weights as CSV", "csv", (history) => file(csv(history), "text/csv")),
      download(
        "Weights as JSON",
        "json",
        (history) => file(json(history, address.python(history.state)), "application/json"),
      ),
      download("Picture as SVG", "svg", () => new Blob([picture()], { type: "image/svg+xml" })),
      download("Card as PNG", "png", (run) => card(run, Math.min(state.epoch, extent(run), run.count - 1), below(run))),
      download("Film as GIF", "gif", (run) => film(run, (part) => say(status, `${part} are made.`))),
    ),
    make(
      "p",
      { class: "lab-hint" },
      'CSV and JSON have the errors and weights, named as in History.to_dict, with all digits. In JSON, what is not finite is a string: "NaN", "Infinity" or "-Infinity".',
    ),
    status,
  );
  if (location.protocol === "file:") {
    const hint = "This page is opened from a file: the link and the snippet lead nowhere on other machines.";
    root.append(make("p", { class: "lab-hint" }, hint));
  }

  function writeLinks() {
    clearTimeout(resting);
    say(pieces.link, link(state));
    if (history) say(pieces.python, address.python({ ...history.state, seeds: state.seeds }));
    say(pieces.embed, snippet(link(state, "?embed")));
    if (!history) return;
    say(pieces.formula, formula(history, state.epoch));
    reach(pieces.formula);
  }

  return {
    /** The cursor has moved: the links follow when it rests. @param {State} next */
    moveTo(next) {
      state = next;
      clearTimeout(resting);
      resting = setTimeout(writeLinks, REST);
    },

    /** @param {LabHistory} next @param {State} wanted which knows where the cursor is */
    show(next, wanted) {
      const other = next.state !== history?.state;
      history = next;
      if (other) writeProgram();
      say(
        pieces.checksum,
        next.checksum ?? (next.stopped ? "none, as the run was stopped" : "not known before the end of the run"),
      );
      state = wanted;
      writeLinks();
    },
  };
}
