import { element } from "./elements.js";

/**
 * A button of the header with a drawing and a name.
 *
 * @param {Element} parent
 * @param {string} path of the drawing, on a square of 24
 * @param {string} name
 * @param {string} hint for a pointer that rests on it
 */
export function iconButton(parent, path, name, hint) {
  const button = element("button", "fm-tool-button", parent);
  button.type = "button";
  button.title = hint;
  button.setAttribute("aria-label", name);
  button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${path}"/></svg>`;
  return button;
}
