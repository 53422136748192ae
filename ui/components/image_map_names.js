// Where the names of the classes stand on a map: each at the densest place of its class, none over
// another one.
/**
 * @import { Places, Point } from "./image_map_view.js"
 *
 * @typedef {object} Label a name that is to be placed, in pixels
 * @property {Point} at where its middle wants to be
 * @property {number} width of its text
 */

/** Cells along each side of the world. */
const CELLS = 48;
/** How far from its place a name may be moved, in lines. */
const MOST_LINES = 5;

/**
 * For each class, the place of the world around which most of its images lie; null for a class
 * without images.
 *
 * @param {Places} places
 * @param {Uint8Array} classes of the images
 * @param {number} count of the classes
 * @returns {(Point | null)[]}
 */
export function densestPlaces(places, classes, count) {
  const cells = Array.from({ length: count }, () => new Uint16Array(CELLS * CELLS));
  /** @param {number} value */
  const cellOf = (value) => Math.min(CELLS - 1, Math.max(0, Math.floor(value * CELLS)));
  for (let index = 0; index < classes.length; index += 1) {
    const cell = cellOf(places.y[index]) * CELLS + cellOf(places.x[index]);
    if (classes[index] < count) cells[classes[index]][cell] += 1;
  }
  return cells.map((counts, kind) => middleOfMost(counts, places, classes, kind));
}

/**
 * @param {Uint16Array} counts of the images in each cell
 * @param {Places} places
 * @param {Uint8Array} classes
 * @param {number} kind
 * @returns {Point | null}
 */
function middleOfMost(counts, places, classes, kind) {
  let [most, row, column] = [0, 0, 0];
  for (let y = 0; y < CELLS; y += 1) {
    for (let x = 0; x < CELLS; x += 1) {
      const around = sumAround(counts, x, y);
      if (around > most) [most, row, column] = [around, y, x];
    }
  }
  if (!most) return null;
  let [sumX, sumY, found] = [0, 0, 0];
  for (let index = 0; index < classes.length; index += 1) {
    const [x, y] = [places.x[index], places.y[index]];
    const near = Math.abs(x * CELLS - column - 0.5) <= 2.5 && Math.abs(y * CELLS - row - 0.5) <= 2.5;
    if (classes[index] === kind && near) [sumX, sumY, found] = [sumX + x, sumY + y, found + 1];
  }
  return found ? [sumX / found, sumY / found] : [(column + 0.5) / CELLS, (row + 0.5) / CELLS];
}

/**
 * @param {Uint16Array} counts
 * @param {number} x
 * @param {number} y
 */
function sumAround(counts, x, y) {
  let sum = 0;
  for (let row = Math.max(0, y - 2); row <= Math.min(CELLS - 1, y + 2); row += 1) {
    for (let column = Math.max(0, x - 2); column <= Math.min(CELLS - 1, x + 2); column += 1) {
      sum += counts[row * CELLS + column];
    }
  }
  return sum;
}

/**
 * Where the middle of each name stands: as near to its place as it can without lying over one that
 * comes before it or beyond the border; null where there is no room.
 *
 * @param {Label[]} labels the most important first
 * @param {number} line height of a name, in pixels
 * @param {number} width of the canvas
 * @param {number} height of the canvas
 * @returns {(Point | null)[]}
 */
export function placedNames(labels, line, width, height) {
  /** @type {{ at: Point, width: number }[]} */
  const placed = [];
  return labels.map((label) => {
    const half = label.width / 2;
    if (width < label.width || height < line) return null;
    const [wantedX, wantedY] = label.at;
    if (wantedX < 0 || wantedY < 0 || wantedX > width || wantedY > height) return null;
    const x = Math.min(width - half, Math.max(half, wantedX));
    for (let step = 0; step <= 2 * MOST_LINES; step += 1) {
      const lines = (step % 2 ? -1 : 1) * Math.ceil(step / 2);
      /** @type {Point} */
      const at = [x, wantedY + lines * line];
      const inside = at[1] >= line / 2 && at[1] <= height - line / 2;
      if (inside && placed.every((other) => isApart(other, { at, width: label.width }, line))) {
        placed.push({ at, width: label.width });
        return at;
      }
    }
    return null;
  });
}

/**
 * @param {Label} one
 * @param {Label} other
 * @param {number} line
 */
const isApart = (one, other, line) =>
  Math.abs(one.at[0] - other.at[0]) >= (one.width + other.width) / 2 ||
  Math.abs(one.at[1] - other.at[1]) >= line;
