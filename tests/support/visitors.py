"""Visitors: browser tabs that note every error, every dialog, every request to elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
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
# Of a window: its size, its scheme, and whether it is a phone's.
WindowKind = tuple[Size, Scheme, bool]
DESKTOP: Size = (1440, 900)
LARGE: Size = (1920, 1080)
PHONE: Size = (390, 844)
SIDEWAYS: Size = (844, 390)
# What a page has room for on a laptop, made twice as large.
ZOOMED: Size = (720, 450)
SECONDS = 30
# Streamlit asks for these below the page's address first, and finds them at the root then.
_PROBES = ("/_stcore/health", "/_stcore/host-config")
STORAGE = "local_storage,indexeddb,cache_storage,service_workers"
_LOCAL = ("data", "blob", "about", "file")


class Window:
    """A browser window that tests use one after the other, each as if it were new.

    A new one would load and compile Streamlit's scripts again: a second and a half of a processor.

    Attributes:
        kind: its size, its scheme, and whether it is a phone's.
        context: the browser's own name for it.
        visitors: whose it is now.
    """

    def __init__(self, browser: Browser, kind: WindowKind) -> None:
        (width, height), scheme, touch = self.kind = kind
        self.visitors: Visitors | None = None
        self._origins: set[str] = set()
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            has_touch=touch,
            is_mobile=touch,
        )
        self.context.set_default_timeout(SECONDS * 1000)
        self.context.on("console", self._note_console)
        self.context.on("weberror", lambda error: self.note(f"page error: {error.error}"))
        self.context.on("request", self._note_request)
        self.context.on("dialog", self._note_dialog)

    def clear(self) -> None:
        """Forget the visitor: tabs, cookies, what pages have stored."""
        self.visitors = None
        for page in self.context.pages[1:]:
            page.close()
        (page,) = self.context.pages or [self.context.new_page()]
        page.goto("about:blank")
        devtools = self.context.new_cdp_session(page)
        for origin in self._origins:
            devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": STORAGE})
        self._origins.clear()
        page.close()
        self.context.clear_cookies()

    def watch(self, page: Page) -> Page:
        """Note the connections of a tab, too."""
        page.on("websocket", self._note_socket)
        return page

    def note(self, problem: str) -> None:
        """Remember what went wrong for whoever has the window."""
        if self.visitors is not None:
            self.visitors.problems.append(problem)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        address = urlsplit(message.location.get("url", "")).path
        if "404" in message.text and address.endswith(_PROBES) and address.count("/") > 2:
            return
        self.note(f"console error: {message.text} ({address})")

    def _note_request(self, request: Request) -> None:
        if request.is_navigation_request():
            parts = urlsplit(request.url)
            self._origins.add(f"{parts.scheme}://{parts.netloc}")
        self._note_host(request.url)

    def _note_dialog(self, dialog: Dialog) -> None:
        self.note(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def _note_socket(self, socket: WebSocket) -> None:
        self._note_host(socket.url)

    def _note_host(self, url: str) -> None:
        parts = urlsplit(url)
        here = parts.hostname == "127.0.0.1" or (parts.hostname or "").endswith(".test")
        if parts.scheme not in _LOCAL and not here:
            self.note(f"a request to another machine: {url}")


class Windows:
    """The windows of a browser: those that nobody has, for the next test that wants such a one."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[WindowKind, list[Window]] = defaultdict(list)

    def take(self, kind: WindowKind, visitors: Visitors) -> Window:
        """A window as if it were new."""
        window = self._free[kind].pop() if self._free[kind] else Window(self._browser, kind)
        window.visitors = visitors
        return window

    def give_back(self, window: Window) -> None:
        """Forget the visitor."""
        window.clear()
        self._free[window.kind].append(window)


class Visitors:
    """Opens tabs; at the end of a test nothing may have gone wrong in any of them."""

    def __init__(self, windows: Windows) -> None:
        self._windows = windows
        self._taken: list[Window] = []
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
        window = self._windows.take((size, scheme, touch), self)
        self._taken.append(window)
        page = window.watch(window.context.new_page())
        page.goto(url)
        if drawn:
            settle(page)
        return page

    def read(self, path: Path) -> Page:
        """Open a file as somebody does who was given it."""
        page = self.open(path.as_uri(), drawn=False)
        page.wait_for_load_state()
        return page

    def tab(self, page: Page, url: str, drawn: bool = True) -> Page:
        """Open an address in another tab of the same window; see ``open``."""
        (window,) = [one for one in self._taken if one.context == page.context]
        second = window.watch(page.context.new_page())
        second.goto(url, wait_until="load" if drawn else "commit")
        if drawn:
            settle(second)
        return second

    def report(self) -> str:
        """What every tab shows, in words."""
        pages = [page for window in self._taken for page in window.context.pages]
        return "\n\n".join(f"{page.url}\n{_text(page)}" for page in pages)

    def close(self, failed: bool) -> None:
        """Give the windows back; after a failure nobody knows what they are like."""
        for window in self._taken:
            if failed:
                window.context.close()
            else:
                self._windows.give_back(window)
        self._taken = []


def _text(page: Page) -> str:
    try:
        return page.inner_text("body", timeout=5_000)
    except Error as error:
        return f"It shows nothing: {error.message}"


def settle(page: Page) -> None:
    """Wait until the page is drawn: connected, a title and all modules there, no script at work."""
    page.wait_for_function(
        """() => {
          const app = document.querySelector('[data-testid="stApp"]');
          return app && app.dataset.testConnectionState === 'CONNECTED'
            && app.dataset.testScriptState === 'notRunning'
            && document.querySelector('h1')
            && !document.querySelector('[data-testid="stSkeleton"]')
            && !document.querySelector(
              '[data-testid="stBidiComponentRegular"]:not([aria-busy="false"])');
        }"""
    )
    page.get_by_role("heading", level=1).first.wait_for()


def box_of(part: Locator) -> FloatRect:
    """Where a part of the page lies, in pixels of the window; it has to be drawn."""
    box = part.bounding_box()
    assert box is not None, f"{part} is not drawn"
    return box


def until(page: Page, holds: Callable[[], bool], seconds: float = SECONDS) -> bool:
    """Whether something comes to hold on a page within some time."""
    for _ in range(round(seconds * 10)):
        if holds():
            return True
        page.wait_for_timeout(100)
    return holds()


def scrolls_sideways(page: Page) -> bool:
    """Whether anything that scrolls the page is wider than the window."""
    wide: bool = page.evaluate(
        """() => [document.scrollingElement, document.querySelector('[data-testid="stMain"]')]
          .some((part) => part && part.scrollWidth > part.clientWidth + 1)"""
    )
    return wide
