import { onceGone } from "./elements.js";
import gallery from "./gallery.js";
import { channel, listen } from "./live_channel.js";
import matrix from "./live_matrix.js";
import { morph } from "./morph.js";

/**
 * @typedef {object} Data
 * @property {"gallery" | "matrix" | "html"} kind
 * @property {string} name of this part in what an epoch brought
 * @property {any} content of the part as it was when the page was drawn
 * @property {string} epoch the one that it is of, as the live channel says it; empty where it stands
 *   for what comes
 * @property {string} newest the epoch that was the last one then
 * @property {string} folder where epochs are, from "/" on
 * @property {number} now when the page was drawn
 * @property {number} seen the count of the newest act that was carried out
 *
 * @typedef {object} State
 * @property {ComponentArgument<Data>} argument the newest
 * @property {any} content
 * @property {string} address where its content lies
 * @property {boolean} seen whether it is on the screen
 * @property {number} timer
 * @property {() => void} unlisten
 * @property {IntersectionObserver} screen
 */

// Where epochs end faster, some are left out.
const PAUSE_MS = 1_000;
// What is so near the screen is fetched, so that it is there when it is scrolled to.
const NEAR = "100px";

/** @type {WeakMap<HTMLElement, State>} */
const states = new WeakMap();

/** What epochs brought, by address: the parts of a page ask for the same. @type {Map<string, Promise<any>>} */
const fetched = new Map();

/**
 * Where what an epoch brought lies; empty for no epoch.
 *
 * @param {Data} data
 * @param {string} epoch
 */
const addressOf = ({ folder }, epoch) => (epoch ? `${folder}${epoch}.json` : "");

/**
 * What an epoch brought; nothing where it cannot be had.
 *
 * @param {string} address
 */
function contentAt(address) {
  const known = fetched.get(address);
  if (known) return known;
  const wanted = fetch(address).then((response) => (response.ok ? response.json() : null)).catch(() => null);
  fetched.set(address, wanted);
  for (const old of [...fetched.keys()].slice(0, -2)) fetched.delete(old);
  return wanted;
}

/**
 * @param {HTMLElement} place
 * @param {State} state
 */
function draw(place, { argument, content }) {
  const { data } = argument;
  if (data.kind === "html") {
    morph(place, content);
    return () => {};
  }
  const whole = { ...argument, data: { ...content, seen: data.seen } };
  return data.kind === "matrix" ? matrix(whole) : gallery(whole);
}

/**
 * Fetch and draw the newest epoch, where that is another one and the part is on the screen.
 *
 * @param {HTMLElement} place
 * @param {State} state
 */
async function follow(place, state) {
  state.timer = 0;
  const { data } = state.argument;
  const told = channel.parts.get("epoch");
  const address = addressOf(data, told && told.now >= data.now ? told.value : data.newest);
  if (!state.seen || !address || address === state.address) return;
  const content = await contentAt(address);
  if (!content || !place.isConnected) return;
  Object.assign(state, { content: content[data.name], address });
  draw(place, state);
  followSoon(place, state);
}

/**
 * @param {HTMLElement} place
 * @param {State} state
 */
function followSoon(place, state) {
  state.timer ||= window.setTimeout(() => follow(place, state), PAUSE_MS);
}

/** @param {ComponentArgument<Data>} argument */
export default function (argument) {
  const { data, parentElement } = argument;
  let state = states.get(parentElement);
  if (state) {
    state.argument = argument;
    const told = channel.parts.get("epoch");
    const isNewest = (!told || told.now < data.now) && (data.epoch || !data.newest);
    if (isNewest) Object.assign(state, { content: data.content, address: addressOf(data, data.epoch) });
    else followSoon(parentElement, state);
  } else {
    const made = /** @type {State} */ ({
      argument, content: data.content, address: addressOf(data, data.epoch), seen: false, timer: 0,
    });
    made.screen = new IntersectionObserver((entries) => {
      made.seen = entries.some((entry) => entry.isIntersecting);
      follow(parentElement, made);
    }, { rootMargin: NEAR });
    made.screen.observe(parentElement);
    made.unlisten = listen((message) => {
      if (message.parts?.epoch && !made.timer) follow(parentElement, made);
    });
    states.set(parentElement, made);
    state = made;
  }
  const shown = state;
  const cleanUp = draw(parentElement, shown);
  const whenGone = onceGone(parentElement, () => {
    shown.unlisten();
    shown.screen.disconnect();
    clearTimeout(shown.timer);
    states.delete(parentElement);
  });
  return () => {
    cleanUp?.();
    whenGone();
  };
}
