import chart from "./chart.js";
import { isStill, onceGone } from "./elements.js";
import { eventsAfter, listen } from "./live_channel.js";
import { lengthen } from "./live_path.js";
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
 * @property {{ from: Axes, begin: number } | null} glide from some axes to others, since when
 * @property {boolean} isLonger whether points of batches are all that is new since it was drawn
 * @property {boolean} seen whether it is on the screen
 * @property {number} timer till it is drawn where nobody sees it
 * @property {IntersectionObserver} screen
 * @property {() => void} unlisten
 */

// What leaves more in a chart than a longer curve.
const MARKS = new Set(["epoch", "rate"]);
const GLIDE_MS = 600;
const WHOLE_MS = 2_500;
// Who comes while there are fewer points sees the beginning, too.
const FEW = 8;
// Where nobody sees it, it is drawn for who prints the page, or scrolls to it.
const UNSEEN_MS = 2_000;

/** @type {WeakMap<HTMLElement, State>} */
const states = new WeakMap();

/**
 * The curves that are to be drawn, one at a time: between two, the page has time for all else.
 *
 * @type {Set<State>}
 */
const queue = new Set();
const APART_MS = 80;
let drawnAt = -APART_MS;
let isWaiting = false;

/** @param {State} state */
function enqueue(state) {
  queue.add(state);
  schedule();
}

function schedule() {
  if (isWaiting || !queue.size) return;
  isWaiting = true;
  const wait = drawnAt + APART_MS - performance.now();
  if (wait > 0) setTimeout(requestAnimationFrame, wait, drawNext);
  else requestAnimationFrame(drawNext);
}

function drawNext() {
  isWaiting = false;
  const [state] = queue;
  if (!state) return;
  queue.delete(state);
  drawnAt = performance.now();
  if (state.argument.parentElement.isConnected) show(state);
  schedule();
}

/** @param {State} state */
function show(state) {
  const axes = axesFor(state);
  const isKept = state.isLonger && state.axes !== null && same(axes, state.axes);
  if (!isKept || !lengthen(state.argument.parentElement, state.figure)) draw(state, axes);
}

/**
 * Draw the newest, where it is seen soon.
 *
 * @param {State} state
 */
function follow(state) {
  if (state.seen) enqueue(state);
  else state.timer ||= window.setTimeout(() => {
    state.timer = 0;
    enqueue(state);
  }, UNSEEN_MS);
}

/**
 * @param {State} state
 * @param {Axes} axes
 */
function draw(state, axes) {
  const { argument, figure } = state;
  const { xaxis, yaxis } = figure.layout;
  state.axes = axes;
  state.isLonger = true;
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
 * The axes that the figure is drawn with now: where it wants other ones than before, it gets there smoothly.
 *
 * @param {State} state
 * @returns {Axes}
 */
function axesFor(state) {
  const { axes, glide } = state;
  const wanted = axesNow(state);
  // Who has zoomed keeps that, as long as the figure says the same of its axes.
  if (axes && hasZoomed(state, axes)) return axes;
  if (!axes || isStill() || document.hidden || (!glide && same(axes, wanted))) return wanted;
  state.glide = glide ?? { from: axes, begin: performance.now() };
  const share = Math.min(1, (performance.now() - state.glide.begin) / GLIDE_MS);
  const from = state.glide.from;
  if (share === 1) state.glide = null;
  else enqueue(state);
  // What is wanted may move on while the glide lasts.
  return between(from, wanted, share * share * (3 - 2 * share));
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

/**
 * @param {ComponentArgument<Data>} argument
 * @param {CurveFigure} figure
 * @returns {State}
 */
function begun(argument, figure) {
  const screen = new IntersectionObserver((entries) => {
    state.seen = entries.some((entry) => entry.isIntersecting);
    if (state.seen) enqueue(state);
  });
  /** @type {State} */
  const state = {
    argument, figure, axes: null, resets: 1, wholeUntil: 0, glide: null, isLonger: false, seen: true, timer: 0, screen,
    unlisten: () => {},
  };
  return state;
}

/** @param {ComponentArgument<Data>} argument */
export default function (argument) {
  const { data, parentElement } = argument;
  const figure = /** @type {CurveFigure} */ (JSON.parse(data.figure));
  add(figure, eventsAfter(data.place));
  const state = states.get(parentElement) ?? begun(argument, figure);
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
      state.isLonger &&= !message.reset && !begins && events.every(({ event }) => !MARKS.has(event));
      if (message.reset || events.length) follow(state);
    });
    state.screen.observe(parentElement);
  }
  const cleanUp = draw(state, axesFor(state));
  const whenGone = onceGone(parentElement, () => {
    state.unlisten();
    state.screen.disconnect();
    clearTimeout(state.timer);
    queue.delete(state);
    states.delete(parentElement);
  });
  return () => {
    cleanUp();
    whenGone();
  };
}
