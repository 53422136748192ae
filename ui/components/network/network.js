import { isKnown, outputOf, sizeOf } from "./layers.js";

/**
 * A trained network in the browser, from the bytes that `fmnist_core/export/network_bytes.py` writes.
 *
 * @typedef {import("./layers.js").Layer} Layer
 * @typedef {import("./layers.js").Shape} Shape
 *
 * @typedef {object} Network
 * @property {Layer[]} layers from the pixels to the probabilities
 * @property {number} multiplyAdds of one answer
 *
 * @typedef {object} WrittenLayer
 * @property {string} kind
 * @property {string} name
 * @property {Shape} output
 * @property {Layer["options"]} options
 * @property {{ [name: string]: Shape }} weights the shape of each, in the order of their numbers
 */

export class Unreadable extends Error {}

const HEADER_LENGTH_BYTES = 4;

/**
 * Read a network.
 *
 * @param {ArrayBuffer} content
 * @returns {Network}
 * @throws {Unreadable} where the bytes are not those of a network
 */
export function readNetwork(content) {
  const { header, numbers } = partsOf(content);
  if (!Array.isArray(header?.layers)) throw new Unreadable("no layers");
  let input = header.input;
  let used = 0;
  const layers = header.layers.map(({ kind, name, output, options, weights: shapes }) => {
    if (!isKnown(kind)) throw new Unreadable(`a layer of an unknown kind, ${kind}`);
    /** @type {Layer["weights"]} */
    const weights = {};
    for (const [weight, shape] of Object.entries(shapes)) {
      weights[weight] = numbers.subarray(used, used + sizeOf(shape));
      used += sizeOf(shape);
    }
    /** @type {Layer} */
    const layer = { kind, name, input, output, options, weights };
    input = output;
    return layer;
  });
  if (used !== numbers.length) throw new Unreadable(`${numbers.length} numbers in place of ${used}`);
  if (!areFinite(numbers)) throw new Unreadable("a weight that is no number");
  return { layers, multiplyAdds: header.multiply_adds };
}

/**
 * Whether all are numbers: what is none, or infinite, leaves no zero where it is taken from itself. Of millions
 * `every` asks a function each, which holds the page up for half a second.
 *
 * @param {Float32Array} numbers
 */
function areFinite(numbers) {
  let rest = 0;
  for (let index = 0; index < numbers.length; index += 1) rest += numbers[index] - numbers[index];
  return rest === 0;
}

/**
 * @param {ArrayBuffer} content
 * @returns {{ header: { input: Shape, layers: WrittenLayer[], multiply_adds: number }, numbers: Float32Array }}
 */
function partsOf(content) {
  try {
    const length = new DataView(content).getUint32(0, true);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(content, HEADER_LENGTH_BYTES, length));
    return { header: JSON.parse(text), numbers: new Float32Array(content, HEADER_LENGTH_BYTES + length) };
  } catch (error) {
    throw new Unreadable(String(error));
  }
}

/**
 * What every layer makes of an image.
 *
 * @param {Network} network
 * @param {ArrayLike<number>} pixels of one image, from 0 to 255
 * @returns {Float32Array[]} the output of each layer; that of the last but one are the logits
 */
export function activationsOf({ layers }, pixels) {
  const outputs = [];
  /** @type {Float32Array} */
  let values = new Float32Array(pixels);
  for (const layer of layers) {
    values = outputOf(layer, values);
    outputs.push(values);
  }
  return outputs;
}

/**
 * @param {Network} network
 * @param {ArrayLike<number>} pixels of one image, from 0 to 255
 * @returns {Float32Array} the probability of each class
 */
export const answerOf = ({ layers }, pixels) => through(layers, pixels);

/**
 * @param {Network} network
 * @param {ArrayLike<number>} pixels of one image, from 0 to 255
 * @returns {Float32Array} the logit of each class
 */
export const logitsOf = ({ layers }, pixels) => through(layers.slice(0, -1), pixels);

/** @type {(layers: Layer[], pixels: ArrayLike<number>) => Float32Array} */
function through(layers, pixels) {
  /** @type {Float32Array} */
  let values = new Float32Array(pixels);
  for (const layer of layers) values = outputOf(layer, values);
  return values;
}
