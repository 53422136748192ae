import { actOf, isAnswer } from "./acts.js";
import { morph } from "./morph.js";

/**
 * @typedef {object} Data
 * @property {string} html the ladder: one element, a button a step
 * @property {number} opened the step whose changes are shown, from 1
 * @property {number} seen the count of the newest act that was carried out
 *
 * @typedef {object} State
 * @property {number} opened for the visitor
 * @property {number} [count] of the newest act
 * @property {number} [seen]
 *
 * @typedef {Made<{ fmState?: State }>} Root
 */

/** @param {Root} root */
function mark(root) {
  for (const row of root.querySelectorAll("[data-step]")) {
    const step = Number(/** @type {HTMLElement} */ (row).dataset.step);
    row.setAttribute("aria-pressed", String(step === root.fmState?.opened));
  }
}

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement, setStateValue }) {
  const root = /** @type {Root} */ (morph(parentElement, data.html));
  const state = (root.fmState ??= { opened: data.opened });
  if (isAnswer(state, data)) state.opened = data.opened;
  mark(root);
  root.onclick = (event) => {
    const row = /** @type {HTMLElement | null} */ (
      /** @type {Element} */ (event.target).closest("[data-step]")
    );
    if (!row) return;
    state.opened = Number(row.dataset.step);
    const act = actOf(data.seen, state.opened);
    state.count = act.count;
    mark(root);
    setStateValue("opened", act);
  };
}
