import { copy } from "./clipboard.js";
import { element } from "./elements.js";
import { iconButton } from "./tool.js";

/**
 * @typedef {object} Data
 * @property {string} root what others open instead of this visitor's own address; may be empty
 * @property {string} note a sentence where the link leads nobody else here; may be empty
 *
 * @typedef {Made<{ fmData: Data, fmTimer?: number }, { ".fm-told": HTMLElement }>} Root
 */

const CHAIN =
  "M10 14a4 4 0 0 0 5.7 0l3.6-3.6a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0l-3.6 3.6a4 4 0 0 0 5.7 5.7L12 17.7";
const SHOWN_MS = 5_000;

/**
 * The address of a page for somebody else: without a presenter's key, and where others come from.
 *
 * @param {string} address of this window
 * @param {string} root
 */
export function linkOf(address, root) {
  const { pathname, search } = new URL(address);
  const link = new URL(pathname + search, root || address);
  link.searchParams.delete("key");
  return link.href;
}

/**
 * Let a phone share the link in its own way; whether it did, or was told not to.
 *
 * @param {string} url
 */
async function share(url) {
  if (!navigator.share || !window.matchMedia("(pointer: coarse)").matches) return false;
  try {
    await navigator.share({ title: document.title, url });
    return true;
  } catch (error) {
    return error instanceof DOMException && error.name === "AbortError";
  }
}

/**
 * Say something below the button for a while; what a screen reader has to hear anew changes first.
 *
 * @param {Root} root
 * @param {string} sentence
 * @param {string} [link] to be copied by hand
 */
function tell(root, sentence, link) {
  const told = root.querySelector(".fm-told");
  clearTimeout(root.fmTimer);
  told.replaceChildren();
  requestAnimationFrame(() => {
    element("span", "", told).textContent = sentence;
    if (!link) {
      root.fmTimer = window.setTimeout(() => told.replaceChildren(), SHOWN_MS);
      return;
    }
    const field = element("input", "", told);
    field.readOnly = true;
    field.value = link;
    field.setAttribute("aria-label", "Link");
    field.select();
    field.addEventListener("blur", () => told.replaceChildren(), { once: true });
  });
}

/** @param {Root} root */
async function give(root) {
  const { root: place, note } = root.fmData;
  const link = linkOf(document.location.href, place);
  if (await share(link)) return;
  if (await copy(link)) tell(root, note ? `Link copied. ${note}` : "Link copied.");
  else tell(root, "Copy this link:", link);
}

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement }) {
  let root = /** @type {Root | null} */ (parentElement.querySelector(":scope > .fm-tool"));
  if (!root) {
    const made = /** @type {Root} */ (element("div", "fm-tool", parentElement));
    const button = iconButton(made, CHAIN, "Copy link", "Copy a link to what is shown here");
    const told = element("div", "fm-told", made);
    told.setAttribute("role", "status");
    button.addEventListener("click", () => void give(made));
    root = made;
  }
  root.fmData = data;
}
