import { findGround } from "./ground.js";
import { smooth } from "./planes.js";
import { withoutShadows } from "./shadows.js";

/**
 * What in a photo is the garment.
 *
 * @typedef {import("./read.js").Photo} Photo
 * @typedef {import("./planes.js").Plane} Plane
 * @typedef {import("./planes.js").Box} Box
 *
 * @typedef {object} Garment
 * @property {Uint8Array} mask 1 where the garment is, row after row
 * @property {Box | null} box around it; none where nothing stands out from the ground
 * @property {number} threshold how far its colours are from the ground's at least, 0 to 255
 *
 * @typedef {object} Part of what stands out
 * @property {Int32Array} pixels by index
 * @property {Box} box
 */

// The authors' closeness: what differs by less than 5 % is ground.
const LEAST_THRESHOLD = 0.05 * 255;
const GRAIN_FACTOR = 1.5;
// Otsu's threshold lies between ground and garment; below it lie light parts of a dark garment.
const OTSU_SHARE = 0.3;
// A part smaller than this share of the largest is a speck, and a hole as small belongs to the garment.
const SPECK_SHARE = 0.03;
// What reaches the edge of the photo is something else where a part that does not has this share of the photo.
const WHOLE_SHARE = 0.02;
// Nothing stands out where the largest part has less of it.
const LEAST_SHARE = 0.001;

/**
 * @param {Photo} photo
 * @param {Plane} grey of it
 * @param {number} [threshold] is guessed where it is not given
 * @returns {Garment}
 */
export function findGarment(photo, grey, threshold) {
  const { width, height } = photo;
  const { slopes, differences, grain } = findGround(photo);
  const used = threshold ?? Math.max(LEAST_THRESHOLD, GRAIN_FACTOR * grain, OTSU_SHARE * otsuThreshold(differences));
  const standsOut = new Uint8Array(differences.length);
  for (let pixel = 0; pixel < standsOut.length; pixel += 1) standsOut[pixel] = Number(differences[pixel] > used);
  const lit = withoutShadows(photo, smooth(grey).values, slopes, standsOut);
  const parts = garmentParts(partsOf(lit, width, height), width, height);
  const mask = new Uint8Array(lit.length);
  let size = 0;
  for (const { pixels } of parts) {
    mark(mask, pixels);
    size += pixels.length;
  }
  for (const { pixels } of partsOf(mask.map((inside) => 1 - inside), width, height)) {
    if (pixels.length < SPECK_SHARE * size) mark(mask, pixels);
  }
  return { mask, box: parts.length ? boxAround(parts) : null, threshold: used };
}

/** @type {(mask: Uint8Array, pixels: Int32Array) => void} */
function mark(mask, pixels) {
  for (const pixel of pixels) mask[pixel] = 1;
}

/**
 * The threshold that parts values into two groups as different as possible (Otsu, 1979).
 *
 * @param {Float32Array} values from 0 to 255
 */
export function otsuThreshold(values) {
  const counts = new Float64Array(256);
  for (const value of values) counts[Math.min(255, Math.floor(value))] += 1;
  const total = counts.reduce((sum, count, value) => sum + count * value, 0);
  let below = 0, sumBelow = 0, best = 0, threshold = 0;
  for (let value = 0; value < 255; value += 1) {
    below += counts[value];
    sumBelow += counts[value] * value;
    const above = values.length - below;
    if (!below || !above) continue;
    const apart = below * above * (sumBelow / below - (total - sumBelow) / above) ** 2;
    if (apart > best) [best, threshold] = [apart, value + 1];
  }
  return threshold;
}

/**
 * What hangs together, by sides or corners.
 *
 * @param {Uint8Array} mask 1 or 0 a pixel
 * @param {number} width
 * @param {number} height
 * @returns {Part[]}
 */
export function partsOf(mask, width, height) {
  const left = mask.slice();
  const queue = new Int32Array(left.length);
  const parts = [];
  let length = 0;
  for (let first = 0; first < left.length; first += 1) {
    if (!left[first]) continue;
    const start = length;
    const box = { left: width, top: height, right: 0, bottom: 0 };
    left[first] = 0;
    queue[length++] = first;
    for (let index = start; index < length; index += 1) {
      const column = queue[index] % width, row = (queue[index] - column) / width;
      if (column < box.left) box.left = column;
      if (column >= box.right) box.right = column + 1;
      if (row < box.top) box.top = row;
      if (row >= box.bottom) box.bottom = row + 1;
      for (let down = Math.max(0, row - 1); down <= Math.min(height - 1, row + 1); down += 1) {
        for (let right = Math.max(0, column - 1); right <= Math.min(width - 1, column + 1); right += 1) {
          const pixel = down * width + right;
          if (!left[pixel]) continue;
          left[pixel] = 0;
          queue[length++] = pixel;
        }
      }
    }
    parts.push({ pixels: queue.subarray(start, length), box });
  }
  return parts;
}

/**
 * The parts that belong to the garment: no specks, and nothing that reaches into the photo from outside.
 *
 * @param {Part[]} parts
 * @param {number} width
 * @param {number} height
 * @returns {Part[]}
 */
export function garmentParts(parts, width, height) {
  const inside = parts.filter(({ box }) => box.left > 0 && box.top > 0 && box.right < width && box.bottom < height);
  const possible = sizeOfLargest(inside) >= WHOLE_SHARE * width * height ? inside : parts;
  const largest = sizeOfLargest(possible);
  if (largest < LEAST_SHARE * width * height) return [];
  return possible.filter(({ pixels }) => pixels.length >= SPECK_SHARE * largest);
}

/** @param {Part[]} parts */
const sizeOfLargest = (parts) => parts.reduce((largest, { pixels }) => Math.max(largest, pixels.length), 0);

/**
 * @param {Part[]} parts at least one
 * @returns {Box}
 */
const boxAround = (parts) => ({
  left: Math.min(...parts.map(({ box }) => box.left)),
  top: Math.min(...parts.map(({ box }) => box.top)),
  right: Math.max(...parts.map(({ box }) => box.right)),
  bottom: Math.max(...parts.map(({ box }) => box.bottom)),
});
