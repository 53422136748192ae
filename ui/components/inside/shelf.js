import { fetchNetwork, openNetwork } from "../network/client.js";
import { readNetwork } from "../network/network.js";
import { stagesOf } from "./stages.js";

/**
 * The networks that were opened last: those of the epochs around the one on the screen.
 *
 * @typedef {object} Opened
 * @property {import("../network/network.js").Network} network with its weights, on the page
 * @property {import("../network/client.js").RemoteNetwork} remote computes
 * @property {import("./stages.js").Stage[]} stages
 * @property {number} bytes of both of them
 *
 * @typedef {object} Shelf
 * @property {(address: string) => Promise<Opened>} open rejects with a sentence
 * @property {(address: string) => boolean} has
 * @property {(address: string) => boolean} mayHold whether the next ones fit beside it
 * @property {() => void} clear
 */

// So many epochs are fetched before they are wanted.
export const AHEAD = 2;
// Of networks that are open at once, each with a worker; the one on the screen is open whatever its size.
const MOST = { desk: { bytes: 120_000_000, networks: 13 }, phone: { bytes: 50_000_000, networks: 5 } };

/** @returns {Shelf} */
export function networkShelf() {
  const most = MOST[matchMedia("(pointer: coarse)").matches ? "phone" : "desk"];
  /** @type {Map<string, Promise<Opened>>} the one used last comes last */
  const shelf = new Map();
  /** @type {Map<string, Opened>} */
  const opened = new Map();
  const total = () => [...opened.values()].reduce((sum, { bytes }) => sum + bytes, 0);

  /** @param {string} address */
  const close = (address) => {
    opened.get(address)?.remote.close();
    opened.delete(address);
    shelf.delete(address);
  };

  /** @param {string} newest */
  const makeRoom = (newest) => {
    for (const address of [...shelf.keys()]) {
      if (total() <= most.bytes && opened.size <= most.networks) return;
      if (address !== newest && opened.has(address)) close(address);
    }
  };

  /** @param {string} address @param {() => boolean} isWanted whether it still has its place */
  const load = async (address, isWanted) => {
    const content = await fetchNetwork(address);
    const remote = await openNetwork(address, content);
    const network = readNetwork(content);
    const one = { network, remote, stages: stagesOf(network.layers), bytes: 2 * content.byteLength };
    if (!isWanted()) {
      remote.close();
      return one;
    }
    opened.set(address, one);
    makeRoom(address);
    return one;
  };

  return {
    open: (address) => {
      const known = shelf.get(address);
      /** @type {Promise<Opened>} */
      const opening = known ?? load(address, () => shelf.get(address) === opening);
      // Put back as the newest one.
      shelf.delete(address);
      shelf.set(address, opening);
      if (!known) opening.catch(() => shelf.get(address) === opening && shelf.delete(address));
      return opening;
    },
    has: (address) => opened.has(address),
    mayHold: (address) => (1 + AHEAD) * (opened.get(address)?.bytes ?? Infinity) <= most.bytes,
    clear: () => {
      for (const one of opened.values()) one.remote.close();
      opened.clear();
      shelf.clear();
    },
  };
}
