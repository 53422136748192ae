import { actOf } from "./acts.js";
import { announce } from "./announcement.js";
import { onceGone } from "./elements.js";
import { channel, followRun, followTopic, leaveRun, listen } from "./live_channel.js";

/**
 * @typedef {object} Data
 * @property {string} root of all streams, from "/" on
 * @property {string} run the id of the run that is followed; empty where none is
 * @property {number} place up to which the page knows it
 * @property {string} topic that is followed otherwise
 * @property {string} part the name of the part that decides how the page is drawn
 * @property {string} page what that part was when it was drawn: another text, another page
 * @property {string} announcement what holds now, in a sentence; empty where nothing is said
 * @property {number} now when the page was drawn
 * @property {number} seen the count of the newest act that was carried out
 *
 * @typedef {object} State
 * @property {ComponentArgument<Data>} argument the newest
 * @property {string} requested the page that the server was asked for last
 * @property {number} timer
 * @property {number} saidAt when a screen reader was told something last
 * @property {number} sayTimer
 * @property {string} sentence the newest that it is to be told
 * @property {(() => void)[]} ends
 */

// Who has just pressed something waits for what it does.
const HAND_MS = 10_000;
// Epochs can end faster than a screen reader speaks.
const SILENCE_MS = 10_000;

/** @type {WeakMap<HTMLElement, State>} */
const states = new WeakMap();

/**
 * Ask for the page to be drawn again where it has become another: at once where somebody has acted,
 * else at some moment, so that not all who watch come together.
 *
 * @param {State} state
 * @param {number} spread in seconds
 */
function follow(state, spread) {
  const { data, setStateValue } = state.argument;
  const told = channel.parts.get(data.part);
  if (!told || told.now < data.now || [data.page, state.requested].includes(told.value)) return;
  const page = told.value;
  state.requested = page;
  const hasActed = performance.now() - (window.fmLiveActed ?? -HAND_MS) < HAND_MS;
  clearTimeout(state.timer);
  state.timer = window.setTimeout(
    () => setStateValue("changed", actOf(state.argument.data.seen, page)),
    hasActed ? 0 : 1_000 * spread * Math.random(),
  );
}

/** @param {ComponentArgument<Data>} argument */
export default function (argument) {
  const { data, parentElement } = argument;
  const known = states.get(parentElement);
  const state = known ?? {
    argument, requested: "", timer: 0, saidAt: -SILENCE_MS, sayTimer: 0, sentence: "", ends: [],
  };
  state.argument = argument;
  state.requested = "";
  if (!known) {
    states.set(parentElement, state);
    if (data.topic) state.ends.push(followTopic(data.root, data.topic));
    state.ends.push(listen((message) => {
      if (message.parts && state.argument.data.part in message.parts) follow(state, message.spread ?? 0);
      if (data.run && message.parts?.announcement) say(state, message.parts.announcement);
    }));
  }
  if (data.announcement) say(state, data.announcement);
  if (data.run) followRun(state, data.root, data.run, data.place);
  follow(state, 0);
  return onceGone(parentElement, () => {
    for (const end of state.ends) end();
    clearTimeout(state.timer);
    clearTimeout(state.sayTimer);
    states.delete(parentElement);
    leaveRun(state);
  });
}

/**
 * Say what holds now, or where something was said a short while ago, what holds a little later.
 *
 * @param {State} state
 * @param {string} sentence
 */
function say(state, sentence) {
  state.sentence = sentence;
  state.sayTimer ||= window.setTimeout(() => {
    state.sayTimer = 0;
    const wasSaid = announce({ about: state.argument.data.run, sentence: state.sentence });
    if (wasSaid) state.saidAt = performance.now();
  }, Math.max(0, state.saidAt + SILENCE_MS - performance.now()));
}
