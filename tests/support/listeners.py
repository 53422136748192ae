"""Listeners to the live channel without a browser: each comes back as an EventSource does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from dataclasses import dataclass, field
from types import TracebackType

from benchmarks.event_stream import ChunkDecoder, EventStreamParser

PAUSE_SECONDS = 0.5


@dataclass
class Listener:
    """One listener to a run: the places of all events that it was told, in their order.

    Attributes:
        ends: where the line of each event ends in the metrics file.
        messages: how many came over the connection that is open.
        connections: how many were opened.
    """

    ends: list[int] = field(default_factory=list)
    messages: int = 0
    connections: int = 0


class Listeners:
    """Many listeners to one run, in a thread of their own; those that are cut off come back.

    Args:
        port: of the dashboard; another one when that was started again.
        run_id: the run.
        count: how many listen.
    """

    def __init__(self, port: int, run_id: str, count: int) -> None:
        self.port = port
        self.all = [Listener() for _ in range(count)]
        self._run_id = run_id
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Listeners:
        self._thread.start()
        for listener in self.all:
            asyncio.run_coroutine_threadsafe(self._listen(listener), self._loop)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._leave(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _leave(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def are_here(self) -> bool:
        """Whether all have been told something over the connection that they have now."""
        return all(listener.messages for listener in self.all)

    async def _listen(self, listener: Listener) -> None:
        parser = EventStreamParser("0")
        while True:
            listener.messages = 0
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._connect(listener, parser)
            listener.messages = 0
            await asyncio.sleep(PAUSE_SECONDS)

    async def _connect(self, listener: Listener, parser: EventStreamParser) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        listener.connections += 1
        try:
            writer.write(
                f"GET /live/{self._run_id} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
                f"Accept: text/event-stream\r\nLast-Event-ID: {parser.last_id}\r\n\r\n".encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            assert b" 200 " in head.partition(b"\r\n")[0], head
            chunks = ChunkDecoder()
            while piece := await reader.read(65_536):
                for message in parser.feed(chunks.feed(piece)):
                    listener.messages += 1
                    events = json.loads(message.data).get("events", [])
                    listener.ends += [event["end"] for event in events]
        finally:
            writer.close()
