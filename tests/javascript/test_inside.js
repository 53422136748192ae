import { fieldOf, windowOf } from "../../ui/components/inside/fields.js";
import { summary } from "../../ui/components/inside/exciting.js";
import { indexAfter, mapSheet } from "../../ui/components/inside/overview.js";
import { ownPicture } from "../../ui/components/inside/pictures.js";
import { namesOf, sentencesOf, stagesOf, unitName } from "../../ui/components/inside/stages.js";
import {
  chainOf,
  convolutionParts,
  denseParts,
  largestParts,
  mapOf,
  nearlyLargest,
  numberText,
  strengthsOf,
  strongestChannel,
  sumOf,
  weightsOf,
  windowProducts,
} from "../../ui/components/inside/sums.js";
import { inputOf, stageBefore } from "../../ui/components/inside/view.js";
import { sizeOf } from "../../ui/components/network/layers.js";
import { activationsOf } from "../../ui/components/network/network.js";
import { nearestTo } from "../../ui/components/inside.js";
import { momentText } from "../../ui/components/inside/toolbar.js";
import { equal, near, test } from "./testing.js";

/** @import { Layer, Shape } from "../../ui/components/network/layers.js" */
/** @import { Insight } from "../../ui/components/inside/view.js" */

/** Numbers that look random and are the same each time. @param {number} seed */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647 - 0.5;
  };
}

/**
 * Layers as bytes of a network describe them.
 *
 * @param {[kind: string, output: Shape, options?: Layer["options"]][]} described
 * @returns {Layer[]}
 */
function layersOf(described) {
  const draw = numbers(7);
  /** @type {Shape} */
  let input = [28, 28, 1];
  /** @type {{ [kind: string]: number }} */
  const counts = {};
  return described.map(([kind, output, options = {}]) => {
    counts[kind] = (counts[kind] ?? 0) + 1;
    /** @type {Layer["weights"]} */
    const weights = {};
    /** @param {number} count */
    const some = (count) => Float32Array.from({ length: count }, draw);
    const last = output[output.length - 1];
    if (kind === "Dense") weights.kernel = some(sizeOf(input) * last);
    if (kind === "Conv2D") weights.kernel = some(Number(options.kernel_size) ** 2 * input[2] * last);
    if (weights.kernel && options.use_bias) weights.bias = some(last);
    if (kind === "BatchNormalization") {
      for (const name of ["gamma", "beta", "moving_mean"]) weights[name] = some(last);
      weights.moving_variance = some(last).map((value) => 0.6 + value);
    }
    const layer = { kind, name: `${kind}_${counts[kind]}`, input, output, options, weights };
    input = output;
    return layer;
  });
}

const CNN = layersOf([
  ["Rescaling", [28, 28, 1], { scale: 1 / 255 }],
  ["Conv2D", [14, 14, 3], { kernel_size: 3, strides: 2, padding: "same", activation: null }],
  ["BatchNormalization", [14, 14, 3]],
  ["Activation", [14, 14, 3], { activation: "tanh" }],
  ["Dropout", [14, 14, 3], { rate: 0.25 }],
  ["Conv2D", [10, 10, 2], { kernel_size: 5, strides: 1, padding: "valid", activation: "gelu", use_bias: true }],
  ["AveragePooling2D", [3, 3, 2], { pool_size: 3 }],
  ["Flatten", [18]],
  ["Dense", [4], { activation: "relu", use_bias: true }],
  ["Dense", [10], { activation: null, use_bias: true }],
  ["Activation", [10], { activation: "softmax" }],
]);
const DENSE = layersOf([
  ["Rescaling", [28, 28, 1], { scale: 1 / 255 }],
  ["Flatten", [784]],
  ["Dense", [1], { activation: "sigmoid", use_bias: true }],
  ["Dropout", [1], { rate: 0.5 }],
  ["Dense", [10], { activation: null, use_bias: true }],
  ["Activation", [10], { activation: "softmax" }],
]);
const CLASSES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Boot"];
const draw = numbers(11);
const PIXELS = Float32Array.from({ length: 784 }, () => Math.round(255 * (draw() + 0.5)));

/** @param {Layer[]} layers @returns {Insight} */
function insightInto(layers, pixels = PIXELS) {
  const network = { layers, multiplyAdds: 0 };
  const outputs = activationsOf(network, pixels);
  return { network, stages: stagesOf(layers), pixels, outputs, scales: [] };
}

/** As equal as sums of float32 in another order are. @type {(is: number, shall: number) => void} */
const close = (is, shall) => near([(is - shall) / 100], [0]);

test("a network is a few stages, and what changes nothing is a part of one", () => {
  const stages = stagesOf(CNN);
  equal(stages.map(({ kind }) => kind), ["picture", "convolution", "convolution", "pooling", "dense", "answer"]);
  equal(stages.map(({ main, output }) => [main, output]), [[0, 0], [1, 3], [5, 5], [6, 6], [8, 8], [9, 10]]);
  equal(stages[4].from, [3, 3, 2]);
  equal(stages[1].dropout, 0.25);
  equal(stagesOf(DENSE).map(({ kind }) => kind), ["picture", "dense", "answer"]);
  equal(stagesOf(DENSE)[1].from, [28, 28, 1]);
});

test("stages have names in plain words", () => {
  const names = stagesOf(CNN).map((stage) => namesOf(stage, CNN));
  equal(names.map(({ title, size }) => `${title}, ${size}`), [
    "Picture, 28 × 28 pixels",
    "Convolution, 3 filters of 3 × 3",
    "Convolution, 2 filters of 5 × 5",
    "Average pooling, 3 × 3 become 1",
    "Dense layer, 4 neurons",
    "Answer, 10 classes",
  ]);
  equal(namesOf(stagesOf(DENSE)[1], DENSE).size, "1 neuron");
  const [, first, , , dense, answer] = stagesOf(CNN);
  equal([first, dense, answer].map((stage) => unitName(stage, 1, CLASSES)), ["Map 2", "Neuron 2", "Trouser"]);
});

test("each stage says what it does, and what is done to its values at once", () => {
  const [, first, second, pool, dense] = stagesOf(CNN).map((stage) => sentencesOf(stage, CNN));
  equal(first, [
    "Slides 3 small patterns over the picture: a map is strong where its pattern is found, 2 steps at a time, so the " +
      "maps get smaller.",
    "Batch normalisation brings the values into a steady range.",
    "tanh squeezes each value to between −1 and 1.",
    "In training, dropout switched off 25 % of these values at random; now all of them count.",
  ]);
  equal(second[0], "Slides 2 small patterns over all 3 maps at once: it finds shapes made of what was found before.");
  equal(pool, ["Takes the mean of every 3 × 3 values: maps shrink to 3 × 3, exact places matter less."]);
  equal(dense[0], "4 neurons weigh all 18 values in the maps before and answer with one number each.");
  equal(sentencesOf(stagesOf(DENSE)[1], DENSE)[0], "One neuron weighs all 784 pixels and answers with one number.");
  equal(sentencesOf(stagesOf(DENSE)[2], DENSE)[0],
    "Each class weighs the 1 value before; softmax turns the ten sums into probabilities that add up to 100 %.");
});

test("the sum of a value of a map is the value that the network computes", () => {
  const insight = insightInto(CNN);
  for (const stage of insight.stages.filter(({ kind }) => kind === "convolution")) {
    const layer = CNN[stage.main], input = inputOf(insight, stage);
    const [rows, columns, filters] = stage.to;
    for (const [row, column] of [[0, 0], [rows - 1, columns - 1], [3, 5], [0, 4]]) {
      for (let filter = 0; filter < filters; filter += 1) {
        const parts = convolutionParts(layer, input, filter, row, column);
        const total = parts.reduce((sum, part) => sum + part.sum, 0);
        const links = chainOf(stage, CNN, filter, total);
        close(links[links.length - 1].value, insight.outputs[stage.output][(row * columns + column) * filters + filter]);
        close(sumOf(windowProducts(layer, input, filter, 0, row, column)), parts[0].sum);
      }
    }
  }
});

test("the sum of a neuron is the value that the network computes", () => {
  for (const layers of [CNN, DENSE]) {
    const insight = insightInto(layers);
    for (const stage of insight.stages.filter(({ kind }) => kind === "dense" || kind === "answer")) {
      for (let unit = 0; unit < stage.to[0]; unit += 1) {
        const weights = weightsOf(layers[stage.main], unit);
        const parts = denseParts(stage, weights, inputOf(insight, stage));
        equal(parts.length, stage.from[stage.from.length - 1]);
        const links = chainOf(stage, layers, unit, parts.reduce((sum, part) => sum + part.sum, 0));
        // The logits, where softmax comes after them.
        const output = stage.kind === "answer" ? stage.main : stage.output;
        close(links[links.length - 1].value, insight.outputs[output][unit]);
      }
    }
  }
});

test("a value changes with the pixels of its receptive field, and with no other", () => {
  const before = insightInto(CNN);
  for (const [index, row, column] of [[1, 0, 0], [1, 13, 13], [5, 0, 0], [5, 9, 4], [6, 0, 2], [6, 2, 2]]) {
    const area = fieldOf(CNN, index, row, column);
    const [, columns, channels] = CNN[index].output;
    const at = (row * columns + column) * channels;
    for (let pixel = 0; pixel < 784; pixel += 1) {
      const y = Math.floor(pixel / 28), x = pixel % 28;
      const inside = y >= area.top && y < area.top + area.rows && x >= area.left && x < area.left + area.columns;
      const isEdge = y === area.top || y === area.top + area.rows - 1 || x === area.left || x === area.left + area.columns - 1;
      if (inside && !isEdge && pixel % 7) continue;
      if (!inside && pixel % 5) continue;
      const pixels = PIXELS.slice();
      pixels[pixel] = pixels[pixel] > 127 ? 0 : 255;
      const after = activationsOf({ layers: CNN.slice(0, index + 1), multiplyAdds: 0 }, pixels)[index];
      equal([pixel, after[at] !== before.outputs[index][at]], [pixel, inside]);
    }
  }
});

test("a neuron sees the whole image, and the window of a border reaches over it", () => {
  equal(fieldOf(CNN, 8, 0, 0), { top: 0, left: 0, rows: 28, columns: 28 });
  equal(windowOf(CNN[1], 13, 0), { top: 26, left: 0, rows: 3, columns: 3 });
  const over = windowProducts(CNN[1], PIXELS, 0, 0, 13, 13).map(({ inside }) => inside);
  equal(over, [true, true, false, true, true, false, false, false, false]);
});

test("what stands before a stage is the stage whose values it works on", () => {
  const insight = insightInto(CNN);
  equal(insight.stages.slice(1).map((stage) => stageBefore(insight, stage).kind),
    ["picture", "convolution", "convolution", "pooling", "dense"]);
});

test("the largest parts come first, and the others are told together", () => {
  const parts = [0.1, -3, 2, 0.5, -0.2].map((sum, channel) => ({ channel, sum }));
  const { shown, others, rest } = largestParts(parts, 2);
  equal(shown.map(({ channel }) => channel), [1, 2]);
  equal(others, 3);
  near([rest], [0.4]);
  equal(largestParts(parts, 9).others, 0);
});

test("a map is one channel, its strength its largest value", () => {
  const values = Float32Array.of(1, -5, 2, -6, 3, -7, 4, -8);
  equal(mapOf(values, [2, 2, 2], 1), [-5, -6, -7, -8]);
  equal(strengthsOf(values, [2, 2, 2]), [4, -5]);
  equal(strengthsOf(values, [8]), values);
  equal(mapSheet(values, [2, 2, 2]), { sheet: [1, 2, 0, -5, -6, 3, 4, 0, -7, -8], width: 5 });
  equal(strongestChannel({ ...CNN[5], weights: { kernel: Float32Array.of(0, 0, 9, 0, 0, 0) } }, 0), 1);
});

test("what is drawn as strong as can be is nearly the largest, or nothing", () => {
  equal(nearlyLargest(new Float32Array(9)), 0);
  equal(nearlyLargest(Float32Array.of(0, -2)), 2);
  const many = Float32Array.from({ length: 1_000 }, (_, index) => (index ? 1 : 500));
  equal(nearlyLargest(many), 1);
});

test("numbers are as long as can be read, and nothing has no sign", () => {
  equal([0, -0.001, 0.125, -1.5, 12.34, 1234.5].map(numberText), ["0.00", "0.00", "0.13", "−1.50", "12.3", "1235"]);
});

test("arrow keys walk along the layers and stop at the ends", () => {
  equal(["ArrowLeft", "ArrowRight", "Home", "End", "a"].map((key) => indexAfter(key, 0, 4)), [0, 1, 0, 3, null]);
  equal(indexAfter("ArrowDown", 3, 4), 3);
});

test("what some images show is counted, the most frequent first", () => {
  equal(summary(["Bag", "Coat", "Coat"]), "2 × Coat, 1 × Bag.");
  equal(summary(["Bag", "Bag"]), "All of them: Bag.");
});

test("of an epoch that was not kept the nearest one is shown, and said", () => {
  equal([1, 5, 6, 7, 99].map((wanted) => nearestTo(wanted, [1, 4, 8])), [1, 4, 8, 8, 8]);
  equal(momentText(4, 5, 8), "After epoch 4; epoch 5 was not kept");
  equal([momentText(4, 4, 8), momentText(8, null, 8), momentText(3, null, null)],
    ["After epoch 4", "After epoch 8, as it ended", "After epoch 3"]);
});

test("an image of one's own comes from the address as it was", () => {
  const bytes = Array.from({ length: 784 }, (_, index) => (index * 37) % 256);
  const text = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  equal(ownPicture(text), { pixels: bytes, truth: null });
});
