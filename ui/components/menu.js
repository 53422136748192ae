// The menu's button on narrow windows, and what Streamlit's page links lack: the landmark around
// them, which of them is the page one is on, and a new tab for a click with Ctrl.
/**
 * @typedef {{ here: string, current: number }} Data the page one is on: its title, and its place
 *
 * @typedef {{ button: HTMLButtonElement, ".fm-menu-here": HTMLElement }} Parts
 * @typedef {Made<{ fmListeners?: AbortController }, Parts>} Root
 */

import { element } from "./elements.js";

const LINK = 'a[data-testid="stPageLink-NavLink"]';
const PANEL = "fm-menu-links";

/** @param {HTMLElement} parent */
function build(parent) {
  const root = /** @type {Root} */ (element("div", "fm-menu", parent));
  const button = element("button", "fm-menu-button", root);
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", PANEL);
  element("span", "fm-menu-bars", button);
  button.append("Menu");
  element("span", "fm-menu-here", root);
  return root;
}

/**
 * Streamlit draws the links when the code for them has come, before or after the button.
 *
 * @param {Element} nav
 * @param {number} current
 */
function complete(nav, current) {
  nav.querySelector(".st-key-menu_links")?.setAttribute("id", PANEL);
  nav.querySelectorAll(LINK).forEach((link, index) => {
    if (index === current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
}

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement }) {
  const nav = /** @type {HTMLElement} */ (parentElement.closest(".st-key-menu"));
  const before = /** @type {Root | null} */ (parentElement.querySelector(":scope > .fm-menu"));
  const root = before ?? build(parentElement);
  const button = root.querySelector("button");
  nav.setAttribute("role", "navigation");
  nav.setAttribute("aria-label", "Pages");
  root.querySelector(".fm-menu-here").textContent = data.here;
  complete(nav, data.current);

  const isOpen = () => nav.hasAttribute("data-open");
  // An attribute of its own: Streamlit writes the class, also while the menu is open.
  /** @param {boolean} wanted */
  const open = (wanted) => {
    nav.toggleAttribute("data-open", wanted);
    button.setAttribute("aria-expanded", String(wanted));
  };

  root.fmListeners?.abort();
  const listeners = new AbortController();
  root.fmListeners = listeners;
  const { signal } = listeners;
  button.addEventListener("click", () => open(!isOpen()), { signal });
  nav.addEventListener(
    "click",
    (event) => {
      const target = /** @type {Element} */ (event.target);
      const link = target.closest(LINK);
      if (link && (event.ctrlKey || event.metaKey || event.shiftKey)) {
        // Streamlit keeps every click to itself; the browser knows what these mean.
        event.stopPropagation();
      } else if (isOpen() && !button.contains(target)) {
        // A link, or the veil over the page. The link goes out of sight, and the focus with it.
        open(false);
        button.focus();
      }
    },
    { signal },
  );
  // What is above the veil, such as the line of a training, acts and closes at once.
  document.addEventListener(
    "pointerdown",
    (event) => {
      if (isOpen() && !nav.contains(/** @type {Node} */ (event.target))) open(false);
    },
    { signal, capture: true },
  );
  nav.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !isOpen()) return;
      // It is no way back to a wall of pictures as well.
      event.preventDefault();
      open(false);
      button.focus();
    },
    { signal },
  );
  nav.addEventListener(
    "focusout",
    (event) => {
      const to = /** @type {Node | null} */ (event.relatedTarget);
      if (isOpen() && to && !nav.contains(to)) open(false);
    },
    { signal },
  );
  const watch = new MutationObserver(() => complete(nav, data.current));
  watch.observe(nav, { childList: true, subtree: true });
  signal.addEventListener("abort", () => watch.disconnect());
  return () => listeners.abort();
}
