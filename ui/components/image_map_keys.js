// What a visitor does on an image map with keys and with its buttons.
import { redraw } from "./image_map_drawing.js";
import { isDimmed, point, setActive, setLasso, setView, showAll, zoom } from "./image_map_state.js";
import { nextInDirection, placeOf, revealed, toScreen } from "./image_map_view.js";

/**
 * @import { Root, State } from "./image_map_state.js"
 * @import { Point } from "./image_map_view.js"
 */

const KEY_ZOOM = 1.5;
const BUTTON_ZOOM = 1.6;
/** @type {{ [key: string]: Point }} */
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @param {Root} root
 * @param {HTMLCanvasElement} canvas
 */
export function listenToKeys(root, canvas) {
  canvas.onkeydown = (event) => onKey(root, canvas, event);
  root.onclick = (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (button) press(root, canvas, button);
  };
  listenToKey(root, root.querySelector(".fm-canvas-key"));
}

/**
 * The nearest image in a direction; on a sheet, the neighbour. Null where there is none at all.
 *
 * @param {State} state
 * @param {Point} direction
 */
function imageAfter({ at, world, visible, ...state }, direction) {
  if (at === null) return (world.isMap ? visible : world.order)[0] ?? null;
  if (world.isMap) {
    return nextInDirection(world, at, direction, (index) => isDimmed(state, world.kinds[index]));
  }
  const [dx, dy] = direction;
  return world.order[world.order.indexOf(at) + dx + dy * world.sheetColumns] ?? at;
}

/**
 * @param {Root} root
 * @param {HTMLCanvasElement} canvas
 * @param {KeyboardEvent} event
 */
function onKey(root, canvas, event) {
  const state = root.fmState;
  const { at, world, view } = state;
  /** @type {Point} */
  const fixed = at === null ? middleOf(canvas) : toScreen(view, placeOf(world, at));
  if (event.key in DIRECTIONS) walk(root, canvas, DIRECTIONS[event.key]);
  else if (event.key === "+" || event.key === "=") zoom(root, KEY_ZOOM, fixed);
  else if (event.key === "-") zoom(root, 1 / KEY_ZOOM, fixed);
  else if (event.key === "0") showAll(root);
  else if (event.key === "Enter" && at !== null) root.fmTell("picked", world.numbers[at]);
  else if (event.key === "Escape" && at !== null) point(root, null);
  else return;
  event.preventDefault();
}

/**
 * Point at the next image, in sight.
 *
 * @param {Root} root
 * @param {HTMLCanvasElement} canvas
 * @param {Point} direction
 */
function walk(root, canvas, direction) {
  const state = root.fmState;
  const to = imageAfter(state, direction);
  if (to !== null) {
    const place = placeOf(state.world, to);
    const view = revealed(state.view, place, canvas.clientWidth, canvas.clientHeight);
    if (view.left !== state.view.left || view.top !== state.view.top) setView(root, view);
  }
  point(root, to, "keys");
}

/** @type {(canvas: HTMLCanvasElement) => Point} */
const middleOf = (canvas) => [canvas.clientWidth / 2, canvas.clientHeight / 2];

/**
 * @param {Root} root
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLButtonElement} button
 */
function press(root, canvas, button) {
  const state = root.fmState;
  const { kind, action } = button.dataset;
  if (kind !== undefined) keep(root, Number(kind));
  else if (action === "all") keep(root, null);
  else if (action === "in") zoom(root, BUTTON_ZOOM, middleOf(canvas));
  else if (action === "out") zoom(root, 1 / BUTTON_ZOOM, middleOf(canvas));
  else if (action === "lasso") setLasso(root, !state.lasso);
  else if (action === "open" && state.at !== null) root.fmTell("picked", state.world.numbers[state.at]);
  else if (action === "done") {
    setActive(root, false);
    point(root, null);
  } else if (action === "clear") {
    state.loop = [];
    root.fmTell("loop", "");
    redraw(root);
  } else showAll(root);
}

/**
 * Let a kind stand out until it is pressed again; null lets all kinds go.
 *
 * @param {Root} root
 * @param {number | null} kind
 */
function keep(root, kind) {
  const { kept } = root.fmState;
  root.fmState.lit = null;
  if (kind === null) kept.clear();
  else if (!kept.delete(kind)) kept.add(kind);
  showKept(root);
  redraw(root);
}

/**
 * Show in the key which kinds stand out.
 *
 * @param {Root} root
 */
export function showKept(root) {
  const { kept } = root.fmState;
  root.querySelector("[data-action=all]").setAttribute("aria-pressed", String(kept.size === 0));
  for (const button of root.querySelectorAll(".fm-canvas-kind")) {
    button.setAttribute("aria-pressed", String(kept.has(Number(button.dataset.kind))));
  }
}

/**
 * The key lets a kind stand out while the mouse or the focus is on its name.
 *
 * @param {Root} root
 * @param {HTMLElement} key
 */
function listenToKey(root, key) {
  /** @param {EventTarget | null} target */
  const light = (target) => {
    const button = /** @type {Partial<Element> | null} */ (target)?.closest?.("[data-kind]");
    const kind = button ? Number(/** @type {HTMLElement} */ (button).dataset.kind) : null;
    if (kind === root.fmState.lit) return;
    root.fmState.lit = kind;
    redraw(root);
  };
  key.onpointerover = (event) => {
    if (event.pointerType === "mouse") light(event.target);
  };
  key.onpointerleave = () => light(null);
  key.addEventListener("focusin", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (target.matches(":focus-visible")) light(target);
  });
  key.addEventListener("focusout", () => light(null));
}
