import { leadOf, rivalOf } from "./gradients.js";
import { logitsOf } from "./network.js";
import { pace } from "./pace.js";

/**
 * As few changed pixels as a search finds until a network's answer is a wanted class.
 *
 * A greedy search along the gradient changes pixel after pixel to black or white, what was not needed is
 * taken back, and then two of them are replaced by one for as long as that works. The fewest of all
 * it need not be: to find these, one would have to go through all subsets.
 *
 * @typedef {import("./network.js").Network} Network
 *
 * @typedef {object} Fix
 * @property {Float32Array | null} pixels of the changed image, from 0 to 255; null where none was found
 * @property {number} changed how many pixels are others than those of the image
 * @property {boolean} done whether it goes on no more
 *
 * @typedef {Map<number, number>} Changes the new value of each pixel that is changed, by its place
 */

// Other computers round otherwise: by so much the logit leads, so that they give the same answer.
const LEAST_LEAD = 1e-3;
// So many of the pixels that the gradient says most of are tried before one is changed: first just one, so
// that slow networks find something, too, then more; and before two are replaced.
const GREEDY_TRIES = [1, 8];
const REPLACING_TRIES = 32;
const BLACK = 0, WHITE = 255;

/**
 * Search; yields each change that is smaller than the one before, and nothing in between.
 *
 * @param {Network} network
 * @param {Float32Array} pixels from 0 to 255
 * @param {number} classId the wanted class
 * @param {number} deadline as `performance.now()` counts
 * @returns {Generator<Fix | undefined, Fix, void>}
 */
export function* fewest(network, pixels, classId, deadline) {
  const search = { network, pixels, classId, rest: pace(deadline) };
  /** @type {Changes | null} */
  let best = null;
  for (const found of improvements(search)) {
    if (found) best = found;
    yield found && fixOf(search, found, false);
  }
  return best ? fixOf(search, best, true) : { pixels: null, changed: 0, done: true };
}

/**
 * @typedef {object} Search
 * @property {Network} network
 * @property {Float32Array} pixels of the image
 * @property {number} classId
 * @property {import("./pace.js").Rest} rest
 *
 * @typedef {Generator<undefined, Changes | null, void>} Step returns what it found, if anything
 * @typedef {Generator<Changes | undefined, Changes, void>} Telling yields what it found, and returns the last
 */

/**
 * Whatever is found, each fewer than before.
 *
 * @param {Search} search
 * @returns {Generator<Changes | undefined, void, void>}
 */
function* improvements(search) {
  /** @type {Changes | null} */
  let best = null;
  for (const tries of GREEDY_TRIES) {
    /** @type {Changes | null} */
    const found = yield* greedy(search, tries, best ? best.size - 1 : Infinity);
    if (found) best = yield* needed(search, found);
  }
  while (best) {
    /** @type {Changes | null} */
    const found = yield* replaceTwo(search, best);
    if (!found) return;
    best = yield* needed(search, found);
  }
}

/** @type {(search: Search, changes: Changes, done: boolean) => Fix} */
const fixOf = ({ pixels }, changes, done) => ({ pixels: changed(pixels, changes), changed: changes.size, done });

/** @type {(pixels: Float32Array, changes: Changes) => Float32Array} */
function changed(pixels, changes) {
  const result = pixels.slice();
  for (const [place, value] of changes) result[place] = value;
  return result;
}

/** @type {(search: Search, changes: Changes) => number} */
function leadWith({ network, pixels, classId }, changes) {
  const logits = logitsOf(network, changed(pixels, changes));
  return logits[classId] - logits[rivalOf(logits, classId)];
}

/** @type {(lead: number) => boolean} */
const isEnough = (lead) => lead >= LEAST_LEAD;

/**
 * Change one pixel after the other, each the best of some.
 *
 * @param {Search} search
 * @param {number} tries of how many
 * @param {number} most pixels
 * @returns {Step}
 */
function* greedy(search, tries, most) {
  let best = { changes: /** @type {Changes} */ (new Map()), lead: leadWith(search, new Map()) };
  while (!isEnough(best.lead)) {
    const before = best.changes;
    if (before.size >= most || (yield* search.rest())) return null;
    let lead = -Infinity;
    for (const [place, value] of promising(search, before, tries)) {
      if (yield* search.rest()) return null;
      const changes = new Map(before).set(place, value);
      const found = leadWith(search, changes);
      if (found <= lead) continue;
      lead = found;
      best = { changes, lead };
    }
    if (lead === -Infinity) return null;
  }
  return best.changes;
}

/**
 * The pixels that promise most where they become black or white, by the gradient; of those left as they are.
 *
 * @param {Search} search
 * @param {Changes} changes
 * @param {number} count at most
 * @returns {[number, number][]} place and new value of each, the best first
 */
function promising({ network, pixels, classId }, changes, count) {
  const { gradient } = leadOf(network, changed(pixels, changes), classId);
  const gains = gradient.map((slope, place) =>
    (changes.has(place) ? 0 : slope * ((slope > 0 ? WHITE : BLACK) - pixels[place])));
  const places = Array.from(gains.keys()).filter((place) => gains[place] > 0);
  places.sort((a, b) => gains[b] - gains[a]);
  return places.slice(0, count).map((place) => [place, gradient[place] > 0 ? WHITE : BLACK]);
}

/**
 * Tell of changes, take back what is not needed, the oldest first, and tell of what is left.
 *
 * @param {Search} search
 * @param {Changes} changes
 * @returns {Telling}
 */
function* needed(search, changes) {
  yield changes;
  const kept = new Map(changes);
  for (const [place, value] of changes) {
    if (yield* search.rest()) break;
    kept.delete(place);
    if (!isEnough(leadWith(search, kept))) kept.set(place, value);
  }
  if (kept.size < changes.size) yield kept;
  return kept;
}

/**
 * Replace two changes by one.
 *
 * @param {Search} search
 * @param {Changes} changes
 * @returns {Step}
 */
function* replaceTwo(search, changes) {
  const places = [...changes.keys()];
  for (let first = 0; first < places.length; first += 1) {
    for (let second = first + 1; second < places.length; second += 1) {
      if (yield* search.rest()) return null;
      const left = new Map(changes);
      left.delete(places[first]);
      left.delete(places[second]);
      for (const [place, value] of promising(search, left, REPLACING_TRIES)) {
        if (yield* search.rest()) return null;
        const tried = new Map(left).set(place, value);
        if (isEnough(leadWith(search, tried))) return tried;
      }
    }
  }
  return null;
}
