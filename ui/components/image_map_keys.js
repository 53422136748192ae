// What a visitor does on an image map with keys and with its buttons.
import { redraw } from "./image_map_drawing.js";
import { point, setLasso, showAll, zoom } from "./image_map_state.js";
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
}

/**
 * The nearest image in a direction; on a sheet, the neighbour. Null where there is none at all.
 *
 * @param {State} state
 * @param {Point} direction
 */
function imageAfter({ at, world, visible, hidden }, direction) {
  if (at === null) return (world.isMap ? visible : world.order)[0] ?? null;
  if (world.isMap) {
    return nextInDirection(world, at, direction, (index) => hidden.has(world.kinds[index]));
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
    state.view = revealed(state.view, place, canvas.clientWidth, canvas.clientHeight);
  }
  point(root, to, true);
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
  if (kind !== undefined) {
    const kindIndex = Number(kind);
    if (!state.hidden.delete(kindIndex)) state.hidden.add(kindIndex);
    button.setAttribute("aria-pressed", String(!state.hidden.has(kindIndex)));
    redraw(root);
  } else if (action === "in") zoom(root, BUTTON_ZOOM, middleOf(canvas));
  else if (action === "out") zoom(root, 1 / BUTTON_ZOOM, middleOf(canvas));
  else if (action === "lasso") setLasso(root, !state.lasso);
  else if (action === "clear") {
    state.loop = [];
    root.fmTell("loop", "");
    redraw(root);
  } else showAll(root);
}
