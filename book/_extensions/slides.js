// The arrow keys to the left and right, too, lead from slide to slide.
"use strict";

addEventListener("keydown", (event) => {
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!way || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const tops = [...document.querySelectorAll("section")].map((slide) => slide.getBoundingClientRect().top);
  const next = way > 0 ? tops.find((top) => top > 1) : tops.findLast((top) => top < -1);
  if (next === undefined) return;
  event.preventDefault();
  scrollBy({ top: next, behavior: "instant" });
});
