// Draws an image map on its canvas: points that become images when there is room, or a sheet.
import { colorNumber, mixedNumber } from "./image_map_colors.js";
import { step } from "./image_map_morph.js";
import { placedNames } from "./image_map_names.js";
import { pageOf } from "./image_map_sheet.js";
import { canvasOf, isDimmed } from "./image_map_state.js";
import { placeOf, toScreen } from "./image_map_view.js";
import { onSheet, TILE } from "./image_map_world.js";
import { textScale } from "./text_scale.js";

/**
 * @import { Root, State } from "./image_map_state.js"
 * @import { World } from "./image_map_world.js"
 */

/** @typedef {CanvasRenderingContext2D} Pen */

const THUMBS_AT_MOST = 700;
const THUMBS_FROM_ZOOM = 2.5;
/** Between two images on the map, in pixels. */
const GAP = 4;
/** How much of its colour a point keeps that stands back, the rest is the background's. */
const DIMMED = 0.14;
/** A name on the map, in units of the page's text. */
const NAME_SIZE = 0.88;
const DIMMED_NAME = 0.3;

/**
 * Draw it anew, with the next frame.
 *
 * @param {Root} root
 */
export function redraw(root) {
  const state = root.fmState;
  if (state.requested) return;
  state.requested = requestAnimationFrame(() => {
    state.requested = 0;
    draw(root);
  });
}

/** @param {Root} root */
function draw(root) {
  const state = root.fmState;
  const canvas = canvasOf(root);
  const sharp = Math.min(2, window.devicePixelRatio || 1);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const pixels = pixelsFor(width, height, sharp);
  if (!pixels) return;
  const [across, down] = pixels;
  if (canvas.width !== across || canvas.height !== down) {
    [canvas.width, canvas.height] = [across, down];
  }
  const pen = /** @type {Pen} */ (canvas.getContext("2d", { alpha: false }));
  pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  pen.fillStyle = state.data.background;
  pen.fillRect(0, 0, width, height);
  if (state.morph && step(state.morph, state.world, performance.now())) state.morph = null;
  if (state.world.isMap) {
    drawMap(state, canvas, pen, sharp);
    if (state.morph) redraw(root);
    else drawNames(state, canvas, pen);
  } else drawSheet(state, pen);
  drawLoop(state, pen);
  drawChosen(state, pen);
}

/**
 * How many pixels a canvas has; null where there are none to draw into, since it is not in sight yet
 * or no longer. A page that is shown very small has less than one for each of its own.
 *
 * @param {number} width of the canvas, in pixels of the page
 * @param {number} height of the canvas, likewise
 * @param {number} sharp how many pixels of the screen one of the page has
 * @returns {[across: number, down: number] | null}
 */
export function pixelsFor(width, height, sharp) {
  if (!width || !height) return null;
  return [Math.max(1, Math.round(width * sharp)), Math.max(1, Math.round(height * sharp))];
}

/**
 * @param {State} state
 * @param {Pen} pen
 */
function drawSheet(state, pen) {
  const page = pageOf(state);
  if (!page) return;
  const { left, top, scale } = state.view;
  pen.imageSmoothingEnabled = scale / state.world.sheetColumns < 2 * TILE;
  pen.drawImage(page, left, top, scale, (scale * page.height) / page.width);
}

/**
 * Points are written into the pixels themselves: ten thousand calls to the canvas took 70 ms
 * where no graphics card helps, and this takes two.
 *
 * @param {State} state
 * @param {HTMLCanvasElement} canvas
 * @param {Pen} pen
 * @param {number} sharp how many pixels of the screen one of the page has
 */
function drawMap(state, canvas, pen, sharp) {
  const { world, view, data } = state;
  const [width, height] = [canvas.width, canvas.height];
  if (state.picture?.width !== width || state.picture.height !== height) {
    state.picture = pen.createImageData(width, height);
  }
  const dots = new Uint32Array(state.picture.data.buffer);
  dots.fill(colorNumber(data.background));
  const isBehind = data.colors.map((_, kind) => isDimmed(state, kind));
  const colors = data.colors.map((color, kind) =>
    isBehind[kind] ? mixedNumber(color, data.background, DIMMED) : colorNumber(color),
  );
  const zoom = view.scale / view.least;
  const side = Math.max(2, Math.round(2 * sharp * Math.min(6, 1.8 * Math.sqrt(zoom))));
  const [left, top, scale] = [view.left * sharp, view.top * sharp, view.scale * sharp];
  /** @type {number[]} */
  const visible = [];
  for (const index of frontLast(world, isBehind)) {
    const x = Math.round(left + world.x[index] * scale - side / 2);
    const y = Math.round(top + world.y[index] * scale - side / 2);
    if (x < -40 || y < -40 || x > width + 40 || y > height + 40) continue;
    if (!isBehind[world.kinds[index]]) visible.push(index);
    const color = colors[world.kinds[index]];
    const [from, to] = [Math.max(0, x), Math.min(width, x + side)];
    if (from >= to) continue;
    for (let row = Math.max(0, y); row < Math.min(height, y + side); row += 1) {
      dots.fill(color, row * width + from, row * width + to);
    }
  }
  state.visible = visible;
  pen.putImageData(state.picture, 0, 0);
  if (state.sheet && zoom > THUMBS_FROM_ZOOM) drawThumbs(state, pen, state.sheet, zoom);
}

/**
 * The images in the order of their drawing; those that stand back lie under all others.
 *
 * @param {Pick<World, "shuffled" | "kinds">} world
 * @param {boolean[]} isBehind by kind
 */
export function frontLast({ shuffled, kinds }, isBehind) {
  if (!isBehind.includes(true)) return shuffled;
  const behind = shuffled.filter((index) => isBehind[kinds[index]]);
  return [...behind, ...shuffled.filter((index) => !isBehind[kinds[index]])];
}

/**
 * The names of the classes on their places, until the points become images.
 *
 * @param {State} state
 * @param {HTMLCanvasElement} canvas
 * @param {Pen} pen
 */
function drawNames({ data, world, view, size, ...state }, canvas, pen) {
  if (view.scale / view.least > THUMBS_FROM_ZOOM) return;
  const line = NAME_SIZE * 16 * textScale();
  pen.font = `650 ${line}px ${getComputedStyle(canvas).fontFamily}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  pen.lineWidth = line / 3;
  pen.strokeStyle = data.background;
  pen.fillStyle = data.ink;
  const known = world.nameplaces.flatMap((place, kind) => (place ? [{ place, kind }] : []));
  const labels = known.map(({ place, kind }) => {
    const width = pen.measureText(data.classNames[kind]).width + line / 2;
    return { at: toScreen(view, place), width };
  });
  const byClass = data.kinds === data.classes;
  placedNames(labels, 1.35 * line, ...size).forEach((at, index) => {
    if (!at) return;
    const { kind } = known[index];
    pen.globalAlpha = byClass && isDimmed(state, kind) ? DIMMED_NAME : 1;
    pen.strokeText(data.classNames[kind], ...at);
    pen.fillText(data.classNames[kind], ...at);
  });
  pen.globalAlpha = 1;
}

/**
 * One image for each place that has room for it; the others stay points.
 *
 * @param {State} state
 * @param {Pen} pen
 * @param {HTMLCanvasElement} sheet
 * @param {number} zoom how many times as large as where all of it is shown
 */
function drawThumbs({ data, world, view, visible }, pen, sheet, zoom) {
  const side = Math.min(64, 16 + 4 * Math.sqrt(zoom));
  /** @type {Set<string>} */
  const taken = new Set();
  pen.imageSmoothingEnabled = false;
  pen.lineWidth = 2.5;
  for (const index of visible) {
    const [x, y] = toScreen(view, placeOf(world, index));
    // Counted from the map's corner, so that pictures do not flicker while it is moved.
    const cell = [x - view.left, y - view.top].map((part) => Math.floor(part / (side + GAP))).join();
    if (taken.has(cell)) continue;
    taken.add(cell);
    if (taken.size > THUMBS_AT_MOST) return;
    const [sx, sy] = onSheet(data, index);
    pen.drawImage(sheet, sx, sy, TILE, TILE, x - side / 2, y - side / 2, side, side);
    pen.strokeStyle = data.colors[world.kinds[index]];
    pen.strokeRect(x - side / 2, y - side / 2, side, side);
  }
}

/**
 * @param {State} state
 * @param {Pen} pen
 */
function drawLoop(state, pen) {
  if (state.loop.length < 2) return;
  pen.beginPath();
  for (const corner of state.loop) pen.lineTo(...toScreen(state.view, corner));
  if (!state.drawing) pen.closePath();
  pen.fillStyle = state.data.loopFill;
  pen.strokeStyle = state.data.accent;
  pen.lineWidth = 2;
  pen.setLineDash([6, 4]);
  pen.fill();
  pen.stroke();
  pen.setLineDash([]);
}

/**
 * @param {State} state
 * @param {Pen} pen
 */
function drawChosen(state, pen) {
  const { at, world, view } = state;
  if (at === null) return;
  const [x, y] = toScreen(view, placeOf(world, at));
  const side = world.isMap ? 18 : Math.max(8, view.scale / world.sheetColumns);
  pen.strokeStyle = state.data.accent;
  pen.lineWidth = 3;
  pen.strokeRect(x - side / 2, y - side / 2, side, side);
}
