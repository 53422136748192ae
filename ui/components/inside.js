import { indexOfLargest } from "./arrays.js";
import { actOf, isAnswer } from "./acts.js";
import { element, isStill, onceGone } from "./elements.js";
import { readColors } from "./inside/canvases.js";
import { detail } from "./inside/detail.js";
import { exciting } from "./inside/exciting.js";
import { overview } from "./inside/overview.js";
import { ownPicture, testPicture } from "./inside/pictures.js";
import { AHEAD, networkShelf } from "./inside/shelf.js";
import { namesOf, sentencesOf, unitsOf } from "./inside/stages.js";
import { strengthsOf } from "./inside/sums.js";
import { toolbar } from "./inside/toolbar.js";
import { unitPicker } from "./inside/units.js";
import { insightOf } from "./inside/view.js";
import { NetworkGone } from "./network/client.js";

/**
 * Look inside: the way of an image through a network, computed here.
 *
 * @typedef {import("./inside/view.js").Insight} Insight
 * @typedef {import("./inside/pictures.js").Picture} Picture
 * @typedef {import("./inside/exciting.js").Progress} Progress
 *
 * @typedef {object} Choice what the address says
 * @property {number | null} picture index of a test image
 * @property {string} pixels of one's own image, which comes first; base64url, what stands for a photo, or empty
 * @property {number | null} epoch null is the newest
 * @property {string} layer the name of the open stage's layer; empty opens the first that works
 * @property {number | null} unit the open map or neuron; null is the strongest
 *
 * @typedef {object} Data
 * @property {string} run the id
 * @property {{ epoch: number, address: string }[]} networks that were kept, by epoch
 * @property {number | null} result the epoch that the run ended with
 * @property {Choice} choice
 * @property {number[]} wrong indices of test images that it gets wrong, in no order
 * @property {string[]} classes
 * @property {number} total how many test images there are
 * @property {string} folder address of the test images, up to the index
 * @property {Progress} exciting
 * @property {boolean} presented whether only the overview is shown
 * @property {boolean} dark
 * @property {number} seen the count of the newest act that was carried out
 *
 * @typedef {{ show: (data: Data, tell: Tell) => void, end: () => void }} Page
 */

// The address follows once the visitor stays for so long.
const TELL_MS = 350;
// Who drags the slider wants the network of the epoch where it stays.
const DRAG_MS = 150;
const LEAST_VISIBLE = 120;

/** @type {WeakMap<HTMLElement, Page>} */
const pages = new WeakMap();

/**
 * @param {HTMLElement} place
 * @param {Data} first
 * @returns {Page}
 */
function pageIn(place, first) {
  const root = element("div", "fm-inside", place);
  const { classes, total, folder } = first;
  const shelf = networkShelf();
  let data = first;
  let choice = first.choice;
  /** @type {ActState} */
  const acts = {};
  /** @type {Tell} */
  let tell = () => {};
  let tellTimer = 0;
  let dragTimer = 0;
  /** Whether the visitor goes from epoch to epoch. */
  let hasGone = false;
  /** @type {Insight | null} */
  let insight = null;
  /** @type {Picture | null} */
  let drawnPicture = null;
  let computed = "";
  let answered = "";
  let newest = 0;
  /** The unit that is open in each stage, by name. @type {Map<string, number>} */
  const units = new Map();

  const top = toolbar(root, { classes, total }, {
    choose: (index) => change({ picture: index, pixels: "" }),
    go: (epoch) => {
      hasGone = true;
      change({ epoch: epoch === lastEpoch() ? null : epoch });
    },
  });
  const notice = element("p", "fm-in-notice", root);
  notice.setAttribute("role", "alert");
  notice.hidden = true;
  const main = element("div", "fm-in-main", root);
  const way = overview(main, classes, (name, pressed) => {
    change({ layer: name, unit: units.get(name) ?? null });
    // On a phone the open layer is out of sight, below all of them.
    if (pressed && open.getBoundingClientRect().top > window.innerHeight - LEAST_VISIBLE) {
      open.scrollIntoView({ behavior: isStill() ? "instant" : "smooth" });
    }
  });
  const open = element("section", "fm-in-open", main);
  const head = element("div", "fm-in-open-head", open);
  const heading = element("h2", "", head);
  const words = element("p", "", head);
  const key = element("p", "fm-in-key", head);
  for (const [name, text] of [["fm-in-above", "above zero"], ["fm-in-under", "below zero"]]) {
    element("i", name, key);
    element("span", "", key).textContent = text;
  }
  const body = element("div", "fm-in-body", open);
  const picker = unitPicker(body, classes, (unit) => change({ unit }));
  const right = element("div", "fm-in-right", body);
  const one = detail(right, classes);
  const most = exciting(right, { folder, classes }, (index) => change({ picture: index, pixels: "" }));

  const lastEpoch = () => data.networks[data.networks.length - 1].epoch;
  const epochShown = () => (
    choice.epoch === null ? lastEpoch() : nearestTo(choice.epoch, data.networks.map(({ epoch }) => epoch)));

  /** @param {Partial<Choice>} changes what the visitor did */
  function change(changes) {
    choice = { ...choice, ...changes };
    const act = actOf(data.seen, choice);
    acts.count = act.count;
    clearTimeout(tellTimer);
    tellTimer = window.setTimeout(() => tell("view", act), TELL_MS);
    clearTimeout(dragTimer);
    if ("epoch" in changes && !shelf.has(addressOf(epochShown()))) {
      if (drawnPicture) showTop(drawnPicture);
      dragTimer = window.setTimeout(compute, DRAG_MS);
    } else if ("picture" in changes || "epoch" in changes) compute();
    else draw();
  }

  const compute = async () => {
    clearTimeout(dragTimer);
    newest += 1;
    computed = subject();
    const question = newest;
    const isNewest = () => question === newest && root.isConnected;
    const late = window.setTimeout(() => dim(isNewest()), 60);
    let waits = false;
    try {
      const opening = openNewest();
      // What goes wrong with it is told below, even where the picture comes later.
      opening.catch(() => {});
      const picture = await pictureShown();
      if (!isNewest()) return;
      drawnPicture = picture;
      showTop(picture);
      const opened = await opening;
      const outputs = await opened.remote.activations(picture.pixels);
      if (!isNewest() || !outputs) return;
      insight = insightOf(opened, picture.pixels, outputs);
      notice.hidden = true;
      answered = pictureChosen();
      top.answer(outputs[outputs.length - 1], picture.truth);
      draw();
      fetchAhead();
    } catch (error) {
      if (!isNewest()) return;
      // Of a training the newest goes when the next epoch ends, whose network comes with the next data.
      waits = error instanceof NetworkGone && choice.epoch === null && !!insight;
      if (waits) return;
      top.stop();
      // What is shown stays, where it is of this run.
      main.hidden = !insight;
      root.dataset.drawn = "";
      notice.textContent = error instanceof Error ? error.message : String(error);
      notice.hidden = false;
    } finally {
      clearTimeout(late);
      if (isNewest()) dim(waits && answered !== pictureChosen());
    }
  };

  /** @returns {Promise<Picture>} */
  const pictureShown = async () => (choice.pixels ? ownPicture(choice.pixels) : testPicture(folder, choice.picture ?? 0));

  const addressOf = (/** @type {number} */ epoch) =>
    /** @type {{ address: string }} */ (data.networks.find((network) => network.epoch === epoch)).address;

  const pictureChosen = () => JSON.stringify([choice.picture, choice.pixels]);

  /** What is computed: another one of it is another computation. */
  const subject = () => JSON.stringify([data.run, addressOf(epochShown()), choice.picture, choice.pixels]);

  const openNewest = () => shelf.open(addressOf(epochShown()));

  // Who goes on, or plays the rest, does not wait; who has not begun is sent nothing.
  const fetchAhead = () => {
    if (!hasGone || savesData()) return;
    const shown = epochShown();
    const next = data.networks.filter(({ epoch }) => epoch > shown).slice(0, AHEAD).find(({ address }) => !shelf.has(address));
    if (next && shelf.mayHold(addressOf(shown))) {
      shelf.open(next.address).then(() => shown === epochShown() && root.isConnected && fetchAhead(), () => {});
    }
  };

  /** @param {boolean} isLate */
  const dim = (isLate) => {
    top.dim(isLate);
    way.dim(isLate);
    open.classList.toggle("fm-late", isLate);
  };

  /** @param {Picture} picture */
  const showTop = (picture) => {
    const index = choice.pixels ? null : choice.picture ?? 0;
    const { wrong, result, networks } = data;
    top.show({ index, picture, wrong, result, wanted: choice.epoch, epoch: epochShown(), epochs: networks.map(({ epoch }) => epoch) });
  };

  function draw() {
    if (!insight) return;
    const { stages, network: { layers }, outputs } = insight;
    const stage = stages.find(({ name }) => name === choice.layer) ?? stages[1];
    const strongest = () => indexOfLargest(strengthsOf(outputs[stage.output], stage.to));
    const known = choice.unit ?? units.get(stage.name) ?? strongest();
    const unit = known < unitsOf(stage) ? known : strongest();
    units.set(stage.name, unit);
    readColors(root);
    if (drawnPicture) showTop(drawnPicture);
    main.hidden = false;
    root.dataset.drawn = "";
    way.show(insight, stage.name);
    open.hidden = data.presented;
    if (data.presented) return;
    const { title, size } = namesOf(stage, layers);
    heading.textContent = stage.kind === "picture" ? title : `${title}, ${size}`;
    words.textContent = sentencesOf(stage, layers).join(" ");
    open.dataset.kind = stage.kind;
    picker.show(insight, stage, unit);
    one.show(insight, stage, unit);
    most.show(insight, stage, unit, data.exciting);
  }

  return {
    show: (given, teller) => {
      tell = teller;
      const isOtherRun = given.run !== data.run;
      data = given;
      if (isAnswer(acts, given)) choice = given.choice;
      if (isOtherRun) {
        shelf.clear();
        units.clear();
        insight = null;
        hasGone = false;
        top.stop();
      }
      if (subject() !== computed) compute();
      else draw();
    },
    end: () => {
      clearTimeout(tellTimer);
      clearTimeout(dragTimer);
      top.stop();
      one.stop();
      shelf.clear();
    },
  };
}

/**
 * The epoch that was kept, or else the one next to it.
 *
 * @param {number} wanted
 * @param {number[]} kept in their order
 */
export const nearestTo = (wanted, kept) => kept.reduce(
  (best, epoch) => (Math.abs(epoch - wanted) <= Math.abs(best - wanted) ? epoch : best),
);

/** Whether the visitor has asked the browser to send and fetch little. */
const savesData = () => {
  const { connection } = /** @type {Navigator & { connection?: { saveData?: boolean } }} */ (navigator);
  return !!connection?.saveData;
};

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement, setStateValue }) {
  const page = pages.get(parentElement) ?? pageIn(parentElement, data);
  pages.set(parentElement, page);
  page.show(data, setStateValue);
  return onceGone(parentElement, () => {
    page.end();
    pages.delete(parentElement);
  });
}
