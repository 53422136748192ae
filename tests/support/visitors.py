"""Visitors: browser tabs that note every error, every dialog, every request to elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Error,
    FloatRect,
    Locator,
    Page,
    Request,
    WebSocket,
)

Size = tuple[int, int]
Scheme = Literal["light", "dark"]
DESKTOP: Size = (1440, 900)
LARGE: Size = (1920, 1080)
PHONE: Size = (390, 844)
SECONDS = 30
# Streamlit asks for these below the page's address first, and finds them at the root then.
_PROBES = ("/_stcore/health", "/_stcore/host-config")
_LOCAL = ("data", "blob", "about", "file")


class Visitors:
    """Opens tabs; at the end of a test nothing may have gone wrong in any of them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.problems: list[str] = []

    def open_phone(self, url: str) -> Page:
        """Open an address on a phone, with fingers and without a mouse."""
        return self.open(url, PHONE, touch=True)

    def open(
        self,
        url: str,
        size: Size = DESKTOP,
        scheme: Scheme = "light",
        touch: bool = False,
        drawn: bool = True,
    ) -> Page:
        """Open an address in a new window, as somebody who was never here before.

        Args:
            url: the address.
            size: of the window.
            scheme: of the system.
            touch: whether it is a phone.
            drawn: wait until a page of the dashboard is drawn; without it another file may be read.
        """
        context = self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            has_touch=touch,
            is_mobile=touch,
        )
        context.set_default_timeout(SECONDS * 1000)
        context.on("console", self._note_console)
        context.on("weberror", lambda error: self.problems.append(f"page error: {error.error}"))
        context.on("request", self._note_request)
        context.on("dialog", self._note_dialog)
        self._contexts.append(context)
        page = context.new_page()
        page.on("websocket", self._note_socket)
        page.goto(url)
        if drawn:
            settle(page)
        return page

    def read(self, path: Path) -> Page:
        """Open a file as somebody does who was given it."""
        page = self.open(path.as_uri(), drawn=False)
        page.wait_for_load_state()
        return page

    def tab(self, page: Page, url: str) -> Page:
        """Open an address in a second tab of the same window."""
        second = page.context.new_page()
        second.on("websocket", self._note_socket)
        second.goto(url)
        settle(second)
        return second

    def report(self) -> str:
        """What every tab shows, in words."""
        pages = [page for context in self._contexts for page in context.pages]
        return "\n\n".join(f"{page.url}\n{_text(page)}" for page in pages)

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        self._contexts = []

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        address = urlsplit(message.location.get("url", "")).path
        if "404" in message.text and address.endswith(_PROBES) and address.count("/") > 2:
            return
        self.problems.append(f"console error: {message.text} ({address})")

    def _note_request(self, request: Request) -> None:
        self._note_host(request.url)

    def _note_dialog(self, dialog: Dialog) -> None:
        self.problems.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def _note_socket(self, socket: WebSocket) -> None:
        self._note_host(socket.url)

    def _note_host(self, url: str) -> None:
        parts = urlsplit(url)
        here = parts.hostname == "127.0.0.1" or (parts.hostname or "").endswith(".test")
        if parts.scheme not in _LOCAL and not here:
            self.problems.append(f"a request to another machine: {url}")


def _text(page: Page) -> str:
    try:
        return page.inner_text("body", timeout=5_000)
    except Error as error:
        return f"It shows nothing: {error.message}"


def settle(page: Page) -> None:
    """Wait until the page is drawn: connected, a title there, no script at work."""
    page.wait_for_function(
        """() => {
          const app = document.querySelector('[data-testid="stApp"]');
          return app && app.dataset.testConnectionState === 'CONNECTED'
            && app.dataset.testScriptState === 'notRunning'
            && document.querySelector('h1')
            && !document.querySelector('[data-testid="stSkeleton"]');
        }"""
    )
    page.get_by_role("heading", level=1).first.wait_for()


def box_of(part: Locator) -> FloatRect:
    """Where a part of the page lies, in pixels of the window; it has to be drawn."""
    box = part.bounding_box()
    assert box is not None, f"{part} is not drawn"
    return box


def scrolls_sideways(page: Page) -> bool:
    """Whether anything that scrolls the page is wider than the window."""
    wide: bool = page.evaluate(
        """() => [document.scrollingElement, document.querySelector('[data-testid="stMain"]')]
          .some((part) => part && part.scrollWidth > part.clientWidth + 1)"""
    )
    return wide
