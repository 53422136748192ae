import { pixelsOf } from "../drawing/image_text.js";
import { keptPhoto, PHOTO } from "../drawing/kept_photo.js";

/**
 * Images to look at: of the test split by index, or one's own, which stands in the address or, where it is a
 * photo, is kept by this tab.
 *
 * @typedef {object} Picture
 * @property {Float32Array} pixels from 0 to 255
 * @property {number | null} truth its class, where it is known
 */

export const SIDE = 28;
const PIXELS = SIDE * SIDE;
const NO_PHOTO = "This photo is not here: a photo stays in the tab that took it. Choose a test picture.";

/**
 * An image of one's own.
 *
 * @param {string} text base64url, or what stands for the photo
 * @returns {Picture}
 */
export function ownPicture(text) {
  const pixels = text === PHOTO ? keptPhoto() : pixelsOf(text);
  if (!pixels) throw new Error(text === PHOTO ? NO_PHOTO : "This picture cannot be read.");
  return { pixels, truth: null };
}

/** @type {Map<string, Promise<Picture>>} */
const fetched = new Map();

/**
 * An image of the test split.
 *
 * @param {string} folder address of the images, up to the index
 * @param {number} index
 * @returns {Promise<Picture>}
 */
export function testPicture(folder, index) {
  const address = `${folder}${index}.bin`;
  const known = fetched.get(address);
  if (known) return known;
  const fetching = fetchPicture(address);
  fetched.set(address, fetching);
  fetching.catch(() => fetched.delete(address));
  return fetching;
}

/** @param {string} address */
async function fetchPicture(address) {
  const { status, bytes } = await answerOf(address);
  if (status === 503) throw new Error(new TextDecoder().decode(bytes));
  if (status !== 200 || bytes.length !== 1 + PIXELS) throw new Error("The picture could not be fetched.");
  return { pixels: Float32Array.from(bytes.subarray(1)), truth: bytes[0] };
}

/** @param {string} address */
async function answerOf(address) {
  try {
    const response = await fetch(address);
    return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
  } catch {
    throw new Error("The picture could not be fetched: the dashboard does not answer.");
  }
}
