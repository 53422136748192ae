// The line drawn around a part of the map, as it stands in the address: two letters or digits, in
// base 36, for each coordinate of a corner. `loop_corners` in image_map.py reads the same.
/** @import { Point } from "./image_map_view.js" */

const SCALE = 1295;
const MOST_CORNERS = 48;
/** How many signs a line of three corners has, the least that goes around something. */
const LEAST_SIGNS = 12;

/**
 * @param {string} text
 * @returns {Point[]} corners in the world
 */
export function readLoop(text) {
  /** @type {Point[]} */
  const corners = [];
  /** @param {number} at */
  const part = (at) => parseInt(text.slice(at, at + 2), 36) / SCALE;
  for (let at = 0; at + 4 <= text.length; at += 4) corners.push([part(at), part(at + 2)]);
  return corners;
}

/**
 * A line with no more corners than an address has room for, and none outside the world.
 *
 * @param {Point[]} corners in the world
 */
export function writeLoop(corners) {
  const every = Math.max(1, Math.ceil(corners.length / MOST_CORNERS));
  /** @param {number} value */
  const part = (value) =>
    Math.round(Math.min(1, Math.max(0, value)) * SCALE).toString(36).padStart(2, "0");
  return corners.filter((_, at) => at % every === 0).map(([x, y]) => part(x) + part(y)).join("");
}

/**
 * Whether a line goes around something.
 *
 * @param {string} text
 */
export const surrounds = (text) => text.length >= LEAST_SIGNS;
