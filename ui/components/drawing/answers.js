import { element } from "../elements.js";
import { colorOf, paintGrey, paintSigned } from "../image_canvas.js";
import { NetworkUnavailable, openNetwork } from "../network/client.js";
import { likenessOf, readPrototypes } from "../network/likeness.js";
import { indexOfLargest, percentText, probabilityBars } from "../probability_bars.js";
import { engineOcclusion } from "./engine_occlusion.js";
import { SIDE } from "./strokes.js";

/**
 * What several networks say of the image in hand, side by side; each answers when it can.
 *
 * @typedef {import("../network/client.js").RemoteNetwork} RemoteNetwork
 *
 * @typedef {import("../network/likeness.js").Likeness} Likeness
 *
 * @typedef {object} NetworkData
 * @property {string} id of the run
 * @property {string} name
 * @property {string} color
 * @property {string} address of its bytes, from "/" on
 * @property {string} engine where the engine says where it looks, from "/" on; empty where it is quick enough
 *   here, or where the engine is not for this visitor
 * @property {string} inside the address of the page that looks inside it
 *
 * @typedef {object} Shown what is in hand
 * @property {Float32Array | null} pixels as the networks get them; null where there is nothing to recognise
 * @property {number | null} truth the class, where it is known
 * @property {string} text the pixels for an address
 * @property {boolean} isPhoto whether it must not leave the browser
 *
 * @typedef {object} Words
 * @property {string[]} classes
 * @property {{ [likeness in Likeness]: string }[]} likeness sentences, for each class
 * @property {string} prototypes the address of the pictures to compare with; may be empty
 *
 * @typedef {object} Card
 * @property {NetworkData} data
 * @property {HTMLElement} root
 * @property {RemoteNetwork | null} network
 * @property {Float32Array | null} answer to the image in hand; null until it is there
 *
 * @typedef {object} Answers
 * @property {HTMLElement} root
 * @property {(networks: NetworkData[]) => void} use
 * @property {(shown: Shown) => void} show
 * @property {(wanted: boolean) => void} explain whether each shows where it looks
 * @property {() => Card[]} cards
 * @property {() => void} close
 */

// What comes sooner need not be dimmed before.
const DIMMED_MS = 90;
// Where it looks, and what a screen reader hears, once the hand rests.
const REST_MS = 350;
const HEARD_MS = 1_000;
const NOTHING = "Nothing to recognise yet.";

/**
 * @param {Element} place
 * @param {Words} words
 * @param {() => void} onAnswer called when a network has answered
 * @param {(id: string) => void} onRemove
 * @returns {Answers}
 */
export function answerCards(place, { classes, likeness, prototypes: address }, onAnswer, onRemove) {
  const root = element("section", "fm-answers", place);
  root.setAttribute("aria-label", "Answers");
  const list = element("div", "fm-answer-cards", root);
  const heard = element("div", "fm-heard", root);
  heard.setAttribute("role", "status");
  // What a phone shows at its lower edge, wherever on the page the finger is; it is said once already.
  const strip = element("div", "fm-try-strip", place);
  strip.setAttribute("aria-hidden", "true");
  /** @type {Map<string, ReturnType<typeof makeCard>>} */
  const cards = new Map();
  /** @type {Shown} */
  let shown = { pixels: null, truth: null, text: "", isPhoto: false };
  let explains = false, rest = 0, hearing = 0;
  /** @type {import("../network/likeness.js").Prototypes | null} */
  let prototypes = null;
  if (address) {
    fetch(address).then(async (response) => {
      if (!response.ok) return;
      prototypes = readPrototypes(await response.arrayBuffer());
      for (const card of cards.values()) card.compare(shown);
    }, () => {});
  }
  /** @type {Compare} */
  const compare = (pixels, classId) =>
    (prototypes ? likeness[classId][likenessOf(prototypes, pixels, classId)] : "");

  const tell = () => {
    clearTimeout(hearing);
    hearing = window.setTimeout(() => {
      heard.textContent = shown.pixels
        ? [...cards.values()].filter(({ card }) => card.answer).map(({ card }) => sentenceOf(card, classes)).join(" ")
        : NOTHING;
    }, HEARD_MS);
  };
  const explain = () => {
    clearTimeout(rest);
    rest = window.setTimeout(() => {
      if (explains) for (const card of cards.values()) card.explain(shown);
    }, REST_MS);
  };
  const after = () => {
    const answered = [...cards.values()].filter(({ card }) => card.answer).map(({ card }) => card);
    strip.replaceChildren(...answered.map((card) => lineOf(card, classes)));
    tell();
    explain();
    onAnswer();
  };

  return {
    root,
    use: (networks) => {
      const wanted = new Set(networks.map(({ address }) => address));
      for (const [address, { close }] of cards) {
        if (wanted.has(address)) continue;
        close();
        cards.delete(address);
      }
      for (const data of networks) {
        const known = cards.get(data.address);
        if (known) known.name(data);
        else cards.set(data.address, makeCard(data, classes, { now: () => shown, compare, onAnswer: after, onRemove }));
        list.append(/** @type {NonNullable<typeof known>} */ (cards.get(data.address)).card.root);
      }
      list.dataset.count = String(networks.length);
    },
    show: (next) => {
      shown = next;
      for (const card of cards.values()) card.show(shown);
      if (!shown.pixels) {
        strip.replaceChildren();
        tell();
      }
    },
    explain: (wanted) => {
      explains = wanted;
      root.classList.toggle("fm-answers-explained", wanted);
      explain();
    },
    cards: () => [...cards.values()].map(({ card }) => card),
    close: () => {
      clearTimeout(rest);
      clearTimeout(hearing);
      for (const { close } of cards.values()) close();
      cards.clear();
    },
  };
}

/** @type {(card: Card, classes: string[]) => HTMLElement} */
function lineOf({ data, answer }, classes) {
  const values = /** @type {Float32Array} */ (answer);
  const best = indexOfLargest(values);
  const line = element("span", "");
  element("i", "fm-answer-mark", line).style.background = data.color;
  element("b", "", line).textContent = classes[best];
  element("span", "", line).textContent = percentText(values[best]);
  return line;
}

/** @type {(card: Card, classes: string[]) => string} */
function sentenceOf({ data, answer }, classes) {
  const values = /** @type {Float32Array} */ (answer);
  const best = indexOfLargest(values);
  return `${data.name} says ${classes[best]}, ${percentText(values[best])}.`;
}

/**
 * @typedef {(pixels: Float32Array, classId: number) => string} Compare says how like its training pictures it is
 *
 * @typedef {object} Host
 * @property {() => Shown} now what is in hand by now
 * @property {Compare} compare
 * @property {() => void} onAnswer
 * @property {(id: string) => void} onRemove
 *
 * @param {NetworkData} data
 * @param {string[]} classes
 * @param {Host} host
 */
function makeCard(data, classes, { now, compare, onAnswer, onRemove }) {
  const root = element("article", "fm-answer");
  const head = element("header", "", root);
  const title = element("h3", "", head);
  const mark = element("i", "fm-answer-mark", title);
  const name = element("span", "", title);
  const remove = element("button", "fm-answer-remove", head);
  remove.type = "button";
  remove.title = "Remove";
  remove.onclick = () => onRemove(card.data.id);
  const words = element("p", "fm-answer-words", root);
  const best = element("b", "", words), figure = element("span", "", words);
  const like = element("p", "fm-answer-likeness", root);
  const reasons = element("div", "fm-answer-reasons", root);
  const thumbnail = element("span", "fm-answer-picture", reasons);
  const [image, heat] = [element("canvas", "", thumbnail), element("canvas", "", thumbnail)];
  const [speaksFor, speaksAgainst] = [element("span", "fm-answer-for", reasons), element("span", "fm-answer-against", reasons)];
  const all = element("button", "fm-answer-all", root);
  all.type = "button";
  all.textContent = "All ten";
  all.setAttribute("aria-expanded", "false");
  all.onclick = () => all.setAttribute("aria-expanded", String(root.classList.toggle("fm-answer-open")));
  const bars = probabilityBars(root, classes);
  const inside = element("a", "fm-answer-inside", root);
  /** @type {Card} */
  const card = { data, root, network: null, answer: null };
  let dimmed = 0, closed = false;

  const nameIt = (/** @type {NetworkData} */ next) => {
    card.data = next;
    name.textContent = next.name;
    mark.style.background = next.color;
    root.setAttribute("aria-label", next.name);
    remove.setAttribute("aria-label", `Remove ${next.name}`);
  };
  const say = (/** @type {string} */ sentence) => {
    best.textContent = sentence;
    figure.textContent = like.textContent = "";
    delete root.dataset.tone;
    bars.show(null);
    root.classList.remove("fm-answer-late");
    heat.width = 0;
  };
  const complain = (/** @type {unknown} */ error) => {
    say(error instanceof NetworkUnavailable ? error.message : "This network could not be opened.");
    root.classList.add("fm-answer-missing");
  };
  const show = async (/** @type {Shown} */ shown) => {
    const { pixels, truth, isPhoto } = shown;
    inside.textContent = isPhoto ? "Look inside: its 784 pixels go into the address" : "Look inside";
    inside.href = pixels ? `${card.data.inside}&pixels=${shown.text}` : card.data.inside;
    clearTimeout(dimmed);
    card.answer = null;
    if (!card.network) return;
    if (!pixels) {
      say("–");
      onAnswer();
      return;
    }
    dimmed = window.setTimeout(() => root.classList.add("fm-answer-late"), DIMMED_MS);
    /** @type {Float32Array | null} */
    let answer = null;
    try {
      answer = await card.network.answer(pixels);
    } catch (error) {
      clearTimeout(dimmed);
      complain(error);
    }
    if (!answer || now() !== shown) return;
    clearTimeout(dimmed);
    root.classList.remove("fm-answer-late");
    card.answer = answer;
    const largest = indexOfLargest(answer);
    best.textContent = classes[largest];
    figure.textContent = percentText(answer[largest]);
    if (truth === null) delete root.dataset.tone;
    else root.dataset.tone = largest === truth ? "right" : "wrong";
    bars.show(answer);
    liken(shown);
    onAnswer();
  };
  const liken = (/** @type {Shown} */ { pixels }) => {
    if (pixels && card.answer) like.textContent = compare(pixels, indexOfLargest(card.answer));
  };
  const explain = async (/** @type {Shown} */ shown) => {
    if (!card.network || !card.answer || !shown.pixels) return;
    const classId = indexOfLargest(card.answer);
    paintGrey(image, shown.pixels, SIDE);
    heat.width = 0;
    speaksFor.textContent = speaksAgainst.textContent = "";
    const isWanted = () => now() === shown;
    const paint = (/** @type {Float32Array} */ falls) => {
      if (!isWanted()) return;
      const largest = falls.reduce((most, fall) => Math.max(most, Math.abs(fall)), 0);
      paintSigned(heat, falls, SIDE, largest, [colorOf(root, "--fm-validation"), colorOf(root, "--fm-train")]);
      speaksFor.textContent = `speaks for ${classes[classId]}`;
      speaksAgainst.textContent = "speaks against it";
    };
    if (card.data.engine && !shown.isPhoto) {
      await engineOcclusion(card.data.engine, shown.pixels, classId, isWanted, paint, (sentence) => {
        speaksAgainst.textContent = sentence;
      });
    } else await card.network.occlusion(shown.pixels, classId, ({ falls }) => paint(falls)).catch(complain);
    if (isWanted() && !heat.width) speaksAgainst.textContent ||= "This network is too slow here to find out.";
  };

  nameIt(data);
  say("Loading …");
  openNetwork(data.address).then((network) => {
    if (closed) {
      network.close();
      return;
    }
    card.network = network;
    show(now());
  }, complain);
  return {
    card,
    name: nameIt,
    show,
    compare: liken,
    explain,
    close: () => {
      closed = true;
      clearTimeout(dimmed);
      card.network?.close();
      root.remove();
    },
  };
}
