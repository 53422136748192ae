import { nearlyLargest } from "./sums.js";

/**
 * What the parts of the page draw from: a network, and all that it makes of an image.
 *
 * @typedef {object} Insight
 * @property {import("../network/network.js").Network} network
 * @property {import("./stages.js").Stage[]} stages
 * @property {Float32Array} pixels of the image, from 0 to 255
 * @property {Float32Array[]} outputs of each layer
 * @property {number[]} scales of each layer: the size of a value that is drawn as strong as can be
 */

/**
 * @param {import("./shelf.js").Opened} opened
 * @param {Float32Array} pixels
 * @param {Float32Array[]} outputs
 * @returns {Insight}
 */
export const insightOf = ({ network, stages }, pixels, outputs) => {
  const scales = outputs.map(() => 0);
  for (const { output } of stages) scales[output] = nearlyLargest(outputs[output]);
  return { network, stages, pixels, outputs, scales };
};

/**
 * What a stage works on.
 *
 * @param {Insight} insight
 * @param {import("./stages.js").Stage} stage
 */
export const inputOf = ({ outputs, pixels }, { main }) => (main ? outputs[main - 1] : pixels);

/**
 * The stage before, whose maps or values a stage works on.
 *
 * @param {Insight} insight
 * @param {import("./stages.js").Stage} stage
 */
export const stageBefore = ({ stages }, stage) => stages[Math.max(0, stages.indexOf(stage) - 1)];
