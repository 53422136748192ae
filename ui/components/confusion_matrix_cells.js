// The arithmetic of a confusion matrix of ten classes: shares, colours, and which cells are chosen.
// A matrix is 100 counts, row by row; rows are true classes, columns what the network says.
/**
 * @typedef {[truth: number, predicted: number]} Pair
 *
 * @typedef {object} Selection
 * @property {number | null} truth of the row that is chosen, or of the one cell
 * @property {number | null} predicted of the column that is chosen, or of the one cell
 * @property {Pair[]} cells where several are chosen
 *
 * @typedef {"counts" | "truth" | "predicted"} Scale what stands in the cells
 */

const CLASSES = 10;
const LEAST_TOP = 0.05;

/** @param {string} color */
const channels = (color) => [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));

/**
 * The colour of a share from 0 to 1 on a scale of colours, and the ink that can be read on it.
 *
 * @param {number} share
 * @param {string[]} colors
 * @param {[dark: string, light: string]} inks
 */
export function colorAt(share, colors, inks) {
  const position = Math.min(share, 1) * (colors.length - 1);
  const low = Math.min(Math.floor(position), colors.length - 2);
  const [from, to] = [channels(colors[low]), channels(colors[low + 1])];
  const mixed = from.map((value, part) => Math.round(value + (to[part] - value) * (position - low)));
  const light = luminance(mixed);
  /** @param {string} ink */
  const contrast = (ink) => {
    const dark = luminance(channels(ink));
    return (Math.max(light, dark) + 0.05) / (Math.min(light, dark) + 0.05);
  };
  const ink = contrast(inks[0]) > contrast(inks[1]) ? inks[0] : inks[1];
  return { paper: `rgb(${mixed.join(" ")})`, ink };
}

/** @param {number[]} parts */
function luminance(parts) {
  const [red, green, blue] = parts.map((value) => {
    const part = value / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * Each count as a share of its row, or of its column where that is asked for.
 *
 * @param {number[]} matrix
 * @param {Scale} scale
 */
export function sharesOf(matrix, scale) {
  const totals = Array.from({ length: CLASSES }, () => 0);
  /** @param {number} cell */
  const line = (cell) => pairOf(cell)[scale === "predicted" ? 1 : 0];
  matrix.forEach((count, cell) => (totals[line(cell)] += count));
  return matrix.map((count, cell) => (totals[line(cell)] ? count / totals[line(cell)] : 0));
}

/** @param {number} cell */
export const isMistake = (cell) => Math.floor(cell / CLASSES) !== cell % CLASSES;

/**
 * The share of the strongest colour: the largest among the mistakes.
 *
 * @param {number[]} shares
 */
export const topOf = (shares) =>
  Math.max(LEAST_TOP, ...shares.filter((_, cell) => isMistake(cell)));

/**
 * The cells of the most frequent mistakes, the most frequent first; none without a picture.
 *
 * @param {number[]} matrix
 * @param {number} count of cells at most
 */
export const mostConfused = (matrix, count) =>
  matrix
    .map((_, cell) => cell)
    .filter((cell) => isMistake(cell) && matrix[cell])
    .sort((one, other) => matrix[other] - matrix[one] || other - one)
    .slice(0, count);

/** @type {(cell: number) => Pair} */
export const pairOf = (cell) => [Math.floor(cell / CLASSES), cell % CLASSES];

/**
 * Which of the 100 cells are chosen: some cells, a cell, a row, a column, or none.
 *
 * @param {Selection} selection
 */
export function chosenCells({ truth, predicted, cells }) {
  const chosen = Array.from({ length: CLASSES ** 2 }, () => false);
  for (const [row, column] of cells) chosen[CLASSES * row + column] = true;
  if (cells.length || (truth === null && predicted === null)) return chosen;
  return chosen.map((_, cell) => {
    const [row, column] = pairOf(cell);
    return (truth === null || truth === row) && (predicted === null || predicted === column);
  });
}

/**
 * The selection with a cell more, or without it where it was chosen.
 *
 * @param {Selection} selection
 * @param {number} row
 * @param {number} column
 * @returns {Selection}
 */
export function toggled({ truth, predicted, cells }, row, column) {
  /** @type {Pair[]} */
  const all = cells.length || truth === null || predicted === null ? cells : [[truth, predicted]];
  const remaining = all.filter(([r, c]) => r !== row || c !== column);
  /** @type {Pair[]} */
  const pairs = remaining.length < all.length ? remaining : [...all, [row, column]];
  if (pairs.length === 1) return { truth: pairs[0][0], predicted: pairs[0][1], cells: [] };
  return { truth: null, predicted: null, cells: pairs };
}

/**
 * The selection after a click: what was chosen is let go.
 *
 * @param {Selection} selection
 * @param {number | null} truth of the cell or row that was clicked
 * @param {number | null} predicted of the cell or column that was clicked
 * @returns {Selection}
 */
export function picked({ truth: row, predicted: column, cells }, truth, predicted) {
  const isChosen = !cells.length && row === truth && column === predicted;
  return isChosen ? { truth: null, predicted: null, cells: [] } : { truth, predicted, cells: [] };
}

/**
 * How a count changed over the epochs, as the points of a line in a box of 40 by 12.
 *
 * @param {number[]} values at least two
 * @returns {[x: string, y: string][]}
 */
export function curveOf(values) {
  const top = Math.max(10, ...values);
  return values.map((value, index) => [
    (2 + (36 * index) / (values.length - 1)).toFixed(1),
    (10.5 - (9 * value) / top).toFixed(1),
  ]);
}

/**
 * What stands in a cell, and what a screen reader says of it.
 *
 * @param {number} cell
 * @param {number} count
 * @param {number} share from 0 to 1
 * @param {Scale} scale
 * @param {string[]} names of the classes
 */
export function textsOf(cell, count, share, scale, names) {
  const text = !count ? "" : scale === "counts" ? `${count}` : (100 * share).toFixed(1);
  const [truth, predicted] = pairOf(cell).map((classId) => names[classId]);
  const description = isMistake(cell) ? `${truth} taken for ${predicted}` : `${truth}, right`;
  const pictures = `${count.toLocaleString("en")} picture${count === 1 ? "" : "s"}`;
  const whole = scale === "predicted" ? "of its predictions" : "of its class";
  return { text, title: `${description}: ${pictures}, ${(100 * share).toFixed(1)} % ${whole}` };
}
