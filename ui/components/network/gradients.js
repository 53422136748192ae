import { batchNormScale, beforeActivation, errorFunction, inWindows, paddingBefore } from "./layers.js";
import { activationsOf } from "./network.js";
import { Terms } from "./terms.js";

/**
 * How what a network says changes with each pixel: backpropagation, layer by layer.
 *
 * @typedef {import("./layers.js").Layer} Layer
 *
 * @typedef {object} Lead
 * @property {number} rival the class with the largest logit but for the wanted one
 * @property {number} lead by how much the wanted class's logit is larger than the rival's
 * @property {Float32Array} gradient of the lead, one a pixel, where pixels go from 0 to 255
 */

/**
 * What a layer's gradient becomes before it: of its input, from that of its output.
 *
 * @typedef {(layer: Layer, gradient: Float32Array, input: Float32Array, output: Float32Array) => Float32Array} Backward
 *
 * @type {{ [kind: string]: Backward }}
 */
const BACKWARD = {
  Rescaling: ({ options }, gradient) => gradient.map((value) => value * Number(options.scale)),
  Flatten: (_, gradient) => gradient,
  Dropout: (_, gradient) => gradient,
  Dense: (layer, ...rest) => beforeDense(layer, beforeFunction(layer, ...rest)),
  Conv2D: (layer, ...rest) => beforeConvolution(layer, beforeFunction(layer, ...rest)),
  BatchNormalization: beforeBatchNormalisation,
  Activation: beforeFunction,
  MaxPooling2D: beforeMaxPooling,
  AveragePooling2D: beforeAveragePooling,
  GlobalAveragePooling2D: beforeGlobalAverage,
};

/**
 * By how much a class leads, and how that changes with each pixel.
 *
 * @param {import("./network.js").Network} network
 * @param {ArrayLike<number>} pixels of one image, from 0 to 255
 * @param {number} classId the wanted class
 * @returns {Lead}
 */
export function leadOf(network, pixels, classId) {
  const outputs = activationsOf(network, pixels);
  const last = outputs.length - 2;
  const logits = outputs[last];
  const rival = rivalOf(logits, classId);
  /** @type {Float32Array} */
  let gradient = new Float32Array(logits.length);
  gradient[classId] = 1;
  gradient[rival] = -1;
  for (let index = last; index >= 0; index -= 1) {
    const layer = network.layers[index];
    const input = index > 0 ? outputs[index - 1] : new Float32Array(pixels);
    gradient = BACKWARD[layer.kind](layer, gradient, input, outputs[index]);
  }
  return { rival, lead: logits[classId] - logits[rival], gradient };
}

/**
 * The class with the largest logit but for one.
 *
 * @param {Float32Array} logits
 * @param {number} classId
 */
export function rivalOf(logits, classId) {
  let rival = classId === 0 ? 1 : 0;
  for (let other = rival + 1; other < logits.length; other += 1) {
    if (other !== classId && logits[other] > logits[rival]) rival = other;
  }
  return rival;
}

/**
 * The slope of each activation, by what it gets and what it makes of it.
 *
 * @type {{ [name: string]: (before: number, after: number) => number }}
 */
const SLOPES = {
  relu: (_, after) => (after > 0 ? 1 : 0),
  tanh: (_, after) => 1 - after * after,
  sigmoid: (_, after) => after * (1 - after),
  gelu: (before) => 0.5 * (1 + errorFunction(before / Math.SQRT2))
    + before * Math.exp(-before * before / 2) / Math.sqrt(2 * Math.PI),
};

/** @type {Backward} */
function beforeFunction(layer, gradient, input, output) {
  const { activation } = layer.options;
  if (activation === null) return gradient;
  const slope = SLOPES[String(activation)];
  // Two values of GELU's input can have the same output; for the others the output will do.
  const before = activation === "gelu" ? beforeActivation(layer, input) : output;
  return gradient.map((value, index) => value * slope(before[index], output[index]));
}

/** @type {(layer: Layer, gradient: Float32Array) => Float32Array} */
function beforeDense({ weights: { kernel }, input: [inputs], output: [units] }, gradient) {
  const terms = new Terms(units);
  terms.take(gradient, 0, units, 0, 1);
  const { count, values, rows: kept } = terms;
  const result = new Float32Array(inputs);
  for (let index = 0, row = 0; index < inputs; index += 1, row += units) {
    let sum = 0;
    for (let term = 0; term < count; term += 1) sum += values[term] * kernel[row + kept[term]];
    result[index] = sum;
  }
  return result;
}

/** @type {(layer: Layer, gradient: Float32Array) => Float32Array} */
function beforeConvolution(layer, gradient) {
  const { options, input: [height, width, channels], output: [rows, columns, filters] } = layer;
  const side = Number(options.kernel_size), stride = Number(options.strides), padding = String(options.padding);
  const above = paddingBefore(height, rows, stride, side, padding);
  const left = paddingBefore(width, columns, stride, side, padding);
  const kernel = turned(layer);
  const result = new Float32Array(height * width * channels);
  const sums = new Float64Array(channels);
  const terms = new Terms(side * side * filters);
  for (let at = 0, pixel = 0; pixel < height * width; pixel += 1, at += channels) {
    terms.count = 0;
    // Of each window that holds the pixel, by the row and the column of the pixel in it.
    for (let down = 0; down < side; down += 1) {
      const row = (Math.floor(pixel / width) + above - down) / stride;
      if (!Number.isInteger(row) || row < 0 || row >= rows) continue;
      for (let right = 0; right < side; right += 1) {
        const column = (pixel % width + left - right) / stride;
        if (!Number.isInteger(column) || column < 0 || column >= columns) continue;
        const tap = down * side + right;
        terms.take(gradient, (row * columns + column) * filters, filters, tap * filters * channels, channels);
      }
    }
    sums.fill(0);
    terms.addTo(kernel, sums);
    result.set(sums, at);
  }
  return result;
}

/**
 * Kernels of convolutions with filters before channels.
 *
 * @type {WeakMap<Layer, Float32Array>}
 */
const turnedKernels = new WeakMap();

/** @type {(layer: Layer) => Float32Array} */
function turned(layer) {
  const known = turnedKernels.get(layer);
  if (known) return known;
  const { weights: { kernel }, input: [, , channels], output: [, , filters] } = layer;
  const size = channels * filters;
  const result = new Float32Array(kernel.length);
  for (let tap = 0; tap < kernel.length; tap += size) {
    for (let channel = 0; channel < channels; channel += 1) {
      for (let filter = 0; filter < filters; filter += 1) {
        result[tap + filter * channels + channel] = kernel[tap + channel * filters + filter];
      }
    }
  }
  turnedKernels.set(layer, result);
  return result;
}

/** @type {Backward} */
function beforeBatchNormalisation(layer, gradient) {
  const scale = batchNormScale(layer);
  return gradient.map((value, index) => value * scale[index % scale.length]);
}

/** @type {Backward} */
function beforeMaxPooling(layer, gradient, input, output) {
  const result = new Float32Array(input.length);
  const left = gradient.slice();
  inWindows(layer, (from, to) => {
    // Where several are the largest, the first one counts.
    if (input[from] !== output[to]) return;
    result[from] = left[to];
    left[to] = 0;
  });
  return result;
}

/** @type {Backward} */
function beforeAveragePooling(layer, gradient, input) {
  const result = new Float32Array(input.length);
  const share = 1 / Number(layer.options.pool_size) ** 2;
  inWindows(layer, (from, to) => {
    result[from] = share * gradient[to];
  });
  return result;
}

/** @type {Backward} */
function beforeGlobalAverage({ input: [height, width, channels] }, gradient) {
  const result = new Float32Array(height * width * channels);
  return result.map((_, index) => gradient[index % channels] / (height * width));
}
