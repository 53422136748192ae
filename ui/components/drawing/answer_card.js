import { indexOfLargest } from "../arrays.js";
import { element } from "../elements.js";
import { colorOf, paintGrey, paintSigned } from "../image_canvas.js";
import { NetworkUnavailable, openNetwork } from "../network/client.js";
import { SLOW_MS } from "../network/server.js";
import { percentText, probabilityBars } from "../probability_bars.js";
import { engineOcclusion } from "./engine_occlusion.js";
import { keepPhoto, PHOTO } from "./kept_photo.js";
import { SIDE } from "./strokes.js";

/**
 * One network and what it says of the image in hand.
 *
 * @typedef {import("../network/client.js").RemoteNetwork} RemoteNetwork
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
 * @typedef {object} Host
 * @property {string[]} classes
 * @property {() => Shown} now what is in hand by now
 * @property {() => boolean} explains whether it shows where it looks
 * @property {(pixels: Float32Array, classId: number) => string} likeness how like its training pictures it is
 * @property {() => void} onChange called when it has answered, or cannot
 * @property {(id: string) => void} onRemove
 *
 * @typedef {object} AnswerCard
 * @property {NetworkData} data
 * @property {HTMLElement} root
 * @property {RemoteNetwork | null} network
 * @property {Float32Array | null} answer to the image in hand; null until it is there
 * @property {(data: NetworkData) => void} name
 * @property {(shown: Shown) => Promise<void>} show
 * @property {() => void} liken says how like its training pictures it is
 * @property {() => void} explainSoon shows where it looks, once the hand rests
 * @property {() => string} sentence what a screen reader hears of it; may be empty
 * @property {() => void} close
 */

// What comes sooner need not be dimmed before.
const DIMMED_MS = 90;
const REST_MS = 350;
const NO_ANSWER = "–";

/** @typedef {ReturnType<typeof build>} Parts */

/** @param {HTMLElement} strip */
function build(strip) {
  const root = element("article", "fm-answer");
  const head = element("header", "", root);
  const title = element("h3", "", head);
  const mark = element("i", "fm-answer-mark", title), name = element("span", "", title);
  const remove = element("button", "fm-answer-remove", head);
  remove.type = "button";
  remove.title = "Remove";
  const words = element("p", "fm-answer-words", root);
  const best = element("b", "", words), figure = element("span", "", words);
  const likeness = element("p", "fm-answer-likeness", root);
  const reasons = element("div", "fm-answer-reasons", root);
  const picture = element("span", "fm-answer-picture", reasons);
  const image = element("canvas", "", picture), heat = element("canvas", "", picture);
  const speaksFor = element("span", "fm-answer-for", reasons);
  const speaksAgainst = element("span", "fm-answer-against", reasons);
  const note = element("span", "fm-answer-note", reasons);
  const all = element("button", "fm-answer-all", root);
  all.type = "button";
  all.textContent = "All ten";
  all.setAttribute("aria-expanded", "false");
  all.onclick = () => all.setAttribute("aria-expanded", String(root.classList.toggle("fm-answer-open")));
  const line = element("span", "", strip);
  const lineMark = element("i", "fm-answer-mark", line);
  const lineBest = element("b", "", line), lineFigure = element("span", "", line);
  line.hidden = true;
  return {
    root, mark, name, remove, best, figure, likeness, image, heat, speaksFor, speaksAgainst, note,
    line, lineMark, lineBest, lineFigure,
  };
}

/**
 * @param {NetworkData} data
 * @param {HTMLElement} strip gets a line that says the same in short
 * @param {Host} host
 * @returns {AnswerCard}
 */
export function answerCard(data, strip, host) {
  const { classes, now } = host;
  const parts = build(strip);
  const { root, line } = parts;
  const bars = probabilityBars(root, classes);
  const inside = element("a", "fm-answer-inside", root);
  inside.textContent = "Look inside";
  inside.onclick = () => {
    const { isPhoto, text } = now();
    if (isPhoto) keepPhoto(text);
  };
  parts.remove.onclick = () => host.onRemove(card.data.id);
  let dimming = 0, rest = 0, explained = 0, problem = "", isClosed = false;

  /** @param {boolean} isLate whether what is shown is of the image before */
  function dim(isLate) {
    clearTimeout(dimming);
    root.classList.toggle("fm-answer-late", isLate);
    line.classList.toggle("fm-answer-late", isLate);
  }

  /** @param {string} sentence */
  function sayInstead(sentence) {
    dim(false);
    parts.best.textContent = sentence;
    parts.figure.textContent = parts.likeness.textContent = "";
    delete root.dataset.tone;
    line.hidden = true;
    bars.show(null);
    forgetReasons();
  }

  /** @param {unknown} error */
  function complain(error) {
    problem = error instanceof NetworkUnavailable ? error.message : "This network could not be opened.";
    sayInstead(problem);
    root.classList.add("fm-answer-missing");
    host.onChange();
  }

  function forgetReasons() {
    explained += 1;
    clearTimeout(rest);
    parts.heat.width = parts.image.width = 0;
    for (const part of [parts.speaksFor, parts.speaksAgainst, parts.note]) part.textContent = "";
  }

  /** @param {Float32Array} answer */
  function showAnswer(answer) {
    const { truth } = now();
    const largest = indexOfLargest(answer);
    problem = "";
    root.classList.remove("fm-answer-missing");
    parts.best.textContent = parts.lineBest.textContent = classes[largest];
    parts.figure.textContent = parts.lineFigure.textContent = percentText(answer[largest]);
    line.hidden = false;
    if (truth === null) delete root.dataset.tone;
    else root.dataset.tone = largest === truth ? "right" : "wrong";
    bars.show(answer);
  }

  async function explain() {
    const { network, answer } = card, shown = now();
    if (!network || !answer || !shown.pixels || !host.explains()) return;
    forgetReasons();
    const turn = explained;
    const classId = indexOfLargest(answer);
    const isWanted = () => turn === explained && now() === shown && host.explains() && !isClosed;
    const paint = (/** @type {Float32Array} */ falls) => {
      if (!isWanted()) return;
      const largest = falls.reduce((most, fall) => Math.max(most, Math.abs(fall)), 0);
      paintSigned(parts.heat, falls, SIDE, largest, [colorOf(root, "--fm-validation"), colorOf(root, "--fm-train")]);
      parts.speaksFor.textContent = `speaks for ${classes[classId]}`;
      parts.speaksAgainst.textContent = "speaks against it";
      parts.note.textContent = "";
    };
    const say = (/** @type {string} */ sentence) => {
      parts.note.textContent = sentence;
    };
    paintGrey(parts.image, shown.pixels, SIDE);
    if (card.data.engine && !shown.isPhoto) {
      await engineOcclusion(card.data.engine, shown.pixels, classId, isWanted, paint, say);
      return;
    }
    const begun = performance.now();
    await network.occlusion(shown.pixels, classId, ({ falls }) => paint(falls)).catch(complain);
    // What ended sooner was interrupted by another question.
    const hadItsTime = performance.now() - begun >= SLOW_MS;
    if (isWanted() && !parts.heat.width && hadItsTime) say("This network is too slow here to find out.");
  }

  /** @type {AnswerCard} */
  const card = {
    data,
    root,
    network: null,
    answer: null,
    name: (next) => {
      card.data = next;
      parts.name.textContent = next.name;
      parts.mark.style.background = parts.lineMark.style.background = next.color;
      root.setAttribute("aria-label", next.name);
      parts.remove.setAttribute("aria-label", `Remove ${next.name}`);
    },
    show: async (shown) => {
      const { pixels, isPhoto, text } = shown;
      inside.href = pixels ? `${card.data.inside}&pixels=${isPhoto ? PHOTO : text}` : card.data.inside;
      card.answer = null;
      forgetReasons();
      clearTimeout(dimming);
      if (!card.network) return;
      if (!pixels) {
        sayInstead(NO_ANSWER);
        host.onChange();
        return;
      }
      dimming = window.setTimeout(() => dim(true), DIMMED_MS);
      try {
        const answer = await card.network.answer(pixels);
        if (!answer || now() !== shown || isClosed) return;
        dim(false);
        card.answer = answer;
        showAnswer(answer);
      } catch (error) {
        if (now() === shown && !isClosed) complain(error);
        return;
      }
      card.liken();
      card.explainSoon();
      host.onChange();
    },
    liken: () => {
      const { pixels } = now();
      if (pixels && card.answer) parts.likeness.textContent = host.likeness(pixels, indexOfLargest(card.answer));
    },
    explainSoon: () => {
      clearTimeout(rest);
      if (host.explains()) rest = window.setTimeout(() => void explain(), REST_MS);
      else forgetReasons();
    },
    sentence: () => {
      if (problem) return `${card.data.name}: ${problem}`;
      if (!card.answer) return "";
      const largest = indexOfLargest(card.answer);
      return `${card.data.name} says ${classes[largest]}, ${percentText(card.answer[largest])}.`;
    },
    close: () => {
      isClosed = true;
      forgetReasons();
      clearTimeout(dimming);
      card.network?.close();
      root.remove();
      line.remove();
    },
  };
  card.name(data);
  sayInstead("Loading …");
  openNetwork(data.address).then((network) => {
    if (isClosed) {
      network.close();
      return;
    }
    card.network = network;
    void card.show(now());
  }, (error) => {
    if (!isClosed) complain(error);
  });
  return card;
}
