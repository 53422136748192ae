// What an image map remembers, and what it shows of the image that is pointed at.
import { redraw } from "./image_map_drawing.js";
import { fitted, placeOf, resized, toScreen, zoomed } from "./image_map_view.js";
import { extentOf, nameOf, onSheet, sheetColumnsOf, TILE, worldOf } from "./image_map_world.js";

/**
 * @import { Morph } from "./image_map_morph.js"
 * @import { Point, View } from "./image_map_view.js"
 * @import { Data, World } from "./image_map_world.js"
 */

/**
 * @typedef {object} Shown
 * @property {Data} data
 * @property {World} world
 * @property {View} view
 * @property {boolean} whole whether the view is that of all of it, and follows the canvas
 * @property {Point} size width and height of the canvas that the view is for
 * @property {HTMLCanvasElement | null} sheet the PNG, once it is there
 * @property {HTMLCanvasElement | null} page the PNG in the order of the sheet
 * @property {Morph | null} morph where the points come from while they move to another place
 * @property {number} [requested] the next frame, where it will be drawn anew
 * @property {ImageData} [picture] the points of the map
 * @property {number[]} visible the images of the map that are on the screen and not dimmed
 *
 * @typedef {object} Hand what the visitor does
 * @property {number | null} at the image that is pointed at
 * @property {Set<number>} kept the kinds that stand out until they are let go
 * @property {number | null} lit the kind that stands out while the key points at it
 * @property {boolean} active whether one finger moves the map, and not the page
 * @property {boolean} lasso whether the next stroke draws a line
 * @property {boolean} [drawing] whether it does now
 * @property {Point[]} loop the line, in the world
 * @property {number} moved how far, since the press
 * @property {number} [count] of the newest act
 * @property {number} [seen]
 *
 * @typedef {Shown & Hand} State
 *
 * @typedef {"in" | "out" | "fit" | "lasso" | "clear" | "open" | "done" | "all"} Action
 *
 * @typedef {{ ".fm-canvas-stage": HTMLElement, ".fm-canvas-stage > canvas": HTMLCanvasElement }} Stage
 * @typedef {{ ".fm-canvas-hint": HTMLElement, ".fm-canvas-hint canvas": HTMLCanvasElement }} Hint
 * @typedef {{ ".fm-canvas-hint span": HTMLElement, ".fm-canvas-said": HTMLElement }} Words
 * @typedef {{ ".fm-canvas-bar": HTMLElement, ".fm-canvas-key": HTMLElement }} Bars
 * @typedef {{ ".fm-canvas-kind": HTMLButtonElement }} Kinds
 * @typedef {{ [action in `[data-action=${Action}]`]: HTMLButtonElement }} Buttons
 *
 * @typedef {(name: "picked" | "loop", value: number | string) => void} TellValue
 * @typedef {{ fmState: State, fmTell: TellValue, fmWatch: ResizeObserver }} Kept
 * @typedef {{ fmElsewhere: (event: PointerEvent) => void }} Listening
 * @typedef {Made<Kept & Listening, Stage & Hint & Words & Bars & Kinds & Buttons>} Root
 */

/** @type {(root: Root) => HTMLCanvasElement} */
export const canvasOf = (root) => root.querySelector(".fm-canvas-stage > canvas");

/** @type {(canvas: HTMLCanvasElement) => Point} */
const sizeOf = (canvas) => [canvas.clientWidth || 600, canvas.clientHeight || 600];

/** @type {(root: Root, data: Data) => World} */
export function worldFor(root, data) {
  const [width, height] = sizeOf(canvasOf(root));
  return worldOf(data, width / height);
}

/**
 * Let all of it have its place on the canvas, as large as there is room.
 *
 * @param {Root} root
 */
export function fit(root) {
  const state = root.fmState;
  state.size = sizeOf(canvasOf(root));
  state.view = fitted(...state.size, ...extentOf(state.world));
  state.whole = true;
}

/**
 * Keep what is in sight there, in a canvas of another size; a sheet may get other rows.
 *
 * @param {Root} root
 */
export function follow(root) {
  const state = root.fmState;
  const [before, after] = [state.size, sizeOf(canvasOf(root))];
  const { isMap, order, sheetColumns } = state.world;
  if (!isMap && sheetColumnsOf(order.length, after[0] / after[1]) !== sheetColumns) {
    state.world = worldFor(root, state.data);
    state.page = null;
    state.whole = true;
  }
  const whole = fitted(...after, ...extentOf(state.world));
  state.view = state.whole ? whole : resized(state.view, before, after, whole);
  state.size = after;
  redraw(root);
}

/**
 * Show it larger or smaller.
 *
 * @param {Root} root
 * @param {number} factor
 * @param {Point} fixed what stays where it is, in pixels
 */
export function zoom(root, factor, fixed) {
  setView(root, zoomed(root.fmState.view, factor, fixed));
}

/**
 * Show another part of it.
 *
 * @param {Root} root
 * @param {View} view
 */
export function setView(root, view) {
  root.fmState.view = view;
  root.fmState.whole = false;
  redraw(root);
}

/**
 * Show all of it again.
 *
 * @param {Root} root
 */
export function showAll(root) {
  fit(root);
  redraw(root);
}

/**
 * Whether a kind stands back, because others stand out.
 *
 * @param {Pick<State, "kept" | "lit">} state
 * @param {number} kind
 */
export function isDimmed({ kept, lit }, kind) {
  return (kept.size > 0 || lit !== null) && !kept.has(kind) && kind !== lit;
}

/**
 * Frame an image, and say beside it what it is; null where none is pointed at.
 *
 * @param {Root} root
 * @param {number | null} index
 * @param {"mouse" | "keys" | "finger"} [by] a finger gets a card with a way to look closer
 */
export function point(root, index, by = "mouse") {
  const state = root.fmState;
  const hint = root.querySelector(".fm-canvas-hint");
  const isCard = by === "finger";
  if (state.at === index && hint.classList.contains("fm-canvas-card") === isCard) return;
  state.at = index;
  hint.classList.toggle("fm-canvas-card", isCard);
  root.querySelector("[data-action=open]").hidden = !isCard;
  showHint(root);
  if (by !== "mouse" && index !== null) {
    const name = nameOf(state.data, state.world, index);
    root.querySelector(".fm-canvas-said").textContent = isCard ? name : `${name}. Enter opens it.`;
  }
  redraw(root);
}

/**
 * Say beside the image that is pointed at what it is, once the images are there.
 *
 * @param {Root} root
 */
export function showHint(root) {
  const { at, data, sheet, size, view, world } = root.fmState;
  const hint = root.querySelector(".fm-canvas-hint");
  hint.hidden = at === null || !sheet;
  if (at === null || !sheet) return;
  const [sx, sy] = onSheet(data, at);
  const tile = root.querySelector(".fm-canvas-hint canvas");
  const pen = /** @type {CanvasRenderingContext2D} */ (tile.getContext("2d"));
  pen.drawImage(sheet, sx, sy, TILE, TILE, 0, 0, TILE, TILE);
  root.querySelector(".fm-canvas-hint span").textContent = nameOf(data, world, at);
  putHint(hint, toScreen(view, placeOf(world, at)), size, hint.classList.contains("fm-canvas-card"));
}

/**
 * A hint stands beside its image, a card along the border that is further away from it.
 *
 * @param {HTMLElement} hint
 * @param {Point} at where the image is, in pixels
 * @param {Point} size of the canvas
 * @param {boolean} isCard
 */
function putHint(hint, [x, y], [width, height], isCard) {
  hint.classList.toggle("fm-canvas-above", isCard && y > height / 2);
  if (isCard) {
    hint.style.left = hint.style.top = "";
    return;
  }
  const [hintWidth, hintHeight] = [hint.offsetWidth || 180, hint.offsetHeight || 190];
  hint.style.left = `${Math.max(0, Math.min(x + 16, width - hintWidth - 8))}px`;
  hint.style.top = `${y + hintHeight + 16 > height ? Math.max(0, y - hintHeight - 12) : y + 16}px`;
}

/**
 * Let one finger move the map, or the page again.
 *
 * @param {Root} root
 * @param {boolean} on
 */
export function setActive(root, on) {
  root.fmState.active = on;
  root.classList.toggle("fm-active", on);
}

/**
 * Let the next stroke draw a line, or no longer.
 *
 * @param {Root} root
 * @param {boolean} on
 */
export function setLasso(root, on) {
  root.fmState.lasso = on;
  root.querySelector("[data-action=lasso]").setAttribute("aria-pressed", String(on));
  root.classList.toggle("fm-lasso", on);
}
