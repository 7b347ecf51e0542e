// Filter the rows of the ledger: by verdict, chapter and kind, and by words.
//
// All that is needed stands in the tables. What is chosen stands in the address as well, so that a
// filtered ledger can be linked.
"use strict";

(() => {
  /** @typedef {{ row: HTMLElement, verdict: string, chapter: string, kind: string, text: string }} Claim */

  const MISSED = "other than reproduced";
  const tables = [...document.querySelectorAll("table.verdicts")];
  /** @type {Claim[]} */
  const claims = tables.flatMap((table) =>
    [...table.querySelectorAll("tbody tr")].map((row) => ({
      row: /** @type {HTMLElement} */ (row),
      verdict: textOf(row, ".verdict"),
      chapter: titleOf(row.querySelector("td a")),
      kind: textOf(row, ".kind"),
      text: (row.textContent ?? "").toLowerCase(),
    }))
  );

  /** @param {Element} row @param {string} selector */
  function textOf(row, selector) {
    return row.querySelector(selector)?.textContent ?? "";
  }

  /** What the contents of the book call the chapter that a link leads to.
   * @param {Element | null} link */
  function titleOf(link) {
    const page = (link?.getAttribute("href") ?? "").split("#")[0];
    return document.querySelector(`.bd-links a[href="${page}"]`)?.textContent?.trim() ?? page;
  }

  const form = document.createElement("form");
  form.className = "ledger-filter";
  form.setAttribute("role", "search");
  form.setAttribute("aria-label", "Filter the claims");

  /** @param {string} name @param {HTMLInputElement | HTMLSelectElement} field */
  function add(name, field) {
    const label = document.createElement("label");
    field.name = name;
    label.append(name[0].toUpperCase() + name.slice(1), field);
    form.append(label);
    return field;
  }

  /** @param {"verdict" | "chapter" | "kind"} name @param {string[]} more */
  function choose(name, more = []) {
    const select = document.createElement("select");
    const values = new Set(claims.map((claim) => claim[name]));
    select.add(new Option("any", ""));
    for (const value of [...more, ...values]) select.add(new Option(value, value));
    return add(name, select);
  }

  const fields = [choose("verdict", [MISSED]), choose("chapter"), choose("kind")];
  const words = document.createElement("input");
  words.type = "search";
  fields.push(add("words", words));
  const reset = document.createElement("button");
  reset.type = "reset";
  reset.textContent = "Show all";
  const count = document.createElement("output");
  form.append(reset, count);
  tables[0]?.closest("section")?.before(form);

  /** @param {Claim} claim */
  function isChosen(claim) {
    const [verdict, chapter, kind] = fields.map((field) => field.value);
    return (!verdict || (verdict === MISSED ? claim.verdict !== "reproduced" : claim.verdict === verdict)) &&
      (!chapter || claim.chapter === chapter) &&
      (!kind || claim.kind === kind) &&
      words.value.toLowerCase().split(/\s+/).every((word) => claim.text.includes(word));
  }

  function show() {
    for (const claim of claims) claim.row.hidden = !isChosen(claim);
    for (const table of tables) {
      const box = /** @type {HTMLElement} */ (table.closest(".pst-scrollable-table-container") ?? table);
      box.hidden = !table.querySelector("tbody tr:not([hidden])");
    }
    count.textContent = `${claims.filter((claim) => !claim.row.hidden).length} of ${claims.length} claims`;
  }

  /** Take the choice from the address; one row in it means that all are shown. */
  function read() {
    const hash = location.hash.slice(1);
    const chosen = new URLSearchParams(hash.includes("=") ? hash : "");
    for (const field of fields) {
      field.value = chosen.get(field.name) ?? "";
      if (!field.value) field.value = "";
    }
    show();
    (hash.includes("=") ? form : document.getElementById(hash))?.scrollIntoView();
  }

  function write() {
    show();
    const chosen = new URLSearchParams(fields.map((field) => [field.name, field.value]).filter(([, value]) => value));
    history.replaceState(null, "", `#${chosen}`);
  }

  form.addEventListener("input", write);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(write));
  addEventListener("hashchange", read);
  read();
})();
