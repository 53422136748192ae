// Where the images of a gallery are: how large on the screen, where in their sprite, and which of
// them a key leads to.

const BORDERS = 16;
const LEAST_SIDE = 28;

/**
 * The side of an image on the screen, in pixels: on a projector text grows, and so do images; an
 * image never outgrows its place.
 *
 * @param {number} pixels the side where text has its usual size
 * @param {number} textScale how many times its usual size text has
 * @param {number} width of the place, in pixels; 0 where it has none yet
 */
export function sideOf(pixels, textScale, width) {
  const available = (width || Infinity) - BORDERS;
  return Math.max(LEAST_SIDE, Math.floor(Math.min(pixels * textScale, available)));
}

/**
 * How far to the left and up a sprite is moved to show one of its images, in images.
 *
 * @param {number} index of the image
 * @param {number} columns of the sprite
 * @returns {[left: number, up: number]}
 */
export const spriteOffset = (index, columns) => [index % columns, Math.floor(index / columns)];

/**
 * How many of the tiles stand in the first row.
 *
 * @param {number[]} tops where each tile begins, in their order
 */
export function columnsOf(tops) {
  const inRow = tops.findIndex((top) => top > tops[0]);
  return inRow === -1 ? tops.length : inRow;
}

/**
 * The tile that a key leads to; null where it leads nowhere.
 *
 * @param {string} key as the browser names it
 * @param {number} index of the tile one is on
 * @param {number} count of the tiles
 * @param {number} columns on the screen
 */
export function tileAfter(key, index, count, columns) {
  /** @type {{ [key: string]: number }} */
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
  let target = key in steps ? index + steps[key] : null;
  if (key === "Home") target = 0;
  if (key === "End") target = count - 1;
  return target !== null && target >= 0 && target < count ? target : null;
}
