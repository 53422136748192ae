import { bytesOf } from "../bytes.js";
import { PIXELS, WHITE } from "./strokes.js";

/**
 * The 784 pixels of an image as the text that an address holds; `ui/own_image.py` reads the same.
 *
 * @param {ArrayLike<number>} pixels from 0 to 255
 */
export function textOf(pixels) {
  const signs = String.fromCharCode(...Uint8Array.from(pixels, (value) => Math.round(Math.min(WHITE, Math.max(0, value)))));
  return btoa(signs).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * @param {string} text
 * @returns {Float32Array | null} the pixels; null where the text is none of an image
 */
export function pixelsOf(text) {
  try {
    const bytes = bytesOf(text.replaceAll("-", "+").replaceAll("_", "/"));
    return bytes.length === PIXELS ? Float32Array.from(bytes) : null;
  } catch {
    return null;
  }
}
