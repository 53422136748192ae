"""On a phone: the menu opens by a tap and gets out of the way, and taps alone lead everywhere."""

from __future__ import annotations

import re

import pytest
from dashboards import Dashboard
from playwright.sync_api import Locator, Page, expect
from visitors import Visitors, scrolls_sideways, settle, until

from ui.compare.view_state import VIEWS as COMPARE_VIEWS
from ui.explore.view_state import VIEWS as EXPLORE_VIEWS
from ui.mistakes.view_state import VIEWS as MISTAKES_VIEWS

VIEWS = {
    "Explore data": EXPLORE_VIEWS,
    "Train": {},
    "Compare": COMPARE_VIEWS,
    "Mistakes": MISTAKES_VIEWS,
    "Look inside": {},
    "Try your own": {},
    "Overview": {},
}


def menu_button(page: Page) -> Locator:
    return page.get_by_role("button", name="Menu", exact=True)


def links(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Pages").get_by_role("link")


def expect_closed(page: Page) -> None:
    expect(menu_button(page)).to_be_visible()
    expect(menu_button(page)).to_have_attribute("aria-expanded", "false")
    expect(links(page)).to_have_count(0)


# What is wrong with the choices of a page: pieces, cut words, small targets, options that nobody
# would look for.
CHOICES = """() => [...document.querySelectorAll(".fm-choice-options")].flatMap((row) => {
  const label = row.closest(".fm-choice").querySelector(".fm-choice-label > :first-child");
  const name = label.textContent;
  const buttons = [...row.children];
  const edges = row.getBoundingClientRect();
  if (!edges.width) return [];
  const chosen = row.querySelector('[aria-checked="true"], [aria-pressed="true"]');
  const box = chosen?.getBoundingClientRect();
  const hidden = row.scrollWidth - row.clientWidth;
  const isSeen = !box || (box.left >= edges.left - 1 && box.right <= edges.right + 1);
  const lines = (button) => {
    const range = document.createRange();
    range.selectNodeContents(button.lastElementChild);
    return new Set([...range.getClientRects()].map((rect) => Math.round(rect.top))).size;
  };
  const problems = {
    "is in pieces": new Set(buttons.map((button) => button.offsetTop)).size > 1,
    "has broken words": buttons.some((button) => lines(button) > 1),
    "has small targets": buttons.some((b) => Math.min(b.offsetHeight, b.offsetWidth) < 44),
    "does not say that there is more": (row.scrollLeft < hidden - 1)
      !== (getComputedStyle(row).maskImage !== "none" && row.hasAttribute("data-more-after")),
    "hides what is chosen": !isSeen && chosen.offsetWidth < row.clientWidth,
    "reaches out of the window": edges.right > innerWidth,
  };
  return Object.keys(problems).filter((key) => problems[key]).map((key) => `${name} ${key}`);
})"""


def open_menu(page: Page) -> None:
    menu_button(page).tap()
    expect(menu_button(page)).to_have_attribute("aria-expanded", "true")
    expect(links(page)).to_have_text(["Overview", *(name for name in VIEWS if name != "Overview")])


def is_in_the_window(part: Locator) -> bool:
    """Whether all of it can be seen, and touched where it is."""
    seen: bool = part.evaluate(
        """(part) => {
          const { left, right, top, bottom } = part.getBoundingClientRect();
          const there = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
          return left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight
            && part.contains(there);
        }"""
    )
    return seen


def test_the_menu_is_closed_after_load_and_opens_by_a_tap(
    learned_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open_phone(learned_dashboard.url)
    expect_closed(page)
    open_menu(page)
    for link in links(page).all():
        assert is_in_the_window(link)
    page.reload()
    settle(page)
    expect_closed(page)


def test_a_tap_outside_and_escape_close_the_menu_and_do_nothing_else(
    learned_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open_phone(learned_dashboard.url)
    where = page.url
    open_menu(page)
    panel = page.locator(".st-key-menu_links").bounding_box()
    assert panel is not None
    page.touchscreen.tap(panel["x"] + panel["width"] / 2, panel["y"] + panel["height"] + 30)
    expect_closed(page)
    open_menu(page)
    page.keyboard.press("Escape")
    expect_closed(page)
    expect(menu_button(page)).to_be_focused()
    assert page.url == where


@pytest.mark.very_slow
def test_every_page_and_view_is_reached_by_taps_alone(
    learned_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open_phone(learned_dashboard.url)
    for name, views in VIEWS.items():
        open_menu(page)
        links(page).get_by_text(name, exact=True).tap()
        expect(page).to_have_title(f"{name} · Fashion-MNIST Atelier")
        expect_closed(page)
        settle(page)
        for view, words in reversed(views.items()):
            look_at = page.get_by_role("radiogroup", name="Look at")
            radio = look_at.get_by_role("radio", name=words, exact=True)
            # As somebody scrolls who wants to tap it: Playwright stops at a part of a pixel.
            radio.evaluate("(radio) => radio.scrollIntoView({ block: 'center' })")
            radio.tap()
            expect(radio).to_be_checked()
            assert is_in_the_window(radio), words
            usual = view == next(iter(views))
            expect(page).to_have_url(
                re.compile(r"^(?!.*[?&]view=)" if usual else rf"[?&]view={view}(&|$)")
            )
            settle(page)
            assert until(page, lambda: not page.evaluate(CHOICES)), (name, page.evaluate(CHOICES))
        assert until(page, lambda: not page.evaluate(CHOICES)), (name, page.evaluate(CHOICES))
        assert not scrolls_sideways(page), name
