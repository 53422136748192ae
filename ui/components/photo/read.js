import { damaged, MOST_BYTES, PhotoRefused, readHeader } from "./header.js";

/**
 * A visitor's photo, decoded in the browser: it is sent nowhere.
 *
 * @typedef {object} Photo upright, nothing shining through
 * @property {Uint8ClampedArray} data red, green, blue and 255 of each pixel, row after row
 * @property {number} width
 * @property {number} height
 */

// Enough for what becomes 28 pixels, little enough to be worked on while a slider moves.
export const LONGEST_SIDE = 640;
// A few bytes can hold a picture that is decoded a thousand times over.
const DECODE_MS = 10_000;

/**
 * Read a photo.
 *
 * @param {File} file
 * @returns {Promise<Photo>} no side longer than `LONGEST_SIDE`
 * @throws {PhotoRefused} with a sentence
 */
export async function readPhoto(file) {
  if (file.size > MOST_BYTES) throw new PhotoRefused(tooMuch(file.size));
  const { kind } = readHeader(await bytesOf(file));
  const bitmap = await decode(file, kind);
  try {
    return draw(bitmap);
  } finally {
    bitmap.close();
  }
}

/** @param {number} size in bytes */
function tooMuch(size) {
  const [is, most] = [size, MOST_BYTES].map((bytes) => Math.ceil(bytes / 1e6).toLocaleString("en"));
  return `This file has ${is} MB. The most that can be opened is ${most} MB.`;
}

/** @param {File} file */
async function bytesOf(file) {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    // A folder, or a file that has gone since it was chosen.
    throw new PhotoRefused("This cannot be read. Is it a file, and is it still there?");
  }
}

/**
 * @param {File} file
 * @param {string} kind
 * @returns {Promise<ImageBitmap>}
 */
async function decode(file, kind) {
  const decoding = decoded(file).catch(() => {
    throw new PhotoRefused(damaged(kind));
  });
  let timer = 0;
  /** @type {Promise<null>} */
  const late = new Promise((resolve) => {
    timer = window.setTimeout(() => resolve(null), DECODE_MS);
  });
  try {
    const bitmap = await Promise.race([decoding, late]);
    if (bitmap) return bitmap;
  } finally {
    clearTimeout(timer);
  }
  decoding.then((bitmap) => bitmap.close(), () => {});
  throw new PhotoRefused(`This ${kind} file takes too long to open.`);
}

/** @param {File} file */
async function decoded(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Older browsers turn every photo upright, and know no word for it.
    return createImageBitmap(file);
  }
}

/**
 * @param {ImageBitmap} bitmap
 * @returns {Photo}
 */
function draw(bitmap) {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  const width = canvas.width = Math.max(1, Math.round(scale * bitmap.width));
  const height = canvas.height = Math.max(1, Math.round(scale * bitmap.height));
  try {
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
    pen.imageSmoothingQuality = "high";
    pen.drawImage(bitmap, 0, 0, width, height);
    const { data } = pen.getImageData(0, 0, width, height);
    layOverWhite(data);
    return { data, width, height };
  } finally {
    // Some phones keep a canvas until they have too many.
    canvas.width = canvas.height = 0;
  }
}

/** @param {Uint8ClampedArray} data red, green, blue and opacity of each pixel; is changed */
export function layOverWhite(data) {
  for (let at = 0; at < data.length; at += 4) {
    const opacity = data[at + 3] / 255;
    if (opacity === 1) continue;
    for (let channel = at; channel < at + 3; channel += 1) data[channel] = 255 - opacity * (255 - data[channel]);
    data[at + 3] = 255;
  }
}
