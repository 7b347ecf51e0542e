// @ts-check
// Go on from here: at the cursor, with another rate, or with something else that is new from there on.
import { branch, canBranch, CHANGING, partAt, split, unbranch } from "./branches.js";
import { atOnce, button, make, say, unique } from "./elements.js";
import { DEFAULT, fieldOf, FIELDS } from "./fields.js";
import { makeInput } from "./inputs.js";
import { tellChanges } from "./words.js";

/**
 * @param {HTMLElement} root where the changes are @param {{onBranch: (state: State) => void, onChange: (state: State) => void}} on
 * a new branch, and whatever else
 */
export function makeOnward(root, { onBranch, onChange }) {
  /** @type {State} */
  let state = DEFAULT;
  const send = atOnce(() => onChange(state));
  const go = button("Go on from here", () => {
    const { rate } = partAt(state, state.epoch);
    onBranch(branch(state, state.epoch, { rate: Math.max(rate / 2, FIELDS.rate.least) }));
    inputs.rate?.element.querySelector("[type=range]").focus();
  });
  go.title = "Up to the cursor the same run, and from there on with another rate";
  const back = button("Take it back", () => {
    go.focus(); // for the button may go
    onChange(unbranch(state));
  });
  const before = make("ol", { class: "lab-earlier lab-hint" });
  const legend = make("strong", { id: unique("onward") });
  /** @type {Record<string, ReturnType<typeof makeInput>>} */
  let inputs = {};

  /** @param {string} key @param {any} value */
  function change(key, value) {
    const epoch = split(state.at).at(-1)?.epoch ?? 0;
    show(branch(state, epoch, { [key]: value }));
    send();
  }

  /** The form is made when it is needed first, and goes with the last change. */
  function build() {
    inputs = Object.fromEntries(
      CHANGING.map((key) => [key, makeInput(key, (/** @type {any} */ value) => change(key, value))]),
    );
    const { rate, ...others } = inputs;
    const more = make("div", { class: "lab-fields" }, ...Object.values(others).map(({ element }) => element));
    root.replaceChildren(
      before,
      make(
        "form",
        { class: "lab-form lab-all", onsubmit: (/** @type {Event} */ event) => event.preventDefault() },
        make(
          "div",
          { class: "lab-onward", role: "group", "aria-labelledby": legend.id },
          legend,
          rate.element,
          back,
          make("details", {}, make("summary", {}, "more to change"), more),
        ),
      ),
    );
  }

  /** @param {State} next */
  function show(next) {
    state = next;
    const changes = split(next.at), last = changes.pop();
    root.hidden = !last;
    if (!last) {
      root.replaceChildren();
      inputs = {};
      return;
    }
    if (!inputs.rate) build();
    say(legend, `From epoch ${last.epoch} on`);
    const part = partAt(next, next.epochs);
    const values = /** @type {Record<string, any>} */ (part);
    for (const [key, input] of Object.entries(inputs)) {
      input.element.hidden = !fieldOf(key, part);
      input.show(values[key], part);
    }
    const told = next.at.split(" ").slice(0, -1).map(tellChanges);
    before.hidden = !told.length;
    before.replaceChildren(...told.map((text) => make("li", {}, text)));
  }

  return {
    go,
    show,
    /** @param {number} epoch where the cursor is @param {LabHistory | null} history */
    moveTo(epoch, history) {
      state = { ...state, epoch };
      go.disabled = !canBranch(state, epoch) || (history?.overflow_epoch ?? Infinity) <= epoch;
    },
  };
}
