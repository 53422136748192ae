import chart from "./chart.js";
import { isStill, onceGone } from "./elements.js";
import { eventsAfter, listen } from "./live_channel.js";
import { add, axesOf, empty, pointsOf } from "./live_points.js";

/**
 * @typedef {import("./chart.js").Data & { place: number }} Data a curve, and up to which place of the
 *   run it goes
 * @typedef {import("./live_points.js").CurveFigure} CurveFigure
 * @typedef {import("./live_points.js").Range} Range
 * @typedef {{ x: Range, y: Range | undefined }} Axes
 *
 * @typedef {object} State
 * @property {ComponentArgument<Data>} argument the newest
 * @property {CurveFigure} figure
 * @property {Axes | null} axes that are drawn
 * @property {number} resets counts how often the visitor wanted to see all again; Plotly takes a 0 for none
 * @property {number} wholeUntil till then the axis of the accuracy shows where the curve came from
 * @property {number} frame of a glide from some axes to others; 0 where there is none
 * @property {() => void} unlisten
 */

const GLIDE_MS = 600;
const WHOLE_MS = 2_500;
// Who comes while there are fewer points sees the beginning, too.
const FEW = 8;

/** @type {WeakMap<HTMLElement, State>} */
const states = new WeakMap();

/**
 * @param {State} state
 * @param {Axes} axes
 */
function draw(state, axes) {
  const { argument, figure } = state;
  const { xaxis, yaxis } = figure.layout;
  state.axes = axes;
  xaxis.range = axes.x;
  if (axes.y) yaxis.range = axes.y;
  // Another number, and Plotly forgets what the visitor has zoomed to.
  xaxis.uirevision = yaxis.uirevision = state.resets;
  const reset = () => {
    state.resets += 1;
    draw(state, axesNow(state));
  };
  return chart({ ...argument, data: { ...argument.data, figure: JSON.stringify(figure), reset } });
}

/**
 * Draw the figure as it is now; where its axes are other ones than before, they get there smoothly.
 *
 * @param {State} state
 */
function follow(state) {
  const from = state.axes;
  const wanted = axesNow(state);
  // Who has zoomed keeps that, as long as the figure says the same of its axes.
  if (from && (state.frame || hasZoomed(state, from))) return draw(state, from);
  if (!from || isStill() || document.hidden || same(from, wanted)) return draw(state, wanted);
  const begin = performance.now();
  const step = () => {
    const share = Math.min(1, (performance.now() - begin) / GLIDE_MS);
    // The axes may move on while the glide lasts.
    draw(state, between(from, axesNow(state), share * share * (3 - 2 * share)));
    state.frame = share < 1 ? requestAnimationFrame(step) : 0;
  };
  state.frame = requestAnimationFrame(step);
  return draw(state, from);
}

/**
 * Whether the visitor shows another part of the curve than the figure does.
 *
 * @param {State} state
 * @param {Axes} axes
 */
function hasZoomed({ argument }, axes) {
  const node = /** @type {PlotlyElement | null} */ (argument.parentElement.querySelector(":scope > .fm-chart"));
  const shown = node?._fullLayout;
  if (!shown) return false;
  const differs = (/** @type {Range} */ one, /** @type {Range | undefined} */ other) =>
    other !== undefined && one.some((value, end) => Math.abs(value - other[end]) > 1e-6);
  return differs(shown.xaxis.range, axes.x) || differs(shown.yaxis.range, axes.y);
}

/** @param {State} state */
const axesNow = ({ figure, wholeUntil }) => axesOf(figure, performance.now() >= wholeUntil);

/** @type {(one: Axes, other: Axes) => boolean} */
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** @type {(from: Axes, to: Axes, share: number) => Axes} */
function between(from, to, share) {
  /** @type {(one: Range, other: Range) => Range} */
  const mixed = (one, other) => [one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])];
  return { x: mixed(from.x, to.x), y: from.y && to.y && mixed(from.y, to.y) };
}

/** @param {ComponentArgument<Data>} argument */
export default function (argument) {
  const { data, parentElement } = argument;
  const figure = /** @type {CurveFigure} */ (JSON.parse(data.figure));
  add(figure, eventsAfter(data.place));
  const state = states.get(parentElement) ?? { argument, figure, axes: null, resets: 1, wholeUntil: 0, frame: 0, unlisten: () => {} };
  Object.assign(state, { argument, figure });
  if (!states.has(parentElement)) {
    states.set(parentElement, state);
    if (pointsOf(figure) < FEW) state.wholeUntil = performance.now() + WHOLE_MS;
    state.unlisten = listen((message) => {
      if (message.reset) empty(state.figure);
      const events = message.reset ?? message.events ?? [];
      const begins = pointsOf(state.figure) < 1;
      add(state.figure, events);
      if (begins) state.wholeUntil = performance.now() + WHOLE_MS;
      if (message.reset || events.length) follow(state);
    });
  }
  const cleanUp = follow(state);
  const whenGone = onceGone(parentElement, () => {
    state.unlisten();
    cancelAnimationFrame(state.frame);
    states.delete(parentElement);
  });
  return () => {
    cleanUp();
    whenGone();
  };
}
