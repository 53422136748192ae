import { element } from "../elements.js";
import { plate } from "./canvases.js";
import { fieldOf } from "./fields.js";
import { testPicture } from "./pictures.js";
import { isMaps } from "./stages.js";

/**
 * The test images that excite a map or neuron most, each with the part that does.
 *
 * @typedef {import("./view.js").Insight} Insight
 * @typedef {import("./stages.js").Stage} Stage
 *
 * @typedef {object} Finding of one layer, a row a unit
 * @property {number[][]} images indices in the test split, the strongest first
 * @property {number[][]} places of the largest value in its map, row by row
 * @property {number[]} strongest the value of the first
 *
 * @typedef {object} Progress
 * @property {string} address of the findings, up to the layer's name; empty where they are not there yet
 * @property {string} words how far it is, or why there is nothing; empty where nothing is to be said
 *
 * @typedef {{ show: (insight: Insight, stage: Stage, unit: number, progress: Progress) => void }} Exciting
 */

// Who walks along the maps wants the pictures of the one where she stays.
const PAUSE_MS = 160;
// The stages whose units are searched for; what pooling passes on is the convolution's before it.
const WEIGHING = new Set(["convolution", "dense", "answer"]);

/**
 * @param {Element} place
 * @param {{ folder: string, classes: string[] }} test address of the test images, and their classes
 * @param {(index: number) => void} choose
 * @returns {Exciting}
 */
export function exciting(place, { folder, classes }, choose) {
  const root = element("div", "fm-in-exciting", place);
  const title = element("h4", "", root);
  const words = element("p", "", root);
  const list = element("div", "fm-in-exciting-list", root);
  /** @type {Map<string, Promise<Finding>>} */
  const findings = new Map();
  let wanted = "";
  let timer = 0;

  list.onclick = (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (button) choose(Number(button.dataset.index));
  };

  /** @param {string} address @returns {Promise<Finding>} */
  const findingAt = (address) => {
    const known = findings.get(address);
    if (known) return known;
    const finding = fetch(address).then((response) => {
      if (!response.ok) throw new Error(String(response.status));
      return response.json();
    });
    findings.set(address, finding);
    finding.catch(() => findings.delete(address));
    return finding;
  };

  /**
   * @param {Insight} insight
   * @param {Stage} stage
   * @param {number} unit
   * @param {string} key
   * @param {Finding} finding
   */
  const fill = async (insight, stage, unit, key, { images, places, strongest }) => {
    if (strongest[unit] <= 0 && stage.kind !== "answer") {
      words.textContent = "No test picture excites it: it stays at zero or below for all 10,000.";
      list.replaceChildren();
      return;
    }
    const pictures = await Promise.all(images[unit].map((index) => testPicture(folder, index)));
    if (key !== wanted) return;
    words.textContent = summary(pictures.map(({ truth }) => classes[Number(truth)]));
    list.replaceChildren();
    const { network: { layers } } = insight;
    pictures.forEach(({ pixels, truth }, rank) => {
      const button = element("button", "", list);
      button.type = "button";
      button.dataset.index = String(images[unit][rank]);
      button.setAttribute("aria-label", `Test picture ${images[unit][rank]}: ${classes[Number(truth)]}. Look inside with it.`);
      button.title = classes[Number(truth)];
      const drawn = plate(button, "");
      drawn.grey(pixels, layers[0].output[1]);
      const place = places[unit][rank];
      drawn.frame(isMaps(stage.to)
        ? fieldOf(layers, stage.main, Math.floor(place / stage.to[1]), place % stage.to[1]) : null);
    });
  };

  return {
    show: (insight, stage, unit, { address, words: progress }) => {
      root.hidden = !WEIGHING.has(stage.kind) || (!address && !progress);
      if (root.hidden) {
        wanted = "";
        return;
      }
      const key = `${address} ${stage.name} ${unit} ${address ? "" : progress}`;
      if (key === wanted) return;
      wanted = key;
      clearTimeout(timer);
      title.textContent = stage.kind === "answer" ? "The test pictures that look most like it"
        : "The nine test pictures that excite it most";
      if (!address) {
        list.replaceChildren();
        words.textContent = progress;
        return;
      }
      timer = window.setTimeout(async () => {
        try {
          const finding = await findingAt(`${address}${stage.name}.json`);
          if (key === wanted) await fill(insight, stage, unit, key, finding);
        } catch {
          if (key !== wanted) return;
          wanted = "";
          list.replaceChildren();
          words.textContent = "These pictures could not be fetched.";
        }
      }, PAUSE_MS);
    },
  };
}

/**
 * What some images show, the most frequent first.
 *
 * @param {string[]} names of their classes
 */
export function summary(names) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const ordered = [...counts].sort((one, two) => two[1] - one[1]);
  if (ordered.length === 1) return `All of them: ${ordered[0][0]}.`;
  return `${ordered.map(([name, count]) => `${count} × ${name}`).join(", ")}.`;
}
