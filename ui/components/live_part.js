import { actOf } from "./acts.js";
import { channel, followTopic, listen } from "./live_channel.js";
import { onceGone } from "./elements.js";
import { morph } from "./morph.js";

/**
 * @typedef {object} Data
 * @property {string} part the name that the live channel calls it
 * @property {Part} html as it was when the page was drawn
 * @property {string} variant which of several the page shows
 * @property {string} root of all streams, from "/" on
 * @property {string} topic that the part belongs to; empty where it is the page's run
 * @property {number} now when that was
 * @property {number} seen the count of the newest act that was carried out
 *
 * @typedef {string | { [variant: string]: string }} Part one element or nothing, or several to choose
 *   from, of which the one without a name is for all others
 * @typedef {Made<{ fmData: Data, fmUnlisten: () => void, fmLeave: () => void }>} Root
 */

/**
 * Draw the newest there is: what the page was drawn with, or what was told since.
 *
 * @param {Root} root
 */
function draw(root) {
  const { part, html, now, variant } = root.fmData;
  const told = channel.parts.get(part);
  const newest = /** @type {Part} */ (told && told.now >= now ? told.value : html);
  const shown = typeof newest === "string" ? newest : newest[variant] ?? newest[""];
  if (shown) morph(root, shown);
  else root.replaceChildren();
}

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement, setStateValue }) {
  let root = /** @type {Root | null} */ (parentElement.querySelector(":scope > .fm-live-part"));
  if (!root) {
    const made = /** @type {Root} */ (document.createElement("div"));
    made.className = "fm-live-part";
    parentElement.append(made);
    made.fmLeave = () => {};
    made.fmUnlisten = listen((message) => {
      if (message.parts && made.fmData.part in message.parts) draw(made);
    });
    root = made;
  }
  const place = root;
  if (data.topic !== place.fmData?.topic) {
    place.fmLeave();
    place.fmLeave = data.topic ? followTopic(data.root, data.topic) : () => {};
  }
  place.fmData = data;
  draw(place);
  place.onclick = (event) => {
    const button = /** @type {HTMLElement | null} */ (
      /** @type {Element} */ (event.target).closest("[data-act]")
    );
    if (!button?.dataset.act) return;
    // A link opens a tab of its own for who wants one.
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    window.fmLiveActed = performance.now();
    setStateValue("acted", actOf(data.seen, button.dataset.act));
  };
  return onceGone(place, () => {
    place.fmUnlisten();
    place.fmLeave();
  });
}
