import { element } from "../elements.js";
import { percentText } from "../probability_bars.js";
import { ARROWS, fullColor, paintValues, readable } from "./canvases.js";
import { kernelOf, mapOf, nearlyLargest, numberText, strengthsOf, strongestChannel, weightsOf } from "./sums.js";
import { isMaps, unitName, unitsOf } from "./stages.js";

/**
 * All maps or neurons of the open stage, to choose one: maps as tiles with their kernels, neurons as
 * bars, those on the image itself as images of their weights.
 *
 * @typedef {import("./view.js").Insight} Insight
 * @typedef {import("./stages.js").Stage} Stage
 *
 * @typedef {{ show: (insight: Insight, stage: Stage, unit: number) => void }} Units
 *
 * @typedef {object} Tile
 * @property {HTMLButtonElement} button
 * @property {HTMLCanvasElement | null} map
 * @property {HTMLCanvasElement | null} kernel
 */

// More tiles are drawn when they are wanted; a press on a button says so.
const MOST_TILES = 128;
// Bars of neurons in a row.
const BARS_ACROSS = 32;
const BAR_WIDTH = 9;
// Rows are lower where there are many.
const BAR_HEIGHTS = { few: 54, some: 40, many: 30 };

/**
 * @param {Element} place
 * @param {string[]} classes
 * @param {(unit: number) => void} choose
 * @returns {Units}
 */
export function unitPicker(place, classes, choose) {
  const root = element("div", "fm-in-units", place);
  /** @type {Stage | null} */
  let stage = null;
  let built = "";
  let all = false;
  let chosen = 0;
  /** @type {Tile[]} */
  let tiles = [];
  /** @type {HTMLCanvasElement | null} */
  let bars = null;
  /** @type {Insight | null} */
  let shown = null;

  const rebuild = () => {
    if (!stage || !shown) return;
    root.replaceChildren();
    tiles = [];
    bars = null;
    root.className = `fm-in-units fm-in-units-${formOf(shown, stage)}`;
    if (formOf(shown, stage) === "bars") bars = buildBars();
    else buildTiles(stage, shown);
  };

  /** @param {number} unit */
  const walkTo = (unit) => {
    const count = unitsOf(/** @type {Stage} */ (stage));
    choose(Math.max(0, Math.min(count - 1, unit)));
    tiles[chosen]?.button.focus();
  };

  /** @param {Stage} of @param {Insight} insight */
  const buildTiles = (of, insight) => {
    const group = element("div", "fm-in-tiles", root);
    group.setAttribute("role", "group");
    const count = unitsOf(of);
    const most = all ? count : Math.min(count, MOST_TILES);
    const form = formOf(insight, of);
    group.setAttribute("aria-label", form === "classes" ? "The classes" : isMaps(of.to) ? "The maps" : "The neurons");
    for (let unit = 0; unit < most; unit += 1) {
      const button = element("button", "fm-in-tile", group);
      button.type = "button";
      button.dataset.unit = String(unit);
      const map = form === "classes" ? null : element("canvas", "fm-in-tile-map", button);
      const foot = element("span", "fm-in-tile-foot", button);
      const kernel = of.kind === "convolution" ? element("canvas", "fm-in-tile-kernel", foot) : null;
      element("span", "", foot).textContent = form === "classes" ? classes[unit] : String(unit + 1);
      if (form !== "maps") element("i", "", button);
      if (form === "classes") element("span", "fm-in-tile-figure", button);
      tiles.push({ button, map, kernel });
    }
    group.onclick = (event) => {
      const button = /** @type {Element} */ (event.target).closest("button");
      if (button) choose(Number(button.dataset.unit));
    };
    group.onkeydown = (event) => {
      const step = ARROWS[event.key];
      if (!step) return;
      event.preventDefault();
      walkTo(chosen + step[1] + step[0] * columnsOf(tiles.map(({ button }) => button)));
    };
    if (most === count) return;
    const more = element("button", "fm-in-more", root);
    more.type = "button";
    more.textContent = `Show all ${count.toLocaleString("en")}`;
    more.onclick = () => {
      all = true;
      rebuild();
      paint();
      tiles[MOST_TILES].button.focus();
    };
  };

  const buildBars = () => {
    const canvas = element("canvas", "fm-in-bars", root);
    const across = () => Math.min(BARS_ACROSS, unitsOf(/** @type {Stage} */ (stage)));
    readable(canvas, () => {}, (rows, columns) => walkTo(chosen + columns + rows * across()));
    canvas.setAttribute("aria-roledescription", "bar chart");
    canvas.onpointermove = null;
    canvas.onpointerdown = (event) => {
      const box = canvas.getBoundingClientRect();
      const column = Math.floor(((event.clientX - box.left) / box.width) * across());
      const rows = Math.ceil(unitsOf(/** @type {Stage} */ (stage)) / across());
      const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
      walkTo(row * across() + column);
    };
    return canvas;
  };

  const paint = () => {
    if (!stage || !shown) return;
    const { network: { layers }, outputs, scales } = shown;
    const main = layers[stage.main];
    const values = outputs[stage.output];
    const strengths = strengthsOf(values, stage.to);
    const largest = strengths.reduce((most, strength) => Math.max(most, Math.abs(strength)), 0);
    if (bars) {
      paintBars(bars, values, chosen, largest);
      bars.setAttribute("aria-label", `${unitName(stage, chosen, classes)} of ${values.length}: ${
        numberText(values[chosen])}. The arrow keys choose another one.`);
      return;
    }
    const weightScale = main.weights.kernel ? nearlyLargest(main.weights.kernel) : 0;
    tiles.forEach(({ button, map, kernel }, unit) => {
      const of = /** @type {Stage} */ (stage);
      button.setAttribute("aria-pressed", String(unit === chosen));
      button.tabIndex = unit === chosen ? 0 : -1;
      const strength = strengths[unit];
      const said = of.kind === "answer" ? percentText(strength) : numberText(strength);
      button.setAttribute("aria-label", `${unitName(of, unit, classes)}: ${isMaps(of.to) ? "at most " : ""}${said}`);
      button.style.setProperty("--fm-share", String(largest ? Math.abs(strength) / (of.kind === "answer" ? 1 : largest) : 0));
      button.classList.toggle("fm-in-below", strength < 0);
      if (map && isMaps(of.to)) paintValues(map, mapOf(values, of.to, unit), of.to[1], scales[of.output]);
      else if (map) paintValues(map, weightsOf(main, unit), of.from[1], weightScale);
      if (kernel) {
        const taps = kernelOf(main, unit, strongestChannel(main, unit));
        paintValues(kernel, taps, Math.sqrt(taps.length), nearlyLargest(taps));
      }
      const figure = button.querySelector(".fm-in-tile-figure");
      if (figure) figure.textContent = said;
    });
  };

  return {
    show: (insight, of, unit) => {
      shown = insight;
      stage = of;
      chosen = unit;
      const key = JSON.stringify([of.name, of.kind, of.from, of.to, insight.network.layers[of.main].options]);
      if (key !== built) all = false;
      if (unit >= MOST_TILES && !all && formOf(insight, of) !== "bars") {
        all = true;
        built = "";
      }
      if (key !== built) rebuild();
      built = key;
      paint();
    },
  };
}

/**
 * How the units of a stage are drawn.
 *
 * @param {Insight} insight
 * @param {Stage} stage
 * @returns {"maps" | "weights" | "bars" | "classes"}
 */
function formOf({ network: { layers } }, stage) {
  if (stage.kind === "answer") return "classes";
  if (isMaps(stage.to)) return "maps";
  return stage.kind === "dense" && seesPicture(stage, layers) ? "weights" : "bars";
}

/**
 * Whether the neurons of a stage weigh the pixels themselves.
 *
 * @param {Stage} stage
 * @param {import("../network/layers.js").Layer[]} layers
 */
export const seesPicture = (stage, layers) =>
  isMaps(stage.from) && layers.slice(0, stage.main).every(({ kind }) => kind === "Rescaling" || kind === "Flatten");

/** How many tiles stand in the first row. @param {HTMLElement[]} tiles */
const columnsOf = (tiles) => {
  const top = tiles[0].offsetTop;
  const first = tiles.findIndex(({ offsetTop }) => offsetTop !== top);
  return first < 0 ? tiles.length : first;
};

/**
 * One bar a neuron, in rows: up where it is above zero, down where it is below.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array} values
 * @param {number} chosen
 * @param {number} largest
 */
function paintBars(canvas, values, chosen, largest) {
  const across = Math.min(BARS_ACROSS, values.length);
  const rows = Math.ceil(values.length / across);
  const height = BAR_HEIGHTS[rows <= 4 ? "few" : rows <= 8 ? "some" : "many"];
  canvas.width = across * BAR_WIDTH * 2;
  canvas.height = rows * height * 2;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.scale(2, 2);
  const style = getComputedStyle(canvas);
  const twoSigns = values.some((value) => value < 0);
  const room = height - 4;
  values.forEach((value, unit) => {
    const left = (unit % across) * BAR_WIDTH, top = Math.floor(unit / across) * height + 2;
    const zero = top + (twoSigns ? room / 2 : room);
    const length = largest ? ((twoSigns ? room / 2 : room) * value) / largest : 0;
    if (unit === chosen) {
      pen.fillStyle = style.color;
      pen.globalAlpha = 0.22;
      pen.fillRect(left, top - 1, BAR_WIDTH, room + 2);
      pen.globalAlpha = 1;
    }
    pen.fillStyle = style.color;
    pen.globalAlpha = 0.35;
    pen.fillRect(left, zero - 0.25, BAR_WIDTH - 1, 0.5);
    pen.globalAlpha = 1;
    pen.fillStyle = fullColor(value);
    pen.fillRect(left + 1, Math.min(zero, zero - length), BAR_WIDTH - 2.5, Math.abs(length));
  });
}
