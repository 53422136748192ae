import { element, onceGone } from "./elements.js";
import { eventsAfter, listen } from "./live_channel.js";

/**
 * @typedef {object} Picture a line of a run's metrics file
 * @property {number} index of the file
 * @property {number} at in seconds since 1970
 * @property {number} position epochs done, with a fraction
 *
 * @typedef {object} Data
 * @property {string} sentence what one sees
 * @property {number} count of the units that are shown
 * @property {boolean} responses whether each has a second picture
 * @property {Picture[]} pictures that the page knew when it was drawn
 * @property {number} place up to which the page knows the run's events
 * @property {string} folder of the pictures, from "/" on
 * @property {string} theme
 *
 * @typedef {object} State
 * @property {Data} data the newest
 * @property {Picture[]} pictures
 * @property {number | null} chosen the one that the visitor looks at; null follows the newest
 * @property {string} shown the address of what is on the screen
 * @property {string} wanted the address of what should be
 * @property {number} timer
 * @property {() => void} unlisten
 */

// No phone loads them faster, and no eye misses any.
const PAUSE_MS = 1_000;

/** @type {WeakMap<HTMLElement, State>} */
const states = new WeakMap();

/**
 * When a picture was taken, in words.
 *
 * @param {number} position epochs done, with a fraction
 */
export function momentOf(position) {
  if (position === 0) return "Before training";
  const epoch = Math.ceil(position);
  return position === epoch ? `After epoch ${epoch}` : `During epoch ${epoch}`;
}

/**
 * The pictures that there are once some more have come; those of an epoch that is repeated are gone.
 *
 * @param {Picture[]} pictures
 * @param {{ event: string }[]} events
 */
export function withNew(pictures, events) {
  let known = pictures;
  for (const event of events) {
    if (event.event !== "first_layer") continue;
    const picture = /** @type {Picture & { event: string }} */ (event);
    known = [...known.filter(({ index }) => index < picture.index), picture];
  }
  return known;
}

/**
 * @param {HTMLElement} place
 * @param {State} state
 */
function build(place, state) {
  const root = element("section", "fm-first-layer", place);
  root.setAttribute("aria-label", "What its first layer looks for");
  element("h2", "", root).textContent = "What its first layer looks for";
  element("p", "", root);
  element("div", "", element("div", "fm-first-layer-place", root)).setAttribute("role", "img");
  const label = element("label", "", root);
  element("span", "", label);
  const slider = element("input", "", label);
  Object.assign(slider, { type: "range", min: "0", step: "1" });
  slider.setAttribute("aria-label", "Moment of the training");
  slider.oninput = () => {
    const chosen = Number(slider.value);
    state.chosen = chosen === state.pictures.length - 1 ? null : chosen;
    draw(place, state, true);
  };
  return root;
}

/**
 * A row of units that holds as many as there is room for; each shows its part of the one picture.
 *
 * @param {HTMLElement} list
 * @param {Data} data
 */
function buildTiles(list, { count, responses }) {
  const rows = responses ? 2 : 1;
  list.style.setProperty("--fm-count", String(count));
  list.style.setProperty("--fm-rows", String(rows));
  list.className = responses ? "fm-units fm-units-pairs" : "fm-units";
  list.replaceChildren(...Array.from({ length: count }, (_, unit) => {
    const tile = element("span", "fm-unit");
    for (let row = 0; row < rows; row += 1) {
      const picture = element("span", "", tile);
      picture.style.backgroundPosition = `calc(${-unit} * var(--fm-side)) calc(${-row} * var(--fm-side))`;
    }
    return tile;
  }));
}

/**
 * @param {HTMLElement} place
 * @param {State} state
 * @param {boolean} [atOnce] for who has just moved the slider
 */
function draw(place, state, atOnce = false) {
  const { data, pictures, chosen } = state;
  const root = /** @type {HTMLElement} */ (place.querySelector(":scope > .fm-first-layer") ?? build(place, state));
  const list = /** @type {HTMLElement} */ (root.querySelector("[role=img]"));
  if (list.children.length !== data.count) buildTiles(list, data);
  /** @type {HTMLElement} */ (root.querySelector("p")).textContent = data.sentence;
  const label = /** @type {HTMLElement} */ (root.querySelector("label"));
  label.classList.toggle("fm-waits", pictures.length < 2);
  const slider = /** @type {HTMLInputElement} */ (root.querySelector("input"));
  const last = pictures.length - 1;
  const index = Math.min(chosen ?? last, last);
  slider.max = String(Math.max(0, last));
  slider.value = String(index);
  const picture = pictures[index];
  if (!picture) return;
  const moment = momentOf(picture.position);
  /** @type {HTMLElement} */ (label.querySelector("span")).textContent = moment;
  slider.setAttribute("aria-valuetext", moment);
  list.setAttribute("aria-label", `${data.sentence} ${moment}.`);
  state.wanted = `${data.folder}${picture.index}-${Math.round(1000 * picture.at)}-${data.theme}.png`;
  if (atOnce || !state.shown) load(list, state);
  else state.timer ||= window.setTimeout(() => load(list, state), PAUSE_MS);
}

/**
 * Show the wanted picture, once it is there: until then the one before stays.
 *
 * @param {HTMLElement} list
 * @param {State} state
 */
async function load(list, state) {
  state.timer = 0;
  const { wanted } = state;
  if (wanted === state.shown) return;
  const image = new Image();
  image.src = wanted;
  if (!(await image.decode().then(() => true).catch(() => false)) || state.wanted !== wanted) return;
  state.shown = wanted;
  list.style.setProperty("--fm-sheet", `url("${wanted}")`);
}

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement }) {
  let state = states.get(parentElement);
  if (!state) {
    /** @type {State} */
    const made = { data, pictures: [], chosen: null, shown: "", wanted: "", timer: 0, unlisten: () => {} };
    made.unlisten = listen((message) => {
      const events = message.reset ?? message.events ?? [];
      if (!events.some(({ event }) => event === "first_layer")) return;
      made.pictures = withNew(message.reset ? [] : made.pictures, events);
      draw(parentElement, made);
    });
    states.set(parentElement, made);
    state = made;
  }
  const shown = state;
  shown.data = data;
  shown.pictures = withNew(data.pictures, eventsAfter(data.place));
  draw(parentElement, shown);
  return onceGone(parentElement, () => {
    shown.unlisten();
    clearTimeout(shown.timer);
    states.delete(parentElement);
  });
}
