import { actOf } from "./acts.js";
import { bytesOf } from "./bytes.js";
import { element, onceGone } from "./elements.js";
import { eventsAfter, listen } from "./live_channel.js";

/**
 * @typedef {object} Images
 * @property {number} draw which images these are
 * @property {string} sprite all of them in one, as a data address
 * @property {number[]} labels the class of each
 * @property {string[]} truths what each is, such as "It is a coat"
 *
 * @typedef {object} Probe a line of a run's metrics file
 * @property {number} draw
 * @property {string} values the probabilities of all images in 255ths, as bytes in base64
 *
 * @typedef {object} Data
 * @property {Images} images of the draw that the page began with
 * @property {Probe | null} newest
 * @property {number} place up to which the page knows the run's events
 * @property {boolean} shuffle whether there is a button for other images
 * @property {string[]} classes
 * @property {string} folder of the images of other draws, from "/" on
 * @property {number} seen the count of the newest act that was carried out
 *
 * @typedef {object} Answer what a network says of an image
 * @property {number} prediction the class
 * @property {number} confidence in it, from 0 to 1
 *
 * @typedef {object} State
 * @property {ComponentArgument<Data>} argument the newest
 * @property {Images} images
 * @property {Probe | null} probe
 * @property {() => void} unlisten
 */

const TITLE = "What it says";
const CLASSES = 10;

/** @type {WeakMap<HTMLElement, State>} */
const states = new WeakMap();

/**
 * What a network says of each image.
 *
 * @param {string} values as in `Probe`
 * @returns {Answer[]}
 */
export function answersOf(values) {
  const bytes = bytesOf(values);
  return Array.from({ length: bytes.length / CLASSES }, (_, index) => {
    const row = bytes.subarray(CLASSES * index, CLASSES * (index + 1));
    const highest = Math.max(...row);
    return { prediction: row.indexOf(highest), confidence: highest / 255 };
  });
}

/**
 * The newest of some events that says something of the images.
 *
 * @param {{ event: string }[]} events in their order
 * @returns {Probe | undefined}
 */
const newestOf = (events) => /** @type {any} */ (events.filter(({ event }) => event === "probe").pop());

/** @param {HTMLElement} place */
function build(place) {
  const root = element("section", "fm-probes", place);
  root.setAttribute("aria-label", TITLE);
  const head = element("div", "fm-probes-head", root);
  element("h2", "", head).textContent = TITLE;
  element("span", "fm-probes-score", head);
  const button = element("button", "fm-button", head);
  button.type = "button";
  button.textContent = "Shuffle";
  element("ol", "", root);
  return root;
}

/**
 * @param {HTMLElement} list
 * @param {Images} images
 */
function buildTiles(list, { sprite, truths }) {
  list.style.setProperty("--fm-sheet", `url(${sprite})`);
  list.replaceChildren(...truths.map((truth, index) => {
    const tile = element("li", "fm-probe");
    const picture = element("span", "fm-picture", tile);
    picture.style.backgroundPositionX = `calc(${-index} * var(--fm-side))`;
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", truth);
    const words = element("div", "", tile);
    element("b", "", words).textContent = "…";
    const confidence = element("span", "fm-probe-confidence", words);
    element("i", "", element("span", "fm-probe-bar", confidence));
    element("span", "", confidence);
    element("span", "fm-probe-truth", words).textContent = truth;
    return tile;
  }));
}

/**
 * @param {HTMLElement} tile
 * @param {Answer} answer
 * @param {number} label
 * @param {string} truth
 * @param {string[]} classes
 */
function showAnswer(tile, { prediction, confidence }, label, truth, classes) {
  const isRight = prediction === label;
  tile.dataset.tone = isRight ? "right" : "wrong";
  const percent = Math.round(100 * confidence);
  /** @type {(selector: string) => HTMLElement} */
  const part = (selector) => /** @type {HTMLElement} */ (tile.querySelector(selector));
  part("b").textContent = classes[prediction];
  part("i").style.width = `${percent}%`;
  part(".fm-probe-bar + span").textContent = `${percent} %`;
  part(".fm-probe-truth").textContent = isRight ? "Right" : truth;
}

/**
 * @param {HTMLElement} place
 * @param {State} state
 */
function draw(place, { argument, images, probe }) {
  const { data } = argument;
  const root = /** @type {HTMLElement} */ (place.querySelector(":scope > .fm-probes") ?? build(place));
  const list = /** @type {HTMLElement} */ (root.querySelector("ol"));
  const button = /** @type {HTMLButtonElement} */ (root.querySelector("button"));
  button.hidden = !data.shuffle;
  button.onclick = () => argument.setStateValue("shuffled", actOf(data.seen, "shuffle"));
  if (list.dataset.draw !== String(images.draw)) {
    list.dataset.draw = String(images.draw);
    buildTiles(list, images);
  }
  const score = /** @type {HTMLElement} */ (root.querySelector(".fm-probes-score"));
  if (!probe || probe.draw !== images.draw) {
    score.textContent = "";
    return;
  }
  const answers = answersOf(probe.values);
  answers.forEach((answer, index) => showAnswer(
    /** @type {HTMLElement} */ (list.children[index]), answer, images.labels[index], images.truths[index], data.classes,
  ));
  const right = answers.filter(({ prediction }, index) => prediction === images.labels[index]).length;
  score.textContent = `${right} of ${answers.length} right`;
}

/**
 * Draw what is known by now, with other images where the network speaks of others.
 *
 * @param {HTMLElement} place
 * @param {State} state
 */
async function follow(place, state) {
  draw(place, state);
  const wanted = state.probe?.draw;
  if (wanted === undefined || wanted === state.images.draw) return;
  const images = await fetch(`${state.argument.data.folder}${wanted}.json`)
    .then((response) => (response.ok ? response.json() : null)).catch(() => null);
  if (!images || images.draw !== state.probe?.draw) return;
  state.images = images;
  draw(place, state);
}

/** @param {ComponentArgument<Data>} argument */
export default function (argument) {
  const { data, parentElement } = argument;
  let state = states.get(parentElement);
  if (state) state.argument = argument;
  else {
    const made = { argument, images: data.images, probe: data.newest, unlisten: () => {} };
    made.unlisten = listen((message) => {
      const probe = newestOf(message.reset ?? message.events ?? []);
      if (!probe) return;
      made.probe = probe;
      follow(parentElement, made);
    });
    states.set(parentElement, made);
    state = made;
  }
  const shown = state;
  shown.probe = newestOf(eventsAfter(data.place)) ?? data.newest ?? shown.probe;
  follow(parentElement, shown);
  return onceGone(parentElement, () => {
    shown.unlisten();
    states.delete(parentElement);
  });
}
