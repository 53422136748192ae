"""Accessibility of a page: axe, one heading, no error, nothing cut off, on three window sizes."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from dashboards import Dashboard
from playwright.sync_api import Page
from visitors import DESKTOP, LARGE, PHONE, SIDEWAYS, Scheme, scrolls_sideways, settle, until

# Charts are drawn after the page, and drawn again when it changes.
DRAWN = """() => document.fonts.status === "loaded"
  && [...document.querySelectorAll(".fm-chart")].every((chart) => chart._fullLayout)
  && document.getAnimations().every((animation) =>
    animation.playState !== "running" || animation.effect.getTiming().iterations === Infinity)"""
TWO_FRAMES = """() => new Promise((resolve) =>
  requestAnimationFrame(() => requestAnimationFrame(() => resolve())))"""
IN_PLACE_SECONDS = 0.3


def violations(page: Page) -> list[str]:
    """What axe finds serious or critical on a page: the rule, the element, what is to be done."""
    return [
        f"{violation['id']}: {node['html'][:160]}: {node.get('failureSummary', '')}"
        for violation in Axe().run(page).response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def check(page: Page, *, with_axe: bool = True) -> None:
    """Assert that a page is accessible: one title, no error, nothing cut off, axe is content."""
    settle(page)
    page.wait_for_function(DRAWN)
    page.evaluate(TWO_FRAMES)
    where = page.url.split("/", 3)[3]
    headings = page.get_by_role("heading", level=1).count()
    assert headings == 1, (where, headings)
    # A chart follows the window a moment later.
    fits = until(page, lambda: not scrolls_sideways(page), IN_PLACE_SECONDS)
    assert fits, f"/{where} scrolls sideways at {page.viewport_size}"
    text = page.get_by_role("main").inner_text()
    assert "Traceback" not in text, where
    assert "Something went wrong" not in text, where
    if with_axe:
        found = violations(page)
        assert not found, (where, found)


def check_all(page: Page, dashboard: Dashboard, paths: list[str]) -> None:
    """Each page on a phone and on two wide screens, light and dark, opened as either in turn."""
    for place, path in enumerate(paths):
        schemes: list[Scheme] = ["dark", "light"] if place % 2 else ["light", "dark"]
        resize(page, PHONE)
        page.emulate_media(color_scheme=schemes[0])
        page.goto(dashboard.url + path)
        check(page)
        page.emulate_media(color_scheme=schemes[1])
        check(page)
        resize(page, DESKTOP)
        check(page)
        page.emulate_media(color_scheme=schemes[0])
        check(page)
        resize(page, LARGE)
        check(page, with_axe=False)


def check_everywhere(page: Page, dashboard: Dashboard, paths: list[str]) -> dict[str, str]:
    """What is wrong with each page on any size of window, light or dark; nothing where all is well.

    Unlike ``check_all`` it goes on after a fault, so that one run finds them all.
    """
    faults: dict[str, str] = {}
    for path in paths:
        resize(page, DESKTOP)
        page.goto(dashboard.url + path)
        for size in (DESKTOP, LARGE, PHONE, SIDEWAYS):
            resize(page, size)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                try:
                    check(page)
                except AssertionError as error:
                    faults[f"{path} at {size[0]} × {size[1]}, {scheme}"] = str(error)[:2_000]
    return faults


def resize(page: Page, size: tuple[int, int]) -> None:
    """Set the size of a page's window, width and height in pixels."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
