import { indexOfLargest } from "../arrays.js";
import { button, element } from "../elements.js";
import { politely } from "./heard.js";
import { SIDE } from "./strokes.js";

/**
 * Fix it: from a picture that a network gets wrong to one that it gets right, with few pixels changed.
 *
 * @typedef {import("./answer_card.js").AnswerCard} Card
 * @typedef {import("./dataset_source.js").Picture} Picture
 *
 * @typedef {object} Fix
 * @property {(hand: { picture: Picture | null, pixels: Float32Array }, cards: Card[]) => void} show
 * @property {() => void} close
 *
 * @typedef {object} Patient the first network that got the picture wrong as it was
 * @property {string} address of its bytes
 * @property {number} said the class
 * @property {number | null} fewest how many pixels a search has changed; null before one
 */

// As a file holds them, in whole numbers.
const DIFFERS = 0.5;
const MARKED = 10;

/**
 * The pixels in which two images differ.
 *
 * @param {Float32Array} before
 * @param {Float32Array} after
 * @returns {number[]} their indices
 */
const changedPixels = (before, after) =>
  [...after.keys()].filter((index) => Math.abs(after[index] - before[index]) >= DIFFERS);

/** @type {(count: number) => string} */
const pixelsText = (count) => `${count} ${count === 1 ? "pixel" : "pixels"}`;

/**
 * @param {Element} place
 * @param {HTMLCanvasElement} over the image, on which changed pixels are marked
 * @param {{ classes: string[], nouns: string[] }} words
 * @param {(pixels: Float32Array) => void} take a picture that a search has found
 * @returns {Fix}
 */
export function fixIt(place, over, { classes, nouns }, take) {
  const root = element("section", "fm-fix", place);
  root.setAttribute("aria-label", "Fix it");
  element("h3", "", root).textContent = "Fix it";
  const words = element("p", "", root);
  const heard = politely(root);
  const say = (/** @type {string} */ sentence) => {
    words.textContent = sentence;
    heard.say(sentence);
  };
  const search = button(root, "Show the fewest");
  /** @type {Picture | null} */
  let picture = null;
  /** @type {Patient | null} */
  let patient = null;
  let isSearching = false;

  /** @type {(network: NonNullable<Card["network"]>, of: Picture, whose: Patient) => Promise<void>} */
  async function find(network, of, whose) {
    isSearching = search.disabled = true;
    let problem = "";
    /** @type {import("../network/fewest.js").Fix[]} */
    const fixes = [];
    await network.fewest(of.pixels, of.label, (fix) => {
      fixes.push(fix);
      if (fix.pixels) words.textContent = `Searching: ${pixelsText(fix.changed)} …`;
    }).catch((error) => {
      problem = error.message;
    });
    isSearching = search.disabled = false;
    if (problem) say(problem);
    const last = fixes.at(-1);
    // Somebody has gone on drawing meanwhile: that counts.
    if (picture !== of || !last?.done) return;
    if (last.pixels) {
      whose.fewest = last.changed;
      take(last.pixels);
    } else say("The search found no way within two seconds. Can you?");
  }

  return {
    show: (hand, cards) => {
      if (hand.picture !== picture) {
        picture = hand.picture;
        patient = null;
      }
      const changed = picture ? changedPixels(picture.pixels, hand.pixels) : [];
      mark(over, patient ? changed : []);
      if (picture && !patient && !changed.length) {
        const { label } = picture;
        const card = cards.find(({ answer }) => answer && indexOfLargest(answer) !== label);
        if (card) patient = { address: card.data.address, said: indexOfLargest(/** @type {Float32Array} */ (card.answer)), fewest: null };
      }
      const card = cards.find(({ data }) => data.address === patient?.address);
      root.hidden = !patient || !card;
      if (!patient || !card || !picture || isSearching) return;
      const { network, answer, data } = card;
      if (!answer) return;
      const [of, whose, said] = [picture, patient, indexOfLargest(answer)];
      search.hidden = !network;
      search.onclick = () => void (network && find(network, of, whose));
      const fewest = patient.fewest === null ? "" : ` At most ${pixelsText(patient.fewest)} ${patient.fewest === 1 ? "is" : "are"} needed, says a search in this browser.`;
      if (!changed.length) {
        say(`This is ${nouns[of.label]}, and ${data.name} says ${classes[said]}. `
          + `Change as few pixels as you can until it says ${classes[of.label]}.${fewest}`);
      } else if (said === of.label) {
        say(`Fixed with ${pixelsText(changed.length)} changed: ${data.name} says ${classes[said]}.${fewest}`);
      } else say(`${pixelsText(changed.length)} changed, and ${data.name} says ${classes[said]}.${fewest}`);
    },
    close: heard.close,
  };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number[]} pixels
 */
function mark(canvas, pixels) {
  canvas.width = canvas.height = pixels.length ? SIDE * MARKED : 0;
  const pen = canvas.getContext("2d");
  if (!pen || !pixels.length) return;
  pen.strokeStyle = getComputedStyle(canvas).color;
  pen.lineWidth = 1.5;
  for (const pixel of pixels) {
    pen.strokeRect((pixel % SIDE) * MARKED + 1, Math.floor(pixel / SIDE) * MARKED + 1, MARKED - 2, MARKED - 2);
  }
}
