"""Accessibility of a page: axe, one heading, no error, nothing cut off, on three window sizes."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from dashboards import Dashboard
from playwright.sync_api import Page
from visitors import DESKTOP, LARGE, PHONE, scrolls_sideways, settle


def check(page: Page, *, with_axe: bool = True) -> None:
    """Assert that a page is accessible: one title, no error, nothing cut off, axe is content."""
    settle(page)
    # Charts and pictures are drawn after the page; a mouse that rests shows no hint.
    page.wait_for_timeout(300)
    where = page.url.split("/", 3)[3]
    headings = page.get_by_role("heading", level=1).count()
    assert headings == 1, (where, headings)
    assert not scrolls_sideways(page), f"/{where} scrolls sideways at {page.viewport_size}"
    text = page.get_by_role("main").inner_text()
    assert "Traceback" not in text, where
    assert "Something went wrong" not in text, where
    if with_axe:
        found = Axe().run(page)
        grave = [
            f"/{where}: {violation['id']}: {node['html'][:160]}: {node.get('failureSummary', '')}"
            for violation in found.response["violations"]
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]
        assert not grave, grave


def check_all(page: Page, dashboard: Dashboard, paths: list[str]) -> None:
    """Assert that each page is accessible on a phone and in two wide windows."""
    for path in paths:
        resize(page, PHONE)
        page.goto(dashboard.url + path)
        check(page)
        resize(page, DESKTOP)
        check(page)
        resize(page, LARGE)
        check(page, with_axe=False)


def resize(page: Page, size: tuple[int, int]) -> None:
    """Set the size of a page's window, width and height in pixels."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
