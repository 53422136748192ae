// How large text is on the page, against a browser's usual 16 pixels: it grows with the window.

import { element } from "./elements.js";

/** How many times as large as usual text is. */
export const textScale = () =>
  parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

/**
 * Text grows when a style arrives late or a window moves to the projector; an element that is as
 * wide as a letter tells of it.
 *
 * @param {ResizeObserver} observer is told
 * @param {HTMLElement} parent the element is added here
 */
export function observeTextScale(observer, parent) {
  const letter = element("span", "", parent);
  letter.style.cssText = "position:absolute;width:1rem;height:0";
  letter.setAttribute("aria-hidden", "true");
  observer.observe(letter);
}
