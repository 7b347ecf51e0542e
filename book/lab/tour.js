// @ts-check
// The tour: the list of its steps, which the chapter has, becomes a card with one step at a time.
import * as address from "./address.js";
import { button, make, say } from "./elements.js";

/** The card, if the page has a tour. */
export function makeTour() {
  const tour = document.querySelector(".lab-tour");
  const list = tour?.querySelector("ol");
  const steps = [...(list?.children ?? [])];
  if (!tour || !list || !steps.length) return null;

  const count = make("span");
  const back = button("Back", () => go(now - 1));
  const next = button("Next", () => go(now + 1));
  // Folded, for the pictures come first; opened before anything was chosen, it begins.
  const card = make(
    "details",
    { ontoggle: () => card.open && away && chosen === 1 && go(now) },
    make("summary", {}, `A tour in ${steps.length} steps`),
    make("div", { class: "lab-tour-bar" }, back, next, count), // above the steps, which are of unequal length
    list,
  );
  tour.append(card);
  tour.setAttribute("role", "group");
  tour.setAttribute("aria-label", `A tour in ${steps.length} steps`);
  list.setAttribute("aria-live", "polite");

  /** The runs that each step has links to. */
  const runs = steps.map((step) =>
    [.../** @type {NodeListOf<HTMLAnchorElement>} */ (step.querySelectorAll("a[href*='#f=']"))].map(({ href }) => {
      const { hash } = new URL(href);
      return { hash, state: address.read(hash).state };
    })
  );
  let now = 0;
  let chosen = 0; // runs, the one that the page opens with counted; a link to one counts for more
  let away = false; // the run is one of the reader's own

  /** Go to a step, and to the experiment of its first link. @param {number} step */
  function go(step) {
    if (step < 0 || step >= steps.length) return;
    now = step;
    show();
    if (runs[now].length) location.hash = runs[now][0].hash;
  }

  function show() {
    steps.forEach((step, n) => step.toggleAttribute("hidden", n !== now));
    say(count, `Step ${now + 1} of ${steps.length}${away ? "; another run is shown" : ""}`);
    // Not disabled, so that the focus stays.
    back.setAttribute("aria-disabled", String(now === 0));
    next.setAttribute("aria-disabled", String(now === steps.length - 1));
  }

  /**
   * The step that tells of a run, if any: the present one rather than another. Who only drags a slider past the
   * run of another step stays where they are.
   * @param {State} state @param {boolean} turn whether another step may come
   */
  function follow(state, turn) {
    const same = (/** @type {number} */ n, /** @type {boolean} */ exactly) =>
      runs[n].some((run) => {
        const epoch = exactly ? run.state.epoch : state.epoch;
        return address.write({ ...run.state, epoch, seeds: state.seeds }) === address.write(state);
      });
    chosen += turn ? 2 : 1;
    const all = turn ? steps.map((_, n) => n) : [];
    const step = [now, ...all].find((n) => same(n, true)) ?? [now, ...all].find((n) => same(n, false));
    away = step === undefined;
    now = step ?? now;
    show();
  }

  return { element: tour, follow };
}
