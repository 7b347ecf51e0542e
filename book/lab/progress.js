// @ts-check
// How far a long run has come, and a way to stop it. Of a short one nothing is seen.
import { button, make, say, unique } from "./elements.js";

const SHORT = 300; // milliseconds

/** @param {HTMLElement} root @param {{onStop: () => void}} options */
export function makeProgress(root, { onStop }) {
  const id = unique("progress");
  const bar = make("progress", { id, max: 1, value: 0 });
  const label = make("label", { for: id }, "Training");
  const line = make("div", { class: "lab-progress" }, label, bar, button("Stop", onStop));
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
      say(label, `Training: epoch ${history.count - 1} of ${history.epochs}`);
    },
    end() {
      clearTimeout(waiting);
      if (line.contains(document.activeElement)) root.focus({ preventScroll: true }); // for the button goes
      line.hidden = true;
    },
  };
}
