/**
 * The path of a curve that Plotly has drawn: to lengthen it alone takes a hundredth of what it takes
 * to draw the chart anew, and leaves the page to all else that moves.
 *
 * @typedef {import("./live_points.js").CurveFigure} CurveFigure
 */

/**
 * Draw the newest points of the batches into a chart that is there, on the axes it shows.
 *
 * @param {HTMLElement} place of the chart
 * @param {CurveFigure} figure with the points
 * @returns {boolean} whether that was enough; else the chart is to be drawn anew
 */
export function lengthen(place, figure) {
  const node = /** @type {(HTMLElement & PlotlyElement) | null} */ (place.querySelector(":scope > .fm-chart"));
  const index = figure.data.findIndex(({ meta }) => meta.event === "batch");
  const trace = node?._fullData?.[index];
  const path = trace && node.querySelector(`.scatterlayer .trace${trace.uid} .js-line`);
  // Whoever points at a curve reads its points, and Plotly knows those that it has drawn itself.
  if (!node?._fullLayout || !node.data || !path || node.matches(":hover")) return false;
  const { xaxis, yaxis } = node._fullLayout;
  const { x, y } = figure.data[index];
  const newest = y[y.length - 1];
  if (yaxis.autorange && (newest < yaxis.range[0] || newest > yaxis.range[1])) return false;
  const steps = x.map((at, point) => `${xaxis.l2p(at).toFixed(1)},${yaxis.l2p(y[point]).toFixed(1)}`);
  path.setAttribute("d", `M${steps.join("L")}`);
  // What Plotly draws again by itself, as after a change of the window.
  Object.assign(node.data[index], { x, y });
  node.layout.meta.newest = figure.layout.meta.newest;
  return true;
}
