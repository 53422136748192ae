import { blank, PIXELS, SIDE, WHITE } from "./strokes.js";

/**
 * Changes of a whole image that can be taken back, since they are applied anew to what was drawn.
 *
 * @typedef {object} Changes
 * @property {number} right shift in pixels
 * @property {number} down shift in pixels
 * @property {number} turn clockwise, in degrees
 * @property {number} size in percent
 * @property {boolean} mirror
 * @property {number} brightness in percent
 * @property {number} blur standard deviation in pixels
 * @property {number} noise standard deviation, of 255
 */

/** @type {Readonly<Changes>} */
export const UNCHANGED = Object.freeze({
  right: 0, down: 0, turn: 0, size: 100, mirror: false, brightness: 100, blur: 0, noise: 0,
});
// What is darker belongs to no garment.
const FAINT = 25;
const MIDDLE = SIDE / 2;

/** @param {Changes} changes */
export const isUnchanged = (changes) =>
  /** @type {(keyof Changes)[]} */ (Object.keys(UNCHANGED)).every((name) => changes[name] === UNCHANGED[name]);

/**
 * The image after all changes.
 *
 * @param {Float32Array} pixels
 * @param {Changes} changes
 */
export function changed(pixels, changes) {
  if (isUnchanged(changes)) return pixels;
  const { right, down, turn, size, mirror, brightness, blur, noise } = changes;
  let result = pixels;
  if (right || down || turn || size !== UNCHANGED.size || mirror) {
    const angle = (-turn * Math.PI) / 180, scale = UNCHANGED.size / size;
    const [cosine, sine] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
    result = sampled(result, (x, y) => {
      const [across, along] = [x - MIDDLE - right, y - MIDDLE - down];
      const column = cosine * across - sine * along;
      return [MIDDLE + (mirror ? -column : column), MIDDLE + sine * across + cosine * along];
    });
  }
  if (blur) result = blurred(result, blur);
  if (brightness !== UNCHANGED.brightness) {
    result = result.map((value) => Math.min(WHITE, (value * brightness) / UNCHANGED.brightness));
  }
  if (noise) {
    const draw = normalNumbers(1);
    result = result.map((value) => Math.min(WHITE, Math.max(0, value + noise * draw())));
  }
  return result;
}

/**
 * How many pixels hold something.
 *
 * @param {ArrayLike<number>} pixels
 */
export const inkOf = (pixels) => Array.from(pixels).filter((value) => value > FAINT).length;

/**
 * The image as the dataset's authors made theirs: what is on it is as large as fits, and in the middle.
 *
 * @param {Float32Array} pixels
 * @returns {Float32Array} the same where nothing is on it
 */
export function fitted(pixels) {
  const box = boxOf(pixels);
  if (!box) return pixels;
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  const scale = Math.max(width, height) / SIDE;
  const [centreX, centreY] = [box.left + width / 2, box.top + height / 2];
  return sampled(pixels, (x, y) => [centreX + (x - MIDDLE) * scale, centreY + (y - MIDDLE) * scale]);
}

/** @param {Float32Array} pixels */
function boxOf(pixels) {
  let [left, top, right, bottom] = [SIDE, SIDE, 0, 0];
  for (let index = 0; index < PIXELS; index += 1) {
    if (pixels[index] <= FAINT) continue;
    const [row, column] = [Math.floor(index / SIDE), index % SIDE];
    [left, right] = [Math.min(left, column), Math.max(right, column + 1)];
    [top, bottom] = [Math.min(top, row), Math.max(bottom, row + 1)];
  }
  return right ? { left, top, right, bottom } : null;
}

/**
 * An image whose pixels come from elsewhere in another one, between four of its pixels.
 *
 * @param {Float32Array} pixels
 * @param {(x: number, y: number) => [x: number, y: number]} source of the middle of a pixel
 */
function sampled(pixels, source) {
  /** @type {(row: number, column: number) => number} */
  const at = (row, column) =>
    (row < 0 || column < 0 || row >= SIDE || column >= SIDE ? 0 : pixels[row * SIDE + column]);
  return blank().map((_, index) => {
    const [x, y] = source((index % SIDE) + 0.5, Math.floor(index / SIDE) + 0.5);
    const [column, row] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
    const [across, along] = [x - 0.5 - column, y - 0.5 - row];
    const above = at(row, column) * (1 - across) + at(row, column + 1) * across;
    const below = at(row + 1, column) * (1 - across) + at(row + 1, column + 1) * across;
    return above * (1 - along) + below * along;
  });
}

/**
 * @param {Float32Array} pixels
 * @param {number} deviation in pixels
 */
function blurred(pixels, deviation) {
  const reach = Math.ceil(3 * deviation);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, index) => Math.exp(-(((index - reach) / deviation) ** 2) / 2));
  const total = weights.reduce((sum, weight) => sum + weight);
  /** @type {(values: Float32Array, step: number, place: (index: number) => number) => Float32Array} */
  const along = (values, step, place) => values.map((_, index) => weights.reduce((sum, weight, tap) => {
    const offset = tap - reach;
    const to = place(index) + offset;
    return to < 0 || to >= SIDE ? sum : sum + (weight / total) * values[index + offset * step];
  }, 0));
  return along(along(pixels, 1, (index) => index % SIDE), SIDE, (index) => Math.floor(index / SIDE));
}

/**
 * Numbers of a normal distribution, always the same ones: noise must not flicker while a slider moves.
 *
 * @param {number} seed
 */
function normalNumbers(seed) {
  let state = seed;
  const uniform = () => {
    // Marsaglia's xorshift.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 2 ** 32;
  };
  // Box and Muller's transform.
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
