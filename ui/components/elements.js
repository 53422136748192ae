/**
 * A new element of a component, as the last one in its parent where that is given.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} className none where it is empty
 * @param {Element} [parent]
 */
export function element(name, className, parent) {
  const created = document.createElement(name);
  if (className) created.className = className;
  parent?.append(created);
  return created;
}

/**
 * A button as the pages have them.
 *
 * @param {Element} place gets it as its last part
 * @param {string} words
 */
export function button(place, words) {
  const made = element("button", "fm-button", place);
  made.type = "button";
  made.textContent = words;
  return made;
}

/**
 * What a component returns, so that something is done once its element has gone; React calls that
 * for a mere update, too.
 *
 * @param {Element} root
 * @param {() => void} act
 */
export const onceGone = (root, act) => () => {
  setTimeout(() => {
    if (!root.isConnected) act();
  });
};

/** Whether the visitor wants less motion. */
export const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
