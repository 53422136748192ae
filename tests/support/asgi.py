"""Asks an ASGI app without a server, and returns what it sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message


class Answer(NamedTuple):
    """What came back.

    Attributes:
        status: 200, 404, …
        headers: of the response.
        parts: the body, in the parts in which it was sent.
    """

    status: int
    headers: Headers
    parts: list[bytes]

    @property
    def content(self) -> bytes:
        """The whole body."""
        return b"".join(self.parts)

    @property
    def text(self) -> str:
        return self.content.decode()


async def ask_in_loop(
    app: ASGIApp,
    address: str,
    headers: Mapping[str, str] | None = None,
    method: str = "GET",
    body: bytes = b"",
) -> Answer:
    """The answer to a request, within a running event loop."""
    path, _, query = address.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        # As uvicorn does: what is escaped in an address is not in its path.
        "path": unquote(path),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        "scheme": "http",
        "server": ("127.0.0.1", 8501),
        "root_path": "",
    }
    sent: list[Message] = []

    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        # The visitor stays until all is sent.
        return waiting.pop() if waiting and method == "POST" else await asyncio.Future[Message]()

    async def send(message: Message) -> None:
        sent.append(dict(message))

    await app(scope, receive, send)
    parts = [message.get("body", b"") for message in sent[1:]]
    return Answer(sent[0]["status"], Headers(raw=sent[0]["headers"]), parts)


def ask(
    app: ASGIApp,
    address: str,
    headers: Mapping[str, str] | None = None,
    method: str = "GET",
    body: bytes = b"",
) -> Answer:
    """The answer to a request."""
    return asyncio.run(ask_in_loop(app, address, headers, method, body))
