// @ts-check
// The tour: the list of its steps, which the chapter has, becomes a card with one step at a time.
"use strict";
(function (lab) {
  const tour = document.querySelector(".lab-tour");
  const steps = [...(tour?.querySelectorAll("ol > li") ?? [])];
  if (!tour || !steps.length || !document.getElementById("lab")) return;

  const bar = document.createElement("div");
  bar.className = "lab-tour-bar";
  const count = document.createElement("span");
  const back = lab.button("Back", () => go(now - 1));
  const next = lab.button("Next", () => go(now + 1));
  bar.append(back, count, next);
  tour.append(bar);
  tour.setAttribute("role", "group");
  tour.setAttribute("aria-label", `A tour in ${steps.length} steps`);

  let now = 0;
  show();

  /** Go to a step, and to the experiment of its first link. @param {number} step */
  function go(step) {
    now = step;
    show();
    const link = steps[now].querySelector("a[href*='#f=']");
    if (link) location.hash = new URL(/** @type {HTMLAnchorElement} */ (link).href).hash;
  }

  function show() {
    steps.forEach((step, n) => step.toggleAttribute("hidden", n !== now));
    count.textContent = `Step ${now + 1} of ${steps.length}`;
    back.disabled = now === 0;
    next.disabled = now === steps.length - 1;
  }
})(globalThis.lab ??= {});
