import { actOf, isAnswer } from "./acts.js";
import { onceGone } from "./elements.js";
import { channel, listen } from "./live_channel.js";
import { morph } from "./morph.js";

/**
 * @typedef {object} Data
 * @property {string} html the ladder: one element, a button a step
 * @property {number} opened the step whose changes are shown, from 1
 * @property {number} now when the page was drawn
 * @property {number} seen the count of the newest act that was carried out
 *
 * @typedef {object} State
 * @property {number} opened for the visitor
 * @property {number} [count] of the newest act
 * @property {number} [seen]
 * @property {Data} data the newest
 *
 * @typedef {Made<{ fmState?: State, fmEnd?: () => void }>} Root
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
  const root = /** @type {Root} */ (morph(parentElement, newest(data)));
  const isNew = !root.fmState;
  const state = (root.fmState ??= { opened: data.opened, data });
  state.data = data;
  if (isAnswer(state, data)) state.opened = data.opened;
  mark(root);
  const end = isNew && listen((message) => {
    if (!message.parts || !("ladder" in message.parts)) return;
    morph(parentElement, newest(state.data));
    mark(root);
  });
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
  if (end) root.fmEnd = end;
  return onceGone(root, () => root.fmEnd?.());
}

/**
 * What the channel has told since the page was drawn, or what it was drawn with.
 *
 * @param {Data} data
 */
function newest(data) {
  const told = channel.parts.get("ladder");
  return /** @type {string} */ (told && told.now >= data.now ? told.value : data.html);
}
