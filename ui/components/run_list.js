/**
 * @typedef {object} Row one run, or a folder that makes no sense as one
 * @property {string} id
 * @property {string} name
 * @property {string} color empty where it makes no sense
 * @property {string} glyph
 * @property {string} state
 * @property {boolean} pinned
 * @property {number | null} accuracy
 * @property {string} accuracy_text
 * @property {string} training
 * @property {number | null} parameters
 * @property {number | null} epochs
 * @property {number | null} seconds
 * @property {string} seconds_text
 * @property {number | null} created since 1970, in seconds
 * @property {string[]} tags
 * @property {string} notes
 * @property {string} search in lower case
 */

/** @type {{ [order: string]: (row: Row) => number | null }} what sorts, the smallest first */
const FIGURES = {
  newest: (row) => (row.created === null ? null : -row.created),
  best: (row) => (row.accuracy === null ? null : -row.accuracy),
  small: (row) => row.parameters,
  quick: (row) => row.seconds,
};

/**
 * The rows that a search finds, in an order: pinned ones first, those without the figure last.
 *
 * @param {Row[]} rows newest first
 * @param {string} words
 * @param {string} order
 */
export function listed(rows, words, order) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const found = rows.filter((row) => wanted.every((word) => row.search.includes(word)));
  const figure = FIGURES[order];
  return found.sort((a, b) => {
    if (a.pinned !== b.pinned) return a.pinned ? -1 : 1;
    if (!figure) return a.name.localeCompare(b.name, "en", { sensitivity: "base" });
    return (figure(a) ?? Infinity) - (figure(b) ?? Infinity) || 0;
  });
}

/**
 * What is chosen once the boxes of some runs were ticked or cleared; what was chosen keeps its place.
 *
 * @param {string[]} chosen
 * @param {string[]} ids
 * @param {boolean} on
 * @param {number} most so many can be chosen
 */
export function ticked(chosen, ids, on, most) {
  if (!on) return chosen.filter((id) => !ids.includes(id));
  return [...chosen, ...ids.filter((id) => !chosen.includes(id))].slice(0, most);
}

/**
 * How many runs there are, found and chosen: "7 runs, 2 selected", "3 of 7 runs, 2 selected".
 *
 * @param {number} found
 * @param {number} all
 * @param {number} chosen
 * @param {number} most
 */
export function countText(found, all, chosen, most) {
  const runs = `${all} run${all === 1 ? "" : "s"}`;
  const selected = `${chosen} selected${chosen >= most ? ", the most that can be" : ""}`;
  return `${found < all ? `${found} of ` : ""}${runs}, ${selected}`;
}

/**
 * When a run was started: how long ago, from a day on the time on the visitor's clock, with the year
 * where it is not this one.
 *
 * @param {number | null} created in seconds
 * @param {number} now in seconds
 */
export function startText(created, now) {
  if (created === null) return "";
  const minutes = Math.floor((now - created) / 60);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} minute${minutes > 1 ? "s" : ""} ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} hour${hours > 1 ? "s" : ""} ago`;
  const [then, today] = [created, now].map((seconds) => new Date(seconds * 1_000));
  return then.toLocaleString("en-GB", {
    day: "numeric",
    month: "long",
    ...(then.getFullYear() === today.getFullYear() ? {} : { year: "numeric" }),
    hour: "2-digit",
    minute: "2-digit",
  });
}
