import { fewest } from "./fewest.js";
import { activationsOf, answerOf, readNetwork, Unreadable } from "./network.js";
import { occlusion } from "./occlusion.js";

/**
 * Answers what a page wants to know of one network, in a worker or on the page's own thread.
 *
 * What is newest comes first, and of what is older nothing is computed: each of two lanes holds one
 * wish. The lane "quick" is for one pass, "slow" for what needs many: it goes on piece by piece, tells
 * what it has so far, and ends with the next wish of either lane.
 *
 * @typedef {import("./network.js").Network} Network
 *
 * @typedef {object} Wish
 * @property {number} id
 * @property {keyof typeof WORK} kind
 * @property {Float32Array} pixels of one image, from 0 to 255
 * @property {number} [classId] whose score it is about, or that is wanted
 *
 * @typedef {object} Told
 * @property {number} [id] of the wish; without one it is about the network
 * @property {unknown} [value] the answer, or what is known so far
 * @property {boolean} [ends] whether nothing more comes
 * @property {string} [problem] why the network cannot be read, or the wish not be carried out
 *
 * @typedef {Generator<unknown, unknown, void>} Steps each one ends soon; what they yield is told
 */

// What is slow is bounded, and so are its steps: a new wish waits for one of them at most.
export const SLOW_MS = 2_000;

const WORK = {
  /** @type {(network: Network, wish: Wish) => unknown} */
  answer: (network, { pixels }) => answerOf(network, pixels),
  /** @type {(network: Network, wish: Wish) => unknown} */
  activations: (network, { pixels }) => activationsOf(network, pixels),
  /** @type {(network: Network, wish: Wish) => Steps} */
  occlusion: (network, { pixels, classId = 0 }) => occlusion(network, pixels, classId, ends()),
  /** @type {(network: Network, wish: Wish) => Steps} */
  fewest: (network, { pixels, classId = 0 }) => fewest(network, pixels, classId, ends()),
};
const SLOW = new Set(["occlusion", "fewest"]);

const ends = () => performance.now() + SLOW_MS;

/**
 * @param {(message: Told) => void} tell
 * @returns {{ take: (message: { content: ArrayBuffer } | Wish) => void, end: () => void }} takes the
 *   network first, then wishes
 */
export function server(tell) {
  /** @type {Network | null} */
  let network = null;
  /** @type {{ quick: Wish | null, slow: Wish | null }} */
  const waiting = { quick: null, slow: null };
  /** @type {{ id: number, steps: Steps } | null} */
  let running = null;
  let scheduled = false;
  const { port1, port2 } = new MessageChannel();

  // A message comes after those that wait already, and at once, as no timer does.
  const schedule = () => {
    if (!scheduled) port2.postMessage(null);
    scheduled = true;
  };

  /** @type {(id: number, act: () => void) => void} */
  const attempt = (id, act) => {
    try {
      act();
    } catch (error) {
      running = null;
      tell({ id, ends: true, problem: String(error) });
    }
  };

  /** @type {(network: Network, wish: Wish) => void} */
  const answer = (network, wish) => attempt(wish.id, () => {
    waiting.quick = null;
    tell({ id: wish.id, value: WORK[wish.kind](network, wish), ends: true });
  });

  /** @type {(network: Network, wish: Wish) => void} */
  const begin = (network, wish) => attempt(wish.id, () => {
    waiting.slow = null;
    running = { id: wish.id, steps: /** @type {Steps} */ (WORK[wish.kind](network, wish)) };
  });

  /** @type {(job: { id: number, steps: Steps }) => void} */
  const goOn = ({ id, steps }) => attempt(id, () => {
    const { value, done } = steps.next();
    if (done) running = null;
    if (done || value !== undefined) tell({ id, value, ends: done });
  });

  port1.onmessage = () => {
    scheduled = false;
    if (network && waiting.quick) answer(network, waiting.quick);
    else if (running) goOn(running);
    else if (network && waiting.slow) begin(network, waiting.slow);
    if (waiting.quick || waiting.slow || running) schedule();
  };

  /** @type {(message: { content: ArrayBuffer } | Wish) => void} */
  const take = (message) => {
    if ("content" in message) {
      try {
        network = readNetwork(message.content);
        tell({ ends: true });
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        tell({ ends: true, problem: error.message });
      }
      return;
    }
    const lane = SLOW.has(message.kind) ? "slow" : "quick";
    for (const dropped of [lane === "quick" ? waiting.quick : null, waiting.slow, running]) {
      if (dropped) tell({ id: dropped.id, ends: true });
    }
    running = waiting.slow = null;
    waiting[lane] = message;
    schedule();
  };

  return {
    take,
    end: () => {
      network = running = waiting.quick = waiting.slow = null;
      port1.close();
    },
  };
}
