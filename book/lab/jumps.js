// @ts-check
// Buttons that send the cursor to what is worth a look.
import { make, say } from "./elements.js";
import { limitOf } from "./rates.js";
import { unknown } from "./words.js";

const CROSSING = (/** @type {LabHistory} */ { crossing }) => crossing;

/** @type {{label: string, none: string, find(history: LabHistory): number | null | undefined}[]} */
const PLACES = [
  { label: "best epoch", none: "", find: ({ best_epoch }) => best_epoch },
  { label: "first rise", none: "never", find: ({ first_rise }) => first_rise },
  { label: "steps too long from", none: "not seen", find: CROSSING },
  { label: "overflow", none: "none", find: ({ overflow_epoch }) => overflow_epoch },
];

/** @param {(epoch: number) => void} go */
export function makeJumps(go) {
  const found = PLACES.map(() => /** @type {number | null | undefined} */ (null));
  const places = PLACES.map(() => make("small"));
  const buttons = PLACES.map(({ label }, n) =>
    make(
      "button",
      { type: "button", class: "lab-button", onclick: () => go(Number(found[n])) },
      make("span", {}, label),
      " ",
      places[n],
    )
  );
  return {
    element: make("div", { class: "lab-jumps", role: "group", "aria-label": "Go to an epoch" }, ...buttons),

    /** @param {LabHistory} history */
    show(history) {
      PLACES.forEach(({ none, find }, n) => {
        found[n] = find(history);
        buttons[n].hidden = find === CROSSING && !limitOf(history.state); // with a rate for each weight there is none
        buttons[n].disabled = typeof found[n] !== "number";
        say(places[n], found[n] === undefined ? unknown(history) : found[n] === null ? none : String(found[n]));
      });
    },
  };
}
