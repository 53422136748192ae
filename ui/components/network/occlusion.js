import { logitsOf } from "./network.js";
import { pace } from "./pace.js";

/**
 * Where a network looks: how much the score of a class falls when a square of the image is covered.
 *
 * @typedef {object} OcclusionMap
 * @property {Float32Array} falls of the logit, one a pixel: the mean over the squares that cover it
 * @property {number} step between two squares, in pixels: the smaller, the finer
 */

export const SIDE = 28;
// Of a square: wide enough to take away a sleeve or a heel.
export const SQUARE = 4;
// Between squares, coarse first; each grid holds the one before.
const STEPS = [4, 2, 1];

/**
 * Cover one square after the other; yields what is known after each grid, and nothing in between.
 *
 * @param {import("./network.js").Network} network
 * @param {Float32Array} pixels from 0 to 255
 * @param {number} classId
 * @param {number} deadline as `performance.now()` counts; the grid that it cuts is left out
 * @returns {Generator<OcclusionMap | undefined, OcclusionMap | undefined, void>} the finest at the end; nothing where
 *   there was no time even for the coarsest
 */
export function* occlusion(network, pixels, classId, deadline) {
  const whole = logitsOf(network, pixels)[classId];
  /** @type {Map<number, number>} */
  const falls = new Map();
  /** @type {OcclusionMap | undefined} */
  let map;
  const rest = pace(deadline);
  for (const step of STEPS) {
    for (let row = 0; row <= SIDE - SQUARE; row += step) {
      for (let column = 0; column <= SIDE - SQUARE; column += step) {
        const place = row * SIDE + column;
        if (falls.has(place)) continue;
        falls.set(place, fallOf(network, pixels, classId, whole, place));
        if (yield* rest()) return map;
      }
    }
    map = { falls: spread(falls), step };
    if (step !== STEPS[STEPS.length - 1]) yield map;
  }
  return map;
}

/**
 * @param {import("./network.js").Network} network
 * @param {Float32Array} pixels
 * @param {number} classId
 * @param {number} whole the logit without a cover
 * @param {number} place of the square's first pixel
 */
function fallOf(network, pixels, classId, whole, place) {
  const covered = pixels.slice();
  let changed = false;
  for (let row = 0; row < SQUARE; row += 1) {
    const from = place + row * SIDE;
    changed ||= covered.subarray(from, from + SQUARE).some((value) => value !== 0);
    covered.fill(0, from, from + SQUARE);
  }
  return changed ? whole - logitsOf(network, covered)[classId] : 0;
}

/**
 * @param {Map<number, number>} falls by the place of the square
 * @returns {Float32Array} one a pixel
 */
function spread(falls) {
  const sums = new Float32Array(SIDE * SIDE), counts = new Float32Array(SIDE * SIDE);
  for (const [place, fall] of falls) {
    for (let index = 0; index < SQUARE * SQUARE; index += 1) {
      const pixel = place + Math.floor(index / SQUARE) * SIDE + (index % SQUARE);
      sums[pixel] += fall;
      counts[pixel] += 1;
    }
  }
  return sums.map((sum, pixel) => sum / counts[pixel]);
}
