import { actOf, isAnswer, nextCount } from "./acts.js";
import { element, isStill, onceGone } from "./elements.js";

/**
 * @typedef {{ id: string, text: string, icon: string }} Option the icon is an address, or empty
 *
 * @typedef {object} Data
 * @property {string} label what is chosen
 * @property {boolean} showLabel else it is only read out
 * @property {"segments" | "pills" | "list"} look
 * @property {boolean} multiple whether several may be chosen
 * @property {boolean} required whether one must stay chosen
 * @property {string} placeholder what a list shows while nothing is chosen
 * @property {string} help a sentence behind a question mark, or empty
 * @property {Option[]} options
 * @property {string[]} chosen the ids
 * @property {number} seen the count of the newest act that was carried out
 *
 * @typedef {object} State
 * @property {Data} data
 * @property {string[]} chosen the ids, for the visitor
 * @property {string} content what is built, as a text
 * @property {number} count of the newest act
 * @property {number} [seen]
 * @property {Tell} tell
 * @property {ResizeObserver} sizes of a row of options and of each
 *
 * @typedef {object} Parts
 * @property {HTMLSelectElement | null} select only where the options are a list
 *
 * @typedef {Parts & { ".fm-choice-options": HTMLElement,
 *   ".fm-choice-options > button": Button }} Selectors
 * @typedef {Made<{ fmState: State }, Selectors>} Root
 * @typedef {HTMLButtonElement & { dataset: { id: string } }} Button
 */

/**
 * @param {Root} root
 * @param {Data} data
 */
function build(root, data) {
  const name = `fm-choice-${nextCount(0)}`;
  root.className = `fm-choice fm-choice-${data.look}`;
  root.replaceChildren();
  const head = element("div", "fm-choice-label", root);
  const label = element(data.look === "list" ? "label" : "span", "", head);
  label.id = `${name}-label`;
  label.textContent = data.label;
  head.classList.toggle("fm-unseen", !data.showLabel);
  if (data.help) {
    const help = element("button", "fm-help", head);
    help.type = "button";
    help.textContent = "?";
    help.setAttribute("aria-label", `${data.label}: ${data.help}`);
    help.dataset.help = data.help;
  }
  if (data.look === "list") {
    const list = element("select", "", root);
    list.id = /** @type {HTMLLabelElement} */ (label).htmlFor = name;
    if (!data.required || data.placeholder) {
      const none = element("option", "", list);
      none.value = "";
      none.textContent = data.placeholder;
    }
    for (const option of data.options) {
      const item = element("option", "", list);
      item.value = option.id;
      item.textContent = option.text;
    }
    return;
  }
  const group = element("div", "fm-choice-options", root);
  group.onscroll = () => markEdges(group);
  group.setAttribute("role", data.multiple || !data.required ? "group" : "radiogroup");
  group.setAttribute("aria-labelledby", label.id);
  for (const option of data.options) {
    const button = element("button", "", group);
    button.type = "button";
    button.dataset.id = option.id;
    if (isRadio(data)) button.setAttribute("role", "radio");
    if (option.icon) {
      const icon = element("img", "", button);
      icon.src = option.icon;
      icon.alt = "";
    }
    const text = element("span", "", button);
    text.textContent = text.dataset.text = option.text;
  }
}

// So much of a row's edge fades where more is behind it, and the next option peeks out there.
const EDGE = 56;

/**
 * How far a row is to be scrolled, so that an option stands clear of what fades; all in pixels.
 *
 * @param {{ left: number, width: number }} option its place in the row
 * @param {{ scroll: number, width: number, total: number }} row how far it is scrolled, how much of
 *   it is seen and how wide it is
 */
export function scrollToShow(option, { scroll, width, total }) {
  const last = option.left + option.width + EDGE - width;
  const first = option.left - EDGE;
  const clear = scroll < last ? last : scroll;
  return Math.max(0, Math.min(clear > first ? first : clear, total - width));
}

/**
 * A row that does not fit says so: it fades at the edge behind which more is.
 *
 * @param {HTMLElement} row
 */
function markEdges(row) {
  const hidden = row.scrollWidth - row.clientWidth;
  row.toggleAttribute("data-more-before", row.scrollLeft > 1);
  row.toggleAttribute("data-more-after", row.scrollLeft < hidden - 1);
}

/**
 * Scroll the row, and nothing around it, to an option.
 *
 * @param {HTMLElement} row
 * @param {HTMLElement | undefined} option
 * @param {ScrollBehavior} behavior
 */
function scrollRow(row, option, behavior) {
  if (option) {
    const { scrollLeft: scroll, clientWidth: width, scrollWidth: total } = row;
    const left = option.getBoundingClientRect().left - row.getBoundingClientRect().left + scroll;
    const target = scrollToShow({ left, width: option.offsetWidth }, { scroll, width, total });
    if (target !== scroll) row.scrollTo({ left: target, behavior });
  }
  markEdges(row);
}

/**
 * Show the option that was chosen last, or the first of those that are.
 *
 * @param {Root} root
 * @param {ScrollBehavior} behavior
 * @param {string[]} [ids] by default those that are chosen
 */
function showChosen(root, behavior, ids = root.fmState.chosen) {
  const row = root.querySelector(".fm-choice-options");
  if (!row) return;
  const buttons = [...root.querySelectorAll(".fm-choice-options > button")];
  scrollRow(row, buttons.find((button) => ids.includes(button.dataset.id)), behavior);
}

/** @returns {ScrollBehavior} of a scroll that follows what the visitor did */
const gently = () => (isStill() ? "instant" : "smooth");

/**
 * What a row shows depends on its width, which changes with the window and with its letters.
 *
 * @param {Root} root
 */
function keepChosenVisible(root) {
  const { sizes } = root.fmState;
  sizes.disconnect();
  const row = root.querySelector(".fm-choice-options");
  if (!row) return;
  for (const part of [row, ...row.children]) sizes.observe(part);
}

/** @param {Data} data */
const isRadio = (data) => data.required && !data.multiple;

/** @param {Root} root */
function show(root) {
  const { data, chosen } = root.fmState;
  const list = root.querySelector("select");
  if (list) {
    list.value = chosen[0] ?? "";
    return;
  }
  const buttons = [...root.querySelectorAll(".fm-choice-options > button")];
  for (const button of buttons) {
    const isChosen = chosen.includes(button.dataset.id);
    button.setAttribute(isRadio(data) ? "aria-checked" : "aria-pressed", String(isChosen));
    if (isRadio(data)) button.tabIndex = isChosen ? 0 : -1;
  }
  if (isRadio(data) && !chosen.length && buttons.length) buttons[0].tabIndex = 0;
}

/**
 * @param {Root} root
 * @param {string[]} chosen
 */
function choose(root, chosen) {
  const state = root.fmState;
  if (chosen.join() === state.chosen.join()) return;
  const changed = chosen.filter((id) => !state.chosen.includes(id));
  state.chosen = chosen;
  const act = actOf(state.data.seen, chosen);
  state.count = act.count;
  show(root);
  showChosen(root, gently(), changed);
  state.tell("chosen", act);
}

/**
 * What is chosen once this option was clicked.
 *
 * @param {{ data: Pick<Data, "options" | "multiple" | "required">, chosen: string[] }} state
 * @param {string} id
 */
export function clicked({ data, chosen }, id) {
  const remaining = chosen.filter((optionId) => optionId !== id);
  const isChosen = remaining.length < chosen.length;
  if (data.required && isChosen && !remaining.length) return chosen;
  if (data.multiple) {
    const all = isChosen ? remaining : [...chosen, id];
    return data.options.map((option) => option.id).filter((optionId) => all.includes(optionId));
  }
  return isChosen ? [] : [id];
}

/** @type {{ [key: string]: number }} */
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/**
 * In a group of which one is chosen, an arrow key chooses, as browsers do it for radio buttons.
 *
 * @param {KeyboardEvent} event
 * @param {Root} root
 */
function walk(event, root) {
  const step = STEPS[event.key];
  const { data } = root.fmState;
  const buttons = [...root.querySelectorAll(".fm-choice-options > button")];
  const target = /** @type {Element} */ (event.target);
  const index = buttons.indexOf(/** @type {Button} */ (target.closest("button")));
  if (!step || index < 0 || !isRadio(data)) return;
  event.preventDefault();
  const next = buttons[(index + step + buttons.length) % buttons.length];
  choose(root, [next.dataset.id]);
  next.focus();
}

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement, setStateValue }) {
  let root = /** @type {Root | null} */ (parentElement.querySelector(":scope > .fm-choice"));
  if (!root) {
    root = /** @type {Root} */ (element("div", "fm-choice", parentElement));
    const made = root;
    const sizes = new ResizeObserver(() => showChosen(made, "instant"));
    root.fmState = /** @type {State} */ ({ count: 0, chosen: data.chosen, sizes });
  }
  const state = root.fmState;
  const { chosen: _, seen: __, ...built } = data;
  const content = JSON.stringify(built);
  if (state.content !== content) {
    // Who walks by keys keeps her place where the texts change.
    const active = /** @type {HTMLElement | null} */ (document.activeElement);
    const focused = root.contains(active) ? active : null;
    build(root, data);
    state.content = content;
    keepChosenVisible(root);
    const id = focused?.dataset.id;
    const same = id ? `[data-id="${CSS.escape(id)}"]` : focused?.tagName;
    if (same) /** @type {HTMLElement | null} */ (root.querySelector(same))?.focus();
  }
  state.data = data;
  state.tell = setStateValue;
  const before = state.chosen.join();
  if (isAnswer(state, data)) state.chosen = data.chosen;
  root.onclick = (event) => {
    const target = /** @type {Element} */ (event.target);
    const button = /** @type {Button | null} */ (target.closest(".fm-choice-options > button"));
    if (button) choose(root, clicked(state, button.dataset.id));
  };
  root.onkeydown = (event) => walk(event, root);
  const list = root.querySelector("select");
  if (list) list.onchange = () => choose(root, list.value ? [list.value] : []);
  show(root);
  if (state.chosen.join() !== before) showChosen(root, gently());
  return onceGone(root, () => state.sizes.disconnect());
}
