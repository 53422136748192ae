import { actOf } from "./acts.js";
import { enlarge } from "./chart_scale.js";
import "./chart_print.js";
import { element, onceGone } from "./elements.js";
import { observeTextScale, textScale } from "./text_scale.js";

/**
 * @typedef {object} Data
 * @property {string} figure as Plotly's JSON
 * @property {number} height in pixels, where text has its usual size; 0 fills its place
 * @property {string} label what a screen reader says
 * @property {number} leastWidth in pixels; where there is less, the chart is scrolled sideways
 * @property {boolean} click whether a point can be clicked
 * @property {number} seen the count of the newest act that was carried out
 * @property {string} library the address of plotly.js
 * @property {() => void} [reset] shows all again at a double click; by default what was shown at first
 *
 * @typedef {object} Kept
 * @property {Data} fmNewest
 * @property {Size} fmDrawn how it was drawn
 * @property {ResizeObserver} fmSizes
 *
 * @typedef {object} Size
 * @property {number} width in pixels
 * @property {number} height in pixels
 * @property {number} scale of its text
 * @property {boolean} narrow whether it is drawn as on a phone
 *
 * @typedef {Made<PlotlyElement & Kept>} Root
 */

// Where there are fewer pixels for it, a chart is drawn as on a phone.
const NARROW = 520;

/**
 * Plotly's library, loaded by the first who wants it.
 *
 * @param {string} url
 * @returns {Promise<PlotlyLibrary>}
 */
export function plotly(url) {
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
 * Its size, with the place that it has on the page: Streamlit knows only the height in pixels.
 *
 * @param {Root} node
 * @returns {Size}
 */
function sizeOf(node) {
  const scale = textScale();
  const { height } = node.fmNewest;
  node.classList.toggle("fm-fill", !height);
  if (height) {
    const pixels = `${height * scale}px`;
    node.style.height = pixels;
    const place = /** @type {HTMLElement | null} */ (
      node.closest('[data-testid="stElementContainer"]')
    );
    if (place) Object.assign(place.style, { height: pixels, flexBasis: pixels });
  }
  const width = node.clientWidth;
  return { width, height: node.clientHeight, scale, narrow: width < NARROW * scale };
}

/**
 * Draw the newest figure, as large as its text and its place are.
 *
 * @param {Root} node
 * @param {PlotlyLibrary} Plotly
 */
function draw(node, Plotly) {
  if (!node.data) node.replaceChildren();
  const size = sizeOf(node);
  node.fmDrawn = size;
  const figure = /** @type {PlotlyFigure} */ (JSON.parse(node.fmNewest.figure));
  figure.layout.height = size.height;
  figure.layout.autosize = true;
  if (size.narrow) makeNarrow(figure.layout);
  enlarge([...figure.data, figure.layout], size.scale);
  const options = { displayModeBar: false, responsive: false, doubleClick: node.fmNewest.reset ? false : "reset" };
  return Plotly.react(node, figure.data, figure.layout, options);
}

/**
 * Draw the chart as large as its place, which changes also while the window stays: when a scroll bar
 * comes, or the style of the page after the chart. Plotly itself looks at the window alone.
 *
 * @param {Root} node
 */
function fit(node) {
  if (!node.data || !node.isConnected || !window.Plotly || !node.clientWidth) return;
  const before = node.fmDrawn;
  const { width, height, scale, narrow } = sizeOf(node);
  if (scale !== before.scale || narrow !== before.narrow || height !== before.height) {
    draw(node, window.Plotly);
  } else if (width !== before.width) {
    before.width = width;
    window.Plotly.Plots.resize(node);
  }
}

/**
 * Where the window is too narrow for its names, the chart scrolls in its place, also by keys.
 *
 * @param {HTMLElement} place
 * @param {Root} node
 * @param {Data} data
 */
function letScroll(place, node, data) {
  node.style.minWidth = `${data.leastWidth}px`;
  place.style.overflowX = "auto";
  place.tabIndex = 0;
  place.setAttribute("role", "region");
  place.setAttribute("aria-label", data.label);
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
    observeTextScale(node.fmSizes, parentElement);
  }
  node.setAttribute("aria-label", data.label);
  if (data.leastWidth) letScroll(parentElement, node, data);
  // Updates can arrive faster than the library loads: only the newest is drawn.
  node.fmNewest = data;
  sizeOf(node);
  plotly(data.library).then((Plotly) => {
    if (node.fmNewest !== data || !node.isConnected) return;
    return draw(node, Plotly).then(() => {
      fit(node);
      node.classList.toggle("fm-clickable", data.click);
      node.removeAllListeners("plotly_doubleclick");
      if (data.reset) node.on("plotly_doubleclick", data.reset);
      node.removeAllListeners("plotly_click");
      if (!data.click) return;
      node.on("plotly_click", (event) => {
        const point = event.points[0];
        setStateValue("clicked", actOf(data.seen, point.x));
      });
    });
  }).catch(() => {
    if (!window.Plotly) node.textContent = "The chart could not be loaded. Reload the page to try again.";
  });
  // A chart that stays keeps its zoom.
  return onceGone(node, () => {
    node.fmSizes.disconnect();
    window.Plotly?.purge(node);
  });
}
