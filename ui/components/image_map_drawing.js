// Draws an image map on its canvas: points that become images when there is room, or a sheet.
import { pageOf } from "./image_map_sheet.js";
import { placeOf, toScreen } from "./image_map_view.js";
import { onSheet, TILE } from "./image_map_world.js";

/**
 * @import { Root, State } from "./image_map_state.js"
 */

/** @typedef {CanvasRenderingContext2D} Pen */

const THUMBS_AT_MOST = 700;
const THUMBS_FROM_ZOOM = 2.5;
/** Between two images on the map, in pixels. */
const GAP = 4;

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
  const canvas = root.querySelector(".fm-canvas-stage canvas");
  const sharp = Math.min(2, window.devicePixelRatio || 1);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  // Not in sight yet, or no longer: there are no pixels to draw into.
  if (!width || !height) return;
  if (canvas.width !== Math.round(width * sharp) || canvas.height !== Math.round(height * sharp)) {
    canvas.width = Math.round(width * sharp);
    canvas.height = Math.round(height * sharp);
  }
  const pen = /** @type {Pen} */ (canvas.getContext("2d", { alpha: false }));
  pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  pen.fillStyle = state.data.background;
  pen.fillRect(0, 0, width, height);
  if (state.world.isMap) drawMap(state, canvas, pen, sharp);
  else drawSheet(state, pen);
  drawLoop(state, pen);
  drawChosen(state, pen);
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
  const colors = data.colors.map(colorNumber);
  const zoom = view.scale / view.least;
  const side = Math.max(2, Math.round(2 * sharp * Math.min(6, 1.8 * Math.sqrt(zoom))));
  const [left, top, scale] = [view.left * sharp, view.top * sharp, view.scale * sharp];
  /** @type {number[]} */
  const visible = [];
  for (const index of world.shuffled) {
    if (state.hidden.has(world.kinds[index])) continue;
    const x = Math.round(left + world.x[index] * scale - side / 2);
    const y = Math.round(top + world.y[index] * scale - side / 2);
    if (x < -40 || y < -40 || x > width + 40 || y > height + 40) continue;
    visible.push(index);
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
 * "#rrggbb" as the four bytes of a pixel, which computers keep with the lowest first.
 *
 * @param {string} color
 */
export function colorNumber(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
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
