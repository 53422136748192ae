import { UNCHANGED } from "./changes.js";
import { pixelsOf, textOf } from "./image_text.js";
import { blank } from "./strokes.js";

/**
 * What is in hand, and everything that Undo and a reload have to bring back with it.
 *
 * @typedef {import("./changes.js").Changes} Changes
 * @typedef {import("./dataset_source.js").Picture} Picture
 * @typedef {"draw" | "photo" | "dataset"} Source
 *
 * @typedef {object} Work
 * @property {Float32Array} base what was drawn, before changes
 * @property {Changes} changes
 * @property {Source} source
 * @property {Picture | null} picture of the dataset that it began as
 * @property {boolean} isPhoto whether it began as a photo, which never leaves the browser
 * @property {boolean} fits whether it is centred for the networks
 */

/** @returns {Work} */
export const emptyWork = () => ({
  base: blank(), changes: { ...UNCHANGED }, source: "draw", picture: null, isPhoto: false, fits: true,
});

/** @type {(work: Work) => Work} */
export const copyOf = (work) => ({ ...work, changes: { ...work.changes } });

/**
 * As a text for a tab that is loaded again.
 *
 * @param {Work} work
 * @param {string} key of the address that it began with
 */
export const keptText = (work, key) => JSON.stringify({
  ...work, key, base: textOf(work.base), picture: work.picture && { ...work.picture, pixels: textOf(work.picture.pixels) },
});

/**
 * @param {string | null} text
 * @param {string} key of the address that is open now
 * @returns {Work | null} null where nothing was kept, or it belongs to another address
 */
export function keptWork(text, key) {
  try {
    const { key: keptKey, ...kept } = JSON.parse(text ?? "");
    const base = pixelsOf(kept.base);
    const pixels = kept.picture && pixelsOf(kept.picture.pixels);
    if (keptKey !== key || !base || pixels === null && kept.picture) return null;
    return { ...emptyWork(), ...kept, base, picture: kept.picture && { ...kept.picture, pixels } };
  } catch {
    return null;
  }
}
