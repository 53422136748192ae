import { element } from "./elements.js";

/** @typedef {{ about: string, sentence: string }} Data what it is about, and what holds now */

const REMAIN_MS = 10_000;

/**
 * What held last, by what it is about.
 *
 * @type {Map<string, string>}
 */
const held = new Map();

/**
 * Whether a sentence is news: not where nothing was known before, nor where it is the same.
 *
 * @param {Map<string, string>} known what held last, by what it is about; gets the sentence
 * @param {Data} data
 */
export function isNews(known, { about, sentence }) {
  const last = known.get(about);
  known.set(about, sentence);
  return last !== undefined && sentence !== "" && sentence !== last;
}

/** One region for the whole window: several would interrupt each other. */
function region() {
  const there = document.querySelector(".fm-announcements");
  if (there) return there;
  const made = element("div", "fm-announcements", document.body);
  made.setAttribute("role", "status");
  made.setAttribute("aria-live", "polite");
  // Each sentence alone, not all that are still there.
  made.setAttribute("aria-atomic", "false");
  return made;
}

/**
 * Say a sentence where it is news; returns whether it is.
 *
 * @param {Data} data
 */
export function announce(data) {
  // It has to be there before it says something.
  const place = region();
  if (!isNews(held, data)) return false;
  const line = element("p", "", place);
  line.textContent = data.sentence;
  setTimeout(() => line.remove(), REMAIN_MS);
  return true;
}

/** @param {ComponentArgument<Data>} argument */
export default function ({ data }) {
  announce(data);
}
