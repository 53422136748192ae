import { server } from "./server.js";

/**
 * A network that answers in a thread of its own; where a browser has none to give, on the page's.
 *
 * @typedef {import("./server.js").Told} Told
 * @typedef {import("./server.js").Wish} Wish
 * @typedef {import("./occlusion.js").OcclusionMap} OcclusionMap
 *
 * @typedef {object} RemoteNetwork
 * @property {(pixels: Float32Array) => Promise<Float32Array | null>} answer the probability of each
 *   class; null where a newer image was asked about meanwhile, or the network was closed
 * @property {(pixels: Float32Array) => Promise<Float32Array[] | null>} activations the output of each
 *   layer; null as above
 * @property {(pixels: Float32Array, classId: number, show: (map: OcclusionMap) => void) => Promise<void>} occlusion
 *   shows where it looks, coarse first; ends early with the next question of any kind
 * @property {() => void} close
 */

export class NetworkUnavailable extends Error {}

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
  const { send, end } = await start(bytes, (told) => receive(told));
  /** @type {Map<number, (told: Told) => void>} */
  const listeners = new Map();
  let newest = 0;

  /** @param {Told} told */
  function receive(told) {
    if (told.id === undefined) return;
    const listener = listeners.get(told.id);
    if (told.ends) listeners.delete(told.id);
    listener?.(told);
  }

  /**
   * @param {Omit<Wish, "id">} wish
   * @param {(value: any) => void} [show] what is known before the end
   * @returns {Promise<any>}
   */
  const ask = (wish, show) => new Promise((resolve) => {
    newest += 1;
    listeners.set(newest, (told) => {
      if (told.ends) resolve(told.value ?? null);
      else show?.(told.value);
    });
    send({ ...wish, id: newest });
  });

  return {
    answer: (pixels) => ask({ kind: "answer", pixels }),
    activations: (pixels) => ask({ kind: "activations", pixels }),
    occlusion: async (pixels, classId, show) => {
      const last = await ask({ kind: "occlusion", pixels, classId }, show);
      if (last) show(last);
    },
    close: () => {
      end();
      for (const [id, listener] of listeners) listener({ id, ends: true });
      listeners.clear();
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
  /** @type {Response} */
  let response;
  try {
    response = await fetch(address);
  } catch {
    throw new NetworkUnavailable("The network could not be fetched: the dashboard does not answer.");
  }
  if (response.ok) return response.arrayBuffer();
  throw new NetworkUnavailable((response.status < 500 || response.status === 503) && await response.text()
    || "The network could not be fetched.");
}

/**
 * Start whoever computes, and wait until the network is read.
 *
 * @param {ArrayBuffer} content
 * @param {(told: Told) => void} receive
 * @returns {Promise<{ send: (wish: Wish) => void, end: () => void }>}
 */
async function start(content, receive) {
  const started = await startWorker(content, receive) ?? await startHere(content, receive);
  if (started.problem !== undefined) {
    started.end();
    throw new NetworkUnavailable("This run's network cannot be read: its file was changed.");
  }
  return started;
}

/**
 * @typedef {{ send: (wish: Wish) => void, end: () => void, problem?: string }} Started
 *
 * @type {(content: ArrayBuffer, receive: (told: Told) => void) => Promise<Started | null>}
 */
const startWorker = (content, receive) => new Promise((resolve) => {
  /** @type {Worker} */
  let worker;
  try {
    worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  } catch {
    resolve(null);
    return;
  }
  // Once it has begun, a promise that is kept is not kept again.
  worker.onerror = (event) => {
    event.preventDefault();
    resolve(null);
  };
  worker.onmessage = ({ data }) => {
    if (data.id !== undefined) receive(data);
    else resolve({ send: (wish) => worker.postMessage(wish), end: () => worker.terminate(), problem: data.problem });
  };
  worker.postMessage({ content });
});

/** @type {(content: ArrayBuffer, receive: (told: Told) => void) => Promise<Started>} */
const startHere = (content, receive) => new Promise((resolve) => {
  let closed = false;
  const take = server((told) => {
    if (closed) return;
    if (told.id !== undefined) receive(told);
    else {
      resolve({
        send: (wish) => take(wish),
        end: () => {
          closed = true;
        },
        problem: told.problem,
      });
    }
  });
  take({ content });
});
