// @ts-check
// Elements of the page. Text is only ever text: nothing here can become markup.

let made = 0;

/**
 * Make an element with attributes and what is in it.
 * @param {string} tag
 * @param {Record<string, any>} [attributes] `on…` are listeners; false and undefined are left out
 * @param {...(Node | string)} inside
 * @returns {any}
 */
export function make(tag, attributes = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  // The wheel scrolls the page, over a number that has the focus as well.
  if (attributes.type === "number") element.addEventListener("wheel", () => element.blur(), { passive: true });
  element.append(...inside);
  return element;
}

/** A button that does nothing but what it says. @param {string} text @param {() => void} onclick */
export function button(text, onclick) {
  return make("button", { type: "button", class: "lab-button", onclick }, text);
}

/** A name that no other element has. @param {string} name */
export function unique(name) {
  return `lab-${name}-${++made}`;
}

/** Call once, with the next picture, however often it is asked for. @param {() => void} what */
export function withNextFrame(what) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      what();
    });
  };
}

/** Call at once; but only once for each picture, and then with the next one. @param {() => void} what */
export function atOnce(what) {
  const soon = withNextFrame(what);
  let early = false; // whether it was called before the next picture
  return () => {
    if (early) return soon();
    early = true;
    requestAnimationFrame(() => (early = false));
    what();
  };
}

/** With the next picture, when it is on the screen. @param {() => void} what */
export function afterNextFrame(what) {
  return withNextFrame(() => setTimeout(what));
}

/** Hide an element, or show it, where it is not so already: to say it again has its looks computed again. @param {HTMLElement} element @param {boolean} hidden */
export function hide(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}

/** Write text where it is another one. @param {Element} element @param {string} text */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
