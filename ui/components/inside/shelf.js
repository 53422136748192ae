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
 * @property {number} bytes
 *
 * @typedef {object} Shelf
 * @property {(address: string) => Promise<Opened>} open rejects with a sentence
 * @property {(address: string) => boolean} has
 * @property {(address: string) => boolean} mayHold whether one more like it fits without closing another
 * @property {() => void} clear
 */

// Of networks that are open at once; the one on the screen is open whatever its size.
const MOST_BYTES = 120_000_000;
const MOST = 13;

/** @returns {Shelf} */
export function networkShelf() {
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
      if (total() <= MOST_BYTES && opened.size <= MOST) return;
      if (address !== newest && opened.has(address)) close(address);
    }
  };

  /** @param {string} address */
  const load = async (address) => {
    const content = await fetchNetwork(address);
    const remote = await openNetwork(address, content);
    const network = readNetwork(content);
    const one = { network, remote, stages: stagesOf(network.layers), bytes: content.byteLength };
    if (!shelf.has(address)) remote.close();
    opened.set(address, one);
    makeRoom(address);
    return one;
  };

  return {
    open: (address) => {
      const known = shelf.get(address);
      const opening = known ?? load(address);
      // Put back as the newest one.
      shelf.delete(address);
      shelf.set(address, opening);
      if (!known) opening.catch(() => shelf.delete(address));
      return opening;
    },
    has: (address) => opened.has(address),
    mayHold: (address) => {
      const like = opened.get(address)?.bytes ?? MOST_BYTES;
      return opened.size < MOST && total() + like <= MOST_BYTES;
    },
    clear: () => {
      for (const one of opened.values()) one.remote.close();
      opened.clear();
      shelf.clear();
    },
  };
}
