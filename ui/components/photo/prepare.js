import { findGarment } from "./garment.js";
import { quantile } from "./ground.js";
import { centre, cut, greyOf, negate, scale, sharpen, stretch } from "./planes.js";

/**
 * From a photo to an image as the dataset has them, step by step as its authors did it (Xiao, Rasul and
 * Vollgraf, "Fashion-MNIST", 2017, section 2): the ground is trimmed off, the longest side becomes 28 pixels,
 * what is left is sharpened, put into the middle and negated. Their ground was white; here it is searched for.
 *
 * @typedef {import("./read.js").Photo} Photo
 * @typedef {import("./planes.js").Plane} Plane
 * @typedef {import("./planes.js").Box} Box
 * @typedef {import("./garment.js").Garment} Garment
 *
 * @typedef {object} Settings what is not left to the guess
 * @property {Box} [frame] in pixels of the photo: what lies out of it does not count
 * @property {number} [threshold] how far a colour of the garment is from the ground's, 0 to 255
 * @property {boolean} [isInverted] whether dark becomes bright
 *
 * @typedef {object} Prepared
 * @property {Plane} grey
 * @property {Plane} inverted the same as grey where the ground is the darker one
 * @property {Plane} cleared the garment alone, and 0 around it
 * @property {Plane} cropped
 * @property {Plane} small 28 by 28; all 0 where nothing stands out from the ground
 * @property {Box | null} box of the garment, in pixels of the photo; none where nothing stands out
 * @property {number} threshold that was used
 * @property {boolean} isInverted
 */

export const SIDE = 28;
// Of a garment so many are darker than what counts as its white.
const WHITE_SHARE = 0.99;
// A garment as light as its ground is seen all the same: at most so light is the middle of its greys.
const LIGHTEST_MIDDLE = 0.75;

/**
 * @param {Photo} photo
 * @param {Settings} [settings]
 * @returns {Prepared}
 */
export function prepare(photo, { frame, threshold, isInverted } = {}) {
  const framed = frame ? cutPhoto(photo, frame) : photo;
  const grey = greyOf(framed);
  const garment = findGarment(framed, grey, threshold);
  const turns = isInverted ?? isDarker(grey.values, garment);
  const inverted = turns ? negate(grey) : grey;
  const cleared = clear(inverted, garment.mask, turns ? whiteOf(grey.values, garment) : 255);
  const { box } = garment;
  const cropped = box ? cut(cleared, box) : cleared;
  return {
    grey,
    inverted,
    cleared,
    cropped,
    small: box ? small(cropped) : { values: new Float32Array(SIDE * SIDE), width: SIDE, height: SIDE },
    box: box && moved(box, frame?.left ?? 0, frame?.top ?? 0),
    threshold: garment.threshold,
    isInverted: turns,
  };
}

/**
 * @param {Photo} photo
 * @param {Box} box
 * @returns {Photo}
 */
function cutPhoto({ data, width }, { left, top, right, bottom }) {
  const part = new Uint8ClampedArray(4 * (right - left) * (bottom - top));
  for (let row = top; row < bottom; row += 1) {
    part.set(data.subarray(4 * (row * width + left), 4 * (row * width + right)), 4 * (row - top) * (right - left));
  }
  return { data: part, width: right - left, height: bottom - top };
}

/** @type {(box: Box, right: number, down: number) => Box} */
const moved = ({ left, top, right: end, bottom }, right, down) =>
  ({ left: left + right, top: top + down, right: end + right, bottom: bottom + down });

/**
 * Whether the garment is darker than its ground, as on the authors' white; so it is where there is none.
 *
 * @param {Float32Array} greys
 * @param {Garment} garment
 */
function isDarker(greys, { mask, box }) {
  return !box || quantile(greys, 0.5, (pixel) => mask[pixel] === 1) <= quantile(greys, 0.5, (pixel) => !mask[pixel]);
}

/**
 * The garment alone, on a ground of 0.
 *
 * @param {Plane} plane
 * @param {Uint8Array} mask 1 where the garment is
 * @param {number} white the grey that becomes 0 where the plane is inverted
 * @returns {Plane}
 */
function clear({ values, width, height }, mask, white) {
  const cleared = new Float32Array(values.length);
  for (let pixel = 0; pixel < cleared.length; pixel += 1) {
    if (mask[pixel]) cleared[pixel] = Math.max(0, 255 - (255 * (255 - values[pixel])) / white);
  }
  return { values: cleared, width, height };
}

/**
 * The grey that becomes 0 when it is inverted: of ground and garment the lighter, since few photos are as
 * bright as the authors'.
 *
 * @param {Float32Array} greys
 * @param {Garment} garment
 */
function whiteOf(greys, { mask }) {
  const ground = quantile(greys, 0.5, (pixel) => !mask[pixel]);
  const [middle, light] = [0.5, WHITE_SHARE].map((share) => quantile(greys, share, (pixel) => mask[pixel] === 1));
  return Math.min(255, Math.max(1, ground, light, middle / LIGHTEST_MIDDLE));
}

/**
 * @param {Plane} garment
 * @returns {Plane}
 */
function small(garment) {
  const factor = SIDE / Math.max(garment.width, garment.height);
  const [width, height] = [garment.width, garment.height].map((side) => Math.max(1, Math.round(factor * side)));
  return stretch(centre(sharpen(scale(garment, width, height)), SIDE));
}
