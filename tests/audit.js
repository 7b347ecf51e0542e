// Run axe over the page, and return what is wrong with it.
//
// Whether text stands out from what is behind it, and a link from the text around it, is what axe
// takes by far the longest for. Both hang on how an element is drawn, and on how those around it
// are: elements for which all of this is the same are of one kind. One of each kind is judged,
// while all other rules are run, and then every element whose kind has not passed.
async (ofTheTheme) => {
  const LOOKS = [
    "backgroundColor", "backgroundImage", "borderBottomStyle", "color", "filter", "fontSize",
    "fontStyle", "fontWeight", "mixBlendMode", "opacity", "textDecorationLine", "textShadow",
    "transform",
  ];
  const numbers = new Map(), members = [], kinds = new Map();
  const sort = (element, parent) => {
    const style = getComputedStyle(element);
    // What is taken out of the flow may lie over anything, and so is of a kind of its own. What is
    // sticky is in the flow of a page that has not been scrolled.
    const inFlow = ["static", "relative", "sticky"].includes(style.position);
    const looks = inFlow ? LOOKS.map((name) => style[name]) : [members.length];
    const key = [parent, element.localName === "a", ...looks].join();
    if (!numbers.has(key)) numbers.set(key, members.push([]) - 1);
    const kind = numbers.get(key);
    members[kind].push(element);
    kinds.set(element, kind);
    // The MathML of a formula is read aloud, and not seen.
    if (element.localName === "mjx-assistive-mml") return;
    for (const child of element.children) sort(child, kind);
  };
  sort(document.documentElement, "");

  // Axe does not judge a single character, since it may be a symbol.
  const hasText = (element) =>
    element.checkVisibility() &&
    [...element.childNodes].some(({ nodeType, data }) =>
      nodeType === Node.TEXT_NODE && data.trim().length > 1
    );
  const isLinkInText = (element) =>
    element.matches("a[href]") && element.checkVisibility() &&
    axe.commons.dom.isInTextBlock(element);
  const JUDGED = { "color-contrast": hasText, "link-in-text-block": isLinkInText };
  const rules = Object.keys(JUDGED);
  const judge = (rule, elements) => {
    const mark = `data-${rule}`;
    for (const old of document.querySelectorAll(`[${mark}]`)) old.removeAttribute(mark);
    for (const element of elements) element.setAttribute(mark, "");
    return elements.length;
  };
  const run = (options) =>
    axe.run({
      preload: false, // a page that lies in a file may not fetch its own style sheets
      resultTypes: ["passes", "violations"], elementRef: true, selectors: false, ...options,
    });

  // What a formula is drawn with has no text, and need not be gone through.
  for (const drawing of document.querySelectorAll("mjx-container > svg")) drawing.replaceChildren();
  axe.configure({ rules: rules.map((id) => ({ id, selector: `[data-${id}]` })) });
  axe.setup();
  const chosen = rules.map((rule) =>
    members.map((kind) => kind.find(JUDGED[rule])).filter(Boolean)
  );
  axe.teardown();
  rules.forEach((rule, n) => judge(rule, chosen[n]));
  const disabled = Object.fromEntries(ofTheTheme.map((rule) => [rule, { enabled: false }]));
  const first = await run({ rules: disabled });

  const numberLeft = rules.map((rule, n) => {
    const nodes = first.passes.find(({ id }) => id === rule)?.nodes ?? [];
    const passed = new Set(nodes.map((node) => node.element));
    const alike = (element) => members[kinds.get(element)].filter((other) => other !== element);
    return judge(rule, chosen[n].filter((element) => !passed.has(element)).flatMap(alike));
  });
  const second = numberLeft.some(Boolean) ? await run({ runOnly: rules }) : { violations: [] };
  return [...first.violations, ...second.violations].map(({ id, nodes }) => [id, nodes[0].html]);
}
