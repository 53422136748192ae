import { element } from "../elements.js";
import { colorOf, paintGrey, paintSigned } from "../image_canvas.js";

/**
 * Places for maps and kernels: a canvas, a frame that lies over a part of it, words below.
 *
 * @typedef {import("./fields.js").Area} Area
 * @typedef {import("../image_canvas.js").Color} Color
 *
 * @typedef {object} Plate
 * @property {HTMLElement} root
 * @property {HTMLCanvasElement} canvas
 * @property {(values: ArrayLike<number>, width: number, largest: number) => void} signed
 * @property {(values: ArrayLike<number>, width: number) => void} grey
 * @property {(area: Area | null) => void} frame a part of it; nothing takes the frame away
 * @property {(words: string) => void} caption
 */

/** @type {{ colors: [Color, Color] }} */
const theme = { colors: [[0, 0, 0], [0, 0, 0]] };

/**
 * Take the colours of values above and below zero from the style sheets; light and dark differ.
 *
 * @param {Element} place
 */
export function readColors(place) {
  theme.colors = [colorOf(place, "--fm-train"), colorOf(place, "--fm-validation")];
}

/** @type {(canvas: HTMLCanvasElement, values: ArrayLike<number>, width: number, largest: number) => void} */
export const paintValues = (canvas, values, width, largest) =>
  paintSigned(canvas, values, width, largest, theme.colors);

/** The colour of a value's sign. @param {number} value */
export const fullColor = (value) => `rgb(${theme.colors[value < 0 ? 1 : 0].join(" ")})`;

/**
 * The colour behind a number: the stronger, the larger it is.
 *
 * @param {number} value
 * @param {number} largest
 */
export function backgroundOf(value, largest) {
  const [red, green, blue] = theme.colors[value < 0 ? 1 : 0];
  const strength = largest ? Math.min(1, Math.abs(value) / largest) : 0;
  return `rgb(${red} ${green} ${blue} / ${(0.42 * strength).toFixed(3)})`;
}

/**
 * @param {Element} place
 * @param {string} className
 * @returns {Plate}
 */
export function plate(place, className) {
  const root = element("figure", `fm-in-plate ${className}`, place);
  const stack = element("div", "fm-in-stack", root);
  const canvas = element("canvas", "", stack);
  canvas.setAttribute("role", "img");
  const frame = element("i", "fm-in-frame", stack);
  const words = element("figcaption", "", root);
  /** @param {boolean} grey */
  const dress = (grey) => {
    stack.classList.toggle("fm-in-clothes", grey);
    stack.style.setProperty("--fm-ratio", String(canvas.width / canvas.height));
  };
  return {
    root,
    canvas,
    signed: (values, width, largest) => {
      paintValues(canvas, values, width, largest);
      dress(false);
    },
    grey: (values, width) => {
      paintGrey(canvas, values, width);
      dress(true);
    },
    frame: (area) => {
      frame.hidden = !area;
      if (!area) return;
      frame.style.left = `${(100 * area.left) / canvas.width}%`;
      frame.style.top = `${(100 * area.top) / canvas.height}%`;
      frame.style.width = `${(100 * area.columns) / canvas.width}%`;
      frame.style.height = `${(100 * area.rows) / canvas.height}%`;
    },
    caption: (text) => {
      words.textContent = text;
      canvas.setAttribute("aria-label", text);
    },
  };
}

/** @type {{ [key: string]: [rows: number, columns: number] }} */
export const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * Let a pointer or the arrow keys choose a value of a plate.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {(row: number, column: number) => void} point gets a fraction of a row and of a column
 * @param {((rows: number, columns: number) => void) | null} walk by keys; without it they do nothing
 */
export function readable(canvas, point, walk) {
  /** @param {PointerEvent} event */
  const aim = (event) => {
    const box = canvas.getBoundingClientRect();
    const column = ((event.clientX - box.left) / box.width) * canvas.width;
    const row = ((event.clientY - box.top) / box.height) * canvas.height;
    point(Math.min(canvas.height - 0.01, Math.max(0, row)), Math.min(canvas.width - 0.01, Math.max(0, column)));
  };
  canvas.onpointerdown = canvas.onpointermove = aim;
  if (!walk) return;
  canvas.tabIndex = 0;
  // Of an image, screen readers keep the arrow keys to themselves.
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-roledescription", "grid of values");
  canvas.onkeydown = (event) => {
    const step = ARROWS[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    walk(...step);
  };
}
