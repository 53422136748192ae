"""A small reverse proxy: it hands on what it gets, sockets included, under a host of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from urllib.parse import urlsplit

_HEAD_END = b"\r\n\r\n"
_LONGEST_HEAD = 2**17


class Proxy:
    """Serves on a free port until ``close``; upstream sees the host that a careless proxy sends.

    Args:
        upstream: where the dashboard is, ``http://…``.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream)
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(10)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        serve = asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LONGEST_HEAD)
        server = self._loop.run_until_complete(serve)
        self.port: int = server.sockets[0].getsockname()[1]
        started.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await reader.readuntil(_HEAD_END)
            port = self._upstream.port
            from_us, to_us = await asyncio.open_connection(self._upstream.hostname, port)
            to_us.write(self._rewritten(head))
            await asyncio.gather(_copy(reader, to_us), _copy(from_us, writer))
        writer.close()

    def _rewritten(self, head: bytes) -> bytes:
        """The head of a request with the upstream's host; one connection carries one request."""
        first, *lines = head.removesuffix(_HEAD_END).split(b"\r\n")
        is_socket = any(line.lower().startswith(b"upgrade:") for line in lines)
        dropped = (b"host:",) if is_socket else (b"host:", b"connection:")
        kept = [line for line in lines if not line.lower().startswith(dropped)]
        kept.append(b"Host: " + self._upstream.netloc.encode())
        if not is_socket:
            kept.append(b"Connection: close")
        return b"\r\n".join([first, *kept]) + _HEAD_END


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(2**16):
            writer.write(data)
            await writer.drain()
    finally:
        with contextlib.suppress(OSError):
            writer.close()
