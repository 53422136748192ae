/**
 * @typedef {[truth: number, predicted: number]} Pair
 *
 * @typedef {object} Selection
 * @property {number | null} truth of the row that is chosen, or of the one cell
 * @property {number | null} predicted of the column that is chosen, or of the one cell
 * @property {Pair[]} cells where several are chosen
 *
 * @typedef {object} Data
 * @property {string[]} names of the classes
 * @property {number[]} order of the rows and columns, classes
 * @property {number[][]} matrices of each epoch 100 counts, row by row; rows are true classes
 * @property {"counts" | "truth" | "predicted"} scale what stands in the cells
 * @property {Selection} selection
 * @property {number} epoch shown first, from 1
 * @property {{ light: string[], dark: string[] }} colors of the scale, as "#rrggbb"
 * @property {[dark: string, light: string]} inks of which one can be read on any of the colours
 * @property {number} seen the count of the newest act that was carried out
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
 * @typedef {{ ".fm-count": HTMLElement, svg: SVGElement | null, circle: SVGElement }} CellParts
 *
 * @typedef {HTMLButtonElement & { dataset: { line: "row" | "col" } }} Head
 * @typedef {Made<{}, { button: HTMLButtonElement, ".fm-cell": Cell }, HTMLTableElement>} Table
 * @typedef {{ table: Table, ".fm-cell": Cell, ".fm-head": Head }} TableParts
 * @typedef {{ input: HTMLInputElement, output: HTMLElement }} TimeParts
 * @typedef {{ ".fm-play": HTMLElement, ".fm-show-curves": HTMLElement }} TimeButtons
 *
 * @typedef {{ fmState: State, fmTell: Tell, fmCurves?: number[][] }} Kept
 * @typedef {Made<Kept, TableParts & TimeParts & TimeButtons>} Root
 */

const STEP_MS = 600;
const SETTLE_MS = 90;

/** @param {string} color */
const channels = (color) => [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));

/**
 * The colour of a share from 0 to 1 on a scale of colours, and the ink that can be read on it.
 *
 * @param {number} share
 * @param {string[]} colors
 * @param {[dark: string, light: string]} inks
 */
function colorAt(share, colors, inks) {
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
 * @param {Data["scale"]} scale
 */
function sharesOf(matrix, scale) {
  const totals = new Array(10).fill(0);
  /** @param {number} cell */
  const line = (cell) => (scale === "predicted" ? cell % 10 : Math.floor(cell / 10));
  matrix.forEach((count, cell) => (totals[line(cell)] += count));
  return matrix.map((count, cell) => (totals[line(cell)] ? count / totals[line(cell)] : 0));
}

/** @param {number} cell */
const isMistake = (cell) => Math.floor(cell / 10) !== cell % 10;
/** @param {number} count */
const plural = (count) => `${count.toLocaleString("en")} picture${count === 1 ? "" : "s"}`;
/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(1)} %`;

/**
 * @param {Root} root
 * @param {Data} data
 */
function build(root, data) {
  const order = data.order;
  root.replaceChildren();
  const table = /** @type {Table} */ (element("table", "fm-matrix", root));
  table.setAttribute("aria-label",
    "Confusion matrix: rows are the true classes, columns what the network says");
  const head = element("tr", "", element("thead", "", table));
  const corner = element("td", "fm-corner", head);
  corner.innerHTML = "<span>says →</span><span>It is ↓</span>";
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
  button.title = scope === "row" ? `All pictures of class ${name}` : `All pictures called ${name}`;
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
  curves.textContent = "Curves";
  curves.title = "Show in each cell how its number of pictures changed over the epochs";
}

/**
 * Which of the 100 cells are chosen: some cells, a cell, a row, a column, or none.
 *
 * @param {Selection} selection
 */
function chosenCells({ truth, predicted, cells }) {
  const chosen = new Array(100).fill(false);
  for (const [row, column] of cells) chosen[10 * row + column] = true;
  if (cells.length || (truth === null && predicted === null)) return chosen;
  return chosen.map((_, cell) =>
    (truth === null || truth === Math.floor(cell / 10)) && (predicted === null || predicted === cell % 10));
}

/**
 * The selection with a cell more, or without it where it was chosen.
 *
 * @param {Selection} selection
 * @param {number} row
 * @param {number} column
 * @returns {Selection}
 */
function toggled({ truth, predicted, cells }, row, column) {
  /** @type {Pair[]} */
  const all = cells.length || truth === null || predicted === null ? cells : [[truth, predicted]];
  const remaining = all.filter(([r, c]) => r !== row || c !== column);
  /** @type {Pair[]} */
  const pairs = remaining.length < all.length ? remaining : [...all, [row, column]];
  if (pairs.length === 1) return { truth: pairs[0][0], predicted: pairs[0][1], cells: [] };
  return { truth: null, predicted: null, cells: pairs };
}

/** @param {Root} root */
function draw(root) {
  const { data, epoch, playing, selection } = root.fmState;
  const chosen = chosenCells(selection);
  const matrix = data.matrices[epoch - 1];
  const shares = sharesOf(matrix, data.scale);
  const last = sharesOf(data.matrices[data.matrices.length - 1], data.scale);
  // One scale for all epochs, so that a colour means the same throughout.
  const top = Math.max(0.05, ...last.filter((_, cell) => isMistake(cell)));
  const whole = data.scale === "predicted" ? "of all called so" : "of its class";
  for (const button of root.querySelectorAll(".fm-cell")) {
    const cell = Number(button.dataset.cell);
    const [count, share] = [matrix[cell], shares[cell]];
    const countLabel = button.querySelector(".fm-count");
    const text = !count ? "" : data.scale === "counts" ? `${count}` : (100 * share).toFixed(1);
    if (countLabel.textContent !== text) countLabel.textContent = text;
    const [truth, predicted] = [data.names[Math.floor(cell / 10)], data.names[cell % 10]];
    const description = isMistake(cell) ? `${truth} called ${predicted}` : `${truth}, rightly named`;
    button.title = `${description}: ${plural(count)}, ${percent(share)} ${whole}`;
    button.setAttribute("aria-label", button.title);
    button.setAttribute("aria-pressed", String(chosen[cell]));
    if (!isMistake(cell)) continue;
    const [light, dark] = [data.colors.light, data.colors.dark].map((colors) =>
      colorAt(share / top, colors, data.inks));
    button.style.backgroundColor = `light-dark(${light.paper}, ${dark.paper})`;
    button.style.color = `light-dark(${light.ink}, ${dark.ink})`;
  }
  for (const button of root.querySelectorAll(".fm-head")) {
    const isColumn = button.dataset.line === "col";
    const classId = Number(isColumn ? button.dataset.predicted : button.dataset.truth);
    const line = data.order.map((other) => (isColumn ? other * 10 + classId : classId * 10 + other));
    button.setAttribute("aria-pressed", String(line.every((cell) => chosen[cell])));
  }
  drawCurves(root);
  const correctCount = matrix.reduce((sum, count, cell) => sum + (isMistake(cell) ? 0 : count), 0);
  const all = matrix.reduce((sum, count) => sum + count, 0);
  const slider = root.querySelector("input");
  if (Number(slider.value) !== epoch) slider.value = String(epoch);
  slider.setAttribute("aria-valuetext", `Epoch ${epoch} of ${data.matrices.length}`);
  root.querySelector("output").textContent =
    `Epoch ${epoch} of ${data.matrices.length}: ${(all - correctCount).toLocaleString("en")} wrong`;
  root.querySelector(".fm-play").textContent = playing ? "Pause" : "Play";
}

/**
 * How each cell changed, as a line that ends with the chosen epoch's dot.
 *
 * @param {Root} root
 */
function drawCurves(root) {
  const { data, epoch, curves } = root.fmState;
  const epochs = data.matrices.length;
  const isShown = curves && epochs > 1;
  const areCurrent = root.fmCurves === data.matrices;
  root.classList.toggle("fm-with-curves", isShown);
  root.querySelector(".fm-show-curves").setAttribute("aria-pressed", String(isShown));
  for (const button of root.querySelectorAll(".fm-cell")) {
    const cell = Number(button.dataset.cell);
    const values = data.matrices.map((matrix) => matrix[cell]);
    const top = Math.max(10, ...values);
    /** @param {number} index */
    const x = (index) => (2 + (36 * index) / (epochs - 1)).toFixed(1);
    /** @param {number} value */
    const y = (value) => (10.5 - (9 * value) / top).toFixed(1);
    let curve = button.querySelector("svg");
    if (!isShown) curve?.remove();
    if (!isShown) continue;
    if (!curve || !areCurrent) {
      curve?.remove();
      const points = values.map((value, index) => `${x(index)},${y(value)}`).join(" ");
      button.insertAdjacentHTML("beforeend",
        `<svg viewBox="0 0 40 12" aria-hidden="true" preserveAspectRatio="none">` +
        `<polyline points="${points}"/><circle r="1.6"/></svg>`);
    }
    const dot = button.querySelector("circle");
    dot.setAttribute("cx", x(epoch - 1));
    dot.setAttribute("cy", y(values[epoch - 1]));
  }
  root.fmCurves = data.matrices;
}

/**
 * @param {Root} root
 * @param {number} epoch
 * @param {number} wait in milliseconds
 */
function goTo(root, epoch, wait) {
  const state = root.fmState;
  state.epoch = epoch;
  const act = actOf(state.data.seen, epoch);
  state.count = act.count;
  draw(root);
  clearTimeout(state.sending);
  state.sending = setTimeout(() => root.fmTell("epoch", act), wait);
}

/** @param {Root} root */
function stop(root) {
  clearInterval(root.fmState.playing ?? undefined);
  root.fmState.playing = null;
}

/** @param {Root} root */
function togglePlay(root) {
  const state = root.fmState;
  const epochs = state.data.matrices.length;
  if (state.playing) stop(root);
  else {
    const next = () => {
      if (!root.isConnected || state.epoch >= epochs) stop(root);
      if (root.isConnected && state.epoch < epochs) goTo(root, state.epoch + 1, 0);
      else draw(root);
    };
    state.playing = setInterval(next, STEP_MS);
    goTo(root, state.epoch >= epochs ? 1 : state.epoch, 0);
  }
  draw(root);
}

/**
 * The arrows walk over cells and names alike; one of them is the stop of the Tab key.
 *
 * @param {KeyboardEvent} event
 * @param {Table} table
 */
function walk(event, table) {
  const from = /** @type {Element} */ (event.target).closest("td, th");
  if (!from) return;
  const line = /** @type {HTMLTableRowElement} */ (from.parentElement);
  const lines = [...table.querySelectorAll("tr")];
  let [row, column] = [lines.indexOf(line), [...line.children].indexOf(from)];
  if (event.key === "ArrowRight") column += 1;
  else if (event.key === "ArrowLeft") column -= 1;
  else if (event.key === "ArrowDown") row += 1;
  else if (event.key === "ArrowUp") row -= 1;
  else if (event.key === "Home") column = 0;
  else if (event.key === "End") column = line.children.length - 1;
  else return;
  event.preventDefault();
  const to = lines[row]?.children[column]?.querySelector("button");
  if (!to) return;
  stopAt(table, to);
  to.focus();
}

/**
 * @param {Table} table
 * @param {HTMLButtonElement} button
 */
function stopAt(table, button) {
  for (const other of table.querySelectorAll("button")) other.tabIndex = other === button ? 0 : -1;
}

/**
 * @param {Root} root
 * @param {MouseEvent} event
 */
function pick(root, event) {
  const target = /** @type {Element} */ (event.target);
  const button = /** @type {HTMLButtonElement | null} */ (target.closest(".fm-cell, .fm-head"));
  if (!button) return;
  stopAt(root.querySelector("table"), button);
  /** @param {string | undefined} text */
  const classOf = (text) => (text === "" ? null : Number(text));
  const cell = Number(button.dataset.cell);
  const truth = button.dataset.cell ? Math.floor(cell / 10) : classOf(button.dataset.truth);
  const predicted = button.dataset.cell ? cell % 10 : classOf(button.dataset.predicted);
  const add = event.shiftKey || event.ctrlKey || event.metaKey;
  const state = root.fmState;
  const { truth: row, predicted: column, cells } = state.selection;
  const isChosen = !cells.length && row === truth && column === predicted;
  state.selection = add && button.dataset.cell ? toggled(state.selection, Math.floor(cell / 10), cell % 10)
    : isChosen ? { truth: null, predicted: null, cells: [] } : { truth, predicted, cells: [] };
  const act = actOf(state.data.seen, state.selection);
  state.count = act.count;
  draw(root);
  root.fmTell("picked", act);
}

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement, setStateValue }) {
  let root = /** @type {Root | null} */ (parentElement.querySelector(":scope > .fm-confusion"));
  if (!root) {
    root = /** @type {Root} */ (element("div", "fm-confusion", parentElement));
    const { epoch, selection } = data;
    root.fmState = { data, epoch, selection, curves: false, playing: null, sending: 0, count: 0 };
  }
  const state = root.fmState;
  const before = JSON.stringify([state.data.order, state.data.matrices.length]);
  if (!root.firstChild || before !== JSON.stringify([data.order, data.matrices.length])) {
    stop(root);
    build(root, data);
  }
  // An answer to an older act must not pull the slider back under the visitor's hand.
  if (isAnswer(state, data)) {
    state.epoch = data.epoch;
    state.selection = data.selection;
  }
  state.epoch = Math.min(state.epoch, data.matrices.length);
  state.data = data;
  root.fmTell = teller(setStateValue);
  root.onclick = (event) => {
    const target = /** @type {Element} */ (event.target);
    if (target.closest(".fm-show-curves")) {
      state.curves = !state.curves;
      draw(root);
    } else if (target.closest(".fm-play")) togglePlay(root);
    else pick(root, event);
  };
  root.querySelector("table").onkeydown = (event) => walk(event, root.querySelector("table"));
  // A hand on the slider ends the play, also where the thumb is there already.
  root.querySelector("input").onpointerdown = () => {
    stop(root);
    draw(root);
  };
  root.querySelector("input").oninput = (event) => {
    stop(root);
    goTo(root, Number(/** @type {HTMLInputElement} */ (event.target).value), SETTLE_MS);
  };
  draw(root);
}
