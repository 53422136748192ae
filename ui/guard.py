"""The ASGI guard: refuses requests of foreign hosts and origins, sets security headers."""

from __future__ import annotations

import logging

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.hosts import is_loopback, refusal

_CLOSE_REFUSED = 4403
_MOST_LOGGED = 50
LOCAL_ONLY = (
    "The dashboard was started for this computer alone. Set STREAMLIT_SERVER_ADDRESS to the "
    "address that it listens at: then only the presenter has all rights, and all others look on."
)
_log = logging.getLogger("fmnist.guard")


class Guard:
    """Plain ASGI middleware in front of Streamlit; what it refuses gets 403, or close code 4403.

    What is let in goes on without its origin. Streamlit would compare it with the host, which a
    proxy may have rewritten, and look up its own public address on the event loop where the two
    differ: without a network ten such connections froze every visitor for 20 s.

    Args:
        app: what is guarded.
        named: names of hosts that are ours, too.
        shared: others than this computer's user may come.
        policy: the Content-Security-Policy of every response.
    """

    def __init__(self, app: ASGIApp, named: frozenset[str], shared: bool, policy: str) -> None:
        self._app = app
        self._named = named
        self._shared = shared
        self._policy = policy
        self._logged: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if name != b"origin"]
        reason = refusal(_value(scope, b"host"), _value(scope, b"origin"), self._named)
        if not self._shared and _is_reached_from_outside(scope):
            # Some other server than Streamlit's own was told to listen for all.
            reason = LOCAL_ONLY
        if reason is None:
            with_policy = _with_headers(send, self._policy) if scope["type"] == "http" else send
            await self._app({**scope, "headers": headers}, receive, with_policy)
            return
        self._log_once(reason)
        if scope["type"] == "http":
            await _forbid(_with_headers(send, self._policy), reason)
        else:
            await receive()
            # Only an accepted connection can carry a close code, and a browser that offered
            # protocols takes no response without one of them.
            subprotocols = [*scope.get("subprotocols", ()), None]
            await send({"type": "websocket.accept", "subprotocol": subprotocols[0]})
            await send({"type": "websocket.close", "code": _CLOSE_REFUSED})

    def _log_once(self, reason: str) -> None:
        """Log a refusal for whoever started the dashboard; each reason once."""
        if reason not in self._logged and len(self._logged) < _MOST_LOGGED:
            self._logged.add(reason)
            _log.warning("A request was refused. %s", reason)


def _is_reached_from_outside(scope: Scope) -> bool:
    """Whether a request came to another address of this computer than a loopback one."""
    host, port = scope.get("server") or ("", None)
    return port is not None and not is_loopback(host)


def _value(scope: Scope, name: bytes) -> str | None:
    """A header's value; where it was sent twice nobody knows which one counts, so none does."""
    values = [value for key, value in scope["headers"] if key == name]
    if len(values) > 1:
        return ""
    return values[0].decode("latin-1") if values else None


def _with_headers(send: Send, policy: str) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Content-Security-Policy"] = policy
            headers["X-Content-Type-Options"] = "nosniff"
            headers["Referrer-Policy"] = "same-origin"
        await send(message)

    return send_with_headers


async def _forbid(send: Send, reason: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": reason.encode()})
