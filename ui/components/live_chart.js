import chart from "./chart.js";
import { onceGone } from "./elements.js";
import { eventsAfter, listen } from "./live_channel.js";
import { add, empty } from "./live_points.js";

/**
 * @typedef {import("./chart.js").Data & { place: number }} Data a curve, and up to which place of the
 *   run it goes
 * @typedef {import("./live_points.js").CurveFigure} CurveFigure
 *
 * @typedef {object} State
 * @property {ComponentArgument<Data>} argument the newest
 * @property {CurveFigure} figure
 * @property {() => void} unlisten
 */

/** @type {WeakMap<HTMLElement, State>} */
const states = new WeakMap();

/** @param {State} state */
function draw({ argument, figure }) {
  return chart({ ...argument, data: { ...argument.data, figure: JSON.stringify(figure) } });
}

/** @param {ComponentArgument<Data>} argument */
export default function (argument) {
  const { data, parentElement } = argument;
  const figure = /** @type {CurveFigure} */ (JSON.parse(data.figure));
  add(figure, eventsAfter(data.place));
  const state = states.get(parentElement) ?? { argument, figure, unlisten: () => {} };
  Object.assign(state, { argument, figure });
  if (!states.has(parentElement)) {
    states.set(parentElement, state);
    state.unlisten = listen((message) => {
      if (message.reset) empty(state.figure);
      const events = message.reset ?? message.events ?? [];
      add(state.figure, events);
      if (message.reset || events.length) draw(state);
    });
  }
  const cleanUp = draw(state);
  const whenGone = onceGone(parentElement, () => {
    state.unlisten();
    states.delete(parentElement);
  });
  return () => {
    cleanUp();
    whenGone();
  };
}
