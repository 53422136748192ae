"""The style sheets with the first byte of a page, so that nothing moves once its script has run."""

from __future__ import annotations

import gzip
import re
from functools import lru_cache

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.components.modules import module_address
from ui.static_files import accepts_gzip
from ui.theme import font_address, style_address

# Compressed, a page could not be changed; of one that the browser has, nothing would be sent.
_NOT_PASSED_ON = {b"accept-encoding", b"if-none-match", b"if-modified-since"}
_OF_STREAMLITS_FILE = ("etag", "last-modified", "accept-ranges")
_ROOT = b'<div id="root">'
# Streamlit's own font, 170 kB that no page of ours shows anything in.
_FONT_IN_ADVANCE = re.compile(rb'<link\s+rel="preload"[^>]*\sas="font"[^>]*>')
# The modules that most pages begin with.
_FIRST_MODULES = ("choice.js", "acts.js", "elements.js")
# Asked for with the theme, they would come after the first words, which then take other lines.
_FONTS = ("fraunces.woff2", "inter.woff2")


def _links() -> bytes:
    """Behind Streamlit's own styles in the page, so that ours count where both say something."""
    modules = [
        f'<link rel="modulepreload" href="{module_address(name)}">' for name in _FIRST_MODULES
    ]
    fonts = [
        f'<link rel="preload" as="font" type="font/woff2" crossorigin href="{font_address(name)}">'
        for name in _FONTS
    ]
    links = [f'<link rel="stylesheet" href="{style_address()}">', *fonts, *modules]
    return "".join(links).encode()


class FirstStyle:
    """Plain ASGI middleware: puts links to the style sheets into the page that Streamlit serves."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)
            return
        kept = [(name, value) for name, value in scope["headers"] if name not in _NOT_PASSED_ON]
        compressed = accepts_gzip(Headers(scope=scope))
        await self._app({**scope, "headers": kept}, receive, _with_links(send, compressed))


@lru_cache(maxsize=4)
def _compressed(page: bytes) -> bytes:
    return gzip.compress(page, mtime=0)


def _with_links(send: Send, compressed: bool) -> Send:
    """A ``send`` that keeps a page back until all of it is there, and sends it with the links.

    Args:
        send: gets what is sent.
        compressed: the client takes gzip.
    """
    start: Message = {}
    parts: list[bytes] = []

    async def send_with_links(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
            if not Headers(scope=message).get("content-type", "").startswith("text/html"):
                start.clear()
        if not start:
            await send(message)
            return
        if message["type"] != "http.response.body":
            return
        parts.append(message.get("body", b""))
        if message.get("more_body", False):
            return
        page = b"".join(parts)
        if _ROOT in page:
            page = _FONT_IN_ADVANCE.sub(b"", page)
            page = page.replace(_ROOT, _links() + _ROOT, 1)
            headers = MutableHeaders(scope=start)
            if "accept-encoding" not in headers.get("vary", "").lower():
                headers.add_vary_header("Accept-Encoding")
            if compressed:
                page = _compressed(page)
                headers["Content-Encoding"] = "gzip"
            headers["Content-Length"] = str(len(page))
            for name in _OF_STREAMLITS_FILE:
                del headers[name]
        await send(start)
        await send({"type": "http.response.body", "body": page})

    return send_with_links
