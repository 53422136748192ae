/**
 * What the bytes of a file say of the picture in it, without decoding it.
 *
 * @typedef {object} Header
 * @property {string} kind such as "PNG"
 * @property {number} width in pixels, as stored: EXIF may turn it
 * @property {number} height
 *
 * @typedef {{ width: number, height: number }} Size
 */

/** A file that is not taken; the message is a sentence for whoever chose it. */
export class PhotoRefused extends Error {}

export const MOST_BYTES = 20_000_000;
export const MOST_PIXELS = 40_000_000;
const TAKEN = "PNG, JPEG, WebP, GIF and BMP can be opened.";

/** @type {[kind: string, sign: string, sizeOf: (bytes: DataView) => Size][]} */
const KINDS = [
  ["PNG", "\x89PNG\r\n\x1a\n", sizeOfPng],
  ["JPEG", "\xff\xd8\xff", sizeOfJpeg],
  ["WebP", "RIFF????WEBP", sizeOfWebp],
  ["GIF", "GIF8?a", sizeOfGif],
  ["BMP", "BM", sizeOfBmp],
];
// Known by name alone; in "?" stands anything.
const REFUSED = [
  ["a PDF", "%PDF"],
  ["a TIFF picture", "II*\0"],
  ["a TIFF picture", "MM\0*"],
  ["an AVIF picture", "????ftypavi"],
  ["an HEIC photo", "????ftyphe"],
  ["an HEIC photo", "????ftypmif"],
  ["an HEIC photo", "????ftypmsf"],
];
// So far from its beginning a text says that it is an SVG: comments and declarations come before.
const SVG_BYTES = 4_096;

/**
 * The kind and size of the picture in a file.
 *
 * @param {Uint8Array} bytes the whole file
 * @returns {Header}
 * @throws {PhotoRefused} where it is no picture of a kind that is taken, damaged, or too large to draw
 */
export function readHeader(bytes) {
  const known = KINDS.find(([, sign]) => beginsWith(bytes, sign));
  if (!known) throw new PhotoRefused(whyNotTaken(bytes));
  const [kind, , sizeOf] = known;
  const { width, height } = sizeWithin(bytes, kind, sizeOf);
  if (width * height > MOST_PIXELS) throw new PhotoRefused(tooLarge(width, height));
  return { kind, width, height };
}

/** @param {string} kind of the picture */
export const damaged = (kind) => `This ${kind} file cannot be opened: it seems to be damaged.`;

/**
 * @param {Uint8Array} bytes
 * @param {string} kind
 * @param {(bytes: DataView) => Size} sizeOf
 */
function sizeWithin(bytes, kind, sizeOf) {
  try {
    const size = sizeOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    if (size.width > 0 && size.height > 0) return size;
  } catch (error) {
    // Whatever would be read behind the end.
    if (!(error instanceof RangeError)) throw error;
  }
  throw new PhotoRefused(damaged(kind));
}

/**
 * @param {number} width
 * @param {number} height
 */
function tooLarge(width, height) {
  const [wide, high, all] = [width, height, Math.round((width * height) / 1e6)]
    .map((count) => count.toLocaleString("en"));
  return `This picture has ${wide} × ${high} pixels, which is ${all} megapixels. `
    + `The most that can be opened is ${MOST_PIXELS / 1e6}.`;
}

/** @param {Uint8Array} bytes */
function whyNotTaken(bytes) {
  if (!bytes.length) return "This file is empty.";
  const name = isSvg(bytes) ? "an SVG drawing" : REFUSED.find(([, sign]) => beginsWith(bytes, sign))?.[0];
  return name ? `This is ${name}, which cannot be opened here. ${TAKEN}`
    : `This is no picture of a kind that is known here. ${TAKEN}`;
}

/** @param {Uint8Array} bytes */
function isSvg(bytes) {
  const text = String.fromCharCode(...bytes.subarray(0, SVG_BYTES)).replace(/^\xef\xbb\xbf/, "").toLowerCase();
  return text.trimStart().startsWith("<") && text.includes("<svg");
}

/**
 * @param {Uint8Array} bytes
 * @param {string} sign a character a byte
 */
const beginsWith = (bytes, sign) => bytes.length >= sign.length
  && [...sign].every((character, index) => character === "?" || bytes[index] === character.charCodeAt(0));

/**
 * Portable Network Graphics (W3C, third edition), 11.2.1: the header is the first chunk.
 *
 * @param {DataView} view
 * @returns {Size}
 */
function sizeOfPng(view) {
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/**
 * ITU-T T.81, B.2.2: the frame header, behind segments of any length.
 *
 * @param {DataView} view
 * @returns {Size}
 */
function sizeOfJpeg(view) {
  let at = 2;
  for (;;) {
    if (view.getUint8(at) !== 0xff) return NO_SIZE;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    // The scan, or the end, and nothing has said a size.
    if (marker === 0xda || marker === 0xd9) return NO_SIZE;
    if (isFrame(marker)) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += 2 + (isAlone(marker) ? 0 : view.getUint16(at + 2));
  }
}

const NO_SIZE = { width: 0, height: 0 };

/** @param {number} marker of JPEG: all of a frame, without tables that stand among them */
const isFrame = (marker) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** @param {number} marker of JPEG, without a length behind it */
const isAlone = (marker) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);

/**
 * RFC 9649: the canvas of an extended file, or the header of a lossless or lossy image.
 *
 * @param {DataView} view
 * @returns {Size}
 */
function sizeOfWebp(view) {
  const chunk = String.fromCharCode(...[12, 13, 14, 15].map((at) => view.getUint8(at)));
  if (chunk === "VP8X") return { width: 1 + threeBytes(view, 24), height: 1 + threeBytes(view, 27) };
  if (chunk === "VP8L" && view.getUint8(20) === 0x2f) {
    const bits = view.getUint32(21, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
  }
  if (chunk === "VP8 " && threeBytes(view, 23) === 0x2a019d) {
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  return NO_SIZE;
}

/** @type {(view: DataView, at: number) => number} */
const threeBytes = (view, at) => view.getUint16(at, true) + 0x10000 * view.getUint8(at + 2);

/**
 * GIF89a, 18 and 20: the screen, which decoders enlarge to a first image that is larger.
 *
 * @param {DataView} view
 * @returns {Size}
 */
function sizeOfGif(view) {
  const table = view.getUint8(10);
  let at = 13 + (table & 0x80 ? 3 * 2 ** ((table & 7) + 1) : 0);
  while (view.getUint8(at) === 0x21) {
    at += 2;
    while (view.getUint8(at)) at += 1 + view.getUint8(at);
    at += 1;
  }
  if (view.getUint8(at) !== 0x2c) return NO_SIZE;
  const [left, top, width, height] = [1, 3, 5, 7].map((place) => view.getUint16(at + place, true));
  return {
    width: Math.max(view.getUint16(6, true), left + width),
    height: Math.max(view.getUint16(8, true), top + height),
  };
}

// Of the oldest BMP, whose sizes have two bytes.
const CORE_HEADER_LENGTH = 12;

/**
 * @param {DataView} view
 * @returns {Size} a height below 0 stands for rows from the top
 */
function sizeOfBmp(view) {
  if (view.getUint32(14, true) === CORE_HEADER_LENGTH) {
    return { width: view.getUint16(18, true), height: view.getUint16(20, true) };
  }
  return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
}
