import { element } from "./elements.js";

/**
 * What the live channel tells: what is new of one run, and of all that trains and waits.
 *
 * @typedef {import("./live_points.js").LiveEvent & { end: number }} PlacedEvent with where its line ends
 *
 * @typedef {object} Message
 * @property {string} [topic] `parts` where it is about no run's events
 * @property {{ [name: string]: any }} [parts] what has changed of the page, by name
 * @property {PlacedEvent[]} [events] what has come
 * @property {import("./live_points.js").LiveEvent[]} [reset] all there is, in place of what came
 * @property {number} [spread] within how many seconds pages may ask to be drawn again
 * @property {number} now in seconds, on the clock that pages are drawn by
 *
 * @typedef {(message: Message) => void} Listener
 *
 * @typedef {object} Channel
 * @property {Set<Listener>} listeners
 * @property {string} root of all streams, from "/" on
 * @property {string} run the id of the one that the page follows; none where it is empty
 * @property {object | null} follower the part of the page that follows it
 * @property {Map<string, number>} topics that parts of the page follow, and how many of them do
 * @property {string} open the address of the stream that is open
 * @property {number} place up to which the run is known
 * @property {number} start from which on its events are kept
 * @property {PlacedEvent[]} events the newest
 * @property {Map<string, { value: any, now: number }>} parts as they were told last
 * @property {EventSource | null} source
 * @property {Promise<(() => void) | null> | null} slot one of the browser's few streams, and what gives
 *   it back; none where there was none left
 * @property {number} timer
 * @property {number} turn counts what was opened: what belongs to an earlier one ends
 * @property {number} failures since a message came
 * @property {number} heldUntil till then, on the page's clock, streams are taken to be held back
 */

const LONGEST_PAUSE_MS = 8_000;
const MOST_EVENTS = 2_000;
const TOGETHER_MS = 30;
const SLOTS = 4;
const POLL_MS = 1_500;
// A stream begins with a message: where none has come by then, something on the way holds it back.
const SILENCE_MS = 5_000;
const HELD_MS = 300_000;
// Service unavailable: too many listen.
const REFUSED = 503;

/** One for the window, also where a page holds this module twice after an update. @type {Channel} */
export const channel = (window.fmLive ??= {
  listeners: new Set(),
  root: "",
  run: "",
  follower: null,
  topics: new Map(),
  open: "",
  place: 0,
  start: 0,
  events: [],
  parts: new Map(),
  source: null,
  slot: null,
  timer: 0,
  turn: 0,
  failures: 0,
  heldUntil: 0,
});

/**
 * Be told everything from now on; returns what ends it.
 *
 * @param {Listener} listener
 */
export function listen(listener) {
  channel.listeners.add(listener);
  return () => channel.listeners.delete(listener);
}

/**
 * Follow a run from a place on, in place of the one that the page followed before.
 *
 * @param {object} follower the part of the page that wants it
 * @param {string} root of all streams, from "/" on
 * @param {string} run its id
 * @param {number} place up to which the page knows it
 */
export function followRun(follower, root, run, place) {
  channel.follower = follower;
  channel.root = root;
  if (run !== channel.run || place < channel.start) {
    Object.assign(channel, { run, place, start: place, events: [], open: "" });
  }
  openSoon();
}

/**
 * Follow the run no longer, unless another part of the page does by now.
 *
 * @param {object} follower
 */
export function leaveRun(follower) {
  if (channel.follower !== follower) return;
  Object.assign(channel, { run: "", follower: null });
  openSoon();
}

/**
 * Follow a topic; returns what ends that.
 *
 * @param {string} root of all streams, from "/" on
 * @param {string} topic
 */
export function followTopic(root, topic) {
  channel.root = root;
  channel.topics.set(topic, (channel.topics.get(topic) ?? 0) + 1);
  openSoon();
  return () => {
    const others = (channel.topics.get(topic) ?? 0) - 1;
    if (others > 0) channel.topics.set(topic, others);
    else channel.topics.delete(topic);
    openSoon();
  };
}

/** The address of what is followed now; empty where nothing is. */
function address() {
  const topics = [...channel.topics.keys()].sort();
  if (!channel.run && !topics.length) return "";
  const run = channel.run ? `/${channel.run}` : "";
  return `${channel.root}${run}?topics=${topics.map(encodeURIComponent).join(",")}`;
}

/**
 * The events that came after a place.
 *
 * @param {number} place
 */
export const eventsAfter = (place) => channel.events.filter((event) => event.end > place);

/** @param {number} pause in milliseconds; parts of one page ask one after the other */
function openSoon(pause = TOGETHER_MS) {
  clearTimeout(channel.timer);
  channel.timer = window.setTimeout(open, pause);
}

function open() {
  const wanted = address();
  const { source } = channel;
  if (source && source.readyState !== EventSource.CLOSED && channel.open === wanted) return;
  source?.close();
  channel.source = null;
  channel.open = wanted;
  const turn = (channel.turn += 1);
  if (document.hidden || !wanted) return;
  const place = channel.run ? `&after=${channel.place}` : "";
  channel.slot ??= takeSlot();
  channel.slot.then((free) => {
    if (channel.turn !== turn) return;
    if (!free) channel.slot = null;
    const isHeld = performance.now() < channel.heldUntil;
    if (free && !isHeld) stream(wanted + place);
    else poll(wanted + place, turn);
  });
}

/** @param {string} address */
function stream(address) {
  const opened = new EventSource(address);
  channel.source = opened;
  const silence = setTimeout(() => {
    if (channel.source !== opened) return;
    channel.heldUntil = performance.now() + HELD_MS;
    opened.close();
    open();
  }, SILENCE_MS);
  opened.onmessage = (event) => {
    clearTimeout(silence);
    if (channel.source === opened) take(JSON.parse(event.data), Number(event.lastEventId));
  };
  opened.onerror = () => {
    // A stream that was cut is opened again by the browser; one that was refused is not.
    if (channel.source !== opened || opened.readyState !== EventSource.CLOSED) return;
    clearTimeout(silence);
    channel.failures += 1;
    ask(address, channel.turn);
    const pause = Math.min(1_000 * 2 ** channel.failures, LONGEST_PAUSE_MS);
    openSoon(pause * (0.5 + Math.random() / 2));
  };
}

/**
 * One of the few streams that all tabs of a browser share out: it opens six connections to a host, and
 * pages need some of them. Where there are no locks, as on a phone, one tab alone is seen.
 *
 * @returns {Promise<(() => void) | null>} what gives it back; nothing where there is none left
 */
async function takeSlot() {
  if (!navigator.locks) return () => {};
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const taken = await new Promise((resolve) => {
      navigator.locks.request(`fm-live-${slot}`, { ifAvailable: true }, (lock) => {
        if (lock) return new Promise((free) => resolve(() => free(undefined)));
        resolve(null);
        return undefined;
      });
    });
    if (taken) return taken;
  }
  return null;
}

/**
 * Ask now and then, for who has no stream, or one that is held back.
 *
 * @param {string} address
 * @param {number} turn
 */
async function poll(address, turn) {
  await ask(address, turn);
  if (channel.turn !== turn) return;
  clearTimeout(channel.timer);
  channel.timer = window.setTimeout(open, POLL_MS);
}

/**
 * Ask once, and take what is told, or say why nothing is.
 *
 * @param {string} address
 * @param {number} turn
 */
async function ask(address, turn) {
  const response = await fetch(`${address}&once=1`).catch(() => null);
  const text = (await response?.text().catch(() => "")) ?? "";
  if (channel.turn !== turn) return;
  if (response?.status === REFUSED) explain(text);
  if (!response?.ok) return;
  for (const block of text.split("\n\n")) {
    const data = /^data: (.*)$/m.exec(block);
    if (data) take(JSON.parse(data[1]), Number(/^id: (\d+)$/m.exec(block)?.[1]));
  }
}

/**
 * Say why nothing moves; an empty sentence, once it does.
 *
 * @param {string} sentence
 */
function explain(sentence) {
  const there = document.querySelector("body > .fm-live-refused");
  if (!sentence) {
    there?.remove();
    return;
  }
  const line = there ?? element("p", "fm-live-refused", document.body);
  line.setAttribute("role", "status");
  line.textContent = sentence;
}

/**
 * Keep what a message says, and hand it to all who listen.
 *
 * @param {Message} message
 * @param {number} place up to which it goes
 */
export function take(message, place) {
  channel.failures = 0;
  explain("");
  for (const [name, value] of Object.entries(message.parts ?? {})) {
    channel.parts.set(name, { value, now: message.now });
  }
  if (message.topic !== "parts") {
    // Of a stream that came back, what is known already is left out.
    message.events = message.events?.filter((event) => event.end > channel.place);
    channel.events = message.reset ? [] : [...channel.events, ...(message.events ?? [])];
    if (message.reset) channel.start = place;
    channel.place = place;
    const surplus = channel.events.length - MOST_EVENTS;
    if (surplus > 0) channel.start = channel.events.splice(0, surplus)[surplus - 1].end;
  }
  for (const listener of channel.listeners) listener(message);
}

// A browser opens six connections to a host for all its tabs: one that nobody sees has none.
if (!window.fmLiveWatched) {
  window.fmLiveWatched = true;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      channel.source?.close();
      channel.source = null;
      channel.open = "";
      channel.turn += 1;
      channel.slot?.then((free) => free?.());
      channel.slot = null;
    } else openSoon();
  });
}
