// Where the images are on the screen, and which of them is where. Nothing here draws or remembers.
/**
 * @typedef {[x: number, y: number]} Point
 *
 * @typedef {object} View where the world is on the screen, in pixels; in the world, coordinates go
 *   from 0 to 1 in both directions
 * @property {number} left
 * @property {number} top
 * @property {number} scale the side of the world
 * @property {number} least the same where all of it is shown
 *
 * @typedef {object} Places where images are in the world, by their index
 * @property {Float32Array} x
 * @property {Float32Array} y
 */

const MOST_ZOOM = 400;
const LEAST_ZOOM = 0.5;
/** How far from the pointer an image of the map is still meant, in pixels. */
const REACH = 24;
/** How far from the border an image that was walked to is in sight, in pixels. */
const BORDER = 40;

/**
 * All of the world, in the middle of a canvas.
 *
 * @param {number} width of the canvas
 * @param {number} height of the canvas
 * @param {number} rows how much of the world's height has something in it, from 0 to 1
 * @param {number} share how much of the canvas it takes, from 0 to 1
 * @returns {View}
 */
export function fitted(width, height, rows, share) {
  const scale = share * Math.min(width, height / rows);
  return { left: (width - scale) / 2, top: (height - scale * rows) / 2, scale, least: scale };
}

/** @type {(view: View, point: Point) => Point} */
export const toScreen = ({ left, top, scale }, [x, y]) => [left + x * scale, top + y * scale];

/** @type {(view: View, pixel: Point) => Point} */
export const toWorld = ({ left, top, scale }, [x, y]) => [(x - left) / scale, (y - top) / scale];

/** @type {(places: Places, index: number) => Point} */
export const placeOf = (places, index) => [places.x[index], places.y[index]];

/**
 * The view larger or smaller, within limits.
 *
 * @param {View} view
 * @param {number} factor
 * @param {Point} fixed what stays where it is, in pixels
 * @returns {View}
 */
export function zoomed({ left, top, scale, least }, factor, [x, y]) {
  const wanted = Math.min(least * MOST_ZOOM, Math.max(least * LEAST_ZOOM, scale * factor));
  const ratio = wanted / scale;
  return { left: x - (x - left) * ratio, top: y - (y - top) * ratio, scale: wanted, least };
}

/** @type {(view: View, by: Point) => View} */
export const moved = (view, [x, y]) => ({ ...view, left: view.left + x, top: view.top + y });

/**
 * The same part of the world in the middle of a canvas that has another size now.
 *
 * @param {View} view
 * @param {Point} before width and height of the canvas
 * @param {Point} after the same now
 * @param {View} whole the view of all of it in the canvas as it is now
 * @returns {View}
 */
export function resized(view, before, after, whole) {
  const ratio = whole.least / view.least;
  const [x, y] = toWorld(view, [before[0] / 2, before[1] / 2]);
  const scale = view.scale * ratio;
  return { left: after[0] / 2 - x * scale, top: after[1] / 2 - y * scale, scale, least: whole.least };
}

/**
 * The view moved so that a point is well in sight; the same where it is.
 *
 * @param {View} view
 * @param {Point} point of the world
 * @param {number} width of the canvas
 * @param {number} height of the canvas
 */
export function revealed(view, point, width, height) {
  const [x, y] = toScreen(view, point);
  return moved(view, [
    x < BORDER || x > width - BORDER ? width / 2 - x : 0,
    y < BORDER || y > height - BORDER ? height / 2 - y : 0,
  ]);
}

/**
 * The place on a sheet at a pixel, counted row by row; null beside the sheet.
 *
 * @param {View} view
 * @param {number} columns of the sheet
 * @param {Point} pixel
 */
export function slotAt(view, columns, pixel) {
  const [column, row] = toWorld(view, pixel).map((part) => Math.floor(part * columns));
  return column < 0 || row < 0 || column >= columns ? null : row * columns + column;
}

/**
 * Of some images on a map, the one nearest to a pixel; null where none is near.
 *
 * @param {View} view
 * @param {Places} places
 * @param {number[]} indices of these images
 * @param {Point} pixel
 */
export function nearest(view, places, indices, [x, y]) {
  let best = REACH ** 2;
  /** @type {number | null} */
  let found = null;
  for (const index of indices) {
    const [px, py] = toScreen(view, placeOf(places, index));
    const distance = (px - x) ** 2 + (py - y) ** 2;
    if (distance < best) [best, found] = [distance, index];
  }
  return found;
}

/**
 * The image on a map that is nearest in one of the four directions; the same where there is none.
 *
 * @param {Places} places
 * @param {number} from index of the image one is at
 * @param {Point} direction such as [-1, 0] for left
 * @param {(index: number) => boolean} isHidden
 */
export function nextInDirection(places, from, [dx, dy], isHidden) {
  let [best, found] = [Infinity, from];
  const [x, y] = placeOf(places, from);
  for (let index = 0; index < places.x.length; index += 1) {
    if (index === from || isHidden(index)) continue;
    const [gx, gy] = [places.x[index] - x, places.y[index] - y];
    const along = gx * dx + gy * dy;
    const aside = Math.abs(gx * dy) + Math.abs(gy * dx);
    if (along <= 0 || aside > along) continue;
    if (along + aside < best) [best, found] = [along + aside, index];
  }
  return found;
}
