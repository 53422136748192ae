import { indexOfLargest } from "../arrays.js";
import { outputOf } from "../network/layers.js";
import { windowOf } from "./fields.js";
import { ACTIVATIONS, isMaps } from "./stages.js";

/**
 * The sum that makes one value of a layer, taken apart.
 *
 * @typedef {import("../network/layers.js").Layer} Layer
 * @typedef {import("../network/layers.js").Shape} Shape
 * @typedef {import("./stages.js").Stage} Stage
 *
 * @typedef {{ label: string, value: number }} Link what is done to a sum, and what it is then
 * @typedef {{ channel: number, sum: number }} Part of a sum: what one map before adds
 *
 * @typedef {object} Product
 * @property {number} weight
 * @property {number} value 0 over the border
 * @property {boolean} inside
 */

/**
 * One map of maps, or one number as a map of its own.
 *
 * @param {Float32Array} values
 * @param {Shape} shape
 * @param {number} channel
 */
export function mapOf(values, shape, channel) {
  const channels = shape[shape.length - 1];
  const map = new Float32Array(values.length / channels);
  for (let place = 0; place < map.length; place += 1) map[place] = values[place * channels + channel];
  return map;
}

/**
 * The kernel of a filter of a convolution for one of the maps before.
 *
 * @param {Layer} layer
 * @param {number} filter
 * @param {number} channel
 */
export function kernelOf({ weights: { kernel }, input, output }, filter, channel) {
  const channels = input[2], filters = output[2];
  const taps = new Float32Array(kernel.length / channels / filters);
  for (let tap = 0; tap < taps.length; tap += 1) taps[tap] = kernel[(tap * channels + channel) * filters + filter];
  return taps;
}

/**
 * The map before for which a filter has the largest weights.
 *
 * @param {Layer} layer a convolution
 * @param {number} filter
 */
export function strongestChannel({ weights: { kernel }, input, output }, filter) {
  const channels = input[2], filters = output[2];
  const sizes = new Float32Array(channels);
  for (let at = 0, index = filter; index < kernel.length; at += 1, index += filters) {
    sizes[at % channels] += Math.abs(kernel[index]);
  }
  return indexOfLargest(sizes);
}

/**
 * The weights of a neuron, one a value before it.
 *
 * @param {Layer} layer dense
 * @param {number} unit
 */
export function weightsOf({ weights: { kernel }, output: [units] }, unit) {
  const weights = new Float32Array(kernel.length / units);
  for (let index = 0; index < weights.length; index += 1) weights[index] = kernel[index * units + unit];
  return weights;
}

/**
 * The products of a window for one of the maps before.
 *
 * @param {Layer} layer a convolution
 * @param {Float32Array} input
 * @param {number} filter
 * @param {number} channel
 * @param {number} row
 * @param {number} column
 * @returns {Product[]}
 */
export function windowProducts(layer, input, filter, channel, row, column) {
  const [height, width, channels] = layer.input;
  const { top, left, columns: side } = windowOf(layer, row, column);
  return Array.from(kernelOf(layer, filter, channel), (weight, tap) => {
    const y = top + Math.floor(tap / side), x = left + (tap % side);
    const inside = y >= 0 && y < height && x >= 0 && x < width;
    return { weight, value: inside ? input[(y * width + x) * channels + channel] : 0, inside };
  });
}

/** @param {Product[]} products */
export const sumOf = (products) => products.reduce((sum, { weight, value }) => sum + weight * value, 0);

/**
 * What each map before adds to a value of a convolution.
 *
 * @param {Layer} layer
 * @param {Float32Array} input
 * @param {number} filter
 * @param {number} row
 * @param {number} column
 * @returns {Part[]}
 */
export function convolutionParts(layer, input, filter, row, column) {
  return Array.from({ length: layer.input[2] }, (_, channel) => (
    { channel, sum: sumOf(windowProducts(layer, input, filter, channel, row, column)) }
  ));
}

/**
 * What each map before, or each value where there are no maps, adds to the sum of a neuron.
 *
 * @param {Stage} stage
 * @param {Float32Array} weights of the neuron
 * @param {Float32Array} input
 * @returns {Part[]}
 */
export function denseParts({ from }, weights, input) {
  const channels = from[from.length - 1];
  const sums = new Float64Array(channels);
  for (let index = 0; index < weights.length; index += 1) sums[index % channels] += weights[index] * input[index];
  return Array.from(sums, (sum, channel) => ({ channel, sum }));
}

/**
 * What becomes of a sum of products: bias, normalisation, activation, each with the value after it.
 *
 * @param {Stage} stage
 * @param {Layer[]} layers
 * @param {number} unit
 * @param {number} sum of the products
 * @returns {Link[]} the first is the sum itself
 */
export function chainOf(stage, layers, unit, sum) {
  const main = layers[stage.main];
  /** @type {Link[]} */
  const links = [];
  let value = sum;
  if (main.weights.bias) {
    value += main.weights.bias[unit];
    links.push({ label: "bias", value });
  }
  for (const layer of [main, ...stage.after.map((index) => layers[index])]) {
    const activation = String(layer.options.activation ?? "");
    if (layer.kind === "BatchNormalization") {
      value = outputOf(oneChannel(layer, unit), Float32Array.of(value))[0];
      links.push({ label: "Batch normalisation", value });
    } else if (activation && activation !== "softmax") {
      value = outputOf({ ...layer, kind: "Activation" }, Float32Array.of(value))[0];
      links.push({ label: ACTIVATIONS[activation].title, value });
    }
  }
  return links;
}

/** @type {(layer: Layer, unit: number) => Layer} */
const oneChannel = (layer, unit) => ({
  ...layer,
  weights: Object.fromEntries(
    Object.entries(layer.weights).map(([name, values]) => [name, values.subarray(unit, unit + 1)]),
  ),
});

/**
 * The largest parts by size, and what all others add together.
 *
 * @param {Part[]} parts
 * @param {number} most
 * @returns {{ shown: Part[], others: number, rest: number }} how many others, and their sum
 */
export function largestParts(parts, most) {
  const ordered = [...parts].sort((one, two) => Math.abs(two.sum) - Math.abs(one.sum));
  const shown = ordered.slice(0, most), others = ordered.slice(most);
  return { shown, others: others.length, rest: others.reduce((sum, part) => sum + part.sum, 0) };
}

// So many values are looked at to find how large they are.
const SAMPLE = 6_000;

/**
 * The size that nearly all values stay below: what is larger is drawn as strong as this.
 *
 * @param {Float32Array} values
 * @returns {number} 0 where all are 0
 */
export function nearlyLargest(values) {
  const step = Math.max(1, Math.ceil(values.length / SAMPLE));
  const sample = Float32Array.from({ length: Math.ceil(values.length / step) }, (_, index) => Math.abs(values[index * step]));
  const sizes = sample.filter((size) => size > 0).sort();
  return sizes.length ? sizes[Math.floor(0.985 * (sizes.length - 1))] : 0;
}

/**
 * How strong each unit of a stage is for an image: the largest value of a map, the value of a neuron.
 *
 * @param {Float32Array} values
 * @param {Shape} shape
 * @returns {Float32Array}
 */
export function strengthsOf(values, shape) {
  if (!isMaps(shape)) return values;
  const channels = shape[2];
  const strengths = new Float32Array(channels).fill(-Infinity);
  for (let at = 0; at < values.length; at += 1) {
    const channel = at % channels;
    if (values[at] > strengths[channel]) strengths[channel] = values[at];
  }
  return strengths;
}

/**
 * A value with as many digits as can be read.
 *
 * @param {number} value
 */
export function numberText(value) {
  const size = Math.abs(value);
  const text = size.toFixed(size >= 1000 ? 0 : size >= 10 ? 1 : 2);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}
