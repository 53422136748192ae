import { Terms } from "./terms.js";

/**
 * What each kind of layer of a network makes of its input, as Keras does when it predicts.
 *
 * Values are laid out as Keras lays them: rows, columns, channels, the last one closest together.
 *
 * @typedef {number[]} Shape without the axis of the batch
 * @typedef {{ [name: string]: Float32Array }} Weights by Keras's names
 *
 * @typedef {object} Layer
 * @property {string} kind the Keras class
 * @property {string} name
 * @property {Shape} input
 * @property {Shape} output
 * @property {{ [name: string]: string | number | boolean | null }} options the arguments of the Keras class
 * @property {Weights} weights
 */

// Keras's default, which no spec changes.
const BATCH_NORM_EPSILON = 1e-3;

/** @type {{ [kind: string]: (layer: Layer, input: Float32Array) => Float32Array }} */
const LAYERS = {
  Rescaling: ({ options }, input) => input.map((value) => value * Number(options.scale)),
  Flatten: (_, input) => input,
  Dropout: (_, input) => input,
  Dense: (layer, input) => activate(dense(layer, input), layer.options.activation),
  Conv2D: (layer, input) => activate(convolution(layer, input), layer.options.activation),
  BatchNormalization: batchNormalisation,
  Activation: ({ options }, input) => activate(input.slice(), options.activation),
  MaxPooling2D: maxPooling,
  AveragePooling2D: averagePooling,
  GlobalAveragePooling2D: globalAverage,
};

/**
 * The output of a layer; its input stays as it is.
 *
 * @param {Layer} layer
 * @param {Float32Array} input
 * @returns {Float32Array}
 */
export const outputOf = (layer, input) => LAYERS[layer.kind](layer, input);

/**
 * What the activation of a layer gets.
 *
 * @param {Layer} layer
 * @param {Float32Array} input
 * @returns {Float32Array}
 */
export const beforeActivation = (layer, input) =>
  outputOf({ ...layer, options: { ...layer.options, activation: null } }, input);

/** @param {string} kind of a layer */
export const isKnown = (kind) => Object.hasOwn(LAYERS, kind);

/** @type {(layer: Layer, input: Float32Array) => Float32Array} */
function dense({ weights: { kernel, bias }, output: [units] }, input) {
  const terms = new Terms(input.length);
  terms.take(input, 0, input.length, 0, units);
  const sums = bias ? new Float64Array(bias) : new Float64Array(units);
  terms.addTo(kernel, sums);
  return new Float32Array(sums);
}

/**
 * How many pixels of nothing lie before the first of an axis.
 *
 * @param {number} from
 * @param {number} to
 * @param {number} stride
 * @param {number} kernel
 * @param {string} padding
 */
export const paddingBefore = (from, to, stride, kernel, padding) =>
  (padding === "same" ? Math.floor(Math.max(0, (to - 1) * stride + kernel - from) / 2) : 0);

/** @type {(layer: Layer, input: Float32Array) => Float32Array} */
function convolution({ weights, options, input: [height, width, channels], output: [rows, columns, filters] }, input) {
  const { kernel, bias } = weights;
  const side = Number(options.kernel_size), stride = Number(options.strides), padding = String(options.padding);
  const above = paddingBefore(height, rows, stride, side, padding);
  const left = paddingBefore(width, columns, stride, side, padding);
  const result = new Float32Array(rows * columns * filters);
  const sums = new Float64Array(filters);
  const terms = new Terms(side * side * channels);
  for (let row = 0, at = 0; row < rows; row += 1) {
    const top = row * stride - above;
    for (let column = 0; column < columns; column += 1, at += filters) {
      const start = column * stride - left;
      const before = Math.max(0, -start), wide = Math.min(side, width - start) - before;
      terms.count = 0;
      for (let down = Math.max(0, -top); down < Math.min(side, height - top); down += 1) {
        const pixel = (top + down) * width + start + before;
        const tap = down * side + before;
        // Pixels side by side have rows of the kernel that follow one another.
        terms.take(input, pixel * channels, wide * channels, tap * channels * filters, filters);
      }
      if (bias) sums.set(bias);
      else sums.fill(0);
      terms.addTo(kernel, sums);
      result.set(sums, at);
    }
  }
  return result;
}

/**
 * What batch normalisation multiplies each channel by.
 *
 * @param {Layer} layer
 * @returns {Float32Array}
 */
export const batchNormScale = ({ weights: { gamma, moving_variance: variance } }) =>
  gamma.map((value, channel) => value / Math.sqrt(variance[channel] + BATCH_NORM_EPSILON));

/** @type {(layer: Layer, input: Float32Array) => Float32Array} */
function batchNormalisation(layer, input) {
  const { beta, moving_mean: mean } = layer.weights;
  const channels = beta.length;
  const scale = batchNormScale(layer);
  const shift = beta.map((value, channel) => value - mean[channel] * scale[channel]);
  const result = new Float32Array(input.length);
  for (let at = 0; at < input.length; at += channels) {
    for (let channel = 0; channel < channels; channel += 1) {
      result[at + channel] = input[at + channel] * scale[channel] + shift[channel];
    }
  }
  return result;
}

/** @type {(layer: Layer, input: Float32Array) => Float32Array} */
function maxPooling(layer, input) {
  const result = new Float32Array(sizeOf(layer.output)).fill(-Infinity);
  inWindows(layer, (from, to) => {
    if (input[from] > result[to]) result[to] = input[from];
  });
  return result;
}

/** @type {(layer: Layer, input: Float32Array) => Float32Array} */
function averagePooling(layer, input) {
  const result = new Float32Array(sizeOf(layer.output));
  const share = 1 / Number(layer.options.pool_size) ** 2;
  inWindows(layer, (from, to) => {
    result[to] += share * input[from];
  });
  return result;
}

/**
 * Each value of a pooling layer's input that has a place in its output: windows do not overlap, and
 * what is left over at the right and below is left out.
 *
 * @param {Layer} layer
 * @param {(from: number, to: number) => void} take
 */
export function inWindows({ options, input: [, width, channels], output: [rows, columns] }, take) {
  const side = Number(options.pool_size);
  for (let row = 0; row < rows * side; row += 1) {
    for (let column = 0; column < columns * side; column += 1) {
      const from = (row * width + column) * channels;
      const to = (Math.floor(row / side) * columns + Math.floor(column / side)) * channels;
      for (let channel = 0; channel < channels; channel += 1) take(from + channel, to + channel);
    }
  }
}

/** @type {(layer: Layer, input: Float32Array) => Float32Array} */
function globalAverage({ input: [height, width, channels] }, input) {
  const result = new Float32Array(channels);
  for (let at = 0; at < input.length; at += 1) result[at % channels] += input[at];
  return result.map((sum) => sum / (height * width));
}

/** @param {Shape} shape */
export const sizeOf = (shape) => shape.reduce((product, side) => product * side, 1);

/** @type {{ [name: string]: (value: number) => number }} */
const ACTIVATIONS = {
  relu: (value) => Math.max(0, value),
  tanh: Math.tanh,
  sigmoid: (value) => 1 / (1 + Math.exp(-value)),
  gelu: (value) => 0.5 * value * (1 + errorFunction(value / Math.SQRT2)),
};

/**
 * @param {Float32Array} values are changed
 * @param {unknown} name of the function; without one the values stay
 * @returns {Float32Array} the same
 */
function activate(values, name) {
  if (name === null || name === undefined) return values;
  if (name === "softmax") return softmax(values);
  const activation = ACTIVATIONS[String(name)];
  for (let index = 0; index < values.length; index += 1) values[index] = activation(values[index]);
  return values;
}

/**
 * The error function, to 1.5 in ten millions (Abramowitz and Stegun, Handbook of Mathematical Functions,
 * 7.1.26).
 *
 * @param {number} value
 */
export function errorFunction(value) {
  const size = Math.abs(value);
  const t = 1 / (1 + 0.3275911 * size);
  const terms = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  const sum = terms.reduce((total, term) => (total + term) * t, 0);
  return Math.sign(value) * (1 - sum * Math.exp(-size * size));
}

/**
 * @param {Float32Array} logits are changed
 * @returns {Float32Array} the same: probabilities
 */
function softmax(logits) {
  const most = logits.reduce((largest, logit) => Math.max(largest, logit), -Infinity);
  let total = 0;
  for (let index = 0; index < logits.length; index += 1) {
    logits[index] = Math.exp(logits[index] - most);
    total += logits[index];
  }
  for (let index = 0; index < logits.length; index += 1) logits[index] /= total;
  return logits;
}
