// The way of the points of a map to other places, so that eyes can follow them.
/**
 * @import { Places } from "./image_map_view.js"
 *
 * @typedef {object} Morph
 * @property {Places} from
 * @property {Places} to
 * @property {number} start in milliseconds
 */

const MILLISECONDS = 900;

/**
 * @param {Places} from where the points are
 * @param {Places} to where they shall be; their places are moved there step by step
 * @param {number} start in milliseconds
 * @returns {Morph}
 */
export function morphOf(from, to, start) {
  const morph = { from, to: { x: to.x.slice(), y: to.y.slice() }, start };
  step(morph, to, start);
  return morph;
}

/**
 * Move the points to where they are at a moment; returns whether they have arrived.
 *
 * @param {Morph} morph
 * @param {Places} places
 * @param {number} now in milliseconds
 */
export function step({ from, to, start }, places, now) {
  const share = Math.min(1, Math.max(0, (now - start) / MILLISECONDS));
  // Slowly away and slowly there.
  const way = share * share * (3 - 2 * share);
  for (const axis of /** @type {const} */ (["x", "y"])) {
    const [first, last, place] = [from[axis], to[axis], places[axis]];
    for (let index = 0; index < place.length; index += 1) {
      place[index] = way === 1 ? last[index] : first[index] + (last[index] - first[index]) * way;
    }
  }
  return share === 1;
}
