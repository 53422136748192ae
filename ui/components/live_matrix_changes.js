// What an epoch changed in the confusion matrix: how far a cell swells, and what is said of it.
import { isMistake, mostConfused, pairOf } from "./confusion_matrix_cells.js";

/**
 * @typedef {object} Counts
 * @property {number[] | null} counts 100 of them, row by row; rows are true classes; none before the
 *   first epoch
 * @property {number[] | null} before those of the epoch before; none of the first
 */

// A change of so many pictures, a twentieth of a class, swells a cell as far as it goes.
const LARGE_CHANGE = 50;
const MOST_SWELL = 0.22;

/**
 * How much larger a cell gets for a moment, and smaller where it lost pictures: a part of its size.
 *
 * @param {number} change in pictures
 */
export const swellOf = (change) =>
  Math.sign(change) * MOST_SWELL * Math.sqrt(Math.min(1, Math.abs(change) / LARGE_CHANGE));

/**
 * Whether a change makes the network better: more that is right, or fewer mistakes.
 *
 * @param {number} cell
 * @param {number} change in pictures
 */
export const isBetter = (cell, change) => (isMistake(cell) ? change < 0 : change > 0);

/**
 * A cell in a sentence.
 *
 * @param {number} cell
 * @param {Counts} matrices
 * @param {string[]} nouns of the classes, in the plural
 *
 * Example: `"Shirts mistaken for T-shirts: 112 of 1,000 (12 fewer than an epoch ago)"`
 */
export function sentenceOf(cell, { counts, before }, nouns) {
  if (!counts) return "";
  const [truth, predicted] = pairOf(cell);
  const clothes = nouns[truth].charAt(0).toUpperCase() + nouns[truth].slice(1);
  const what = isMistake(cell) ? `mistaken for ${nouns[predicted]}` : "it gets right";
  const total = counts.slice(10 * truth, 10 * truth + 10).reduce((sum, count) => sum + count, 0);
  const change = before ? ` (${changeText(counts[cell] - before[cell])} an epoch ago)` : "";
  return `${clothes} ${what}: ${written(counts[cell])} of ${written(total)}${change}`;
}

/**
 * What is said where no cell is pointed at: the mistake that changed most, or the most frequent one.
 *
 * @param {Counts} matrices
 * @param {string[]} nouns of the classes, in the plural
 */
export function headlineOf(matrices, nouns) {
  const { counts, before } = matrices;
  if (!counts) return "";
  const changed = before ? mostConfused(counts.map((count, cell) => Math.abs(count - before[cell])), 1) : [];
  if (changed.length) return `Most changed: ${inside(sentenceOf(changed[0], matrices, nouns))}`;
  const [most] = mostConfused(counts, 1);
  return most === undefined ? "" : `Most frequent: ${inside(sentenceOf(most, matrices, nouns))}`;
}

/** @param {string} sentence that goes on after another word; T-shirts keep their capital */
const inside = (sentence) =>
  /^[A-Z][a-z]/.test(sentence) ? sentence.charAt(0).toLowerCase() + sentence.slice(1) : sentence;

/** @param {number} change */
function changeText(change) {
  if (!change) return "as many as";
  return `${written(Math.abs(change))} ${change > 0 ? "more" : "fewer"} than`;
}

/** @param {number} count */
const written = (count) => count.toLocaleString("en");
