// @ts-check
// Go on from here: at the cursor, with another rate, or with something else that is new from there on.
import { branch, CHANGING, hindrance, partAt, split, unbranch } from "./branches.js";
import { atOnce, button, hide, make, say, unique } from "./elements.js";
import { DEFAULT, fieldOf, FIELDS } from "./fields.js";
import { makeInput } from "./inputs.js";
import { tellChanges } from "./words.js";

const ONWARD = "Up to the cursor the same run, and from there on with another rate";
const LONGER = "The same run, and as many epochs again with another rate";

/**
 * @param {HTMLElement} root where the changes are @param {{onBranch: (state: State) => void, onChange: (state: State) => void}} on
 * a new branch, and whatever else
 */
export function makeOnward(root, { onBranch, onChange }) {
  /** @type {State} */
  let state = DEFAULT;
  const send = atOnce(() => onChange(state));
  let why = ""; // it cannot go on
  const said = make("span", { class: "lab-hint", role: "status" });
  const go = button("Go on from here", () => {
    say(said, why);
    if (why) return;
    const { rate } = partAt(state, state.epoch);
    onBranch(branch(state, state.epoch, { rate: Math.max(rate / 2, FIELDS.rate.least) }));
    inputs.rate?.element.querySelector("[type=range]").focus();
  });
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
    state = branch(state, epoch, { [key]: value });
    send(); // and it is shown, once it is trained
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
    hide(root, !last);
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
      hide(input.element, !fieldOf(key, part));
      input.show(values[key], part);
    }
    const told = next.at.split(" ").slice(0, -1).map(tellChanges);
    hide(before, !told.length);
    before.replaceChildren(...told.map((text) => make("li", {}, text)));
  }

  return {
    go,
    said, // why it does not, for beside it
    show,
    /** @param {number} epoch where the cursor is @param {LabHistory | null} history */
    moveTo(epoch, history) {
      state = { ...state, epoch };
      why = (history?.overflow_epoch ?? Infinity) <= epoch
        ? "After an overflow no epoch follows."
        : hindrance(state, epoch);
      if (!why) say(said, "");
      go.setAttribute("aria-disabled", String(why !== "")); // so that it can say why
      go.title = why || (epoch < state.epochs ? ONWARD : LONGER);
    },
  };
}
