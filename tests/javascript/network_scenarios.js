// What pages do with a network, one after the other, for the tests in `tests/browser/test_network*.py`.
import { networkShelf } from "../../ui/components/inside/shelf.js";
import { NetworkUnavailable, openNetwork } from "../../ui/components/network/client.js";
import { fewest } from "../../ui/components/network/fewest.js";
import { leadOf } from "../../ui/components/network/gradients.js";
import { activationsOf, answerOf, logitsOf, readNetwork } from "../../ui/components/network/network.js";
import { occlusion } from "../../ui/components/network/occlusion.js";
import { server } from "../../ui/components/network/server.js";

/**
 * @typedef {import("../../ui/components/network/occlusion.js").OcclusionMap} OcclusionMap
 * @typedef {import("../../ui/components/network/client.js").RemoteNetwork} RemoteNetwork
 * @typedef {import("../../ui/components/network/server.js").Told} Told
 * @typedef {import("../../ui/components/network/server.js").Wish} Wish
 *
 * @typedef {"occlusion" | "fewest"} SlowKind
 * @typedef {"gone" | "refused" | ""} Missing what a browser says of workers
 */

const ADDRESS = "/network.bin";
const PIXELS = 28 * 28;

const bytes = async () => (await fetch(ADDRESS)).arrayBuffer();

const network = async () => readNetwork(await bytes());

/** @param {ArrayLike<number> | null} values */
const numbers = (values) => values && [...Array.from(values)];

/**
 * A shelf is cleared while it opens a network, which is then opened again: who is open, and answers.
 *
 * @param {number[]} pixels
 */
export async function clearedShelf(pixels) {
  const BrowsersWorker = globalThis.Worker;
  let running = 0;
  globalThis.Worker = class extends BrowsersWorker {
    /** @type {typeof BrowsersWorker.prototype.terminate} */
    terminate() {
      running -= 1;
      super.terminate();
    }

    /** @param {string | URL} address @param {WorkerOptions} [options] */
    constructor(address, options) {
      super(address, options);
      running += 1;
    }
  };
  const shelf = networkShelf();
  const first = shelf.open(ADDRESS);
  shelf.clear();
  const second = shelf.open(ADDRESS);
  const [old, kept] = await Promise.all([first, second]);
  const found = {
    isOther: old !== kept,
    old: numbers(await old.remote.answer(Float32Array.from(pixels))),
    kept: numbers(await kept.remote.answer(Float32Array.from(pixels))),
    isSame: await shelf.open(ADDRESS) === kept,
    open: running,
    left: 0,
  };
  shelf.clear();
  found.left = running;
  globalThis.Worker = BrowsersWorker;
  return found;
}

/** The logits of all images that are there. */
export async function logitsOfAll() {
  const read = await network();
  const images = new Uint8Array(await (await fetch("/images.bin")).arrayBuffer());
  const found = [];
  for (let from = 0; from < images.length; from += PIXELS) {
    found.push(numbers(logitsOf(read, images.subarray(from, from + PIXELS))));
  }
  return found;
}

/**
 * What every layer makes of an image.
 *
 * @param {number[]} pixels
 */
export const layersOf = async (pixels) => activationsOf(await network(), pixels).map(numbers);

/**
 * By how much a class leads in each image, and how that changes with each pixel.
 *
 * @param {number[][]} images
 * @param {number[]} classIds
 */
export async function leads(images, classIds) {
  const read = await network();
  return images.map((pixels, index) => {
    const { lead, rival, gradient } = leadOf(read, pixels, classIds[index]);
    return { lead, rival, gradient: numbers(gradient) };
  });
}

/** Whether the bytes are those of a network: "read", or what is thrown. */
export async function reading() {
  try {
    await network();
    return "read";
  } catch (error) {
    return error instanceof Error ? error.constructor.name : "";
  }
}

/** The sentence with which a page is told that there is no network. */
export async function opening() {
  try {
    (await openNetwork(ADDRESS)).close();
    return "opened";
  } catch (error) {
    return error instanceof NetworkUnavailable ? error.message : `not a sentence: ${error}`;
  }
}

/**
 * What a network that computes elsewhere answers, and whether that and each layer is as computed here.
 *
 * @param {number[][]} images
 */
export async function answers(images) {
  const remote = await openNetwork(ADDRESS);
  const read = await network();
  const found = [];
  for (const pixels of images) {
    const answer = await remote.answer(Float32Array.from(pixels));
    const layers = await remote.activations(Float32Array.from(pixels));
    const same = isSame(answer, answerOf(read, pixels))
      && activationsOf(read, pixels).every((values, index) => isSame(layers?.[index], values));
    found.push({ answer: numbers(answer), same });
  }
  remote.close();
  return found;
}

/** @type {(values: Float32Array | null | undefined, wanted: Float32Array) => boolean} */
const isSame = (values, wanted) =>
  values?.length === wanted.length && values.every((value, index) => value === wanted[index]);

/**
 * Many questions in one turn; which class each answer says, or null.
 *
 * @param {number[][]} images
 */
export async function burst(images) {
  const remote = await openNetwork(ADDRESS);
  const found = await Promise.all(images.map((pixels) => remote.answer(Float32Array.from(pixels))));
  remote.close();
  return found.map(numbers);
}

/**
 * Whoever answers, on this thread.
 *
 * @param {(told: Told) => void} [hear]
 * @returns {Promise<{ told: Told[], take: (wish: Wish) => void, ends: (id: number) => Promise<void> }>} what
 *   it has told of wishes so far, how it takes one, and when one has ended
 */
async function serving(hear) {
  /** @type {Told[]} */
  const told = [];
  /** @type {Map<number | undefined, () => void>} */
  const waiting = new Map();
  const { take } = server((message) => {
    if (message.id === undefined) return;
    told.push(message);
    if (message.ends) waiting.get(message.id)?.();
    hear?.(message);
  });
  take({ content: await bytes() });
  return { told, take, ends: (id) => new Promise((resolve) => waiting.set(id, resolve)) };
}

/**
 * Many questions in one turn to whoever answers: the id of each thing told, and whether it is an answer.
 *
 * @param {number[][]} images
 */
export async function burstHere(images) {
  const { told, take, ends } = await serving();
  const ended = ends(images.length - 1);
  images.forEach((pixels, id) => take({ id, kind: "answer", pixels: Float32Array.from(pixels) }));
  await ended;
  return told.map(({ id, value }) => [id, value !== undefined]);
}

/**
 * What was begun, and then something else of that kind: the id of each thing told.
 *
 * @param {SlowKind} kind
 * @param {number[]} pixels
 */
export async function replaced(kind, pixels) {
  /** @type {Omit<Wish, "id">} */
  const wish = { kind, pixels: Float32Array.from(pixels), classId: 1 };
  const { told, take, ends } = await serving(({ id, ends }) => {
    if (id === 1 && !ends) take({ ...wish, id: 2 });
  });
  take({ ...wish, id: 1 });
  await ends(2);
  return told.map(({ id }) => id);
}

/**
 * What looks for long, on this thread, by a clock that goes on so far whenever it is read.
 *
 * @param {SlowKind} kind
 * @param {number[]} pixels
 * @param {number} tickMs
 * @returns {Promise<{ told: number, elapsedMs: number }>} how often it told something, and when it ended
 */
export async function slowly(kind, pixels, tickMs) {
  const { now } = performance;
  let elapsedMs = 0;
  performance.now = () => elapsedMs += tickMs;
  try {
    const { told, take, ends } = await serving();
    take({ id: 1, kind, pixels: Float32Array.from(pixels), classId: 1 });
    await ends(1);
    return { told: told.length, elapsedMs };
  } finally {
    performance.now = now;
  }
}

/**
 * Ask something, whatever it is about.
 *
 * @param {RemoteNetwork} remote
 * @param {Wish["kind"]} kind
 * @param {Float32Array} image
 * @param {(value: unknown) => void} [show]
 * @returns {Promise<unknown>}
 */
const ask = (remote, kind, image, show = () => {}) =>
  (kind === "occlusion" || kind === "fewest" ? remote[kind](image, 1, show) : remote[kind](image));

/**
 * Begin to look, and ask something else as soon as something is shown, or at once.
 *
 * @param {number[]} pixels
 * @param {Wish["kind"]} next
 * @param {boolean} atOnce
 */
export async function interrupted(pixels, next, atOnce) {
  const remote = await openNetwork(ADDRESS);
  const image = Float32Array.from(pixels);
  /** @type {string[]} */
  const events = [];
  /** @type {Promise<void>} */
  const shown = new Promise((resolve) => {
    const looking = remote.occlusion(image, 1, () => {
      events.push("shown");
      resolve();
    });
    looking.then(() => events.push("ended"));
    if (atOnce) resolve();
  });
  await shown;
  await ask(remote, next, image);
  events.push("next");
  remote.close();
  return events;
}

/**
 * Each map of where a network looks, without a limit of time.
 *
 * @param {number[]} pixels
 * @param {number} classId
 */
export async function occlusionMaps(pixels, classId) {
  const found = [];
  const steps = occlusion(await network(), Float32Array.from(pixels), classId, Infinity);
  for (let { value, done } = steps.next(); ; { value, done } = steps.next()) {
    if (value) found.push({ step: value.step, falls: numbers(value.falls) });
    if (done) return found;
  }
}

/**
 * Each image with fewer changed pixels that is answered as a class, without a limit of time.
 *
 * @param {number[]} pixels
 * @param {number} classId
 */
export async function fixes(pixels, classId) {
  const found = [];
  const steps = fewest(await network(), Float32Array.from(pixels), classId, Infinity);
  for (let { value, done } = steps.next(); ; { value, done } = steps.next()) {
    if (value) found.push({ ...value, pixels: numbers(value.pixels) });
    if (done) return found;
  }
}

/**
 * The same by a network that computes elsewhere, as far as it comes.
 *
 * @param {number[]} pixels
 * @param {number} classId
 */
export async function shownFixes(pixels, classId) {
  const remote = await openNetwork(ADDRESS);
  /** @type {{ pixels: number[] | null, changed: number, done: boolean }[]} */
  const found = [];
  await remote.fewest(Float32Array.from(pixels), classId, (fix) => found.push({ ...fix, pixels: numbers(fix.pixels) }));
  remote.close();
  return found;
}

/**
 * The steps of the maps that are shown by a network that computes elsewhere.
 *
 * @param {number[]} pixels
 */
export async function shownSteps(pixels) {
  const remote = await openNetwork(ADDRESS);
  /** @type {number[]} */
  const steps = [];
  await remote.occlusion(Float32Array.from(pixels), 1, (map) => steps.push(map.step));
  remote.close();
  return steps;
}

/**
 * What becomes of questions that wait when the network is closed, and of one after.
 *
 * @param {number[]} pixels
 */
export async function closed(pixels) {
  const remote = await openNetwork(ADDRESS);
  const image = Float32Array.from(pixels);
  /** @type {Wish["kind"][]} */
  const kinds = ["fewest", "occlusion", "answer", "activations"];
  const waiting = kinds.map((kind) => ask(remote, kind, image));
  remote.close();
  return Promise.all([...waiting, ...kinds.map((kind) => ask(remote, kind, image))]).then((ends) =>
    ends.map((end) => end ?? null));
}

/**
 * What becomes of a question that cannot be computed, and then of one that can.
 *
 * @param {Wish["kind"]} kind
 * @param {Missing} missing
 * @param {number[]} pixels
 */
export const failing = (kind, missing, pixels) => without(missing, async () => {
  const remote = await openNetwork(ADDRESS);
  // No memory is large enough for it.
  const endless = /** @type {Float32Array} */ (/** @type {unknown} */ ({ length: 2 ** 50 }));
  const said = [];
  for (const image of [endless, Float32Array.from(pixels)]) {
    try {
      await ask(remote, kind, image);
      said.push("answered");
    } catch (error) {
      said.push(error instanceof NetworkUnavailable ? error.message : `not a sentence: ${error}`);
    }
  }
  remote.close();
  return said;
});

/**
 * What a network answers in a browser that has no worker to give.
 *
 * @param {Missing} missing
 * @param {number[]} pixels
 */
export const withoutWorker = (missing, pixels) => without(missing, async () => ({
  ...(await answers([pixels]))[0],
  order: await interrupted(pixels, "answer", true),
  ends: await closed(pixels),
}));

/**
 * Do something in a browser without workers: they are unknown to it, it gives none, or it has all.
 *
 * @template Result
 * @param {Missing} missing
 * @param {() => Promise<Result>} act
 */
async function without(missing, act) {
  const { Worker } = window;
  const refusing = class {
    constructor() {
      throw new DOMException("no worker", "SecurityError");
    }
  };
  if (missing === "gone") Reflect.deleteProperty(window, "Worker");
  if (missing === "refused") window.Worker = /** @type {typeof Worker} */ (/** @type {unknown} */ (refusing));
  try {
    return await act();
  } finally {
    window.Worker = Worker;
  }
}

const ROUNDS = 41;
const WARM_UP_ROUNDS = 5;
// A browser's clock goes on by a tenth of a millisecond: of what is short, many are timed together.
const ROUND_MULTIPLY_ADDS = 2e7;
const BARE_LENGTH = 1024;

/**
 * How long one answer takes, and as many bare multiply-adds: the median of rounds, in milliseconds.
 *
 * @param {number[][]} images
 */
export async function times(images) {
  const read = await network();
  const inputs = images.map((pixels) => Float32Array.from(pixels));
  const a = new Float32Array(BARE_LENGTH).fill(0.5), b = new Float32Array(BARE_LENGTH).fill(0.25);
  const acts = [
    (/** @type {number} */ repeat) => answerOf(read, inputs[repeat % inputs.length])[0],
    () => bareMultiplyAdds(a, b, read.multiplyAdds),
  ];
  const repeats = Math.ceil(ROUND_MULTIPLY_ADDS / read.multiplyAdds);
  /** @type {number[][]} */
  const found = acts.map(() => []);
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    for (const [place, act] of acts.entries()) {
      const began = performance.now();
      for (let repeat = 0; repeat < repeats; repeat += 1) {
        if (!Number.isFinite(act(repeat))) throw new Error("no number");
      }
      if (round >= WARM_UP_ROUNDS) found[place].push((performance.now() - began) / repeats);
    }
  }
  return found.map((list) => list.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]);
}

/**
 * Multiply and add, in four sums, so that no addition waits for the one before.
 *
 * @param {Float32Array} a
 * @param {Float32Array} b
 * @param {number} count
 */
function bareMultiplyAdds(a, b, count) {
  let first = 0, second = 0, third = 0, fourth = 0;
  for (let done = 0; done < count; done += BARE_LENGTH) {
    const end = Math.min(BARE_LENGTH, count - done);
    for (let index = 0; index < end; index += 4) {
      first += a[index] * b[index];
      second += a[index + 1] * b[index + 1];
      third += a[index + 2] * b[index + 2];
      fourth += a[index + 3] * b[index + 3];
    }
  }
  return first + second + third + fourth;
}
