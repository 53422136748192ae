// Thousands of images on one canvas: points of a map that become images when there is room, or a
// sheet of them.
import { actOf, isAnswer } from "./acts.js";
import { bytesOf } from "./bytes.js";
import { element, isStill, onceGone } from "./elements.js";
import { redraw } from "./image_map_drawing.js";
import { listenToKeys, showKept } from "./image_map_keys.js";
import { readLoop } from "./image_map_loop.js";
import { morphOf } from "./image_map_morph.js";
import { listenToPointers } from "./image_map_pointers.js";
import { loadSheet } from "./image_map_sheet.js";
import { canvasOf, fit, follow, setActive, setLasso, showHint, worldFor } from "./image_map_state.js";
import { TILE } from "./image_map_world.js";

/**
 * @import { Action, Root, State } from "./image_map_state.js"
 * @import { Data } from "./image_map_world.js"
 *
 * @typedef {[action: Action, label: string, title: string]} ButtonText
 * @typedef {Pick<State, "data" | "view" | "whole" | "size" | "kept">} Left
 */

/** @type {ButtonText[]} */
const OF_ALL = [
  ["in", "+", "Zoom in"],
  ["out", "−", "Zoom out"],
  ["fit", "Show all", "Show all pictures"],
];
/** @type {ButtonText[]} */
const OF_MAPS = [
  ["lasso", "Lasso", "Draw a line around pictures to collect them"],
  ["clear", "Clear", "Take the line away"],
];
const HELP = {
  mouse: "Click a picture to look closer; drag to move; click, then turn the wheel, to zoom.",
  finger: "Tap to see a picture, pinch to zoom. After a tap one finger moves the pictures.",
};
/** @type {Left | null} what was in sight when a map was left, for the way back */
let leftState = null;

/** @param {Root} root */
function build(root) {
  const bar = element("div", "fm-canvas-bar", root);
  for (const text of OF_MAPS) actionButton(bar, ...text);
  element("div", "fm-canvas-key", bar);
  const stage = element("div", "fm-canvas-stage", root);
  const canvas = element("canvas", "", stage);
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  actionButton(stage, "done", "Done", "Let the finger scroll the page again");
  const hint = element("div", "fm-canvas-hint", stage);
  hint.hidden = true;
  const tile = element("canvas", "", hint);
  tile.width = tile.height = TILE;
  element("span", "", hint);
  actionButton(hint, "open", "Look closer", "Look closer at this picture");
  const zooms = element("div", "fm-canvas-zoom", root);
  for (const text of OF_ALL) actionButton(zooms, ...text);
  const help = element("p", "fm-canvas-help", root);
  for (const [by, text] of Object.entries(HELP)) element("span", `fm-by-${by}`, help).textContent = text;
  element("output", "fm-canvas-said", root).setAttribute("aria-live", "polite");
}

/**
 * @param {Element} parent
 * @param {Action} action
 * @param {string} label
 * @param {string} title
 */
function actionButton(parent, action, label, title) {
  const button = element("button", "", parent);
  button.type = "button";
  button.dataset.action = action;
  button.textContent = label;
  button.title = title;
  if (label.length < 2) button.setAttribute("aria-label", title);
  return button;
}

/**
 * @param {Root} root
 * @param {Data} data
 */
function applyData(root, data) {
  const state = root.fmState;
  const before = /** @type {Data | undefined} */ (state.data);
  const sameWorld = before !== undefined && isSameWorld(before, data);
  state.data = data;
  if (sameWorld) {
    state.world.kinds = bytesOf(data.kinds);
    if (before.kinds !== data.kinds || before.kindNames.join() !== data.kindNames.join()) {
      state.kept.clear();
    }
  } else changeWorld(root, before);
  if (before?.sheet !== data.sheet || before?.imageGround !== data.imageGround) showSheet(root);
  // A line that is being drawn, or was a moment ago, is not taken away by an older answer.
  const isNews = isAnswer(state, data) && before?.loop !== data.loop && !state.drawing;
  if (isNews || !sameWorld) state.loop = readLoop(data.loop);
  showKey(root);
}

/** @type {(one: Data, other: Data) => boolean} */
const isSameWorld = (one, other) =>
  /** @type {const} */ (["numbers", "places", "order", "sheet"]).every((part) => one[part] === other[part]);

/**
 * Show other pictures; or the same ones on another map, to which the points move.
 *
 * @param {Root} root
 * @param {Data} [before]
 */
function changeWorld(root, before) {
  const { fmState: state } = root;
  const { data, world: old } = state;
  state.world = worldFor(root, data);
  state.page = null;
  if (before && before.sheet === data.sheet && before.numbers === data.numbers && old.isMap && state.world.isMap) {
    state.morph = isStill() ? null : morphOf(old, state.world, performance.now());
    return;
  }
  if (before?.sheet !== data.sheet) state.sheet = null;
  state.at = null;
  showHint(root);
  state.visible = [];
  state.morph = null;
  state.kept.clear();
  fit(root);
  if (!before && leftState && isSameWorld(leftState.data, data)) comeBack(root, leftState);
}

/**
 * Show what was in sight when these pictures were left.
 *
 * @param {Root} root
 * @param {Left} left
 */
function comeBack(root, left) {
  const { view, whole, size } = left;
  Object.assign(root.fmState, { view, whole, size, kept: left.kept });
  follow(root);
}

/** @param {Root} root */
async function showSheet(root) {
  const state = root.fmState;
  const { sheet: address, imageGround } = state.data;
  try {
    const sheet = await loadSheet(address, imageGround);
    if (state.data.sheet !== address || state.data.imageGround !== imageGround) return;
    state.sheet = sheet;
    state.page = null;
    // Who walked by keys before they came has waited for the words.
    showHint(root);
    redraw(root);
  } catch {
    root.querySelector(".fm-canvas-said").textContent =
      "The pictures could not be loaded. Reload the page to try again.";
  }
}

/**
 * The colours' names, as buttons; and the buttons that only a map has.
 *
 * @param {Root} root
 */
function showKey(root) {
  const { data, world } = root.fmState;
  root.querySelector(".fm-canvas-bar").hidden = !world.isMap;
  root.classList.toggle("fm-map", world.isMap);
  const key = root.querySelector(".fm-canvas-key");
  const content = JSON.stringify([data.kindNames, data.colors, [...new Set(world.kinds)].sort()]);
  if (key.dataset.content !== content) {
    key.dataset.content = content;
    const presentKinds = new Set(world.kinds);
    key.replaceChildren();
    actionButton(key, "all", "All", "Highlight none of them").className = "fm-canvas-all";
    data.kindNames.forEach((name, kind) => {
      if (!presentKinds.has(kind)) return;
      const button = element("button", "fm-canvas-kind", key);
      button.type = "button";
      button.dataset.kind = String(kind);
      button.title = `Highlight: ${name}`;
      element("i", "", button).style.background = data.colors[kind];
      button.append(name);
    });
  }
  showKept(root);
}

/** @param {Root} root */
function keepFitting(root) {
  root.fmWatch = new ResizeObserver(() => follow(root));
  root.fmWatch.observe(root.querySelector(".fm-canvas-stage"));
}

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement, setStateValue }) {
  let root = /** @type {Root | null} */ (parentElement.querySelector(":scope > .fm-canvas"));
  if (!root) {
    root = /** @type {Root} */ (element("div", "fm-canvas", parentElement));
    build(root);
    /** @type {Partial<State>} */
    const state = { at: null, lit: null, morph: null, loop: [], visible: [], moved: 0, sheet: null };
    root.fmState = /** @type {State} */ ({ ...state, kept: new Set() });
    const canvas = canvasOf(root);
    listenToPointers(root, canvas);
    listenToKeys(root, canvas);
    setLasso(root, false);
    setActive(root, false);
  }
  root.fmTell = (part, value) => {
    const act = actOf(root.fmState.data.seen, value);
    root.fmState.count = act.count;
    setStateValue(part, act);
  };
  canvasOf(root).setAttribute("aria-label", data.label);
  applyData(root, data);
  if (!root.fmWatch) keepFitting(root);
  redraw(root);
  const left = root;
  return onceGone(left, () => {
    left.fmWatch.disconnect();
    document.removeEventListener("pointerdown", left.fmElsewhere);
    // Without its pictures, which are many megabytes.
    const { data: seen, view, whole, size, kept } = left.fmState;
    leftState = { data: seen, view, whole, size, kept };
  });
}
