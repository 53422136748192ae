"""Browsers that were sent here by a page of another origin, on the real server."""

from __future__ import annotations

import contextlib
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from dashboards import Dashboard
from framing import Slides
from playwright.sync_api import Browser, Page
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from ui.components.modules import module_address

FOREIGN = (
    "http://evil.example",
    "https://127.0.0.1.evil.example",
    "null",
    "http://127.0.0.1:1",
    "http://[::1",
)
FOREIGN_HOSTS = ("evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "")
FOREIGN_CONNECTIONS = 100
CLOSED_FOREIGN = 4403
MODULE = module_address("acts.js")


def status(url: str, origin: str | None = None, host: str | None = None) -> int:
    """The status of an answer to a request with that origin and host."""
    said = {"Origin": origin, "Host": host}
    headers = {name: value for name, value in said.items() if value is not None}
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            code: int = answer.status
            return code
    except urllib.error.HTTPError as error:
        return error.code


def open_socket(dashboard: Dashboard, origin: str) -> ClientConnection:
    stream = dashboard.url.replace("http", "ws", 1) + "/_stcore/stream"
    return connect(
        stream, origin=Origin(origin), subprotocols=[Subprotocol("streamlit")], open_timeout=20
    )


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


@pytest.mark.parametrize("path", ["/", "/mistakes", "/healthz", "/_stcore/health", MODULE])
@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_request_to_another_host_gets_403(
    empty_dashboard: Dashboard, host: str, path: str
) -> None:
    assert status(empty_dashboard.url + path, host=host) == 403


def test_a_socket_to_another_host_is_closed_with_4403(empty_dashboard: Dashboard) -> None:
    with socket.create_connection(("127.0.0.1", empty_dashboard.port), timeout=20) as line:
        evil = f"evil.example:{empty_dashboard.port}"
        with connect(
            f"ws://{evil}/_stcore/stream",
            sock=line,
            origin=Origin(f"http://{evil}"),
            open_timeout=20,
        ) as foreign:
            with pytest.raises(ConnectionClosed) as closed:
                foreign.recv(timeout=20)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == CLOSED_FOREIGN


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A tab of somebody who is led astray: what goes wrong in it is none of the dashboard's."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_a_name_that_points_here_shows_nothing_of_the_dashboard(
    empty_dashboard: Dashboard, tab: Page
) -> None:
    """DNS rebinding: the browser takes a page of ours for one of the stranger's own."""
    answer = tab.goto(f"http://evil.test:{empty_dashboard.port}/")
    assert answer is not None
    assert answer.status == 403
    assert "does not know the host evil.test" in tab.inner_text("body")
    requested = "(path) => fetch(path).then((answer) => answer.status)"
    assert tab.evaluate(requested, "/_stcore/host-config") == 403
    opened = """(path) => new Promise((resolve) => {
      new WebSocket(path, ["streamlit"]).onclose = (event) => resolve(event.code);
    })"""
    stream = f"ws://evil.test:{empty_dashboard.port}/_stcore/stream"
    assert tab.evaluate(opened, stream) == CLOSED_FOREIGN
    assert "start it with FMNIST_HOSTS=evil.test." in empty_dashboard.log.read_text()


@pytest.mark.parametrize("path", ["/", "/mistakes", "/healthz", "/assets/plotly.min.js", MODULE])
def test_no_other_page_frames_the_dashboard(
    empty_dashboard: Dashboard, tab: Page, path: str
) -> None:
    with Slides(empty_dashboard.url + path) as slides:
        tab.goto(slides.url)
        assert slides.framed(tab) is None


def test_every_answer_says_that_its_type_is_what_it_says(empty_dashboard: Dashboard) -> None:
    for path in ("/", "/mistakes", "/healthz", "/assets/plotly.min.js", MODULE, "/nothing.js"):
        with urllib.request.urlopen(empty_dashboard.url + path, timeout=20) as answer:
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'self'"


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
