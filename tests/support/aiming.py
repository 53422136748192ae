"""JavaScript that finds the target of a click just before it happens, and notes what was hit."""

from __future__ import annotations

from screens import HELPERS

# Runs in every document before its own scripts.
WATCH = """
window.fmHits = [];
for (const kind of ["pointerdown", "click"]) {
  document.addEventListener(kind, (event) => {
    const aim = window.fmAim;
    if (!aim || !event.isTrusted) return;
    const hit = aim.parts.some((part) => part.contains(event.target));
    const on = (event.target.closest?.("button, label, a, input, canvas") ?? event.target);
    const words = on.getAttribute("aria-label") || on.textContent || "";
    window.fmHits.push({ number: aim.number, kind, hit, on: words.trim().slice(0, 60) });
  }, true);
}
"""

FIND = (
    """([aims, number]) => {
"""
    + HELPERS
    + """
const answer = (why, more) => ({ why, ...more });
const ends = (text, wanted) => text === wanted
  || (wanted.startsWith("· ") && text.endsWith(wanted));
const group = (name, groups) => groups.filter((one) => named(one) === name);
const first = (found) => found.find(Boolean);
// Steps along the wall lead back to it, steps along the suspects do not.
const steps = (one, back) => back === undefined || !one.closest(".fm-steps")
  || back === [...one.closest(".fm-steps").querySelectorAll("button")]
    .some((each) => shown(each) && words(each).startsWith("Back"));
const button = (test, back) => all("button, a")
  .find((one) => !isTile(one) && test(words(one), named(one)) && steps(one, back));
const findersOf = (aim) => ({
  choice: () => {
    const groups = group(aim.name, all("[role=radiogroup]"));
    const fits = (radio) => aim.option.endsWith(" (")
      ? named(radio).startsWith(aim.option) : named(radio) === aim.option;
    return first((aim.group === undefined ? groups : groups.slice(aim.group, aim.group + 1))
      .map((one) => [...one.querySelectorAll("[role=radio]")].filter(shown).find(fits)));
  },
  several: () => first(group(aim.name, severals()).map((one) =>
    [...one.querySelectorAll("button")].find((each) => named(each) === aim.option))),
  list: () => all("input[role=combobox], select").find((one) => named(one) === aim.name),
  option: () => all("[role=option]").find((one) => ends(words(one), aim.option)),
  slider: () => all("input[type=range]").find((one) => one.getAttribute("aria-label") === aim.name),
  switch: () => all("input[role=switch]").find((one) => named(one) === aim.name),
  button: () => button((text, name) => aim.starts
    ? text.startsWith(aim.name) : text === aim.name || name === aim.name, aim.back),
  pair: () => all("button").filter((one) => / (is|are) mistaken for /.test(words(one)))[aim.place],
  tile: () => tilesOf(walls()[aim.wall] ?? document.createElement("p"))[aim.place],
  cell: () => matrix()?.querySelectorAll("tbody td button") && [...matrix()
    .querySelectorAll("tbody td button")].find((one) => named(one).startsWith(aim.name)),
  head: () => matrix()
    && [...matrix().querySelectorAll(aim.line === "row" ? "tbody th" : "thead th")]
    .find((one) => words(one) === aim.name)?.querySelector("button"),
  page: () => all("[role=navigation][aria-label=Pagination] button")
    .find((one) => named(one) === `Page ${aim.page}`),
  step: () => {
    const fields = all("input[type=number]").filter((one) => named(one) === aim.name);
    const box = fields[aim.place ?? 0]?.closest("[data-testid=stNumberInput]");
    return [...(box?.querySelectorAll("button") ?? [])].find((one) => named(one) === aim.option);
  },
  tick: () => all(".fm-runs tbody input").find((one) => one.closest("tr").dataset.id === aim.id),
  canvas: () => all("canvas:is([role=img], [role=application])")
    .find((one) => named(one).startsWith(aim.name)),
});
const seek = (aim) => {
const found = findersOf(aim)[aim.kind]();
if (!found) return answer("gone");
if (found.disabled || found.getAttribute("aria-disabled") === "true") return answer("disabled");
const target = aim.kind === "switch" ? found.closest("label") ?? found
  : aim.kind === "slider" && found.closest("[role=group]") || found;
const middle = () => {
  const box = target.getBoundingClientRect();
  let [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  if (aim.kind === "slider") {
    x = box.left + 8 + aim.share * (box.width - 16);
    y = (found.getClientRects()[0].top + found.getClientRects()[0].bottom) / 2;
    if (target !== found) {
      const thumb = found.parentElement.getBoundingClientRect();
      y = (thumb.top + thumb.bottom) / 2;
    }
  }
  if (aim.kind === "switch") x = box.left + 12;
  return [x, y];
};
let [x, y] = middle();
if (y < 70 || y > innerHeight - 10) {
  target.scrollIntoView({ block: "center" });
  [x, y] = middle();
}
const hit = document.elementFromPoint(x, y);
const parts = [target, found];
if (!hit || !parts.some((part) => part.contains(hit))) {
  return answer("covered", { by: clean(hit?.textContent).slice(0, 40) });
}
window.fmAim = { parts, number };
const more = { x, y, native: found.tagName === "SELECT", canvas: found.tagName === "CANVAS" };
if (more.native) {
  found.setAttribute("data-aimed", number);
  more.label = [...found.options].map((one) => one.label)
    .find((text) => ends(clean(text), aim.option));
}
// What shows as chosen cannot be chosen: who clicks it sees nothing to wait for.
more.chosen = more.native ? found.selectedOptions[0]?.label === more.label
  : aim.kind === "choice" && found.getAttribute("aria-checked") === "true";
if (aim.kind === "step") {
  more.value = Number(found.closest("[data-testid=stNumberInput]").querySelector("input").value);
}
if (aim.kind === "switch" || aim.kind === "tick") more.on = found.checked;
if (aim.kind === "pair") more.words = words(found);
if (aim.kind === "tile") {
  const [, split, place] = /^(Test|Train) picture (\\d+)/.exec(found.getAttribute("aria-label"));
  const closely = all("button").some((one) => words(one).startsWith("Back to the "));
  Object.assign(more, { split: split.toLowerCase(), picture: Number(place), closely });
}
return answer("", more);
};
// Of several, the first that is in sight.
let [at, best] = [0, null];
for (const [place, aim] of aims.entries()) {
  const result = seek(aim);
  if (best === null || !result.why) [at, best] = [place, result];
  if (!result.why) break;
}
return { ...best, at };
}"""
)
