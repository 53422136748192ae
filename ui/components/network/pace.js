/**
 * How what needs many passes is cut into pieces, so that a stroke need not wait, and ends in time.
 *
 * @typedef {() => Generator<undefined, boolean, void>} Rest to be called after each pass; yields where a
 *   piece has ended, and returns whether time is up
 */

const PIECE_MS = 8;

/**
 * @param {number} deadline as `performance.now()` counts
 * @returns {Rest}
 */
export function pace(deadline) {
  let pieceEnds = performance.now() + PIECE_MS;
  return function* rest() {
    const now = performance.now();
    if (now > deadline) return true;
    if (now < pieceEnds) return false;
    yield undefined;
    pieceEnds = performance.now() + PIECE_MS;
    return pieceEnds - PIECE_MS > deadline;
  };
}
