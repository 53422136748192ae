// What an image map remembers, and what it shows of the image that is pointed at.
import { redraw } from "./image_map_drawing.js";
import { fitted, placeOf, toScreen, zoomed } from "./image_map_view.js";
import { extentOf, nameOf, onSheet, TILE } from "./image_map_world.js";

/**
 * @import { Point, View } from "./image_map_view.js"
 * @import { Data, World } from "./image_map_world.js"
 */

/**
 * @typedef {object} Shown
 * @property {Data} data
 * @property {World} world
 * @property {View} view
 * @property {HTMLCanvasElement | null} sheet the PNG, once it is there
 * @property {HTMLCanvasElement | null} page the PNG in the order of the sheet
 * @property {number} [requested] the next frame, where it will be drawn anew
 * @property {ImageData} [picture] the points of the map
 * @property {number[]} visible the images of the map that are on the screen
 *
 * @typedef {object} Hand what the visitor does
 * @property {number | null} at the image that is pointed at
 * @property {Set<number>} hidden kinds
 * @property {boolean} lasso whether the next stroke draws a line
 * @property {boolean} [drawing] whether it does now
 * @property {Point[]} loop the line, in the world
 * @property {number} moved how far, since the press
 * @property {number} [count] of the newest act
 * @property {number} [seen]
 *
 * @typedef {Shown & Hand} State
 *
 * @typedef {"in" | "out" | "fit" | "lasso" | "clear"} Action
 *
 * @typedef {object} HintParts
 * @property {HTMLCanvasElement} firstChild
 * @property {HTMLElement} lastChild
 * @property {HTMLElement} parentElement
 *
 * @typedef {{ ".fm-canvas-stage": HTMLElement, ".fm-canvas-stage canvas": HTMLCanvasElement }} Stage
 * @typedef {{ ".fm-canvas-hint": HTMLElement & HintParts, ".fm-canvas-said": HTMLElement }} Words
 * @typedef {{ ".fm-canvas-key": HTMLElement }} Key
 * @typedef {{ [action in `[data-action=${Action}]`]: HTMLButtonElement }} Buttons
 *
 * @typedef {(name: "picked" | "loop", value: number | string) => void} TellValue
 * @typedef {{ fmState: State, fmTell: TellValue, fmWatch: ResizeObserver }} Kept
 * @typedef {Made<Kept, Stage & Words & Key & Buttons>} Root
 */

/**
 * Let all of it have its place on the canvas, as large as there is room.
 *
 * @param {Root} root
 */
export function fit(root) {
  const state = root.fmState;
  const canvas = root.querySelector(".fm-canvas-stage canvas");
  const [width, height] = [canvas.clientWidth || 600, canvas.clientHeight || 600];
  state.view = fitted(width, height, ...extentOf(state.world));
}

/**
 * Show it larger or smaller.
 *
 * @param {Root} root
 * @param {number} factor
 * @param {Point} fixed what stays where it is, in pixels
 */
export function zoom(root, factor, fixed) {
  root.fmState.view = zoomed(root.fmState.view, factor, fixed);
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
 * Frame an image, and say beside it what it is; null where none is pointed at.
 *
 * @param {Root} root
 * @param {number | null} index
 * @param {boolean} [aloud] whether a screen reader says it
 */
export function point(root, index, aloud) {
  const state = root.fmState;
  if (state.at === index) return;
  state.at = index;
  const hint = root.querySelector(".fm-canvas-hint");
  hint.hidden = index === null || !state.sheet;
  if (index !== null && state.sheet) {
    const [sx, sy] = onSheet(state.data, index);
    const pen = /** @type {CanvasRenderingContext2D} */ (hint.firstChild.getContext("2d"));
    pen.drawImage(state.sheet, sx, sy, TILE, TILE, 0, 0, TILE, TILE);
    hint.lastChild.textContent = nameOf(state.data, state.world, index);
    const [x, y] = toScreen(state.view, placeOf(state.world, index));
    const stage = hint.parentElement;
    hint.style.left = `${Math.max(0, Math.min(x + 16, stage.clientWidth - 180))}px`;
    hint.style.top = `${y + 190 > stage.clientHeight ? Math.max(0, y - 186) : y + 16}px`;
  }
  if (aloud && index !== null) {
    const name = nameOf(state.data, state.world, index);
    root.querySelector(".fm-canvas-said").textContent = `${name}. Enter opens it.`;
  }
  redraw(root);
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
