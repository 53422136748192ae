/**
 * The ground that a garment lies on: its colour at each place, from the edge of the photo. Light from one
 * side makes it brighter there, so it is taken to change evenly.
 *
 * @typedef {import("./read.js").Photo} Photo
 *
 * @typedef {[constant: number, right: number, down: number]} Slope of a channel, across the whole photo
 */

const CHANNELS = [0, 1, 2];
// Of the longest side: how thick the edge is.
const EDGE_SHARE = 0.025;
// Of the edge so many pixels are enough.
const MOST_PIXELS = 4_000;
const FITS = 4;
// What differs by more standard deviations is no ground; what differs by less than this always is.
const DEVIATIONS = 2.5;
const LEAST_DEVIATION = 10;
// Of a normal distribution, in median absolute deviations.
const DEVIATION_OF_MEDIAN = 1.4826;
const GRAIN_SHARE = 0.95;
// Against slopes from an edge of which only one side is ground.
const STEADINESS = 0.0005;

/**
 * How far each pixel is from the ground.
 *
 * @param {Photo} photo
 * @returns {{ slopes: Slope[], differences: Float32Array, grain: number }} the differences from 0 to 255, of
 *   red, green and blue the largest; nearly all of the ground's own are below the grain
 */
export function findGround(photo) {
  const edge = edgeOf(photo.width, photo.height);
  let kept = edge;
  /** @type {Slope[]} */
  let slopes = CHANNELS.map((channel) => [quantile(valuesAt(edge, (pixel) => photo.data[4 * pixel + channel]), 0.5), 0, 0]);
  for (let fit = 0; fit < FITS; fit += 1) {
    const away = valuesAt(edge, (pixel) => differenceAt(photo, slopes, pixel));
    const limit = Math.max(LEAST_DEVIATION, DEVIATIONS * DEVIATION_OF_MEDIAN * quantile(away, 0.5));
    kept = edge.filter((_, index) => away[index] <= limit);
    const ground = kept;
    slopes = CHANNELS.map((channel) => slopeOf(photo, channel, ground));
  }
  const differences = differencesFrom(photo, slopes);
  return { slopes, differences, grain: quantile(valuesAt(kept, (pixel) => differences[pixel]), GRAIN_SHARE) };
}

/**
 * @param {Photo} photo
 * @param {Slope[]} slopes
 */
function differencesFrom({ data, width, height }, slopes) {
  const differences = new Float32Array(width * height);
  for (let channel = 0; channel < 3; channel += 1) {
    const step = slopes[channel][1] / width;
    for (let row = 0, pixel = 0; row < height; row += 1) {
      let ground = groundAt(slopes[channel], -0.5, row / height - 0.5);
      for (const end = pixel + width; pixel < end; pixel += 1, ground += step) {
        const away = Math.abs(data[4 * pixel + channel] - ground);
        if (away > differences[pixel]) differences[pixel] = Math.min(255, away);
      }
    }
  }
  return differences;
}

/** @type {(pixels: Int32Array, valueAt: (pixel: number) => number) => Float32Array} */
function valuesAt(pixels, valueAt) {
  const values = new Float32Array(pixels.length);
  for (let index = 0; index < pixels.length; index += 1) values[index] = valueAt(pixels[index]);
  return values;
}

/**
 * Some of the pixels along the edge, evenly.
 *
 * @param {number} width
 * @param {number} height
 */
function edgeOf(width, height) {
  const thickness = Math.max(1, Math.round(EDGE_SHARE * Math.max(width, height)));
  const pixels = [];
  for (let row = 0; row < height; row += 1) {
    const isWhole = row < thickness || row >= height - thickness;
    for (let column = 0; column < width; column += 1) {
      if (!isWhole && column === thickness) column = Math.max(column, width - thickness);
      pixels.push(row * width + column);
    }
  }
  const step = Math.ceil(pixels.length / MOST_PIXELS);
  return Int32Array.from(pixels.filter((_, index) => index % step === 0));
}

/**
 * @param {Photo} photo
 * @param {Slope[]} slopes
 * @param {number} pixel by index
 */
function differenceAt({ data, width, height }, slopes, pixel) {
  const right = (pixel % width) / width - 0.5, down = Math.floor(pixel / width) / height - 0.5;
  let most = 0;
  for (let channel = 0; channel < 3; channel += 1) {
    const away = Math.abs(data[4 * pixel + channel] - groundAt(slopes[channel], right, down));
    if (away > most) most = away;
  }
  return Math.min(255, most);
}

/**
 * The ground's value of a channel at a pixel.
 *
 * @param {Slope} slope
 * @param {number} right from -0.5 to 0.5
 * @param {number} down likewise
 */
export const groundAt = ([constant, rightwards, downwards], right, down) =>
  constant + rightwards * right + downwards * down;

/**
 * The slope that fits a channel best at some pixels (least squares).
 *
 * @param {Photo} photo
 * @param {number} channel
 * @param {Int32Array} pixels by index
 * @returns {Slope}
 */
function slopeOf({ data, width, height }, channel, pixels) {
  const sums = [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]];
  for (const pixel of pixels) {
    const row = [1, (pixel % width) / width - 0.5, Math.floor(pixel / width) / height - 0.5, data[4 * pixel + channel]];
    for (let one = 0; one < 3; one += 1) {
      for (let other = 0; other < 4; other += 1) sums[one][other] += row[one] * row[other];
    }
  }
  sums[1][1] += STEADINESS * pixels.length;
  sums[2][2] += STEADINESS * pixels.length;
  return solve(sums);
}

/**
 * Solve three linear equations by elimination; their matrix is positive definite.
 *
 * @param {number[][]} rows three factors and a sum each; are changed
 * @returns {Slope}
 */
function solve(rows) {
  for (let pivot = 0; pivot < 3; pivot += 1) {
    for (let row = 0; row < 3; row += 1) {
      if (row === pivot) continue;
      const factor = rows[row][pivot] / rows[pivot][pivot];
      rows[row] = rows[row].map((value, column) => value - factor * rows[pivot][column]);
    }
  }
  const [constant, right, down] = rows.map((row, index) => row[3] / row[index]);
  return [constant, right, down];
}

// Of one step from 0 to 255, so exact a quantile is.
const STEPS = 8;

/**
 * @param {Float32Array} values from 0 to 255
 * @param {number} share of them that is smaller
 * @param {(index: number) => boolean} [counts] leaves others out
 * @returns {number} 0 of no values
 */
export function quantile(values, share, counts = () => true) {
  const numbers = new Uint32Array(256 * STEPS);
  let total = 0;
  for (let index = 0; index < values.length; index += 1) {
    if (!counts(index)) continue;
    numbers[Math.floor(STEPS * values[index])] += 1;
    total += 1;
  }
  let step = 0;
  for (let smaller = numbers[0]; total && smaller <= share * total; smaller += numbers[step]) step += 1;
  return step / STEPS;
}
