// The ways from scene to scene: which key, or which movement of a finger, means which of them.

/** @typedef {"previous" | "next" | "leave"} Way */

// A clicker has the keys of a page up and down.
/** @type {{ [key: string]: Way }} */
export const KEYS = {
  ArrowRight: "next", PageDown: "next", " ": "next",
  ArrowLeft: "previous", PageUp: "previous",
  Escape: "leave", p: "leave", P: "leave",
};
// A finger moves so far for a swipe, and no farther for a tap, in pixels. A tap means a way where it
// is so near the edge, as a share of the width.
const SWIPE = 60;
const TAP = 15;
const EDGE = 0.12;

/**
 * Which way a finger means, from where it came down to where it left; none for a mere touch.
 *
 * @param {{ x: number, y: number }} from in pixels of the window
 * @param {{ x: number, y: number }} to
 * @param {number} width of the window
 * @returns {Way | null}
 */
export function touchedWay(from, to, width) {
  const [across, down] = [to.x - from.x, to.y - from.y];
  if (Math.abs(across) > SWIPE && Math.abs(across) > 2 * Math.abs(down)) {
    return across < 0 ? "next" : "previous";
  }
  if (Math.hypot(across, down) > TAP) return null;
  if (to.x > (1 - EDGE) * width) return "next";
  return to.x < EDGE * width ? "previous" : null;
}
