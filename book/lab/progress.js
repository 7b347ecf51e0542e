// @ts-check
// How far a long run has come, and a way to stop it. Of a short one nothing is seen.
"use strict";
(function (lab) {
  const SHORT = 300; // milliseconds

  /** @param {HTMLElement} root @param {{onStop: () => void}} options */
  lab.progress = function (root, { onStop }) {
    const { make, unique } = lab;
    const id = unique("progress");
    const bar = make("progress", { id, max: 1, value: 0 });
    const label = make("label", { for: id }, "Training");
    const line = make("div", { class: "lab-progress" }, label, bar, lab.button("Stop", onStop));
    line.hidden = true;
    root.append(line);
    root.tabIndex = -1;
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", "Training");
    let waiting = 0;
    return {
      begin() {
        clearTimeout(waiting);
        bar.value = 0;
        waiting = setTimeout(() => {
          line.hidden = false;
        }, SHORT);
      },
      /** @param {LabHistory} history */
      show(history) {
        bar.value = history.count / (history.epochs + 1);
        lab.say(label, `Training: epoch ${history.count - 1} of ${history.epochs}`);
      },
      end() {
        clearTimeout(waiting);
        if (line.contains(document.activeElement)) root.focus({ preventScroll: true }); // for the button goes
        line.hidden = true;
      },
    };
  };
})(globalThis.lab ??= /** @type {Lab} */ ({}));
