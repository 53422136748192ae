// The button that presents the page, and while a scene is shown the keys, fingers and buttons that
// lead to the others and out again.
import { actOf, isAnswer } from "./acts.js";
import { element, onceGone } from "./elements.js";
import { enterFullscreen, leaveFullscreen } from "./fullscreen.js";
import { pageKey } from "./keys.js";
import { KEYS, touchedWay } from "./present_ways.js";
import { iconButton } from "./tool.js";

/**
 * @import { Way } from "./present_ways.js"
 *
 * @typedef {object} Data
 * @property {{ name: string, title: string }[]} pages in their order
 * @property {string} page the name of the one that is shown
 * @property {boolean} presented whether its scene is shown
 * @property {number} seen the count of the newest act that was carried out
 *
 * @typedef {object} State
 * @property {Data} data
 * @property {Tell} tell
 * @property {number} count of the newest act
 * @property {number} [seen]
 * @property {Wish} wish where the visitor wants to be
 * @property {Wish} [told] the one that was told of and is not carried out yet
 *
 * @typedef {object} Wish
 * @property {number} index of the page
 * @property {boolean} presented
 *
 * @typedef {Made<{ dataset: { way: Way } }, {}, HTMLButtonElement>} WayButton
 * @typedef {{ ".fm-scene-controls": HTMLElement, "[data-way]": WayButton, output: HTMLElement }} Parts
 * @typedef {Made<{ fmState: State, fmListeners?: AbortController, fmTimer?: number }, Parts>} Root
 */

const SCREEN = "M3 4h18M4.5 4v11h15V4M12 15v3M8.5 21l3.5-3 3.5 3M10.5 7.5v4.5l3.7-2.25z";
/** @type {[way: Way, text: string, name: string][]} */
const BUTTONS = [
  ["previous", "←", "Previous"],
  ["next", "→", "Next"],
  ["leave", "✕", "End presenting"],
];
const SHOWN_MS = 4_000;
// What does something with a finger of its own.
const TOUCHED = "button, a, input, canvas, .fm-chart, .fm-pad";

/** @param {HTMLElement} parent */
function build(parent) {
  const root = /** @type {Root} */ (element("div", "fm-tool", parent));
  const button = iconButton(root, SCREEN, "Present", "Present: one thing, large (P)");
  button.addEventListener("click", () => enter(root));
  const controls = element("div", "fm-scene-controls", root);
  controls.setAttribute("role", "group");
  controls.setAttribute("aria-label", "Presenting");
  element("span", "fm-scene-hint", controls).textContent = "Esc or P ends · ← →";
  for (const [way, text, name] of BUTTONS) {
    const wayButton = element("button", "", controls);
    wayButton.type = "button";
    wayButton.dataset.way = way;
    wayButton.textContent = text;
    wayButton.title = name;
    wayButton.setAttribute("aria-label", name);
    wayButton.addEventListener("click", () => go(root, way));
  }
  element("output", "", root).setAttribute("aria-live", "polite");
  return root;
}

/**
 * Show the ways for a while, where a page is presented.
 *
 * @param {Root} root
 */
function wake(root) {
  if (!root.fmState.wish?.presented) return;
  const controls = root.querySelector(".fm-scene-controls");
  controls.toggleAttribute("data-awake", true);
  clearTimeout(root.fmTimer);
  root.fmTimer = window.setTimeout(() => controls.removeAttribute("data-awake"), SHOWN_MS);
}

/** @param {Root} root */
function show(root) {
  const { data, wish: { index } } = root.fmState;
  for (const button of root.querySelectorAll("[data-way]")) {
    const { way } = button.dataset;
    button.disabled = way === "previous" ? index < 1 : way === "next" && index + 1 >= data.pages.length;
  }
}

/**
 * Tell where the visitor wants to be, once what was told before is carried out: from a page that
 * one has left meanwhile it would come too late.
 *
 * @param {Root} root
 */
function tell(root) {
  const state = root.fmState;
  show(root);
  if (state.told) return;
  state.told = { ...state.wish };
  const { index, presented } = state.wish;
  const act = actOf(state.data.seen, { page: state.data.pages[index].name, presented });
  state.count = act.count;
  state.tell("wanted", act);
}

/**
 * Where one is; the visitor may have gone on before that was known.
 *
 * @param {Root} root
 */
function arrive(root) {
  const state = root.fmState;
  const { pages, page, presented } = state.data;
  const { told, wish } = state;
  state.told = undefined;
  if (told && (told.index !== wish.index || told.presented !== wish.presented)) {
    tell(root);
    return;
  }
  if (wish?.presented && !presented) leaveFullscreen();
  state.wish = { index: pages.findIndex(({ name }) => name === page), presented };
  if (!wish?.presented) wake(root);
  show(root);
}

/** @param {Root} root */
function enter(root) {
  root.fmState.wish.presented = true;
  enterFullscreen();
  wake(root);
  tell(root);
}

/**
 * @param {Root} root
 * @param {Way} way
 */
function go(root, way) {
  const state = root.fmState;
  if (way === "leave") {
    state.wish.presented = false;
    leaveFullscreen();
  } else {
    const index = state.wish.index + (way === "next" ? 1 : -1);
    const { pages } = state.data;
    if (!pages[index]) return;
    state.wish.index = index;
    root.querySelector("output").textContent = `${pages[index].title}, ${index + 1} of ${pages.length}`;
  }
  tell(root);
}

/**
 * @param {Root} root
 * @param {KeyboardEvent} event
 */
function press(root, event) {
  const key = pageKey(event);
  if (!root.fmState.wish.presented) {
    if (key.toLowerCase() !== "p" || event.repeat) return;
    event.preventDefault();
    enter(root);
    return;
  }
  const way = KEYS[key];
  const target = /** @type {Partial<Element>} */ (event.target);
  if (!way || (key === " " && target.closest?.("button"))) return;
  event.preventDefault();
  // The cells of a matrix have the arrows, too.
  event.stopPropagation();
  go(root, way);
}

/**
 * @param {Root} root
 * @param {AbortSignal} signal
 */
function listen(root, signal) {
  const state = root.fmState;
  /** @type {{ x: number, y: number } | null} */
  let from = null;
  document.addEventListener("keydown", (event) => press(root, event), { signal, capture: true });
  document.addEventListener("fullscreenchange", () => {
    // Escape ends both: the browser keeps that key to itself.
    if (!document.fullscreenElement && state.wish.presented) go(root, "leave");
  }, { signal });
  document.addEventListener("pointermove", () => wake(root), { signal });
  document.addEventListener("pointerdown", (event) => {
    const target = /** @type {Element} */ (event.target);
    from = target.closest(TOUCHED) ? null : { x: event.clientX, y: event.clientY };
    wake(root);
  }, { signal });
  document.addEventListener("pointerup", (event) => {
    const to = { x: event.clientX, y: event.clientY };
    const way = state.wish.presented && from && touchedWay(from, to, window.innerWidth);
    from = null;
    if (way) go(root, way);
  }, { signal });
}

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement, setStateValue }) {
  const before = /** @type {Root | null} */ (parentElement.querySelector(":scope > .fm-tool"));
  const root = before ?? build(parentElement);
  const state = (root.fmState ??= /** @type {State} */ ({ count: 0 }));
  state.data = data;
  state.tell = setStateValue;
  if (isAnswer(state, data)) arrive(root);
  if (!root.fmListeners) {
    root.fmListeners = new AbortController();
    listen(root, root.fmListeners.signal);
  }
  return onceGone(root, () => {
    clearTimeout(root.fmTimer);
    root.fmListeners?.abort();
  });
}
