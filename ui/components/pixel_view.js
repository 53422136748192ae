import { bytesOf } from "./bytes.js";
import { element } from "./elements.js";

/**
 * @typedef {object} Data
 * @property {string} pixels uint8, row by row, in base64
 * @property {number} side how many pixels a row has
 * @property {string} label what a screen reader says the picture is
 * @property {boolean} dark light clothes on a dark page, else dark ones on a light page
 * @property {string} accent the colour of what is pointed at
 * @property {[dark: string, light: string]} inks of which one can be read on any grey
 *
 * @typedef {"picture" | "values" | "scaled"} Mode
 *
 * @typedef {object} State
 * @property {Data} data
 * @property {Uint8Array} pixels
 * @property {Mode} mode
 * @property {{ row: number, column: number } | null} at the pixel that is read
 *
 * @typedef {object} Parts
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLOutputElement} output
 *
 * @typedef {Made<{ fmState: State }, Parts & { "[data-mode]": HTMLButtonElement }>} Root
 */

/** @type {[mode: Mode, words: string][]} */
const MODES = [
  ["picture", "Picture"],
  ["values", "0 to 255"],
  ["scaled", "÷ 255"],
];
const CELL = 36;

/** @param {Root} root */
function build(root) {
  const modes = element("div", "fm-pixel-modes", root);
  modes.setAttribute("role", "group");
  modes.setAttribute("aria-label", "What to show of the pixels");
  for (const [mode, words] of MODES) {
    const button = element("button", "", modes);
    button.type = "button";
    button.dataset.mode = mode;
    button.textContent = words;
  }
  const canvas = element("canvas", "", root);
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  element("output", "", root).setAttribute("aria-live", "polite");
}

/**
 * What a value is called: as it is stored, or as a network gets it.
 *
 * @param {number} value
 * @param {Mode} mode
 */
export function written(value, mode) {
  if (mode === "values") return String(value);
  if (value === 0) return "0";
  return value === 255 ? "1" : (value / 255).toFixed(2).slice(1);
}

/** @param {Root} root */
function draw(root) {
  const { data, pixels, mode, at } = root.fmState;
  const canvas = root.querySelector("canvas");
  const side = data.side;
  canvas.width = canvas.height = side * CELL;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.font = `${CELL * 0.42}px Inter, sans-serif`;
  for (let index = 0; index < pixels.length; index += 1) {
    const [row, column] = [Math.floor(index / side), index % side];
    const light = data.dark ? pixels[index] : 255 - pixels[index];
    pen.fillStyle = `rgb(${light} ${light} ${light})`;
    pen.fillRect(column * CELL, row * CELL, CELL, CELL);
    if (mode === "picture") continue;
    pen.fillStyle = data.inks[light > 127 ? 0 : 1];
    if (pixels[index] === 0) pen.globalAlpha = 0.35;
    pen.fillText(written(pixels[index], mode), (column + 0.5) * CELL, (row + 0.52) * CELL);
    pen.globalAlpha = 1;
  }
  if (at) {
    pen.lineWidth = 5;
    pen.strokeStyle = data.accent;
    pen.strokeRect(at.column * CELL + 1, at.row * CELL + 1, CELL - 2, CELL - 2);
  }
  for (const button of root.querySelectorAll("[data-mode]")) {
    button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  }
  canvas.setAttribute("aria-label", `${data.label}. The arrow keys read its pixels.`);
  showReading(root);
}

/** @param {Root} root */
function showReading(root) {
  const { pixels, data, at } = root.fmState;
  const reading = root.querySelector("output");
  if (!at) {
    const drawn = pixels.reduce((count, value) => count + (value > 0 ? 1 : 0), 0);
    reading.textContent = `${drawn} of ${pixels.length} pixels are not blank.`;
    return;
  }
  const value = pixels[at.row * data.side + at.column];
  reading.textContent =
    `Row ${at.row}, column ${at.column}: ${value} of 255. ` +
    `${value} ÷ 255 = ${(value / 255).toFixed(3)}`;
}

/**
 * @param {Root} root
 * @param {number} row
 * @param {number} column
 */
function point(root, row, column) {
  const last = root.fmState.data.side - 1;
  /** @param {number} value */
  const within = (value) => Math.min(last, Math.max(0, value));
  root.fmState.at = { row: within(row), column: within(column) };
  draw(root);
}

/** @type {{ [key: string]: [rows: number, columns: number] }} */
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement }) {
  let root = /** @type {Root | null} */ (parentElement.querySelector(":scope > .fm-pixels"));
  if (!root) {
    root = /** @type {Root} */ (element("div", "fm-pixels", parentElement));
    build(root);
    root.fmState = /** @type {State} */ ({ mode: "picture", at: null });
  }
  const state = root.fmState;
  if (state.data?.pixels !== data.pixels) state.at = null;
  state.data = data;
  state.pixels = bytesOf(data.pixels);
  const canvas = root.querySelector("canvas");
  root.onclick = (event) => {
    const target = /** @type {Partial<HTMLElement>} */ (event.target);
    const mode = /** @type {Mode | "" | undefined} */ (target.dataset?.mode);
    if (!mode) return;
    state.mode = mode;
    draw(root);
  };
  // A finger reads where it taps, and what it has read stays.
  canvas.onpointerdown = canvas.onpointermove = (event) => {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    point(root, Math.floor((y / box.height) * data.side), Math.floor((x / box.width) * data.side));
  };
  canvas.onpointerleave = (event) => {
    if (event.pointerType !== "mouse") return;
    state.at = null;
    draw(root);
  };
  canvas.onkeydown = (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const at = state.at ?? { row: 13 - step[0], column: 13 - step[1] };
    point(root, at.row + step[0], at.column + step[1]);
  };
  draw(root);
}
