import { actOf, isAnswer, nextCount } from "./acts.js";
import { element } from "./elements.js";
import { countText, listed, startText, ticked } from "./run_list.js";

/**
 * @import { Row } from "./run_list.js"
 *
 * @typedef {object} Data
 * @property {Row[]} rows newest first
 * @property {string[]} chosen the ids
 * @property {string} order
 * @property {{ [order: string]: string }} orders what each is called
 * @property {number} most so many can be chosen
 * @property {number} seen the count of the newest act that was carried out
 *
 * @typedef {object} State
 * @property {Data} data
 * @property {string[]} chosen for the visitor
 * @property {string} order for the visitor
 * @property {string} words that are searched for
 * @property {boolean} open
 * @property {number} count of the newest act
 * @property {number} [seen]
 * @property {string} [chips] what the chips show
 * @property {string} [table] what the table shows
 * @property {Tell} tell
 *
 * @typedef {{
 *   ".fm-runs-chips": HTMLDivElement,
 *   ".fm-runs-open": HTMLButtonElement,
 *   ".fm-runs-count": HTMLSpanElement,
 *   ".fm-runs-panel": HTMLDivElement,
 *   ".fm-runs-none": HTMLParagraphElement,
 *   "input[type=search]": HTMLInputElement,
 *   "thead input": HTMLInputElement,
 *   "select": HTMLSelectElement,
 *   "tbody": HTMLTableSectionElement,
 *   "thead [data-order]": HTMLButtonElement,
 * }} Parts
 *
 * @typedef {Made<{ fmState: State }, Parts>} Root
 */

// So many chips leave room for the chart; the rest is counted.
const MOST_CHIPS = { wide: 8, narrow: 4 };
const NARROW = "(max-width: 640px)";
/** @type {[title: string, order: string, className: string][]} */
const COLUMNS = [
  ["Run", "name", ""],
  ["State", "", "fm-runs-state"],
  ["Test accuracy", "best", "fm-runs-number"],
  ["Training accuracy", "", "fm-runs-number fm-runs-more"],
  ["Parameters", "small", "fm-runs-number fm-runs-more"],
  ["Epochs", "", "fm-runs-number fm-runs-more"],
  ["Time", "quick", "fm-runs-number fm-runs-more"],
  ["Started", "newest", "fm-runs-more"],
  ["Tags and notes", "", "fm-runs-more"],
];

/** @param {Root} root */
function build(root) {
  const name = `fm-runs-${nextCount(0)}`;
  const head = element("div", "fm-runs-head", root);
  element("div", "fm-runs-chips", head).setAttribute("role", "list");
  const open = element("button", "fm-runs-open", head);
  open.type = "button";
  open.setAttribute("aria-controls", name);
  const count = element("span", "fm-runs-count", head);
  count.setAttribute("role", "status");
  const panel = element("div", "fm-runs-panel", root);
  panel.id = name;
  const tools = element("div", "fm-runs-tools", panel);
  const search = element("input", "", element("label", "", tools));
  search.type = "search";
  search.setAttribute("aria-label", "Search");
  search.placeholder = "Name, tag, note, optimizer …";
  search.before("Search");
  const sorted = element("label", "", tools);
  sorted.append("Sorted");
  element("select", "", sorted).setAttribute("aria-label", "Sorted");
  const scroll = element("div", "fm-runs-scroll", panel);
  const table = element("table", "", scroll);
  table.setAttribute("aria-label", "All runs with their state, accuracies, parameters and time");
  const titles = element("tr", "", element("thead", "", table));
  const all = element("input", "", element("th", "", titles));
  all.type = "checkbox";
  all.setAttribute("aria-label", "Select all runs in the table");
  for (const [title, order, className] of COLUMNS) {
    const cell = element("th", className, titles);
    cell.scope = "col";
    if (!order) cell.textContent = title;
    else {
      const button = element("button", "", cell);
      button.type = "button";
      button.textContent = title;
      button.dataset.order = order;
    }
  }
  element("tbody", "", table);
  element("p", "fm-runs-none", panel).textContent = "No run fits the search. Change it to see the others.";
  element("p", "fm-runs-note", panel).textContent =
    "± is the 95 % interval of each run alone; whether two differ, Two in depth tells.";
}

/**
 * @param {Root} root
 * @param {"chosen" | "order"} part
 * @param {string[] | string} value
 */
function tell(root, part, value) {
  const state = root.fmState;
  const act = actOf(state.data.seen, value);
  state.count = act.count;
  draw(root);
  state.tell(part, act);
}

/**
 * @param {Root} root
 * @param {string[]} ids
 * @param {boolean} on
 */
function tick(root, ids, on) {
  const state = root.fmState;
  state.chosen = ticked(state.chosen, ids, on, state.data.most);
  tell(root, "chosen", state.chosen);
}

/**
 * @param {Root} root
 * @param {string} order
 */
function sort(root, order) {
  root.fmState.order = order;
  tell(root, "order", order);
}

/**
 * A marker in the colour of the run.
 *
 * @param {Row} row
 * @param {Element} parent
 */
function mark(row, parent) {
  const dot = element("span", "fm-runs-mark", parent);
  dot.style.color = row.color;
  dot.textContent = row.glyph;
  dot.setAttribute("aria-hidden", "true");
}

/**
 * @param {Root} root
 * @param {Row[]} rows the chosen ones
 */
function drawChips(root, rows) {
  const chips = root.querySelector(".fm-runs-chips");
  const most = matchMedia(NARROW).matches ? MOST_CHIPS.narrow : MOST_CHIPS.wide;
  // Who walks along the chips by keys keeps the place when the server answers.
  const content = JSON.stringify([most, rows]);
  if (root.fmState.chips === content) return;
  root.fmState.chips = content;
  const active = /** @type {HTMLElement | null} */ (document.activeElement);
  const focused = chips.contains(active) ? active?.dataset.away : undefined;
  chips.replaceChildren();
  for (const row of rows.slice(0, most)) {
    const chip = element("span", "fm-runs-chip", chips);
    chip.setAttribute("role", "listitem");
    mark(row, chip);
    const name = element("span", "fm-runs-name", chip);
    name.textContent = name.title = row.name;
    const away = element("button", "", chip);
    away.type = "button";
    away.dataset.away = row.id;
    away.textContent = "×";
    away.setAttribute("aria-label", `Take ${row.name} away`);
    if (row.id === focused) away.focus({ preventScroll: true });
  }
  if (rows.length <= most) return;
  const rest = element("span", "fm-runs-chip", chips);
  rest.setAttribute("role", "listitem");
  rest.textContent = `and ${rows.length - most} more`;
}

/**
 * @param {Row} row
 * @param {HTMLTableSectionElement} body
 */
function drawRow(row, body) {
  const line = element("tr", "", body);
  line.dataset.id = row.id;
  const box = element("input", "", element("td", "", line));
  box.type = "checkbox";
  box.setAttribute("aria-label", row.name);
  const name = element("th", "", line);
  name.scope = "row";
  mark(row, name);
  name.append(`${row.pinned ? "★ " : ""}${row.name}`);
  const texts = [
    row.state,
    row.accuracy_text,
    row.training,
    row.parameters?.toLocaleString("en") ?? "–",
    row.epochs ?? "–",
    row.seconds_text,
    startText(row.created, Date.now() / 1_000),
    [...row.tags, row.notes].filter(Boolean).join(" · "),
  ];
  texts.forEach((text, index) => {
    element("td", COLUMNS[index + 1][2], line).textContent = String(text);
  });
}

/** @param {Root} root */
function draw(root) {
  const { data, chosen, open } = root.fmState;
  const byId = new Map(data.rows.map((row) => [row.id, row]));
  const chosenRows = chosen.flatMap((id) => byId.get(id) ?? []);
  drawChips(root, chosenRows);
  const rows = open ? drawList(root) : data.rows;
  const button = root.querySelector(".fm-runs-open");
  button.textContent = open ? "Close the list" : "Choose runs";
  button.setAttribute("aria-expanded", String(open));
  root.querySelector(".fm-runs-panel").hidden = !open;
  root.querySelector(".fm-runs-count").textContent =
    countText(rows.length, data.rows.length, chosenRows.length, data.most);
}

/**
 * Draw the table; returns its rows.
 *
 * @param {Root} root
 */
function drawList(root) {
  const { data, chosen, order, words } = root.fmState;
  const rows = listed(data.rows, words, order);
  const select = root.querySelector("select");
  if (select.options.length !== Object.keys(data.orders).length) {
    select.replaceChildren(...Object.entries(data.orders).map(([id, text]) => new Option(text, id)));
  }
  select.value = order;
  const body = root.querySelector("tbody");
  const content = JSON.stringify(rows);
  if (root.fmState.table !== content) {
    const focused = body.contains(document.activeElement)
      ? document.activeElement?.closest("tr")?.dataset.id : undefined;
    root.fmState.table = content;
    body.replaceChildren();
    for (const row of rows) drawRow(row, body);
    // Who ticks by keys keeps the place where the lines are made anew.
    if (focused) body.querySelector(`[data-id="${focused}"]`)?.querySelector("input")?.focus();
  }
  for (const line of body.rows) {
    /** @type {HTMLInputElement} */ (line.querySelector("input")).checked =
      chosen.includes(line.dataset.id ?? "");
  }
  const on = rows.filter((row) => chosen.includes(row.id)).length;
  const all = root.querySelector("thead input");
  all.checked = on > 0 && on === rows.length;
  all.indeterminate = on > 0 && on < rows.length;
  for (const cell of root.querySelectorAll("thead [data-order]")) {
    if (cell.dataset.order === order) cell.parentElement?.setAttribute("aria-sort", "other");
    else cell.parentElement?.removeAttribute("aria-sort");
  }
  root.querySelector(".fm-runs-none").hidden = rows.length > 0;
  return rows;
}

/**
 * @param {Root} root
 * @param {MouseEvent} event
 */
function click(root, event) {
  const target = /** @type {Element} */ (event.target);
  const state = root.fmState;
  const button = /** @type {HTMLButtonElement | null} */ (target.closest("button"));
  if (button?.dataset.away) {
    const next = button.parentElement?.nextElementSibling?.querySelector("button")?.dataset.away;
    tick(root, [button.dataset.away], false);
    // Who takes chips away by keys stands on the next one then.
    const chip = next && root.querySelector(`[data-away="${next}"]`);
    (chip instanceof HTMLElement ? chip : root.querySelector(".fm-runs-open")).focus();
  } else if (button?.dataset.order) {
    sort(root, button.dataset.order);
  } else if (button) {
    state.open = !state.open;
    draw(root);
    // On a phone a keyboard would cover what has just opened.
    const types = matchMedia("(hover: hover)").matches;
    if (state.open && types) root.querySelector("input[type=search]").focus({ preventScroll: true });
  } else {
    // The whole line of a run ticks its box; the box itself tells of its change.
    const line = /** @type {HTMLTableRowElement | null} */ (target.closest("tbody tr"));
    if (line && !(target instanceof HTMLInputElement)) line.querySelector("input")?.click();
  }
}

/**
 * @param {Root} root
 * @param {Event} event
 */
function change(root, event) {
  const target = event.target;
  if (target instanceof HTMLSelectElement) sort(root, target.value);
  else if (target instanceof HTMLInputElement && target.type === "checkbox") {
    const { data, words, order } = root.fmState;
    const id = target.closest("tr")?.dataset.id;
    tick(root, id ? [id] : listed(data.rows, words, order).map((row) => row.id), target.checked);
  }
}

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement, setStateValue }) {
  let root = /** @type {Root | null} */ (parentElement.querySelector(":scope > .fm-runs"));
  if (!root) {
    root = /** @type {Root} */ (element("div", "fm-runs", parentElement));
    const { chosen, order } = data;
    // Where nothing is chosen, choosing is what there is to do.
    root.fmState = /** @type {State} */ ({ count: 0, words: "", chosen, order, open: !chosen.length });
    build(root);
  }
  const state = root.fmState;
  state.data = data;
  state.tell = setStateValue;
  if (isAnswer(state, data)) {
    state.chosen = data.chosen;
    state.order = data.order;
  }
  const made = root;
  root.onclick = (event) => click(made, event);
  root.onchange = (event) => change(made, event);
  root.querySelector("input[type=search]").oninput = (event) => {
    state.words = /** @type {HTMLInputElement} */ (event.target).value;
    draw(made);
  };
  root.onkeydown = (event) => {
    if (event.key !== "Escape" || !state.open) return;
    state.open = false;
    draw(made);
    made.querySelector(".fm-runs-open").focus();
  };
  draw(root);
}
