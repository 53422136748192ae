"""The stops of the Tab key on a page: what each is called, and whether one can see it."""

from __future__ import annotations

from typing import TypedDict

from playwright.sync_api import Page

# What tells on the screen where the focus is: a change of one of these, on the element, inside it
# or around it, against the same without the focus.
STOP = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const parts = [at, ...at.querySelectorAll(":scope > *, :scope > * > *")];
  for (let part = at.parentElement, up = 0; part && up < 6; part = part.parentElement, up += 1) {
    parts.push(part);
  }
  for (const label of at.labels ?? []) parts.push(...label.querySelectorAll("*"));
  const looks = () => parts.map((part) => {
    const style = getComputedStyle(part);
    const outline = style.outlineStyle === "none" || style.outlineWidth === "0px"
      ? "" : `${style.outlineWidth} ${style.outlineColor}`;
    return [outline, style.boxShadow, style.borderColor, style.backgroundColor].join();
  }).join(";");
  const focused = looks();
  const top = document.scrollingElement.scrollTop;
  at.blur();
  const blurred = looks();
  at.focus({ focusVisible: true, preventScroll: true });
  const named = (at.getAttribute("aria-labelledby") ?? "").split(" ")
    .map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
  const label = [...(at.labels ?? [])].map((one) => one.textContent).join(" ");
  const name = at.getAttribute("aria-label") || named.trim() || label || at.textContent
    || at.getAttribute("title") || at.querySelector("img")?.alt || "";
  return {
    name: name.trim(), seen: focused !== blurred,
    element: `${at.tagName.toLowerCase()} ${at.dataset.testid ?? at.className} in `
      + (at.closest("[class*=st-key-]")?.className.match(/st-key-[\\w-]+/)?.[0] ?? "the page"),
  };
}"""
CALM = "*, ::before, ::after { transition: none !important; animation: none !important; }"


class Stop(TypedDict):
    """One stop of the Tab key.

    Attributes:
        name: what a screen reader calls it.
        seen: whether the screen looks different with the focus there.
        element: which it is, for whoever has to find it.
    """

    name: str
    seen: bool
    element: str


def stops_of_the_tab_key(page: Page, most: int) -> list[Stop]:
    """The stops from the top of the page on, until the focus leaves it or there were ``most``."""
    page.add_style_tag(content=CALM)
    page.evaluate("document.activeElement?.blur()")
    stops: list[Stop] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop: Stop | None = page.evaluate(STOP)
        if stop is None:
            break
        stops.append(stop)
    return stops


def faults(stops: list[Stop]) -> list[str]:
    """What is wrong with stops, in words: that one cannot be seen, or has no name."""
    return [
        f"{stop['element']} ({stop['name'][:40]!r}) {fault}"
        for stop in stops
        for fault, is_fault in (
            ("is not seen", not stop["seen"]),
            ("has no name", not stop["name"]),
        )
        if is_fault
    ]
