/**
 * The way from an image to the answer in a few stages: what does the work, with what is done to its
 * values at once. What changes nothing when a network answers (dropout, flatten) is a part of one.
 *
 * @typedef {import("../network/layers.js").Layer} Layer
 * @typedef {import("../network/layers.js").Shape} Shape
 * @typedef {"picture" | "convolution" | "pooling" | "average" | "dense" | "answer"} Kind
 *
 * @typedef {object} Stage
 * @property {Kind} kind
 * @property {string} name of the layer that does the work; stands in addresses
 * @property {number} main the index of that layer
 * @property {number[]} after indices of the layers that change its values: normalisation, activation
 * @property {number} output the index of the layer whose output the stage shows
 * @property {Shape} from the shape of what it works on, before it is put in one row
 * @property {Shape} to the shape of its output
 * @property {number} dropout the share that is switched off in training
 */

/** @type {{ [kind: string]: Kind }} */
const KINDS = {
  Rescaling: "picture",
  Conv2D: "convolution",
  MaxPooling2D: "pooling",
  AveragePooling2D: "pooling",
  GlobalAveragePooling2D: "average",
  Dense: "dense",
};

/**
 * @param {Layer[]} layers
 * @returns {Stage[]} the first is the image, the last the answer
 */
export function stagesOf(layers) {
  /** @type {Stage[]} */
  const stages = [];
  /** @type {Shape | null} */
  let flattened = null;
  layers.forEach((layer, index) => {
    const last = stages[stages.length - 1];
    const kind = KINDS[layer.kind];
    if (kind) {
      const from = flattened ?? layer.input;
      stages.push({ kind, name: layer.name, main: index, after: [], output: index, from, to: layer.output, dropout: 0 });
      flattened = null;
    } else if (layer.kind === "Flatten") {
      flattened = layer.input;
    } else if (layer.kind === "Dropout") {
      last.dropout = Number(layer.options.rate);
    } else {
      last.after.push(index);
      last.output = index;
      if (layer.options.activation === "softmax") last.kind = "answer";
    }
  });
  return stages;
}

/** @param {Shape} shape */
export const isMaps = (shape) => shape.length === 3;

/**
 * How many maps or neurons a stage has.
 *
 * @param {Stage} stage
 */
export const unitsOf = ({ to }) => to[to.length - 1];

/** @param {number} count */
export const countText = (count) => count.toLocaleString("en");

/** @param {Shape} shape of maps */
export const sidesText = ([rows, columns]) => `${rows} × ${columns}`;

/**
 * What a stage is, and how much of it there is, in a few words each.
 *
 * @param {Stage} stage
 * @param {Layer[]} layers
 * @returns {{ title: string, size: string }}
 */
export function namesOf(stage, layers) {
  const { options, kind: layerKind } = layers[stage.main];
  const units = unitsOf(stage);
  switch (stage.kind) {
    case "picture":
      return { title: "Picture", size: `${sidesText(stage.to)} pixels` };
    case "convolution": {
      const side = Number(options.kernel_size);
      return { title: "Convolution", size: `${counted(units, "filter")} of ${side} × ${side}` };
    }
    case "pooling": {
      const side = Number(options.pool_size);
      const title = layerKind === "MaxPooling2D" ? "Max pooling" : "Average pooling";
      return { title, size: `${side} × ${side} become 1` };
    }
    case "average":
      return { title: "Global average", size: `${counted(units, "map")} become ${counted(units, "number")}` };
    case "dense":
      return { title: "Dense layer", size: counted(units, "neuron") };
    case "answer":
      return { title: "Answer", size: `${units} classes` };
  }
}

/** @type {(count: number, noun: string) => string} */
const counted = (count, noun) => `${countText(count)} ${noun}${count === 1 ? "" : "s"}`;

/** What each activation is called, and what it does. @type {{ [name: string]: { title: string, sentence: string } }} */
export const ACTIVATIONS = {
  relu: { title: "ReLU", sentence: "ReLU keeps what is above zero and makes everything else zero." },
  tanh: { title: "tanh", sentence: "tanh squeezes each value to between −1 and 1." },
  sigmoid: { title: "Sigmoid", sentence: "The sigmoid squeezes each value to between 0 and 1." },
  gelu: { title: "GELU", sentence: "GELU keeps what is well above zero and lets almost nothing else through." },
  softmax: { title: "Softmax", sentence: "" },
};

/**
 * The activation of a stage, if it has one.
 *
 * @param {Stage} stage
 * @param {Layer[]} layers
 */
export function activationOf(stage, layers) {
  const indices = [stage.main, ...stage.after];
  const named = indices.map((index) => layers[index].options.activation).find(Boolean);
  return named ? String(named) : "";
}

/**
 * The first sentence says what a stage does, the rest what is done to its values at once.
 *
 * @param {Stage} stage
 * @param {Layer[]} layers
 * @returns {string[]}
 */
export function sentencesOf(stage, layers) {
  const sentences = [workSentence(stage, layers)];
  if (stage.after.some((index) => layers[index].kind === "BatchNormalization")) {
    sentences.push("Batch normalisation brings the values into a steady range.");
  }
  const activation = ACTIVATIONS[activationOf(stage, layers)];
  if (activation?.sentence) sentences.push(activation.sentence);
  if (stage.dropout) {
    const share = Math.round(100 * stage.dropout);
    sentences.push(`In training, dropout switched off ${share} % of these values at random; now all of them count.`);
  }
  return sentences;
}

/**
 * @param {Stage} stage
 * @param {Layer[]} layers
 * @returns {string}
 */
function workSentence(stage, layers) {
  const { options, kind: layerKind } = layers[stage.main];
  const units = unitsOf(stage);
  const before = stage.from[stage.from.length - 1];
  switch (stage.kind) {
    case "picture":
      return "The pixels, each divided by 255, so that all lie between 0 and 1.";
    case "convolution": {
      const stride = Number(options.strides);
      const patterns = units === 1 ? "a small pattern" : `${units} small patterns`;
      const over = before === 1
        ? `${stage.main === 1 ? "the picture" : "the map before"}: a map is strong where its pattern is found`
        : `all ${before} maps at once: it finds shapes made of what was found before`;
      const steps = stride > 1 ? `, ${stride} steps at a time, so the maps get smaller` : "";
      return `Slides ${patterns} over ${over}${steps}.`;
    }
    case "pooling": {
      const side = Number(options.pool_size);
      const rest = `of every ${side} × ${side} values: maps shrink to ${sidesText(stage.to)}, exact places matter less.`;
      return layerKind === "MaxPooling2D" ? `Keeps the largest ${rest}` : `Takes the mean ${rest}`;
    }
    case "average":
      return "Takes the mean of each map: how much of its pattern there is, wherever it is.";
    case "dense":
      return `${neurons(units)} ${inputsText(stage)} and ${units === 1 ? "answers" : "answer"} with one number${
        units === 1 ? "" : " each"}.`;
    case "answer":
      return `Each class weighs ${inputsText(stage).replace(/^weighs? /, "")}; softmax turns the ten sums into ` +
        "probabilities that add up to 100 %.";
  }
}

/** @param {number} units */
const neurons = (units) => (units === 1 ? "One neuron" : `${countText(units)} neurons`);

/** @param {Stage} stage of neurons */
function inputsText(stage) {
  const verb = unitsOf(stage) === 1 ? "weighs" : "weigh";
  if (!isMaps(stage.from)) return `${verb} the ${counted(stage.from[0], "value")} before`;
  const count = stage.from.reduce((product, side) => product * side, 1);
  return stage.main === 2 && stage.from[2] === 1
    ? `${verb} all ${countText(count)} pixels`
    : `${verb} all ${countText(count)} values in the maps before`;
}

/**
 * What one map or neuron of a stage is called.
 *
 * @param {Stage} stage
 * @param {number} unit from 0
 * @param {string[]} classes
 */
export function unitName(stage, unit, classes) {
  if (stage.kind === "picture") return "The picture";
  if (stage.kind === "answer") return classes[unit];
  return `${isMaps(stage.to) ? "Map" : stage.kind === "average" ? "Mean" : "Neuron"} ${countText(unit + 1)}`;
}
