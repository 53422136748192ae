import { paddingBefore, sizeOf } from "../network/layers.js";

/**
 * Which part of the image a value of a layer can see: its receptive field.
 *
 * @typedef {import("../network/layers.js").Layer} Layer
 * @typedef {{ top: number, left: number, rows: number, columns: number }} Area
 */

/**
 * The part of a layer's input that makes one value of its output, as far as it lies within it.
 *
 * @param {Layer} layer
 * @param {Area} area of its output
 * @returns {Area}
 */
export function inputArea(layer, area) {
  const [height, width] = layer.input;
  const step = stepOf(layer);
  if (!step) return area;
  const vertical = span(area.top, area.rows, height, layer.output[0], step);
  const horizontal = span(area.left, area.columns, width, layer.output[1], step);
  return { top: vertical.start, rows: vertical.length, left: horizontal.start, columns: horizontal.length };
}

/**
 * The window of a convolution or of pooling for one value, also where it reaches over the border.
 *
 * @param {Layer} layer
 * @param {number} row
 * @param {number} column
 * @returns {Area}
 */
export function windowOf(layer, row, column) {
  const { side, stride, padding } = /** @type {Step} */ (stepOf(layer));
  const [height, width] = layer.input, [rows, columns] = layer.output;
  return {
    top: row * stride - paddingBefore(height, rows, stride, side, padding),
    left: column * stride - paddingBefore(width, columns, stride, side, padding),
    rows: side,
    columns: side,
  };
}

/**
 * The receptive field on the image.
 *
 * @param {Layer[]} layers
 * @param {number} index of the layer
 * @param {number} row
 * @param {number} column
 * @returns {Area}
 */
export function fieldOf(layers, index, row, column) {
  /** @type {Area} */
  let area = { top: row, left: column, rows: 1, columns: 1 };
  for (let at = index; at >= 0; at -= 1) {
    const { kind, input } = layers[at];
    if (kind === "Dense" || kind === "Flatten" || kind === "GlobalAveragePooling2D") {
      // A neuron weighs all there is; what comes before it sees all as well.
      const [rows, columns] = layers[0].input;
      return { top: 0, left: 0, rows, columns };
    }
    if (sizeOf(input)) area = inputArea(layers[at], area);
  }
  return area;
}

/**
 * @typedef {{ side: number, stride: number, padding: string }} Step
 *
 * @param {Layer} layer
 * @returns {Step | null} null where each value comes from the one in its place
 */
function stepOf({ kind, options }) {
  if (kind === "Conv2D") {
    return { side: Number(options.kernel_size), stride: Number(options.strides), padding: String(options.padding) };
  }
  if (kind !== "MaxPooling2D" && kind !== "AveragePooling2D") return null;
  const side = Number(options.pool_size);
  return { side, stride: side, padding: "valid" };
}

/** @type {(start: number, length: number, from: number, to: number, step: Step) => { start: number, length: number }} */
function span(start, length, from, to, { side, stride, padding }) {
  const first = start * stride - paddingBefore(from, to, stride, side, padding);
  const end = first + (length - 1) * stride + side;
  const begin = Math.max(0, first);
  return { start: begin, length: Math.max(0, Math.min(from, end) - begin) };
}
