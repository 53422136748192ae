import { indexOfLargest } from "../arrays.js";
import { element, isStill } from "../elements.js";
import { percentText } from "../probability_bars.js";
import { backgroundOf, plate, readable } from "./canvases.js";
import { fieldOf, windowOf } from "./fields.js";
import {
  chainOf, convolutionParts, denseParts, kernelOf, largestParts, mapOf, nearlyLargest, numberText,
  sumOf, weightsOf, windowProducts,
} from "./sums.js";
import { isMaps, unitName } from "./stages.js";
import { inputOf, stageBefore } from "./view.js";
import { seesPicture } from "./units.js";

/**
 * One map or neuron: what it works on, its weights, and the sum that makes a value of it.
 *
 * @typedef {import("./view.js").Insight} Insight
 * @typedef {import("./stages.js").Stage} Stage
 * @typedef {import("./sums.js").Part} Part
 * @typedef {import("./sums.js").Product} Product
 * @typedef {{ row: number, column: number }} Spot
 *
 * @typedef {object} Detail
 * @property {(insight: Insight, stage: Stage, unit: number) => void} show
 * @property {() => void} stop
 */

const MOST_PARTS = 8;
// A window slides over the whole map within so long, and stays on a value neither shorter nor longer than that;
// where less motion is wanted it jumps, some rows at a time.
const SLIDE_MS = 12_000;
const STEP_MS = { least: 16, most: 300 };
const STILL_MS = 700;
const STILL_ROWS = 4;
// From this side on a cell has room for its product alone.
const SMALL_CELLS = 5;

/**
 * @param {Element} place
 * @param {string[]} classes
 * @returns {Detail}
 */
export function detail(place, classes) {
  const root = element("div", "fm-in-detail", place);
  const title = element("h3", "", root);
  const work = element("div", "fm-in-work", root);
  const input = plate(work, "fm-in-input");
  const times = signOf(work, "×");
  const kernel = plate(work, "fm-in-kernel");
  const equals = signOf(work, "=");
  const output = plate(work, "fm-in-output");
  const field = plate(work, "fm-in-field");
  const bar = element("div", "fm-in-bar", root);
  const play = element("button", "fm-button", bar);
  play.type = "button";
  const position = element("output", "", bar);
  position.setAttribute("aria-live", "polite");
  const sum = element("div", "fm-in-sum", root);
  const cells = element("div", "fm-in-cells", sum);
  const chain = element("div", "fm-in-chain", sum);
  const parts = element("div", "fm-in-parts", root);
  const partsTitle = element("h4", "", parts);
  const partsList = element("div", "fm-in-parts-list", parts);

  /** @type {{ insight: Insight, stage: Stage, unit: number } | null} */
  let shown = null;
  /** @type {Spot | null} the value that the visitor chose */
  let chosenSpot = null;
  /** @type {Spot} the one on the screen */
  let drawnSpot = { row: 0, column: 0 };
  /** @type {number | null} the map before that the visitor chose */
  let chosenChannel = null;
  /** @type {number[] | null} kept while a window slides, so that nothing jumps */
  let order = null;
  let timer = 0;
  /** @type {number | null} how many values of the map have formed */
  let formed = null;

  /** Of what is read value by value: a map, or the weights of a neuron. */
  const sides = () => {
    const { to, from } = /** @type {{ stage: Stage }} */ (shown).stage;
    return isMaps(to) ? to : from;
  };

  /** @type {(row: number, column: number) => void} */
  const point = (row, column) => {
    if (!shown || timer) return;
    chosenSpot = within({ row: Math.floor(row), column: Math.floor(column) }, sides());
    draw();
  };
  /** @type {(rows: number, columns: number) => void} */
  const walk = (rows, columns) => {
    if (!shown) return;
    stop();
    const at = drawnSpot;
    chosenSpot = within({ row: at.row + rows, column: at.column + columns }, sides());
    draw();
  };
  readable(output.canvas, point, walk);
  readable(input.canvas, (row, column) => {
    if (!shown) return;
    const { stage, insight } = shown;
    if (!slides(stage)) {
      if (stage.kind !== "average") point(row, column);
      return;
    }
    const layer = insight.network.layers[stage.main];
    const first = windowOf(layer, 0, 0), next = windowOf(layer, 1, 1);
    const stride = next.top - first.top, middle = first.rows / 2;
    point((row - first.top - middle) / stride + 0.5, (column - first.left - middle) / stride + 0.5);
  }, null);
  readable(kernel.canvas, (row, column) => {
    if (shown && !slides(shown.stage)) point(row, column);
  }, null);
  parts.onclick = (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (!button) return;
    chosenChannel = Number(button.dataset.channel);
    draw();
  };

  /**
   * The value on the screen: the chosen one, or else the largest.
   *
   * @param {Float32Array} map
   * @returns {Spot}
   */
  const spotOn = (map) => {
    const columns = sides()[1], best = indexOfLargest(map);
    drawnSpot = chosenSpot ?? { row: Math.floor(best / columns), column: best % columns };
    return drawnSpot;
  };
  const spot = () => {
    const { insight, stage, unit } = /** @type {NonNullable<typeof shown>} */ (shown);
    return spotOn(mapOf(insight.outputs[stage.output], stage.to, unit));
  };

  const stop = () => {
    clearInterval(timer);
    timer = 0;
    formed = null;
    order = null;
    if (shown) draw();
  };

  play.onclick = () => {
    if (timer) {
      stop();
      return;
    }
    const [rows, columns] = sides();
    const still = isStill();
    const total = rows * columns, stride = still ? STILL_ROWS * columns : 1;
    let step = 0;
    const next = () => {
      if (!root.isConnected || step >= total) {
        stop();
        return;
      }
      formed = Math.min(total, step + stride);
      chosenSpot = { row: Math.floor((formed - 1) / columns), column: (formed - 1) % columns };
      step += stride;
      draw();
    };
    timer = window.setInterval(next, still ? STILL_MS : Math.min(STEP_MS.most, Math.max(STEP_MS.least, SLIDE_MS / total)));
    next();
  };

  /** Draw what is shown. */
  function draw() {
    if (!shown) return;
    const { insight, stage, unit } = shown;
    const { network: { layers }, outputs, scales } = insight;
    root.dataset.kind = stage.kind;
    // Nobody wants to hear all values of a map.
    position.setAttribute("aria-live", timer ? "off" : "polite");
    title.textContent = headingOf(insight, stage, unit, classes);
    play.hidden = !slides(stage);
    play.textContent = timer ? "Stop" : stage.kind === "pooling" ? "Slide the window" : "Slide the pattern";
    play.setAttribute("aria-pressed", String(Boolean(timer)));
    field.root.hidden = times.hidden = equals.hidden = kernel.root.hidden = output.root.hidden = true;
    input.root.hidden = cells.hidden = parts.hidden = false;
    for (const one of [input, kernel]) {
      one.root.classList.toggle("fm-in-pointed", stage.kind !== "average" && (one === input || !slides(stage)));
    }
    if (stage.kind === "picture") drawPicture();
    else if (stage.kind === "convolution") drawConvolution();
    else if (stage.kind === "pooling") drawPooling();
    else if (stage.kind === "average") drawAverage();
    else drawNeuron();
    bar.hidden = play.hidden && !position.textContent;

    function drawPicture() {
      input.root.hidden = true;
      output.root.hidden = false;
      const at = spot();
      output.grey(insight.pixels, stage.to[1]);
      output.frame({ top: at.row, left: at.column, rows: 1, columns: 1 });
      output.caption(`The picture. ${readingHint()}`);
      const pixel = insight.pixels[at.row * stage.to[1] + at.column];
      position.textContent = positionText(at, pixel / 255);
      showCells([], 0, 0);
      showChain([{ label: "Pixel", value: pixel, whole: true }, { sign: "÷ 255 =", label: "as the network gets it", value: pixel / 255 }]);
      parts.hidden = true;
    }

    function drawConvolution() {
      const at = spot();
      const layer = layers[stage.main], values = inputOf(insight, stage);
      const sums = convolutionParts(layer, values, unit, at.row, at.column);
      const channel = chosenChannel ?? (order ? order[0] : largestParts(sums, 1).shown[0].channel);
      const products = windowProducts(layer, values, unit, channel, at.row, at.column);
      const before = stageBefore(insight, stage);
      const area = windowOf(layer, at.row, at.column);
      showInput(before, values, channel);
      input.frame(area);
      kernel.root.hidden = times.hidden = equals.hidden = false;
      const taps = kernelOf(layer, unit, channel), side = area.columns;
      kernel.signed(taps, side, nearlyLargest(taps));
      kernel.frame(null);
      kernel.caption(sums.length > 1 ? `Its pattern for map ${channel + 1}` : "Its pattern");
      showOutput(at);
      if (before.kind !== "picture") showField(at);
      const count = products.length * sums.length;
      showCells(products, side, sums.length > 1 ? channel : -1);
      const total = sums.reduce((whole, part) => whole + part.sum, 0);
      showChain(withSigns(count, total, chainOf(stage, layers, unit, total)));
      parts.hidden = sums.length < 2;
      if (sums.length > 1) showParts(sums, channel, before, (part) => kernelOf(layer, unit, part.channel), side, area);
    }

    function drawPooling() {
      const at = spot();
      const layer = layers[stage.main], values = inputOf(insight, stage);
      const before = stageBefore(insight, stage);
      const area = windowOf(layer, at.row, at.column);
      showInput(before, values, unit);
      input.frame(area);
      equals.hidden = false;
      showOutput(at);
      showField(at);
      const map = mapOf(values, layer.input, unit);
      const window = Array.from({ length: area.rows * area.columns }, (_, index) => (
        map[(area.top + Math.floor(index / area.columns)) * layer.input[1] + area.left + (index % area.columns)]));
      const isLargest = layer.kind === "MaxPooling2D";
      showValues(window, area.columns, isLargest ? indexOfLargest(window) : -1);
      const value = outputs[stage.main][(at.row * stage.to[1] + at.column) * stage.to[2] + unit];
      showChain([{ label: `${isLargest ? "The largest" : "The mean"} of ${window.length}`, value }]);
      parts.hidden = true;
    }

    function drawAverage() {
      const layer = layers[stage.main], values = inputOf(insight, stage);
      showInput(stageBefore(insight, stage), values, unit);
      input.frame(null);
      cells.hidden = parts.hidden = true;
      position.textContent = "";
      const count = layer.input[0] * layer.input[1];
      showChain([{ label: `The mean of ${count} value${count === 1 ? "" : "s"}`, value: outputs[stage.main][unit] }]);
    }

    function drawNeuron() {
      const layer = layers[stage.main], values = inputOf(insight, stage);
      const weights = weightsOf(layer, unit);
      const sums = denseParts(stage, weights, values);
      const before = stageBefore(insight, stage);
      const total = sums.reduce((whole, part) => whole + part.sum, 0);
      cells.hidden = true;
      if (isMaps(stage.from)) {
        const channel = chosenChannel ?? largestParts(sums, 1).shown[0].channel;
        const width = stage.from[1];
        showInput(before, values, channel);
        kernel.root.hidden = times.hidden = equals.hidden = output.root.hidden = false;
        const map = mapOf(values, stage.from, channel), taps = mapOf(weights, stage.from, channel);
        kernel.signed(taps, width, nearlyLargest(taps));
        kernel.caption(sums.length > 1 ? `Its weights for map ${channel + 1}` : "Its weights, one a pixel");
        const products = map.map((value, index) => value * taps[index]);
        output.signed(products, width, nearlyLargest(products));
        const at = spotOn(products.map(Math.abs)), place = at.row * width + at.column;
        for (const one of [input, kernel, output]) one.frame({ top: at.row, left: at.column, rows: 1, columns: 1 });
        position.textContent = `Row ${at.row + 1}, column ${at.column + 1}: ${numberText(map[place])} × ${
          numberText(taps[place])} = ${numberText(products[place])}`;
        output.caption(`Value × weight: together ${numberText(sums[channel].sum)}`);
        if (sums.length > 1) showParts(sums, channel, before, (part) => mapOf(weights, stage.from, part.channel), width, null);
        parts.hidden = sums.length < 2;
      } else {
        input.root.hidden = true;
        position.textContent = "";
        showTerms(sums, weights, values, before);
      }
      const links = withSigns(weights.length, total, chainOf(stage, layers, unit, total));
      if (stage.kind === "answer") {
        links.push({ sign: "", label: "after softmax", value: outputs[stage.output][unit], percent: true });
      }
      showChain(links);
    }

    /** @type {(before: Stage, values: Float32Array, channel: number) => void} */
    function showInput(before, values, channel) {
      const layer = layers[stage.main];
      if (before.kind === "picture") {
        input.grey(insight.pixels, before.to[1]);
        input.caption("The picture");
        return;
      }
      const shape = isMaps(stage.from) ? stage.from : layer.input;
      input.signed(mapOf(values, shape, channel), shape[1], scales[before.output]);
      input.caption(`Map ${channel + 1} of ${shape[2]} before it`);
    }

    /** @param {Spot} at */
    function showOutput(at) {
      output.root.hidden = false;
      const map = mapOf(outputs[stage.output], stage.to, unit);
      const value = map[at.row * stage.to[1] + at.column];
      if (formed !== null) map.fill(0, formed);
      output.signed(map, stage.to[1], scales[stage.output]);
      output.frame({ top: at.row, left: at.column, rows: 1, columns: 1 });
      output.caption(`${unitName(stage, unit, classes)}. ${readingHint()}`);
      position.textContent = positionText(at, value);
    }

    /** @param {Spot} at */
    function showField(at) {
      field.root.hidden = false;
      const [rows, columns] = layers[0].output;
      const area = fieldOf(layers, stage.main, at.row, at.column);
      field.grey(insight.pixels, columns);
      field.frame(area);
      field.caption(area.rows === rows && area.columns === columns ? "It sees the whole picture"
        : `It sees ${area.rows} × ${area.columns} pixels`);
    }

    /** @type {(products: Product[], side: number, channel: number) => void} */
    function showCells(products, side, channel) {
      cells.hidden = !products.length;
      const largest = products.reduce((most, { weight, value }) => Math.max(most, Math.abs(weight * value)), 0);
      const made = fill(cells, products.length, side);
      cells.classList.toggle("fm-in-small", side >= SMALL_CELLS);
      products.forEach(({ weight, value, inside }, index) => {
        const product = weight * value;
        const written = `${numberText(value)} × ${numberText(weight)}`;
        made[index].style.background = backgroundOf(product, largest);
        made[index].title = inside ? `${written} = ${numberText(product)}` : "Over the border there is nothing.";
        made[index].classList.toggle("fm-in-outside", !inside);
        setLines(made[index], side < SMALL_CELLS && inside ? written : "", inside ? numberText(product) : "–");
      });
      cells.setAttribute("aria-label", `${channel < 0 ? "Value × weight" : `Value × weight of map ${channel + 1}`}, together ${
        numberText(sumOf(products))}`);
    }

    /** @type {(values: number[], side: number, best: number) => void} */
    function showValues(values, side, best) {
      const made = fill(cells, values.length, side);
      cells.classList.remove("fm-in-small");
      values.forEach((value, index) => {
        made[index].style.background = backgroundOf(value, scales[stage.output]);
        made[index].classList.toggle("fm-in-best", index === best);
        setLines(made[index], "", numberText(value));
      });
      cells.setAttribute("aria-label", `The window's values: ${values.map(numberText).join(", ")}`);
    }

    /** @param {Step[]} links */
    function showChain(links) {
      chain.replaceChildren(...links.flatMap(({ sign, label, value, whole, percent }) => {
        const link = element("span", "fm-in-link");
        element("small", "", link).textContent = label;
        element("b", "", link).textContent = percent ? percentText(value) : whole ? String(value) : numberText(value);
        if (!sign) return [link];
        const between = element("span", "fm-in-sign");
        between.textContent = sign;
        return [between, link];
      }));
    }

    /**
     * @param {Part[]} all
     * @param {number} channel
     * @param {Stage} before
     * @param {(part: Part) => Float32Array} tapsOf
     * @param {number} width of the weights of a part
     * @param {import("./fields.js").Area | null} area
     */
    function showParts(all, channel, before, tapsOf, width, area) {
      const largest = largestParts(all, MOST_PARTS);
      if (order) largest.shown = order.map((one) => all[one]);
      else if (timer) order = largest.shown.map((part) => part.channel);
      const others = all.length - largest.shown.length;
      const rest = all.reduce((whole, part) => whole + part.sum, 0)
        - largest.shown.reduce((whole, part) => whole + part.sum, 0);
      partsTitle.textContent = others ? `What each map before it adds: the ${largest.shown.length} that matter most` : "What each map before it adds";
      const most = Math.max(...all.map(({ sum: part }) => Math.abs(part)));
      const rows = rowsOf(partsList, largest.shown.length, others > 0, true);
      largest.shown.forEach((part, index) => {
        const row = rows[index];
        const plates = platesOf(row);
        const shape = stage.from;
        const values = inputOf(insight, stage);
        if (before.kind === "picture") plates[0].grey(insight.pixels, shape[1]);
        else plates[0].signed(mapOf(values, shape, part.channel), shape[1], scales[before.output]);
        plates[0].frame(area);
        const taps = tapsOf(part);
        plates[1].signed(taps, width, nearlyLargest(taps));
        plates[1].frame(null);
        row.dataset.channel = String(part.channel);
        row.setAttribute("aria-pressed", String(part.channel === channel));
        showBar(row, `Map ${part.channel + 1}`, part.sum, most);
      });
      showRest(rows[largest.shown.length], others, rest, most);
    }

    /** @type {(all: Part[], weights: Float32Array, values: Float32Array, before: Stage) => void} */
    function showTerms(all, weights, values, before) {
      const { shown: largest, others, rest } = largestParts(all, MOST_PARTS);
      partsTitle.textContent = others ? `Value × weight: the ${largest.length} that matter most` : "Value × weight";
      const most = Math.max(...all.map(({ sum: part }) => Math.abs(part)));
      const rows = rowsOf(partsList, largest.length, others > 0, false);
      largest.forEach(({ channel, sum: product }, index) => {
        showBar(rows[index], `${unitName(before, channel, classes)}: ${numberText(values[channel])} × ${numberText(weights[channel])}`,
          product, most);
      });
      showRest(rows[largest.length], others, rest, most);
    }
  }

  return {
    show: (insight, stage, unit) => {
      const isOther = !shown || shown.stage.name !== stage.name || shown.unit !== unit
        || JSON.stringify(shown.stage.to) !== JSON.stringify(stage.to);
      if (isOther) {
        clearInterval(timer);
        timer = 0;
        formed = order = chosenSpot = chosenChannel = null;
      }
      shown = { insight, stage, unit };
      draw();
    },
    stop,
  };
}

/**
 * A number of the chain from a sum to a value.
 *
 * @typedef {object} Step
 * @property {string} [sign] before it
 * @property {string} label
 * @property {number} value
 * @property {boolean} [whole] has no digits after the point
 * @property {boolean} [percent]
 */

/**
 * @param {number} count of the products
 * @param {number} total
 * @param {import("./sums.js").Link[]} links
 * @returns {Step[]}
 */
function withSigns(count, total, links) {
  /** @type {Step[]} */
  const steps = [{ label: `${count.toLocaleString("en")} product${count === 1 ? "" : "s"} together`, value: total }];
  let before = total;
  for (const { label, value } of links) {
    if (label === "bias") steps.push({ sign: "+", label, value: value - before }, { sign: "=", label: "the sum", value });
    else steps.push({ sign: "", label: `after ${label.replace(/^B/, "b")}`, value });
    before = value;
  }
  return steps;
}

const readingHint = () => (matchMedia("(hover: none)").matches ? "Tap a value." : "Point at a value, or use the arrow keys.");

/** @param {Stage} stage */
const slides = ({ kind }) => kind === "convolution" || kind === "pooling";

/** @type {(at: Spot, sides: number[]) => Spot} */
const within = ({ row, column }, [rows, columns]) => ({
  row: Math.max(0, Math.min(rows - 1, row)),
  column: Math.max(0, Math.min(columns - 1, column)),
});

/** @type {(at: Spot, value: number) => string} */
const positionText = ({ row, column }, value) => `Row ${row + 1}, column ${column + 1}: ${numberText(value)}`;

/** @type {(insight: Insight, stage: Stage, unit: number, classes: string[]) => string} */
function headingOf({ network: { layers } }, stage, unit, classes) {
  const name = unitName(stage, unit, classes);
  if (stage.kind === "picture") return name;
  if (stage.kind === "answer") return `Why ${name}`;
  const all = stage.to[stage.to.length - 1].toLocaleString("en");
  return `${name} of ${all}${stage.kind === "dense" && seesPicture(stage, layers) ? ", which sees all pixels" : ""}`;
}

/** @type {(place: Element, sign: string) => HTMLElement} */
function signOf(place, sign) {
  const between = element("span", "fm-in-sign", place);
  between.textContent = sign;
  between.setAttribute("aria-hidden", "true");
  return between;
}

/**
 * As many cells as are needed; those that are there stay.
 *
 * @param {HTMLElement} place
 * @param {number} count
 * @param {number} side
 */
function fill(place, count, side) {
  place.setAttribute("role", "img");
  place.style.setProperty("--fm-side", String(side));
  while (place.children.length > count) place.lastElementChild?.remove();
  while (place.children.length < count) {
    const cell = element("span", "", place);
    element("small", "", cell);
    element("b", "", cell);
  }
  const made = /** @type {HTMLElement[]} */ ([...place.children]);
  for (const cell of made) cell.classList.remove("fm-in-best", "fm-in-outside");
  return made;
}

/** @type {(cell: HTMLElement, above: string, below: string) => void} */
function setLines(cell, above, below) {
  /** @type {HTMLElement} */ (cell.firstElementChild).textContent = above;
  /** @type {HTMLElement} */ (cell.lastElementChild).textContent = below;
}

/**
 * Rows for parts, and one for the rest.
 *
 * @param {HTMLElement} list
 * @param {number} count
 * @param {boolean} withRest
 * @param {boolean} drawn whether each row has maps and can be pressed
 * @returns {HTMLElement[]}
 */
function rowsOf(list, count, withRest, drawn) {
  const needed = count + (withRest ? 1 : 0), kind = `${needed} ${withRest} ${drawn}`;
  if (list.dataset.rows !== kind) {
    list.replaceChildren();
    list.dataset.rows = kind;
    for (let index = 0; index < needed; index += 1) {
      const isPressed = drawn && index < count;
      const row = element(isPressed ? "button" : "span", "fm-in-part", list);
      if (row instanceof HTMLButtonElement) row.type = "button";
      if (isPressed) element("span", "fm-in-part-plates", row);
      element("span", "fm-in-part-name", row);
      element("span", "fm-in-part-bar", row);
      element("b", "", row);
    }
  }
  return /** @type {HTMLElement[]} */ ([...list.children]);
}

/** @type {WeakMap<Element, import("./canvases.js").Plate[]>} */
const rowPlates = new WeakMap();

/** @param {HTMLElement} row */
function platesOf(row) {
  const place = /** @type {Element} */ (row.querySelector(".fm-in-part-plates"));
  const known = rowPlates.get(place);
  if (known) return known;
  const made = [plate(place, ""), plate(place, "")];
  for (const { root } of made) root.setAttribute("aria-hidden", "true");
  rowPlates.set(place, made);
  return made;
}

/** @type {(row: HTMLElement, name: string, value: number, most: number) => void} */
function showBar(row, name, value, most) {
  /** @type {HTMLElement} */ (row.querySelector(".fm-in-part-name")).textContent = name;
  const bar = /** @type {HTMLElement} */ (row.querySelector(".fm-in-part-bar"));
  bar.style.setProperty("--fm-share", String(most ? Math.min(1, Math.abs(value) / most) : 0));
  row.classList.toggle("fm-in-below", value < 0);
  /** @type {HTMLElement} */ (row.querySelector(":scope > b")).textContent = numberText(value);
}

/** @type {(row: HTMLElement | undefined, others: number, rest: number, most: number) => void} */
function showRest(row, others, rest, most) {
  if (row) showBar(row, `The other ${others.toLocaleString("en")} together`, rest, most);
}
