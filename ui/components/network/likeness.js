/**
 * How like its training pictures an image is, from the table of `fmnist_core/analysis/prototypes.py`.
 *
 * @typedef {object} Prototypes
 * @property {Float32Array} limits of each class two distances and a roughness
 * @property {Uint8Array} images of all classes, in half their size
 *
 * @typedef {"like" | "unusual" | "unlike"} Likeness
 */

const CLASSES = 10, SIDE = 28, BLOCK = 2;
const HALF = SIDE / BLOCK, SIZE = HALF * HALF;
const LIMITS = 3;
const FLOAT_BYTES = 4;

/**
 * @param {ArrayBuffer} content
 * @returns {Prototypes}
 */
export const readPrototypes = (content) => ({
  limits: new Float32Array(content, 0, CLASSES * LIMITS),
  images: new Uint8Array(content, CLASSES * LIMITS * FLOAT_BYTES),
});

/**
 * Whether an image is like the training pictures of a class: as near to one as their own kind is.
 *
 * @param {Prototypes} prototypes
 * @param {ArrayLike<number>} pixels from 0 to 255
 * @param {number} classId
 * @returns {Likeness}
 */
export function likenessOf({ limits, images }, pixels, classId) {
  const values = halved(pixels);
  const count = images.length / CLASSES / SIZE;
  let least = Infinity;
  for (let prototype = classId * count; prototype < (classId + 1) * count; prototype += 1) {
    let squares = 0;
    for (let index = 0; index < SIZE; index += 1) squares += (values[index] - images[prototype * SIZE + index]) ** 2;
    least = Math.min(least, squares);
  }
  const [unusual, unlike, rough] = limits.subarray(LIMITS * classId, LIMITS * (classId + 1));
  const distance = Math.sqrt(least);
  if (distance > unlike || roughness(pixels) > rough) return "unlike";
  return distance > unusual ? "unusual" : "like";
}

/** @type {(pixels: ArrayLike<number>, block: number) => number[]} the values of one of 2 × 2 pixels */
const blockOf = (pixels, block) => {
  const at = Math.floor(block / HALF) * BLOCK * SIDE + (block % HALF) * BLOCK;
  return [pixels[at], pixels[at + 1], pixels[at + SIDE], pixels[at + SIDE + 1]];
};

/** @param {number[]} values */
const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** @param {ArrayLike<number>} pixels */
const halved = (pixels) => Array.from({ length: SIZE }, (_, block) => Math.round(meanOf(blockOf(pixels, block))));

/**
 * How much pixels differ from the mean of their block, on average.
 *
 * @param {ArrayLike<number>} pixels
 */
function roughness(pixels) {
  let sum = 0;
  for (let block = 0; block < SIZE; block += 1) {
    const values = blockOf(pixels, block);
    const mean = meanOf(values);
    for (const value of values) sum += Math.abs(value - mean);
  }
  return sum / (SIDE * SIDE);
}
