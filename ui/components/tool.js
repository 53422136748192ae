import { element } from "./elements.js";

const SVG = "http://www.w3.org/2000/svg";

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
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  drawing.append(line);
  button.append(drawing);
  return button;
}
