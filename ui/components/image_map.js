// Thousands of images on one canvas: points of a map that become images when there is room, or a
// sheet of them.
import { actOf, isAnswer, teller } from "./acts.js";
import { bytesOf } from "./bytes.js";
import { element } from "./elements.js";
import { redraw } from "./image_map_drawing.js";
import { listenToKeys } from "./image_map_keys.js";
import { readLoop } from "./image_map_loop.js";
import { listenToPointers } from "./image_map_pointers.js";
import { loadSheet } from "./image_map_sheet.js";
import { fit, setLasso } from "./image_map_state.js";
import { TILE, worldOf } from "./image_map_world.js";

/**
 * @import { Action, Root, State } from "./image_map_state.js"
 * @import { Data } from "./image_map_world.js"
 */

/** @type {[action: Action, label: string, title: string][]} */
const ACTIONS = [
  ["in", "+", "Zoom in"],
  ["out", "−", "Zoom out"],
  ["fit", "Show all", "Show all pictures"],
  ["lasso", "Lasso", "Draw a line around pictures to collect them"],
  ["clear", "Clear", "Take the line away"],
];
/** @type {Action[]} */
const ON_MAPS_ALONE = ["lasso", "clear"];

/** @param {Root} root */
function build(root) {
  const bar = element("div", "fm-canvas-bar", root);
  for (const [action, label, title] of ACTIONS) {
    const button = element("button", "", bar);
    button.type = "button";
    button.dataset.action = action;
    button.textContent = label;
    button.title = title;
    if (label.length < 2) button.setAttribute("aria-label", title);
  }
  element("div", "fm-canvas-key", bar);
  const stage = element("div", "fm-canvas-stage", root);
  const canvas = element("canvas", "", stage);
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  const hint = element("div", "fm-canvas-hint", stage);
  hint.hidden = true;
  const tile = element("canvas", "", hint);
  tile.width = tile.height = TILE;
  element("span", "", hint);
  element("output", "fm-canvas-said", root).setAttribute("aria-live", "polite");
}

/**
 * @param {Root} root
 * @param {Data} data
 */
function applyData(root, data) {
  const state = root.fmState;
  const before = /** @type {Data | undefined} */ (state.data);
  const parts = /** @type {const} */ (["numbers", "places", "order", "sheet"]);
  const sameWorld = parts.every((part) => before?.[part] === data[part]);
  state.data = data;
  if (sameWorld) state.world.kinds = bytesOf(data.kinds);
  else {
    state.world = worldOf(data);
    state.at = null;
    state.visible = [];
    state.sheet = null;
    fit(root);
  }
  if (!sameWorld || before?.imageGround !== data.imageGround) showSheet(root);
  // A line that is being drawn, or was a moment ago, is not taken away by an older answer.
  const isNews = isAnswer(state, data) && before?.loop !== data.loop && !state.drawing;
  if (isNews || !sameWorld) state.loop = readLoop(data.loop);
  showKey(root);
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
  const { data, world, hidden } = root.fmState;
  const key = root.querySelector(".fm-canvas-key");
  const presentKinds = new Set(world.kinds);
  key.replaceChildren();
  key.hidden = !world.isMap || data.kindNames.length < 2;
  data.kindNames.forEach((name, kind) => {
    if (!presentKinds.has(kind)) return;
    const button = element("button", "fm-canvas-kind", key);
    button.type = "button";
    button.dataset.kind = String(kind);
    button.setAttribute("aria-pressed", String(!hidden.has(kind)));
    button.title = `Show or hide: ${name}`;
    element("i", "", button).style.background = data.colors[kind];
    button.append(name);
  });
  for (const action of ON_MAPS_ALONE) {
    root.querySelector(`[data-action=${action}]`).hidden = !world.isMap;
  }
}

/** @param {Root} root */
function keepFitting(root) {
  root.fmWatch = new ResizeObserver(() => {
    fit(root);
    redraw(root);
  });
  root.fmWatch.observe(root.querySelector(".fm-canvas-stage"));
}

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement, setStateValue }) {
  let root = /** @type {Root | null} */ (parentElement.querySelector(":scope > .fm-canvas"));
  if (!root) {
    root = /** @type {Root} */ (element("div", "fm-canvas", parentElement));
    build(root);
    /** @type {Partial<State>} */
    const state = { at: null, hidden: new Set(), loop: [], visible: [], moved: 0, lasso: false };
    root.fmState = /** @type {State} */ (state);
    const canvas = root.querySelector(".fm-canvas-stage canvas");
    listenToPointers(root, canvas);
    listenToKeys(root, canvas);
    setLasso(root, false);
    keepFitting(root);
  }
  root.fmTell = (part, value) => {
    const act = actOf(root.fmState.data.seen, value);
    root.fmState.count = act.count;
    teller(setStateValue)(part, act);
  };
  root.querySelector(".fm-canvas-stage canvas").setAttribute("aria-label", data.label);
  applyData(root, data);
  redraw(root);
  return () => {
    setTimeout(() => {
      if (!root.isConnected) root.fmWatch.disconnect();
    });
  };
}
