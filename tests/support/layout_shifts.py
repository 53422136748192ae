"""What moves on a page by itself: Chromium says it (``layout-shift``).

What moves within half a second of a click does not count, and here nobody clicks.
"""

from __future__ import annotations

from typing import NamedTuple

from playwright.sync_api import Page

REST_MILLISECONDS = 1_000
WITH_RUNS = (
    "/",
    "/explore",
    "/explore?picture=8&close=1",
    *(f"/explore?view={view}" for view in ("sheet", "classes", "map", "facts")),
    "/train?new=1",
    *(f"/compare?view={view}" for view in ("curves", "settings", "costs", "seeds", "together")),
    "/compare?view=pair",
    "/mistakes",
    "/mistakes?picture=17",
    *(f"/mistakes?view={view}" for view in ("classes", "sure", "luck", "suspects", "verdicts")),
    "/mistakes?view=suspects&of=train",
    "/inside",
    "/try",
)
# May run before anything of the page is there.
_WATCH = """() => {
  const name = (node) => {
    const part = node?.nodeType === 1 ? node : node?.parentElement;
    if (!part) return "something that is gone";
    const key = part.closest("[class*=st-key-]")?.className.match(/st-key-([\\w-]+)/)?.[1];
    const text = part.textContent.trim().slice(0, 60);
    return `${part.dataset.testid ?? part.className ?? part.tagName} in ${key}: "${text}"`;
  };
  const box = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
  window.fmShifts = [];
  window.fmChanged = performance.now();
  const shifts = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      window.fmChanged = performance.now();
      const moved = entry.sources.map(
        (one) => `${name(one.node)} from ${box(one.previousRect)} to ${box(one.currentRect)}`,
      );
      window.fmShifts.push({ value: entry.value, moved });
    }
  });
  shifts.observe({ type: "layout-shift", buffered: true });
  const changes = new MutationObserver(() => { window.fmChanged = performance.now(); });
  changes.observe(document, { childList: true, characterData: true, subtree: true });
}"""
_RESTS = f"() => performance.now() - window.fmChanged > {REST_MILLISECONDS}"


class Shift(NamedTuple):
    """One moment in which something moved.

    Attributes:
        value: Chromium's measure: the share of the window that moved, times how far.
        moved: what, from where to where; at most five parts.
    """

    value: float
    moved: list[str]


def watch_shifts(page: Page) -> None:
    """Note from now on what moves on a page."""
    page.evaluate(_WATCH)


def watch_arrivals(page: Page) -> None:
    """Note what moves on every page that the tab opens from now on, from its beginning."""
    page.add_init_script(f"({_WATCH})()")


def rest(page: Page) -> None:
    """Wait until nothing has changed for a second."""
    page.wait_for_function(_RESTS, polling=100)


def take_shifts(page: Page) -> list[Shift]:
    """What moved since the last time."""
    found = page.evaluate("() => window.fmShifts.splice(0)")
    return [Shift(shift["value"], shift["moved"]) for shift in found]
