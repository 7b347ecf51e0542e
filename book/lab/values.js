// @ts-check
// The values at the cursor as a table, for those who cannot see the curves, and for those who want the digits.
import { make, say } from "./elements.js";
import { named } from "./legend.js";

/** @param {Panel[]} panels */
export function makeValuesTable(panels) {
  const caption = make("caption");
  const body = make("tbody");
  const head = make(
    "thead",
    {},
    make("tr", {}, ...["Panel", "Curve", "Value"].map((name) => make("th", { scope: "col" }, name))),
  );
  const table = make("table", { class: "lab-values" }, caption, head, body);
  const element = make(
    "details",
    { class: "lab-details" },
    make("summary", {}, "The values at the cursor, as a table"),
    table,
  );
  /** @type {View | null} */
  let view = null;
  let key = "";

  function write() {
    if (!view || !element.open) return;
    const { shown } = view;
    say(caption, `At epoch ${shown}`);
    const rows = panels.flatMap(({ frame }) =>
      frame.legends.read(shown).filter(({ value }) => value).map((entry) => ({
        title: frame.title,
        ...entry,
      }))
    );
    const names = rows.map(({ title, name }) => title + name).join();
    if (names !== key) {
      key = names;
      body.replaceChildren(
        ...rows.map((row) =>
          make("tr", {}, make("td", {}, row.title), make("th", { scope: "row" }, ...named(row)), make("td"))
        ),
      );
    }
    rows.forEach(({ value }, n) => say(body.rows[n].cells[2], value));
  }
  element.addEventListener("toggle", write);
  return {
    element,
    /** @param {View} now */
    show(now) {
      view = now;
      write();
    },
  };
}
