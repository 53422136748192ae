import { button, element } from "../elements.js";
import { politely } from "./heard.js";

/**
 * Any picture of the dataset, by its number, by chance, or one that the first network gets wrong.
 *
 * @typedef {object} Picture
 * @property {string} split
 * @property {number} index
 * @property {number} label its class
 * @property {Float32Array} pixels from 0 to 255
 *
 * @typedef {object} DatasetSource
 * @property {(name: string) => Promise<void>} open such as "test-17"
 * @property {() => void} shuffle
 * @property {() => void} forget what was meant to be opened: something else is in hand by now
 * @property {(isSource: boolean, picture: Picture | null, wrong: number[]) => void} show null where no picture of the
 *   dataset is in hand
 * @property {() => void} close
 */

/**
 * @param {Element} place
 * @param {{ pixels: string, sizes: { [split: string]: number }, nouns: string[] }} data as of the component
 * @param {(picture: Picture) => void} take
 * @returns {DatasetSource}
 */
export function datasetSource(place, { pixels: folder, sizes, nouns }, take) {
  const root = element("div", "fm-try-dataset", place);
  const label = element("label", "", root);
  element("span", "", label).textContent = "Test picture";
  const number = element("input", "", label);
  Object.assign(number, { type: "number", min: "0", max: String(sizes.test - 1), step: "1", inputMode: "numeric" });
  const shuffle = button(root, "Shuffle"), mistake = button(root, "One it gets wrong");
  const words = element("span", "fm-try-truth", root);
  const heard = politely(root);
  /** @type {number[]} */
  let mistakes = [];
  let newest = "";
  /** @type {Picture | null} */
  let shown = null;

  const open = async (/** @type {string} */ name) => {
    newest = name;
    const response = await fetch(`${folder}${name}.bin`).catch(() => null);
    if (newest !== name) return;
    if (!response?.ok) {
      say(await refusalOf(response));
      return;
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (newest !== name) return;
    const [split, index] = name.split("-");
    take({ split, index: Number(index), label: bytes[0], pixels: Float32Array.from(bytes.subarray(1)) });
  };
  const say = (/** @type {string} */ sentence) => {
    words.textContent = sentence;
    heard.say(sentence);
  };
  const anyOf = (/** @type {number} */ count) => Math.floor(Math.random() * count);
  number.onchange = () => {
    if (number.checkValidity() && number.value) void open(`test-${Number(number.value)}`);
    else say(`There are the test pictures 0 to ${(sizes.test - 1).toLocaleString("en")}.`);
  };
  shuffle.onclick = () => void open(`test-${anyOf(sizes.test)}`);
  mistake.onclick = () => void open(`test-${mistakes[anyOf(mistakes.length)]}`);
  return {
    open,
    shuffle: () => void open(`test-${anyOf(sizes.test)}`),
    forget: () => {
      newest = "";
    },
    show: (isSource, picture, wrong) => {
      mistakes = wrong;
      root.hidden = !isSource;
      mistake.hidden = !wrong.length;
      if (!isSource || !picture || picture === shown) return;
      shown = picture;
      number.value = String(picture.index);
      const name = picture.split === "test" ? "" : `Training picture ${picture.index}: `;
      say(`${name}${nouns[picture.label]}.`);
    },
    close: heard.close,
  };
}

/**
 * Why something did not come, in a sentence; what others answer in the dashboard's place is none.
 *
 * @param {Response | null} response
 */
export async function refusalOf(response) {
  if (!response) return "The dashboard does not answer.";
  const isSentence = response.headers.get("content-type")?.startsWith("text/plain");
  return isSentence ? response.text() : "The dashboard does not answer as it should.";
}
