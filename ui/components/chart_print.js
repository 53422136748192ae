// As wide as a sheet of A4 between its margins, in the pixels of a style sheet.
const SHEET_PX = 700;

/** @typedef {HTMLElement & { data?: object[], clientWidth: number }} Drawn */

/** @returns {Drawn[]} */
const drawn = () =>
  [.../** @type {NodeListOf<Drawn>} */ (document.querySelectorAll(".fm-chart"))]
    .filter((node) => node.data);

/** Plotly draws for the width of the window; on a sheet the right part of a chart would be cut. */
function fitSheet() {
  for (const node of drawn()) {
    if (node.clientWidth > SHEET_PX) window.Plotly?.relayout(node, { width: SHEET_PX });
  }
}

function fitWindow() {
  for (const node of drawn()) window.Plotly?.relayout(node, { width: null, autosize: true });
}

// What is known of the window is kept on it: a page can hold this module twice.
if (!window.fmPrints) {
  window.fmPrints = true;
  window.addEventListener("beforeprint", fitSheet);
  window.addEventListener("afterprint", fitWindow);
}
