"""Browsers that were sent here by a page of another origin, on the real server."""

from __future__ import annotations

import contextlib
import socket
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest
from dashboards import Dashboard
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

FOREIGN = (
    "http://evil.example",
    "https://127.0.0.1.evil.example",
    "null",
    "http://127.0.0.1:1",
    "http://[::1",
)
FOREIGN_CONNECTIONS = 100
CLOSED_FOREIGN = 4403


def status(url: str, origin: str | None) -> int:
    """The status of an answer to a request with that origin."""
    headers = {} if origin is None else {"Origin": origin}
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            code: int = answer.status
            return code
    except urllib.error.HTTPError as error:
        return error.code


def open_socket(dashboard: Dashboard, origin: str) -> ClientConnection:
    stream = dashboard.url.replace("http", "ws", 1) + "/_stcore/stream"
    return connect(stream, origin=origin, subprotocols=["streamlit"], open_timeout=20)


@pytest.mark.parametrize("path", ["/", "/mistakes", "/healthz", "/_stcore/health"])
@pytest.mark.parametrize("origin", FOREIGN)
def test_a_page_of_another_origin_gets_403(
    empty_dashboard: Dashboard, origin: str, path: str
) -> None:
    assert status(empty_dashboard.url + path, origin) == 403


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_socket_of_another_origin_is_closed_with_4403(
    empty_dashboard: Dashboard, origin: str
) -> None:
    with open_socket(empty_dashboard, origin) as foreign:
        with pytest.raises(ConnectionClosed) as closed:
            foreign.recv(timeout=20)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == CLOSED_FOREIGN


def test_the_dashboards_own_origin_and_none_at_all_are_served(empty_dashboard: Dashboard) -> None:
    assert status(empty_dashboard.url, empty_dashboard.url) == 200
    assert status(empty_dashboard.url, None) == 200
    with open_socket(empty_dashboard, empty_dashboard.url) as own, pytest.raises(TimeoutError):
        # Streamlit waits for the browser to speak first: the connection stays open.
        own.recv(timeout=1)


def test_health_answers_during_a_hundred_foreign_connections(empty_dashboard: Dashboard) -> None:
    address = urlsplit(empty_dashboard.url)
    hello = (
        f"GET /_stcore/stream HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        "Sec-WebSocket-Version: 13\r\nOrigin: http://evil.example\r\n\r\n"
    ).encode()
    with contextlib.ExitStack() as stack:
        for _ in range(FOREIGN_CONNECTIONS):
            # A connection that never reads its answer is the slowest to get rid of.
            foreign = socket.create_connection((address.hostname, address.port), timeout=20)
            stack.enter_context(foreign)
            foreign.sendall(hello)
        assert empty_dashboard.health() == {"status": "ok"}
