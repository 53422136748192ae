/**
 * How like its training pictures an image is, from the table of `fmnist_core/analysis/prototypes.py`.
 *
 * @typedef {object} Prototypes
 * @property {Float32Array} limits two distances a class
 * @property {Uint8Array} images of all classes, in half their size
 *
 * @typedef {"like" | "unusual" | "unlike"} Likeness
 */

const CLASSES = 10, SIDE = 28, BLOCK = 2;
const HALF = SIDE / BLOCK, SIZE = HALF * HALF;
const LIMITS = 2;
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
  const [unusual, unlike] = limits.subarray(LIMITS * classId, LIMITS * (classId + 1));
  const distance = Math.sqrt(least);
  return distance <= unusual ? "like" : distance <= unlike ? "unusual" : "unlike";
}

/** @param {ArrayLike<number>} pixels */
const halved = (pixels) => Array.from({ length: SIZE }, (_, index) => {
  const at = Math.floor(index / HALF) * BLOCK * SIDE + (index % HALF) * BLOCK;
  return Math.round((pixels[at] + pixels[at + 1] + pixels[at + SIDE] + pixels[at + SIDE + 1]) / (BLOCK * BLOCK));
});
