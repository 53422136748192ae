"""Clients that read nothing, over real connections to the server that runs the dashboard."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn import Config, Server

from fmnist_core import timeouts
from ui.live.connections import Connections
from ui.live.hub import Hub
from ui.live.stream import EventStream

PIECE = b"data: " + b"x" * 200_000 + b"\n\n"


class Talkative:
    """A source that tells more than fits into all buffers between here and a client."""

    seconds = 0.01

    def greeting(self, after: int | None) -> bytes:
        return b"data: here\n\n"

    def news(self) -> bytes | None:
        return PIECE


class Stage:
    """A server with streams, in a thread of its own."""

    def __init__(self) -> None:
        self.hub = Hub(lambda name: Talkative())
        app = Starlette(routes=[Route("/live", self._stream), Route("/large", self._large)])
        self.server = Server(Config(app, port=0, log_level="critical"))
        self.connections = Connections(self.server.handle_exit)
        self.hub.after_drop = self.connections.abort_closing
        self._thread = threading.Thread(target=self.server.run, daemon=True)
        self._thread.start()
        wait_for(lambda: self.server.started)

    async def _stream(self, request: Request) -> Response:
        self.hub.admit("")
        return EventStream(self.hub, ["a run"], None, "")

    async def _large(self, request: Request) -> Response:
        return Response(bytes(50_000_000))

    @property
    def open(self) -> int:
        return len(self.server.server_state.connections)

    def client(self, path: str) -> socket.socket:
        """One that has asked, with a small buffer of its own."""
        port = self.server.servers[0].sockets[0].getsockname()[1]
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", port))
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        return client

    def end(self) -> None:
        self.server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive()


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(timeouts, "UNREAD_SECONDS", 0.1)
    stage = Stage()
    yield stage
    stage.end()


def test_a_client_that_reads_nothing_is_cut_off_and_others_go_on(stage: Stage) -> None:
    with stage.client("/live"), stage.client("/live") as reading:
        wait_for(lambda: stage.hub.count == 2)
        read = 0
        while stage.open == 2:
            read += len(reading.recv(1_000_000))
        assert read > 2 * len(PIECE)
        for _ in range(20):
            assert reading.recv(100_000)
        assert (stage.hub.count, stage.open) == (1, 1)


def test_nobody_who_reads_nothing_keeps_the_server_from_its_end(stage: Stage) -> None:
    with stage.client("/live"), stage.client("/large"):
        wait_for(lambda: stage.open == 2)
        stage.server.should_exit = True
        time.sleep(0.3)
        assert stage.open == 2
        stage.hub.close()
        stage.connections.abort()
        stage.end()


def test_a_handler_of_nobody_has_no_connections() -> None:
    Connections(print).abort()
