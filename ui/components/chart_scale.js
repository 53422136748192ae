// A figure is described in pixels for text of the usual size; where text is larger, all of it is.

/** @typedef {{ [name: string]: unknown }} FigurePart */

// Lengths in pixels, wherever they stand.
const LENGTHS = new Set([
  "arrowwidth", "ax", "ay", "borderpad", "borderwidth", "entrywidth", "gridwidth", "hoverdistance",
  "itemwidth", "linewidth", "spikethickness", "standoff", "thickness", "ticklen", "tickwidth",
  "tracegroupgap", "xgap", "xshift", "ygap", "yshift", "zerolinewidth",
]);

/**
 * Whether a value of a figure is a length on the screen.
 *
 * @param {string} parent the name of what it is a part of
 * @param {string} name
 */
function isLength(parent, name) {
  if (name === "size") return parent.endsWith("font") || parent === "marker";
  if (name === "width") return parent.endsWith("line") || parent.startsWith("error_");
  if (parent === "margin" || parent === "pad") return true;
  return LENGTHS.has(name);
}

/**
 * Enlarge text, lines, markers and margins of a figure, or of a part of one, in place.
 *
 * @param {FigurePart | unknown[]} part
 * @param {number} factor
 * @param {string} [parent] the name of the part
 */
export function enlarge(part, factor, parent = "") {
  if (Array.isArray(part)) {
    for (const item of part) {
      if (item && typeof item === "object") enlarge(/** @type {FigurePart} */ (item), factor, parent);
    }
    return;
  }
  for (const [name, value] of Object.entries(part)) {
    if (isLength(parent, name)) part[name] = enlarged(value, factor);
    else if (value && typeof value === "object") enlarge(/** @type {FigurePart} */ (value), factor, name);
  }
}

/**
 * @param {unknown} value a length, or one for each point; what is neither stays
 * @param {number} factor
 * @returns {unknown}
 */
function enlarged(value, factor) {
  if (typeof value === "number") return factor * value;
  return Array.isArray(value) ? value.map((item) => enlarged(item, factor)) : value;
}
