import { actOf, teller } from "./acts.js";
import "./chart_print.js";
import { element } from "./elements.js";

/**
 * @typedef {object} Data
 * @property {string} figure as Plotly's JSON
 * @property {number} height in pixels
 * @property {string} label what a screen reader says
 * @property {boolean} click whether a point can be clicked
 * @property {number} seen the count of the newest act that was carried out
 * @property {string} library the address of plotly.js
 *
 * @typedef {Made<PlotlyElement & { fmNewest: Data, fmWidth: number, fmSizes: ResizeObserver }>} Root
 */

/**
 * @param {string} url
 * @returns {Promise<PlotlyLibrary>}
 */
function plotly(url) {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  window.fmPlotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(/** @type {PlotlyLibrary} */ (window.Plotly));
    script.onerror = () => {
      window.fmPlotly = undefined;
      reject(new Error("the chart library did not load"));
    };
    document.head.appendChild(script);
  });
  return window.fmPlotly;
}

/**
 * A figure says in layout.meta.narrow what a phone shows otherwise: paths to values.
 *
 * @param {PlotlyFigure["layout"]} layout
 */
export function makeNarrow(layout) {
  for (const [path, value] of Object.entries(layout.meta?.narrow ?? {})) {
    const keys = path.split(".");
    const last = /** @type {string} */ (keys.pop());
    /** @type {LayoutPart} */
    let target = layout;
    for (const key of keys) target = /** @type {LayoutPart} */ (target[key] ??= {});
    target[last] = value;
  }
}

/**
 * Draw the chart as wide as its place, which narrows also while the window stays: when a scroll bar
 * comes, or the style of the page after the chart. Plotly itself looks at the window alone.
 *
 * @param {Root} node
 */
function fit(node) {
  const width = node.clientWidth;
  if (!node.data || !node.isConnected || !width || width === node.fmWidth) return;
  node.fmWidth = width;
  window.Plotly?.Plots.resize(node);
}

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement, setStateValue }) {
  let node = /** @type {Root | null} */ (parentElement.querySelector(":scope > .fm-chart"));
  if (!node) {
    node = /** @type {Root} */ (element("div", "fm-chart", parentElement));
    node.setAttribute("role", "group");
    const root = node;
    node.fmSizes = new ResizeObserver(() => fit(root));
    node.fmSizes.observe(node);
  }
  node.setAttribute("aria-label", data.label);
  node.style.height = `${data.height}px`;
  // Updates can arrive faster than the library loads: only the newest is drawn.
  node.fmNewest = data;
  plotly(data.library).then((Plotly) => {
    if (node.fmNewest !== data || !node.isConnected) return;
    if (!node.data) node.replaceChildren();
    const figure = /** @type {PlotlyFigure} */ (JSON.parse(data.figure));
    figure.layout.height = data.height;
    figure.layout.autosize = true;
    node.fmWidth = node.clientWidth;
    if (node.clientWidth < 520) makeNarrow(figure.layout);
    const options = { displayModeBar: false, responsive: false, doubleClick: "reset" };
    return Plotly.react(node, figure.data, figure.layout, options).then(() => {
      fit(node);
      node.classList.toggle("fm-clickable", data.click);
      node.removeAllListeners("plotly_click");
      if (!data.click) return;
      node.on("plotly_click", (event) => {
        const point = event.points[0];
        teller(setStateValue)("clicked", actOf(data.seen, point.x));
      });
    });
  }).catch(() => {
    if (!window.Plotly) node.textContent = "The chart could not be loaded. Reload the page to try again.";
  });
  return () => {
    // React calls this for a mere update too; a chart that stays keeps its zoom.
    setTimeout(() => {
      if (node.isConnected) return;
      node.fmSizes.disconnect();
      window.Plotly?.purge(node);
    });
  };
}
