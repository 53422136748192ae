"""Present: from page to page by keys, clicker and fingers, readable from ten metres."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import pytest
from dashboards import Dashboard
from playwright.sync_api import Page, expect
from sweep import sampled
from visitors import DESKTOP, LARGE, PHONE, Size, Visitors, box_of, settle

FOUR_K: Size = (3840, 2160)
# The places of the pages in their order.
PATHS = ("/", "/explore", "/train", "/compare", "/mistakes")
SMALLEST_TEXT = """() => {
  const smallest = { pixels: Infinity, text: "" };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, part = text.parentElement;
    if (!text.textContent.trim() || part.closest("style, script, noscript, .hoverlayer")) continue;
    if (!part.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    // What only a screen reader reads is a pixel large.
    if (part.getBoundingClientRect().width < 2 || box.width < 2) continue;
    const style = getComputedStyle(part);
    const pixels = parseFloat(style.fontSize);
    if (pixels < smallest.pixels) Object.assign(smallest, { pixels, text: text.textContent });
  }
  return smallest;
}"""
OUTSIDE = """() => [...document.querySelectorAll(
    ".st-key-scene :is(h1, p, button, figure, text, .fm-cell, .fm-picture)")]
  .filter((part) => part.checkVisibility({ visibilityProperty: true }))
  .filter((part) => {
    const { left, right, top, bottom, width } = part.getBoundingClientRect();
    return width && (left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1);
  }).map((part) => part.textContent || part.className)"""


def wait_for_keys(page: Page) -> None:
    """Wait until the keys lead on: the code that listens to them comes after the page."""
    page.locator(".fm-scene-controls[data-awake]").wait_for()


def expect_scene(page: Page, title: str | re.Pattern[str]) -> None:
    expect(page.locator(".fm-scene-title")).to_have_text(title)


def drawn(page: Page) -> None:
    """Wait for the chart of a scene that has one."""
    settle(page)
    if page.locator(".fm-chart").count():
        page.locator(".fm-chart .main-svg").first.wait_for()


def test_a_clicker_goes_through_the_five_scenes_and_escape_shows_the_page(
    learned_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{learned_dashboard.url}/")
    page.get_by_role("button", name="Present", exact=True).wait_for()
    page.keyboard.press("p")
    expect(page).to_have_url(re.compile(r"/\?(.*&)?present=1"))
    expect(page.get_by_role("navigation", name="Pages")).to_have_count(0)
    for key, title in (
        ("PageDown", "Ten kinds of clothes"),
        ("ArrowRight", "The one looked at"),
        (" ", "Which network is better?"),
        ("PageDown", re.compile(" wrong$")),
        ("ArrowLeft", "Which network is better?"),
        ("PageUp", "The one looked at"),
    ):
        page.keyboard.press(key)
        expect_scene(page, title)
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-scene")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/train(\?(?!.*present).*)?$"))
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()


@pytest.mark.very_slow
def test_what_is_open_is_presented_and_is_open_again_afterwards(
    learned_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{learned_dashboard.url}/mistakes?picture=17")
    opened = page.url
    page.get_by_role("button", name="Present", exact=True).click()
    expect_scene(page, "What is this?")
    expect(page.locator(".fm-scene-sentence")).to_contain_text("It says ")
    page.reload()
    settle(page)
    expect_scene(page, "What is this?")
    page.keyboard.press("p")
    expect(page.locator(".st-key-scene")).to_have_count(0)
    expect(page).to_have_url(opened)
    page.go_back()
    expect_scene(page, "What is this?")
    wait_for_keys(page)
    page.keyboard.press("PageUp")
    expect_scene(page, "Which network is better?")
    page.keyboard.press("PageDown")
    # The page still has its picture.
    expect_scene(page, "What is this?")


def test_quick_presses_are_all_counted(learned_dashboard: Dashboard, visitors: Visitors) -> None:
    page = visitors.open(f"{learned_dashboard.url}/?present=1")
    wait_for_keys(page)
    for _ in range(3):
        page.keyboard.press("PageDown")
    expect_scene(page, "Which network is better?")
    page.keyboard.press("PageUp")
    page.keyboard.press("PageUp")
    expect_scene(page, "Ten kinds of clothes")


def test_a_letter_that_is_typed_and_a_shortcut_present_nothing(
    learned_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{learned_dashboard.url}/train?new=1")
    page.locator("input:is([type=number], [type=text]):visible").first.press_sequentially("p")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("Alt+p")
    expect(page.locator(".st-key-scene")).to_have_count(0)
    page.keyboard.press("p")
    expect(page.locator(".st-key-scene")).to_have_count(1)


def test_fingers_go_on_and_end_it(learned_dashboard: Dashboard, visitors: Visitors) -> None:
    page = visitors.open_phone(f"{learned_dashboard.url}/?present=1")
    wait_for_keys(page)
    page.touchscreen.tap(375, 120)
    expect_scene(page, "Ten kinds of clothes")
    page.touchscreen.tap(15, 120)
    expect(page.locator(".fm-scene-title")).not_to_have_text("Ten kinds of clothes")
    page.touchscreen.tap(200, 120)
    page.get_by_role("button", name="End presenting").tap()
    expect(page.locator(".st-key-scene")).to_have_count(0)


@pytest.mark.parametrize("size", sampled((DESKTOP, LARGE, FOUR_K, PHONE), 1))
def test_every_scene_fits_the_screen_and_is_read_from_ten_metres(
    learned_dashboard: Dashboard, visitors: Visitors, size: Size
) -> None:
    page = visitors.open(f"{learned_dashboard.url}/?present=1", size)
    wait_for_keys(page)
    for place, path in enumerate(PATHS):
        if place:
            page.keyboard.press("PageDown")
            page.wait_for_url(re.compile(rf"{path}\?"))
        drawn(page)
        assert page.evaluate(OUTSIDE) == [], path
        smallest: dict[str, Any] = page.evaluate(SMALLEST_TEXT)
        if size != PHONE:
            assert smallest["pixels"] >= size[1] / 45, (path, smallest)


@pytest.mark.very_slow
def test_the_text_of_charts_grows_with_the_screen(
    learned_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{learned_dashboard.url}/mistakes?picture=17")
    chart = page.locator(".fm-chart").first
    chart.locator(".main-svg").first.wait_for()
    sizes = []
    for width, height in (DESKTOP, LARGE, FOUR_K):
        page.set_viewport_size({"width": width, "height": height})
        letters = page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
        page.wait_for_function(
            """letters => {
              const { font, height } = document.querySelector(".fm-chart")._fullLayout;
              return Math.abs(font.size - (14 * letters) / 16) < 0.01
                && Math.abs(height - (300 * letters) / 16) < 1;
            }""",
            arg=letters,
        )
        sizes.append(letters)
    assert sizes == pytest.approx([16, 19.2, 38.4])


def test_the_link_leads_others_to_what_is_shown(
    learned_dashboard: Dashboard, visitors: Visitors
) -> None:
    """Over plain http from another machine a browser has no clipboard."""
    page = visitors.open(f"{learned_dashboard.url}/mistakes?picture=17")
    page.evaluate(
        """() => {
          Object.defineProperty(navigator, "clipboard", { value: undefined });
          document.addEventListener("copy", () => {
            window.copied = document.activeElement.value;
          });
        }"""
    )
    page.get_by_role("button", name="Copy link").click()
    status = page.get_by_role("status").filter(has_text="Link copied.")
    expect(status).to_contain_text("It works on this computer only.")
    assert page.evaluate("window.copied") == page.url
    expect(page.get_by_role("button", name="Copy link")).to_be_focused()


@pytest.mark.parametrize(
    "size",
    sampled((PHONE, (844, 390), (900, 800), DESKTOP, LARGE), 0),
    ids=lambda size: f"{size[0]}",
)
def test_nothing_in_the_header_overlaps_and_a_finger_hits_it(
    learned_dashboard: Dashboard, visitors: Visitors, size: Size
) -> None:
    page = visitors.open(f"{learned_dashboard.url}/compare", size)
    names = ["Copy link", "Present"]
    header = page.locator(".st-key-header")
    parts = [header.get_by_role("button", name=name, exact=True) for name in names]
    menu = header.get_by_role("button", name="Menu", exact=True)
    links = header.get_by_role("link")
    expect(menu.or_(links.first).first).to_be_visible()
    parts += [menu] if menu.is_visible() else links.all()
    parts.append(page.get_by_test_id("stMainMenuButton"))
    boxes = [box_of(part) for part in parts]
    for box in boxes[:2]:
        assert min(box["width"], box["height"]) >= 44
    for first, second in combinations(boxes, 2):
        apart = (
            first["x"] + first["width"] <= second["x"] + 0.5
            or second["x"] + second["width"] <= first["x"] + 0.5
        )
        assert apart, (first, second)
    for box in boxes:
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0]
