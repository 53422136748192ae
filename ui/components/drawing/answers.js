import { element } from "../elements.js";
import { likenessOf, readPrototypes } from "../network/likeness.js";
import { answerCard } from "./answer_card.js";
import { politely } from "./heard.js";

/**
 * What several networks say of the image in hand, side by side; each answers when it can.
 *
 * @typedef {import("./answer_card.js").AnswerCard} AnswerCard
 * @typedef {import("./answer_card.js").NetworkData} NetworkData
 * @typedef {import("./answer_card.js").Shown} Shown
 * @typedef {import("../network/likeness.js").Likeness} Likeness
 * @typedef {import("../network/likeness.js").Prototypes} Prototypes
 *
 * @typedef {object} Words
 * @property {string[]} classes
 * @property {{ [likeness in Likeness]: string }[]} likeness sentences, for each class
 * @property {string} prototypes the address of the pictures to compare with; may be empty
 *
 * @typedef {object} Answers
 * @property {(networks: NetworkData[]) => void} use
 * @property {(shown: Shown) => void} show
 * @property {(wanted: boolean) => void} explain whether each shows where it looks
 * @property {() => AnswerCard[]} cards
 * @property {() => void} close
 */

const NOTHING = "Nothing to recognise yet.";

/**
 * @param {HTMLElement} place
 * @param {Words} words
 * @param {() => void} onAnswer called when a network has answered
 * @param {(id: string) => void} onRemove
 * @returns {Answers}
 */
export function answerCards(place, { classes, likeness, prototypes: address }, onAnswer, onRemove) {
  const root = element("section", "fm-answers", place);
  root.setAttribute("aria-label", "Answers");
  const list = element("div", "fm-answer-cards", root);
  const heard = politely(root);
  // What a phone shows at its lower edge, wherever on the page the finger is; it is said once already.
  const strip = element("div", "fm-try-strip", place);
  strip.setAttribute("aria-hidden", "true");
  /** @type {Map<string, AnswerCard>} */
  const cards = new Map();
  /** @type {Shown} */
  let shown = { pixels: null, truth: null, text: "", isPhoto: false };
  let explains = false;
  /** @type {Prototypes | null} */
  let prototypes = null;
  if (address) {
    fetch(address).then(async (response) => {
      if (!response.ok) return;
      prototypes = readPrototypes(await response.arrayBuffer());
      for (const card of cards.values()) card.liken();
    }).catch(() => {
      // Without them nothing is said of it.
    });
  }

  const host = {
    classes,
    now: () => shown,
    explains: () => explains,
    /** @type {(pixels: Float32Array, classId: number) => string} */
    likeness: (pixels, classId) => (prototypes ? likeness[classId][likenessOf(prototypes, pixels, classId)] : ""),
    onChange: () => {
      heard.say(shown.pixels ? [...cards.values()].map((card) => card.sentence()).filter(Boolean).join(" ") : NOTHING);
      onAnswer();
    },
    onRemove,
  };

  return {
    use: (networks) => {
      const wanted = new Set(networks.map((data) => data.address));
      for (const [known, card] of cards) {
        if (wanted.has(known)) continue;
        card.close();
        cards.delete(known);
      }
      networks.forEach((data, index) => {
        const known = cards.get(data.address);
        const card = known ?? answerCard(data, strip, host);
        if (known) known.name(data);
        else cards.set(data.address, card);
        // Where it stands already, it keeps the focus of the keyboard.
        if (list.children[index] !== card.root) list.insertBefore(card.root, list.children[index] ?? null);
      });
      list.dataset.count = String(networks.length);
    },
    show: (next) => {
      shown = next;
      for (const card of cards.values()) void card.show(shown);
    },
    explain: (wanted) => {
      explains = wanted;
      root.classList.toggle("fm-answers-explained", wanted);
      for (const card of cards.values()) card.explainSoon();
    },
    cards: () => [...cards.values()],
    close: () => {
      heard.close();
      for (const card of cards.values()) card.close();
      cards.clear();
    },
  };
}
