"""Server-sent events as a browser's EventSource reads them: HTTP chunks and text/event-stream."""

from __future__ import annotations

from typing import NamedTuple


class StreamMessage(NamedTuple):
    """One message of an event stream.

    Attributes:
        id: where a client that reconnects goes on (``Last-Event-ID``).
        event: its type; ``message`` where the server names none.
        data: its lines, joined.
    """

    id: str
    event: str
    data: str


class EventStreamParser:
    """Parses text/event-stream piece by piece, as the HTML standard has it.

    Attributes:
        last_id: the last ``id:`` of a whole message, as a browser sends it when it reconnects.
        retry_seconds: how long a browser waits before it does.
    """

    def __init__(self, last_id: str = "") -> None:
        self.last_id = last_id
        self.retry_seconds = 3.0
        self._rest = b""

    def feed(self, piece: bytes) -> list[StreamMessage]:
        """The messages that end in this piece; comments and messages without data are none."""
        text = self._rest + piece
        if b"\r" in text:
            # The second half of a line's end may come with the next piece.
            held_back = b"\r" if text.endswith(b"\r") else b""
            text = text.removesuffix(b"\r").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            text += held_back
        *blocks, self._rest = text.split(b"\n\n")
        messages = (self._message(block.decode(errors="replace")) for block in blocks)
        return [message for message in messages if message is not None]

    def _message(self, block: str) -> StreamMessage | None:
        event, data = "", []
        for line in block.removeprefix("\ufeff").split("\n"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                data.append(value)
            elif name == "event":
                event = value
            elif name == "id" and "\0" not in value:
                self.last_id = value
            elif name == "retry" and value.isdecimal():
                self.retry_seconds = int(value) / 1000
        return StreamMessage(self.last_id, event or "message", "\n".join(data)) if data else None


class ChunkDecoder:
    """Takes HTTP/1.1's chunked transfer encoding off a body that comes piece by piece."""

    def __init__(self) -> None:
        self.ended = False
        self._rest = b""

    def feed(self, piece: bytes) -> bytes:
        """The body's bytes in all chunks that are whole by now."""
        self._rest += piece
        body, begin = [], 0
        while not self.ended:
            line_end = self._rest.find(b"\r\n", begin)
            if line_end < 0:
                break
            size = int(self._rest[begin:line_end].partition(b";")[0], 16)
            chunk_end = line_end + 2 + size
            if len(self._rest) < chunk_end + 2:
                break
            body.append(self._rest[line_end + 2 : chunk_end])
            begin, self.ended = chunk_end + 2, size == 0
        self._rest = self._rest[begin:]
        return b"".join(body)
