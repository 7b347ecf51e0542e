// @ts-check
// Twenty seeds at once: the choice below the picture of the error, and in words what became of the runs.
import * as address from "./address.js";
import { make, say, unique } from "./elements.js";
import { fieldOf, FIELDS } from "./fields.js";
import { number } from "./words.js";

const OFTEN = 300; // milliseconds from one picture of what there is to the next

/** @param {number} count @param {number} all */
const share = (count, all) => `${count} of ${all} (${Math.round((100 * count) / all)} %)`;

/** What became of the runs. @param {SeededRun[]} runs @param {State} state @returns {string} */
export function tell(runs, { f, seeds: over }) {
  const all = runs.length, whose = FIELDS.seeds.words?.[over];
  const stuck = runs.filter((run) => run.stuck).length;
  const last = runs.map(({ test_error }) => test_error.at(-1) ?? NaN).map((error) => error >= 0 ? error : Infinity)
    .sort((a, b) => a - b);
  const became = [["oscillation", "oscillate"], ["divergence", "diverge"], ["overflow", "overflow"]]
    .map(([outcome, become]) => [runs.filter((run) => run.outcome === outcome).length, become])
    .filter(([count]) => count).map(([count, become]) => `, ${count} ${become}`).join("");
  const middle = (last[(all - 1) >> 1] + last[all >> 1]) / 2;
  return `Seeds 1 to ${all} ${whose}: ${share(stuck, all)} runs are stuck, with ${
    f === "f2" ? "a wave of f2 missed" : "hardly more learned than a constant"
  }${became}. The last test errors go from ${number(last[0])} to ${number(last[all - 1])}; half are below ${
    number(middle)
  }.`;
}

/**
 * @param {HTMLElement} root
 * @param {{ask: (given: any, onAnswer?: (answer: any) => void) => void, onChoice: (seeds: string) => void,
 *   onRuns: (runs: Seeded | null) => void}} options
 */
export function makeSeeds(root, { ask, onChoice, onRuns }) {
  const { name, words = {} } = FIELDS.seeds;
  const choice = make(
    "select",
    { id: unique("seeds"), onchange: () => onChoice(choice.value) },
    ...Object.entries(words).map(([value, text]) => make("option", { value }, text)),
  );
  const said = make("p", { class: "lab-hint", role: "status" });
  root.append(make("div", { class: "lab-line lab-seeds" }, make("label", { for: choice.id }, name), choice), said);

  let key = "";
  return {
    /** The runs follow all that is chosen. @param {State} state */
    follow(state) {
      const over = choice.value = state.seeds, allowed = fieldOf("seeds", state)?.words ?? {};
      for (const option of choice.options) option.disabled = !Object.hasOwn(allowed, option.value);
      const now = over === "none" ? "" : address.write({ ...state, epoch: state.epochs });
      if (now === key) return;
      key = now;
      onRuns(null);
      if (!now) {
        say(said, "");
        return ask(null);
      }
      /** @type {SeededRun[]} */
      const runs = [];
      let shown = performance.now();
      ask({ state, over }, ({ what, run, quartiles }) => {
        if (run) runs.push(run);
        if (what === "done") say(said, tell(runs, state));
        else if (performance.now() - shown < OFTEN) return;
        else say(said, `Seed ${runs.length} of 20 …`);
        shown = performance.now();
        onRuns({ runs, quartiles });
      });
    },
  };
}
