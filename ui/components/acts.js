/**
 * Every act of a visitor gets a count that no earlier one in this window has, in whichever
 * component, and that is larger than what the dashboard has seen.
 *
 * @param {number} seen
 */
export function nextCount(seen) {
  window.fmActs = Math.max(Date.now(), (window.fmActs ?? 0) + 1, seen + 1);
  return window.fmActs;
}

/** @type {(seen: number, value: unknown) => Act} */
export const actOf = (seen, value) => ({ count: nextCount(seen), value });

// The buttons of our components. A press on one counts though the page moves before the release;
// who draws the pointer away takes it back.
const OURS = ":is(.fm-choice, .fm-wall, .fm-confusion, .fm-steps, .fm-ladder, .fm-scores) button";
const DRAWN_AWAY = 12;

// What is known of the window's acts is kept on the window: after an update of the dashboard a page
// can hold this module twice.
if (!window.fmWatched) {
  window.fmWatched = true;
  /** @type {{ button: HTMLElement, x: number, y: number } | null} */
  let press = null;
  document.addEventListener("pointerdown", (event) => {
    const target = /** @type {Partial<Element>} */ (event.target);
    const button = /** @type {HTMLElement | null | undefined} */ (target.closest?.(OURS));
    press = button && event.pointerType === "mouse" ? { button, x: event.clientX, y: event.clientY } : null;
    press?.button.setPointerCapture(event.pointerId);
  }, true);
  document.addEventListener("click", (event) => {
    if (!press?.button.contains(/** @type {Node} */ (event.target)) || !event.detail) return;
    const far = Math.hypot(event.clientX - press.x, event.clientY - press.y) > DRAWN_AWAY;
    const under = document.elementFromPoint(event.clientX, event.clientY);
    if (far && !press.button.contains(under)) event.stopPropagation();
  }, true);
}

/**
 * Whether an answer knows the newest act of this component; an older one must not undo it.
 * A server that knows less than it did has lost the session: what it says is all there is.
 *
 * @param {ActState} state
 * @param {Seen} data
 */
export function isAnswer(state, data) {
  if (data.seen < (state.seen ?? 0)) state.count = 0;
  state.seen = data.seen;
  return data.seen >= (state.count ?? 0);
}
