"""HTTP clients of the load benchmark: files of a page, and event streams like an EventSource."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from benchmarks.event_stream import ChunkDecoder, EventStreamParser, StreamMessage

STREAM_TYPE = "text/event-stream"
LOCAL_ADDRESSES = 250
SECONDS = 30.0


@dataclass(frozen=True)
class Site:
    """A dashboard, or the stub that stands in for it, as clients see it.

    Attributes:
        base: the path before all addresses.
        run_id: the run that is watched.
        has_streams: it tells of a training by ``GET /live/<run>``.
        is_stub: it tells its clients apart by ``?viewer=``.
    """

    port: int
    base: str
    run_id: str
    has_streams: bool = False
    is_stub: bool = False

    def path(self, place: str, viewer: int) -> str:
        return f"{self.base}{place}" + (f"?viewer={viewer}" if self.is_stub else "")


def local_address(client: int) -> tuple[str, int]:
    """Where a client comes from: one of 250 loopback addresses, so that limits of one hold."""
    return f"127.0.1.{1 + client % LOCAL_ADDRESSES}", 0


def request_head(site: Site, path: str, *headers: str) -> bytes:
    lines = (f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{site.port}", *headers, "", "")
    return "\r\n".join(lines).encode()


@dataclass(frozen=True)
class ResponseHead:
    status: int
    headers: dict[str, str]

    @classmethod
    def parse(cls, head: bytes) -> ResponseHead:
        status, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        return cls(
            int(status.split()[1]), {name.lower(): value.strip() for name, _, value in pairs}
        )

    @property
    def is_event_stream(self) -> bool:
        content_type = self.headers.get("content-type", "")
        return self.status == 200 and content_type.startswith(STREAM_TYPE)


async def fetch(site: Site, client: int, paths: list[str]) -> list[bytes]:
    """The bodies of some addresses, one after the other over one connection."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", site.port, local_addr=local_address(client)
    )
    bodies = []
    try:
        for path in paths:
            writer.write(request_head(site, path))
            head = ResponseHead.parse((await reader.readuntil(b"\r\n\r\n"))[:-4])
            bodies.append(await _body(reader, head))
    finally:
        writer.close()
    return bodies


async def _body(reader: asyncio.StreamReader, head: ResponseHead) -> bytes:
    if "content-length" in head.headers:
        return await reader.readexactly(int(head.headers["content-length"]))
    decoder, body = ChunkDecoder(), b""
    while not decoder.ended:
        piece = await reader.read(65_536)
        if not piece:
            raise ConnectionError("a response ended early")
        body += decoder.feed(piece)
    return body


async def has_streams(site: Site) -> bool:
    """Whether a dashboard tells of trainings by event streams."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    try:
        writer.write(request_head(site, site.path(f"/live/{site.run_id}", 0)))
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SECONDS)
        return ResponseHead.parse(head[:-4]).is_event_stream
    finally:
        writer.close()


@lru_cache(maxsize=512)
def event_times(data: str) -> tuple[float, ...]:
    """The times of a message's events; decoded once for all clients that get the same one."""
    fields = json.loads(data)
    lines = fields.get("events", []) if isinstance(fields, dict) else []
    events = [json.loads(line) if isinstance(line, str) else line for line in lines]
    return tuple(event["at"] for event in events if "at" in event)


@dataclass(frozen=True)
class Received:
    """One message of a stream.

    Attributes:
        at: when it arrived.
        connection: the how manieth connection of its client brought it.
        times: of its events.
    """

    at: float
    connection: int
    id: str
    times: tuple[float, ...]


class EventSource:
    """A browser's EventSource: goes on where it was when it is opened again or cut off.

    Args:
        note: called with the bytes of the body as they come.
    """

    def __init__(
        self, site: Site, client: int, note: Callable[[bytes], None] = lambda _: None
    ) -> None:
        self.received: list[Received] = []
        self.connections = self.lost = 0
        self.parser = EventStreamParser()
        self.first_message = asyncio.Event()
        self.note = note
        self._site = site
        self._client = client
        self._transport: asyncio.Transport | None = None
        self._again: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        return self._transport is not None

    async def open(self) -> None:
        """Connect, and wait until the first message of this connection is there."""
        self.first_message.clear()
        await self._connect()
        await asyncio.wait_for(self.first_message.wait(), SECONDS)
        if not self.is_open:
            raise ConnectionError("an event stream was refused")

    async def _connect(self) -> None:
        path = self._site.path(f"/live/{self._site.run_id}", self._client)
        headers = [f"Accept: {STREAM_TYPE}", "Cache-Control: no-cache"]
        if self.parser.last_id:
            headers.append(f"Last-Event-ID: {self.parser.last_id}")
        self.parser = EventStreamParser(self.parser.last_id)
        connection = _StreamConnection(self, request_head(self._site, path, *headers))
        self._transport, _ = await asyncio.get_running_loop().create_connection(
            lambda: connection,
            "127.0.0.1",
            self._site.port,
            local_addr=local_address(self._client),
        )
        self.connections += 1

    def close(self) -> None:
        """Close it as a tab does that is hidden or cut off: at once."""
        if self._again is not None:
            self._again.cancel()
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()

    def receive(self, messages: list[StreamMessage]) -> None:
        now = time.time()
        for message in messages:
            times = event_times(message.data)
            self.received.append(Received(now, self.connections, message.id, times))
        if messages:
            self.first_message.set()

    def on_lost(self, transport: asyncio.BaseTransport | None) -> None:
        """Connect once more after a while, as a browser does, unless it was closed here."""
        if transport is None or transport is not self._transport:
            return
        self._transport = None
        self.lost += 1
        self._again = asyncio.create_task(self._connect_again())

    async def _connect_again(self) -> None:
        while not self.is_open:
            await asyncio.sleep(self.parser.retry_seconds)
            with contextlib.suppress(OSError):
                await self._connect()

    def refuse(self) -> None:
        """Give up, as a browser does where the response is no event stream."""
        self.close()
        self.first_message.set()


class _StreamConnection(asyncio.Protocol):
    """One connection of an EventSource."""

    def __init__(self, source: EventSource, request: bytes) -> None:
        self._source = source
        self._request = request
        self._head = b""
        self._decoder: ChunkDecoder | None = None
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if self._decoder is None:
            self._head += data
            head, separator, data = self._head.partition(b"\r\n\r\n")
            if not separator:
                return
            response = ResponseHead.parse(head)
            if not response.is_event_stream or "content-encoding" in response.headers:
                self._source.refuse()
                return
            self._decoder = ChunkDecoder()
        body = self._decoder.feed(data)
        if body:
            self._source.note(body)
            self._source.receive(self._source.parser.feed(body))

    def connection_lost(self, error: Exception | None) -> None:
        self._source.on_lost(self._transport)
