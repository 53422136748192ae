import { indexOfLargest } from "../arrays.js";
import { element } from "../elements.js";
import { percentText } from "../probability_bars.js";
import { paintGrey } from "../image_canvas.js";
import { paintValues } from "./canvases.js";
import { mapOf, nearlyLargest, strengthsOf } from "./sums.js";
import { isMaps, namesOf, sentencesOf, sidesText } from "./stages.js";

/**
 * All stages in a row, from the image to the answer, each with what it makes of the image.
 *
 * @typedef {import("./view.js").Insight} Insight
 * @typedef {import("./stages.js").Stage} Stage
 *
 * @typedef {{ show: (insight: Insight, open: string) => void, dim: (late: boolean) => void }} Overview
 *
 * @typedef {object} Card
 * @property {HTMLButtonElement} button
 * @property {HTMLCanvasElement | null} canvas
 * @property {HTMLElement[]} bars of the answer
 */

// The strongest maps of a stage stand for all of them.
const TILES = 3;
const GAP = 1;
const ANSWERS = 3;
// More stages than these stand closer.
const MANY = 8;

/**
 * @param {Element} place
 * @param {string[]} classes
 * @param {(name: string, pressed: boolean) => void} choose gets the layer, and whether it was pressed or walked to
 * @returns {Overview}
 */
export function overview(place, classes, choose) {
  const root = element("div", "fm-in-way", place);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "The layers, from the picture to the answer");
  /** @type {Card[]} */
  let cards = [];
  let built = "";

  root.onclick = (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (button?.dataset.stage) choose(button.dataset.stage, true);
  };
  root.onkeydown = (event) => {
    const index = cards.findIndex(({ button }) => button === document.activeElement);
    const to = indexAfter(event.key, index, cards.length);
    if (index < 0 || to === null) return;
    event.preventDefault();
    cards[to].button.focus();
    choose(/** @type {string} */ (cards[to].button.dataset.stage), false);
  };

  return {
    show: (insight, open) => {
      const { stages, network: { layers } } = insight;
      const shape = JSON.stringify(layers.map(({ kind, options, output }) => [kind, options, output]));
      if (shape !== built) cards = build(root, insight);
      built = shape;
      cards.forEach(({ button, canvas, bars }, index) => {
        const stage = stages[index];
        const isOpen = stage.name === open;
        button.tabIndex = isOpen ? 0 : -1;
        button.setAttribute("aria-pressed", String(isOpen));
        if (canvas) paint(canvas, insight, stage);
        else showAnswers(bars, insight.outputs[stage.output], classes);
      });
    },
    dim: (late) => root.classList.toggle("fm-late", late),
  };
}

/**
 * Where a key leads in a row; null where it leads nowhere.
 *
 * @param {string} key
 * @param {number} index
 * @param {number} count
 */
export function indexAfter(key, index, count) {
  const last = count - 1;
  switch (key) {
    case "ArrowRight": case "ArrowDown": return Math.min(last, index + 1);
    case "ArrowLeft": case "ArrowUp": return Math.max(0, index - 1);
    case "Home": return 0;
    case "End": return last;
    default: return null;
  }
}

/**
 * @param {HTMLElement} root
 * @param {Insight} insight
 * @returns {Card[]}
 */
function build(root, { stages, network: { layers } }) {
  root.replaceChildren();
  root.classList.toggle("fm-in-many", stages.length > MANY);
  return stages.map((stage) => {
    const { title, size } = namesOf(stage, layers);
    const button = element("button", `fm-in-card fm-in-${stage.kind}`, root);
    button.type = "button";
    button.dataset.stage = stage.name;
    const inner = element("span", "fm-in-card-inner", button);
    const head = element("span", "fm-in-card-head", inner);
    element("b", "", head).textContent = title;
    element("small", "", head).textContent = unbroken(size);
    const thumb = element("span", "fm-in-thumb", inner);
    thumb.setAttribute("aria-hidden", "true");
    const canvas = stage.kind === "answer" ? null : element("canvas", "", thumb);
    const bars = canvas ? [] : Array.from({ length: ANSWERS }, () => element("span", "fm-in-guess", thumb));
    const foot = element("span", "fm-in-card-foot", inner);
    element("small", "", foot).textContent = unbroken(shapeText(stage));
    element("span", "fm-in-card-words", inner).textContent = sentencesOf(stage, layers)[0];
    return { button, canvas, bars };
  });
}

/** Sides that no line ends in. @param {string} text */
const unbroken = (text) => text.replaceAll(" × ", "\u00a0×\u00a0");

/** @param {Stage} stage */
function shapeText({ to, kind }) {
  if (kind === "picture") return "784 values";
  if (!isMaps(to)) return `${to[0].toLocaleString("en")} value${to[0] === 1 ? "" : "s"}`;
  return `${to[2]} map${to[2] === 1 ? "" : "s"} of ${sidesText(to)}`;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Insight} insight
 * @param {Stage} stage
 */
function paint(canvas, { outputs, pixels, scales }, stage) {
  const values = outputs[stage.output];
  if (stage.kind === "picture") {
    canvas.parentElement?.classList.add("fm-in-clothes");
    paintGrey(canvas, pixels, stage.to[1]);
  } else if (isMaps(stage.to)) {
    const { sheet, width } = mapSheet(values, stage.to);
    paintValues(canvas, sheet, width, scales[stage.output]);
  } else {
    const side = Math.ceil(Math.sqrt(values.length));
    const sheet = new Float32Array(side * Math.ceil(values.length / side));
    sheet.set(values);
    paintValues(canvas, sheet, side, nearlyLargest(values));
  }
}

/**
 * The strongest maps of a stage side by side, in three rows where there are so many.
 *
 * @param {Float32Array} values
 * @param {number[]} shape
 * @returns {{ sheet: Float32Array, width: number }}
 */
export function mapSheet(values, shape) {
  const [rows, columns, channels] = shape;
  const across = Math.min(TILES, Math.ceil(Math.sqrt(channels)));
  const strengths = strengthsOf(values, shape);
  const strongest = Array.from(strengths, (_, channel) => channel)
    .sort((one, two) => strengths[two] - strengths[one])
    .slice(0, across * across)
    .sort((one, two) => one - two);
  const width = across * (columns + GAP) - GAP;
  const sheet = new Float32Array(width * (Math.ceil(strongest.length / across) * (rows + GAP) - GAP));
  strongest.forEach((channel, tile) => {
    const map = mapOf(values, shape, channel);
    const left = (tile % across) * (columns + GAP), top = Math.floor(tile / across) * (rows + GAP);
    for (let row = 0; row < rows; row += 1) {
      sheet.set(map.subarray(row * columns, (row + 1) * columns), (top + row) * width + left);
    }
  });
  return { sheet, width };
}

/**
 * @param {HTMLElement[]} bars
 * @param {Float32Array} probabilities
 * @param {string[]} classes
 */
function showAnswers(bars, probabilities, classes) {
  const rest = probabilities.slice();
  for (const bar of bars) {
    const classId = indexOfLargest(rest);
    bar.textContent = `${classes[classId]} ${percentText(probabilities[classId]).replaceAll(" ", "\u00a0")}`;
    bar.style.setProperty("--fm-share", String(probabilities[classId]));
    rest[classId] = -1;
  }
}
