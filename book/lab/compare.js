// @ts-check
// A run that is kept, to lay the next ones over it, and what differs between the two, in words.
import * as address from "./address.js";
import { button, hide, make, say } from "./elements.js";
import { differences, number } from "./words.js";

const APART = 0.01; // of the error: from here on two runs are said to differ

/** The first epoch at which the errors of two runs are apart; null if there is none. @param {LabHistory} a @param {LabHistory} b */
function partingEpoch(a, b) {
  const count = Math.min(a.count, b.count);
  for (let epoch = 0; epoch < count; epoch++) {
    if (!(Math.abs(a.test_error[epoch] / b.test_error[epoch] - 1) <= APART)) return epoch;
  }
  return null;
}

/** @param {LabHistory} history @returns {string} */
function tuple({ state: { f, h, rate, epochs, at } }) {
  const changes = at.split(" ").map((one) => one && `, at=${one}`).join("");
  return `(${address.nameOf(f)}, ${h}, ${rate}, ${epochs}${changes})`;
}

/** @param {LabHistory} history @returns {string[]} */
function errors({ test_error, best_epoch, count, epochs, overflow_epoch, stopped }) {
  const last = stopped
    ? `stopped at epoch ${count - 1}`
    : count <= epochs
    ? "still training"
    : overflow_epoch === null
    ? number(test_error[epochs])
    : `overflow at epoch ${overflow_epoch}`;
  return [number(test_error[best_epoch]), String(best_epoch), last];
}

/**
 * @param {HTMLElement} root @param {{onChange: () => void}} options
 */
export function makeCompare(root, { onChange }) {
  /** @type {LabHistory | null} */
  let kept = null;
  /** @type {LabHistory | null} */
  let now = null;
  const keep = button("Keep this run", () => put(now));
  const forget = button("Forget the kept run", () => (put(null), keep.focus()));
  const said = make("p", { role: "status" });
  const body = make("tbody");
  const head = ["run", "lowest test error", "at epoch", "last test error"].map((text) =>
    make("th", { scope: "col" }, text)
  );
  const table = make(
    "div",
    { class: "lab-table", tabindex: 0, role: "group", "aria-label": "The two runs" },
    make("table", {}, make("thead", {}, make("tr", {}, ...head)), body),
  );
  const line = make("div", { class: "lab-line" }, keep, forget);
  root.append(line, said, table);

  /** Keep a run, or none. @param {LabHistory | null} history */
  function put(history) {
    kept = history;
    show();
    onChange();
  }

  /** @param {string} name @param {LabHistory} history */
  function row(name, history) {
    const label = make("a", { href: address.write(history.state) }, tuple(history));
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, `${name}: `, label),
      ...errors(history).map((text) => make("td", {}, text)),
    );
  }

  /** @param {LabHistory} a the run that is there now @param {LabHistory} b the kept one */
  function tell(a, b) {
    const different = differences(a.state, b.state);
    if (!different) return "This run is kept. Choose another one, and it is laid over this one.";
    const said = `Different from the kept run: ${different}.`;
    if (address.writeTarget(a.state.f) !== address.writeTarget(b.state.f) || a.count <= a.epochs) return said;
    const parting = partingEpoch(a, b);
    if (parting === null) return `${said} Their test errors agree to 1 % at every epoch that both have.`;
    return parting < 2 ? said : `${said} Up to epoch ${parting - 1} their test errors agree to 1 %.`;
  }

  /** Whether the two runs are the same but for what changes on the way: then pictures say enough. */
  function isBranch() {
    const [one, other] = [now, kept].map((history) => history && address.write({ ...history.state, at: "", epoch: 0 }));
    return one === other && now?.state.at !== kept?.state.at;
  }

  function show() {
    hide(forget, kept === null);
    hide(table, kept === null || isBranch());
    say(said, kept && now ? tell(now, kept) : "");
    body.replaceChildren(...(kept && now ? [row("kept", kept), row("now", now)] : []));
  }

  show();
  return {
    line, // of buttons, which may stand elsewhere
    keep: put,

    /** @param {LabHistory} history */
    show(history) {
      now = history;
      show();
    },
    get kept() {
      return kept;
    },
  };
}
