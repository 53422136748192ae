/**
 * Operations on images of one value a pixel. None of them changes what it gets.
 *
 * @typedef {object} Plane
 * @property {Float32Array} values from 0 to 255, row after row
 * @property {number} width
 * @property {number} height
 *
 * @typedef {object} Box in pixels; what lies at `right` and `bottom` is out of it
 * @property {number} left
 * @property {number} top
 * @property {number} right
 * @property {number} bottom
 */

/**
 * Grey as television and the usual libraries have it (ITU-R BT.601).
 *
 * @param {{ data: ArrayLike<number>, width: number, height: number }} photo red, green, blue, opacity
 * @returns {Plane}
 */
export function greyOf({ data, width, height }) {
  const values = new Float32Array(width * height);
  for (let index = 0, at = 0; index < values.length; index += 1, at += 4) {
    values[index] = 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
  }
  return { values, width, height };
}

/** @type {(plane: Plane) => Plane} */
export const negate = ({ values, width, height }) => ({ values: values.map((value) => 255 - value), width, height });

/**
 * @param {Plane} plane
 * @param {Box} box within it
 * @returns {Plane}
 */
export function cut({ values, width }, { left, top, right, bottom }) {
  const part = { values: new Float32Array((right - left) * (bottom - top)), width: right - left, height: bottom - top };
  for (let row = top; row < bottom; row += 1) {
    part.values.set(values.subarray(row * width + left, row * width + right), (row - top) * part.width);
  }
  return part;
}

/**
 * Fewer pixels to be shown: every so many-th, as it is.
 *
 * @param {Plane} plane
 * @param {number} longest side that is enough
 * @returns {Plane} the same where it is not larger
 */
export function thin(plane, longest) {
  const step = Math.ceil(Math.max(plane.width, plane.height) / longest);
  if (step === 1) return plane;
  const width = Math.ceil(plane.width / step), height = Math.ceil(plane.height / step);
  const values = new Float32Array(width * height);
  for (let row = 0, at = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1, at += 1) {
      values[at] = plane.values[row * step * plane.width + column * step];
    }
  }
  return { values, width, height };
}

/**
 * Scale by averages over areas, so that nothing of the image is skipped.
 *
 * @param {Plane} plane
 * @param {number} width
 * @param {number} height
 * @returns {Plane}
 */
export function scale(plane, width, height) {
  const low = { values: scaleRows(plane.values, plane.height, plane.width, height), width: plane.width, height };
  const turned = transpose(low);
  return transpose({ values: scaleRows(turned.values, turned.height, turned.width, width), width: height, height: width });
}

/**
 * @param {Float32Array} values
 * @param {number} from how many rows there are
 * @param {number} width
 * @param {number} to how many there shall be
 */
function scaleRows(values, from, width, to) {
  const result = new Float32Array(to * width);
  const step = from / to;
  for (let row = 0; row < to; row += 1) {
    const start = row * step, end = Math.min(from, start + step);
    for (let source = Math.floor(start); source < end; source += 1) {
      const share = (Math.min(end, source + 1) - Math.max(start, source)) / step;
      for (let column = 0; column < width; column += 1) {
        result[row * width + column] += share * values[source * width + column];
      }
    }
  }
  return result;
}

/** @type {(plane: Plane) => Plane} */
function transpose({ values, width, height }) {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) turned[column * height + row] = values[row * width + column];
  }
  return { values: turned, width: height, height: width };
}

/**
 * The mean of each pixel and those around it; beyond the edge the outermost go on.
 *
 * @param {Plane} plane
 * @returns {Plane}
 */
export function smooth({ values, width, height }) {
  const rows = new Float32Array(values.length), result = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += 1) {
    const column = at % width;
    rows[at] = values[at] + values[column ? at - 1 : at] + values[column < width - 1 ? at + 1 : at];
  }
  for (let at = 0; at < values.length; at += 1) {
    result[at] = (rows[at] + rows[at >= width ? at - width : at] + rows[at + width < rows.length ? at + width : at]) / 9;
  }
  return { values: result, width, height };
}

// Of a Gaussian bell of standard deviation 1, cut off after one pixel: beside the middle, and across.
const BESIDE = Math.exp(-0.5), ACROSS = Math.exp(-1);
const AROUND = 4 * (BESIDE + ACROSS);
// ImageMagick's `-sharpen 1x1`: the middle outweighs all around it and itself twice.
const MIDDLE = 2 * (1 + AROUND);

/**
 * Sharpen with a Gaussian of radius and standard deviation 1; at the edge the outermost pixels go on.
 *
 * @param {Plane} plane
 * @returns {Plane}
 */
export function sharpen({ values, width, height }) {
  /** @type {(row: number, column: number) => number} */
  const at = (row, column) =>
    values[Math.min(height - 1, Math.max(0, row)) * width + Math.min(width - 1, Math.max(0, column))];
  const sharp = values.map((value, index) => {
    const row = Math.floor(index / width), column = index % width;
    const beside = at(row - 1, column) + at(row + 1, column) + at(row, column - 1) + at(row, column + 1);
    const across = at(row - 1, column - 1) + at(row - 1, column + 1) + at(row + 1, column - 1) + at(row + 1, column + 1);
    const sum = (MIDDLE * value - BESIDE * beside - ACROSS * across) / (MIDDLE - AROUND);
    return Math.min(255, Math.max(0, sum));
  });
  return { values: sharp, width, height };
}

/**
 * Put an image into the middle of a square; what is left over is 0. Where the middle lies between two
 * pixels, it goes to the right and down, as in the dataset.
 *
 * @param {Plane} plane no larger than the square
 * @param {number} side
 * @returns {Plane}
 */
export function centre({ values, width, height }, side) {
  const square = { values: new Float32Array(side * side), width: side, height: side };
  const top = Math.ceil((side - height) / 2), left = Math.ceil((side - width) / 2);
  for (let row = 0; row < height; row += 1) {
    square.values.set(values.subarray(row * width, (row + 1) * width), (top + row) * side + left);
  }
  return square;
}

/**
 * Let the brightest pixel be white; nothing of an image without one changes.
 *
 * @param {Plane} plane
 * @returns {Plane}
 */
export function stretch({ values, width, height }) {
  const most = values.reduce((largest, value) => Math.max(largest, value), 0);
  return { values: most ? values.map((value) => (255 * value) / most) : values.slice(), width, height };
}
