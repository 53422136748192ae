"""Event streams of the load benchmark: each client is like a browser's EventSource."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from benchmarks.event_stream import ChunkDecoder, EventStreamParser, StreamMessage
from benchmarks.load_http import (
    ACCEPT_ENCODING,
    SECONDS,
    STREAM_TYPE,
    ResponseHead,
    Site,
    local_address,
    request_head,
)

# With the head and end of gzip's format.
_GZIP = 16 + zlib.MAX_WBITS


class Told(NamedTuple):
    """What a message tells.

    Attributes:
        times: of its events.
        epoch: what the newest epoch is called, where that is another one.
    """

    times: tuple[float, ...]
    epoch: str


@lru_cache(maxsize=512)
def told_by(data: str) -> Told:
    """What a message tells; decoded once for all clients that get the same one."""
    fields = json.loads(data)
    events = [*fields.get("reset", []), *fields.get("events", [])]
    times = tuple(event["at"] for event in events if "at" in event)
    return Told(times, fields.get("parts", {}).get("epoch", ""))


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
        on_epoch: called with what a newer epoch is called.
    """

    def __init__(
        self,
        site: Site,
        client: int,
        note: Callable[[bytes], None] = lambda _: None,
        on_epoch: Callable[[str], object] = lambda _: None,
    ) -> None:
        self.received: list[Received] = []
        self.connections = self.lost = 0
        self.parser = EventStreamParser()
        self.first_message = asyncio.Event()
        self.note = note
        self._on_epoch = on_epoch
        self._site = site
        self._client = client
        self._transport: asyncio.Transport | None = None
        self._again: asyncio.Task[None] | None = None

    @property
    def arrivals(self) -> list[tuple[float, float]]:
        """The newest event that each message shows, and when it arrived."""
        return [(max(one.times), one.at) for one in self.received if one.times]

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
        run_id = self._site.run_id
        path = self._site.path(f"/live/{run_id}", self._client, f"topics=bar.{run_id}")
        headers = [f"Accept: {STREAM_TYPE}", "Cache-Control: no-cache", ACCEPT_ENCODING]
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
            told = told_by(message.data)
            self.received.append(Received(now, self.connections, message.id, told.times))
            if told.epoch:
                self._on_epoch(told.epoch)
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
        self._gzip: zlib._Decompress | None = None
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
            if not response.is_event_stream:
                self._source.refuse()
                return
            self._decoder = ChunkDecoder()
            if response.is_compressed:
                self._gzip = zlib.decompressobj(_GZIP)
        body = self._decoder.feed(data)
        if self._gzip is not None:
            body = self._gzip.decompress(body)
        if body:
            self._source.note(body)
            self._source.receive(self._source.parser.feed(body))

    def connection_lost(self, error: Exception | None) -> None:
        self._source.on_lost(self._transport)
