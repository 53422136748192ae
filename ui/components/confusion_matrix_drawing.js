// The confusion matrix as a table of buttons: made once, and drawn anew for an epoch.
import {
  chosenCells,
  colorAt,
  curveOf,
  isMistake,
  mostConfused,
  pairOf,
  sharesOf,
  textsOf,
  topOf,
} from "./confusion_matrix_cells.js";
import { element } from "./elements.js";

const PAIRS = 6;

/**
 * @import { Scale, Selection } from "./confusion_matrix_cells.js"
 */

/**
 * @typedef {object} Palette
 * @property {{ light: string[], dark: string[] }} colors of the scale, as "#rrggbb"
 * @property {[dark: string, light: string]} inks of which one can be read on any of the colours
 *
 * @typedef {object} Matrices
 * @property {string[]} names of the classes
 * @property {[one: string, many: string][]} nouns how a sentence speaks of their clothes
 * @property {string} leadsTo the key of the container that a click changes
 * @property {number[]} order of the rows and columns, classes
 * @property {number[][]} matrices of each epoch 100 counts, row by row; rows are true classes
 * @property {Scale} scale
 * @property {Selection} selection
 * @property {number} epoch shown first, from 1
 * @property {number} seen the count of the newest act that was carried out
 *
 * @typedef {Palette & Matrices} Data
 *
 * @typedef {object} State
 * @property {Data} data
 * @property {number} epoch shown, from 1
 * @property {Selection} selection for the visitor
 * @property {boolean} curves whether each cell shows how it changed
 * @property {number | null} playing the timer of the play
 * @property {number} sending the timer of what is told
 * @property {number} count of the newest act
 * @property {number} [seen]
 *
 * @typedef {Made<{ dataset: { cell: string } }, CellParts, HTMLButtonElement>} Cell
 * @typedef {Made<{ dataset: { cell: string } }, PairParts, HTMLButtonElement>} PairButton
 * @typedef {{ span: HTMLElement, i: HTMLElement }} PairParts
 * @typedef {{ ".fm-count": HTMLElement, svg: SVGElement | null, circle: SVGElement }} CellParts
 *
 * @typedef {HTMLButtonElement & { dataset: { line: "row" | "col" } }} Head
 * @typedef {Made<{}, { button: HTMLButtonElement, ".fm-cell": Cell }, HTMLTableElement>} Table
 * @typedef {{ table: Table, ".fm-cell": Cell, ".fm-head": Head }} TableParts
 * @typedef {{ input: HTMLInputElement, output: HTMLElement }} TimeParts
 * @typedef {{ ".fm-play": HTMLElement, ".fm-show-curves": HTMLElement }} TimeButtons
 *
 * @typedef {{ fmState: State, fmTell: Tell, fmCurves?: number[][] }} Kept
 * @typedef {Made<Kept, TableParts & TimeParts & TimeButtons & { ".fm-pair": PairButton }>} Root
 */

/**
 * @param {Root} root
 * @param {Data} data
 */
export function build(root, data) {
  const order = data.order;
  root.replaceChildren();
  const table = /** @type {Table} */ (element("table", "fm-matrix", root));
  table.setAttribute("aria-label",
    "Confusion matrix: rows are the true classes, columns what the network says");
  const head = element("tr", "", element("thead", "", table));
  const corner = element("td", "fm-corner", head);
  for (const words of ["It says →", "It is ↓"]) element("span", "", corner).textContent = words;
  corner.setAttribute("aria-hidden", "true");
  for (const column of order) headButton(head, "col", data.names[column], null, column);
  const body = element("tbody", "", table);
  for (const row of order) {
    const line = element("tr", "", body);
    headButton(line, "row", data.names[row], row, null);
    for (const column of order) {
      const button = element("button", "fm-cell", element("td", "", line));
      button.type = "button";
      button.dataset.cell = String(row * 10 + column);
      if (row === column) button.classList.add("fm-diagonal");
      element("span", "fm-count", button);
    }
  }
  for (const button of table.querySelectorAll("button")) button.tabIndex = -1;
  table.querySelector(".fm-cell").tabIndex = 0;
  buildTime(root, data);
  buildPairs(root);
}

/**
 * On a narrow screen, where cells are smaller than a finger: the most frequent mistakes as a list.
 *
 * @param {Root} root
 */
function buildPairs(root) {
  const pairs = element("section", "fm-pairs", root);
  element("p", "", pairs).textContent = "Most frequent confusions";
  const list = element("ul", "", pairs);
  list.setAttribute("aria-label", "Most frequent confusions");
  for (let place = 0; place < PAIRS; place += 1) {
    const button = element("button", "fm-pair", element("li", "", list));
    button.type = "button";
    element("span", "", button);
    element("i", "", button);
  }
}

/**
 * @param {Element} line
 * @param {"row" | "col"} scope
 * @param {string} name
 * @param {number | null} truth
 * @param {number | null} predicted
 */
function headButton(line, scope, name, truth, predicted) {
  const header = element("th", "", line);
  header.scope = scope;
  const button = element("button", "fm-head", header);
  button.type = "button";
  button.textContent = name;
  button.title = scope === "row" ? `All pictures of class ${name}` : `All pictures taken for ${name}`;
  button.dataset.line = scope;
  button.dataset.truth = String(truth ?? "");
  button.dataset.predicted = String(predicted ?? "");
}

/**
 * @param {Root} root
 * @param {Data} data
 */
function buildTime(root, data) {
  const time = element("div", "fm-time", root);
  time.hidden = data.matrices.length < 2;
  const play = element("button", "fm-play", time);
  play.type = "button";
  const slider = element("input", "", time);
  slider.type = "range";
  slider.min = "1";
  slider.max = String(data.matrices.length);
  slider.setAttribute("aria-label", "Epoch");
  element("output", "", time);
  const curves = element("button", "fm-play fm-show-curves", time);
  curves.type = "button";
  curves.textContent = "Sparklines";
  curves.title = "Show in each cell how its number of pictures changed over the epochs";
}

/** @param {Root} root */
export function draw(root) {
  drawCells(root);
  drawHeads(root);
  drawCurves(root);
  drawTime(root);
  drawPairs(root);
}

/** @param {Root} root */
function drawPairs(root) {
  const { data, epoch, selection } = root.fmState;
  const matrix = data.matrices[epoch - 1];
  const chosen = chosenCells(selection);
  const cells = mostConfused(matrix, PAIRS);
  [...root.querySelectorAll(".fm-pair")].forEach((button, place) => {
    const cell = cells[place];
    // A place is kept, so that nothing moves while epochs are played.
    button.style.visibility = cell === undefined ? "hidden" : "";
    if (cell === undefined) return;
    const [truth, predicted] = pairOf(cell);
    const [one, many] = data.nouns[truth];
    button.dataset.cell = String(cell);
    button.querySelector("span").textContent =
      `${matrix[cell].toLocaleString("en")} ${matrix[cell] === 1 ? one : many} taken for ${data.names[predicted]}`;
    button.querySelector("i").style.width = `${(100 * matrix[cell]) / matrix[cells[0]]}%`;
    button.setAttribute("aria-pressed", String(chosen[cell]));
  });
}

/**
 * The colour of a share of the strongest mistake in both themes, and the ink on it, as CSS.
 *
 * @param {number} share
 * @param {Palette} palette
 */
export function paperOf(share, { colors, inks }) {
  const [light, dark] = [colors.light, colors.dark].map((scale) => colorAt(share, scale, inks));
  return {
    paper: `light-dark(${light.paper}, ${dark.paper})`,
    ink: `light-dark(${light.ink}, ${dark.ink})`,
  };
}

/** @param {Root} root */
function drawCells(root) {
  const { data, epoch, selection } = root.fmState;
  const chosen = chosenCells(selection);
  root.classList.toggle("fm-several", chosen.filter(Boolean).length > 1);
  const matrix = data.matrices[epoch - 1];
  const shares = sharesOf(matrix, data.scale);
  // One scale for all epochs, so that a colour means the same throughout.
  const top = topOf(sharesOf(data.matrices[data.matrices.length - 1], data.scale));
  for (const button of root.querySelectorAll(".fm-cell")) {
    const cell = Number(button.dataset.cell);
    const { text, title } = textsOf(cell, matrix[cell], shares[cell], data.scale, data.names);
    const countLabel = button.querySelector(".fm-count");
    if (countLabel.textContent !== text) countLabel.textContent = text;
    button.title = title;
    button.setAttribute("aria-label", title);
    button.setAttribute("aria-pressed", String(chosen[cell]));
    if (!isMistake(cell)) continue;
    const { paper, ink } = paperOf(shares[cell] / top, data);
    button.style.setProperty("--fm-share", Math.min(1, shares[cell] / top).toFixed(3));
    button.style.backgroundColor = paper;
    button.style.color = ink;
  }
}

/** @param {Root} root */
function drawHeads(root) {
  const { data, selection } = root.fmState;
  const chosen = chosenCells(selection);
  for (const button of root.querySelectorAll(".fm-head")) {
    const isColumn = button.dataset.line === "col";
    const classId = Number(isColumn ? button.dataset.predicted : button.dataset.truth);
    const line = data.order.map((other) => (isColumn ? other * 10 + classId : classId * 10 + other));
    button.setAttribute("aria-pressed", String(line.every((cell) => chosen[cell])));
  }
}

/** @param {Root} root */
function drawTime(root) {
  const { data, epoch, playing } = root.fmState;
  const matrix = data.matrices[epoch - 1];
  const wrong = matrix.reduce((sum, count, cell) => sum + (isMistake(cell) ? count : 0), 0);
  const slider = root.querySelector("input");
  if (Number(slider.value) !== epoch) slider.value = String(epoch);
  slider.setAttribute("aria-valuetext", `Epoch ${epoch} of ${data.matrices.length}`);
  root.querySelector("output").textContent =
    `Epoch ${epoch} of ${data.matrices.length}: ${wrong.toLocaleString("en")} wrong`;
  root.querySelector(".fm-play").textContent = playing ? "Pause" : "Play";
}

/**
 * How each cell changed, as a line that ends with the chosen epoch's dot.
 *
 * @param {Root} root
 */
function drawCurves(root) {
  const { data, epoch, curves } = root.fmState;
  const isShown = curves && data.matrices.length > 1;
  const areCurrent = root.fmCurves === data.matrices;
  root.classList.toggle("fm-with-curves", isShown);
  root.querySelector(".fm-show-curves").setAttribute("aria-pressed", String(isShown));
  for (const button of root.querySelectorAll(".fm-cell")) {
    const cell = Number(button.dataset.cell);
    const curve = button.querySelector("svg");
    if (!isShown) {
      curve?.remove();
      continue;
    }
    const points = curveOf(data.matrices.map((matrix) => matrix[cell]));
    if (!curve || !areCurrent) {
      curve?.remove();
      button.insertAdjacentHTML("beforeend",
        `<svg viewBox="0 0 40 12" aria-hidden="true" preserveAspectRatio="none">` +
        `<polyline points="${points.join(" ")}"/><circle r="1.6"/></svg>`);
    }
    const dot = button.querySelector("circle");
    const [x, y] = points[epoch - 1];
    dot.setAttribute("cx", x);
    dot.setAttribute("cy", y);
  }
  root.fmCurves = data.matrices;
}
