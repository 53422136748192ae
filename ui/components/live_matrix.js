// The confusion matrix of the live view: its cells breathe with what an epoch changed.
import { isMistake, sharesOf, topOf } from "./confusion_matrix_cells.js";
import { paperOf } from "./confusion_matrix_drawing.js";
import { element, isStill } from "./elements.js";
import { headlineOf, isBetter, sentenceOf, swellOf } from "./live_matrix_changes.js";

/**
 * @import { Scale } from "./confusion_matrix_cells.js"
 * @import { Palette } from "./confusion_matrix_drawing.js"
 * @import { Counts } from "./live_matrix_changes.js"
 */

/**
 * @typedef {object} Names
 * @property {string} label what a screen reader says the table is
 * @property {string} notice what is said before the first epoch
 * @property {string[]} names of the classes
 * @property {string[]} nouns the same in the plural, within a sentence
 *
 * @typedef {Palette & Counts & Names} Data
 *
 * @typedef {Made<{ dataset: { cell: string } }, {}, HTMLSpanElement>} Cell
 * @typedef {{ table: HTMLTableElement, ".fm-cell": Cell, ".fm-matrix-sentence": HTMLElement }} Parts
 * @typedef {Made<{ fmData: Data, fmCell: number | null, fmScreen?: IntersectionObserver }, Parts>} Root
 */

const BREATH_MS = 1_100;
// The breath goes through the matrix as a wave, from the first class to the last.
const WAVE_MS = 22;
/** @type {Scale} */
const SCALE = "truth";

/**
 * @param {Root} root
 * @param {Data} data
 */
function build(root, data) {
  const table = element("table", "fm-matrix fm-live-cells", root);
  const head = element("tr", "", element("thead", "", table));
  const corner = element("td", "fm-corner", head);
  for (const words of ["It says →", "It is ↓"]) element("span", "", corner).textContent = words;
  corner.setAttribute("aria-hidden", "true");
  for (const name of data.names) heading(head, "col", name);
  const body = element("tbody", "", table);
  data.names.forEach((name, truth) => {
    const line = element("tr", "", body);
    heading(line, "row", name);
    data.names.forEach((_, predicted) => {
      const cell = element("span", "fm-cell", element("td", "", line));
      cell.dataset.cell = String(10 * truth + predicted);
      if (truth === predicted) cell.classList.add("fm-diagonal");
    });
  });
  element("p", "fm-matrix-sentence", root);
  /** @param {Event} event */
  const point = (event) => {
    const cell = /** @type {HTMLElement | null} */ (
      /** @type {Element} */ (event.target).closest(".fm-cell")
    );
    root.fmCell = cell ? Number(cell.dataset.cell) : null;
    say(root);
  };
  table.addEventListener("pointerover", point);
  table.addEventListener("pointerleave", point);
}

/**
 * @param {Element} line
 * @param {"row" | "col"} scope
 * @param {string} name
 */
function heading(line, scope, name) {
  const header = element("th", "", line);
  header.scope = scope;
  const label = element("span", "fm-head", header);
  label.dataset.line = scope;
  label.textContent = name;
}

/** @param {Root} root */
function say(root) {
  const { fmData: data, fmCell: cell } = root;
  const sentence = cell === null ? headlineOf(data, data.nouns) : sentenceOf(cell, data, data.nouns);
  root.querySelector(".fm-matrix-sentence").textContent = sentence || data.notice;
}

/** @param {Root} root */
function draw(root) {
  const { fmData: data } = root;
  const { counts } = data;
  root.querySelector("table").setAttribute("aria-label", data.label);
  const shares = counts ? sharesOf(counts, SCALE) : [];
  const top = topOf(shares);
  for (const part of root.querySelectorAll(".fm-cell")) {
    const cell = Number(part.dataset.cell);
    part.textContent = counts?.[cell] ? String(counts[cell]) : "";
    if (!isMistake(cell)) continue;
    const { paper, ink } = paperOf((shares[cell] ?? 0) / top, data);
    part.style.setProperty("--fm-share", ((shares[cell] ?? 0) / top).toFixed(3));
    part.style.backgroundColor = paper;
    part.style.color = ink;
  }
  say(root);
}

/**
 * Let each cell swell or shrink with what it gained or lost, while its colour glides. What holds
 * now is drawn already: this only shows how it came.
 *
 * @param {Root} root
 * @param {number[]} before
 */
function breathe(root, before) {
  const { fmData: data } = root;
  const { counts } = data;
  if (!counts || isStill()) return;
  const shares = sharesOf(before, SCALE);
  const top = topOf(shares);
  for (const part of root.querySelectorAll(".fm-cell")) {
    const cell = Number(part.dataset.cell);
    const change = counts[cell] - before[cell];
    if (!change) continue;
    const glow = `var(--fm-${isBetter(cell, change) ? "right" : "wrong"})`;
    const start = isMistake(cell) ? { backgroundColor: paperOf(shares[cell] / top, data).paper } : {};
    part.animate(
      [
        { ...start, transform: "none", boxShadow: "0 0 0 0 transparent" },
        { offset: 0.35, transform: `scale(${1 + swellOf(change)})`, boxShadow: `0 0 0 2px ${glow}` },
        { transform: "none", boxShadow: "0 0 0 0 transparent" },
      ],
      {
        duration: BREATH_MS,
        delay: WAVE_MS * (Math.floor(cell / 10) + (cell % 10)),
        easing: "cubic-bezier(0.3, 0, 0.3, 1)",
        fill: "backwards",
      },
    );
  }
}

/**
 * The same once the matrix is in view, so that a first visit sees the last epoch's change.
 *
 * @param {Root} root
 * @param {number[]} before
 */
function breatheInView(root, before) {
  root.fmScreen?.disconnect();
  root.fmScreen = new IntersectionObserver(
    (entries, screen) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      screen.disconnect();
      breathe(root, before);
    },
    { threshold: 0.5 },
  );
  root.fmScreen.observe(root);
}

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement }) {
  let root = /** @type {Root | null} */ (parentElement.querySelector(":scope > .fm-confusion"));
  if (!root) {
    root = /** @type {Root} */ (element("div", "fm-confusion", parentElement));
    root.fmCell = null;
    build(root, data);
  }
  const last = root.fmData?.counts ?? data.before;
  const isNew = String(root.fmData?.counts) !== String(data.counts);
  root.fmData = data;
  draw(root);
  if (isNew && last && data.counts) breatheInView(root, last);
}
