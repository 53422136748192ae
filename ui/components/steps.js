import { actOf, isAnswer } from "./acts.js";
import { element, onceGone } from "./elements.js";
import { pageKey, USES_LETTERS } from "./keys.js";

/**
 * @typedef {object} Data
 * @property {number[]} numbers indices of the images around the open one, in their order
 * @property {number} start how many images come before these
 * @property {number} total how many there are in all
 * @property {number} picture index of the open image; need not be among them
 * @property {string} back what leads back to all of them; empty where nothing does
 * @property {string} where follows "5 of 60"
 * @property {string} elsewhere stands there where the open image is not among them
 * @property {number} seen the count of the newest act that was carried out
 *
 * @typedef {"back" | "previous" | "next"} Step
 *
 * @typedef {object} State
 * @property {Data} data
 * @property {number} picture index of the open image, for the visitor
 * @property {number} count of the newest act
 * @property {number} [seen]
 * @property {Tell} tell
 *
 * @typedef {Made<{}, { span: HTMLElement, kbd: HTMLElement }, HTMLButtonElement>} Button
 * @typedef {{ [step in `[data-step=${Step}]`]: Button }} Buttons
 * @typedef {{ fmState: State, fmKeys: (event: KeyboardEvent) => void }} Kept
 * @typedef {Made<Kept, Buttons & { ".fm-steps-place": HTMLElement }>} Root
 */

/** @type {[step: Step, words: string, key: string, icon: string][]} */
const STEPS = [
  ["back", "", "Esc", "M3 3h4v4H3zM9 3h4v4H9zM3 9h4v4H3zM9 9h4v4H9z"],
  ["previous", "Previous", "←", "M10 3 5 8l5 5"],
  ["next", "Next", "→", "M6 3l5 5-5 5"],
];
/** @type {{ [key: string]: Step }} */
const KEYS = { Escape: "back", ArrowLeft: "previous", ArrowRight: "next" };
/** @type {{ [step in Step]: string }} */
const SHORTCUTS = { back: "Escape", previous: "ArrowLeft", next: "ArrowRight" };
/** What walks by arrows itself, too. */
const USES_ARROWS = [
  USES_LETTERS,
  "input[type=range], canvas, audio, video, .fm-wall:has(> :nth-child(2))",
  "[role=slider], [role=spinbutton], [role=radiogroup], [role=tablist], [role=grid]",
].join();

/** @param {Root} root */
function build(root) {
  for (const [name, text, key, path] of STEPS) {
    const button = /** @type {Button} */ (element("button", "", root));
    button.type = "button";
    button.dataset.step = name;
    button.innerHTML =
      `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${path}"/></svg><span></span><kbd>${key}</kbd>`;
    button.querySelector("span").textContent = text;
    button.querySelector("kbd").setAttribute("aria-hidden", "true");
    button.setAttribute("aria-keyshortcuts", SHORTCUTS[name]);
  }
  element("span", "fm-steps-place", root);
}

/** @param {Root} root */
function show(root) {
  const { data, picture } = root.fmState;
  const index = data.numbers.indexOf(picture);
  /** @param {Step} name */
  const button = (name) => root.querySelector(`[data-step=${name}]`);
  button("back").hidden = !data.back;
  button("back").querySelector("span").textContent = data.back;
  button("previous").disabled = index < 1;
  button("next").disabled = index < 0 || index + 1 >= data.numbers.length;
  root.querySelector(".fm-steps-place").textContent = index < 0 ? data.elsewhere
    : `${(data.start + index + 1).toLocaleString("en")} of ${data.total.toLocaleString("en")} ${data.where}`.trim();
}

/**
 * @param {Root} root
 * @param {Step} name
 */
function step(root, name) {
  const state = root.fmState;
  const button = root.querySelector(`[data-step=${name}]`);
  if (button.disabled || button.hidden) return;
  const index = state.data.numbers.indexOf(state.picture);
  if (name !== "back") state.picture = state.data.numbers[name === "next" ? index + 1 : index - 1];
  const act = actOf(state.data.seen, state.picture);
  state.count = act.count;
  show(root);
  state.tell(name === "back" ? "left" : "stepped", act);
}

/**
 * What a key does; undefined where it belongs to what has the focus, or does nothing here.
 *
 * @param {Pick<KeyboardEvent, "key" | "target" | "defaultPrevented"> & Partial<KeyboardEvent>} event
 * @returns {Step | undefined}
 */
export function stepOf(event) {
  if (event.shiftKey) return undefined;
  return KEYS[pageKey(event, KEYS[event.key] === "back" ? USES_LETTERS : USES_ARROWS)];
}

/** @param {Root} root */
function listen(root) {
  root.fmKeys = (event) => {
    const name = stepOf(event);
    if (!name) return;
    // An arrow would scroll a page that is wider than the window.
    event.preventDefault();
    step(root, name);
  };
  document.addEventListener("keydown", root.fmKeys);
}

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement, setStateValue }) {
  let root = /** @type {Root | null} */ (parentElement.querySelector(":scope > .fm-steps"));
  if (!root) {
    root = /** @type {Root} */ (element("div", "fm-steps", parentElement));
    build(root);
    root.fmState = /** @type {State} */ ({ count: 0 });
    listen(root);
  }
  const state = root.fmState;
  state.data = data;
  state.tell = setStateValue;
  if (isAnswer(state, data)) state.picture = data.picture;
  root.onclick = (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (button) step(root, /** @type {Step} */ (button.dataset.step));
  };
  show(root);
  return onceGone(root, () => document.removeEventListener("keydown", root.fmKeys));
}
