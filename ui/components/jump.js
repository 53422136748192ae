import { element, isStill } from "./elements.js";

/**
 * @typedef {object} Data
 * @property {string} words on the button
 * @property {string} to the key of the container that it leads to
 */

/**
 * Scroll to the container of a key, smoothly where the visitor has nothing against motion.
 *
 * @param {string} key
 */
export function scrollToKey(key) {
  containerOf(key)?.scrollIntoView({ behavior: isStill() ? "auto" : "smooth", block: "start" });
}

/**
 * Whether the container of a key comes after an element instead of beside it, as on a phone.
 *
 * @param {string} key
 * @param {Element} from
 */
export function comesBelow(key, from) {
  const top = containerOf(key)?.getBoundingClientRect().top ?? -Infinity;
  return top >= from.getBoundingClientRect().bottom - 1;
}

/** @param {string} key */
const containerOf = (key) => document.querySelector(`.st-key-${CSS.escape(key)}`);

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement }) {
  const button = /** @type {HTMLButtonElement} */ (
    parentElement.querySelector(":scope > .fm-jump") ?? element("button", "fm-jump", parentElement)
  );
  button.type = "button";
  button.textContent = data.words;
  button.onclick = () => {
    scrollToKey(data.to);
    // Who goes on by keys, or is read to, goes on there.
    /** @type {HTMLElement | null | undefined} */
    (containerOf(data.to)?.querySelector("button:not([tabindex='-1'])"))?.focus({ preventScroll: true });
  };
}
