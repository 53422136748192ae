/**
 * Strokes of a brush on an image of 28 × 28 pixels, from 0 (nothing) to 255.
 *
 * @typedef {[x: number, y: number]} Point in pixels of the image, from its upper left corner
 *
 * @typedef {object} Stroke
 * @property {Float32Array} before the image that it is drawn on
 * @property {Float32Array} cover how much of each pixel it covers, from 0 to 1
 * @property {number} radius in pixels; 0 covers single pixels
 * @property {number} value of the brush; 0 is a rubber
 * @property {Point} last where it is now
 */

export const SIDE = 28;
export const PIXELS = SIDE * SIDE;
export const WHITE = 255;

export const blank = () => new Float32Array(PIXELS);

/**
 * @param {Float32Array} before
 * @param {Point} at
 * @param {number} radius
 * @param {number} value
 * @returns {Stroke}
 */
export function beginStroke(before, at, radius, value) {
  const stroke = { before, cover: blank(), radius, value, last: at };
  goOn(stroke, at);
  return stroke;
}

/**
 * Draw on to a point.
 *
 * @param {Stroke} stroke is changed
 * @param {Point} to
 */
export function goOn(stroke, to) {
  const { cover, radius, last: from } = stroke;
  stroke.last = to;
  if (!radius) {
    coverSingle(cover, from, to);
    return;
  }
  const [left, right] = [Math.min(from[0], to[0]) - radius - 1, Math.max(from[0], to[0]) + radius + 1];
  const [top, bottom] = [Math.min(from[1], to[1]) - radius - 1, Math.max(from[1], to[1]) + radius + 1];
  for (let row = Math.max(0, Math.floor(top)); row < Math.min(SIDE, Math.ceil(bottom)); row += 1) {
    for (let column = Math.max(0, Math.floor(left)); column < Math.min(SIDE, Math.ceil(right)); column += 1) {
      const distance = distanceTo(from, to, [column + 0.5, row + 0.5]);
      // The edge is one pixel wide, so that lines have no steps.
      const covered = Math.min(1, Math.max(0, radius + 0.5 - distance));
      const index = row * SIDE + column;
      cover[index] = Math.max(cover[index], covered);
    }
  }
}

/**
 * Cover the very pixels that a line goes through.
 *
 * @param {Float32Array} cover is changed
 * @param {Point} from
 * @param {Point} to
 */
function coverSingle(cover, from, to) {
  const steps = 1 + Math.ceil(4 * Math.hypot(to[0] - from[0], to[1] - from[1]));
  for (let step = 0; step <= steps; step += 1) {
    const [column, row] = [0, 1].map((axis) => Math.floor(from[axis] + ((to[axis] - from[axis]) * step) / steps));
    if (row >= 0 && column >= 0 && row < SIDE && column < SIDE) cover[row * SIDE + column] = 1;
  }
}

/**
 * The image with a stroke on it; where the stroke crosses itself, it covers no more.
 *
 * @param {Stroke} stroke
 */
export const drawn = ({ before, cover, value }) =>
  before.map((pixel, index) => pixel + (value - pixel) * cover[index]);

/** @type {(from: Point, to: Point, point: Point) => number} */
function distanceTo(from, to, point) {
  const [x, y] = [to[0] - from[0], to[1] - from[1]];
  const length = x * x + y * y;
  const along = length ? ((point[0] - from[0]) * x + (point[1] - from[1]) * y) / length : 0;
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(point[0] - from[0] - share * x, point[1] - from[1] - share * y);
}
