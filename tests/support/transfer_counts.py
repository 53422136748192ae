"""Counts what a browser tab receives over the network, by kind."""

from __future__ import annotations

import base64
import re
import zlib
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page

# That of the server's websockets package.
_MEMORY_LEVEL = 5
MESSAGES = "WebSocket messages"
# The first that an address contains.
KINDS = {
    "/assets/plotly": "Plotly",
    "/assets/fonts": "fonts",
    "/assets/": "modules and styles of ours",
    ".woff2": "fonts",
    "/static/js": "Streamlit's scripts",
    "/static/css": "Streamlit's styles",
    "/live": "event stream",
    ".png": "pictures",
    "/_stcore": "Streamlit's questions",
    "/media": "pictures",
}
OTHER = "the page itself"


class Transfer:
    """Counts what a tab receives, from now on, by kind.

    Attributes:
        bytes: received, by kind.
        requests: that went to the server, by kind; of the WebSocket, messages.
        addresses: of these requests.
    """

    def __init__(self, page: Page) -> None:
        self.addresses: list[str] = []
        self.bytes: Counter[str] = Counter()
        self.requests: Counter[str] = Counter()
        self._kinds: dict[str, str] = {}
        # What has come of a response that goes on, such as an event stream.
        self._open: Counter[str] = Counter()
        self._kept: set[str] = set()
        # As the server compresses, by connection; none where it does not.
        self._deflates: dict[str, Any] = {}
        devtools = page.context.new_cdp_session(page)
        devtools.on("Network.requestWillBeSent", self._begin)
        devtools.on("Network.requestServedFromCache", self._note_kept)
        devtools.on("Network.responseReceived", self._note_response)
        devtools.on("Network.dataReceived", self._receive)
        devtools.on("Network.loadingFinished", self._finish)
        devtools.on("Network.webSocketHandshakeResponseReceived", self._agree)
        devtools.on("Network.webSocketFrameReceived", self._receive_message)
        devtools.send("Network.enable")

    def restart(self) -> None:
        """Count from here on."""
        self.bytes.clear()
        self.requests.clear()
        self.addresses.clear()

    def _begin(self, event: dict[str, Any]) -> None:
        address = urlsplit(event["request"]["url"])
        if address.scheme in ("http", "https"):
            path = address.path
            kind = next((kind for part, kind in KINDS.items() if part in path), OTHER)
            self._kinds[event["requestId"]] = kind

    def _note_kept(self, event: dict[str, Any]) -> None:
        self._kept.add(event["requestId"])

    def _note_response(self, event: dict[str, Any]) -> None:
        identifier, response = event["requestId"], event["response"]
        if response.get("fromDiskCache"):
            self._kept.add(identifier)
        if identifier in self._kinds and identifier not in self._kept:
            self.requests[self._kinds[identifier]] += 1
            self.addresses.append(response["url"])

    def _receive(self, event: dict[str, Any]) -> None:
        kind = self._kinds.get(event["requestId"])
        if kind is not None and event["requestId"] not in self._kept:
            received = event["encodedDataLength"] or event["dataLength"]
            self._open[event["requestId"]] += received
            self.bytes[kind] += received

    def _finish(self, event: dict[str, Any]) -> None:
        identifier = event["requestId"]
        kind = self._kinds.pop(identifier, None)
        before = self._open.pop(identifier, 0)
        if kind is not None and identifier not in self._kept:
            # All in all, headers included.
            self.bytes[kind] += round(event["encodedDataLength"]) - before

    def _agree(self, event: dict[str, Any]) -> None:
        headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
        agreed = headers.get("sec-websocket-extensions", "")
        window = re.search(r"permessage-deflate;.*server_max_window_bits=(\d+)", agreed)
        if window:
            self._deflates[event["requestId"]] = zlib.compressobj(
                wbits=-int(window[1]), memLevel=_MEMORY_LEVEL
            )

    def _receive_message(self, event: dict[str, Any]) -> None:
        frame = event["response"]
        text = frame["payloadData"]
        message = text.encode() if frame["opcode"] == 1 else base64.b64decode(text)
        deflate = self._deflates.get(event["requestId"])
        if deflate is not None:
            # DevTools tell what was sent before it was compressed, so it is compressed once more.
            message = deflate.compress(message) + deflate.flush(zlib.Z_SYNC_FLUSH)
        self.bytes[MESSAGES] += len(message)
        self.requests[MESSAGES] += 1
