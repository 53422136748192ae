import { actOf, isAnswer } from "./acts.js";
import { pairOf, picked, toggled } from "./confusion_matrix_cells.js";
import { build, draw } from "./confusion_matrix_drawing.js";
import { element } from "./elements.js";
import { comesBelow, scrollToKey } from "./jump.js";

/**
 * @import { Data, Root, Table } from "./confusion_matrix_drawing.js"
 */

const STEP_MS = 600;
const SETTLE_MS = 90;

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
  const button = /** @type {HTMLButtonElement | null} */ (target.closest(".fm-cell, .fm-head, .fm-pair"));
  if (!button) return;
  const table = root.querySelector("table");
  if (table.contains(button)) stopAt(table, button);
  /** @param {string | undefined} text */
  const classOf = (text) => (text === "" ? null : Number(text));
  const { cell, truth, predicted } = button.dataset;
  const add = event.shiftKey || event.ctrlKey || event.metaKey;
  const state = root.fmState;
  if (!cell) state.selection = picked(state.selection, classOf(truth), classOf(predicted));
  else state.selection = (add ? toggled : picked)(state.selection, ...pairOf(Number(cell)));
  const act = actOf(state.data.seen, state.selection);
  state.count = act.count;
  draw(root);
  root.fmTell("picked", act);
  const { truth: row, predicted: column, cells } = state.selection;
  const isChosen = row !== null || column !== null || cells.length > 0;
  // On a phone the pictures stand below: a tap leads to what it changed.
  if (isChosen && comesBelow(state.data.leadsTo, root)) scrollToKey(state.data.leadsTo);
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
  root.fmTell = setStateValue;
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
