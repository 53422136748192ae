import { server } from "./server.js";

/**
 * A network that answers in a thread of its own; where a browser has none to give, on the page's.
 *
 * Each question ends: with what was wanted, with null where a newer one came meanwhile or the network
 * was closed, or with a `NetworkUnavailable` where this browser could not compute it.
 *
 * @typedef {import("./server.js").Told} Told
 * @typedef {import("./server.js").Wish} Wish
 * @typedef {import("./occlusion.js").OcclusionMap} OcclusionMap
 * @typedef {import("./fewest.js").Fix} Fix
 *
 * @typedef {object} RemoteNetwork
 * @property {(pixels: Float32Array) => Promise<Float32Array | null>} answer the probability of each class
 * @property {(pixels: Float32Array) => Promise<Float32Array[] | null>} activations the output of each layer
 * @property {(pixels: Float32Array, classId: number, show: (map: OcclusionMap) => void) => Promise<void>} occlusion
 *   shows where it looks, coarse first; ends early with the next question of any kind
 * @property {(pixels: Float32Array, target: number, show: (fix: Fix) => void) => Promise<void>} fewest
 *   shows changed images that are answered as the wanted class, each with fewer changed pixels than the
 *   one before, and a last one that says whether there is any; ends early as above
 * @property {() => void} close
 */

/** Its message is a sentence for the page. */
export class NetworkUnavailable extends Error {}

/** There is none at this address, or no longer. */
export class NetworkGone extends NetworkUnavailable {}

const UNREADABLE = "This run's network cannot be read: its file was changed.";
const NOT_COMPUTED = "This browser could not compute what the network answers. It may be short of memory: "
  + "close other tabs and load this page again.";
const NOT_FETCHED = "The network could not be fetched: the dashboard does not answer.";

/**
 * Open a network.
 *
 * @param {string} address of its bytes
 * @param {ArrayBuffer} [content] the bytes, where the page has them already
 * @returns {Promise<RemoteNetwork>}
 * @throws {NetworkUnavailable} with a sentence
 */
export async function openNetwork(address, content) {
  const bytes = content ?? await fetchNetwork(address);
  /** @type {Map<number, (told: Told) => void>} */
  const listeners = new Map();
  let newest = 0;
  /** @type {Told | null} */
  let ended = null;

  /** @param {Told} told */
  function receive(told) {
    const { id } = told;
    if (id === undefined) {
      ended ??= told;
      for (const waiting of [...listeners.keys()]) receive({ ...ended, id: waiting, ends: true });
      return;
    }
    const listener = listeners.get(id);
    if (told.ends) listeners.delete(id);
    listener?.(told);
  }

  const { send, end } = await start(bytes, receive);

  /**
   * @param {Omit<Wish, "id">} wish
   * @param {(value: any) => void} [show] what is known before the end
   * @returns {Promise<any>}
   */
  const ask = (wish, show) => new Promise((resolve, reject) => {
    newest += 1;
    listeners.set(newest, ({ ends, value, problem }) => {
      if (!ends) show?.(value);
      else if (problem === undefined) resolve(value ?? null);
      else {
        console.error(problem);
        reject(new NetworkUnavailable(NOT_COMPUTED));
      }
    });
    if (ended) receive({ ...ended, id: newest, ends: true });
    else send({ ...wish, id: newest });
  });

  /** @type {(wish: Omit<Wish, "id">, show: (value: any) => void) => Promise<void>} */
  const follow = async (wish, show) => {
    const last = await ask(wish, show);
    if (last) show(last);
  };

  return {
    answer: (pixels) => ask({ kind: "answer", pixels }),
    activations: (pixels) => ask({ kind: "activations", pixels }),
    occlusion: (pixels, classId, show) => follow({ kind: "occlusion", pixels, classId }, show),
    fewest: (pixels, target, show) => follow({ kind: "fewest", pixels, classId: target }, show),
    close: () => {
      end();
      receive({});
    },
  };
}

/**
 * The bytes of a network.
 *
 * @param {string} address
 * @returns {Promise<ArrayBuffer>}
 * @throws {NetworkUnavailable} with a sentence
 */
export async function fetchNetwork(address) {
  try {
    const response = await fetch(address);
    if (response.ok) return await response.arrayBuffer();
    // What a proxy in between says is a page of its own.
    const isOurs = response.headers.get("content-type")?.startsWith("text/plain");
    const Problem = isOurs && response.status === 404 ? NetworkGone : NetworkUnavailable;
    throw new Problem(isOurs && await response.text() || NOT_FETCHED);
  } catch (error) {
    throw error instanceof NetworkUnavailable ? error : new NetworkUnavailable(NOT_FETCHED);
  }
}

/**
 * @typedef {object} Started
 * @property {(wish: Wish) => void} send
 * @property {() => void} end
 * @property {string} [problem] why the network cannot be read
 *
 * @typedef {(told: Told) => void} Receive
 */

/**
 * Start whoever computes, and wait until the network is read.
 *
 * @param {ArrayBuffer} content
 * @param {Receive} receive what comes of wishes; without an id, that all of them have ended
 * @returns {Promise<Started>}
 */
async function start(content, receive) {
  const started = await startWorker(content, receive) ?? await startHere(content, receive);
  if (started.problem !== undefined) {
    started.end();
    throw new NetworkUnavailable(UNREADABLE);
  }
  return started;
}

/** @type {(content: ArrayBuffer, receive: Receive) => Promise<Started | null>} */
const startWorker = (content, receive) => new Promise((resolve) => {
  /** @type {Worker} */
  let worker;
  try {
    worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  } catch {
    resolve(null);
    return;
  }
  const end = () => worker.terminate();
  let hasBegun = false;
  worker.onerror = (event) => {
    event.preventDefault();
    end();
    if (hasBegun) receive({ problem: String(event.message) });
    else resolve(null);
  };
  worker.onmessage = ({ data }) => {
    if (data.id !== undefined) receive(data);
    else {
      hasBegun = true;
      resolve({ send: (wish) => worker.postMessage(wish), end, problem: data.problem });
    }
  };
  worker.postMessage({ content });
});

/** @type {(content: ArrayBuffer, receive: Receive) => Promise<Started>} */
const startHere = async (content, receive) => {
  /** @type {Told | undefined} */
  let read;
  const { take, end } = server((told) => {
    if (told.id === undefined) read = told;
    // What the page does with it is no part of the computation.
    else queueMicrotask(() => receive(told));
  });
  try {
    take({ content });
  } catch (error) {
    console.error(error);
    throw new NetworkUnavailable(NOT_COMPUTED);
  }
  return { send: take, end, problem: read?.problem };
};
