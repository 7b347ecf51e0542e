// Run axe over the page, and return what is wrong with it.
//
// Whether text stands out from what is behind it is what axe takes by far the longest for. That
// hangs on how its element is drawn, and on how those around that are: elements for which all of
// this is the same are of one kind. First the contrast of one of each kind is judged. Then all
// rules are run, and the contrast of every element whose kind has not passed is judged.
async (ofTheTheme) => {
  const LOOKS = [
    "backgroundColor", "backgroundImage", "color", "filter", "fontSize", "fontWeight",
    "mixBlendMode", "opacity", "textShadow", "transform",
  ];
  const numbers = new Map(), members = [], kinds = new Map();
  const sort = (element, parent) => {
    const style = getComputedStyle(element);
    // What is taken out of the flow may lie over anything, and so is of a kind of its own.
    const inFlow = ["static", "relative"].includes(style.position);
    const key = [parent, ...(inFlow ? LOOKS.map((name) => style[name]) : [members.length])].join();
    if (!numbers.has(key)) numbers.set(key, members.push([]) - 1);
    const kind = numbers.get(key);
    members[kind].push(element);
    kinds.set(element, kind);
    for (const child of element.children) sort(child, kind);
  };
  sort(document.documentElement, "");

  const judge = (elements) => {
    for (const old of document.querySelectorAll("[data-judge]")) delete old.dataset.judge;
    for (const element of elements) element.dataset.judge = "";
  };
  const hasText = (element) =>
    element.checkVisibility() &&
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const preload = false; // a page that lies in a file may not fetch its own style sheets
  axe.configure({ rules: [{ id: "color-contrast", selector: "[data-judge]" }] });

  judge(members.map((elements) => elements.find(hasText)).filter(Boolean));
  const first = await axe.run({
    preload, runOnly: ["color-contrast"], resultTypes: ["passes"], elementRef: true,
  });
  const passed = new Set(
    first.passes.flatMap((rule) => rule.nodes.map((node) => kinds.get(node.element))),
  );
  judge(members.filter((_, kind) => !passed.has(kind)).flat());
  const all = await axe.run({
    preload, resultTypes: ["violations"],
    rules: Object.fromEntries(ofTheTheme.map((name) => [name, { enabled: false }])),
  });
  return all.violations.map((rule) => [rule.id, rule.nodes[0].html]);
}
