"""A stub server for the load benchmark: feeds clients recorded bytes again, at the same times.

What clients take of the processor to receive so much, they take with it, too: against a window
with the stub, a training is slowed down by the dashboard alone. It is a process of its own.
"""

from __future__ import annotations

import asyncio
import pickle
import re
import time
from base64 import b64encode
from hashlib import sha1
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from benchmarks.load_http import STREAM_TYPE
from benchmarks.load_messages import Recorded

_WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY = re.compile(r"sec-websocket-key: *(\S+)", re.IGNORECASE)
_VIEWER = re.compile(r"viewer=(\d+)")
_BINARY = 0x82
_READY_SECONDS = 60.0


class Stub:
    """The stub server's process, from outside."""

    def __init__(self, folder: Path) -> None:
        context = get_context("spawn")
        self._pipe, inner = context.Pipe()
        self._file = folder / "recording"
        self._process = context.Process(target=_main, args=(inner,), daemon=True)
        self._process.start()
        if not self._pipe.poll(_READY_SECONDS):
            raise RuntimeError("The stub server did not start.")
        self.port: int = self._pipe.recv()
        self.process = psutil.Process(self._process.pid)

    def load(self, pieces: list[Recorded]) -> None:
        """Hand over what to feed; the clients must be connected by the time it begins."""
        self._file.write_bytes(pickle.dumps(pieces))
        self._pipe.send(("load", self._file))

    def play(self, at: float, recorded_at: float) -> None:
        """Feed it from a time on, as it came from another time on."""
        self._pipe.send(("play", at - recorded_at))

    def end(self) -> None:
        self._process.terminate()
        self._process.join()


def _main(pipe: Connection) -> None:
    asyncio.run(_serve(pipe))


async def _serve(pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    transports: dict[tuple[int, str], asyncio.Transport] = {}
    server = await loop.create_server(lambda: _Client(transports), "127.0.0.1", 0, backlog=2_000)
    pipe.send(server.sockets[0].getsockname()[1])
    pieces: list[tuple[float, tuple[int, str], bytes]] = []
    playing: set[asyncio.Task[None]] = set()

    def command() -> None:
        nonlocal pieces
        kind, value = pipe.recv()
        if kind == "load":
            pieces = [
                (one.at, (one.viewer, one.kind), _framed(one))
                for one in pickle.loads(value.read_bytes())
            ]
        else:
            playing.clear()
            playing.add(loop.create_task(_play(pieces, transports, value)))

    loop.add_reader(pipe.fileno(), command)
    await asyncio.Event().wait()


async def _play(
    pieces: list[tuple[float, tuple[int, str], bytes]],
    transports: dict[tuple[int, str], asyncio.Transport],
    later: float,
) -> None:
    for at, client, data in pieces:
        seconds = at + later - time.time()
        if seconds > 0:
            await asyncio.sleep(seconds)
        transport = transports.get(client)
        if transport is not None and not transport.is_closing():
            transport.write(data)


def _framed(piece: Recorded) -> bytes:
    """As it goes over the wire: a WebSocket's binary message, or a chunk of a body."""
    size = len(piece.payload)
    if piece.kind == "live":
        return b"%x\r\n%s\r\n" % (size, piece.payload)
    if size < 126:
        return bytes((_BINARY, size)) + piece.payload
    if size < 65_536:
        return bytes((_BINARY, 126)) + size.to_bytes(2, "big") + piece.payload
    return bytes((_BINARY, 127)) + size.to_bytes(8, "big") + piece.payload


class _Client(asyncio.Protocol):
    """One connection: answered once, then only fed; what a client asks for changes nothing."""

    def __init__(self, transports: dict[tuple[int, str], asyncio.Transport]) -> None:
        self._transports = transports
        self._head = b""
        self._client: tuple[int, str] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._client is not None:
            return
        self._head += data
        if b"\r\n\r\n" not in self._head or self._transport is None:
            return
        head = self._head.decode("latin-1")
        viewer, key = _VIEWER.search(head), _KEY.search(head)
        self._client = int(viewer[1]) if viewer else 0, "ws" if key else "live"
        self._transports[self._client] = self._transport
        self._transport.write(_handshake(key[1]) if key else _stream_head())

    def connection_lost(self, error: Exception | None) -> None:
        if self._client is not None and self._transports.get(self._client) is self._transport:
            del self._transports[self._client]


def _handshake(key: str) -> bytes:
    accept = b64encode(sha1(f"{key}{_WEBSOCKET_GUID}".encode()).digest()).decode()
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: streamlit\r\n\r\n"
    ).encode()


def _stream_head() -> bytes:
    """The head, and a first message, which a client waits for."""
    first = b"data: {}\n\n"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {STREAM_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head.encode() + b"%x\r\n%s\r\n" % (len(first), first)
