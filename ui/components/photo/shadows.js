import { groundAt } from "./ground.js";

/**
 * Shadows: ground that differs from the ground, since it becomes darker softly and in all colours alike.
 *
 * @typedef {import("./read.js").Photo} Photo
 * @typedef {import("./ground.js").Slope} Slope
 */

// What a shadow leaves of the light at least, and by how much less of one colour than of another.
const DARKEST = 0.55;
const TINT = 0.12;
// On a darker ground a shadow is hardly darker.
const LEAST_GROUND = 140;
// A shadow has less of what stands out; where more goes on softly, it is the garment.
const MOST_SHARE = 0.4;
// From one pixel to the next, of 255. A garment has an edge.
const SOFT_STEP = 2.5;

/**
 * Take the shadows away from what stands out, from the ground on, as far as it goes on softly.
 *
 * @param {Photo} photo
 * @param {Float32Array} soft its greys without their grain
 * @param {Slope[]} slopes of the ground
 * @param {Uint8Array} standsOut 1 or 0 a pixel
 * @returns {Uint8Array} the same without shadows; the very same where there are none
 */
export function withoutShadows(photo, soft, slopes, standsOut) {
  if (slopes.every(([brightness]) => brightness < LEAST_GROUND)) return standsOut;
  const { data, width, height } = photo;
  const left = standsOut.slice();
  const queue = new Int32Array(left.length);
  let length = 0;
  for (let pixel = 0; pixel < left.length; pixel += 1) {
    if (!left[pixel]) queue[length++] = pixel;
  }
  const ground = length;

  /** @param {number} pixel */
  const isShade = (pixel) => {
    const right = (pixel % width) / width - 0.5, down = Math.floor(pixel / width) / height - 0.5;
    let least = Infinity, most = 0;
    for (let channel = 0; channel < 3; channel += 1) {
      const light = data[4 * pixel + channel] / Math.max(1, groundAt(slopes[channel], right, down));
      if (light < least) least = light;
      if (light > most) most = light;
    }
    return least >= DARKEST && most <= 1 && most - least <= TINT;
  };

  /** @type {(from: number, step: number) => void} */
  const reachAround = (from, step) => {
    const column = from % width, row = (from - column) / width;
    for (let down = Math.max(0, row - 1); down <= Math.min(height - 1, row + 1); down += 1) {
      for (let right = Math.max(0, column - 1); right <= Math.min(width - 1, column + 1); right += 1) {
        const pixel = down * width + right;
        if (!left[pixel] || Math.abs(soft[pixel] - soft[from]) > step || !isShade(pixel)) continue;
        left[pixel] = 0;
        queue[length++] = pixel;
      }
    }
  };

  for (let index = 0; index < length; index += 1) reachAround(queue[index], SOFT_STEP);
  // Beside the garment its edge is smoothed into the shadow.
  for (let index = ground, end = length; index < end; index += 1) reachAround(queue[index], Infinity);
  return length - ground > MOST_SHARE * (left.length - ground) ? standsOut : left;
}
