// The images themselves: one PNG, in the colours of the page and in the order of the sheet.
import { onSheet, TILE } from "./image_map_world.js";

/** @import { State } from "./image_map_state.js" */

/**
 * Load the PNG.
 *
 * @param {string} address
 * @param {string} ground white or black: the difference to it is shown
 * @returns {Promise<HTMLCanvasElement>}
 */
export async function loadSheet(address, ground) {
  const image = new Image();
  await new Promise((resolve, reject) => {
    image.onload = resolve;
    image.onerror = reject;
    image.src = address;
  });
  const [sheet, pen] = canvasOf(image.width, image.height);
  pen.drawImage(image, 0, 0);
  pen.globalCompositeOperation = "difference";
  pen.fillStyle = ground;
  pen.fillRect(0, 0, sheet.width, sheet.height);
  return sheet;
}

/**
 * The PNG in the order of the sheet, which is put together once and then moves as one picture;
 * null before it is there.
 *
 * @param {State} state
 */
export function pageOf(state) {
  const { sheet, data } = state;
  const { order, sheetColumns } = state.world;
  if (state.page || !sheet) return state.page;
  const rows = Math.ceil(order.length / sheetColumns);
  const [page, pen] = canvasOf(sheetColumns * TILE, rows * TILE);
  order.forEach((index, slot) => {
    const [sx, sy] = onSheet(data, index);
    const [column, row] = [slot % sheetColumns, Math.floor(slot / sheetColumns)];
    pen.drawImage(sheet, sx, sy, TILE, TILE, column * TILE, row * TILE, TILE, TILE);
  });
  state.page = page;
  return page;
}

/**
 * @param {number} width
 * @param {number} height
 * @returns {[HTMLCanvasElement, CanvasRenderingContext2D]}
 */
function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return [canvas, /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"))];
}
