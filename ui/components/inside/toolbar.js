import { button, element } from "../elements.js";
import { indexOfLargest } from "../arrays.js";
import { percentText } from "../probability_bars.js";
import { plate } from "./canvases.js";
import { SIDE } from "./pictures.js";

/**
 * Which image goes through the network, after which epoch, and what it says.
 *
 * @typedef {object} Actions
 * @property {(index: number) => void} choose an image of the test split
 * @property {(epoch: number) => void} go to an epoch
 *
 * @typedef {object} Shown
 * @property {number | null} index of the image in the test split; null of one's own
 * @property {import("./pictures.js").Picture} picture
 * @property {number[]} wrong indices of images that the network gets wrong, in no order
 * @property {number[]} epochs that were kept, in their order
 * @property {number} epoch
 * @property {number | null} wanted the epoch that the address names, which need not be kept
 * @property {number | null} result the epoch that the run ended with
 *
 * @typedef {object} Toolbar
 * @property {(shown: Shown) => void} show
 * @property {(probabilities: Float32Array, truth: number | null) => void} answer
 * @property {(late: boolean) => void} dim
 * @property {() => void} stop
 */

// Between two epochs that play by themselves.
const EPOCH_MS = 900;

/**
 * @param {Element} place
 * @param {{ classes: string[], total: number }} test
 * @param {Actions} actions
 * @returns {Toolbar}
 */
export function toolbar(place, { classes, total }, { choose, go }) {
  const root = element("div", "fm-in-top", place);
  const drawn = plate(root, "fm-in-shown");
  const middle = element("div", "fm-in-choose", root);
  const says = element("p", "fm-in-says", middle);
  says.setAttribute("role", "status");
  const row = element("div", "fm-in-row", middle);
  const previous = button(row, "Previous");
  const next = button(row, "Next");
  const shuffle = button(row, "Shuffle");
  const mistake = button(row, "One it gets wrong");
  const label = element("label", "fm-in-number", row);
  element("span", "", label).textContent = "Test picture";
  const number = element("input", "", label);
  Object.assign(number, { type: "number", min: "0", max: String(total - 1), step: "1" });
  const time = element("div", "fm-time fm-in-time", root);
  const play = element("button", "fm-play", time);
  play.type = "button";
  const slider = element("input", "", time);
  Object.assign(slider, { type: "range", min: "0", step: "1" });
  slider.setAttribute("aria-label", "Epoch");
  const moment = element("output", "", time);

  /** @type {Shown | null} */
  let shown = null;
  let timer = 0;

  const index = () => shown?.index ?? -1;
  previous.onclick = () => choose((Math.max(0, index()) - 1 + total) % total);
  next.onclick = () => choose((index() + 1) % total);
  shuffle.onclick = () => choose(Math.floor(Math.random() * total));
  mistake.onclick = () => {
    const wrong = shown?.wrong ?? [];
    choose(wrong[(wrong.indexOf(index()) + 1) % wrong.length]);
  };
  number.onchange = () => {
    const chosen = number.valueAsNumber;
    if (Number.isInteger(chosen) && chosen >= 0 && chosen < total) choose(chosen);
    else number.value = shown?.index === null ? "" : String(index());
  };

  const stop = () => {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
    play.setAttribute("aria-pressed", "false");
  };
  slider.oninput = () => {
    stop();
    go(/** @type {Shown} */ (shown).epochs[slider.valueAsNumber]);
  };
  play.onclick = () => {
    if (timer || !shown) {
      stop();
      return;
    }
    const { epochs } = shown;
    let at = slider.valueAsNumber < epochs.length - 1 ? slider.valueAsNumber : -1;
    const step = () => {
      at += 1;
      if (!root.isConnected || at >= epochs.length) stop();
      else if (!root.classList.contains("fm-in-late")) go(epochs[at]);
      else at -= 1;
    };
    timer = window.setInterval(step, EPOCH_MS);
    play.textContent = "Stop";
    play.setAttribute("aria-pressed", "true");
    step();
  };
  stop();
  // Until there is a picture to choose from, and an epoch.
  mistake.hidden = time.hidden = true;

  return {
    show: (given) => {
      shown = given;
      const { index: chosen, picture, wrong, epochs, epoch, wanted, result } = given;
      drawn.grey(picture.pixels, SIDE);
      drawn.frame(null);
      const name = picture.truth === null ? "" : classes[picture.truth];
      drawn.caption(chosen === null ? "Your own picture" : name);
      if (document.activeElement !== number) number.value = chosen === null ? "" : String(chosen);
      mistake.hidden = !wrong.length;
      time.hidden = epochs.length < 2;
      slider.max = String(epochs.length - 1);
      slider.value = String(epochs.indexOf(epoch));
      const words = momentText(epoch, wanted, result);
      moment.textContent = words;
      slider.setAttribute("aria-valuetext", words);
    },
    answer: (probabilities, truth) => {
      const best = indexOfLargest(probabilities);
      const ends = truth === null ? "" : truth === best ? " It is right." : ` It is wrong: the label is ${classes[truth]}.`;
      says.replaceChildren("It says ");
      element("b", "", says).textContent = classes[best];
      says.append(`, ${percentText(probabilities[best]).replaceAll(" ", "\u00a0")}.${ends}`);
      says.classList.toggle("fm-in-wrong", truth !== null && truth !== best);
    },
    dim: (late) => {
      root.classList.toggle("fm-in-late", late);
      says.classList.toggle("fm-late", late);
    },
    stop,
  };
}

/**
 * After which epoch a network is, in words.
 *
 * @param {number} epoch
 * @param {number | null} wanted another one where that was not kept
 * @param {number | null} result
 */
export function momentText(epoch, wanted, result) {
  if (wanted !== null && wanted !== epoch) return `After epoch ${epoch}; epoch ${wanted} was not kept`;
  return epoch === result ? `After epoch ${epoch}, as it ended` : `After epoch ${epoch}`;
}
