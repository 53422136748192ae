import { refusalOf } from "./dataset_source.js";

/**
 * Where a network looks that is too large to be tried a hundred times here: the engine computes it.
 *
 * @param {string} address from "/" on
 * @param {Float32Array} pixels
 * @param {number} classId
 * @param {() => boolean} isWanted asked before anything is shown
 * @param {(falls: Float32Array) => void} show
 * @param {(sentence: string) => void} say how far it is, or why there is nothing
 */
export async function engineOcclusion(address, pixels, classId, isWanted, show, say) {
  const body = Uint8Array.from([classId, ...pixels]);
  for (;;) {
    const response = await fetch(address, { method: "POST", body }).catch(() => null);
    if (!isWanted()) return;
    if (response?.status === 200) {
      show(new Float32Array(await response.arrayBuffer()));
      return;
    }
    say(await refusalOf(response));
    if (response?.status !== 202) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    if (!isWanted()) return;
  }
}

const POLL_MS = 700;
